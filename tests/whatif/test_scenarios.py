"""Wrong scenarios are refused in one sentence that names the entry; links are found, refused, never invented."""

import dataclasses

import numpy as np
import pandas
import pytest

from maternal_eval.analyses.whatif.compute import what_if
from maternal_eval.analyses.whatif.link import Link, Refusal, fit_link, operation_levels
from maternal_eval.analyses.whatif.scenarios import Change, Operation, PublishedEffect, Scenario
from maternal_eval.analyses.whatif.settings import WhatIfSettings
from maternal_eval.core.errors import InputError
from tests.whatif.conftest import with_log

UP = {"A1": Change(add=0.5)}


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        ({"changes": {"Z9": Change(add=1.0)}}, "changes.Z9: unknown indicator, and no operation with a link: found Z9"),
        ({"changes": UP, "platform": "nowhere"}, "platform: unknown platform: found nowhere, expected one of p, q, r"),
        ({"changes": UP, "stage": "never"}, "stage: unknown stage: found never, expected one of early, late"),
        ({"changes": UP, "period": 1999}, "period: unknown period: found 1999"),
        ({"changes": {}}, "changes: the scenario changes nothing"),
        ({"changes": {"A1": Change(add=0.0)}}, "changes.A1: the scenario changes nothing: found a change of 0"),
        ({"changes": {"A1": Change()}}, "changes.A1: a change is one of add, relative and set: found none"),
        ({"changes": {"A1": Change(add=1.0, set=3.0)}}, "found add and set, expected exactly one"),
        ({"changes": {"A1": Change(add=3.0)}}, "changes.A1: the intervention goes beyond the scale: found 3.0"),
        ({"changes": {"A1": Change(set=6.0)}}, "beyond the scale: found 6.0, expected a level from 1 to 5"),
        (
            {"changes": {"A1": Change(relative=float("nan"))}},
            "changes.A1.relative: the change is no finite number: found nan",
        ),
        ({"changes": {"A1": Change(add=float("inf"))}}, "changes.A1.add: the change is no finite number: found inf"),
        ({"changes": {"A1": Change(set=float("-inf"))}}, "changes.A1.set: the change is no finite number: found -inf"),
        ({"changes": {"A1": Change(relative=-1.5)}}, "relative: nothing can fall by more than all of it: found -150 %"),
        ({"changes": UP, "period": "spring"}, "period: unknown period: found spring, expected one of 2020, 2021"),
        (
            {"changes": UP, "published": (PublishedEffect("no-such-id", "satisfaction"),)},
            "published.0.claim: the ledger has no such figure: found no-such-id",
        ),
        (
            {"changes": UP, "published": (PublishedEffect("x", "joy"),)},
            "published.0.outcome: unknown outcome: found joy",
        ),
    ],
)
def test_a_wrong_scenario_is_refused_in_one_sentence(small, entries, words):
    settings = WhatIfSettings(scenarios=(Scenario("a", "甲", "a", **entries),))
    with pytest.raises(InputError) as caught:
        what_if(small, settings)
    assert words in str(caught.value)
    assert "study.toml, column analysis.whatif.scenarios.0" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_name_that_stands_twice_and_an_operation_of_no_indicator_are_refused(small):
    twice = WhatIfSettings(scenarios=(Scenario("a", "甲", "a", UP), Scenario("a", "乙", "b", UP)))
    with pytest.raises(InputError, match=r"scenarios.1.name: the scenario stands twice"):
        twice.check(small)
    settings = WhatIfSettings(operations={"x": Operation("x", "x", "Z9")})
    with pytest.raises(InputError, match=r"operations.x.indicator: unknown indicator"):
        settings.check(small)


@pytest.mark.parametrize(
    ("name", "words"),
    [(" ", "the scenario has no name"), ("satisfaction", "the name is taken"), ("A1", "the name is taken")],
)
def test_a_scenario_needs_a_name_of_its_own(small, name, words):
    with pytest.raises(InputError, match=rf"scenarios.0.name: {words}"):
        WhatIfSettings((Scenario(name, "甲", "a", UP),)).check(small)


@pytest.mark.parametrize(
    ("operations", "changes", "words"),
    [
        ({"A2": Operation("x", "x", "A1", "minutes")}, UP, "operations.A2: the operation has the code of an indicator"),
        ({"x": Operation("x", "x", "A1", "minutes", units=0.0)}, UP, "operations.x.units: .* found 0, expected"),
        (
            {"x": Operation("x", "x", "A1", "minutes", units=float("nan"))},
            UP,
            "operations.x.units: .* found nan, expected",
        ),
        (
            {"x": Operation("x", "x", "A1", "minutes")},
            {"A1": Change(add=0.5), "x": Change(add=-1.0)},
            "changes: an indicator is changed twice: found A1 itself and x, which reaches it",
        ),
        (
            {"x": Operation("x", "x", "A1", "minutes")},
            {"x": Change(add=float("nan"))},
            "changes.x.add: .* no finite number",
        ),
    ],
)
def test_wrong_operations_are_refused(small, operations, changes, words):
    with pytest.raises(InputError, match=words):
        WhatIfSettings((Scenario("a", "甲", "a", changes),), operations).check(small)


def test_a_share_of_a_level_means_nothing_where_levels_are_negative(small):
    first = dataclasses.replace(small.model.indicators[0], low=-2, high=5)
    study = dataclasses.replace(
        small, model=dataclasses.replace(small.model, indicators=(first, *small.model.indicators[1:]))
    )
    with pytest.raises(InputError, match="a share means nothing on a scale below 0: found a scale from -2 to 5"):
        WhatIfSettings((Scenario("a", "甲", "a", {"A1": Change(relative=0.1)}),)).check(study)


def test_a_place_where_nobody_is_or_counts_is_refused(small):
    """A stage that the study names and nobody is in; a platform whose rows have no weight."""
    panel = small.panel[(small.panel["stage"] == "early") | (small.panel["period"] == 2020)].reset_index(drop=True)
    late = WhatIfSettings((Scenario("a", "甲", "a", UP, stage="late"),))
    with pytest.raises(InputError, match=r"scenarios.0: nobody is there whom the scenario could change: found late"):
        late.check(dataclasses.replace(small, panel=panel))
    weighted = small.panel.assign(weight=np.where(small.panel["platform"] == "p", 0.0, 1.0))
    settings = WhatIfSettings((Scenario("a", "甲", "a", UP, platform="p"),))
    with pytest.raises(InputError, match=r"scenarios \(a\): the scenario changes nobody"):
        what_if(dataclasses.replace(small, panel=weighted), settings)


def test_rows_of_the_log_without_the_operation_weigh_nothing(small):
    """Their enquiries would otherwise count as enquiries answered in no time."""
    study = with_log(small)
    log = study.tables["platform_log"]
    gaps = log.assign(minutes=log["minutes"].where(log["month"].str.endswith("03")))
    levels = operation_levels(dataclasses.replace(study, tables={"platform_log": gaps}), MINUTES)
    pandas.testing.assert_series_equal(levels, operation_levels(study, MINUTES))


def test_respondents_whom_the_log_does_not_know_are_named(small):
    study = with_log(small)
    log = study.tables["platform_log"]
    known = log[~((log["platform"] == "p03") & (log["month"] >= "2024"))]
    settings = WhatIfSettings(
        (Scenario("faster", "快", "Faster", {"reply": Change(relative=-0.2)}),), {"reply": MINUTES}, draws=100, sets=10
    )
    remarks = what_if(dataclasses.replace(study, tables={"platform_log": known}), settings).remarks
    assert any(one["en"].startswith("Faster: for 8% of the respondents there the log does not hold") for one in remarks)


def test_the_number_of_draws_has_to_be_divided_by_the_sets():
    with pytest.raises(ValueError, match="divide"):
        WhatIfSettings(draws=100, sets=30)


MINUTES = Operation("用时", "Reply time", "A1", "minutes", units=60)


def test_the_link_of_a_log_is_found(small):
    found = [fit_link(with_log(small, seed), MINUTES) for seed in range(40)]
    slopes = np.array([link.slope for link in found if isinstance(link, Link)])
    assert len(slopes) == 40
    # answers are cut off at the ends of the scale, which takes a little of the slope of -0.8
    assert slopes.mean() == pytest.approx(-0.78, abs=0.06)
    inside = [link.interval[0] <= -0.78 <= link.interval[1] for link in found if isinstance(link, Link)]
    assert np.mean(inside) >= 0.8  # 40 links: 0.90 less 2 standard errors


def test_slopes_are_drawn_from_strata(small):
    link = fit_link(with_log(small), MINUTES)
    assert isinstance(link, Link)
    slopes = link.strata(200, np.random.default_rng(0))
    assert slopes.mean() == pytest.approx(link.slope, abs=0.02 * link.error + 0.02 * abs(link.slope))
    assert np.mean((slopes > link.interval[0]) & (slopes < link.interval[1])) == pytest.approx(0.90, abs=0.011)


@pytest.mark.parametrize(
    ("operation", "constant", "reason"),
    [
        (dataclasses.replace(MINUTES, column=None), False, "does not record it"),
        (dataclasses.replace(MINUTES, column="experts"), False, "no column experts"),
        (MINUTES, True, "does not vary: the link cannot be identified"),
    ],
)
def test_an_operation_without_a_link_is_refused_with_its_reason(small, operation, constant, reason):
    study = with_log(small, constant=constant)
    refusal = fit_link(study, operation)
    assert isinstance(refusal, Refusal)
    assert reason in refusal.en
    assert refusal.zh
    asked = Scenario("faster", "快", "faster", {"reply": Change(add=-60.0)})
    settings = WhatIfSettings(scenarios=(asked,), operations={"reply": operation}, draws=20, sets=10)
    result = what_if(study, settings)
    assert result.scenarios["status"].tolist() == ["refused"]
    assert reason in result.scenarios["reason_en"].iloc[0]
    assert result.effects.empty


def test_a_faster_reply_goes_through_the_link(small):
    study = with_log(small)
    asked = Scenario("faster", "快", "faster", {"reply": Change(relative=-0.2)})
    result = what_if(study, WhatIfSettings(scenarios=(asked,), operations={"reply": MINUTES}, draws=400, sets=20))
    link = result.links.iloc[0]
    rise = link["slope"] * np.log(0.8)
    row = result.table().set_index("outcome").loc["satisfaction"]
    assert row["change"] > 0
    # slope of about 5 × 0.3 + 1.2 logits over four points, times the density of a five-point answer
    assert row["change"] == pytest.approx(rise / 4 * (5 * 0.3 + 1.2) * 0.75, rel=0.4)


def test_an_operation_cannot_fall_below_zero(small):
    asked = Scenario("faster", "快", "faster", {"reply": Change(add=-3600.0)})
    settings = WhatIfSettings(scenarios=(asked,), operations={"reply": MINUTES}, draws=20, sets=10)
    with pytest.raises(InputError, match="beyond what the operation can be"):
        what_if(with_log(small), settings)
