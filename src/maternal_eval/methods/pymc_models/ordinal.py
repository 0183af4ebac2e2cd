r"""The satisfaction model as a PyMC model, on counts by cell or on single answers.

What :mod:`maternal_eval.methods.ordinal.model` says in its compiled density stands here as a graph:

- ``threshold`` (cut): every distribution of the answers is equally likely before;
- ``stage_coefficient``, ``period_coefficient``, …: multivariate Student-t with ``degrees`` degrees of freedom and unit
  scale, which is a normal with a shared unknown scale integrated out;
- ``stage_effect`` (stage), ``period_effect`` (period), ``stage_period_effect`` (stage, period), ``tier_effect`` (tier):
  basis times coefficients times the prior scale of ``[model.ordinal]``, in logits (times the ``unit`` of the family);
- ``location``: their sum for each cell, plus further terms;
- ``latent_spread`` (stage): the latent scale of a stage, a ratio to the average one;
- ``answer_probability`` (cell, answer), and ``answers`` (cell, answer), the counts; or ``answer`` (respondent).

In the coordinates of PyMC's transforms the variables in their order are the vector ``x`` of the compiled density, but
for a shift of the first threshold: densities are equal up to a constant and gradients are equal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from maternal_eval.core.arguments import whole_numbers
from maternal_eval.core.errors import InputError
from maternal_eval.methods.ordinal.model import SatisfactionModel
from maternal_eval.methods.pymc_models.changes import NONE, Cells, Changes, added
from maternal_eval.methods.pymc_models.families import equally_likely_answers, graph_family

if TYPE_CHECKING:
    import pymc

ANSWERS, ANSWER = "answers", "answer"
"""The observed variable: counts (cell, answer), or the answer of each respondent as a category 0 … K-1."""

PROBABILITY = "answer_probability"
"""Probability of each answer in each cell (cell, answer)."""

PRIORS = {"stage": "stage_scale", "period": "period_scale", "stage_period": "stage_period_scale"}
"""Factor → its prior in ``[model.ordinal]``; all other factors are segments."""

SEGMENT_PRIOR, LATENT_PRIOR, DEGREES = "segment_scale", "latent_scale", "degrees"
LATENT = "latent"


def ordinal_model(
    model: SatisfactionModel,
    coords: Mapping[str, Sequence[Any]],
    *,
    step: np.ndarray | None = None,
    rows: tuple[np.ndarray, np.ndarray] | None = None,
    changes: Changes = NONE,
) -> pymc.Model:
    """Return the PyMC model that belongs to a model of counts.

    Parameters
    ----------
    model
        The model of counts; with ``rows`` its counts are not looked at.
    coords
        Dimension → its levels: ``answer``, ``stage``, ``period`` and the segments.
    step
        Step of time of each cell, for further terms; the period's number if None.
    rows
        Cell and answer (category 0 … K-1) of each respondent, for the model of single answers; None: of counts.
    changes
        Further terms and other priors.

    Raises
    ------
    InputError
        If rows point outside of the cells or answers, or a change does not belong to this model.
    """
    import pymc as pm
    import pytensor.tensor as pt

    if step is None:
        step = next((f.level for f in model.factors if f.name == "period"), np.zeros(len(model.stage)))
    place = _place(model, rows)
    family = graph_family(model.family_name)
    with pm.Model(coords=coords_of(model, coords, rows)) as graph:
        threshold = equally_likely_answers("threshold", model.family_name, model.thresholds + 1, dims="cut")
        names = _prior_names(model)
        changes.check_priors(tuple(names))
        priors = {name: changes.prior(name, value) for name, value in names.items()}
        location: Any = pt.zeros(len(place))
        for factor in model.factors:
            dims = dims_of(factor.name)
            coefficient = pm.MvStudentT(
                f"{factor.name}_coefficient",
                nu=priors[DEGREES],
                mu=np.zeros(factor.basis.shape[1]),
                scale=np.eye(factor.basis.shape[1]),
                dims=f"{factor.name}_step",
            )
            scale = model.family.unit * priors[PRIORS.get(factor.name, SEGMENT_PRIOR)]
            effect = scale * pt.dot(factor.basis, coefficient)
            shaped = effect.reshape([len(graph.coords[dim]) for dim in dims])
            pm.Deterministic(f"{factor.name}_effect", shaped, dims=dims)
            location = location + effect[factor.level[place]]
        location = added(changes, _cells(model, coords, np.asarray(step), place), location)
        spread: Any = 1.0
        if model.scale_basis.shape[1]:
            coefficient = pm.MvStudentT(
                f"{LATENT}_coefficient",
                nu=priors[DEGREES],
                mu=np.zeros(model.scale_basis.shape[1]),
                scale=np.eye(model.scale_basis.shape[1]),
                dims=f"{LATENT}_step",
            )
            log_spread = priors[LATENT_PRIOR] * pt.dot(model.scale_basis, coefficient)
            spread = pm.Deterministic("latent_spread", pt.exp(log_spread), dims="stage")[model.stage[place], None]
        log_chance = family.log_probabilities((threshold - location[:, None]) / spread)
        if rows is None:
            pm.Deterministic(PROBABILITY, pt.exp(log_chance), dims=("cell", "answer"))
            counted_answers(ANSWERS, log_chance, model.counts, dims=("cell", "answer"))
        else:
            pm.Categorical(ANSWER, logit_p=log_chance, observed=rows[1], dims="respondent")
    return graph


def counted_answers(name: str, log_chance: Any, counts: np.ndarray, dims: tuple[str, str]) -> Any:
    """Add counts of answers to the model in context: sum of counts times log probabilities.

    Counts may be fractions (survey weights at their effective number), for which a multinomial has no density; the
    multinomial coefficient, a constant, is left out. Replicates have as many answers as the counts of a cell add up
    to, rounded.

    Parameters
    ----------
    log_chance
        Cells × K log probabilities.
    counts
        Cells × K, lowest answer first.
    """
    import pymc as pm

    def draw(log_chance: np.ndarray, total: np.ndarray, rng: np.random.Generator, size: Any) -> np.ndarray:
        chance = np.exp(log_chance)
        chance = chance / chance.sum(axis=-1, keepdims=True)
        return rng.multinomial(np.rint(total).astype(np.int64), chance, size).astype(float)

    return pm.CustomDist(
        name,
        log_chance,
        counts.sum(axis=1),
        logp=lambda value, log_chance, _: (value * log_chance).sum(axis=-1),
        random=draw,
        signature="(k),()->(k)",
        class_name="CountedAnswers",
        observed=np.asarray(counts, dtype=float),
        dims=dims,
    )


def point_of(model: SatisfactionModel, x: np.ndarray) -> dict[str, np.ndarray]:
    """Return where a vector ``x`` of the compiled density stands in the coordinates of the PyMC model's transforms.

    The names are those of its value variables, in their order.
    """
    ordered = model.family.ordered_thresholds
    found: dict[str, np.ndarray] = {}
    for name, block in model.blocks.items():
        part = np.array(x[block], dtype=float)
        if name == "threshold":
            if ordered:
                part[0] -= 0.5 * (model.thresholds - 1)
            found["threshold_ordered__" if ordered else "threshold"] = part
        elif part.size:
            found[f"{LATENT if name == 'log_scale' else name}_coefficient"] = part
    return found


def _place(model: SatisfactionModel, rows: tuple[np.ndarray, np.ndarray] | None) -> np.ndarray:
    """Return the cell of each row of the likelihood."""
    if rows is None:
        return np.arange(len(model.stage))
    cell, category = rows
    whole_numbers(category, "answers of the respondents", low=0, high=model.thresholds, shape=(len(cell),))
    return whole_numbers(cell, "cells of the respondents", low=0, high=len(model.stage) - 1)


def dims_of(factor: str) -> tuple[str, ...]:
    """Return the dimensions of the effects of a factor."""
    return ("stage", "period") if factor == "stage_period" else (factor,)


def coords_of(
    model: SatisfactionModel, coords: Mapping[str, Sequence[Any]], rows: tuple[np.ndarray, np.ndarray] | None = None
) -> dict[str, list[Any]]:
    """Return the coordinates of the model's variables; levels that are not given are numbers.

    Raises
    ------
    InputError
        If a dimension has another number of levels than its factor.
    """
    found: dict[str, list[Any]] = {name: list(values) for name, values in coords.items()}
    answers = found.setdefault("answer", list(range(model.thresholds + 1)))
    stages = found.setdefault("stage", list(range(model.scale_basis.shape[0])))
    found["cut"] = [f"{low}|{high}" for low, high in pairwise(answers)]
    sizes = {"answer": (len(answers), model.thresholds + 1), "stage": (len(stages), model.scale_basis.shape[0])}
    for factor in model.factors:
        levels = factor.basis.shape[0]
        if factor.name == "stage_period":
            levels //= len(stages)
        last = dims_of(factor.name)[-1]
        sizes[last] = (len(found.setdefault(last, list(range(levels)))), levels)
        found[f"{factor.name}_step"] = list(range(1, factor.basis.shape[1] + 1))
    for name, (given, needed) in sizes.items():
        if given != needed:
            raise InputError(f"the levels of {name!r} are not those of the model", found=given, expected=needed)
    if model.scale_basis.shape[1]:
        found[f"{LATENT}_step"] = list(range(1, model.scale_basis.shape[1] + 1))
    if rows is None:
        found["cell"] = list(range(len(model.stage)))
    else:
        found["respondent"] = list(range(len(rows[0])))
        del found["answer"]
    return found


def _prior_names(model: SatisfactionModel) -> dict[str, float]:
    """Return the priors by their names in ``[model.ordinal]``, as this model has them."""
    found = {PRIORS.get(f.name, SEGMENT_PRIOR): f.scale / model.family.unit for f in model.factors}
    if model.scale_basis.shape[1]:
        found[LATENT_PRIOR] = model.scale_prior
    return {**found, DEGREES: model.degrees}


def _cells(model: SatisfactionModel, coords: Mapping[str, Sequence[Any]], step: np.ndarray, place: np.ndarray) -> Cells:
    index = {"stage": model.stage} | {f.name: f.level for f in model.factors if f.name in coords}
    return Cells({name: level[place] for name, level in index.items()}, step[place])
