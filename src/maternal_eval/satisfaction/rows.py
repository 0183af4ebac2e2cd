"""The satisfaction model on respondents, as a PyMC model: the check that counts by cell lose nothing.

Same parameters, same priors, and the likelihood of every single answer, differentiated by PyTensor. Nothing in the
analyses uses it: tests compare its log density and gradient with those of the counts, and
``benchmarks/ordinal_cells_against_rows.py`` compares the time that both take.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from maternal_eval.satisfaction.model import SatisfactionModel

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
    last, coefficients = model.thresholds, basis.shape[1]
    top, bottom = category == last, category == 0
    inside = np.flatnonzero(~top & ~bottom)
    with pm.Model() as respondents:
        answer = pm.Data("category", category.astype(np.int64))
        x = pm.Flat("parameter", shape=len(model.names))
        gaps = x[1:last]
        thresholds = pt.cumsum(pt.concatenate([x[:1] - 0.5 * (last - 1), pt.exp(gaps)]))
        effect = pt.dot(basis, x[last : last + coefficients])
        location = effect[level[cell]].sum(axis=1)
        inverse = pt.exp(-pt.dot(scale_basis, x[last + coefficients :]))[group[cell]]
        upper = (thresholds[pt.minimum(answer, last - 1)] - location) * inverse
        lower = (thresholds[pt.maximum(answer - 1, 0)] - location) * inverse
        pm.Potential(
            "answers",
            -(pt.softplus(-upper) * (1.0 - top)).sum()
            - (pt.softplus(lower) * (1.0 - bottom)).sum()
            + pt.log1mexp(lower[inside] - upper[inside]).sum(),
        )
        prior = gaps.sum() - (pt.softplus(thresholds) + pt.softplus(-thresholds)).sum()
        for name, block in model.blocks.items():
            size = block.stop - block.start
            if name != "threshold" and size:
                square = pt.sqr(x[block]).sum()
                prior = prior - 0.5 * (model.degrees + size) * pt.log1p(square / model.degrees)
        pm.Potential("prior", prior)
    return respondents
