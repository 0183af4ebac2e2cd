"""Weights that a composite forecaster may use, each learned from training rows alone."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from maternal_eval.analyses.backtest.cells import Target
from maternal_eval.analyses.backtest.fitted_weights import fitted_weights
from maternal_eval.analyses.backtest.forecasters import BATCHES, Training
from maternal_eval.analyses.scores.compute import (
    score_respondents,
    score_respondents_by_stage,
)
from maternal_eval.analyses.stage_weights.quick import quick_stage_weights
from maternal_eval.analyses.weights.compute import static_weights
from maternal_eval.analyses.weights.hierarchy import dimension_index
from maternal_eval.core.errors import InputError
from maternal_eval.methods.effective_weights import effective_weights
from maternal_eval.study import Study, masses
from maternal_eval.study.values import cell_table, indicator_values

ROWS = 30_000
"""Training answers from which stage weights are learned; more are thinned to this number."""


def equal_weights(study: Study) -> pd.Series:
    """Return the same weight for every indicator, ignoring dimensions; sums to 1."""
    codes = study.model.codes
    return pd.Series(1.0 / len(codes), index=pd.Index(codes, name="indicator"), name="weight")


def _static(training: Training) -> pd.Series:
    return training.once("static weights", lambda: static_weights(training.study))


def _effective(training: Training) -> pd.Series:
    """Weights equal to what the static weights really do among the training respondents (cells, without rows)."""
    study, static = training.study, _static(training)
    nominal = static.loc[study.model.codes]
    survey = masses(study.panel if study.counted is None else cell_table(study).frame).weight
    found = effective_weights(
        indicator_values(study), nominal.to_numpy(dtype=float), survey, dimension_index(study.model)
    )
    return pd.Series(found, index=nominal.index, name="weight")


def _by_stage(training: Training) -> list[pd.DataFrame]:
    """Weights of every stage (rows), learned from overall satisfaction; see :func:`quick_stage_weights`.

    One table a batch of forecast draws: so the Monte-Carlo error of a score knows that the weights are sampled too.
    The static weights in every stage where a stage has too few answers for weights of its own: the limit of the model
    when the answers say nothing.
    """
    static, study = _static(training), training.study
    try:
        return quick_stage_weights(study, static, rows=ROWS, seed=training.seed_of("stage weights"), parts=BATCHES)
    except InputError:
        return [pd.DataFrame([static] * len(study.stages), index=list(study.stages))]


WEIGHT_SCHEMES: dict[str, Callable[[Training], pd.Series | list[pd.DataFrame]]] = {
    "equal": lambda training: equal_weights(training.study),
    "static": _static,
    "effective": _effective,
    "stage": _by_stage,
}
"""Name → training data → global weights by indicator code, or tables with one row of them per stage, of which each
serves its share of the forecast draws. A new scheme is a row."""


TARGETED: dict[str, Callable[[Training, Target], pd.Series]] = {
    "fitted": lambda training, target: fitted_weights(training, target).weights,
}
"""Name → training data and target → global weights that each outcome has for itself. A new scheme is a row."""


def _learned(training: Training, scheme: str, target: Target) -> pd.Series | list[pd.DataFrame]:
    return TARGETED[scheme](training, target) if scheme in TARGETED else WEIGHT_SCHEMES[scheme](training)


def _of(scheme: str, target: Target) -> str:
    """Return the name under which the weights of a scheme are kept: most are those of all outcomes."""
    return f"{scheme}/{target.name}" if scheme in TARGETED else scheme


def weights_of(training: Training, scheme: str, target: Target) -> np.ndarray:
    """Return the global weights of a scheme that has one for each indicator, in the order of the indicators.

    Raises
    ------
    ValueError
        If the scheme has weights by stage.
    """
    found = training.once(f"weights/{_of(scheme, target)}", lambda: _learned(training, scheme, target))
    if not isinstance(found, pd.Series):
        raise ValueError(f"{scheme} has weights by stage")
    return found.loc[training.study.model.codes].to_numpy(dtype=float)


def composite_scores(training: Training, scheme: str, target: Target) -> list[np.ndarray]:
    """Return the composite score (0–100) of every training respondent with the weights of ``scheme``.

    Of a study without rows cells take the place of respondents.
    One array for each table of weights, or one for weights that hold in every stage. Weights by stage score each stage
    with its own; NaN where the stage of a respondent is not known.
    """

    def score() -> list[np.ndarray]:
        weights, study = _learned(training, scheme, target), training.study
        if isinstance(weights, pd.Series):
            return [score_respondents(study, weights).score]
        return score_respondents_by_stage(study, weights)

    return training.once(f"scores/{_of(scheme, target)}", score)
