"""Why a published figure is not built into the simulated study."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

REASONS = {
    "examined": "a result or a slope that an analysis of this study names and holds against the panel",
    "contradiction": "contradicts another figure that is used",
    "no_complaints": "the study has no complaint file",
    "repeat": "repeats another row and is not independent evidence",
    "norm": "a target, threshold or standard, not an observation",
    "sample": "size or design of the reports' own data; the panel has its own",
    "policy": "about regulators, rules or penalties",
    "market": "about money, markets or firms; the panel observes users",
    "technology": "about a technical system",
    "other_question": "share of answers to a question that the questionnaire does not contain",
    "behaviour": "about behaviour (use, time, retention, clicks) that the panel does not record",
    "segment": "about a group of users that the panel does not mark",
    "one_case": "one case or feature, without a base or a comparison that could be set",
    "uplift": "an uplift without a stated base, comparison or scale",
    "supply": "about supply or staff, not about what users experience",
    "slope": "a local slope on a scale of its own that no scenario of this study sets",
    "undefined": "scale, population or period too unclear to set",
}
"""Reasons by code."""

_SPECIFIC: dict[str, tuple[str, str]] = {
    "s000-4.2-backtest-accuracy": ("examined", "the backtest examines it"),
    "s000-4.2-trust-predicted": ("examined", "forecast of the reports' own model; the observed −17 % is used"),
    "s000-4.3-stage-match": ("undefined", "gain from stage-wise indicators: what a match is, the reports do not say"),
    "s003-9.3-sim-satisf": (
        "examined",
        "named by the what-if scenario `experts`, which is refused: the log does not hold what is handed to experts",
    ),
    "s003-9.3-reg-seconds": ("examined", "the step of the what-if scenario `reply`: 10 seconds faster"),
    "s000-4.2-kano-suitability": ("norm", "compliance of listings; that F01 is must-be is built into the Kano answers"),
    "s000-4.1-response-urgent": ("norm", "the log holds ordinary enquiries only"),
    "s000-10.1-sop-urgent": ("norm", "the log holds ordinary enquiries only"),
    "s000-2.2-cr5": (
        "contradiction",
        "with 35, 18 and 12 % the fourth and fifth platform have 7 % together: seven more cannot hold 28 %",
    ),
    "s003-2.2-peak-reply": ("contradiction", "4.2 minutes at peak hours against a standard of 15 minutes that is used"),
    "s002-3.3-community-repurchase": ("contradiction", "three times as much, against +40 % that is used"),
    "s002-6.4-nps-industry-after": ("undefined", "after a measure without a date; the score before it, 35, is used"),
    "s000-4.3-quarterly-feedback": (
        "sample",
        "the quarterly review is simulated by the what-if analysis, not in the panel",
    ),
    "s000-2.3-preconception-use-2020": (
        "behaviour",
        "share of all women in the stage who use services; the panel has users only",
    ),
    "s000-2.3-preconception-use-2024": (
        "behaviour",
        "share of all women in the stage who use services; the panel has users only",
    ),
    "s000-2.3-postpartum-use-2020": (
        "behaviour",
        "share of all women in the stage who use services; the panel has users only",
    ),
    "s000-2.3-postpartum-use-2024": (
        "behaviour",
        "share of all women in the stage who use services; the panel has users only",
    ),
    "s000-3.1-weekly-use-preconception": (
        "behaviour",
        "no length of the stage is published, so its share cannot be derived",
    ),
    "s000-3.1-weekly-use-postpartum": (
        "behaviour",
        "only the trimesters are derived from weeks and uses; stage shares are invented",
    ),
    "s000-2.2-vertical-lowertier": (
        "one_case",
        "platform and city tier are independent here, so that their margins suffice",
    ),
    "s001-4.4-advisor-satisfaction-tier1": (
        "one_case",
        "an advisor service of one platform; the tiers differ less here",
    ),
    "s001-4.4-advisor-satisfaction-tier34": (
        "one_case",
        "an advisor service of one platform; the tiers differ less here",
    ),
    "s000-3.3-anxiety-unrelieved": (
        "other_question",
        "a yes/no question of unknown wording; E01 is scaled by the facet mean",
    ),
    "s000-3.3-rec-not-targeted": ("other_question", "a yes/no question of unknown wording; F12 has an invented mean"),
    "s000-7.5-retention-30d": (
        "contradiction",
        "42 % and 47 % (72 − 25) stand for the same rate; the panel has no retention",
    ),
}

_MARKET_WORDS = (
    "market", "gmv", "sales", "revenue", "cny", "cost", "fee", "price", "ltv", "lifetime", "spend", "arpu",
    "investment", "fund", "margin", "financ", "valuation", "roi", "order_value", "loss", "saving",
    "income", "premium", "penetration",
    "cap_", "stock", "budget", "turnover", "mix", "cac", "compensation", "fine", "throughput", "payout",
)  # fmt: skip
_BEHAVIOUR_WORDS = (
    "retention", "churn", "usage", "minutes", "visits", "dwell", "stay", "session", "frequency", "conversion",
    "participation", "active", "interaction", "activity", "search", "click", "views", "renewal", "users", "referral",
    "sharing", "scene", "platforms_used", "time_share", "repurchase_cycle", "authorisation", "membership", "purchase",
    "behaviour", "acceptance", "adherence", "member",
)  # fmt: skip
_COMPLAINTS = ("complaint", "dispute", "leak_events")


def reason(claim: dict[str, str], named: bool) -> tuple[str, str]:
    """Return the reason code and a remark (may be empty) for a claim that is not used.

    ``named`` says that study.toml names it for an analysis.

    The rules are tried in order; the first that fits decides.
    """
    if claim["id"] in _SPECIFIC:
        return _SPECIFIC[claim["id"]]
    metric, kind, scope = claim["metric"], claim["kind"], claim["scope"]
    note = claim["note_en"].lower()
    if "restate" in note or "repeated from" in note or claim["id"].endswith("-repeat"):
        return "repeat", ""
    if kind == "elasticity":
        return (
            ("examined", "a local slope; an analysis of this study holds it against the panel")
            if named
            else ("slope", "")
        )
    rules = (
        ("policy", scope == "policy"),
        ("norm", kind in ("target", "threshold") or (scope == "standard" and kind == "level")),
        ("sample", kind == "sample_size"),
        ("no_complaints", _holds(metric, _COMPLAINTS)),
        ("other_question", scope == "survey"),
        ("technology", claim["dimension"] == "technology" or kind == "accuracy"),
        ("market", claim["dimension"] == "market" or _holds(metric, _MARKET_WORDS)),
        ("behaviour", _holds(metric, _BEHAVIOUR_WORDS)),
        ("segment", scope == "user_segment"),
        ("uplift", kind in ("effect", "change", "growth_rate")),
        ("supply", scope == "industry"),
        ("one_case", scope == "platform_case"),
    )
    return next((code for code, fits in rules if fits), "undefined"), ""


def named_by_analyses(definition: Path, ids: frozenset[str]) -> frozenset[str]:
    """Return those ``ids`` of the ledger that the analyses of a study.toml name, in settings or scenarios."""
    with definition.open("rb") as handle:
        waiting: list[Any] = [tomllib.load(handle).get("analysis", {})]
    found: set[str] = set()
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
        elif isinstance(value, str):
            found.add(value)
    return ids & found


def _holds(metric: str, words: Sequence[str]) -> bool:
    """Whether a part of a metric begins with one of the words: ``purchase`` is no part of ``repurchase_rate``."""
    return any(re.search(rf"(?<![a-z]){word}", metric) for word in words)


def claims_not_used(claims: pd.DataFrame, used: tuple[str, ...], named: frozenset[str]) -> pd.DataFrame:
    """Return id, reason code, reason and remark of every claim that the simulation does not use.

    ``named`` holds the ids that study.toml names for an analysis.
    """
    left = claims[~claims["id"].isin(used)].fillna("").astype(str)
    rows = []
    for claim in left.to_dict("records"):
        code, remark = reason({str(key): value for key, value in claim.items()}, str(claim["id"]) in named)
        rows.append({"id": claim["id"], "reason": code, "why": REASONS[code], "remark": remark})
    return pd.DataFrame(rows, columns=["id", "reason", "why", "remark"])
