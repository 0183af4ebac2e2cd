"""Remarks: what a reader has to know where a result stands, in both languages.

Whatever was left out, guessed, pooled, merged, turned round or has not converged is a remark of the result: the verbs
print it under the table, ``--json`` and ``--out`` carry it, and the papers list it.
"""

from __future__ import annotations

from collections.abc import Iterable

type Remark = dict[str, str]
"""The same sentence in each language: ``en`` and ``zh``."""


def remark(en: str, zh: str) -> Remark:
    """Return a remark, its sentence in English and in Chinese.

    Examples
    --------
    >>> remark("2 cells without answers are left out.", "2 个没有答案的单元未计入。")["en"]
    '2 cells without answers are left out.'
    """
    return {"en": en, "zh": zh}


def each_once(remarks: Iterable[Remark]) -> list[Remark]:
    """Return the remarks in their order, repeats left out."""
    return list({one["en"]: one for one in remarks}.values())
