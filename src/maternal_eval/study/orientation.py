"""Which way answers point: turning round the ones of which less is better, in one place.

A panel speaks the user's scale: waiting 1–5 stays waiting 1–5, in tables, figures, scenarios and :attr:`Study.panel`.
Whoever needs "larger is better" (a composite, stars, weights on a simplex) asks :meth:`Study.oriented`, which turns
round with the functions here, and says so with :func:`turned_remark`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from maternal_eval.core.errors import InputError
from maternal_eval.core.remarks import Remark, remark
from maternal_eval.study.evaluation_model import Indicator, Outcome


def turned(answers: npt.ArrayLike, low: npt.ArrayLike, high: npt.ArrayLike, reverse: npt.ArrayLike) -> np.ndarray:
    r"""Return answers with :math:`low + high - a` where ``reverse`` holds; NaN stays NaN.

    The turned answer is held to the scale: in floating point :math:`low + high - high` may fall short of ``low``.

    Parameters
    ----------
    answers
        … × columns, on the scale of each column.
    low, high, reverse
        ``(columns,)`` or one for all: ends of the scale, and whether less is better.

    Raises
    ------
    InputError
        If the ends of a scale do not increase.

    Examples
    --------
    >>> turned(np.array([[1.0, 1.0], [4.0, np.nan]]), 1, 5, [True, False])
    array([[ 5.,  1.],
           [ 2., nan]])
    """
    answers, low, high = (np.asarray(part, dtype=float) for part in (answers, low, high))
    if not (low < high).all():
        raise InputError("a scale needs a lowest answer below its highest one", found=f"{low} to {high}")
    return np.where(reverse, np.clip(low + high - answers, low, high), answers)


def oriented_frame(panel: pd.DataFrame, entries: Sequence[Indicator]) -> pd.DataFrame:
    """Return the columns of ``entries`` as ``float64``, turned round so that larger is better in every one of them."""
    columns = {
        one.code: turned(panel[one.code].to_numpy(dtype=float), one.low, one.high, one.reversed) for one in entries
    }
    return pd.DataFrame(columns, index=panel.index, dtype="float64")


def turned_remark(entries: Iterable[Indicator | Outcome]) -> list[Remark]:
    """Return the remark that names what was turned round; none if nothing was."""
    turned_round = [one for one in entries if one.reversed]
    names = ", ".join(one.code if isinstance(one, Indicator) else one.name for one in turned_round)
    if not names:
        return []
    return [
        remark(
            f"Less is better for {names}: counted here turned round (low + high − answer), so that more is better; "
            "where the answer rises, this falls.",
            f"{names} 越小越好：此处已在其量表上翻转（下限 + 上限 − 答案），越大越好；答案升高时，这里的数值下降。",
        )
    ]
