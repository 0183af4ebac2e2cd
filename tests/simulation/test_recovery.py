"""Helpers of recovery checks."""

from __future__ import annotations

import pytest

from maternal_eval.simulation.figures import SimulatedFiles
from maternal_eval.simulation.truth import Truth
from verification import recovery


def test_built_in_truth_is_found() -> None:
    assert recovery.read_truth().seed == 20240


def test_stage_weights_are_labelled(truth: Truth) -> None:
    weights = recovery.true_stage_weights(truth)
    assert weights.shape == (5, 30)
    assert weights.sum(axis=1).to_numpy() == pytest.approx([1] * 5, abs=1e-5)
    inside = recovery.true_stage_weights(truth, within_dimension=True)
    assert inside.sum(axis=1).to_numpy() == pytest.approx([3] * 5, abs=1e-5)
    assert inside.loc["postpartum", "F10"] == pytest.approx(0.40, abs=1e-4)
    assert recovery.true_base_weights(truth, within_dimension=True)["F10"] < 0.12


def test_expectations_are_labelled(truth: Truth) -> None:
    table = recovery.expected_by_stage(truth)
    assert table.loc["postpartum", 2020] == truth.expected["satisfaction_by_stage"][0][3]
    shares = recovery.expected_by_stage(truth, "shares")
    assert shares.shape == (25, 5)
    assert (shares.loc[("postpartum", 2020)] @ [1, 2, 3, 4, 5]) == pytest.approx(
        table.loc["postpartum", 2020], abs=1e-4
    )
    assert recovery.expected_overall(truth, "repurchase")[2024] == pytest.approx(0.42, abs=0.005)
    by_platform = recovery.expected_by_platform(truth, "repurchase")
    assert by_platform.loc[(2024, "postpartum", "vertical_a")] == truth.expected["repurchase_by_platform"][4][3][3]


def test_effects_and_margins(truth: Truth) -> None:
    assert recovery.true_timeliness_effect(truth)[1.10] == pytest.approx(0.068, abs=0.001)
    assert recovery.population_shares(truth, "city_tier")["third_and_below"] == pytest.approx(0.35)
    assert recovery.population_shares(truth, "platform_type")["general"] == pytest.approx(0.44)
    assert recovery.population_shares(truth, "platform").sum() == pytest.approx(1)
    with pytest.raises(ValueError, match="no shares of age"):
        recovery.population_shares(truth, "age")


def test_true_composite_follows_the_panel(files: SimulatedFiles) -> None:
    composites = recovery.true_composite(files.truth, files.panel)
    assert composites.between(0, 1).all()
    assert composites.index.equals(files.panel.index)
    assert composites.corr(files.panel["satisfaction"]) > 0.3
