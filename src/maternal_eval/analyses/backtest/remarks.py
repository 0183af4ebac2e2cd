"""What a reader of a backtest has to know beside its numbers, in both languages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from maternal_eval.analyses.backtest.base import base_remarks
from maternal_eval.analyses.backtest.cells import UnitChoice
from maternal_eval.analyses.backtest.splits import Split
from maternal_eval.core.remarks import Remark, remark
from maternal_eval.study.labels import name_of

type Labels = Mapping[str, Mapping[str, str]]
"""Code → language → name."""


def backtest_remarks(
    scores: pd.DataFrame,
    cells: pd.DataFrame,
    absent: Sequence[Mapping[str, str]],
    splits: Sequence[Split],
    choice: UnitChoice,
    labels: Labels,
    unplaced: int = 0,
) -> list[Remark]:
    """Return what was left out, pooled or taken for granted in a backtest.

    Parameters
    ----------
    scores, cells, absent
        See :class:`~maternal_eval.analyses.backtest.result.BacktestResult`.
    splits
        All origins; the last is the main one.
    choice
        What makes a unit, and why.
    labels
        Names of targets and forecasters.
    unplaced
        Rows of the periods used that name no unit.
    """
    return [
        *_of_units(choice, unplaced),
        *_of_time(splits),
        *_of_cells(cells, choice, labels),
        *base_remarks(scores, labels),
        *_of_absent(absent, labels),
    ]


def _of_units(choice: UnitChoice, unplaced: int) -> list[Remark]:
    found = []
    if unplaced:
        en, zh = " or ".join(choice.columns), "或".join(choice.columns)
        found.append(
            remark(
                f"{unplaced} rows without {en} belong to no unit and are left out of all cells.",
                f"{unplaced} 行缺少 {zh}，不属于任何评价单元，未计入任何单元。",
            )
        )
    if choice.aggregates:
        found.append(
            remark(
                "Every unit has one row a period: the rows are taken for figures of whole cells, not for answers. "
                "Their precision is not known: intervals hold the changes from period to period and no sampling error.",
                "每个评价单元每期只有一行：各行视为整个单元的汇总数值而非单份答卷。其精度未知：区间只含各期之间的变动，不含抽样误差。",
            )
        )
    if choice.finer:
        units = " × ".join(choice.columns)
        en, zh = (units, units) if units else ("everybody together", "全体合并")
        finer = " × ".join(choice.finer)
        found.append(
            remark(
                f"Units are {en}: a typical cell of {finer} has {choice.typical:g} answers in the training periods, "
                f"fewer than the {choice.minimum} asked for (minimum under [analysis.backtest]).",
                f"评价单元为{zh}：训练期中{finer}的典型单元只有{choice.typical:g}份答卷，少于所要求的{choice.minimum}份"
                "（[analysis.backtest] 下的 minimum）。",
            )
        )
    return found


def _of_time(splits: Sequence[Split]) -> list[Remark]:
    main, found = splits[-1], []
    if main.horizon > 1:
        label, steps = main.timeline.label, main.horizon
        found.append(
            remark(
                f"The forecast of {label(main.test)} reaches {steps} steps of time beyond {label(main.train[-1])}, the "
                "last training period.",
                f"对 {label(main.test)} 的预测距最后一个训练期 {label(main.train[-1])} 有 {steps} 个时间步。",
            )
        )
    if len(main.train) == 1:
        found.append(
            remark(
                "There is one training period: no change was ever seen, drift is 0, and the width of intervals comes "
                "from the prior guess of a step (innovation_scale under [analysis.backtest]).",
                "训练期只有一期：从未观测到变化，趋势取 0，区间宽度来自对单步变动的先验估计"
                "（[analysis.backtest] 下的 innovation_scale）。",
            )
        )
    return found


def _of_cells(cells: pd.DataFrame, choice: UnitChoice, labels: Labels) -> list[Remark]:
    found, minimum = [], 1 if choice.aggregates else choice.minimum
    for row in cells[cells["main"] & (cells["too_few_in_test"] > 0)].to_dict("records"):
        en, zh = (name_of(labels, row["target"], language) for language in ("en", "zh"))
        left_out, total = int(row["too_few_in_test"]), int(row["scored"] + row["too_few_in_test"])
        if not row["scored"]:
            continue
        found.append(
            remark(
                f"{en}: {left_out} of {total} units have fewer than {minimum} answers in the test period and are "
                "left out.",
                f"{zh}：{total} 个评价单元中有 {left_out} 个在检验期不足 {minimum} 份答卷，未计入。",
            )
        )
    return found


def _of_absent(absent: Sequence[Mapping[str, str]], labels: Labels) -> list[Remark]:
    return [
        remark(
            f"{name_of(labels, part['part'], 'en')} is left out: {part['reason_en']}.",
            f"未包括{name_of(labels, part['part'], 'zh')}：{part['reason_zh']}。",
        )
        for part in absent
    ]
