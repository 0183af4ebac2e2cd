"""What a reader has to know beside the shapes."""

from __future__ import annotations

import pandas as pd

from maternal_eval.analyses.drivers.answers import GroupAnswers
from maternal_eval.analyses.shapes.items import LEVELS, shaped
from maternal_eval.analyses.shapes.settings import ShapesSettings
from maternal_eval.core.remarks import Remark, remark
from maternal_eval.study import Study


def shape_remarks(
    study: Study, answers: GroupAnswers, items: pd.DataFrame, classes: pd.DataFrame, settings: ShapesSettings
) -> list[Remark]:
    """Return the remarks on what has no shape, what did not converge, and how many are declared by chance."""
    found = []
    flat = [code for code, one in zip(answers.codes, shaped(answers), strict=True) if not one]
    if flat:
        found.append(
            remark(
                f"Fewer than {LEVELS} different answers and therefore no shape: {', '.join(flat)}.",
                f"不同答案少于 {LEVELS} 个，没有形状可言：{'、'.join(flat)}。",
            )
        )
    by_chance = (1 - settings.credible) * len(items)
    found.append(
        remark(
            f"Of {len(items)} relations that lie exactly on a bound, {by_chance:.1f} would be declared wrongly; fewer "
            "of those inside. What is not declared is open, not straight.",
            f"{len(items)} 个关系若恰在界限上，约有 {by_chance:.1f} 个会被误判；界限之内则更少。"
            "未判定的关系是“未定”，并非直线。",
        )
    )
    found.append(
        study.words.remark(
            "Shapes are those of the answers as given: the ends of a scale mean what {respondents} take them for, and "
            "a bend may come from the scale as well as from the service.",
            "形状以所给评分为准：量表两端的含义取决于{respondent}的理解，弯曲可能来自量表，也可能来自服务本身。",
        )
    )
    lost = classes.loc[~classes["arrived"].astype(bool), "kano"].tolist()
    if lost:
        found.append(
            remark(
                f"The shape of {', '.join(lost)} was not found inside the bounds: it has no estimate, and the scores "
                "keep the assumed one.",
                f"{'、'.join(lost)} 的形状参数未在界限内收敛：不给估计值，得分沿用假定的形状。",
            )
        )
    missing = classes.loc[classes["arrived"].astype(bool) & classes[["low", "high"]].isna().any(axis=1), "kano"]
    if len(missing):
        found.append(
            remark(
                f"The profile of {', '.join(missing)} does not reach the limit on both sides: that end of the interval "
                "is missing.",
                f"{'、'.join(missing)} 的轮廓似然在一侧未达到界限：区间缺该端点。",
            )
        )
    return found
