r"""From independent uniforms to uncertain inputs: weights on simplexes, normal coefficients, ranges.

Weights of a sibling set live on a simplex and are not independent, so no Sobol' index belongs to one weight. The
sets, however, are independent of each other: every set gets a block of uniforms of its own and is one factor.
Its weights are Dirichlet around the nominal ones,

.. math:: w = g / \sum_k g_k, \qquad g_k \sim \operatorname{Gamma}(c\, w^{nominal}_k), \qquad
          \operatorname{cov}(w_j, w_k) = \frac{w_j (\delta_{jk} - w_k)}{c + 1},

with concentration c: the larger, the closer to the nominal weights.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import gamma, norm

from maternal_eval.errors import InputError
from maternal_eval.study import DIMENSIONS

EDGE = 1e-12
"""Uniforms are kept this far from 0 and 1, where quantiles are infinite."""


def dirichlet_from_uniform(uniforms: np.ndarray, nominal: np.ndarray, concentration: float) -> np.ndarray:
    """Return Dirichlet weights (runs × elements) for blocks of independent uniforms of the same shape.

    Parameters
    ----------
    uniforms
        Runs × elements, in [0, 1].
    nominal
        Mean of the weights: positive, sums to 1.
    concentration
        Positive; the standard deviation of a weight w is sqrt(w (1 - w) / (concentration + 1)).

    Raises
    ------
    InputError
        If the nominal weights are not positive with sum 1, or the concentration is not positive.
    """
    nominal = np.asarray(nominal, dtype=float)
    if not np.all(nominal > 0) or not np.isclose(nominal.sum(), 1.0):
        raise InputError("nominal weights have to be positive and sum to 1", found=nominal.round(6).tolist())
    if not concentration > 0:
        raise InputError("the concentration of weights has to be positive", found=concentration)
    raw = gamma.ppf(np.clip(uniforms, EDGE, 1 - EDGE), concentration * nominal)
    return raw / raw.sum(axis=-1, keepdims=True)


def normal_from_uniform(uniforms: np.ndarray, mean: np.ndarray, covariance: np.ndarray) -> np.ndarray:
    """Return multivariate normal vectors (runs × parameters) for independent uniforms of the same shape."""
    values, directions = np.linalg.eigh(covariance)
    root = directions * np.sqrt(np.maximum(values, 0.0))
    return mean + norm.ppf(np.clip(uniforms, EDGE, 1 - EDGE)) @ root.T


@dataclass(frozen=True)
class WeightGenerator:
    """Global weights from uniforms, one factor per sibling set that has at least two elements.

    Attributes
    ----------
    codes
        Indicators in the order of the weights.
    sets
        Sibling set → its elements: ``dimensions`` and one per dimension.
    nominal
        Sibling set → nominal weights inside it.
    concentration
        Of all sets.
    """

    codes: tuple[str, ...]
    sets: dict[str, tuple[str, ...]]
    nominal: dict[str, np.ndarray]
    concentration: float

    @classmethod
    def around(
        cls,
        codes: Sequence[str],
        weights: np.ndarray,
        sibling_sets: Mapping[str, Sequence[str]],
        concentration: float,
    ) -> WeightGenerator:
        """Return the generator around global weights (one per code, positive)."""
        weights = np.asarray(weights, dtype=float)
        if not np.all(weights > 0):
            raise InputError("weights have to be positive", found=weights.round(6).tolist())
        by_code = dict(zip(codes, weights / weights.sum(), strict=True))
        sets = {name: tuple(elements) for name, elements in sibling_sets.items()}
        totals = {name: sum(by_code[code] for code in sets[name]) for name in sets[DIMENSIONS]}
        nominal = {DIMENSIONS: np.array(list(totals.values()))}
        for name, total in totals.items():
            nominal[name] = np.array([by_code[code] for code in sets[name]]) / total
        return cls(tuple(codes), sets, nominal, concentration)

    @property
    def groups(self) -> dict[str, int]:
        """Factor → number of uniforms: sibling sets with at least two elements."""
        return {name: len(elements) for name, elements in self.sets.items() if len(elements) > 1}

    @property
    def nominal_weights(self) -> np.ndarray:
        """Nominal global weights in the order of the codes."""
        return self._join({name: values[None] for name, values in self.nominal.items()})[0]

    def weights(self, uniforms: np.ndarray) -> np.ndarray:
        """Return global weights (runs × codes): dimension weight × weight inside the dimension.

        ``uniforms`` holds the blocks of :attr:`groups` side by side.
        """
        drawn, position = {}, 0
        for name, nominal in self.nominal.items():
            if name in self.groups:
                block = uniforms[:, position : position + nominal.size]
                position += nominal.size
                drawn[name] = dirichlet_from_uniform(block, nominal, self.concentration)
            else:
                drawn[name] = np.ones((len(uniforms), 1))
        return self._join(drawn)

    def _join(self, by_set: Mapping[str, np.ndarray]) -> np.ndarray:
        columns = {}
        for place, name in enumerate(self.sets[DIMENSIONS]):
            for inside, code in enumerate(self.sets[name]):
                columns[code] = by_set[DIMENSIONS][:, place] * by_set[name][:, inside]
        return np.stack([columns[code] for code in self.codes], axis=1)
