"""Measures of agreement against published examples, closed forms and coverage."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from maternal_eval.core.errors import InputError
from maternal_eval.methods.agreement.bland_altman import COVERAGE, limits_of_agreement
from maternal_eval.methods.agreement.intraclass import intraclass_correlations
from maternal_eval.methods.agreement.krippendorff import krippendorff_alpha
from maternal_eval.methods.agreement.precision import joined_gain, largest_gain, required_error
from maternal_eval.methods.agreement.rank_association import rank_association, residuals
from maternal_eval.methods.agreement.readings import complete_readings
from maternal_eval.methods.agreement.sources import equal_units, own_units, source_errors
from maternal_eval.methods.agreement.tolerance import DEFINITIONS, accuracy_curve, dropping, tolerance_for, within_truth

JUDGES = np.array([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7.0]])
"""Six targets by four judges: Shrout & Fleiss (1979), table 2."""

_ = np.nan
OBSERVERS = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, _, _, _],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, _, 3],
        [_, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, _],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, _],
    ]
).T
"""Twelve units by four observers: Krippendorff (2011), example C/D."""

WRIGHT = np.array([494, 395, 516, 434, 476, 557, 413, 442, 650, 433, 417, 656, 267, 478, 178, 423, 427.0])
MINI = np.array([512, 430, 520, 428, 500, 600, 364, 380, 658, 445, 432, 626, 260, 477, 259, 350, 451.0])
"""Peak expiratory flow, l/min, first readings of two meters: Bland & Altman (1986), table 1."""


def test_the_six_intraclass_correlations_of_shrout_and_fleiss():
    found = intraclass_correlations(JUDGES, 0.95)
    assert [round(one.value, 2) for one in found.values()] == [0.17, 0.29, 0.71, 0.44, 0.62, 0.91]
    # 95 % intervals as psych::ICC and irr::icc print them for this table
    ends = {
        "ICC(1,1)": (-0.133, 0.723),
        "ICC(2,1)": (0.019, 0.761),
        "ICC(3,1)": (0.342, 0.946),
        "ICC(3,k)": (0.676, 0.986),
    }
    for name, (low, high) in ends.items():
        assert (found[name].low, found[name].high) == pytest.approx((low, high), abs=6e-4)


def test_sources_that_agree_exactly_have_correlations_of_one():
    table = np.column_stack([np.arange(5.0)] * 3)
    assert [one.value for one in intraclass_correlations(table).values()] == pytest.approx([1.0] * 6)


@pytest.mark.parametrize(("level", "published"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)])
def test_krippendorffs_published_example(level, published):
    found = krippendorff_alpha(OBSERVERS, level, resamples=400, seed=1)
    assert found.value == pytest.approx(published, abs=5e-4)
    assert found.units == 11  # the unit that one observer alone has coded says nothing
    assert found.low < found.value < found.high <= 1


def test_ordinal_alpha_does_not_know_distances_and_the_others_do():
    stretched = np.exp(OBSERVERS)
    for level, same in (("ordinal", True), ("nominal", True), ("interval", False)):
        apart = krippendorff_alpha(stretched, level).value - krippendorff_alpha(OBSERVERS, level).value
        assert (abs(apart) < 1e-12) == same, level


def test_random_codes_have_alpha_near_nought():
    codes = np.random.default_rng(3).integers(1, 6, (4000, 3)).astype(float)
    for level in ("nominal", "ordinal", "interval"):
        assert abs(krippendorff_alpha(codes, level).value) < 0.03


def test_peak_flow_of_bland_and_altman():
    found = limits_of_agreement(WRIGHT, MINI, 0.95)
    assert round(found.bias, 1) == -2.1
    assert round(found.sd, 1) == 38.8
    # they print -80 and 76 with two standard deviations; the mean's interval is -22.0 to 17.8
    assert (found.bias_low, found.bias_high) == pytest.approx((-22.0, 17.8), abs=0.1)
    assert found.upper - found.lower == pytest.approx(2 * norm.ppf(0.5 + COVERAGE / 2) * 38.765, abs=0.01)


def test_intervals_of_the_limits_hold_the_true_limit_as_often_as_they_say():
    random = np.random.default_rng(5)
    inside, replicates, true = 0, 1500, norm.ppf(0.5 + COVERAGE / 2)
    for _replicate in range(replicates):
        found = limits_of_agreement(random.standard_normal(25), np.zeros(25) + 1e-9 * random.standard_normal(25), 0.90)
        inside += found.upper_low <= true <= found.upper_high
    assert inside / replicates == pytest.approx(0.90, abs=0.03)


def test_error_variances_of_known_covariances():
    truth, errors = 50.0, np.array([4.0, 9.0, 25.0, 1.0])
    covariance = truth + np.diag(errors)
    np.testing.assert_allclose(equal_units(covariance), errors)
    np.testing.assert_allclose(own_units(covariance), errors)
    unit = np.array([1.0, 0.5, 2.0, 1.0])
    stretched = covariance * np.outer(unit, unit)
    np.testing.assert_allclose(own_units(stretched), errors * unit**2)


def _records(random, n, errors, shared=0.0, objective=None):
    """Records of one truth; the first two sources share an error of that variance."""
    truth = 50 + 12 * random.standard_normal(n)
    common = np.sqrt(shared) * random.standard_normal(n)
    columns = [truth + s * random.standard_normal(n) + (common if at < 2 else 0) for at, s in enumerate(errors)]
    return np.column_stack(columns if objective is None else [*columns, truth + objective * random.standard_normal(n)])


def test_unequal_errors_are_recovered_with_intervals_that_cover():
    random = np.random.default_rng(11)
    errors, hits, replicates = np.array([4.0, 7.0, 11.0]), np.zeros(3), 60
    for replicate in range(replicates):
        found = source_errors(_records(random, 600, errors), resamples=200, seed=replicate)
        low, high = found.interval_of(found.variance_draws)
        hits += (low <= errors**2) & (errors**2 <= high)
    assert (hits / replicates >= 0.80).all()  # nominal 0.90; 60 replicates leave ±0.06


def test_a_pair_that_shares_its_error_looks_better_than_it_is_and_the_excess_tells():
    random = np.random.default_rng(2)
    found = source_errors(_records(random, 40_000, [5.0, 5.0, 5.0], shared=16.0), resamples=50)
    # both of the pair err by 25 + 16 and are taken for 25, the third for 25 + 16
    assert found.variance == pytest.approx([25, 25, 41], abs=2.5)
    assert found.excess[0] == pytest.approx(16, abs=2.5)
    assert found.with_shared(0) == pytest.approx([41, 41, 25], abs=2.5)


def test_a_fourth_objective_source_tells_who_shares_and_which_is_best():
    random = np.random.default_rng(4)
    found = source_errors(_records(random, 40_000, [5.0, 6.0, 8.0], shared=16.0, objective=2.0), resamples=50)
    assert found.pairs[int(np.argmax(found.excess))] == (0, 1)
    assert found.excess.max() == pytest.approx(16, abs=2.5)
    assert found.with_shared(int(np.argmax(found.excess))) == pytest.approx([41, 52, 64, 4], abs=3)


def test_definitions_of_accurate_by_hand():
    table = np.array([[10.0, 12.0, 30.0], [50.0, 40.0, 45.0]])
    distances = {name: one.distance(table).tolist() for name, one in DEFINITIONS.items()}
    assert distances == {"all": [20.0, 10.0], "majority": [2.0, 5.0], "first": [11.0, 7.5]}


def test_the_curve_rises_and_the_tolerance_inverts_it():
    random = np.random.default_rng(0)
    distance = np.abs(random.standard_normal(500))
    share, low, high = accuracy_curve(distance, np.linspace(0, 4, 41))
    assert (np.diff(share) >= 0).all()
    assert ((low <= share) & (share <= high)).all()
    at, below, above = tolerance_for(distance, 0.9)
    assert (distance <= at).mean() >= 0.9 > (distance < at).mean()
    assert below <= norm.ppf(0.95) <= above


def test_within_truth_is_the_normal_probability():
    np.testing.assert_allclose(
        within_truth(np.array([1.0, 2.0, 0.0]), np.array([1.959964])), [[0.95], [0.672898], [1.0]], atol=1e-5
    )


def test_dropping_discordant_records_moves_means_where_errors_are_lopsided():
    random = np.random.default_rng(9)
    truth = 50 + 10 * random.standard_normal(20_000)
    # the third source overshoots now and then: leaving those out pulls its mean down
    third = truth + random.standard_normal(20_000) + np.where(random.random(20_000) < 0.1, 30.0, 0.0)
    readings = np.column_stack([truth + random.standard_normal(20_000), truth, third])
    found = dropping(readings, readings, 20.0)
    assert found.kept.mean() == pytest.approx(0.9, abs=0.01)
    assert found.change[2] == pytest.approx(-3.0, abs=0.2)
    assert found.change_low[2] < -3.0 + 0.2
    assert abs(found.change[0]) < 0.2
    np.testing.assert_allclose(found.after - found.before, found.change)


def test_precision_of_an_objective_reading_inverts_its_gain():
    weight, own, total = 0.2, 6.5, 9.0
    for gain in (0.02, 0.05, 0.1):
        assert joined_gain(weight, own, required_error(weight, own, total, gain), total) == pytest.approx(gain)
    best = largest_gain(weight, own, total)
    assert best == pytest.approx(weight**2 * own**2 / total)
    assert np.isnan(required_error(weight, own, total, best * 1.001))
    # joined with the best weights, by simulation
    random = np.random.default_rng(1)
    item, reading = own * random.standard_normal(200_000), 3.0 * random.standard_normal(200_000)
    joined = (item / own**2 + reading / 9.0) / (1 / own**2 + 1 / 9.0)
    fall = weight**2 * (own**2 - joined.var()) / total
    assert fall == pytest.approx(joined_gain(weight, own, 3.0, total), rel=0.02)


def test_association_within_clusters_is_not_that_between_them():
    random = np.random.default_rng(6)
    cluster, period = np.repeat(np.arange(12), 6), np.tile(np.arange(6), 12)
    moved = random.standard_normal(72)
    first = 5.0 * cluster + moved
    second = -5.0 * cluster + moved + 0.3 * random.standard_normal(72)
    assert rank_association(first, second, cluster, within=False).value < -0.9
    inside = rank_association(first, second, cluster, period)
    assert inside.value > 0.8
    assert inside.low <= inside.value <= inside.high
    assert inside.clusters == 12
    np.testing.assert_allclose(np.bincount(cluster, residuals(first, cluster)), 0, atol=1e-9)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (np.ones((5, 1)), "too few sources"),
        (np.column_stack([np.arange(5.0), np.ones(5)]), "a source never varies"),
        (np.column_stack([np.arange(5.0), [1, np.nan, np.nan, np.nan, 2]]), "too few complete records"),
    ],
)
def test_readings_that_cannot_be_compared_are_refused(table, said):
    with pytest.raises(InputError, match=said):
        complete_readings(table)


def test_alpha_refuses_what_has_none():
    for table, said in ((np.ones((4, 2)), "all codes are the same"), (np.array([[1.0, _], [_, 2.0]]), "two codes")):
        with pytest.raises(InputError, match=said):
            krippendorff_alpha(table)
    with pytest.raises(InputError, match="level"):
        krippendorff_alpha(OBSERVERS, "ratio")


def test_two_clusters_have_no_association():
    with pytest.raises(InputError, match="too few clusters"):
        rank_association(np.arange(4.0), np.arange(4.0), np.array([0, 0, 1, 1]))
