"""The tables of a weights result: consistency, agreement and weights by round, ranks, outlying experts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from maternal_eval.analyses.weights.group import group_weights
from maternal_eval.analyses.weights.posterior import WeightPosterior
from maternal_eval.analyses.weights.settings import WeightsSettings
from maternal_eval.core.intervals import interval, tails
from maternal_eval.methods.ahp import (
    ACCEPTABLE_RATIO,
    WEIGHT_METHODS,
    aggregate_judgements,
    consistency_index,
    consistency_ratio,
    geometric_consistency_index,
    worst_judgement,
)
from maternal_eval.methods.delphi import (
    EQUILIBRIUM,
    GOOD_VARIATION,
    coefficient_of_variation,
    interquartile_range,
    kendall_w,
    largest_change,
    largest_relative_change,
    outlying_experts,
)
from maternal_eval.methods.judgements import JudgementRound
from maternal_eval.study import Study

Rounds = Sequence[JudgementRound]


def consistency_table(rounds: Rounds, posteriors: Sequence[WeightPosterior], study: Study) -> pd.DataFrame:
    """Return one row per expert, round and set: how far the judgements contradict each other, and the worst one."""
    columns = ["expert", "round", "set", "elements", "missing", "ratio", "index", "geometric_index", "acceptable"]
    columns += ["residual", "residual_low", "residual_high"]
    columns += ["worst_row", "worst_column", "worst_judgement", "worst_implied"]
    rows: list[tuple] = []
    for of_round, posterior in zip(rounds, posteriors, strict=True):
        for name, matrices in of_round.matrices.items():
            elements = study.model.sibling_sets[name]
            completed, missing = of_round.completed[name], of_round.missing[name]
            residual = posterior.posteriors[name].inconsistency()
            measures = zip(
                of_round.experts,
                matrices,
                missing,
                consistency_ratio(completed, missing),
                consistency_index(completed),
                geometric_consistency_index(matrices),
                *residual,
                strict=True,
            )
            for expert, matrix, left_out, ratio, index, geometric, *scale in measures:
                worst = worst_judgement(matrix)
                pair = (
                    (elements[worst.row], elements[worst.column], worst.judgement, worst.implied)
                    if worst
                    else (None, None, np.nan, np.nan)
                )
                numbers = (float(ratio), float(index), float(geometric), bool(ratio <= ACCEPTABLE_RATIO))
                key = (expert, of_round.number, name, len(elements), int(left_out))
                rows.append((*key, *numbers, *map(float, scale), *pair))
    return pd.DataFrame(rows, columns=columns)


def concordance_table(
    rounds: Rounds, posteriors: Sequence[WeightPosterior], study: Study, settings: WeightsSettings
) -> pd.DataFrame:
    """Return one row per round and set: agreement, disagreement, change since the round before."""
    columns = ["round", "set", "experts", "elements", "w", "p_value", "p_method", "ratio", "largest_variation"]
    columns += ["disagreement", "disagreement_low", "disagreement_high", "disagreement_mcse"]
    columns += ["largest_change", "largest_relative_change", "agreed", "stable"]
    rows = []
    earlier: dict[str, np.ndarray] = {}
    for of_round, posterior in zip(rounds, posteriors, strict=True):
        group = group_weights(of_round, study, settings)
        for name, matrices in of_round.completed.items():
            weights = WEIGHT_METHODS[settings.method](matrices)
            agreement = kendall_w(weights) if len(of_round.experts) > 1 else None
            variation = float(coefficient_of_variation(weights).max())
            change = relative = np.nan
            if name in earlier:
                change = largest_change(earlier[name], group[name])
                relative = largest_relative_change(earlier[name], group[name])
            rows.append(
                (
                    of_round.number,
                    name,
                    len(of_round.experts),
                    matrices.shape[-1],
                    agreement.w if agreement else np.nan,
                    agreement.p_value if agreement else np.nan,
                    agreement.method if agreement else None,
                    float(consistency_ratio(aggregate_judgements(matrices))),
                    variation,
                    *posterior.posteriors[name].disagreement(),
                    change,
                    relative,
                    variation <= GOOD_VARIATION,
                    relative <= EQUILIBRIUM,
                )
            )
        earlier = group
    return pd.DataFrame(rows, columns=columns)


def stopping_table(concordance: pd.DataFrame) -> pd.DataFrame:
    """Return one row per round: in how many sets the experts agree and are stable, and whether to stop.

    The rule: stop after the first round in which, in every set, no element's coefficient of variation over experts
    exceeds :data:`~maternal_eval.methods.delphi.GOOD_VARIATION` and no weight of the group moved by more than
    :data:`~maternal_eval.methods.delphi.EQUILIBRIUM` of itself. Stable without agreement asks for a report of both
    opinions rather than for another round (von der Gracht 2012, *Technological Forecasting & Social Change* 79).
    """
    rows = []
    for number, sets in concordance.groupby("round", sort=True):
        agreed, stable = int(sets["agreed"].sum()), int(sets["stable"].sum())
        verdict = "go on"
        if stable == len(sets):
            verdict = "stop" if agreed == len(sets) else "stop without agreement"
        rows.append((number, len(sets), agreed, stable, verdict))
    return pd.DataFrame(rows, columns=["round", "sets", "agreed", "stable", "verdict"])


def group_table(
    rounds: Rounds,
    draws: Sequence[dict[str, np.ndarray]],
    study: Study,
    settings: WeightsSettings,
) -> pd.DataFrame:
    """Return one row per round, set and element: the group's weight, its posterior, and the experts' scatter."""
    columns = ["round", "set", "element", "weight", "mean", "low", "high", "mcse"]
    columns += ["interquartile_range", "variation", "change"]
    frames = []
    earlier: dict[str, np.ndarray] = {}
    for of_round, drawn in zip(rounds, draws, strict=True):
        group = group_weights(of_round, study, settings)
        for name, weights in group.items():
            low, high = interval(drawn[name])
            own = WEIGHT_METHODS[settings.method](of_round.completed[name]) if name in of_round.completed else None
            frames.append(
                pd.DataFrame(
                    {
                        "round": of_round.number,
                        "set": name,
                        "element": list(study.model.sibling_sets[name]),
                        "weight": weights,
                        "mean": drawn[name].mean(axis=0),
                        "low": low,
                        "high": high,
                        "mcse": drawn[name].std(axis=0) / np.sqrt(settings.draws),
                        "interquartile_range": 0.0 if own is None else interquartile_range(own),
                        "variation": 0.0 if own is None else coefficient_of_variation(own),
                        "change": weights - earlier[name] if name in earlier else np.nan,
                    }
                )
            )
        earlier = group
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=columns)


def outlying_table(rounds: Rounds, settings: WeightsSettings) -> pd.DataFrame:
    """Return one row per expert, round and set: distance from the other experts, its p-value, whether outlying."""
    rows = []
    for of_round in rounds:
        for name, matrices in of_round.completed.items():
            found = outlying_experts(WEIGHT_METHODS[settings.method](matrices))
            measures = zip(of_round.experts, found.distance, found.p_value, found.outlying, strict=True)
            rows += [(expert, of_round.number, name, *map(float, two), bool(out)) for expert, *two, out in measures]
    return pd.DataFrame(rows, columns=["expert", "round", "set", "distance", "p_value", "outlying"])


def rank_table(draws: dict[str, np.ndarray], study: Study) -> pd.DataFrame:
    """Return one row per set, element and rank: the posterior probability of the rank (1 is the largest weight)."""
    rows = []
    for name, drawn, elements in _sets(draws, study):
        ranks = 1 + (-drawn).argsort(axis=1).argsort(axis=1)
        for position, element in enumerate(elements):
            shares = np.bincount(ranks[:, position], minlength=len(elements) + 1)[1:] / len(ranks)
            rows += [(name, element, rank + 1, float(share)) for rank, share in enumerate(shares)]
    return pd.DataFrame(rows, columns=["set", "element", "rank", "probability"])


def win_table(draws: dict[str, np.ndarray], study: Study) -> pd.DataFrame:
    """Return one row per set and pair: the posterior probability that ``element`` outweighs ``other``."""
    rows = []
    for name, drawn, elements in _sets(draws, study):
        wins = (drawn[:, :, None] > drawn[:, None, :]).mean(axis=0)
        rows += [
            (name, element, other, float(wins[one, two]))
            for one, element in enumerate(elements)
            for two, other in enumerate(elements)
            if one != two
        ]
    return pd.DataFrame(rows, columns=["set", "element", "other", "probability"])


def credible_ranks(ranks: pd.DataFrame) -> pd.DataFrame:
    """Return one row per set and element: the equal-tailed interval of its rank, and the probability to be first."""
    rows = []
    for (name, element), shares in ranks.groupby(["set", "element"], sort=False):
        cumulative = shares["probability"].cumsum().to_numpy()
        low, high = (int(np.searchsorted(cumulative, level - 1e-12) + 1) for level in tails())
        rows.append((name, element, low, min(high, len(shares)), float(shares["probability"].iloc[0])))
    return pd.DataFrame(rows, columns=["set", "element", "rank_low", "rank_high", "first"])


def _sets(draws: dict[str, np.ndarray], study: Study) -> Iterator[tuple[str, np.ndarray, list[str]]]:
    for name, elements in study.model.sibling_sets.items():
        if name in draws and len(elements) > 1:
            yield name, draws[name], elements
