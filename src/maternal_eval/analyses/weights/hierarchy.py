"""From weights by sibling set to weights by indicator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from maternal_eval.study import DIMENSIONS, EvaluationModel, Study


def dimension_index(model: EvaluationModel) -> np.ndarray:
    """Return the position of each indicator's dimension among the model's dimensions, ``(indicators,)``."""
    names = [dimension.name for dimension in model.dimensions]
    return np.array([names.index(name) for name in model.dimension_of], dtype=int)


def sharing_groups(study: Study) -> np.ndarray:
    """Return which indicators share the weight of an unanswered one, as a number per indicator, ``(indicators,)``.

    Those of a dimension; all of them with ``[model.aggregation] unanswered = "all"``: as if there were one dimension,
    which for arithmetic means is the same.
    """
    groups = dimension_index(study.model)
    return np.zeros_like(groups) if study.model_settings.aggregation.unanswered == "all" else groups


def join_sets(by_set: Mapping[str, np.ndarray], sets: Mapping[str, Sequence[str]], codes: Sequence[str]) -> np.ndarray:
    """Put the weights inside the dimensions, ``(..., n)`` each, side by side in the order of the codes."""
    inside = [name for name in sets if name != DIMENSIONS]
    order = [code for name in inside for code in sets[name]]
    joined = np.concatenate([by_set[name] for name in inside], axis=-1)
    return joined[..., [order.index(code) for code in codes]]
