"""Review: what the analysis found."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from maternal_eval.results import StudyResult
from maternal_eval.results.schema import count, number, schema, share, text

_DELAY = number("Delay", "延迟", decimals=1)
_PROPOSAL = schema(
    "level rule threshold_kind",
    "scores answers threshold false_alarms delay",
    threshold_kind=text("Kind of threshold", "阈值种类"),
    scores=count("Scores", "得分数"),
    threshold=number("Threshold", "阈值"),
    false_alarms=number("False alarms", "误报/年", decimals=1),
    delay=_DELAY,
)

TABLES = {
    "": _PROPOSAL,
    "proposal": _PROPOSAL,
    "standing": schema(
        "indicator",
        "mean spread n low high answers stages_below? cells_below?",
        answers=number("{Answers} a quarter", "每季{answer}数", decimals=0),
        stages_below=count("{Stages} below the limit", "低于界限的{stage}数"),
        cells_below=count("Cells below the limit", "低于界限的单元数"),
    ),
    "levels": schema(
        "level",
        "scores answers below",
        scores=count("Scores", "得分数"),
        below=count("Scores below the limit", "低于界限的得分数"),
    ),
    "detection": schema(
        "answers fall rule",
        "delay delay_mcse within_year within_year_mcse never",
        fall=number("Fall", "下降"),
        delay=_DELAY,
        within_year=share("Noticed within a year", "一年内察觉", decimals=0),
        never=share("Not noticed", "未察觉", decimals=0),
    ),
    "false_alarms": schema(
        "answers margin rule",
        "rate rate_mcse theory",
        margin=number("Margin", "余量"),
        rate=share("False alarms a quarter", "每季误报率"),
        theory=share("By theory", "理论值"),
    ),
}
"""Field → schema of its table; the empty name is that of :meth:`table`."""


@dataclass(frozen=True)
class ReviewResult(StudyResult):
    """What the quarterly review notices, and when.

    Attributes
    ----------
    standing
        One row per indicator with at least two answers: weighted ``mean`` of the latest period with ``low``, ``high``
        (:func:`~maternal_eval.methods.bootstrap.mean_intervals`), ``spread`` of an answer (with half an answer at
        either end of the scale, so that equal answers are no certainty), ``answers`` to be expected a quarter, and in
        how many stages and cells it now lies below the limit (``stages_below``, ``cells_below``, point estimates).
    levels
        One row per level of review: number of ``scores``, median ``answers`` a quarter to each (rounded), and scores
        now below the limit.
    detection
        One row per answers, fall and rule: see :func:`~maternal_eval.analyses.review.simulation.simulate_falls`.
    false_alarms
        One row per answers, margin and rule: see :func:`~maternal_eval.analyses.review.simulation.simulate_calm`.
    proposal
        One row per level, rule and kind of threshold: see :func:`~maternal_eval.analyses.review.proposal.propose`.
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
