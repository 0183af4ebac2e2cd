r"""Families of ordered answers in PyTensor: log probability of each answer, and the prior of the thresholds.

With :math:`z_{ik} = (c_k - \eta_i) / \sigma_i`, the place of threshold k seen from cell i, the same formulas as in
:mod:`maternal_eval.methods.ordinal.density`, written so that no digit is lost far from the centre.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from maternal_eval.core.errors import InputError
from maternal_eval.methods.ordinal.families import family_named


def _cumulative_logit(place: Any) -> Any:
    import pytensor.tensor as pt

    below, above = -pt.softplus(-place), -pt.softplus(place)
    inside = below[..., 1:] + above[..., :-1] + pt.log1mexp(place[..., :-1] - place[..., 1:])
    return pt.concatenate([below[..., :1], inside, above[..., -1:]], axis=-1)


def log_normal_distribution(z: Any) -> Any:
    r"""Return :math:`\log \Phi(z)` in PyTensor, to nearly full precision on both sides."""
    import pytensor.tensor as pt

    lower, upper = pt.minimum(z, 0.0), pt.maximum(z, 0.0)
    tail = pt.log(0.5 * pt.erfcx(-lower / np.sqrt(2.0))) - 0.5 * lower**2
    return pt.where(z < 0.0, tail, pt.log1p(-0.5 * pt.erfc(upper / np.sqrt(2.0))))


def _cumulative_probit(place: Any) -> Any:
    import pytensor.tensor as pt

    below, above = log_normal_distribution(place), log_normal_distribution(-place)
    # On the upper side the probability is taken in the mirrored tail, where it keeps its digits.
    mirrored = place[..., :-1] > 0.0
    larger = pt.where(mirrored, above[..., :-1], below[..., 1:])
    smaller = pt.where(mirrored, above[..., 1:], below[..., :-1])
    inside = larger + pt.log1mexp(smaller - larger)
    return pt.concatenate([below[..., :1], inside, above[..., -1:]], axis=-1)


def _adjacent_logit(place: Any) -> Any:
    import pytensor.tensor as pt

    climb = pt.concatenate([pt.zeros_like(place[..., :1]), pt.cumsum(-place, axis=-1)], axis=-1)
    return climb - pt.logsumexp(climb, axis=-1, keepdims=True)


def _logistic_thresholds(thresholds: Any) -> Any:
    import pytensor.tensor as pt

    return -(pt.softplus(thresholds) + pt.softplus(-thresholds)).sum(axis=-1)


def _normal_thresholds(thresholds: Any) -> Any:
    import pytensor.tensor as pt

    return -0.5 * pt.sqr(thresholds).sum(axis=-1)


def _adjacent_thresholds(thresholds: Any) -> Any:
    return _adjacent_logit(thresholds).sum(axis=-1)


@dataclass(frozen=True)
class GraphFamily:
    """A family of answers in PyTensor.

    Attributes
    ----------
    log_probabilities
        Places of the thresholds (..., K - 1) → log probability of each answer (..., K).
    thresholds
        Thresholds (..., K - 1) → log density that makes every distribution of the answers at location 0 and scale 1
        equally likely, up to a constant.
    """

    log_probabilities: Callable[[Any], Any]
    thresholds: Callable[[Any], Any]


GRAPH_FAMILIES = {
    "cumulative_logit": GraphFamily(_cumulative_logit, _logistic_thresholds),
    "cumulative_probit": GraphFamily(_cumulative_probit, _normal_thresholds),
    "adjacent_logit": GraphFamily(_adjacent_logit, _adjacent_thresholds),
}
"""Family → the same in PyTensor; a family that is added gets one more row."""


def graph_family(name: str) -> GraphFamily:
    """Return a family of answers in PyTensor.

    Raises
    ------
    InputError
        If it has no row in :data:`GRAPH_FAMILIES`.
    """
    if name not in GRAPH_FAMILIES:
        raise InputError("no PyMC model of this family of answers", found=name, expected=", ".join(GRAPH_FAMILIES))
    return GRAPH_FAMILIES[name]


def equally_likely_answers(name: str, family: str, answers: int, dims: str) -> Any:
    """Add thresholds to the model in context: every distribution of ``answers`` answers is equally likely before.

    This is the uniform distribution on the simplex of the answer probabilities at location 0 and scale 1 (the induced
    Dirichlet prior of Betancourt 2019), from which prior predictive draws are taken as well.

    Parameters
    ----------
    name, dims
        Of the variable.
    family
        A row of :data:`GRAPH_FAMILIES`.
    answers
        K; there are K - 1 thresholds.
    """
    import pymc as pm
    import pytensor.tensor as pt
    from pymc.distributions.transforms import ordered

    found, ordinary = graph_family(family), family_named(family)

    def draw(ones: np.ndarray, rng: np.random.Generator, size: Any) -> np.ndarray:
        return ordinary.thresholds(rng.dirichlet(np.ones(ones.shape[-1] + 1), size))

    start = ordinary.thresholds(np.full(answers, 1.0 / answers))
    return pm.CustomDist(
        name,
        np.ones(answers - 1),
        logp=lambda value, _: found.thresholds(value),
        random=draw,
        signature="(n)->(n)",
        support_point=lambda rv, size, _: pt.as_tensor(start),
        default_transform=ordered if ordinary.ordered_thresholds else None,
        class_name="EquallyLikelyAnswers",
        dims=dims,
    )
