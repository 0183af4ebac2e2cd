r"""The shape κ of the value function of each Kano class, estimated from the answers with a profile of the likelihood.

The items of a class share κ: :math:`\eta = \sum_j b_j v(x_j; \kappa_{c(j)}) + \dots`, each with its own worth
:math:`b_j`. One more column a class, :math:`\sum_j b_j \, \partial v(x_j; \kappa) / \partial \log \kappa`, has the
coefficient 0 exactly at the maximum: its coefficient is the next step of log κ (Gauss-Newton), and its clustered
variance is that of log κ. The profile is the likelihood at fixed κ, all else free but the shapes of other classes,
with the deviance divided by the ratio of the clustered variance to that of the curvature (Rao & Scott 1984): survey
weights and several answers of one respondent are no independent rows. The interval is where it is below the
:math:`\chi^2_1` quantile.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import chi2

from maternal_eval.analyses.drivers.answers import GroupAnswers
from maternal_eval.analyses.shapes.items import without_gaps
from maternal_eval.core.intervals import PROBABILITY
from maternal_eval.methods.ordinal.influence import clustered_covariance, influence
from maternal_eval.methods.ordinal.maximum_likelihood import OrdinalFit, OrdinalProblem, fit_ordinal
from maternal_eval.methods.response_shape import power_slope, power_value

LEAST, MOST = 0.2, 10.0
"""Shapes that are looked at: beyond them a function is a step at one end of the scale."""

STEPS = 25
"""Steps of the search before it is said not to have converged."""

NEAR = 0.02
"""Step, in standard errors, from which the search has arrived."""

LONGEST = 0.5
"""Longest step of log κ."""

REACH = 2.4
"""How far the profile goes to either side, in standard errors of log κ."""


@dataclass(frozen=True)
class ShapeModel:
    """The answers with a power function for each class of items.

    Attributes
    ----------
    answers
        The answers.
    classes
        Class of each item.
    concave
        Class → whether its function is 1 - (1 - x)^κ and not x^κ.
    prior_scale
        Of the worths.
    """

    answers: GroupAnswers
    classes: tuple[str, ...]
    concave: dict[str, bool]
    prior_scale: float

    def columns(self, kappa: dict[str, float]) -> np.ndarray:
        """Return the values of all answers, gaps filled with means."""
        place = self.answers.place
        values = [power_value(place[:, at], kappa[name], self.concave[name]) for at, name in enumerate(self.classes)]
        return without_gaps(np.stack(values, axis=1), self.answers.weight)

    def slopes(self, kappa: dict[str, float], worth: np.ndarray) -> np.ndarray:
        """Return one column a class: the derivative of η by its log κ."""
        place = self.answers.place
        each = [power_slope(place[:, at], kappa[name], self.concave[name]) for at, name in enumerate(self.classes)]
        filled = without_gaps(np.stack(each, axis=1), self.answers.weight) * worth
        of = np.array(self.classes)
        return np.stack([filled[:, of == name].sum(axis=1) for name in self.concave], axis=1)

    def problem(self, columns: np.ndarray) -> OrdinalProblem:
        """Return the regression on these columns and the background."""
        answers = self.answers
        design = np.hstack([columns, answers.background])
        return OrdinalProblem(design, answers.category, answers.weight, len(answers.points), self.prior_scale)

    def log_posterior(self, kappa: dict[str, float], begin: np.ndarray | None) -> tuple[float, OrdinalFit]:
        """Return the largest penalised log-likelihood at fixed shapes, and its fit."""
        problem = self.problem(self.columns(kappa))
        fit = fit_ordinal(problem, begin)
        return problem.log_posterior(fit.parameters, problem.start(), problem.precision()), fit


@dataclass(frozen=True)
class ShapeEstimate:
    """Shapes where the search ended.

    Attributes
    ----------
    kappa
        Class → shape.
    error
        Clustered standard error of each log κ.
    ratio
        Clustered variance over that of the curvature.
    arrived
        Class → whether the search has converged inside the bounds.
    """

    kappa: dict[str, float]
    error: dict[str, float]
    ratio: dict[str, float]
    arrived: dict[str, bool]


def estimate(model: ShapeModel) -> ShapeEstimate:
    """Return the shapes of all classes at once, from straight on."""
    names = list(model.concave)
    log_kappa = np.zeros(len(names))
    begin: np.ndarray | None = None
    step, error, ratio = np.zeros(len(names)), np.ones(len(names)), np.ones(len(names))
    for _ in range(STEPS):
        kappa = dict(zip(names, np.exp(log_kappa), strict=True))
        columns = model.columns(kappa)
        size, first = columns.shape[1], len(model.answers.points) - 1
        plain = fit_ordinal(model.problem(columns), begin)
        begin = plain.parameters
        worth = plain.parameters[first : first + size]
        widened = model.problem(np.hstack([columns, model.slopes(kappa, worth)]))
        at = np.insert(plain.parameters, first + size, np.zeros(len(names)))
        fit = fit_ordinal(widened, at)
        chosen = slice(first + size, first + size + len(names))
        step = fit.parameters[chosen]
        covariance = clustered_covariance(influence(widened, fit, model.answers.cluster), fit)
        variance = np.diag(covariance)[chosen]
        error = np.sqrt(variance)
        ratio = variance / np.diag(np.linalg.inv(fit.curvature))[chosen]
        if (np.abs(step) < NEAR * error).all():
            break
        log_kappa = np.clip(log_kappa + np.clip(step, -LONGEST, LONGEST), np.log(LEAST), np.log(MOST))
    inside = (log_kappa > np.log(LEAST) + 1e-9) & (log_kappa < np.log(MOST) - 1e-9)
    arrived = (np.abs(step) < NEAR * error) & inside
    return ShapeEstimate(
        dict(zip(names, np.exp(log_kappa).tolist(), strict=True)),
        dict(zip(names, error.tolist(), strict=True)),
        dict(zip(names, ratio.tolist(), strict=True)),
        dict(zip(names, arrived.tolist(), strict=True)),
    )


def class_tables(model: ShapeModel, assumed: dict[str, float], points: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return one row per class (shape, interval, deviance of the assumed and of the straight one), and the profiles."""
    found = estimate(model)
    best, fit = model.log_posterior(found.kappa, None)
    limit = float(chi2.ppf(PROBABILITY, 1))
    rows, profiles = [], []
    of = np.array(model.classes)
    for name in model.concave:
        at = np.log(found.kappa[name])
        reach = np.minimum(REACH * found.error[name], np.log(MOST / LEAST))
        grid = np.unique(np.clip(np.linspace(at - reach, at + reach, points), np.log(LEAST), np.log(MOST)))
        wanted = [*grid, np.log(assumed[name]), 0.0]
        deviances = [_deviance(model, found, name, float(np.exp(one)), best, fit) for one in wanted]
        low, high = _crossings(grid, np.array(deviances[: len(grid)]), at, limit)
        rows.append(
            {
                "kano": name,
                "items": int((of == name).sum()),
                "concave_form": model.concave[name],
                "kappa": found.kappa[name] if found.arrived[name] else np.nan,
                "low": low if found.arrived[name] else np.nan,
                "high": high if found.arrived[name] else np.nan,
                "assumed": assumed[name],
                "deviance_assumed": deviances[-2],
                "deviance_straight": deviances[-1],
                "compatible": bool(deviances[-2] <= limit),
                "arrived": found.arrived[name],
            }
        )
        profiles.append(pd.DataFrame({"kano": name, "kappa": np.exp(grid), "deviance": deviances[: len(grid)]}))
    return pd.DataFrame(rows), pd.concat(profiles, ignore_index=True)


def _deviance(model: ShapeModel, found: ShapeEstimate, name: str, kappa: float, best: float, fit: OrdinalFit) -> float:
    value, _ = model.log_posterior(found.kappa | {name: kappa}, fit.parameters)
    return max(2.0 * (best - value) / found.ratio[name], 0.0)


def _crossings(grid: np.ndarray, deviance: np.ndarray, at: float, limit: float) -> tuple[float, float]:
    """Return where the profile crosses the limit on either side, by its signed root, which is nearly straight."""
    root = np.sign(grid - at) * np.sqrt(deviance)
    ends = [_crossing(root, grid, sign * np.sqrt(limit)) for sign in (-1.0, 1.0)]
    return float(np.exp(ends[0])), float(np.exp(ends[1]))


def _crossing(root: np.ndarray, grid: np.ndarray, wanted: float) -> float:
    """Return the place of a value of the signed root; NaN where the profile does not reach it."""
    order: Sequence[int] = np.argsort(root, kind="stable").tolist()
    if not root.min() <= wanted <= root.max():
        return float("nan")
    return float(np.interp(wanted, root[order], grid[order]))
