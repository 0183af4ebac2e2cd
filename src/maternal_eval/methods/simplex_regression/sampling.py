r"""From answers to posterior draws: summarise, sample the summary, correct to the exact posterior.

1. The log-likelihood of each stage is expanded (:mod:`maternal_eval.methods.simplex_regression.summary`) at the mode,
   found by repeating the expansion (Newton's method), then at the mean of a short pilot run.
2. The No-U-Turn sampler draws from the posterior given these summaries: microseconds a step instead of a pass
   over all answers.
3. The exact log-likelihood of some of the draws, all nuisance parameters included, gives importance weights,
   Pareto-smoothed (Vehtari et al. 2024). If k-hat is at most 0.7 and enough effective draws are left, weighted
   averages are those of the exact posterior.
4. Otherwise (few answers) the exact posterior itself is sampled, which is slow per answer but then has few.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from maternal_eval.core.checks import Check, at_least, at_most
from maternal_eval.core.errors import DiagnosticsError, InputError
from maternal_eval.core.progress import Progress, report
from maternal_eval.core.randomness import generator, named
from maternal_eval.core.threads import side_by_side
from maternal_eval.methods.sampling import (
    ONCE,
    RELIABLE_K,
    Attempt,
    Gates,
    LogDensity,
    Sampled,
    SamplerSeed,
    SamplerSettings,
    check_table,
    parameters_of,
    pareto_smoothed,
    sample,
    sample_until_passed,
)
from maternal_eval.methods.simplex_regression.exact import ExactPosterior
from maternal_eval.methods.simplex_regression.likelihood import StageAnswers, log_likelihood
from maternal_eval.methods.simplex_regression.posterior import StageWeightPosterior
from maternal_eval.methods.simplex_regression.prior import StagePrior
from maternal_eval.methods.simplex_regression.summary import NuisancePrior, QuadraticSummary, summarise

ATTEMPTS = (Attempt(), Attempt(2, 2, 0.95), Attempt(5, 5, 0.99))

NEWTON_STEPS = 25
NEWTON_TOLERANCE = 0.05
HALVINGS = 12
ROUNDING = 1e-3
"""Loss of log density that a Newton step may show near the mode without being a step too far."""
WORKERS = 2
CLEAR = 2.0
"""A step whose movement is this many standard deviations from 0 in the pilot run is sampled centred."""

METHODS = ("auto", "summary", "exact")
PILOT = SamplerSettings(chains=2, tune=200, draws=300, target_accept=0.8, adaptation="diag")
ROUGH = Gates(rhat=1.1, bulk_ess=25.0, tail_ess=15.0, divergences=30, ebfmi=0.2)
"""What the mean of a short run needs: chains that agree, and an error of it far below the spread of the posterior."""


@dataclass(frozen=True)
class StageWeightDraws:
    """Draws from the posterior of the stage weights.

    Attributes
    ----------
    weights
        Draws × stages × indicators.
    slope
        Draws × stages.
    tau
        Draws.
    importance
        Importance of each draw; they sum to 1.
    checks
        Table of the checks that the fit passed.
    """

    weights: np.ndarray
    slope: np.ndarray
    tau: np.ndarray
    importance: np.ndarray
    checks: pd.DataFrame

    def resampled(self, random: np.random.Generator) -> np.ndarray:
        """Return as many positions as there are draws, each as often as its importance says (systematic resampling)."""
        count = self.importance.size
        points = (np.arange(count) + random.random()) / count
        return np.minimum(np.searchsorted(np.cumsum(self.importance), points), count - 1)


@dataclass(frozen=True)
class _Problem:
    answers: tuple[StageAnswers, ...]
    prior: StagePrior
    nuisance_priors: tuple[NuisancePrior, ...]

    def expand(self, theta: np.ndarray, nuisance: Sequence[np.ndarray], workers: Executor) -> StageWeightPosterior:
        summaries = list(workers.map(summarise, theta, nuisance, self.answers, self.nuisance_priors))
        return StageWeightPosterior.plain(self.prior, summaries)

    def exact(self, plain: StageWeightPosterior, x: np.ndarray, nuisance: Sequence[np.ndarray]) -> float:
        """Return the exact log posterior density of x and the nuisance parameters, up to a constant."""
        theta = self.prior.theta(x)
        value = sum(
            log_likelihood(np.concatenate([of_stage, part]), answers)[0] + float(prior.log_density(part))
            for of_stage, part, answers, prior in zip(theta, nuisance, self.answers, self.nuisance_priors, strict=True)
        )
        return plain.with_likelihood(x, theta, value, np.zeros_like(theta))[0]


def sample_stage_weights(
    answers: Sequence[StageAnswers],
    prior: StagePrior,
    effect_scale: float,
    *,
    settings: SamplerSettings,
    corrected: int,
    gates: Gates,
    method: str = "auto",
    seed: int | np.random.SeedSequence,
    progress: Progress | None = None,
) -> StageWeightDraws:
    """Draw from the posterior of the stage weights.

    Parameters
    ----------
    answers
        One per stage.
    prior
        Prior of weights and slopes.
    effect_scale
        Prior standard deviation of the effects (logits).
    settings
        Length of the chains.
    corrected
        Number of draws whose exact likelihood is computed; these are returned.
    gates
        What R-hat and effective sample sizes have to keep.
    method
        "summary": sample the summaries and correct; "exact": pass over all answers at every step; "auto": the
        first unless its correction shows that it does not do.

    Raises
    ------
    DiagnosticsError
        If a gate fails.
    InputError
        If the method is unknown.
    """
    if method not in METHODS:
        raise InputError("unknown method", found=method, expected=" or ".join(METHODS))
    problem = _Problem(tuple(answers), prior, tuple(NuisancePrior.of(part, effect_scale) for part in answers))
    with side_by_side(WORKERS) as workers:
        report(progress, "stage weights: mode", 0, 1)
        posterior = _whitened_at_mean(problem, seed, workers)
        report(progress, "stage weights: mode", 1, 1)
        if method != "exact":
            x, found = _chains(posterior, posterior, settings, gates, _times(named(seed, "chains")), progress)
            checks = found.required("stage weights").diagnostics.checks()
            x = _thinned(x, corrected)
            ratios = _log_ratios(problem, posterior.summaries, prior.theta(x), named(seed, "nuisance"), workers)
            importance, more = _importance(ratios, gates)
            if all(check.passed for check in more):
                return _as_draws(prior, x, importance, [*checks, *more])
            if method == "summary":
                raise DiagnosticsError(
                    "the quadratic summary of the likelihood is too coarse: "
                    + ", ".join(f"{check.name} {check.value:.2f}" for check in more)
                    + "; take the exact method"
                )
    exact = ExactPosterior(posterior, problem.answers, problem.nuisance_priors)
    x, found = _chains(exact, posterior, settings, gates, _times(named(seed, "exact")), progress)
    checks = found.required("stage weights").diagnostics.checks()
    x = _thinned(x, corrected)
    return _as_draws(prior, x, np.full(x.shape[0], 1 / x.shape[0]), checks)


def rough_stage_weights(
    answers: Sequence[StageAnswers], prior: StagePrior, effect_scale: float, *, seed: np.random.SeedSequence
) -> np.ndarray:
    """Return draws of the weights (chains × draws × stages × indicators) whose mean is about right, in seconds.

    The likelihood is summarised at its mode only, and the run is short and without the correction to the exact
    posterior; a longer one where the chains disagree.

    Parameters
    ----------
    answers, prior, effect_scale
        As for :func:`sample_stage_weights`.
    seed
        Seed of the run.

    Raises
    ------
    DiagnosticsError
        If the mode is not found, or the chains disagree however long they are.
    """
    problem = _Problem(tuple(answers), prior, tuple(NuisancePrior.of(part, effect_scale) for part in answers))
    with side_by_side(WORKERS) as workers:
        posterior, mode = _find_mode(problem, workers)
    white = posterior.whitened(mode)
    x, found = _chains(white, white, PILOT, ROUGH, named(seed, "pilot"), attempts=ONCE)
    if not found.diagnostics.passed:
        x, found = _chains(white, white, PILOT, ROUGH, _times(named(seed, "longer")))
    found.required("stage weights")
    return prior.weights(x)


def _as_draws(prior: StagePrior, x: np.ndarray, importance: np.ndarray, checks: Sequence[Check]) -> StageWeightDraws:
    return StageWeightDraws(prior.weights(x), prior.slope(x), prior.tau(x), importance, check_table(checks))


def _thinned(x: np.ndarray, count: int) -> np.ndarray:
    flat = x.reshape(-1, x.shape[-1])
    return flat[np.linspace(0, len(flat) - 1, min(count, len(flat))).astype(int)]


def _whitened_at_mean(problem: _Problem, seed: int | np.random.SeedSequence, workers: Executor) -> StageWeightPosterior:
    """Return the posterior expanded and whitened at its mean, as a short run from the mode finds it."""
    posterior, mode = _find_mode(problem, workers)
    white = posterior.whitened(mode)
    pilot = white.to_standardised(parameters_of(sample(white, seed=named(seed, "pilot"), settings=PILOT)))
    pilot = pilot.reshape(-1, problem.prior.size)
    theta = problem.prior.theta(pilot).mean(axis=0)
    nuisance = [part.best_nuisance(theta[s]) for s, part in enumerate(posterior.summaries)]
    first_step = problem.prior.first_step
    moves = problem.prior.tau(pilot)[:, None] * pilot[:, first_step:]
    known = np.flatnonzero(np.abs(moves.mean(axis=0)) > CLEAR * moves.std(axis=0))
    return problem.expand(theta, nuisance, workers).whitened(pilot.mean(axis=0), first_step + known)


def _chains(
    density: LogDensity,
    coordinates: StageWeightPosterior,
    settings: SamplerSettings,
    gates: Gates,
    seed: SamplerSeed | Callable[[Attempt], SamplerSeed],
    progress: Progress | None = None,
    attempts: Sequence[Attempt] = ATTEMPTS,
) -> tuple[np.ndarray, Sampled]:
    """Return x (chains × draws × size) and the chains, judged by what is reported: log weights, slopes, tau."""
    prior = coordinates.prior

    def standardised(y: np.ndarray) -> np.ndarray:
        return coordinates.to_standardised(y[..., : prior.size])

    def judged(y: np.ndarray) -> xr.Dataset:
        x, chain_draw = standardised(y), ("chain", "draw")
        return xr.Dataset(
            {
                "log_weight": ((*chain_draw, "stage", "indicator"), np.log(prior.weights(x))),
                "slope": ((*chain_draw, "stage"), prior.slope(x)),
                "tau": (chain_draw, prior.tau(x)),
            },
            coords={"stage": np.arange(prior.stages), "indicator": np.arange(prior.indicators)},
        )

    found = sample_until_passed(
        density,
        judged,
        gates=gates,
        seed=seed,
        settings=settings,
        attempts=attempts,
        progress=progress,
        task="stage weights: chains",
    )
    return standardised(found.x), found


def _times(seed: np.random.SeedSequence) -> Callable[[Attempt], np.random.SeedSequence]:
    """Return the seed of each attempt."""
    return lambda attempt: named(seed, f"times {attempt.draws}")


def _find_mode(problem: _Problem, workers: Executor) -> tuple[StageWeightPosterior, np.ndarray]:
    """Return the posterior expanded at its mode given tau, and that mode: Newton's method with step halving."""
    prior = problem.prior
    x = np.zeros(prior.size)
    nuisance = [part.mean for part in problem.nuisance_priors]
    reached = -np.inf
    for _ in range(NEWTON_STEPS):
        posterior = problem.expand(prior.theta(x), nuisance, workers)
        reached = max(reached, problem.exact(posterior, x, nuisance))
        target = posterior.mode_given_tau(x)
        theta = prior.theta(target)
        best = [part.best_nuisance(theta[s]) for s, part in enumerate(posterior.summaries)]
        for share in 0.5 ** np.arange(HALVINGS):
            next_x = x + share * (target - x)
            next_nuisance = [old + share * (new - old) for old, new in zip(nuisance, best, strict=True)]
            value = problem.exact(posterior, next_x, next_nuisance)
            if value > reached - ROUNDING:
                break
        else:
            break
        change = np.abs(next_x - x).max()
        x, nuisance, reached = next_x, next_nuisance, value
        if change < NEWTON_TOLERANCE and share == 1.0:
            return problem.expand(prior.theta(x), nuisance, workers), x
    raise DiagnosticsError("the mode of the stage weights was not found: the answers do not fit the model")


def _log_ratios(
    problem: _Problem,
    summaries: Sequence[QuadraticSummary],
    theta: np.ndarray,
    seed: np.random.SeedSequence,
    workers: Executor,
) -> np.ndarray:
    """Return the log of exact over summarised posterior density for draws of theta (draws × stages × indicators)."""
    random = generator(seed)
    ratios = np.zeros(theta.shape[0])
    for s, (summary, answers) in enumerate(zip(summaries, problem.answers, strict=True)):
        nuisance, quadratic = summary.draw_nuisance(theta[:, s], random)
        points = np.concatenate([theta[:, s], nuisance], axis=1)
        exact = np.array(list(workers.map(lambda point, part=answers: log_likelihood(point, part)[0], points)))
        ratios += exact + problem.nuisance_priors[s].log_density(nuisance) - quadratic
    return ratios


def _importance(ratios: np.ndarray, gates: Gates) -> tuple[np.ndarray, list[Check]]:
    smoothed = pareto_smoothed(ratios)
    weights = np.exp(smoothed.log_weights - smoothed.log_weights.max())
    weights /= weights.sum()
    checks = [
        at_most(
            "Pareto k",
            float(smoothed.k),
            RELIABLE_K,
            "importance weights from the summarised to the exact posterior; small if they are the same",
        ),
        at_least(
            "importance ESS",
            float(1.0 / (weights**2).sum()),
            min(gates.bulk_ess, 0.5 * ratios.size),
            f"effective number of the {ratios.size} draws after the correction",
        ),
    ]
    return weights, checks
