"""Review: what the analysis found."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from maternal_eval.results import StudyResult


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
