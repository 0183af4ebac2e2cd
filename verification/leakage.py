"""Proof that nothing of the test period reaches a forecast: change it, and nothing may change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from maternal_eval.analyses.backtest.cells import Target, outcome_history
from maternal_eval.analyses.backtest.forecasters import Forecaster, Training
from maternal_eval.analyses.backtest.splits import Split, on_train_periods
from maternal_eval.core.randomness import generator, named, sequence
from maternal_eval.study import Study

DRAWS = 20
"""Draws per forecast: any difference shows in few."""


@dataclass(frozen=True)
class LeakageCheck:
    """How far forecasts moved when the test period was tampered with; both are exactly 0 without leakage."""

    permuted: float
    deleted: float

    @property
    def passed(self) -> bool:
        """Whether nothing leaked."""
        return self.permuted == 0.0 and self.deleted == 0.0


def check_leakage(
    study: Study,
    split: Split,
    target: Target,
    build: Callable[[Study], Forecaster],
    seed: int | np.random.SeedSequence = 0,
) -> LeakageCheck:
    """Forecast three times: from the study, with the test answers permuted, and with them deleted.

    Parameters
    ----------
    study, split, target
        What is forecast.
    build
        Makes a fresh forecaster. It is handed the whole (tampered) study, so that a forecaster that reaches around the
        cut is caught; an honest one ignores it.
    seed
        For the permutation and the draws.
    """
    original = _forecast(study, split, target, build, seed)
    moved = [
        float(np.abs(_forecast(tampered, split, target, build, seed) - original).max())
        for tampered in (permute_test_answers(study, split, seed), delete_test_answers(study, split))
    ]
    return LeakageCheck(permuted=moved[0], deleted=moved[1])


def permute_test_answers(study: Study, split: Split, seed: int | np.random.SeedSequence = 0) -> Study:
    """Return the study with indicator and outcome answers after the origin shuffled between respondents."""
    panel = study.panel.copy()
    columns = [column for column in (*study.model.codes, *study.outcomes) if column in panel]
    later = np.flatnonzero((panel["period"] > split.train[-1]).to_numpy())
    shuffled = generator(named(seed, "permutation")).permutation(later)
    for column in columns:
        answers = panel[column].to_numpy(copy=True)
        answers[later] = answers[shuffled]
        panel[column] = answers
    return replace(study, panel=panel)


def delete_test_answers(study: Study, split: Split) -> Study:
    """Return the study without any row after the origin."""
    panel = study.panel[study.panel["period"] <= split.train[-1]].reset_index(drop=True)
    return replace(study, panel=panel)


def _forecast(
    study: Study,
    split: Split,
    target: Target,
    build: Callable[[Study], Forecaster],
    seed: int | np.random.SeedSequence,
) -> np.ndarray:
    training = Training(on_train_periods(study, split), sequence(seed), DRAWS)
    units = outcome_history(training.study, target, split.train).known_units()
    made = build(study).fit(training, target).forecast(units, split.horizon, DRAWS, named(seed, "draws"))
    parts = [made.mean] if made.shares is None else [made.mean, made.shares]
    return np.concatenate([part.ravel() for part in parts])
