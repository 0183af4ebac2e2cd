"""Where the scores of the latest period stand, and what each level of review watches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from maternal_eval.analyses.review.settings import OnScale, ReviewSettings
from maternal_eval.core.errors import InputError
from maternal_eval.core.randomness import Seed, generator
from maternal_eval.core.remarks import Remark, remark
from maternal_eval.methods.alarm_rules import Chart
from maternal_eval.methods.bootstrap import counted_mean_interval, mean_intervals
from maternal_eval.study import Study, masses, turned
from maternal_eval.study.counts import answers_to, rows_by

LEVELS = {
    "all": ((), "all {answers}", "全部{answer}"),
    "stage": (("stage",), "each {stage}", "各{stage}"),
    "cell": (("stage", "platform"), "each {stage} and {platform}", "各{stage}与{platform}"),
}
"""Levels of review: the columns whose combinations are watched apart, and their names in the words of the study."""

FEWEST = 2
"""Answers that a score needs to be watched: with one there is no spread."""

_RESAMPLES = 1000


def chart(limits: OnScale, spread: float, count: int) -> Chart:
    """Return the chart of a score with ``count`` answers a quarter."""
    return Chart(limits.limit, spread, max(int(count), FEWEST), limits.fall)


def latest_answers(study: Study) -> dict[str, pd.DataFrame]:
    """Return the answers of the latest period to each indicator, larger better: rows of the panel or of a tally."""
    found, whole = {}, None if study.counted is not None else study.panel.assign(**study.oriented())
    for one in study.model.indicators:
        lines = answers_to(study, one.code) if whole is None else whole
        if study.periods:
            lines = lines[lines["period"] == max(study.periods)]
        if whole is None:
            up = turned(lines[one.code].to_numpy(dtype=float), one.low, one.high, one.reversed)
            lines = lines.assign(**{one.code: up})
        found[one.code] = lines.reset_index(drop=True)
        if whole is not None:
            return dict.fromkeys(study.model.codes, found[one.code])
    return found


def mean_shares(
    lines: Mapping[str, pd.DataFrame], low: float, points: int, step: float, file: str | Path | None = None
) -> np.ndarray:
    """Return the mean over the indicators of the weighted shares of each answer, with half an answer at either end.

    Parameters
    ----------
    lines
        As :func:`latest_answers`.
    low, points, step
        The points of the scale; an answer between two counts at the nearest.

    Raises
    ------
    InputError
        If nobody answered any of them.
    """
    shares = []
    for code, panel in lines.items():
        answers, (_, weight, squares) = panel[code].to_numpy(dtype=float), masses(panel)
        known = np.isfinite(answers) & (weight > 0)
        if known.any():
            place = np.clip(np.rint((answers[known] - low) / step), 0, points - 1).astype(int)
            found = np.bincount(place, weight[known], minlength=points)
            found *= found.sum() / squares[known].sum()  # (Σw)² / Σw² in all
            found[[0, -1]] += 0.5
            shares.append(found / found.sum())
    if not shares:
        raise InputError(
            "nobody answered an indicator in the latest period", file=file, expected="at least two answers to one"
        )
    return np.mean(shares, axis=0)


def stand(
    study: Study,
    lines: Mapping[str, pd.DataFrame],
    new_answers: int,
    limits: OnScale,
    scale: tuple[float, float],
    seed: Seed,
    said: list[Remark],
) -> tuple[pd.DataFrame, pd.DataFrame, list[tuple[str, Chart, np.ndarray, np.ndarray]]]:
    """Return where the indicators stand, the levels of review, and what each of them watches.

    Parameters
    ----------
    lines
        As :func:`latest_answers`.
    new_answers
        Answers a quarter.
    limits
        The settings in points.
    scale
        Lowest and highest answer.
    seed
        Of the intervals.
    said
        Takes up remarks on what is left out.

    Raises
    ------
    InputError
        If no indicator has two answers.
    """
    codes = list(lines)
    pace = new_answers / _respondents(study, lines)
    table = pd.DataFrame([_moments_of(part, code, scale) for code, part in lines.items()])
    table["low"], table["high"] = _intervals(study, lines, scale, seed)
    table["answers"] = table["n"] * pace
    standing = table[table["n"] >= FEWEST].reset_index(drop=True)
    lost = table.loc[table["n"] < FEWEST, "indicator"].tolist()
    if standing.empty:
        raise InputError(
            "no indicator has two answers in the latest period",
            file=study.folder,
            found=f"{int(table['n'].sum())} answers to {len(codes)} indicators",
            expected="at least two answers to one",
        )
    if lost:
        named = ", ".join(lost)
        said.append(
            remark(
                f"Fewer than {FEWEST} answers in the latest period: {named} left out.",
                f"最近一期答案不足 {FEWEST} 份，未计入：{named}。",
            )
        )
    limit, by_code = limits.limit, standing.set_index("indicator")
    rows, watched = [], []
    for name, (columns, *texts) in LEVELS.items():
        en, zh = study.words.pair(*texts)
        if not set(columns) <= set(lines[codes[0]].columns):
            continue
        every = pd.DataFrame(
            [
                _moments_of(lines[code].iloc[members], code, scale)
                for group in _groups(lines, columns)
                for code, members in group.items()
                if code in by_code.index
            ],
            columns=["indicator", "mean", "spread", "n"],
        )
        scores = every[every["n"] >= FEWEST]
        _say_left_out(said, en, zh, len(every) - len(scores), len(every))
        below = scores[scores["mean"] < limit]
        if columns:
            counts = below["indicator"].value_counts()
            standing[f"{name}s_below"] = [int(counts.get(code, 0)) for code in standing["indicator"]]
        if scores.empty:
            continue
        size = max(round(float(scores["n"].median()) * pace), FEWEST)
        rows.append({"level": name, "scores": len(scores), "answers": size, "below": len(below)})
        # single cells are too small to say where they stand: there a score is taken to stand where its indicator does
        level = scores["indicator"].map(by_code["mean"]) if name == "cell" else scores["mean"]
        above = (level >= limit).to_numpy()
        spreads = scores["indicator"].map(by_code["spread"])
        of_level = chart(limits, float(standing["spread"].mean()), size)
        watched.append((name, of_level, level[above].to_numpy(), spreads[above].to_numpy()))
    return standing, pd.DataFrame(rows), watched


def _say_left_out(said: list[Remark], en: str, zh: str, left_out: int, of: int) -> None:
    if left_out:
        said.append(
            remark(
                f"Review of {en}: {left_out} of {of} scores have fewer than {FEWEST} answers and are not watched.",
                f"{zh}的复审：{of} 项得分中有 {left_out} 项答案不足 {FEWEST} 份，不纳入监测。",
            )
        )


def scale_remarks(
    given: ReviewSettings, low: float, high: float, points: int, step: float, whole: bool
) -> list[Remark]:
    """Say what was taken from the scale because the study does not set it."""
    found = []
    middle = given.on(low, high).limit
    if given.limit is None:
        found.append(
            remark(
                f"No limit is set ([analysis.review] limit): the middle of the scale {low:g}–{high:g}, {middle:g}, is "
                "taken.",
                f"未设定界限（[analysis.review] 的 limit）：取量表 {low:g}–{high:g} 的中点 {middle:g}。",
            )
        )
    if step != 1.0 or not whole:
        found.append(
            remark(
                f"Simulated answers are the nearest of {points} points of the scale, {step:g} apart.",
                f"模拟的答案取量表上最接近的 {points} 个点之一，间距 {step:g}。",
            )
        )
    return found


def _respondents(study: Study, lines: Mapping[str, pd.DataFrame]) -> int:
    """Return the number of respondents of the latest period whose answers count."""
    if study.counted is None:
        return int((masses(next(iter(lines.values()))).weight > 0).sum())
    rows = rows_by(study, ["period"] if study.periods else [])
    return int(rows["rows"].iloc[-1])


def _intervals(
    study: Study, lines: Mapping[str, pd.DataFrame], scale: tuple[float, float], seed: Seed
) -> tuple[np.ndarray, np.ndarray]:
    """Return the intervals of the mean answers to the indicators, in their order."""
    codes = list(lines)
    if study.counted is None:
        panel = lines[codes[0]]
        weight = masses(panel).weight
        counting = weight > 0
        return mean_intervals(
            panel.loc[counting, codes].to_numpy(dtype=float), weight[counting], scale, _RESAMPLES, seed
        )
    random, found = generator(seed), []
    for code, part in lines.items():
        known = part.dropna(subset=[code])
        mass = masses(known)
        counts = mass.weight * (mass.weight.sum() / mass.squares.sum() if len(known) else 0.0)
        values = known[code].to_numpy(dtype=float)
        few = not len(known)
        found.append((np.nan, np.nan) if few else counted_mean_interval(values, counts, scale, _RESAMPLES, random))
    low, high = np.array(found).T
    return low, high


def _groups(lines: Mapping[str, pd.DataFrame], columns: Sequence[str]) -> Iterator[dict[str, np.ndarray]]:
    """Yield per combination of the columns the positions of its lines, by indicator."""
    if not columns:
        yield {code: np.arange(len(part)) for code, part in lines.items()}
        return
    first = next(iter(lines.values()))
    if all(part is first for part in lines.values()):
        for at in first.groupby(list(columns), observed=True).indices.values():
            yield dict.fromkeys(lines, np.asarray(at))
        return
    groups = {code: part.groupby(list(columns), observed=True).indices for code, part in lines.items()}
    for key in sorted({key for found in groups.values() for key in found}, key=str):
        yield {code: np.asarray(found[key]) for code, found in groups.items() if key in found}


def _moments_of(lines: pd.DataFrame, code: str, scale: tuple[float, float]) -> dict[str, Any]:
    """Return the weighted mean of an indicator's answers, the spread of an answer and the number of answers.

    The spread is that of the answers with half a one more at either end of the scale: equal answers are no certainty.
    """
    answers, (number, weight, squares) = lines[code].to_numpy(dtype=float), masses(lines)
    known = np.isfinite(answers) & (weight > 0)
    n = int(number[known].sum())
    if n < FEWEST:
        return {"indicator": code, "mean": np.nan, "spread": np.nan, "n": n}
    value, share = answers[known], weight[known] / weight[known].sum()
    size = weight[known].sum() ** 2 / squares[known].sum()
    value = np.concatenate([value, scale])
    share = np.concatenate([share * size, [0.5, 0.5]]) / (size + 1.0)
    centre = share @ value
    spread = np.sqrt(share @ (value - centre) ** 2)
    mean = np.average(answers[known], weights=weight[known])
    return {"indicator": code, "mean": float(mean), "spread": float(spread), "n": n}
