"""Backtest: forecasts from growing training periods, judged on what was then observed.

``run_backtest`` gives the whole result; ``FORECASTERS`` is the table of forecasters, ``Forecaster`` their interface,
``check_leakage`` the proof that nothing of the test period reaches a forecast, and ``scores`` the mathematics.
"""

from maternal_eval.backtest.cells import History, Target, history, outcome_history, unit_columns
from maternal_eval.backtest.forecasters import Forecaster, ForecasterEntry
from maternal_eval.backtest.leakage import LeakageCheck, check_leakage
from maternal_eval.backtest.registry import FORECASTERS, REFERENCE
from maternal_eval.backtest.result import ALL_ORIGINS, BacktestResult, BacktestSettings, run_backtest
from maternal_eval.backtest.splits import Split, rolling_splits, up_to

__all__ = [
    "ALL_ORIGINS",
    "FORECASTERS",
    "REFERENCE",
    "BacktestResult",
    "BacktestSettings",
    "Forecaster",
    "ForecasterEntry",
    "History",
    "LeakageCheck",
    "Split",
    "Target",
    "check_leakage",
    "history",
    "outcome_history",
    "rolling_splits",
    "run_backtest",
    "unit_columns",
    "up_to",
]
