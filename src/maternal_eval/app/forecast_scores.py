"""The forecast scores of several studies side by side, the last value and the mean of the training periods first."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from maternal_eval.app.notebook import NotebookStudy
from maternal_eval.study.labels import name_of

FIRST = ("last_value", "training_mean")
"""Forecasters that everything else is held against."""

SCORES = ("crps", "crps_skill", "one_minus_mape", "within_tolerance", "coverage_90")


def forecast_scores(studies: Sequence[NotebookStudy], language: str = "en") -> pd.DataFrame:
    """Return the scores over all origins of every study that has a stored backtest.

    Parameters
    ----------
    studies
        The studies, in the order of the table.
    language
        Of the names.

    Returns
    -------
    pandas.DataFrame
        Index: study, outcome, forecaster, the last value and the training mean first. ``crps`` (smaller is better),
        ``crps_skill`` against the last value (larger is better) and its 90 % interval ``low``, ``high``, clustered by
        unit and by origin, so that it holds under shocks that a period's units share; ``one_minus_mape`` and
        ``within_tolerance``, two readings of accuracy; ``coverage_90`` of the 90 % intervals; ``origins``; ``cells``.
    """
    found = []
    for study in studies:
        if not study.has("backtest"):
            continue
        result = study.analysis.result("backtest")
        scores = result.scores
        over_all = scores[scores["origins"] == scores.groupby("target")["origins"].transform("max")]
        # With a single origin its rows stand under two names.
        over_all = over_all.drop_duplicates(["target", "forecaster", "score"], keep="last")
        keys = ["target", "forecaster"]
        wide = over_all.pivot_table("value", keys, "score", sort=False).reindex(columns=list(SCORES))
        skill = over_all[over_all["score"] == "crps_skill"].set_index(keys)[["low", "high"]]
        base = over_all[over_all["score"] == "crps"].set_index(keys)[["origins", "cells"]]
        wide = wide.join(skill).join(base).reset_index()
        place = {name: at for at, name in enumerate((*FIRST, *dict.fromkeys(wide["forecaster"])))}
        outcomes = list(dict.fromkeys(wide["target"]))
        order = pd.DataFrame({"t": wide["target"].map(outcomes.index), "f": wide["forecaster"].map(place)})
        wide = wide.iloc[order.sort_values(["t", "f"]).index]
        for name in keys:
            wide[name] = [name_of(result.labels, one, language) for one in wide[name]]
        found.append(wide.assign(study=study.name))
    columns = ["study", "outcome", "forecaster", *SCORES[:2], "low", "high", *SCORES[2:], "origins", "cells"]
    if not found:
        return pd.DataFrame(columns=columns).set_index(columns[:3])
    table = pd.concat(found, ignore_index=True).rename(columns={"target": "outcome"})
    return table[columns].set_index(columns[:3])
