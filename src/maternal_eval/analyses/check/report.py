"""What the analysis ``check`` gives to the papers."""

from __future__ import annotations

import pandas as pd

from maternal_eval.analyses.check.result import TABLES, CheckResult
from maternal_eval.results.reported import Reported, with_cells

ROLES = {
    "indicator": "指标",
    "outcome": "结果变量",
    "rating": "评分",
    "burden": "负担",
    "measure": "量值",
    "cost": "耗费",
    "binary": "二值",
    "ordinal": "有序答案",
    "recommendation": "推荐意愿",
    "continuous": "连续",
    "less is better": "越小越好",
}
"""Words of the roles of columns, in Chinese; a word that is not here stays as it is."""


def collect(into: Reported, result: CheckResult) -> None:
    """What the study holds."""
    facts = result.facts
    for name in ("answers", "indicators", "dimensions", "platforms"):
        if name in facts:
            into.add(name, int(facts[name]), decimals=0, error=0.0, evidence="design" if name != "answers" else None)
    shares = result.answers["share_answered"]
    into.add("answered.smallest", float(shares.min()), unit="share", decimals=0, error=0.0)
    into.add("answered.largest", float(shares.max()), unit="share", decimals=0, error=0.0)
    into.add_each("answered.of.{column}", result.answers, "share_answered", unit="share", decimals=1, error=0.0)
    _add_questions(into, result)


def _add_questions(into: Reported, result: CheckResult) -> None:
    """Add what was asked and what the file calls its answers, so that a number in a table can be read."""
    if result.columns.empty:
        return
    asked = result.columns[result.columns["role"].str.startswith(("indicator", "outcome"))]
    if asked.empty:
        return
    table = with_cells(
        asked,
        role_name=[{"en": role, "zh": _in_chinese(role)} for role in asked["role"]],
        labels_cell=[
            None if pd.isna(labels) or not labels else {"en": labels, "zh": labels.replace(", ", "，")}
            for labels in asked["labels"]
        ],
    )
    into.add_table(
        "questions",
        table,
        {
            "en": "What was asked: the column of the file, its role, its scale, who answered, and what the file calls its "
            "answers.",
            "zh": "所问内容：文件中的列、角色、量尺、作答比例，以及文件中各答案的标签。",
        },
        {
            "source": TABLES["columns"]["source"].written(width=32),
            "role_name": TABLES["columns"]["role"].written(width=17),
            "scale": TABLES["columns"]["scale"].written(width=8),
            "share": TABLES["columns"]["share"].written(width=10),
            "labels_cell": TABLES["columns"]["labels"].written(width=33),
        },
    )


def _in_chinese(role: str) -> str:
    """Return a role in Chinese, e.g. ``outcome, ordinal`` as 结果变量，有序答案."""
    words, _, aside = role.partition(" (")
    named = "，".join(ROLES.get(word, word) for word in words.split(", "))
    return named + (f"（{ROLES.get(aside.rstrip(')'), aside.rstrip(')'))}）" if aside else "")
