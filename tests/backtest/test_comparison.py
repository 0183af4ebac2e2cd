"""Differences between forecasters: the test over origins, the paired comparison by cell."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import ttest_1samp

from maternal_eval.methods.forecasting.comparison import diebold_mariano, difference_table


def test_one_step_ahead_is_the_t_test():
    """With h = 1 the corrected statistic of Harvey, Leybourne & Newbold (1997) is Student's."""
    difference = np.array([-0.3, -0.1, 0.05, -0.2])
    found, expected = diebold_mariano(difference), ttest_1samp(difference, 0.0)
    assert found.statistic == pytest.approx(expected.statistic)
    assert found.p_value == pytest.approx(expected.pvalue)
    assert found.n == 4


def test_two_steps_ahead_by_hand():
    """d = 1, 2, 3, 6: mean 3, autocovariances 14/4 and (2 − 0 + 0 + 0)/4; correction √((5 − 4 + 2/4)/4)."""
    difference = np.array([1.0, 2.0, 3.0, 6.0])
    gamma = [14 / 4, ((-2) * (-1) + (-1) * 0 + 0 * 3) / 4]
    expected = 3 / np.sqrt((gamma[0] + 2 * gamma[1]) / 4) * np.sqrt((5 - 4 + 2 / 4) / 4)
    assert diebold_mariano(difference, 2).statistic == pytest.approx(expected)


@pytest.mark.parametrize("difference", [[0.3], [], [0.2, 0.2, 0.2]])
def test_no_test_without_variation(difference):
    found = diebold_mariano(np.array(difference))
    assert np.isnan(found.statistic)
    assert np.isnan(found.p_value)
    assert found.n == len(difference)


def test_nominal_size_with_few_origins():
    """Under equal forecasters 5 % of tests reject at 5 %, with four origins as with twelve."""
    random = np.random.default_rng(0)
    for n in (4, 12):
        rejected = [diebold_mariano(random.normal(size=n)).p_value < 0.05 for _ in range(3000)]
        assert np.mean(rejected) == pytest.approx(0.05, abs=0.012)


def test_differences_are_paired():
    """A constant gain has no uncertainty, however much the cells differ."""
    random = np.random.default_rng(1)
    other = {name: random.gamma(2.0, size=24) for name in ("mae", "crps", "rps", "log_score")}
    own = {name: values - 0.1 for name, values in other.items()}
    table = difference_table(own, other, np.arange(24) // 4, np.arange(24) % 3)
    np.testing.assert_allclose(table[["difference", "low", "high"]], -0.1)
    assert table["dm_n"].tolist() == [3] * 4
    assert table["dm_statistic"].isna().all()
    assert table["p_value"].isna().all()


def test_the_interval_and_the_p_value_beside_it_are_one_statement():
    random = np.random.default_rng(5)
    unit, origin = np.tile(np.arange(12), 4), np.repeat(np.arange(4), 12)
    for shift in np.linspace(-0.3, 0.3, 30):
        other = {name: random.gamma(2.0, size=48) for name in ("mae", "crps", "rps", "log_score")}
        own = {name: values + random.normal(shift, 0.3, 48) for name, values in other.items()}
        table = difference_table(own, other, unit, origin)
        outside = (table["low"] > 0) | (table["high"] < 0)
        assert (outside == (table["p_value"] < 0.10)).all()
        assert (table["degrees"] == 3).all()


def test_scores_that_do_not_exist_are_left_out():
    none = {"mae": np.ones(4), "crps": np.ones(4), "rps": np.full(4, np.nan), "log_score": np.full(4, np.nan)}
    table = difference_table(none, none, np.arange(4), np.zeros(4))
    assert table["score"].tolist() == ["mae", "crps"]
