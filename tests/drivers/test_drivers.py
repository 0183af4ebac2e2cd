"""Drivers of a study: known importance, gains, repeated rows, what is refused and what is said."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from maternal_eval.analyses.drivers.answers import groups_of
from maternal_eval.analyses.drivers.compute import find_drivers
from maternal_eval.analyses.drivers.fit import NOISE, DriverFit
from maternal_eval.analyses.drivers.result import DriversResult
from maternal_eval.analyses.drivers.settings import DriversSettings
from maternal_eval.app.steps import STEPS, unmet
from maternal_eval.core.errors import InputError
from maternal_eval.study.groups import EVERYONE
from tests.drivers.studies import CODES, SLOPES, answers, study_of

QUICK = DriversSettings.quick()
COLUMNS = 'respondent = "id"\nstage = "stage"'


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return study_of(tmp_path_factory.mktemp("drivers"), answers(4000))


@pytest.fixture(scope="module")
def found(study):
    return find_drivers(study, QUICK, seed=2)


def test_tables_keep_their_schemas_and_are_read_back(found, tmp_path):
    found.check_tables()
    found.save(tmp_path)
    again = DriversResult.load(tmp_path)
    pd.testing.assert_frame_equal(again.drivers, found.drivers)
    assert found.reported().tables.keys() == {"pain-points"}


def test_shares_add_up_and_lie_in_their_intervals(found):
    for _, rows in found.drivers.groupby(["group", "set"]):
        assert rows["share"].sum() == pytest.approx(1)
        assert rows["relative"].sum() == pytest.approx(1)
        assert rows.eval("low <= share <= high").all()
    assert set(found.drivers["group"]) == {EVERYONE, "a", "b"}
    sums = found.drivers.groupby(["group", "set"])["dominance"].sum()
    explained = found.fits.set_index("group")["explained"]
    assert sums[EVERYONE, "indicators"] == pytest.approx(explained[EVERYONE])
    assert sums[EVERYONE, "dimensions"] == pytest.approx(explained[EVERYONE], rel=0.02)


def test_importance_is_what_was_put_in(study, found):
    """The truth: dominance of the known slopes on the covariance of the answers."""
    from maternal_eval.methods.dominance import general_dominance

    x = (study.panel[CODES].to_numpy() - 1) / 4
    covariance = np.cov(x, rowvar=False)
    edge = covariance @ SLOPES
    truth = general_dominance(covariance, edge, float(edge @ SLOPES) + NOISE)
    table = found.of_everybody("indicators").set_index("element").loc[CODES]
    np.testing.assert_allclose(table["share"], truth.shares / truth.shares.sum(), atol=0.04)
    fit = found.fits.set_index("group").loc[EVERYONE]
    assert fit["low"] - 0.01 <= truth.explained <= fit["high"] + 0.01
    assert list(table["share"].sort_values(ascending=False).index[:3]) == ["A1", "B1", "A2"]


def test_gain_is_the_mean_rise_of_the_expected_outcome(study, found):
    """By differences: the outcome is predicted again with one item raised, at most to the top."""
    groups, _ = groups_of(study, study.primary_outcome, CODES)
    fit = DriverFit.of(groups[0], QUICK.prior_scale)
    thresholds, beta = np.split(fit.fit.parameters, [4])

    def expected(design):
        below = 1 / (1 + np.exp(-(thresholds[None] - (design @ beta)[:, None])))
        return (np.diff(np.hstack([np.zeros((len(below), 1)), below, np.ones((len(below), 1))]))) @ np.arange(1, 6)

    pains = found.pains().set_index("indicator")
    for place, code in enumerate(CODES):
        raised = fit.problem.design.copy()
        raised[:, place] = np.minimum(raised[:, place] + 0.5 / 4, 1.0)
        rise = expected(raised).mean() - expected(fit.problem.design).mean()
        assert pains.loc[code, "gain"] == pytest.approx(rise, rel=1e-9)
    assert list(pains.index[:2]) == ["A1", "B1"]
    assert pains["p_top"].sum() == pytest.approx(5)
    assert sorted(pains["rank"]) == [1, 2, 3, 4, 5]


def test_coefficients_are_covered(tmp_path):
    """Slopes lie in their 90 % intervals about as often as they should."""
    inside = []
    for seed in range(12):
        folder = tmp_path / str(seed)
        folder.mkdir()
        study = study_of(folder, answers(800, seed=100 + seed))
        fit = DriverFit.of(groups_of(study, study.primary_outcome, CODES)[0][0], 10.0)
        chosen = fit.coefficients
        errors = np.sqrt(np.diag(fit.covariance())[chosen])
        inside.extend(np.abs(fit.fit.parameters[chosen] - SLOPES) < 1.645 * errors)
    assert 0.78 <= np.mean(inside) <= 0.98  # 60 trials at 0.9


def test_weights_are_repeated_rows(tmp_path):
    panel = answers(400, seed=7).assign(weight=np.arange(400) % 3 + 1.0)
    (tmp_path / "weighted").mkdir()
    (tmp_path / "repeated").mkdir()
    columns = 'respondent = "id"\nstage = "stage"\nweight = "weight"'
    weighted = study_of(tmp_path / "weighted", panel, columns)
    rows = panel.loc[panel.index.repeat(panel["weight"].astype(int))].assign(weight=1.0)
    repeated = study_of(tmp_path / "repeated", rows, COLUMNS)
    one, other = (find_drivers(each, QUICK, seed=3) for each in (weighted, repeated))
    first, second = (each.drivers[each.drivers["group"] == EVERYONE] for each in (one, other))
    np.testing.assert_allclose(first["relative"], second["relative"], atol=2e-3)
    np.testing.assert_allclose(first["share"], second["share"], atol=0.02)
    gains = [each.pains().set_index("indicator").loc[CODES, "gain"] for each in (one, other)]
    np.testing.assert_allclose(gains[0], gains[1], rtol=0.03)  # the weak prior counts half against twice the rows


def test_a_copy_shares_its_importance(tmp_path):
    panel = answers(1500, seed=4)
    study = study_of(tmp_path, panel.assign(B2=panel["A1"]))
    table = find_drivers(study, QUICK, seed=1).of_everybody("indicators").set_index("element")["share"]
    assert table["A1"] == pytest.approx(table["B2"], abs=0.005)


def test_two_answers_are_enough_for_the_outcome(tmp_path):
    panel = answers(1500, seed=5)
    study = study_of(tmp_path, panel.assign(overall=(panel["overall"] > 3).astype(int)), kind="binary")
    table = find_drivers(study, QUICK).of_everybody("indicators")
    assert table["element"].iloc[0] in ("A1", "B1")


def test_what_is_unanswered_constant_or_rare_is_said(tmp_path):
    panel = answers(900, seed=6)
    panel.loc[panel.index % 4 == 0, "A2"] = np.nan
    panel.loc[panel.index % 10 > 0, "C1"] = np.nan
    study = study_of(tmp_path, panel.assign(B2=3.0))
    found = find_drivers(study, QUICK)
    text = " ".join(one["en"] for one in found.remarks)
    assert "Everybody: no variation in the answers, left out: B2." in text
    assert "Everybody: answered by less than 20% and left out: C1." in text
    assert "An unanswered indicator counts as its mean" in text
    assert set(found.drivers["element"]) == {"A1", "A2", "B1", "one", "two"}


def test_a_stage_with_few_answers_is_left_out_and_said(tmp_path):
    panel = answers(600, seed=8)
    panel["stage"] = np.where(np.arange(600) < 12, "b", "a")
    found = find_drivers(study_of(tmp_path, panel), QUICK)
    assert set(found.fits["group"]) == {EVERYONE, "a"}
    assert any(one["en"].startswith("B: left out, too few answers (found: 12;") for one in found.remarks)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda panel: panel.assign(overall=4), "the outcome does not vary"),
        (lambda panel: panel.head(20), "too few answers"),
        (
            lambda panel: panel.head(32).assign(**{code: panel[code].where(panel.index % 9 > 3) for code in CODES}),
            "too",
        ),
        (lambda panel: panel.assign(**dict.fromkeys(CODES, 3)), "no indicator varies"),
    ],
)
def test_bad_input_is_one_sentence(tmp_path, change, says):
    study = study_of(tmp_path, change(answers(400)))
    with pytest.raises(InputError, match=says) as caught:
        find_drivers(study, QUICK)
    assert caught.value.expected


def test_weights_that_are_all_zero_are_refused(tmp_path):
    columns = COLUMNS + '\nweight = "weight"'
    with pytest.raises(InputError, match="weight"):
        find_drivers(study_of(tmp_path, answers(200).assign(weight=0.0), columns), QUICK)


def test_one_indicator_is_refused_before_anything_is_computed(tmp_path):
    study = study_of(tmp_path, answers(200))
    model = replace(study.model, dimensions=study.model.dimensions[2:], indicators=study.model.indicators[4:])
    study = replace(study, model=model)
    assert "at least two indicators" in unmet(STEPS["drivers"], study)
    with pytest.raises(InputError, match="one indicator"):
        find_drivers(study, QUICK)


def test_an_unknown_outcome_is_refused(study):
    with pytest.raises(InputError, match="unknown outcome"):
        replace(QUICK, outcome="nothing").check(study)


def test_without_stages_or_respondents_everybody_is_one_group(tmp_path):
    found = find_drivers(study_of(tmp_path, answers(300), "", ""), QUICK)
    assert set(found.fits["group"]) == {EVERYONE}
    assert any("every row is resampled" in one["en"] for one in found.remarks)


@pytest.mark.parametrize("name", ["", "map", "pain-points"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_figures_say_that_the_panel_is_simulated(found, name, language):
    figure = found.plot(language, name)
    texts = [text.get_text() for text in figure.findobj(lambda one: hasattr(one, "get_text"))]
    assert any(("simulated" if language == "en" else "模拟") in text for text in texts)
    assert found.figure_table()[name].alternative_text(found, language)
