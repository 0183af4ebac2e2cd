"""Importance: what the analysis found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import pandas as pd

from maternal_eval.results import StudyResult


@dataclass(frozen=True)
class ImportanceResult(StudyResult):
    """What the weights do.

    Intervals are equal-tailed with probability :data:`~maternal_eval.core.intervals.PROBABILITY`, from a bootstrap of
    the respondents or, over units, of the platforms (of the units where there is one platform or none); empty with
    fewer than :data:`~maternal_eval.analyses.importance.effects.FEWEST_RESAMPLED` of these.

    Attributes
    ----------
    importance
        One row per ``level`` ("respondents", "units": platform × stage × period), ``set`` ("dimensions" or
        "indicators") and ``element``: ``nominal`` weight; ``linear`` importance (squared correlation with the
        composite) and ``nonlinear`` one (correlation ratio); ``own`` and ``correlated``, which add up to ``linear``;
        ``effective``, the linear importance normalised to the sum 1 over the set, with ``low``, ``high``, ``error``
        (bootstrap standard error), and ``effective_nonlinear``.
    reweighted
        Per level, set and element: the ``weight`` that would make its importance the ``nominal`` one, and the share it
        would ``attain``.
    attainable
        Per level and set: the largest ``gap`` to the wished shares, and whether they are ``attained``.
    leave_out
        Per set and element left out, and per level of ranked ``units``: ``mean_shift`` of the ranks in the last period,
        ``largest`` shift, ``count`` of units, and who is ``first`` then.
    ranks
        Ranks in the last period under the experts' weights: ``units``, ``unit``, ``nominal`` rank, ``low``, ``high``,
        ``mean``, ``share_first``; empty without experts.
    wins
        Probability over the experts' weights that ``unit`` scores above ``other``.
    """

    importance: pd.DataFrame
    reweighted: pd.DataFrame
    attainable: pd.DataFrame
    leave_out: pd.DataFrame
    ranks: pd.DataFrame
    wins: pd.DataFrame
    RETIRED: ClassVar = ("skipped",)
    period: int | None

    def table(self) -> pd.DataFrame:
        """Return nominal and effective importance of every dimension and indicator."""
        return self.importance.copy()
