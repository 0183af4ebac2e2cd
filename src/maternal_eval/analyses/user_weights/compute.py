"""What do the answers alone weigh, and do they agree with the stated weights and with the experts?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from maternal_eval.analyses.drivers.answers import groups_of, ordered_outcome
from maternal_eval.analyses.user_weights.fit import user_weights
from maternal_eval.analyses.user_weights.references import references_of
from maternal_eval.analyses.user_weights.remarks import user_weight_remarks
from maternal_eval.analyses.user_weights.result import TABLES, UserWeightsResult
from maternal_eval.analyses.user_weights.settings import UserWeightsSettings
from maternal_eval.analyses.user_weights.tables import agreement_rows, fit_row, weight_rows
from maternal_eval.analyses.weights.compute import static_weights
from maternal_eval.analyses.weights.hierarchy import dimension_index, sharing_groups
from maternal_eval.core.errors import InputError
from maternal_eval.core.progress import Progress, report
from maternal_eval.core.randomness import named
from maternal_eval.study import Study, turned_remark
from maternal_eval.study.groups import EVERYONE, ONE_GROUP
from maternal_eval.study.labels import described
from maternal_eval.study.values import indicator_values, linear_remarks


def find_user_weights(
    study: Study,
    settings: UserWeightsSettings | None = None,
    seed: int | np.random.SeedSequence = 0,
    progress: Progress | None = None,
) -> UserWeightsResult:
    """Say what the users weigh, without any anchor, and how probable it is that this agrees with what others weigh.

    Parameters
    ----------
    study
        A study with at least two indicators and an outcome with ordered answers.
    settings, seed, progress
        See :class:`UserWeightsSettings`; the seed serves the draws.

    Raises
    ------
    InputError
        If there are fewer than two indicators, too few answers, or the outcome or all indicators do not vary.
    DiagnosticsError
        If a regression does not converge, or draws still move at their end.
    """
    settings = settings or UserWeightsSettings()
    outcome = ordered_outcome(study, settings.outcome)
    codes = study.model.codes
    if len(codes) < 2:
        raise InputError("one indicator has all the weight", found=len(codes), expected="two or more")
    groups, notes = groups_of(study, outcome, codes, tell_gaps=False)
    if len(groups[0].codes) < 2:
        raise InputError("one indicator has all the weight", found=groups[0].codes[0], expected="two or more that vary")
    references = references_of(study, settings.draws, settings.experts_of_group, named(seed, "experts"))
    values, sharing = indicator_values(study), sharing_groups(study)
    dimension = dimension_index(study.model)
    static = static_weights(study).to_numpy(dtype=float)
    found = []
    for at, answers in enumerate(groups):
        if len(answers.codes) < 2:
            continue
        report(progress, f"users' weights: {answers.group}", at, len(groups))
        place = [codes.index(code) for code in answers.codes]
        found.append(
            user_weights(
                answers,
                values[np.ix_(answers.rows, place)],
                np.unique(sharing[place], return_inverse=True)[1],
                dimension[place],
                np.maximum(static[place], 1e-6),
                settings,
                named(seed, f"group {answers.group}"),
            )
        )
    report(progress, "users' weights", len(groups), len(groups))
    weights = pd.concat([weight_rows(study, one, references) for one in found], ignore_index=True)
    agreement = [
        agreement_rows(
            study,
            one,
            references if one.answers.group == EVERYONE else references[:2],
            settings,
            named(seed, f"chance {one.answers.group}"),
        )
        for one in found
    ]
    names = described(study, settings)
    names["labels"] |= {EVERYONE: {"en": ONE_GROUP.name_en, "zh": ONE_GROUP.name_zh}}
    return UserWeightsResult(
        weights=weights[list(TABLES["weights"].columns)],
        agreement=pd.concat(agreement, ignore_index=True)[list(TABLES["agreement"].columns)],
        fits=pd.DataFrame([fit_row(one) for one in found]),
        outcome=outcome.name,
        **names,
        remarks=[
            *turned_remark([*study.model.indicators, outcome]),
            *linear_remarks(study.model_settings.aggregation),
            *notes,
            *user_weight_remarks(study, found, references),
        ],
    )
