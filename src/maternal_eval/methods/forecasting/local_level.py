r"""How cell means move from period to period: a common random walk, and one of each unit, on plain arrays.

The mean of unit c in period t is modelled as :math:`E_t + D_{tc}`, observed with known sampling variance. The common
level E moves by steps of variance :math:`\tau^2` (and maybe a drift), the deviation D by steps of variance
:math:`\omega^2`: a local level model (Harvey 1989, *Forecasting, Structural Time Series Models and the Kalman
Filter*, chapter 2). The variances are moment estimates, pulled towards a prior guess that counts as one observation,
because a training set has few periods.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from maternal_eval.core.arguments import number, numbers, whole
from maternal_eval.core.errors import InputError


@dataclass(frozen=True)
class LocalLevel:
    r"""Where the units stand after the last period, and how fast they move.

    Attributes
    ----------
    level, level_variance
        ``(C,)``: level of each unit and its uncertainty.
    drift, drift_variance
        Common change per step of time and its uncertainty; 0 where no drift is wanted.
    common_variance, unit_variance
        :math:`\tau^2` and :math:`\omega^2`, per step of time.
    lag
        Steps of time from the last period with any answers to the last period of training.
    """

    level: np.ndarray
    level_variance: np.ndarray
    drift: float
    drift_variance: float
    common_variance: float
    unit_variance: float
    lag: int = 0

    def forecast(self, horizon: int, draws: int, random: np.random.Generator) -> np.ndarray:
        """Return draws of the means ``horizon`` steps ahead, ``(draws, C)``, centred on level + steps × drift.

        The steps are those from the last period with answers: ``horizon`` and ``lag``.
        """
        units, horizon = len(self.level), horizon + self.lag
        scale = np.sqrt(self.level_variance + horizon * self.unit_variance)
        common = np.sqrt(horizon * self.common_variance + horizon**2 * self.drift_variance)
        steps = antithetic_normal(random, draws, units) * scale
        return self.level + horizon * self.drift + steps + antithetic_normal(random, draws, 1) * common


@dataclass(frozen=True)
class StandingLevel(LocalLevel):
    """Units that stand where they stand: each period departs from their levels, and nothing adds up over periods.

    ``common_variance`` and ``unit_variance`` are those of one period's departures, whatever its distance;
    ``drift_variance`` is the uncertainty of the common level.
    """

    def forecast(self, horizon: int, draws: int, random: np.random.Generator) -> np.ndarray:
        """Return draws of the means of a period to come, ``(draws, C)``, centred on the levels."""
        scale = np.sqrt(self.level_variance + self.unit_variance)
        common = np.sqrt(self.common_variance + self.drift_variance)
        own = antithetic_normal(random, draws, len(self.level)) * scale
        return self.level + own + antithetic_normal(random, draws, 1) * common


def for_units[L: LocalLevel](fitted: L, known: pd.MultiIndex, wanted: pd.MultiIndex) -> L:
    """Return the local level of the wanted units; one that was never observed gets that of its likes.

    Its likes are the known units of the same last column (the same life stage on other platforms), or all units where
    there are none. Its level is their mean, and its uncertainty how much they differ among themselves plus that of
    their levels: partial pooling, as a new unit drawn from the population of units.
    """
    place = known.get_indexer(wanted)
    level = np.where(place >= 0, fitted.level[place], np.nan)
    variance = np.where(place >= 0, fitted.level_variance[place], np.nan)
    observed = ~np.isnan(fitted.level)
    last = known.get_level_values(-1)
    for position in np.flatnonzero(np.isnan(level)):
        alike = observed & (last == wanted[int(position)][-1])
        some = alike if alike.sum() > 1 else observed
        levels, spread = fitted.level[some], fitted.level_variance[some].mean()
        level[position] = levels.mean()
        between = levels.var(ddof=1) if len(levels) > 1 else fitted.unit_variance
        variance[position] = max(float(between), spread) + spread
    return replace(fitted, level=level, level_variance=variance)


def antithetic_normal(random: np.random.Generator, draws: int, columns: int) -> np.ndarray:
    """Return standard normal draws, ``(draws, columns)``, each followed by its negative.

    So the median and the mean of a linear forecast are exact, however few the draws; ``draws`` must be even.

    Raises
    ------
    InputError
        If the number of draws is not even and positive.
    """
    if whole(draws, "draws", low=2) % 2:
        raise InputError("draws: pairs of draws are each other's mirror images", found=draws, expected="an even number")
    half = random.standard_normal((draws // 2, columns))
    return np.stack([half, -half], axis=1).reshape(-1, columns)


def fit_standing_level(mean: np.ndarray, variance: np.ndarray, guess: float) -> StandingLevel:
    r"""Fit levels that do not move: the plain mean of each unit over the periods.

    The variances of the periods' common departures and of the units' own are moment estimates, pulled towards
    ``guess**2``, which counts as one observation.

    Parameters
    ----------
    mean, variance
        ``(T, C)``: cell means and their sampling variances; NaN = not observed.
    guess
        Prior standard deviation of a departure, in the unit of the means.

    Returns
    -------
    StandingLevel
        NaN level for a unit that was never observed.

    Raises
    ------
    InputError
        If a variance is negative, the guess is negative, or a number is infinite.

    Examples
    --------
    >>> fit_standing_level(np.array([[3.0, 4.0], [3.2, np.nan]]), np.full((2, 2), 0.01), 0.1).level.round(6).tolist()
    [3.1, 4.0]
    """
    mean = numbers(mean, "mean", ndim=2, missing=True)
    variance = numbers(variance, "variance", shape=mean.shape, low=0.0, missing=True)
    number(guess, "guess", low=0.0)
    seen = ~np.isnan(mean)
    times, in_period = seen.sum(axis=0), seen.sum(axis=1)
    noise = np.where(seen, variance, 0.0)
    level = np.divide(np.where(seen, mean, 0.0).sum(axis=0), times, out=np.full(len(times), np.nan), where=times > 0)
    departure = np.where(seen, mean - level, 0.0)
    asked = in_period > 0
    common = np.divide(departure.sum(axis=1), in_period, out=np.zeros(len(mean)), where=asked)
    periods, cells, units = int(asked.sum()), int(seen.sum()), int((times > 0).sum())
    own = np.where(seen, departure - common[:, None], 0.0)
    # Each unit's level and each period's departure cost one degree of freedom; noise is lost in the same measure.
    freedom = max(cells - units - periods + 1, 0)
    unit_variance = (guess**2 + max(float((own**2).sum()) - noise.sum() * freedom / max(cells, 1), 0.0)) / (1 + freedom)
    of_common = np.divide(
        noise.sum(axis=1) + in_period * unit_variance, in_period**2, out=np.zeros(len(mean)), where=asked
    )
    excess = float((common**2).sum()) - float(of_common.sum()) * (periods - 1) / max(periods, 1)
    common_variance = (guess**2 + max(excess, 0.0)) / max(periods, 1)
    own_error = np.divide(
        noise.sum(axis=0) + times * unit_variance, times**2, out=np.zeros(len(times)), where=times > 0
    )
    return StandingLevel(
        level=level,
        level_variance=own_error,
        drift=0.0,
        drift_variance=common_variance / max(periods, 1),
        common_variance=common_variance,
        unit_variance=unit_variance,
    )


def fit_local_level(
    mean: np.ndarray,
    variance: np.ndarray,
    guess: float,
    *,
    drift: bool = False,
    shrink: bool = False,
    smooth: bool = True,
    steps: np.ndarray | None = None,
) -> LocalLevel:
    r"""Fit a local level model to cell means.

    Between two periods that lie g steps of time apart the common level moves by g times the drift with variance
    :math:`g\tau^2`, a deviation by :math:`g\omega^2`. Periods without any mean are passed over, their steps are not.

    Parameters
    ----------
    mean, variance
        ``(T, C)``: cell means and their sampling variances; NaN = not observed.
    guess
        Prior standard deviation of one step, in the unit of the means.
    drift
        Whether the common level drifts by its mean change per step of time.
    shrink
        Whether the drift is drawn towards 0: its posterior mean and variance under the prior :math:`N(0, guess^2)`.
    smooth
        True: the level is what the Kalman filter makes of all periods, starting from the common level. False: the
        level is the last observed mean as it stands.
    steps
        ``(T,)``: step of time of each period, see :meth:`maternal_eval.study.periods.Timeline.positions`; None: one
        step from each period to the next.

    Returns
    -------
    LocalLevel
        NaN level for a unit that was never observed.

    Raises
    ------
    InputError
        If a variance is negative, the guess is negative, or a number is infinite.
    """
    mean = numbers(mean, "mean", ndim=2, missing=True)
    variance = numbers(variance, "variance", shape=mean.shape, low=0.0, missing=True)
    number(guess, "guess", low=0.0)
    at = np.arange(len(mean)) if steps is None else np.asarray(steps)
    kept = ~np.isnan(mean).all(axis=1)
    lag = int(at[-1] - at[kept][-1]) if kept.any() else 0
    mean, variance, gaps = mean[kept], variance[kept], np.diff(at[kept]).astype(float)
    common_steps, unit_variance, noise = _steps(mean, variance, guess, gaps)
    seen = (~np.isnan(np.diff(mean, axis=0))).any(axis=1)  # some unit has answers before and after
    observed, elapsed = int(seen.sum()), float(gaps[seen].sum())
    slope = float(common_steps.sum() / elapsed) if drift and observed else 0.0
    freedom = observed - 1 if drift and observed else observed
    excess = float((((common_steps - gaps * slope) ** 2 - noise) / gaps)[seen].sum())
    common_variance = (guess**2 + max(excess, 0.0)) / (1 + max(freedom, 0))
    drift_variance = common_variance / elapsed if drift and observed else 0.0
    if shrink and drift_variance:
        kept_share = guess**2 / (guess**2 + drift_variance)
        slope, drift_variance = kept_share * slope, kept_share * drift_variance
    filtered = (mean, variance, common_steps, unit_variance, gaps)
    level, level_variance = _filtered(*filtered) if smooth else _last(mean, variance)
    return LocalLevel(
        level=level,
        level_variance=level_variance,
        drift=slope,
        drift_variance=drift_variance,
        common_variance=common_variance,
        unit_variance=unit_variance,
        lag=lag,
    )


def _steps(
    mean: np.ndarray, variance: np.ndarray, guess: float, gaps: np.ndarray
) -> tuple[np.ndarray, float, np.ndarray]:
    """Return the common change between periods, the variance of a unit's own step, and the noise of the changes."""
    change, noise = np.diff(mean, axis=0), variance[1:] + variance[:-1]
    seen = ~np.isnan(change)
    count = seen.sum(axis=1)
    common = np.divide(np.where(seen, change, 0.0).sum(axis=1), count, out=np.zeros(len(count)), where=count > 0)
    own = np.where(seen, (change - common[:, None]) ** 2 - noise, 0.0).sum()
    freedom = (gaps * np.maximum(count - 1, 0)).sum()
    # Subtracting the common step costs one degree of freedom per period; the noise was subtracted in full.
    correction = np.divide(
        np.where(seen, noise, 0.0).sum(axis=1), count, out=np.zeros(len(count)), where=count > 0
    ).sum()
    unit_variance = float((guess**2 + max(own + correction, 0.0)) / (1 + freedom))
    total = np.where(seen, noise + gaps[:, None] * unit_variance, 0.0).sum(axis=1)
    of_common = np.divide(total, count**2, out=np.zeros(len(count)), where=count > 0)
    return common, unit_variance, of_common


def _last(mean: np.ndarray, variance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    level, level_variance = mean[0].copy(), variance[0].copy()
    for now, spread in zip(mean[1:], variance[1:], strict=True):
        seen = ~np.isnan(now)
        level, level_variance = np.where(seen, now, level), np.where(seen, spread, level_variance)
    return level, level_variance


def _filtered(
    mean: np.ndarray, variance: np.ndarray, common_steps: np.ndarray, unit_variance: float, gaps: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return each unit's filtered level after the last period and its variance."""
    seen_ever = ~np.isnan(mean).all(axis=0)
    path = np.concatenate([[0.0], np.cumsum(common_steps)])
    detrended = mean - path[:, None]
    seen = ~np.isnan(detrended)
    centre = detrended[seen].mean()
    unit_means = np.where(seen, detrended, 0.0).sum(axis=0)[seen_ever] / seen.sum(axis=0)[seen_ever]
    unit_noise = np.where(seen, variance, 0.0).sum(axis=0)[seen_ever] / seen.sum(axis=0)[seen_ever] ** 2
    between = max(float(((unit_means - centre) ** 2 - unit_noise).mean()), 0.0) + unit_variance
    deviation = np.zeros(mean.shape[1])
    spread = np.full(mean.shape[1], between)
    for now, noise, gap in zip(detrended - centre, variance, [*gaps, 1.0], strict=True):
        observed = ~np.isnan(now)
        gain = np.where(observed, spread / (spread + np.where(observed, noise, 1.0)), 0.0)
        deviation = deviation + gain * (np.where(observed, now, 0.0) - deviation)
        spread = (1.0 - gain) * spread + gap * unit_variance
    level = np.where(seen_ever, centre + path[-1] + deviation, np.nan)
    # The step into the next period belongs to the forecast, not to the level.
    return level, spread - unit_variance
