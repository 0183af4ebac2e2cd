"""A change is proposed where both conditions hold, and the words say so."""

import dataclasses
import json

import numpy as np
import pytest

from maternal_eval.analyses.schedule.compute import propose_schedule
from maternal_eval.analyses.schedule.result import ScheduleResult
from maternal_eval.analyses.schedule.settings import ScheduleSettings
from maternal_eval.analyses.schedule.text import REASONS
from maternal_eval.core.errors import InputError
from maternal_eval.results import compared
from maternal_eval.results.plotting import save_figure
from tests.schedule.conftest import STATIC, backtest, stage_weights


def propose(study, fitted=None, tested=None, **settings):
    results = {"stage_weights": fitted or stage_weights(), "backtest": tested or backtest()}
    return propose_schedule(study, ScheduleSettings(**settings), results=results)


def reasons(result):
    return result.weights.set_index(["stage", "indicator"])["reason"]


def test_both_conditions_make_a_proposal(study):
    result = propose(study)
    found = reasons(result)
    assert found[found == "proposed"].index.tolist() == [("late", "F1"), ("late", "E1")]
    assert set(found.drop([("late", "F1"), ("late", "E1")])) == {"no relevant change"}
    weight = result.weights.set_index(["stage", "indicator"])["weight"]
    assert weight["late"].to_dict() == pytest.approx({"F1": 0.38, "F2": 0.25, "E1": 0.37})
    assert weight["early"].to_dict() == STATIC
    assert result.stages.set_index("stage").loc["late", "rest_factor"] == pytest.approx(0.25 / 0.3)
    assert result.stages["quarters"].tolist() == [0, 9]  # 0.18 in steps of 0.02
    sums = result.quarters.groupby(["quarter", "stage"])["weight"].sum()
    np.testing.assert_allclose(sums, 1.0)


@pytest.mark.parametrize(
    ("tested", "reason", "words"),
    [
        (backtest(low=0.001, high=0.004), "backtest worse", "not shown to be no worse"),
        (backtest(low=-0.010, high=0.0021), "backtest worse", "not shown to be no worse"),
        (backtest(forecaster="other"), "no backtest", "no forecast with stage weights"),
        (backtest(other="last_value"), "no backtest", "no forecast with stage weights"),
        (backtest(low=float("nan"), high=float("nan")), "backtest worse", "not shown to be no worse"),
    ],
)
def test_without_the_backtest_everything_stays_static_and_says_why(study, tested, reason, words):
    result = propose(study, tested=tested)
    assert result.proposals.empty
    assert reasons(result)[("late", "F1")] == reason
    assert result.weights["weight"].tolist() == result.weights["static"].tolist()
    assert result.quarters["quarter"].max() == 0
    assert words in result.paragraph("en")
    json.dumps(result.to_json(), allow_nan=False)


def test_a_weight_that_only_makes_room_for_another_is_not_proposed(study):
    """The share of a sibling falls as surely as the raised one rises; its ratio to the others stays."""
    result = propose(study, fitted=stage_weights(own={("late", "F1"): 0.99}))
    assert reasons(result)[[("late", "F1"), ("late", "E1")]].tolist() == ["proposed", "shadow"]
    assert result.expected_false == pytest.approx(0.01)
    assert "1 weights reach that (expected share of false ones 1.0%); 1 more change their share only" in (
        result.paragraph("en")
    )
    assert "另有1个仅占比改变" in result.paragraph("zh")


def test_the_whole_set_keeps_its_false_discovery_rate(study):
    sure = {("late", "F1"): 0.99, ("late", "E1"): 0.95, ("early", "F1"): 0.81}
    lenient = propose(study, fitted=stage_weights(sure), credible=0.8)
    assert len(lenient.proposals) == 2  # .01 and .05 are .03 on average; with .19 it would be .083
    assert len(propose(study, fitted=stage_weights(sure), credible=0.8, false_discovery=0.09).proposals) == 3


def test_margin_and_probability_are_limits_that_are_kept(study):
    assert len(propose(study, tested=backtest(high=0.002)).proposals) == 2  # 2 % of 0.10
    assert len(propose(study, tested=backtest(high=0.002), margin=0.0).proposals) == 0
    assert len(propose(study, credible=0.96).proposals) == 1
    none = propose(study, fitted=stage_weights(probability={}))
    assert set(reasons(none)) == {"no relevant change"}
    assert none.holds


def test_paragraphs_name_what_moves(study):
    result = propose(study)
    english, chinese = result.paragraph("en"), result.paragraph("zh")
    assert "On the simulated panel, 2 of 6 stage weights are proposed to move" in english
    assert "Late: First (F1) from 20.0% to 38.0% [30.4%, 45.6%]" in english
    assert "0.0020 allowed, it is not worse" in english
    assert "after 9 quarters" in english
    assert "在模拟面板上，6个阶段权重中，建议调整2个" in chinese
    assert "晚期的“第一”（F1）由20.0%调至38.0%" in chinese
    study.simulated = False
    assert "simulated" not in propose(study).paragraph("en")


def test_every_reason_has_words_in_both_languages():
    assert all(len(words) == 2 and all(words) for words in REASONS.values())


def test_result_survives_storing_and_is_drawn(study, tmp_path):
    for name, result in (("some", propose(study)), ("none", propose(study, fitted=stage_weights(probability={})))):
        result.save(tmp_path / name)
        again = ScheduleResult.load(tmp_path / name)
        assert again.quantities() == result.quantities()
        assert again.text == result.text
        for language in ("en", "zh"):
            save_figure(again.plot(language), tmp_path / f"{name}-{language}", "schedule")


def test_estimates_have_errors_and_leave_out_what_jumps(study):
    table = compared(propose(study).quantities())
    assert len(table) == 6 + 1
    assert (table["mcse"] > 0).all()
    assert table.loc["difference", "mcse"] == pytest.approx(0.005)


@pytest.mark.parametrize("wrong", [{"cap": 0.0}, {"credible": 0.4}, {"margin": -0.1}])
def test_settings_are_checked(wrong):
    with pytest.raises(ValueError, match=r"a schedule needs|column margin: the setting is beyond its range"):
        ScheduleSettings(**wrong)


def test_results_of_another_study_are_refused(study):
    with pytest.raises(InputError, match="another study"):
        propose(study, fitted=dataclasses.replace(stage_weights(), outcome="speed"))
