"""From draws to tables: changes with intervals, ranks, and the published figures beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from maternal_eval.analyses.whatif.intervention import Intervention
from maternal_eval.analyses.whatif.link import Link, Refusal, refusal_of
from maternal_eval.analyses.whatif.quantities import Quantity
from maternal_eval.analyses.whatif.scenarios import Change, target_period
from maternal_eval.analyses.whatif.settings import WhatIfSettings
from maternal_eval.core.intervals import interval, tails
from maternal_eval.methods.ranks import ranks_by_run
from maternal_eval.study import Outcome, Study


def batch_error(draws: np.ndarray, sets: int) -> np.ndarray:
    """Return the Monte-Carlo standard error of the mean of draws (draws × …), by the means of the sets of weights."""
    means = draws.reshape(sets, -1, *draws.shape[1:]).mean(axis=1)
    return means.std(axis=0, ddof=1) / np.sqrt(sets)


def summary(draws: np.ndarray, sets: int, name: str) -> dict[str, np.ndarray]:
    """Return mean, interval and Monte-Carlo standard error of draws (draws × units) as columns."""
    low, high = interval(draws)
    return {
        name: draws.mean(axis=0),
        f"{name}_low": low,
        f"{name}_high": high,
        f"{name}_mcse": batch_error(draws, sets),
    }


def effect_rows(
    units: pd.DataFrame, key: dict[str, Any], before: np.ndarray, change: np.ndarray, sets: int, *, fall: bool = False
) -> pd.DataFrame:
    """Return one row per unit that is moved: level before, change, relative change, probability of improvement.

    Parameters
    ----------
    before, change
        Draws × units, in the unit of the quantity. The relative change is left empty where the level before is not
        clearly positive.
    fall
        Whether a fall is the improvement.
    """
    moved = np.abs(change).max(axis=0) > 0
    moved[0] = True
    columns = {**summary(before, sets, "before"), **summary(change, sets, "change")}
    positive = (before > 0).all(axis=0)
    relative = np.divide(change, before, out=np.full_like(change, np.nan), where=positive)
    columns |= {name: np.where(positive, value, np.nan) for name, value in summary(relative, sets, "relative").items()}
    columns["probability"] = ((change < 0) if fall else (change > 0)).mean(axis=0)
    table = units.assign(**key, **columns)
    return table[[*key, *table.columns.difference(list(key), sort=False)]][moved]


def rank_rows(
    units: pd.DataFrame, key: dict[str, Any], before: np.ndarray, change: np.ndarray, sets: int
) -> pd.DataFrame:
    """Return one row per platform: score and rank before and after, with win probabilities.

    ``wins_before`` and ``wins_after`` are the mean share of the other platforms that the platform beats;
    ``first_before`` and ``first_after`` the probability of being first; ``probability_rank`` that of a better rank.
    """
    places = np.flatnonzero((units["platform"] != "") & (units["stage"] == ""))
    if len(places) < 2:
        return pd.DataFrame()
    ranks = [ranks_by_run(scores[:, places]) for scores in (before, before + change)]
    others = len(places) - 1
    rows = units.iloc[places][["platform"]].assign(**key)
    rows = rows.assign(**summary(before[:, places], sets, "score"))
    rows = rows.assign(**summary(change[:, places], sets, "change"))
    for name, rank in zip(("before", "after"), ranks, strict=True):
        low, high = np.quantile(rank, tails(), axis=0, method="inverted_cdf")
        rows[f"rank_{name}"] = rank.mean(axis=0)
        rows[f"rank_{name}_low"], rows[f"rank_{name}_high"] = low, high
        rows[f"wins_{name}"] = 1 - (rank.mean(axis=0) - 1) / others
        rows[f"first_{name}"] = (rank == 1).mean(axis=0)
    shift = (ranks[1] - ranks[0]).astype(float)
    rows["rank_change"] = shift.mean(axis=0)
    rows["rank_change_mcse"] = batch_error(shift, sets)
    rows["probability_rank"] = (shift < 0).mean(axis=0)
    return rows[[*key, *rows.columns.difference(list(key), sort=False)]].reset_index(drop=True)


def published_row(
    claim: dict[str, Any],
    outcome: Outcome,
    quantity: Quantity,
    before: np.ndarray,
    change: np.ndarray,
    furthest: np.ndarray,
    key: dict[str, Any],
    sets: int,
) -> dict[str, Any]:
    """Return a published effect beside that of the model, in the reading of the claim.

    Parameters
    ----------
    claim
        ``claim`` (id), ``reading``, ``published`` (share, or points of 100).
    before, change, furthest
        Draws, among the respondents that the scenario is about: level, change, and change if all of them went to the
        end of the scale in that direction.
    """
    scale = 100.0 / (float(outcome.high or 1.0) - float(outcome.low or 0.0))
    read = [draws / before if claim["reading"] == "relative" else draws * scale for draws in (change, furthest)]
    low, high = interval(read[0])
    end_low, end_high = interval(read[1])
    direction = np.sign(claim["published"])
    return {
        **key,
        **claim,
        "outcome": outcome.name,
        "quantity": quantity.name,
        "value": float(read[0].mean()),
        "low": float(low),
        "high": float(high),
        "mcse": float(batch_error(read[0], sets)),
        "furthest": float(read[1].mean()),
        "furthest_low": float(end_low),
        "furthest_high": float(end_high),
        "probability_reached": float((direction * read[0] >= direction * claim["published"]).mean()),
        "probability_attainable": float((direction * read[1] >= direction * claim["published"]).mean()),
    }


def ledger_value(claims: pd.DataFrame, claim: str, reading: str) -> float:
    """Return a published effect from the ledger: a share where it is relative, else points of 100."""
    value = float(claims.set_index("id").loc[claim, "value"])  # type: ignore[arg-type]
    return value / 100 if reading == "relative" else value


def concat(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return the parts under each other; an empty table if there are none."""
    filled = [part for part in parts if len(part)]
    return pd.concat(filled, ignore_index=True) if filled else pd.DataFrame()


def scenario_table(
    study: Study, settings: WhatIfSettings, links: Mapping[str, Link | Refusal], states: Mapping[str, Intervention]
) -> pd.DataFrame:
    """Return what was asked, what became of it and whom it touched; see ``scenarios`` of the result."""
    rows = []
    for scenario in settings.scenarios:
        refusal, state = refusal_of(scenario, links), states.get(scenario.name)
        rows.append(
            {
                "scenario": scenario.name,
                "status": "carried" if refusal is None else "refused",
                "reason_en": "" if refusal is None else refusal.en,
                "reason_zh": "" if refusal is None else refusal.zh,
                "changes": "; ".join(_in_words(target, change) for target, change in scenario.changes.items()),
                "platform": scenario.platform or "",
                "stage": scenario.stage or "",
                "period": "" if (period := target_period(study, scenario)) is None else study.timeline.label(period),
                "touched": np.nan if state is None else state.touched,
                "clipped": np.nan if state is None else state.clipped,
            }
        )
    return pd.DataFrame(rows)


def _in_words(target: str, change: Change) -> str:
    """Return a change in signs that both languages share, e.g. ``F02 +10%``."""
    if change.add is not None:
        return f"{target} {change.add:+g}"
    if change.relative is not None:
        return f"{target} {100 * change.relative:+g}%"
    return f"{target} = {change.set:g}"


def link_table(settings: WhatIfSettings, links: Mapping[str, Link | Refusal]) -> pd.DataFrame:
    """Return the links of the operations, or why there are none; see ``links`` of the result."""
    rows = []
    for name, link in links.items():
        operation = settings.operations[name]
        row: dict[str, Any] = {"operation": name, "indicator": operation.indicator, "column": operation.column or ""}
        if isinstance(link, Link):
            low, high = link.interval
            row |= {"slope": link.slope, "low": low, "high": high, "left": link.left, "cells": link.cells}
            row |= {"platforms": link.platforms, "reason_en": "", "reason_zh": ""}
        else:
            row |= dict.fromkeys(("slope", "low", "high", "left", "cells", "platforms"), np.nan)
            row |= {"reason_en": link.en, "reason_zh": link.zh}
        rows.append(row)
    columns = ["operation", "indicator", "column", "slope", "low", "high", "left", "cells", "platforms"]
    return pd.DataFrame(rows, columns=[*columns, "reason_en", "reason_zh"])
