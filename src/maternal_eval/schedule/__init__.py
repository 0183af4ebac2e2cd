"""Which stage weights should move: proposed only where the answers and the backtest agree, static otherwise."""

from maternal_eval.schedule.result import ScheduleResult, ScheduleSettings, propose_schedule

__all__ = ["ScheduleResult", "ScheduleSettings", "propose_schedule"]
