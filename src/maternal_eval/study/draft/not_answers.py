"""Rows of a file that nobody answered: totals and means at its head or foot, notes below the table."""

from __future__ import annotations

import re

from maternal_eval.core.remarks import Remark, remark
from maternal_eval.study.draft.answers import answers_of
from maternal_eval.study.draft.opening import shown
from maternal_eval.study.draft.profile import ColumnProfile, Profile

_TOTAL = re.compile(
    r"[（(【\[]?\s*(?:合计|总计|小计|共计|总和|平均|平均值|平均数|平均分|均值|标准差|grand total|totals?|sub-?totals?"
    r"|sums?|averages?|avg\.?|means?|std\.? ?dev\.?|gesamt|summe|mittelwert)\s*[）)】\]]?\s*[:：]?",
    re.IGNORECASE,
)
_NOTE = re.compile(
    r"(?:注|备注|附注|说明|注释|数据来源|资料来源|来源|notes?|sources?|source of data|footnotes?|quelle|anmerkung)"
    r"\s*\d*\s*[:：].*|[*＊†]\s*\S.{10,}",
    re.IGNORECASE | re.DOTALL,
)

FEW = 0.02
"""Share of the rows up to which such rows are what they look like; of small files up to :data:`A_FEW` rows."""

A_FEW = 6


def find_not_answers(found: Profile) -> tuple[dict[str, tuple[str, ...]], Remark | None]:
    """Return column → values of rows that are totals or notes, and what a person should hear.

    They are told by the first cell that is filled in them: a word for a total where other cells of the column hold
    something else, or a text that begins as a note does.
    """
    values: dict[str, tuple[str, ...]] = {}
    for column in found.columns:
        if answers_of(column) is not None:
            continue
        named = tuple(value for value in column.counts if _TOTAL.fullmatch(value.strip()) or _is_note(column, value))
        rows = sum(column.counts[value] for value in named)
        if named and len(named) < len(column.counts) and (rows <= A_FEW or rows <= FEW * found.rows):
            values[column.name] = named
    if not values:
        return {}, None
    listed = "; ".join(
        f"{shown(name, 40)}: {', '.join(shown(value, 40) for value in named[:4])}" for name, named in values.items()
    )
    return values, remark(
        f"Rows that look like totals or notes are left out ([panel] leave_out): {listed}.",
        f"疑似合计行或注释行已排除（[panel] 的 leave_out）：{listed}。",
    )


def _is_note(column: ColumnProfile, value: str) -> bool:
    """Whether a text that stands once begins as a note does, in a column that does not hold texts anyway."""
    if column.counts[value] > 1 or not _NOTE.fullmatch(value.strip()):
        return False
    texts = [other for other in column.counts if other != value and len(other) > 30]
    return len(texts) <= 3
