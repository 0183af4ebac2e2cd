"""What an assumed shape does to scores and ranks: the same composite with the assumed, the estimated and no shape."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from maternal_eval.analyses.scores.compute import score_respondents
from maternal_eval.methods.bootstrap import weighted_means
from maternal_eval.methods.ranks import ranks_by_run
from maternal_eval.methods.value import KANO_CLASSES
from maternal_eval.study import Study, survey_weights
from maternal_eval.study.groups import EVERYONE
from maternal_eval.study.model_settings import ValueSettings

VARIANTS = ("assumed", "estimated", "straight")


def consequence_table(study: Study, estimated: Mapping[str, float]) -> pd.DataFrame:
    """Return score and rank of every platform (or stage, or everybody) under each variant of the value functions.

    Parameters
    ----------
    estimated
        Kano class → estimated shape; a class without one keeps the assumed shape. Classes that have no shape stay
        straight in all variants.
    """
    values = study.model_settings.values
    shapes = {name: kappa for name, kappa in estimated.items() if KANO_CLASSES[name].shaped}
    variants = {
        "assumed": values,
        "estimated": ValueSettings(values.kappa, dict(values.class_shapes) | shapes),
        "straight": ValueSettings(1.0, {}),
    }
    unit = "platform" if study.has_platforms else "stage" if study.stages else ""
    labels = study.panel[unit].astype(object).to_numpy() if unit else np.full(len(study.panel), EVERYONE, dtype=object)
    named = pd.notna(labels)
    survey = survey_weights(study.panel)
    places = pd.Index(pd.unique(labels[named])).sort_values() if unit != "stage" else pd.Index(study.stages)
    columns: dict[str, object] = {"units": unit or EVERYONE, "unit": [str(one) for one in places]}
    scores = {}
    for name, one in variants.items():
        other = replace(study, model_settings=replace(study.model_settings, values=one))
        score = score_respondents(other).score[:, None]
        scores[name] = np.array(
            [float(weighted_means(score[labels == place], survey[labels == place])[0]) for place in places]
        )
    columns |= scores
    columns |= {f"rank_{name}": ranks_by_run(score[None])[0].astype(int) for name, score in scores.items()}
    return pd.DataFrame(columns).dropna(subset=list(VARIANTS)).reset_index(drop=True)
