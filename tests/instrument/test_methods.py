"""Polychoric correlations, factor models, reliability and differential items against published and simulated values."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from maternal_eval.core.errors import DiagnosticsError, InputError
from maternal_eval.methods.decomposition import mix_and_within
from maternal_eval.methods.psychometrics.anchor import Anchors
from maternal_eval.methods.psychometrics.differential import differential, size_class
from maternal_eval.methods.psychometrics.factors import (
    bifactor_structure,
    fit_factors,
    group_structure,
    one_factor_structure,
)
from maternal_eval.methods.psychometrics.ordered_logit import fit_ordered_logit
from maternal_eval.methods.psychometrics.polychoric import (
    bivariate_normal,
    nearest_correlation,
    pair_tables,
    polychoric,
    thresholds_of,
)
from maternal_eval.methods.psychometrics.reliability import alpha, omega, one_factor
from maternal_eval.methods.psychometrics.tetrads import predicted_by_others

OLSSON = np.array([[13.0, 6, 0], [69, 113, 22], [41, 132, 104]])
"""The example of Olsson (1979), who prints 0.49 with thresholds -1.77, -0.14 and -0.69, 0.67."""

HOLZINGER = """
1.358
0.407  1.382
0.580  0.451  1.275
0.505  0.209  0.208  1.351
0.441  0.211  0.112  1.098  1.660
0.455  0.248  0.244  0.896  1.015  1.196
0.085 -0.097  0.088  0.220  0.143  0.144  1.183
0.264  0.110  0.212  0.126  0.181  0.165  0.535  1.022
0.458  0.244  0.374  0.243  0.295  0.236  0.373  0.457  1.015
"""
"""Covariances of nine tests of 301 children (Holzinger & Swineford 1939), as published to three decimals."""


def _holzinger() -> np.ndarray:
    lower = np.zeros((9, 9))
    for at, line in enumerate(HOLZINGER.strip().splitlines()):
        lower[at, : at + 1] = [float(one) for one in line.split()]
    return lower + lower.T - np.diag(np.diag(lower))


def test_bivariate_normal_against_scipy():
    random = np.random.default_rng(0)
    for first, second, rho in zip(*random.uniform(-2.5, 2.5, (2, 30)), random.uniform(-0.95, 0.95, 30), strict=True):
        exact = multivariate_normal([0, 0], [[1, rho], [rho, 1]]).cdf([first, second])
        assert bivariate_normal(np.array(first), np.array(second), np.array(rho)) == pytest.approx(exact, abs=2e-6)


def test_olssons_table():
    found = polychoric(OLSSON[None])
    assert found.converged.all()
    assert round(float(found.rho[0]), 2) == 0.49
    assert thresholds_of(OLSSON.sum(axis=1)).round(2).tolist() == [-1.77, -0.14]
    assert thresholds_of(OLSSON.sum(axis=0)).round(2).tolist() == [-0.69, 0.67]


@pytest.mark.parametrize(("first", "second", "both", "rho"), [
    (0.5, 0.5, 0.333333, 0.5), (0.5, 0.5, 0.1150267, -0.75), (0.5, 0.5, 0.397584, 0.8),
    (0.158655254, 0.158655254, 0.145003, 0.99),
])  # fmt: skip
def test_the_tetrachoric_examples_of_kirk(first, second, both, rho):
    table = np.array([[[1 - first - second + both, second - both], [first - both, both]]])
    assert polychoric(table).rho[0] == pytest.approx(rho, abs=2e-5)


def test_halved_variables_have_the_correlation_of_the_sine():
    share = np.array([0.05, 0.15, 0.25, 0.35, 0.45])
    tables = np.stack([[[one, 0.5 - one], [0.5 - one, one]] for one in share])
    np.testing.assert_allclose(polychoric(tables).rho, np.sin(2 * np.pi * share - np.pi / 2), atol=1e-6)


def test_simulated_correlations_are_recovered_with_gaps_and_weights():
    random = np.random.default_rng(1)
    target = np.array([[1, 0.6, 0.2], [0.6, 1, -0.4], [0.2, -0.4, 1]])
    latent = random.multivariate_normal(np.zeros(3), target, 30_000)
    codes = np.column_stack([np.digitize(one, cuts) for one, cuts in zip(
        latent.T, ([-1, 0, 1, 1.5], [-0.5, 0.5], [-2, -1, 0.3]), strict=True)])  # fmt: skip
    codes[random.random(codes.shape) < 0.3] = -1
    tables = pair_tables(codes, random.uniform(0.5, 1.5, len(codes)), np.arange(len(codes)) % 7, 7)
    found = tables.matrix(polychoric(tables.total()).rho)
    np.testing.assert_allclose(found, target, atol=0.03)
    times = np.array([2.0, 0, 1, 1, 1, 1, 1])
    np.testing.assert_allclose(tables.total(times), 2 * tables.counts[0] + tables.counts[2:].sum(axis=0))


def test_an_item_that_never_varies_has_no_correlation():
    found = polychoric(np.array([[[5.0, 0], [7, 0]], [[5, 2], [1, 6]]]))
    assert np.isnan(found.rho).tolist() == [True, False]
    with pytest.raises(InputError, match="too few items"):
        pair_tables(np.zeros((4, 1), dtype=int), np.ones(4), np.zeros(4, dtype=int), 1)


def test_correlations_that_do_not_belong_together_are_made_to():
    odd = np.array([[1, 0.9, -0.9], [0.9, 1, 0.9], [-0.9, 0.9, 1]])
    found, changed = nearest_correlation(odd)
    assert changed
    assert np.linalg.eigvalsh(found).min() > 0
    np.testing.assert_allclose(np.diag(found), 1)


def test_three_factors_of_holzinger_and_swineford():
    found = fit_factors(_holzinger(), group_structure(np.repeat([0, 1, 2], 3)))
    assert found.freedom == 24
    assert 301 * found.discrepancy == pytest.approx(85.3, abs=0.05)
    published = [0.772, 0.424, 0.581, 0.852, 0.855, 0.838, 0.570, 0.723, 0.665]
    np.testing.assert_allclose(found.standardised.max(axis=1), published, atol=2e-3)
    np.testing.assert_allclose(found.factors[np.tril_indices(3, -1)], [0.459, 0.471, 0.283], atol=2e-3)
    np.testing.assert_allclose(np.diag(found.implied), np.diag(_holzinger()), rtol=1e-3)


def test_models_that_hold_each_other_fit_in_that_order():
    groups = np.repeat([0, 1, 2], 3)
    one, three, general = (
        fit_factors(_holzinger(), of(groups)) for of in (one_factor_structure, group_structure, bifactor_structure)
    )
    assert one.freedom == 27
    assert general.freedom == 18
    assert one.discrepancy > three.discrepancy > general.discrepancy
    assert 301 * one.discrepancy == pytest.approx(312.3, abs=0.5)  # published for one factor: 312.264 on 27


def test_a_factor_model_finds_what_made_the_correlations_and_the_gradient_is_right():
    from scipy.optimize import check_grad

    from maternal_eval.methods.psychometrics.factors import _Problem

    groups = np.array([0, 0, 0, 1, 1, 1, 2, 2])
    loading = np.zeros((8, 3))
    loading[np.arange(8), groups] = [0.8, 0.7, 0.6, 0.5, 0.9, 0.7, 0.6, 0.6]
    phi = np.array([[1, 0.5, 0.3], [0.5, 1, 0.4], [0.3, 0.4, 1]])
    true = loading @ phi @ loading.T
    np.fill_diagonal(true, 1.0)
    found = fit_factors(true, group_structure(groups))
    assert found.discrepancy < 1e-6
    np.testing.assert_allclose(found.correlations, true, atol=1e-3)
    for structure in (group_structure(groups), bifactor_structure(groups), one_factor_structure(groups)):
        problem = _Problem(_holzinger()[:8, :8], structure)
        point = problem.start() + 0.1 * np.sin(np.arange(len(problem.start())))
        assert check_grad(lambda x, p=problem: p(x)[0], lambda x, p=problem: p(x)[1], point) < 1e-4


def test_the_others_predict_a_pair_without_itself():
    groups = np.array([0, 0, 0, 1, 1, 1, 1])
    loading = np.array([0.8, 0.7, 0.6, 0.5, 0.9, 0.7, 0.6])
    true = np.outer(loading, loading) * np.where(groups[:, None] == groups, 1.0, 0.4)
    np.fill_diagonal(true, 1.0)
    np.testing.assert_allclose(predicted_by_others(true, groups), true, atol=1e-9)
    twins = true.copy()
    twins[3, 4] = twins[4, 3] = 0.95
    assert predicted_by_others(twins, groups)[3, 4] == pytest.approx(0.45)
    alone = predicted_by_others(true[:2, :2], groups[:2])
    assert np.isnan(alone[0, 1])


def test_one_item_is_no_factor_and_two_share_their_loading():
    with pytest.raises(InputError, match="a group of one item"):
        group_structure(np.array([0, 0, 1]))
    structure = bifactor_structure(np.array([0, 0, 0, 1, 1]))
    assert structure.loadings[3, 2] == structure.loadings[4, 2]
    with pytest.raises(InputError, match="positive definite"):
        fit_factors(np.ones((3, 3)), one_factor_structure(np.zeros(3, dtype=int)))


def test_alpha_and_omega_of_equal_loadings_are_the_same_and_follow_spearman_and_brown():
    for k, r in ((2, 0.5), (3, 0.4), (10, 0.3)):
        matrix = np.full((k, k), r) + (1 - r) * np.eye(k)
        expected = k * r / (1 + (k - 1) * r)
        assert float(alpha(matrix)) == pytest.approx(expected)
        assert float(omega(matrix)) == pytest.approx(expected, abs=1e-5)


def test_omega_exceeds_alpha_where_loadings_differ():
    loading = np.array([0.9, 0.8, 0.5, 0.3])
    matrix = np.outer(loading, loading)
    np.fill_diagonal(matrix, 1.0)
    common = loading.sum() ** 2
    assert float(omega(matrix)) == pytest.approx(common / (common + (1 - loading**2).sum()), abs=1e-4)
    assert float(alpha(matrix)) < float(omega(matrix))
    np.testing.assert_allclose(one_factor(np.stack([matrix, matrix])), [loading, loading], atol=1e-3)


def test_ordered_logit_agrees_with_statsmodels():
    statsmodels = pytest.importorskip("statsmodels.miscmodels.ordinal_model")
    random = np.random.default_rng(3)
    x = random.standard_normal((1500, 2))
    answer = np.digitize(x @ [0.8, -0.4] + random.logistic(size=1500), [-1.5, 0, 1])
    counts = (answer[:, None] == np.arange(4)).astype(float)
    mine = fit_ordered_logit(counts, x)
    other = statsmodels.OrderedModel(answer, x, distr="logit").fit(method="bfgs", disp=False)
    np.testing.assert_allclose(mine.slopes, other.params[:2], atol=1e-3)
    assert mine.log_likelihood == pytest.approx(other.llf, abs=1e-3)
    errors = np.sqrt(np.diag(mine.covariance))[3:]
    np.testing.assert_allclose(errors, other.bse[:2], rtol=0.03)


def test_ordered_logit_refuses_what_has_no_fit():
    with pytest.raises(InputError, match="same answer"):
        fit_ordered_logit(np.array([[3.0, 0.0]]), np.zeros((1, 0)))
    with pytest.raises(DiagnosticsError):
        fit_ordered_logit(np.array([[9.0, 0.0], [0.0, 9.0]]), np.array([[0.0], [1.0]]))
    with pytest.raises(DiagnosticsError, match="say the same"):
        fit_ordered_logit(np.array([[9.0, 3.0], [4.0, 9.0]]), np.zeros((2, 1)))


def _flags(replicates: int, bias: float, seed: int) -> tuple[float, float, float]:
    """Return how often items without and with bias are flagged at 5 %, and the mean effect found, in logits.

    Two groups of 1,000 that differ by half a standard deviation in what is measured; eight items with five answers, of
    which the last has the bias; the anchor of an item holds the others without bias.
    """
    random = np.random.default_rng(seed)
    null, hits, effects = [], [], []
    for _replicate in range(replicates):
        group = np.repeat([0, 1], 1000)
        true = random.standard_normal(2000) + 0.5 * group
        latent = 1.4 * true[:, None] + random.logistic(size=(2000, 8))
        latent[:, 7] += bias * group
        codes = np.stack([np.digitize(one, [-2.2, -0.7, 0.7, 2.2]) for one in latent.T], axis=1)
        clean = Anchors(codes[:, :7].astype(float), group)
        null += [differential(codes[:, item], clean.of(item), group, 2).p_value < 0.05 for item in (0, 3)]
        biased = differential(codes[:, 7], Anchors(codes.astype(float), group).of(7), group, 2)
        hits.append(biased.p_value < 0.05)
        effects.append(biased.effect[1] - biased.effect[0])
    return float(np.mean(null)), float(np.mean(hits)), float(np.mean(effects))


def test_items_without_bias_are_flagged_at_the_nominal_rate_and_moderate_bias_is_found():
    null, power, effect = _flags(100, 0.43, seed=8)
    assert null == pytest.approx(0.05, abs=0.04)  # 200 tests: two standard errors are 0.03
    assert power >= 0.8
    assert effect == pytest.approx(0.43, abs=0.08)


def test_an_anchor_that_is_not_corrected_would_flag_too_often():
    """Groups that differ in what is measured, and an anchor of three items: the reason for Kelley's estimate."""
    random = np.random.default_rng(5)
    group = np.repeat([0, 1], 20_000)
    true = random.standard_normal(40_000) + 0.8 * group
    codes = np.digitize(1.2 * true[:, None] + random.logistic(size=(40_000, 4)), [-1.5, 0, 1.5])
    anchors = Anchors(codes.astype(float), group)
    plain = np.delete(anchors.scaled, 0, axis=1).mean(axis=1)
    corrected, raw = (differential(codes[:, 0], one, group, 2) for one in (anchors.of(0), plain))
    assert abs(corrected.spread) < 0.1 < 0.2 < abs(raw.spread)


def test_shift_is_what_the_mean_answer_moves_by():
    random = np.random.default_rng(6)
    group = np.repeat([0, 1], 20_000)
    true = random.standard_normal(40_000)
    latent = true[:, None] * 1.5 + random.logistic(size=(40_000, 7))
    latent[:, 6] += 0.6 * group
    codes = np.stack([np.digitize(one, [-2, -0.7, 0.7, 2]) for one in latent.T], axis=1)
    found = differential(codes[:, 6], Anchors(codes.astype(float), group).of(6), group, 2)
    apart = codes[group == 1, 6].mean() - codes[group == 0, 6].mean()
    assert found.shift[1] - found.shift[0] == pytest.approx(apart, abs=0.05)
    assert found.slope_p_value > 1e-4


def test_one_group_alone_cannot_differ():
    with pytest.raises(InputError, match="one group only"):
        differential(np.array([0, 1, 1]), np.zeros(3), np.zeros(3, dtype=int), 2)
    found = differential(np.tile([0, 1, 2], 200), np.tile([0.0, 1, 2, 0.5], 150), np.repeat([0, 2], 300), 3)
    assert np.isnan(found.effect).tolist() == [False, True, False]
    assert size_class(found.spread) == "negligible"


def test_mix_and_within_add_up_to_the_difference():
    random = np.random.default_rng(7)
    mass, own = random.uniform(1, 5, (2, 6))
    level, mine = random.standard_normal((2, 6))
    own[2] = 0.0
    mix, within = mix_and_within(own, own * mine, mass, mass * level)
    assert mix + within == pytest.approx((own @ mine) / own.sum() - (mass @ level) / mass.sum())
    alike = mix_and_within(mass, mass * (level + 1), mass, mass * level)
    assert (float(alike[0]), float(alike[1])) == pytest.approx((0.0, 1.0))
