"""What an analysis may require of a study, as a table: a new requirement is one more row."""

from __future__ import annotations

from collections.abc import Callable

from maternal_eval.study import INDICATOR_KINDS, OUTCOME_KINDS, Indicator, Study


def _graded(one: Indicator) -> bool:
    """Whether an indicator may have more than two different answers."""
    return one.high - one.low >= 2 or not INDICATOR_KINDS[one.kind].whole


REQUIREMENTS: dict[str, tuple[Callable[[Study], bool], str, str]] = {
    "indicators": (lambda study: bool(study.model.indicators), "indicators", "指标"),
    "several indicators": (lambda study: len(study.model.indicators) > 1, "at least two indicators", "至少两项指标"),
    "graded indicators": (
        lambda study: any(map(_graded, study.model.indicators)),
        "an indicator with more than two answers",
        "至少一项有三个以上答案的指标",
    ),
    "weights to vary": (
        lambda study: any(len(siblings) > 1 for siblings in study.model.sibling_sets.values()),
        "at least two indicators in one dimension, or two dimensions",
        "同一维度内至少两项指标，或至少两个维度",
    ),
    "outcomes": (lambda study: bool(study.outcomes), "an outcome", "结果变量"),
    "stages": (lambda study: len(study.stages) >= 2, "at least two {stages}", "至少两个{stage}"),
    "platforms": (lambda study: study.has_platforms, "{platforms}", "{platform}"),
    "test period": (
        lambda study: study.test_period is not None and len(study.train_periods) >= 2,
        "at least two training periods and a test period",
        "至少两个训练期和一个检验期",
    ),
    "ordered outcome": (
        lambda study: OUTCOME_KINDS[study.primary_outcome.kind].ordered_categories,
        "a first outcome with ordered answers",
        "首个结果变量为有序答案",
    ),
    "Kano answers": (lambda study: study.kano_answers is not None, "Kano answers", "卡诺成对答案"),
    "scenarios": (
        lambda study: bool(study.settings("whatif").get("scenarios")),
        "a scenario in [[analysis.whatif.scenarios]]",
        "[[analysis.whatif.scenarios]] 中的情景",
    ),
    "items to fit": (
        lambda study: "indicators" in study.settings("items"),
        "indicators in [analysis.items] (an empty list: all)",
        "[analysis.items] 中的指标（空列表表示全部）",
    ),
    "sources or log": (
        lambda study: study.triangulation is not None or study.platform_log is not None,
        "triangulation records or {a platform} log",
        "三源比对记录或{platform}日志",
    ),
    "topic counts": (lambda study: "topics" in study.tables, "counts of topics", "主题计数"),
    "several ordered items": (
        lambda study: sum(INDICATOR_KINDS[one.kind].whole for one in study.model.indicators) > 1,
        "at least two indicators with whole answers",
        "至少两项答案为整数的指标",
    ),
    "simulated panel": (lambda study: study.simulated, "a simulated panel", "模拟面板"),
    "claims": (lambda study: study.claims is not None, "a ledger of published figures", "已发表数字的台账"),
    "checks": (
        lambda study: study.definition.files.checks is not None,
        "checks of the published figures",
        "已发表数字之间的核对关系",
    ),
}
"""What an analysis may require of a study: a test and its name in each language, in the words of the study."""

MENDS = {
    "indicators": '[indicators] file = "indicators.csv"',
    "outcomes": '[outcomes.NAME] column = "COLUMN"',
    "stages": 'stage = "COLUMN" in [columns]',
    "platforms": 'platform = "COLUMN" in [columns]',
    "topic counts": '[files] topics = "topics.csv"',
    "test period": "train = [2020, 2021] and test = 2022 in [periods]",
}
"""Requirement → the line of study.toml that would meet it, where one line may."""
