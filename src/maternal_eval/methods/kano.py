"""From pairs of answers to Kano classes: the evaluation table, counts, and what counts can show.

Answers run from 1 (I like it) over 2 (must be), 3 (neutral), 4 (can live with it) to 5 (I dislike it); the functional
question asks how one feels with the feature, the dysfunctional one how without it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special, stats

from maternal_eval.core.arguments import number, numbers
from maternal_eval.core.errors import InputError
from maternal_eval.core.intervals import PROBABILITY, tails

LEVELS = 5
"""Number of answers to a Kano question."""

POINTS = 301
"""Of the grid that integrates the probability of the modal class: about twenty a standard deviation."""


@dataclass(frozen=True)
class AnswerClass:
    """A class that a pair of answers can fall in.

    ``satisfies``: with the feature one is satisfied; ``dissatisfies``: without it one is dissatisfied. ``valued``
    classes enter the better and worse coefficients; the others say that the feature is unwanted or the pair makes no
    sense.
    """

    name: str
    letter: str
    name_en: str
    name_zh: str
    satisfies: bool
    dissatisfies: bool
    valued: bool


ANSWER_CLASSES = {
    row.name: row
    for row in (
        AnswerClass("must_be", "M", "must-be", "必备型", satisfies=False, dissatisfies=True, valued=True),
        AnswerClass("performance", "O", "performance", "期望型", satisfies=True, dissatisfies=True, valued=True),
        AnswerClass("attractive", "A", "attractive", "魅力型", satisfies=True, dissatisfies=False, valued=True),
        AnswerClass("indifferent", "I", "indifferent", "无差异型", satisfies=False, dissatisfies=False, valued=True),
        AnswerClass("reverse", "R", "reverse", "反向型", satisfies=False, dissatisfies=False, valued=False),
        AnswerClass("questionable", "Q", "questionable", "可疑型", satisfies=False, dissatisfies=False, valued=False),
    )
}
"""Classes of answers, one row each (Kano et al. 1984; letters as in Berger et al. 1993)."""

EVALUATION_TABLE = ("QAAAO", "RIIIM", "RIIIM", "RIIIM", "RRRRQ")
"""Class of each pair: row = functional answer 1…5, letter = dysfunctional answer 1…5 (Berger et al. 1993)."""

_POSITION = {row.letter: position for position, row in enumerate(ANSWER_CLASSES.values())}
_TABLE = np.array([[_POSITION[letter] for letter in row] for row in EVALUATION_TABLE])


def classify(functional: np.ndarray, dysfunctional: np.ndarray) -> np.ndarray:
    """Return the class of each pair of answers, as a position in :data:`ANSWER_CLASSES`.

    Raises
    ------
    ValueError
        If an answer is not a whole number from 1 to 5.

    Examples
    --------
    >>> [list(ANSWER_CLASSES)[place] for place in classify(np.array([1, 3, 1]), np.array([5, 5, 3]))]
    ['performance', 'must_be', 'attractive']
    """
    pair = np.stack([np.asarray(functional, dtype=float), np.asarray(dysfunctional, dtype=float)])
    if not np.isin(pair, np.arange(1, LEVELS + 1)).all():
        raise ValueError("a Kano answer is a whole number from 1 to 5")
    row, column = pair.astype(int) - 1
    return _TABLE[row, column]


def better_worse(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    r"""Return the coefficients of satisfaction and dissatisfaction (Berger et al. 1993).

    :math:`better = (A + O) / (A + O + M + I)`, from 0 to 1: how far having the feature satisfies;
    :math:`worse = -(O + M) / (A + O + M + I)`, from -1 to 0: how far lacking it dissatisfies.

    Parameters
    ----------
    counts
        ``(…, classes)`` in the order of :data:`ANSWER_CLASSES`. NaN without any valued answer.

    Raises
    ------
    InputError
        If a count is negative or not finite, or there is not one per class.
    """
    counts = _counted(counts)
    valued = (counts * _flags("valued")).sum(axis=-1)
    with np.errstate(invalid="ignore"):
        better = (counts * _flags("satisfies")).sum(axis=-1) / valued
        worse = -(counts * _flags("dissatisfies")).sum(axis=-1) / valued
    return better, worse


def better_worse_interval(
    counts: np.ndarray, prior: float = 0.5, probability: float = PROBABILITY
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return equal-tailed posterior intervals of both coefficients, exact: better low, high, worse low, high.

    Under a Dirichlet posterior a ratio of sums of shares is beta-distributed: better ~ Beta(A + O + 2a, M + I + 2a),
    -worse ~ Beta(O + M + 2a, A + I + 2a) with the prior a per class.

    Raises
    ------
    InputError
        If a count is negative, the prior not positive, or the probability not strictly between 0 and 1.
    """
    counts = _counted(counts)
    number(prior, "prior", above=0.0)
    levels = tails(probability)
    heft = counts + prior
    valued = (heft * _flags("valued")).sum(axis=-1)
    ends = []
    for flag in ("satisfies", "dissatisfies"):
        within = (heft * _flags(flag)).sum(axis=-1)
        ends += [stats.beta.ppf(tail, within, valued - within) for tail in levels]
    low, high, worse_high, worse_low = ends
    return low, high, -worse_low, -worse_high


def modal_probability(counts: np.ndarray, prior: float = 0.5) -> np.ndarray:
    r"""Return the posterior probability that each class is the most frequent one in the population.

    The shares are Dirichlet(counts + a). A Dirichlet vector is a set of independent gamma variables over their sum,
    and the largest share is the largest gamma variable, so

    .. math:: P_k = \int f_k(t) \prod_{j \ne k} F_j(t)\,dt

    with densities f and distribution functions F of Gamma(counts + a). The integral is done on a fine grid; nothing is
    sampled.

    Parameters
    ----------
    counts
        ``(…, classes)``, not negative.
    prior
        a per class; ½ is Jeffreys' prior.

    Returns
    -------
    numpy.ndarray
        Same shape, sums to 1 over the classes.

    Raises
    ------
    InputError
        If a count is negative or not finite, or the prior is not positive.

    Examples
    --------
    >>> modal_probability(np.array([10, 10])).round(3)
    array([0.5, 0.5])
    """
    counts = numbers(counts, "counts", low=0.0)
    number(prior, "prior", above=0.0)
    shape = counts + prior
    # The largest variable is at least the one with the largest shape; below its lowest values nothing counts, and above
    # them no distribution function is 0.
    largest = shape.max(axis=-1)
    low, high = stats.gamma.ppf(1e-13, largest), stats.gamma.isf(1e-13, largest)
    points = np.linspace(0, 1, POINTS)
    at = (low[..., None] + (high - low)[..., None] * points)[..., None, :]
    below = np.log(special.gammainc(shape[..., None], at))
    log_density = special.xlogy(shape[..., None] - 1, at) - at - special.gammaln(shape)[..., None]
    density = np.exp(log_density + below.sum(axis=-2, keepdims=True) - below)
    # Values vanish at both ends, where the trapezoidal rule converges faster than any power of the step.
    probability = np.trapezoid(density, points, axis=-1)
    return probability / probability.sum(axis=-1, keepdims=True)


@dataclass(frozen=True)
class FongTest:
    """Fong's comparison of the two most frequent classes; ``(…,)`` each.

    ``critical`` is the smallest difference that counts; ``significant`` where ``difference`` is at least that.
    """

    difference: np.ndarray
    critical: np.ndarray

    @property
    def significant(self) -> np.ndarray:
        """Whether the modal class is established."""
        return (self.difference >= self.critical) & (self.difference > 0)


def fong_test(counts: np.ndarray, z: float = 1.65) -> FongTest:
    r"""Compare the two most frequent classes of each element (Fong 1996).

    With the counts a ≥ b of the two and n answers the modal class is established where

    .. math:: a - b \ge z \sqrt{(a + b)(2 n - a - b) / (2 n)},

    z = 1.65 for ten per cent on two sides.

    Source: Fong, D. (1996). Using the self-stated importance questionnaire to interpret Kano questionnaire results.
    Center for Quality Management Journal 5(3), 21-24.

    Raises
    ------
    InputError
        If a count is negative or not finite, or there are fewer than two classes.
    """
    counts = numbers(counts, "counts", low=0.0)
    if counts.shape[-1:] < (2,):
        raise InputError("counts: two classes or more are compared", found=counts.shape)
    number(z, "z", above=0.0)
    ordered = np.sort(counts, axis=-1)
    first, second, total = ordered[..., -1], ordered[..., -2], ordered.sum(axis=-1)
    both = first + second
    spread = np.divide(both * (2 * total - both), 2 * total, out=np.zeros_like(total), where=total > 0)
    return FongTest(first - second, z * np.sqrt(spread))


def _flags(name: str) -> np.ndarray:
    return np.array([float(getattr(row, name)) for row in ANSWER_CLASSES.values()])


def _counted(counts: np.ndarray) -> np.ndarray:
    """Return counts with one number per class in the last axis."""
    counts = numbers(counts, "counts", low=0.0)
    if counts.shape[-1:] != (len(ANSWER_CLASSES),):
        raise InputError("counts: wrong shape", found=counts.shape, expected=f"(…, {len(ANSWER_CLASSES)})")
    return counts
