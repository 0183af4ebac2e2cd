"""Stage weights of a real survey too small for them: nothing can be said, and that is what is said."""

from dataclasses import replace

import pytest

from maternal_eval.analyses.stage_weights.compute import fit_stage_weights
from maternal_eval.analyses.stage_weights.settings import StageWeightsSettings
from maternal_eval.app.steps import STEPS, unmet
from maternal_eval.study import Study


@pytest.fixture(scope="module")
def kiosk(root, shared_data):
    return Study.read(root / "data" / "kiosk", shared_data / "kiosk" / "kiosk_tidy.csv")


def test_kiosk_answers_say_nothing_about_weights(kiosk):
    short = replace(StageWeightsSettings.quick(), tune=200, draws=400, kept=300)  # the gates are those of long chains
    result = fit_stage_weights(kiosk, settings=short, seed=0)
    assert not result.stages_ordered
    assert result.anchor_basis == "assumed"
    assert len(result.weights) == 2 * 24
    assert not result.weights["credible_change"].any()
    assert result.weights["informed"].median() < 0.4
    assert result.pairs["told_apart"].all()  # nothing known of sums either: no collinearity is claimed


def test_without_periods_there_is_no_schedule_and_the_reason_is_said(kiosk):
    assert unmet(STEPS["schedule"], kiosk) == ["at least two training periods and a test period"]
