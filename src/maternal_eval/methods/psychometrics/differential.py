r"""Does an item mean the same in every group? Ordinal logistic regression on an anchor (Zumbo 1999; Crane et al. 2006).

Respondents who stand alike on the anchor t should answer an item alike, whatever their group. Three nested cumulative
logits compare: anchor alone, anchor and group (*uniform*: the item is easier for a group everywhere), and anchor, group
and their product (*non-uniform*: it also tells apart better or worse),

.. math:: \operatorname{logit} P(Y \le k) = \tau_k - (\beta_1 t + \beta_2 t^2 + \beta_3 t^3 + \gamma_g + \delta_g t).

Respondents are put into bins of the anchor; a cell of bin and group has its own mean of t, so that nothing of the
groups' difference hides inside a bin.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import chi2

from maternal_eval.core.errors import InputError
from maternal_eval.core.intervals import normal_reach
from maternal_eval.methods.psychometrics.ordered_logit import OrderedLogit, fit_ordered_logit

BINS = 20
LOGIT_CLASSES = (0.426, 0.638)
"""Ends of the classes A (negligible), B (moderate) and C (large) of the Educational Testing Service, 1 and 1.5 units of
delta, in logits (Zwick 2012, ETS RR-12-08)."""

R2_CLASSES = (0.035, 0.070)
"""Ends of the classes by the change of Nagelkerke's R² (Jodoin & Gierl 2001, *Appl. Meas. Educ.* 14, 329–349)."""

CLASSES = ("negligible", "moderate", "large")


@dataclass(frozen=True)
class Differential:
    """How an item differs between groups at the same anchor.

    Attributes
    ----------
    answers
        Respondents who answered the item and have an anchor and a group.
    effect, effect_error
        ``(groups,)``: γ in logits as deviations from their mean by respondents; NaN for a group without answers.
        Positive: answered higher than others who stand alike.
    statistic, freedom, p_value
        Likelihood ratio of the uniform difference.
    slope_statistic, slope_p_value
        Of the non-uniform one beside it.
    r2_change
        Change of Nagelkerke's R² when groups enter (uniform).
    shift
        ``(groups,)``: by how much the difference moves the mean answer of the group, in points of the answer scale.
    """

    answers: int
    effect: np.ndarray
    effect_error: np.ndarray
    statistic: float
    freedom: int
    p_value: float
    slope_statistic: float
    slope_p_value: float
    r2_change: float
    shift: np.ndarray

    @property
    def spread(self) -> float:
        """Largest difference between two groups, in logits."""
        return float(np.nanmax(self.effect) - np.nanmin(self.effect))

    def interval(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the intervals of the effects."""
        reach = normal_reach() * self.effect_error
        return self.effect - reach, self.effect + reach


def size_class(value: float, ends: tuple[float, float] = LOGIT_CLASSES) -> str:
    """Return the class of a size: negligible, moderate or large.

    Examples
    --------
    >>> size_class(0.2), size_class(0.5), size_class(-1.0), size_class(0.05, R2_CLASSES)
    ('negligible', 'moderate', 'large', 'moderate')
    """
    return CLASSES[int(np.searchsorted(ends, abs(value), side="right"))]


def differential(codes: np.ndarray, anchor: np.ndarray, group: np.ndarray, groups: int) -> Differential:
    """Compare an item between groups at the same anchor.

    Parameters
    ----------
    codes
        ``(respondents,)``: answers as 0, 1, …; -1 = not answered.
    anchor
        ``(respondents,)`` (see :class:`~maternal_eval.methods.psychometrics.anchor.Anchors`); NaN = unknown.
    group
        ``(respondents,)``: 0 … groups - 1; -1 = in none.
    groups
        How many groups there are.

    Raises
    ------
    InputError
        If fewer than two groups have answers, or everybody gives the same answer.
    DiagnosticsError
        If a fit does not converge.
    """
    known = (codes >= 0) & np.isfinite(anchor) & (group >= 0)
    answer, place, mine = codes[known], anchor[known], group[known]
    present = np.unique(mine)
    if len(present) < 2:
        raise InputError("an item has answers in one group only", found=len(present), expected="two groups or more")
    counts, level, cell_group = _cells(answer, place, np.searchsorted(present, mine), len(present))
    scaled = (level - np.average(level, weights=counts.sum(axis=1))) / max(float(place.std()), 1e-9)
    powers = np.column_stack([scaled, scaled**2, scaled**3])
    dummies = (cell_group[:, None] == np.arange(1, len(present))).astype(float)
    null = fit_ordered_logit(counts, powers[:, :0])
    plain = fit_ordered_logit(counts, powers)
    uniform = fit_ordered_logit(counts, np.column_stack([powers, dummies]))
    crossed = fit_ordered_logit(counts, np.column_stack([powers, dummies, dummies * scaled[:, None]]))
    freedom = len(present) - 1
    statistic = max(2 * (uniform.log_likelihood - plain.log_likelihood), 0.0)
    crossing = max(2 * (crossed.log_likelihood - uniform.log_likelihood), 0.0)
    share = np.bincount(cell_group, counts.sum(axis=1), len(present)) / counts.sum()
    effect, error = _deviations(uniform, len(powers.T), share)
    shift = _shift(uniform, counts, np.column_stack([powers, dummies]), effect, cell_group, len(present))
    return Differential(
        answers=int(known.sum()),
        effect=_placed(effect, present, groups),
        effect_error=_placed(error, present, groups),
        statistic=statistic,
        freedom=freedom,
        p_value=float(chi2.sf(statistic, freedom)),
        slope_statistic=crossing,
        slope_p_value=float(chi2.sf(crossing, freedom)),
        r2_change=_nagelkerke(uniform, null) - _nagelkerke(plain, null),
        shift=_placed(shift, present, groups),
    )


def _cells(
    answer: np.ndarray, place: np.ndarray, group: np.ndarray, groups: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return counts (cells × answers), mean anchor and group of the cells of bin × group that hold anybody."""
    edges = np.unique(np.quantile(place, np.arange(1, BINS) / BINS))
    cell = np.searchsorted(edges, place, side="right") * groups + group
    size, categories = (len(edges) + 1) * groups, int(answer.max()) + 1
    counts = np.bincount(cell * categories + answer, minlength=size * categories).reshape(size, categories)
    number = counts.sum(axis=1)
    held = number > 0
    level = np.bincount(cell, place, size)[held] / number[held]
    return counts[held].astype(float), level, np.flatnonzero(held) % groups


def _deviations(fit: OrderedLogit, before: int, share: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the effects of the groups as deviations from their mean, and their standard errors."""
    groups = len(share)
    first = len(fit.thresholds) + before
    transform = np.eye(groups)[:, 1:] - share[1:]
    covariance = fit.covariance[first : first + groups - 1, first : first + groups - 1]
    error = np.sqrt(np.clip(np.einsum("ij,jk,ik->i", transform, covariance, transform), 0.0, None))
    return transform @ fit.slopes[before : before + groups - 1], error


def _shift(
    fit: OrderedLogit, counts: np.ndarray, covariates: np.ndarray, effect: np.ndarray, group: np.ndarray, groups: int
) -> np.ndarray:
    """Return by how much the mean answer of each group would fall if its effect were none."""
    kept = np.flatnonzero(counts.sum(axis=0) > 0).astype(float)
    with_it = fit.probabilities(covariates) @ kept
    moved = OrderedLogit(fit.thresholds, np.append(fit.slopes, -1.0), fit.covariance, 0.0, 0.0)
    without = moved.probabilities(np.column_stack([covariates, effect[group]])) @ kept
    number = counts.sum(axis=1)
    return np.bincount(group, number * (with_it - without), groups) / np.bincount(group, number, groups)


def _nagelkerke(fit: OrderedLogit, null: OrderedLogit) -> float:
    most = -np.expm1(2 * null.log_likelihood / null.answers)
    return float(-np.expm1(2 * (null.log_likelihood - fit.log_likelihood) / null.answers) / most)


def _placed(values: np.ndarray, present: np.ndarray, groups: int) -> np.ndarray:
    found = np.full(groups, np.nan)
    found[present] = values
    return found
