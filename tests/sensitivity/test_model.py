"""Scores and predictions by run: the same composite as the scoring under every choice, and a refitted line."""

import dataclasses
import pickle

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from maternal_eval.analyses.sensitivity.choices import CHOICES, NOTHING, Choices, position_of, without
from maternal_eval.analyses.sensitivity.model import Link, ScoreModel, score_units
from maternal_eval.analyses.sensitivity.verdict import Verdict
from maternal_eval.core.errors import InputError
from maternal_eval.methods.composite import composite
from maternal_eval.methods.value import answer_value

DIMENSION = np.array([0, 0, 1, 1, 1])
KANO = ("must_be", "attractive", "performance", "performance", "must_be")
CODES = ("a", "b", "c", "d", "e")


@pytest.fixture
def panel():
    random = np.random.default_rng(3)
    return pd.DataFrame({"platform": random.choice(["p", "q", "r"], 90), "stage": random.choice(["x", "y"], 90)})


@pytest.fixture
def model(panel):
    random = np.random.default_rng(1)
    answers = np.where(random.random((90, 5)) < 0.4, np.nan, random.integers(1, 6, (90, 5)))
    answers[np.isnan(answers).all(axis=1), 0] = 3.0
    units, cell, members = score_units(panel)
    return ScoreModel(
        answers=answers,
        codes=CODES,
        kano=KANO,
        low=np.ones(5),
        high=np.full(5, 5.0),
        dimension=DIMENSION,
        survey=random.random(90) + 0.5,
        cell=cell,
        units=units,
        members=members,
        shape=2.0,
    )


def weights_of(count, seed=2):
    return np.random.default_rng(seed).dirichlet(np.ones(5), size=count)


def in_unit(panel, unit):
    inside = np.ones(len(panel), dtype=bool)
    for name in ("platform", "stage"):
        inside &= (panel[name] == unit[name]).to_numpy() | (unit[name] == "")
    return inside


@pytest.mark.parametrize("exponent", [1.0, 0.5, 2.0, 0.7])
def test_units_are_weighted_means_of_the_composite_of_the_scoring(model, panel, exponent):
    weights = weights_of(150)  # several blocks of runs
    weights[3, [0, 1]] = 0.0  # a dimension without weight: some respondents have no answer that counts
    weights[3] /= weights[3].sum()
    picked = pd.DataFrame([{name: kind.nominal for name, kind in CHOICES.items()}] * 150).assign(exponent=exponent)
    scores, predicted = model.scores(weights, picked)
    assert predicted.shape == (150, 0)
    assert len(model.units) == 1 + 3 + 2 + 6
    values = answer_value(model.answers, list(KANO), 1.0, 5.0, 2.0)
    for run in (0, 3, 149):
        single = composite(values, weights[run], DIMENSION, exponent).score
        for column, unit in model.units.iterrows():
            rows = in_unit(panel, unit) & np.isfinite(single)
            assert scores[run, column] == pytest.approx(np.average(single[rows], weights=model.survey[rows]), abs=1e-9)


def test_nominal_choices_are_the_model_itself(model):
    weights = weights_of(5)
    picked = Choices.nominal().pick(np.empty((5, 0)))
    np.testing.assert_allclose(model.scores(weights, picked)[0], model.scores(weights)[0], atol=1e-10)


def test_treatments_of_unanswered_items(model):
    weights = weights_of(1)
    picked = Choices.nominal().pick(np.empty((1, 0)))
    values = model.values("scale", 2.0)
    known = np.isfinite(values)
    of_all = np.where(known, values, 0) @ weights[0] / (known @ weights[0])
    got = model.scores(weights, picked.assign(unanswered="all"))[0][0, 0]
    assert got == pytest.approx(100 * np.average(of_all, weights=model.survey))
    mean = np.array(
        [np.average(column[at], weights=model.survey[at]) for column, at in zip(values.T, known.T, strict=True)]
    )
    filled = np.where(known, values, mean) @ weights[0]
    got = model.scores(weights, picked.assign(unanswered="mean"))[0][0, 0]
    assert got == pytest.approx(100 * np.average(filled, weights=model.survey))


def test_scores_do_not_depend_on_the_order_of_rows(model, panel):
    order = np.random.default_rng(0).permutation(90)
    units, cell, members = score_units(panel.iloc[order])
    other = dataclasses.replace(
        model,
        answers=model.answers[order],
        survey=model.survey[order],
        cell=cell,
        units=units,
        members=members,
        _values={},
    )
    assert other.units.equals(model.units)
    np.testing.assert_allclose(other.scores(weights_of(3))[0], model.scores(weights_of(3))[0], atol=1e-10)


def test_unknown_stages_count_in_all_but_stages(panel):
    panel.loc[:4, "stage"] = None
    units, cell, members = score_units(panel)
    counts = members @ np.bincount(cell, minlength=members.shape[1])
    for count, unit in zip(counts, units.to_dict("records"), strict=True):
        assert count == in_unit(panel, unit).sum()


def test_positions_by_normalisation():
    answers = np.array([[1.0], [2.0], [2.0], [5.0], [np.nan]])
    ends, survey = (np.ones(1), np.full(1, 5.0)), np.array([1.0, 1.0, 1.0, 2.0, 9.0])
    np.testing.assert_allclose(position_of(answers, *ends, survey, "scale")[:4, 0], [0, 0.25, 0.25, 1])
    # shares 0.2, 0.4, 0.4: half of one's own and all below
    np.testing.assert_allclose(position_of(answers, *ends, survey, "ridit")[:4, 0], [0.1, 0.4, 0.4, 0.8])
    standard = position_of(answers, *ends, survey, "standard")[:, 0]
    assert standard[0] < standard[1] == standard[2] < 0.5 < standard[3]
    assert np.isnan(standard[4])
    np.testing.assert_allclose(position_of(np.ones((3, 1)), *ends, np.ones(3), "standard"), 0.5)


def test_leaving_an_indicator_out_hands_its_weight_to_its_siblings():
    weights = np.array([[0.1, 0.2, 0.3, 0.2, 0.2]])
    np.testing.assert_allclose(without(weights, np.array(["a"]), CODES, DIMENSION), [[0, 0.3, 0.3, 0.2, 0.2]])
    np.testing.assert_allclose(without(weights, np.array(["c"]), CODES, DIMENSION), [[0.1, 0.2, 0, 0.35, 0.35]])
    np.testing.assert_allclose(without(weights, np.array([NOTHING]), CODES, DIMENSION), weights)
    alone = without(weights, np.array(["a"]), CODES, np.array([0, 1, 1, 1, 1]))
    np.testing.assert_allclose(alone, [[0, 0.2 / 0.9, 0.3 / 0.9, 0.2 / 0.9, 0.2 / 0.9]])


LEVELS = {
    "exponent": (0.5, 1.0),
    "kano_shape": (2.0,),
    "normalisation": ("scale",),
    "unanswered": ("siblings", "all", "mean"),
}


def test_triggers_pick_levels_with_their_probabilities():
    choices = Choices.of(LEVELS, CODES, 0.5)
    assert choices.factors == {"exponent": 1, "unanswered": 1, "leave_out": 1}
    picked = choices.pick(np.random.default_rng(0).random((20_000, 3)))
    np.testing.assert_allclose(picked["unanswered"].value_counts(normalize=True), 1 / 3, atol=0.02)
    assert (picked["leave_out"] == NOTHING).mean() == pytest.approx(0.5, abs=0.02)
    np.testing.assert_allclose(picked["leave_out"].value_counts(normalize=True)[list(CODES)], 0.1, atol=0.01)
    assert set(picked["kano_shape"]) == {2.0}


@pytest.mark.parametrize(
    ("change", "leave_out", "message"),
    [
        ({"normalisation": ("log",)}, 0.5, "no such level: found log, expected one of scale"),
        ({"unanswered": ()}, 0.5, "at least one level"),
        ({"exponent": (1.0, 0.0)}, 0.5, "exponent has to be positive"),
        ({"kano_shape": (-1.0,)}, 0.5, "shape of Kano values"),
        ({}, 1.0, "not a probability below 1"),
    ],
)
def test_bad_choices_are_told(change, leave_out, message):
    with pytest.raises(InputError, match=message):
        Choices.of({**LEVELS, **change}, CODES, leave_out)


def test_the_line_is_refitted_in_every_run(model):
    random = np.random.default_rng(5)
    outcome = random.random(90)
    weight = np.where(np.arange(90) < 60, model.survey, 0.0)  # the first 60 are the training respondents
    cell = np.where(np.arange(90) < 60, -1, 0)
    linked = dataclasses.replace(
        model,
        cell=cell,
        units=model.units.iloc[:1],
        members=np.ones((1, 1)),
        links=(Link("y", outcome, weight),),
        _values={},
    )
    weights = weights_of(4)
    noise = np.array([0.5, 0.5, 0.5, 0.95])
    scores, predicted = linked.scores(weights, None, noise)
    values = answer_value(model.answers, list(KANO), 1.0, 5.0, 2.0)
    for run in range(4):
        c = composite(values, weights[run], DIMENSION).score / 100
        fit = sm.WLS(outcome[:60], sm.add_constant(c[:60]), weights=weight[:60]).fit()
        ahead = np.array([[1.0, scores[run, 0] / 100]])
        middle = fit.predict(ahead)[0]
        if run < 3:
            assert predicted[run, 0] == pytest.approx(middle)
        else:
            # 1.645 standard errors of the mean above; statsmodels counts weights as precisions and loses two degrees
            error = (predicted[run, 0] - middle) / 1.6448536
            theirs = fit.get_prediction(ahead).se_mean[0]
            assert error == pytest.approx(theirs, rel=0.1)


def test_model_travels_without_what_can_be_made_anew(model):
    before = model.scores(weights_of(2))[0]
    again = pickle.loads(pickle.dumps(model))
    assert again._values == {}
    np.testing.assert_array_equal(again.scores(weights_of(2))[0], before)


def test_verdict_counts_ranks_lead_and_shift(model):
    nominal = np.full(5, 0.2)
    verdict = Verdict.of(model, nominal)
    names = verdict.labels["output"].value_counts()
    assert names.to_dict() == {"score": 12, "rank": 9, "rank_shift": 3, "lead": 3}
    outputs = verdict.outputs(*model.scores(np.stack([nominal, np.array([0.9, 0.1, 0, 0, 0])])))
    at = verdict.labels.assign(nominal=outputs[0], other=outputs[1])
    whole = at[(at["stage"] == "")]
    scores = whole[(whole["output"] == "score") & (whole["platform"] != "")].set_index("platform")
    ranks = whole[whole["output"] == "rank"].set_index("platform")
    lead = whole[whole["output"] == "lead"].iloc[0]
    first = ranks["nominal"].idxmin()
    assert ranks["nominal"].sort_index().tolist() == scores["nominal"].rank(ascending=False).sort_index().tolist()
    assert lead["nominal"] == pytest.approx(scores.loc[first, "nominal"] - scores["nominal"].drop(first).max())
    assert lead["other"] == pytest.approx(scores.loc[first, "other"] - scores["other"].drop(first).max())
    shift = whole[whole["output"] == "rank_shift"].iloc[0]
    assert shift["nominal"] == 0.0
    assert shift["other"] == pytest.approx((ranks["other"] - ranks["nominal"]).abs().mean())
    assert len(verdict.whole) == 3
