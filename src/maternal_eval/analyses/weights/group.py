"""From the judgements of a round to the weights of the group, and their bootstrap over experts."""

from __future__ import annotations

import numpy as np

from maternal_eval.analyses.weights.settings import WeightsSettings
from maternal_eval.core.randomness import Seed, generator
from maternal_eval.methods.ahp import WEIGHT_METHODS, aggregate_judgements, aggregate_priorities
from maternal_eval.methods.judgements import JudgementRound
from maternal_eval.study import Study


def group_weights(of_round: JudgementRound, study: Study, settings: WeightsSettings) -> dict[str, np.ndarray]:
    """Return sibling set → weights of the group, ``(elements,)``, by the method and aggregation of the settings."""
    method = WEIGHT_METHODS[settings.method]
    group = {}
    for name, elements in study.model.sibling_sets.items():
        if len(elements) == 1:
            group[name] = np.ones(1)
        elif settings.aggregation == "judgements":
            group[name] = method(aggregate_judgements(of_round.completed[name]))
        else:
            group[name] = aggregate_priorities(method(of_round.completed[name]))
    return group


def bootstrap(of_round: JudgementRound, study: Study, settings: WeightsSettings, seed: Seed) -> dict[str, np.ndarray]:
    """Return resamples × elements for each sibling set; one resample holds the same experts in every set."""
    count = len(of_round.experts)
    shares = generator(seed).multinomial(count, np.full(count, 1 / count), size=settings.resamples) / count
    method = WEIGHT_METHODS[settings.method]
    draws = {}
    for name, elements in study.model.sibling_sets.items():
        if len(elements) == 1:
            draws[name] = np.ones((settings.resamples, 1))
        elif settings.aggregation == "judgements":
            logs = np.tensordot(shares, np.log(of_round.completed[name]), axes=1)
            draws[name] = method(np.exp(logs))
        else:
            means = np.exp(shares @ np.log(method(of_round.completed[name])))
            draws[name] = means / means.sum(axis=-1, keepdims=True)
    return draws
