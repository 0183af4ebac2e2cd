"""Tables of scores and stars by unit, and what a reader has to know of the units beside them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtri

from maternal_eval.analyses.scores.stars import HIGHEST, LOWEST, few_stars_remarks, stars, status
from maternal_eval.core.intervals import PROBABILITY
from maternal_eval.core.remarks import Remark, remark
from maternal_eval.methods.bootstrap import effective_size, mean_intervals, weighted_means
from maternal_eval.methods.composite import FULL_SCORE
from maternal_eval.study import Study, aggregated, masses, survey_weights

FACTORS = ("platform", "stage", "period")
"""What a unit of scoring is made of, as far as the study has it."""


def score_cells(
    respondents: pd.DataFrame, level: Sequence[str], resamples: int, random: np.random.Generator
) -> pd.DataFrame:
    """Return the scores of the units of one level: see :class:`~maternal_eval.analyses.scores.result.ScoresResult`.

    Parameters
    ----------
    respondents
        One row per respondent: the factors, ``weight``, ``score`` and everything else that is averaged. Or one per
        cell: then also ``counted``, its number of answers, and ``variance``, that of its score.
    level
        Factors whose combinations are the units; none: everybody together.
    """
    with_score = respondents[respondents["score"].notna() & (respondents["weight"] > 0)]
    dimensions = [str(column) for column in respondents if str(column).startswith("dimension_")]
    averaged = ["score", "answered", "gated", "short", *dimensions]
    groups = with_score.groupby(list(level), observed=True, sort=True) if level else [((), with_score)]
    rows = []
    for key, cell in groups:
        weight = cell["weight"].to_numpy()
        row: dict[str, Any] = dict(zip(level, key, strict=True))
        if "variance" in cell:
            least, most = _interval_of_cells(cell, weight)
        else:
            low, high = mean_intervals(cell[["score"]].to_numpy(), weight, (0.0, FULL_SCORE), resamples, random)
            least, most = low[0], high[0]
        row |= {"low": least, "high": most, "n": int(masses(cell).number.sum())}
        row |= dict(zip(averaged, weighted_means(cell[averaged].to_numpy(), weight), strict=True))
        rows.append(row)
    columns = [*level, "score", "low", "high", "n", "answered", "gated", "short", *dimensions]
    return pd.DataFrame(rows, columns=columns)


def _interval_of_cells(cells: pd.DataFrame, weight: np.ndarray) -> tuple[float, float]:
    """Return the interval of the mean score of cells that are independent of each other."""
    mean = float(np.average(cells["score"], weights=weight))
    share = weight / weight.sum()
    reach = float(ndtri(0.5 + PROBABILITY / 2) * np.sqrt(share**2 @ cells["variance"].to_numpy()))
    return max(mean - reach, 0.0), min(mean + reach, FULL_SCORE)


def star_table(study: Study, resamples: int, random: np.random.Generator) -> pd.DataFrame:
    """Return the stars of every indicator, for everybody and by stage, in every period (as far as the study has it)."""
    panel, codes = study.panel, study.model.codes
    answers, survey = stars(study.oriented().to_numpy(), study.model.indicators), survey_weights(panel)
    factors = [name for name in ("stage", "period") if name in panel]
    levels = {tuple(factors), tuple(name for name in factors if name != "stage")}
    rows = []
    for level in sorted(levels, key=len):
        groups = panel.groupby(list(level), observed=True, sort=True).indices if level else {(): np.arange(len(panel))}
        for key, members in groups.items():
            at = np.asarray(members)[survey[members] > 0]
            place = dict(zip(level, key if isinstance(key, tuple) else (key,), strict=True))
            means, size = weighted_means(answers[at], survey[at]), effective_size(answers[at], survey[at])
            low, high = mean_intervals(answers[at], survey[at], (LOWEST, HIGHEST), resamples, random)
            counts = np.isfinite(answers[at]).sum(axis=0)
            for code, mean, least, most, count, heard in zip(codes, means, low, high, counts, size, strict=True):
                if count:
                    said = {"stars": mean, "low": least, "high": most, "n": int(count)}
                    rows.append(
                        {"indicator": code, "stage": "", **place} | said | {"status": status(mean, least, most, heard)}
                    )
    columns = ["indicator", "stage", *[name for name in factors if name == "period"]]
    columns += ["stars", "low", "high", "n", "status"]
    return pd.DataFrame(rows, columns=columns)


def score_remarks(
    study: Study, respondents: pd.DataFrame, scores: pd.DataFrame, star_rows: pd.DataFrame
) -> list[Remark]:
    """Say which answers and units do not count, and of which nothing is sure."""
    found = []
    without = int((respondents["score"].isna() & (respondents["weight"] > 0)).sum())
    if without:
        found.append(
            remark(
                f"{without} of {len(respondents)} rows answer no indicator: they have no score and are left out.",
                f"{len(respondents)} 行中有 {without} 行未回答任何指标：没有得分，未计入。",
            )
        )
    weightless = int((respondents["weight"] == 0).sum())
    if weightless:
        found.append(
            remark(
                f"{weightless} of {len(respondents)} rows have the survey weight 0 and do not count.",
                f"{len(respondents)} 行中有 {weightless} 行抽样权重为 0，不计入。",
            )
        )
    for factor in ("platform", "stage"):
        lost = int(respondents[factor].isna().sum()) if factor in respondents else 0
        if lost:
            found.append(
                study.words.remark(
                    f"{lost} of {len(respondents)} rows have no {{{factor}}}: they count only where units have none.",
                    f"{len(respondents)} 行中有 {lost} 行没有{{{factor}}}：仅计入不分{{{factor}}}的单元。",
                )
            )
    single = int((scores["n"] == 1).sum())
    if single and aggregated(study):
        found.append(
            remark(
                f"Each of the {len(scores)} cells holds one row: a row is taken for the figure of its cell, not for a "
                "single answer, and how sure it is cannot be said: no interval for a cell.",
                f"{len(scores)} 个单元各仅一行：该行视为单元的汇总值，而非单份答卷，其不确定性无从得知，"
                "故单元不给区间。",
            )
        )
    elif single:
        found.append(
            remark(
                f"{single} of {len(scores)} cells hold a single respondent: no interval there.",
                f"{len(scores)} 个单元中有 {single} 个仅一名受访者：不给区间。",
            )
        )
    return [*found, *few_stars_remarks(star_rows)]
