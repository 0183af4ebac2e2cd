"""The quarterly review as an alarm: detection delay, false alarms, better thresholds."""

from maternal_eval.review.result import ReviewResult, simulate_review
from maternal_eval.review.settings import ReviewSettings

__all__ = ["ReviewResult", "ReviewSettings", "simulate_review"]
