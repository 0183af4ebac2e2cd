"""Findings: every number that the papers print, with where it comes from.

One file, ``findings.json``, lies between the analyses and the prose. The prose holds ``{{key}}``; this module
holds the value, its unit and rounding, its interval, what kind of evidence it is and what made it.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Any, get_args

from maternal_eval.core.errors import InputError
from maternal_eval.core.files import write_whole
from maternal_eval.core.languages import LANGUAGES, check_language, say
from maternal_eval.results.naming import STUDY, number_name
from maternal_eval.results.numbers import INTERVAL_KINDS, interval_name, interval_text, number, unit_of, with_interval
from maternal_eval.results.reported import RANGE, Quantity
from maternal_eval.results.tables import EVIDENCE, Cell, Evidence, FindingsTable, TableColumn, escape

KEY = re.compile(r"[a-z]\w*(\.\w+)*")
ORIGIN = ("step", "source", "input_hash")
"""Fields of a finding that say what made it; many have them in common."""

EARLIER = {"interval_probability": "probability", "interval_kind": "kind"}
"""Names that fields had up to version 0.2.1 → their names today."""

MODIFIERS = ("plain", "signed", "percent", "interval", "full")


@dataclass(frozen=True, kw_only=True)
class Finding(Quantity):
    """One number (or name) that the papers may print: a quantity of a result, with what made it.

    Parameters
    ----------
    key
        Its name in the prose, ``<study>.<analysis>.<key of the quantity>``.
    step
        The analysis that made it, as the command line calls it.
    source
        The notebook and section where it is derived, e.g. ``05_backtest § Scores``.
    input_hash
        Hash of the inputs of the step, as in the manifest of frozen results.

    Raises
    ------
    InputError
        If a field is not as described, the value is not finite or lies outside of the interval's order.
    """

    step: str
    source: str
    input_hash: str = ""

    def __post_init__(self) -> None:
        for name in ("value", "low", "high", "probability", "error"):
            item = getattr(getattr(self, name), "item", None)  # numpy scalars become plain numbers
            if item is not None:
                object.__setattr__(self, name, item())
        if not KEY.fullmatch(self.key) or self.key != self.key.lower():
            self._wrong("malformed key", self.key, "lower-case words joined by _ and .")
        if self.evidence not in get_args(Evidence):
            self._wrong("unknown evidence class", self.evidence, "one of " + ", ".join(get_args(Evidence)))
        unit_of(self.unit)
        if isinstance(self.value, dict) and set(self.value) != set(LANGUAGES):
            self._wrong("a text needs both languages", sorted(self.value), "en and zh")
        if isinstance(self.value, bool) or self.value is None:
            self._wrong("neither a number nor a text", self.value, "a number or a text")
        for end in (self.value, self.low, self.high, self.error):
            if isinstance(end, float) and not math.isfinite(end):
                self._wrong("not a finite number", end, "a finite number")
        self._check_interval()

    def _check_interval(self) -> None:
        if (self.low is None) != (self.high is None):
            self._wrong("half an interval", (self.low, self.high), "both ends or none")
        if self.low is None or self.high is None:
            return
        if self.low > self.high:
            self._wrong("interval upside down", (self.low, self.high), "low ≤ high")
        if self.kind not in INTERVAL_KINDS:
            self._wrong("unknown kind of interval", self.kind, "one of " + ", ".join(INTERVAL_KINDS))
        if self.kind != RANGE and not 0.0 < (self.probability or 0.0) < 1.0:
            self._wrong("interval without its probability", self.probability, "e.g. 0.9")

    def _wrong(self, problem: str, found: object, expected: str) -> None:
        raise InputError(f"finding {self.key}: {problem}", found=found, expected=expected)

    def format(self, language: str, *modifiers: str) -> str:
        """Return the finding as the prose of ``language`` prints it.

        Parameters
        ----------
        modifiers
            ``plain`` without the unit; ``signed`` with a plus sign; ``percent`` a share shown in per cent
            (two decimals fewer); ``interval`` the interval instead of the value; ``full`` the value followed
            by the interval with its probability and kind.

        Raises
        ------
        InputError
            For an unknown modifier, or a modifier that does not fit the finding.
        """
        check_language(language)
        if unknown := set(modifiers) - set(MODIFIERS):
            self._wrong("unknown modifier", ", ".join(sorted(unknown)), "one of " + ", ".join(MODIFIERS))
        if isinstance(self.value, (str, dict)):
            if modifiers:
                self._wrong("a text takes no modifier", ", ".join(modifiers), "the bare key")
            return self.value if isinstance(self.value, str) else self.value[check_language(language)]
        unit = unit_of("share" if "percent" in modifiers else self.unit)
        if "percent" in modifiers and self.unit not in ("", "share"):
            self._wrong("percent needs a share", f"the unit {self.unit}", "a number from 0 to 1 without unit")
        narrowed = "percent" in modifiers and self.unit == ""
        decimals = max(self.decimals - 2, 0) if narrowed else self.decimals
        signed = "signed" in modifiers
        suffix = "" if "plain" in modifiers else say(language, unit.en, unit.zh)
        value = number(self.value * unit.factor, decimals, signed=signed) + suffix
        if not {"interval", "full"} & set(modifiers):
            return value
        if self.low is None or self.high is None:
            self._wrong("has no interval", "none", "low and high")
            raise AssertionError  # not reached: _wrong raises
        interval = interval_text(
            self.low * unit.factor,
            self.high * unit.factor,
            decimals,
            suffix=suffix if unit.in_interval else "",
            signed=signed,
        )
        if "full" not in modifiers:
            return interval
        return with_interval(value, interval, self.probability, self.kind, language)


class Findings:
    """All findings of a study in the order in which they were found, and the tables made of them."""

    def __init__(self) -> None:
        self._findings: dict[str, Finding] = {}
        self.tables: dict[str, FindingsTable] = {}
        self.names: dict[str, dict[str, dict[str, str]]] = {}
        """Study → part of a key → its name in each language; the empty part is the study's title."""

    def __getitem__(self, key: str) -> Finding:
        if key not in self._findings:
            raise InputError("no such finding", found=key, expected="a key of findings.json")
        return self._findings[key]

    def __contains__(self, key: object) -> bool:
        return key in self._findings

    def __iter__(self) -> Iterator[str]:
        return iter(self._findings)

    def __len__(self) -> int:
        return len(self._findings)

    def add(self, finding: Finding) -> None:
        """Add a finding; a key can be used once."""
        if finding.key in self._findings:
            raise InputError("two findings of the same name", found=finding.key)
        self._findings[finding.key] = finding

    def put(self, finding: Finding) -> None:
        """Put a finding in the place of the one of its name."""
        self[finding.key]
        self._findings[finding.key] = finding

    def add_table(self, table: FindingsTable) -> None:
        """Add a table; a name can be used once."""
        if table.name in self.tables:
            raise InputError("two tables of the same name", found=table.name)
        self.tables[table.name] = table

    def update(self, other: Findings) -> None:
        """Add all findings, tables and names of ``other``."""
        self.names.update(other.names)
        for key in other:
            self.add(other[key])
        for table in other.tables.values():
            self.add_table(table)

    def format(self, key: str, language: str, *modifiers: str) -> str:
        """Return one finding as text; see :meth:`Finding.format`."""
        return self[key].format(language, *modifiers)

    def write(self, path: Path) -> None:
        """Write ``findings.json``, one finding a line: the same findings give the same bytes.

        What made them stands once in ``origins``; ``origin`` of a finding is its place there.
        """
        origins: dict[tuple[str, ...], int] = {}
        lines = []
        for key, finding in self._findings.items():
            made_by = tuple(getattr(finding, name) for name in ORIGIN)
            values = {name: value for name, value in finding.to_json().items() if name not in ("key", *ORIGIN)}
            values["origin"] = origins.setdefault(made_by, len(origins))
            lines.append(f"{_json(key)}: {_json(values)}")
        first = ",\n".join(_json(dict(zip(ORIGIN, made_by, strict=True))) for made_by in origins)
        tables = json.dumps(
            {name: table.to_json() for name, table in self.tables.items()},
            ensure_ascii=False,
            indent=1,
            allow_nan=False,
        )
        found = ",\n".join(lines)
        names = json.dumps(self.names, ensure_ascii=False, indent=1)
        text = f'{{"origins": [\n{first}\n],\n"findings": {{\n{found}\n}},\n"names": {names},\n"tables": {tables}}}\n'
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, lambda unfinished: unfinished.write_text(text, encoding="utf-8"))

    @classmethod
    def read(cls, path: Path) -> Findings:
        """Read ``findings.json``.

        Raises
        ------
        InputError
            If the file is missing, is not JSON or does not hold findings.
        """
        try:
            content: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            raise InputError("the findings are missing", file=path) from error
        except json.JSONDecodeError as error:
            raise InputError("not JSON", file=path, row=error.lineno, found=error.msg) from error
        findings = cls()
        findings.names = dict(content.get("names", {}))
        try:
            origins = content.get("origins", [])
            for key, values in content.get("findings", {}).items():
                findings.add(Finding(key=key, **_with_origin(key, values, origins)))
            for name, values in content.get("tables", {}).items():
                findings.add_table(FindingsTable.from_json(name, values))
        except InputError as error:
            raise InputError(error.problem, file=path, found=error.found, expected=error.expected) from error
        return findings

    def provenance(self, keys: list[str] | None = None) -> FindingsTable:
        """Return a table of findings, study by study: name in words, value, interval, evidence and source of each.

        It is what ``{{table:provenance}}`` inserts, for the keys that the text uses.
        """
        rows: list[tuple[Cell, ...]] = []
        simulated_en, simulated_zh = "", ""
        listed = list(self._findings if keys is None else keys)
        studies = list(dict.fromkeys(key.split(".")[0] for key in listed))
        headed = ""
        for key in sorted(listed, key=lambda key: studies.index(key.split(".")[0])):
            finding, study = self[key], key.split(".")[0]
            names = self.names.get(study, {})
            if study != headed:
                headed = study
                title = {one: f"**{escape(name)}**" for one, name in names.get(STUDY, _same(study)).items()}
                rows.append((title, "", "", "", ""))
            if finding.evidence == "simulated":
                simulated_en = "; results on the built-in panel are simulated"
                simulated_zh = "；基于内置面板的结果均为模拟结果"
            value: dict[str, Any] = {language: finding.format(language) for language in LANGUAGES}
            interval: dict[str, Any] | None = None
            if finding.low is not None:
                interval = {
                    language: finding.format(language, "interval")
                    + say(language, " (", "（")
                    + interval_name(finding.probability, finding.kind, language)
                    + say(language, ")", "）")
                    for language in LANGUAGES
                }
            evidence: dict[str, Any] = dict(zip(LANGUAGES, EVIDENCE[finding.evidence], strict=True))
            name: dict[str, Any] = {one: escape(text) for one, text in number_name(key, names).items()}
            rows.append((name, value, interval, evidence, finding.source))
        headings = [("Number", "数值"), ("Value", "取值"), ("Interval", "区间"), ("Evidence", "证据类别"),
                    ("Source", "来源")]  # fmt: skip
        return FindingsTable(
            name="provenance",
            caption={
                "en": f"Where each number of this paper comes from{simulated_en}.",
                "zh": f"本文各数值的来源{simulated_zh}。",
            },
            columns=tuple(
                TableColumn(en=en, zh=zh, width=width, markdown=position == 0)
                for position, ((en, zh), width) in enumerate(zip(headings, (37, 13, 21, 12, 17), strict=True))
            ),
            rows=tuple(rows),
            evidence="design",
            step="paper",
            source="findings.json",
        )


def _same(name: str) -> dict[str, str]:
    return {str(language): name for language in LANGUAGES}


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _with_origin(key: str, values: Mapping[str, Any], origins: list[Mapping[str, Any]]) -> dict[str, Any]:
    """Return a stored finding with what made it.

    Raises
    ------
    InputError
        If it lacks a field, has one that is not known, or names an origin that is not there.
    """
    own = {EARLIER.get(name, name): value for name, value in values.items() if name != "origin"}
    at = values.get("origin")
    if at is not None and not (isinstance(at, int) and 0 <= at < len(origins)):
        raise InputError(f"finding {key}: no such origin", found=at, expected=f"a place among {len(origins)}")
    whole = {**(origins[at] if at is not None else {}), **own}
    _check_fields(key, whole)
    return whole


def _check_fields(key: str, values: Mapping[str, Any]) -> None:
    """Raise an :class:`InputError` if a stored finding lacks a field or has one that is not known."""
    known = {field.name for field in fields(Finding)} - {"key"}
    needed = {field.name for field in fields(Finding) if field.default is MISSING} - {"key"}
    if unknown := sorted(set(values) - known):
        raise InputError(f"finding {key}: unknown field", found=", ".join(unknown))
    if missing := sorted(needed - set(values)):
        raise InputError(f"finding {key}: a field is missing", expected=", ".join(missing))
