r"""What a mean score says about the answers behind it, and what some stages' scores say about the others.

Two kinds of statement, which must not be taken for each other:

- **Attainability.** A mean of 3.0 on the answers 1 … 5 can hide no answer below 3 at all, or two thirds of them:
  :func:`attainable_share` gives the whole range, without any model. :func:`remaining_mean` is arithmetic as well.
- **Under a model.** With the thresholds :math:`c_k` and the spread :math:`s` of a fitted cumulative model there is one
  location :math:`\eta` whose expected answer is the score, and with it one distribution of the answers:
  :func:`location_for_score`. It is as good as the answers that the thresholds were fitted to.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

import numpy as np
from scipy.optimize import elementwise

from maternal_eval.core.arguments import increasing, number, numbers
from maternal_eval.core.errors import DiagnosticsError, InputError
from maternal_eval.methods.interval_arithmetic import Interval
from maternal_eval.methods.ordinal.families import answer_probabilities, family_named

_FAR = 40.0
"""Latent scales beyond the outermost threshold where nothing but the outermost answer is left."""


def location_for_score(
    score: float,
    thresholds: np.ndarray,
    scale: np.ndarray | float = 1.0,
    low: int = 1,
    family: str = "cumulative_logit",
) -> np.ndarray:
    r"""Return the location :math:`\eta` at which the expected answer is ``score``.

    Parameters
    ----------
    score
        Mean of the answers ``low`` … ``low + K - 1``, strictly between the lowest and the highest.
    thresholds
        (..., K - 1), in the unit of the latent scale.
    scale
        (...) spread of the latent scale.
    low
        The lowest answer.
    family
        A name of :data:`maternal_eval.methods.ordinal.families.FAMILIES`; in each the expected answer rises with
        :math:`\eta`, so that there is exactly one solution.

    Returns
    -------
    numpy.ndarray
        (...), in the unit of the thresholds.

    Raises
    ------
    InputError
        If no distribution that uses every answer has this mean.

    Examples
    --------
    >>> float(abs(location_for_score(3.0, np.array([-2.0, -0.5, 0.5, 2.0])).round(6)))
    0.0
    """
    thresholds = numbers(thresholds, "thresholds")
    answers = low + np.arange(thresholds.shape[-1] + 1)
    if not answers[0] < score < answers[-1]:
        raise InputError(
            "a score cannot be the mean of such answers",
            found=f"{score:g}",
            expected=f"strictly between {answers[0]} and {answers[-1]}",
        )
    if family_named(family).ordered_thresholds:
        increasing(thresholds, "thresholds")
    spread = np.broadcast_to(numbers(scale, "scale", above=0.0), thresholds.shape[:-1])
    probabilities = family_named(family).probabilities

    def excess(location: np.ndarray, spread: np.ndarray, *places: np.ndarray) -> np.ndarray:
        chance = probabilities(np.stack(places, axis=-1), location[..., None], spread[..., None])
        return chance[..., 0, :] @ answers - score

    reach = _FAR * spread
    bracket = (thresholds.min(axis=-1) - reach, thresholds.max(axis=-1) + reach)
    found = elementwise.find_root(excess, bracket, args=(spread, *np.moveaxis(thresholds, -1, 0)))
    if not np.all(found.success):
        raise DiagnosticsError("the location that gives a mean answer was not found")
    return np.asarray(found.x)


def implied_probabilities(
    score: float,
    thresholds: np.ndarray,
    scale: np.ndarray | float = 1.0,
    low: int = 1,
    family: str = "cumulative_logit",
) -> np.ndarray:
    """Return the probability of each answer (..., K), lowest first, if their mean is ``score``.

    Parameters and errors are those of :func:`location_for_score`.
    """
    location = location_for_score(score, thresholds, scale, low, family)
    spread = np.broadcast_to(np.asarray(scale, dtype=float), location.shape)
    return answer_probabilities(np.asarray(thresholds), location[..., None], spread[..., None], family)[..., 0, :]


def attainable_share(score: float, answers: Sequence[int], lowest: int) -> tuple[float, float]:
    """Return the smallest and the largest share of the ``lowest`` lowest answers that a mean of ``score`` allows.

    Largest: all others give the highest answer, and those below the mean the best of the lowest ones. Smallest: all
    others give the next answer up, and those below the lowest of all. No model is involved.

    Parameters
    ----------
    score
        Mean of the answers.
    answers
        The possible answers, increasing.
    lowest
        How many of them count, at least one and not all.

    Raises
    ------
    InputError
        If the mean is off the scale, the answers do not increase, or not some of them count.

    Examples
    --------
    >>> [round(share, 4) for share in attainable_share(3.0, [1, 2, 3, 4, 5], 2)]
    [0.0, 0.6667]
    """
    number(score, "score")
    increasing(numbers(answers, "answers", ndim=1), "answers")
    if not 1 <= lowest < len(answers) or not answers[0] <= score <= answers[-1]:
        raise InputError(
            "no such share of answers",
            found=f"{score:g}, {lowest}",
            expected="a mean on the scale, and not all answers",
        )
    inside, above, top, bottom = answers[lowest - 1], answers[lowest], answers[-1], answers[0]
    most = min(1.0, (top - score) / (top - inside))
    least = max(0.0, (above - score) / (above - bottom))
    return float(least), float(most)


def remaining_mean(overall: Interval, known: Iterable[tuple[Interval, float]]) -> Interval:
    """Return the mean of all other respondents, given the overall mean and that of some groups.

    Parameters
    ----------
    overall
        What the printed overall mean can stand for.
    known
        What each group's printed mean can stand for, and the group's share of the respondents; together below 1.

    Returns
    -------
    Interval
        Every mean of the others that agrees with some choice inside the intervals: exact, because every figure
        stands once in it. It may lie off the scale: then the figures do not agree.

    Examples
    --------
    >>> remaining_mean(Interval.of("3.5"), [(Interval.of("3.0"), 0.5)])
    Interval(4, 4)
    """
    left, total = overall, Fraction(0)
    for mean, share in known:
        left -= mean * Interval.of(Fraction(share))
        total += Fraction(share)
    if total >= 1:
        raise InputError("nobody is left beside the known groups", found=f"{float(total):g}", expected="less than 1")
    return left / Interval.of(1 - total)
