"""How often does the schedule propose what it should not, and how large must a change be for it to be found?

The untouched test of the stage weights: their prior was chosen with the built-in truth in sight, the truths here are
others. Every replicate runs the analysis itself (mode, chains, correction) in a small design whose information per
weight is near that of the whole study (:class:`ProposalPowerSettings`); some replicates have the whole design.

The second condition of the schedule, the backtest, needs periods and is replaced by respondents held out
(:mod:`~maternal_eval.schedule.held_out`). Rates are given without and with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd

from maternal_eval.dynamic_weights import StageWeightsResult, StageWeightsSettings
from maternal_eval.dynamic_weights.anchor import anchor
from maternal_eval.dynamic_weights.design import build_design
from maternal_eval.errors import DiagnosticsError
from maternal_eval.fitting import Gates, SamplerSettings, run_replicates
from maternal_eval.randomness import named
from maternal_eval.ranges import Count, Draws, Positive, Ranged, RHat, Several, Tune
from maternal_eval.results import Progress, Result, StudyResult
from maternal_eval.schedule.rates import RATES, rate_table
from maternal_eval.schedule.replicate import DRAWN, RAISED, STATIC, Condition, ReplicateDesign, passed, replicate
from maternal_eval.schedule.replicate import replicate_design as _design
from maternal_eval.schedule.result import ScheduleSettings
from maternal_eval.study import Study
from maternal_eval.weighting import study_labels

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WHOLE = "whole design"
QUARTER = "one quarter"


@dataclass(frozen=True)
class ProposalPowerSettings(Ranged):
    """Size of the simulation study.

    Attributes
    ----------
    effects
        Factors by which one weight of the last stage is multiplied: the power curve.
    stated_effect
        The factor at which the power is stated, with as many replicates as the truths without a raised weight.
    whole_effects
        Factors by which the weight is multiplied in the whole design.
    replicates, curve_replicates, whole_replicates
        How many for the static, drawn and stated-effect truths; for each other effect; for each truth in the whole
        design.
    answers
        Answers fitted in a replicate of the small design. The information on a weight goes with weight × the root of
        the answers in its stage: 9 indicators on 4,000 answers in 4 stages know 1.5 times as much of each weight as 30
        indicators on 25,000 answers in 5 stages (with half the answers the quadratic summary is too coarse).
    stages, per_dimension
        Size of the small design: the last stages, and the first indicators of each dimension.
    quarter_answers
        Answers of one quarterly review, fitted alone in the whole design.
    tune, draws, corrected
        Length of the two chains, and number of corrected draws.
    rhat, bulk_ess
        Gates of a replicate; wider than those of the analysis, since a rate over replicates averages their Monte-Carlo
        errors.
    """

    effects: tuple[Positive, ...] = (2.0, 3.0, 4.0)
    stated_effect: Positive = 4.0
    replicates: Count = 100
    curve_replicates: Count = 20
    whole_replicates: int = 20
    whole_effects: tuple[Positive, ...] = (4.0, 8.0)
    answers: Count = 4000
    stages: Several = 4
    per_dimension: Several = 3
    quarter_answers: Count = 2000
    tune: Tune = 300
    draws: Draws = 700
    corrected: Draws = 400
    rhat: RHat = 1.02
    bulk_ess: Positive = 200.0

    def __post_init__(self) -> None:
        super().__post_init__()
        counts = (self.replicates, self.curve_replicates, self.answers, self.stages - 1, self.per_dimension - 1)
        if min(counts) < 1 or self.whole_replicates < 0 or min(self.effects, default=0.0) <= 1.0:
            raise ValueError("the power study needs replicates, two stages and indicators, and effects above 1")
        if self.stated_effect not in self.effects:
            raise ValueError("stated_effect has to be one of the effects")

    @classmethod
    def quick(cls) -> Self:
        """Return settings for a fast look: few replicates, the small design only."""
        return cls(effects=(4.0,), replicates=4, curve_replicates=4, whole_replicates=0)


@dataclass(frozen=True)
class ProposalPowerResult(StudyResult):
    """Rates of false proposals, of found changes, and of coverage, by truth and size.

    Attributes
    ----------
    rates
        One row per condition and rate (see :data:`~maternal_eval.schedule.rates.RATES`): ``condition``, ``truth``,
        ``effect``, ``true_ratio`` (true weight over static weight of the raised one), ``answers``, ``indicators``,
        ``rate``, ``value``, ``low``, ``high`` (90 % equal-tailed: Clopper & Pearson over replicates, or a normal
        interval where a rate is a mean over weights), ``mcse``, ``replicates``.
    fits
        One row per condition: largest R-hat, smallest effective sample size, largest Pareto k-hat, and how many
        replicates did not pass their gates and were left out of the rates.
    """

    rates: pd.DataFrame
    fits: pd.DataFrame
    equivalence: float
    credible: float

    def rate(self, condition: str, rate: str) -> pd.Series:
        """Return one row of :attr:`rates`."""
        rows = self.rates[(self.rates["condition"] == condition) & (self.rates["rate"] == rate)]
        return rows.iloc[0]

    def table(self) -> pd.DataFrame:
        """Return one row per condition, one column per rate."""
        index = ["condition", "effect", "true_ratio", "answers", "indicators", "replicates"]
        wide = self.rates.pivot_table("value", index, "rate", sort=False, dropna=False)
        return wide.dropna(how="all")[list(RATES)].reset_index().rename_axis(columns=None)

    def plot(self, language: str = "en") -> Figure:
        """Draw how often the raised weight is proposed, over its size."""
        from maternal_eval.schedule.power_figures import plot_power

        return plot_power(self, language)

    def estimates(self) -> pd.DataFrame:
        """Return every rate with its standard error over replicates."""
        table = self.rates.dropna(subset=["value"])
        return table[["value", "mcse"]].set_axis((table["condition"] + "/" + table["rate"]).rename("quantity"), axis=0)


def conditions(settings: ProposalPowerSettings, panel_size: int) -> list[Condition]:
    """Return the conditions: truths and sizes."""
    small = partial(Condition, answers=settings.answers, whole=False)
    found = [
        small("static", STATIC, 1.0, replicates=settings.replicates),
        small("drawn", DRAWN, 1.0, replicates=settings.replicates),
    ]
    for effect in settings.effects:
        count = settings.replicates if effect == settings.stated_effect else settings.curve_replicates
        found.append(small(f"raised {effect:g}", RAISED, effect, replicates=count))
    if settings.whole_replicates:
        whole = partial(Condition, whole=True, replicates=settings.whole_replicates)
        effect = settings.stated_effect
        found += [
            whole(f"static, {WHOLE}", STATIC, 1.0, answers=panel_size),
            *(whole(f"raised {one:g}, {WHOLE}", RAISED, one, answers=panel_size) for one in settings.whole_effects),
            whole(f"raised {effect:g}, {QUARTER}", RAISED, effect, answers=settings.quarter_answers),
        ]
    return found


def proposal_power(
    study: Study,
    settings: ProposalPowerSettings | None = None,
    seed: int | np.random.SeedSequence = 0,
    progress: Progress | None = None,
    *,
    results: Mapping[str, Result],
    kept: Path | None = None,
) -> ProposalPowerResult:
    """Run the simulation study of the schedule.

    Parameters
    ----------
    study
        Its panel gives the answers; its outcome is not looked at except for the shares of the categories.
    settings, seed, progress
        See :class:`ProposalPowerSettings`.
    results
        ``stage_weights`` of the study: slopes of the stages, prior and region of practical equivalence.
    kept
        Folder for finished replicates: see :func:`maternal_eval.fitting.run_replicates`.
    """
    settings = settings or ProposalPowerSettings()
    fitted = results["stage_weights"]
    assert isinstance(fitted, StageWeightsResult)
    of_fit = StageWeightsSettings(**fitted.settings)
    rule = ScheduleSettings()
    small, whole = replicate_designs(study, fitted, settings)
    run = partial(
        replicate,
        equivalence=of_fit.equivalence,
        sampler=SamplerSettings(
            chains=2, tune=settings.tune, draws=settings.draws, target_accept=0.8, adaptation="diag"
        ),
        corrected=settings.corrected,
        gates=Gates(rhat=settings.rhat, bulk_ess=settings.bulk_ess, tail_ess=settings.bulk_ess),
    )
    rates, fits = [], []
    for condition in conditions(settings, len(study.panel)):
        design = whole if condition.whole else small
        found = run_replicates(
            partial(run, design=design, condition=condition),
            condition.replicates,
            seed=named(seed, condition.name),
            kept=None if kept is None else kept / condition.name.replace(" ", "-").replace(",", ""),
            conditions=repr((settings, of_fit, condition)),
            progress=progress,
            task=f"proposals: {condition.name}",
        )
        raised = (len(design.pool) - 1, design.raised)
        good = [one for one in found if passed(one)]
        if not good:
            raise DiagnosticsError(f"no replicate of {condition.name!r} passed the gates of its fit: take more answers")
        table = rate_table(good, design.static, raised, of_fit.equivalence, rule.credible, rule.margin)
        rates.append(_described(table, condition, design, len(good)))
        fits.append(_fit_row(np.array([one["fit"] for one in good]), condition))
    return ProposalPowerResult(
        rates=pd.concat(rates, ignore_index=True),
        fits=pd.DataFrame(fits),
        equivalence=of_fit.equivalence,
        credible=rule.credible,
        labels=study_labels(study),
        settings=asdict(settings) | {"effects": list(settings.effects), "whole_effects": list(settings.whole_effects)},
        study=study.name,
        simulated=study.simulated,
    )


def replicate_designs(
    study: Study, fitted: StageWeightsResult, settings: ProposalPowerSettings
) -> tuple[ReplicateDesign, ReplicateDesign]:
    """Return the small and the whole design of a study's replicates."""
    of_fit = StageWeightsSettings(**fitted.settings)
    design = build_design(study, study.outcomes[fitted.outcome], of_fit.kappa)
    start = anchor(study, design, None, of_fit.shift_scale)
    slopes = fitted.stages["mean"].to_numpy()
    make = partial(_design, design.answers, slopes, start, study.stages_ordered, of_fit.step_median)
    small = make(stages=min(settings.stages, len(study.stages)), per_dimension=settings.per_dimension)
    return small, make()


def _described(table: pd.DataFrame, condition: Condition, design: ReplicateDesign, count: int) -> pd.DataFrame:
    weight = design.static[design.raised]
    ratio = condition.effect / (1.0 + (condition.effect - 1.0) * weight) if condition.truth == RAISED else np.nan
    return table.assign(
        condition=condition.name,
        truth=condition.truth,
        effect=condition.effect,
        true_ratio=ratio,
        answers=condition.answers,
        indicators=design.prior.indicators,
        whole=condition.whole,
        replicates=count,
    )


def _fit_row(fit: np.ndarray, condition: Condition) -> dict[str, Any]:
    return {
        "condition": condition.name,
        "rhat": fit[:, 0].max(),
        "bulk_ess": fit[:, 1].min(),
        "pareto_k": fit[:, 2].max(),
        "failed": condition.replicates - len(fit),
        "replicates": condition.replicates,
    }
