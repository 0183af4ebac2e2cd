"""The counts of topics of a study, held to what can be compared: quarters × (group, topic)."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from maternal_eval.analyses.topics.settings import TopicsSettings
from maternal_eval.core.errors import InputError
from maternal_eval.core.remarks import Remark, remark
from maternal_eval.study import Study

QUARTER = re.compile(r"(\d{4})\s*[-_ ]?\s*Q([1-4])")
ALL = ""
"""The group of everybody."""


@dataclass(frozen=True)
class TopicCounts:
    """Mentions and pieces of feedback, quarters × series.

    Attributes
    ----------
    quarters
        In order, without a gap.
    stages, topics
        Group (:data:`ALL`: everybody) and topic of each series.
    counts, exposure
        Quarters × series.
    remarks
        What has to be known of them.
    """

    quarters: tuple[str, ...]
    stages: tuple[str, ...]
    topics: tuple[str, ...]
    counts: np.ndarray
    exposure: np.ndarray
    remarks: list[Remark]


def read_topics(study: Study, settings: TopicsSettings) -> TopicCounts:
    """Return the counts of the table of topics.

    Without a column ``feedback`` the mentions of all topics stand for it, so that shares of mentions are compared.

    Raises
    ------
    InputError
        If a quarter is none, a stage is not the study's, a row stands twice, feedback differs within a quarter and
        stage or is less than a count, a quarter is missing, or there are too few.
    """
    table = study.tables["topics"]
    file = study.folder / str(study.definition.files.named["topics"])
    rows = table.assign(stage=table["stage"].fillna(ALL) if "stage" in table else ALL)
    number = _quarters(rows["quarter"], file)
    _known_stages(rows["stage"], study, file)
    twice = rows.assign(quarter=number).duplicated(["quarter", "stage", "topic"]).to_numpy()
    if twice.any():
        place = int(twice.argmax())
        raise InputError(
            "the topic is counted twice",
            file=file,
            row=place + 2,
            column="topic",
            found=_place(rows, place),
            expected="one row for each quarter, stage and topic",
        )
    counts = rows.assign(quarter=number).pivot_table("count", "quarter", ["stage", "topic"], aggfunc="sum")
    whole = range(int(number.min()), int(number.max()) + 1)
    lacking = [one for one in whole if one not in counts.index]
    if lacking:
        raise InputError(
            "a quarter is missing",
            file=file,
            column="quarter",
            found=_name(lacking[0]),
            expected="every quarter from the first to the last, with a count of 0 for none",
        )
    if len(counts) < settings.before + settings.latest:
        raise InputError(
            "too few quarters to tell a rise",
            file=file,
            column="quarter",
            found=len(counts),
            expected=f"at least {settings.before + settings.latest}: before + latest of its settings",
        )
    empty = int(counts.isna().to_numpy().sum())
    counts = counts.fillna(0.0)
    exposure = _exposure(rows.assign(quarter=number), counts, file)
    said = []
    if empty:
        said.append(
            remark(
                f"{empty} combinations of quarter, group and topic have no row: their count is taken as 0.",
                f"{empty} 个季度、人群与主题组合没有记录：计数按 0 处理。",
            )
        )
    if "feedback" not in rows:
        said.append(
            remark(
                "There is no column feedback: mentions of a topic are compared with those of all topics, so "
                "that one that rises lowers the others' shares.",
                "没有 feedback 列：以全部主题的提及数为基数，某一主题上升会压低其余主题占比。",
            )
        )
    stages = [str(stage) for stage in counts.columns.get_level_values("stage")]
    groups = [stage for stage in dict.fromkeys(stages) if stage != ALL]
    if len(groups) > 1 and ALL not in stages:
        of_all = counts.T.groupby(level="topic", sort=False).sum().T
        by_stage = exposure.T.groupby(level="stage").first().sum()
        more = pd.concat({ALL: of_all}, axis=1)
        exposure = pd.concat([exposure, pd.DataFrame(dict.fromkeys(more.columns, by_stage))], axis=1)
        counts = pd.concat([counts, more], axis=1)
    return TopicCounts(
        tuple(_name(one) for one in counts.index),
        tuple(str(stage) for stage in counts.columns.get_level_values(0)),
        tuple(str(topic) for topic in counts.columns.get_level_values(1)),
        counts.to_numpy(dtype=float),
        exposure[list(counts.columns)].to_numpy(dtype=float),
        said,
    )


def _quarters(column: pd.Series, file: object) -> pd.Series:
    """Return quarters as whole numbers, one apart."""
    found = column.astype(str).str.strip().str.extract(f"^{QUARTER.pattern}$")
    wrong = found.isna().any(axis=1).to_numpy()
    if wrong.any():
        place = int(wrong.argmax())
        raise InputError(
            "no quarter",
            file=str(file),
            row=place + 2,
            column="quarter",
            found=column.iloc[place],
            expected="a quarter such as 2024Q3",
        )
    return found[0].astype(int) * 4 + found[1].astype(int) - 1


def _name(number: int) -> str:
    return f"{number // 4}Q{number % 4 + 1}"


def _place(rows: pd.DataFrame, place: int) -> str:
    row = rows.iloc[place]
    return ", ".join(str(row[name]) for name in ("quarter", "stage", "topic") if row[name] != ALL)


def _known_stages(column: pd.Series, study: Study, file: object) -> None:
    known = {ALL, *study.stages}
    wrong = ~column.isin(known).to_numpy()
    if wrong.any():
        place = int(wrong.argmax())
        raise InputError(
            "a topic of an unknown stage",
            file=str(file),
            row=place + 2,
            column="stage",
            found=column.iloc[place],
            expected=", ".join(study.stages) or "no stage: there are none",
        )


def _exposure(rows: pd.DataFrame, counts: pd.DataFrame, file: object) -> pd.DataFrame:
    """Return the pieces of feedback of every series."""
    if "feedback" in rows:
        by_group = rows.groupby(["quarter", "stage"])["feedback"]
        differs = by_group.max() > by_group.min()
        if differs.any():
            quarter, stage = differs.index[int(differs.to_numpy().argmax())]
            raise InputError(
                "feedback differs within a quarter and stage",
                file=str(file),
                column="feedback",
                found=f"{_name(int(quarter))} {stage}".strip(),
                expected="one number for its topics",
            )
        feedback = rows.pivot_table("feedback", "quarter", "stage", aggfunc="first")
    else:
        feedback = counts.T.groupby(level="stage").sum().T
    exposure = pd.DataFrame({name: feedback[name[0]] for name in counts.columns})
    exposure.columns = counts.columns
    low = (exposure.isna() | (exposure <= 0)).to_numpy()
    if low.any():
        quarter, place = np.argwhere(low)[0]
        stage = str(counts.columns[place][0])
        raise InputError(
            "a quarter without feedback",
            file=str(file),
            column="feedback",
            found=f"{_name(int(counts.index[quarter]))} {stage}".strip(),
            expected="a positive number of pieces of feedback",
        )
    over = (counts > exposure).to_numpy() if "feedback" in rows else np.zeros((1, 1), dtype=bool)
    if over.any():
        quarter, place = np.argwhere(over)[0]
        raise InputError(
            "more mentions than feedback",
            file=str(file),
            column="count",
            found=f"{_name(int(counts.index[quarter]))}, {counts.columns[place][1]}: "
            f"{counts.iloc[quarter, place]:g} of {exposure.iloc[quarter, place]:g}",
            expected="at most one mention of a topic in a piece of feedback",
        )
    return exposure
