r"""PAWN: how far knowing one input shifts the whole DISTRIBUTION of an output, not only its variance.

.. math:: \hat T_i = \operatorname{median}_k \max_y | F_y(y) - F_{y | x_i \in I_k}(y) |

over slices :math:`I_k` of equal probability (Pianosi & Wagener 2018). It needs no independence and no extra runs: any
sample of inputs and outputs will do, so it is the cross-check on single weights, which have no Sobol' index. Being a
distance of samples it is not 0 for an input without influence; the noise floor is that of an input drawn apart
(Khorashadi Zadeh et al. 2017).
"""

from __future__ import annotations

import numpy as np

from maternal_eval.core.arguments import numbers, whole

SLICES = 10
"""Slices of an input; an input with fewer distinct values has one slice per value."""


def slice_numbers(values: np.ndarray, slices: int = SLICES) -> np.ndarray:
    """Return the number of the slice of each value: slices of equal probability, or one per distinct value if few."""
    distinct, place = np.unique(values, return_inverse=True)
    if distinct.size <= slices:
        return place
    edges = np.unique(np.quantile(values, np.linspace(0, 1, slices + 1)[1:-1]))
    return np.unique(np.searchsorted(edges, values, side="right"), return_inverse=True)[1]


def pawn(inputs: np.ndarray, outputs: np.ndarray, slices: int = SLICES) -> np.ndarray:
    """Return the PAWN index of every input for every output, inputs × outputs, between 0 and 1.

    Parameters
    ----------
    inputs
        Runs × inputs; numbers, or codes of levels.
    outputs
        Runs × outputs.

    Raises
    ------
    InputError
        If a number is not finite, runs do not agree, or there are fewer than two slices.
    """
    inputs = numbers(inputs, "inputs", ndim=2)
    outputs = numbers(outputs, "outputs", shape=(len(inputs), None))
    whole(slices, "slices", low=2)
    runs = len(outputs)
    order = np.argsort(outputs, axis=0, kind="stable")
    ordered = np.take_along_axis(outputs, order, axis=0)
    # The distributions are compared where a value ends: inside a run of equal outputs there is no distribution.
    ends = np.ones_like(ordered, dtype=bool)
    ends[:-1] = ordered[1:] > ordered[:-1]
    everything = np.arange(1, runs + 1)[:, None] / runs
    result = np.empty((inputs.shape[1], outputs.shape[1]))
    for place, values in enumerate(inputs.T):
        number = slice_numbers(values, slices)
        distance = []
        for one in range(number.max() + 1):
            inside = number == one
            share = np.cumsum(inside[order], axis=0) / inside.sum()
            distance.append(np.where(ends, np.abs(share - everything), 0.0).max(axis=0))
        result[place] = np.median(distance, axis=0)
    return result
