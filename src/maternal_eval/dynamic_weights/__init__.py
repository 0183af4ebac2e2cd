"""Indicator weights by life stage, estimated from the answers around the static weights, with intervals."""

from maternal_eval.dynamic_weights.result import StageWeightsResult, StageWeightsSettings, fit_stage_weights

__all__ = ["StageWeightsResult", "StageWeightsSettings", "fit_stage_weights"]
