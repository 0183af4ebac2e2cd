"""Names of sources, definitions and levels of comparison in both languages."""

from __future__ import annotations

from maternal_eval.core.languages import LANGUAGES, say
from maternal_eval.methods.agreement.tolerance import DEFINITIONS

SOURCES = {
    "self_report": ("self-report", "自评"),
    "service_record": ("service record", "服务记录"),
    "third_party": ("third party", "第三方"),
    "mean": ("mean of all", "各来源均值"),
}
"""Sources that have a name of their own; others are called by their column."""

LEVELS = {
    "between": ("between {platforms}", "{platform}之间"),
    "within": ("within {platforms}", "{platform}之内"),
    "both": ("within {platforms}, periods apart", "{platform}之内（扣除时期）"),
}


def source_name(name: str, language: str) -> str:
    """Return what a source is called.

    Examples
    --------
    >>> source_name("self_report", "en"), source_name("wearable", "zh")
    ('self-report', 'wearable')
    """
    return say(language, *SOURCES.get(name, (name, name)))


def definition_name(name: str, language: str) -> str:
    """Return what a reading of "accurate" is called."""
    if name in DEFINITIONS:
        return say(language, DEFINITIONS[name].en, DEFINITIONS[name].zh)
    source = source_name(name.partition(":")[2], language)
    return say(language, f"{source} so close to the truth (estimated)", f"{source}与真值之差不超过容差（估计）")


def both_names(name: str, kind: str) -> dict[str, str]:
    """Return a source (``kind`` "source") or a definition in both languages."""
    of = source_name if kind == "source" else definition_name
    return {language: of(name, language) for language in LANGUAGES}
