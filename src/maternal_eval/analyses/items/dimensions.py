"""A dimension as one outcome: the answers to all its items, each respondent counted for what they are worth.

One row a respondent and item. The item is a zero-sum effect on the latent scale, and raking to the items' weights makes
the estimand the (equally) weighted mean of the items' expected answers: a rounded mean of a respondent's answers would
be no answer of the scale. Answers of one respondent resemble each other, and twelve of them are worth less than twelve
answers of different people: :mod:`maternal_eval.methods.design_effect` counts them for what they are worth, so
that the interval of a dimension is no narrower than the answers allow. The stages and periods of a dimension's items
move together in this model; where single items depart from that, their own fits say so.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import pandas as pd

from maternal_eval.core.errors import InputError
from maternal_eval.study import Outcome, Study

ITEM = "item"
"""Name of the segment that tells the items apart."""


def dimension_outcome(study: Study, dimension: str, segments: Sequence[str] = ()) -> tuple[Study, Outcome]:
    """Return a study with one row per respondent and item of a dimension, and the answer as its outcome.

    Parameters
    ----------
    study
        The study; its panel is not changed.
    dimension
        Name of the dimension.
    segments
        Segments that are kept; :data:`ITEM` comes after them.

    Raises
    ------
    InputError
        If the dimension is unknown, its items have different scales, or nobody answered any.
    """
    found = [one for one in study.model.dimensions if one.name == dimension]
    if not found:
        raise InputError(
            "unknown dimension",
            found=dimension,
            expected="one of " + ", ".join(one.name for one in study.model.dimensions),
        )
    items = [indicator for indicator in study.model.indicators if indicator.dimension == dimension]
    scales = sorted({(item.low, item.high) for item in items})
    if len(scales) != 1:
        raise InputError(
            f"the items of dimension {dimension} cannot be put together",
            found=" and ".join(f"{low:g} to {high:g}" for low, high in scales) or "no items",
            expected="items with the same scale",
        )
    answered = [item.code for item in items if study.panel[item.code].notna().any()]
    if not answered:
        raise InputError(f"nobody answered any item of dimension {dimension}", expected="at least one answer")
    kept = [name for name in ("respondent", "period", "stage", "platform", "weight", *segments) if name in study.panel]
    panel = study.panel[kept]
    if "respondent" not in panel:
        # A row is a respondent: their answers to several items belong together.
        panel = panel.assign(respondent=range(len(panel)))
    answers = study.oriented(answered)
    parts = [panel.assign(item=code, answer=answers[code]) for code in answered]
    long = pd.concat(parts, ignore_index=True).rename(columns={"item": ITEM, "answer": dimension})
    long = long.dropna(subset=[dimension])
    long[ITEM] = pd.Categorical(long[ITEM], answered)
    columns = study.definition.columns.model_copy(update={"segments": (*segments, ITEM)})
    definition = study.definition.model_copy(update={"columns": columns})
    outcome = Outcome(
        name=dimension,
        column=dimension,
        kind="ordinal",
        low=scales[0][0],
        high=scales[0][1],
        name_zh=found[0].name_zh,
        name_en=found[0].name_en,
    )
    return dataclasses.replace(study, panel=long, definition=definition), outcome
