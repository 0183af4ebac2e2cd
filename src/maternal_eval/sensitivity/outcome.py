"""Question 2 on a study: an indicator's level against a binary outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from maternal_eval.errors import InputError
from maternal_eval.intervals import interval
from maternal_eval.randomness import named
from maternal_eval.sensitivity.elasticity import (
    Response,
    bootstrap_elasticity,
    control_columns,
    fit_logistic,
    predict_by_run,
)
from maternal_eval.sensitivity.generators import WeightGenerator, normal_from_uniform
from maternal_eval.sensitivity.model import composite_by_run
from maternal_eval.sensitivity.sobol import evaluate, sample_groups, sobol_indices
from maternal_eval.study import Study
from maternal_eval.weighting import dimension_index

if TYPE_CHECKING:
    from maternal_eval.sensitivity.result import SensitivitySettings

CHANGES = np.round(np.arange(0.0, 0.85, 0.1), 2)
"""Relative changes of the answers at which the curve is computed: 0 … +80 %."""

COEFFICIENTS = "coefficients"
"""Name of the factor that holds the regression coefficients."""

CONTROLS = ("period", "stage", "platform")


def build_response(
    study: Study,
    values: np.ndarray,
    weights: pd.Series,
    survey: np.ndarray,
    latest: np.ndarray,
    settings: SensitivitySettings,
    skipped: list[dict[str, str]],
) -> Response | None:
    """Return the respondents of question 2, or None with a line in ``skipped`` if the settings name none.

    Raises
    ------
    InputError
        If the indicator or outcome is unknown, or the outcome is not binary.
    """
    if settings.indicator is None or settings.outcome is None:
        skipped.append(
            {
                "part": "outcome",
                "en": "no indicator and binary outcome are named: nothing about an indicator's effect",
                "zh": "未指定指标与二元结果：不分析指标水平的影响",
            }
        )
        return None
    if settings.indicator not in study.model.codes or settings.outcome not in study.outcomes:
        raise InputError(
            "sensitivity names an indicator or outcome that the study does not have",
            found=f"{settings.indicator}, {settings.outcome}",
        )
    if study.outcomes[settings.outcome].kind != "binary":
        raise InputError(
            "the outcome of the sensitivity has to be binary",
            column=settings.outcome,
            found=study.outcomes[settings.outcome].kind,
        )
    outcome = study.panel[settings.outcome].to_numpy(dtype=float)
    answer = study.panel[settings.indicator].to_numpy(dtype=float)
    place = study.model.codes.index(settings.indicator)
    nominal = weights.to_numpy(dtype=float, copy=True)
    nominal[place] = 0.0
    (_, others), *_ = composite_by_run(values, nominal[None], dimension_index(study.model))
    used = np.isfinite(others[:, 0]) & np.isfinite(answer) & np.isfinite(outcome) & (survey > 0)
    indicator = study.model.indicator(settings.indicator)
    return Response(
        rows=np.flatnonzero(used),
        answer=answer[used],
        low=indicator.low,
        high=indicator.high,
        others=others[used, 0],
        controls=control_columns(study.panel[used], CONTROLS),
        outcome=outcome[used] - (study.outcomes[settings.outcome].low or 0.0),
        weight=survey[used],
        target=latest[used],
    )


def elasticity_tables(
    study: Study,
    response: Response | None,
    settings: SensitivitySettings,
    seed: np.random.SeedSequence,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the elasticities and the curves, raw and adjusted; empty tables without a response."""
    step, published = _published(study, settings)
    summary, curves = [], []
    for model in ("raw", "adjusted") if response is not None else ():
        assert response is not None
        changes = np.append(CHANGES, step)
        values, bends = bootstrap_elasticity(
            response, model == "adjusted", changes, settings.bootstrap, named(seed, model)
        )
        low, high = interval(values[1:])
        bend_low, bend_high = interval(bends[1:])
        summary.append(
            {
                "model": model,
                "respondents": len(response.outcome),
                "value": values[0],
                "low": float(low),
                "high": float(high),
                "step": step,
                "response": bends[0, -1],
                "response_low": bend_low[-1],
                "response_high": bend_high[-1],
                "published": published,
            }
        )
        curves.append(
            pd.DataFrame(
                {
                    "model": model,
                    "change": CHANGES,
                    "value": bends[0, :-1],
                    "low": bend_low[:-1],
                    "high": bend_high[:-1],
                }
            )
        )
    columns = ["model", "respondents", "value", "low", "high", "step"]
    columns += ["response", "response_low", "response_high", "published"]
    empty = pd.DataFrame(columns=["model", "change", "value", "low", "high"])
    return pd.DataFrame(summary, columns=columns), pd.concat(curves, ignore_index=True) if curves else empty


def outcome_indices(
    study: Study,
    response: Response,
    values: np.ndarray,
    generator: WeightGenerator,
    settings: SensitivitySettings,
    seed: np.random.SeedSequence,
) -> tuple[pd.DataFrame, int]:
    """Return the Sobol' indices of the mean predicted outcome of the latest period, and the number of runs.

    Factors: the sibling sets of the weights, the regression coefficients (asymptotic normal, one factor) and the
    relative change of the indicator's answers (uniform). The regression is fitted once, at the nominal weights.
    """
    indicator = str(settings.indicator)
    fit = fit_logistic(response.design(adjusted=True), response.outcome, response.weight)
    set_inputs = sum(generator.groups.values())
    groups = {**generator.groups, COEFFICIENTS: fit.coefficients.size, indicator: 1}
    sample = sample_groups(groups, settings.base, named(seed, "sample"))
    rows = response.rows[response.target]
    dimension = dimension_index(study.model)

    def predicted(points: np.ndarray) -> np.ndarray:
        weights = generator.weights(points[:, :set_inputs])
        weights[:, study.model.codes.index(indicator)] = 0.0
        coefficients = normal_from_uniform(points[:, set_inputs:-1], fit.coefficients, fit.covariance)
        changes = settings.range * (2 * points[:, -1] - 1)
        result = np.empty(len(points))
        for runs, others in composite_by_run(values[rows], weights, dimension):
            result[runs] = predict_by_run(response, others, coefficients[runs], changes[runs])
        return result

    outputs = evaluate(predicted, sample)
    table = sobol_indices(sample, outputs, resamples=settings.resamples, seed=named(seed, "resamples"))
    table = table.drop(columns="output")
    for place, (name, value) in enumerate((("output", settings.outcome), ("platform", ""), ("stage", ""))):
        table.insert(place, name, value)
    return table, len(sample.points)


def _published(study: Study, settings: SensitivitySettings) -> tuple[float, float]:
    """Return step and response of the published elasticity as shares; step 0.1 and NaN if none is named."""
    ids = [one for one in (settings.published_step, settings.published_response) if one is not None]
    if study.claims is None or len(ids) < 2:
        return 0.10, float("nan")
    ledger = dict(zip(study.claims["id"], study.claims["value"], strict=True))
    unknown = [one for one in ids if one not in ledger]
    if unknown:
        raise InputError("the ledger has no such figure", column="id", found=unknown[0])
    step, published = (float(ledger[one]) / 100 for one in ids)
    return step, published
