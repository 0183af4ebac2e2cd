"""The typed door to results: the name of an analysis gives the class of its result.

A new analysis works without a row here, by its row in the table of steps; with one, editors and type checkers know what
``analysis.result("name")`` is. ``tests/setup/test_typed_doors.py`` holds both tables together.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Literal, overload

from maternal_eval.results import Result

if TYPE_CHECKING:
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


class Door(ABC):
    """What gives the results of analyses by name."""

    @overload
    def result(self, name: Literal["check"]) -> CheckResult: ...
    @overload
    def result(self, name: Literal["claims"]) -> ClaimsResult: ...
    @overload
    def result(self, name: Literal["weights"]) -> WeightsResult: ...
    @overload
    def result(self, name: Literal["kano"]) -> KanoResult: ...
    @overload
    def result(self, name: Literal["scores"]) -> ScoresResult: ...
    @overload
    def result(self, name: Literal["importance"]) -> ImportanceResult: ...
    @overload
    def result(self, name: Literal["agreement"]) -> AgreementResult: ...
    @overload
    def result(self, name: Literal["instrument"]) -> InstrumentResult: ...
    @overload
    def result(self, name: Literal["drivers"]) -> DriversResult: ...
    @overload
    def result(self, name: Literal["shapes"]) -> ShapesResult: ...
    @overload
    def result(self, name: Literal["user_weights"]) -> UserWeightsResult: ...
    @overload
    def result(self, name: Literal["backtest"]) -> BacktestResult: ...
    @overload
    def result(self, name: Literal["sensitivity"]) -> SensitivityResult: ...
    @overload
    def result(self, name: Literal["satisfaction"]) -> SatisfactionResult: ...
    @overload
    def result(self, name: Literal["items"]) -> ItemsResult: ...
    @overload
    def result(self, name: Literal["calibration"]) -> CalibrationResult: ...
    @overload
    def result(self, name: Literal["stage_weights"]) -> StageWeightsResult: ...
    @overload
    def result(self, name: Literal["schedule"]) -> ScheduleResult: ...
    @overload
    def result(self, name: Literal["proposal_power"]) -> ProposalPowerResult: ...
    @overload
    def result(self, name: Literal["explorer"]) -> ExplorerResult: ...
    @overload
    def result(self, name: Literal["whatif"]) -> WhatIfResult: ...
    @overload
    def result(self, name: Literal["review"]) -> ReviewResult: ...
    @overload
    def result(self, name: Literal["topics"]) -> TopicsResult: ...
    @overload
    def result(self, name: str) -> Result: ...
    def result(self, name: str) -> Result:
        """Return the result of an analysis, computed at most once.

        Raises
        ------
        InputError
            If the study lacks what the analysis requires, or nothing is stored and nothing can be computed.
        DiagnosticsError
            If a fit does not pass its gates.
        """
        return self._result(name)

    @abstractmethod
    def _result(self, name: str) -> Result:
        """Return the result of an analysis; what :meth:`result` does, without the types."""
