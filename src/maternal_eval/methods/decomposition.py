r"""A difference of means as a difference of composition and one within (Kitagawa 1955, *JASA* 50, 1168–1194).

With shares p and means m of cells, in a group and in everybody,

.. math:: \sum_c p_{gc} m_{gc} - \sum_c p_c m_c
   = \underbrace{\sum_c (p_{gc} - p_c) \frac{m_{gc} + m_c}{2}}_{\text{mix}}
   + \underbrace{\sum_c \frac{p_{gc} + p_c}{2} (m_{gc} - m_c)}_{\text{within}}.

A cell that a group does not have tells nothing of its level there: it has that of everybody, and belongs to the mix.
"""

from __future__ import annotations

import numpy as np

from maternal_eval.core.arguments import numbers


def mix_and_within(
    group_mass: np.ndarray, group_sum: np.ndarray, mass: np.ndarray, total: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the parts of the difference between a group and everybody: mix, within; they add up to it.

    Parameters
    ----------
    group_mass, group_sum
        ``(…, cells)``: mass of the group in each cell, and mass times mean.
    mass, total
        The same of everybody.

    Returns
    -------
    mix, within
        ``(…,)``, in the unit of the mean; NaN for a group without mass.

    Raises
    ------
    InputError
        If a mass is negative or a number not finite.

    Examples
    --------
    >>> mass, level = np.array([50.0, 50.0]), np.array([1.0, 3.0])
    >>> own = np.array([10.0, 30.0])
    >>> [float(part) for part in mix_and_within(own, own * level, mass, mass * level)]
    [0.5, 0.0]
    """
    group_mass, mass = numbers(group_mass, "group_mass", low=0.0), numbers(mass, "mass", low=0.0)
    group_sum, total = numbers(group_sum, "group_sum"), numbers(total, "total")
    level = np.divide(total, mass, out=np.zeros(np.broadcast_shapes(total.shape, mass.shape)), where=mass > 0)
    level = np.broadcast_to(level, np.broadcast_shapes(level.shape, group_mass.shape))
    own = np.where(group_mass > 0, group_sum / np.where(group_mass > 0, group_mass, 1.0), level)
    with np.errstate(invalid="ignore"):
        share = group_mass / group_mass.sum(axis=-1, keepdims=True)
    everybody = mass / mass.sum(axis=-1, keepdims=True)
    mix = ((share - everybody) * (own + level) / 2).sum(axis=-1)
    within = ((share + everybody) / 2 * (own - level)).sum(axis=-1)
    return mix, within
