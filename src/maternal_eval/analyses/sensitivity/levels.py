"""Question 2: the levels of indicators → outcomes, in the answers; weights serve the adjustment alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from maternal_eval.analyses.scores.compute import score_respondents
from maternal_eval.core.errors import InputError
from maternal_eval.core.intervals import interval, tails
from maternal_eval.core.randomness import named
from maternal_eval.core.remarks import Remark, remark
from maternal_eval.methods.composite import FULL_SCORE
from maternal_eval.methods.sensitivity.elasticity import Response, bootstrap_elasticity, control_columns, linear_until
from maternal_eval.methods.sensitivity.explained_variance import explained_variance
from maternal_eval.study import Study, survey_weights

if TYPE_CHECKING:
    from maternal_eval.analyses.sensitivity.settings import SensitivitySettings

CHANGES = np.round(np.arange(0.0, 0.81, 0.05), 2)
"""Relative changes of the answers at which the curve is computed: 0 … +80 %, where the reports' own range ends."""

CONTROLS = ("period", "stage", "platform")


def build_response(
    study: Study,
    weights: pd.Series,
    latest: np.ndarray,
    settings: SensitivitySettings,
) -> tuple[Response | None, list[Remark]]:
    """Return the respondents of the elasticity, or None and a remark if the settings name none.

    Parameters
    ----------
    weights
        Nominal global weights by code, for the composite of the other indicators.
    latest
        Respondents of the latest period, whom predictions are averaged over.
    """
    if settings.indicator is None or settings.outcome is None:
        en, zh = "no indicator and binary outcome are named: no elasticity", "未指定指标与二元结果：不计算弹性"
        return None, [remark(en, zh)]
    outcome = study.panel[settings.outcome].to_numpy(dtype=float)
    answer = study.panel[settings.indicator].to_numpy(dtype=float)
    others = score_respondents(study, weights.where(weights.index != settings.indicator, 0.0)).score
    others = others / FULL_SCORE
    survey = survey_weights(study.panel)
    used = np.isfinite(others) & np.isfinite(answer) & np.isfinite(outcome) & (survey > 0)
    indicator = study.model.indicator(settings.indicator)
    response = Response(
        answer=answer[used],
        low=indicator.low,
        high=indicator.high,
        others=others[used],
        controls=control_columns(study.panel[used], CONTROLS),
        outcome=outcome[used] - (study.outcomes[settings.outcome].low or 0.0),
        weight=survey[used],
        target=latest[used],
    )
    return response, []


def elasticity_tables(
    study: Study,
    response: Response | None,
    settings: SensitivitySettings,
    seed: np.random.SeedSequence,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the elasticities and the curves, raw and adjusted; empty tables without a response."""
    step, published = _published(study, settings)
    summary, curves = [], []
    changes = np.union1d(CHANGES, step)
    at_step = int(np.argmin(np.abs(changes - step)))
    for model in ("raw", "adjusted") if response is not None else ():
        assert response is not None
        values, bends = bootstrap_elasticity(
            response, model == "adjusted", changes, settings.bootstrap, named(seed, model)
        )
        low, high = interval(values[1:])
        bend_low, bend_high = interval(bends[1:])
        ends = linear_until(changes, bends, step)
        # A curve that never bends ends nowhere: order statistics, because infinite ends cannot be averaged.
        end_low, end_high = np.quantile(ends[1:], tails(), method="inverted_cdf")
        summary.append(
            {
                "model": model,
                "respondents": len(response.outcome),
                "value": values[0],
                "low": float(low),
                "high": float(high),
                "step": step,
                "response": bends[0, at_step],
                "response_low": bend_low[at_step],
                "response_high": bend_high[at_step],
                "linear_until": _finite(ends[0]),
                "linear_until_low": _finite(end_low),
                "linear_until_high": _finite(end_high),
                "published": published,
            }
        )
        curves.append(
            pd.DataFrame({"model": model, "change": changes, "value": bends[0], "low": bend_low, "high": bend_high})
        )
    columns = ["model", "respondents", "value", "low", "high", "step", "response", "response_low", "response_high"]
    columns += ["linear_until", "linear_until_low", "linear_until_high", "published"]
    empty = pd.DataFrame(columns=["model", "change", "value", "low", "high"])
    return pd.DataFrame(summary, columns=columns), pd.concat(curves, ignore_index=True) if curves else empty


def _finite(value: float) -> float:
    return float(value) if np.isfinite(value) else float("nan")


def answers_table(
    study: Study,
    outcomes: tuple[str, ...],
    settings: SensitivitySettings,
    seed: np.random.SeedSequence,
) -> tuple[pd.DataFrame, list[Remark]]:
    """Return how much of each outcome's variance each answer explains; the means of periods are taken off before.

    Returns
    -------
    table
        ``outcome``, ``indicator``, ``share``, ``low``, ``high``, ``error``, ``explained`` (R² of all answers),
        ``respondents``.
    notes
        Remarks on outcomes that nothing can be explained of.
    """
    codes = study.model.codes
    parts = []
    notes: list[Remark] = []
    for name in outcomes:
        panel = study.panel[[*codes, name]].astype(float)
        if "period" in study.panel:
            panel = panel - panel.groupby(study.panel["period"], observed=True).transform("mean")
        known = panel[name].notna()
        varies = panel.loc[known].std() > 0
        if not varies[name] or not varies[codes].all():
            what = name if not varies[name] else codes[int(np.argmin(varies[codes].to_numpy()))]
            notes.append(
                remark(f"{what} does not vary within periods: nothing to explain", f"{what} 在各期内无变化：无从解释")
            )
            continue
        found = explained_variance(
            panel[codes].to_numpy(),
            panel[name].to_numpy(),
            survey_weights(study.panel),
            orders=settings.orders,
            resamples=settings.bootstrap,
            seed=named(seed, name),
        )
        parts.append(
            pd.DataFrame(
                {
                    "outcome": name,
                    "indicator": codes,
                    "share": found.shares,
                    "low": np.maximum(found.low, 0.0),
                    "high": found.high,
                    "error": found.error,
                    "explained": found.explained,
                    "respondents": found.respondents,
                }
            )
        )
    columns = ["outcome", "indicator", "share", "low", "high", "error", "explained", "respondents"]
    return (pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)), notes


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
