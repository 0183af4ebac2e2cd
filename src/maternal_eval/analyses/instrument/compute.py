"""Do the items measure what they are said to measure, how reliably, and the same in everybody?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from maternal_eval.analyses.instrument.composites import scores_of
from maternal_eval.analyses.instrument.items import items_of
from maternal_eval.analyses.instrument.meaning import meaning_tables
from maternal_eval.analyses.instrument.mixture import segment_table
from maternal_eval.analyses.instrument.reliability import reliability_table
from maternal_eval.analyses.instrument.result import InstrumentResult
from maternal_eval.analyses.instrument.settings import InstrumentSettings
from maternal_eval.analyses.instrument.structure import structure_tables
from maternal_eval.core.errors import InputError
from maternal_eval.core.progress import Progress, report
from maternal_eval.core.randomness import named
from maternal_eval.core.remarks import Remark, each_once, remark
from maternal_eval.study import Study, survey_weights, turned_remark
from maternal_eval.study.labels import described


def analyse_instrument(
    study: Study,
    settings: InstrumentSettings | None = None,
    seed: int | np.random.SeedSequence = 0,
    progress: Progress | None = None,
) -> InstrumentResult:
    """Examine the items of a study: structure, reliability, differential items, segments.

    Parameters
    ----------
    study
        A study with ordered answers to at least two indicators.
    settings, seed, progress
        See :class:`InstrumentSettings`; the seed makes the random batches of respondents.

    Raises
    ------
    InputError
        If fewer than two indicators have ordered answers that vary, or fewer respondents count than
        ``settings.fewest``.
    """
    settings = settings or InstrumentSettings()
    settings = replace(settings, fewest=max(settings.fewest, study.definition.disclosure.minimum))
    items, said = items_of(study, settings.batches, named(seed, "batches"))
    if len(items.codes) < 2:
        raise InputError(
            "too few indicators with ordered answers that vary",
            file=study.folder,
            found=len(items.codes),
            expected="at least two",
        )
    if len(items.coded) < settings.fewest:
        raise InputError(
            "too few respondents to examine the items",
            file=study.panel_source,
            found=len(items.coded),
            expected=f"at least {settings.fewest}",
            mend="fewest = … under [analysis.instrument], if so few may speak for the items",
        )
    report(progress, "instrument: reliability", 0, 4)
    reliability, missing = reliability_table(study, items, settings)
    report(progress, "instrument: structure", 1, 4)
    structure = structure_tables(items, settings)
    report(progress, "instrument: groups", 2, 4)
    panel = study.panel[survey_weights(study.panel) > 0]
    scores = scores_of(study, panel, study.oriented(panel=panel).to_numpy(dtype=float))
    meaning = meaning_tables(study, items, scores, settings)
    report(progress, "instrument: segments", 3, 4)
    segments, mixed = segment_table(study, items, scores, settings)
    report(progress, "instrument", 4, 4)
    return InstrumentResult(
        reliability=reliability,
        models=structure.models,
        loadings=structure.loadings,
        factors=structure.factors,
        pairs=structure.pairs,
        general=structure.general,
        differential=meaning.items,
        effects=meaning.groups,
        corrected=meaning.corrected,
        segments=segments,
        items=len(items.codes),
        **described(study, settings),
        remarks=each_once(
            [
                *turned_remark(study.model.indicators),
                *said,
                *missing,
                *structure.remarks,
                *meaning.remarks,
                *mixed,
                *_standing(settings, not meaning.items.empty),
            ]
        ),
    )


def _standing(settings: InstrumentSettings, compared: bool) -> list[Remark]:
    said = [
        remark(
            "Polychoric correlations take each pair of answers that there is and suppose that a normal "
            "variable stands behind every item; reliabilities from them are those of the answers before they are cut "
            "into categories, “observed” those of the answers as they are.",
            "多分格相关按成对可得的作答计算，并假定每项背后为正态变量；由此得到的信度针对未分档前的潜在回答，“实测”一列为按现有分档的信度。",
        )
    ]
    if compared:
        said.append(
            remark(
                "Items are compared without survey weights, at the same anchor. A difference is no bias by itself: a "
                "group may really be served better in one item than in the others.",
                "指标比较在锚分相同的前提下进行，不加抽样权重。差异本身并非偏倚：某一群体在某项上所获服务确可优于其他各项。",
            )
        )
    return said
