"""What the model predicts before and after the data speak, against what was answered."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from maternal_eval.analyses.satisfaction.poststratification import pooled_probabilities
from maternal_eval.core.intervals import interval, normal_reach
from maternal_eval.methods.ordinal.leave_one_out import LeaveOneOut
from maternal_eval.methods.ordinal.model import SatisfactionModel
from maternal_eval.methods.ordinal.summaries import ALL, expected_answers

PRIOR_DRAWS = 1000
GRID = np.linspace(0.0, 1.0, 41)
"""Where the distribution of the probability integral transform is looked at."""

GROUPS = 8
"""Groups of cells with similar predictions in the calibration of each threshold."""


def prior_table(
    model: SatisfactionModel,
    x: np.ndarray,
    cells: xr.Dataset,
    share: np.ndarray,
    generator: np.random.Generator,
) -> pd.DataFrame:
    """Compare prior and posterior of quantities that a reader can judge.

    Returns
    -------
    pandas.DataFrame
        Columns quantity (score of a stage in the last period, ``spread`` between the highest and lowest stage,
        ``change`` of all stages together), level, prior, prior_low, prior_high, posterior, posterior_low,
        posterior_high (means and equal-tailed intervals), on the scale of the answers.
    """
    before = model.draw_prior(generator, PRIOR_DRAWS)[None]
    found = [_quantities(pooled_probabilities(model, draws, cells, share)) for draws in (before, x)]
    rows = []
    for key in found[0]:
        row: list[object] = list(key)
        for side in found:
            low, high = interval(side[key])
            row += [float(side[key].mean()), float(low), float(high)]
        rows.append(row)
    sides = [f"{side}{end}" for side in ("prior", "posterior") for end in ("", "_low", "_high")]
    return pd.DataFrame(rows, columns=["quantity", "level", *sides])


def _quantities(pooled: xr.Dataset) -> dict[tuple[str, str], np.ndarray]:
    scores = expected_answers(pooled)
    by_stage = scores["by_stage"].isel(period=-1).transpose("chain", "draw", "stage").to_numpy()
    by_stage = by_stage.reshape(-1, by_stage.shape[-1])
    found = {("score", str(stage)): by_stage[:, number] for number, stage in enumerate(pooled["stage"].values)}
    if by_stage.shape[1] > 1:
        found["spread", ALL] = np.ptp(by_stage, axis=1)
    if pooled.sizes["period"] > 1:
        overall = scores["overall"].transpose("chain", "draw", "period").to_numpy()
        found["change", ALL] = (overall[..., -1] - overall[..., 0]).ravel()
    return found


def predictive_table(
    model: SatisfactionModel, x: np.ndarray, cells: xr.Dataset, replicates: int, generator: np.random.Generator
) -> pd.DataFrame:
    """Compare the observed shares of the answers in each stage with replicated ones (Gelman, Meng & Stern 1996).

    Each replicate takes one draw of the parameters and as many answers in each stage as its effective number.

    Returns
    -------
    pandas.DataFrame
        Columns stage, answer, observed, replicated (mean), low, high, p (probability of a replicated share at
        least as large as the observed), inside (observed share within the interval), distance (half the sum of the
        absolute differences of observed and replicated shares of the stage: 0.05 are five of a hundred answers) and
        distance_p (probability of replicated answers at least as far from their expectation, by Pearson's statistic).
    """
    flat = x.reshape(-1, x.shape[-1])
    flat = flat[np.linspace(0, len(flat) - 1, min(replicates, len(flat))).astype(int)]
    stage, counts = cells["stage_index"].to_numpy(), model.counts
    rows = []
    chance = model.probabilities(flat)
    for number, name in enumerate(cells["stage"].values):
        of_stage = stage == number
        total = counts[of_stage].sum(axis=1)
        if total.sum() <= 0.0:
            continue
        expected = np.einsum("dck,c->dk", chance[:, of_stage], total / total.sum())
        expected /= expected.sum(axis=1, keepdims=True)
        size = max(1, round(total.sum()))
        replicated = generator.multinomial(size, expected) / size
        observed = counts[of_stage].sum(axis=0) / total.sum()
        low, high = interval(replicated, axis=0)
        at_least = (replicated >= observed).mean(axis=0)
        distance = 0.5 * np.abs(observed - expected.mean(axis=0)).sum()
        distance_p = float((_pearson(replicated, expected) >= _pearson(observed, expected)).mean())
        for k, answer in enumerate(cells["answer"].values):
            inside = bool(low[k] <= observed[k] <= high[k])
            shares = (observed[k], replicated[:, k].mean(), low[k], high[k], at_least[k], inside)
            rows.append((str(name), float(answer), *shares, distance, distance_p))
    columns = ["stage", "answer", "observed", "replicated", "low", "high", "p", "inside", "distance", "distance_p"]
    return pd.DataFrame(rows, columns=columns)


def _pearson(shares: np.ndarray, expected: np.ndarray) -> np.ndarray:
    return ((shares - expected) ** 2 / np.maximum(expected, 1e-12)).sum(axis=1)


def transform_table(found: LeaveOneOut, cells: xr.Dataset) -> pd.DataFrame:
    r"""Return the distribution of the probability integral transform of the answers, by stage.

    Non-randomised for ordered answers (Czado, Gneiting & Held 2009): an answer whose predictive distribution function
    steps from a to b spreads evenly over [a, b]. Predictions are leave-one-respondent-out. For a calibrated model the
    distribution is uniform.

    Returns
    -------
    pandas.DataFrame
        Columns stage (and ``all``), at (0 … 1), share (of answers with a transform up to ``at``), answers (effective).
    """
    width = np.maximum(found.at_most - found.below, 1e-12)
    reached = np.clip((GRID[:, None] - found.below) / width, 0.0, 1.0)
    stage = cells["stage_index"].to_numpy()[found.cell]
    parts = []
    for number, name in [(None, ALL), *enumerate(cells["stage"].values)]:
        weight = found.effective * (True if number is None else stage == number)
        if weight.sum() > 0.0:
            share = reached @ weight / weight.sum()
            parts.append(pd.DataFrame({"stage": str(name), "at": GRID, "share": share, "answers": weight.sum()}))
    return pd.concat(parts, ignore_index=True)


def calibration_table(model: SatisfactionModel, x: np.ndarray, cells: xr.Dataset) -> pd.DataFrame:
    """Compare predicted and observed probabilities of an answer of at least k, like cells together.

    Returns
    -------
    pandas.DataFrame
        Columns answer (k), predicted (posterior mean), observed (share), low, high (interval of an observed share
        if the predictions are right, normal approximation), answers (effective number).
    """
    flat = x.reshape(-1, x.shape[-1])
    flat = flat[np.linspace(0, len(flat) - 1, min(500, len(flat))).astype(int)]
    at_least = np.cumsum(model.probabilities(flat).mean(axis=0)[:, ::-1], axis=1)[:, ::-1]
    counts = np.cumsum(model.counts[:, ::-1], axis=1)[:, ::-1]
    total = counts[:, 0]
    reach, rows = normal_reach(), []
    for k, answer in enumerate(cells["answer"].values[1:], start=1):
        order = np.argsort(at_least[:, k], kind="stable")
        order = order[total[order] > 0.0]
        reached = np.cumsum(total[order]) / total.sum()
        group = np.minimum((reached - 1e-9) * GROUPS, GROUPS - 1).astype(int)
        for number in np.unique(group):
            inside = order[group == number]
            size = total[inside].sum()
            predicted = float(total[inside] @ at_least[inside, k] / size)
            half = reach * np.sqrt(predicted * (1.0 - predicted) / size)
            observed = float(counts[inside, k].sum() / size)
            rows.append(
                (float(answer), predicted, observed, max(predicted - half, 0.0), min(predicted + half, 1.0), size)
            )
    return pd.DataFrame(rows, columns=["answer", "predicted", "observed", "low", "high", "answers"])
