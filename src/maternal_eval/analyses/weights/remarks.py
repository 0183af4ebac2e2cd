"""What has to be heard beside the experts' weights: contradictions, disagreement, a single expert, equal weights."""

from __future__ import annotations

import pandas as pd

from maternal_eval.core.remarks import Remark, remark
from maternal_eval.study import DIMENSIONS, Study
from maternal_eval.study.labels import name_of, study_labels

NO_BETTER_THAN_CHANCE = 1.0
"""A consistency ratio of 1 is that of judgements drawn at random: the index is divided by their mean."""

AGREEMENT = 0.05
"""Kendall's W with a larger p-value does not tell the experts' order from orders drawn at random."""


def remarks_on_experts(
    study: Study, consistency: pd.DataFrame, concordance: pd.DataFrame, experts: int
) -> list[Remark]:
    """Return the remarks on the last round of the experts.

    Parameters
    ----------
    study
        The study.
    consistency, concordance
        See :class:`~maternal_eval.analyses.weights.result.WeightsResult`; empty where no expert judged.
    experts
        Number of experts of the last round.
    """
    if consistency.empty:
        return [
            remark(
                "no expert judged: the weights inside the dimensions are those of the indicator file, or equal, and "
                "have no interval",
                "没有专家判断：维度内权重取自指标文件或取等权，没有区间",
            )
        ]
    last = consistency["round"].max()
    found = _contradictions(study, consistency[consistency["round"] == last])
    found += _disagreement(study, concordance[concordance["round"] == last])
    if experts == 1:
        found.append(
            remark(
                "a single expert: the intervals hold this expert's own inconsistency, not how far experts differ",
                "仅有一位专家：区间只反映该专家自身的不一致，不反映专家之间的差异",
            )
        )
    return found


def _contradictions(study: Study, judged: pd.DataFrame) -> list[Remark]:
    """One remark on the matrices above CR 0.10, worst first; its own for one that is no better than chance."""
    refused = judged[~judged["acceptable"].astype(bool)].sort_values("ratio", ascending=False)
    found = []
    for row in refused[refused["ratio"] >= NO_BETTER_THAN_CHANCE].itertuples():
        english, chinese = (_set_name(study, row.set, language) for language in ("en", "zh"))
        found.append(
            remark(
                f"the judgements of {row.expert} on {english} contradict each other as much as random ones "
                f"(consistency ratio {row.ratio:.2f}; acceptable up to 0.10): their weights mean nothing",
                f"{row.expert} 对{chinese}的判断自相矛盾，与随机判断无异（一致性比率 {row.ratio:.2f}，可接受上限为 "
                "0.10）：由此得到的权重没有意义",
            )
        )
    if len(refused):
        worst = refused.iloc[0]
        found.append(
            remark(
                f"{len(refused)} of {len(judged)} matrices of the last round exceed the consistency ratio 0.10, the "
                f"worst is {worst['ratio']:.2f} ({worst['expert']}, {_set_name(study, worst['set'], 'en')})",
                f"最后一轮 {len(judged)} 个判断矩阵中有 {len(refused)} 个的一致性比率超过 0.10，最大为 "
                f"{worst['ratio']:.2f}（{worst['expert']}，{_set_name(study, worst['set'], 'zh')}）",
            )
        )
    return found


def _disagreement(study: Study, agreed: pd.DataFrame) -> list[Remark]:
    """One remark on each set whose order the experts do not share."""
    opposed = agreed[~(agreed["p_value"] <= AGREEMENT) & agreed["w"].notna()]
    return [
        remark(
            f"the experts do not agree on the order inside {_set_name(study, row['set'], 'en')}: Kendall's W "
            f"{row['w']:.2f}, p = {row['p_value']:.2g}; the group's weights average over opposed views",
            f"专家对{_set_name(study, row['set'], 'zh')}的排序并不一致：Kendall W = {row['w']:.2f}，"
            f"p = {row['p_value']:.2g}；群体权重是对立意见的平均",
        )
        for row in opposed.to_dict("records")
    ]


def _set_name(study: Study, name: object, language: str) -> str:
    if name == DIMENSIONS:
        return "the dimensions" if language == "en" else "各维度"
    return name_of(study_labels(study), str(name), language)
