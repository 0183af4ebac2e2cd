"""The forecasters by name; a new one is one more row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from maternal_eval.analyses.backtest.base import REFERENCE
from maternal_eval.analyses.backtest.boosting_forecaster import BoostingForecaster
from maternal_eval.analyses.backtest.cells import Target
from maternal_eval.analyses.backtest.composite_forecaster import CompositeForecaster
from maternal_eval.analyses.backtest.ensemble import Ensemble
from maternal_eval.analyses.backtest.forecasters import ForecasterEntry, LevelForecaster, MeanForecaster
from maternal_eval.analyses.backtest.hierarchical_forecaster import HierarchicalForecaster
from maternal_eval.analyses.backtest.ordinal_forecaster import OrdinalForecaster
from maternal_eval.analyses.backtest.regression_forecaster import RegressionForecaster
from maternal_eval.analyses.backtest.splits import in_periods
from maternal_eval.analyses.backtest.weight_schemes import equal_weights
from maternal_eval.analyses.scores.compute import score_respondents
from maternal_eval.study import OUTCOME_KINDS, Study
from maternal_eval.study.counts import answers_to

NEEDS: dict[str, tuple[Callable[[Study, Target], bool], str, str]] = {
    "indicators": (
        lambda study, target: bool(study.model.indicators),
        "the study has no indicators",
        "本研究没有指标",
    ),
    "scores": (
        lambda study, target: _scored_from_the_start(study, target),
        "nobody of the first training period with the outcome answered the indicators too",
        "有该结果变量的首个训练期中无人同时回答指标",
    ),
    "categories": (
        lambda study, target: target.values is not None,
        "the outcome has no ordered categories",
        "结果变量没有有序类别",
    ),
    "weights by stage": (
        lambda study, target: len(study.stages) >= 2 and OUTCOME_KINDS[study.primary_outcome.kind].ordered_categories,
        "weights by {stage} need two {stages} and a first outcome with ordered answers",
        "{stage}权重需要至少两个{stage}，且首个结果变量为有序类别",
    ),
    "joint answers": (
        lambda study, target: study.counted is None,
        "weights by stage are learned from what single respondents answer together, and the panel holds counts",
        "阶段权重须由同一受访者的共同作答估计，而面板为计数",
    ),
}
"""What a forecaster may need: a test, and what is said where it fails."""

_INDICATORS = frozenset({"indicators", "scores"})


def _scored_from_the_start(study: Study, target: Target) -> bool:
    """Whether somebody of the first training period with the outcome has a composite score too.

    An outcome that no training period has is left out itself.
    """
    trained = [period for period in study.periods if period in (study.train_periods or study.periods)]
    if not study.model.indicators:
        return True
    if study.counted is not None:
        heard = answers_to(study, target.name).dropna(subset=[target.name])["period"]
        heard = heard[heard.isin(trained)]
        if heard.empty:
            return True
        start = in_periods(study, [int(heard.min())])
        return bool(np.isfinite(score_respondents(start, equal_weights(start)).score).any())
    panel = study.panel[study.panel[target.name].notna() & study.panel["period"].isin(trained)]
    if panel.empty:
        return True
    first = panel[panel["period"] == panel["period"].min()].reset_index(drop=True)
    start = replace(study, panel=first)
    return bool(np.isfinite(score_respondents(start, equal_weights(start)).score).any())


FORECASTERS: dict[str, ForecasterEntry] = {
    entry.name: entry
    for entry in (
        ForecasterEntry(REFERENCE, "Last value", "上期值", LevelForecaster),
        ForecasterEntry("training_mean", "Mean of the training periods", "训练期均值", MeanForecaster),
        ForecasterEntry("drift", "Last value + drift", "上期值加趋势", lambda: LevelForecaster(drift=True)),
        ForecasterEntry(
            "local_level",
            "Smoothed level (no indicators)",
            "平滑水平（不用指标）",
            lambda: LevelForecaster(smooth=True, drift=True),
        ),
        ForecasterEntry("hierarchical", "Hierarchical level + drift", "分层水平加趋势", HierarchicalForecaster),
        ForecasterEntry(
            "equal_weights",
            "Composite, equal weights",
            "综合得分（等权）",
            lambda: CompositeForecaster("equal"),
            _INDICATORS,
        ),
        ForecasterEntry(
            "ahp_weights",
            "Composite, static weights",
            "综合得分（静态权重）",
            lambda: CompositeForecaster("static"),
            _INDICATORS,
        ),
        ForecasterEntry(
            "effective_weights",
            "Composite, effective weights",
            "综合得分（有效权重）",
            lambda: CompositeForecaster("effective"),
            _INDICATORS,
        ),
        ForecasterEntry(
            "fitted_weights",
            "Composite, weights fitted to the next period",
            "综合得分（按下一期结果拟合的权重）",
            lambda: CompositeForecaster("fitted"),
            _INDICATORS,
        ),
        ForecasterEntry(
            "stage_weights",
            "Composite, {stage} weights",
            "综合得分（{stage}权重）",
            lambda: CompositeForecaster("stage"),
            _INDICATORS | {"joint answers", "weights by stage"},
        ),
        ForecasterEntry("ordinal", "Ordinal model", "有序模型", OrdinalForecaster, frozenset({"categories"})),
        ForecasterEntry(
            "ordinal_drift",
            "Ordinal model + drift",
            "有序模型加趋势",
            lambda: OrdinalForecaster(drift=True),
            frozenset({"categories"}),
            on_request=True,
        ),
        ForecasterEntry("regression", "Regression on the period before", "对上一期指标的回归", RegressionForecaster),
        ForecasterEntry("boosting", "Gradient boosting", "梯度提升", BoostingForecaster),
        ForecasterEntry("ensemble", "Ensemble (stacking)", "集成（堆叠）", Ensemble, pools=True),
    )
}
"""All forecasters. ``local_level`` stands beside the composites because they smooth and drift as
it does: only what they gain over it is owed to the indicators."""


def usual() -> tuple[str, ...]:
    """Return the names of the forecasters that run where the settings name none: all but those on request."""
    return tuple(name for name, entry in FORECASTERS.items() if not entry.on_request)


def lacking(entry: ForecasterEntry, study: Study, target: Target) -> list[tuple[str, str]]:
    """Return what the study lacks for a forecaster, in English and Chinese; empty if nothing."""
    return [study.words.pair(*NEEDS[name][1:]) for name in sorted(entry.needs) if not NEEDS[name][0](study, target)]


def with_members(entries: Sequence[ForecasterEntry]) -> list[ForecasterEntry]:
    """Return the forecasters with those that pool given the others as members."""
    members = tuple(entry for entry in entries if not entry.pools)
    return [
        replace(entry, build=lambda: Ensemble(members)) if entry.pools else entry  # the one kind that pools
        for entry in entries
    ]


def possible(study: Study, target: Target, names: Sequence[str] | None = None) -> list[ForecasterEntry]:
    """Return the named forecasters (the usual ones if None) that the study and the target allow, ready to build."""
    names = usual() if names is None else names
    return with_members([FORECASTERS[name] for name in names if not lacking(FORECASTERS[name], study, target)])
