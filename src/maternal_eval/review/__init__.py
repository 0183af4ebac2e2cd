"""The quarterly review as an alarm: detection delay, false alarms, better thresholds."""

from maternal_eval.review.result import ReviewResult, ReviewSettings, simulate_review

__all__ = ["ReviewResult", "ReviewSettings", "simulate_review"]
