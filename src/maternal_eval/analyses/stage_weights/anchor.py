"""What the stage weights are anchored at: the static weights, and how far the experts leave them open."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.linalg import block_diag

from maternal_eval.analyses.stage_weights.design import Design
from maternal_eval.analyses.weights.compute import static_weights
from maternal_eval.analyses.weights.posterior import weight_posterior
from maternal_eval.analyses.weights.result import WeightsResult
from maternal_eval.core.errors import InputError
from maternal_eval.methods.simplex_regression.prior import StagePrior
from maternal_eval.study import DIMENSIONS, Study

SHIFT_SCALE = 0.5
"""Prior standard deviation of a log weight around the static one where no experts say how much they differ."""

DRAWS = 4000
"""Draws of the experts' posterior from which the covariance of their log weights is taken."""

TOLERANCE = 1e-6
"""How far static weights may be from a sum of 1."""

EXPERTS, ASSUMED, SET = "experts", "assumed", "set"
"""Where the prior width comes from: the experts' disagreement, an assumption, or a setting."""


@dataclass(frozen=True)
class Anchor:
    """The centre and the width of the prior before any movement between stages.

    Attributes
    ----------
    static
        Static weights of the indicators in the order of the design, sum 1.
    root
        Root R of the prior covariance R R' of the shared shift of the log weights; elements (dimensions, then
        indicators) × elements, block by sibling set.
    basis
        One of :data:`EXPERTS`, :data:`ASSUMED`, :data:`SET`.
    """

    static: np.ndarray
    root: np.ndarray
    basis: str

    @property
    def spread(self) -> np.ndarray:
        """Prior standard deviation of the shift of each element's log weight."""
        return np.sqrt((self.root**2).sum(axis=1))

    def prior(self, study: Study, design: Design, step_median: float) -> StagePrior:
        """Return the prior around this anchor; ``step_median`` is the typical movement of a log weight."""
        return StagePrior.around(
            self.static,
            design.answers[0].dimension_start,
            len(study.stages),
            study.stages_ordered,
            shift=self.root,
            step_median=step_median,
        )


def anchor(study: Study, design: Design, weights: WeightsResult | pd.Series | None, scale: float | None) -> Anchor:
    """Return the anchor of a study's stage weights.

    The centre are the weights that the composite really uses. The width is what ONE MORE expert would differ from
    the group by (the predictive covariance of log weights in the Bayesian hierarchy process), not how well the group's
    mean is known: respondents are no sample of these experts, and nothing says that they agree with them more than
    experts agree with each other.

    Parameters
    ----------
    weights
        Static weights by code, or a result of the weighting; those of the study if None.
    scale
        Standard deviation of every log weight instead of the experts' disagreement; None for the latter.

    Raises
    ------
    InputError
        If a static weight is missing or not positive, or they do not add up to 1.
    """
    static = _static(study, weights, design)
    elements = len(study.model.dimensions) + static.size
    if scale is not None:
        return Anchor(static, scale * np.eye(elements), SET)
    posterior = weight_posterior(study)
    if posterior is None:
        return Anchor(static, SHIFT_SCALE * np.eye(elements), ASSUMED)
    drawn = posterior.draws(DRAWS, 0, new_expert=True)
    order = [DIMENSIONS, *(name for name in study.model.sibling_sets if name != DIMENSIONS)]
    covariances = [np.atleast_2d(np.cov(np.log(drawn[name]), rowvar=False)) for name in order]
    return Anchor(static, block_diag(*map(symmetric_root, covariances)), EXPERTS)


def symmetric_root(covariance: np.ndarray) -> np.ndarray:
    """Return the symmetric root of a covariance matrix, which need not have full rank."""
    values, directions = np.linalg.eigh(covariance)
    return (directions * np.sqrt(np.maximum(values, 0.0))) @ directions.T


def _static(study: Study, weights: WeightsResult | pd.Series | None, design: Design) -> np.ndarray:
    series = weights if isinstance(weights, pd.Series) else static_weights(study, weights)
    lacking = [code for code in design.codes if code not in series.index]
    if lacking:
        raise InputError("the static weights lack an indicator", found=lacking[0])
    static = series.loc[list(design.codes)].to_numpy(dtype=float)
    if not np.all(np.isfinite(static) & (static > 0)):
        bad = design.codes[int(np.argmin(np.where(np.isfinite(static), static, -1.0)))]
        raise InputError("a static weight has to be positive", column=bad, found=series[bad])
    if abs(static.sum() - 1.0) > TOLERANCE:
        raise InputError("the static weights do not add up", found=f"{static.sum():g}", expected="a sum of 1")
    return static / static.sum()
