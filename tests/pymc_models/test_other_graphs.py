"""Draws of stage weights under names, and the graph of expert weights sampled beside the closed form."""

from __future__ import annotations

import warnings

import arviz as az
import numpy as np
import pytest

from maternal_eval.analyses.stage_weights.design import Design
from maternal_eval.analyses.stage_weights.graph import StageWeightsBuilt
from maternal_eval.analyses.stage_weights.settings import StageWeightsSettings
from maternal_eval.methods.bayesian_ahp import set_posterior
from maternal_eval.methods.pymc_models.expert_weights import expert_weights_model
from maternal_eval.methods.pymc_models.sampling import sample_graph, with_groups
from maternal_eval.methods.sampling import Gates, SamplerSettings
from maternal_eval.methods.simplex_regression.prior import StagePrior
from tests.dynamic_weights.conftest import DIMENSION_START, simulate_stage, true_weights
from tests.pymc_models.test_density import STATIC, judgements

ROUGH = Gates(rhat=1.05, bulk_ess=100.0, tail_ess=60.0, divergences=20, ebfmi=0.2)
SHORT = SamplerSettings(chains=2, tune=300, draws=300, adaptation="diag")


@pytest.fixture(scope="module")
def stages():
    random = np.random.default_rng(3)
    answers = tuple(simulate_stage(w, 300, random) for w in true_weights())
    prior = StagePrior.around(STATIC, DIMENSION_START, 3, True, shift=0.4, step_median=0.15)
    settings = StageWeightsSettings(tune=300, draws=500, kept=400, bulk_ess=100.0, tail_ess=100.0, rhat=1.05)
    design = Design(answers, tuple("abcdef"), (300, 300, 300), 0)
    seed = np.random.SeedSequence(1)
    return StageWeightsBuilt(design, prior, settings, seed, 1.0, ("x", "y", "z"), ("d", "e"), "small", True)


def test_stage_weights_are_drawn_under_names(stages):
    tree = stages.draws()
    weight = tree["posterior"]["weight"]
    assert weight.dims == ("chain", "draw", "stage", "indicator")
    assert weight.sizes["chain"] == 4
    np.testing.assert_allclose(weight.sum("indicator"), 1.0)
    of_dimension = weight.sel(indicator=["a", "b", "c"]).sum("indicator")
    np.testing.assert_allclose(of_dimension, tree["posterior"]["dimension_weight"].sel(dimension="d"))
    assert set(tree.children) == {"posterior", "prior", "sample_stats"}
    assert len(az.summary(tree, var_names=["tau", "slope"])) == 4


@pytest.mark.slow
def test_expert_weights_by_the_graph_are_those_of_the_closed_form():
    matrices = judgements(())
    graph = expert_weights_model(matrices, elements=list("abcd"))
    tree, _ = sample_graph(graph, gates=ROUGH, settings=SHORT, seed=np.random.SeedSequence(4), what="weights")
    whole = with_groups(graph, tree, np.random.SeedSequence(5))
    assert "prior" not in whole.children  # the log weights are flat
    ours = set_posterior(matrices).draw(4000, 1)
    theirs = whole["posterior"]["weight"]
    assert np.abs(theirs.mean(("chain", "draw")).to_numpy() - ours.mean(axis=0)).max() < 0.5 * ours.std(axis=0).max()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert np.isfinite(az.loo(whole).elpd)
        az.plot_ppc_dist(whole)
        az.plot_rank(whole, var_names=["weight"])
