"""Stars of an indicator, and the alarm where it falls below three of five.

Stars are the mean answer on the scale from 1 to 5, by survey weight; answers on another scale are stretched to it,
:math:`1 + 4 (a - low) / (high - low)`. A mean treats answers as equally spaced; that is how the reports use stars.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from maternal_eval.core.remarks import Remark, remark
from maternal_eval.study import Indicator

LOWEST, HIGHEST = 1.0, 5.0
ALARM = 3.0
"""Below this an indicator raises an alarm (the reports' threshold)."""

FEWEST_ANSWERS = 5
"""With fewer answers (after unequal survey weights: Kish's effective number) nothing is said about the limit."""


@dataclass(frozen=True)
class StarStatus:
    """What the stars of an indicator say, by where their interval lies; ``alarm`` calls for action."""

    name: str
    name_en: str
    name_zh: str
    alarm: bool


STAR_STATUS = {
    row.name: row
    for row in (
        StarStatus("below", "below three stars", "低于三星", alarm=True),
        StarStatus(
            "perhaps_below", "mean below three stars, interval reaches over", "均值低于三星，区间跨过三星", alarm=False
        ),
        StarStatus(
            "perhaps_above", "mean above three stars, interval reaches under", "均值高于三星，区间跨过三星", alarm=False
        ),
        StarStatus("above", "above three stars", "高于三星", alarm=False),
        StarStatus("too_few", "too few answers to tell", "答案过少，无法判断", alarm=False),
    )
}
"""Statuses, one row each."""


def stars(answers: np.ndarray, indicators: tuple[Indicator, ...]) -> np.ndarray:
    """Return answers (respondents × indicators) on the scale from 1 to 5."""
    low, high = (np.array([getattr(one, end) for one in indicators]) for end in ("low", "high"))
    return LOWEST + (HIGHEST - LOWEST) * (answers - low) / (high - low)


def status(mean: float, low: float, high: float, answers: float) -> str:
    """Return the row of :data:`STAR_STATUS` for a mean with its interval and its effective number of answers.

    Without an interval that has a width, or with fewer answers than :data:`FEWEST_ANSWERS`, there is no telling.
    """
    if not low < high or answers < FEWEST_ANSWERS - 1e-9:
        return "too_few"
    if mean < ALARM:
        return "below" if high < ALARM else "perhaps_below"
    return "perhaps_above" if low < ALARM else "above"


def few_stars_remarks(star_rows: pd.DataFrame) -> list[Remark]:
    """Say how many star ratings (rows with a ``status``) rest on too few answers to raise an alarm; nothing if none."""
    few = int((star_rows["status"] == "too_few").sum())
    if not few:
        return []
    return [
        remark(
            f"{few} of {len(star_rows)} star ratings rest on fewer than {FEWEST_ANSWERS} answers (after unequal "
            "weights): they raise no alarm, whatever their interval.",
            f"{len(star_rows)} 项星级中有 {few} 项的有效答案不足 {FEWEST_ANSWERS} 份（已计不等权）："
            "无论区间如何均不报警。",
        )
    ]
