"""From a study to the answers of each stage as the likelihood reads them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from maternal_eval.core.errors import InputError
from maternal_eval.core.remarks import Remark
from maternal_eval.methods.simplex_regression.likelihood import StageAnswers
from maternal_eval.methods.simplex_regression.measurement_error import calibrate_answers
from maternal_eval.study import OUTCOME_KINDS, Outcome, Study, survey_weights
from maternal_eval.study.values import indicator_values

SPARSE = 50
"""Number of answers in a stage below which an answer category is merged with its neighbour."""

FEWEST = 30
"""Fewest respondents from whom a stage's weights are estimated."""


@dataclass(frozen=True)
class Design:
    """The answers of all stages.

    Attributes
    ----------
    answers
        One per stage, in the study's order.
    codes
        Indicators in the order of the columns: by dimension.
    respondents
        Number of respondents used, per stage.
    left_out
        Respondents left out because outcome, stage or every indicator is missing, or their survey weight is 0.
    """

    answers: tuple[StageAnswers, ...]
    codes: tuple[str, ...]
    respondents: tuple[int, ...]
    left_out: int


def build_design(study: Study, outcome: Outcome) -> Design:
    """Turn the panel of a study into arrays.

    Answers become values by Kano class (:func:`~maternal_eval.study.values.indicator_values`), larger better, and so is
    the category of the outcome; the effects are period, platform and the study's segments, each with its own level in
    every stage.

    Raises
    ------
    InputError
        With fewer than two stages, an outcome without categories, or a stage with too few answers.
    """
    if len(study.stages) < 2:
        raise InputError("weights by stage need at least two stages", found=len(study.stages))
    if not OUTCOME_KINDS[outcome.kind].ordered_categories or outcome.low is None:
        raise InputError("stage weights need an outcome with ordered answers", column=outcome.name, found=outcome.kind)
    panel, model = study.panel, study.model
    codes = [code for name, siblings in model.sibling_sets.items() if name != "dimensions" for code in siblings]
    answers = study.oriented(codes).to_numpy()
    used = panel[outcome.name].notna().to_numpy() & panel["stage"].notna().to_numpy() & np.isfinite(answers).any(axis=1)
    used &= survey_weights(panel) > 0  # an answer with weight 0 is none
    values = indicator_values(study, codes)
    # weights on the simplex presuppose that a better composite goes with a larger answer
    category = np.nan_to_num(outcome.oriented(panel[outcome.name].to_numpy(dtype=float)) - outcome.low, nan=-1.0)
    category = category.astype(np.int64)
    effects, effect_count = _effects(panel, study)
    sizes = [len(study.model.sibling_sets[dimension.name]) for dimension in model.dimensions]
    dimension_start = np.concatenate([[0], np.cumsum(sizes)])
    centre = float(np.nanmean(values[used])) if used.any() else 0.5
    parts = []
    for name in study.stages:
        rows = used & (panel["stage"] == name).to_numpy()
        if rows.sum() < FEWEST or np.unique(category[rows]).size < 2:
            raise InputError(
                f"stage {name!r} has too few answers for weights of its own",
                column=outcome.name,
                found=f"{int(rows.sum())} respondents, {np.unique(category[rows]).size} different answers",
                expected=f"at least {FEWEST} respondents and 2 different answers",
            )
        answered = np.isfinite(values[rows])
        merged, categories = merge_sparse(category[rows], outcome.levels)
        parts.append(
            StageAnswers(
                values=np.where(answered, values[rows], 0.0).astype(np.float32),
                answered=answered.astype(np.float32),
                outcome=merged,
                effects=effects[rows],
                dimension_start=dimension_start,
                categories=categories,
                effect_count=effect_count,
                centre=centre,
            )
        )
    return Design(tuple(parts), tuple(codes), tuple(len(part.outcome) for part in parts), int(len(panel) - used.sum()))


def design_remarks(design: Design, study: Study, outcome: Outcome) -> list[Remark]:
    """Say how many rows are left out, and in which stages answers of the outcome were merged."""
    found = []
    if design.left_out:
        rows = len(study.panel)
        found.append(
            study.words.remark(
                f"{design.left_out} of {rows} rows are left out: no {outcome.name}, no {{stage}}, no indicator "
                "answered, or the survey weight 0.",
                f"{rows} 行中有 {design.left_out} 行未计入：缺 {outcome.name}、缺{{stage}}、未回答任何指标，"
                "或抽样权重为 0。",
            )
        )
    merged = [
        (stage, f"({outcome.levels} → {part.categories})")
        for stage, part in zip(study.stage_levels, design.answers, strict=True)
        if part.categories < outcome.levels
    ]
    if merged:
        found.append(
            study.words.remark(
                f"Answers to {outcome.name} that fewer than {SPARSE} {{respondents}} of {{a stage}} gave are merged "
                "with their neighbours: {named}.",
                f"{outcome.name} 中某{{stage}}不足 {SPARSE} 人选择的答案与相邻答案合并：{{named}}。",
                named={
                    "en": ", ".join(f"{stage.name_en} {change}" for stage, change in merged),
                    "zh": "、".join(f"{stage.name_zh} {change}" for stage, change in merged),
                },
            )
        )
    return found


def with_calibrated_answers(design: Design, study: Study, reliability: float, shared: float) -> tuple[Design, Remark]:
    """Return the design with the experience expected behind the answers, and what has to be known about it."""
    found = [calibrate_answers(part, reliability, shared) for part in design.answers]
    worst = max(one.contradicted for one in found)
    if reliability == 1.0:
        remark = study.words.remark(
            "Answers are taken as what {respondents} experienced (reliability 1): with item noise, weights are drawn "
            "together and their intervals are too narrow; reliability = 0.7 in [analysis.stage_weights] corrects for "
            "that.",
            "答案按{respondent}的真实体验处理（信度为 1）：若题项含噪声，权重会彼此靠拢，区间也会过窄；在 "
            "[analysis.stage_weights] 中设 reliability = 0.7 可予校正。",
        )
    else:
        remark = study.words.remark(
            f"Answers are calibrated for measurement error: reliability {reliability:g}, taken as known, {shared:.0%} "
            "of the error shared by the answers of {a respondent}. Answers more alike than that allows: "
            f"{worst:.1%} of the variance.",
            f"答案已按测量误差校正：信度 {reliability:g}（视为已知），同一{{respondent}}各答案共有的误差占 "
            f"{shared:.0%}。"
            f"答案彼此相似程度超出该信度所允许者，占方差的 {worst:.1%}。",
        )
    return replace(design, answers=tuple(one.answers for one in found)), remark


def merge_sparse(category: np.ndarray, categories: int, fewest: int = SPARSE) -> tuple[np.ndarray, int]:
    """Merge answer categories with few answers into a neighbour, the smaller one, until none is left (or only two are).

    The cumulative logit is closed under merging neighbours: the thresholds between them go, weights, slope and the
    other thresholds keep their meaning (McCullagh 1980). A threshold that hangs on a handful of answers has a very
    skewed likelihood, which no quadratic summary can follow, and says next to nothing about weights.

    Parameters
    ----------
    category
        Codes from 0 to ``categories`` - 1.
    categories
        Number of categories before.
    fewest
        Number of answers that a category needs to stand alone.

    Returns
    -------
    merged, count
        Codes from 0 to ``count`` - 1 in the same order, and how many categories are left.

    Examples
    --------
    >>> merged, count = merge_sparse(np.repeat([0, 1, 2, 3], [1, 60, 90, 70]), 4, fewest=50)
    >>> count, np.bincount(merged).tolist()
    (3, [61, 90, 70])
    """
    counts = np.bincount(category, minlength=categories).tolist()
    new_code = np.arange(categories)
    while len(counts) > 2 and min(counts) < fewest:
        sparse = counts.index(min(counts))
        neighbours = [place for place in (sparse - 1, sparse + 1) if 0 <= place < len(counts)]
        upper = max(sparse, min(neighbours, key=lambda place: counts[place]))
        counts[upper - 1] += counts.pop(upper)
        new_code[new_code >= upper] -= 1
    return new_code[category], len(counts)


def _effects(panel: pd.DataFrame, study: Study) -> tuple[np.ndarray, int]:
    """Return positions in the vector of effects (respondents × columns) and the length of that vector."""
    columns, offset = [], 0
    for name in ("period", "platform", *study.segments):
        if name in panel and len(panel[name].unique()) > 1:
            codes, levels = pd.factorize(panel[name], sort=True)
            columns.append(np.where(codes < 0, -1, codes + offset))
            offset += len(levels)
    positions = np.stack(columns, axis=1) if columns else np.empty((len(panel), 0), dtype=np.int64)
    return np.where(positions < 0, offset, positions).astype(np.int64), offset
