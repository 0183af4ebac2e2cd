"""What the analysis ``backtest`` gives to the papers."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from maternal_eval.analyses.backtest.base import base_remarks
from maternal_eval.analyses.backtest.result import BacktestResult
from maternal_eval.analyses.backtest.splits import split_in_words
from maternal_eval.results.marks import panel_kind
from maternal_eval.results.reported import Reported, names, with_interval
from maternal_eval.results.tables import TableColumn
from maternal_eval.results.vocabulary import COLUMNS
from maternal_eval.study.definition import Titles

READINGS = {
    "one_minus_mape": TableColumn("1 − MAPE", "1 − MAPE", decimals=1, unit="share", width=12),
    "within_tolerance": TableColumn("Within ±5%", "误差±5%以内", decimals=1, unit="share", width=12),
    "right_direction": TableColumn("Right direction", "方向正确", decimals=1, unit="share", width=12),
    "crps": TableColumn("CRPS", "CRPS", decimals=3, width=12),
    "crps_skill": TableColumn("CRPS skill", "CRPS 技巧评分", decimals=2, signed=True, width=12),
    "coverage_90": TableColumn("Coverage of 90%", "90% 区间覆盖率", decimals=1, unit="share", width=12),
}
"""Scores of the backtest that the papers' tables show, with how they are written."""

POOLED = {"crps": 4, "crps_skill": 2, "rps_skill": 3, "coverage_80": 1, "coverage_90": 1, "coverage_95": 1}
"""Scores over all origins that the papers may name, with their decimals."""

NEEDS = {
    "last_value": (
        "is reached by last year's value alone from about {} answers per cell",
        "每单元答卷达到约 {} 份时，仅沿用上期值即可达到",
    ),
    "best_from_past": (
        "is out of reach for last year's value and takes about {} answers per cell and the best use of the past",
        "仅沿用上期值无法达到，需要每单元约 {} 份答卷并最充分地利用上一年的信息",
    ),
    "true_mean": (
        "is reached, from about {} answers per cell, only by who knows the true means of the year to come",
        "只有预知下一年真实均值者，在每单元答卷达到约 {} 份时才能达到",
    ),
    "": (
        "is not reached even by who knows the true means of the year to come",
        "即使预知下一年的真实均值也无法达到",
    ),
}
"""What the published accuracy needs, by the least informed forecaster that attains it."""


def collect(into: Reported, result: BacktestResult) -> None:
    """Scores of the main split and of all origins, the worked case, and what the published accuracy needs."""
    main = result.main_scores.dropna(subset=["value"])
    _add_scores(into, result)
    into.add("cells", int(main["cells"].max()), decimals=0, error=0.0)
    _add_bases(into, main)
    into.add("clusters", int(main["clusters"].max()), decimals=0, error=0.0)
    into.add("origins", int(result.cells["split"].nunique()), decimals=0, error=0.0)
    into.add("forecasters", int(main["forecaster"].nunique()), decimals=0, evidence="design")
    _add_comparisons(into, result)
    _add_fitted(into, result)
    _add_case(into, result)
    _add_needs(into, result)
    _add_main_table(into, result, main)


def _add_bases(into: Reported, main: pd.DataFrame) -> None:
    """On how many cells an accuracy rests, where it does not rest on all of them."""
    for row in main[main["left_out"] > 0].to_dict("records") if "left_out" in main else ():
        if row["score"] in READINGS:
            into.add(f"{row['target']}.{row['forecaster']}.{row['score']}.cells", int(row["cells"]), decimals=0)


def _add_scores(into: Reported, result: BacktestResult) -> None:
    """Every score of every split: that of the study's own without a name, that of all origins as ``pooled``."""
    scores = result.scores
    pooled = (scores["origins"] == scores.groupby("target")["origins"].transform("max")).to_list()
    for row, over_all in zip(scores.to_dict("records"), pooled, strict=True):
        if row["main"]:
            _add_score(into, row, "", row["mcse"])
            if over_all and row["score"] in POOLED:
                # With a single origin both names stand for the same number, which is compared once.
                _add_score(into, row, ".pooled", None)
        else:
            _add_score(into, row, ".pooled" if over_all else f".{row['split']}", row["mcse"])


def _add_score(into: Reported, row: Mapping[Hashable, Any], part: str, error: float | None) -> None:
    score = row["score"]
    written = READINGS.get(score, TableColumn("", "", decimals=3, unit="share" if score.startswith("coverage") else ""))
    into.add(
        f"{row['target']}.{row['forecaster']}{part}.{score}",
        row["value"],
        unit=written.unit,
        decimals=POOLED.get(score, written.decimals) if part == ".pooled" else written.decimals,
        low=row["low"],
        high=row["high"],
        kind="clustered",
        error=error,
    )


def _pooled(result: BacktestResult) -> pd.DataFrame:
    """Return the scores over as many origins as each target has."""
    scores = result.scores
    return scores[scores["origins"] == scores.groupby("target")["origins"].transform("max")]


def _add_comparisons(into: Reported, result: BacktestResult) -> None:
    """Differences in CRPS over all origins, with the test over them."""
    table = result.comparisons
    if table.empty:
        return
    chosen = table[(table["score"] == "crps") & (table["dm_n"] == table.groupby("target")["dm_n"].transform("max"))]
    for row in chosen.to_dict("records"):
        name = f"{row['target']}.{row['forecaster']}.against.{row['other']}"
        into.add(f"{name}.crps", row["difference"], decimals=4, low=row["low"], high=row["high"], kind="clustered")
        if not pd.isna(row.get("p_value")):
            into.add(f"{name}.p", row["p_value"], decimals=2)
        if not pd.isna(row["dm_p_value"]):
            into.add(f"{name}.dm_p", row["dm_p_value"], decimals=2)


def _add_fitted(into: Reported, result: BacktestResult) -> None:
    """The weights that the next period's outcome would give, of the study's own split."""
    if result.fitted.empty:
        return
    main = result.fitted[result.fitted["main"]]
    for row in main.to_dict("records"):
        into.add(f"{row['target']}.fitted.{row['set']}.{row['element']}", row["weight"], unit="share", decimals=0,
                 low=row["low"], high=row["high"], kind="bootstrap")  # fmt: skip
    for row in main.drop_duplicates("target").to_dict("records"):
        into.add(f"{row['target']}.fitted.pull", row["pull"], unit="share", decimals=0)
        into.add(f"{row['target']}.fitted.pairs", int(row["pairs"]), decimals=0, error=0.0)


def _add_case(into: Reported, result: BacktestResult) -> None:
    for row in result.case.to_dict("records"):
        if row["forecaster"] == "published":
            into.add("case.published.closeness", row["closeness"], unit="share", decimals=1, evidence="arithmetic")
            continue
        name = f"case.{row['forecaster']}.{'told' if row['told'] else 'blind'}"
        into.add(f"{name}.change", row["change"], unit="share", decimals=1, low=row["low"], high=row["high"])
    if len(result.case):
        into.add("case.observed", result.case["observed"].iloc[0], unit="share", decimals=1)
        into.add("case.fall", result.case["fall"].iloc[0], decimals=2)


def _add_needs(into: Reported, result: BacktestResult) -> None:
    """One sentence per reading on what the published accuracy would need."""
    needed = result.answers_needed()
    for reading, rows in needed.groupby("reading", sort=False) if len(needed) else ():
        answers = rows.set_index("forecaster")["answers"].dropna()
        first = next((name for name in NEEDS if name in answers), "")
        smallest = result.attainability.loc[result.attainability["factor"] == "answers", "level"].min()
        size = "" if not first else f"{_two_digits(max(answers[first], smallest)):,}"
        english, chinese = (text.format(size) for text in NEEDS[first])
        into.add(f"needs.{reading}", {"en": english, "zh": chinese}, evidence="attainability")
    table = result.attainability
    if len(table):
        for row in table.to_dict("records"):
            typical = row["factor"] == "steps" and row["level"] == 1.0
            place = "typical" if typical else f"{row['factor']}.{row['level']:g}"
            name = f"needs.{row['reading']}.{row['forecaster']}.{place}"
            into.add(name, row["value"], unit="share", decimals=1, low=row["low"], high=row["high"],
                     error=row["mcse"], evidence="attainability")  # fmt: skip


def _two_digits(number: float) -> int:
    """Return a number to two significant digits: more would be noise of the simulation."""
    size = 10 ** max(int(np.floor(np.log10(max(number, 1.0)))) - 1, 0)
    return int(round(number / size) * size)


def _add_main_table(into: Reported, result: BacktestResult, main: pd.DataFrame) -> None:
    target = str(main["target"].iloc[0])
    wide = main[main["target"] == target].pivot_table("value", "forecaster", "score", aggfunc="first").reset_index()
    order = list(dict.fromkeys(main["forecaster"]))
    wide = wide.sort_values("forecaster", key=lambda names: names.map(order.index)).reset_index(drop=True)
    wide = wide.reindex(columns=["forecaster", *READINGS])
    wide["name"] = pd.Series([names(result, name) for name in wide["forecaster"]], dtype=object)
    split = str(main["split"].iloc[0])
    split_en, split_zh = split_in_words(split, "en").replace(" → ", " to "), split_in_words(split, "zh")
    panel = panel_kind(result.simulated)
    bases = _bases_in_words(result, target)
    into.add_table(
        "backtest",
        wide,
        {
            "en": f"Backtest of {names(result, target)['en'].lower()}, {split_en} ({panel['en']}): three readings of accuracy, "
            f"continuous ranked probability score (smaller is better), skill against the last value, coverage.{bases['en']}",
            "zh": f"{names(result, target)['zh']}回测，{split_zh}（{panel['zh']}）：三种准确率读法、"
            f"连续分级概率评分（越小越好）、相对上期值的技巧评分与区间覆盖率。{bases['zh']}",
        },
        {"name": COLUMNS["forecaster"].written(width=30), **READINGS},
    )


def _bases_in_words(result: BacktestResult, target: str) -> dict[str, str]:
    """Return what a caption adds where an accuracy does not rest on all cells."""
    scores = result.scores[result.scores["target"] == target]
    found = base_remarks(scores, result.labels) if "left_out" in scores else []
    return {"en": "".join(f" {one['en']}" for one in found), "zh": "".join(one["zh"] for one in found)}


def collect_side_by_side(into: Reported, results: Sequence[tuple[Titles, BacktestResult]]) -> None:
    """One table for all studies: skill over all origins of every forecaster, simulated and real beside each other.

    ``results`` holds the titles of each study and its backtest; the first study gives the table its name.
    """
    rows: dict[str, dict[str, Any]] = {}
    columns = {"name": COLUMNS["forecaster"].written(width=28)}
    for number, (titles, result) in enumerate(results):
        english, chinese = (" (simulated)", "（模拟）") if titles.simulated else ("", "")
        columns[f"study{number}"] = TableColumn(titles.en + english, titles.zh + chinese, signed=True, width=24)
        pooled = _pooled(result)
        pooled = pooled[(pooled["score"] == "crps_skill") & (pooled["target"] == pooled["target"].iloc[0])]
        for row in pooled[pooled["forecaster"] != "last_value"].to_dict("records"):
            cells = rows.setdefault(row["forecaster"], {"name": names(result, row["forecaster"])})
            cells[f"study{number}"] = with_interval(row, "value")
    frame = pd.DataFrame(list(rows.values())).reindex(columns=list(columns))
    into.add_table(
        "backtest-studies",
        frame.astype(object).where(frame.notna(), None),
        {
            "en": "Skill in CRPS over the last value, first outcome of each study, all origins pooled, with 90% "
            "intervals clustered by unit and origin; larger is better. Simulated panels are marked, the other columns are real data.",
            "zh": "各研究首个结果变量相对上期值的 CRPS 技巧评分（合并所有预测起点）及按评价单元与预测起点双向聚类的 90% 区间，越大越好；"
            "模拟面板已注明，其余各列为真实数据。",
        },
        columns,
    )
