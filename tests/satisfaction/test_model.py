"""Names and priors."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from scipy.stats import ks_2samp

from maternal_eval.analyses.satisfaction.cells import cell_counts
from maternal_eval.analyses.satisfaction.compute import build_model
from maternal_eval.methods.ordinal.families import FAMILIES
from maternal_eval.study.model_settings import OrdinalPriors

SETTINGS = OrdinalPriors(degrees=3.0)


@pytest.fixture(scope="module", params=FAMILIES)
def model(small, request):
    settings = dataclasses.replace(SETTINGS, family=request.param)
    return build_model(cell_counts(small), settings, stages_ordered=True)


def test_parameters_are_named(model):
    assert len(model.names) == len(set(model.names)) == 4 + 2 + 2 + 4 + 1 + 2
    assert model.names[0] == "threshold 1"
    assert model.names[-1] == "log_scale 2"


def test_every_answer_distribution_is_equally_likely_before_the_data(model):
    x = model.draw_prior(np.random.default_rng(0), 20_000)
    thresholds = model.parameters(x).thresholds
    chance = model.family.probabilities(thresholds, np.zeros((20_000, 1)), np.ones((20_000, 1)))[:, 0]
    assert chance.mean(axis=0) == pytest.approx(np.full(5, 0.2), abs=0.005)
    assert chance.var(axis=0) == pytest.approx(np.full(5, 0.2 * 0.8 / 6), abs=0.002)


def test_prior_density_is_the_one_that_is_drawn(model):
    """Metropolis steps that target the prior density leave prior draws distributed as they were."""
    generator = np.random.default_rng(1)
    start = model.draw_prior(generator, 1500)
    moved = start.copy()
    for _ in range(6):
        proposal = moved + 0.4 * generator.normal(size=moved.shape)
        gain = np.array(
            [model.log_prior(new)[0] - model.log_prior(old)[0] for new, old in zip(proposal, moved, strict=True)]
        )
        accepted = np.log(generator.random(len(moved))) < gain
        moved[accepted] = proposal[accepted]
    assert (moved != start).any(axis=1).mean() > 0.05
    for parameter in range(len(model.names)):
        assert ks_2samp(start[:, parameter], moved[:, parameter]).pvalue > 1e-4


def test_scales_drawn_given_coefficients_are_the_prior_scales(model):
    generator = np.random.default_rng(2)
    x = model.draw_prior(generator, 20_000)
    scale = model.draw_scales(x, generator)["stage"]
    expected = (
        model.family.unit
        * SETTINGS.stage_scale
        * np.sqrt(SETTINGS.degrees / generator.chisquare(SETTINGS.degrees, 20_000))
    )
    assert ks_2samp(scale, expected).pvalue > 1e-4


def test_many_vectors_at_once_equal_one_by_one(model):
    x = np.random.default_rng(3).normal(size=(2, 3, len(model.names)))
    together = model.probabilities(x)
    assert together.shape == (2, 3, len(model.stage), 5)
    assert together[1, 2] == pytest.approx(model.probabilities(x[1, 2]), abs=1e-14)
    effects = model.effects(x, "tier")
    assert effects.sum(axis=-1) == pytest.approx(np.zeros((2, 3)), abs=1e-12)


def test_probabilities_give_the_likelihood(model):
    x = np.random.default_rng(4).normal(size=len(model.names)) * 0.5
    expected = (model.counts * np.log(model.probabilities(x))).sum()
    assert model.log_likelihood(x)[0] == pytest.approx(expected, abs=1e-8)


def test_structure_follows_the_study(small):
    cells = cell_counts(small)
    unordered = build_model(cells, SETTINGS, stages_ordered=False)
    assert unordered.factors[0].basis.T @ unordered.factors[0].basis == pytest.approx(np.eye(2), abs=1e-12)
    binary = build_model(cell_counts(small, small.outcomes["again"]), SETTINGS, stages_ordered=True)
    assert not any(name.startswith("log_scale") for name in binary.names)
    single = build_model(cell_counts(small, segments=(), periods=(2020,)), SETTINGS, stages_ordered=True)
    assert [factor.name for factor in single.factors] == ["stage"]


def test_a_period_without_answers_leaves_the_likelihood_of_the_others(small):
    """The held-out period's cells are there with counts of zero; its step has the prior's density alone."""
    model = build_model(cell_counts(small, periods=(2020, 2021), forecast=(2022,)), SETTINGS, stages_ordered=True)
    x = np.random.default_rng(5).normal(size=len(model.names)) * 0.3
    moved = x.copy()
    moved[model.blocks["period"].stop - 1] += 1.0
    assert model.log_likelihood(moved)[0] == pytest.approx(model.log_likelihood(x)[0], abs=1e-9)
    held = dataclasses.replace(model, counts=model.counts * 1.0)
    assert held.log_density(x)[0] == model.log_density(x)[0]
