"""Ranks of units: what they do when a part is left out, and under the experts' uncertain weights."""

from __future__ import annotations

import numpy as np
import pandas as pd

from maternal_eval.analyses.importance.effects import INDICATORS, not_done
from maternal_eval.analyses.importance.units import Units, latest, ranked_levels
from maternal_eval.analyses.weights.hierarchy import dimension_index
from maternal_eval.analyses.weights.posterior import OF_EXPERTS, weight_posterior
from maternal_eval.core.randomness import named
from maternal_eval.core.remarks import Remark
from maternal_eval.methods.composite import composite
from maternal_eval.methods.effective_weights import fill_unanswered
from maternal_eval.methods.ranks import RankDistribution, rank_shift, ranks_by_run, scores_under_weights
from maternal_eval.study import DIMENSIONS, Study, masses

MOST_PAIRED = 20
"""Win probabilities of pairs are kept for levels with at most so many units."""

MOST_NAMED = 5
"""Units without a rank that are named."""


def without(values: np.ndarray, weights: np.ndarray, dimension: np.ndarray, left: np.ndarray) -> np.ndarray:
    """Return the composite score (0-100) of each unit or respondent without some indicators.

    The others keep their ratios: a dimension of which something is left keeps its weight; a dimension left out as a
    whole hands it to the others in proportion.

    Parameters
    ----------
    values
        Rows x indicators in [0, 1]; NaN = not answered.
    weights, dimension
        Global weights, and the position of each indicator's dimension.
    left
        Which indicators are left out; at least one has to stay.
    """
    kept = np.where(left, 0.0, weights)
    count = int(dimension.max()) + 1
    mass, whole = np.bincount(dimension, kept, count), np.bincount(dimension, weights, count)
    scale = np.divide(whole, mass, out=np.zeros(count), where=mass > 0)
    return composite(np.where(left, np.nan, values), kept * scale[dimension], dimension).score


def _ranked_units(study: Study, panel: pd.DataFrame, part: str) -> tuple[dict[str, Units], list[Remark]]:
    """Return the units of each level that can be ranked, and a remark on each level that cannot."""
    rows = latest(study, panel) & (masses(panel).weight > 0)
    levels = {" × ".join(level): Units.of(panel, level, rows) for level in ranked_levels(study)}
    kept = {name: units for name, units in levels.items() if len(units) > 1}
    if not kept:
        return kept, [not_done(part, "fewer than two units to rank", "可排名的单元不足两个")]
    return kept, [
        not_done(part, f"fewer than two units of {name} to rank", f"{name} 可排名的单元不足两个")
        for name in levels
        if name not in kept
    ]


def _unscored(part: str, level: str, left_out: list[str]) -> list[Remark]:
    """Return a remark on the units that answered nothing that counts, and so have no rank."""
    if not left_out:
        return []
    named = ", ".join(left_out[:MOST_NAMED]) + (", …" if len(left_out) > MOST_NAMED else "")
    return [
        not_done(
            part,
            f"{len(left_out)} units of {level} have no score and no rank: {named}",
            f"{level} 中有 {len(left_out)} 个单元没有得分，不参与排名：{named}",
        )
    ]


def leave_out_table(
    study: Study, panel: pd.DataFrame, values: np.ndarray, weights: np.ndarray, survey: np.ndarray
) -> tuple[pd.DataFrame, list[Remark]]:
    """Return, per part left out and level of units, how far the ranks of the last period move, and what has none."""
    columns = ["units", "set", "element", "mean_shift", "largest", "count", "first"]
    ranked, notes = _ranked_units(study, panel, "leave_out")
    dimension = dimension_index(study.model)
    names = [one.name for one in study.model.dimensions]
    choices = [(DIMENSIONS, name, dimension == at) for at, name in enumerate(names) if len(names) > 1]
    codes = study.model.codes
    choices += [(INDICATORS, code, np.arange(len(codes)) == at) for at, code in enumerate(codes) if len(codes) > 1]
    rows = latest(study, panel)
    full = np.zeros(len(codes), dtype=bool)
    part, mass = values[rows], survey[rows]
    scores = {element: without(part, weights, dimension, left) for _, element, left in [("", "", full), *choices]}
    found = []
    back = np.cumsum(rows) - 1  # place of a row of the panel among those of the last period
    for level, units in ranked.items():
        means = {
            element: np.array([_mean(score[back[at]], mass[back[at]]) for at in units.members])
            for element, score in scores.items()
        }
        nominal, names_of_units = means[""], np.array(units.labels)
        notes += _unscored("leave_out", level, list(names_of_units[~np.isfinite(nominal)]))
        for kind, element, _ in choices:
            reduced = means[element]
            # A unit whose every answer is left out has no rank; it is left out of both rankings.
            kept = np.isfinite(reduced) & np.isfinite(nominal)
            if kept.sum() < 2:
                continue
            ranks = ranks_by_run(np.stack([nominal[kept], reduced[kept]]))
            found.append(
                (
                    level,
                    kind,
                    element,
                    float(rank_shift(nominal[kept], reduced[kept])),
                    int(np.abs(ranks[1] - ranks[0]).max()),
                    int(kept.sum()),
                    names_of_units[kept][int(ranks[1].argmin())],
                )
            )
    return pd.DataFrame(found, columns=columns), notes


def _mean(values: np.ndarray, weights: np.ndarray) -> float:
    used = np.isfinite(values) & (weights > 0)
    return float(np.average(values[used], weights=weights[used])) if used.any() else float("nan")


def rank_tables(
    study: Study,
    panel: pd.DataFrame,
    values: np.ndarray,
    weights: np.ndarray,
    survey: np.ndarray,
    count: int,
    seed: int | np.random.SeedSequence,
) -> tuple[pd.DataFrame, pd.DataFrame, list[Remark]]:
    """Return ranks and win probabilities of units under the posterior of the experts' weights, and what has none.

    Gaps are filled under the static weights, so that scores are linear in the weights: one matrix product for all
    draws.
    """
    ranks = pd.DataFrame(columns=["units", "unit", "nominal", "low", "high", "mean", "share_first"])
    wins = pd.DataFrame(columns=["units", "unit", "other", "probability"])
    posterior = weight_posterior(study, seed=named(seed, "posterior"))
    if posterior is None:
        en, zh = "no expert judgements: no ranks under uncertain weights", "没有专家判断：无法给出权重不确定下的排名"
        return ranks, wins, [not_done("ranks", en, zh)]
    draws = posterior.global_draws(count, named(seed, "draws"), dimensions=OF_EXPERTS)
    filled = fill_unanswered(values, weights, dimension_index(study.model))
    tables, pairs = [], []
    ranked, notes = _ranked_units(study, panel, "ranks")
    for level, units in ranked.items():
        means = units.means(filled, survey)
        scored = np.isfinite(means).all(axis=1)
        notes += _unscored("ranks", level, [units.labels[at] for at in np.flatnonzero(~scored)])
        if scored.sum() < 2:
            continue
        means, labels = means[scored], [units.labels[at] for at in np.flatnonzero(scored)]
        distribution = RankDistribution.of(scores_under_weights(means, draws))
        low, high = distribution.interval()
        nominal = ranks_by_run(means @ weights)
        share, mean = distribution.share_first, distribution.mean
        of_level = {"nominal": nominal, "low": low, "high": high, "mean": mean, "share_first": share}
        tables.append(pd.DataFrame({"units": level, "unit": labels} | of_level))
        if len(labels) <= MOST_PAIRED:
            first, second = np.triu_indices(len(labels), 1)
            pair = {"unit": np.array(labels)[first], "other": np.array(labels)[second]}
            pairs.append(pd.DataFrame({"units": level} | pair | {"probability": distribution.wins[first, second]}))
    if tables:
        ranks = pd.concat(tables, ignore_index=True)
    if pairs:
        wins = pd.concat(pairs, ignore_index=True)
    return ranks, wins, notes
