"""The quarterly review: how soon is a fall below the limit noticed, and how often is the alarm a false one?"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from maternal_eval.randomness import generator, named
from maternal_eval.results import Progress, Remark, StudyResult
from maternal_eval.review.answers import moments, scale_points
from maternal_eval.review.proposal import propose
from maternal_eval.review.rules import RULES
from maternal_eval.review.settings import ReviewSettings, scale_of
from maternal_eval.review.simulation import simulate_calm, simulate_falls
from maternal_eval.review.standing import LEVELS, chart, mean_shares, scale_remarks, stand
from maternal_eval.study import Study, turned_remark
from maternal_eval.weighting import study_labels

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class ReviewResult(StudyResult):
    """What the quarterly review notices, and when.

    Attributes
    ----------
    standing
        One row per indicator with at least two answers: weighted ``mean`` of the latest period with ``low``, ``high``
        (:func:`~maternal_eval.scoring.mean_intervals`), ``spread`` of an answer (with half an answer at either end of
        the scale, so that equal answers are no certainty), ``answers`` to be expected a quarter, and in how many stages
        and cells it now lies below the limit (``stages_below``, ``cells_below``, point estimates).
    levels
        One row per level of review: number of ``scores``, median ``answers`` a quarter to each (rounded), and scores
        now below the limit.
    detection
        One row per answers, fall and rule: see :func:`~maternal_eval.review.simulation.simulate_falls`.
    false_alarms
        One row per answers, margin and rule: see :func:`~maternal_eval.review.simulation.simulate_calm`.
    proposal
        One row per level, rule and kind of threshold: see :func:`~maternal_eval.review.proposal.propose`.
    before
        Mean before the simulated fall: the median of the indicators.
    """

    standing: pd.DataFrame
    levels: pd.DataFrame
    detection: pd.DataFrame
    false_alarms: pd.DataFrame
    proposal: pd.DataFrame
    before: float
    period: int | None

    def table(self) -> pd.DataFrame:
        """Return usual and proposed thresholds with their false alarms and delays."""
        return self.proposal.copy()

    def plot(self, language: str = "en") -> Figure:
        """Draw detection delay and false-alarm rate by effect size and number of answers."""
        from maternal_eval.review.figures import plot_review

        return plot_review(self, language)

    def estimates(self) -> pd.DataFrame:
        """Return delays and rates (simulated), and thresholds and levels (computed)."""
        rows = []
        for row in self.detection.to_dict("records"):
            name = f"fall/{row['answers']}/{row['fall']}/{row['rule']}"
            rows += [(f"{name}/{what}", row[what], row[f"{what}_mcse"]) for what in ("delay", "within_year")]
        for row in self.false_alarms.to_dict("records"):
            rows.append((f"calm/{row['answers']}/{row['margin']}/{row['rule']}", row["rate"], row["rate_mcse"]))
        for row in self.proposal.to_dict("records"):
            name = f"{row['level']}/{row['rule']}/{row['threshold_kind']}"
            rows += [(f"{name}/{what}", row[what], 0.0) for what in ("false_alarms", "delay")]
        rows += [(f"standing/{row['indicator']}", row["mean"], 0.0) for row in self.standing.to_dict("records")]
        return pd.DataFrame(rows, columns=["quantity", "value", "mcse"]).set_index("quantity")


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
    panel = study.panel if period is None else study.panel[study.panel["period"] == period]
    # the limit is one for all indicators: more has to be better in every one
    panel = panel.assign(**study.oriented(panel=panel)).reset_index(drop=True)
    shares = mean_shares(panel, study.model.codes, low, points, step, file=study.folder)
    said: list[Remark] = []
    standing, levels, watched = stand(
        study, panel, settings.answers, limits, (low, high), named(seed, "standing"), said
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
        | {f"level:{name}": {"en": en, "zh": zh} for name, (_, en, zh) in LEVELS.items()},
        settings=asdict(settings) | limits._asdict(),
        study=study.name,
        simulated=study.simulated,
        remarks=[
            *turned_remark(study.model.indicators),
            *scale_remarks(settings, low, high, points, step, whole),
            *said,
        ],
    )
