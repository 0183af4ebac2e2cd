"""Published figures: the ledger, what its digits can stand for, and the audit of every relation between them."""

from maternal_eval.claims.audit import BASES, VERDICTS, Check, Judgement, judge, read_checks
from maternal_eval.claims.granularity import Possibility, possible_deviation, possible_mean
from maternal_eval.claims.interval_arithmetic import Interval
from maternal_eval.claims.ledger import Claim, Ledger
from maternal_eval.claims.result import ClaimsResult, ClaimsSettings, audit, audit_claims
from maternal_eval.claims.rounding import rounding_interval

__all__ = [
    "BASES",
    "VERDICTS",
    "Check",
    "Claim",
    "ClaimsResult",
    "ClaimsSettings",
    "Interval",
    "Judgement",
    "Ledger",
    "Possibility",
    "audit",
    "audit_claims",
    "judge",
    "possible_deviation",
    "possible_mean",
    "read_checks",
    "rounding_interval",
]
