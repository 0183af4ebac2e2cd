"""The model of ``bayesian`` in PyMC, as one would write it without integrating anything: the reference for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from maternal_eval.methods.bayesian_ahp import (
    DISAGREEMENT_SCALE,
    INCONSISTENCY_SCALE,
    LARGEST_INCONSISTENCY,
    POOLING,
    SMALLEST_INCONSISTENCY,
)
from maternal_eval.methods.judgement_information import basis

if TYPE_CHECKING:
    import pymc


def reference_model(matrices: np.ndarray) -> pymc.Model:
    """Return the PyMC model of judgement matrices, experts × n × n, NaN where a pair was not judged.

    Variables: ``phi`` (n - 1, theta in the basis of ``information``), ``tau``, ``log_sigma`` (experts), ``effect``
    (experts × n - 1, in units of tau) and ``log_typical`` (log s); nu is summed out.
    """
    import pymc as pm
    import pytensor.tensor as pt

    experts, count = matrices.shape[:2]
    rows, columns = np.triu_indices(count, 1)
    expert, pair = np.nonzero(~np.isnan(matrices[:, rows, columns]))
    said = np.log(matrices[expert, rows[pair], columns[pair]])
    with pm.Model() as model:
        phi = pm.Flat("phi", shape=count - 1, initval=np.zeros(count - 1))
        theta = pt.dot(basis(count), phi)
        tau = pm.HalfNormal("tau", DISAGREEMENT_SCALE)
        effect = pm.Normal("effect", shape=(experts, count - 1))
        log_typical = pm.Uniform("log_typical", np.log(SMALLEST_INCONSISTENCY), np.log(LARGEST_INCONSISTENCY))
        typical = pt.exp(log_typical)
        pm.Potential("typical_prior", -0.5 * (typical / INCONSISTENCY_SCALE) ** 2 + log_typical)
        log_sigma = pm.Flat("log_sigma", shape=experts, initval=np.full(experts, -1.0))
        sigma = pt.exp(log_sigma)
        # Scaled inverse chi-squared of sigma² on the scale of log sigma, for each nu; nu is summed out.
        half = POOLING / 2
        by_expert = (
            half * pt.log(half)
            - pt.gammaln(half)
            + 2 * half * log_typical
            - 2 * half * log_sigma[:, None]
            - half * (typical / sigma[:, None]) ** 2
        )
        pm.Potential("pooling", pt.logsumexp(by_expert.sum(axis=0)))
        own = theta + tau * pt.dot(effect, basis(count).T)
        pm.Normal("judgement", own[expert, rows[pair]] - own[expert, columns[pair]], sigma[expert], observed=said)
    return model
