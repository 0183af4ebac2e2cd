"""From the answers of a study to what they are worth: the one place where answers become values."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from maternal_eval.core.errors import InputError
from maternal_eval.core.remarks import Remark, remark
from maternal_eval.methods.composite import with_means
from maternal_eval.methods.value import answer_value
from maternal_eval.study.cells import CellTable, Worth
from maternal_eval.study.definition import FILE_NAME
from maternal_eval.study.evaluation_model import Indicator
from maternal_eval.study.model_settings import AggregationSettings, ValueSettings
from maternal_eval.study.orientation import turned
from maternal_eval.study.study import Study
from maternal_eval.study.survey import survey_weights

TIME = ("period", "quarter")
"""Columns that place an answer in time, the coarser first."""


def values_of(indicators: Sequence[Indicator], answers: np.ndarray, settings: ValueSettings) -> np.ndarray:
    """Return the value of answers that are turned round where less is better, in [0, 1], larger is better.

    Parameters
    ----------
    indicators
        One per column.
    answers
        Rows × indicators, on the scale of each (see :meth:`Study.oriented`); NaN where not answered, and stays NaN.
    settings
        Shape of the value functions.
    """
    low, high = (np.array([getattr(one, end) for one in indicators]) for end in ("low", "high"))
    kano = [one.kano for one in indicators]
    return answer_value(answers, kano, low, high, settings.of(kano))


def indicator_values(study: Study, codes: Sequence[str] | None = None, panel: pd.DataFrame | None = None) -> np.ndarray:
    """Return the value of every answer of a study, rows × indicators, in [0, 1], larger is better.

    Shape and treatment of unanswered items are those of the study (``[model.values]``, ``[model.aggregation]``).

    Parameters
    ----------
    study
        The study.
    codes
        Indicators, in the order of the columns; all of the model if not given.
    panel
        Rows of the panel to take instead of all.

    Returns
    -------
    numpy.ndarray
        NaN where not answered. With ``unanswered = "mean"`` only where nothing was answered or the item was not asked:
        else the gap holds the indicator's survey-weighted mean value over the rows taken. Of a study without rows: the
        mean value of all indicators in each of its cells, in the order of :func:`cell_table`.

    Raises
    ------
    InputError
        If a study without rows asks for means in the place of unanswered items.
    """
    if study.counted is not None:
        if study.model_settings.aggregation.unanswered == "mean":
            raise InputError(
                "counts do not say who left an item unanswered",
                file=study.folder / FILE_NAME,
                column="model.aggregation.unanswered",
                found="mean",
                mend='unanswered = "siblings" under [model.aggregation]',
            )
        return cell_table(study).means(study.model.codes, value_of(study))
    panel = study.panel if panel is None else panel
    indicators = [study.model.indicator(code) for code in (study.model.codes if codes is None else codes)]
    values = values_of(indicators, study.oriented(codes, panel).to_numpy(), study.model_settings.values)
    if study.model_settings.aggregation.unanswered != "mean":
        return values
    return with_means(values, survey_weights(panel), asked_of(study, indicators, panel))


def cell_table(study: Study) -> CellTable:
    """Return the cells of the answers to all indicators, of a study without rows."""
    return CellTable.of(study, study.model.codes)


def value_of(study: Study) -> Worth:
    """Return what turns answers to an indicator into values from 0 to 1, larger better."""

    def worth(name: str, answers: np.ndarray) -> np.ndarray:
        one = study.model.indicator(name)
        up = turned(answers, one.low, one.high, one.reversed)
        return values_of([one], up[:, None], study.model_settings.values)[:, 0]

    return worth


def asked_of(study: Study, indicators: Sequence[Indicator], panel: pd.DataFrame) -> np.ndarray:
    """Return what was asked, rows × indicators: nothing where indicators come and go and the time is not known."""
    if not any(one.valid_from or one.valid_to for one in indicators):
        return np.ones((len(panel), len(indicators)), dtype=bool)
    columns = [name for name in TIME if name in panel]
    asked = np.zeros((len(panel), len(indicators)), dtype=bool)
    known = panel[columns].notna().all(axis=1).to_numpy()
    for moment, rows in panel[known].groupby(columns, observed=True).indices.items():
        place = moment if isinstance(moment, tuple) else (moment,)
        at = study.timeline.year_and_quarter(*map(int, place))
        asked[np.flatnonzero(known)[rows]] = [one.valid_at(*at) for one in indicators]
    return asked


def linear_remarks(settings: AggregationSettings) -> list[Remark]:
    """Return what an analysis says that takes the composite for linear in values and weights, where it is not."""
    if settings.within == settings.across == "arithmetic":
        return []
    rules = " / ".join((settings.within, settings.across))
    return [
        remark(
            f"The composite here is the arithmetic mean, which this analysis presupposes; the scores of this study are "
            f"aggregated otherwise ({rules}).",
            f"本分析以算术平均的综合值为前提；本研究的得分采用其他汇总方式（{rules}）。",
        )
    ]


def siblings_remarks(settings: AggregationSettings) -> list[Remark]:
    """Return what an analysis says that can hand the weight of unanswered items to their siblings only."""
    if settings.unanswered != "all":
        return []
    return [
        remark(
            "The weight of an unanswered item goes to its answered siblings here, because this analysis keeps "
            "dimensions apart; in the scores of this study all answered items share it.",
            "本分析区分维度，未答项的权重由同维度已答项承接；本研究的得分中则由全部已答项分担。",
        )
    ]
