"""A researcher's own model of the answers, fitted through the same door: gates, tables, figures, comparison.

The model is a PyMC model with the study's counts as its only observed variable (``answers``) and the probability of
each answer in each cell (``answer_probability``): the built-in one with further terms or other priors, or one that was
written by hand.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import xarray as xr

from maternal_eval.analyses.satisfaction.graph import OrdinalBuilt
from maternal_eval.analyses.satisfaction.model_checks import (
    calibration_check,
    comparison_check,
    design_checks,
    leave_one_out_check,
    predictive_check,
    prior_check,
    sensitivity_check,
    transform_check,
)
from maternal_eval.analyses.satisfaction.poststratification import composition_table, pooled_probabilities
from maternal_eval.analyses.satisfaction.predictive import (
    calibration_table,
    predictive_table,
    prior_table,
    transform_table,
)
from maternal_eval.analyses.satisfaction.result import SatisfactionResult
from maternal_eval.core.checks import check_table, require_checks
from maternal_eval.core.errors import InputError
from maternal_eval.core.intervals import interval
from maternal_eval.core.progress import Progress
from maternal_eval.core.randomness import generator, named
from maternal_eval.core.remarks import remark
from maternal_eval.methods.ordinal import summaries
from maternal_eval.methods.ordinal.leave_one_out import FULL, LeaveOneOut, leave_one_out
from maternal_eval.methods.ordinal.power_scaling import sensitivity_table
from maternal_eval.methods.ordinal.summaries import ALL
from maternal_eval.methods.pymc_models.drawn import DrawnModel
from maternal_eval.methods.pymc_models.ordinal import ANSWER, ANSWERS, PROBABILITY
from maternal_eval.methods.sampling import POSTERIOR, parameters_of, sample

if TYPE_CHECKING:
    import pymc

BUILT_IN = "built_in"
"""Name of the built-in model in the comparison."""

OWN = "own model"


@dataclass(frozen=True)
class OwnFit:
    """What a researcher's own model found.

    Attributes
    ----------
    result
        Of the same class as that of the built-in model: tables, checks, figures.
    draws
        With everything that ArviZ asks for.
    comparison
        Expected answers of both models: stage, period, built_in, own, difference, low, high (interval of the own
        model), mcse (Monte-Carlo error of the difference).
    """

    result: SatisfactionResult
    draws: xr.DataTree
    comparison: pd.DataFrame

    def _repr_html_(self) -> str:
        return self.comparison.round(3).to_html(index=False)


def check_graph(graph: pymc.Model, built: OrdinalBuilt) -> None:
    """Refuse a model whose outcome is not the study's, before anything is compiled.

    Raises
    ------
    InputError
        Naming what was found and what is expected.
    """
    observed = [one.name for one in graph.observed_RVs]
    if observed == [ANSWER]:
        raise InputError(
            "own models are fitted on counts by cell",
            found="a model of single answers",
            expected=f"the observed variable {ANSWERS!r} (cell, answer)",
            mend="build it without rows=True",
        )
    if observed != [ANSWERS]:
        raise InputError(
            "the outcome of the own model is not the study's",
            found=", ".join(observed) or "no observed variable",
            expected=f"{ANSWERS!r} (cell, answer) as the only observed variable",
        )
    counts = np.asarray(graph.rvs_to_values[graph[ANSWERS]].data)
    ours = built.model.counts
    if counts.shape != ours.shape or not np.allclose(counts, ours):
        raise InputError(
            "the outcome of the own model is not the study's",
            found=f"{counts.sum():.0f} answers, {' × '.join(map(str, counts.shape))} (cell × answer)",
            expected=f"the {ours.sum():.0f} answers of {built.what}, {ours.shape[0]} × {ours.shape[1]}",
        )
    if PROBABILITY not in [one.name for one in graph.deterministics]:
        raise InputError(
            "the own model does not say how likely each answer is",
            found=[one.name for one in graph.deterministics],
            expected=f"pm.Deterministic({PROBABILITY!r}, …, dims=('cell', 'answer'))",
        )


def fit_own(
    graph: pymc.Model, built: OrdinalBuilt, other: SatisfactionResult, words: Any, progress: Progress | None = None
) -> OwnFit:
    """Fit an own model with the gates, chains and seeds of the analysis.

    Parameters
    ----------
    graph
        The own model.
    built
        The built-in model at the same answers.
    other
        The result of the built-in model.
    words
        Those of the study.
    progress
        Listener.

    Raises
    ------
    InputError
        If the outcome of the model is not the study's.
    DiagnosticsError
        If the chains do not keep the gates, or the model misstates the answers.
    """
    from maternal_eval.methods.pymc_models.sampling import sample_graph, with_groups

    check_graph(graph, built)
    cells, what = built.cells, f"{built.what}, own model"

    def expected(posterior: xr.Dataset) -> xr.Dataset:
        return summaries.expected_answers(_pooled(_drawn(built, posterior), posterior, built))[["by_stage"]]

    tree, diagnostics = sample_graph(
        graph,
        gates=built.settings.gates,
        settings=built.settings.sampler,
        seed=named(built.seed, OWN),
        what=what,
        judged=expected,
        progress=progress,
    )
    about = {"study": built.study, "simulated": int(built.simulated), "what": what}
    whole = with_groups(graph, tree, named(built.seed, OWN), **about)
    posterior = whole[POSTERIOR].to_dataset()
    model = _drawn(built, posterior, whole)
    x = _numbers(posterior)
    pooled = pooled_probabilities(model, x, cells, built.share)
    scores = summaries.expected_answers(pooled)
    random = generator(named(built.seed, "own replicates"))
    table = summaries.score_table(pooled, scores, cells)
    changes = summaries.change_table(scores, cells)
    predictive = predictive_table(model, x, cells, REPLICATES, random)
    left_out = leave_one_out(model, x, cells)
    transform, calibration = transform_table(left_out, cells), calibration_table(model, x, cells)
    gates = [predictive_check(predictive, words), transform_check(transform, words)]
    require_checks(gates, what)
    prior = prior_table(model, x, cells, built.share, random) if model.prior_draws else other.prior.iloc[:0]
    quantities = xr.Dataset({f"score {s}": scores["by_stage"].sel(stage=s, drop=True).isel(period=-1, drop=True)
                             for s in scores["stage"].values})  # fmt: skip
    sensitivity = sensitivity_table(model, x, quantities)
    built_in_x = parameters_of(sample(built.model, seed=built.seed, settings=built.settings.sampler))
    comparison = _comparison(left_out, leave_one_out(built.model, built_in_x, cells))
    latest = table[table["period"] == table["period"].max()].set_index("stage")["observed"]
    checks = [
        *diagnostics.checks(),
        *gates,
        calibration_check(calibration),
        *([prior_check(prior, latest, words)] if len(prior) else []),
        sensitivity_check(sensitivity),
        leave_one_out_check(left_out),
        *filter(None, [comparison_check(comparison)]),
        *design_checks(cells),
    ]
    mark = fingerprint(graph)
    result = replace(
        other,
        settings={**other.settings, "engine": "pymc", "own_model": mark, "variables": _variables(graph)},
        scores=table,
        probabilities=summaries.probability_table(pooled),
        changes=changes,
        compositions=composition_table(model, x, cells, getattr(built.settings, "margins", {})),
        parameters=_parameter_table(graph, posterior),
        predictive=predictive,
        transform=transform,
        calibration=calibration,
        prior=prior,
        sensitivity=sensitivity,
        comparison=comparison,
        checks=check_table(checks),
        posterior=summaries.thinned(pooled, REPLICATES),
        remarks=[
            remark(
                f"This is a researcher's own PyMC model (mark {mark}), sampled by nutpie with the gates and seeds of "
                "the built-in one; changes are not standardised for composition.",
                f"此为研究者自建的 PyMC 模型（标识 {mark}），由 nutpie 抽样，检验门槛与种子同内置模型；"
                "变化未按人群构成标准化。",
            ),
            *other.remarks,
        ],
    ).in_words(words)
    return OwnFit(result, whole, _beside(table, other.scores))


REPLICATES = 1000


def fingerprint(graph: pymc.Model) -> str:
    """Return a mark of a model: names, shapes and log density at three fixed points, as eight hexadecimal signs."""
    value = graph.compile_logp(mode="FAST_COMPILE")
    start = graph.initial_point(random_seed=0)
    points = [{name: np.asarray(one) + shift for name, one in start.items()} for shift in (0.0, 0.1, -0.2)]
    said = [f"{float(value(point)):.9g}" for point in points]
    shapes = {name: np.shape(one) for name, one in start.items()}
    return hashlib.sha256(repr((shapes, said)).encode()).hexdigest()[:8]


def _variables(graph: pymc.Model) -> list[str]:
    return [one.name for one in graph.free_RVs]


def _numbers(posterior: xr.Dataset) -> np.ndarray:
    """Return the number of each draw (chain, draw, 1)."""
    chains, draws = posterior.sizes["chain"], posterior.sizes["draw"]
    return np.arange(chains * draws, dtype=float).reshape(chains, draws, 1)


def _chance(draws: xr.Dataset) -> np.ndarray:
    found = draws[PROBABILITY].transpose("chain", "draw", "cell", "answer").to_numpy()
    return found.reshape(-1, *found.shape[2:])


def _drawn(built: OrdinalBuilt, posterior: xr.Dataset, whole: xr.DataTree | None = None) -> DrawnModel:
    chance = _chance(posterior)
    none = np.zeros(len(chance))
    if whole is None:
        return DrawnModel.of(built.model, chance, chance[:0], none, none)
    before = _chance(whole["prior"].to_dataset()) if "prior" in whole.children else chance[:0]
    return DrawnModel.of(built.model, chance, before, *(_total(whole[one]) for one in ("log_prior", "log_likelihood")))


def _total(group: Any) -> np.ndarray:
    """Return the sum of all log densities of a group at each draw."""
    parts = [one.transpose("chain", "draw", ...).to_numpy() for one in group.data_vars.values()]
    return np.sum([part.reshape(part.shape[0] * part.shape[1], -1).sum(axis=1) for part in parts], axis=0)


def _pooled(model: DrawnModel, posterior: xr.Dataset, built: OrdinalBuilt) -> xr.Dataset:
    return pooled_probabilities(model, _numbers(posterior), built.cells, built.share)


def _comparison(own: LeaveOneOut, other: LeaveOneOut) -> pd.DataFrame:
    """Return leave-one-respondent-out prediction of both models."""
    difference = other.log_predictive - own.log_predictive
    total = own.effective.sum()
    mean = own.effective @ difference / total
    error = float(np.sqrt(total * (own.effective @ (difference - mean) ** 2) / total))
    rows = [
        (FULL, own.elpd, own.error, 0.0, 0.0, own.unreliable),
        (BUILT_IN, other.elpd, other.error, float(own.effective @ difference), error, other.unreliable),
    ]
    table = pd.DataFrame(rows, columns=["model", "elpd", "error", "difference", "difference_error", "unreliable"])
    table.attrs["disagreeing"] = []
    return table


def _beside(own: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    key = ["stage", "period"]
    both = own[[*key, "score", "low", "high", "mcse"]].merge(
        other[[*key, "score", "mcse"]], on=key, suffixes=("", "_built_in")
    )
    both["difference"] = both["score"] - both["score_built_in"]
    both["mcse"] = np.hypot(both["mcse"], both["mcse_built_in"])
    both = both.rename(columns={"score": "own", "score_built_in": BUILT_IN})
    return both[[*key, BUILT_IN, "own", "difference", "low", "high", "mcse"]]


def _parameter_table(graph: pymc.Model, posterior: xr.Dataset) -> pd.DataFrame:
    """Return every named variable with at most two dimensions, coefficients and probabilities apart."""
    rows = []
    for name, data in posterior.data_vars.items():
        rest = [str(dim) for dim in data.dims if dim not in ("chain", "draw")]
        if str(name).endswith("_coefficient") or "cell" in rest or len(rest) > 2:
            continue
        draws = data.transpose("chain", "draw", *rest).to_numpy()
        for index in np.ndindex(*draws.shape[2:]):
            one = draws[(..., *index)]
            low, high = interval(one, axis=(0, 1))
            level = ", ".join(str(data[dim].values[place]) for dim, place in zip(rest, index, strict=True)) or ALL
            error = float(summaries.monte_carlo_error(one))
            rows.append((str(name), level, float(one.mean()), float(low), float(high), error))
    return pd.DataFrame(rows, columns=["parameter", "level", "value", "low", "high", "mcse"])
