"""Composite scores of answers that need not be those of the panel."""

from __future__ import annotations

import numpy as np
import pandas as pd

from maternal_eval.analyses.weights.compute import static_weights
from maternal_eval.analyses.weights.hierarchy import dimension_index
from maternal_eval.methods.composite import composite, with_means
from maternal_eval.study import Study, survey_weights
from maternal_eval.study.values import asked_of, values_of


def scores_of(study: Study, panel: pd.DataFrame, answers: np.ndarray) -> np.ndarray:
    """Return the composite score of answers with larger-is-better, ``(rows,)`` on 0–100; NaN without any answer.

    Parameters
    ----------
    study
        The study.
    panel
        The rows of the study that the answers stand in.
    answers
        Rows × indicators of the model, on the scale of each; they need not be whole.
    """
    indicators, aggregation = study.model.indicators, study.model_settings.aggregation
    values, asked = values_of(indicators, answers, study.model_settings.values), asked_of(study, indicators, panel)
    if aggregation.unanswered == "mean":
        values = with_means(values, survey_weights(panel), asked)
    return composite(
        values,
        static_weights(study).to_numpy(dtype=float),
        dimension_index(study.model),
        aggregation.exponents,
        asked=asked,
        unanswered=aggregation.unanswered,
    ).score
