"""Names of factor models, sizes and columns of groups in both languages."""

from __future__ import annotations

from maternal_eval.core.languages import LANGUAGES, say
from maternal_eval.core.words import Words

MODELS = {
    "independent": ("no relation", "互不相关"),
    "one": ("one factor", "单因子"),
    "groups": ("one factor per dimension", "每维度一个因子"),
    "bifactor": ("a general factor and one per dimension", "一般因子加维度因子"),
    "saturated": ("every pair for itself", "逐对相关"),
}

SIZES = {
    "negligible": ("negligible", "可忽略"),
    "moderate": ("moderate", "中等"),
    "large": ("large", "较大"),
}

COLUMNS = {
    "": ("everybody", "全体"),
    "stage": ("{stage}", "{stage}"),
    "period": ("period", "时期"),
    "platform": ("{platform}", "{platform}"),
    "city_tier": ("city tier", "城市级别"),
    "platform_type": ("{platform} type", "{platform}类型"),
}
"""Columns that have a name of their own; others are called as the study calls them."""

LEVELS = {
    ("city_tier", "first"): ("first-tier cities", "一线城市"),
    ("city_tier", "new_first"): ("new first-tier cities", "新一线城市"),
    ("city_tier", "second"): ("second-tier cities", "二线城市"),
    ("city_tier", "third_and_below"): ("third tier and below", "三线及以下"),
    ("platform_type", "general"): ("general", "综合类"),
    ("platform_type", "vertical"): ("vertical", "垂直类"),
    ("platform_type", "health_management"): ("health management", "健康管理类"),
    ("platform_type", "social"): ("social", "社交类"),
    ("platform_type", "niche"): ("niche", "小众类"),
}
"""Levels of segments of the built-in study; others are called as the study calls them."""


def column_name(name: str, words: Words, language: str) -> str:
    """Return what a column of groups is called."""
    return words.say(language, *COLUMNS.get(name, (name, name)))


def pair_of(texts: tuple[str, str]) -> dict[str, str]:
    """Return a name in both languages."""
    return {language: say(language, *texts) for language in LANGUAGES}


def column_names(name: str, words: Words) -> dict[str, str]:
    """Return what a column of groups is called, in both languages."""
    return {language: column_name(name, words, language) for language in LANGUAGES}


def level_names(column: str, level: str, labels: dict[str, dict[str, str]]) -> dict[str, str]:
    """Return what a level is called, in both languages; ``labels`` are those of a result, for its stages."""
    if (column, level) in LEVELS:
        return pair_of(LEVELS[column, level])
    if level == "":
        return pair_of(COLUMNS[""])
    known = labels if column in ("stage", "period") else {}
    return {language: known.get(level, {}).get(language, level) for language in LANGUAGES}
