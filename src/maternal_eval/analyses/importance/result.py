"""Importance: what the analysis found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import pandas as pd

from maternal_eval.results import StudyResult
from maternal_eval.results.schema import chance, count, number, schema, share, text, truth

_IMPORTANCE = schema(
    "level set element",
    "nominal linear nonlinear own correlated effective low high error effective_nonlinear",
    nominal=share("Nominal weight", "名义权重"),
    linear=share("Linear importance", "线性重要性"),
    nonlinear=share("Nonlinear importance", "非线性重要性"),
    own=number("Own part", "自身部分"),
    correlated=number("Correlated part", "相关部分"),
    effective=share("Effective weight", "有效权重"),
    effective_nonlinear=share("Effective weight, nonlinear", "非线性有效权重"),
)

TABLES = {
    "": _IMPORTANCE,
    "importance": _IMPORTANCE,
    "reweighted": schema(
        "level set element",
        "nominal weight attained",
        nominal=share("Wished share", "期望占比"),
        weight=share("Weight that is needed", "所需权重"),
        attained=share("Share attained", "可达占比"),
    ),
    "attainable": schema(
        "level set", "gap attained", gap=share("Largest gap", "最大差距"), attained=truth("Attained", "可达")
    ),
    "leave_out": schema(
        "units set element",
        "mean_shift largest count first",
        mean_shift=number("Mean shift of rank", "平均名次变动"),
        largest=count("Largest shift", "最大变动"),
        count=count("Units", "单元数"),
        first=text("First then", "此时居首"),
    ),
    "ranks": schema(
        "units unit",
        "nominal low high mean share_first",
        nominal=count("Nominal rank", "名义名次"),
        mean=number("Mean rank", "平均名次", decimals=1),
    ),
    "wins": schema(
        "units unit other", "probability", probability=chance("Probability to score above", "得分更高的概率")
    ),
}
"""Field → schema of its table; the empty name is that of :meth:`table`."""


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
