"""What a ``study.toml`` may say: its schema, read strictly, every slip told in one sentence."""

from __future__ import annotations

import itertools
import math
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StrictInt,
    StrictStr,
    ValidationError,
    field_validator,
    model_validator,
)

from maternal_eval.core.errors import InputError, Problems
from maternal_eval.core.words import Word, Words
from maternal_eval.study.column_roles import Columns
from maternal_eval.study.count_columns import CountColumns, PanelKind
from maternal_eval.study.evaluation_model import OUTCOME_KINDS
from maternal_eval.study.names import ColumnName, Key, LevelValue, Title
from maternal_eval.study.panel import Layout
from maternal_eval.study.panel.encoding import known_encoding, read_text
from maternal_eval.study.panel.files import regular_file
from maternal_eval.study.recoding.declared import Real, Recoding, Table, in_one_place, place_of
from maternal_eval.study.tables import TABLE_KINDS

FILE_NAME = "study.toml"


class _Table(Table, BaseModel):
    """A table of study.toml."""


class Titles(_Table):
    """[study]: name, titles in both languages, whether the panel is simulated.

    ``analyses`` names the only ones that are wanted of the study; empty: all that it allows.
    """

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)
    zh: Title
    en: Title
    simulated: bool = False
    analyses: tuple[str, ...] = ()


Value = StrictStr | StrictInt
"""A value as the panel holds it: a text or a whole number."""


RowNumber = Annotated[StrictInt, Field(ge=1, le=1000)]


class LongForm(_Table):
    """``long`` under [panel]: the file has one row per answer; the columns that hold the question and the answer."""

    question: ColumnName
    answer: ColumnName


class PanelSource(_Table):
    """[panel]: a file beside study.toml, or a data set of an installed package, or (neither) given by --panel.

    ``kind`` says what a row is: the answers of one respondent, or "counts" or "shares" of answers (see [counts]).
    ``where`` keeps the rows in which each column named has the value, or one of the values, stated; ``leave_out``
    leaves out those in which one has (totals among the cells).
    ``filled`` names columns that a row has to have filled to be kept; ``long`` is for files with one row per answer.
    ``delimiter`` and ``encoding`` are those of a text file (the encoding is found where it is not said), ``sheet`` the
    sheet of a workbook, ``header`` the row that holds the names of the columns (or the rows: ``[1, 2]``), ``answers``
    the row of the first answer where it does not follow them.
    """

    kind: PanelKind = "answers"
    file: str | None = None
    package: str | None = None
    item: str | None = None
    where: dict[str, Value | Annotated[tuple[Value, ...], Field(min_length=1)]] = {}
    leave_out: dict[str, Value | Annotated[tuple[Value, ...], Field(min_length=1)]] = {}
    filled: tuple[ColumnName, ...] = ()
    long: LongForm | None = None
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    encoding: str | None = None
    sheet: str | None = Field(default=None, min_length=1)
    header: RowNumber | Annotated[tuple[RowNumber, ...], Field(min_length=1, max_length=5)] | None = None
    answers: RowNumber | None = None
    obtain: str = "give its path with --panel"

    @model_validator(mode="after")
    def _one_source(self) -> PanelSource:
        if self.package is not None and self.file is not None:
            raise ValueError("a file or a package, not both")
        if (self.package is None) != (self.item is None):
            raise ValueError("package and item together, or neither")
        return self

    @model_validator(mode="after")
    def _rows_in_order(self) -> PanelSource:
        rows = self.layout.header_rows
        if any(after <= before for before, after in itertools.pairwise(rows)):
            raise ValueError("header: the rows of the names from top to bottom")
        if self.answers is not None and (not rows or self.answers <= rows[-1]):
            raise ValueError("answers: a row below that of the names, which header says")
        return self

    @field_validator("encoding")
    @classmethod
    def _known(cls, encoding: str | None) -> str | None:
        if encoding is not None and not known_encoding(encoding):
            raise ValueError("a text encoding such as utf-8 or gbk")
        return encoding

    @field_validator("delimiter")
    @classmethod
    def _between_fields(cls, delimiter: str) -> str:
        if not delimiter.isascii() or delimiter.isalnum() or delimiter in "\"'\r\n\0.-+":
            raise ValueError("a sign such as , or ; or \\t")
        return delimiter

    @property
    def layout(self) -> Layout:
        """How the panel's file is laid out."""
        return Layout(self.delimiter, self.encoding, self.sheet, self.header, self.answers)


class DeriveRule(_Table):
    """One rule of [derive.NAME]: ``value`` where ``column`` is at least ``at_least``, or one of ``one_of``."""

    column: str
    value: str
    at_least: Real | None = Field(default=None, allow_inf_nan=False)
    one_of: tuple[Value, ...] = ()

    @model_validator(mode="after")
    def _one_condition(self) -> DeriveRule:
        if (self.at_least is None) == (not self.one_of):
            raise ValueError("one condition: at_least or one_of")
        return self


class DerivedColumn(_Table):
    """[derive.NAME]: a column of the panel made from others.

    The first rule that holds gives the value, ``otherwise`` where none does (nothing without it). A row in which a
    column is empty before a rule holds has no value.
    """

    first: tuple[DeriveRule, ...] = Field(min_length=1)
    otherwise: str | None = None


class Level(_Table):
    """A stage or segment level: its value in the panel and its names."""

    value: LevelValue
    zh: Title
    en: Title


class Stages(_Table):
    """[stages]: the life stages in order, or segments without one.

    Stages follow each other in the order of ``levels`` or of ``order`` (values of the panel), or in that of the value
    labels of the file; with ``ordered = false``, or where nothing gives an order, they are segments.
    """

    ordered: bool | None = None
    levels: tuple[Level, ...] = ()
    order: tuple[LevelValue, ...] = ()


class Periods(_Table):
    """[periods]: what the periods are, which are read, which train and which one tests the model.

    ``kind``: "year", "quarter", "month" or "wave" (numbers in order, one step apart). A period is named by its code
    (2017, 20174, 202012) or as the panel writes it ("2017Q4").
    """

    kind: Literal["year", "quarter", "month", "wave"] | None = None
    use: tuple[Value, ...] = ()
    train: tuple[Value, ...] = ()
    test: Value | None = None


class DimensionTable(_Table):
    """[dimensions.NAME]: names and nominal weight of a dimension."""

    weight: Real | None = Field(default=None, gt=0, le=1)
    zh: Title
    en: Title


class IndicatorTable(_Table):
    """[indicators]: file of the indicators and the scale of their answers."""

    file: str
    scale: tuple[Real, Real] = (1, 5)


class OutcomeTable(_Table):
    """[outcomes.NAME]: column, kind and range; the first outcome is the primary one. reversed: less is better."""

    column: ColumnName
    kind: str
    range: tuple[Real, Real] | None = None
    reversed: bool = False
    zh: Title
    en: Title

    @field_validator("kind")
    @classmethod
    def _known(cls, kind: str) -> str:
        if kind not in OUTCOME_KINDS:
            raise ValueError("one of " + ", ".join(OUTCOME_KINDS))
        return kind


class Files(_Table):
    """[files]: optional parts of the evaluation model, rows of :data:`~maternal_eval.study.tables.TABLE_KINDS`.

    The tables that this project knows by name stand here; a further row needs no field.
    """

    model_config = ConfigDict(extra="allow", frozen=True)
    __pydantic_extra__: dict[str, str | None]

    experts: str | None = None
    kano: str | None = None
    kano_columns: str | None = None
    claims: str | None = None
    checks: str | None = None
    platform_log: str | None = None
    triangulation: str | None = None
    topics: str | None = None

    @property
    def named(self) -> dict[str, str]:
        """The files that study.toml names: table → file."""
        return {name: file for name, file in self.model_dump().items() if file is not None}


class DisclosureTable(_Table):
    """[disclosure]: what protects respondents in everything that is printed, written, stored or drawn.

    A cell with fewer than ``minimum`` answers is not shown. Columns that name a person (telephone numbers, e-mail
    addresses, …) are dropped or refused unless ``keep`` names them on purpose.
    """

    minimum: StrictInt = Field(default=10, ge=1, le=1000)
    keep: tuple[str, ...] = ()


class WordTable(_Table):
    """[words.NAME]: a word in both languages; its English plural and the word in full where these are others."""

    en: Title
    zh: Title
    plural: Title | None = None
    full_en: Title | None = None
    full_zh: Title | None = None


class WordsTable(_Table):
    """[words]: what the study calls its stages, its platforms (hospitals, airports, shops), respondents and answers."""

    stage: WordTable | None = None
    platform: WordTable | None = None
    respondent: WordTable | None = None
    answer: WordTable | None = None


class PaperTable(_Table):
    """[paper]: folders of the texts and the notebooks, and the studies that appear beside this one.

    ``evidence`` is a table of what these say about published claims (:mod:`maternal_eval.app.real_evidence`).
    """

    texts: str
    notebooks: str
    companions: tuple[str, ...] = ()
    evidence: str | None = None


class StudyDefinition(_Table):
    """Everything that one study.toml says.

    ``recode`` says what answers mean (:mod:`~maternal_eval.study.recoding.declared`), ``derive`` makes columns from
    others; ``analysis`` maps the name of an analysis → what the study sets for it, whose keys the analysis checks;
    ``model`` holds what several analyses share (:mod:`~maternal_eval.study.model_settings`).
    """

    study: Titles
    panel: PanelSource = PanelSource()
    counts: CountColumns = CountColumns()
    recode: Recoding = Recoding()
    derive: dict[str, DerivedColumn] = {}
    columns: Columns = Columns()
    stages: Stages = Stages()
    periods: Periods = Periods()
    dimensions: dict[Key, DimensionTable] = {}
    indicators: IndicatorTable | None = None
    outcomes: dict[Key, OutcomeTable] = {}
    files: Files = Field(default_factory=lambda: Files.model_validate({}))
    disclosure: DisclosureTable = DisclosureTable()
    words: WordsTable = WordsTable()
    model: dict[str, Any] = {}
    analysis: dict[str, dict[str, Any]] = {}
    paper: PaperTable | None = None

    @model_validator(mode="before")
    @classmethod
    def _one_door(cls, content: Any) -> Any:
        return in_one_place(content) if isinstance(content, dict) else content

    def title(self, language: str) -> str:
        """Return the study's title in ``language`` ("zh" or "en")."""
        return self.study.zh if language == "zh" else self.study.en

    @property
    def called(self) -> Words:
        """The words of the study, the usual ones where it says nothing; without stages there are groups."""
        given = {name: getattr(self.words, name) for name in WordsTable.model_fields}
        words = {name: Word(**table.model_dump(exclude_none=True)) for name, table in given.items() if table}
        if self.columns.stage is None and not self.stages.levels and self.panel.kind != "shares":
            words.setdefault("stage", GROUP)
        return Words(**words)


GROUP = Word("group", "组别")
"""What a stage is called in a study that has none: everybody is one group."""


def read_definition(folder: Path) -> StudyDefinition:
    """Read ``folder/study.toml``.

    Raises
    ------
    InputError
        If there is no such file, it is no TOML, or a key is unknown, missing or of the wrong kind.
    """
    path = folder / FILE_NAME
    if not path.is_file():
        raise InputError(
            "this is no study folder",
            file=folder,
            found=f"no {FILE_NAME}",
            expected=f"a folder with {FILE_NAME}",
        )
    try:
        content = tomllib.loads(read_text(regular_file(path, FILE_NAME))[0])
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise InputError("this is no valid TOML", file=path, found=str(error)) from None
    except ValueError:
        # Python reads no whole number beyond 4,300 digits, and its sentence names a function of Python's.
        raise InputError("a number is too long", file=path, expected="numbers of at most 4,300 digits") from None
    problems = Problems()
    for key in _not_finite(content):
        problems.add("no number", file=path, column=key, found="inf or nan", expected="a finite number")
    problems.refuse()
    try:
        definition = StudyDefinition.model_validate(content)
    except ValidationError as errors:
        for one in errors.errors():
            unknown = one["type"] == "extra_forbidden"
            problems.add(
                "unknown key" if unknown else "wrong or missing entry",
                file=path,
                column=place_of(one["loc"], content),
                found=None if one["type"] == "missing" else repr(one["input"]),
                expected="a known key" if unknown else one["msg"].removeprefix("Value error, "),
            )
        problems.refuse()
    for name, file in (definition.files.model_extra or {}).items():
        if name not in TABLE_KINDS:
            problems.add("unknown key", file=path, column=f"files.{name}", found=repr(file), expected="a known key")
    problems.refuse()
    return definition


def _not_finite(content: object, key: str = "") -> Iterator[str]:
    """Yield the keys of all numbers that are infinite or none."""
    if isinstance(content, float) and not math.isfinite(content):
        yield key
    elif isinstance(content, dict):
        for name, entry in content.items():
            yield from _not_finite(entry, f"{key}.{name}" if key else str(name))
    elif isinstance(content, list):
        for position, entry in enumerate(content):
            yield from _not_finite(entry, f"{key}.{position}")
