"""Does the outcome follow each indicator as its Kano class says, and what does the assumed shape do?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from maternal_eval.analyses.drivers.answers import groups_of, ordered_outcome
from maternal_eval.analyses.shapes.classes import ShapeModel, class_tables
from maternal_eval.analyses.shapes.consequences import consequence_table
from maternal_eval.analyses.shapes.items import expected_shape, item_table, shaped
from maternal_eval.analyses.shapes.remarks import shape_remarks
from maternal_eval.analyses.shapes.result import TABLES, ShapesResult
from maternal_eval.analyses.shapes.settings import ShapesSettings
from maternal_eval.core.errors import InputError
from maternal_eval.core.progress import Progress, report
from maternal_eval.core.randomness import named
from maternal_eval.study import Study, turned_remark
from maternal_eval.study.groups import EVERYONE, ONE_GROUP
from maternal_eval.study.labels import described


def find_shapes(
    study: Study,
    settings: ShapesSettings | None = None,
    seed: int | np.random.SeedSequence = 0,
    progress: Progress | None = None,
) -> ShapesResult:
    """Say of each indicator how probable a concave, a straight and a convex relation to the outcome is.

    All indicators stand in one survey-weighted cumulative logit, beside period, platform, stage and segments.

    Parameters
    ----------
    study
        A study with indicators of at least three answers and an outcome with ordered answers.
    settings, seed, progress
        See :class:`ShapesSettings`; the seed serves the draws.

    Raises
    ------
    InputError
        If there are too few answers, the outcome does not vary, or no indicator has three different answers.
    DiagnosticsError
        If a regression does not converge.
    """
    settings = settings or ShapesSettings()
    outcome = ordered_outcome(study, settings.outcome)
    groups, notes = groups_of(study, outcome, study.model.codes, by_stage=False)
    answers = groups[0]
    if not shaped(answers).any():
        raise InputError(
            "no indicator has a shape", found="two different answers at most", expected="at least three different ones"
        )
    kano = [study.model.indicator(code).kano for code in answers.codes]
    report(progress, "shapes: items", 0, 3)
    items = item_table(answers, kano, settings, named(seed, "items"))
    report(progress, "shapes: classes", 1, 3)
    model = ShapeModel(
        answers,
        tuple(kano),
        {name: expected_shape(name) == "concave" for name in dict.fromkeys(items["kano"])}
        | {name: expected_shape(name) == "concave" for name in dict.fromkeys(kano)},
        settings.prior_scale,
    )
    values = study.model_settings.values
    assumed = {name: float(values.of([name])[0]) if expected_shape(name) in _BENT else 1.0 for name in model.concave}
    classes, profile = class_tables(model, assumed, settings.points)
    report(progress, "shapes: scores", 2, 3)
    estimated = {row["kano"]: row["kappa"] for row in classes.to_dict("records") if row["arrived"]}
    consequences = consequence_table(study, estimated)
    report(progress, "shapes", 3, 3)
    names = described(study, settings)
    names["labels"] |= {EVERYONE: {"en": ONE_GROUP.name_en, "zh": ONE_GROUP.name_zh}}
    return ShapesResult(
        items=_ordered(items, "items"),
        classes=_ordered(classes, "classes"),
        profile=profile,
        consequences=_ordered(consequences, "consequences"),
        outcome=outcome.name,
        **names,
        remarks=[
            *turned_remark([*study.model.indicators, outcome]),
            *notes,
            *shape_remarks(study, answers, items, classes, settings),
        ],
    )


_BENT = ("concave", "convex")


def _ordered(table: pd.DataFrame, name: str) -> pd.DataFrame:
    return table[list(TABLES[name].columns)]
