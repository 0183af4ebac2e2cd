"""What a first study says of its columns, in Chinese: why one has a part and why another is not used."""

from __future__ import annotations

import re

from maternal_eval.core.languages import say

_CHINESE: dict[str, str] = {
    "its name": "由列名推断",
    "its name and values": "由列名与取值推断",
    "its name, and positive numbers": "由列名推断，且均为正数",
    "its name, and 1 to 4": "由列名推断，取值 1 至 4",
    "its name; values repeat": "由列名推断，取值有重复",
    "one value a row": "每行取值各不相同",
    "whose answers belong together": "标明哪些答案属于同一人",
    "the column of names": "名称所在的列",
    "empty": "空列",
    "how long the filling in took": "填写用时",
    "several answers in one cell": "一格内有多个答案（多选题）",
    "made from the recommendation": "由推荐意愿换算而来",
    "tells of the filling in": "关于填写过程",
    "a day from which stages may follow": "可由此日期推出阶段",
    "a date that is not the period": "日期，但未作为时期",
    "a period that is not used": "未采用的时期",
    "whole numbers of the size of a body's weight": "与体重相仿的整数",
    "a second column of weights": "另一列权重",
    "a value of its own in every row": "每行取值各不相同",
    "could be a segment": "可作细分",
    "free text": "自由文本",
    "numbers that make no groups: [recode] cut makes classes of them": "无法分组的数值：可用 [recode] 的 cut 分档",
    "too many values for groups": "取值过多，无法分组",
    "no part was found for it": "未找到用途",
    "two values, beside ratings": "只有两个取值，而其余为评分",
    "an answer to a Kano question without its pair": "缺少配对的卡诺题",
    "importance": "问的是重要性",
    "expectation": "问的是期望",
}

_PATTERNS: tuple[tuple[str, str], ...] = (
    (r"days; grouped by (\w+)", "日期，按{0}分组"),
    (r"the same in every row \((.*)\)", "各行相同（{0}）"),
    (r"ticked or empty \((.*)\)", "勾选或为空（{0}）"),
)

_PARTS: dict[str, str] = {
    "period": "时期",
    "quarter": "季度",
    "stage": "阶段",
    "platform": "平台（被比较的单位）",
    "respondent": "受访者",
    "weight": "抽样权重",
    "segment": "细分",
    "indicator": "指标",
    "outcome": "结果变量",
    "Kano pairs": "卡诺成对题",
}

_KINDS: dict[str, str] = {
    "ordinal": "有序答案",
    "binary": "二值",
    "continuous": "连续",
    "recommendation": "推荐意愿",
    "numbers": "数字",
    "numbered": "带编号的答案",
    "ends": "仅两端为文字",
    "score": "0–100 分",
    "satisfaction": "满意程度",
    "agreement": "同意程度",
    "conformity": "符合程度",
    "importance": "重要程度",
    "likelihood": "可能性",
    "quality": "优劣",
    "frequency": "频率",
    "yes_no": "是否",
    "kano": "卡诺题答案",
}

_BY = {"year": "年", "quarter": "季度", "month": "月"}


def reason(text: str, language: str) -> str:
    """Return why a column has its part, or none, in a language; a reason without a translation as it is.

    Examples
    --------
    >>> reason("days; grouped by quarter", "zh"), reason("empty", "zh"), reason("empty", "en")
    ('日期，按季度分组', '空列', 'empty')
    """
    if language == "en" or not text:
        return text
    if text in _CHINESE:
        return _CHINESE[text]
    for pattern, chinese in _PATTERNS:
        if (found := re.fullmatch(pattern, text, re.DOTALL)) is not None:
            return chinese.format(*(_BY.get(part, part) for part in found.groups()))
    return text


def part_name(part: str, language: str) -> str:
    """Return what a part of the study is called, e.g. ``outcome satisfaction``.

    Examples
    --------
    >>> part_name("outcome recommend", "zh"), part_name("period", "en")
    ('结果变量 recommend', 'period')
    """
    first, _, rest = part.partition(" ")
    chinese = _PARTS.get(part) or " ".join([_PARTS.get(first, first), *([rest] if rest else [])])
    return say(language, part, chinese)


def kind_name(kind: str, language: str) -> str:
    """Return what the answers of a column are called, of a row of answers or an outcome."""
    return say(language, kind, _KINDS.get(kind, kind))
