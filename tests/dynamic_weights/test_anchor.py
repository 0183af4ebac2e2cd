"""The anchor: static weights at the centre, the experts' disagreement as width."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from maternal_eval.analyses.stage_weights.anchor import ASSUMED, EXPERTS, SET, SHIFT_SCALE, anchor, symmetric_root
from maternal_eval.analyses.stage_weights.design import build_design
from maternal_eval.analyses.weights.compute import static_weights
from maternal_eval.analyses.weights.posterior import weight_posterior
from maternal_eval.core.errors import InputError


@pytest.fixture(scope="module")
def design(maternal):
    return build_design(maternal, maternal.primary_outcome)


def test_width_is_how_far_one_more_expert_differs(maternal, design):
    start = anchor(maternal, design, None, None)
    assert start.basis == EXPERTS
    np.testing.assert_allclose(start.static, static_weights(maternal).loc[list(design.codes)])
    drawn = weight_posterior(maternal).draws(4000, 5, new_expert=True)
    spread = np.concatenate([np.log(drawn[name]).std(axis=0) for name in maternal.model.sibling_sets])
    np.testing.assert_allclose(start.spread, spread, rtol=0.08)
    group = weight_posterior(maternal).draws(4000, 5)
    assert (start.spread > 2 * np.concatenate([np.log(one).std(axis=0) for one in group.values()])).all()
    covariance = start.root @ start.root.T
    assert np.abs(covariance[:3, 3:]).max() == 0.0  # sibling sets are independent


def test_without_experts_or_with_a_setting_the_width_is_what_is_said(maternal, design):
    tables = {name: table for name, table in maternal.tables.items() if name != "experts"}
    assumed = anchor(dataclasses.replace(maternal, tables=tables), design, None, None)
    assert assumed.basis == ASSUMED
    assert set(assumed.spread) == {SHIFT_SCALE}
    given = anchor(maternal, design, None, 0.1)
    assert given.basis == SET
    np.testing.assert_allclose(given.spread, 0.1)


def test_symmetric_root_of_a_singular_covariance():
    covariance = np.array([[1.0, -1.0], [-1.0, 1.0]])
    root = symmetric_root(covariance)
    np.testing.assert_allclose(root @ root, covariance, atol=1e-12)


@pytest.mark.parametrize("total", [0.9, 1.1])
def test_weights_off_the_simplex_are_refused(maternal, design, total):
    weights = pd.Series(total / len(design.codes), index=list(design.codes))
    with pytest.raises(InputError, match="do not add up"):
        anchor(maternal, design, weights, None)
