"""Backtest: forecasts from growing training periods, judged on what was then observed.

``run_backtest`` gives the whole result; ``FORECASTERS`` is the table of forecasters, ``Forecaster`` their interface,
``check_leakage`` the proof that nothing of the test period reaches a forecast, and ``scores`` the mathematics.
"""

from maternal_eval.backtest.cells import History, Target, history, outcome_history, unit_columns
from maternal_eval.backtest.forecasters import Forecast, Forecaster, ForecasterEntry, Training
from maternal_eval.backtest.leakage import LeakageCheck, check_leakage
from maternal_eval.backtest.registry import FORECASTERS, REFERENCE
from maternal_eval.backtest.result import BacktestResult
from maternal_eval.backtest.run import run_backtest
from maternal_eval.backtest.settings import BacktestSettings
from maternal_eval.backtest.splits import Split, rolling_splits, up_to
from maternal_eval.backtest.tables import ALL_ORIGINS

__all__ = [
    "ALL_ORIGINS",
    "FORECASTERS",
    "REFERENCE",
    "BacktestResult",
    "BacktestSettings",
    "Forecast",
    "Forecaster",
    "ForecasterEntry",
    "History",
    "LeakageCheck",
    "Split",
    "Target",
    "Training",
    "check_leakage",
    "history",
    "outcome_history",
    "rolling_splits",
    "run_backtest",
    "unit_columns",
    "up_to",
]
