"""What has to be heard beside the Kano classes: ties, few answers, elements that nobody answered."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from maternal_eval.core.remarks import Remark, remark
from maternal_eval.methods.kano import ANSWER_CLASSES

FEW = 10
"""Fewer answers than this do not tell six classes apart."""


def remarks_on_classes(
    elements: pd.DataFrame, unanswered: list[str], labels: Mapping[str, Mapping[str, str]]
) -> list[Remark]:
    """Return the remarks on the classes of a study.

    Parameters
    ----------
    elements
        One row per element with the count of each class, see :class:`~maternal_eval.analyses.kano.result.KanoResult`.
    unanswered
        Elements without an answer.
    labels
        Names of the elements, name → language → text.
    """
    found = []
    counts = elements[list(ANSWER_CLASSES)].to_numpy(dtype=float)
    largest = counts == counts.max(axis=1, keepdims=True)
    for place in np.flatnonzero(largest.sum(axis=1) > 1):
        element = str(elements["element"].iloc[place])
        tied = [name for name, is_largest in zip(ANSWER_CLASSES, largest[place], strict=True) if is_largest]
        english, chinese = (
            separator.join(getattr(ANSWER_CLASSES[name], f"name_{language}") for name in tied)
            for language, separator in (("en", ", "), ("zh", "、"))
        )
        found.append(
            remark(
                f"{_name(labels, element, 'en')}: {english} are equally frequent ({counts[place].max():.0f} answers "
                "each); the first of them is shown, and no class is the most frequent one",
                f"{_name(labels, element, 'zh')}：{chinese}并列最多（各 {counts[place].max():.0f} 份），"
                "表中只列出其中第一个，并无唯一的最常见类别",
            )
        )
    few = elements[elements["n"] < FEW]
    if len(few):
        listed = ", ".join(few["element"].astype(str).head(6)) + (" …" if len(few) > 6 else "")
        found.append(
            remark(
                f"{len(few)} elements have fewer than {FEW} answers, too few to tell classes apart: {listed}",
                f"{len(few)} 个要素的答卷少于 {FEW} 份，不足以区分类别：{listed}",
            )
        )
    if unanswered:
        listed = ", ".join(unanswered[:6]) + (" …" if len(unanswered) > 6 else "")
        found.append(
            remark(
                f"{len(unanswered)} elements without any answer are left out: {listed}",
                f"{len(unanswered)} 个要素没有任何答卷，未列入：{listed}",
            )
        )
    return found


def _name(labels: Mapping[str, Mapping[str, str]], element: str, language: str) -> str:
    return labels.get(element, {}).get(language, element)
