"""The posterior of a study's weights, as other analyses draw from it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from maternal_eval.analyses.weights.compute import compute_weights
from maternal_eval.analyses.weights.posterior import NOMINAL, OF_EXPERTS, weight_posterior
from maternal_eval.analyses.weights.settings import WeightsSettings


@pytest.fixture(scope="module")
def posterior(maternal):
    return weight_posterior(maternal)


def test_draws_of_every_set_are_weights(maternal, posterior):
    drawn = posterior.draws(200, 0)
    assert list(drawn) == list(maternal.model.sibling_sets)
    for name, elements in maternal.model.sibling_sets.items():
        assert drawn[name].shape == (200, len(elements))
        np.testing.assert_allclose(drawn[name].sum(axis=1), 1)
        assert (drawn[name] > 0).all()


def test_global_draws_with_nominal_dimension_weights(maternal, posterior):
    drawn = posterior.global_draws(300, 0)
    assert drawn.shape == (300, 30)
    first = [code.startswith("F") for code in maternal.model.codes]
    np.testing.assert_allclose(drawn[:, first].sum(axis=1), 0.45)
    np.testing.assert_allclose(drawn.sum(axis=1), 1)


def test_global_draws_with_the_experts_dimension_weights(maternal, posterior):
    drawn = posterior.global_draws(300, 0, OF_EXPERTS)
    first = [code.startswith("F") for code in maternal.model.codes]
    np.testing.assert_allclose(drawn[:, first].sum(axis=1), posterior.draws(300, 0)["dimensions"][:, 0])


def test_draws_centre_on_the_weights_result(maternal, posterior):
    weights = compute_weights(maternal, WeightsSettings(resamples=1, draws=100)).weights["weight"]
    np.testing.assert_allclose(posterior.global_draws(4000, 1, NOMINAL).mean(axis=0), weights, rtol=0.03)


def test_new_expert_is_wider_than_the_group(posterior):
    group, expert = (posterior.draws(4000, 0, new_expert=new) for new in (False, True))
    for name in posterior.posteriors:
        # 15 experts: the group's standard deviation is about a fourth of one expert's.
        ratio = np.log(expert[name]).std(axis=0) / np.log(group[name]).std(axis=0)
        assert ((ratio > 2.5) & (ratio < 5)).all()


def test_uniforms_give_weights(posterior):
    for name, size in posterior.uniforms.items():
        middle = posterior.set_weights(name, np.full((1, size), 0.5))
        np.testing.assert_allclose(middle.sum(), 1)
        ends = posterior.set_weights(name, np.array([np.zeros(size), np.ones(size)]))
        assert np.isfinite(ends).all()


def test_seed(posterior):
    np.testing.assert_array_equal(posterior.global_draws(5, 0), posterior.global_draws(5, 0))
    assert not np.array_equal(posterior.global_draws(5, 0), posterior.global_draws(5, 1))


def test_set_of_one_element(maternal):
    """An only child has weight 1 and takes no uniforms."""
    model = maternal.model
    kept = tuple(one for one in model.indicators if one.dimension != "social" or one.code == "S01")
    experts = maternal.experts[maternal.experts["set"] != "social"]
    tables = maternal.tables | {"experts": experts.reset_index(drop=True)}
    posterior = weight_posterior(replace(maternal, tables=tables, model=replace(model, indicators=kept)))
    assert "social" not in posterior.uniforms
    np.testing.assert_array_equal(posterior.draws(3, 0)["social"], np.ones((3, 1)))
    np.testing.assert_allclose(posterior.global_draws(3, 0)[:, -1], 0.2)


def test_no_experts_no_posterior(maternal):
    tables = {name: table for name, table in maternal.tables.items() if name != "experts"}
    assert weight_posterior(replace(maternal, tables=tables)) is None


def test_unknown_dimension_weights(posterior):
    with pytest.raises(ValueError, match="nominal"):
        posterior.global_draws(1, 0, "equal")
