"""A published example of a forecast, worked through: one platform hides something, what happens to its outcome?

The platform, the indicator that falls there in the test period, and the outcome are named in the settings. Forecasts
made without knowing of it stand beside forecasts that are told the one thing that was hidden: how far the indicator
fell on that platform. All relations come from the training periods; the test period gives the size of the fall, and
what really happened to the outcome.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from maternal_eval.analyses.backtest.cells import Target, history
from maternal_eval.analyses.backtest.composite_forecaster import CompositeForecaster, fit_relation
from maternal_eval.analyses.backtest.forecasters import LevelForecaster, Training
from maternal_eval.analyses.backtest.origin import Origin, open_origin
from maternal_eval.analyses.backtest.splits import Split
from maternal_eval.analyses.scores.compute import score_respondents
from maternal_eval.analyses.weights.compute import static_weights
from maternal_eval.core.errors import InputError
from maternal_eval.core.intervals import interval
from maternal_eval.core.randomness import generator
from maternal_eval.methods.forecasting.local_level import antithetic_normal
from maternal_eval.study import Study, survey_weights


def check_case(later: Training, split: Split, case: dict[str, Any], target: Target) -> None:
    """Refuse a case that nothing can be worked out for, before anything is fitted; arguments of :func:`work_case`.

    Raises
    ------
    InputError
        If outcome or indicator have no answers on the platform before or in the test period, or the outcome was 0.
    """
    label, study = split.timeline.label, later.study
    here = study.panel["platform"] == case["platform"]
    for key in ("outcome", "indicator"):
        for period in (split.train[-1], split.test):
            rows = study.panel[here & (study.panel["period"] == period)]
            if not rows[case[key]].notna().any():
                raise InputError(
                    "the worked case cannot be worked out",
                    column=f"analysis.backtest.case.{key}",
                    found=f"no answers to {case[key]} on {case['platform']} in {label(period)}",
                    expected="answers before and in the test period",
                )
    origin = open_origin(later, split, target)
    place = origin.units.get_indexer(pd.MultiIndex.from_tuples([(case["platform"],)], names=["platform"]))[0]
    if place < 0 or not abs(origin.last[place]) > 0:
        raise InputError(
            "the worked case cannot be worked out",
            column="analysis.backtest.case.outcome",
            found=f"a mean of 0 or none on {case['platform']} in {label(split.train[-1])}",
            expected="a mean that a change can be related to",
        )


def work_case(later: Training, split: Split, case: dict[str, Any], target: Target, draws: int) -> pd.DataFrame:
    """Return one row per forecaster: relative change of the outcome's mean on the platform, forecast and observed.

    Parameters
    ----------
    later
        The panel with the test period.
    split
        The study's own split.
    case
        See :class:`~maternal_eval.analyses.backtest.settings.BacktestSettings`.
    target
        The case's outcome with the platform as the only unit column.
    draws
        Predictive draws.

    Returns
    -------
    pandas.DataFrame
        ``forecaster``; ``told`` (whether it knew how far the indicator fell); ``change``, ``low``, ``high`` (relative
        change, predictive interval with the sampling error of the cell); ``observed``; ``closeness`` = 1 −
        \\|forecast − observed\\| / \\|observed\\|, the accuracy that the published example implies; ``fall`` of the
        indicator. A last row holds the published figures.
    """
    origin = open_origin(later, split, target)
    units = pd.MultiIndex.from_tuples([(case["platform"],)], names=["platform"])
    place = origin.units.get_indexer(units)[0]
    last, observed = origin.last[place], origin.observed[place]
    training, random = origin.training, generator(later.seed_of("worked case"))
    fall, score_fall = _fall(later.study, origin, case)
    level = LevelForecaster(smooth=True, drift=True).fit(training, target)
    blind = LevelForecaster().fit(training, target)
    composite = CompositeForecaster("static").fit(training, target)
    single = _single_relation(training.study, case, target)
    noise = antithetic_normal(random, draws, 1)
    relation = composite.fitted.relation
    seeds = [later.seed_of(f"worked case/{number}") for number in range(3)]
    forecasts = {
        ("last_value", False): blind.forecast(units, split.horizon, draws, seeds[0]).mean,
        ("ahp_weights", False): (plain := composite.forecast(units, split.horizon, draws, seeds[1]).mean),
        ("ahp_weights", True): plain + (relation.slope + np.sqrt(relation.slope_variance) * noise) * score_fall,
        ("single_item", True): level.forecast(units, split.horizon, draws, seeds[2]).mean
        + (single.slope + np.sqrt(single.slope_variance) * noise) * fall,
    }
    actual = observed / last - 1.0
    rows = []
    sampling = np.sqrt(origin.past.within_variance / origin.effective[place])
    for (name, told), means in forecasts.items():
        drawn = (means[:, 0] + sampling * antithetic_normal(random, draws, 1)[:, 0]) / last - 1.0
        low, high = interval(drawn)
        change = float(np.median(drawn))
        rows.append((name, told, change, float(low), float(high), actual, _closeness(change, actual), fall))
    stated = (float(case["forecast"]), float(case["observed"]))
    rows.append(("published", True, stated[0], np.nan, np.nan, stated[1], _closeness(*stated), np.nan))
    columns = ["forecaster", "told", "change", "low", "high", "observed", "closeness", "fall"]
    return pd.DataFrame(rows, columns=columns)


def _closeness(forecast: float, observed: float) -> float:
    return 1.0 - abs(forecast - observed) / abs(observed) if observed else float("nan")


def _fall(study: Study, origin: Origin, case: dict[str, Any]) -> tuple[float, float]:
    """Return how far the indicator fell on the platform, and what that alone does to its respondents' composite."""
    code, split = case["indicator"], origin.split
    periods = (split.train[-1], split.test)
    found = history(study.panel, study.panel[code].to_numpy(dtype=float), ("platform",), 1, periods)
    place = found.units.get_indexer(pd.MultiIndex.from_tuples([(case["platform"],)]))[0]
    fall = float(found.mean[1, place] - found.mean[0, place])
    panel = origin.training.study.panel
    rows = ((panel["platform"] == case["platform"]) & (panel["period"] == periods[0])).to_numpy()
    before = replace(origin.training.study, panel=panel[rows].reset_index(drop=True))
    indicator = study.model.indicator(code)
    shifted = before.panel.assign(**{code: (before.panel[code] + fall).clip(indicator.low, indicator.high)})
    weights = static_weights(origin.training.study)
    change = score_respondents(replace(before, panel=shifted), weights).score - score_respondents(before, weights).score
    scored = np.isfinite(change)  # who answered nothing has no score, and so no change of it
    return fall, float(np.average(change[scored], weights=survey_weights(before.panel)[scored]))


def _single_relation(study: Study, case: dict[str, Any], target: Target) -> Any:
    answers = study.panel[[case["indicator"], target.name]].to_numpy(dtype=float)
    known = ~np.isnan(answers).any(axis=1)
    indicator, outcome = answers[known].T
    return fit_relation(indicator, outcome, survey_weights(study.panel[known]))
