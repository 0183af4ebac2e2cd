"""A panel in a warehouse: held to its contract and counted by an engine; no row of it is read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from maternal_eval.core.errors import InputError, problems_in
from maternal_eval.core.hashing import hash_bytes
from maternal_eval.core.remarks import Remark, remark
from maternal_eval.study.panel.contract import ColumnRule, check_panel, require_columns
from maternal_eval.study.panel.engines import MOST_LINES, DuckDBEngine, Engine, Grouped, quoted
from maternal_eval.study.panel.header import unused
from maternal_eval.study.panel.raw import RawPanel

_COUNT = {"rows": "count(*)"}


@dataclass(frozen=True)
class WarehousePanel:
    """A table of answers that an engine counts.

    Attributes
    ----------
    engine
        Who counts.
    source
        What a person calls the table.
    recoded
        Column → value as it is written → the number that stands for it.
    needs
        A column without which a row does not count at all; None: every row does.
    known
        What was asked before, and the answer: contract, fingerprint and counts ask the same of large tables.
    """

    engine: Engine
    source: str
    recoded: dict[str, dict[Any, float]] = field(default_factory=dict)
    needs: ColumnRule | None = None
    known: dict[str, pd.DataFrame] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def columns(self) -> list[str]:
        """Names of the columns of the table."""
        return self.engine.columns()

    @cached_property
    def rows(self) -> int:
        """Number of rows that count."""
        return int(self._ask((), _COUNT)["rows"].iloc[0])

    @property
    def joint(self) -> tuple[str, str]:
        """What whoever wants the rows has to do without, in English and Chinese."""
        return "rows that are read (a table in a warehouse is only counted)", "可读取的逐行数据（仓库中的表只计数）"

    @property
    def refusal(self) -> InputError:
        """What is said to whoever asks for rows."""
        return InputError(
            "this needs the rows of the panel, and a table in a warehouse is only counted", file=self.source
        )

    def fingerprint(self, columns: Sequence[str]) -> str:
        """Return a hash of the number of rows by value of each column: tables alike in these are taken for the same."""
        parts = [f"{self.source}\n{self.rows}"]
        for column in columns:
            found = self._ask((column,), _COUNT)
            if len(found) <= MOST_LINES:
                parts.append(column + "\n" + found.to_csv(index=False))
        return hash_bytes("\n".join(parts).encode())

    def remarks(self, columns: Sequence[str]) -> list[Remark]:
        """Return what a person should hear of the table, of which the study uses ``columns``."""
        return [
            remark(
                f"{self.source} is counted where it lies; whether somebody answered more than once is not looked at.",
                f"{self.source} 在原处计数；未检查是否有人多次作答。",
            ),
            *unused(self.source, self.columns, columns),
        ]

    def placed(self, error: InputError) -> InputError:
        """Return an error without a row: a table has none that a person could look up."""
        first = problems_in(error)[0]
        return InputError(
            first.problem, file=self.source, column=first.column, found=first.found, expected=first.expected,
            mend=first.mend,
        )  # fmt: skip

    def check(self, rules: Sequence[ColumnRule]) -> WarehousePanel:
        """Hold the table to its rules, by the different values of each column: the same contract as for panels read.

        Raises
        ------
        InputError
            At the first violation: table, column, what was found and what was expected.
        """
        require_columns(RawPanel(pd.DataFrame(), self.source, first_row=1, header=self.columns), rules)
        for rule in rules:
            if rule.name == "weight":
                self._check_weight(rule)
            elif rule.name != "respondent":
                self._converted(rule)
        return self

    def _check_weight(self, rule: ColumnRule) -> None:
        name = quoted(rule.source)
        wrong = {"wrong": f"sum(CASE WHEN {name} < 0 THEN 1 ELSE 0 END)"}
        found = int(self.engine.ask(Grouped((), wrong))["wrong"].iloc[0])
        if found:
            raise InputError(
                "the value is off the scale", file=self.source, column=rule.source, found=f"{found:,} values below 0",
                expected=rule.expected,
            )  # fmt: skip

    def _converted(self, rule: ColumnRule) -> pd.DataFrame:
        """Return each different value of a column (``value``) with what the contract makes of it (``code``)."""
        found = self._ask((rule.source,), _COUNT)
        if len(found) > MOST_LINES:
            raise self._too_many([rule])
        values = found[rule.source]
        written = values.map(self.recoded[rule.source]) if rule.source in self.recoded else values
        small = RawPanel(pd.DataFrame({rule.source: written}), self.source, 1)
        try:
            return pd.DataFrame({"value": values, "code": check_panel(small, [rule])[rule.name]})
        except InputError as error:
            raise self.placed(error) from None

    def distinct(self, column: str) -> pd.DataFrame:
        """Return each value of a column once, as it is written; ``row`` is 0, as a table has none."""
        values = self._ask((column,), _COUNT)[column].dropna()
        return pd.DataFrame({"value": values.to_numpy(dtype=object), "row": 0})

    def rows_in(self, period: ColumnRule | None, periods: Sequence[int]) -> int:
        """Return the number of rows that count in the given periods."""
        if period is None:
            return self.rows
        found = self.tally([period])
        return int(found.loc[found[period.name].isin(periods), "rows"].sum())

    def tally(self, rules: Sequence[ColumnRule], weight: ColumnRule | None = None) -> pd.DataFrame:
        """Count the rows by combination of columns: see :meth:`maternal_eval.study.panel.CountedPanel.tally`.

        Raises
        ------
        InputError
            If there are too many combinations.
        """
        sums = {"rows": "count(*)", "counted": "count(*)", "weight": "count(*)", "weight_squares": "count(*)"}
        if weight is not None:
            name = quoted(weight.source)
            sums["counted"] = f"sum(CASE WHEN {name} > 0 THEN 1 ELSE 0 END)"
            sums["weight"], sums["weight_squares"] = f"sum(1.0 * {name})", f"sum(1.0 * {name} * {name})"
        found = self._ask(tuple(rule.source for rule in rules), sums)
        if len(found) > MOST_LINES:
            raise self._too_many(rules)
        table = found[list(sums)].copy()
        for rule in rules:
            known = self._converted(rule)
            written = found[[rule.source]].rename(columns={rule.source: "value"})
            table[rule.name] = written.merge(known, on="value", how="left")["code"].to_numpy()
        names = [rule.name for rule in rules]
        if names:
            table = table.groupby(names, dropna=False, sort=True)[list(sums)].sum().reset_index()
        for column in ("weight", "weight_squares"):
            table[column] = [float(f"{value:.10g}") for value in table[column]]
        return table.astype({"rows": "int64", "counted": "int64"})

    def describe(self, rules: Sequence[ColumnRule], period: ColumnRule | None, periods: Sequence[int]) -> pd.DataFrame:
        """Return number of answers, smallest and largest answer of numeric columns in the given periods."""
        rows = []
        for rule in rules:
            found = self.tally([rule, *([period] if period is not None else [])])
            if period is not None:
                found = found[found[period.name].isin(periods)]
            found = found.dropna(subset=[rule.name])
            answer = found[rule.name]
            ends = (float(answer.min()), float(answer.max())) if len(found) else (np.nan, np.nan)
            rows.append((int(found["rows"].sum()), *ends))
        return pd.DataFrame(rows, index=[rule.name for rule in rules], columns=["answered", "smallest", "largest"])

    def within(self, periods: Sequence[int]) -> WarehousePanel:
        """Return the panel itself: tallies are cut to the periods of their study."""
        return self

    def respondents(self, rule: ColumnRule, period: ColumnRule | None, periods: Sequence[int]) -> int | None:
        """Return None: persons of a warehouse are not told apart."""
        return None

    def _ask(self, keys: tuple[str, ...], sums: dict[str, str]) -> pd.DataFrame:
        where = "" if self.needs is None else f"{quoted(self.needs.source)} IS NOT NULL"
        question = Grouped(keys, sums, where)
        asked = question.sql("answers")
        if asked not in self.known:
            self.known[asked] = self.engine.ask(question)
        return self.known[asked]

    def _too_many(self, rules: Sequence[ColumnRule]) -> InputError:
        return InputError(
            "there are too many different answers to be counted",
            file=self.source,
            column=", ".join(rule.source for rule in rules),
            found=f"more than {MOST_LINES:,} combinations",
            expected="answers on a scale of few values, and cells of many answers",
        )


def panel_at(place: str | Path | WarehousePanel | None) -> Path | WarehousePanel | None:
    """Return the file at a place, or the table there if the place is a pattern or an address."""
    if place is None or isinstance(place, WarehousePanel):
        return place
    # The command line takes it for a path, in which the second slash of an address is lost.
    address = re.fullmatch(r"([a-z][a-z0-9]+):/+(.+)", str(place))
    where = f"{address[1]}://{address[2]}" if address else str(place)
    if address or "*" in where:
        return WarehousePanel(DuckDBEngine.at(where), where)
    return Path(place)
