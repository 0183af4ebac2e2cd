r"""The net promoter score of one wave: promoters (9, 10) less detractors (0 … 6), with its base and its error.

With shares p of promoters and d of detractors among n answers the score is :math:`100\,(p - d)` and its standard error
:math:`100\,\sqrt{(p + d - (p - d)^2) / n}`. The interval is an adjusted Wald interval: ¾, 1½ and ¾ pseudo-answers are
added to detractors, passives and promoters (Rocks 2016, *The American Statistician* 70), so that a few equal answers
are no certainty.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from maternal_eval.core.errors import InputError
from maternal_eval.core.intervals import PROBABILITY, normal_reach

PROMOTERS, PASSIVES = 9, 7
"""Lowest answer of a promoter and of a passive."""

HIGHEST = 10
"""The question is asked from 0 to this."""

PSEUDO_ANSWERS = np.array([0.75, 1.5, 0.75])
"""Added to detractors, passives and promoters for the interval."""


@dataclass(frozen=True)
class NetPromoterScore:
    """A net promoter score, −100 to 100.

    Attributes
    ----------
    score, standard_error
        See the module; NaN without answers. The error is NaN also where all answers are of one kind, which do not
        show it.
    low, high
        Interval with probability :data:`~maternal_eval.core.intervals.PROBABILITY`.
    answers
        Answers that it rests on.
    stated
        Answers that were said to be there, if anybody said so.
    """

    score: float
    standard_error: float
    low: float
    high: float
    answers: int
    stated: int | None = None

    def in_words(self, language: str = "en") -> str:
        """Return score, interval, standard error and base as a sentence's end.

        Examples
        --------
        >>> from_counts(2, 11, 18, stated=32).in_words()
        '51.61, 90% interval [28.98, 65.14], standard error 11.05, on 31 answers; 32 were stated'
        """
        if not self.answers:
            return "没有答卷，无法计算" if language == "zh" else "cannot be had: no answers"
        interval = f"[{self.low:.2f}, {self.high:.2f}]"
        alike, differs = np.isnan(self.standard_error), self.stated not in (None, self.answers)
        if language == "zh":
            error = "标准误未知（答案均属同一类）" if alike else f"标准误 {self.standard_error:.2f}"
            text = f"{self.score:.2f}，{PROBABILITY:.0%}区间 {interval}，{error}，基于 {self.answers} 份答卷"
            return text + (f"（所称为 {self.stated} 份）" if differs else "")
        error = (
            "standard error not known: all are of one kind" if alike else f"standard error {self.standard_error:.2f}"
        )
        text = f"{self.score:.2f}, {PROBABILITY:.0%} interval {interval}, {error}, on {self.answers} answers"
        return text + (f"; {self.stated} were stated" if differs else "")


def net_promoter_worth(answers: np.ndarray) -> np.ndarray:
    """Return 100 for a promoter, −100 for a detractor, else 0: the mean is the net promoter score.

    A missing answer stays missing.

    Raises
    ------
    InputError
        If an answer is no whole number from 0 to 10: the limits of the score mean something on that scale alone.

    Examples
    --------
    >>> net_promoter_worth(np.array([6.0, 7.0, 8.0, 9.0, np.nan])).tolist()
    [-100.0, 0.0, 0.0, 100.0, nan]
    """
    answers = np.asarray(answers, dtype=float)
    known = answers[~np.isnan(answers)]
    off = known[(known < 0) | (known > HIGHEST) | (known != np.round(known))]
    if len(off):
        raise InputError(
            "a net promoter score takes answers from 0 to 10",
            found=f"{off[0]:g}",
            expected="whole numbers from 0 to 10",
        )
    worth = np.where(answers >= PROMOTERS, 100.0, np.where(answers < PASSIVES, -100.0, 0.0))
    return np.where(np.isnan(answers), np.nan, worth)


def net_promoter_score(
    answers: np.ndarray, weights: np.ndarray | None = None, stated: int | None = None
) -> NetPromoterScore:
    """Return the net promoter score of one wave.

    Parameters
    ----------
    answers
        ``(respondents,)`` whole numbers from 0 to 10; NaN = not answered, which counts nowhere.
    weights
        ``(respondents,)`` survey weights; the error is that of (Σw)² / Σw² answers (Kish 1965).
    stated
        How many answers somebody says there are: told beside the score where they are others.

    Raises
    ------
    InputError
        If an answer is no whole number from 0 to 10.
    """
    worth = net_promoter_worth(answers)
    known = ~np.isnan(worth)
    weight = np.ones(len(worth)) if weights is None else np.asarray(weights, dtype=float)
    known &= weight > 0
    of_kind = np.array([weight[known & (worth == value)].sum() for value in (-100.0, 0.0, 100.0)])
    squares = float((weight[known] ** 2).sum())
    effective = of_kind.sum() ** 2 / squares if squares else 0.0
    return _score(of_kind, effective, int(known.sum()), stated)


def from_counts(detractors: int, passives: int, promoters: int, stated: int | None = None) -> NetPromoterScore:
    """Return the net promoter score of counted answers.

    Raises
    ------
    InputError
        If a count is negative or no whole number.

    Examples
    --------
    >>> found = from_counts(2, 11, 18)
    >>> round(found.score, 2), round(found.standard_error, 2), found.answers
    (51.61, 11.05, 31)
    """
    counts = np.array([detractors, passives, promoters], dtype=float)
    if not np.isfinite(counts).all() or (counts < 0).any() or (counts != np.round(counts)).any():
        raise InputError(
            "these are no counts of answers", found=counts.tolist(), expected="whole numbers of at least 0"
        )
    return _score(counts, float(counts.sum()), int(counts.sum()), stated)


def _score(of_kind: np.ndarray, effective: float, answers: int, stated: int | None) -> NetPromoterScore:
    if not effective > 0:
        return NetPromoterScore(*(float("nan"),) * 4, answers=0, stated=stated)
    counts = of_kind / of_kind.sum() * effective
    score, error = _mean_and_error(counts)
    centre, wider = _mean_and_error(counts + PSEUDO_ANSWERS)
    reach = normal_reach() * wider
    low, high = max(min(centre - reach, score), -100.0), min(max(centre + reach, score), 100.0)
    return NetPromoterScore(score, error if (counts > 0).sum() > 1 else float("nan"), low, high, answers, stated)


def _mean_and_error(counts: np.ndarray) -> tuple[float, float]:
    detractors, _, promoters = counts / counts.sum()
    net = promoters - detractors
    return 100.0 * float(net), 100.0 * float(np.sqrt(max(promoters + detractors - net**2, 0.0) / counts.sum()))
