r"""The weights by stage as a PyMC model of single answers, without any summary of the likelihood.

The prior is that of :mod:`maternal_eval.methods.simplex_regression.prior`, the likelihood that of
:mod:`maternal_eval.methods.simplex_regression.likelihood`:

- ``tau``: typical movement of a log weight between stages, log-normal around ``step_median`` of ``[model]``;
- ``slope`` (stage): logits from the worst to the best composite value;
- ``dimension_weight`` (stage, dimension) and ``weight`` (stage, indicator), softmax inside each sibling set of the log
  static weights plus the ``shift`` that all stages share plus tau times the movement;
- ``effect`` (stage, level): period, platform and segments, normal with ``effect_scale`` of ``[model]``;
- ``threshold_STAGE``: normal around the logits of the cumulative shares, increasing;
- ``answer_STAGE`` (respondent_STAGE): the category of each answer.

Variables that end in ``_z`` are standardised by their prior scale, as in the compiled density.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from maternal_eval.core.errors import InputError
from maternal_eval.methods.pymc_models.changes import NONE, Changes
from maternal_eval.methods.pymc_models.families import graph_family
from maternal_eval.methods.simplex_regression.likelihood import StageAnswers, log_likelihood
from maternal_eval.methods.simplex_regression.posterior import StageWeightPosterior
from maternal_eval.methods.simplex_regression.prior import StagePrior
from maternal_eval.methods.simplex_regression.summary import THRESHOLD_SPREAD, NuisancePrior

if TYPE_CHECKING:
    import pymc

STEP_MEDIAN, EFFECT_SCALE = "step_median", "effect_scale"


def stage_weights_model(
    answers: Sequence[StageAnswers],
    prior: StagePrior,
    effect_scale: float,
    *,
    stages: Sequence[str],
    dimensions: Sequence[str],
    indicators: Sequence[str],
    changes: Changes = NONE,
) -> pymc.Model:
    """Return the exact posterior of stage weights, thresholds and effects as a PyMC model.

    Parameters
    ----------
    answers
        One per stage.
    prior, effect_scale
        See :func:`~maternal_eval.methods.simplex_regression.sampling.sample_stage_weights`.
    stages, dimensions, indicators
        Names, in the order of the arrays; indicators sorted by dimension.
    changes
        Other values or distributions of ``step_median`` and ``effect_scale``; there are no further terms here.

    Raises
    ------
    InputError
        If a change does not belong to this model.
    """
    import pymc as pm
    import pytensor.tensor as pt

    changes.check_priors((STEP_MEDIAN, EFFECT_SCALE))
    if changes.terms:
        raise InputError(
            "the model of the stage weights takes no further terms",
            found=", ".join(changes.terms),
            expected="other priors, or a column among the segments of the study",
        )
    walks = int(np.isinf(prior.freedom).sum())
    family, levels = graph_family("cumulative_logit"), answers[0].effect_count
    coords: dict[str, Sequence[Any]] = {
        "stage": list(stages),
        "dimension": list(dimensions),
        "indicator": list(indicators),
        "element": [*dimensions, *indicators],
        "walk_step": list(range(walks)),
        "jump_step": list(range(prior.basis.shape[1] - walks)),
        "level": list(range(levels)),
    }
    with pm.Model(coords=coords) as graph:
        median = changes.prior(STEP_MEDIAN, prior.step_median)
        width = changes.prior(EFFECT_SCALE, effect_scale)
        tau = pm.Deterministic("tau", median * pt.exp(prior.step_spread * pm.Normal("tau_z")))
        slope = pm.Deterministic(
            "slope", prior.slope_median * pt.exp(prior.slope_spread * pm.Normal("slope_z", dims="stage")), dims="stage"
        )
        shift = pt.dot(prior.shift_root, pm.Normal("shift_z", dims="element"))
        steps = [pm.Normal("walk_z", dims=("walk_step", "element"))] if walks else []
        heavy = prior.freedom[walks:, None]
        steps.append(pm.StudentT("jump_z", nu=heavy, mu=0.0, sigma=1.0, dims=("jump_step", "element")))
        logs = prior.log_static + shift + tau * pt.dot(prior.basis, pt.concatenate(steps))
        of_dimension = pm.Deterministic(
            "dimension_weight", pm.math.softmax(logs[:, : prior.dimensions], axis=1), dims=("stage", "dimension")
        )
        sets = [slice(prior.dimensions + a, prior.dimensions + b) for a, b in pairwise(prior.dimension_start)]
        parts = [of_dimension[:, [d]] * pm.math.softmax(logs[:, one], axis=1) for d, one in enumerate(sets)]
        weight = pm.Deterministic("weight", pt.concatenate(parts, axis=1), dims=("stage", "indicator"))
        effect = pm.Normal("effect", 0.0, width, dims=("stage", "level")) if levels else pt.zeros((len(stages), 0))
        for s, (stage, part) in enumerate(zip(stages, answers, strict=True)):
            graph.add_coord(f"cut_{stage}", list(range(1, part.categories)))
            graph.add_coord(f"respondent_{stage}", list(range(len(part.outcome))))
            threshold = pm.Normal(
                f"threshold_{stage}",
                NuisancePrior.of(part, 1.0).mean[: part.categories - 1],
                THRESHOLD_SPREAD,
                transform=pm.distributions.transforms.ordered,
                dims=f"cut_{stage}",
            )
            eta = slope[s] * (_composite(part, weight[s], of_dimension[s], prior.dimension_start) - part.centre)
            if levels:
                eta = eta + pt.concatenate([effect[s], pt.zeros(1)])[part.effects].sum(axis=1)
            chance = family.log_probabilities(threshold - eta[:, None])
            pm.Categorical(f"answer_{stage}", logit_p=chance, observed=part.outcome, dims=f"respondent_{stage}")
    return graph


def _composite(part: StageAnswers, weight: Any, of_dimension: Any, starts: np.ndarray) -> Any:
    """Return the composite of each respondent: weights renormalised over answered items, then answered dimensions."""
    import pytensor.tensor as pt

    member = np.repeat(np.eye(len(starts) - 1), np.diff(starts), axis=0)
    answered, values = part.answered.astype(float), part.values.astype(float)
    top, bottom = pt.dot(values * weight, member), pt.dot(answered * weight, member)
    present = (answered @ member > 0) * of_dimension
    mean = top / pt.where(bottom > 0, bottom, 1.0)
    return (present * mean).sum(axis=1) / present.sum(axis=1)


def compiled_density(
    answers: Sequence[StageAnswers], prior: StagePrior, effect_scale: float
) -> Callable[[np.ndarray], tuple[float, np.ndarray]]:
    """Return the compiled density in the coordinates of the PyMC model: vector → log density and gradient.

    The vector holds the standardised parameters, the effects stage by stage, and the thresholds of each stage as
    their first one and the logs of the distances; the Jacobian of the latter is part of the density.
    """
    plain = StageWeightPosterior.plain(prior, ())
    nuisance = [NuisancePrior.of(part, effect_scale) for part in answers]

    def density(y: np.ndarray) -> tuple[float, np.ndarray]:
        size, levels = prior.size, answers[0].effect_count
        effects = y[size : size + levels * len(answers)].reshape(len(answers), levels)
        theta = prior.theta(y[:size])
        by_theta, gradient = np.empty_like(theta), np.zeros_like(y)
        value, at = 0.0, size + effects.size
        for s, (part, of_prior) in enumerate(zip(answers, nuisance, strict=True)):
            cuts = slice(at, at + part.categories - 1)
            at = cuts.stop
            threshold = np.cumsum(np.concatenate([y[cuts][:1], np.exp(y[cuts][1:])]))
            point = np.concatenate([threshold, effects[s]])
            found, by_point = log_likelihood(np.concatenate([theta[s], point]), part)
            value += found + float(of_prior.log_density(point)) + float(y[cuts][1:].sum())
            by_theta[s] = by_point[: theta.shape[1]]
            by_point = by_point[theta.shape[1] :] - of_prior.precision * (point - of_prior.mean)
            gradient[size + s * levels : size + (s + 1) * levels] = by_point[threshold.size :]
            above = np.cumsum(by_point[: threshold.size][::-1])[::-1]
            gradient[cuts] = above
            gradient[cuts][1:] = above[1:] * np.exp(y[cuts][1:]) + 1.0
        value, gradient[:size] = plain.with_likelihood(y[:size], theta, value, by_theta)
        return value, gradient

    return density


def point_of(
    answers: Sequence[StageAnswers], prior: StagePrior, stages: Sequence[str], y: np.ndarray
) -> dict[str, np.ndarray]:
    """Return the value variables of the PyMC model at a vector of :func:`compiled_density`, in their order."""
    walks, levels = int(np.isinf(prior.freedom).sum()), answers[0].effect_count
    jumps = prior.basis.shape[1] - walks
    shapes: dict[str, tuple[int, ...]] = {
        "tau_z": (),
        "slope_z": (prior.stages,),
        "shift_z": (prior.elements,),
        **({"walk_z": (walks, prior.elements)} if walks else {}),
        "jump_z": (jumps, prior.elements),
        **({"effect": (len(answers), levels)} if levels else {}),
    }
    shapes |= {f"threshold_{s}_ordered__": (one.categories - 1,) for s, one in zip(stages, answers, strict=True)}
    ends = np.cumsum([int(np.prod(shape)) for shape in shapes.values()])
    return {
        name: part.reshape(shape) for (name, shape), part in zip(shapes.items(), np.split(y, ends[:-1]), strict=True)
    }
