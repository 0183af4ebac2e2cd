"""Published shares as counts: how many answers stand behind them, and how many they are worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from maternal_eval.core.errors import InputError
from maternal_eval.core.remarks import Remark, remark
from maternal_eval.methods.effective_number import effective_number, effective_numbers_of_cells
from maternal_eval.study.count_table import ANSWER, QUESTION, ROW
from maternal_eval.study.definition import StudyDefinition
from maternal_eval.study.panel import RawPanel
from maternal_eval.study.panel.contract import ColumnRule


def masses_of_shares(
    definition: StudyDefinition,
    raw: RawPanel,
    lines: pd.DataFrame,
    cells: Sequence[str],
    questions: Mapping[str, ColumnRule],
    said: list[Remark],
) -> pd.DataFrame:
    """Return lines of shares with their masses.

    With N answers behind a cell that are worth n: ``weight`` is share × N and ``weight_squares`` is weight × N / n, so
    that (Σ weight)² / Σ weight_squares = n in the cell, and cells put together count by N. ``counted`` is share × N in
    whole answers that add up to N. Without N, n stands for it.

    Parameters
    ----------
    lines
        Cells, QUESTION, ANSWER, ``[value]`` (the share) and ``[row]``, and ``[number]``, ``[low]``, ``[high]`` if they
        are given; ANSWER is missing where a share is that of the higher of two answers.

    Raises
    ------
    InputError
        If a share is none, shares do not add up, an interval does not hold its share, or nothing says how many answers
        there are.
    """
    table = _in_parts(definition, raw, lines)
    table["[worth]"] = _worth(definition, raw, table, said)
    table = _with_the_other_answer(raw, definition, table, questions)
    cell = table.groupby([*cells, QUESTION], dropna=False, sort=False).ngroup().to_numpy()
    share = table["[value]"].to_numpy(dtype=float)
    total = np.bincount(cell, share)[cell]
    _refuse_sums(definition, raw, table, cell, total)
    share = share / total
    number = table["[number]"] if definition.counts.number else pd.Series(np.nan, table.index)
    _refuse_numbers(definition, raw, table, number, cell)
    worth = effective_numbers_of_cells(share, table["[worth]"].to_numpy(dtype=float), cell)[cell]
    size = number.groupby(cell).transform("first").fillna(pd.Series(worth, table.index)).to_numpy(dtype=float)
    weight = share * size
    counted = _in_whole_answers(weight, cell)
    return table.assign(counted=counted, weight=weight, weight_squares=weight * size / worth)


def _in_parts(definition: StudyDefinition, raw: RawPanel, lines: pd.DataFrame) -> pd.DataFrame:
    """Return the lines with shares and intervals from 0 to 1."""
    counts = definition.counts
    whole = 100.0 if counts.percent else 1.0
    table = lines.copy()
    for name in ("[value]", "[low]", "[high]"):
        if name not in table:
            continue
        wrong = (table[name] < 0) | (table[name] > whole)
        if wrong.any():
            first = table[wrong].iloc[0]
            found = float(first[name])
            percent = not counts.percent and 1 < found <= 100
            raise InputError(
                "a share lies outside 0 to " + f"{whole:g}",
                file=raw.source,
                row=raw.row(int(first[ROW])),
                column=first["[column]"] if name == "[value]" else getattr(counts, name[1:-1]),
                found=f"{found:g}",
                expected=f"a number from 0 to {whole:g}",
                mend="percent = true in [counts]" if percent else "correct the line, or leave it out",
            )
        table[f"{name} unit"] = 10.0 ** -_decimals(table[name])
        table[name] = table[name] / whole
    return table


def _decimals(values: pd.Series) -> int:
    """Return the number of decimals that the shares are printed with: the most of any."""
    texts = [f"{value:.10g}" for value in values.dropna().unique()]
    return max((len(text.partition(".")[2]) for text in texts if "e" not in text), default=0)


def _worth(definition: StudyDefinition, raw: RawPanel, table: pd.DataFrame, said: list[Remark]) -> np.ndarray:
    """Return the effective number of answers that each share tells of itself: by its interval, else by its number."""
    counts = definition.counts
    share = table["[value]"].to_numpy(dtype=float)
    number = table["[number]"].to_numpy(dtype=float) if counts.number else np.full(len(table), np.nan)
    wrong = number <= 0
    if wrong.any():
        first = table[wrong].iloc[0]
        raise InputError(
            "no answers stand behind the share",
            file=raw.source,
            row=raw.row(int(first[ROW])),
            column=counts.number,
            found=f"{first['[number]']:g}",
            expected="a number above 0",
            mend="leave the line out",
        )
    worth = np.full(len(table), np.nan)
    if counts.low is not None:
        low, high = (table[name].to_numpy(dtype=float) for name in ("[low]", "[high]"))
        given = np.isfinite(low) & np.isfinite(high)
        outside = given & ((low > share) | (share > high))
        if outside.any():
            first = table[outside].iloc[0]
            unit = 100.0 if counts.percent else 1.0
            raise InputError(
                "the interval does not hold the share",
                file=raw.source,
                row=raw.row(int(first[ROW])),
                column=f"{counts.low}, {counts.high}",
                found=f"{unit * first['[value]']:g} and {unit * first['[low]']:g} to {unit * first['[high]']:g}",
                expected=f"{counts.low} ≤ {first['[column]']} ≤ {counts.high}",
                mend="correct the line, or take low and high out of [counts] if they are of something else"
                + ("" if counts.number else ' and give number = "COLUMN"'),
            )
        if given.any():
            worth[given] = effective_number(share[given], low[given], high[given], counts.probability)
    from_interval = np.isfinite(worth)
    worth = np.where(from_interval, worth, number)
    silent = ~np.isfinite(worth)
    if silent.any():
        first = table[silent].iloc[0]
        column = counts.number or f"{counts.low}, {counts.high}"
        raise InputError(
            "nothing says how many answers stand behind the share",
            file=raw.source,
            row=raw.row(int(first[ROW])),
            column=column,
            found="neither a number nor an interval with a width",
            expected="the number of answers, or both ends of an interval",
            mend="give the number of answers in the line, or leave the line out"
            if counts.number
            else 'number = "COLUMN" in [counts], or leave the line out',
        )
    said += _said_of_worth(definition, worth, from_interval, number)
    return worth


def _said_of_worth(
    definition: StudyDefinition, worth: np.ndarray, from_interval: np.ndarray, number: np.ndarray
) -> list[Remark]:
    counts, found = definition.counts, []
    if from_interval.any():
        ratio = worth[from_interval] / number[from_interval]
        known = ratio[np.isfinite(ratio)]
        en = f", in the middle {np.median(known):.2f} of the number asked" if len(known) else ""
        zh = f"，中位数为所问人数的 {np.median(known):.2f} 倍" if len(known) else ""
        found.append(
            remark(
                f"{int(from_interval.sum()):,} shares count for as many answers as their {counts.probability:.0%} "
                f"interval tells (logit scale){en}.",
                f"{int(from_interval.sum()):,} 个占比按其{counts.probability:.0%}区间（logit 尺度）"
                f"折算为有效答案数{zh}。",
            )
        )
    if (~from_interval).any():
        left = int((~from_interval).sum())
        found.append(
            remark(
                f"{left:,} shares without a usable interval count as those of so many independent answers: a clustered "
                "or weighted survey knows less.",
                f"{left:,} 个占比没有可用区间，按同等数目的独立答案计：整群或加权抽样的信息更少。",
            )
        )
    if not np.isfinite(number).all():
        found.append(
            remark(
                "The number of answers is not given everywhere: there the effective number stands for it.",
                "部分答案数未给出：以有效答案数代替。",
            )
        )
    return found


def _with_the_other_answer(
    raw: RawPanel, definition: StudyDefinition, table: pd.DataFrame, questions: Mapping[str, ColumnRule]
) -> pd.DataFrame:
    """Return a line for each answer: a share without an answer is that of the higher one of two."""
    if table[ANSWER].notna().all():
        return table
    for name in table[QUESTION].unique():
        rule = questions[str(name)]
        if not rule.whole or rule.low is None or rule.high is None or rule.high - rule.low != 1:
            raise InputError(
                f"a share without an answer is that of a question with two answers, and {name} has others",
                file=raw.source,
                column=rule.source,
                found=f"{rule.low:g} to {rule.high:g}"
                if rule.low is not None and rule.high is not None
                else "no scale",
                expected="a scale such as 0 to 1",
                mend='answer = "COLUMN" in [counts]; or low 0 and high 1 (kind "binary" for an outcome)',
            )
    ends = table[QUESTION].map({name: (rule.low, rule.high) for name, rule in questions.items()})
    upper, lower = table.copy(), table.copy()
    upper[ANSWER] = [float(high) for _, high in ends]
    lower[ANSWER] = [float(low) for low, _ in ends]
    lower["[value]"] = 1.0 - table["[value]"]
    return pd.concat([upper, lower], ignore_index=True)


def _refuse_sums(
    definition: StudyDefinition, raw: RawPanel, table: pd.DataFrame, cell: np.ndarray, total: np.ndarray
) -> None:
    """Refuse shares of the answers of a cell that do not add up within their rounding."""
    whole = 100.0 if definition.counts.percent else 1.0
    size = np.bincount(cell)[cell]
    wrong = np.abs(total - 1.0) > 0.5 * table["[value] unit"].to_numpy() / whole * size + 1e-9
    if not wrong.any():
        return
    at = int(wrong.argmax())
    first, found = table.iloc[at], whole * total[at]
    in_percent = abs(found - 100.0) <= 1.0 and not definition.counts.percent
    raise InputError(
        "the shares of the answers do not add up",
        file=raw.source,
        row=raw.row(int(first[ROW])),
        column=first["[column]"],
        found=f"{found:.10g} over the {size[at]} answers to {first[QUESTION]} in this cell",
        expected=f"{whole:g}, within rounding",
        mend="give a line for every answer (0 where nobody gave it)"
        + (", or percent = true in [counts]" if in_percent else ""),
    )


def _refuse_numbers(
    definition: StudyDefinition, raw: RawPanel, table: pd.DataFrame, number: pd.Series, cell: np.ndarray
) -> None:
    """Refuse numbers of answers that differ inside a cell."""
    ends = number.groupby(cell).agg(["min", "max"])
    wrong = (ends["min"] < ends["max"]).to_numpy()[cell]
    if wrong.any():
        at = int(wrong.argmax())
        first, of_cell = table.iloc[at], ends.iloc[cell[at]]
        raise InputError(
            "the number of answers differs inside a cell",
            file=raw.source,
            row=raw.row(int(first[ROW])),
            column=definition.counts.number,
            found=f"{of_cell['min']:g} and {of_cell['max']:g} for {first[QUESTION]}",
            expected="the number who answered the question, the same in each line of the cell",
            mend='kind = "counts" under [panel] if these are numbers by answer',
        )


def _in_whole_answers(parts: np.ndarray, cell: np.ndarray) -> np.ndarray:
    """Return whole numbers next to ``parts`` that add up to their rounded sum in each cell (largest remainders)."""
    whole = np.floor(parts + 1e-9)
    left = np.round(np.bincount(cell, parts)) - np.bincount(cell, whole)
    order = np.lexsort((whole - parts, cell))
    size = np.bincount(cell)
    place = np.empty(len(parts), dtype=np.int64)
    place[order] = np.arange(len(parts)) - np.repeat(np.cumsum(size) - size, size)
    return (whole + (place < left[cell])).astype(np.int64)
