"""Every compiled function, through its door, on small arrays: run with bounds checks by ``test_bounds.py``.

What the functions return is tested beside them; here they only have to stay inside their arrays.
"""

import os

import numba
import numpy as np
import pytest

from maternal_eval.analyses.proposal_power.held_out import ranked_probability_scores
from maternal_eval.analyses.whatif.prediction import probabilities, probability_changes
from maternal_eval.methods.ordinal import density
from maternal_eval.methods.ordinal.families import FAMILIES
from maternal_eval.methods.sampling import POSTERIOR, SamplerSettings, sample
from maternal_eval.methods.sensitivity.rank_kernel import EVERY, SIBLINGS, composite_sums
from maternal_eval.methods.simplex_regression import likelihood
from maternal_eval.methods.simplex_regression.posterior import StageWeightPosterior
from maternal_eval.methods.simplex_regression.prior import StagePrior
from maternal_eval.methods.simplex_regression.summary import NuisancePrior, summarise
from tests.dynamic_weights.conftest import simulate_stage, true_weights
from tests.kernels.small import model_of, moves

COMPILED = os.environ.get("NUMBA_BOUNDSCHECK") == "1"
SHORT = SamplerSettings(chains=2, tune=60, draws=20, target_accept=0.8, adaptation="diag", cores=1)


def test_the_checks_are_on():
    @numba.njit
    def beyond(array):
        return array[array.size]

    with pytest.raises(IndexError):
        beyond(np.zeros(3))


def test_the_pass_itself_finds_what_its_door_refuses():
    answers = simulate_stage(true_weights()[0], 30, np.random.default_rng(0))
    arrays = (answers.values, answers.answered, answers.outcome, answers.effects, answers.dimension_start)
    with pytest.raises(IndexError):
        likelihood._pass(np.ones(6), np.arange(4.0), np.zeros(1), 0.5, *arrays)


def test_stage_weights_and_held_out_answers():
    random, weights = np.random.default_rng(1), true_weights(2)
    answers = [simulate_stage(of_stage, 150, random) for of_stage in weights]
    for part in answers:
        part.effects[0] = part.effect_count
        assert np.isfinite(ranked_probability_scores(part, part, weights[0])).all()
    nuisance = [NuisancePrior.of(part, 1.0) for part in answers]
    prior = StagePrior.around(weights[0], answers[0].dimension_start, 2, True, shift=0.3, step_median=0.2)
    theta = prior.theta(np.zeros(prior.size))
    parts = zip(theta, nuisance, answers, strict=True)
    plain = StageWeightPosterior.plain(prior, [summarise(at, of.mean, part, of) for at, of, part in parts])
    posterior = plain.whitened(np.zeros(prior.size), np.array([prior.size - 1]))
    y = np.zeros(prior.size)
    assert np.isfinite(posterior.log_density(y)[1]).all()
    assert np.isfinite(posterior.with_likelihood(y, theta, 0.0, np.zeros_like(theta))[0])
    if COMPILED:
        assert sample(posterior, seed=0, settings=SHORT)[POSTERIOR]["parameter"].shape == (2, 20, prior.size)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("answers", [2, 5])
def test_satisfaction(family, answers):
    model = model_of(family, answers)
    x = np.random.default_rng(2).normal(size=len(model.names)) * 0.3
    value, gradient = model.log_density(x)
    packed = density.pack(*model.arrays, model._block_start, model.degrees, model.family.kernel)
    of_packed = density.packed_log_density(x, packed, packed.view(np.float64))
    assert of_packed[0] == value
    np.testing.assert_array_equal(of_packed[1], gradient)
    assert value == pytest.approx(model.log_likelihood(x)[0] + model.log_prior(x)[0])
    if COMPILED:
        assert sample(model, seed=0, settings=SHORT)[POSTERIOR]["parameter"].shape == (2, 20, x.size)


@pytest.mark.skipif(not COMPILED, reason="Python raises where compiled exponentials overflow to infinity")
def test_satisfaction_far_out():
    for family in FAMILIES:
        model = model_of(family, 5)
        for far in (-40.0, 40.0):
            model.log_density(np.full(len(model.names), far))


@pytest.mark.parametrize("how", [SIBLINGS, EVERY])
@pytest.mark.parametrize("exponent", [1.0, 2.0, 0.5, 0.7])
def test_composites_by_run(how, exponent):
    random = np.random.default_rng(3)
    values = np.where(random.random((40, 5)) < 0.3, np.nan, random.random((40, 5)))
    weights = random.dirichlet(np.ones(5), 70)  # more than a block
    weights[0, :2] = 0.0
    cell, survey = random.integers(-1, 3, 40), random.random(40)
    links = random.random((2, 40))
    found = composite_sums(values, weights, np.array([0, 1, 0, 1, 1]), exponent, how, cell, survey, 3, links, 2 * links)
    assert all(np.isfinite(part).all() for part in (found.cells, found.missing, found.first, found.second))
    none = composite_sums(
        values, weights, np.array([0, 1, 0, 1, 1]), exponent, how, cell, survey, 3, links[:0], links[:0]
    )
    np.testing.assert_array_equal(none.cells, found.cells)


def test_what_if():
    arrays = moves()
    assert np.isfinite(probability_changes(**arrays)).all()
    before = {name: arrays[name] for name in ("coefficient", "design", "odds", "share", "start", "membership")}
    assert np.isfinite(probabilities(**before)).all()
