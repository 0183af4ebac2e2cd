"""Draws of any PyMC model of the answers in the place of the compiled model, for everything computed from draws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from maternal_eval.methods.ordinal.factors import Factor
from maternal_eval.methods.ordinal.model import SatisfactionModel

CELL = "cell"


@dataclass(frozen=True, eq=False)
class DrawnModel(SatisfactionModel):
    """Answer probabilities of cells at draws that were made elsewhere.

    A "vector" has one number: the number of its draw, first those of the posterior, then those of the prior.

    Attributes
    ----------
    chance
        Draws × all cells × K: answer probabilities.
    log_prior_of, log_likelihood_of
        Log densities of each posterior draw, up to a constant.
    prior_draws
        How many of the draws at the end come from the prior.
    """

    chance: np.ndarray = field(default_factory=lambda: np.zeros((0, 0, 2)))
    log_prior_of: np.ndarray = field(default_factory=lambda: np.zeros(0))
    log_likelihood_of: np.ndarray = field(default_factory=lambda: np.zeros(0))
    prior_draws: int = 0

    @classmethod
    def of(
        cls,
        like: SatisfactionModel,
        posterior: np.ndarray,
        prior: np.ndarray,
        log_prior: np.ndarray,
        log_likelihood: np.ndarray,
    ) -> DrawnModel:
        """Return the model with the counts and stages of ``like``; probabilities (draws, cells, K)."""
        cells = len(like.stage)
        return cls(
            counts=like.counts,
            stage=like.stage,
            factors=(Factor(CELL, np.zeros((cells, 0)), np.arange(cells), 1.0),),
            scale_basis=like.scale_basis[:, :0],
            scale_prior=like.scale_prior,
            degrees=like.degrees,
            family_name=like.family_name,
            chance=np.concatenate([posterior, prior]),
            log_prior_of=log_prior,
            log_likelihood_of=log_likelihood,
            prior_draws=len(prior),
        )

    @property
    def names(self) -> Sequence[str]:
        """The only coordinate: the number of the draw."""
        return ("draw",)

    def _draw(self, x: np.ndarray) -> np.ndarray:
        return np.asarray(x)[..., 0].astype(np.int64)

    def probabilities(self, x: np.ndarray) -> np.ndarray:
        """Return the answer probabilities (..., cells, K) at draws ``x`` (..., 1)."""
        return self.chance[self._draw(x)][..., self.factors[0].level, :]

    def log_prior(self, x: np.ndarray) -> tuple[float, np.ndarray]:
        """Return the log prior density of one draw; there is no gradient."""
        return float(self.log_prior_of[self._draw(x)]), np.zeros(1)

    def log_likelihood(self, x: np.ndarray) -> tuple[float, np.ndarray]:
        """Return the log-likelihood of one draw; there is no gradient."""
        return float(self.log_likelihood_of[self._draw(x)]), np.zeros(1)

    def draw_prior(self, generator: np.random.Generator, size: int) -> np.ndarray:
        """Return ``size`` draws from the prior, with replacement where there are fewer."""
        first = len(self.chance) - self.prior_draws
        chosen = generator.choice(self.prior_draws, size, replace=size > self.prior_draws)
        return (first + chosen)[:, None].astype(float)
