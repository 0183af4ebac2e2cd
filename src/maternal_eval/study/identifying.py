"""Columns of the panel that name a person: dropped where they are not used, refused where they would be published.

- What the study does not use is never read; columns with a telling header are named as dropped.
- A column of platforms, stages, segments or answers stands in tables and figures: there an identifier is refused.
- A column of respondents or clusters is not published. Identifiers in it are replaced at reading by a keyed hash
  (HMAC-SHA-256, 64 bits) whose key comes from the content of the panel: the same person keeps one pseudonym in this
  panel, the other way round needs the panel itself, and another panel gives other pseudonyms.
- ``[disclosure] keep`` names columns that look so and are kept on purpose.

Values are looked at after reading; a panel that is only counted in its file shows its headers alone.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from maternal_eval.core.errors import InputError, Problems
from maternal_eval.core.identifiers import Identifier, kind_of_column, kind_of_header
from maternal_eval.core.remarks import remark
from maternal_eval.study.definition import FILE_NAME, StudyDefinition
from maternal_eval.study.panel import RawPanel, packaged_file
from maternal_eval.study.panel.contract import as_text, coded

_SIGNS = 16
"""Hexadecimal signs of a pseudonym."""


def without_identifiers(
    folder: Path, definition: StudyDefinition, raw: RawPanel, panel: Path | None, needed: Sequence[str]
) -> RawPanel:
    """Return the panel without what names a person.

    Parameters
    ----------
    raw
        The panel as it was read.
    panel
        The file given in place of that of study.toml.
    needed
        Columns that the study uses.

    Raises
    ------
    InputError
        If a column that is published holds identifiers, or ``keep`` names a column that is not there.
    """
    kept, path = set(definition.disclosure.keep), folder / FILE_NAME
    absent = sorted(kept - set(raw.columns))
    if absent:
        raise InputError(
            "study.toml names a column that the panel does not have",
            file=path,
            column="disclosure.keep",
            found=absent[0],
            expected="a column of the panel",
        )
    remarks = list(raw.remarks)
    dropped = {
        name: kind
        for name in raw.columns
        if name not in needed and name not in kept and (kind := kind_of_header(name)) is not None
    }
    if dropped:
        en = ", ".join(f"{name} ({kind.name_en})" for name, kind in dropped.items())
        zh = "、".join(f"{name}（{kind.name_zh}）" for name, kind in dropped.items())
        remarks.append(
            remark(
                f"Dropped at reading, because they name persons and are not used: {en}.",
                f"读取时已丢弃下列可识别个人且未使用的列：{zh}。",
            )
        )
    frame, problems = raw.frame.copy(deep=False), Problems()
    for name in dict.fromkeys(needed):
        if name in kept or name not in raw.frame.columns or (kind := _kind(raw, name)) is None:
            continue
        if name not in (definition.columns.respondent, *definition.columns.clusters):
            problems.found.append(_refusal(raw, definition, name, kind))
            continue
        key = _key(folder, definition, panel)
        frame[name] = as_text(frame[name]).map(lambda text, key=key: _pseudonym(text, key), na_action="ignore")
        shared = name in definition.columns.clusters
        en, zh = ("clusters", "整群") if shared else ("respondents", "受访者")
        remarks.append(
            remark(
                f"Column {name} holds identifiers ({kind.name_en}): it tells {en} apart as keyed hashes only, "
                "and is published nowhere.",
                f"列 {name} 含可识别个人的信息（{kind.name_zh}）：仅以加密散列区分{zh}，不在任何结果中发布。",
            )
        )
    problems.refuse()
    return replace(raw, frame=frame, remarks=remarks)


def _kind(raw: RawPanel, name: str) -> Identifier | None:
    column = raw.frame[name]
    if getattr(column, "ndim", 1) != 1 or raw.value_labels.get(name):
        return None  # doubled columns are refused by the contract; labelled codes are groups
    # Each value is looked at once, however many rows have it.
    places, different = coded(column)
    texts = as_text(pd.Series(different)).tolist() if len(different) else []
    return kind_of_column(name, texts, np.bincount(places[places >= 0], minlength=len(different)).tolist())


def _refusal(raw: RawPanel, definition: StudyDefinition, name: str, kind: Identifier) -> InputError:
    part = _part(definition, name)
    return InputError(
        f"the column names persons ({kind.name_en}) and would be published",
        file=raw.source,
        column=name,
        found=f"it is used as {part}",
        expected="a column of groups or answers",
        mend=f'take it out of study.toml, or write keep = ["{name}"] under [disclosure] if it names nobody',
    )


def _part(definition: StudyDefinition, name: str) -> str:
    columns = definition.columns
    if name in map(columns.source, columns.segments):
        return "a segment"
    for part in ("platform", "stage", "period", "quarter", "weight"):
        if getattr(columns, part) == name:
            return f"the {part}"
    outcome = next((key for key, table in definition.outcomes.items() if table.column == name), None)
    if outcome is not None:
        return f"the outcome {outcome}"
    return "a column that [panel], [recode] or [derive] needs" if name in _prepared(definition) else "answers"


def _prepared(definition: StudyDefinition) -> set[str]:
    rules = [rule.column for table in definition.derive.values() for rule in table.first]
    return {*definition.recode.of_column(), *rules, *definition.panel.where, *definition.panel.leave_out}


def _key(folder: Path, definition: StudyDefinition, panel: Path | None) -> bytes:
    """Return the key of the pseudonyms: a hash of the panel's content that is stored nowhere."""
    source = definition.panel
    if panel is None and source.package is not None:
        panel = packaged_file(source.package, source.item or "")
    path = panel or folder / str(source.file)
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, lambda: hashlib.blake2b(person=b"pseudonyms")).digest()


def _pseudonym(text: str, key: bytes) -> str:
    return hmac.new(key, text.encode("utf-8"), hashlib.sha256).hexdigest()[:_SIGNS]
