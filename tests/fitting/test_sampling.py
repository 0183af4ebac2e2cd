"""The one place for sampling."""

from __future__ import annotations

import numpy as np
import pytest

from maternal_eval.core.errors import DiagnosticsError
from maternal_eval.methods.sampling import POSTERIOR, SamplerSettings, compile_model, diagnose, sample

SHORT = SamplerSettings(tune=300, draws=500)


class Normal:
    """A normal density with given mean and covariance."""

    def __init__(self, mean: np.ndarray, covariance: np.ndarray):
        self.mean, self.precision = mean, np.linalg.inv(covariance)
        self.names = [f"x{number}" for number in range(len(mean))]

    def log_density(self, x: np.ndarray) -> tuple[float, np.ndarray]:
        pull = self.precision @ (self.mean - x)
        return float(0.5 * pull @ (x - self.mean)), pull


class Broken:
    """A density that cannot be evaluated."""

    names = ("a",)

    def log_density(self, x: np.ndarray) -> tuple[float, np.ndarray]:
        raise ZeroDivisionError("no such model")


COVARIANCE = np.array([[1.0, 0.9, 0.0], [0.9, 1.0, 0.0], [0.0, 0.0, 0.04]])


@pytest.fixture(scope="module")
def normal() -> Normal:
    return Normal(np.array([1.0, 0.0, -2.0]), COVARIANCE)


@pytest.fixture(scope="module")
def tree(normal):
    return sample(normal, seed=0, settings=SHORT)


def test_moments_of_a_correlated_normal(normal, tree):
    assert diagnose(tree).passed
    draws = tree[POSTERIOR]["parameter"].to_numpy().reshape(-1, 3)
    assert draws.mean(axis=0) == pytest.approx(normal.mean, abs=0.1)
    assert np.cov(draws.T) == pytest.approx(COVARIANCE, abs=0.12)


def test_draws_carry_the_names(tree):
    assert tree[POSTERIOR]["parameter"].dims == ("chain", "draw", "name")
    assert tree[POSTERIOR]["name"].values.tolist() == ["x0", "x1", "x2"]


def test_the_seed_decides_the_draws(normal, tree):
    again = sample(normal, seed=0, settings=SHORT)
    other = sample(normal, seed=1, settings=SHORT)
    assert np.array_equal(again[POSTERIOR]["parameter"], tree[POSTERIOR]["parameter"])
    assert not np.array_equal(other[POSTERIOR]["parameter"], tree[POSTERIOR]["parameter"])


def test_progress_rises_to_the_total(normal):
    heard = []
    sample(normal, seed=3, settings=SHORT, progress=lambda *news: heard.append(news), task="fitting it")
    assert {task for task, _, _ in heard} == {"fitting it"}
    done = [number for _, number, _ in heard]
    assert done[0] == 0
    assert done[-1] == heard[-1][2] == 4 * 800
    assert done == sorted(done)


def test_a_density_that_fails_is_an_error_and_not_a_crash():
    with pytest.raises(DiagnosticsError):
        sample(Broken(), seed=0, settings=SHORT)


def test_a_made_ready_density_gives_the_same_draws(normal, tree):
    again = sample(compile_model(normal), seed=0, settings=SHORT)
    assert np.array_equal(again[POSTERIOR]["parameter"], tree[POSTERIOR]["parameter"])


@pytest.mark.slow
def test_pymc_model_is_compiled_once_and_its_data_exchanged():
    import pymc as pm

    with pm.Model() as model:
        data = pm.Data("data", np.full(400, 1.0))
        mean = pm.Flat("mean")
        pm.Normal("observed", mean, 1.0, observed=data)
    compiled = compile_model(model)
    settings = SamplerSettings(adaptation="diag")
    first = sample(compiled, seed=0, settings=settings)
    second = sample(compiled.with_data(data=np.full(400, 5.0)), seed=0, settings=settings)
    assert float(first[POSTERIOR]["mean"].mean()) == pytest.approx(1.0, abs=0.02)
    assert float(second[POSTERIOR]["mean"].mean()) == pytest.approx(5.0, abs=0.02)
