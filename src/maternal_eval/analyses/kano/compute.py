"""Which Kano class each indicator has, and whether the answers confirm the class that the model gives it."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.stats import chi2_contingency, false_discovery_control

from maternal_eval.analyses.kano.answers import KanoAnswers, read_answers
from maternal_eval.analyses.kano.remarks import remarks_on_classes
from maternal_eval.core.progress import Progress
from maternal_eval.core.randomness import Seed
from maternal_eval.methods.kano import ANSWER_CLASSES, better_worse, better_worse_interval, fong_test, modal_probability
from maternal_eval.study import Study
from maternal_eval.study.labels import study_labels

if TYPE_CHECKING:
    pass
from maternal_eval.analyses.kano.result import KanoResult
from maternal_eval.analyses.kano.settings import KanoSettings

CONFIRMED, QUESTIONED, UNDECIDED, NOT_GIVEN = "confirmed", "questioned", "undecided", "not given"
"""Verdicts on the class that the model gives an indicator."""


def analyse_kano(
    study: Study, settings: KanoSettings | None = None, seed: Seed = 0, progress: Progress | None = None
) -> KanoResult:
    """Say which class each element has by its answers, how surely, and what that means for the model's classes.

    Raises
    ------
    InputError
        See :func:`~maternal_eval.analyses.kano.answers.read_answers`.
    """
    settings = settings or KanoSettings()
    answers = read_answers(study, settings.like)
    elements = _table(answers, answers.counts(), settings)
    stages, differences = _by_stage(study, answers, settings)
    labels = study_labels(study) | answers.labels
    unanswered = [name for name in map(str, answers.indicators) if name not in set(elements["element"])]
    return KanoResult(
        elements=elements,
        stages=stages,
        differences=differences,
        verdicts=_verdicts(study, answers, elements, settings),
        labels=labels,
        remarks=remarks_on_classes(elements, unanswered, labels),
        settings=asdict(settings),
        study=study.name,
        simulated=study.simulated,
    )


def _table(answers: KanoAnswers, counts: np.ndarray, settings: KanoSettings) -> pd.DataFrame:
    names = list(ANSWER_CLASSES)
    table = pd.DataFrame({"element": list(answers.indicators), "n": counts.sum(axis=1)})
    table[names] = counts
    probability = modal_probability(counts, settings.prior)
    modal = counts.argmax(axis=1)
    table["modal"] = [names[place] for place in modal]
    table["probability"] = probability[np.arange(len(modal)), modal]
    table["better"], table["worse"] = better_worse(counts)
    ends = better_worse_interval(counts, settings.prior)
    table["better_low"], table["better_high"], table["worse_low"], table["worse_high"] = ends
    fong = fong_test(counts)
    table["fong_difference"], table["fong_critical"] = fong.difference, fong.critical
    table["fong_significant"] = fong.significant
    table[[f"probability_{name}" for name in names]] = probability
    # An element that nobody answered has no class.
    return table[table["n"] > 0].reset_index(drop=True)


def _by_stage(study: Study, answers: KanoAnswers, settings: KanoSettings) -> tuple[pd.DataFrame, pd.DataFrame]:
    empty = pd.DataFrame({"element": [], "cramers_v": [], "p_value": [], "q_value": []})
    if not answers.has_stages:
        return pd.DataFrame({"stage": [], "element": []}), empty
    counts = {stage: answers.counts(stage) for stage in study.stages}
    stages = pd.concat([_table(answers, of_stage, settings).assign(stage=stage) for stage, of_stage in counts.items()])
    stages = stages[["stage", *stages.columns.drop("stage")]].reset_index(drop=True)
    rows = []
    for place, element in enumerate(answers.indicators):
        cross = np.stack([of_stage[place] for of_stage in counts.values()])
        cross = cross[cross.sum(axis=1) > 0][:, cross.sum(axis=0) > 0]
        if min(cross.shape) < 2:
            continue
        test = chi2_contingency(cross)
        rows.append((element, float(np.sqrt(test.statistic / cross.sum() / (min(cross.shape) - 1))), test.pvalue))
    if not rows:
        return stages, empty
    differences = pd.DataFrame(rows, columns=["element", "cramers_v", "p_value"])
    differences["q_value"] = false_discovery_control(differences["p_value"])
    return stages, differences


def _verdicts(study: Study, answers: KanoAnswers, elements: pd.DataFrame, settings: KanoSettings) -> pd.DataFrame:
    rows = []
    for row in elements.to_dict("records"):
        element = row["element"]
        for code in answers.indicators[element]:
            given = study.model.indicator(code).kano
            chance = row.get(f"probability_{given}", np.nan)
            verdict = UNDECIDED
            if np.isnan(chance):
                verdict = NOT_GIVEN
            elif chance >= settings.threshold:
                verdict = CONFIRMED
            elif 1 - chance >= settings.threshold:
                verdict = QUESTIONED
            rows.append((code, element, given, row["modal"], chance, verdict))
    columns = ["indicator", "element", "given", "modal", "probability_given", "verdict"]
    return pd.DataFrame(rows, columns=columns)
