"""How many things the items measure: factor models judged by answers that they have not seen."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import t as student

from maternal_eval.analyses.instrument.items import Items
from maternal_eval.analyses.instrument.jackknife import jackknife_interval
from maternal_eval.analyses.instrument.names import MODELS
from maternal_eval.analyses.instrument.settings import InstrumentSettings
from maternal_eval.core.errors import DiagnosticsError
from maternal_eval.core.intervals import tails
from maternal_eval.core.remarks import Remark, remark
from maternal_eval.methods.psychometrics.factors import (
    FactorFit,
    Structure,
    bifactor_structure,
    fit_factors,
    group_structure,
    one_factor_structure,
)
from maternal_eval.methods.psychometrics.polychoric import (
    PairTables,
    cell_probabilities,
    nearest_correlation,
    pair_tables,
    polychoric,
    thresholds_of,
)
from maternal_eval.methods.psychometrics.tetrads import predicted_by_others

NOTHING, ONE, GROUPS, GENERAL, EVERYTHING = "independent", "one", "groups", "bifactor", "saturated"
"""Models: no relation, one factor, the study's dimensions, a general factor beside them, every pair for itself."""

SHOWN_PAIRS = 15
"""Pairs of items that the table of redundant pairs holds: the largest residuals."""


@dataclass(frozen=True)
class Found:
    """Tables of the structure and single numbers: see :class:`~maternal_eval.analyses.instrument.result`."""

    models: pd.DataFrame
    loadings: pd.DataFrame
    factors: pd.DataFrame
    pairs: pd.DataFrame
    general: dict[str, float]
    remarks: list[Remark]


def structure_tables(items: Items, settings: InstrumentSettings) -> Found:
    """Return how the models predict left-out answers, loadings, correlations of dimensions, and redundant pairs."""
    sizes = np.bincount(items.dimension, minlength=len(items.dimensions))
    mine = np.flatnonzero(sizes[items.dimension] >= 2)
    said: list[Remark] = []
    alone = [items.codes[at] for at in np.flatnonzero(sizes[items.dimension] == 1)]
    if alone:
        said.append(
            remark(
                f"{', '.join(alone)}: the only item of its dimension, left out of the factor models.",
                f"{'、'.join(alone)}：所在维度只有该项，未进入因子模型。",
            )
        )
    names, groups = np.unique(items.dimension[mine], return_inverse=True)
    nothing = pd.DataFrame()
    empty = Found(nothing, nothing, nothing, nothing, {}, said)
    if len(mine) < 4:
        said.append(remark("Fewer than four items: no factor model is tested.", "不足四个指标：不检验因子模型。"))
        return empty
    fold = items.batch % settings.folds if settings.batches >= settings.folds else items.batch
    tables = pair_tables(items.coded[:, mine], items.weights, fold, int(fold.max()) + 1)
    whole = polychoric(tables.total())
    if np.isnan(whole.rho).any() or not whole.converged.all():
        said.append(
            remark(
                "Some pairs of items have too few common answers to be correlated: no factor model is tested.",
                "部分指标对没有多分格相关（共同作答过少）：不检验因子模型。",
            )
        )
        return empty
    structures: list[Structure] = [one_factor_structure(groups)]
    if len(names) > 1:
        structures += [group_structure(groups), bifactor_structure(groups)]
    else:
        said.append(
            remark(
                "The items are of one dimension: one factor is not compared with several.",
                "指标只有一个维度：不比较单因子与多因子。",
            )
        )
    matrix, smoothed = nearest_correlation(tables.matrix(whole.rho))
    fits = _fitted(matrix, structures)
    held = [_of_fold(tables, structures, at, whole.rho) for at in range(len(tables.counts))]
    lost = [one.name for one in structures if any(one.name not in some for some in (fits, *(o.fits for o in held)))]
    fits = {name: fit for name, fit in fits.items() if name not in lost}
    if lost:
        names_en, names_zh = (", ".join(MODELS[name][at] for name in lost) for at in (0, 1))
        said.append(
            remark(f"Not converged and left out: {names_en}.", f"未收敛而未计入的模型：{names_zh}。"),
        )
    if ONE not in fits:
        return empty
    if smoothed or any(one.smoothed for one in held):
        said.append(
            remark(
                "Correlations that were estimated pair by pair did not belong together and were changed a little.",
                "逐对估计的相关系数彼此不相容，已作少量调整。",
            )
        )
    main = GROUPS if GROUPS in fits else ONE
    codes = [items.codes[at] for at in mine]
    dimensions = [items.dimensions[at] for at in items.dimension[mine]]
    return Found(
        models=_models(tables, fits, held),
        loadings=_loadings(codes, dimensions, fits, main),
        factors=_correlations([items.dimensions[at] for at in names], fits, held) if GROUPS in fits else pd.DataFrame(),
        pairs=_pairs(codes, matrix, groups, held, settings),
        general=_general(fits[GENERAL], groups) if GENERAL in fits else {},
        remarks=said,
    )


@dataclass(frozen=True)
class _Fold:
    """What was learned without one fold: held-out score of each model, fits, correlations."""

    scores: dict[str, float]
    fits: dict[str, FactorFit]
    matrix: np.ndarray
    smoothed: bool


def _fitted(matrix: np.ndarray, structures: list[Structure]) -> dict[str, FactorFit]:
    """Return the models that converge."""
    found = {}
    for one in structures:
        with contextlib.suppress(DiagnosticsError):
            found[one.name] = fit_factors(matrix, one)
    return found


def _of_fold(tables: PairTables, structures: list[Structure], at: int, start: np.ndarray) -> _Fold:
    train, test = tables.total() - tables.counts[at], tables.counts[at]
    train = np.clip(train, 0.0, None)
    rho = polychoric(train, start).rho
    matrix, smoothed = nearest_correlation(tables.matrix(rho))
    fits = _fitted(matrix, structures)
    first, second = tables.pairs.T
    implied = {name: fit.correlations[first, second] for name, fit in fits.items()}
    implied |= {NOTHING: np.zeros(len(first)), EVERYTHING: rho}
    rows, columns = thresholds_of(train.sum(axis=2)), thresholds_of(train.sum(axis=1))
    scores = {}
    for name, one in implied.items():
        logarithm = np.log(cell_probabilities(rows, columns, np.clip(one, -0.999, 0.999)))
        scores[name] = float((test * logarithm).sum() / test.sum())
    return _Fold(scores, fits, matrix, smoothed)


def _models(tables: PairTables, fits: dict[str, FactorFit], held: list[_Fold]) -> pd.DataFrame:
    """Return each model with its held-out log-likelihood a pair of answers, and its distance to the best fit."""
    scores = pd.DataFrame([one.scores for one in held])
    nothing, everything = scores[NOTHING].mean(), scores[EVERYTHING].mean()
    best = scores[list(fits)].mean().idxmax()
    reach = float(student.ppf(tails()[1], len(held) - 1)) / np.sqrt(len(held))
    free = {NOTHING: 0, EVERYTHING: len(tables.pairs)}
    rows = []
    for name in (NOTHING, *fits, EVERYTHING):
        apart = scores[name] - scores[best]
        middle, half = float(apart.mean()), reach * float(apart.std(ddof=1))
        gain = (scores[name].mean() - nothing) / (everything - nothing) if everything > nothing else float("nan")
        fit = fits.get(name)
        rows.append(
            {
                "model": name,
                "parameters": fit.structure.parameters - tables.items if fit else free[name],
                "freedom": fit.freedom if fit else None,
                "discrepancy": fit.discrepancy if fit else None,
                "held_out": float(scores[name].mean()),
                "gained": float(gain),
                "difference": 1000 * middle,
                "low": 1000 * (middle - half),
                "high": 1000 * (middle + half),
                "best": name == best,
            }
        )
    return pd.DataFrame(rows).astype({"freedom": "float64", "discrepancy": "float64"})


def _loadings(codes: list[str], dimensions: list[str], fits: dict[str, FactorFit], main: str) -> pd.DataFrame:
    table = pd.DataFrame({"indicator": codes, "dimension": dimensions})
    table["loading"] = fits[main].standardised.sum(axis=1)
    empty = np.full(len(codes), np.nan)
    general = fits.get(GENERAL)
    table["general"] = empty if general is None else general.standardised[:, 0]
    table["specific"] = empty if general is None else general.standardised[:, 1:].sum(axis=1)
    return table


def _correlations(names: list[str], fits: dict[str, FactorFit], held: list[_Fold]) -> pd.DataFrame:
    one, two = np.triu_indices(len(names), 1)
    value = fits[GROUPS].factors[one, two]
    low, high = jackknife_interval(value, np.stack([fold.fits[GROUPS].factors[one, two] for fold in held]))
    return pd.DataFrame(
        {
            "dimension": [names[at] for at in one],
            "other": [names[at] for at in two],
            "value": value,
            "low": np.clip(low, -1.0, 1.0),
            "high": np.clip(high, -1.0, 1.0),
        }
    )


def _pairs(
    codes: list[str], matrix: np.ndarray, groups: np.ndarray, held: list[_Fold], settings: InstrumentSettings
) -> pd.DataFrame:
    """Return the pairs that correlate most beyond what the other items predict for them."""
    one, two = np.triu_indices(len(codes), 1)
    predicted = predicted_by_others(matrix, groups)[one, two]
    residual = matrix[one, two] - predicted
    others = np.stack([(fold.matrix - predicted_by_others(fold.matrix, groups))[one, two] for fold in held])
    low, high = jackknife_interval(residual, others)
    table = pd.DataFrame(
        {
            "indicator": [codes[at] for at in one],
            "other": [codes[at] for at in two],
            "correlation": matrix[one, two],
            "predicted": predicted,
            "residual": residual,
            "low": low,
            "high": high,
            "redundant": low > settings.redundant,
        }
    )
    return table.dropna().sort_values("residual", ascending=False).head(SHOWN_PAIRS).reset_index(drop=True)


def _general(fit: FactorFit, groups: np.ndarray) -> dict[str, float]:
    r"""Return the share of common variance that is general, and omega hierarchical of the sum of all items.

    :math:`\omega_h = (\sum \lambda_g)^2 / \mathbf 1^\top R \mathbf 1` (Zinbarg et al. 2005).
    """
    general, specific = fit.standardised[:, 0], fit.standardised[:, 1:]
    total = fit.correlations.sum()
    common = float((general**2).sum())
    sums = (specific.sum(axis=0) ** 2).sum()
    return {
        "explained": common / (common + float((specific**2).sum())),
        "hierarchical": float(general.sum() ** 2 / total),
        "total": float((general.sum() ** 2 + sums) / total),
    }
