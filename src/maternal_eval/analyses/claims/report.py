"""What the analysis ``claims`` gives to the papers."""

from __future__ import annotations

import pandas as pd

from maternal_eval.analyses.claims.result import TABLES, ClaimsResult
from maternal_eval.results.reported import Reported, with_cells


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
    verdicts = {
        "consistent": "一致",
        "only with rounding": "仅在舍入内一致",
        "inconsistent": "不一致",
        "undecidable": "无法判定",
    }
    keys = result.key_claims
    table = with_cells(
        keys,
        what=[{"en": en, "zh": zh} for en, zh in zip(keys["what_en"], keys["what_zh"], strict=True)],
        computed=[
            None if pd.isna(row["left"]) else {"value": row["left"], "low": row["left_low"], "high": row["left_high"]}
            for row in keys.to_dict("records")
        ],
        verdict_cell=[{"en": verdict, "zh": verdicts[verdict]} for verdict in keys["verdict"]],
    )
    into.add_table(
        "key-claims",
        table,
        {
            "en": "Key claims of the reports: the figure computed from the published ones, the range that rounding "
            "allows, what it is held against, and the verdict on arithmetic under the ledger's stated assumption.",
            "zh": "各报告的关键论断：由已发表数字算得的数值、舍入允许的取值范围、对照值，以及在台账所列假设下的算术判定。",
        },
        {
            "what": TABLES["key_claims"]["what_en"].written(en="Claim", zh="论断", width=44),
            "computed": TABLES["key_claims"]["left"].written(width=24),
            "right": TABLES["key_claims"]["right"].written(width=12),
            "verdict_cell": TABLES["key_claims"]["verdict"].written(width=20),
        },
        evidence="arithmetic",
    )
