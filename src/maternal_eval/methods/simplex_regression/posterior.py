"""The posterior density of the stage weights given the quadratic summaries of the stages, ready for the sampler."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from maternal_eval.methods.optimise import minimise
from maternal_eval.methods.simplex_regression.density import (
    PRIOR,
    SUMMARIES,
    log_density,
    native_log_density,
    pack,
    packed_log_density,
)
from maternal_eval.methods.simplex_regression.prior import StagePrior
from maternal_eval.methods.simplex_regression.summary import QuadraticSummary

FLATTEST = 0.3
"""Smallest precision along a direction of the standardised parameters that the whitening believes."""

DIFFERENCE = 1e-5


@dataclass(frozen=True)
class StageWeightPosterior:
    """Log density of the standardised parameters x as a function of sampling coordinates y.

    Coordinates go to parameters in two steps: ``c = origin + root @ y``, then x = c but for the *centred* steps,
    for which x = c × (median of tau) / tau. A step that the answers determine well is sampled as the movement
    itself (tau times step), because tau and the step alone are then bound together along a curved ridge; the other
    steps are sampled as they stand (Papaspiliopoulos, Roberts & Sköld 2007). The density is that of c, so that
    drawing y is drawing from the posterior of x in any coordinates.

    Attributes
    ----------
    prior
        The prior and the meaning of x.
    summaries
        One quadratic summary per stage.
    origin, root
        See above; zero and the identity in plain coordinates.
    centred
        Positions in x of the centred steps.
    """

    prior: StagePrior
    summaries: tuple[QuadraticSummary, ...]
    origin: np.ndarray
    root: np.ndarray
    centred: np.ndarray

    @classmethod
    def plain(cls, prior: StagePrior, summaries: Sequence[QuadraticSummary]) -> StageWeightPosterior:
        """Return the density of x itself."""
        none = np.empty(0, dtype=np.int64)
        return cls(prior, tuple(summaries), np.zeros(prior.size), np.eye(prior.size), none)

    @property
    def names(self) -> list[str]:
        """One name per coordinate."""
        return [f"y{position}" for position in range(self.prior.size)]

    @cached_property
    def _packed(self) -> np.ndarray:
        prior, summaries = self.prior, self.summaries
        flags = np.zeros(prior.size)
        flags[self.centred] = 1.0
        arrays = {slot.name: getattr(prior, slot.name) for slot in PRIOR}
        arrays |= {name: np.stack([getattr(one, name) for one in summaries]) for name in SUMMARIES}
        return pack(self._scales, arrays | {"origin": self.origin, "root": self.root, "centred": flags})

    @property
    def _scales(self) -> tuple[float, float, float, float]:
        prior = self.prior
        return prior.step_median, prior.step_spread, prior.slope_median, prior.slope_spread

    def to_standardised(self, y: np.ndarray) -> np.ndarray:
        """Return x for coordinates ``y`` (..., size)."""
        x = self.origin + y @ self.root.T
        x[..., self.centred] *= np.exp(-self.prior.step_spread * x[..., :1])
        return x

    def _pull_back(self, x: np.ndarray, value: float, by_x: np.ndarray) -> tuple[float, np.ndarray]:
        """Return log density and gradient of the coordinates from those of x."""
        spread, some = self.prior.step_spread, self.centred
        by_c = by_x.copy()
        by_c[0] -= spread * (some.size + by_x[some] @ x[some])
        by_c[some] *= np.exp(-spread * x[0])
        return value - spread * x[0] * some.size, self.root.T @ by_c

    def log_density(self, y: np.ndarray) -> tuple[float, np.ndarray]:
        """Return the log density at ``y`` (up to a constant) and its gradient."""
        return packed_log_density(self._vector(y), self._packed, self._packed.view(np.float64))

    def _vector(self, y: np.ndarray) -> np.ndarray:
        y = np.ascontiguousarray(y, dtype=float)
        if y.shape != (self.prior.size,):
            raise ValueError(f"the density of the stage weights takes {self.prior.size} coordinates, found {y.shape}")
        return y

    def native(self) -> tuple[Any, np.ndarray]:
        """Return the density as a C function and its data; see :mod:`maternal_eval.methods.sampling.native`."""
        return native_log_density(), self._packed

    def with_likelihood(
        self, y: np.ndarray, theta: np.ndarray, value: float, by_theta: np.ndarray
    ) -> tuple[float, np.ndarray]:
        """Return log density and gradient at ``y`` with another log-likelihood instead of the summaries.

        Parameters
        ----------
        theta
            Stages × indicators at ``y``.
        value, by_theta
            The log-likelihood and its gradient by theta.
        """
        stages, indicators = theta.shape
        if theta.shape != (self.prior.stages, self.prior.indicators) or by_theta.shape != theta.shape:
            raise ValueError(
                f"theta has to be {self.prior.stages} stages × {self.prior.indicators} indicators: {theta.shape}"
            )
        x = self.to_standardised(self._vector(y))
        of, (tau, spread, slope, slope_spread) = self.prior, self._scales
        flat = np.zeros((stages, indicators, indicators))
        prior, by_x = log_density(
            x,
            of.log_static,
            of.dimension_start,
            of.basis,
            of.shift_root,
            tau,
            spread,
            of.freedom,
            slope,
            slope_spread,
            theta,
            by_theta,
            flat,
        )
        return self._pull_back(x, prior + value, by_x)

    def mode_given_tau(self, start: np.ndarray) -> np.ndarray:
        """Return the ``x`` of highest density with tau as in ``start``, in plain coordinates.

        Tau is held because the joint mode of a scale and what it scales lies far from where the posterior is.

        Raises
        ------
        DiagnosticsError
            If the search does not converge.
        """

        def objective(rest: np.ndarray) -> tuple[float, np.ndarray]:
            value, gradient = self.log_density(np.concatenate([start[:1], rest]))
            return -value, -gradient[1:]

        found = minimise(
            objective, start[1:], what="the mode of the stage weights given tau", options={"maxiter": 2000}
        )
        return np.concatenate([start[:1], found.x])

    def whitened(self, x: np.ndarray, centred: np.ndarray | None = None) -> StageWeightPosterior:
        """Return the density in coordinates that are zero at ``x`` and scaled by the curvature there.

        Parameters
        ----------
        x
            Standardised parameters.
        centred
            Positions of the steps to be centred; none if not given.
        """
        plain = self.plain(self.prior, self.summaries)
        if centred is not None:
            plain = replace(plain, centred=centred)
        origin = x.copy()
        origin[plain.centred] *= np.exp(self.prior.step_spread * x[0])
        moves = DIFFERENCE * np.eye(x.size)
        hessian = np.stack(
            [plain.log_density(origin - move)[1] - plain.log_density(origin + move)[1] for move in moves]
        ) / (2 * DIFFERENCE)
        hessian[0, 1:] = hessian[1:, 0] = 0.0  # tau changes the shape of all others: left to the sampler
        scales, directions = np.linalg.eigh(0.5 * (hessian + hessian.T))
        root = directions / np.sqrt(np.maximum(scales, FLATTEST))
        return replace(plain, origin=origin, root=np.ascontiguousarray(root))
