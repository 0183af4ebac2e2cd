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

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import xarray as xr

from maternal_eval.core.checks import Check
from maternal_eval.core.errors import DiagnosticsError, InputError
from maternal_eval.core.progress import Progress, report
from maternal_eval.core.randomness import generator, named
from maternal_eval.methods.sampling import (
    POSTERIOR,
    STATISTICS,
    Diagnostics,
    Gates,
    LogDensity,
    SamplerSettings,
    diagnose,
    require,
    sample,
)
from maternal_eval.methods.sampling.diagnostics import check_table
from maternal_eval.methods.simplex_regression.exact import ExactPosterior
from maternal_eval.methods.simplex_regression.likelihood import StageAnswers, log_likelihood
from maternal_eval.methods.simplex_regression.posterior import StageWeightPosterior
from maternal_eval.methods.simplex_regression.prior import StagePrior
from maternal_eval.methods.simplex_regression.summary import NuisancePrior, QuadraticSummary, summarise

LARGEST_K = 0.7
"""Largest Pareto k-hat at which importance sampling is relied on (Vehtari et al. 2024)."""

ATTEMPTS = ((1, 0.0), (2, 0.95), (5, 0.99))
"""Length relative to the settings, and least acceptance aimed at, of the first, second and last attempt."""

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

    def expand(
        self, theta: np.ndarray, nuisance: Sequence[np.ndarray], workers: ThreadPoolExecutor
    ) -> StageWeightPosterior:
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
    with ThreadPoolExecutor(WORKERS) as workers:
        report(progress, "stage weights: mode", 0, 1)
        posterior = _whitened_at_mean(problem, seed, workers)
        report(progress, "stage weights: mode", 1, 1)
        if method != "exact":
            x, checks = _chains(posterior, posterior, settings, gates, named(seed, "chains"), progress)
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
    x, checks = _chains(exact, posterior, settings, gates, named(seed, "exact"), progress)
    x = _thinned(x, corrected)
    return _as_draws(prior, x, np.full(x.shape[0], 1 / x.shape[0]), checks)


def _as_draws(prior: StagePrior, x: np.ndarray, importance: np.ndarray, checks: list[Check]) -> StageWeightDraws:
    return StageWeightDraws(prior.weights(x), prior.slope(x), prior.tau(x), importance, check_table(checks))


def _thinned(x: np.ndarray, count: int) -> np.ndarray:
    flat = x.reshape(-1, x.shape[-1])
    return flat[np.linspace(0, len(flat) - 1, min(count, len(flat))).astype(int)]


def _whitened_at_mean(
    problem: _Problem, seed: int | np.random.SeedSequence, workers: ThreadPoolExecutor
) -> StageWeightPosterior:
    """Return the posterior expanded and whitened at its mean, as a short run from the mode finds it."""
    posterior, mode = _find_mode(problem, workers)
    pilot = _draw(posterior.whitened(mode), posterior.whitened(mode), PILOT, named(seed, "pilot"), None)[1]
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
    seed: np.random.SeedSequence,
    progress: Progress | None,
) -> tuple[np.ndarray, list[Check]]:
    """Return x (chains × draws × size) and the checks; chains that fall short are run anew, longer."""
    for factor, acceptance in ATTEMPTS:
        longer = replace(
            settings,
            tune=factor * settings.tune,
            draws=factor * settings.draws,
            target_accept=max(settings.target_accept, acceptance),
        )
        tree, x = _draw(density, coordinates, longer, named(seed, f"times {factor}"), progress)
        diagnostics = _diagnose(tree, x, coordinates.prior, gates)
        if diagnostics.passed:
            break
    return x, list(require(diagnostics, "stage weights").checks())


def _find_mode(problem: _Problem, workers: ThreadPoolExecutor) -> tuple[StageWeightPosterior, np.ndarray]:
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


def _draw(
    density: LogDensity,
    coordinates: StageWeightPosterior,
    settings: SamplerSettings,
    seed: np.random.SeedSequence,
    progress: Progress | None,
) -> tuple[xr.DataTree, np.ndarray]:
    tree = sample(density, seed=seed, settings=settings, progress=progress, task="stage weights: chains")
    y = tree[POSTERIOR]["parameter"].transpose("chain", "draw", "name").values
    return tree, coordinates.to_standardised(y[..., : coordinates.prior.size])


def _diagnose(tree: xr.DataTree, x: np.ndarray, prior: StagePrior, gates: Gates) -> Diagnostics:
    """Judge the chains by what is reported: log weights, slopes, tau."""
    chain_draw = ("chain", "draw")
    quantities = xr.Dataset(
        {
            "log_weight": ((*chain_draw, "stage", "indicator"), np.log(prior.weights(x))),
            "slope": ((*chain_draw, "stage"), prior.slope(x)),
            "tau": (chain_draw, prior.tau(x)),
        },
        coords={"stage": np.arange(prior.stages), "indicator": np.arange(prior.indicators)},
    )
    judged = xr.DataTree.from_dict({POSTERIOR: quantities, STATISTICS: tree[STATISTICS].to_dataset()})
    return diagnose(judged, gates)


def _log_ratios(
    problem: _Problem,
    summaries: Sequence[QuadraticSummary],
    theta: np.ndarray,
    seed: np.random.SeedSequence,
    workers: ThreadPoolExecutor,
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
    from arviz_stats.base import array_stats

    # arviz takes log-likelihoods to be left out, whose ratios are their inverses: it turns the sign round.
    log_weights, khat = array_stats.psislw(-ratios)
    weights = np.exp(log_weights - log_weights.max())
    weights /= weights.sum()
    effective = float(1.0 / (weights**2).sum())
    need = min(gates.bulk_ess, 0.5 * ratios.size)
    checks = [
        Check(
            "Pareto k",
            "passed" if khat <= LARGEST_K else "failed",
            float(khat),
            LARGEST_K,
            "importance weights from the summarised to the exact posterior; small if they are the same",
        ),
        Check(
            "importance ESS",
            "passed" if effective >= need else "failed",
            effective,
            need,
            f"effective number of the {ratios.size} draws after the correction",
        ),
    ]
    return weights, checks
