"""Scores of a study: platform × life stage × period, as far as the study has these."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd

from maternal_eval.errors import InputError
from maternal_eval.intervals import KIND, PROBABILITY, interval
from maternal_eval.randomness import Seed, generator
from maternal_eval.results import Progress, Result, report
from maternal_eval.scoring.composite import Composite, composite
from maternal_eval.scoring.value import KAPPA, answer_value
from maternal_eval.study import Study
from maternal_eval.weighting import dimension_index, static_weights, study_labels

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FACTORS = ("platform", "stage", "period")
"""What a unit of scoring is made of, as far as the study has it."""

_CHUNK = 1_000_000
"""Drawn rows held in memory at once."""

MARGINS = (("stage", "period"), ("platform", "period"), ("period",))
"""Coarser units that are scored beside the finest ones."""


@dataclass(frozen=True)
class ScoresSettings:
    """How scores are computed.

    Attributes
    ----------
    kappa
        Shape of the Kano value functions, see :func:`~maternal_eval.scoring.value.answer_value`.
    exponent
        ρ of the power mean, see :func:`~maternal_eval.scoring.composite.composite`.
    resamples
        Number of bootstrap resamples of the respondents of a cell.
    """

    kappa: float = KAPPA
    exponent: float = 1.0
    resamples: int = 1000

    @classmethod
    def quick(cls) -> Self:
        """Return settings for a fast look."""
        return cls(resamples=200)


@dataclass(frozen=True)
class ScoresResult(Result):
    """The scores of a study, 0 (every answer the worst) to 100 (every answer the best).

    A cell's score is the mean of its respondents' composite scores by survey weight. Intervals are equal-tailed with
    probability :data:`~maternal_eval.intervals.PROBABILITY`, from a percentile bootstrap of the respondents within
    the cell; empty with fewer than two respondents.

    Attributes
    ----------
    scores
        One row per finest unit: the factors that the study has, ``score``, ``low``, ``high``, ``n`` (respondents with
        a score), ``answered`` (mean share of the total weight that was answered) and one column
        ``dimension_<name>`` per dimension (0–100).
    margins
        The same for coarser units; ``level`` names the factors.
    weights
        The global weights used: ``indicator``, ``weight``.
    labels
        Names of stages and dimensions: code → language → name.
    """

    scores: pd.DataFrame
    margins: pd.DataFrame
    weights: pd.DataFrame
    labels: dict[str, dict[str, str]]
    settings: dict[str, Any]
    study: str
    simulated: bool
    probability: float = PROBABILITY
    kind: str = KIND

    def table(self) -> pd.DataFrame:
        """Return one row per platform × stage × period (those the study has)."""
        return self.scores.copy()

    def plot(self, language: str = "en") -> Figure:
        """Draw the scores by stage over the periods, with intervals."""
        from maternal_eval.scoring.figures import plot_scores

        return plot_scores(self, language)

    def estimates(self) -> pd.DataFrame:
        """Return the score of every unit; nothing of it is sampled."""
        values = {}
        for table in (self.scores, self.margins):
            factors = [factor for factor in FACTORS if factor in table]
            for row in table.to_dict("records"):
                name = "/".join(str(row[factor]) for factor in factors if not pd.isna(row[factor]))
                values[f"score/{name or 'all'}"] = row["score"]
        return pd.DataFrame({"value": values, "mcse": 0.0}).dropna().rename_axis("quantity")


def survey_weights(panel: pd.DataFrame) -> np.ndarray:
    """Return the survey weight of each row; 1 where the study has none or a row's is missing."""
    if "weight" not in panel:
        return np.ones(len(panel))
    return panel["weight"].fillna(1.0).to_numpy(dtype=float)


def score_respondents(
    study: Study, weights: pd.Series | None = None, settings: ScoresSettings | None = None
) -> Composite:
    """Return the composite score of every row of the panel.

    Parameters
    ----------
    study
        The study.
    weights
        Global weights by indicator code; the static ones if not given.
    settings
        Shape and exponent; the number of resamples plays no part.

    Raises
    ------
    InputError
        If the study has no indicators.
    """
    settings = settings or ScoresSettings()
    indicators = study.model.indicators
    if not indicators:
        raise InputError("the study has no indicators", file=study.folder, expected="[indicators]")
    weights = static_weights(study) if weights is None else weights
    values = answer_value(
        study.panel[study.model.codes].to_numpy(dtype=float),
        [indicator.kano for indicator in indicators],
        np.array([indicator.low for indicator in indicators]),
        np.array([indicator.high for indicator in indicators]),
        settings.kappa,
    )
    codes = study.model.codes
    return composite(values, weights.loc[codes].to_numpy(dtype=float), dimension_index(study.model), settings.exponent)


def score_study(
    study: Study,
    settings: ScoresSettings | None = None,
    seed: Seed = 0,
    progress: Progress | None = None,
    *,
    weights: pd.Series | None = None,
) -> ScoresResult:
    """Score a study by platform × stage × period, as far as it has these.

    Parameters
    ----------
    study
        The study; answers without a stage are left out of the units that have one.
    settings, seed
        See :class:`ScoresSettings`; the seed serves the bootstrap.
    weights
        Global weights by indicator code, e.g. of a :class:`~maternal_eval.weighting.WeightsResult`; the static ones if
        not given.

    Raises
    ------
    InputError
        If the study has no indicators.
    """
    settings = settings or ScoresSettings()
    weights = static_weights(study) if weights is None else weights
    scored = score_respondents(study, weights, settings)
    names = [dimension.name for dimension in study.model.dimensions]
    columns = {"score": scored.score, "answered": scored.answered, "weight": survey_weights(study.panel)}
    columns |= {f"dimension_{name}": scored.dimensions[:, at] for at, name in enumerate(names)}
    factors = [factor for factor in FACTORS if factor in study.panel]
    respondents = pd.concat([study.panel[factors], pd.DataFrame(columns, index=study.panel.index)], axis=1)
    random = generator(seed)
    levels = [tuple(factors)]
    levels += [level for level in MARGINS if set(level) < set(factors)]
    tables = []
    for done, level in enumerate(levels):
        report(progress, "scores by " + (" × ".join(level) or "all"), done, len(levels))
        tables.append(_score_cells(respondents, level, settings.resamples, random))
    report(progress, "scores", len(levels), len(levels))
    named = [table.assign(level=" × ".join(level)) for level, table in zip(levels[1:], tables[1:], strict=True)]
    margins = pd.concat(named, ignore_index=True) if named else tables[0].iloc[:0].assign(level="")
    return ScoresResult(
        scores=tables[0],
        margins=margins,
        weights=weights.rename_axis("indicator").rename("weight").reset_index(),
        labels=study_labels(study),
        settings=asdict(settings),
        study=study.name,
        simulated=study.simulated,
    )


def bootstrap_means(values: np.ndarray, weights: np.ndarray, resamples: int, seed: Seed) -> np.ndarray:
    """Return the weighted mean of each bootstrap resample of the rows, ``(resamples,)``.

    Parameters
    ----------
    values, weights
        ``(rows,)``; no NaN.
    resamples, seed
        How many resamples, drawn from what.
    """
    count = len(values)
    random = generator(seed)
    means = np.empty(resamples)
    products = weights * values
    rows = max(1, _CHUNK // count)
    for start in range(0, resamples, rows):
        drawn = random.integers(count, size=(min(rows, resamples - start), count))
        means[start : start + rows] = products[drawn].sum(axis=1) / weights[drawn].sum(axis=1)
    return means


def _score_cells(
    respondents: pd.DataFrame, level: Sequence[str], resamples: int, random: np.random.Generator
) -> pd.DataFrame:
    with_score = respondents[respondents["score"].notna() & (respondents["weight"] > 0)]
    dimensions = [str(column) for column in respondents if str(column).startswith("dimension_")]
    groups = with_score.groupby(list(level), observed=True, sort=True) if level else [((), with_score)]
    rows = []
    for key, cell in groups:
        weight = cell["weight"].to_numpy()
        score = cell["score"].to_numpy()
        row: dict[str, Any] = dict(zip(level, key, strict=True))
        row |= {"score": np.average(score, weights=weight), "low": np.nan, "high": np.nan, "n": len(cell)}
        if len(cell) > 1:
            row["low"], row["high"] = interval(bootstrap_means(score, weight, resamples, random))
        row["answered"] = np.average(cell["answered"], weights=weight)
        row |= {name: _answered_mean(cell[name].to_numpy(), weight) for name in dimensions}
        rows.append(row)
    return pd.DataFrame(rows, columns=[*level, "score", "low", "high", "n", "answered", *dimensions])


def _answered_mean(values: np.ndarray, weights: np.ndarray) -> float:
    answered = ~np.isnan(values)
    return float(np.average(values[answered], weights=weights[answered])) if answered.any() else float("nan")
