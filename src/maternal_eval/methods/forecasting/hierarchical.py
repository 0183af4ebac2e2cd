r"""Cell means with partially pooled levels and a common, damped drift: a linear mixed model in closed form.

The mean of unit c (a platform in a life stage, say) in period t is

.. math::
    y_{tc} = \mu + \beta s_t + \sum_g a_{g[c]} + W_t + \eta_t + w_{tc} + e_{tc} + \varepsilon_{tc}

with elapsed steps of time :math:`s_t`, levels :math:`a` of every grouping of the units (platform, stage, the unit
itself: their interaction), a common random walk W, a common shock :math:`\eta` of each period, a random walk w and a
passing departure e of each unit, and the sampling error :math:`\varepsilon` of known variance. All are normal and
independent. The drift has the prior :math:`\beta \sim N(0, \text{guess}^2 / 2)`: the fewer the periods, the more it is
drawn towards none. Ahead of the data it is damped: step i adds :math:`\phi^i \beta` (Gardner & McKenzie 1985,
*Management Science* 31).

Given the standard deviations, levels and forecasts are the best linear unbiased predictions (Henderson 1975; Robinson
1991, *Statistical Science* 6). The standard deviations maximise the restricted likelihood (Patterson & Thompson 1971)
times a log-normal prior, because a training set has few periods; forecasts are mixed over a normal approximation of
what is left open about them, with the average-information matrix (Gilmour, Thompson & Cullis 1995).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.linalg import cho_solve, cholesky

from maternal_eval.core.arguments import increasing, number, numbers, whole_numbers
from maternal_eval.core.errors import InputError
from maternal_eval.methods.forecasting.local_level import antithetic_normal
from maternal_eval.methods.optimise import minimise

DAMPING = 0.9
"""What is left of the drift from one step ahead to the next; the middle of what is used (0.8 to 0.98)."""

DRIFT_SHARE = 0.5
"""Share of the variance of a common step, one guess squared, that the prior gives to the drift; the rest is the walk's
and the shocks' of both ends."""

LEVEL, LEVEL_SPREAD = 4.0, 1.0
"""Prior median of the standard deviation of levels, in guesses of a step, and the standard deviation of its log: a
factor of 7 either way is rare."""

MOVE, MOVE_SPREAD = 0.32, 0.5
"""The same for each of the four ways to move. A few periods say little of them, so that the prior has light tails; its
expected variances of a walk and two shocks add up to the other half of a step."""

NODES = 20
"""Values of the standard deviations over which a forecast is mixed."""

MOST = 1000
"""Most cells that are fitted; of more the latest periods are taken, since work grows with their cube."""


@dataclass(frozen=True)
class HierarchicalLevel:
    """A fitted model; numbers are in units of the prior guess of a step.

    Attributes
    ----------
    mean, variance
        ``(n,)``: observed cell means and their sampling variances.
    steps
        ``(n,)``: steps of time from the first fitted period.
    groups
        ``(G, n)``: level of each grouping; the last row is the unit itself.
    log_scales, log_scales_covariance
        Logarithms of the standard deviations, and their posterior covariance: levels of each grouping, common walk,
        common shock, unit walk, unit departure.
    guess
        Prior guess of a step, in the unit of the outcome.
    lag
        Steps of time from the last period with any answers to the last period of training.
    fitted_periods, periods
        How many periods were fitted, of how many that have answers.
    """

    mean: np.ndarray
    variance: np.ndarray
    steps: np.ndarray
    groups: np.ndarray
    log_scales: np.ndarray
    log_scales_covariance: np.ndarray
    guess: float
    lag: int
    fitted_periods: int
    periods: int

    @cached_property
    def parts(self) -> list[np.ndarray]:
        """What each variance multiplies in the covariance of the observed means, ``(n, n)`` each."""
        return _parts(self.steps, self.groups)

    def forecast(self, groups: np.ndarray, horizon: int, draws: int, random: np.random.Generator) -> np.ndarray:
        """Return draws of the means ``horizon`` steps ahead, ``(draws, units)``, in the unit of the outcome.

        Parameters
        ----------
        groups
            ``(G, units)``: level of each grouping, in the codes of the fit; other codes are levels never seen, whose
            effect is drawn from the population of levels.
        horizon
            Steps of time beyond the last period of training.
        draws
            An even number; draws come in pairs mirrored at their mean.
        """
        groups = whole_numbers(groups, "groups", shape=(len(self.groups), None))
        pairs = draws // 2
        nodes = min(NODES, pairs)
        root = np.linalg.cholesky(self.log_scales_covariance)
        around = random.standard_normal((-(-nodes // 2), len(self.log_scales)))
        around = np.concatenate([around, -around])[:nodes]
        normal = antithetic_normal(random, draws, groups.shape[1])
        found = np.empty_like(normal)
        for node, deviation in enumerate(around):
            centre, covariance = self.predict(groups, horizon, self.log_scales + root @ deviation)
            rows = np.flatnonzero(np.arange(draws) // 2 % nodes == node)
            found[rows] = centre + normal[rows] @ cholesky(covariance, lower=False)
        return self.guess * found

    def predict(self, groups: np.ndarray, horizon: int, log_scales: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return mean and covariance of the units' means ``horizon`` steps ahead, given the standard deviations.

        In units of the guess; the best linear unbiased prediction with the uncertainty of the overall mean.
        """
        variances = np.exp(2.0 * log_scales)
        steps, last = self.steps, float(self.steps.max())
        ahead = last + horizon + self.lag
        drift = DRIFT_SHARE * (last + float((DAMPING ** np.arange(1, horizon + self.lag + 1)).sum()))
        same = self.groups[:, :, None] == groups[:, None, :]
        levels, (walk, shock, own_walk, own_shock) = variances[: len(groups)], variances[len(groups) :]
        # Every training step lies before the one ahead: they share the walk up to the earlier of the two.
        cross = np.tensordot(levels, same, 1) + (walk + own_walk * same[-1] + drift) * steps[:, None]
        alike = groups[:, :, None] == groups[:, None, :]
        ahead_covariance = np.tensordot(levels, alike, 1) + walk * ahead + shock + drift**2 / DRIFT_SHARE
        ahead_covariance = ahead_covariance + (own_walk * ahead + own_shock) * alike[-1]
        factor = cholesky(_covariance(self.steps, self.variance, self.parts, log_scales), lower=True)
        solved = cho_solve((factor, True), np.column_stack([np.ones(len(steps)), self.mean, cross]))
        ones, observed, weights = solved[:, 0], solved[:, 1], solved[:, 2:]
        information = ones.sum()
        overall = observed.sum() / information
        centre = overall + cross.T @ (observed - overall * ones)
        rest = 1.0 - weights.sum(axis=0)
        covariance = ahead_covariance - cross.T @ weights + np.outer(rest, rest) / information
        jitter = 1e-9 * float(np.trace(ahead_covariance)) / len(centre)
        return centre, 0.5 * (covariance + covariance.T) + jitter * np.eye(len(centre))


def fit_hierarchical_level(
    mean: np.ndarray,
    variance: np.ndarray,
    groups: np.ndarray,
    guess: float,
    *,
    steps: np.ndarray | None = None,
) -> HierarchicalLevel:
    """Fit the model of this module to cell means.

    Parameters
    ----------
    mean, variance
        ``(T, C)``: cell means and their sampling variances; NaN = not observed.
    groups
        ``(G, C)``: whole numbers, the level of each unit in every grouping; the last row tells the units apart.
    guess
        Prior guess of the change of a mean in one step, in the unit of the means.
    steps
        ``(T,)``: step of time of each period; None: one step from each period to the next.

    Raises
    ------
    InputError
        If nothing was observed, a variance is negative, the guess is not positive, steps do not increase, or two units
        have the same code.
    DiagnosticsError
        If the standard deviations are not found.

    Examples
    --------
    Two units that stand still are forecast where they stand:

    >>> level = fit_hierarchical_level(
    ...     np.array([[3.0, 4.0]] * 8), np.full((8, 2), 1e-6), np.array([[0, 1]]), 0.1
    ... )
    >>> level.forecast(np.array([[0, 1]]), 1, 1000, np.random.default_rng(0)).mean(axis=0).round(2).tolist()
    [3.0, 4.0]
    """
    mean = numbers(mean, "mean", ndim=2, missing=True)
    variance = numbers(variance, "variance", shape=mean.shape, low=0.0, missing=True)
    groups = whole_numbers(groups, "groups", shape=(None, mean.shape[1]))
    number(guess, "guess", above=0.0)
    if len(np.unique(groups[-1])) < mean.shape[1]:
        raise InputError("groups: two units have the same code in the last row", expected="one code for each unit")
    at = (
        np.arange(len(mean), dtype=float)
        if steps is None
        else np.asarray(numbers(steps, "steps", shape=mean.shape[:1]))
    )
    increasing(at, "steps")
    asked = np.flatnonzero(~np.isnan(mean).all(axis=1))
    if not len(asked):
        raise InputError("mean: nothing was observed", expected="at least one cell mean")
    cells = np.cumsum((~np.isnan(mean[asked][::-1])).sum(axis=1))
    kept = asked[len(asked) - max(int((cells <= MOST).sum()), 1) :]
    period, unit = np.nonzero(~np.isnan(mean[kept]))
    observed = (
        mean[kept][period, unit] / guess,
        np.nan_to_num(variance[kept][period, unit]) / guess**2,
        (at[kept] - at[kept[0]])[period],
        groups[:, unit],
    )
    centre = np.log([*(LEVEL,) * len(groups), *(MOVE,) * 4])
    spread = np.array([*(LEVEL_SPREAD,) * len(groups), *(MOVE_SPREAD,) * 4])
    problem = _Restricted(*observed, centre, spread)
    found = minimise(problem.objective, centre, what="the standard deviations of the hierarchical level")
    return HierarchicalLevel(
        *observed,
        log_scales=found.x,
        log_scales_covariance=np.linalg.inv(problem.information(found.x)),
        guess=guess,
        lag=int(at[-1] - at[kept[-1]]),
        fitted_periods=len(kept),
        periods=len(asked),
    )


def _covariance(steps: np.ndarray, variance: np.ndarray, parts: list[np.ndarray], log_scales: np.ndarray) -> np.ndarray:
    """Return the covariance ``(n, n)`` of the observed cell means, the prior of the drift included."""
    total = DRIFT_SHARE * np.outer(steps, steps) + np.diag(variance)
    for scale, part in zip(np.exp(2.0 * log_scales), parts, strict=True):
        total += scale * part
    # Means known exactly and scales near 0 would leave nothing to invert.
    total[np.diag_indices_from(total)] += 1e-10 * np.trace(total) / len(total)
    return total


def _parts(steps: np.ndarray, groups: np.ndarray) -> list[np.ndarray]:
    """Return what each variance multiplies, ``(n, n)`` each, in the order of the log scales."""
    same = [(level[:, None] == level).astype(float) for level in groups]
    walk = np.minimum(steps[:, None], steps)
    shock = (steps[:, None] == steps).astype(float)
    return [*same, walk, shock, walk * same[-1], shock * same[-1]]


class _Restricted:
    """Minus the log posterior of the log standard deviations: restricted likelihood and prior."""

    def __init__(
        self,
        mean: np.ndarray,
        variance: np.ndarray,
        steps: np.ndarray,
        groups: np.ndarray,
        centre: np.ndarray,
        spread: np.ndarray,
    ) -> None:
        self.mean, self.variance, self.steps, self.groups = mean, variance, steps, groups
        self.centre, self.spread = centre, spread
        self.parts = _parts(steps, groups)

    def _projected(self, log_scales: np.ndarray) -> tuple[np.ndarray, float, float]:
        """Return the projection P, log det V and log of the information on the overall mean."""
        total = _covariance(self.steps, self.variance, self.parts, log_scales)
        factor = cholesky(total, lower=True)
        inverse = cho_solve((factor, True), np.eye(len(total)))
        ones = inverse.sum(axis=1)
        information = float(ones.sum())
        projection = inverse - np.outer(ones, ones) / information
        return projection, 2.0 * float(np.log(np.diag(factor)).sum()), float(np.log(information))

    def objective(self, log_scales: np.ndarray) -> tuple[float, np.ndarray]:
        """Return the value and its gradient."""
        # A search may try a step that no double can hold; its value is large and its slope points back.
        log_scales = np.clip(log_scales, self.centre - 12.0, self.centre + 12.0)
        projection, log_determinant, log_information = self._projected(log_scales)
        projected = projection @ self.mean
        away = (log_scales - self.centre) / self.spread
        value = 0.5 * (log_determinant + log_information + self.mean @ projected + away @ away)
        slopes = [float((projection * part).sum() - projected @ part @ projected) for part in self.parts]
        return float(value), np.exp(2.0 * log_scales) * np.array(slopes) + away / self.spread

    def information(self, log_scales: np.ndarray) -> np.ndarray:
        """Return the average-information matrix of the log standard deviations, with that of the prior added."""
        projection, *_ = self._projected(log_scales)
        projected = projection @ self.mean
        working = np.stack([part @ projected for part in self.parts]) * (2.0 * np.exp(2.0 * log_scales))[:, None]
        return 0.5 * working @ projection @ working.T + np.diag(self.spread**-2.0)
