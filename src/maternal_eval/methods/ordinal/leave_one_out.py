r"""Leave-one-respondent-out prediction from counts by cell, by Pareto-smoothed importance sampling.

Respondents of the same cell with the same answer have the same leave-one-out predictive density, so that one
importance sampling for each cell and answer, counted as often as it was given, is exact leave-one-RESPONDENT-out
cross-validation (Vehtari, Gelman & Gabry 2017) — leaving out a cell would be another question. A respondent whose
answer counts for w effective answers leaves :math:`p^w` out of the likelihood; w is averaged over the cell and answer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import xarray as xr

from maternal_eval.core.randomness import named
from maternal_eval.methods.ordinal.families import family_named
from maternal_eval.methods.ordinal.model import SatisfactionModel
from maternal_eval.methods.sampling import (
    RELIABLE_K,
    Gates,
    SamplerSettings,
    pareto_smoothed,
    sample_until_passed,
)

AGREEING = Gates(rhat=1.03, bulk_ess=200.0, tail_ess=100.0)
"""What the chains of an alternative have to keep: differences between models are large beside their error."""

DRAWS = 1000
"""Draws used (evenly thinned)."""

_COLUMNS = 500


@dataclass(frozen=True)
class LeaveOneOut:
    """Leave-one-respondent-out predictions, one entry per cell and answer that was given.

    Attributes
    ----------
    cell, category
        Cell and answer (0 … K-1) of each entry.
    answers, effective
        How often the answer was given in the cell, and what that counts for.
    log_predictive
        Log predictive probability of the answer for a respondent left out (larger is better).
    log_posterior
        The same without leaving anybody out.
    below, at_most
        Predictive probability of a lower answer, and of an answer at most as high: the ends of the probability
        integral transform.
    pareto_k
        Shape of the largest importance ratios.
    """

    cell: np.ndarray
    category: np.ndarray
    answers: np.ndarray
    effective: np.ndarray
    log_predictive: np.ndarray
    log_posterior: np.ndarray
    below: np.ndarray
    at_most: np.ndarray
    pareto_k: np.ndarray

    @property
    def elpd(self) -> float:
        """Expected log predictive density of the (effective) answers, summed; larger is better."""
        return float(self.effective @ self.log_predictive)

    @property
    def error(self) -> float:
        """Standard error of :attr:`elpd` over respondents."""
        return _error(self.log_predictive, self.effective)

    @property
    def parameters(self) -> float:
        """Effective number of parameters."""
        return float(self.effective @ (self.log_posterior - self.log_predictive))

    @property
    def unreliable(self) -> float:
        """Share of the answers whose Pareto k cannot be relied on, or is not a number."""
        return float(self.answers[~(self.pareto_k <= RELIABLE_K)].sum() / self.answers.sum())


def leave_one_out(model: SatisfactionModel, x: np.ndarray, cells: xr.Dataset) -> LeaveOneOut:
    """Return leave-one-respondent-out predictions for draws ``x`` (chain, draw, parameter)."""
    flat = x.reshape(-1, x.shape[-1])
    flat = flat[np.linspace(0, len(flat) - 1, min(DRAWS, len(flat))).astype(int)]
    answers = cells["answers"].to_numpy()
    cell, category = np.nonzero((answers > 0) & (model.counts > 0))
    counts, effective = answers[cell, category].astype(float), model.counts[cell, category]
    found: dict[str, list[np.ndarray]] = {name: [] for name in ("log", "posterior", "below", "at_most", "k")}
    for first in range(0, len(cell), _COLUMNS):
        part = slice(first, first + _COLUMNS)
        inside, place = np.unique(cell[part], return_inverse=True)
        chance = cell_probabilities(model, flat, inside)
        up_to = np.cumsum(chance, axis=2)
        own = chance[:, place, category[part]].T
        upper = np.minimum(up_to[:, place, category[part]].T, 1.0)
        log_own = np.log(np.maximum(own, np.finfo(float).tiny))
        # To leave an answer out is to divide by its likelihood.
        smoothed = pareto_smoothed(-(effective[part] / counts[part])[:, None] * log_own)
        weights = np.exp(smoothed.log_weights)
        found["log"].append(np.log((weights * own).sum(axis=1)))
        found["posterior"].append(np.log(own.mean(axis=1)))
        found["at_most"].append((weights * upper).sum(axis=1))
        found["below"].append((weights * (upper - own)).sum(axis=1))
        found["k"].append(smoothed.k)
    log, posterior, below, at_most, k = (np.concatenate(parts) for parts in found.values())
    return LeaveOneOut(cell, category, counts, effective, log, posterior, below, at_most, k)


def cell_probabilities(model: SatisfactionModel, x: np.ndarray, cells: np.ndarray) -> np.ndarray:
    """Return the answer probabilities (draw, cell, K) of some cells only, for draws ``x`` (draw, parameter)."""
    part = replace(
        model,
        counts=model.counts[cells],
        stage=model.stage[cells],
        factors=tuple(replace(factor, level=factor.level[cells]) for factor in model.factors),
    )
    return part.probabilities(x)


def _error(values: np.ndarray, weight: np.ndarray) -> float:
    total = weight.sum()
    mean = (weight @ values) / total
    return float(np.sqrt(total * (weight @ (values - mean) ** 2) / total))


def _without(*names: str) -> Callable[[SatisfactionModel], SatisfactionModel]:
    return lambda model: replace(model, factors=tuple(f for f in model.factors if f.name not in names))


def _without_segments(model: SatisfactionModel) -> SatisfactionModel:
    return replace(model, factors=tuple(f for f in model.factors if f.name in ("stage", "period", "stage_period")))


def _equal_spread(model: SatisfactionModel) -> SatisfactionModel:
    return replace(model, scale_basis=model.scale_basis[:, :0])


def _of_family(name: str) -> Callable[[SatisfactionModel], SatisfactionModel]:
    def other(model: SatisfactionModel) -> SatisfactionModel:
        ratio = family_named(name).unit / model.family.unit
        factors = tuple(replace(factor, scale=ratio * factor.scale) for factor in model.factors)
        return replace(model, family_name=name, factors=factors)

    return other


ALTERNATIVES: dict[str, tuple[str, str, Callable[[SatisfactionModel], SatisfactionModel]]] = {
    "no_stage_period": ("without stage × period", "不含阶段×时期", _without("stage_period")),
    "equal_spread": ("the same spread in all stages", "各阶段离散程度相同", _equal_spread),
    "no_segments": ("without segments", "不含细分", _without_segments),
    "cumulative_probit": ("cumulative probit", "累积 probit", _of_family("cumulative_probit")),
    "adjacent_logit": ("adjacent-category logit", "相邻类别 logit", _of_family("adjacent_logit")),
}
"""Other models of the same answers: name → (English, Chinese, how the model is changed)."""

FULL = "full"
"""Name of the model itself among the models compared."""


def compare_models(
    model: SatisfactionModel,
    whole: LeaveOneOut,
    cells: xr.Dataset,
    alternatives: tuple[str, ...],
    sampler: SamplerSettings,
    seed: int | np.random.SeedSequence,
) -> pd.DataFrame:
    """Compare the model with others by expected log predictive density.

    Returns
    -------
    pandas.DataFrame
        Columns model, elpd, error, difference (to the model itself; negative is worse), difference_error (over
        respondents), unreliable (share of answers with a Pareto k above 0.7). An alternative that equals the model is
        left out; so is one whose chains do not agree, which ``attrs["disagreeing"]`` names.
    """
    disagreeing = []
    rows = [(FULL, whole.elpd, whole.error, 0.0, 0.0, whole.unreliable)]
    for name in alternatives:
        other = ALTERNATIVES[name][2](model)
        if len(other.names) == len(model.names) and other.family_name == model.family_name:
            continue
        sampled = sample_until_passed(other, gates=AGREEING, seed=named(seed, name), settings=sampler)
        if not sampled.diagnostics.passed:
            disagreeing.append(name)
            continue
        found = leave_one_out(other, sampled.x, cells)
        difference = found.log_predictive - whole.log_predictive
        rows.append(
            (
                name,
                found.elpd,
                found.error,
                float(whole.effective @ difference),
                _error(difference, whole.effective),
                found.unreliable,
            )
        )
    columns = ["model", "elpd", "error", "difference", "difference_error", "unreliable"]
    table = pd.DataFrame(rows, columns=columns)
    table.attrs["disagreeing"] = disagreeing
    return table
