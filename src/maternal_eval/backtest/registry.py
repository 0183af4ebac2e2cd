"""The forecasters by name; a new one is one more row."""

from __future__ import annotations

from maternal_eval.backtest.composite_forecaster import (
    composite_with_equal_weights,
    composite_with_expert_weights,
)
from maternal_eval.backtest.forecasters import ForecasterEntry, LevelForecaster

REFERENCE = "last_value"
"""The forecaster that skill is measured against."""

FORECASTERS: dict[str, ForecasterEntry] = {
    entry.name: entry
    for entry in (
        ForecasterEntry(REFERENCE, "Last value", "上期值", LevelForecaster),
        ForecasterEntry("drift", "Last value + drift", "上期值加趋势", lambda: LevelForecaster(drift=True)),
        ForecasterEntry(
            "local_level",
            "Smoothed level (no indicators)",
            "平滑水平（不用指标）",
            lambda: LevelForecaster(smooth=True, drift=True),
        ),
        ForecasterEntry("equal_weights", "Composite, equal weights", "综合得分（等权）", composite_with_equal_weights),
        ForecasterEntry(
            "ahp_weights", "Composite, static weights", "综合得分（静态权重）", composite_with_expert_weights
        ),
    )
}
"""All forecasters. ``local_level`` stands beside the composites because they smooth and drift as
it does: only what they gain over it is owed to the indicators."""

NEEDS_INDICATORS = frozenset({"equal_weights", "ahp_weights"})
"""Forecasters that a study without indicators cannot have."""
