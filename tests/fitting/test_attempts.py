"""The one loop that samples until what is reported passes its gates."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from maternal_eval.core.errors import DiagnosticsError
from maternal_eval.methods.sampling import (
    Attempt,
    Gates,
    SamplerSettings,
    parameters_of,
    sample,
    sample_until_passed,
)
from tests.fitting.test_sampling import Normal

SETTINGS = SamplerSettings(chains=2, tune=150, draws=100, target_accept=0.8, adaptation="diag")
ATTEMPTS = (Attempt(), Attempt(2, 2, 0.95), Attempt(3, 4, 0.5))
EASY, ENDLESS = Gates(rhat=1.5, bulk_ess=5.0, tail_ess=5.0), Gates(bulk_ess=1e9)


@pytest.fixture(scope="module")
def normal() -> Normal:
    return Normal(np.array([1.0, -2.0]), np.diag([1.0, 0.25]))


def run(normal, gates, judged=None, attempts=ATTEMPTS):
    asked: list[Attempt] = []

    def seed(attempt: Attempt) -> int:
        asked.append(attempt)
        return 10 + attempt.draws

    found = sample_until_passed(normal, judged, gates=gates, seed=seed, settings=SETTINGS, attempts=attempts)
    return found, asked


def test_the_first_attempt_that_passes_is_the_last(normal):
    found, asked = run(normal, EASY)
    assert asked == [ATTEMPTS[0]]
    assert found.diagnostics.passed
    np.testing.assert_array_equal(found.x, parameters_of(sample(normal, seed=11, settings=SETTINGS)))
    assert found.required("it") is found


def test_each_attempt_is_longer_and_more_careful_and_has_its_own_seed(normal):
    found, asked = run(normal, ENDLESS)
    assert asked == list(ATTEMPTS)
    assert found.attempt == ATTEMPTS[-1]
    longest = SamplerSettings(chains=2, tune=450, draws=400, target_accept=0.8, adaptation="diag")
    np.testing.assert_array_equal(found.x, parameters_of(sample(normal, seed=14, settings=longest)))
    with pytest.raises(DiagnosticsError, match=r"the fit of it must not be used: .*bulk ESS"):
        found.required("it")


def test_the_gates_are_about_what_is_judged(normal):
    heard = []

    def judged(x: np.ndarray) -> xr.Dataset:
        heard.append(x.shape)
        return xr.Dataset({"sum": (("chain", "draw"), x.sum(axis=-1))})

    found, _ = run(normal, EASY, judged)
    assert heard == [(2, 100, 2)]
    assert found.diagnostics.quantities == 1
    assert found.diagnostics.worst == ("sum",)


def test_nothing_is_sampled_without_an_attempt(normal):
    with pytest.raises(ValueError, match="without an attempt"):
        run(normal, EASY, attempts=())
