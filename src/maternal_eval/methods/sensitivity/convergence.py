"""Growing a Sobol' sample until its indices are settled.

A fixed N is either wasteful or too small. The sample is doubled, running only what is new, until two criteria of
Sarrazin, Pianosi & Wagener (2016, *Environmental Modelling & Software* 79) hold for every watched output: the widest
interval of a total index is narrow enough, and the order of the factors is settled.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from maternal_eval.core.errors import InputError
from maternal_eval.core.remarks import Remark, remark
from maternal_eval.methods.sensitivity.design import Model, SobolDesign
from maternal_eval.methods.sensitivity.sobol import evaluate, sobol_indices

if TYPE_CHECKING:
    from distributed import Client

SETTLED_ORDER = 1.0
"""Unrest of the order below which it counts as settled (Sarrazin et al. 2016, stat_ranking)."""


def unsettled_remark(steps: pd.DataFrame, width: float) -> list[Remark]:
    """Return the remark that the sample stopped at its largest size before its indices were settled; else none.

    Parameters
    ----------
    steps
        Of :class:`Grown`.
    width
        The width that counts as narrow.
    """
    last = steps[steps["base"] == steps["base"].max()]
    open_ones = last[~last["settled"].astype(bool)]
    if open_ones.empty:
        return []
    base, widest, unrest = int(last["base"].iloc[0]), open_ones["width"].max(), open_ones["unrest"].max()
    return [
        remark(
            f"The Sobol' sample stopped at its largest size (N = {base}) before its indices were settled: the widest "
            f"interval of a total index is {widest:.3f} (settled at {width:g}), and the order of the factors changes "
            f"by {unrest:.2f} ranks between resamples (settled below {SETTLED_ORDER:g}). Raise base in "
            "[analysis.sensitivity] of study.toml.",
            f"Sobol' 样本达到上限（N = {base}）时指数尚未稳定：总效应区间最宽为 {widest:.3f}（稳定标准 {width:g}），"
            f"重抽样之间因素次序变动 {unrest:.2f} 位（稳定标准：小于 {SETTLED_ORDER:g}）。"
            "可在 study.toml 的 [analysis.sensitivity] 中调大 base。",
        )
    ]


@dataclass(frozen=True)
class Grown:
    """A sample that grew.

    Attributes
    ----------
    design
        Of the size that was reached.
    outputs
        Base points × width × outputs.
    steps
        One row per size and watched output: ``base``, ``output`` (position), ``width`` (of the widest interval of a
        total index), ``unrest`` (of the order of the factors), ``settled``. An output that does not vary is settled.
    settled
        Whether all criteria hold at the size that was reached.
    """

    design: SobolDesign
    outputs: np.ndarray
    steps: pd.DataFrame
    settled: bool


def grow(
    model: Model,
    factors: dict[str, int],
    *,
    start: int,
    most: int,
    width: float,
    watched: np.ndarray,
    second_order: bool = False,
    resamples: int = 1000,
    seed: int | np.random.SeedSequence = 0,
    client: Client | None = None,
) -> Grown:
    """Run a model on samples of growing size until its indices are settled.

    Parameters
    ----------
    model, factors, second_order, seed, client
        As for :class:`~maternal_eval.methods.sensitivity.design.SobolDesign` and
        :func:`~maternal_eval.methods.sensitivity.sobol.analyse`.
    start, most
        Smallest and largest N, powers of two.
    width
        Largest width of the interval of a total index (of 0–1) that counts as narrow.
    watched
        Positions of the outputs that decide.
    """
    if not width > 0:
        raise InputError("the width that counts as narrow has to be positive", found=width)
    if start > most:
        raise InputError("the smallest sample is larger than the largest", found=start, expected=f"at most {most}")
    base, outputs, steps = start, np.empty(0), []
    while True:
        design = SobolDesign(dict(factors), base, second_order, seed)
        done = len(outputs)
        new = evaluate(model, design, done, base, client)
        outputs = np.concatenate([outputs, new]) if done else new
        found = sobol_indices(
            SobolDesign(dict(factors), base, second_order, seed), outputs[..., watched], resamples=resamples, seed=seed
        )
        spread = (found.total["high"] - found.total["low"])[:, : len(factors)].max(axis=1)
        settled = ~found.defined | ((spread <= width) & (found.unrest < SETTLED_ORDER))
        steps.append(
            pd.DataFrame({"base": base, "output": watched, "width": spread, "unrest": found.unrest, "settled": settled})
        )
        if settled.all() or base >= most:
            return Grown(design, outputs, pd.concat(steps, ignore_index=True), bool(settled.all()))
        base *= 2
