"""Thresholds that keep false alarms at a stated number a year, and what they cost in delay."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from maternal_eval.methods.alarm_rules import RULES, Chart, Rule
from maternal_eval.methods.optimise import find_root

QUARTERS = 4


def alarms_per_year(rule: Rule, chart: Chart, limit: float, levels: np.ndarray, spreads: np.ndarray) -> float:
    """Return the expected number of alarms a year on charts with the given true means and spreads of answers."""
    # scores that stand alike are computed once
    kinds, counts = np.unique(np.column_stack([levels, spreads]), axis=0, return_counts=True)
    total = 0.0
    for (level, spread), count in zip(kinds, counts, strict=True):
        own = replace(chart, spread=float(spread))
        total += count / rule.run_length(float(level), own, limit, own.error)
    return float(QUARTERS * total)


def calibrated(rule: Rule, chart: Chart, levels: np.ndarray, spreads: np.ndarray, allowed: float) -> float:
    """Return the smallest threshold whose expected number of false alarms a year is at most ``allowed``."""

    def excess(limit: float) -> float:
        return np.log(max(alarms_per_year(rule, chart, limit, levels, spreads), 1e-12) / allowed)

    if excess(0.0) <= 0:
        return 0.0
    last = rule.largest(chart)
    tolerance = min(1e-4, 1e-5 * last)
    return find_root(excess, 0.0, last, what="the threshold of an alarm rule", tolerance=tolerance)


def propose(
    charts: Sequence[tuple[str, Chart, np.ndarray, np.ndarray]], confidence: float, allowed: float
) -> pd.DataFrame:
    """Return the usual and the calibrated threshold of every rule at every level of review.

    Parameters
    ----------
    charts
        Name of the level, its chart, and true mean and spread of every score that is watched there and does not lie
        below the limit.
    confidence
        One-sided confidence of the usual thresholds.
    allowed
        False alarms a year over all scores of a level.

    Returns
    -------
    pandas.DataFrame
        One row per level, rule and ``threshold_kind`` ("usual", "proposed"): ``threshold``, ``false_alarms`` a year
        over all its scores, and ``delay`` (average quarters until a fall below the limit is noticed, from a standing
        start).
    """
    rows = []
    for level, chart, means, spreads in charts:
        for name, rule in RULES.items():
            usual = rule.default(chart, confidence)
            for kind, limit in (("usual", usual), ("proposed", calibrated(rule, chart, means, spreads, allowed))):
                delay = rule.run_length(chart.limit - chart.fall, chart, limit, chart.error)
                rows.append(
                    {
                        "level": level,
                        "rule": name,
                        "threshold_kind": kind,
                        "scores": len(means),
                        "answers": chart.count,
                        "threshold": limit,
                        "false_alarms": alarms_per_year(rule, chart, limit, means, spreads),
                        "delay": delay,
                    }
                )
    return pd.DataFrame(rows)
