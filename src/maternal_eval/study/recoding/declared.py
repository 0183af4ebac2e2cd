"""What study.toml may say about answers: the table ``[recode]`` with one rule for all answers, and rules for columns.

::

    [recode]                            # holds for all answers
    missing = [-3, 99, "不适用"]         # what means "not answered"
    percent = "number"                  # 85% is 85 ("share": 0.85)
    decimal_comma = true                # 3,5 is 3.5
    fullwidth = true                    # ５ is 5

    [recode.Q1]                         # answers of one column and their numbers
    "满意" = 4

    [recode.service]                    # a rule of several columns
    columns = ["Q1", "Q2", "Q3"]
    answers = "satisfaction"            # a built-in set, or { "满意" = 4, … }
    points = 5                          # of the built-in set
    missing = [9]
    cap = [0, 100]                      # smaller and larger numbers become these
    cut = [18, 35]                      # numbers become classes: below 18, 18 to below 35, 35 and more
    labels = ["young", "middle", "old"]
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictFloat, StrictInt, StrictStr, model_validator

from maternal_eval.core.ranges import Plain
from maternal_eval.study.names import ColumnName, Title
from maternal_eval.study.recoding.answer_sets import SETS

Real = Annotated[float, Plain]
"""A number; neither text nor true or false, which would be read as 1 and 0."""

Code = StrictInt | StrictFloat | StrictStr
"""What stands for "not answered" in a panel."""

GENERAL = ("missing", "percent", "fullwidth", "decimal_comma")
"""What ``[recode]`` says of all answers."""


class Table(BaseModel):
    """A table of study.toml: unknown keys are slips, not extensions."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class RecodeRule(Table):
    """``[recode.NAME]``: what answers of ``columns`` mean; without ``columns`` NAME is the column.

    Answers are turned into numbers (``answers``: a table, in which every answer has to stand, or ``answer_set`` with
    ``points``), then percentages and the like are read, then numbers are held to ``cap`` and cut into classes.
    ``place`` is the key of study.toml that said so.
    """

    columns: tuple[ColumnName, ...] = ()
    answers: dict[str, Real] = {}
    answer_set: Literal[SETS] | None = None  # type: ignore[valid-type]
    points: StrictInt = Field(default=5, ge=2, le=7)
    missing: tuple[Code, ...] = ()
    percent: Literal["number", "share"] | None = None
    fullwidth: StrictBool = False
    decimal_comma: StrictBool = False
    cap: tuple[Real, Real] | None = None
    cut: tuple[Real, ...] = ()
    labels: tuple[Title, ...] = ()
    place: str = ""

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, table: Any) -> Any:
        if not isinstance(table, dict):
            return table
        place = table.get("place", "") if "place" in table and isinstance(table["place"], str) else ""
        given = {key: value for key, value in table.items() if key != "place"}
        structured = any(key in cls.model_fields and not _is_number(value) for key, value in given.items())
        structured = structured or place.startswith("missing.")
        if not structured:
            return {"answers": given, "place": place}
        if isinstance(given.get("answers"), str):
            given["answer_set"] = given.pop("answers")
        return {**given, "place": place}

    @model_validator(mode="after")
    def _says_something(self) -> RecodeRule:
        if self.answers and self.answer_set:
            raise ValueError("answers: a table of answers or the name of a set")
        says = (self.answers, self.answer_set, self.missing, self.percent, self.fullwidth, self.decimal_comma)
        if not any((*says, self.cap, self.cut)):
            raise ValueError("what the answers mean: answers, missing, percent, fullwidth, decimal_comma, cap or cut")
        if self.cap is not None and self.cap[0] >= self.cap[1]:
            raise ValueError("cap: a smaller number and a larger one")
        rising(self.cut, "cut")
        if self.labels and len(self.labels) != len(self.cut) + 1:
            raise ValueError(f"labels: {len(self.cut) + 1} of them, one more than the numbers in cut")
        if len(set(self.labels)) < len(self.labels):
            raise ValueError("labels: each once")
        return self


class Recoding(Table):
    """``[recode]``: what holds for all answers, and ``rules`` by name."""

    missing: tuple[Code, ...] = ()
    percent: Literal["number", "share"] | None = None
    fullwidth: StrictBool = False
    decimal_comma: StrictBool = False
    rules: dict[str, RecodeRule] = {}

    @model_validator(mode="before")
    @classmethod
    def _rules_apart(cls, table: Any) -> Any:
        if not isinstance(table, dict) or "rules" in table:
            return table
        rules = {name: entry for name, entry in table.items() if isinstance(entry, dict)}
        rest = {name: entry for name, entry in table.items() if name not in rules}
        named = {name: {**entry, "place": f"recode.{name}"} for name, entry in rules.items() if "place" not in entry}
        return {**rest, "rules": rules | named}

    def of_column(self) -> dict[str, list[RecodeRule]]:
        """Return column → its rules, in the order of study.toml."""
        found: dict[str, list[RecodeRule]] = {}
        for name, rule in self.rules.items():
            for column in rule.columns or (name,):
                found.setdefault(column, []).append(rule)
        return found


def in_one_place(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return the content of study.toml with ``[panel] missing, percent, fullwidth`` and ``[missing]`` in ``[recode]``.

    Studies written for earlier editions say so there; both may not be said.
    """
    panel, missing, recode = (content.get(name) for name in ("panel", "missing", "recode"))
    told = {key: panel[key] for key in GENERAL[:3] if isinstance(panel, dict) and key in panel}
    if not told and not isinstance(missing, dict):
        return dict(content)
    found = dict(content)
    recode = dict(recode) if isinstance(recode, dict) else {}
    for key, value in told.items():
        if key in recode and not isinstance(recode[key], dict):
            raise ValueError(f"{key} stands in [panel] and in [recode]; [recode] alone")
        recode[key] = value
    if told:
        found["panel"] = {key: value for key, value in panel.items() if key not in told}  # type: ignore[union-attr]
    if isinstance(missing, dict):
        del found["missing"]
        for column, codes in missing.items():
            own = recode.get(column)
            if isinstance(own, dict) and own and all(map(_is_number, own.values())):
                own = {"answers": own}
            rule = {"missing": codes, "place": f"missing.{column}"}
            recode[column] = rule if not isinstance(own, dict) else {**own, **rule, "place": f"recode.{column}"}
    found["recode"] = recode
    return found


def place_of(loc: Sequence[str | int], content: Mapping[str, Any]) -> str:
    """Return the key of study.toml that a part of a definition was written as: ``content`` is what the file holds."""
    parts = [str(part) for part in loc]
    if parts[:1] == ["recode"]:
        parts = [part for part in parts if part not in ("rules", "answers")]
        panel, missing = content.get("panel"), content.get("missing")
        if len(parts) > 1 and isinstance(panel, dict) and parts[1] in GENERAL and parts[1] in panel:
            parts[0] = "panel"
        elif len(parts) > 2 and parts[2] == "missing" and isinstance(missing, dict) and parts[1] in missing:
            parts = ["missing", parts[1], *parts[3:]]
    if parts[:1] == ["columns"]:
        parts = [
            {"stage_dates": "stage", "segment_columns": "segments", "period_dates": "period"}.get(one, one)
            for one in parts
        ]
    return ".".join(parts)


def rising(numbers: tuple[float, ...], name: str) -> None:
    """Refuse cut points that do not rise (ValueError)."""
    if any(after <= before for before, after in itertools.pairwise(numbers)):
        raise ValueError(f"{name}: numbers that rise")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
