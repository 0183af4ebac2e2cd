"""Why a published figure is not built into the simulated study: the table ``not_used.toml`` and rules in order."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Any

import pandas as pd

TABLE: dict[str, Any] = tomllib.loads(
    (resources.files("maternal_eval.simulation") / "not_used.toml").read_text(encoding="utf-8")
)
"""What a person decided on unused figures: reasons by code, words of metrics by reason, single figures."""

REASONS: dict[str, str] = TABLE["reasons"]
"""Reasons by code."""


def reason(claim: dict[str, str], named: bool) -> tuple[str, str]:
    """Return the reason code and a remark (may be empty) for a claim that is not used.

    ``named`` says that study.toml names it for an analysis.

    The rules are tried in order; the first that fits decides.
    """
    if own := TABLE["figures"].get(claim["id"]):
        return own["reason"], own["remark"]
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
    words = {code: _holds(metric, named) for code, named in TABLE["words"].items()}
    rules = (
        ("policy", scope == "policy"),
        ("norm", kind in ("target", "threshold") or (scope == "standard" and kind == "level")),
        ("sample", kind == "sample_size"),
        ("no_complaints", words["no_complaints"]),
        ("other_question", scope == "survey"),
        ("technology", claim["dimension"] == "technology" or kind == "accuracy"),
        ("market", claim["dimension"] == "market" or words["market"]),
        ("behaviour", words["behaviour"]),
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
