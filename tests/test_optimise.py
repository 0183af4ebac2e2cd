"""Optimisers and roots: converged, or an error that names what did not."""

import numpy as np
import pytest
from scipy import optimize

from maternal_eval.core.errors import DiagnosticsError
from maternal_eval.methods.optimise import find_root, fit_residuals, minimise, minimise_on_simplex


def bowl(x):
    return float((x - 3) @ (x - 3)), 2 * (x - 3)


def rosenbrock(x):
    return float(optimize.rosen(x)), optimize.rosen_der(x)


def test_a_minimum_is_found_and_flat():
    found = minimise(rosenbrock, np.array([-1.2, 1.0, 0.5]), what="the valley")
    np.testing.assert_allclose(found.x, 1.0, atol=1e-3)
    assert found.gradient < 1e-3
    assert found.attempts == 1


def test_a_search_that_is_cut_short_goes_on_from_where_it_stopped():
    found = minimise(rosenbrock, np.array([-1.2, 1.0]), what="the valley", options={"maxiter": 15})
    assert found.attempts > 1
    np.testing.assert_allclose(found.x, 1.0, atol=1e-3)


def test_restarts_are_the_same_every_time():
    several = [minimise(rosenbrock, np.array([-1.2, 1.0]), what="v", options={"maxiter": 15}).x for _ in range(2)]
    np.testing.assert_array_equal(*several)


def test_a_search_that_never_arrives_says_so_and_what():
    with pytest.raises(DiagnosticsError, match=r"the steep valley did not converge in 5 attempts.*ITERATIONS"):
        minimise(rosenbrock, np.full(30, -1.2), what="the steep valley", options={"maxiter": 1})


def test_a_wrong_gradient_is_not_taken_for_a_minimum():
    # as where a kernel reads past its arrays: scipy alone says "success" at the start
    still = optimize.minimize(lambda x: (bowl(x)[0], 0 * x), np.zeros(2), jac=True, method="L-BFGS-B")
    assert still.success
    with pytest.raises(DiagnosticsError, match="did not converge"):
        minimise(lambda x: (bowl(x)[0], -bowl(x)[1]), np.zeros(2), what="uphill")


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_start_that_is_not_finite_is_refused(bad):
    with pytest.raises(DiagnosticsError, match="not finite where the search starts"):
        minimise(lambda x: (bad, np.zeros(1)), np.zeros(1), what="nothing")
    with pytest.raises(DiagnosticsError, match="not finite where the search starts"):
        fit_residuals(lambda x: np.array([bad]), np.zeros(1), what="nothing")
    with pytest.raises(DiagnosticsError, match="not finite at equal shares"):
        minimise_on_simplex(lambda w: (bad, np.zeros(2)), 2, what="nothing")


def test_a_value_that_falls_for_ever_is_no_minimum():
    with pytest.raises(DiagnosticsError, match="the slope did not converge"):
        minimise(lambda x: (-float(x[0]), -np.ones(1)), np.zeros(1), what="the slope")


def test_shares_that_minimise_a_quadratic_inside_and_at_a_corner():
    # w'Dw / 2 with D diagonal: shares go as 1 / D
    heavy = np.array([1.0, 2.0, 4.0])
    inside = minimise_on_simplex(lambda w: (0.5 * float(w * heavy @ w), heavy * w), 3, what="shares")
    np.testing.assert_allclose(inside.x, np.array([4, 2, 1]) / 7, atol=1e-5)
    corner = minimise_on_simplex(lambda w: (float(w @ heavy), heavy), 3, what="shares")
    np.testing.assert_allclose(corner.x, [1, 0, 0], atol=1e-12)
    assert minimise_on_simplex(lambda w: (float(w @ w), 2 * w), 1, what="one").x.tolist() == [1.0]


def test_shares_without_a_finite_gradient_or_with_a_bumpy_one_are_refused():
    with pytest.raises(DiagnosticsError, match="the shares did not converge"):
        minimise_on_simplex(lambda w: (float(w[0]), np.full(2, np.nan)), 2, what="the shares")
    with pytest.raises(DiagnosticsError, match=r"the shares did not converge.*above its minimum"):
        minimise_on_simplex(lambda w: (float(w[0]), np.array([-1.0, 1.0])), 2, what="the shares")


def test_residuals_are_fitted():
    found = fit_residuals(lambda x: np.array([x[0] - 1, 10 * (x[1] - x[0] ** 2)]), np.array([-1.2, 1.0]), what="r")
    np.testing.assert_allclose(found.x, 1.0, atol=1e-6)


def test_a_root_needs_a_change_of_sign():
    assert find_root(np.cos, 0, 2, what="x") == pytest.approx(np.pi / 2)
    with pytest.raises(DiagnosticsError, match=r"the crossing has no solution between 0 and 1: 1 at one end"):
        find_root(np.cos, 0, 1, what="the crossing")
    with pytest.raises(DiagnosticsError, match="no solution"):
        find_root(lambda x: np.nan, 0, 1, what="x")
