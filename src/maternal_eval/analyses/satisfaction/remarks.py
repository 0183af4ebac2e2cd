"""What a reader has to know beside the scores of the satisfaction model: what was left out, pooled or predicted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr

from maternal_eval.analyses.satisfaction.margins import margin_remarks
from maternal_eval.core.remarks import Remark, remark

FEW = 10
"""With fewer answers a stage's score in a period rests more on the others than on its own answers."""


def fit_remarks(
    cells: xr.Dataset,
    share: np.ndarray,
    margins: Mapping[str, Mapping[str, float]],
    scale: float,
    forecast: Sequence[int] = (),
    has_periods: bool = True,
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
    """
    found = []
    left_out = int(cells.attrs["left_out"])
    if left_out:
        found.append(
            remark(
                f"{left_out} rows are left out: no answer, no stage, or no survey weight above 0.",
                f"{left_out} 行未计入：无答案、无阶段，或抽样权重不大于 0。",
            )
        )
    counts = np.zeros((cells.sizes["stage"], cells.sizes["period"]), dtype=np.int64)
    place = cells["stage_index"].to_numpy(), cells["period_index"].to_numpy()
    np.add.at(counts, place, cells["answers"].sum("answer").to_numpy())
    shown = [number for number, period in enumerate(cells["period"].values) if int(period) not in forecast]
    empty = _places(cells, counts == 0, shown, has_periods)
    if empty:
        found.append(
            remark(
                f"Nobody answered in {empty}: the score there is predicted from the other stages and periods, and has "
                "no part in that of all stages.",
                f"{empty} 无人作答：其得分由其他阶段与时期预测，且不计入全部阶段的得分。",
            )
        )
    few = _places(cells, (counts > 0) & (counts < FEW), shown, has_periods)
    if few:
        found.append(
            remark(
                f"Fewer than {FEW} answers in {few}: the score there leans on the other stages and periods.",
                f"{few} 的答案不足 {FEW} 份：其得分主要借助其他阶段与时期。",
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
        found += margin_remarks(cells, share, margins, scale, has_periods)
    return found


def _places(cells: xr.Dataset, wanted: np.ndarray, periods: Sequence[int], has_periods: bool) -> str:
    """Return the stages (with their periods) that are wanted, as text; empty if none is."""
    named = []
    for number, stage in enumerate(cells["stage"].values):
        times = [str(int(cells["period"].values[at])) for at in periods if wanted[number, at]]
        if times:
            named.append(f"{stage} ({', '.join(times)})" if has_periods else str(stage))
    return ", ".join(named)
