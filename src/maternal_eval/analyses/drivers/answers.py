"""The answers of a study as a cumulative regression of its outcome on all indicators reads them.

Drivers, shapes and the users' weights stand on the same rows, the same background and the same clusters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from maternal_eval.analyses.stage_weights.design import merge_sparse
from maternal_eval.core.errors import InputError
from maternal_eval.core.remarks import Remark, remark
from maternal_eval.study import OUTCOME_KINDS, Outcome, Study, survey_weights
from maternal_eval.study.groups import EVERYONE
from maternal_eval.study.survey import cluster_codes, cluster_columns

FEWEST = 30
"""Fewest answers of a group that anything is estimated from."""

FEWEST_PER_COLUMN = 3
"""Fewest answers per coefficient of a group."""

SPARSE = 10
"""Answers below which a category of the outcome, or a level of the background, is merged or pooled."""

MOST_LEVELS = 60
"""Levels of one background factor that get an effect of their own; smaller ones are pooled."""

LEAST_ANSWERED = 0.2
"""Share of the answers of a group below which an indicator is left out."""

UNANSWERED = 0.01
"""Share of unanswered from which a column of the background says who left the indicator unanswered."""


@dataclass(frozen=True)
class GroupAnswers:
    """The answers of one group.

    Attributes
    ----------
    group
        Its name; :data:`~maternal_eval.study.groups.EVERYONE` for all.
    codes
        Indicators in the order of the columns.
    place
        Rows × indicators: place of each answer on its scale from 0 to 1, larger is better; NaN where unanswered.
    background
        Rows × columns: effects of period, platform, stage and segments, and who left which indicator unanswered.
    category
        The outcome as codes 0 … K-1, larger is better.
    points
        ``(K,)``: what each code is on the outcome's scale (means where answers were merged).
    weight
        Survey weights, mean 1.
    cluster
        Number of the cluster of each row.
    rows
        Positions in the panel.
    """

    group: str
    codes: tuple[str, ...]
    place: np.ndarray
    background: np.ndarray
    category: np.ndarray
    points: np.ndarray
    weight: np.ndarray
    cluster: np.ndarray
    rows: np.ndarray

    @property
    def filled(self) -> np.ndarray:
        """Places with the weighted mean of the column in the gaps."""
        answered = np.isfinite(self.place)
        zeroed = np.where(answered, self.place, 0.0)
        mean = (self.weight @ zeroed) / np.maximum(self.weight @ answered, 1e-12)
        return np.where(answered, self.place, mean)


def ordered_outcome(study: Study, name: str | None) -> Outcome:
    """Return the outcome of that name (the first if None).

    Raises
    ------
    InputError
        If there is none of that name, or its answers are not ordered categories.
    """
    if name is not None and name not in study.outcomes:
        known = "one of " + ", ".join(study.outcomes)
        raise InputError("unknown outcome", column="outcome", found=name, expected=known)
    outcome = study.primary_outcome if name is None else study.outcomes[name]
    if not OUTCOME_KINDS[outcome.kind].ordered_categories or outcome.low is None:
        raise InputError(
            "the importance of indicators needs ordered answers",
            column="outcome",
            found=f"{outcome.name}, which is {outcome.kind}",
            expected="an outcome with ordered answers",
        )
    return outcome


def groups_of(
    study: Study, outcome: Outcome, codes: Sequence[str], *, by_stage: bool = True, tell_gaps: bool = True
) -> tuple[list[GroupAnswers], list[Remark]]:
    """Return the answers of everybody and (``by_stage``) of each stage that has enough, and what was left out.

    ``tell_gaps``: who left an indicator unanswered is part of the background.

    Raises
    ------
    InputError
        If everybody together gives too few answers, the outcome does not vary, or no indicator varies.
    """
    panel = study.panel
    given = panel[outcome.name].notna().to_numpy()
    survey = survey_weights(panel)
    places = _places(study, codes)
    answered = np.isfinite(places).any(axis=1)
    used = given & (survey > 0) & answered
    notes: list[Remark] = []
    if used.sum() < len(panel):
        notes.append(
            remark(
                f"{len(panel) - int(used.sum())} of {len(panel)} rows are left out: no {outcome.name}, no indicator "
                "answered, or the survey weight 0.",
                f"{len(panel)} 行中有 {len(panel) - int(used.sum())} 行未计入：缺 {outcome.name}、未回答任何指标，"
                "或抽样权重为 0。",
            )
        )
    found = [_group(study, outcome, codes, places, survey, used, EVERYONE, notes, tell_gaps)]
    if len(study.stages) < 2 or not by_stage:
        return found, notes
    for stage in study.stage_levels:
        rows = used & (panel["stage"] == stage.name).to_numpy()
        try:
            found.append(_group(study, outcome, codes, places, survey, rows, stage.name, notes, tell_gaps))
        except InputError as error:
            notes.append(
                remark(
                    f"{stage.name_en}: left out, {error.problem} (found: {error.found}; expected: {error.expected}).",
                    f"{stage.name_zh}：未计入，{error.problem}（现有 {error.found}，需要 {error.expected}）。",
                )
            )
    return found, notes


def _places(study: Study, codes: Sequence[str]) -> np.ndarray:
    entries = [study.model.indicator(code) for code in codes]
    low, high = (np.array([getattr(one, end) for one in entries]) for end in ("low", "high"))
    return (study.oriented(codes).to_numpy(dtype=float) - low) / (high - low)


def _group(
    study: Study,
    outcome: Outcome,
    codes: Sequence[str],
    places: np.ndarray,
    survey: np.ndarray,
    used: np.ndarray,
    name: str,
    notes: list[Remark],
    tell_gaps: bool,
) -> GroupAnswers:
    rows = np.flatnonzero(used)
    if len(rows) < FEWEST:
        raise InputError("too few answers", found=len(rows), expected=f"at least {FEWEST} with outcome and indicators")
    answers = outcome.oriented(study.panel[outcome.name].to_numpy(dtype=float)[rows])
    levels, category = np.unique(answers, return_inverse=True)
    if len(levels) < 2:
        raise InputError(
            "the outcome does not vary", column=outcome.name, found="one answer", expected="at least two different ones"
        )
    category, count = merge_sparse(category, len(levels), SPARSE)
    weight = survey[rows] / survey[rows].mean()
    points = np.bincount(category, weight * answers, count) / np.bincount(category, weight, count)
    place = places[rows]
    share = np.isfinite(place).mean(axis=0)
    with np.errstate(invalid="ignore"):
        span = np.where(share > 0, np.fmax.reduce(place, axis=0) - np.fmin.reduce(place, axis=0), 0.0)
    kept = (share >= LEAST_ANSWERED) & (span > 0)
    _say_left_out(notes, study, name, codes, share, span)
    if not kept.any():
        raise InputError("no indicator varies", found="the same answer everywhere", expected="answers that differ")
    background = _background(study, study.panel.iloc[rows], place[:, kept] if tell_gaps else place[:, :0], name)
    columns = int(kept.sum()) + background.shape[1] + count - 1
    if len(rows) < FEWEST_PER_COLUMN * columns:
        raise InputError(
            "too few answers",
            found=f"{len(rows)} for {columns} coefficients",
            expected=f"at least {FEWEST_PER_COLUMN} per coefficient",
        )
    clusters = cluster_columns(study)
    frame = study.panel.iloc[rows]
    cluster = cluster_codes(frame, clusters[-1:])[0] if clusters else np.arange(len(rows))
    return GroupAnswers(
        group=name,
        codes=tuple(code for code, keep in zip(codes, kept, strict=True) if keep),
        place=place[:, kept],
        background=background,
        category=category.astype(np.int64),
        points=points,
        weight=weight,
        cluster=np.unique(cluster, return_inverse=True)[1],
        rows=rows,
    )


def _say_left_out(
    notes: list[Remark], study: Study, group: str, codes: Sequence[str], share: np.ndarray, span: np.ndarray
) -> None:
    """Say which indicators have no place in the regression of a group."""
    title = {stage.name: (stage.name_en, stage.name_zh) for stage in study.stage_levels}
    en, zh = title.get(group, ("Everybody", "全体"))
    rare = [code for code, part in zip(codes, share, strict=True) if part < LEAST_ANSWERED]
    flat = [
        code for code, part, wide in zip(codes, share, span, strict=True) if part >= LEAST_ANSWERED and not wide > 0
    ]
    if rare:
        notes.append(
            remark(
                f"{en}: answered by less than {LEAST_ANSWERED:.0%} and left out: {', '.join(rare)}.",
                f"{zh}：回答率低于 {LEAST_ANSWERED:.0%}，未计入：{'、'.join(rare)}。",
            )
        )
    if flat:
        notes.append(
            remark(
                f"{en}: no variation in the answers, left out: {', '.join(flat)}.",
                f"{zh}：答案没有变化，未计入：{'、'.join(flat)}。",
            )
        )


def _background(study: Study, panel: pd.DataFrame, place: np.ndarray, group: str) -> np.ndarray:
    """Return the columns of the background: a factor that an earlier one determines says nothing new."""
    columns: list[np.ndarray] = []
    earlier: list[pd.Series] = []
    for name in ("period", "platform", "stage", *study.segments):
        if name not in panel or (name == "stage" and group != EVERYONE):
            continue
        level = panel[name].astype(object).where(panel[name].notna(), "–").astype(str)
        counts = level.value_counts()
        small = counts.index[(counts < SPARSE) | (np.arange(len(counts)) >= MOST_LEVELS)]
        level = level.where(~level.isin(small), "…")
        known = level.nunique() < 2 or any(_determines(other, level) for other in earlier)
        if known:
            continue
        earlier.append(level)
        columns.append(pd.get_dummies(level, drop_first=True, dtype=float).to_numpy())
    gaps = ~np.isfinite(place)
    told = gaps[:, gaps.mean(axis=0) > UNANSWERED]
    if told.shape[1]:
        columns.append(np.unique(told, axis=1).astype(float))
    return np.hstack(columns) if columns else np.empty((len(panel), 0))


def _determines(first: pd.Series, second: pd.Series) -> bool:
    """Return whether each level of the first goes with one level of the second."""
    return len(pd.DataFrame({"first": first, "second": second}).drop_duplicates()) == len(first.unique())
