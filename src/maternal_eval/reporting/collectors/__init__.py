"""What each analysis gives to the papers: a module an analysis, with its numbers, its tables and its alternative texts.

A module of the name of an analysis has ``collect_<analysis>(into, result)`` and, if the analysis has figures,
``ALT_TEXTS``: name of the figure (empty for the main one) → text in English and Chinese.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from maternal_eval.plotting import say
from maternal_eval.reporting.collector import Collector
from maternal_eval.reporting.collectors import (
    backtest,
    calibration,
    check,
    claims,
    importance,
    kano,
    proposal_power,
    satisfaction,
    schedule,
    scores,
    sensitivity,
    stage_weights,
    weights,
)
from maternal_eval.results import Result

_MODULES = (
    check,
    weights,
    kano,
    scores,
    importance,
    claims,
    backtest,
    sensitivity,
    satisfaction,
    calibration,
    stage_weights,
    schedule,
    proposal_power,
)

COLLECTORS: dict[str, Callable[[Collector, Any], None]] = {
    name: getattr(module, f"collect_{name}") for module in _MODULES for name in [module.__name__.rpartition(".")[2]]
}
"""Analysis → function that adds its findings."""

ALT_TEXTS: dict[str, dict[str, tuple[str, str]]] = {
    module.__name__.rpartition(".")[2]: getattr(module, "ALT_TEXTS", {}) for module in _MODULES
}
"""Analysis → figure → alternative text in English and Chinese."""


def alt_text(step: str, result: Result, language: str, figure: str = "") -> str:
    """Return what a reader who cannot see a figure of an analysis should know.

    ``figure`` is one of the result's further figures; empty for the main one.
    """
    simulated = bool(getattr(result, "simulated", False))
    panel = say(language, "simulated panel" if simulated else "real data", "模拟面板" if simulated else "真实数据")
    text = say(language, *ALT_TEXTS[step][figure])
    return say(language, f"{text} ({panel}).", f"{text}（{panel}）。")
