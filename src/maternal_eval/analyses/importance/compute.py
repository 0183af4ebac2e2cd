"""Do the weights act as stated, and what would change if a part or the weights were others?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from maternal_eval.analyses.importance.effects import importance_tables
from maternal_eval.analyses.importance.ranking import leave_out_table, rank_tables
from maternal_eval.analyses.importance.remarks import importance_remarks
from maternal_eval.analyses.weights.compute import static_weights
from maternal_eval.core.errors import InputError
from maternal_eval.core.progress import Progress, report
from maternal_eval.core.randomness import named
from maternal_eval.study import Study, masses, turned_remark
from maternal_eval.study.labels import described
from maternal_eval.study.values import cell_table, indicator_values, linear_remarks, siblings_remarks

if TYPE_CHECKING:
    pass
from maternal_eval.analyses.importance.result import ImportanceResult
from maternal_eval.analyses.importance.settings import ImportanceSettings


def analyse_importance(
    study: Study,
    settings: ImportanceSettings | None = None,
    seed: int | np.random.SeedSequence = 0,
    progress: Progress | None = None,
) -> ImportanceResult:
    """Say what the weights of a study do, which weights would do what is stated, and what hangs on them.

    Parameters
    ----------
    study
        A study with indicators.
    settings, seed, progress
        See :class:`ImportanceSettings`; the seed serves the bootstrap and the draws of weights.

    Raises
    ------
    InputError
        If the study has no indicators.
    """
    settings = settings or ImportanceSettings()
    if not study.model.indicators:
        raise InputError("the study has no indicators", file=study.folder, expected="[indicators]")
    weights = static_weights(study).to_numpy(dtype=float)
    values = indicator_values(study)
    panel = study.panel if study.counted is None else cell_table(study).frame
    survey = masses(panel).weight
    report(progress, "importance", 0, 3)
    importance, reweighted, attainable, unmeasured = importance_tables(
        study, panel, values, weights, survey, settings.resamples, settings.attained, named(seed, "bootstrap")
    )
    report(progress, "importance: leaving out", 1, 3)
    left, unmoved = leave_out_table(study, panel, values, weights, survey)
    report(progress, "importance: ranks", 2, 3)
    ranks, wins, unranked = rank_tables(study, panel, values, weights, survey, settings.draws, named(seed, "ranks"))
    report(progress, "importance", 3, 3)
    return ImportanceResult(
        importance=importance,
        reweighted=reweighted,
        attainable=attainable,
        leave_out=left,
        ranks=ranks,
        wins=wins,
        period=study.periods[-1] if study.periods else None,
        **described(study, settings),
        remarks=[
            *turned_remark(study.model.indicators),
            *linear_remarks(study.model_settings.aggregation),
            *siblings_remarks(study.model_settings.aggregation),
            *importance_remarks(study, panel, values, survey, importance),
            *unmeasured,
            *unmoved,
            *unranked,
        ],
    )
