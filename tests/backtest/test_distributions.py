"""From a mean to a distribution of answers."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import brentq

from maternal_eval.analyses.backtest.functionals import functionals_of, net_promoter_worth
from maternal_eval.methods.forecasting.distributions import base_shares, tilted_shares

VALUES = np.arange(1.0, 6.0)
BASE = np.array([[0.1, 0.2, 0.3, 0.3, 0.1], [0.05, 0.05, 0.1, 0.3, 0.5]])


def test_tilted_distribution_has_the_wished_mean():
    mean = np.array([[3.1, 4.2], [2.0, 4.9], [4.0, 3.0]])
    shares = tilted_shares(BASE, VALUES, mean)
    np.testing.assert_allclose(shares.sum(axis=-1), 1)
    np.testing.assert_allclose(shares @ VALUES, mean, atol=1e-9)


def test_mean_of_the_base_gives_back_the_base():
    shares = tilted_shares(BASE, VALUES, (BASE @ VALUES)[None])
    np.testing.assert_allclose(shares[0], BASE, atol=1e-6)


def test_tilt_is_exponential():
    """The exact solution of the one-dimensional equation is met to the accuracy of the interpolation."""

    def tilted(strength):
        raw = BASE[0] * np.exp(strength * VALUES)
        return raw / raw.sum()

    exact = tilted(brentq(lambda strength: tilted(strength) @ VALUES - 3.6, -5, 5))
    np.testing.assert_allclose(tilted_shares(BASE[:1], VALUES, np.array([[3.6]]))[0, 0], exact, atol=1e-3)


def test_two_answers_are_a_rate():
    shares = tilted_shares(np.array([[0.5, 0.5]]), np.array([0.0, 1.0]), np.array([[0.3]]))
    np.testing.assert_allclose(shares[0, 0], [0.7, 0.3])


def test_base_is_the_last_period_with_answers():
    counts = np.zeros((3, 2, 2))
    counts[0], counts[1, 0] = [[10, 90], [50, 50]], [900, 100]
    base = base_shares(counts)
    assert base[0, 0] == pytest.approx((900 + 20 * 900.5 / 1001) / 1020)
    assert base[1, 0] == pytest.approx((50 + 20 * 900.5 / 1001) / 120)


def test_a_never_given_answer_keeps_a_share():
    assert (base_shares(np.array([[[10.0, 0.0, 0.0]]])) > 0).all()


def test_net_promoter_score(maternal):
    assert net_promoter_worth(np.arange(11.0)).tolist() == [-100.0] * 7 + [0.0, 0.0, 100.0, 100.0]
    assert [row.name for row in functionals_of(maternal.outcomes["recommend"])] == ["nps"]
    assert functionals_of(maternal.outcomes["trust"]) == ()
