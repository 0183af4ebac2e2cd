"""A researcher's own model: the same class of result, its gates, what it changes, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from maternal_eval.analyses.satisfaction.own import fingerprint
from maternal_eval.analyses.satisfaction.result import SatisfactionResult
from maternal_eval.core.errors import InputError
from maternal_eval.methods.pymc_models.built import variables


def test_the_result_is_of_the_same_class_and_draws_its_figures(own):
    result = own.fit.result
    assert isinstance(result, SatisfactionResult)
    result.check_tables()
    for name in result.figure_table():
        assert result.plot("en", name).axes
    assert set(result.checks["status"]) == {"passed", "informational"}
    assert result.settings["engine"] == "pymc"
    assert result.settings["own_model"] in result.remarks[0]["en"]


def test_it_is_stored_and_read_back_like_any_result(own, tmp_path):
    own.fit.result.save(tmp_path / "own")
    again = SatisfactionResult.load(tmp_path / "own")
    assert again.scores.equals(own.fit.result.scores)


def test_scores_stay_where_the_further_term_has_nothing_to_say(own):
    """The truth has no trend by tier: scores are those of the built-in model, and the slopes are near 0."""
    table = own.fit.comparison
    assert len(table) == 12
    width = table["high"] - table["low"]
    assert (table["difference"].abs() < 0.3 * width).all()
    slopes = own.fit.result.parameters.set_index("parameter").loc["tier_trend"]
    assert list(slopes["level"]) == ["a", "b"]
    assert ((slopes["low"] < 0) & (slopes["high"] > 0)).all()
    assert "stage_scale" in set(own.fit.result.parameters["parameter"])


def test_prediction_is_compared_with_the_built_in_model(own):
    comparison = own.fit.result.comparison.set_index("model")
    assert list(comparison.index) == ["full", "built_in"]
    assert abs(comparison.loc["built_in", "difference"]) < 4.0


def test_the_mark_follows_the_model(own):
    assert fingerprint(own.graph) == own.fit.result.settings["own_model"]
    assert fingerprint(own.analysis.model("satisfaction")) != fingerprint(own.graph)
    other = own.analysis.model("satisfaction", priors={"stage_scale": 0.31})
    assert fingerprint(other) != fingerprint(own.analysis.model("satisfaction"))


def refused(analysis, graph):
    with pytest.raises(InputError) as caught:
        analysis.fit_with(graph)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_another_outcome_is_refused_in_one_sentence(small_analysis):
    import pymc as pm

    with pm.Model() as other:
        pm.Normal("y", pm.Normal("mu"), 1.0, observed=np.zeros(3))
    assert "not the study's: found y" in refused(small_analysis, other)
    assert "rows=True" in refused(small_analysis, small_analysis.model("satisfaction", rows=True))
    graph = small_analysis.model("satisfaction")
    value = graph.rvs_to_values[graph["answers"]]
    value.data[0, 0] += 1.0
    assert "is not the study's: found" in refused(small_analysis, graph)


def test_a_model_without_probabilities_is_refused(small_analysis):
    import pymc as pm

    graph = small_analysis.model("satisfaction")
    with pm.Model() as bare:
        pm.Normal("answers", pm.Normal("mu"), 1.0, observed=graph.rvs_to_values[graph["answers"]].data)
    assert "answer_probability" in refused(small_analysis, bare)


def test_names_that_are_not_there_are_refused(small_analysis):
    with pytest.raises(InputError, match="no Bayesian model of this name"):
        small_analysis.model("kano")
    with pytest.raises(InputError, match="satisfaction has one model"):
        small_analysis.model("satisfaction", "F01")
    import pymc as pm

    with pytest.raises(InputError, match="stands over a dimension that the study lacks"):
        small_analysis.model("satisfaction", terms={"by region": lambda cells: pm.Normal("r", 0, 1, dims="region")})


def test_the_variables_of_a_model_are_a_table(own):
    table = variables(own.graph).set_index("variable")
    assert table.loc["period_scale", ["part", "distribution"]].tolist() == ["prior", "0.2"]
    assert table.loc["stage_scale", "part"] == "unknown"
    assert table.loc["tier_trend", ["part", "distribution", "dimensions", "size"]].tolist() == [
        "unknown", "Normal", "tier", 2,
    ]  # fmt: skip
    assert table.loc["stage_period_effect", ["part", "dimensions", "size"]].tolist() == ["derived", "stage, period", 9]
    assert table.loc["answers", "part"] == "observed"
