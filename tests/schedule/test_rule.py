"""Adopted weights and the way there stay on the simplex."""

import numpy as np
import pytest

from maternal_eval.analyses.schedule.rule import adopt, path, quarters_needed

STATIC = np.array([0.1, 0.2, 0.3, 0.4])


def test_nothing_chosen_is_static():
    proposed = np.random.default_rng(0).dirichlet(np.ones(4), size=3)
    np.testing.assert_array_equal(adopt(STATIC, proposed, np.zeros((3, 4), bool)), np.tile(STATIC, (3, 1)))


def test_everything_chosen_is_the_proposal():
    proposed = np.random.default_rng(0).dirichlet(np.ones(4), size=3)
    np.testing.assert_array_equal(adopt(STATIC, proposed, np.ones((3, 4), bool)), proposed)


def test_stages_add_up_and_the_rest_keeps_its_ratios():
    random = np.random.default_rng(1)
    proposed, chosen = random.dirichlet(np.ones(4), size=50), random.random((50, 4)) < 0.4
    weights = adopt(STATIC, proposed, chosen)
    np.testing.assert_allclose(weights.sum(axis=1), 1.0)
    assert (weights > 0).all()
    np.testing.assert_array_equal(weights[chosen], proposed[chosen])
    for weight, mask in zip(weights, ~chosen, strict=True):
        ratio = weight[mask] / STATIC[mask]
        np.testing.assert_allclose(ratio, ratio[:1].repeat(mask.sum()) if mask.any() else [])


def test_worked_example():
    weights = adopt(np.array([0.2, 0.3, 0.5]), np.array([[0.38, 0.25, 0.37]]), np.array([[True, False, False]]))
    np.testing.assert_allclose(weights, [[0.38, 0.62 * 3 / 8, 0.62 * 5 / 8]])


@pytest.mark.parametrize(
    ("change", "cap", "needed"), [(0.0, 0.02, 0), (0.06, 0.02, 3), (0.061, 0.02, 4), (0.01, 0.5, 1)]
)
def test_quarters_follow_the_cap(change, cap, needed):
    target = STATIC + change * np.array([1, -1, 0, 0])
    assert quarters_needed(STATIC, target[None], cap).tolist() == [needed]


def test_path_starts_static_ends_at_the_target_and_keeps_cap_and_sum():
    target = np.array([[0.3, 0.1, 0.3, 0.3], [0.12, 0.2, 0.3, 0.38], STATIC])
    steps = path(STATIC, target, 0.03)
    assert steps.shape == (8, 3, 4)
    np.testing.assert_allclose(steps[0], np.tile(STATIC, (3, 1)))
    np.testing.assert_allclose(steps[-1], target)
    np.testing.assert_allclose(steps[1, 1], target[1])  # near enough for one quarter, then it stays
    np.testing.assert_allclose(steps.sum(axis=2), 1.0)
    assert np.abs(np.diff(steps, axis=0)).max() <= 0.03 + 1e-12
