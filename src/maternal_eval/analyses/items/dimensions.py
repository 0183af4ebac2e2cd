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
from maternal_eval.study import Outcome, Study, counts, turned

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
    heard = counts.answers(study, [item.code for item in items])["answered"]
    answered = [item.code for item in items if heard[item.code]]
    if not answered:
        raise InputError(f"nobody answered any item of dimension {dimension}", expected="at least one answer")
    long = (_of_respondents if study.counted is None else _of_counts)(study, answered, segments)
    long = long.rename(columns={"item": ITEM, "answer": dimension})
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
    return dataclasses.replace(study, panel=long, definition=definition, counted=None), outcome


def _of_respondents(study: Study, answered: Sequence[str], segments: Sequence[str]) -> pd.DataFrame:
    clusters = study.definition.columns.clusters
    used = ("respondent", "period", "stage", "platform", "weight", *segments, *clusters)
    wanted = dict.fromkeys(used)  # platform may be both
    kept = [name for name in wanted if name in study.panel]
    panel = study.panel[kept]
    if "respondent" not in panel:
        # A row is a respondent: their answers to several items belong together.
        panel = panel.assign(respondent=range(len(panel)))
    answers = study.oriented(answered)
    return pd.concat([panel.assign(item=code, answer=answers[code]) for code in answered], ignore_index=True)


def _of_counts(study: Study, answered: Sequence[str], segments: Sequence[str]) -> pd.DataFrame:
    """Return the lines of a tally of each item.

    How far the answers of a person agree is not known. They are taken to agree wholly, so that k items are worth what
    one of them is: squared weights count k times, and no interval is narrower than single answers would make it.
    """
    kept = [name for name in dict.fromkeys(("period", "stage", "platform", *segments)) if name in study.panel]
    parts = []
    for code in answered:
        one = study.model.indicator(code)
        lines = counts.tally(study, [*kept, code])
        up = turned(lines[code].to_numpy(dtype=float), one.low, one.high, one.reversed)
        squares = lines["weight_squares"] * len(answered)
        parts.append(lines.drop(columns=code).assign(item=code, answer=up, weight_squares=squares))
    long = pd.concat(parts, ignore_index=True)
    # Items that know different platforms or segments lose their kind when put together.
    return long.astype({name: "category" for name in dict.fromkeys(("platform", *segments)) if name in long})
