"""The base of all results: a frozen dataclass that can be stored, read back, tabulated, drawn and compared."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, ClassVar, Self

import pandas as pd

from maternal_eval.core.errors import InputError
from maternal_eval.core.intervals import KIND, PROBABILITY
from maternal_eval.core.printable import spreadsheet_text
from maternal_eval.core.remarks import Remark
from maternal_eval.core.words import DEFAULT_WORDS, Words
from maternal_eval.results.reported import Quantity, Reported
from maternal_eval.results.tables import Evidence

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from maternal_eval.results.figures import FigureOf
    from maternal_eval.results.schema import TableSchema

JSON_FILE = "result.json"


class OtherFieldsError(InputError):
    """A stored result has other fields than results of its kind have today."""


class Result:
    """What an analysis found.

    Subclasses are frozen dataclasses. A field is a :class:`pandas.DataFrame`, an :class:`xarray.Dataset`
    or a JSON value; that is all that storing needs to know. ``words`` are those of the study, for whoever shows the
    result; they are not stored.
    """

    RETIRED: ClassVar[tuple[str, ...]] = ()
    """JSON fields that stored results of earlier versions have, and that are said elsewhere today: not read."""

    words: ClassVar[Words] = DEFAULT_WORDS

    def in_words(self, words: Words) -> Self:
        """Return this result, which from now on speaks in the words of its study."""
        object.__setattr__(self, "words", words)
        return self

    def table(self) -> pd.DataFrame:
        """Return the main table, one row per reported quantity."""
        raise NotImplementedError(f"{type(self).__name__} has no table")

    @classmethod
    def schemas(cls) -> Mapping[str, TableSchema]:
        """Return the schema of each table: field → schema, and ``""`` for :meth:`table`.

        They stand in ``TABLES`` of the module of the result's class.
        """
        return getattr(sys.modules[cls.__module__], "TABLES", {})

    def check_tables(self) -> None:
        """Hold every table to its schema.

        Raises
        ------
        ValueError
            If a table has no schema or does not keep it.
        """
        schemas = self.schemas()
        for name, value in [("", self.table()), *self._fields().items()]:
            if isinstance(value, pd.DataFrame):
                if name not in schemas:
                    raise ValueError(f"{type(self).__name__}: table {name or '(main)'} has no schema")
                schemas[name].check(value, f"{type(self).__name__}.{name or 'table()'}")

    def figure_table(self) -> dict[str, FigureOf]:
        """Return the figures that can be drawn of this result: name (empty: the main one) → its row in the table.

        They stand in the module ``figures`` beside the one of the result's class.
        """
        table = getattr(_beside(type(self), "figures"), "FIGURES", {})
        return {name: figure for name, figure in table.items() if figure.shown(self)}

    def plot(self, language: str = "en", name: str = "", **more: Any) -> Figure:
        """Draw a figure (the main one if ``name`` is empty) with texts in ``language`` ("en" or "zh").

        Raises
        ------
        KeyError
            If there is no such figure of this result.
        """
        figures = self.figure_table()
        if name not in figures:
            known = ", ".join(repr(one) for one in figures) or "none"
            raise KeyError(f"{type(self).__name__} has no figure {name!r}; there are: {known}")
        return figures[name].draw(self, language, **more)

    def further_figures(self) -> tuple[str, ...]:
        """Return the names of the figures beside the main one."""
        return tuple(name for name in self.figure_table() if name)

    def plot_further(self, name: str, language: str = "en") -> Figure:
        """Draw one of :meth:`further_figures` with texts in ``language`` ("en" or "zh")."""
        return self.plot(language, name)

    def reported(self, evidence: Evidence | None = None) -> Reported:
        """Return the numbers of this result, each named once, and its tables for the papers.

        They are collected by the module ``report`` beside the one of the result's class. ``evidence`` is what they
        can show unless one says otherwise; by the panel, if it is not given.
        """
        into = Reported(evidence or ("simulated" if getattr(self, "simulated", False) else "replication"))
        collect = getattr(_beside(type(self), "report"), "collect", None)
        if collect is not None:
            collect(into, self)
        return into

    def quantities(self) -> dict[str, Quantity]:
        """Return every number of this result by its key: what is compared, cited and written as JSON."""
        return self.reported().quantities

    def require_printable(self) -> None:
        """Raise a :class:`~maternal_eval.core.errors.DiagnosticsError` where nothing of this may stand in a paper."""

    def paragraph(self, language: str = "en") -> str:
        """Return the finding as a paragraph in ``language`` ("en" or "zh")."""
        raise NotImplementedError(f"{type(self).__name__} has no paragraph")

    def save(self, folder: Path) -> None:
        """Write the result into ``folder``: tables as Parquet, data sets as NetCDF, the rest as JSON."""
        folder.mkdir(parents=True, exist_ok=True)
        values: dict[str, Any] = {}
        for name, value in self._fields().items():
            if isinstance(value, pd.DataFrame):
                value.to_parquet(folder / f"{name}.parquet")
            elif _is_data_set(value):
                value.to_netcdf(folder / f"{name}.nc", engine="h5netcdf")
            else:
                values[name] = value
        # In their own order: that of the facts of a study is the order of the rows of its table.
        text = json.dumps(values, ensure_ascii=False, indent=1, allow_nan=False)
        (folder / JSON_FILE).write_text(text + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read back what :meth:`save` wrote.

        Raises
        ------
        OtherFieldsError
            If another version of the code stored it, with other fields.
        """
        values: dict[str, Any] = json.loads((folder / JSON_FILE).read_text(encoding="utf-8"))
        values = {name: value for name, value in values.items() if name not in cls.RETIRED}
        for one in fields(cls):  # type: ignore[arg-type]
            table, data_set = folder / f"{one.name}.parquet", folder / f"{one.name}.nc"
            if table.exists():
                values[one.name] = pd.read_parquet(table)
            elif data_set.exists():
                import xarray as xr

                with xr.open_dataset(data_set, engine="h5netcdf") as opened:
                    values[one.name] = opened.load()
            elif one.default_factory is not MISSING:
                # A field that came later and may be empty, such as the remarks.
                values.setdefault(one.name, one.default_factory())
        expected = {one.name for one in fields(cls)}  # type: ignore[arg-type]
        if values.keys() != expected:
            raise OtherFieldsError(
                "the stored result was made by another version of the code",
                file=folder,
                found=f"other fields: {', '.join(sorted(values.keys() ^ expected))}",
                expected="a result with the fields of today",
                mend="compute it anew: run its verb, or 'maternal-eval paper' for all (nothing has to be removed)",
            )
        constructor: Callable[..., Self] = cls
        return constructor(**values)

    def to_json(self) -> dict[str, Any]:
        """Return the result as plain JSON: its quantities, each table as records, JSON values as they are."""
        plain: dict[str, Any] = {
            "quantities": [one.to_json() for one in self.quantities().values()],
            "columns": self._described(),
            "table": records(self.table()),
        }
        for name, value in self._fields().items():
            if isinstance(value, pd.DataFrame):
                plain[name] = records(value)
            elif not _is_data_set(value):
                plain[name] = value
        return plain

    def _described(self) -> dict[str, list[dict[str, Any]]]:
        """Return what the columns of each table are called and in which unit; ``table`` stands for the main one."""
        tables = {"table": self.table()}
        tables |= {name: value for name, value in self._fields().items() if isinstance(value, pd.DataFrame)}
        schemas = {name or "table": one for name, one in self.schemas().items()}
        return {
            name: records(schemas[name].described(flat(table), self.words))
            for name, table in tables.items()
            if name in schemas
        }

    def _fields(self) -> dict[str, Any]:
        return {one.name: getattr(self, one.name) for one in fields(self)}  # type: ignore[arg-type]


@dataclass(frozen=True, kw_only=True)
class StudyResult(Result):
    """A result that says what it was computed from and how; its fields follow those of the subclass.

    Attributes
    ----------
    labels
        Name in the tables → its text, ``en`` and ``zh``.
    settings
        The settings of the analysis.
    study
        Name of the study.
    simulated
        Whether its panel is simulated.
    probability, kind
        Of the intervals.
    remarks
        What was left out, guessed, pooled, merged, turned round or has not converged: see
        :mod:`maternal_eval.core.remarks`.
    """

    labels: dict[str, dict[str, str]]
    settings: dict[str, Any]
    study: str
    simulated: bool
    probability: float = PROBABILITY
    kind: str = KIND
    remarks: list[Remark] = field(default_factory=list)


def _beside(result_class: type, module: str) -> ModuleType | None:
    """Return the module of that name in the package of an analysis, or None where there is no such module.

    It is found by name and imported when asked for: results do not know how they are drawn or told.
    """
    name = f"{result_class.__module__.rpartition('.')[0]}.{module}"
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is not None and name.startswith(error.name):
            return None
        raise


def used[R: Result](results: Mapping[str, Result], name: str, result_class: type[R]) -> R:
    """Return the earlier result ``name`` that an analysis was given, as the class that it is.

    Raises
    ------
    TypeError
        If it is of another class: then the table of steps and the analysis do not fit together.
    """
    result = results[name]
    if not isinstance(result, result_class):
        raise TypeError(f"the result of {name!r} is a {type(result).__name__}, not a {result_class.__name__}")
    return result


def flat(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose named index has become columns; row numbers are no content."""
    return table.reset_index() if any(name is not None for name in table.index.names) else table


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a table as a list of JSON objects; a meaningful index becomes columns, NaN becomes null."""
    return json.loads(flat(table).to_json(orient="records", double_precision=15, force_ascii=False))


def spreadsheet_table(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table for people to open in a spreadsheet: no text in it is a formula, numbers stay numbers."""
    safe = flat(table).copy()
    safe.columns = pd.Index([spreadsheet_text(name) for name in safe.columns])
    for position, kind in enumerate(safe.dtypes):
        if not (pd.api.types.is_numeric_dtype(kind) or pd.api.types.is_datetime64_any_dtype(kind)):
            safe.isetitem(position, [spreadsheet_text(cell) for cell in safe.iloc[:, position].astype(object)])
    return safe


def _is_data_set(value: object) -> bool:
    """Whether a value is a data set of xarray, which nothing can be before somebody has imported it."""
    xarray = sys.modules.get("xarray")
    return xarray is not None and isinstance(value, xarray.Dataset)
