"""What a reader has to know beside the importance of weights: what varied, what was left out, what has no interval."""

from __future__ import annotations

import numpy as np
import pandas as pd

from maternal_eval.analyses.importance.effects import FEWEST_RESAMPLED, INDICATORS, RESPONDENTS, UNITS
from maternal_eval.core.remarks import Remark, remark
from maternal_eval.study import Study, aggregated


def importance_remarks(
    study: Study, panel: pd.DataFrame, values: np.ndarray, survey: np.ndarray, importance: pd.DataFrame
) -> list[Remark]:
    """Return the remarks on the importance of a study's weights.

    Parameters
    ----------
    panel
        Rows of the study, or its cells where it has no rows.
    values
        Rows of the panel × indicators; NaN = not answered.
    survey
        Survey weights of the rows.
    importance
        The table of the result.
    """
    found = []
    levels = set(importance["level"])
    silent = int((np.isnan(values).all(axis=1) & (survey > 0)).sum())
    if silent:
        found.append(
            remark(
                f"{silent} of {len(values)} rows answer no indicator and are left out.",
                f"{len(values)} 行中有 {silent} 行未回答任何指标，未计入。",
            )
        )
    if aggregated(study) and RESPONDENTS in levels:
        found.append(
            remark(
                "Each row is the figure of a whole cell: “respondents” are rows; single answers may vary otherwise.",
                "每行为一个单元的汇总值：此处“受访者”即行，单份答卷的变化可能不同。",
            )
        )
    factors = [name for name in ("platform", "stage", "period") if name in panel]
    lost = int((panel[factors].isna().any(axis=1) & (survey > 0)).sum()) if factors else 0
    if lost and UNITS in levels:
        found.append(
            study.words.remark(
                f"{lost} of {len(values)} rows lack {{platform}}, {{stage}} or period: they belong to no unit.",
                f"{len(values)} 行中有 {lost} 行缺{{platform}}、{{stage}}或时期：不属于任何单元。",
            )
        )
    for level, zh in ((RESPONDENTS, "受访者"), (UNITS, "单元")):
        rows = importance[importance["level"] == level]
        if len(rows) and rows["low"].isna().all():
            found.append(
                study.words.remark(
                    f"Over {level} there is no interval: fewer than {FEWEST_RESAMPLED} {{respondents}}, {{platforms}} "
                    "or units to resample, or resamples in which nothing varies.",
                    f"在{zh}层面不给区间：可重抽的{{respondent}}、{{platform}}或单元不足 {FEWEST_RESAMPLED} 个，"
                    "或重抽样本中没有变化。",
                )
            )
    flat = importance[(importance["linear"] == 0) & (importance["set"] == INDICATORS)]["element"].unique()
    if len(flat):
        named = ", ".join(map(str, flat))
        found.append(
            remark(
                f"{named}: no variation in these answers, so importance 0; other answers might vary.",
                f"{named}：现有答案没有变化，故重要性为 0；其他答案未必如此。",
            )
        )
    return found
