"""What type checkers see of the typed door: mypy fails here where a name does not give the class of its result."""

from __future__ import annotations

from typing import assert_type

from maternal_eval.analyses.agreement.result import AgreementResult
from maternal_eval.analyses.backtest.result import BacktestResult
from maternal_eval.analyses.calibration.result import CalibrationResult
from maternal_eval.analyses.check.result import CheckResult
from maternal_eval.analyses.claims.result import ClaimsResult
from maternal_eval.analyses.drivers.result import DriversResult
from maternal_eval.analyses.explorer.result import ExplorerResult
from maternal_eval.analyses.importance.result import ImportanceResult
from maternal_eval.analyses.instrument.result import InstrumentResult
from maternal_eval.analyses.items.result import ItemsResult
from maternal_eval.analyses.kano.result import KanoResult
from maternal_eval.analyses.proposal_power.result import ProposalPowerResult
from maternal_eval.analyses.review.result import ReviewResult
from maternal_eval.analyses.satisfaction.result import SatisfactionResult
from maternal_eval.analyses.schedule.result import ScheduleResult
from maternal_eval.analyses.scores.result import ScoresResult
from maternal_eval.analyses.sensitivity.result import SensitivityResult
from maternal_eval.analyses.shapes.result import ShapesResult
from maternal_eval.analyses.stage_weights.result import StageWeightsResult
from maternal_eval.analyses.topics.result import TopicsResult
from maternal_eval.analyses.user_weights.result import UserWeightsResult
from maternal_eval.analyses.weights.result import WeightsResult
from maternal_eval.analyses.whatif.result import WhatIfResult
from maternal_eval.app.analysis import Analysis
from maternal_eval.results import Result


def every_name_gives_its_class(analysis: Analysis, name: str) -> None:
    """State the class of each result; never called, read by the type checker."""
    assert_type(analysis.result("check"), CheckResult)
    assert_type(analysis.result("claims"), ClaimsResult)
    assert_type(analysis.result("weights"), WeightsResult)
    assert_type(analysis.result("kano"), KanoResult)
    assert_type(analysis.result("scores"), ScoresResult)
    assert_type(analysis.result("importance"), ImportanceResult)
    assert_type(analysis.result("agreement"), AgreementResult)
    assert_type(analysis.result("instrument"), InstrumentResult)
    assert_type(analysis.result("drivers"), DriversResult)
    assert_type(analysis.result("shapes"), ShapesResult)
    assert_type(analysis.result("user_weights"), UserWeightsResult)
    assert_type(analysis.result("backtest"), BacktestResult)
    assert_type(analysis.result("sensitivity"), SensitivityResult)
    assert_type(analysis.result("satisfaction"), SatisfactionResult)
    assert_type(analysis.result("items"), ItemsResult)
    assert_type(analysis.result("calibration"), CalibrationResult)
    assert_type(analysis.result("stage_weights"), StageWeightsResult)
    assert_type(analysis.result("schedule"), ScheduleResult)
    assert_type(analysis.result("proposal_power"), ProposalPowerResult)
    assert_type(analysis.result("explorer"), ExplorerResult)
    assert_type(analysis.result("whatif"), WhatIfResult)
    assert_type(analysis.result("review"), ReviewResult)
    assert_type(analysis.result("topics"), TopicsResult)
    assert_type(analysis.result(name), Result)
