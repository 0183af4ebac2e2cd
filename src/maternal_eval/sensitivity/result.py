"""How far the evaluation hangs on its weights, and what an indicator has to do with an outcome."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd

from maternal_eval.errors import InputError
from maternal_eval.intervals import KIND, PROBABILITY
from maternal_eval.randomness import named
from maternal_eval.results import Progress, Result, report
from maternal_eval.scoring.ranks import mean_rank_shift, rank_table
from maternal_eval.scoring.value import answer_value
from maternal_eval.sensitivity.generators import WeightGenerator
from maternal_eval.sensitivity.model import ScoreModel
from maternal_eval.sensitivity.outcome import (
    build_response,
    elasticity_tables,
    outcome_indices,
)
from maternal_eval.sensitivity.sobol import (
    SobolSample,
    constant_outputs,
    evaluate,
    sample_groups,
    sobol_indices,
)
from maternal_eval.study import Study
from maternal_eval.weighting import WeightsResult, dimension_index, static_weights, study_labels

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class SensitivitySettings:
    """How sensitivity is computed.

    Attributes
    ----------
    base
        N of the Sobol' sample, a power of two; the model runs N × (factors + 2) times.
    resamples
        Bootstrap resamples of the Sobol' indices.
    concentration
        Of the Dirichlet weights of every sibling set around the nominal ones: with 100, a nominal weight of 0.45
        has a standard deviation of 0.05, one of 0.08 of 0.027.
    kappa
        Shape of the value functions.
    indicator, outcome
        Code of the indicator and name of the binary outcome whose relation is examined; None: left out.
    range
        The indicator's answers are changed by up to ± this share in the Sobol' analysis of the outcome.
    bootstrap
        Bootstrap resamples of the respondents for elasticities.
    published_step, published_response
        Ledger ids of a published elasticity: the step of the indicator and the response of the outcome, both in
        percent.
    """

    base: int = 1024
    resamples: int = 1000
    concentration: float = 100.0
    kappa: float = 2.0
    indicator: str | None = None
    outcome: str | None = None
    range: float = 0.10
    bootstrap: int = 200
    published_step: str | None = None
    published_response: str | None = None

    @classmethod
    def quick(cls) -> Self:
        """Return settings for a fast look."""
        return cls(base=256, resamples=200, bootstrap=50)


@dataclass(frozen=True)
class SensitivityResult(Result):
    """What moves the scores, and what an indicator has to do with an outcome: two questions, kept apart.

    Intervals (``low``, ``high``) are equal-tailed with probability :data:`~maternal_eval.intervals.PROBABILITY`.

    Attributes
    ----------
    indices
        Question 1 and 2: Sobol' indices, one row per output and factor. ``output`` is "score" (of the unit in
        ``platform`` and ``stage``; empty: all), "rank_shift" (mean absolute change of rank over platforms) or the
        outcome's name (its predicted mean); ``factor`` a sibling set, "coefficients" (of the regression), the
        indicator's code (its level), or "dummy", the noise floor. ``first``, ``total`` with percentile bootstrap
        intervals and standard errors ("_error").
    scores
        Question 1: score of every unit under the nominal weights and its interval under uncertain ones.
    ranks
        Question 1: per stage (empty: all stages) and platform: ``nominal`` rank (1 is best), interval of the rank,
        ``share_first``: share of the weight draws in which the platform is first.
    elasticity
        Question 2: elasticity of the outcome by the indicator at the observed answers, "raw" and "adjusted" for the
        other indicators; ``response`` is the effect of the ``step`` on the curve; ``published`` beside it.
    curve
        Question 2: relative change of the predicted outcome for relative changes of the indicator's answers.
    skipped
        What the study does not allow, and why (en, zh).
    """

    indices: pd.DataFrame
    scores: pd.DataFrame
    ranks: pd.DataFrame
    elasticity: pd.DataFrame
    curve: pd.DataFrame
    skipped: list[dict[str, str]]
    period: int | None
    runs: int
    labels: dict[str, dict[str, str]]
    settings: dict[str, Any]
    study: str
    simulated: bool
    probability: float = PROBABILITY
    kind: str = KIND

    def table(self) -> pd.DataFrame:
        """Return the Sobol' indices of the overall score, of the ranks and of the outcome."""
        whole = (self.indices["platform"] == "") & (self.indices["stage"] == "")
        return self.indices[whole].reset_index(drop=True)

    def plot(self, language: str = "en") -> Figure:
        """Draw the indices beside the response of the outcome."""
        from maternal_eval.sensitivity.figures import plot_sensitivity

        return plot_sensitivity(self, language)

    def estimates(self) -> pd.DataFrame:
        """Return indices, shares of first ranks (sampled) and elasticities (not sampled)."""
        rows = []
        for row in self.indices.to_dict("records"):
            unit = "/".join([row["output"], row["platform"] or "all", row["stage"] or "all", row["factor"]])
            rows += [(f"{unit}/{name}", row[name], row[f"{name}_error"]) for name in ("first", "total")]
        draws = 2 * self.settings["base"]
        for row in self.ranks.to_dict("records"):
            share = row["share_first"]
            error = np.sqrt(max(share * (1 - share), 1 / draws) / draws)
            rows.append((f"first/{row['stage'] or 'all'}/{row['platform']}", share, error))
        rows += [(f"elasticity/{row['model']}", row["value"], 0.0) for row in self.elasticity.to_dict("records")]
        return pd.DataFrame(rows, columns=["quantity", "value", "mcse"]).set_index("quantity")


def run_sensitivity(
    study: Study,
    weights: WeightsResult | pd.Series | None = None,
    settings: SensitivitySettings | None = None,
    seed: int | np.random.SeedSequence = 0,
    progress: Progress | None = None,
) -> SensitivityResult:
    """Examine the sensitivity of a study's evaluation.

    Question 1, uncertain weights: how far scores and ranks of the latest period move when the weights of every
    sibling set vary around the nominal ones, and which set moves them (grouped Sobol' indices, exact because
    the sets are independent). Question 2, the level of an indicator: what the outcome has to do with it
    (:mod:`~maternal_eval.sensitivity.elasticity`), and how much of the uncertainty of the predicted outcome comes
    from the weights, from the coefficients and from the level.

    Parameters
    ----------
    study
        A study with indicators.
    weights
        The nominal weights: a result of the weighting, or a series by indicator; computed from the study if None.
    settings, seed, progress
        See :class:`SensitivitySettings`.

    Raises
    ------
    InputError
        If the study has no indicators, a weight is not positive, or a setting names what the study has not.
    """
    settings = settings or SensitivitySettings()
    series = weights if isinstance(weights, pd.Series) else static_weights(study, weights)
    codes = study.model.codes
    if not codes:
        raise InputError("the study has no indicators", file=study.folder, expected="[indicators]")
    lacking = [code for code in codes if code not in series.index]
    if lacking:
        raise InputError("the weights lack an indicator", found=lacking[0])
    generator = WeightGenerator.around(
        codes, series.loc[codes].to_numpy(dtype=float), study.model.sibling_sets, settings.concentration
    )
    values = _values(study, settings.kappa)
    period = study.periods[-1] if study.periods else None
    latest = np.ones(len(study.panel), bool) if period is None else (study.panel["period"] == period).to_numpy()
    survey = study.panel["weight"].fillna(1.0).to_numpy(float) if "weight" in study.panel else np.ones(len(latest))
    model = ScoreModel.of(study.panel[latest], values[latest], dimension_index(study.model), survey[latest])
    skipped: list[dict[str, str]] = []
    report(progress, "sensitivity: scores", 0, 3)
    indices, scores, ranks, runs = _weights_to_scores(model, generator, settings, seed, skipped)
    report(progress, "sensitivity: outcome", 1, 3)
    response = build_response(study, values, series.loc[codes], survey, latest, settings, skipped)
    elasticity, curve = elasticity_tables(study, response, settings, named(seed, "elasticity"))
    report(progress, "sensitivity: outcome", 2, 3)
    if response is not None:
        more, more_runs = outcome_indices(study, response, values, generator, settings, named(seed, "outcome"))
        indices, runs = pd.concat([indices, more], ignore_index=True), runs + more_runs
    report(progress, "sensitivity: outcome", 3, 3)
    return SensitivityResult(
        indices=indices,
        scores=scores,
        ranks=ranks,
        elasticity=elasticity,
        curve=curve,
        skipped=skipped,
        period=period,
        runs=runs,
        labels=study_labels(study),
        settings=asdict(settings),
        study=study.name,
        simulated=study.simulated,
    )


def _values(study: Study, kappa: float) -> np.ndarray:
    indicators = study.model.indicators
    return answer_value(
        study.panel[study.model.codes].to_numpy(dtype=float),
        [indicator.kano for indicator in indicators],
        np.array([indicator.low for indicator in indicators]),
        np.array([indicator.high for indicator in indicators]),
        kappa,
    )


def _weights_to_scores(
    model: ScoreModel,
    generator: WeightGenerator,
    settings: SensitivitySettings,
    seed: int | np.random.SeedSequence,
    skipped: list[dict[str, str]],
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, int]:
    """Question 1: indices, score intervals, ranks, number of runs."""
    if not generator.groups:
        raise InputError("with one indicator there are no weights to be uncertain about", found=generator.codes[0])
    sample: SobolSample = sample_groups(generator.groups, settings.base, named(seed, "weights"))
    outputs = evaluate(lambda points: model.scores(generator.weights(points)), sample)
    nominal = model.scores(generator.nominal_weights[None])[0]
    draws = outputs[sample.independent]
    scores = model.units.assign(nominal=nominal)
    scores["low"], scores["high"] = np.quantile(draws, [(1 - PROBABILITY) / 2, (1 + PROBABILITY) / 2], axis=0)
    ranks = rank_table(model.units, nominal, draws)
    labels = model.units.assign(output="score")
    if ranks.empty:
        skipped.append({"part": "ranks", "en": "fewer than two platforms: no ranks", "zh": "平台不足两个：无法排名"})
    else:
        labels = pd.concat(
            [labels, pd.DataFrame([{"output": "rank_shift", "platform": "", "stage": ""}])], ignore_index=True
        )
        outputs = np.column_stack([outputs, mean_rank_shift(model.units, nominal, outputs)])
    constant = constant_outputs(outputs)
    for row in labels[constant].to_dict("records"):
        part = "/".join(str(row[name]) for name in ("output", "platform", "stage") if row[name])
        skipped += [
            {
                "part": part,
                "en": "does not vary with the weights: its indices are undefined",
                "zh": "不随权重变化：指数无定义",
            }
        ]
    table = sobol_indices(sample, outputs[:, ~constant], resamples=settings.resamples, seed=named(seed, "resamples"))
    labels = labels[~constant].reset_index(drop=True)
    table = table.rename(columns={"output": "position"}).merge(labels, left_on="position", right_index=True)
    table = table.drop(columns="position")
    first = ["output", "platform", "stage", "factor"]
    return table[[*first, *table.columns.difference(first, sort=False)]], scores, ranks, len(sample.points)
