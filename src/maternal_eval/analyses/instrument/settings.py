"""The instrument: what can be set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Self

from annotated_types import Interval

from maternal_eval.core.errors import InputError
from maternal_eval.core.ranges import Plain, Probability, Ranged, Several, Share
from maternal_eval.study import FILE_NAME, Study

Folds = Annotated[int, Interval(ge=2, le=50), Plain]
"""Parts that are left out in turn."""

FACTORS = ("stage", "period")
"""Groups that the panel has beside segments."""

MOST_LEVELS = 12
"""Levels of a group; one with more is not looked at unless it is asked for."""


@dataclass(frozen=True)
class InstrumentSettings(Ranged):
    """What is looked at, and in which groups.

    Attributes
    ----------
    groups
        Columns in whose levels items should mean the same: segments, ``stage``, ``period``; all that have at most
        :data:`MOST_LEVELS` levels if empty.
    folds
        Parts of the respondents that are predicted from the others.
    batches
        Random parts of the respondents that are left out in turn for intervals (delete-a-group jackknife).
    fewest
        Respondents of a group without which nothing is said of it; not fewer than [disclosure] asks for.
    false_discoveries
        Share of false ones that is allowed among the items flagged, in each group of groups.
    anchor
        Other items that an anchor needs; with fewer in the dimension those of all dimensions are taken.
    redundant
        Correlation of two items beyond what the other items predict for them, from which they count as saying the same;
        the limit of the patient-reported outcomes programme (Reeve et al. 2007).
    """

    model_parts: ClassVar[tuple[str, ...]] = ("values", "aggregation")

    groups: tuple[str, ...] = ()
    folds: Folds = 10
    batches: Folds = 20
    fewest: Several = 100
    false_discoveries: Probability = 0.05
    anchor: Several = 3
    redundant: Share = 0.20

    @classmethod
    def quick(cls) -> Self:
        """Return settings for a first look: fewer folds and batches."""
        return cls(folds=5, batches=10)

    def check(self, study: Study) -> None:
        """Refuse groups that the study does not have.

        Raises
        ------
        InputError
            Naming the group.
        """
        known = [name for name in (*FACTORS, *study.segments) if name in study.panel]
        for name in self.groups:
            if name not in known:
                raise InputError(
                    "unknown group",
                    file=study.folder / FILE_NAME,
                    column="analysis.instrument.groups",
                    found=name,
                    expected="one of " + ", ".join(known) if known else "a study with stages, periods or segments",
                )

    def group_columns(self, study: Study) -> tuple[str, ...]:
        """Return the columns whose levels are compared."""
        if self.groups:
            return self.groups
        known = [name for name in (*study.segments, *FACTORS) if name in study.panel]
        return tuple(name for name in known if 2 <= study.panel[name].nunique() <= MOST_LEVELS)
