"""Shapes: known ones are found with coverage, none is declared too often, κ is recovered, bad input is refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2

from maternal_eval.analyses.shapes.classes import class_tables, estimate
from maternal_eval.analyses.shapes.compute import find_shapes
from maternal_eval.analyses.shapes.items import expected_shape
from maternal_eval.analyses.shapes.result import ShapesResult
from maternal_eval.analyses.shapes.settings import ShapesSettings
from maternal_eval.app.steps import STEPS, unmet
from maternal_eval.core.errors import InputError
from maternal_eval.methods.response_shape import declared, power_slope, power_value, shape_probabilities
from maternal_eval.methods.value import KANO_CLASSES
from tests.drivers.studies import CODES, answers, study_of
from verification.shapes import bent_answers, declarations, power_model

QUICK = ShapesSettings.quick()
WORTH = np.array([2.0, 2.0, 1.5, 1.5])


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    bend = np.array([1.0, 0.0, -1.0, 0.0, 0.0])  # A1 concave, B1 convex: shape 2 exactly
    return study_of(tmp_path_factory.mktemp("shapes"), answers(6000, seed=3, bend=bend))


@pytest.fixture(scope="module")
def found(study):
    return find_shapes(study, QUICK, seed=2)


def test_straight_relations_are_declared_bent_at_most_at_the_nominal_rate():
    said, held = declarations(40, 1200, WORTH, np.zeros(4), QUICK, seed=1)
    wrong = np.isin(said, ["concave", "convex", "none"]).mean()
    assert wrong <= 0.05
    assert 0.82 <= held.mean() <= 0.97


def test_on_the_bound_a_bend_is_declared_at_the_nominal_rate():
    """160 relations exactly on the bound: 5 % are declared concave; binomial, 1 % to 11 %."""
    said, held = declarations(40, 1200, WORTH, np.full(4, QUICK.straight), QUICK, seed=2)
    assert 0.005 <= (said == "concave").mean() <= 0.11
    assert not (said == "convex").any()
    assert 0.82 <= held.mean() <= 0.97


def test_strong_bends_are_found():
    """The shape that is assumed (bulge ±0.25), items worth 2.5 logits, 6,000 answers: found in at least 80 %."""
    bulge = np.array([0.25, -0.25, 0.25, -0.25])
    said, _ = declarations(8, 6000, np.full(4, 2.5), bulge, QUICK, seed=3)
    assert (said == np.where(bulge > 0, "concave", "convex")).mean() >= 0.8


def test_probabilities_add_up_and_a_falling_relation_has_no_shape():
    draws = np.array([[1.0, -1.0], [2.0, -0.5]])
    found = shape_probabilities(draws, np.array([[1.0, 1.0], [0.2, 1.0]]), 0.125)
    np.testing.assert_allclose(np.sum(found, axis=0), 1.0)
    assert found.none.tolist() == [0.0, 1.0]
    assert found.concave.tolist() == [0.5, 0.0]
    assert declared(found, 0.95) == ["open", "none"]


@pytest.mark.parametrize("concave", [True, False])
def test_the_derivative_by_the_shape_is_that_of_differences(concave):
    place = np.linspace(0, 1, 9)
    step = 1e-6
    numeric = (power_value(place, 2.0 * np.exp(step), concave) - power_value(place, 2.0 * np.exp(-step), concave)) / (
        2 * step
    )
    np.testing.assert_allclose(power_slope(place, 2.0, concave), numeric, atol=1e-8)


def test_the_value_functions_with_shape_two_have_a_bulge_of_a_quarter():
    for name, bulge in (("must_be", 0.25), ("performance", 0.0), ("attractive", -0.25)):
        middle = float(KANO_CLASSES[name].value(np.array([0.5]), np.array([2.0]))[0])
        assert middle - 0.5 == bulge
        assert expected_shape(name) == {0.25: "concave", 0.0: "straight", -0.25: "convex"}[bulge]


def test_kappa_is_covered():
    """Shapes lie in the interval of their profile about as often as they should, and estimates are centred there."""
    true = {"must_be": 2.0, "attractive": 1.5}
    inside, errors = [], []
    for seed in range(16):
        model = power_model(2500, np.array([2.0, 1.5, 2.0, 1.5]), ["must_be"] * 2 + ["attractive"] * 2, true, seed)
        table, _ = class_tables(model, {"must_be": 2.0, "attractive": 2.0}, 5)
        for row in table.to_dict("records"):
            inside.append(row["low"] <= true[row["kano"]] <= row["high"])
            errors.append(np.log(row["kappa"] / true[row["kano"]]))
    assert np.mean(inside) >= 0.75  # 32 trials at 0.9
    assert abs(np.mean(errors)) < 3 * np.std(errors) / np.sqrt(len(errors)) + 0.02


def test_the_estimate_is_the_maximum_of_the_profile():
    model = power_model(3000, np.array([2.0, 2.0, 2.0]), ["must_be", "must_be", "performance"],
                        {"must_be": 2.0, "performance": 1.0}, 4)  # fmt: skip
    found = estimate(model)
    assert all(found.arrived.values())
    best, fit = model.log_posterior(found.kappa, None)
    for name, kappa in found.kappa.items():
        for factor in (0.9, 1.1):
            assert model.log_posterior(found.kappa | {name: kappa * factor}, fit.parameters)[0] < best
    table, profile = class_tables(model, {"must_be": 2.0, "performance": 1.0}, 7)
    limit = chi2.ppf(0.9, 1)
    row = table.set_index("kano").loc["must_be"]
    again = [model.log_posterior(found.kappa | {"must_be": row[end]}, fit.parameters)[0] for end in ("low", "high")]
    np.testing.assert_allclose(2 * (best - np.array(again)) / found.ratio["must_be"], limit, rtol=0.03)
    assert (profile["deviance"] >= 0).all()


def test_tables_keep_their_schemas_and_are_read_back(found, tmp_path):
    found.check_tables()
    found.save(tmp_path)
    pd.testing.assert_frame_equal(ShapesResult.load(tmp_path).items, found.items)
    assert found.reported().tables.keys() == {"kano-shapes", "item-shapes"}
    sums = found.items[["concave", "straight", "convex", "none"]].sum(axis=1)
    np.testing.assert_allclose(sums, 1.0)


def test_known_shapes_of_a_study_are_found(found):
    items = found.items.set_index("indicator")
    assert items.loc["A1", "expected"] == "concave"
    assert items.loc["A1", "concave"] > 0.8
    assert items.loc["B1", "convex"] > 0.8
    assert items.loc["A1", "penalty"] > items.loc["A1", "reward"]
    assert items.loc["B1", "penalty"] < items.loc["B1", "reward"]
    classes = found.classes.set_index("kano")
    for name, kappa in (("must_be", 2.0), ("attractive", 2.0), ("performance", 1.0)):
        assert classes.loc[name, "low"] * 0.9 < kappa < classes.loc[name, "high"] * 1.1
    assert not classes.loc["must_be", "deviance_straight"] <= chi2.ppf(0.9, 1)


def test_consequences_are_the_scores_under_other_shapes(study, found):
    from maternal_eval.analyses.scores.compute import score_respondents
    from maternal_eval.study.model_settings import ValueSettings

    assert list(found.consequences["units"].unique()) == ["stage"]
    straight = replace(study, model_settings=replace(study.model_settings, values=ValueSettings(1.0, {})))
    score = score_respondents(straight).score[(study.panel["stage"] == "a").to_numpy()].mean()
    assert found.consequences.set_index("unit").loc["a", "straight"] == pytest.approx(score)
    assert sorted(found.consequences["rank_assumed"]) == [1, 2]


def test_two_answers_have_no_shape(tmp_path):
    panel = answers(900, seed=6)
    study = study_of(tmp_path, panel.assign(A2=np.where(panel["A2"] > 3, 5.0, 1.0)))
    found = find_shapes(study, QUICK)
    assert "A2" not in set(found.items["indicator"])
    assert any("therefore no shape: A2" in one["en"] for one in found.remarks)


def test_bad_input_is_one_sentence(tmp_path, study):
    panel = answers(300)
    two = study_of(tmp_path, panel.assign(**{code: np.where(panel[code] > 3, 5.0, 1.0) for code in CODES}))
    with pytest.raises(InputError, match="no indicator has a shape"):
        find_shapes(two, QUICK)
    narrow = tuple(replace(one, low=0.0, high=1.0) for one in study.model.indicators)
    binary = replace(study, model=replace(study.model, indicators=narrow))
    assert "an indicator with more than two answers" in unmet(STEPS["shapes"], binary)


def test_gaps_and_ties_of_rows_are_no_obstacle():
    """Clustered errors: every answer given twice by one respondent says no more than once."""
    from maternal_eval.analyses.shapes.items import item_table

    once = bent_answers(1500, WORTH, np.zeros(4), 5)
    rows = np.repeat(np.arange(1500), 2)
    twice = replace(once, place=once.place[rows], background=once.background[rows], category=once.category[rows],
                    weight=once.weight[rows], cluster=rows, rows=np.arange(3000))  # fmt: skip
    kano = ["unknown"] * 4
    loose = replace(QUICK, bend_scale=100.0)
    one, other = (item_table(each, kano, loose, 1) for each in (once, twice))
    np.testing.assert_allclose(one["worth"], other["worth"], rtol=0.02)
    width = (one["worth_high"] - one["worth_low"]) / (other["worth_high"] - other["worth_low"])
    np.testing.assert_allclose(width, 1.0, rtol=0.02)


@pytest.mark.parametrize("name", ["", "profiles"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_figures_say_that_the_panel_is_simulated(found, name, language):
    figure = found.plot(language, name)
    texts = [text.get_text() for text in figure.findobj(lambda one: hasattr(one, "get_text"))]
    assert any(("simulated" if language == "en" else "模拟") in text for text in texts)
    assert found.figure_table()[name].alternative_text(found, language)
