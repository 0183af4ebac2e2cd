"""What a reader has to know beside the scores of the satisfaction model: what was left out, pooled or predicted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr

from maternal_eval.analyses.satisfaction.margins import margin_remarks
from maternal_eval.core.languages import LANGUAGES, say
from maternal_eval.core.remarks import Remark, remark
from maternal_eval.core.words import DEFAULT_WORDS, Words
from maternal_eval.study.labels import name_of

FEW = 10
"""With fewer answers a stage's score in a period rests more on the others than on its own answers."""


def fit_remarks(
    cells: xr.Dataset,
    share: np.ndarray,
    margins: Mapping[str, Mapping[str, float]],
    scale: float,
    forecast: Sequence[int] = (),
    has_periods: bool = True,
    words: Words = DEFAULT_WORDS,
    labels: Mapping[str, Mapping[str, str]] | None = None,
) -> list[Remark]:
    """Return the remarks on a fit.

    Parameters
    ----------
    cells, share
        Counts by cell, and the share of each cell in its stage and period.
    margins, scale
        Stated population margins, and the typical size of a segment's effect in logits.
    forecast
        Periods that are predicted on purpose.
    has_periods
        Whether the study has periods.
    words, labels
        What the study calls its stages; stage → its name in each language.
    """
    found = []
    left_out = int(cells.attrs["left_out"])
    if left_out:
        found.append(
            words.remark(
                "{n} rows are left out: no answer, no {stage}, or no survey weight above 0.",
                "{n} 行未计入：无答案、无{stage}，或抽样权重不大于 0。",
                n=left_out,
            )
        )
    counts = np.zeros((cells.sizes["stage"], cells.sizes["period"]), dtype=np.int64)
    place = cells["stage_index"].to_numpy(), cells["period_index"].to_numpy()
    np.add.at(counts, place, cells["answers"].sum("answer").to_numpy())
    shown = [number for number, period in enumerate(cells["period"].values) if int(period) not in forecast]
    empty = _places(cells, counts == 0, shown, has_periods, labels or {})
    if empty:
        found.append(
            words.remark(
                "Nobody answered in {places}: the score there is predicted from the other {stages} and periods, and "
                "has no part in that of all {stages}.",
                "{places} 无人作答：其得分由其他{stage}与时期预测，且不计入全部{stage}的得分。",
                places=empty,
            )
        )
    few = _places(cells, (counts > 0) & (counts < FEW), shown, has_periods, labels or {})
    if few:
        found.append(
            words.remark(
                f"Fewer than {FEW} answers in {{places}}: the score there leans on the other {{stages}} and periods.",
                f"{{places}} 的答案不足 {FEW} 份：其得分主要借助其他{{stage}}与时期。",
                places=few,
            )
        )
    never = cells["answer"].values[cells["answers"].sum("cell").to_numpy() == 0]
    if len(never):
        named = ", ".join(f"{answer:g}" for answer in never)
        found.append(
            remark(
                f"Nobody gave the answer {named}: it stays on the scale, and its probability is small, not 0.",
                f"无人选择答案 {named}：该答案保留在量表上，其概率很小但不为 0。",
            )
        )
    if margins:
        found += margin_remarks(cells, share, margins, scale, has_periods, words, labels or {})
    return found


def _places(
    cells: xr.Dataset,
    wanted: np.ndarray,
    periods: Sequence[int],
    has_periods: bool,
    labels: Mapping[str, Mapping[str, str]],
) -> dict[str, str]:
    """Return the stages (with their periods) that are wanted, as text in each language; empty if none is."""
    named: dict[str, list[str]] = {language: [] for language in LANGUAGES}
    for number, stage in enumerate(cells["stage"].values):
        times = [int(cells["period"].values[at]) for at in periods if wanted[number, at]]
        for language in LANGUAGES if times else ():
            name = name_of(labels, stage, language)
            when = say(language, ", ", "、").join(name_of(labels, time, language) for time in times)
            named[language].append(name + say(language, f" ({when})", f"（{when}）") if has_periods else name)
    return {language: say(language, ", ", "、").join(names) for language, names in named.items() if names}
