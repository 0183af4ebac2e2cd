"""The rule of the schedule on plain arrays: what is adopted, how the rest makes room, and how fast it moves."""

from __future__ import annotations

import numpy as np

from maternal_eval.core.arguments import number, numbers


def adopt(static: np.ndarray, proposed: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """Return the weights of every stage after adopting the chosen ones; each stage sums to 1.

    A chosen weight takes its proposed value; the others of its stage share what is left in proportion to their
    static weights, so that their ratios stay as the experts have them. A stage without a choice stays static.

    Parameters
    ----------
    static
        ``(indicators,)``, sum 1.
    proposed
        Stages × indicators, each stage with sum 1.
    chosen
        Stages × indicators, True where the proposed value is adopted.

    Raises
    ------
    InputError
        If a weight is negative or not finite, or there is not one per indicator.

    Examples
    --------
    >>> chosen = np.array([[True, False, False]])
    >>> adopt(np.array([0.2, 0.2, 0.6]), np.array([[0.4, 0.3, 0.3]]), chosen).round(2).tolist()
    [[0.4, 0.15, 0.45]]
    """
    static = numbers(static, "static", low=0.0)
    proposed = numbers(proposed, "proposed", shape=(None, static.shape[-1]), low=0.0)
    rest = np.where(chosen, 0.0, static)
    left = 1.0 - np.where(chosen, proposed, 0.0).sum(axis=1, keepdims=True)
    total = rest.sum(axis=1, keepdims=True)
    return np.where(chosen, proposed, rest * left / np.where(total > 0, total, 1.0))


def quarters_needed(static: np.ndarray, target: np.ndarray, cap: float) -> np.ndarray:
    """Return how many quarters each stage needs if no weight may move by more than ``cap`` in one.

    Parameters
    ----------
    static, target
        ``(indicators,)`` or stages × indicators, and stages × indicators.
    cap
        Largest change of a weight of the whole in one quarter, positive.

    Raises
    ------
    InputError
        If the cap is not positive, or a weight is negative or not finite.
    """
    number(cap, "cap", above=0.0)
    static = numbers(static, "static", low=0.0)
    target = numbers(target, "target", shape=(None, static.shape[-1]), low=0.0)
    furthest = np.abs(target - static).max(axis=1)
    return np.ceil(np.round(furthest / cap, 9)).astype(int)


def path(static: np.ndarray, target: np.ndarray, cap: float) -> np.ndarray:
    """Return the weights quarter by quarter: quarters (0 = static) × stages × indicators.

    A straight line from the static to the target weights in as many equal steps as the cap asks for: on a straight
    line every quarter's weights add up to 1. All stages run as long as the slowest needs; one that has arrived stays.
    """
    needed = quarters_needed(static, target, cap)
    quarter = np.arange(needed.max(initial=0) + 1)[:, None]
    share = np.minimum(quarter / np.maximum(needed, 1), 1.0)
    return static + share[:, :, None] * (target - static)
