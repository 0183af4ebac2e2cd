"""What a reader has to know beside drivers and pain points."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from maternal_eval.analyses.drivers.answers import UNANSWERED, GroupAnswers
from maternal_eval.analyses.drivers.settings import DriversSettings
from maternal_eval.core.remarks import Remark, remark
from maternal_eval.study import Study
from maternal_eval.study.survey import cluster_columns


def driver_remarks(
    study: Study, groups: Sequence[GroupAnswers], fits: pd.DataFrame, settings: DriversSettings
) -> list[Remark]:
    """Return the remarks on what the numbers presuppose, how gaps were filled, and what was resampled."""
    words = study.words
    found = [
        words.remark(
            "Gains presuppose that the outcome follows when an answer is raised; the answers show that they go "
            "together, inside period, {platform}, {stage} and segments, and no more.",
            "改善幅度的计算以“提高某项评分后结果随之变化”为前提；{answer}只显示两者在时期、{platform}、{stage}与细分组内相伴出现。",
        )
    ]
    gaps = not _all_answered(groups[0])
    if gaps:
        found.append(
            remark(
                f"An unanswered indicator counts as its mean; where more than {UNANSWERED:.0%} left it unanswered, who "
                "did is part of the background. An indicator that fewer answer explains less of the whole.",
                f"未回答的指标以其均值代入；未回答超过 {UNANSWERED:.0%} 时，“谁未回答”计入背景变量。回答者越少的指标，"
                "对总体的解释份额越小。",
            )
        )
    if len({(one.low, one.high) for one in study.model.indicators}) > 1:
        found.append(
            remark(
                "Indicators have different scales: a mean answer stands on the scale of its own indicator, and so does "
                "the step by which it is raised.",
                "各指标的量表不同：平均评分与提高的幅度均以该指标自身的量表为准。",
            )
        )
    if not cluster_columns(study):
        found.append(
            words.remark(
                "No column names the {respondent} or a cluster: every row is resampled as a person of its own.",
                "没有标明{respondent}或聚类的列：每一行视为独立的一人重抽。",
            )
        )
    if (fits["answers"] < 10 * (fits["background"] + len(groups[0].codes))).any():
        few = fits[fits["answers"] < 10 * (fits["background"] + len(groups[0].codes))]["group"]
        title = {stage.name: (stage.name_en, stage.name_zh) for stage in study.stage_levels}
        en = ", ".join(title.get(name, ("everybody", "全体"))[0] for name in few)
        zh = "、".join(title.get(name, ("everybody", "全体"))[1] for name in few)
        found.append(
            remark(
                f"Fewer than ten answers per coefficient ({en}): shares there are rough, ranks even more.",
                f"每个系数不足十份答卷（{zh}）：其份额粗略，名次更甚。",
            )
        )
    return found


def _all_answered(answers: GroupAnswers) -> bool:
    return bool(np.isfinite(answers.place).all())
