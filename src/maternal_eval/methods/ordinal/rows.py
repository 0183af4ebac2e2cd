"""The satisfaction model on respondents, as a PyMC model: the check that counts by cell lose nothing.

Same parameters, same priors, and the likelihood of every single answer, differentiated by PyTensor. Nothing in the
analyses uses it: tests compare its log density and gradient with those of the counts, and
``benchmarks/ordinal_cells_against_rows.py`` compares the time that both take.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from maternal_eval.methods.ordinal.model import SatisfactionModel

if TYPE_CHECKING:
    import pymc


def respondent_model(model: SatisfactionModel, cell: np.ndarray, category: np.ndarray) -> pymc.Model:
    """Return the model of single answers that belongs to a model of counts.

    Parameters
    ----------
    model
        The model of counts; its counts are not looked at.
    cell
        Cell of each respondent.
    category
        Answer of each respondent as category 0 … K-1.

    Returns
    -------
    pymc.Model
        One free variable ``parameter``, the vector ``x`` of the model of counts. Its log density differs from that
        of the counts by a constant at most.
    """
    import pymc as pm
    import pytensor.tensor as pt

    basis, level, scale_basis, group, _ = model.arrays
    last, coefficients, twin = model.thresholds, basis.shape[1], TWINS[model.family_name]
    with pm.Model() as respondents:
        answer = pm.Data("category", category.astype(np.int64))
        x = pm.Flat("parameter", shape=len(model.names))
        thresholds = x[:last]
        if model.family.ordered_thresholds:
            thresholds = pt.cumsum(pt.concatenate([x[:1] - 0.5 * (last - 1), pt.exp(x[1:last])]))
        effect = pt.dot(basis, x[last : last + coefficients])
        location = effect[level[cell]].sum(axis=1)
        inverse = pt.exp(-pt.dot(scale_basis, x[last + coefficients :]))[group[cell]]
        place = pt.specify_shape((thresholds - location[:, None]) * inverse[:, None], (None, last))
        pm.Potential("answers", twin.answers(place, answer, category))
        prior = twin.thresholds(thresholds, x[1:last].sum())
        for name, block in model.blocks.items():
            size = block.stop - block.start
            if name != "threshold" and size:
                square = pt.sqr(x[block]).sum()
                prior = prior - 0.5 * (model.degrees + size) * pt.log1p(square / model.degrees)
        pm.Potential("prior", prior)
    return respondents


def _edges(place: Any, answer: Any, category: np.ndarray) -> tuple[Any, Any, np.ndarray, np.ndarray, np.ndarray]:
    """Return upper and lower edge of each answer, whether it is the top or bottom one, and which are inside."""
    import pytensor.tensor as pt

    last, rows = place.shape[1], pt.arange(place.shape[0])
    top, bottom = pt.eq(answer, last), category == 0
    inside = np.flatnonzero((category > 0) & (category < place.type.shape[1]))
    return place[rows, pt.minimum(answer, last - 1)], place[rows, pt.maximum(answer - 1, 0)], top, bottom, inside


def _cumulative_logit(place: Any, answer: Any, category: np.ndarray) -> Any:
    import pytensor.tensor as pt

    upper, lower, top, bottom, inside = _edges(place, answer, category)
    return (
        -(pt.softplus(-upper) * (1.0 - top)).sum()
        - (pt.softplus(lower) * (1.0 - bottom)).sum()
        + pt.log1mexp(lower[inside] - upper[inside]).sum()
    )


def _cumulative_probit(place: Any, answer: Any, category: np.ndarray) -> Any:
    import pytensor.tensor as pt
    from pymc.distributions.dist_math import normal_lcdf

    upper, lower, top, bottom, inside = _edges(place, answer, category)
    above = pt.gt(lower[inside], 0.0)
    larger = normal_lcdf(0.0, 1.0, pt.switch(above, -lower[inside], upper[inside]))
    smaller = normal_lcdf(0.0, 1.0, pt.switch(above, -upper[inside], lower[inside]))
    return (
        (normal_lcdf(0.0, 1.0, upper) * bottom).sum()
        + (normal_lcdf(0.0, 1.0, -lower) * top).sum()
        + (larger + pt.log1mexp(smaller - larger)).sum()
    )


def _adjacent_logit(place: Any, answer: Any, category: np.ndarray) -> Any:
    import pytensor.tensor as pt

    climb = pt.concatenate([pt.zeros((place.shape[0], 1)), pt.cumsum(-place, axis=1)], axis=1)
    return (climb[pt.arange(place.shape[0]), answer] - pt.logsumexp(climb, axis=1)).sum()


def _logistic_thresholds(thresholds: Any, gaps: Any) -> Any:
    import pytensor.tensor as pt

    return gaps - (pt.softplus(thresholds) + pt.softplus(-thresholds)).sum()


def _normal_thresholds(thresholds: Any, gaps: Any) -> Any:
    import pytensor.tensor as pt

    return gaps - 0.5 * pt.sqr(thresholds).sum()


def _adjacent_thresholds(thresholds: Any, gaps: Any) -> Any:
    import pytensor.tensor as pt

    climb = pt.concatenate([pt.zeros(1), pt.cumsum(-thresholds)])
    return climb.sum() - climb.shape[0] * pt.logsumexp(climb)


@dataclass(frozen=True)
class Twin:
    """A family of answers in PyTensor.

    Attributes
    ----------
    answers
        (thresholds minus location over scale (respondent, K - 1), answer, answer as an array) → log-likelihood.
    thresholds
        (thresholds, sum of the logs of their distances) → log prior: a uniform distribution of the answers at
        location 0.
    """

    answers: Callable[[Any, Any, np.ndarray], Any]
    thresholds: Callable[[Any, Any], Any]


TWINS = {
    "cumulative_logit": Twin(_cumulative_logit, _logistic_thresholds),
    "cumulative_probit": Twin(_cumulative_probit, _normal_thresholds),
    "adjacent_logit": Twin(_adjacent_logit, _adjacent_thresholds),
}
"""Family → its twin; a family that is added gets one more row."""
