r"""Shapley effects: how much of a variance each of several DEPENDENT inputs owns.

The worth of a set S of inputs is :math:`c(S) = \operatorname{Var} E[y \mid x_S]`; the Shapley effect of input i is its
mean increment of worth over all orders in which inputs may become known (Owen 2014; Song, Nelson & Staum 2016). The
effects are not negative and add up to Var(y), whatever the dependence. For weights of one sibling set the
conditional distributions are exact: given some weights of a Dirichlet vector, the rest is a Dirichlet vector scaled
to what is left.

Three ways to the effects: enumeration of all sets (up to :data:`MOST_ENUMERATED` inputs); for y linear in Dirichlet
weights the
worths in closed form; for any other y sampled orders.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import factorial

import numpy as np

from maternal_eval.core.arguments import number, numbers, whole
from maternal_eval.core.errors import InputError
from maternal_eval.core.randomness import Seed, generator

UNDERFLOWS = 0.1
"""Shape of a gamma variable below which it may underflow (at 0.1 with probability 1e-31)."""

MOST_ENUMERATED = 16
"""Inputs up to which all sets are enumerated: 2¹⁶ worths."""


def member_table(inputs: int) -> np.ndarray:
    """Return all sets of inputs, sets × inputs: bit i of the row number says whether input i is in the set."""
    return (np.arange(2**inputs)[:, None] >> np.arange(inputs)) & 1 == 1


def shapley_values(worth: np.ndarray) -> np.ndarray:
    r"""Return the Shapley value of each input for the worths of all sets.

    .. math:: \phi_i = \sum_{S \not\ni i} \frac{|S|!\,(d - |S| - 1)!}{d!}\,(c(S \cup i) - c(S))

    Parameters
    ----------
    worth
        ``(2^d, ...)``, by row number as in :func:`member_table`; the empty set is row 0.

    Returns
    -------
    numpy.ndarray
        ``(d, ...)``; they add up to the worth of all inputs minus that of none.

    Raises
    ------
    InputError
        If the number of worths is no power of two, or there are too many inputs to enumerate.
    """
    worth = numbers(worth, "worth")
    inputs = len(worth).bit_length() - 1
    if len(worth) != 2**inputs or not 1 <= inputs <= MOST_ENUMERATED:
        raise InputError(
            "Shapley values need the worth of every set of inputs",
            found=f"{len(worth)} worths",
            expected=f"2 to the number of inputs, of which there may be {MOST_ENUMERATED}",
        )
    sets = np.arange(2**inputs)
    size = member_table(inputs).sum(axis=1)
    chance = np.array([factorial(s) * factorial(inputs - s - 1) / factorial(inputs) for s in range(inputs)])
    values = np.empty((inputs, *worth.shape[1:]))
    for place in range(inputs):
        without = sets[(sets >> place) & 1 == 0]
        values[place] = np.tensordot(chance[size[without]], worth[without | (1 << place)] - worth[without], axes=1)
    return values


def dirichlet_linear_worths(nominal: np.ndarray, concentration: float, slopes: np.ndarray) -> np.ndarray:
    r"""Return Var E[y | w_S] of y = Σ slopes · w with Dirichlet weights, for every set S of weights, in closed form.

    Given :math:`w_S`, what is left is shared out as a Dirichlet vector, so
    :math:`E[y \mid w_S] = \bar x + \sum_{i \in S} (x_i - \bar x) w_i` with :math:`\bar x` the mean slope of the others
    by nominal weight: a linear function, whose variance follows from
    :math:`\operatorname{cov}(w_j, w_k) = m_j (\delta_{jk} - m_k) / (c + 1)`.

    Parameters
    ----------
    nominal
        Means m of the weights, sum 1.
    concentration
        c of the Dirichlet distribution.
    slopes
        x, one per weight.

    Returns
    -------
    numpy.ndarray
        ``(2^d,)``, see :func:`member_table`.
    """
    nominal = numbers(nominal, "nominal", ndim=1, low=0.0)
    slopes = numbers(slopes, "slopes", shape=nominal.shape)
    concentration = number(concentration, "concentration", above=0.0)
    inside = member_table(nominal.size)
    outside = np.where(inside, 0.0, nominal)
    left = outside.sum(axis=1)
    mean = np.divide(outside @ slopes, left, out=np.zeros_like(left), where=~inside.all(axis=1))
    reach = inside * (slopes - mean[:, None])
    return (reach**2 @ nominal - (reach @ nominal) ** 2) / (concentration + 1.0)


def redraw_dirichlet(
    weights: np.ndarray, known: np.ndarray, nominal: np.ndarray, concentration: float, random: np.random.Generator
) -> np.ndarray:
    """Return weights with those that are not known drawn anew, given those that are; exact for a Dirichlet vector.

    Parameters
    ----------
    weights, known
        Runs × elements; rows sum to 1.
    nominal, concentration
        Of the Dirichlet distribution.
    """
    logs = np.where(known, -np.inf, log_gamma(concentration * nominal, weights.shape, random))
    left = 1.0 - np.where(known, weights, 0.0).sum(axis=1, keepdims=True)
    some = ~known.all(axis=1, keepdims=True)
    shares = np.exp(logs - np.where(some, logs.max(axis=1, keepdims=True), 0.0))
    free = shares / np.where(some, shares.sum(axis=1, keepdims=True), 1.0) * np.maximum(left, 0.0)
    return np.where(known, weights, free)


def log_gamma(shape: np.ndarray, size: tuple[int, ...], random: np.random.Generator) -> np.ndarray:
    r"""Return logarithms of gamma variables, finite for any shape.

    A gamma variable of a small shape a is below the smallest number most of the time; there
    :math:`\log G_a = \log G_{a+1} + \log U / a` (Marsaglia & Tsang 2000).

    Parameters
    ----------
    shape
        Positive; broadcast to ``size``.
    """
    if np.min(shape) >= UNDERFLOWS:
        return np.log(random.standard_gamma(shape, size=size))
    return np.log(random.standard_gamma(shape + 1.0, size=size)) - random.standard_exponential(size) / shape


@dataclass(frozen=True)
class ShapleyEstimates:
    """Shapley effects from sampled orders.

    Attributes
    ----------
    effects, error
        Inputs × outputs: in squared units of the output, and their Monte-Carlo standard errors.
    variance
        ``(outputs,)``: the effects add up to it.
    runs
        Runs of the model.
    """

    effects: np.ndarray
    error: np.ndarray
    variance: np.ndarray
    runs: int

    @property
    def shares(self) -> np.ndarray:
        """Effects as shares of the variance; NaN where an output does not vary."""
        return self.effects / np.where(self.variance > 0, self.variance, np.nan)

    @property
    def share_error(self) -> np.ndarray:
        """Standard error of the shares."""
        return self.error / np.where(self.variance > 0, self.variance, np.nan)


def shapley_effects(
    model: Callable[[np.ndarray], np.ndarray],
    nominal: np.ndarray,
    concentration: float,
    *,
    orders: int = 512,
    seed: Seed = 0,
) -> ShapleyEstimates:
    r"""Return the Shapley effects of the Dirichlet weights of one sibling set on the outputs of a model.

    For each order: weights w are drawn, and for each length of its beginning S the others are drawn anew, w'. Then
    :math:`\tfrac12 (f(w) - f(w'))^2` estimates :math:`\operatorname{Var}(y) - c(S)` without bias, and the increments
    along the order
    telescope to the variance. Orders come in pairs, one the reverse of the other. The effects of the best linear
    approximation,
    which are known exactly, serve as control variate: only what the model differs from it is left to chance.

    Parameters
    ----------
    model
        From weights of the set (runs × elements) to outputs (runs × outputs).
    nominal, concentration
        Of the Dirichlet distribution.
    orders
        Number of orders, at least 3, made even; the model runs orders × elements times.

    Raises
    ------
    InputError
        If nominal weights, concentration or number of orders are impossible, or the model returns the wrong number of
        runs or a number that is not finite.
    """
    nominal = numbers(nominal, "nominal", ndim=1, above=0.0)
    if len(nominal) < 2 or abs(nominal.sum() - 1.0) > 1e-6:
        raise InputError("nominal: two or more weights that sum to 1 are needed", found=nominal.round(6).tolist())
    concentration = number(concentration, "concentration", above=0.0)
    whole(orders, "orders", low=3)
    random = generator(seed)
    inputs = len(nominal)
    half = np.array([random.permutation(inputs) for _ in range((orders + 1) // 2)])
    order = np.concatenate([half, half[:, ::-1]])
    logs = log_gamma(concentration * nominal, (len(order), inputs), random)
    weights = np.exp(logs - logs.max(axis=1, keepdims=True))
    weights /= weights.sum(axis=1, keepdims=True)
    place = order.argsort(axis=1)  # when each input becomes known
    # With all but one weight known the last one is known too: the set of size d - 1 has the worth of all.
    drawn = [redraw_dirichlet(weights, place < size, nominal, concentration, random) for size in range(inputs - 1)]
    outputs = np.asarray(model(np.concatenate([weights, *drawn])), dtype=float)
    outputs = numbers(outputs, "outputs of the model")
    if len(outputs) != inputs * len(order):
        expected = inputs * len(order)
        raise InputError("the model returned the wrong number of runs", found=len(outputs), expected=expected)
    outputs = (outputs[:, None] if outputs.ndim == 1 else outputs).reshape(inputs, len(order), -1)
    exact: np.ndarray | float = 0.0
    of_linear = np.zeros_like(outputs)
    if inputs <= MOST_ENUMERATED:
        slopes = np.linalg.lstsq(weights, outputs[0], rcond=None)[0]  # no constant: weights add up to 1
        of_linear = np.stack([weights, *drawn]) @ slopes
        worths = [dirichlet_linear_worths(nominal, concentration, slope) for slope in slopes.T]
        exact = shapley_values(np.stack(worths, axis=-1))
    increments = _increments(outputs, place) - _increments(of_linear, place)
    pairs = 0.5 * (increments[: len(half)] + increments[len(half) :])
    error = pairs.std(axis=0, ddof=1) / np.sqrt(len(pairs))
    effects = increments.mean(axis=0) + exact
    return ShapleyEstimates(effects, error, effects.sum(axis=0), inputs * len(order))


def _increments(outputs: np.ndarray, place: np.ndarray) -> np.ndarray:
    """Return increments of worth, orders × inputs × outputs, for outputs by known beginning (all, none, 1, …)."""
    unknown = np.concatenate([0.5 * (outputs[1:] - outputs[0]) ** 2, np.zeros((2, *outputs.shape[1:]))])
    increments = (unknown[:-1] - unknown[1:]).transpose(1, 0, 2)
    return np.take_along_axis(increments, place[:, :, None], axis=1)
