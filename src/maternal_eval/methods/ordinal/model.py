r"""The satisfaction model: its parameters, its priors, and the posterior density with its gradient.

An answer of stage s, period t and segments g has location

.. math:: \eta = \alpha_s + \beta_t + \gamma_{st} + \sum_f \delta_{f, g_f}

and latent scale :math:`\sigma_s`, with answers of one of :data:`maternal_eval.methods.ordinal.families.FAMILIES`.

- :math:`\alpha`: random walk along ordered stages, exchangeable between unordered ones.
- :math:`\beta`: random walk over the periods. A period without answers is drawn from the walk: that is the
  forecast.
- :math:`\gamma`: every stage's own departure from the common path, a random walk over the periods as well.
- :math:`\delta`: exchangeable levels of a segment (city tier, platform type); where one divides another (platforms
  within platform types), exchangeable inside each of the other's levels.
- :math:`\log\sigma_s`: exchangeable over stages, averaging to zero. Left out for two answers, where a scale cannot be
  told from a location.
- thresholds: every distribution of the answers is equally likely before the data speak (uniform on the simplex,
  for a cell with :math:`\eta = 0`; the induced Dirichlet prior of Betancourt 2019).

The coefficients of each factor share an unknown scale that is integrated out: see
:mod:`maternal_eval.methods.ordinal.factors`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from maternal_eval.core.arguments import number, numbers, whole_numbers
from maternal_eval.core.errors import InputError
from maternal_eval.methods.ordinal import density
from maternal_eval.methods.ordinal.factors import Factor
from maternal_eval.methods.ordinal.families import Family, family_named


@dataclass(frozen=True)
class Parameters:
    """Natural parameters for one or many parameter vectors.

    Attributes
    ----------
    thresholds
        (..., K - 1), in logits (standard deviations for probit); increasing in cumulative families.
    location
        (..., cells), in logits.
    log_scale
        (..., stages).
    """

    thresholds: np.ndarray
    location: np.ndarray
    log_scale: np.ndarray


@dataclass(frozen=True, eq=False)
class SatisfactionModel:
    """The posterior density; a :class:`maternal_eval.methods.sampling.LogDensity`.

    The vector ``x`` holds the first threshold and the log distances between thresholds (the thresholds themselves where
    they have no order), the coefficients of each factor, and those of the log scale; coefficients are divided by
    their prior scale.

    Attributes
    ----------
    counts
        Cells × K answers, lowest answer first; rows of zeros are cells to be predicted.
    stage
        Stage of each cell.
    factors
        Factors of the linear predictor; those without coefficients (one level) are allowed.
    scale_basis
        Stages × coefficients of the log latent scale; no columns: equal scales.
    scale_prior
        Prior scale of a log latent scale.
    degrees
        Degrees of freedom of the shared prior scales.
    family_name
        A name of :data:`maternal_eval.methods.ordinal.families.FAMILIES`.

    Raises
    ------
    InputError
        If counts, stages, levels and bases do not belong together, or a scale is not positive: the compiled density
        takes every array at its word.
    """

    counts: np.ndarray
    stage: np.ndarray
    factors: tuple[Factor, ...]
    scale_basis: np.ndarray
    scale_prior: float
    degrees: float
    family_name: str = "cumulative_logit"

    def __post_init__(self) -> None:
        # Once per model, here: the compiled density looks at no length and no position.
        counts = numbers(self.counts, "counts", ndim=2, low=0.0)
        if counts.shape[1] < 2:
            raise InputError("counts: answers need at least two categories", found=counts.shape[1])
        stages = numbers(self.scale_basis, "scale_basis", ndim=2, empty=True).shape[0]
        whole_numbers(self.stage, "stage", shape=(len(counts),), low=0, high=stages - 1)
        for factor in self.factors:
            levels = numbers(factor.basis, f"basis of {factor.name}", ndim=2, empty=True).shape[0]
            whole_numbers(factor.level, f"level of {factor.name}", shape=(len(counts),), low=0, high=levels - 1)
            number(factor.scale, f"scale of {factor.name}", above=0.0)
        number(self.scale_prior, "scale_prior", above=0.0)
        number(self.degrees, "degrees", above=0.0)
        family_named(self.family_name)

    def _vector(self, x: np.ndarray) -> np.ndarray:
        x = np.ascontiguousarray(x, dtype=float)
        if x.shape != (len(self.names),):
            raise InputError("x: wrong shape", found=x.shape, expected=(len(self.names),))
        return x

    @cached_property
    def family(self) -> Family:
        """The family of the answers."""
        return family_named(self.family_name)

    @property
    def thresholds(self) -> int:
        """Number of thresholds, one less than the number of answers."""
        return self.counts.shape[1] - 1

    @cached_property
    def blocks(self) -> dict[str, slice]:
        """Where each group of parameters stands in ``x``."""
        sizes = {"threshold": self.thresholds}
        sizes |= {factor.name: factor.basis.shape[1] for factor in self.factors}
        sizes["log_scale"] = self.scale_basis.shape[1]
        ends = np.cumsum(list(sizes.values()))
        return {name: slice(int(end) - size, int(end)) for (name, size), end in zip(sizes.items(), ends, strict=True)}

    @cached_property
    def names(self) -> Sequence[str]:
        """One name per parameter."""
        return tuple(
            f"{name} {number + 1}" for name, block in self.blocks.items() for number in range(block.stop - block.start)
        )

    @cached_property
    def arrays(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Basis, level, scale basis, group and counts as :mod:`maternal_eval.methods.ordinal.density` reads them."""
        effects = sum(factor.basis.shape[0] for factor in self.factors)
        coefficients = sum(factor.basis.shape[1] for factor in self.factors)
        basis = np.zeros((effects, coefficients))
        level = np.empty((len(self.stage), len(self.factors)), dtype=np.int64)
        row = column = 0
        for place, factor in enumerate(self.factors):
            rows, columns = factor.basis.shape
            basis[row : row + rows, column : column + columns] = factor.scale * factor.basis
            level[:, place] = row + factor.level
            row, column = row + rows, column + columns
        return (
            basis,
            level,
            np.ascontiguousarray(self.scale_prior * self.scale_basis, dtype=float),
            np.ascontiguousarray(self.stage, dtype=np.int64),
            np.ascontiguousarray(self.counts, dtype=float),
        )

    @cached_property
    def _block_start(self) -> np.ndarray:
        blocks = list(self.blocks.values())[1:]
        return np.array([*(block.start for block in blocks), blocks[-1].stop], dtype=np.int64)

    def log_density(self, x: np.ndarray) -> tuple[float, np.ndarray]:
        """Return the log posterior density of ``x`` (up to a constant) and its gradient."""
        return density.log_density(self._vector(x), *self.arrays, self._block_start, self.degrees, self.family.kernel)

    def native(self) -> tuple[Any, np.ndarray]:
        """Return the density as a C function, and the data it is called with."""
        packed = density.pack(*self.arrays, self._block_start, self.degrees, self.family.kernel)
        return density.native_log_density(), packed

    def log_likelihood(self, x: np.ndarray) -> tuple[float, np.ndarray]:
        """Return the log-likelihood of ``x`` and its gradient."""
        return density.log_likelihood(self._vector(x), *self.arrays, self.family.kernel)

    def log_prior(self, x: np.ndarray) -> tuple[float, np.ndarray]:
        """Return the log prior density of ``x`` (up to a constant) and its gradient."""
        return density.log_prior(self._vector(x), self.thresholds, self._block_start, self.degrees, self.family.kernel)

    def parameters(self, x: np.ndarray) -> Parameters:
        """Return the natural parameters for vectors ``x`` (..., parameters)."""
        basis, level, scale_basis, _, _ = self.arrays
        last = self.thresholds
        thresholds = x[..., :last]
        if self.family.ordered_thresholds:
            first = x[..., :1] - 0.5 * (last - 1)
            thresholds = np.cumsum(np.concatenate([first, np.exp(x[..., 1:last])], axis=-1), axis=-1)
        effect = x[..., last : last + basis.shape[1]] @ basis.T
        nothing = np.zeros((*x.shape[:-1], len(level)))  # a single cell has no effects
        return Parameters(
            thresholds=thresholds,
            location=sum((effect[..., level[:, factor]] for factor in range(level.shape[1])), nothing),
            log_scale=x[..., self.blocks["log_scale"]] @ scale_basis.T,
        )

    def probabilities(self, x: np.ndarray) -> np.ndarray:
        """Return the answer probabilities (..., cells, K) for vectors ``x`` (..., parameters)."""
        natural = self.parameters(x)
        scale = np.exp(natural.log_scale)[..., self.stage]
        return self.family.probabilities(natural.thresholds, natural.location, scale)

    def effects(self, x: np.ndarray, name: str) -> np.ndarray:
        """Return the effects (..., levels) of factor ``name``, in logits."""
        factor = next(factor for factor in self.factors if factor.name == name)
        return factor.scale * (x[..., self.blocks[name]] @ factor.basis.T)

    def draw_prior(self, generator: np.random.Generator, size: int) -> np.ndarray:
        """Return ``size`` parameter vectors drawn from the prior."""
        x = np.zeros((size, len(self.names)))
        thresholds = self.family.thresholds(generator.dirichlet(np.ones(self.thresholds + 1), size))
        x[:, : self.thresholds] = thresholds
        if self.family.ordered_thresholds:
            x[:, 0] = thresholds[:, 0] + 0.5 * (self.thresholds - 1)
            x[:, 1 : self.thresholds] = np.log(np.diff(thresholds, axis=1))
        for block in list(self.blocks.values())[1:]:
            shared = np.sqrt(self.degrees / generator.chisquare(self.degrees, size))
            x[:, block] = shared[:, None] * generator.standard_normal((size, block.stop - block.start))
        return x

    def draw_scales(self, x: np.ndarray, generator: np.random.Generator) -> dict[str, np.ndarray]:
        """Return draws of the scale of each factor's coefficients, given parameter vectors ``x`` (..., parameters).

        The scale was integrated out of the density; given the coefficients it is known exactly: its square is
        Scaled-Inv-chi-squared with degrees of freedom and squared coefficients added up.
        """
        prior = {factor.name: factor.scale for factor in self.factors} | {"log_scale": self.scale_prior}
        scales = {}
        for name, block in self.blocks.items():
            size = block.stop - block.start
            if name in prior and size:
                total = self.degrees + (x[..., block] ** 2).sum(axis=-1)
                chi_square = generator.chisquare(self.degrees + size, total.shape)
                scales[name] = prior[name] * np.sqrt(total / chi_square)
        return scales
