r"""The anchor of an item: what the other items say of the same thing, without the error that would look like bias.

The answers of each item are centred and scaled over all respondents, and the anchor is the mean of the others that a
respondent answered. Groups that differ in what is measured regress to different means, so an unreliable anchor makes
items look biased that are not. Kelley's estimate inside each group corrects for it, as SIBTEST does (Shealy & Stout
1993, *Psychometrika* 58, 159–194): :math:`\hat t = \mu_g + \rho_{gm}(a - \mu_g)` with
:math:`\rho_{gm} = c_g / \{c_g + (v_g - c_g)/m\}`, where c is the mean covariance of the other items in group g, v their
mean variance, and m how many the respondent answered.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from maternal_eval.core.arguments import numbers, whole_numbers

FEWEST_ANSWERED = 2
"""Other items that a respondent has to have answered."""


class Anchors:
    """Anchors of the items of one set; sums over all items are kept, so that leaving one out costs little.

    Parameters
    ----------
    answers
        ``(respondents, items)``, larger is better; NaN = not answered.
    group
        ``(respondents,)``: 0 … groups - 1, -1 for those in none.
    """

    def __init__(self, answers: np.ndarray, group: np.ndarray) -> None:
        answers = numbers(answers, "answers", ndim=2, missing=True)
        self.group = whole_numbers(group, "group", shape=(len(answers),), low=-1)
        self.answered = np.isfinite(answers)
        number = np.maximum(self.answered.sum(axis=0), 1)
        filled = np.where(self.answered, answers, 0.0)
        mean = filled.sum(axis=0) / number
        centred = np.where(self.answered, answers - mean, 0.0)
        spread = np.sqrt((centred**2).sum(axis=0) / number)
        self.scaled = centred / np.where(spread > 0, spread, 1.0)
        self.sums, self.number = self.scaled.sum(axis=1), self.answered.sum(axis=1)
        self.groups = int(self.group.max(initial=-1)) + 1
        self.covariances = [self._covariance(self.group == one) for one in range(self.groups)]

    def _covariance(self, rows: np.ndarray) -> np.ndarray:
        """Return the covariances of the items in a group, pair by pair; NaN where no two answered both."""
        known = self.answered[rows].astype(float)
        number = known.sum(axis=0)
        mean = np.divide(self.scaled[rows].sum(axis=0), number, out=np.zeros(len(number)), where=number > 0)
        centred = np.where(self.answered[rows], self.scaled[rows] - mean, 0.0)
        both = known.T @ known
        return np.divide(centred.T @ centred, both, out=np.full(both.shape, np.nan), where=both > 1)

    def of(self, item: int, without: Collection[int] = ()) -> np.ndarray:
        """Return the anchor of an item, ``(respondents,)``; NaN with fewer than :data:`FEWEST_ANSWERED` others.

        ``without`` are further items that the anchor leaves out: those that are known to mean something else.
        """
        out = sorted({item, *without})
        others = np.setdiff1d(np.arange(self.scaled.shape[1]), out)
        number = self.number - self.answered[:, out].sum(axis=1)
        enough = (number >= FEWEST_ANSWERED) & (self.group >= 0)
        sums = self.sums - self.scaled[:, out].sum(axis=1)
        plain = np.divide(sums, number, out=np.full(len(number), np.nan), where=enough)
        found = np.full(len(number), np.nan)
        for one, covariance in enumerate(self.covariances):
            rows = np.flatnonzero((self.group == one) & enough)
            if not rows.size:
                continue
            part = covariance[np.ix_(others, others)]
            variance = np.nanmean(np.diag(part))
            off = part[~np.eye(len(others), dtype=bool)]
            common = float(np.clip(np.nanmean(off), 0.0, variance)) if np.isfinite(off).any() else 0.0
            error = (variance - common) / number[rows]
            reliability = common / (common + error) if common > 0 else np.zeros(rows.size)
            middle = plain[rows].mean()
            found[rows] = middle + reliability * (plain[rows] - middle)
        return found
