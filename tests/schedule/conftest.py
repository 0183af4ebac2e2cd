"""Results of stage weights and backtest as the schedule reads them, made by hand."""

from __future__ import annotations

from types import SimpleNamespace

import pandas as pd
import pytest

from maternal_eval.analyses.backtest.result import BacktestResult
from maternal_eval.analyses.stage_weights.result import StageWeightsResult
from maternal_eval.core.words import DEFAULT_WORDS
from tests.stand_in import stand_in

STATIC = {"F1": 0.2, "F2": 0.3, "E1": 0.5}
MEANS = {"early": {"F1": 0.21, "F2": 0.29, "E1": 0.50}, "late": {"F1": 0.38, "F2": 0.25, "E1": 0.37}}
PROBABILITY = {("late", "F1"): 0.99, ("late", "E1"): 0.951, ("late", "F2"): 0.5}
LABELS = {
    "early": {"en": "Early", "zh": "早期"},
    "late": {"en": "Late", "zh": "晚期"},
    "F1": {"en": "First", "zh": "第一"},
}


def stage_weights(probability=PROBABILITY, simulated=True, own=None):
    """Stage weights of two stages and three indicators; only their table matters."""
    rows = [
        {
            "stage": stage,
            "indicator": code,
            "dimension": {"F": "function", "E": "emotion"}[code[0]],
            "static": STATIC[code],
            "mean": mean,
            "low": 0.8 * mean,
            "high": 1.2 * mean,
            "probability_change": probability.get((stage, code), 0.1),
            "probability_own": (probability if own is None else own).get((stage, code), 0.1),
        }
        for stage, means in MEANS.items()
        for code, mean in means.items()
    ]
    unused = dict.fromkeys(("dimensions", "stages", "tau", "claim", "checks", "pairs", "anchor", "draws"))
    return StageWeightsResult(
        weights=pd.DataFrame(rows),
        outcome="satisfaction",
        left_out=0,
        effective=400.0,
        stages_ordered=True,
        anchor_basis="assumed",
        labels=LABELS,
        settings={"equivalence": 0.2},
        study="made",
        simulated=simulated,
        **unused,
    )


def backtest(low=-0.004, high=0.001, other="ahp_weights", forecaster="stage_weights"):
    """What the schedule reads of a backtest: the comparison and the scores of the study's own split."""
    difference = (low + high) / 2
    place = {"split": "2020-2023 to 2024", "main": True, "target": "satisfaction", "score": "crps"}
    comparisons = [
        {**place, "forecaster": "drift", "other": other, "difference": 9.0, "low": 8.0, "high": 10.0},
        {**place, "forecaster": forecaster, "other": other, "difference": difference, "low": low, "high": high},
        {**place, "main": False, "forecaster": forecaster, "other": other, "difference": 9.0, "low": 8.0, "high": 10.0},
    ]
    scores = [
        {**place, "forecaster": "ahp_weights", "value": 0.10, "mcse": 0.003},
        {**place, "forecaster": forecaster, "value": 0.10 + difference, "mcse": 0.004},
    ]
    return stand_in(
        BacktestResult,
        comparisons=pd.DataFrame(comparisons).assign(cells=40, clusters=8),
        scores=pd.DataFrame(scores),
    )


@pytest.fixture
def study():
    """All that the schedule asks of a study."""
    return SimpleNamespace(name="made", simulated=True, outcomes={"satisfaction": None}, words=DEFAULT_WORDS)
