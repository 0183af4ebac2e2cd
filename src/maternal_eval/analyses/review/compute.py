"""The quarterly review: how soon is a fall below the limit noticed, and how often is the alarm a false one?"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import numpy as np

from maternal_eval.analyses.review.answers import moments, scale_points
from maternal_eval.analyses.review.proposal import propose
from maternal_eval.analyses.review.settings import ReviewSettings, scale_of
from maternal_eval.analyses.review.simulation import simulate_calm, simulate_falls
from maternal_eval.analyses.review.standing import LEVELS, chart, latest_answers, mean_shares, scale_remarks, stand
from maternal_eval.core.progress import Progress
from maternal_eval.core.randomness import generator, named
from maternal_eval.core.remarks import Remark
from maternal_eval.methods.alarm_rules import RULES
from maternal_eval.study import Study, turned_remark
from maternal_eval.study.labels import study_labels

if TYPE_CHECKING:
    pass
from maternal_eval.analyses.review.result import ReviewResult


def simulate_review(
    study: Study,
    settings: ReviewSettings | None = None,
    seed: int | np.random.SeedSequence = 0,
    progress: Progress | None = None,
) -> ReviewResult:
    """Examine the quarterly review of a study.

    Answers are independent; their distribution is the mean one of the indicators in the latest period, moved along
    the proportional-odds family to the true mean that is asked for. The new answers of a quarter spread over stages,
    platforms and items as the panel's do.

    Raises
    ------
    InputError
        If the indicators have different scales, the limit lies beyond them, or the rows are no answers.
    """
    settings = settings or ReviewSettings()
    settings.check(study)
    low, high, whole = scale_of(study)
    limits = settings.on(low, high)
    points, step = scale_points(low, high, whole)
    period = max(study.periods) if study.periods else None
    # the limit is one for all indicators: more has to be better in every one
    lines = latest_answers(study)
    shares = mean_shares(lines, low, points, step, file=study.folder)
    said: list[Remark] = []
    standing, levels, watched = stand(
        study, lines, settings.answers, limits, (low, high), named(seed, "standing"), said
    )
    chart_of = {count: chart(limits, moments(shares, low, step)[1], count) for count in settings.sizes}
    before = float(standing["mean"].median())
    # From inside the scale: where everybody gives the best answer there is no distribution to move.
    start = float(np.clip(max(before, limits.limit), low + step / 100, high - step / 100))
    confidence, replicates, horizon = settings.confidence, settings.replicates, settings.horizon
    detection = simulate_falls(
        shares, low, chart_of, start, limits.falls, confidence, replicates, horizon,
        generator(named(seed, "falls")), progress, step,
    )  # fmt: skip
    calm = simulate_calm(
        shares, low, chart_of, limits.margins, confidence, replicates, horizon, generator(named(seed, "calm")), step
    )
    return ReviewResult(
        standing=standing,
        levels=levels,
        detection=detection,
        false_alarms=calm,
        proposal=propose(watched, confidence, settings.false_alarms),
        before=before,
        period=None if period is None else int(period),
        labels=study_labels(study)
        | {name: {"en": rule.en, "zh": rule.zh} for name, rule in RULES.items()}
        | {f"level:{name}": study.words.remark(en, zh) for name, (_, en, zh) in LEVELS.items()},
        settings=asdict(settings) | limits._asdict(),
        study=study.name,
        simulated=study.simulated,
        remarks=[
            *turned_remark(study.model.indicators),
            *scale_remarks(settings, low, high, points, step, whole),
            *said,
        ],
    )
