"""Which rows of a checked panel a study uses: those of its periods that have a survey weight."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from maternal_eval.core.errors import InputError
from maternal_eval.core.remarks import Remark, remark
from maternal_eval.study.definition import StudyDefinition
from maternal_eval.study.evaluation_model import EvaluationModel
from maternal_eval.study.panel import RawPanel
from maternal_eval.study.panel.contract import violation
from maternal_eval.study.rules import panel_rules


def rows_used(
    definition: StudyDefinition, raw: RawPanel, frame: pd.DataFrame, periods: Sequence[int]
) -> tuple[pd.DataFrame, tuple[Remark, ...]]:
    """Return the rows of a checked panel in the periods used that have a survey weight, and what was left out.

    Raises
    ------
    InputError
        If a row has no survey weight, with its number; unless study.toml says ``missing_weight = "leave_out"`` in
        [columns].
    """
    used = frame["period"].isin(periods).to_numpy() if "period" in frame else np.ones(len(frame), dtype=bool)
    clusters = _clusters_remark(definition)
    if "weight" not in frame:
        return frame[used].reset_index(drop=True), clusters
    missing = frame["weight"].isna().to_numpy() & used
    if missing.any() and definition.columns.missing_weight == "refuse":
        rule = next(rule for rule in panel_rules(definition, EvaluationModel((), ()), {}) if rule.name == "weight")
        needed = replace(rule, required=True)
        raise violation(raw, needed, int(missing.argmax()), "nothing", "the value is missing")
    said = left_out_remark(int(missing.sum()), int(used.sum()))
    return frame[used & ~missing].reset_index(drop=True), (*said, *clusters)


def _clusters_remark(definition: StudyDefinition) -> tuple[Remark, ...]:
    """Return what the declared clusters do and do not widen; nothing without any."""
    names = definition.columns.clusters
    if not names:
        return ()
    return (
        remark(
            f"Answers that share {' or '.join(names)} count for fewer in the satisfaction model, its items and the "
            "backtest, by their design effect. Intervals of the other analyses take rows for independent.",
            f"同一{'或'.join(names)}的答卷彼此相近，在满意度模型、题项与回测中按设计效应折减其有效份数；其他分析的区间仍按各行相互独立计算。",
        ),
    )


def left_out_remark(number: int, rows: int) -> tuple[Remark, ...]:
    """Return the remark on rows without survey weight, none if there are none.

    Raises
    ------
    InputError
        If no row has one.
    """
    if rows and number == rows:
        raise InputError("no row has a survey weight", column="weight", found=f"{rows:,} rows without", expected="some")
    if not number:
        return ()
    return (
        remark(
            f"{number:,} of {rows:,} rows have no survey weight and are left out of every analysis.",
            f"{rows:,} 行中有 {number:,} 行没有抽样权重，未计入任何分析。",
        ),
    )
