"""Files with one row per answer: brought into one row per respondent, one column per question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from maternal_eval.core.errors import InputError
from maternal_eval.core.remarks import remark
from maternal_eval.study.panel.contract import as_text
from maternal_eval.study.panel.raw import RawPanel

MOST_QUESTIONS = 1000


def wide(raw: RawPanel, question: str, answer: str, key: Sequence[str]) -> RawPanel:
    """Return a panel with a row for each respondent (and period) and a column for each question.

    Parameters
    ----------
    raw
        One row per answer.
    question, answer
        The columns that hold them.
    key
        The columns that say whose answers belong together: the respondent, and the period if there is one.

    Raises
    ------
    InputError
        If a column is not there, a row has no respondent or question, a question is answered twice, or another column
        differs between the answers of one respondent: with the row.
    """
    for name in (question, answer, *key):
        if name not in raw.frame.columns:
            raise InputError(
                "a column is missing", file=raw.source, column=name, expected="the column that long or respondent names"
            )
    frame = raw.frame
    texts = {name: as_text(frame[name]) for name in (question, *key)}
    for name, text in texts.items():
        if text.isna().any():
            position = int(text.isna().to_numpy().argmax())
            raise InputError(
                "the value is missing",
                file=raw.source,
                row=raw.row(position),
                column=name,
                expected="a value in each row",
            )
    names = list(dict.fromkeys(texts[question]))
    if len(names) > MOST_QUESTIONS:
        raise InputError(
            "there are too many questions",
            file=raw.source,
            column=question,
            found=f"{len(names):,}",
            expected=f"at most {MOST_QUESTIONS:,}",
        )
    others = [name for name in frame.columns if name not in (question, answer)]
    taken = [name for name in names if name in others]
    if taken:
        raise InputError(
            "a question is called like a column",
            file=raw.source,
            column=question,
            found=taken[0],
            expected="another name",
        )
    groups = pd.DataFrame({name: texts[name] for name in key}).groupby(list(key), sort=False).ngroup().to_numpy()
    places = pd.factorize(texts[question])[0]
    cell = groups.astype(np.int64) * len(names) + places
    twice = pd.Series(cell).duplicated().to_numpy()
    if twice.any():
        position = int(twice.argmax())
        raise InputError(
            "the question is answered twice by one respondent",
            file=raw.source,
            row=raw.row(position),
            column=question,
            found=texts[question].iloc[position],
            expected=f"each question once for each {' and '.join(key)}",
        )
    first = pd.Series(np.arange(len(frame))).groupby(groups).first().to_numpy()
    for name in others:
        text = as_text(frame[name]).fillna("")
        same = text.to_numpy() == text.to_numpy()[first][groups]
        if not same.all():
            position = int((~same).argmax())
            raise InputError(
                "the value differs between the answers of one respondent",
                file=raw.source,
                row=raw.row(position),
                column=name,
                found=text.iloc[position],
                expected=text.iloc[first[groups[position]]] or "nothing",
                mend=f"leave {name} out of study.toml",
            )
    answers = frame[answer].to_numpy(dtype=object)
    table = np.full((len(first), len(names)), None, dtype=object)
    table[groups, places] = answers
    result = frame[others].iloc[first].reset_index(drop=True)
    columns = {name: _as_column(table[:, place]) for place, name in enumerate(names)}
    said = remark(
        f"{raw.source} has one row per answer: {len(frame):,} answers to {len(names)} questions make {len(first):,} "
        "rows.",
        f"{raw.source} 为每行一个答案：{len(names)} 个问题的 {len(frame):,} 个答案合为 {len(first):,} 行。",
    )
    header = [name for name in (raw.header or [str(n) for n in frame.columns]) if name not in (question, answer)]
    return replace(
        raw,
        frame=pd.concat([result, pd.DataFrame(columns)], axis=1),
        header=(*header, *names),
        row_numbers=[raw.row(position) for position in first.tolist()],
        remarks=[*raw.remarks, said],
    )


def _as_column(values: np.ndarray) -> pd.Series:
    """Return values as a column of numbers or of texts, as a file without the others would have it."""
    known = [value for value in values if value is not None and value == value]
    if all(isinstance(value, str) for value in known):
        return pd.Series(values, dtype="str")
    if all(isinstance(value, int | float | np.number) for value in known):
        return pd.Series(values, dtype="float64")
    return pd.Series(values, dtype=object)
