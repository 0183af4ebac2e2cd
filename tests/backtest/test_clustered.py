"""Pooled scores: clustered standard errors against statsmodels, and what their intervals cover."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import ttest_1samp
from statsmodels.regression.linear_model import OLS
from statsmodels.stats.sandwich_covariance import cov_cluster, cov_cluster_2groups

from maternal_eval.methods.forecasting.clustered import clustered, ratio, ratio_skill


def means(values):
    return np.column_stack([values, np.ones(len(values))])


def crossed(units, origins, repeats=1):
    unit = np.repeat(np.arange(units), origins * repeats)
    origin = np.tile(np.repeat(np.arange(origins), repeats), units)
    return unit, origin


def test_one_way_equals_statsmodels_in_a_balanced_panel():
    """With clusters of equal size the jackknife is the sandwich with its correction G / (G − 1)."""
    random = np.random.default_rng(0)
    unit, _ = crossed(8, 5)
    values = random.normal(size=40) + 0.5 * random.normal(size=8)[unit]
    fit = OLS(values, np.ones(40)).fit()
    found = clustered(means(values), ratio, unit)
    assert found.value == pytest.approx(fit.params[0])
    assert found.standard_error**2 == pytest.approx(cov_cluster(fit, unit)[0, 0])
    assert found.degrees == 7


def test_two_ways_equal_statsmodels_in_a_balanced_panel():
    random = np.random.default_rng(1)
    unit, origin = crossed(10, 6, repeats=3)
    values = random.normal(size=180) + random.normal(size=10)[unit] + random.normal(size=6)[origin]
    fit = OLS(values, np.ones(180)).fit()
    both, of_unit, of_origin = (float(np.squeeze(part)) for part in cov_cluster_2groups(fit, unit, origin))
    assert both > max(of_unit, of_origin)
    found = clustered(means(values), ratio, unit, origin)
    assert found.standard_error**2 == pytest.approx(both)
    assert found.degrees == 5


def test_where_two_ways_come_out_too_small_the_larger_one_stands():
    """Differences that cancel in every unit: what all cells say together would be a variance below 0."""
    unit, origin = crossed(4, 4)
    values = np.where((unit + origin) % 2 == 0, 1.0, -1.0)
    found = clustered(means(values), ratio, unit, origin)
    assert found.standard_error >= 0
    assert found.value == 0


def test_one_origin_leaves_the_units_and_one_unit_the_origins():
    values = np.array([0.1, 0.4, 0.2, 0.5])
    numbers, one = np.arange(4), np.zeros(4, dtype=int)
    expected = clustered(means(values), ratio, numbers)
    assert clustered(means(values), ratio, numbers, one) == expected
    assert clustered(means(values), ratio, one, numbers) == expected
    assert np.isnan(clustered(means(values), ratio, one, one).interval()).all()
    # Cells that are clusters of their own: Student's t test.
    assert expected.p_value == pytest.approx(ttest_1samp(values, 0).pvalue)


@pytest.mark.parametrize("shift", np.linspace(-2, 2, 9))
def test_interval_and_p_value_never_contradict_each_other(shift):
    random = np.random.default_rng(3)
    unit, origin = crossed(12, 4)
    for _ in range(20):
        found = clustered(means(random.normal(shift, 2, 48)), ratio, unit, origin)
        low, high = found.interval(0.90)
        assert (low > 0 or high < 0) == (found.p_value < 0.10)


def test_skill_is_that_of_the_pooled_means_and_its_error_that_of_the_delta_method():
    random = np.random.default_rng(4)
    reference = random.gamma(4.0, 0.25, 300)
    own = 0.8 * reference + random.normal(0, 0.05, 300)
    parts = np.concatenate([means(own), means(reference)], axis=1)
    found = clustered(parts, ratio_skill, np.arange(300))
    assert found.value == pytest.approx(1 - own.mean() / reference.mean())
    influence = (own - own.mean() / reference.mean() * reference) / reference.mean()
    assert found.standard_error == pytest.approx(influence.std(ddof=1) / np.sqrt(300), rel=0.02)


def test_cells_without_a_value_count_for_nothing():
    values = np.array([0.1, 0.4, 0.2, 0.5, 9.0])
    parts = means(values)
    parts[4] = 0.0
    assert clustered(parts, ratio, np.arange(5)) == clustered(parts[:4], ratio, np.arange(4))


SIZES = np.array([9, 7, 6, 5, 5, 4, 4, 3, 3, 2, 1, 1])
"""Cells of twelve unequal platforms in a year."""


def covered_share(shock: float, replicates: int, origins: int = 4, seed: int = 0) -> float:
    """Share of studies whose 90 % interval of a mean difference holds the true one.

    Differences of cells: 0.02 in truth, own spread 0.05, of platforms 0.03, of years ``shock``; gamma-shaped cells.
    """
    random = np.random.default_rng(seed)
    unit = np.tile(np.repeat(np.arange(len(SIZES)), SIZES), origins)
    origin = np.repeat(np.arange(origins), SIZES.sum())
    held = 0
    for _ in range(replicates):
        cell = 0.05 * (random.gamma(2.0, size=len(unit)) - 2.0) / np.sqrt(2.0)
        platform, year = 0.03 * random.normal(size=len(SIZES)), shock * random.normal(size=origins)
        low, high = clustered(means(0.02 + cell + platform[unit] + year[origin]), ratio, unit, origin).interval()
        held += low <= 0.02 <= high
    return held / replicates


@pytest.mark.parametrize("shock", [0.0, 0.03, 0.10])
def test_intervals_cover_with_a_common_shock_of_the_year(shock):
    """At least 0.87 of 90 % intervals, where a bootstrap over platforms covers 0.85 and, with a shock, 0.58."""
    assert covered_share(shock, 600) >= 0.87


@pytest.mark.slow
@pytest.mark.parametrize("origins", [3, 4, 7])
@pytest.mark.parametrize("shock", [0.0, 0.03, 0.10])
def test_intervals_cover_with_any_number_of_origins(shock, origins):
    assert covered_share(shock, 3000, origins, seed=1) >= 0.87
