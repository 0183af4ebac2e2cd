"""Whom a shared setting reaches: every setting of [model] is changed in turn, and every analysis is asked if it moved.

What is compared is what an analysis computes: its tables where nothing is sampled, else the density, the chains and the
gates that it hands to the sampler, so that nothing has to be sampled.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from functools import partial
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from maternal_eval.analyses.agreement.objective import precision_table
from maternal_eval.analyses.agreement.settings import Objective
from maternal_eval.analyses.backtest import ordinal_forecaster
from maternal_eval.analyses.backtest.compute import run_backtest
from maternal_eval.analyses.backtest.settings import BacktestSettings
from maternal_eval.analyses.calibration import compute as calibration
from maternal_eval.analyses.calibration.settings import CalibrationSettings
from maternal_eval.analyses.explorer import compute as explorer
from maternal_eval.analyses.explorer.settings import ExplorerSettings
from maternal_eval.analyses.importance.compute import analyse_importance
from maternal_eval.analyses.importance.settings import ImportanceSettings
from maternal_eval.analyses.instrument.composites import scores_of
from maternal_eval.analyses.items import compute as items
from maternal_eval.analyses.proposal_power import compute as proposal_power
from maternal_eval.analyses.proposal_power.settings import ProposalPowerSettings
from maternal_eval.analyses.satisfaction import compute as satisfaction
from maternal_eval.analyses.satisfaction.result import SatisfactionResult
from maternal_eval.analyses.schedule.result import ScheduleResult
from maternal_eval.analyses.scores.compute import score_study
from maternal_eval.analyses.scores.settings import ScoresSettings
from maternal_eval.analyses.sensitivity.compute import run_sensitivity
from maternal_eval.analyses.sensitivity.settings import SensitivitySettings
from maternal_eval.analyses.shapes.compute import find_shapes
from maternal_eval.analyses.shapes.settings import ShapesSettings
from maternal_eval.analyses.stage_weights import compute as stage_weights
from maternal_eval.analyses.stage_weights import quick
from maternal_eval.analyses.stage_weights.result import StageWeightsResult
from maternal_eval.analyses.user_weights.compute import find_user_weights
from maternal_eval.analyses.user_weights.settings import UserWeightsSettings
from maternal_eval.analyses.whatif.compute import what_if
from maternal_eval.analyses.whatif.scenarios import Change, Scenario
from maternal_eval.analyses.whatif.settings import WhatIfSettings
from maternal_eval.app.analysis import Analysis
from maternal_eval.app.steps import STEPS
from maternal_eval.core.errors import InputError
from maternal_eval.core.hashing import hash_bytes
from maternal_eval.results import ResultStore
from maternal_eval.study import ModelSettings, Study
from maternal_eval.study.model_settings import PARTS
from tests.stand_in import stand_in

VALUES = {"scores", "importance", "explorer", "sensitivity", "stage_weights", "proposal_power", "whatif", "backtest"}
VALUES |= {"shapes", "user_weights", "agreement", "instrument"}
COMPOSITES = {"scores", "sensitivity", "backtest", "shapes", "instrument"}
ORDINAL = {"satisfaction", "items", "calibration", "backtest"}
BY_STAGE = {"stage_weights", "proposal_power", "backtest"}
SAMPLED = {"satisfaction", "items", "stage_weights", "backtest"}
ARITHMETIC = {"importance", "explorer", "sensitivity", "stage_weights", "user_weights", "whatif"}
"""They presuppose the arithmetic mean, and say so where the study aggregates otherwise."""

REACH = {
    ("values", "kappa"): (3.0, VALUES),
    ("values", "class_shapes"): ({"must_be": 3.0}, VALUES),
    ("aggregation", "within"): ("geometric", COMPOSITES),
    ("aggregation", "across"): ("harmonic", COMPOSITES),
    ("aggregation", "gate"): (0.9, {"scores"}),
    ("aggregation", "unanswered"): ("mean", VALUES),
    ("ordinal", "family"): ("adjacent_logit", ORDINAL),
    ("ordinal", "stage_scale"): (0.7, ORDINAL),
    ("ordinal", "period_scale"): (0.7, ORDINAL),
    ("ordinal", "stage_period_scale"): (0.7, ORDINAL),
    ("ordinal", "segment_scale"): (0.7, ORDINAL),
    ("ordinal", "latent_scale"): (0.7, ORDINAL),
    ("ordinal", "degrees"): (7.0, ORDINAL),
    ("stage_weights", "shift_scale"): (0.2, BY_STAGE),
    ("stage_weights", "step_median"): (0.3, BY_STAGE),
    ("stage_weights", "effect_scale"): (0.3, BY_STAGE - {"proposal_power"}),  # its replicates have no effects
    ("sampler", "chains"): (3, SAMPLED),
    ("sampler", "tune"): (99, SAMPLED),
    ("sampler", "draws"): (123, SAMPLED),
    ("sampler", "target_accept"): (0.999, SAMPLED),
    ("gates", "rhat"): (1.5, SAMPLED),
    ("gates", "bulk_ess"): (7.0, SAMPLED),
    ("gates", "tail_ess"): (7.0, SAMPLED),
    ("gates", "divergences"): (9, SAMPLED),
    ("gates", "ebfmi"): (0.05, SAMPLED),
}
"""Setting → another value, and the analyses that have to move with it; all others have to stay."""

TOML = """
[study]
name = "reach"
zh = "范围"
en = "Reach"
[panel]
file = "panel.csv"
[columns]
period = "period"
stage = "stage"
platform = "platform"
weight = "weight"
[stages]
order = ["before", "after"]
[periods]
train = [2020, 2021]
test = 2022
[dimensions]
speed = { weight = 0.6, zh = "速度", en = "Speed" }
care = { weight = 0.4, zh = "关怀", en = "Care" }
[indicators]
file = "indicators.csv"
[outcomes]
overall = { column = "overall", kind = "ordinal", zh = "满意度", en = "Satisfaction" }
again = { column = "again", kind = "binary", zh = "复购", en = "Repurchase" }
[disclosure]
minimum = 1
"""
INDICATORS = """code,dimension,name_zh,name_en,kano
A1,speed,快,Fast,must_be
A2,speed,准,Right,performance
B1,care,暖,Warm,attractive
B2,care,敬,Respect,must_be
"""


class Stop(Exception):
    """Raised where a fit would begin, once what it is given is written down."""


@pytest.fixture(scope="module")
def study(tmp_path_factory) -> Study:
    folder = tmp_path_factory.mktemp("reach") / "study"
    folder.mkdir()
    random = np.random.default_rng(5)
    size = 480
    mood = random.normal(size=size)
    answers = np.clip(np.rint(3.2 + 0.8 * mood[:, None] + 0.8 * random.normal(size=(size, 4))), 1, 5)
    panel = pd.DataFrame(answers, columns=["A1", "A2", "B1", "B2"]).mask(random.random((size, 4)) < 0.15)
    panel["overall"] = np.clip(np.rint(3 + mood + 0.3 * random.normal(size=size)), 1, 5)
    panel["again"] = (mood + random.normal(size=size) > 0).astype(int)
    panel["stage"] = np.array(["before", "after"])[np.arange(size) % 2]
    panel["platform"] = np.array(["p", "q"])[np.arange(size) // 2 % 2]
    panel["period"] = 2020 + np.arange(size) // 4 % 3
    panel["weight"] = random.uniform(0.5, 1.5, size)
    panel.to_csv(folder / "panel.csv", index=False)
    (folder / "study.toml").write_text(TOML, encoding="utf-8")
    (folder / "indicators.csv").write_text(INDICATORS, encoding="utf-8")
    return Study.read(folder)


def changed(study: Study, part: str, name: str, value: object) -> Study:
    settings = study.model_settings
    return replace(study, model_settings=replace(settings, **{part: replace(getattr(settings, part), **{name: value})}))


def stopped(run, *patches) -> str:
    """Run until a patched function is called; return what it was given. ``patches``: (module, name)."""
    given: list[object] = []

    def stop(*positional: object, **named: object) -> None:
        given.append((positional, {key: one for key, one in named.items() if key not in ("progress", "task")}))
        raise Stop

    with pytest.MonkeyPatch.context() as patch:
        for module, name in patches:
            patch.setattr(module, name, stop)
        with pytest.raises(Stop):
            run()
    return frozen(given)


def frozen(thing: object) -> str:
    """Return a text that is the same for the same content: arrays to the last bit, functions by name."""
    if isinstance(thing, pd.DataFrame):
        return frozen({str(name): column.to_numpy() for name, column in thing.items()})
    if isinstance(thing, xr.Dataset):
        return frozen({str(name): array.to_numpy() for name, array in thing.variables.items()})
    if isinstance(thing, np.ndarray):
        return f"{thing.shape} {thing.tolist() if thing.dtype == object else hash_bytes(thing.tobytes())}"
    if isinstance(thing, np.random.SeedSequence):
        return f"{thing.entropy} {thing.spawn_key}"
    if isinstance(thing, partial):
        return frozen([thing.func, thing.args, thing.keywords])
    if is_dataclass(thing) and not isinstance(thing, type):
        assert not isinstance(thing, Study | ModelSettings), "what is handed on whole would always move"
        return type(thing).__name__ + frozen({one.name: getattr(thing, one.name) for one in fields(thing)})
    if isinstance(thing, Mapping):
        return "{" + ", ".join(f"{name}: {frozen(one)}" for name, one in thing.items()) + "}"
    if isinstance(thing, list | tuple):
        return "[" + ", ".join(map(frozen, thing)) + "]"
    return getattr(thing, "__qualname__", None) or repr(thing)


def settings_of(name: str, study: Study):
    return STEPS[name].settings_for(study, quick=True)


def of_fit(study: Study) -> StageWeightsResult:
    """Return what stands for a result of the stage weights where slopes and outcome are wanted."""
    slopes = pd.DataFrame({"mean": [5.0] * len(study.stages)})
    return stand_in(
        StageWeightsResult, outcome="overall", stages=slopes, settings={"equivalence": 0.2}, draws={"weight": None}
    )


def of_scores(study: Study) -> str:
    return frozen(score_study(study, ScoresSettings(resamples=2)).scores)


def of_importance(study: Study) -> str:
    found = analyse_importance(study, ImportanceSettings(draws=20, resamples=2))
    return frozen(found.importance) + frozen(found.ranks)


def of_agreement(study: Study) -> str:
    return frozen(precision_table(study, Objective("A1"), own=5.0, reliability=0.8))


def of_instrument(study: Study) -> str:
    return frozen(pd.DataFrame({"score": scores_of(study, study.panel, study.oriented().to_numpy(dtype=float))}))


def of_shapes(study: Study) -> str:
    found = find_shapes(study, ShapesSettings(draws=20, points=2))
    return frozen(found.items) + frozen(found.classes) + frozen(found.consequences)


def of_user_weights(study: Study) -> str:
    return frozen(find_user_weights(study, UserWeightsSettings(draws=20, sweeps=2)).weights)


def of_explorer(study: Study) -> str:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(explorer, "_weights", lambda *_: xr.Dataset())
        patch.setattr(explorer, "_reasons", lambda *_: {})
        results = {"schedule": stand_in(ScheduleResult), "stage_weights": of_fit(study)}
        return frozen(explorer.prepare_explorer(study, ExplorerSettings(draws=20), results=results).scores)


def of_sensitivity(study: Study) -> str:
    small = {"base": 8, "start": 8, "alone": 8, "resamples": 2, "orders": 4, "bootstrap": 2}
    found = run_sensitivity(study, settings=SensitivitySettings(**small, indicator="A1", outcome="again"))
    return frozen(found.scores) + frozen(found.elasticity)


def of_whatif(study: Study) -> str:
    asked = (Scenario("up", "升", "up", {"A1": Change(add=0.5)}),)
    return frozen(what_if(study, WhatIfSettings(asked, draws=20, sets=2)).effects)


def of_stage_weights(study: Study) -> str:
    settings = settings_of("stage_weights", study)
    return stopped(
        lambda: stage_weights.fit_stage_weights(study, settings=settings), (stage_weights, "sample_stage_weights")
    )


def of_proposal_power(study: Study) -> str:
    designs = proposal_power.replicate_designs(study, of_fit(study), ProposalPowerSettings())
    return frozen(designs)


def of_satisfaction(study: Study) -> str:
    settings = settings_of("satisfaction", study)
    given = stopped(lambda: satisfaction.fit_satisfaction(study, settings=settings, seed=0), (satisfaction, "sample"))
    return given + frozen(settings.gates)


def of_items(study: Study) -> str:
    settings = replace(settings_of("items", study), segments=("platform",))
    return stopped(lambda: items.fit_items(study, settings=settings, seed=0), (items, "fit_cells")) + frozen(
        settings.gates
    )


def of_calibration(study: Study) -> str:
    result = stand_in(SatisfactionResult, outcome="overall", settings={"segments": None})
    return stopped(
        lambda: calibration.calibrate_satisfaction(
            study, settings=CalibrationSettings(), seed=0, results={"satisfaction": result}
        ),
        (calibration, "run_replicates"),
    )


def of_backtest(study: Study) -> str:
    """Forecasts with composites; what the weights by stage and the ordinal forecasts hand to the sampler."""
    given: list[object] = []

    def no_weights(answers, prior, effect_scale, *, seed):
        given.append((answers, prior, effect_scale))
        raise InputError("not fitted")

    def zeros(model, judged, *, gates, seed, settings, attempts, task):
        given.append((model, gates, settings))
        sampled = SimpleNamespace(x=np.zeros((2, 4, len(model.names))))
        return SimpleNamespace(required=lambda _: sampled)

    names = ("ahp_weights", "effective_weights", "stage_weights", "ordinal")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(quick, "rough_stage_weights", no_weights)
        patch.setattr(ordinal_forecaster, "sample_until_passed", zeros)
        patch.setattr(ordinal_forecaster.OrdinalForecaster, "forecast", _flat)
        settings = BacktestSettings(names, outcomes=("overall",), draws=20, replicates=2)
        found = run_backtest(study, settings)
    return frozen(given) + frozen(found.forecasts)


def _flat(_: object, units: pd.MultiIndex, horizon: int, draws: int, seed: object) -> ordinal_forecaster.Forecast:
    return ordinal_forecaster.Forecast(np.full((draws, len(units)), 3.0) + np.linspace(-0.1, 0.1, draws)[:, None])


TRACES = {name.removeprefix("of_"): one for name, one in list(globals().items()) if name[3:] in STEPS}


@pytest.fixture(scope="module")
def before(study):
    return {name: trace(study) for name, trace in TRACES.items()}


def test_the_same_settings_give_the_same(study, before):
    assert {name: trace(study) for name, trace in TRACES.items()} == before


def test_every_setting_of_the_table_is_asked_about():
    assert set(REACH) == {(part, name) for part, kind in PARTS.items() for name in kind.__dataclass_fields__}
    assert set.union(*(who for _, who in REACH.values())) == set(TRACES)


@pytest.mark.parametrize("setting", REACH, ids=".".join)
def test_a_changed_setting_moves_those_who_use_it_and_nobody_else(setting, study, before):
    value, who = REACH[setting]
    other = changed(study, *setting, value)
    moved = {name for name, trace in TRACES.items() if trace(other) != before[name]}
    assert moved == who


@pytest.mark.parametrize("setting", REACH, ids=".".join)
def test_a_changed_setting_makes_the_results_of_those_who_read_its_table_out_of_date(setting, study, tmp_path):
    analysis = Analysis(study.folder, study.definition, ResultStore(tmp_path), study)
    value, who = REACH[setting]
    other = replace(analysis, study=changed(study, *setting, value))
    stale = {name for name, step in STEPS.items() if analysis.key(step) != other.key(step)}
    assert who <= stale
    free = {"check", "claims", "weights", "kano", "review"}
    assert not stale & free
    readers = {name for name, step in STEPS.items() if setting[0] in getattr(step.settings_class, "model_parts", ())}
    readers |= {name for name, step in STEPS.items() if getattr(step.settings_class, "sampled", False)} & who
    through = {name for name, step in STEPS.items() if {*step.uses, *step.may_use} & (readers | {"schedule"} & stale)}
    assert stale == readers | through


@pytest.mark.parametrize(("rule", "who"), [("geometric", ARITHMETIC)])
def test_who_presupposes_the_arithmetic_mean_says_so(rule, who, study):
    other = changed(study, "aggregation", "within", rule)
    said = {
        "importance": analyse_importance(other, ImportanceSettings(draws=20, resamples=2)).remarks,
        "whatif": what_if(
            other, WhatIfSettings((Scenario("up", "升", "up", {"A1": Change(add=0.5)}),), draws=20, sets=2)
        ).remarks,
    }
    for name, remarks in said.items():
        assert name in who
        assert any("arithmetic mean" in one["en"] and rule in one["en"] for one in remarks), name


def test_all_answered_items_share_the_weight_where_the_study_says_so(study):
    """By hand: the composite is then the mean of what was answered, whatever the dimensions."""
    from maternal_eval.analyses.scores.compute import score_respondents
    from maternal_eval.analyses.weights.compute import static_weights
    from maternal_eval.study.values import indicator_values

    other = changed(study, "aggregation", "unanswered", "all")
    values, weights = indicator_values(other), static_weights(other).to_numpy()
    known = np.isfinite(values)
    by_hand = np.where(known, values, 0.0) @ weights / np.where(known.any(axis=1), known @ weights, np.nan)
    np.testing.assert_allclose(score_respondents(other).score, 100 * by_hand)
    assert not np.allclose(score_respondents(study).score, 100 * by_hand, equal_nan=True)
    for name in ("scores", "explorer", "whatif", "backtest", "sensitivity"):
        assert TRACES[name](other) != TRACES[name](study), name


def test_a_mean_takes_the_place_of_an_unanswered_item(study):
    from maternal_eval.study.values import indicator_values

    other = changed(study, "aggregation", "unanswered", "mean")
    values, filled = indicator_values(study), indicator_values(other)
    survey = study.panel["weight"].to_numpy()
    for column in range(values.shape[1]):
        known = np.isfinite(values[:, column])
        mean = np.average(values[known, column], weights=survey[known])
        gaps = ~known & np.isfinite(values).any(axis=1)
        assert gaps.any()
        np.testing.assert_allclose(filled[gaps, column], mean)
        np.testing.assert_array_equal(filled[known, column], values[known, column])


def test_defaults_are_those_of_today():
    """Written out: a changed default changes every paper."""
    assert ModelSettings().of(list(PARTS)) == {
        "values": {"kappa": 2.0, "class_shapes": {}},
        "aggregation": {"within": "arithmetic", "across": "arithmetic", "gate": 0.5, "unanswered": "siblings"},
        "ordinal": {
            "family": "cumulative_logit",
            "stage_scale": 0.3,
            "period_scale": 0.2,
            "stage_period_scale": 0.1,
            "segment_scale": 0.3,
            "latent_scale": 0.15,
            "degrees": None,
        },
        "stage_weights": {"shift_scale": None, "step_median": 0.15, "effect_scale": 1.0},
        "sampler": dict.fromkeys(("chains", "tune", "draws", "target_accept")),
        "gates": dict.fromkeys(("rhat", "bulk_ess", "tail_ess", "divergences", "ebfmi")),
    }
