"""Before any change the regressions say what was observed, or nothing is said."""

import dataclasses
from types import SimpleNamespace

import numpy as np
import pytest
import xarray as xr

from maternal_eval.analyses.stage_weights.result import StageWeightsResult
from maternal_eval.analyses.whatif import compute as compute_module
from maternal_eval.analyses.whatif import engine
from maternal_eval.analyses.whatif.compute import what_if
from maternal_eval.analyses.whatif.levels import Observed, require_level
from maternal_eval.analyses.whatif.quantities import MEAN
from maternal_eval.analyses.whatif.scenarios import Change, Scenario
from maternal_eval.analyses.whatif.settings import WhatIfSettings
from maternal_eval.core.errors import DiagnosticsError
from maternal_eval.study import Indicator
from tests.stand_in import stand_in
from tests.whatif.conftest import CODES, STAGES

SETTINGS = WhatIfSettings(scenarios=(Scenario("up", "升", "up", {"A1": Change(add=0.5)}),), draws=400, sets=20)


def narrow(study):
    """A1 as days out of 60 of which nobody waits more than 12: composites hardly vary where it weighs much."""
    days = study.panel["A1"] * 2.4
    indicators = (Indicator("A1", "A1", "a", "performance", "A1", "A1", 0, 60, 0.6), *study.model.indicators[1:])
    return dataclasses.replace(
        study,
        panel=study.panel.assign(A1=days),
        model=dataclasses.replace(study.model, indicators=indicators),
    )


def stage_weights():
    """Draws of weights by stage in which A1 weighs anything from nothing to nearly everything."""
    drawn = np.random.default_rng(1).dirichlet([0.8, 0.3, 0.3, 0.3], size=(100, 2))
    weight = xr.DataArray(
        drawn, dims=("draw", "stage", "indicator"), coords={"stage": list(STAGES), "indicator": list(CODES)}
    )
    return stand_in(StageWeightsResult, draws=xr.Dataset({"weight": weight}))


@pytest.fixture(scope="module")
def found(small):
    return what_if(narrow(small), SETTINGS, results={"stage_weights": stage_weights()})


def test_before_is_what_was_observed_however_far_the_weights_lie_apart(found, small):
    latest = small.panel[small.panel["period"] == 2021]
    fits = found.fits.set_index(["weights", "outcome"])
    for weights in ("static", "dynamic"):
        for outcome in ("satisfaction", "repurchase"):
            row = fits.loc[weights, outcome]
            assert row["observed"] == pytest.approx(latest[outcome].mean(), abs=1e-12)
            assert row["predicted"] == pytest.approx(latest[outcome].mean(), abs=0.01)
            assert row["predicted_high"] - row["predicted_low"] < 2 * 1.645 * 1.6 * row["error"]
    before = found.table().query("outcome == 'satisfaction'").set_index("weights")["before"]
    assert before["dynamic"] == pytest.approx(before["static"], abs=0.01)


def observed(level=4.0, error=0.05, slack=0.04):
    return Observed(level, error, slack, 400)


def test_the_observed_level_and_its_error(found, small):
    row = found.fits.set_index(["weights", "outcome"]).loc["static", "satisfaction"]
    answers = small.panel.loc[small.panel["period"] == 2021, "satisfaction"]
    assert row["error"] == pytest.approx(answers.std() / np.sqrt(len(answers)), rel=0.01)
    fit = SimpleNamespace(outcome=small.outcomes["satisfaction"])
    alike = Observed.of(fit, MEAN, np.full(9, 5.0), np.ones(9))
    shares = np.array([0.5, 0.5, 0.5, 0.5, 9.5]) / 11.5  # Jeffreys: half an answer of each
    spread = shares @ np.arange(1, 6) ** 2 - (shares @ np.arange(1, 6)) ** 2
    assert (alike.level, alike.error) == (5.0, pytest.approx(np.sqrt(spread / 9)))
    weighted = Observed.of(fit, MEAN, np.array([1.0, 5.0, 5.0]), np.array([2.0, 1.0, 1.0]))
    assert weighted.level == pytest.approx(3.0)


def test_levels_within_the_tolerance_pass():
    require_level(observed(), np.array([4.08, 3.95]), np.random.default_rng(0).normal(4.0, 0.08, 500), "y")


@pytest.mark.parametrize(
    ("at_modes", "drawn", "words"),
    [
        (
            [4.0, 3.90],
            np.full(9, 4.0),
            r"y does not reproduce .* least fitting set of weights it predicts 3.900 .* 4.000",
        ),
        ([4.0, np.nan], np.full(9, 4.0), "predicts nan"),
        ([4.0, 4.0], np.full(9, 3.75), r"on average it predicts 3.750 .* 4.000 \(tolerance 0.090\)"),
        ([4.0, 4.0], np.array([3.0, 5.0] * 9), r"fly apart: .* of 1.000, where the 400 answers allow 0.190"),
        ([4.0, 4.0], np.full(9, np.nan), "on average it predicts nan"),
    ],
)
def test_levels_beyond_it_are_refused(at_modes, drawn, words):
    with pytest.raises(DiagnosticsError, match=words):
        require_level(observed(), np.array(at_modes), drawn, "y")


def test_a_regression_that_stands_elsewhere_is_refused(small, monkeypatch):
    """What three steps with a lent curvature did: parameters beside the mode."""

    def beside(*arguments):
        fit = engine.fit_outcome(*arguments)
        moved = fit.parameters - 1.2 * (np.arange(fit.parameters.shape[1]) < fit.thresholds)
        return dataclasses.replace(fit, parameters=moved)

    monkeypatch.setattr(compute_module, "fit_outcome", beside)
    with pytest.raises(DiagnosticsError, match=r"satisfaction \(static weights\) in 2021 does not reproduce"):
        what_if(small, SETTINGS)


def test_what_the_weak_prior_holds_is_said(small):
    """Nobody answers 3; and everybody of platform r is content: their coefficient would be infinite."""
    panel = small.panel.assign(satisfaction=small.panel["satisfaction"].replace(3.0, 4.0))
    panel.loc[panel["platform"] == "r", ["satisfaction", "repurchase"]] = [5.0, 1.0]
    said = [one["en"] for one in what_if(dataclasses.replace(small, panel=panel), SETTINGS).remarks]
    assert "Nobody answered 3 to satisfaction: it is predicted for nobody, before or after a change." in said
    held = [one for one in said if "gave the same extreme answer, so that the weak prior holds" in one]
    assert [one.split(":")[0] for one in held] == ["satisfaction", "repurchase"]
    assert all("platform_r" in one for one in held)
    # a second column that says the same as the platform shares its coefficient with it: nothing that matters
    columns = small.definition.columns.model_copy(update={"segments": ("type",)})
    twice = dataclasses.replace(
        small,
        panel=small.panel.assign(type=(small.panel["platform"] == "p").astype(str)),
        definition=small.definition.model_copy(update={"columns": columns}),
    )
    assert not any("prior" in one["en"] for one in what_if(twice, SETTINGS).remarks)


def test_an_indicator_that_hardly_varies_is_named(small):
    panel = small.panel.assign(A1=np.where(np.arange(len(small.panel)) % 1500 == 0, 2.0, 3.0))
    said = [one["en"] for one in what_if(dataclasses.replace(small, panel=panel), SETTINGS).remarks]
    assert any(
        "satisfaction: the answers hardly vary enough to say what these do" in one and "A1" in one for one in said
    )


@pytest.mark.parametrize(
    ("present", "coefficients", "constant"),
    [
        ([0, 1, 2, 3, 4], [1, 1, 1, 1], 1.0),
        ([0, 1, 3, 4], [1, 2, 1], 1.0),  # 3 is empty: who passes 2 has 4 at least
        ([1, 2, 3, 4], [1, 1, 1], 2.0),  # nobody has 1: everybody passes it
        ([0, 1, 2], [1, 1], 1.0),  # nobody has 4 or 5
        ([1, 3], [2], 2.0),
    ],
)
def test_quantities_pass_over_categories_that_nobody_gave(small, present, coefficients, constant):
    fit = engine.OutcomeFit(small.outcomes["satisfaction"], np.array(present), None, None, None, None)
    np.testing.assert_array_equal(fit.quantity(MEAN, np.eye(len(present) - 1)), coefficients)
    assert fit.constant(MEAN) == constant
    # the expected answer of somebody who gives the highest of those given
    assert fit.quantity(MEAN, np.ones(len(present) - 1)) + fit.constant(MEAN) == 1 + max(present)


@pytest.mark.parametrize("empty", [[3], [1], [5], [2, 4]])
def test_the_level_is_reproduced_where_nobody_gave_an_answer(small, empty):
    """With an empty category the thresholds around it crossed, and the level before any change was wrong by 0.6."""
    panel = small.panel.assign(satisfaction=small.panel["satisfaction"].mask(small.panel["satisfaction"].isin(empty)))
    study = dataclasses.replace(small, panel=panel)
    row = what_if(study, SETTINGS).fits.set_index("outcome").loc["satisfaction"]
    latest = panel.loc[panel["period"] == 2021, "satisfaction"]
    assert row["observed"] == pytest.approx(latest.mean())
    assert row["predicted"] == pytest.approx(latest.mean(), abs=0.02)
