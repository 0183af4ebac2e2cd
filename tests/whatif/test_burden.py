"""A burden speaks its own scale: one point less of it raises the outcome, by what is known to be built in."""

import dataclasses

import numpy as np
import pytest

from maternal_eval.analyses.whatif.compute import _furthest, what_if
from maternal_eval.analyses.whatif.intervention import intervene
from maternal_eval.analyses.whatif.link import Link, fit_link
from maternal_eval.analyses.whatif.population import Population
from maternal_eval.analyses.whatif.scenarios import Change, Operation, PublishedEffect, Scenario
from maternal_eval.analyses.whatif.settings import WhatIfSettings
from maternal_eval.study import Indicator
from tests.whatif.conftest import make_study, true_change, with_log


def burdened(study):
    """The study whose first indicator was asked the other way round: how much of a burden it is, 1–5."""
    first = study.model.indicators[0]
    indicators = (dataclasses.replace(first, kind="burden"), *study.model.indicators[1:])
    model = dataclasses.replace(study.model, indicators=indicators)
    return dataclasses.replace(study, model=model, panel=study.panel.assign(A1=6 - study.panel["A1"]))


@pytest.fixture(scope="module")
def heavy():
    return burdened(make_study(count=6000))


CHANGES = {
    "add": (Change(add=-0.5), lambda answer: answer + 0.5),
    "relative": (Change(relative=-0.25), lambda answer: 6 - 0.75 * (6 - answer)),
    "set": (Change(set=2.0), lambda answer: np.full_like(answer, 4.0)),
    "heavier": (Change(add=0.5), lambda answer: answer - 0.5),
}


@pytest.fixture(scope="module")
def found(heavy):
    asked = tuple(Scenario(name, name, name, {"A1": change}) for name, (change, _) in CHANGES.items())
    return what_if(heavy, WhatIfSettings(asked, draws=800, sets=20), seed=1)


@pytest.mark.parametrize("name", list(CHANGES))
def test_less_of_a_burden_raises_the_outcomes_by_the_truth(found, name):
    truth = dict(zip(("satisfaction", "repurchase"), true_change(CHANGES[name][1]), strict=True))
    table = found.table().set_index(["scenario", "outcome"])
    for outcome, change in truth.items():
        row = table.loc[name, outcome]
        assert np.sign(row["change"]) == (-1 if name == "heavier" else 1)
        error = (row["change_high"] - row["change_low"]) / (2 * 1.645)
        assert abs(row["change"] - change) < 3 * error
        assert row["change"] == pytest.approx(change, rel=0.15)
        assert row["probability"] == (0 if name == "heavier" else 1)


def test_scores_rise_where_the_burden_falls(found):
    whole = found.ranks[found.ranks["scenario"] == "add"]
    # half a point of four at a weight of 0.3: 3.75 of 100, less what is clipped
    assert whole["change"].between(2.5, 3.75).all()
    assert (found.ranks[found.ranks["scenario"] == "heavier"]["change"] < -2.5).all()


def test_clipping_is_at_the_end_of_its_own_scale_and_said(heavy, found):
    latest = heavy.panel[heavy.panel["period"] == 2021]["A1"]
    clipped = found.scenarios.set_index("scenario")["clipped"]
    assert clipped["add"] == pytest.approx((latest < 1.5).mean())
    assert clipped["heavier"] == pytest.approx((latest > 4.5).mean())
    said = [one["en"] for one in found.remarks]
    assert any(
        "Less is better for A1: scenarios and levels stand on the scale that was answered" in one for one in said
    )
    assert any(
        one.startswith(f"add: {clipped['add']:.0%} of the answers to be changed stop at the end") for one in said
    )


def test_who_did_not_answer_has_no_answer_afterwards(heavy):
    panel = heavy.panel.assign(A1=heavy.panel["A1"].where(np.arange(len(heavy.panel)) % 3 > 0))
    population = Population.of(dataclasses.replace(heavy, panel=panel), ["A1"])
    rows = np.arange(len(population.panel))
    for change, _ in CHANGES.values():
        state = intervene(heavy, population, rows, Scenario("x", "x", "x", {"A1": change}), {}, {})
        np.testing.assert_array_equal(np.isnan(state.answers[:, 0, 0]), np.isnan(population.answers[:, 0]))
        values = state.values_after(population, rows, 0)[1]
        np.testing.assert_array_equal(np.isnan(values[:, 0]), np.isnan(population.values[:, 0]))


def test_values_turn_round_what_scenarios_move(heavy):
    population = Population.of(heavy, ["A1"])
    rows = np.arange(len(population.panel))
    np.testing.assert_allclose(population.values[:, 0], (5 - population.answers[:, 0]) / 4)
    state = intervene(heavy, population, rows, Scenario("x", "x", "x", {"A1": Change(set=2.0)}), {}, {})
    assert (state.values_after(population, rows, 0)[1][:, 0] == 0.75).all()


@pytest.mark.parametrize(
    ("target", "change", "end"),
    [("A1", Change(add=-0.5), 1), ("A1", Change(add=0.5), 5), ("A1", Change(set=2.0), 1), ("B1", Change(set=2.0), 5)],
)
def test_the_furthest_is_the_better_end_of_the_scale(heavy, target, change, end):
    scenario = Scenario("x", "x", "x", {target: change}, published=(PublishedEffect("c", "satisfaction"),))
    population = Population.of(heavy, [target])
    furthest = _furthest(heavy, scenario, WhatIfSettings())
    state = intervene(heavy, population, np.arange(len(population.panel)), furthest, {}, {})
    assert (state.answers == end).all()


def test_an_operation_reaches_a_burden_in_points_of_its_scale(small):
    """More minutes lower the rating by 0.8 a unit of their logarithm, so they raise the burden by as much."""
    rating = with_log(small)
    operation = Operation("用时", "Reply time", "A1", "minutes", units=60)
    of_rating, of_burden = fit_link(rating, operation), fit_link(burdened(rating), operation)
    assert isinstance(of_rating, Link)
    assert isinstance(of_burden, Link)
    assert of_burden.slope == pytest.approx(-of_rating.slope, rel=1e-9)
    assert of_burden.error == pytest.approx(of_rating.error, rel=1e-9)
    faster = Scenario("faster", "快", "faster", {"minutes": Change(relative=-0.2)})
    settings = WhatIfSettings((faster,), {"minutes": operation}, draws=100, sets=10)
    assert (what_if(burdened(rating), settings).table()["change_low"] > 0).all()


def test_a_link_averages_the_other_answers_as_places_on_their_scales(small):
    """A cost of 0–600 beside ratings of 1–5 would drown them; a linear change of its scale may change nothing."""
    study = with_log(small)
    other = Indicator("B2", "B2", "b", "performance", "B2", "B2", 0, 600, 0.4, kind="cost")
    model = dataclasses.replace(study.model, indicators=(*study.model.indicators[:3], other))
    costly = dataclasses.replace(study, model=model, panel=study.panel.assign(B2=600 - 150 * (study.panel["B2"] - 1)))
    operation = Operation("用时", "Reply time", "A1", "minutes", units=60)
    slopes = [fit_link(one, operation).slope for one in (study, costly)]
    assert slopes[1] == pytest.approx(slopes[0], rel=1e-9)


def test_an_outcome_of_which_less_is_better_falls_on_its_own_scale():
    """The study asked for effort and for leaving; better timeliness lowers both, which is the improvement."""
    study = make_study(count=6000)
    panel = study.panel.assign(satisfaction=6 - study.panel["satisfaction"], repurchase=1 - study.panel["repurchase"])
    outcomes = {name: dataclasses.replace(one, reversed=True) for name, one in study.outcomes.items()}
    turned = dataclasses.replace(study, panel=panel, outcomes=outcomes)
    settings = WhatIfSettings((Scenario("up", "up", "up", {"A1": Change(add=0.5)}),), draws=800, sets=20)
    result = what_if(turned, settings, seed=1)
    table = result.table().set_index("outcome")
    truth = dict(zip(("satisfaction", "repurchase"), true_change(lambda answer: answer + 0.5), strict=True))
    for outcome, change in truth.items():
        assert table.loc[outcome, "change"] == pytest.approx(-change, rel=0.15)
        assert table.loc[outcome, "probability"] == 1
    latest = panel[panel["period"] == 2021]
    assert table.loc["satisfaction", "before"] == pytest.approx(latest["satisfaction"].mean(), abs=0.02)
    assert (result.ranks["change"] > 0).all()  # scores of the composite stay larger-is-better
    assert "Less is better for satisfaction, repurchase: levels and changes" in result.remarks[0]["en"]
