"""Weights by life stage, with intervals: what the answers say, beside the static weights."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd
import xarray as xr

from maternal_eval.dynamic_weights.anchor import Anchor, anchor
from maternal_eval.dynamic_weights.collinearity import pair_table
from maternal_eval.dynamic_weights.design import build_design, design_remarks
from maternal_eval.dynamic_weights.prior import StagePrior
from maternal_eval.dynamic_weights.sampling import METHODS, StageWeightDraws, sample_stage_weights
from maternal_eval.dynamic_weights.tables import (
    claim_table,
    dimension_table,
    draws_data_set,
    stage_table,
    weight_table,
)
from maternal_eval.errors import InputError
from maternal_eval.fitting import Gates, SamplerSettings
from maternal_eval.randomness import generator, named
from maternal_eval.ranges import Chains, Draws, Kappa, Majority, Positive, PriorScale, Probability, Ranged, RHat, Tune
from maternal_eval.results import Progress, StudyResult
from maternal_eval.study import OUTCOME_KINDS, Outcome, Study, turned_remark
from maternal_eval.weighting import WeightsResult, study_labels

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class StageWeightsSettings(Ranged):
    """How stage weights are estimated.

    Attributes
    ----------
    outcome
        Name of the outcome; the study's primary outcome if None.
    kappa
        Shape of the value functions.
    shift_scale
        Prior standard deviation of the shift of a log weight that all stages share. None: the covariance by which one
        more expert's log weights would differ from the group's, or 0.5 without experts
        (:mod:`~maternal_eval.dynamic_weights.anchor`).
    step_median
        Prior median of tau, the typical size of a log weight's deviation from its average over the stages: with
        0.15 a weight typically stays within 15 % of that average.
    effect_scale
        Prior standard deviation of period, platform and segment effects, in logits.
    equivalence
        Relative change of a weight that is practically no change.
    credible
        Probability of a change beyond ``equivalence`` from which it is called credible.
    claim
        A published weight to be examined: ``{"indicator": …, "stage": …, "level": …}``, or None.
    method
        "auto", "summary" or "exact": see :mod:`maternal_eval.dynamic_weights.sampling`.
    chains, tune, draws
        Length of the chains.
    kept
        Number of draws kept, corrected to the exact posterior.
    rhat, bulk_ess
        Gates.
    """

    outcome: str | None = None
    kappa: Kappa = 2.0
    shift_scale: PriorScale | None = None
    step_median: Probability = 0.15
    effect_scale: PriorScale = 1.0
    equivalence: Probability = 0.20
    credible: Majority = 0.95
    claim: dict[str, Any] | None = None
    method: str = "auto"
    chains: Chains = 4
    tune: Tune = 400
    draws: Draws = 1500
    kept: Draws = 1000
    rhat: RHat = 1.01
    bulk_ess: Positive = 400.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.method not in METHODS:
            raise InputError("unknown method", column="method", found=self.method, expected=" or ".join(METHODS))

    @classmethod
    def quick(cls) -> Self:
        """Return settings for a fast look: shorter chains, the same gates."""
        return cls(tune=300, draws=800, kept=500)

    def check(self, study: Study) -> None:
        """Hold outcome and claim to the study; raises :class:`~maternal_eval.errors.InputError`."""
        _outcome(study, self)
        _checked_claim(study, self)


@dataclass(frozen=True)
class StageWeightsResult(StudyResult):
    """The weights of every stage.

    Intervals (``low``, ``high``) are equal-tailed with probability :data:`~maternal_eval.intervals.PROBABILITY`.

    Attributes
    ----------
    weights
        One row per stage and indicator: ``static``, posterior ``mean``, ``sd``, ``low``, ``high`` of the weight in
        the whole; ``relative_change`` of the mean against the static weight; ``probability_change``, posterior
        probability that it differs from the static weight by more than the region of practical equivalence,
        and ``credible_change``; ``average`` (mean over the stages), ``probability_stage_change`` and
        ``credible_stage_change``, the same against that average; ``informed``, 1 - (posterior over prior width
        of the interval of the log weight)²: 1 = known from the answers, 0 = only from the prior.
    dimensions
        One row per stage and dimension: the same for its weight, the sum of its indicators'.
    stages
        One row per stage: ``respondents``, slope (logits from the worst to the best composite value).
    tau
        One row: typical size of the movement of a log weight between stages, and its prior median.
    claim
        The published weight under both readings ("whole", "dimension"): posterior mean, interval, and the
        ``probability`` that the weight is at least the published one. Empty without a claim.
    checks
        Diagnostics of the fit; a fit that fails one raises instead.
    pairs
        Pairs of indicators that may share their weight, with ``told_apart``: see
        :func:`~maternal_eval.dynamic_weights.collinearity.pair_table`.
    anchor
        One row per dimension and indicator (``element``): ``static`` weight inside its sibling set and prior standard
        deviation of the shift of its logarithm (``spread``). ``anchor_basis`` says where the latter comes from.
    draws
        Draws of the weights (draw, stage, indicator), float32, each draw counting the same.
    """

    weights: pd.DataFrame
    dimensions: pd.DataFrame
    stages: pd.DataFrame
    tau: pd.DataFrame
    claim: pd.DataFrame
    checks: pd.DataFrame
    pairs: pd.DataFrame
    anchor: pd.DataFrame
    draws: xr.Dataset
    outcome: str
    anchor_basis: str
    left_out: int
    effective: float
    stages_ordered: bool

    def table(self) -> pd.DataFrame:
        """Return one row per stage and indicator; see :attr:`weights`."""
        return self.weights.copy()

    def plot(self, language: str = "en") -> Figure:
        """Draw the weights of every stage against the static ones."""
        from maternal_eval.dynamic_weights.figures import plot_stage_weights

        return plot_stage_weights(self, language)

    def estimates(self) -> pd.DataFrame:
        """Return posterior means of weights, dimension weights and tau with their Monte-Carlo standard errors."""
        parts = [
            (f"weight/{row.stage}/{row.indicator}", row.mean, row.sd)
            for row in self.weights[["stage", "indicator", "mean", "sd"]].itertuples()
        ]
        parts += [
            (f"dimension/{row.stage}/{row.dimension}", row.mean, row.sd)
            for row in self.dimensions[["stage", "dimension", "mean", "sd"]].itertuples()
        ]
        parts.append(("tau", float(self.tau["mean"].iloc[0]), float(self.tau["sd"].iloc[0])))
        table = pd.DataFrame(parts, columns=["quantity", "value", "mcse"]).set_index("quantity")
        return table.assign(mcse=table["mcse"] / np.sqrt(self.effective))


def fit_stage_weights(
    study: Study,
    weights: WeightsResult | pd.Series | None = None,
    settings: StageWeightsSettings | None = None,
    seed: int | np.random.SeedSequence = 0,
    progress: Progress | None = None,
) -> StageWeightsResult:
    """Estimate the indicator weights of every stage from the answers.

    Respondent-level cumulative logistic regression of overall satisfaction on the composite value with weights
    on the simplex, by stage (:mod:`~maternal_eval.dynamic_weights.likelihood`), around the static weights
    (:mod:`~maternal_eval.dynamic_weights.prior`). Slope, thresholds and the effects of period, platform and
    segments are free in every stage, so that stages may differ in level, spread and use of the scale without
    moving the weights. Weights are renormalised over the answered items exactly as in the composite. Survey
    weights are not used: what they correct for is among the segments that the regression conditions on.

    Parameters
    ----------
    study
        A study with at least two stages and an ordinal outcome.
    weights
        The static weights: a result of the weighting, or a series by indicator; computed from the study if None.
    settings, seed, progress
        See :class:`StageWeightsSettings`.

    Raises
    ------
    InputError
        If the study has too few stages or answers, or a static weight is not positive.
    DiagnosticsError
        If a gate fails.
    """
    settings = settings or StageWeightsSettings()
    outcome = _outcome(study, settings)
    design = build_design(study, outcome, settings.kappa)
    start = anchor(study, design, weights, settings.shift_scale)
    prior = StagePrior.around(
        start.static,
        design.answers[0].dimension_start,
        len(study.stages),
        study.stages_ordered,
        shift=start.root,
        step_median=settings.step_median,
    )
    claim = _checked_claim(study, settings)
    sampled = sample_stage_weights(
        design.answers,
        prior,
        settings.effect_scale,
        settings=SamplerSettings(
            chains=settings.chains,
            tune=settings.tune,
            draws=settings.draws,
            target_accept=0.8,
            adaptation="diag",
        ),
        corrected=settings.kept,
        gates=Gates(rhat=settings.rhat, bulk_ess=settings.bulk_ess, tail_ess=settings.bulk_ess),
        method=settings.method,
        seed=named(seed, "stage weights"),
        progress=progress,
    )
    chosen = sampled.resampled(generator(named(seed, "resampling")))
    draws, tau = sampled.weights[chosen], sampled.tau[chosen]
    prior_x = prior.sample(4000, generator(named(seed, "prior")))
    prior_draws = prior.weights(prior_x)
    dimension_of = study.model.dimension_of.loc[list(design.codes)]
    return StageWeightsResult(
        weights=weight_table(
            draws,
            prior_draws,
            start.static,
            study.stages,
            dimension_of,
            settings.equivalence,
            settings.credible,
        ),
        dimensions=dimension_table(
            draws, prior_draws, start.static, study.stages, dimension_of, settings.equivalence, settings.credible
        ),
        pairs=pair_table(draws, prior_draws, design.answers, study.stages, design.codes),
        anchor=_anchor_table(start, prior, [*(one.name for one in study.model.dimensions), *design.codes]),
        stages=stage_table(sampled.slope[chosen], study.stages, design.respondents),
        tau=stage_table(tau[:, None], ("tau",), None).assign(prior_median=float(np.median(prior.tau(prior_x)))),
        claim=claim_table(draws, study.stages, dimension_of, claim),
        checks=sampled.checks,
        draws=draws_data_set(draws, study.stages, design.codes),
        outcome=outcome.name,
        left_out=design.left_out,
        effective=_effective(sampled),
        stages_ordered=study.stages_ordered,
        labels=study_labels(study),
        anchor_basis=start.basis,
        settings=asdict(settings),
        study=study.name,
        simulated=study.simulated,
        remarks=[*turned_remark([*study.model.indicators, outcome]), *design_remarks(design, study, outcome)],
    )


def _effective(sampled: StageWeightDraws) -> float:
    """Return a cautious effective number of draws, for Monte-Carlo standard errors."""
    chains = float(sampled.checks.loc[sampled.checks["check"] == "bulk ESS", "value"].iloc[0])
    return min(chains, float(1.0 / (sampled.importance**2).sum()))


def _outcome(study: Study, settings: StageWeightsSettings) -> Outcome:
    if settings.outcome is None:
        return study.primary_outcome
    if settings.outcome not in study.outcomes:
        known = "one of " + ", ".join(study.outcomes)
        raise InputError("unknown outcome", column="outcome", found=settings.outcome, expected=known)
    outcome = study.outcomes[settings.outcome]
    if not OUTCOME_KINDS[outcome.kind].ordered_categories:
        raise InputError(
            "the stage weights need ordered answers",
            column="outcome",
            found=f"{outcome.name}, which is {outcome.kind}",
            expected="an outcome with ordered answers",
        )
    return outcome


def _anchor_table(start: Anchor, prior: StagePrior, elements: list[str]) -> pd.DataFrame:
    return pd.DataFrame({"element": elements, "static": np.exp(prior.log_static), "spread": start.spread})


def _checked_claim(study: Study, settings: StageWeightsSettings) -> dict[str, Any] | None:
    claim = settings.claim
    if claim is None:
        return None
    if set(claim) != {"indicator", "stage", "level"}:
        raise InputError("a claim has indicator, stage and level", column="claim", found=", ".join(sorted(claim)))
    if claim["indicator"] not in study.model.codes or claim["stage"] not in study.stages:
        raise InputError(
            "the claim names an indicator or stage that the study does not have",
            column="claim",
            found=f"{claim['indicator']}, {claim['stage']}",
        )
    return claim
