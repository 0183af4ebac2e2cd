"""Sets of weights: the static ones with their uncertainty, and those by stage where they are given."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from maternal_eval.analyses.sensitivity.generators import Tree, build_generator
from maternal_eval.analyses.stage_weights.result import StageWeightsResult
from maternal_eval.analyses.weights.compute import static_weights
from maternal_eval.analyses.weights.posterior import OF_EXPERTS, weight_posterior
from maternal_eval.analyses.whatif.engine import WeightSets
from maternal_eval.analyses.whatif.population import Population
from maternal_eval.analyses.whatif.settings import WhatIfSettings
from maternal_eval.core.randomness import generator, named
from maternal_eval.results import Result, used
from maternal_eval.study import Study

STATIC, DYNAMIC = "static", "dynamic"
"""Schemes of weights: the same in every stage, or by stage."""


def schemes_of(
    study: Study,
    population: Population,
    settings: WhatIfSettings,
    seed: np.random.SeedSequence,
    results: Mapping[str, Result] | None,
) -> list[WeightSets]:
    """Return the static sets, and the dynamic ones where the weights by stage are given."""
    static = static_weights(study).loc[list(population.codes)].to_numpy(dtype=float)
    posterior, of_sets = weight_posterior(study), named(seed, "static weights")
    if posterior is not None:
        drawn = posterior.global_draws(settings.sets, of_sets, OF_EXPERTS)
    else:
        tree = Tree.of(population.codes, static, study.model.sibling_sets)
        around = build_generator("dirichlet", tree, dict.fromkeys(tree.varying, settings.concentration), None)
        drawn = around.weights(generator(of_sets).random((settings.sets, around.inputs)))
    schemes = [WeightSets(STATIC, np.repeat(drawn[:, None], len(study.stages), axis=1))]
    if results is not None and "stage_weights" in results:
        draws = used(results, "stage_weights", StageWeightsResult).draws["weight"]
        chosen = np.linspace(0, draws.sizes["draw"] - 1, settings.sets).round().astype(int)
        by_stage = draws.isel(draw=chosen).sel(stage=list(study.stages), indicator=list(population.codes))
        schemes.append(WeightSets(DYNAMIC, by_stage.to_numpy().astype(float)))
    return schemes
