"""What the analysis ``calibration`` gives to the papers."""

from __future__ import annotations

import dataclasses

from maternal_eval.analyses.calibration.result import TABLES, CalibrationResult
from maternal_eval.results.reported import Reported, with_cells
from maternal_eval.results.tables import TableColumn
from maternal_eval.results.vocabulary import COLUMNS

_GROUPS = {
    "score": {"en": "Expected answer", "zh": "期望得分"},
    "change": {"en": "Change", "zh": "变化量"},
}


def collect(into: Reported, result: CalibrationResult) -> None:
    """Ranks, coverage and verdicts."""
    # Whatever the study: these answers were drawn from the model.
    into = dataclasses.replace(into, evidence="simulated")
    into.add("replicates", result.replicates, decimals=0)
    into.add("ranked_among", result.ranked_among, decimals=0)
    for name, value in sorted(result.design.items()):
        into.add(f"design.{name}", value, decimals=0)
    into.add("quantities", len(result.uniformity), decimals=0)
    into.add("smallest_p", result.uniformity["p_holm"].min(), decimals=2)
    for row in result.coverage_by_group().to_dict("records"):
        name = f"coverage.{row['group']}.{round(100 * row['probability'])}"
        into.add(name, row["covered"], unit="share", decimals=0)
        into.add(f"{name}.lowest", row["lowest"], unit="share", decimals=0)
        into.add(f"{name}.highest", row["highest"], unit="share", decimals=0)
    into.add_each("mean_rank.{quantity}", result.uniformity, "mean_rank", decimals=1, error="mcse")
    into.add_each("coverage.of.{quantity}.{probability}", result.coverage, "covered", unit="share", decimals=0,
                  error="mcse")  # fmt: skip
    limits = result.coverage.groupby("probability")[["low", "high"]].first()
    for row in limits.reset_index().to_dict("records"):
        name = f"coverage.limits.{round(100 * row['probability'])}"
        into.add(f"{name}.low", row["low"], unit="share", decimals=0)
        into.add(f"{name}.high", row["high"], unit="share", decimals=0)
    table = result.coverage_by_group()
    table = with_cells(table, name=(_GROUPS[group] for group in table["group"]))
    table["low"], table["high"] = (limits.loc[table["probability"], side].to_numpy() for side in ("low", "high"))

    def percent(english: str, chinese: str) -> TableColumn:
        return TableColumn(english, chinese, decimals=0, unit="share")

    into.add_table(
        "calibration",
        table,
        result.words.remark(
            f"Coverage of the truth over {result.replicates} replicates simulated from the prior: mean, lowest and "
            "highest over {stages}, and the limits that a right fit keeps.",
            f"在由先验模拟的 {result.replicates} 次重复中区间对真值的覆盖率：各{{stage}}的均值、最低与最高值，"
            "以及正确拟合应处的界限。",
        ),
        {
            "name": COLUMNS["quantity"].written(),
            "probability": TABLES["coverage"]["probability"].written(),
            "covered": TABLES["coverage"]["covered"].written(),
            "lowest": percent("Lowest", "最低"),
            "highest": percent("Highest", "最高"),
            "low": TABLES["coverage"]["low"].written(),
            "high": TABLES["coverage"]["high"].written(),
        },
    )
