"""Definitions that cannot be: names that collide, one column in two parts, impossible scales and weights."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

from maternal_eval.core.errors import Problems
from maternal_eval.core.printable import quoted
from maternal_eval.study.definition import FILE_NAME, StudyDefinition
from maternal_eval.study.evaluation_model import DIMENSIONS, INDICATOR_KINDS, OUTCOME_KINDS, EvaluationModel, Outcome
from maternal_eval.study.names import LONGEST_KEY, is_showable

CANONICAL = ("respondent", "period", "quarter", "stage", "platform", "weight")
"""Columns of :attr:`Study.panel` that the study's columns become."""

RESERVED = (*CANONICAL, DIMENSIONS, "all", "total", "rows", "counted", "weight_squares", "answer", "cell")
"""Names that mean something in panels, tallies and results; nothing else may be called so."""

MOST_CATEGORIES = 101
"""Categories of an ordered outcome: one more than percentages need."""

MOST_STEPS = 1001
"""Answers on the scale of a rated indicator."""

LARGEST_NUMBER = 1e12
"""Largest end of any scale."""

MOST_INDICATORS = 1000
MOST_STAGES = 100


def check_coherence(
    folder: Path,
    definition: StudyDefinition,
    model: EvaluationModel,
    outcomes: dict[str, Outcome],
    problems: Problems,
) -> None:
    """Gather everything in a definition that cannot be, each with the key of study.toml where it stands."""
    file = folder / FILE_NAME
    if not outcomes and definition.indicators is None:
        problems.add("nothing to evaluate", file=file, expected="[indicators] or at least one [outcomes.NAME]")
    _check_names(file, folder, definition, model, problems)
    _check_roles(file, definition, model, outcomes, problems)
    _check_scales(file, folder, definition, model, outcomes, problems)
    _check_dimension_weights(file, definition, problems)
    _check_indicator_weights(folder, definition, model, problems)
    _check_stages(file, definition, problems)
    _check_periods(file, definition, problems)


def _check_names(
    file: Path, folder: Path, definition: StudyDefinition, model: EvaluationModel, problems: Problems
) -> None:
    taken: dict[str, str] = {}
    indicator_file = folder / (definition.indicators.file if definition.indicators else FILE_NAME)
    named = [(f"outcome {name}", name, file, f"outcomes.{name}") for name in definition.outcomes]
    named += [(f"segment {name}", name, file, "columns.segments") for name in definition.columns.segments]
    named += [(f"cluster {name}", name, file, "columns.clusters") for name in definition.columns.clusters]
    named += [(f"dimension {name}", name, file, f"dimensions.{name}") for name in definition.dimensions]
    named += [(f"indicator {code}", code, indicator_file, "code") for code in model.codes]
    undeclared = {dimension.name for dimension in model.dimensions} - {*definition.dimensions, "overall"}
    named += [(f"dimension {name}", name, indicator_file, "dimension") for name in sorted(undeclared)]
    for what, name, where, column in named:
        expected = "a name of its own: rename one of the two"
        if name in RESERVED:
            problems.add(
                f"{quoted(what)} has a name that means something else in the panel",
                file=where,
                column=column,
                found=name,
                expected="another name than " + ", ".join(RESERVED),
            )
        elif name in taken:
            problems.add(
                f"{quoted(what)} is called like {quoted(taken[name])}",
                file=where,
                column=column,
                found=name,
                expected=expected,
            )
        elif not is_showable(name) or len(name) > LONGEST_KEY:
            problems.add(
                "the name cannot be shown",
                file=where,
                column=column,
                found=name,
                expected=f"at most {LONGEST_KEY} signs in one line, without control signs",
            )
        taken.setdefault(name, what)
    if len(model.codes) > MOST_INDICATORS:
        problems.add(
            "too many indicators", file=indicator_file, found=len(model.codes), expected=f"at most {MOST_INDICATORS}"
        )
    for one in model.indicators:
        for text in (one.name_zh, one.name_en):
            if not is_showable(text) or len(text) > 2 * LONGEST_KEY:
                problems.add(
                    f"the name of indicator {quoted(one.code)} cannot be shown",
                    file=indicator_file,
                    column="name_zh, name_en",
                    found=text,
                    expected=f"at most {2 * LONGEST_KEY} signs in one line, without control signs",
                )


def _check_roles(
    file: Path, definition: StudyDefinition, model: EvaluationModel, outcomes: dict[str, Outcome], problems: Problems
) -> None:
    columns = definition.columns
    roles = [(getattr(columns, name), f"columns.{name}") for name in CANONICAL]
    roles += [(columns.source(segment), "columns.segments") for segment in columns.segments]
    roles += [(cluster, "columns.clusters") for cluster in columns.clusters]
    roles += [(one.column, f"outcomes.{one.name}.column") for one in outcomes.values()]
    roles += [(one.column, f"indicator {one.code}") for one in model.indicators]
    first: dict[str, str] = {}
    for column, role in roles:
        if column is None:
            continue
        if column in first:
            problems.add(
                "one column of the panel has two parts",
                file=file,
                column=role,
                found=f"column {quoted(column)}, which is {quoted(first[column])} already",
                expected="each column in one part",
            )
        first.setdefault(column, role)


def _check_scales(
    file: Path,
    folder: Path,
    definition: StudyDefinition,
    model: EvaluationModel,
    outcomes: dict[str, Outcome],
    problems: Problems,
) -> None:
    for one in outcomes.values():
        kind = OUTCOME_KINDS[one.kind]
        place = f"outcomes.{one.name}.range"
        for problem, found, expected in _scale_problems(one.low, one.high, kind.whole, MOST_CATEGORIES):
            problems.add(problem, file=file, column=place, found=found, expected=expected)
        if kind.fixed and (one.low, one.high) != (kind.default_low, kind.default_high):
            problems.add(
                f"a {one.kind} outcome has a scale of its own",
                file=file,
                column=place,
                found=f"{one.low:g} to {one.high:g}",
                expected=f"{kind.default_low:g} to {kind.default_high:g}",
                mend=f'kind = "ordinal" in [outcomes.{one.name}]',
            )
    own = definition.indicators.scale if definition.indicators else (1.0, 5.0)
    told = set()
    for indicator in model.indicators:
        whole = INDICATOR_KINDS[indicator.kind].whole
        for problem, found, expected in _scale_problems(indicator.low, indicator.high, whole, MOST_STEPS):
            declared = (indicator.low, indicator.high) == own
            if declared and (problem, found) in told:
                continue
            told.add((problem, found))
            problems.add(
                problem if declared else f"{problem} (indicator {quoted(indicator.code)})",
                file=file if declared or definition.indicators is None else folder / definition.indicators.file,
                column="indicators.scale" if declared else "low, high",
                found=found,
                expected=expected,
            )


def _scale_problems(low: float | None, high: float | None, whole: bool, most: int) -> Iterator[tuple[str, str, str]]:
    ends = [end for end in (low, high) if end is not None]
    found = " to ".join(f"{end:g}" for end in ends)
    if not all(math.isfinite(end) and abs(end) <= LARGEST_NUMBER for end in ends):
        yield "the scale has no end", found, f"finite numbers, at most {LARGEST_NUMBER:g}"
        return
    if low is None or high is None:
        return
    if low >= high:
        yield "the scale runs backwards", found, "a smaller number first"
        return
    if not whole:
        return
    if low != round(low) or high != round(high):
        yield "the scale of whole answers has broken ends", found, "whole numbers"
    elif high - low + 1 > most:
        yield "the scale is too long", found, f'at most {most:,} different answers, or kind "measure" or "continuous"'


def _check_dimension_weights(file: Path, definition: StudyDefinition, problems: Problems) -> None:
    weights = {name: table.weight for name, table in definition.dimensions.items() if table.weight is not None}
    if not weights:
        return
    without = [name for name in definition.dimensions if name not in weights]
    for name in without:
        problems.add(
            "a dimension has no weight",
            file=file,
            column=f"dimensions.{name}.weight",
            expected="a weight, since others have one",
        )
    total = sum(weights.values())
    if not without and abs(total - 1.0) > 1e-6:
        listed = " + ".join(f"{weight:g}" for weight in weights.values())
        problems.add(
            "the dimension weights do not add up",
            file=file,
            column="dimensions.*.weight",
            found=f"{listed} = {total:g}",
            expected="a sum of 1",
        )


def _check_indicator_weights(
    folder: Path, definition: StudyDefinition, model: EvaluationModel, problems: Problems
) -> None:
    """Refuse weights that some dimensions give their indicators and others do not; within one the reader sees to it."""
    if definition.indicators is None:
        return
    for one in model.indicators:
        if one.weight is not None and not one.weight > 0:
            problems.add(
                f"the weight of indicator {one.code} is not positive",
                file=folder / definition.indicators.file,
                column="weight",
                found=f"{one.weight:g}",
                expected="a number above 0; leave out the indicator if it does not count",
            )
    given = {one.dimension for one in model.indicators if one.weight is not None}
    sizes = {name: sum(one.dimension == name for one in model.indicators) for name in model.dimension_of.unique()}
    without = [name for name, size in sizes.items() if name not in given and size > 1]
    if given and without:
        problems.add(
            f"the indicators of dimension {without[0]} have no weights, those of {sorted(given)[0]} have",
            file=folder / definition.indicators.file,
            column="weight",
            expected="weights in every dimension of two or more indicators, or in none",
        )


def _check_periods(file: Path, definition: StudyDefinition, problems: Problems) -> None:
    periods = definition.periods
    for name, listed in (("use", periods.use), ("train", periods.train)):
        twice = sorted({str(one) for one in listed if listed.count(one) > 1})
        if twice:
            problems.add("a period stands twice", file=file, column=f"periods.{name}", found=", ".join(twice))
    if definition.columns.period is None and any((periods.kind, periods.use, periods.train, periods.test is not None)):
        problems.add(
            "there are periods, but no column says which answer belongs to which",
            file=file,
            column="columns.period",
            found="none",
            mend='period = "COLUMN" in [columns]',
        )


def _check_stages(file: Path, definition: StudyDefinition, problems: Problems) -> None:
    stages = definition.stages
    for name, listed in (
        ("levels", [str(level.value) for level in stages.levels]),
        ("order", [*map(str, stages.order)]),
    ):
        twice = sorted({value for value in listed if listed.count(value) > 1})
        if twice:
            problems.add("a stage stands twice", file=file, column=f"stages.{name}", found=", ".join(twice))
        if len(listed) > MOST_STAGES:
            problems.add(
                "too many stages",
                file=file,
                column=f"stages.{name}",
                found=len(listed),
                expected=f"at most {MOST_STAGES}",
            )
    if stages.order and stages.levels:
        problems.add(
            "the order of the stages is declared twice",
            file=file,
            column="stages.order",
            found="levels and order",
            expected="levels in their order, or order alone",
        )
    if stages.order and stages.ordered is False:
        problems.add(
            "the stages have an order and have none",
            file=file,
            column="stages.ordered",
            found="false and order",
            expected="one of the two",
        )
    if (stages.levels or stages.order) and definition.columns.stage is None:
        problems.add(
            "there are stages, but no column says which answer belongs to which",
            file=file,
            column="columns.stage",
            found="none",
            mend='stage = "COLUMN" in [columns]',
        )
    for value in (str(level.value) for level in stages.levels):
        if value in ("all", "total"):
            problems.add(
                "a stage has a name that stands for all stages together", file=file, column="stages.levels", found=value
            )
