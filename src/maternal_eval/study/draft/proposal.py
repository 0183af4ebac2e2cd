"""What a first study says of a file, before it is written down: parts of columns, answers, doubts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from maternal_eval.core.remarks import Remark, remark
from maternal_eval.study.draft.answers import Answers
from maternal_eval.study.draft.opening import shown


@dataclass(frozen=True)
class Item:
    """An indicator or outcome: its column, its name for a reader, how it is answered."""

    code: str
    column: str
    title: str
    answers: Answers
    dimension: str = "service"
    why: str = ""


@dataclass
class Proposal:
    """A first study of a file.

    ``parts`` is the part under [columns] → column; ``period_by`` and ``period_dates`` group dates, and
    ``known_periods`` are those of the file as study.toml names them. ``choices`` are lines for [columns] that a person
    may choose from, ``dropped`` column → why it is not used, ``missing`` what means no answer in the columns used,
    ``recoded`` further columns whose answers are words, ``counts`` the parts under [counts] of a file of counts;
    ``wide`` the column of each answer where they stand beside each other, ``kind`` "counts" or "shares".
    """

    parts: dict[str, str] = field(default_factory=dict)
    why: dict[str, str] = field(default_factory=dict)
    period_by: str | None = None
    period_dates: str | None = None
    period_kind: str | None = None
    known_periods: list[int | str] = field(default_factory=list)
    segments: dict[str, str] = field(default_factory=dict)
    stages: list[str] = field(default_factory=list)
    stage_labels: dict[str, str] = field(default_factory=dict)
    choices: list[str] = field(default_factory=list)
    origins: list[str] = field(default_factory=list)
    leave_out_unweighted: bool = False
    filled: list[str] = field(default_factory=list)
    leave_out: dict[str, tuple[str, ...]] = field(default_factory=dict)
    indicators: list[Item] = field(default_factory=list)
    outcomes: list[tuple[str, Item]] = field(default_factory=list)
    dimensions: dict[str, str] = field(default_factory=dict)
    kano: list[tuple[str, str, str, str]] = field(default_factory=list)
    recoded: dict[str, Answers] = field(default_factory=dict)
    counts: dict[str, str] = field(default_factory=dict)
    kind: str = "counts"
    wide: dict[str, float] = field(default_factory=dict)
    wide_percent: bool = False
    add_over: list[str] = field(default_factory=list)
    missing: list[str | float] = field(default_factory=list)
    own_missing: dict[str, list[str | float]] = field(default_factory=dict)
    percent: bool = False
    fullwidth: bool = False
    decimal_comma: bool = False
    long: dict[str, str] = field(default_factory=dict)
    identifiers: dict[str, str] = field(default_factory=dict)
    dropped: dict[str, str] = field(default_factory=dict)
    doubts: list[Remark] = field(default_factory=list)

    def doubt(self, en: str, zh: str) -> None:
        """Note what a person has to look at."""
        self.doubts.append(remark(en, zh))

    @property
    def used(self) -> set[str]:
        """Columns that have a part."""
        items = [one.column for one in self.indicators] + [one.column for _, one in self.outcomes]
        kano = [name for _, *pair, _ in self.kano for name in pair]
        return {*self.parts.values(), *self.segments.values(), *items, *kano}


def few_of(names: Sequence[str], most: int = 8) -> str:
    """Return the first names of a list, and how many more there are."""
    return ", ".join(shown(name, 40) for name in names[:most]) + (
        f" … (+{len(names) - most})" if len(names) > most else ""
    )
