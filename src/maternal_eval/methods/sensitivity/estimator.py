r"""Sobol' indices and all their bootstrap resamples as one matrix product, on plain arrays.

Every estimator is a ratio of means over the N base points, so a resample needs nothing but the means under other
shares of the base points: *resamples × base points* times *base points × terms*. With all outputs standardised over
all runs, and :math:`V = \operatorname{var}(f_A, f_B)`:

.. math:: S_j = \frac{\overline{f_B (f_{AB_j} - f_A)}}{V}, \quad
          T_j = \frac{\overline{(f_A - f_{AB_j})^2}}{2 V}, \quad
          S_{jk} = \frac{\overline{f_{BA_j} f_{AB_k}} - \overline{f_A f_B}}{V} - S_j - S_k

(first order: Saltelli et al. 2010; total: Jansen 1999; second order: Saltelli 2002), equal to SALib's ``analyze``.

The noise floor ("dummy") comes from the products of :math:`f_A` and :math:`f_B` alone, which hold independent inputs
(Khorashadi Zadeh et al. 2017, in the form of the R package sensobol): it costs no run.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from maternal_eval.core.threads import product

COMMON = 6
"""Terms that all factors share: they follow the terms of the factors."""


@dataclass(frozen=True)
class IndexDraws:
    """Indices per row of shares.

    Attributes
    ----------
    first, total
        Rows × outputs × (factors + 1); the noise floor is last.
    second
        Rows × outputs × pairs of factors (j < k, row by row); no pairs without second order.
    variance
        Rows × outputs, of the standardised outputs.
    """

    first: np.ndarray
    total: np.ndarray
    second: np.ndarray
    variance: np.ndarray


def pairs(factors: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the positions j < k of all pairs of factors, row by row."""
    return np.triu_indices(factors, k=1)


def term_count(factors: int, second_order: bool) -> int:
    """Return how many means :func:`terms` needs."""
    return 2 * factors + (factors * (factors - 1) // 2 if second_order else 0) + COMMON


def terms(outputs: np.ndarray, second_order: bool) -> np.ndarray:
    """Return what the means are taken of: base points × terms × outputs.

    Parameters
    ----------
    outputs
        Base points × (A, AB_1 … AB_G, [BA_1 … BA_G,] B) × outputs, standardised.
    second_order
        Whether the runs BA are there.
    """
    factors = (outputs.shape[1] - 2) // (2 if second_order else 1)
    a, ab, b = outputs[:, :1], outputs[:, 1 : 1 + factors], outputs[:, -1:]
    parts = [b * (ab - a), 0.5 * (a - ab) ** 2]
    if second_order:
        ba = outputs[:, 1 + factors : -1]
        one, other = pairs(factors)
        parts.append(ba[:, one] * ab[:, other])
    return np.concatenate([*parts, 0.5 * (a + b), 0.5 * (a**2 + b**2), a * b, a, b, b**2], axis=1)


def indices_from_means(means: np.ndarray, factors: int) -> IndexDraws:
    """Return the indices for means of :func:`terms` (rows × terms × outputs); NaN where an output does not vary."""
    centre, square, product, mean_a, mean_b, square_b = np.moveaxis(means[:, -COMMON:], 1, 0)
    variance = square - centre**2
    variance = np.where(variance > np.finfo(float).eps, variance, np.nan)
    first = means[:, :factors] / variance[:, None]
    total = means[:, factors : 2 * factors] / variance[:, None]
    one, other = pairs(factors if means.shape[1] > 2 * factors + COMMON else 0)
    second = (means[:, 2 * factors : -COMMON] - product[:, None]) / variance[:, None]
    second = second - first[:, one] - first[:, other]
    floor_first = (product - mean_a * mean_b) / variance
    floor_total = 1.0 - (square_b - mean_a * mean_b) / variance
    first = np.concatenate([first, floor_first[:, None]], axis=1)
    total = np.concatenate([total, floor_total[:, None]], axis=1)
    first, total, second = (part.transpose(0, 2, 1) for part in (first, total, second))
    return IndexDraws(first, total, second, variance)


def resample_totals(resamples: int, sizes: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Return how many of the N draws of each resample fall into each block (resamples × blocks)."""
    count = int(sizes.sum())
    return random.multinomial(count, sizes / count, size=resamples)


def resample_counts(totals: np.ndarray, size: int, random: np.random.Generator) -> np.ndarray:
    """Return how often each base point of a block is drawn: resamples × block.

    Given the number of draws in a block they are uniform in it, so counts made block by block follow exactly the
    law of the ordinary bootstrap of all N base points, and no array of resamples × N is ever held.

    Parameters
    ----------
    totals
        Draws that fall into this block, per resample.
    size
        Base points in the block.
    """
    row = np.repeat(np.arange(len(totals)) * size, totals)
    drawn = row + random.integers(size, size=len(row))
    return np.bincount(drawn, minlength=len(totals) * size).reshape(len(totals), size).astype(float)


def block_sums(outputs: np.ndarray, counts: np.ndarray, second_order: bool) -> np.ndarray:
    """Return the sums over a block of base points of :func:`terms`: (1 + resamples) × terms × outputs.

    Row 0 is the data: every base point counts once. This is the matrix product that the module is about; it gives the
    same numbers for every number of threads.
    """
    of_point = terms(outputs, second_order)
    flat = of_point.reshape(len(of_point), -1)
    sums = np.empty((1 + len(counts), flat.shape[1]))
    sums[0] = flat.sum(axis=0)
    product(counts, flat, out=sums[1:])
    return sums.reshape(-1, *of_point.shape[1:])
