"""What a reader has to know beside the users' weights."""

from __future__ import annotations

from collections.abc import Sequence

from maternal_eval.analyses.user_weights.fit import UserWeights
from maternal_eval.analyses.user_weights.references import EXPERTS, STATED, Reference
from maternal_eval.analyses.user_weights.tables import PULLED
from maternal_eval.core.remarks import Remark, remark
from maternal_eval.study import Study


def user_weight_remarks(study: Study, found: Sequence[UserWeights], references: Sequence[Reference]) -> list[Remark]:
    """Return the remarks on what was held at 0, what there is to compare with, and what the weights are."""
    notes = [
        study.words.remark(
            "Users' weights say how the outcome goes with each indicator, with the value functions of this study; "
            "nobody was asked what weighs how much.",
            "用户权重反映结果随各指标变化的程度，并以本研究的价值函数为前提；并未直接询问{respondent}各项的轻重。",
        )
    ]
    notes.append(
        remark(
            "No anchor: single weights stand under a flat prior; agreement under one in which the indicators of a "
            "dimension are alike until the answers tell them apart, for else the errors of all weights add up.",
            "不设锚点：单项权重采用平坦先验；一致性的判断假定同一维度的指标在数据区分之前相同，否则所有权重的误差会累加。",
        )
    )
    notes.append(
        remark(
            "A low probability of agreement shows disagreement only where it would be high if users weighed alike "
            "(column beside it): errors of many weights make those that agree look unlike.",
            "一致的概率低，仅当“用户若完全一致”一列较高时才说明不一致：众多权重的误差会使本来一致的权重看似不同。",
        )
    )
    everybody = found[0]
    held = [code for code, chance in zip(everybody.answers.codes, everybody.pulled, strict=True) if chance > PULLED]
    if held:
        notes.append(
            remark(
                f"Weights cannot be negative; without that, these might be ({PULLED:.0%} or more), and their weight is "
                f"above what the answers say: {', '.join(held)}.",
                f"权重不取负值；若无此限制，下列指标可能为负（概率不低于 {PULLED:.0%}），其权重高于数据所示："
                f"{'、'.join(held)}。",
            )
        )
    if all(one.weight is None for one in study.model.dimensions):
        notes.append(
            remark(
                "This study states no weights of dimensions: “stated” are equal ones.",
                "本研究未给出维度权重：“名义权重”为等权。",
            )
        )
    kinds = [one.name for one in references if one.name not in (STATED, EXPERTS)]
    if kinds:
        notes.append(
            remark(
                f"Professions of the experts are read from their names: {', '.join(kinds)}.",
                f"专家职业取自其名称：{'、'.join(kinds)}。",
            )
        )
    return notes
