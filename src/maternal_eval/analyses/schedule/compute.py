"""The schedule: per stage and weight, what is proposed, why or why not, and in how many quarters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import pandas as pd

from maternal_eval.analyses.backtest.result import BacktestResult
from maternal_eval.analyses.schedule.comparison import compare_in_backtest
from maternal_eval.analyses.schedule.result import ScheduleResult
from maternal_eval.analyses.schedule.rule import adopt, path, quarters_needed
from maternal_eval.analyses.schedule.settings import ScheduleSettings
from maternal_eval.analyses.schedule.text import REASONS, paragraph
from maternal_eval.analyses.stage_weights.result import StageWeightsResult
from maternal_eval.core.errors import InputError
from maternal_eval.core.languages import LANGUAGES
from maternal_eval.core.progress import Progress
from maternal_eval.methods.simplex_regression.own_change import within_false_discovery_rate
from maternal_eval.results import Result, used
from maternal_eval.study import Study


def propose_schedule(
    study: Study,
    settings: ScheduleSettings | None = None,
    seed: int | np.random.SeedSequence = 0,
    progress: Progress | None = None,
    *,
    results: Mapping[str, Result],
) -> ScheduleResult:
    """Propose weights by stage where the answers AND the backtest allow it; elsewhere the static weights stay.

    A weight of a stage is proposed to move if both hold:

    1. the posterior probability that it has moved itself beyond the region of practical equivalence of its static
       weight, on its likelier side, is at least ``credible``: its share has changed, and so has its ratio to its
       siblings (or that of its dimension), so that a weight which only makes room for another is none
       (:func:`~maternal_eval.methods.simplex_regression.own_change.moved_itself`). All proposals together keep the
       expected rate of false discoveries;
    2. the backtest does not get worse with weights by stage (:func:`~maternal_eval.analyses.schedule.comparison.
       compare_in_backtest`). This is one condition for all weights, because the forecaster uses them together.

    An adopted weight takes its posterior mean; the others of its stage share the rest in proportion to their static
    weights (:func:`~maternal_eval.analyses.schedule.rule.adopt`), and all move on a straight line in steps of at most
    ``cap``.

    Parameters
    ----------
    results
        ``stage_weights`` and ``backtest`` of the same study.
    seed, progress
        Not used: nothing is sampled here.

    Raises
    ------
    InputError
        If the stage weights were learned from an outcome that the study does not have.
    """
    settings = settings or ScheduleSettings()
    fitted, backtest = _expected(results)
    if fitted.outcome not in study.outcomes:
        raise InputError("the stage weights are about another study", found=fitted.outcome)
    comparison = compare_in_backtest(backtest, fitted.outcome, settings.margin)
    table = fitted.weights
    stages, codes = list(dict.fromkeys(table["stage"])), list(dict.fromkeys(table["indicator"]))
    shape = (len(stages), len(codes))
    static = table["static"].to_numpy().reshape(shape)[0]
    own = table["probability_own"].to_numpy(dtype=float)
    likely = within_false_discovery_rate(own, settings.credible, settings.false_discovery)
    shadow = (table["probability_change"] >= settings.credible).to_numpy() & ~likely
    holds = comparison is not None and comparison.holds
    chosen = likely & holds
    target = adopt(static, table["mean"].to_numpy().reshape(shape), chosen.reshape(shape))
    refusal = "no backtest" if comparison is None else "backtest worse"
    reason = np.where(chosen, "proposed", np.where(likely, refusal, np.where(shadow, "shadow", "no relevant change")))
    columns = ["stage", "indicator", "dimension", "static", "mean", "low", "high"]
    columns += ["probability_change", "probability_own"]
    weights = table[columns].assign(
        likely=likely,
        proposed=chosen,
        weight=target.ravel(),
        reason=reason,
        reason_en=[study.words.fill(REASONS[name][0], "en") for name in reason],
        reason_zh=[study.words.fill(REASONS[name][1], "zh") for name in reason],
    )
    compared = asdict(comparison) if comparison else {}
    result = ScheduleResult(
        weights=weights,
        stages=_stage_table(stages, static, target, chosen.reshape(shape), settings.cap),
        quarters=_quarter_table(stages, codes, path(static, target, settings.cap)),
        comparison={name: _plain(value) for name, value in compared.items()},
        holds=holds,
        effective=fitted.effective,
        equivalence=float(fitted.settings["equivalence"]),
        text={},
        outcome=fitted.outcome,
        labels=fitted.labels,
        settings=asdict(settings),
        study=study.name,
        simulated=study.simulated,
    ).in_words(study.words)
    return replace(result, text={language: paragraph(result, comparison, language) for language in LANGUAGES})


def _expected(results: Mapping[str, Result]) -> tuple[StageWeightsResult, BacktestResult]:
    return used(results, "stage_weights", StageWeightsResult), used(results, "backtest", BacktestResult)


def _plain(value: Any) -> Any:
    """Return a number that JSON can hold: None for NaN."""
    return None if isinstance(value, float) and np.isnan(value) else value


def _stage_table(
    stages: list[str], static: np.ndarray, target: np.ndarray, chosen: np.ndarray, cap: float
) -> pd.DataFrame:
    kept = np.where(chosen, 0.0, static).sum(axis=1)
    left = np.where(chosen, 0.0, target).sum(axis=1)
    factor = np.divide(left, kept, out=np.ones_like(left), where=kept > 0)
    return pd.DataFrame(
        {
            "stage": stages,
            "proposed": chosen.sum(axis=1),
            "rest_factor": factor,
            "quarters": quarters_needed(static, target, cap),
        }
    )


def _quarter_table(stages: list[str], codes: list[str], steps: np.ndarray) -> pd.DataFrame:
    index = pd.MultiIndex.from_product([range(len(steps)), stages, codes], names=["quarter", "stage", "indicator"])
    return pd.DataFrame({"weight": steps.ravel()}, index=index).reset_index()
