"""A study: everything that one folder says, read and checked once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pandas as pd

from maternal_eval.core.errors import InputError, Problems
from maternal_eval.core.remarks import Remark, each_once
from maternal_eval.core.words import Words
from maternal_eval.study.absent import AbsentPart, absent_columns
from maternal_eval.study.coherence import check_coherence
from maternal_eval.study.count_rules import check_count_columns, rules_for_reading
from maternal_eval.study.definition import FILE_NAME, StudyDefinition, read_definition
from maternal_eval.study.evaluation_model import OUTCOME_KINDS, Dimension, EvaluationModel, Indicator, Outcome, Stage
from maternal_eval.study.fingerprint import fingerprint
from maternal_eval.study.identifying import without_identifiers
from maternal_eval.study.kano_columns import kano_answers, kano_rules, read_kano_columns
from maternal_eval.study.kinds import used_periods, with_kinds, with_period_codes
from maternal_eval.study.large import counted_in_file, counted_panel, stages_of, with_recoding
from maternal_eval.study.model_settings import ModelSettings, read_model_settings
from maternal_eval.study.oddities import check_segments, oddities
from maternal_eval.study.orientation import oriented_frame
from maternal_eval.study.panel import RawPanel, Tallied, check_panel
from maternal_eval.study.panel.contract import ColumnRule
from maternal_eval.study.panel.likeness import alike_remarks
from maternal_eval.study.panel.warehouse import WarehousePanel, panel_at
from maternal_eval.study.periods import Timeline
from maternal_eval.study.preparation import columns_prepared, read_prepared, refuse_prepared
from maternal_eval.study.read_counts import counts_of
from maternal_eval.study.rules import answer_labels, panel_rules
from maternal_eval.study.stages import Stages, read_stages, with_stages
from maternal_eval.study.tables import TABLE_KINDS, read_indicators, read_table
from maternal_eval.study.used_rows import rows_used
from maternal_eval.study.validity import check_validity


@dataclass(frozen=True)
class Study:
    """Everything that one study folder says, read and checked once.

    ``fingerprint`` is a hash over the content of every file that was read (the panel's included): two studies with
    the same fingerprint are the same data.

    The panel has canonical columns: ``respondent``, ``period``, ``quarter``, ``stage``, ``platform``, ``weight`` and
    the segments (those that the study has), one column per indicator named by its code and one per outcome named by
    its name, as ``float64`` with NaN for what was not answered or not asked. All of these stand on the user's scale, as
    they were answered; :meth:`oriented` gives them with larger-is-better. A panel of counts or shares, and one with
    more than :data:`maternal_eval.study.panel.LARGEST_READ` rows, has no rows: it is ``counted``,
    :mod:`maternal_eval.study.counts` counts its answers, and whoever asks for its rows is refused with one sentence.

    ``periods`` are codes that sort by time; ``timeline`` knows their distances and how the study writes them.

    ``stages_ordered`` says whether the stages follow each other; else they are segments, and no model may take their
    order for anything.

    ``answer_labels`` is indicator or outcome → number → what the file calls that answer (words that study.toml turned
    into numbers, labels of SPSS and Stata files): numbers are for computing, these for reading.

    ``model_settings`` is what several analyses share, from ``[model]`` of study.toml.

    ``remarks`` holds what was left out, guessed, recoded or merged when the study was read: every verb prints it after
    its own remarks, and every result that carries remarks carries these too.
    """

    folder: Path
    definition: StudyDefinition
    panel: pd.DataFrame
    panel_source: str
    fingerprint: str
    model: EvaluationModel
    outcomes: dict[str, Outcome]
    stage_levels: tuple[Stage, ...]
    periods: tuple[int, ...]
    tables: dict[str, pd.DataFrame] = field(repr=False)
    absent: tuple[AbsentPart, ...] = ()
    counted: Tallied | None = field(default=None, repr=False)
    rules: tuple[ColumnRule, ...] = field(default=(), repr=False)
    remarks: tuple[Remark, ...] = field(default=(), repr=False)
    timeline: Timeline = field(default=Timeline(), repr=False)
    stages_ordered: bool = False
    answer_labels: dict[str, dict[float, str]] = field(default_factory=dict, repr=False)
    model_settings: ModelSettings = field(default_factory=ModelSettings)

    @classmethod
    def read(cls, folder: str | Path, panel: str | Path | WarehousePanel | None = None) -> Study:
        """Read the study in ``folder``; ``panel`` replaces the panel file that study.toml names.

        A pattern (``year=*/*.parquet``) or an address (``s3://…``) is counted where it lies, as is a table that another
        engine holds (:class:`~maternal_eval.study.panel.warehouse.WarehousePanel`).

        Raises
        ------
        InputError
            At the first slip in any file: file, row, column, what was found and what was expected.
        """
        return _read_study(Path(folder), panel_at(panel))

    @property
    def name(self) -> str:
        """Short name of the study, fit for a file name."""
        return self.definition.study.name

    @property
    def simulated(self) -> bool:
        """Whether the panel is simulated: then every result on it has to say so."""
        return self.definition.study.simulated

    @property
    def words(self) -> Words:
        """What the study calls its stages, platforms, respondents and answers."""
        return self.definition.called

    def title(self, language: str) -> str:
        """Return the title in ``language`` ("zh" or "en")."""
        return self.definition.title(language)

    @property
    def stages(self) -> tuple[str, ...]:
        """Names of the stages, in order; empty if the study has none."""
        return tuple(stage.name for stage in self.stage_levels)

    @property
    def train_periods(self) -> tuple[int, ...]:
        """Periods that the main backtest learns from."""
        return tuple(self.timeline.code(period) for period in self.definition.periods.train)

    @property
    def test_period(self) -> int | None:
        """Period that the main backtest predicts; None if the study names none."""
        test = self.definition.periods.test
        return None if test is None else self.timeline.code(test)

    @property
    def segments(self) -> tuple[str, ...]:
        """Names of the segment columns."""
        return self.definition.columns.segments

    @property
    def has_platforms(self) -> bool:
        """Whether answers belong to platforms."""
        return "platform" in self.panel

    @property
    def primary_outcome(self) -> Outcome:
        """The first outcome of study.toml: overall satisfaction.

        Raises
        ------
        InputError
            If the study has no outcome.
        """
        if not self.outcomes:
            raise InputError("the study has no outcome", file=self.folder / FILE_NAME, expected="[outcomes.NAME]")
        return next(iter(self.outcomes.values()))

    @property
    def experts(self) -> pd.DataFrame | None:
        """Pairwise judgements (expert, round, set, row, column, judgement), or None."""
        return self.tables.get("experts")

    @property
    def kano_answers(self) -> pd.DataFrame | None:
        """Kano answer pairs (respondent, stage if known, indicator, functional, dysfunctional), or None.

        ``indicator`` names what was asked about: an indicator, or an element of :attr:`kano_columns`.
        """
        return self.tables.get("kano")

    @property
    def kano_columns(self) -> pd.DataFrame | None:
        """Which columns of the panel hold Kano answers (element, functional, dysfunctional, indicator), or None."""
        return self.tables.get("kano_columns")

    @property
    def claims(self) -> pd.DataFrame | None:
        """Ledger of published figures, or None."""
        return self.tables.get("claims")

    @property
    def platform_log(self) -> pd.DataFrame | None:
        """Monthly log by platform and stage, or None."""
        return self.tables.get("platform_log")

    @property
    def triangulation(self) -> pd.DataFrame | None:
        """Records of three sources on one thing, or None."""
        return self.tables.get("triangulation")

    def oriented(self, codes: Sequence[str] | None = None, panel: pd.DataFrame | None = None) -> pd.DataFrame:
        """Return answers to indicators with larger-is-better: of mirrored kinds low + high - answer.

        Composites, values, stars and whatever compares or adds up indicators take these; tables, scenarios and figures
        that name an answer take :attr:`panel`. Say what was turned round with
        :func:`~maternal_eval.study.orientation.turned_remark`.

        Parameters
        ----------
        codes
            Indicators, in the order of the columns; all of the model if not given.
        panel
            Rows of the panel to take instead of all.

        Returns
        -------
        pandas.DataFrame
            Rows × codes, float64, each on its own scale; NaN where not answered.
        """
        entries = [self.model.indicator(code) for code in (self.model.codes if codes is None else codes)]
        return oriented_frame(self.panel if panel is None else panel, entries)

    def settings(self, analysis: str) -> dict[str, Any]:
        """Return the table ``[analysis.NAME]`` of study.toml: what this study sets for an analysis."""
        return dict(self.definition.analysis.get(analysis, {}))


def _read_study(folder: Path, given: Path | WarehousePanel | None) -> Study:
    panel = given if isinstance(given, Path) else None
    definition = read_definition(folder)
    said: list[Remark] = []
    model = _read_model(folder, definition, said)
    outcomes = {
        name: Outcome(
            name=name,
            column=table.column,
            kind=table.kind,
            low=table.range[0] if table.range else OUTCOME_KINDS[table.kind].default_low,
            high=table.range[1] if table.range else OUTCOME_KINDS[table.kind].default_high,
            name_zh=table.zh,
            name_en=table.en,
            reversed=table.reversed,
        )
        for name, table in definition.outcomes.items()
    }
    problems = Problems()
    check_coherence(folder, definition, model, outcomes, problems)
    check_count_columns(folder, definition, problems)
    shared = read_model_settings(folder, definition.model, problems)
    tables, absent = _read_tables(folder, definition, model, said, problems)
    rules = panel_rules(definition, model, outcomes)
    kano = kano_rules(tables.get("kano_columns"))
    holds_counts = definition.panel.kind != "answers"
    of_file = rules_for_reading(definition, rules) if holds_counts else rules + kano
    needed = [*(rule.source for rule in of_file), *columns_prepared(definition)]
    in_file = counted_panel(folder, definition, given, len(set(needed)))
    read: RawPanel | None = None
    with problems.gathered():
        if in_file is None:
            read = read_prepared(folder, definition, panel, needed, of_file)
        else:
            refuse_prepared(folder, definition)
            in_file = with_recoding(folder, definition, in_file, of_file)
            read = stages_of(in_file, definition, needed)
    if read is None:
        problems.refuse()
    raw = cast(RawPanel, read)
    with problems.gathered():
        raw = without_identifiers(folder, definition, raw, panel, needed)
    stages = Stages((), False, ())
    with problems.gathered():
        stages = read_stages(folder, definition, raw)
    rules = [with_stages(rule, stages.levels) if rule.name == "stage" else rule for rule in rules]
    frame: Any = None
    odd: list[Remark] = []
    counted: Tallied | None = None
    with problems.gathered():
        if holds_counts:
            problems.refuse()
            counted, frame, periods, timeline, left_out = counts_of(folder, definition, raw, rules, model)
        elif in_file is None:
            raw, timeline = with_period_codes(raw, definition)
            frame = check_panel(raw, rules + kano)
            problems.refuse()  # where names collide, columns are not what they seem
            periods = used_periods(folder, definition, timeline) if "period" in frame else ()
            frame, left_out = rows_used(definition, raw, frame, periods)
            frame = with_kinds(definition, frame, [stage.name for stage in stages.levels], stages.ordered)
            check_validity(folder, definition, model, frame, timeline)
            check_segments(frame, definition.columns, raw.source)
            odd = oddities(frame, model, outcomes, raw.source)
            if "kano_columns" in tables:
                frame, tables["kano"] = kano_answers(frame, tables["kano_columns"])
        else:
            counted, frame, periods, timeline, left_out = counted_in_file(folder, definition, in_file, rules)
    problems.refuse()
    alike = _alike(definition, rules, frame, counted)
    return Study(
        folder=folder,
        definition=definition,
        panel=frame,
        panel_source=raw.source,
        fingerprint=fingerprint(folder, definition, given, [rule.source for rule in rules]),
        model=model,
        outcomes=outcomes,
        stage_levels=stages.levels,
        stages_ordered=stages.ordered,
        periods=periods,
        tables=tables,
        absent=tuple(absent_columns(definition) + absent),
        counted=counted,
        rules=tuple(rules),
        remarks=tuple(each_once((*said, *raw.remarks, *left_out, *stages.remarks, *alike, *odd))),
        timeline=timeline,
        answer_labels=answer_labels(raw, rules),
        model_settings=shared,
    )


def _alike(
    definition: StudyDefinition, rules: Sequence[ColumnRule], frame: Any, counted: Tallied | None
) -> list[Remark]:
    """Return the remarks on codes of stages, platforms and segments that a person would hardly tell apart."""
    said: list[Remark] = []
    named = ("stage", "platform", *definition.columns.segments)
    for rule in rules:
        if rule.name in named and not rule.numeric and rule.name in frame:
            codes = frame[rule.name] if counted is None else counted.tally([rule])[rule.name]
            said += alike_remarks(rule.source, map(str, codes.dropna().unique()))
    return said


def _read_model(folder: Path, definition: StudyDefinition, said: list[Remark]) -> EvaluationModel:
    indicators: tuple[Indicator, ...] = ()
    if definition.indicators is not None:
        indicators = read_indicators(
            folder / definition.indicators.file,
            definition.indicators.scale,
            list(definition.dimensions),
            definition.panel.encoding,
            said,
        )
    named = {name: Dimension(name, table.weight, table.zh, table.en) for name, table in definition.dimensions.items()}
    for indicator in indicators:
        own = indicator.dimension
        zh, en = ("总体", "Overall") if own == "overall" else (own, own)
        named.setdefault(own, Dimension(own, None, zh, en))
    used = {indicator.dimension for indicator in indicators}
    empty = [name for name in named if name not in used]
    if indicators and empty:
        raise InputError(
            "the dimension has no indicator",
            file=folder / FILE_NAME,
            column=f"dimensions.{empty[0]}",
            expected="at least one indicator",
        )
    return EvaluationModel(indicators, tuple(named.values()) if indicators else ())


def _read_tables(
    folder: Path, definition: StudyDefinition, model: EvaluationModel, said: list[Remark], problems: Problems
) -> tuple[dict[str, pd.DataFrame], list[AbsentPart]]:
    tables: dict[str, pd.DataFrame] = {}
    absent = []
    for kind in TABLE_KINDS.values():
        file = definition.files.named.get(kind.name)
        if file is not None:
            with problems.gathered():
                tables[kind.name] = read_table(kind, folder / file, definition.panel.encoding, said)
        elif kind.without_en:
            absent.append(AbsentPart(f"files.{kind.name}", *definition.called.pair(kind.without_en, kind.without_zh)))
    if "kano_columns" in tables:
        if "kano" in tables:
            problems.add(
                "Kano answers stand in two places",
                file=folder / FILE_NAME,
                column="files",
                found="kano and kano_columns",
                expected="one of the two",
            )
        columns = tables.pop("kano_columns")
        with problems.gathered():
            tables["kano_columns"] = read_kano_columns(columns, folder / str(definition.files.kano_columns), model)
        absent = [part for part in absent if part.part != "files.kano"]
    return tables, absent
