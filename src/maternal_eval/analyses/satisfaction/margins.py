r"""Population margins: cells for levels that nobody stands for, and shares raked to what is stated.

A level with a positive population share may have no answers in a stage and period. Its share is never given to the
levels that are there: such a cell is predicted by the model, from the answers of that level in other stages and
periods, with a departure of its own that no answer informs (:func:`unheard_factor`). A level that nobody at all belongs
to cannot be predicted and is refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from maternal_eval.core.errors import InputError
from maternal_eval.core.languages import LANGUAGES
from maternal_eval.core.remarks import Remark, remark
from maternal_eval.core.words import DEFAULT_WORDS, Words
from maternal_eval.methods.ordinal.factors import Factor
from maternal_eval.study import FILE_NAME
from maternal_eval.study.labels import name_of

UNHEARD = "unheard"
"""Name of the factor of the departures of cells whose level nobody stands for."""

_ROUNDS, _EXACT, _MET = 1000, 1e-12, 1e-9


def check_margins(levels: Mapping[str, Sequence[Any]], margins: Mapping[str, Mapping[str, float]]) -> None:
    """Refuse margins that cannot be used, before anything is computed.

    Raises
    ------
    InputError
        If a segment is unknown, a level has no answers at all, a share is negative, or they do not add up to 1.
    """
    for segment, stated in margins.items():
        if segment not in levels or segment in ("stage", "period", "answer"):
            raise InputError(
                "margin of an unknown segment",
                file=FILE_NAME,
                column="analysis.satisfaction.margins",
                found=segment,
                expected="one of " + ", ".join(name for name in levels if name not in ("stage", "period", "answer")),
            )
        present = [str(level) for level in levels[segment]]
        total = sum(stated.values())
        unknown = [level for level, share in stated.items() if level not in present and share != 0]
        if unknown:
            raise InputError(
                f"margin of {segment} cannot be used: nobody who answered belongs to {unknown[0]}, and nothing says "
                "how they would answer",
                file=FILE_NAME,
                column=f"analysis.satisfaction.margins.{segment}",
                found=f"{unknown[0]} with a share of {stated[unknown[0]]:g}",
                expected="shares of " + ", ".join(present) + " adding up to 1",
            )
        if abs(total - 1.0) > 1e-6 or min(stated.values()) < 0:
            raise InputError(
                f"margin of {segment} cannot be used",
                file=FILE_NAME,
                column=f"analysis.satisfaction.margins.{segment}",
                found=f"shares adding up to {total:g}" if min(stated.values()) >= 0 else "a negative share",
                expected="shares of " + ", ".join(present) + " adding up to 1",
            )


def with_unheard_levels(
    cells: pd.DataFrame, levels: Mapping[str, Sequence[Any]], margins: Mapping[str, Mapping[str, float]]
) -> pd.DataFrame:
    """Return the cells with one more block for each level that has a share but no cell in a stage and period.

    The block is composed, in the other segments, as the level is in the other periods of the stage, or in the other
    stages.

    Parameters
    ----------
    cells
        Position of each factor (stage, period, segments) and ``weight``.
    levels
        Levels of each factor.
    margins
        Segment → level → share.

    Returns
    -------
    pandas.DataFrame
        The cells first, in their order; new ones have ``weight`` 0. ``start`` is the share that raking starts from,
        positive in every cell; ``stratum`` is 0 for cells that were there, else the number (from 1) of the level in its
        stage.
    """
    check_margins(levels, margins)
    factors = list(levels)
    made: list[pd.DataFrame] = []
    numbers: dict[tuple[int, str, int], int] = {}
    for stage, period in cells[["stage", "period"]].drop_duplicates().to_numpy().tolist():
        own = cells[(cells["stage"] == stage) & (cells["period"] == period)]
        for segment, stated in margins.items():
            for level, share in stated.items():
                if share == 0:
                    continue
                place = [str(one) for one in levels[segment]].index(level)
                if (own[segment] == place).any():
                    continue
                alike = cells[cells[segment] == place]
                here = alike[alike["stage"] == stage]
                alike = here if len(here) else alike
                block = alike.assign(stage=stage, period=period).groupby(factors)["weight"].sum().reset_index()
                block["start"] = block["weight"] / block["weight"].sum() * own["weight"].sum() * share
                block["stratum"] = numbers.setdefault((stage, segment, place), len(numbers) + 1)
                made.append(block.assign(weight=0.0))
    cells = cells.assign(start=cells["weight"], stratum=0)
    if made:
        # A cell that two segments ask for is one.
        new = pd.concat(made, ignore_index=True)
        new = new.groupby(factors, sort=False).agg({"weight": "first", "start": "sum", "stratum": "first"})
        cells = pd.concat([cells, new.reset_index()], ignore_index=True)
    cells["start"] /= cells.groupby(["stage", "period"])["start"].transform("sum")
    return cells


def unheard_factor(cells: xr.Dataset, scale: float) -> Factor | None:
    r"""Return the departures, in logits, of levels in stages where nobody stood for them; None if there are none.

    The model adds up effects of stage and level. A pair that nobody answered for may depart from the sum, and no answer
    says by how much: each gets a coefficient that only its prior knows, of the typical size ``scale``, so that the
    interval says what is not known.
    """
    if "stratum" not in cells:
        return None
    stratum = cells["stratum"].to_numpy()
    count = int(stratum.max())
    if count == 0:
        return None
    return Factor(UNHEARD, np.vstack([np.zeros((1, count)), np.eye(count)]), stratum, scale)


def unheard(cells: xr.Dataset, share: np.ndarray) -> pd.DataFrame:
    """Return the strata without answers: ``stage``, ``period``, ``segment``, ``level`` and ``share`` of the population.

    Parameters
    ----------
    cells
        Counts by cell, with margins.
    share
        Raked share of each cell in its stage and period.
    """
    columns = ["stage", "period", "segment", "level", "share"]
    if "stratum" not in cells:
        return pd.DataFrame(columns=columns)
    segments = [str(name) for name in cells.coords if name not in ("answer", "stage", "period")]
    new = cells["stratum"].to_numpy() > 0
    domain = cells["stage_index"].to_numpy() * cells.sizes["period"] + cells["period_index"].to_numpy()
    rows = []
    for one in np.unique(domain[new]):
        stage, period = divmod(int(one), cells.sizes["period"])
        for segment in segments:
            index = cells[f"{segment}_index"].to_numpy()
            heard = np.unique(index[(domain == one) & ~new])
            for level in np.setdiff1d(index[(domain == one) & new], heard):
                mass = float(share[(domain == one) & (index == level)].sum())
                place = (str(cells["stage"].values[stage]), int(cells["period"].values[period]))
                rows.append((*place, segment, str(cells[segment].values[level]), mass))
    return pd.DataFrame(rows, columns=columns)


def margin_remarks(
    cells: xr.Dataset,
    share: np.ndarray,
    margins: Mapping[str, Mapping[str, float]],
    scale: float,
    has_periods: bool,
    words: Words = DEFAULT_WORDS,
    labels: Mapping[str, Mapping[str, str]] | None = None,
) -> list[Remark]:
    """Say which strata nobody answered for, and which answers have no share in the stated population."""
    found = []
    for row in unheard(cells, share).itertuples():
        when_en, when_zh = (f" in {row.period}", f"（{row.period}）") if has_periods else ("", "")
        found.append(
            words.remark(
                f"{{Stage}} {{name}}{when_en}: nobody answered from {row.segment} = {row.level}, {row.share:.0%} of "
                "the population by the stated margins. Their answers are predicted from that level elsewhere, with a "
                f"departure of their own that no answer informs (typical size {scale:g} logits).",
                f"{{stage}} {{name}}{when_zh}：{row.segment} = {row.level} 无人作答，"
                f"按所给总体边际其占 {row.share:.0%}。"
                f"其答案由该水平在别处的答案预测，并带有无数据约束的自身偏离（典型大小 {scale:g} logit）。",
                name={language: name_of(labels or {}, row.stage, language) for language in LANGUAGES},
            )
        )
    counts = cells["answers"].sum("answer").to_numpy()
    for segment, stated in margins.items():
        index = cells[f"{segment}_index"].to_numpy()
        for place, level in enumerate(map(str, cells[segment].values)):
            answers = int(counts[index == place].sum())
            if stated.get(level, 0.0) == 0 and answers:
                found.append(
                    remark(
                        f"{answers} answers from {segment} = {level} have no share in the stated population: they "
                        "inform the model, and the scores leave them out.",
                        f"{segment} = {level} 的 {answers} 份答案在所给总体边际中无份额：参与建模，但不计入得分。",
                    )
                )
    return found


def rake(share: np.ndarray, domain: np.ndarray, margins: Sequence[tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
    """Adjust the shares of cells to stated margins (iterative proportional fitting, Deming & Stephan 1940).

    Parameters
    ----------
    share
        Share of each cell in its domain.
    domain
        Domain 0, 1, … of each cell.
    margins
        For each segment the level of each cell and the wished share of each level (sums to 1).

    Returns
    -------
    numpy.ndarray
        Shares with the wished margins in every domain that has cells; they add up to 1 there.

    Raises
    ------
    InputError
        If a domain lacks a level with a share, or no shares of its cells have all the margins.
    """
    share = share.copy()
    domains = int(domain.max()) + 1
    there = np.bincount(domain, share, minlength=domains) > 0

    def found(level: np.ndarray, wished: np.ndarray) -> np.ndarray:
        return np.bincount(domain * wished.size + level, share, minlength=domains * wished.size).reshape(domains, -1)

    for level, wished in margins:
        lacking = (found(level, wished) <= 0) & (wished > 0) & there[:, None]
        if lacking.any():
            raise InputError(
                "a level with a population share has no cell: its share may not go to the others",
                found=f"level {int(np.argwhere(lacking)[0][1]) + 1} of {wished.size}",
                expected="a cell for every level",
            )
    for _ in range(_ROUNDS):
        before = share.copy()
        for level, wished in margins:
            now = found(level, wished)
            share *= np.divide(wished, now, out=np.zeros_like(now), where=now > 0)[domain, level]
        if np.abs(share - before).max() < _EXACT:
            break
    worst = max((float(np.abs(found(level, wished) - wished)[there].max()) for level, wished in margins), default=0.0)
    if not worst < _MET:
        raise InputError(
            "the margins contradict each other: no composition of the cells has all of them",
            found=f"a share that is off by {worst:.2g} after {_ROUNDS} rounds",
            expected="margins that can hold together in every stage and period",
        )
    return share


def margin_arrays(cells: xr.Dataset, margins: Mapping[str, Mapping[str, float]]) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return stated margins (segment → level → share) as :func:`rake` takes them.

    Raises
    ------
    InputError
        If a segment or a level is unknown, or the shares do not add up to 1.
    """
    check_margins({str(name): cells[name].values.tolist() for name in cells.coords}, margins)
    return [
        (
            cells[f"{segment}_index"].to_numpy(),
            np.array([stated.get(str(level), 0.0) for level in cells[segment].values]),
        )
        for segment, stated in margins.items()
    ]
