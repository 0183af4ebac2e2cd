"""Checks of a fitted satisfaction model beyond its chains: what they demand, and what they say.

Two of them are gates, because a model that fails them misstates the answers whatever its chains say: the answers of
each stage, and the calibration of the predictions. Both demand that a misfit is large enough to matter AND not chance,
so that neither three answers nor fifty million can fail them by their number alone.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from maternal_eval.core.checks import Check, at_most
from maternal_eval.core.intervals import PROBABILITY
from maternal_eval.core.words import DEFAULT_WORDS, Words
from maternal_eval.methods.ordinal.leave_one_out import FULL, RELIABLE_K, LeaveOneOut
from maternal_eval.methods.ordinal.power_scaling import SENSITIVE
from maternal_eval.methods.ordinal.summaries import ALL

MISFIT = 0.05
"""Misfit that matters: five of a hundred answers."""

CHANCE = 0.001
"""A misfit at least as large would come by chance less often than this."""

_REFIT = "try another family of answers (settings family) or more segments"


def predictive_check(table: pd.DataFrame, words: Words = DEFAULT_WORDS) -> Check:
    """Judge the observed against the replicated answer shares of each stage (a gate)."""
    stages = table.drop_duplicates("stage")
    beyond_chance = stages.loc[stages["distance_p"] < CHANCE, "distance"]
    outside = int((~table["inside"]).sum())
    return at_most(
        "posterior predictive",
        float(beyond_chance.max()) if len(beyond_chance) else 0.0,
        MISFIT,
        words.fill("largest distance beyond chance between observed and replicated answers of {a stage}", "en")
        + f" (share of answers); {outside} of {len(table)} single shares lie outside their {PROBABILITY:.0%} interval",
        remedy=_REFIT,
        table=table,
        figure="answers",
    )


def transform_check(table: pd.DataFrame, words: Words = DEFAULT_WORDS) -> Check:
    """Judge the probability integral transform of all answers together (a gate)."""
    overall = table[table["stage"] == ALL]
    deviation = float((overall["share"] - overall["at"]).abs().max())
    chance = 1.95 / np.sqrt(overall["answers"].iloc[0])  # Kolmogorov-Smirnov, probability 0.001
    by_stage = (table["share"] - table["at"]).abs().groupby(table["stage"]).max()
    worst = str(by_stage.idxmax())
    return at_most(
        "PIT",
        deviation if deviation > chance else 0.0,
        MISFIT,
        f"largest deviation of the probability integral transform from uniform is {deviation:.3f} (beyond chance from "
        f"{chance:.3f} on; worst {words.stage.en} {worst}: {by_stage.max():.3f}); predictions "
        f"leave the {words.respondent.en} out",
        remedy=_REFIT,
        table=table,
        figure="calibration",
    )


def calibration_check(table: pd.DataFrame) -> Check:
    """Say how many observed cumulative shares lie where the predictions put them."""
    inside = ((table["low"] <= table["observed"]) & (table["observed"] <= table["high"])).mean()
    return Check(
        "cumulative calibration",
        "informational",
        float(inside),
        None,
        f"share of observed cumulative answer shares inside their {PROBABILITY:.0%} interval, cells grouped by "
        "prediction",
        table=table,
        figure="calibration",
    )


def prior_check(table: pd.DataFrame, observed: pd.Series, words: Words = DEFAULT_WORDS) -> Check:
    """Say whether the prior leaves room for what was observed: the share of stages inside the prior's interval."""
    scores = table[table["quantity"] == "score"].set_index("level")
    seen = observed.dropna().reindex(scores.index).dropna()
    inside = (scores.loc[seen.index, "prior_low"] <= seen) & (seen <= scores.loc[seen.index, "prior_high"])
    low, high = scores["prior_low"].mean(), scores["prior_high"].mean()
    return Check(
        "prior predictive",
        "informational",
        float(inside.mean()),
        None,
        f"share of observed {words.stage.en} means of the last period inside the prior's {PROBABILITY:.0%} interval "
        f"({low:.2f} to {high:.2f} on average)",
        table=table,
        figure="prior",
    )


def leave_one_out_check(found: LeaveOneOut) -> Check:
    """Say whether leave-one-out predictions can be relied on; a comparison with others rests on them, scores do not."""
    text = (
        f"share of answers with a Pareto k above {RELIABLE_K}; largest k {found.pareto_k.max():.2f}, elpd "
        f"{found.elpd:.1f} (standard error {found.error:.1f}), {found.parameters:.1f} effective parameters"
    )
    return Check("PSIS-LOO", "informational", found.unreliable, None, text)


def comparison_check(table: pd.DataFrame) -> Check | None:
    """Say whether a simpler or other model predicts better, by more than twice the standard error."""
    others, disagreeing = table[table["model"] != FULL], table.attrs.get("disagreeing", [])
    if others.empty and not disagreeing:
        return None
    clear = others[others["difference"] > 2.0 * others["difference_error"]]
    names = ", ".join(clear["model"]) or "none"
    text = f"other models ({', '.join(others['model']) or 'none'}) that predict clearly better, by elpd: {names}"
    if disagreeing:
        text += f"; not compared, because their chains do not agree: {', '.join(disagreeing)}"
    return Check("model comparison", "informational", float(len(clear)), None, text, table=table)


def sensitivity_check(table: pd.DataFrame) -> Check:
    """Say how many results move when the prior is scaled."""
    moved = table.loc[table["prior"] > SENSITIVE, "quantity"]
    names = ", ".join(moved) or "none"
    text = f"results that move with the prior (power scaling above {SENSITIVE}), of {len(table)}: {names}"
    return Check("prior sensitivity", "informational", float(len(moved)), None, text, table=table)


def design_checks(cells: xr.Dataset) -> list[Check]:
    """Say what unequal weights and repeated answers cost."""
    answers, effective = float(cells["answers"].sum()), float(cells["effective"].sum())
    checks = []
    if abs(effective / answers - 1.0) > 1e-9:
        text = f"{answers:.0f} answers count for {effective:.0f}: unequal weights and repeated answers cost precision"
        checks.append(Check("design effect", "informational", answers / effective, None, text))
    people = cells.attrs["respondents"]
    if people < answers:
        text = (
            f"{people} respondents with {answers / people:.1f} answers each; their agreement with themselves "
            f"(intraclass correlation {cells.attrs['intraclass']:.3f}) widens the intervals of levels"
        )
        checks.append(Check("answers per respondent", "informational", answers / people, None, text))
    of_clusters = (cells.attrs.get(name, []) for name in ("clusters", "cluster_numbers", "cluster_intraclass"))
    for name, number, intraclass in zip(*of_clusters, strict=True):
        text = (
            f"{number} clusters of {name} with {answers / number:.1f} answers each; their likeness (intraclass "
            f"correlation {intraclass:.3f}) widens the intervals of levels"
        )
        checks.append(Check(f"answers per {name}", "informational", answers / number, None, text))
    return checks
