"""Weights by life stage, with intervals: what the answers say, beside the static weights."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from maternal_eval.analyses.stage_weights.anchor import Anchor, anchor
from maternal_eval.analyses.stage_weights.design import build_design, design_remarks, with_calibrated_answers
from maternal_eval.analyses.stage_weights.tables import (
    claim_table,
    dimension_table,
    draws_data_set,
    stage_table,
    weight_table,
)
from maternal_eval.analyses.weights.result import WeightsResult
from maternal_eval.core.progress import Progress
from maternal_eval.core.randomness import generator, named
from maternal_eval.methods.simplex_regression.collinearity import pair_table
from maternal_eval.methods.simplex_regression.prior import StagePrior
from maternal_eval.methods.simplex_regression.sampling import StageWeightDraws, sample_stage_weights
from maternal_eval.study import Study, turned_remark
from maternal_eval.study.labels import described
from maternal_eval.study.values import linear_remarks, siblings_remarks

if TYPE_CHECKING:
    pass
from maternal_eval.analyses.stage_weights.result import StageWeightsResult
from maternal_eval.analyses.stage_weights.settings import StageWeightsSettings, _checked_claim, _outcome


def fit_stage_weights(
    study: Study,
    weights: WeightsResult | pd.Series | None = None,
    settings: StageWeightsSettings | None = None,
    seed: int | np.random.SeedSequence = 0,
    progress: Progress | None = None,
) -> StageWeightsResult:
    """Estimate the indicator weights of every stage from the answers.

    Respondent-level cumulative logistic regression of overall satisfaction on the composite value with weights
    on the simplex, by stage (:mod:`~maternal_eval.methods.simplex_regression.likelihood`), around the static weights
    (:mod:`~maternal_eval.methods.simplex_regression.prior`). Slope, thresholds and the effects of period, platform and
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
    settings, priors = (
        settings or StageWeightsSettings().under(study.model_settings),
        study.model_settings.stage_weights,
    )
    outcome = _outcome(study, settings)
    design = build_design(study, outcome)
    design, error = with_calibrated_answers(design, study, settings.reliability, settings.shared_error)
    start = anchor(study, design, weights, priors.shift_scale)
    prior = start.prior(study, design, priors.step_median)
    claim = _checked_claim(study, settings)
    sampled = sample_stage_weights(
        design.answers,
        prior,
        priors.effect_scale,
        settings=settings.sampler,
        corrected=settings.kept,
        gates=settings.gates,
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
        anchor_basis=start.basis,
        **described(study, settings),
        remarks=[
            *turned_remark([*study.model.indicators, outcome]),
            *linear_remarks(study.model_settings.aggregation),
            *siblings_remarks(study.model_settings.aggregation),
            *design_remarks(design, study, outcome),
            error,
        ],
    )


def _effective(sampled: StageWeightDraws) -> float:
    """Return a cautious effective number of draws, for Monte-Carlo standard errors."""
    chains = float(sampled.checks.loc[sampled.checks["check"] == "bulk ESS", "value"].iloc[0])
    return min(chains, float(1.0 / (sampled.importance**2).sum()))


def _anchor_table(start: Anchor, prior: StagePrior, elements: list[str]) -> pd.DataFrame:
    return pd.DataFrame({"element": elements, "static": np.exp(prior.log_static), "spread": start.spread})
