r"""What is assumed about the stage weights before the answers: how they may differ from the static ones.

.. math::

    w_s = \operatorname{softmax}\bigl(\log w^{static} + \sigma_\delta \delta + \tau\, (B z)_s\bigr),
    \qquad \theta_s = \beta_s w_s

- :math:`\delta_j \sim N(0, 1)`: the shift shared by all stages, what respondents say against the experts;
  :math:`\sigma_\delta` is the standard deviation of a log weight over experts.
- z times the basis B: the movement between stages. For ordered stages a random walk along them plus a deviation of
  each stage's own, half the variance each: a walk alone smears a jump at one stage over its neighbours. For
  unordered stages the deviations alone. Both are centred over the stages and scaled so that :math:`\tau` is the
  typical size of a log weight's movement around its average over the stages (geometric mean of the marginal
  variances = 1 in units of the steps; Sørbye & Rue 2014). The steps of the walk are normal; the deviations follow
  Student's t with 3 degrees of freedom, so that one indicator may jump at one stage while the others stay where
  they are.
- :math:`\log \tau \sim N(\log m, 0.8^2)`, m the median: within a factor of 3.7 of it (90 %). Log-normal rather than
  half-normal, whose long tail towards no movement at all the sampler crosses slowly; at the lower end, 0.04 for
  m = 0.15, weights move by 4 %, which is practically nothing. With :math:`\tau \to 0` all stages have the same
  weights, with :math:`\sigma_\delta \to 0` as well the static ones.
- :math:`\log \beta_s \sim N(\log 8, 0.75^2)`: from the worst to the best answer on everything the latent
  satisfaction moves by 2.3 to 27 logits (90 %), where the middle categories of a five-point answer span about 6.

All parameters are standardised by their prior scale and stand in one vector ``x``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

DEGREES_OF_FREEDOM = 3.0
STEP_SPREAD = 0.8
SLOPE_MEDIAN, SLOPE_SPREAD = 8.0, 0.75


def stage_basis(stages: int, ordered: bool) -> np.ndarray:
    """Return the matrix B (stages × steps) that turns independent steps into movements of the log weights.

    Its columns sum to zero over the stages and the geometric mean of the stages' variances is 1.

    Parameters
    ----------
    stages
        Number of stages, at least 2.
    ordered
        True: random walk along the stages and deviations of each stage, half the variance each (stages × 2 - 1
        steps); False: deviations only.

    Examples
    --------
    >>> stage_basis(2, ordered=False).round(3).tolist()
    [[0.707, -0.707], [-0.707, 0.707]]
    """
    own = _standardised(np.eye(stages))
    if not ordered:
        return own
    walk = _standardised(np.tril(np.ones((stages, stages)), k=-1)[:, : stages - 1])
    return _standardised(np.concatenate([walk, own], axis=1))


def _standardised(steps: np.ndarray) -> np.ndarray:
    """Centre over the stages and scale to a geometric mean of the stages' variances of 1."""
    centred = steps - steps.mean(axis=0)
    return centred / np.exp(0.5 * np.mean(np.log((centred**2).sum(axis=1))))


@dataclass(frozen=True)
class StagePrior:
    """The prior of the standardised parameters ``x`` and what they mean.

    Attributes
    ----------
    log_static
        Log of the static weights (any constant may be added).
    basis
        See :func:`stage_basis`.
    shift_scale
        Prior standard deviation of the shared shift of a log weight.
    step_median, step_spread
        Median of tau, and the standard deviation of its logarithm.
    freedom
        Degrees of freedom of the steps, one per column of the basis; infinity for a normal step.
    slope_median, slope_spread
        Log-normal prior of the slopes.
    """

    log_static: np.ndarray
    basis: np.ndarray
    shift_scale: float
    step_median: float
    freedom: np.ndarray
    step_spread: float = STEP_SPREAD
    slope_median: float = SLOPE_MEDIAN
    slope_spread: float = SLOPE_SPREAD

    @classmethod
    def around(
        cls, static: np.ndarray, stages: int, ordered: bool, *, shift_scale: float, step_median: float
    ) -> StagePrior:
        """Return the prior around static weights (positive) for a number of stages."""
        basis = stage_basis(stages, ordered)
        freedom = np.full(basis.shape[1], DEGREES_OF_FREEDOM)
        freedom[: basis.shape[1] - stages] = np.inf  # the walk comes first
        return cls(np.log(static), basis, shift_scale, step_median, freedom)

    @property
    def stages(self) -> int:
        """Number of stages."""
        return self.basis.shape[0]

    @property
    def indicators(self) -> int:
        """Number of indicators."""
        return self.log_static.size

    @cached_property
    def size(self) -> int:
        """Length of ``x``: log of tau over its median, slopes, shifts, steps."""
        return 1 + self.stages + self.indicators * (1 + self.basis.shape[1])

    @property
    def first_step(self) -> int:
        """Position of the first step between stages in ``x``; all after it are steps."""
        return self._shift.stop

    @cached_property
    def _shift(self) -> slice:
        return slice(1 + self.stages, 1 + self.stages + self.indicators)

    def tau(self, x: np.ndarray) -> np.ndarray:
        """Return tau for vectors ``x`` (..., size)."""
        return self.step_median * np.exp(self.step_spread * x[..., 0])

    def slope(self, x: np.ndarray) -> np.ndarray:
        """Return the slopes (..., stages): logits from the worst to the best composite value."""
        return self.slope_median * np.exp(self.slope_spread * x[..., 1 : 1 + self.stages])

    def weights(self, x: np.ndarray) -> np.ndarray:
        """Return the weights (..., stages, indicators); each stage sums to 1."""
        shared = self.log_static + self.shift_scale * x[..., self._shift]
        steps = x[..., self._shift.stop :].reshape(*x.shape[:-1], self.basis.shape[1], self.indicators)
        moved = self.tau(x)[..., None, None] * (self.basis @ steps)
        logs = shared[..., None, :] + moved
        raw = np.exp(logs - logs.max(axis=-1, keepdims=True))
        return raw / raw.sum(axis=-1, keepdims=True)

    def theta(self, x: np.ndarray) -> np.ndarray:
        """Return slope × weight (..., stages, indicators)."""
        return self.slope(x)[..., None] * self.weights(x)

    def sample(self, count: int, generator: np.random.Generator) -> np.ndarray:
        """Return ``count`` draws of ``x`` from the prior."""
        x = generator.standard_normal((count, self.size))
        steps = x[:, self.first_step :].reshape(count, -1, self.indicators)
        heavy = np.isfinite(self.freedom)
        steps[:, heavy] = generator.standard_t(self.freedom[heavy][:, None], steps[:, heavy].shape)
        return x
