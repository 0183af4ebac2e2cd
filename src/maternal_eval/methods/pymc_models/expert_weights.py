r"""The Bayesian analytic hierarchy process as a PyMC model, with nothing integrated out but the pooling.

The model is told in :mod:`maternal_eval.methods.bayesian_ahp`, which needs no Markov chain for it. Here:

- ``group_contrast`` (contrast): the group's log weights in an orthonormal basis of the vectors that sum to zero, flat;
  ``weight`` (element) their softmax;
- ``tau``: the experts' disagreement, half-normal with ``disagreement_scale`` of ``[analysis.weights]``;
- ``own_contrast`` (expert, contrast): what each expert departs by, in units of tau;
- ``typical``: the typical residual standard deviation, half-normal with ``inconsistency_scale``, within the limits of
  :mod:`~maternal_eval.methods.bayesian_ahp`;
- ``sigma`` (expert), sampled as ``log_sigma``: that of each expert, scaled inverse chi-squared around ``typical``; its
  degrees of freedom are summed out;
- ``log_judgement`` (judgement): the logarithms of the judgements.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import gammaln

from maternal_eval.core.errors import InputError
from maternal_eval.methods.bayesian_ahp import (
    DISAGREEMENT_SCALE,
    INCONSISTENCY_SCALE,
    LARGEST_INCONSISTENCY,
    POOLING,
    SMALLEST_INCONSISTENCY,
)
from maternal_eval.methods.judgement_information import basis
from maternal_eval.methods.pymc_models.changes import NONE, Changes

if TYPE_CHECKING:
    import pymc


def expert_weights_model(
    matrices: np.ndarray,
    *,
    disagreement_scale: float = DISAGREEMENT_SCALE,
    inconsistency_scale: float = INCONSISTENCY_SCALE,
    elements: Sequence[str] = (),
    experts: Sequence[str] = (),
    changes: Changes = NONE,
) -> pymc.Model:
    """Return the PyMC model of the weights of one sibling set.

    Parameters
    ----------
    matrices
        Experts × n × n reciprocal judgement matrices, n ≥ 2; NaN where an expert did not judge a pair.
    disagreement_scale, inconsistency_scale
        Scales of the half-normal priors of ``tau`` and ``typical``.
    elements, experts
        Names; numbers if empty.
    changes
        Other values or distributions of the two scales; there are no further terms here.

    Raises
    ------
    InputError
        If a change does not belong to this model.
    """
    import pymc as pm
    import pytensor.tensor as pt

    changes.check_priors(("disagreement_scale", "inconsistency_scale"))
    if changes.terms:
        raise InputError("the model of the expert weights takes no further terms", found=", ".join(changes.terms))
    people, count = matrices.shape[:2]
    elements = elements or [str(place) for place in range(count)]
    experts = experts or [str(place) for place in range(people)]
    rows, columns = np.triu_indices(count, 1)
    expert, pair = np.nonzero(~np.isnan(matrices[:, rows, columns]))
    first, second = rows[pair], columns[pair]
    coords: dict[str, Sequence[Any]] = {
        "element": elements,
        "expert": experts,
        "contrast": list(range(1, count)),
        "judgement": [
            f"{experts[e]}: {elements[i]} / {elements[j]}"
            for e, i, j in zip(expert.tolist(), first.tolist(), second.tolist(), strict=True)
        ],
    }
    with pm.Model(coords=coords) as graph:
        tau = pm.HalfNormal("tau", changes.prior("disagreement_scale", disagreement_scale))
        scale = changes.prior("inconsistency_scale", inconsistency_scale)
        contrast = pm.Flat("group_contrast", dims="contrast")
        theta = pm.Deterministic("log_weight", pt.dot(basis(count), contrast), dims="element")
        pm.Deterministic("weight", pm.math.softmax(theta), dims="element")
        departure = pm.Normal("own_contrast", dims=("expert", "contrast"))
        own = theta + tau * pt.dot(departure, basis(count).T)
        typical = pm.TruncatedNormal("typical", 0.0, scale, lower=SMALLEST_INCONSISTENCY, upper=LARGEST_INCONSISTENCY)
        log_sigma = _pooled_scales("log_sigma", typical, people)
        sigma = pm.Deterministic("sigma", pt.exp(log_sigma), dims="expert")
        pm.Normal(
            "log_judgement",
            own[expert, first] - own[expert, second],
            sigma[expert],
            observed=np.log(matrices[expert, first, second]),
            dims="judgement",
        )
    return graph


def _pooled_scales(name: str, typical: Any, people: int) -> Any:
    """Add the logs of the residual standard deviations: scaled inverse chi-squared, degrees of freedom summed out."""
    import pymc as pm
    import pytensor.tensor as pt

    def density(log_sigma: Any, typical: Any) -> Any:
        half, ratio = POOLING / 2.0, pt.log(typical[0]) - log_sigma[:, None]
        by_expert = np.log(2.0) + half * np.log(half) - gammaln(half) + 2.0 * half * ratio - half * pt.exp(2.0 * ratio)
        return pt.logsumexp(by_expert.sum(axis=0)) - np.log(POOLING.size)

    def draw(typical: np.ndarray, rng: np.random.Generator, size: Any) -> np.ndarray:
        shape = (*(size or ()), 1)
        freedom = rng.choice(POOLING, shape)
        return np.log(typical) + 0.5 * np.log(freedom / rng.chisquare(freedom, (*shape[:-1], typical.shape[-1])))

    return pm.CustomDist(
        name,
        typical * pt.ones(people),
        logp=density,
        random=draw,
        signature="(n)->(n)",
        support_point=lambda rv, size, typical: pt.log(typical),
        class_name="PooledScales",
        dims="expert",
    )
