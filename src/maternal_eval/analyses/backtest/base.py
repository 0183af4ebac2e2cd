"""The base of a score: on how many cells it rests, how many are left out, and why; said in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from maternal_eval.core.remarks import Remark, remark
from maternal_eval.study.labels import name_of

REFERENCE = "last_value"
"""The forecaster that skill is measured against."""

REASONS: dict[str, tuple[str, str]] = {
    "observed_zero": ("have an observed value of 0", "观测值为 0"),
    "no_change": (
        "have a forecast that states no change, or no earlier value to change from",
        "的预测未表明变化方向，或没有可供比较的前期值",
    ),
    "no_categories": ("have no ordered answers", "没有有序答案"),
    "reference_zero": ("have a last value without any error to compare with", "的上期值毫无误差，无从比较"),
    "undefined": ("have no defined score", "的评分没有定义"),
}
"""Why cells are left out of a score: after "n cells …" in English and "n 个单元…" in Chinese."""

OF_SCORE = {"one_minus_mape": "observed_zero", "right_direction": "no_change"}
"""Score → why it has no value in a cell."""

OF_ANSWERS = ("rps", "log_score", "rps_skill")
"""Scores of single answers: they need ordered categories."""


def base_of(name: str, known: np.ndarray, value: float, *, skill: bool) -> tuple[int, int, str]:
    """Return on how many cells a score rests, how many are left out, and why (a row of :data:`REASONS`, or nothing).

    Parameters
    ----------
    name
        The score.
    known
        ``(cells,)``: where it has a value.
    value
        Its mean; NaN where it cannot be had.
    skill
        Whether it compares with the reference forecaster.
    """
    cells = int(known.sum())
    if skill and cells and np.isnan(value):
        return 0, len(known), "reference_zero"
    left_out = len(known) - cells
    if not left_out:
        return cells, 0, ""
    return cells, left_out, "no_categories" if name in OF_ANSWERS else OF_SCORE.get(name, "undefined")


def base_remarks(scores: pd.DataFrame, labels: Mapping[str, Mapping[str, str]]) -> list[Remark]:
    """Return one remark per target and accuracy that does not rest on all cells of the main split.

    The reference forecaster states no change by its making: it is not told that it has no direction.
    """
    found = []
    main = scores[scores["main"] & scores["score"].isin(OF_SCORE) & (scores["left_out"] > 0)]
    main = main[~((main["forecaster"] == REFERENCE) & (main["score"] == "right_direction"))]
    for (target, score), rows in main.groupby(["target", "score"], sort=False):
        found.append(_remark(str(target), str(score), rows, labels))
    return found


NAMES = {
    "one_minus_mape": ("1 − MAPE", "1−MAPE"),
    "right_direction": ("Right direction", "“方向正确”"),
}
"""Names of the accuracies that can be without a value in a cell."""


def base_of_panel(rows: pd.DataFrame, language: str) -> str:
    """Return what a panel of a figure says under its title: "2 of 4 cells"; nothing where all forecasters have all."""
    rows = rows[(rows["forecaster"] != REFERENCE) | (rows["score"] != "right_direction")]
    if not rows["left_out"].any():
        return ""
    bases, total = sorted(set(rows["cells"].astype(int))), int((rows["cells"] + rows["left_out"]).max())
    span = "–".join(str(one) for one in dict.fromkeys((bases[0], bases[-1])))
    return f"\n{total} 个单元中的 {span} 个" if language == "zh" else f"\n{span} of {total} cells"


def base_in_words(row: Mapping[Any, Any], language: str) -> str:
    """Return the base of a score: "1 − MAPE on 2 of 4 cells; 2 have an observed value of 0"."""
    english, chinese = NAMES[row["score"]]
    cells, left_out = int(row["cells"]), int(row["left_out"])
    total = cells + left_out
    why_en, why_zh = REASONS[row["reason"]]
    if language == "zh":
        if not cells:
            return f"无法计算{chinese}：{total} 个单元中没有一个可用，{left_out} 个单元{why_zh}"
        return f"{chinese}仅基于 {total} 个单元中的 {cells} 个；{left_out} 个单元{why_zh}"
    why_en = why_en.replace("have", "has", 1) if left_out == 1 else why_en
    english = english if cells else f"no {english[0].lower()}{english[1:]}"
    return f"{english} on {cells} of {total} cells; {left_out} {why_en}"


def _remark(target: str, score: str, rows: pd.DataFrame, labels: Mapping[str, Mapping[str, str]]) -> Remark:
    records = rows.to_dict("records")
    names = {language: name_of(labels, target, language) for language in ("en", "zh")}
    if len(set(rows["cells"])) == 1:
        en, zh = (base_in_words(records[0], language) for language in ("en", "zh"))
        if score == "right_direction":
            who = [[name_of(labels, row["forecaster"], one) for row in records] for one in ("en", "zh")]
            en, zh = f"{en} ({', '.join(who[0])})", f"{zh}（{'、'.join(who[1])}）"
        return remark(f"{names['en']}: {en}.", f"{names['zh']}：{zh}。")
    each_en = ", ".join(f"{name_of(labels, row['forecaster'], 'en')} {int(row['cells'])}" for row in records)
    each_zh = "，".join(f"{name_of(labels, row['forecaster'], 'zh')} {int(row['cells'])} 个" for row in records)
    total = int(records[0]["cells"] + records[0]["left_out"])
    english, chinese = NAMES[score]
    why_en, why_zh = REASONS[records[0]["reason"]]
    return remark(
        f"{names['en']}: {english} does not rest on all {total} cells ({each_en}); the others {why_en}.",
        f"{names['zh']}：{chinese}未能基于全部 {total} 个单元（{each_zh}）；其余单元{why_zh}。",
    )
