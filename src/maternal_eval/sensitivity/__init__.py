"""Sensitivity: uncertain weights against scores and ranks, an indicator's level against an outcome."""

from maternal_eval.sensitivity.result import SensitivityResult, SensitivitySettings, run_sensitivity

__all__ = ["SensitivityResult", "SensitivitySettings", "run_sensitivity"]
