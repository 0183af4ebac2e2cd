"""The model on single indicators, and on platforms within platform types, of the built-in (simulated) study."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from maternal_eval.analyses.items.outcomes import indicator_outcome
from maternal_eval.analyses.satisfaction.cells import cell_counts
from maternal_eval.analyses.satisfaction.compute import build_model, fit_satisfaction, model_segments
from maternal_eval.analyses.satisfaction.settings import SatisfactionSettings
from maternal_eval.core.errors import InputError
from maternal_eval.study import Study
from maternal_eval.study.model_settings import OrdinalPriors
from verification.recovery import read_truth, satisfaction_check


@pytest.fixture(scope="module")
def maternal(root) -> Study:
    return Study.read(root / "data" / "maternal")


def test_an_indicator_is_fitted_like_an_outcome(maternal):
    settings = dataclasses.replace(SatisfactionSettings.quick(), segments=("city_tier",))
    outcome = indicator_outcome(maternal, "E05")
    result = fit_satisfaction(maternal, settings=settings, seed=1, outcome=outcome)
    assert result.outcome == "E05"
    assert result.answers == int(maternal.panel["E05"].notna().sum())
    table = result.scores[result.scores["stage"] != "all"]
    assert np.abs(table["score"] - table["observed"]).max() < 0.25
    assert result.label("E05", "zh") == "心理支持可及性"


def test_unknown_indicators_are_refused(maternal):
    with pytest.raises(InputError, match="unknown indicator: found F99"):
        indicator_outcome(maternal, "F99")


def test_platforms_sum_to_zero_inside_their_type(maternal):
    assert model_segments(maternal) == ("city_tier", "platform_type", "platform")
    cells = cell_counts(maternal, segments=model_segments(maternal))
    model = build_model(cells, OrdinalPriors(), stages_ordered=True)
    effects = model.effects(np.random.default_rng(0).normal(size=len(model.names)), "platform")
    kinds = maternal.panel.groupby("platform", observed=True)["platform_type"].first().astype(str)
    for kind in set(kinds):
        inside = [str(platform) in kinds.index[kinds == kind] for platform in cells["platform"].values]
        assert effects[inside].sum() == pytest.approx(0.0, abs=1e-12)


def test_the_truth_of_the_built_in_study_is_recovered(maternal):
    """Expected answers of the superpopulation by stage and year; 25 intervals that move together."""
    settings = dataclasses.replace(SatisfactionSettings.quick(), rhat=1.05)
    check = satisfaction_check(read_truth(), fit_satisfaction(maternal, settings=settings, seed=1).scores)
    assert check.status == "informational"
    assert len(check.table) == 25
    assert check.value >= 0.7
    assert (check.table["score"] - check.table["truth"]).abs().max() < 0.15
