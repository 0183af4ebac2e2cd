"""Scores of a study: platform × life stage × period, as far as the study has these."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Self

import numpy as np
import pandas as pd

from maternal_eval.errors import InputError
from maternal_eval.randomness import Seed, generator
from maternal_eval.ranges import Count, Kappa, Ranged, Share
from maternal_eval.results import Progress, StudyResult, report
from maternal_eval.scoring.composite import AGGREGATION_RULES, Composite, composite
from maternal_eval.scoring.linking import LINKING_RULES, Regime, link, regimes
from maternal_eval.scoring.tables import FACTORS, score_cells, score_remarks, star_table
from maternal_eval.scoring.value import KAPPA, answer_value, short_of
from maternal_eval.study import Study, survey_weights, turned_remark
from maternal_eval.weighting import dimension_index, static_weights, study_labels

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MARGINS = (("stage", "period"), ("platform", "period"), ("period",))
"""Coarser units that are scored beside the finest ones."""


@dataclass(frozen=True)
class ScoresSettings(Ranged):
    """How scores are computed.

    Attributes
    ----------
    kappa
        Shape of the Kano value functions, see :func:`~maternal_eval.scoring.value.answer_value`.
    within, across
        How values are aggregated inside the dimensions and over them: rows of
        :data:`~maternal_eval.scoring.composite.AGGREGATION_RULES`.
    gate
        Place on an indicator's scale, 0 to 1, below which a must-be is short in the gated score; ½ is the middle.
    linking
        How scores across a change of indicators are made comparable: a row of
        :data:`~maternal_eval.scoring.linking.LINKING_RULES`.
    resamples
        Number of bootstrap resamples of the respondents of a cell.
    """

    kappa: Kappa = KAPPA
    within: str = "arithmetic"
    across: str = "arithmetic"
    gate: Share = 0.5
    linking: str = "difference"
    resamples: Count = 1000

    def __post_init__(self) -> None:
        super().__post_init__()
        for name, value, known in (
            ("within", self.within, AGGREGATION_RULES),
            ("across", self.across, AGGREGATION_RULES),
            ("linking", self.linking, LINKING_RULES),
        ):
            if value not in known:
                raise ValueError(f"{name} is one of {', '.join(known)}, not {value!r}")

    @classmethod
    def quick(cls) -> Self:
        """Return settings for a fast look."""
        return cls(resamples=200)

    @property
    def exponents(self) -> tuple[float, float]:
        """Exponents of the power means inside the dimensions and over them."""
        return AGGREGATION_RULES[self.within].exponent, AGGREGATION_RULES[self.across].exponent


@dataclass(frozen=True)
class ScoresResult(StudyResult):
    """The scores of a study, 0 (every answer the worst) to 100 (every answer the best).

    A cell's score is the mean of its respondents' composite scores by survey weight. Intervals are equal-tailed with
    probability :data:`~maternal_eval.intervals.PROBABILITY`, from a percentile bootstrap of the respondents within
    the cell that keeps their survey weights, with half an answer at either end of the scale so that few or equal
    answers leave it wide (:func:`~maternal_eval.scoring.bootstrap.mean_intervals`); empty with fewer than two
    respondents.

    Attributes
    ----------
    scores
        One row per finest unit: the factors that the study has, ``score``, ``low``, ``high``, ``n`` (respondents with
        a score), ``answered`` (mean share of the weight of what was asked that was answered), ``gated`` (the score
        where a must-be that is short is not made up for), ``short`` (share of respondents who are short of any
        must-be) and one column ``dimension_<name>`` per dimension (0–100).
    margins
        The same for coarser units; ``level`` names the factors.
    links
        How scores are linked across changes of indicators (:mod:`~maternal_eval.scoring.linking`); empty where the
        indicators stay the same. ``score`` and ``dimension_…`` are linked, ``gated`` moves with ``score``.
    stars
        Per indicator, for everybody and by stage, in every period: ``stars`` (1–5) with ``low``, ``high``, ``n`` and
        ``status`` (:mod:`~maternal_eval.scoring.stars`); no alarm from fewer than
        :data:`~maternal_eval.scoring.stars.FEWEST_ANSWERS` answers.
    weights
        The global weights used: ``indicator``, ``weight``.
    labels
        Names of stages and dimensions: code → language → name.
    """

    scores: pd.DataFrame
    margins: pd.DataFrame
    links: pd.DataFrame
    stars: pd.DataFrame
    weights: pd.DataFrame

    def table(self) -> pd.DataFrame:
        """Return one row per platform × stage × period (those the study has)."""
        return self.scores.copy()

    def plot(self, language: str = "en") -> Figure:
        """Draw the scores by stage over the periods, with intervals."""
        from maternal_eval.scoring.figures import plot_scores

        return plot_scores(self, language)

    def further_figures(self) -> tuple[str, ...]:
        """Return ``platforms`` where scores of platforms are shown."""
        tables = (self.scores, self.margins)
        return ("platforms",) if any("platform" in one and one["platform"].notna().any() for one in tables) else ()

    def plot_further(self, name: str, language: str = "en") -> Figure:
        """Draw the scores of the last period by platform and stage."""
        from maternal_eval.scoring.figures import plot_platforms

        return plot_platforms(self, language) if name == "platforms" else super().plot_further(name, language)

    def estimates(self) -> pd.DataFrame:
        """Return the score of every unit; nothing of it is sampled."""
        values = {}
        for table in (self.scores, self.margins):
            factors = [factor for factor in FACTORS if factor in table]
            for row in table.to_dict("records"):
                name = "/".join(str(row[factor]) for factor in factors if not pd.isna(row[factor]))
                values[f"score/{name or 'all'}"] = row["score"]
        return pd.DataFrame({"value": values, "mcse": 0.0}).dropna().rename_axis("quantity")


def indicator_values(study: Study, kappa: float = KAPPA) -> np.ndarray:
    """Return the value of every answer, rows of the panel × indicators, in [0, 1]; NaN where not answered."""
    indicators = study.model.indicators
    return answer_value(
        study.oriented().to_numpy(),
        [indicator.kano for indicator in indicators],
        np.array([indicator.low for indicator in indicators]),
        np.array([indicator.high for indicator in indicators]),
        kappa,
    )


def score_respondents(
    study: Study, weights: pd.Series | None = None, settings: ScoresSettings | None = None, *, gated: bool = False
) -> Composite:
    """Return the composite score of every row of the panel.

    Scores stand as they are: across a change of indicators they are not linked (a link is learned from both sides of
    the change, which a forecast may not do).

    Parameters
    ----------
    study
        The study.
    weights
        Global weights by indicator code; the static ones if not given.
    settings
        Shape, aggregation and gate; the number of resamples plays no part.
    gated
        Whether the must-be gate holds.

    Raises
    ------
    InputError
        If the study has no indicators.
    """
    settings = settings or ScoresSettings()
    _require_indicators(study)
    return _composite(study, _weights(study, weights), settings, regimes(study), gated=gated)


def _require_indicators(study: Study) -> None:
    if not study.model.indicators:
        raise InputError("the study has no indicators", file=study.folder, expected="[indicators]")


def _weights(study: Study, weights: pd.Series | None) -> np.ndarray:
    weights = static_weights(study) if weights is None else weights
    return weights.loc[study.model.codes].to_numpy(dtype=float)


def _short(study: Study, gate: float) -> np.ndarray:
    indicators = study.model.indicators
    low, high = (np.array([getattr(one, end) for one in indicators]) for end in ("low", "high"))
    answers = study.oriented().to_numpy()
    return short_of(answers, [one.kano for one in indicators], low, high, gate)


def _composite(
    study: Study, weights: np.ndarray, settings: ScoresSettings, found: list[Regime], *, gated: bool
) -> Composite:
    short = _short(study, settings.gate) if gated else None
    asked = np.zeros((len(study.panel), len(study.model.indicators)), dtype=bool)
    for regime in found:
        asked[regime.rows] = regime.asked
    values = indicator_values(study, settings.kappa)
    return composite(values, weights, dimension_index(study.model), settings.exponents, short=short, asked=asked)


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
        If the study has no indicators, nobody answered one, or they change so that scores cannot be linked.
    """
    settings = settings or ScoresSettings()
    _require_indicators(study)
    weights = static_weights(study) if weights is None else weights
    respondents, links = _score_columns(study, _weights(study, weights), settings)
    random = generator(seed)
    factors = [factor for factor in FACTORS if factor in study.panel]
    if not (respondents["score"].notna() & (respondents["weight"] > 0)).any():
        raise InputError(
            "nobody answered an indicator: there is nothing to score",
            file=study.panel_source,
            found=f"{len(respondents)} rows without an answer that counts",
            expected="at least one answer to an indicator",
        )
    coarser = [tuple(factor for factor in level if factor in factors) for level in MARGINS]
    levels = list(dict.fromkeys([tuple(factors), *(level for level in coarser if level)]))
    tables = []
    for done, level in enumerate(levels):
        report(progress, "scores by " + (" × ".join(level) or "all"), done, len(levels) + 1)
        tables.append(score_cells(respondents, level, settings.resamples, random))
    report(progress, "stars", len(levels), len(levels) + 1)
    stars = star_table(study, settings.resamples, random)
    report(progress, "scores", len(levels) + 1, len(levels) + 1)
    named = [table.assign(level=" × ".join(level)) for level, table in zip(levels[1:], tables[1:], strict=True)]
    margins = pd.concat(named, ignore_index=True) if named else tables[0].iloc[:0].assign(level="")
    return ScoresResult(
        scores=tables[0],
        margins=margins,
        links=links,
        stars=stars,
        weights=weights.rename_axis("indicator").rename("weight").reset_index(),
        labels=study_labels(study),
        settings=asdict(settings),
        study=study.name,
        simulated=study.simulated,
        remarks=[*turned_remark(study.model.indicators), *score_remarks(study, respondents, tables[0], stars)],
    )


def _score_columns(study: Study, weights: np.ndarray, settings: ScoresSettings) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return one row per answer with the factors and everything that is averaged, linked; and the table of links."""
    found = regimes(study)
    plain, gated = (_composite(study, weights, settings, found, gated=flag) for flag in (False, True))
    values, dimension = indicator_values(study, settings.kappa), dimension_index(study.model)

    def on(rows: np.ndarray, asked: np.ndarray) -> np.ndarray:
        part = composite(np.where(asked, values[rows], np.nan), weights, dimension, settings.exponents)
        return np.column_stack([part.score, part.dimensions])

    survey, rule = survey_weights(study.panel), LINKING_RULES[settings.linking]
    changes, links = link(found, study.model.codes, on, survey, rule)
    linked = np.column_stack([plain.score, plain.dimensions])
    capped = gated.score.copy()
    for regime, change in zip(found, changes, strict=True):
        linked[regime.rows] = rule.apply(linked[regime.rows], change)
        capped[regime.rows] = rule.apply(capped[regime.rows], change[0])
    columns = {"score": linked[:, 0], "answered": plain.answered, "weight": survey, "gated": capped}
    columns["short"] = np.where(np.isnan(plain.score), np.nan, _short(study, settings.gate).any(axis=1))
    columns |= {f"dimension_{one.name}": linked[:, 1 + at] for at, one in enumerate(study.model.dimensions)}
    factors = [factor for factor in FACTORS if factor in study.panel]
    frame = pd.concat([study.panel[factors], pd.DataFrame(columns, index=study.panel.index)], axis=1)
    return frame, links
