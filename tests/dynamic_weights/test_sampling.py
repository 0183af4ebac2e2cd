"""Known stage weights are recovered; the corrected summary is the exact posterior; checks are kept."""

from dataclasses import replace

import numpy as np
import pytest

from maternal_eval.core.errors import InputError
from maternal_eval.methods.sampling import Gates, SamplerSettings
from maternal_eval.methods.simplex_regression.prior import StagePrior
from maternal_eval.methods.simplex_regression.sampling import StageWeightDraws, _importance, sample_stage_weights
from tests.dynamic_weights.conftest import DIMENSION_START, simulate_stage, true_weights

STATIC = np.array([0.25, 0.10, 0.15, 0.20, 0.10, 0.20])
SHORT = SamplerSettings(chains=4, tune=300, draws=1000, target_accept=0.8, adaptation="diag")


def fit(answers, method="summary", seed=1, settings=SHORT, step=0.15, shift=0.4, ordered=True, corrected=1000):
    prior = StagePrior.around(STATIC, DIMENSION_START, len(answers), ordered, shift=shift, step_median=step)
    return sample_stage_weights(
        answers, prior, 1.0, settings=settings, corrected=corrected, gates=Gates(), method=method, seed=seed
    )


def summary(draws):
    mean = np.tensordot(draws.importance, draws.weights, 1)
    return mean, np.sqrt(np.tensordot(draws.importance, (draws.weights - mean) ** 2, 1))


@pytest.fixture(scope="module")
def fitted(simulated):
    return fit(simulated[0])


def test_known_weights_are_recovered(fitted, simulated):
    truth = simulated[1]
    mean, spread = summary(fitted)
    assert (np.abs(mean - truth) < 3.5 * spread).all()
    assert (np.abs(mean - truth) < 1.645 * spread).mean() > 0.7
    assert mean[2, 1] > 2 * mean[0, 1]  # the one that is heavier in the last stage
    assert spread.max() < 0.08


def test_checks_are_kept(fitted):
    checks = fitted.checks.set_index("check")
    assert set(checks["status"]) == {"passed", "informational"}
    assert checks.loc["Pareto k", "value"] < 0.7
    assert checks.loc["divergences", "value"] == 0


def test_same_seed_gives_the_same_draws(simulated):
    once, again = (fit(simulated[0][:2], seed=0) for _ in range(2))
    np.testing.assert_array_equal(once.weights, again.weights)


def test_without_movement_all_stages_share_their_weights(simulated):
    draws = fit(simulated[0], step=1e-6)
    np.testing.assert_allclose(np.ptp(draws.weights, axis=1), 0.0, atol=1e-4)


def test_twins_share_their_weight():
    random = np.random.default_rng(2)
    stages = [simulate_stage(STATIC, 1000, random, missing=0.0, twin=True) for _ in range(2)]
    draws = fit(stages, step=1e-3, ordered=False)
    _, single = summary(draws)
    both = draws.weights[:, :, 4:6].sum(axis=2)
    spread = np.sqrt(np.tensordot(draws.importance, (both - draws.importance @ both) ** 2, 1))
    # what is known is the sum: it is less uncertain than independent parts would be
    assert (spread < 0.8 * np.hypot(single[:, 4], single[:, 5])).all()
    correlation = np.corrcoef(draws.weights[:, 0, 4], draws.weights[:, 0, 5])[0, 1]
    assert correlation < -0.4


def test_importance_moves_draws_towards_the_exact_posterior():
    # draws from a normal distribution, corrected to one that is moved and narrower: its moments are known
    x = np.random.default_rng(0).standard_normal(20_000)
    exact = -0.5 * (x - 0.4) ** 2 / 0.8**2
    weights, checks = _importance(exact + 0.5 * x**2, Gates())
    assert all(check.passed for check in checks)
    mean = weights @ x
    assert mean == pytest.approx(0.4, abs=0.03)
    assert np.sqrt(weights @ (x - mean) ** 2) == pytest.approx(0.8, abs=0.03)


def test_resampling_follows_importance():
    importance = np.array([0.5, 0.25, 0.25, 0.0])
    draws = StageWeightDraws(*[None] * 3, importance, None)
    counts = np.bincount(draws.resampled(np.random.default_rng(0)), minlength=4)
    assert counts.tolist() == [2, 1, 1, 0]


def test_unknown_method_is_told(simulated):
    with pytest.raises(InputError, match="unknown method"):
        fit(simulated[0], method="guess")


@pytest.mark.slow
def test_corrected_summary_equals_the_exact_posterior(simulated):
    longer = replace(SHORT, draws=3000)
    exact, corrected = (
        fit(simulated[0], method=method, settings=longer, corrected=12_000) for method in ("exact", "summary")
    )
    mean, spread = summary(corrected)
    exact_mean, exact_spread = summary(exact)
    # about 3,000 effective draws on both sides: a difference scatters by 0.026, and 18 are looked at
    assert np.abs((mean - exact_mean) / exact_spread).max() < 0.09
    np.testing.assert_allclose(spread, exact_spread, rtol=0.06)
    # and the correction is needed: without it the summary is further away
    plain = corrected.weights.mean(axis=0)
    assert np.abs(plain - exact_mean).mean() > np.abs(mean - exact_mean).mean()


@pytest.mark.slow
def test_intervals_cover_over_replicates():
    truth, inside = true_weights(2), []
    for replicate in range(20):
        random = np.random.default_rng(100 + replicate)
        draws = fit([simulate_stage(w, 1000, random) for w in truth], seed=replicate)
        chosen = draws.weights[draws.resampled(random)]
        low, high = np.quantile(chosen, [0.05, 0.95], axis=0)
        inside.append((low <= truth) & (truth <= high))
    # static weights are those of the first stage, so its intervals cover more than nominally
    assert np.mean(inside) > 0.85
    assert np.mean(inside, axis=0).min() > 0.5
