"""What the analysis ``claims`` gives to the papers."""

from __future__ import annotations

import pandas as pd

from maternal_eval.analyses.claims.result import TABLES, ClaimsResult
from maternal_eval.analyses.claims.tiers import FLOOR, OUTRIGHT, PREMISE, TIERS_ZH
from maternal_eval.results.reported import Reported, with_cells

VERDICTS_ZH = {
    "consistent": "一致",
    "only with rounding": "仅在舍入内一致",
    "inconsistent": "不一致",
    "undecidable": "无法判定",
}


def collect(into: Reported, result: ClaimsResult) -> None:
    """The audit of published figures: counts of verdicts, and the key claims."""
    checks = result.checks
    computed = checks[checks["source"] == "computed"]
    independent = computed[computed["independent"]]
    counts = {
        "figures": result.figures,
        "independent_figures": result.independent_figures,
        "checks": len(checks),
        "computed": len(computed),
        "independent": len(independent),
        "carried": len(checks) - len(computed),
        "differs": int(checks["differs"].sum()),
    }
    for verdict in ("consistent", "only with rounding", "inconsistent", "undecidable"):
        counts[f"independent.{verdict}"] = int((independent["verdict"] == verdict).sum())
    tiers = {"outright": OUTRIGHT, "premise": PREMISE, "floor": FLOOR}
    for name, tier in tiers.items():
        counts[f"independent.inconsistent.{name}"] = int((independent["tier"] == tier).sum())
    counts["independent.inconsistent.conditional"] = int(independent["tier"].isin((PREMISE, FLOOR)).sum())
    for name, count in counts.items():
        into.add(name, count, decimals=0, error=0.0, evidence="arithmetic")
    into.add_each("checks.{basis}.{verdict}", result.summary, "checks", decimals=0, error=0.0, evidence="arithmetic")
    against = result.key_claims.dropna(subset="right").to_dict("records")
    for row in against:
        name = f"{row['number'].removeprefix('key:')}.against"
        into.add(name, row["right"], decimals=0, evidence="published")
    for row in result.key_claims.dropna(subset="left").to_dict("records"):
        into.add(row["number"].removeprefix("key:"), row["left"], decimals=1, low=row["left_low"], high=row["left_high"],
                 probability=None, kind="range", error=0.0, evidence="arithmetic")  # fmt: skip
    keys = result.key_claims
    table = with_cells(
        keys,
        what=[{"en": en, "zh": zh} for en, zh in zip(keys["what_en"], keys["what_zh"], strict=True)],
        computed=[
            None if pd.isna(row["left"]) else {"value": row["left"], "low": row["left_low"], "high": row["left_high"]}
            for row in keys.to_dict("records")
        ],
        verdict_cell=[_verdict(*one) for one in zip(keys["verdict"], keys["tier"], strict=True)],
    )
    into.add_table(
        "key-claims",
        table,
        {
            "en": "Key claims of the reports: the figure computed from the published ones, the range that rounding "
            "allows, what it is held against, and the verdict on arithmetic; a premise is stated in the ledger.",
            "zh": "各报告的关键论断：由已发表数字算得的数值、舍入允许的取值范围、对照值，以及算术判定；所列前提见台账。",
        },
        {
            "what": TABLES["key_claims"]["what_en"].written(en="Claim", zh="论断", width=40),
            "computed": TABLES["key_claims"]["left"].written(width=24),
            "right": TABLES["key_claims"]["right"].written(width=10),
            "verdict_cell": TABLES["key_claims"]["verdict"].written(width=28),
        },
        evidence="arithmetic",
    )
    _contradictions(into, independent)


def _contradictions(into: Reported, independent: pd.DataFrame) -> None:
    """The inconsistent relations by tier: those outright, and the others each with the premise that it rests on."""
    for name, tiers, caption in (
        (
            "outright",
            (OUTRIGHT,),
            {
                "en": "Relations between published figures that fail outright: no premise is needed beyond the words of "
                "the reports. In brackets: what rounding allows.",
                "zh": "直接矛盾的关系：除报告原文外不需要任何前提。方括号内为舍入允许的取值范围。",
            },
        ),
        (
            "premises",
            (PREMISE, FLOOR),
            {
                "en": "Relations that fail under a premise, which is stated; a floor read as a point: taken for the "
                "bound that was printed, the figure no longer contradicts.",
                "zh": "在所列前提下不能成立的关系；“把下限读作确数”指按印出的界限理解时，矛盾即不复存在。",
            },
        ),
    ):
        rows = independent[independent["tier"].isin(tiers)].sort_values("tier", kind="stable", ascending=False)
        cells = with_cells(
            rows,
            what=[{"en": en, "zh": zh} for en, zh in zip(rows["what_en"], rows["what_zh"], strict=True)],
            computed=[
                {"value": row["left"], "low": row["left_low"], "high": row["left_high"]}
                for row in rows.to_dict("records")
            ],
            premise=[{"en": en, "zh": zh} for en, zh in zip(rows["assumption_en"], rows["assumption_zh"], strict=True)],
            tier_cell=[{"en": tier, "zh": TIERS_ZH[tier]} for tier in rows["tier"]],
        )
        checks = TABLES["checks"]
        columns = {
            "where": checks["where"].written(width=14),
            "what": checks["what_en"].written(en="Relation", zh="关系", width=27),
            "computed": TABLES["key_claims"]["left"].written(width=22),
            "right": TABLES["key_claims"]["right"].written(width=10),
        }
        if name == "premises":
            columns["premise"] = checks["assumption_en"].written(en="Premise", zh="前提", width=29)
            columns["tier_cell"] = checks["tier"].written(width=20)
        into.add_table(name, cells, caption, columns, evidence="arithmetic")


def _verdict(verdict: str, tier: str) -> dict[str, str]:
    """Return a verdict and how firm it is, in both languages."""
    if not tier:
        return {"en": verdict, "zh": VERDICTS_ZH[verdict]}
    return {"en": f"{verdict}, {tier}", "zh": f"{VERDICTS_ZH[verdict]}（{TIERS_ZH[tier]}）"}
