"""What a study does not have, and what cannot be computed then."""

from __future__ import annotations

from typing import NamedTuple

from maternal_eval.study.definition import StudyDefinition


class AbsentPart(NamedTuple):
    """A part that the study does not have, and what cannot be computed then."""

    part: str
    consequence_en: str
    consequence_zh: str


_WITHOUT_COLUMN = {
    "period": ("no periods: no change over time and no backtest", "没有时期：无法分析变化，也无法回测"),
    "stage": ("no {stages}: everybody is one group", "没有{stage}：全体合为一组分析"),
    "platform": ("no {platforms}: units are {stages} and segments", "没有{platform}：以{stage}与细分人群为评价单元"),
    "weight": ("no survey weights: every answer counts the same", "没有抽样权重：每份答卷等权"),
}


def absent_columns(definition: StudyDefinition) -> list[AbsentPart]:
    """Return the parts that a study.toml does not name, with what follows from that, in the words of the study."""
    columns = definition.columns
    absent = [
        AbsentPart(f"columns.{name}", *definition.called.pair(*texts))
        for name, texts in _WITHOUT_COLUMN.items()
        if getattr(columns, name) is None
    ]
    if definition.indicators is None:
        absent.append(
            AbsentPart(
                "indicators",
                *definition.called.pair(
                    "no indicators: no scores, sensitivity or weights by {stage}",
                    "没有指标：无法计算得分、敏感性与{stage}权重",
                ),
            )
        )
    return absent
