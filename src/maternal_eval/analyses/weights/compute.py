"""Weights of the evaluation model: from the study's experts, as given, or equal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from maternal_eval.analyses.weights.group import bootstrap, group_weights
from maternal_eval.analyses.weights.hierarchy import dimension_index, join_sets
from maternal_eval.analyses.weights.posterior import WeightPosterior, round_posterior, study_rounds
from maternal_eval.analyses.weights.remarks import remarks_on_experts
from maternal_eval.analyses.weights.settings import WeightsSettings
from maternal_eval.analyses.weights.tables import (
    concordance_table,
    consistency_table,
    group_table,
    outlying_table,
    rank_table,
    stopping_table,
    win_table,
)
from maternal_eval.core.intervals import interval
from maternal_eval.core.progress import Progress, report
from maternal_eval.core.randomness import Seed, generator, sequence, spawn
from maternal_eval.methods.ahp import global_weights
from maternal_eval.methods.judgements import JudgementRound
from maternal_eval.study import DIMENSIONS, Study
from maternal_eval.study.labels import described

if TYPE_CHECKING:
    pass
from maternal_eval.analyses.weights.result import WeightsResult

EXPERTS, GIVEN, EQUAL = "experts", "given", "equal"
"""Where weights within a dimension come from: expert judgements, the study's file, or nothing (all equal)."""


def compute_weights(
    study: Study,
    settings: WeightsSettings | None = None,
    seed: Seed = 0,
    progress: Progress | None = None,
) -> WeightsResult:
    """Compute the weights of a study's evaluation model.

    The last round of the experts counts. Weights inside a dimension come from the experts; without experts from the
    study's indicator file; else they are equal. The dimension weights of the composite are the nominal ones of the
    study; those of the experts stand beside them.

    Parameters
    ----------
    study
        The study; without indicators there is nothing to weight.
    settings, seed
        See :class:`WeightsSettings`; the seed serves the posterior and the bootstrap.

    Raises
    ------
    InputError
        If a judgement is wrong: with expert, round, set and cell.
    """
    settings = settings or WeightsSettings()
    within, basis, rounds = _point_weights(study, settings)
    model = study.model
    codes = model.codes
    names = [dimension.name for dimension in model.dimensions]
    position = dimension_index(model)
    nominal = model.dimension_weights.to_numpy()
    weights = pd.DataFrame({"indicator": codes, "dimension": model.dimension_of.to_numpy()})
    weights["within"] = within
    weights["weight"] = global_weights(nominal, within, position)
    dimensions = pd.DataFrame({"dimension": names, "nominal": nominal})
    dimensions["nominal_given"] = all(dimension.weight is not None for dimension in model.dimensions)
    bounds = ("within_low", "within_high", "low", "high", "bootstrap_low", "bootstrap_high")
    weights = weights.assign(**dict.fromkeys((*bounds, "weight_experts"), np.nan))
    dimensions = dimensions.assign(**dict.fromkeys(("experts", *bounds[2:]), np.nan))
    posteriors, draws = _posteriors(rounds, study, settings, seed, progress)
    if rounds:
        of_experts = group_weights(rounds[-1], study, settings)
        dimensions["experts"] = of_experts[DIMENSIONS]
        weights["weight_experts"] = global_weights(of_experts[DIMENSIONS], within, position)
        resampled = bootstrap(rounds[-1], study, settings, generator(seed))
        for prefix, drawn in (("", draws[-1]), ("bootstrap_", resampled)):
            inside = join_sets(drawn, study.model.sibling_sets, codes)
            low, high = f"{prefix}low", f"{prefix}high"
            dimensions[low], dimensions[high] = interval(drawn[DIMENSIONS])
            weights[low], weights[high] = interval(global_weights(nominal, inside, position))
        weights["within_low"], weights["within_high"] = interval(join_sets(draws[-1], study.model.sibling_sets, codes))
    concordance = concordance_table(rounds, posteriors, study, settings)
    consistency = consistency_table(rounds, posteriors, study)
    experts = len(rounds[-1].experts) if rounds else 0
    ranks = rank_table(draws[-1] if draws else {}, study)
    return WeightsResult(
        weights=weights,
        dimensions=dimensions,
        consistency=consistency,
        concordance=concordance,
        stopping=stopping_table(concordance),
        group=group_table(rounds, draws, study, settings),
        outlying=outlying_table(rounds, settings),
        ranks=ranks,
        wins=win_table(draws[-1] if draws else {}, study),
        basis=basis,
        experts=experts,
        remarks=remarks_on_experts(study, consistency, concordance, experts),
        **described(study, settings),
    )


def _posteriors(
    rounds: tuple[JudgementRound, ...],
    study: Study,
    settings: WeightsSettings,
    seed: Seed,
    progress: Progress | None,
) -> tuple[list[WeightPosterior], list[dict[str, np.ndarray]]]:
    """Return the posterior of each round and draws from it; every round has a child of the seed."""
    root = seed if isinstance(seed, np.random.Generator) else sequence(seed)
    seeds = root.spawn(2 * len(rounds)) if isinstance(root, np.random.Generator) else spawn(root, 2 * len(rounds))
    posteriors, draws = [], []
    for number, of_round in enumerate(rounds):
        report(progress, "posterior of the weights by round", number, len(rounds))
        posteriors.append(round_posterior(of_round, study, settings, seeds[2 * number]))
        draws.append(posteriors[-1].draws(settings.draws, seeds[2 * number + 1]))
    report(progress, "posterior of the weights by round", len(rounds), len(rounds))
    return posteriors, draws


def static_weights(study: Study, weights_result: WeightsResult | None = None) -> pd.Series:
    """Return the global weights that do not change by stage: nominal dimension weight × weight within.

    Parameters
    ----------
    study
        The study.
    weights_result
        Its weights, if they are at hand; else the point weights are computed with the default settings.

    Returns
    -------
    pandas.Series
        Index: indicator codes in the order of the model; sums to 1.
    """
    codes = study.model.codes
    if weights_result is not None:
        return weights_result.weights.set_index("indicator")["weight"].loc[codes]
    within, _, _ = _point_weights(study, WeightsSettings.of(study))
    values = global_weights(study.model.dimension_weights.to_numpy(), within, dimension_index(study.model))
    return pd.Series(values, index=pd.Index(codes, name="indicator"), name="weight")


def _point_weights(study: Study, settings: WeightsSettings) -> tuple[np.ndarray, str, tuple[JudgementRound, ...]]:
    """Return the weights inside the dimensions in the order of the codes, their basis and the rounds."""
    rounds = study_rounds(study, settings)
    if rounds:
        group = group_weights(rounds[-1], study, settings)
        return join_sets(group, study.model.sibling_sets, study.model.codes), EXPERTS, rounds
    given = [indicator.weight for indicator in study.model.indicators]
    basis = GIVEN if any(weight is not None for weight in given) else EQUAL
    size = study.model.dimension_of.map(study.model.dimension_of.value_counts())
    within = [1.0 / count if weight is None else weight for weight, count in zip(given, size, strict=True)]
    return np.array(within), basis, ()
