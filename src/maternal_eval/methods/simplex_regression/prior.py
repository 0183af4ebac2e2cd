r"""What is assumed about the stage weights before the answers: how they may differ from the static ones.

The hierarchy is kept: a weight is that of its dimension times that of the indicator inside it,
:math:`w_{sj} = W_{sd} u_{sj}`, each a softmax over its sibling set. *Elements* are the dimensions, then the
indicators; the logs of their weights are

.. math::

    \ell_s = \log w^{static} + R\,\delta + \tau\, (B z)_s, \qquad \theta_{sj} = \beta_s W_{sd} u_{sj}

- :math:`\delta_e \sim N(0, 1)`: the shift shared by all stages, what respondents say against the experts. R R' is
  the prior covariance of log weights: how much one expert's differ from another's, block by sibling set.
- z times the basis B: the movement between stages. For ordered stages a random walk along them plus a deviation of
  each stage's own, half the variance each: a walk alone smears a jump at one stage over its neighbours. For
  unordered stages the deviations alone. Both are centred over the stages and scaled so that :math:`\tau` is the
  typical size of a log weight's movement around its average over the stages (geometric mean of the marginal
  variances = 1 in units of the steps; Sørbye & Rue 2014). Dimensions and indicators share :math:`\tau`. The steps of
  the walk are normal; the deviations follow Student's t with 3 degrees of freedom, so that one indicator may jump at
  one stage while the others stay where they are.
- :math:`\log \tau \sim N(\log m, 0.8^2)`, m the median: within a factor of 3.7 of it (90 %). Log-normal rather than
  half-normal, whose long tail towards no movement at all the sampler crosses slowly; at the lower end, 0.04 for
  m = 0.15, weights move by 4 %, which is practically nothing. With :math:`\tau \to 0` all stages have the same
  weights, with :math:`R \to 0` as well the static ones.
- :math:`\log \beta_s \sim N(\log 8, 0.75^2)`: from the worst to the best answer on everything the latent
  satisfaction moves by 2.3 to 27 logits (90 %), where the middle categories of a five-point answer span about 6.

All parameters are standardised by their prior scale and stand in one vector ``x``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from scipy.special import softmax

from maternal_eval.core.arguments import number, whole
from maternal_eval.methods.simplex_regression.density import enter_prior

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

    Raises
    ------
    InputError
        With fewer than two stages.

    Examples
    --------
    >>> stage_basis(2, ordered=False).round(3).tolist()
    [[0.707, -0.707], [-0.707, 0.707]]
    """
    whole(stages, "stages", low=2)
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
        Log of the static weights of the elements inside their sibling sets: dimensions, then indicators by dimension.
    dimension_start
        Dimensions + 1: where the indicators of each dimension begin, and their number.
    basis
        See :func:`stage_basis`.
    shift_root
        Elements × elements: a root R of the prior covariance R R' of the shared shift of the log weights.
    step_median, step_spread
        Median of tau, and the standard deviation of its logarithm.
    freedom
        Degrees of freedom of the steps, one per column of the basis; infinity for a normal step.
    slope_median, slope_spread
        Log-normal prior of the slopes.

    Raises
    ------
    InputError
        If the arrays do not belong together, or a median or spread is not positive.
    """

    log_static: np.ndarray
    dimension_start: np.ndarray
    basis: np.ndarray
    shift_root: np.ndarray
    step_median: float
    freedom: np.ndarray
    step_spread: float = STEP_SPREAD
    slope_median: float = SLOPE_MEDIAN
    slope_spread: float = SLOPE_SPREAD

    def __post_init__(self) -> None:
        enter_prior(
            log_static=self.log_static,
            dimension_start=self.dimension_start,
            basis=self.basis,
            freedom=self.freedom,
            shift_root=self.shift_root,
        )
        for name in ("step_median", "step_spread", "slope_median", "slope_spread"):
            number(getattr(self, name), name, above=0.0)

    @classmethod
    def around(
        cls,
        static: np.ndarray,
        dimension_start: np.ndarray,
        stages: int,
        ordered: bool,
        *,
        shift: float | np.ndarray,
        step_median: float,
    ) -> StagePrior:
        """Return the prior around static weights for a number of stages.

        Parameters
        ----------
        static
            Global weights of the indicators, sorted by dimension; positive.
        dimension_start
            See :class:`StagePrior`.
        shift
            Standard deviation of the shared shift of each log weight, or a root of its covariance over the elements.
        """
        sizes = np.diff(dimension_start)
        of_dimension = np.add.reduceat(static, dimension_start[:-1])
        within = static / np.repeat(of_dimension, sizes)
        elements = sizes.size + static.size
        root = shift * np.eye(elements) if np.ndim(shift) == 0 else np.asarray(shift, dtype=float)
        basis = stage_basis(stages, ordered)
        freedom = np.full(basis.shape[1], DEGREES_OF_FREEDOM)
        freedom[: basis.shape[1] - stages] = np.inf  # the walk comes first
        logs = np.log(np.concatenate([of_dimension / of_dimension.sum(), within]))
        return cls(logs, np.asarray(dimension_start), basis, root, step_median, freedom)

    @property
    def stages(self) -> int:
        """Number of stages."""
        return self.basis.shape[0]

    @property
    def dimensions(self) -> int:
        """Number of dimensions."""
        return self.dimension_start.size - 1

    @property
    def elements(self) -> int:
        """Number of dimensions and indicators together."""
        return self.log_static.size

    @property
    def indicators(self) -> int:
        """Number of indicators."""
        return self.elements - self.dimensions

    @cached_property
    def size(self) -> int:
        """Length of ``x``: log of tau over its median, slopes, shifts, steps."""
        return 1 + self.stages + self.elements * (1 + self.basis.shape[1])

    @property
    def first_step(self) -> int:
        """Position of the first step between stages in ``x``; all after it are steps."""
        return self._shift.stop

    @cached_property
    def _shift(self) -> slice:
        return slice(1 + self.stages, 1 + self.stages + self.elements)

    def tau(self, x: np.ndarray) -> np.ndarray:
        """Return tau for vectors ``x`` (..., size)."""
        return self.step_median * np.exp(self.step_spread * x[..., 0])

    def slope(self, x: np.ndarray) -> np.ndarray:
        """Return the slopes (..., stages): logits from the worst to the best composite value."""
        return self.slope_median * np.exp(self.slope_spread * x[..., 1 : 1 + self.stages])

    def weights(self, x: np.ndarray) -> np.ndarray:
        """Return the global weights (..., stages, indicators); each stage sums to 1."""
        shared = self.log_static + x[..., self._shift] @ self.shift_root.T
        steps = x[..., self._shift.stop :].reshape(*x.shape[:-1], self.basis.shape[1], self.elements)
        moved = self.tau(x)[..., None, None] * (self.basis @ steps)
        logs = shared[..., None, :] + moved
        of_dimension, raw = softmax(logs[..., : self.dimensions], axis=-1), logs[..., self.dimensions :]
        sets = [raw[..., start:stop] for start, stop in pairwise(self.dimension_start)]
        parts = [of_dimension[..., [d]] * softmax(one, axis=-1) for d, one in enumerate(sets)]
        return np.concatenate(parts, axis=-1)

    def theta(self, x: np.ndarray) -> np.ndarray:
        """Return slope × weight (..., stages, indicators)."""
        return self.slope(x)[..., None] * self.weights(x)

    def sample(self, count: int, generator: np.random.Generator) -> np.ndarray:
        """Return ``count`` draws of ``x`` from the prior."""
        x = generator.standard_normal((count, self.size))
        steps = x[:, self.first_step :].reshape(count, -1, self.elements)
        heavy = np.isfinite(self.freedom)
        steps[:, heavy] = generator.standard_t(self.freedom[heavy][:, None], steps[:, heavy].shape)
        return x
