"""Kano: what the analysis found."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from maternal_eval.methods.kano import ANSWER_CLASSES
from maternal_eval.results import StudyResult


@dataclass(frozen=True)
class KanoResult(StudyResult):
    """What the Kano answers say.

    Intervals are equal-tailed posterior intervals, exact. Nothing is sampled.

    Attributes
    ----------
    elements
        One row per element: ``element``, ``n``, the count of each class, ``modal`` (most frequent class),
        ``probability`` (posterior probability that it is the most frequent one in the population), ``better`` and
        ``worse`` with ``…_low`` and ``…_high``, ``fong_difference``, ``fong_critical``, ``fong_significant``, and
        ``probability_<class>``.
    stages
        The same by stage; empty without stages.
    differences
        Whether the classes differ between stages: ``element``, ``cramers_v`` (0 none … 1), ``p_value`` (chi-squared),
        ``q_value`` (false discovery rate over the elements, Benjamini & Hochberg 1995).
    verdicts
        One row per indicator that was asked about: ``indicator``, ``element``, ``given`` (the model's class),
        ``modal``, ``probability_given`` and ``verdict``: confirmed where the given class is the most frequent one with
        at least the threshold's probability, questioned where another one is, undecided between.
    """

    elements: pd.DataFrame
    stages: pd.DataFrame
    differences: pd.DataFrame
    verdicts: pd.DataFrame

    def table(self) -> pd.DataFrame:
        """Return one row per element: counts, modal class and its probability, coefficients."""
        columns = ["element", "n", *ANSWER_CLASSES, "modal", "probability", "fong_significant", "better", "worse"]
        return self.elements[columns].copy()
