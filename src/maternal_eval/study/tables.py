"""The small tables of a study folder: indicators, expert judgements, Kano answers, logs, published figures."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from maternal_eval.core.errors import InputError
from maternal_eval.core.remarks import Remark
from maternal_eval.study.evaluation_model import INDICATOR_KINDS, KANO_CLASSES, Indicator, Moment
from maternal_eval.study.panel.contract import ColumnRule, check_panel
from maternal_eval.study.panel.header import Layout
from maternal_eval.study.panel.limits import MOST_INDICATORS
from maternal_eval.study.panel.raw import RawPanel
from maternal_eval.study.panel.reading import read_panel


@dataclass(frozen=True)
class TableKind:
    """An optional table of a study: its columns and what cannot be computed without it (empty: nothing).

    ``may_hold`` are columns that the table may lack, held to their rules where it has them. ``note_en`` and ``note_zh``
    say of a table that is there what it is not used for, where that could be thought.
    """

    name: str
    rules: tuple[ColumnRule, ...]
    without_en: str
    without_zh: str
    note_en: str = ""
    note_zh: str = ""
    may_hold: tuple[ColumnRule, ...] = ()


def _text(name: str) -> ColumnRule:
    return ColumnRule(name, name, numeric=False, required=True)


def _number(name: str, low: float | None = None, high: float | None = None, whole: bool = False) -> ColumnRule:
    return ColumnRule(name, name, low=low, high=high, whole=whole, required=True)


# Whether a judgement is on Saaty's scale is for the weighting to say, with expert, round and cell.
_EXPERTS = [
    _text("expert"),
    _number("round", 1, whole=True),
    *map(_text, ("set", "row", "column")),
    _number("judgement"),
]
_KANO = [*map(_text, ("respondent", "indicator")), *(_number(n, 1, 5, True) for n in ("functional", "dysfunctional"))]
_LOG = [
    *map(_text, ("month", "platform", "stage")),
    *(_number(name, 0) for name in ("promised_response_minutes", "actual_response_minutes")),
    *(_number(name, 0, whole=True) for name in ("enquiries", "orders", "repurchases", "returns", "posts", "replies")),
]
SOURCES = ("self_report", "service_record", "third_party")
"""Columns of the triangulation records that need no setting: a file may lack some of them, and a record a reading."""

TABLE_KINDS = {
    kind.name: kind
    for kind in (
        TableKind(
            "experts",
            tuple(_EXPERTS),
            "no expert judgements: indicator weights are equal inside each dimension, with no consistency ratio",
            "没有专家判断：各维度内指标等权，且无法计算一致性比率",
        ),
        TableKind(
            "kano",
            tuple(_KANO),
            "no Kano answers: the Kano classes of the indicators are taken as given and not checked",
            "没有卡诺问卷答案：指标的卡诺类别按给定值采用，不作检验",
        ),
        TableKind(
            "kano_columns",
            tuple(map(_text, ("element", "functional", "dysfunctional"))),
            # Another place for the same answers: its absence is told once, with "kano".
            "",
            "",
        ),
        TableKind(
            "claims",
            (_text("id"),),
            "no published figures: nothing to audit",
            "没有已发表数字的台账：无从审核",
        ),
        TableKind(
            "platform_log",
            tuple(_LOG),
            "no {platform} log: no item is held against what was logged, and the what-if can change answers, but no "
            "operation such as the time to reply",
            "没有{platform}日志：无法以日志核对指标，假设情景也只能改变答案，不能改变答复用时等运营指标",
        ),
        TableKind(
            "triangulation",
            (_text("record"),),
            "no triangulation records: how far several sources agree, and which of them errs, cannot be said",
            "没有三源比对记录：无法判断各来源是否一致、误差在何处",
            may_hold=tuple(ColumnRule(name, name, low=0, high=100) for name in SOURCES),
        ),
        TableKind(
            "topics",
            (_text("quarter"), _text("topic"), _number("count", 0, whole=True)),
            "no counts of topics in the feedback: no needs that emerge",
            "没有反馈主题的计数：无法发现正在出现的需求",
            may_hold=(
                ColumnRule("stage", "stage", numeric=False),
                ColumnRule("feedback", "feedback", low=1, whole=True, required=True),
            ),
        ),
    )
}
"""Optional tables of a study; a new one is one more row."""


def read_table(
    kind: TableKind, path: Path, encoding: str | None = None, said: list[Remark] | None = None
) -> pd.DataFrame:
    """Read an optional table and hold it to its columns; columns beyond those are kept as they are written.

    Parameters
    ----------
    kind, path
        What the table is and where it stands.
    encoding
        Of the panel: tried where the text is not UTF-8.
    said
        Is given what a person should hear about the reading.

    Raises
    ------
    InputError
        File, row, column, found and expected, at the first slip.
    """
    raw = _read(path, encoding, said)
    rules = (*kind.rules, *(rule for rule in kind.may_hold if rule.source in raw.frame))
    checked = check_panel(raw, rules)
    known = {rule.source for rule in rules}
    further = [column for column in raw.frame.columns if column not in known]
    return pd.concat([checked, raw.frame[further].reset_index(drop=True)], axis=1)[list(raw.frame.columns)]


def _read(path: Path, encoding: str | None, said: list[Remark] | None) -> RawPanel:
    raw = read_panel(path, Layout(encoding=encoding, of_panel=False))
    if said is not None:
        said += raw.remarks
    return raw


def read_indicators(
    path: Path,
    scale: tuple[float, float],
    dimensions: list[str],
    encoding: str | None = None,
    said: list[Remark] | None = None,
) -> tuple[Indicator, ...]:
    """Read the indicator table.

    Needs ``code``; may have ``dimension``, ``column``, ``name_zh``, ``name_en``, ``kano``, ``weight`` (inside the
    dimension), ``low``, ``high``, ``kind`` (a row of
    :data:`~maternal_eval.study.evaluation_model.INDICATOR_KINDS`), ``valid_from`` and ``valid_to`` (a year or a
    quarter such as 2024Q3). ``encoding`` and ``said`` are those of :func:`read_table`.

    Raises
    ------
    InputError
        If a code stands twice, a dimension, kind or Kano class is unknown, a period of validity is none, or the
        weights of a dimension do not add up.
    """
    raw = _read(path, encoding, said)
    text_columns = ("dimension", "column", "name_zh", "name_en", "kano", "kind", "valid_from", "valid_to")
    number_columns = ("weight", "low", "high")
    rules = [_text("code")]
    rules += [ColumnRule(c, c, numeric=False) for c in text_columns if c in raw.frame]
    rules += [ColumnRule(c, c, low=0 if c == "weight" else None) for c in number_columns if c in raw.frame]
    table = check_panel(raw, rules)
    if len(table) > MOST_INDICATORS:
        raise InputError(
            "the study has too many indicators",
            file=path,
            found=f"{len(table):,}",
            expected=f"at most {MOST_INDICATORS:,}",
        )
    indicators: list[Indicator] = []
    for position, record in enumerate(table.to_dict("records")):
        entry = {key: value for key, value in record.items() if not pd.isna(value)}
        code = str(entry["code"])
        if any(code == earlier.code for earlier in indicators):
            raise InputError(
                "the indicator code stands twice",
                file=path,
                row=raw.row(position),
                column="code",
                found=code,
                expected="each code once",
            )
        dimension = str(entry.get("dimension", "overall"))
        kano = str(entry.get("kano", "unknown"))
        kind = str(entry.get("kind", "rating"))
        row = raw.row(position)
        for column, found, known in (
            ("dimension", dimension, dimensions),
            ("kano", kano, KANO_CLASSES),
            ("kind", kind, INDICATOR_KINDS),
        ):
            if known and found not in known:
                raise InputError(
                    f"the {_WORDS[column]} is unknown",
                    file=path,
                    row=row,
                    column=column,
                    found=found,
                    expected="one of " + ", ".join(known),
                )
        valid_from, valid_to = (_moment(entry.get(name), path, row, name) for name in ("valid_from", "valid_to"))
        if valid_from and valid_to and valid_to.end < valid_from.begin:
            raise InputError(
                "the indicator ends before it begins",
                file=path,
                row=row,
                column="valid_to",
                found=valid_to,
                expected=f"not before {valid_from}",
            )
        weight = entry.get("weight")
        indicators.append(
            Indicator(
                code=code,
                column=str(entry.get("column", code)),
                dimension=dimension,
                kano=kano,
                name_zh=str(entry.get("name_zh", code)),
                name_en=str(entry.get("name_en", code)),
                low=float(entry.get("low", scale[0])),
                high=float(entry.get("high", scale[1])),
                weight=None if weight is None else float(weight),
                kind=kind,
                valid_from=valid_from,
                valid_to=valid_to,
            )
        )
    _check_weights(path, indicators)
    return tuple(indicators)


_WORDS = {"dimension": "dimension", "kano": "Kano class", "kind": "kind of indicator"}


def _moment(entry: object, path: Path, row: int, column: str) -> Moment | None:
    try:
        return None if entry is None else Moment.parse(str(entry))
    except ValueError:
        raise InputError(
            "the period of validity is not known",
            file=path,
            row=row,
            column=column,
            found=entry,
            expected="a year such as 2024 or a quarter such as 2024Q3",
        ) from None


def _check_weights(path: Path, indicators: list[Indicator]) -> None:
    for dimension in dict.fromkeys(indicator.dimension for indicator in indicators):
        weights = [indicator.weight for indicator in indicators if indicator.dimension == dimension]
        given = [weight for weight in weights if weight is not None]
        if not given:
            continue
        if len(given) < len(weights):
            raise InputError(f"some indicators of dimension {dimension} have no weight", file=path, column="weight")
        if abs(sum(given) - 1.0) > 1e-6:
            raise InputError(
                f"the indicator weights of dimension {dimension} do not add up",
                file=path,
                column="weight",
                found=f"a sum of {sum(given):g}",
                expected="a sum of 1",
            )
