"""The evaluation model of a study: dimensions, indicators, outcomes, stages — as data, with what can be asked of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from maternal_eval.methods.value import KANO_CLASSES as KANO_CLASSES

DIMENSIONS = "dimensions"
"""Name of the sibling set that holds the dimensions themselves."""


@dataclass(frozen=True)
class OutcomeKind:
    """A kind of outcome and what can be done with it.

    Attributes
    ----------
    name
        As study.toml calls it.
    ordered_categories
        Answers are ordered categories: ordinal models take them, and ranked scores judge their forecasts.
    default_low, default_high
        Ends of the scale where study.toml gives none.
    whole
        Answers are whole numbers.
    fixed
        It has no other scale than its own.
    predicted
        The sensitivity predicts and explains it unless its settings name others.
    net_promoter
        It has promoters and detractors (9–10 and 0–6): its net promoter score is reported.
    """

    name: str
    ordered_categories: bool
    default_low: float | None
    default_high: float | None
    whole: bool
    fixed: bool = False
    predicted: bool = False
    net_promoter: bool = False


OUTCOME_KINDS = {
    kind.name: kind
    for kind in (
        OutcomeKind("ordinal", True, 1, 5, True),
        OutcomeKind("binary", True, 0, 1, True, fixed=True, predicted=True),
        OutcomeKind("recommendation", True, 0, 10, True, fixed=True, predicted=True, net_promoter=True),
        OutcomeKind("continuous", False, None, None, False),
    )
}
"""Outcome kinds as a table: a new kind is one more row."""


@dataclass(frozen=True)
class IndicatorKind:
    """A kind of indicator: what its answers are, and which way they point.

    ``whole``: answers are whole numbers. ``mirrored``: a smaller answer is better. The panel keeps such answers as they
    are; composites and the like turn them round on their scale (:mod:`maternal_eval.study.orientation`).
    """

    name: str
    whole: bool
    mirrored: bool


INDICATOR_KINDS = {
    kind.name: kind
    for kind in (
        IndicatorKind("rating", whole=True, mirrored=False),
        IndicatorKind("burden", whole=True, mirrored=True),
        IndicatorKind("measure", whole=False, mirrored=False),
        IndicatorKind("cost", whole=False, mirrored=True),
    )
}
"""Indicator kinds as a table: a new kind is one more row."""


@dataclass(frozen=True)
class Moment:
    """A year, or a quarter of one: when an indicator enters or leaves."""

    year: int
    quarter: int | None = None

    @classmethod
    def parse(cls, text: str) -> Moment:
        """Read ``2024`` or ``2024Q3`` (also ``2024 Q3``); ValueError for anything else."""
        found = re.fullmatch(r"(\d{4})(?:\s?[Qq]([1-4]))?", text.strip())
        if not found:
            raise ValueError(f"no year or quarter: {text!r}")
        return cls(int(found[1]), int(found[2]) if found[2] else None)

    @property
    def begin(self) -> tuple[int, int]:
        """Year and its first quarter that belongs to the moment."""
        return self.year, self.quarter or 1

    @property
    def end(self) -> tuple[int, int]:
        """Year and its last quarter that belongs to the moment."""
        return self.year, self.quarter or 4

    def __str__(self) -> str:
        return str(self.year) if self.quarter is None else f"{self.year} Q{self.quarter}"


@dataclass(frozen=True)
class Dimension:
    """A dimension with its nominal weight (None where the study gives none)."""

    name: str
    weight: float | None
    name_zh: str
    name_en: str


@dataclass(frozen=True)
class Indicator:
    """An indicator: its column, its scale, its dimension, its Kano class, its nominal weight inside the dimension.

    ``kind`` is a row of :data:`INDICATOR_KINDS`. It is asked from ``valid_from`` to ``valid_to``, both included; None
    where there is no such end.
    """

    code: str
    column: str
    dimension: str
    kano: str
    name_zh: str
    name_en: str
    low: float
    high: float
    weight: float | None = None
    kind: str = "rating"
    valid_from: Moment | None = None
    valid_to: Moment | None = None

    @property
    def reversed(self) -> bool:
        """Whether a smaller answer is better."""
        return INDICATOR_KINDS[self.kind].mirrored

    def valid_at(self, year: int, quarter: int | None = None) -> bool:
        """Whether the indicator is asked then; a year without its quarter counts if any part of it does."""
        after = self.valid_from is None or (year, quarter or 4) >= self.valid_from.begin
        before = self.valid_to is None or (year, quarter or 1) <= self.valid_to.end
        return after and before


@dataclass(frozen=True)
class Outcome:
    """An outcome: what the evaluation should predict.

    ``reversed``: a smaller answer is better (effort, complaints). The panel, tables and figures keep its scale; models
    that presuppose a positive relation take :meth:`oriented`.
    """

    name: str
    column: str
    kind: str
    low: float | None
    high: float | None
    name_zh: str
    name_en: str
    reversed: bool = False

    def oriented(self, answers: np.ndarray) -> np.ndarray:
        """Return answers with larger-is-better: low + high - answer where less is better, the negative without ends."""
        if not self.reversed:
            return answers
        return -answers if self.low is None or self.high is None else self.low + self.high - answers

    @property
    def levels(self) -> int:
        """Number of answer categories; fails for continuous outcomes."""
        if self.low is None or self.high is None or not OUTCOME_KINDS[self.kind].ordered_categories:
            raise ValueError(f"outcome {self.name} is {self.kind} and has no categories")
        return int(self.high - self.low) + 1

    def label(self, language: str) -> str:
        """Return the outcome's name in ``language`` ("zh" or "en")."""
        return self.name_zh if language == "zh" else self.name_en


@dataclass(frozen=True)
class Stage:
    """A life stage (or segment, where stages are unordered)."""

    name: str
    name_zh: str
    name_en: str


@dataclass(frozen=True)
class EvaluationModel:
    """Indicators grouped in dimensions; weights live on one simplex per sibling set."""

    indicators: tuple[Indicator, ...]
    dimensions: tuple[Dimension, ...]

    @property
    def codes(self) -> list[str]:
        """Indicator codes in the order of the study's file."""
        return [indicator.code for indicator in self.indicators]

    @cached_property
    def dimension_of(self) -> pd.Series:
        """Dimension of each indicator, indexed by code."""
        return pd.Series({i.code: i.dimension for i in self.indicators}, name="dimension", dtype="str")

    @cached_property
    def sibling_sets(self) -> dict[str, list[str]]:
        """Sets whose weights share one simplex: the dimensions, then the indicators of each dimension."""
        sets = {DIMENSIONS: [dimension.name for dimension in self.dimensions]}
        for dimension in self.dimensions:
            sets[dimension.name] = [i.code for i in self.indicators if i.dimension == dimension.name]
        return sets

    @property
    def dimension_weights(self) -> pd.Series:
        """Nominal dimension weights (sum 1); equal where the study gives none."""
        given = {d.name: d.weight for d in self.dimensions}
        if any(weight is None for weight in given.values()):
            given = {name: 1.0 / len(given) for name in given}
        return pd.Series(given, name="weight", dtype="float64")

    def indicator(self, code: str) -> Indicator:
        """Return the indicator with ``code``; KeyError if there is none."""
        for indicator in self.indicators:
            if indicator.code == code:
                return indicator
        raise KeyError(code)

    def label(self, code: str, language: str) -> str:
        """Return the name of an indicator or dimension in ``language`` ("zh" or "en")."""
        named: list[tuple[str, str, str]] = [(i.code, i.name_zh, i.name_en) for i in self.indicators]
        named += [(d.name, d.name_zh, d.name_en) for d in self.dimensions]
        for name, name_zh, name_en in named:
            if name == code:
                return name_zh if language == "zh" else name_en
        raise KeyError(code)
