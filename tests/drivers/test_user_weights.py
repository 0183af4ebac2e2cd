"""Users' weights: coverage without an anchor, agreement that is and is not, experts by profession, bad input."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import truncnorm

from maternal_eval.analyses.user_weights.compute import find_user_weights
from maternal_eval.analyses.user_weights.references import profession, professions, references_of
from maternal_eval.analyses.user_weights.result import UserWeightsResult
from maternal_eval.analyses.user_weights.settings import UserWeightsSettings
from maternal_eval.app.steps import STEPS, unmet
from maternal_eval.core.errors import DiagnosticsError, InputError
from maternal_eval.methods.exchangeable_weights import clipped_draws, exchangeable_draws, scatter_posterior
from maternal_eval.methods.nonnegative_normal import nonnegative_draws
from maternal_eval.methods.weight_agreement import READINGS
from maternal_eval.study.groups import EVERYONE
from tests.drivers.studies import CODES, INDICATORS, answers, study_of

QUICK = UserWeightsSettings.quick()
STRAIGHT = INDICATORS.replace("must_be", "performance").replace("attractive", "performance")
STATED = np.array([0.25, 0.25, 0.15, 0.15, 0.20])
"""Dimensions 0.5, 0.3, 0.2 in equal parts."""


@pytest.fixture(scope="module")
def agreeing(tmp_path_factory):
    """Users weigh exactly what is stated."""
    panel = answers(12_000, seed=1, slopes=9.0 * STATED)
    return study_of(tmp_path_factory.mktemp("agreeing"), panel, indicators=STRAIGHT)


@pytest.fixture(scope="module")
def found(agreeing):
    return find_user_weights(agreeing, QUICK, seed=3)


def test_one_part_is_a_cut_normal():
    for mean in (1.0, 0.0, -2.0, -6.0):
        drawn = nonnegative_draws(np.array([mean]), np.array([[1.0]]), 20_000, 1)[:, 0]
        truth = truncnorm(-mean, np.inf, loc=mean)
        assert drawn.min() >= 0
        assert abs(drawn.mean() - truth.mean()) < 5 * truth.std() / np.sqrt(20_000)
        assert drawn.std() == pytest.approx(truth.std(), rel=0.05)


def test_two_parts_are_what_rejection_gives():
    mean, covariance = np.array([0.3, -0.2]), np.array([[1.0, -0.7], [-0.7, 1.0]])
    drawn = nonnegative_draws(mean, covariance, 20_000, 2)
    free = np.random.default_rng(3).multivariate_normal(mean, covariance, 400_000)
    kept = free[(free >= 0).all(axis=1)]
    np.testing.assert_allclose(drawn.mean(axis=0), kept.mean(axis=0), atol=0.02)
    np.testing.assert_allclose(np.cov(drawn.T), np.cov(kept.T), atol=0.02)


def test_draws_that_still_move_are_refused():
    covariance = np.array([[1.0, 0.999999], [0.999999, 1.0]])  # each part holds the other where it began
    with pytest.raises(DiagnosticsError, match="still depend"):
        nonnegative_draws(np.array([2.0, -2.0]), covariance, 4000, 1, sweeps=20)


def test_the_hierarchy_is_that_of_enumeration():
    """Mean and evidence at each τ against the marginal normal of the estimates, with a nearly free mean of each set."""
    random = np.random.default_rng(4)
    sets = np.array([0, 0, 0, 1, 1])
    root = random.normal(size=(5, 5)) * 0.1
    covariance = root @ root.T + 0.01 * np.eye(5)
    estimate = np.array([0.5, 0.9, 0.7, 0.2, 0.4])
    tau, probability, means, _ = scatter_posterior(estimate, covariance, sets)
    member = (sets[:, None] == np.arange(2)).astype(float)
    log = []
    for one, mean in zip(tau, means, strict=True):
        prior = 1e6 * member @ member.T + one**2 * np.eye(5)
        joint = prior + covariance
        np.testing.assert_allclose(mean, prior @ np.linalg.solve(joint, estimate), atol=1e-4)
        log.append(np.log(one) - 0.5 * np.linalg.slogdet(joint)[1] - 0.5 * estimate @ np.linalg.solve(joint, estimate))
    weights = np.exp(np.array(log) - max(log))
    np.testing.assert_allclose(probability, weights / weights.sum(), atol=1e-3)


def test_far_from_zero_all_ways_of_drawing_agree():
    estimate, sets = np.array([3.0, 3.5, 2.8, 5.0, 4.0]), np.array([0, 0, 0, 1, 1])
    covariance = 0.04 * np.eye(5)
    careful = exchangeable_draws(estimate, covariance, sets, 8000, 1)
    fast = clipped_draws(estimate, covariance, sets, 8000, 2)
    np.testing.assert_allclose(careful.mean(axis=0), fast.mean(axis=0), atol=0.02)
    np.testing.assert_allclose(careful.std(axis=0), fast.std(axis=0), rtol=0.08)


def test_readings_of_the_same_weights_agree_and_of_opposite_ones_do_not():
    one = np.array([[0.5, 0.3, 0.2]])
    bounds = {"cosine": 0.95, "spearman": 0.8, "largest_difference": 0.05, "same_first": 1.0}
    for name, reading in READINGS.items():
        assert reading.agrees(reading.measure(one, one), bounds[name]).all()
        assert not reading.agrees(reading.measure(one, one[:, ::-1]), bounds[name]).any()


def test_tables_keep_their_schemas_and_are_read_back(found, tmp_path):
    found.check_tables()
    found.save(tmp_path)
    pd.testing.assert_frame_equal(UserWeightsResult.load(tmp_path).weights, found.weights)
    assert found.reported().tables.keys() == {"user-weights", "weight-agreement"}
    for _, rows in found.weights.groupby(["group", "set"]):
        assert rows["weight"].sum() == pytest.approx(1)


def test_users_who_weigh_what_is_stated_agree(found):
    weights = found.of("indicators").set_index("element").loc[CODES]
    assert ((weights["low"] - 0.01 <= STATED) & (weights["high"] + 0.01 >= STATED)).all()
    readings = found.agreement_with("stated", "dimensions").set_index("reading")
    assert readings.loc["cosine", "probability"] > 0.99
    assert readings.loc["largest_difference", "probability"] > 0.8
    assert (readings["probability"] >= readings["by_chance"]).all()
    assert abs(readings.loc["largest_difference", "probability"] - readings.loc["largest_difference", "if_same"]) < 0.3


def test_users_who_weigh_otherwise_do_not_agree_however_much_is_asked(tmp_path):
    other = STATED[::-1] * np.array([0.5, 0.5, 1, 2.0, 2.0])
    panel = answers(8000, seed=2, slopes=9.0 * other / other.sum())
    found = find_user_weights(study_of(tmp_path, panel, indicators=STRAIGHT), QUICK)
    readings = found.agreement_with("stated", "dimensions").set_index("reading")
    for name in ("cosine", "spearman", "largest_difference", "same_first"):
        assert readings.loc[name, "probability"] < 0.1
        assert readings.loc[name, "if_same"] > 0.8


def test_intervals_hold_the_weights_as_often_as_they_say(tmp_path):
    inside = []
    for seed in range(12):
        folder = tmp_path / str(seed)
        folder.mkdir()
        panel = answers(900, seed=200 + seed, slopes=9.0 * STATED)
        study = study_of(folder, panel, stages="", columns='respondent = "id"', indicators=STRAIGHT)
        weights = find_user_weights(study, QUICK, seed=seed).of("indicators").set_index("element").loc[CODES]
        inside.extend((weights["low"] <= STATED) & (weights["high"] >= STATED))
    assert 0.75 <= np.mean(inside) <= 0.99  # 60 trials at 0.9


def test_professions_are_read_from_names(maternal):
    assert profession("obstetrician_3") == "obstetrician"
    assert set(professions(maternal.experts, 3)) == {"obstetrician", "operator", "researcher"}
    assert professions(maternal.experts, 6) == {}
    found = references_of(maternal, 50, 3, np.random.SeedSequence(1))
    assert [one.name for one in found] == ["stated", "experts", "obstetrician", "operator", "researcher"]
    for one in found:
        np.testing.assert_allclose(one.draws(50).sum(axis=1), 1.0)
    # Five of fifteen experts know less than all of them.
    assert found[2].weights.std(axis=0).mean() > found[1].weights.std(axis=0).mean()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda panel: panel.assign(overall=4), "the outcome does not vary"),
        (lambda panel: panel.head(20), "too few answers"),
        (lambda panel: panel.assign(**dict.fromkeys(CODES, 3)), "no indicator varies"),
        (lambda panel: panel.assign(**dict.fromkeys(CODES[1:], 3)), "one indicator has all the weight"),
    ],
)
def test_bad_input_is_one_sentence(tmp_path, change, says):
    with pytest.raises(InputError, match=says):
        find_user_weights(study_of(tmp_path, change(answers(400))), QUICK)


def test_a_study_with_one_indicator_is_refused_before_anything_is_computed(agreeing):
    model = replace(agreeing.model, dimensions=agreeing.model.dimensions[2:], indicators=agreeing.model.indicators[4:])
    lacking = unmet(STEPS["user_weights"], replace(agreeing, model=model))
    assert lacking == ["at least two indicators in one dimension, or two dimensions"]


@pytest.mark.parametrize("name", ["", "agreement"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_figures_say_that_the_panel_is_simulated(found, name, language):
    figure = found.plot(language, name)
    texts = [text.get_text() for text in figure.findobj(lambda one: hasattr(one, "get_text"))]
    assert any(("simulated" if language == "en" else "模拟") in text for text in texts)
    assert found.figure_table()[name].alternative_text(found, language)


def test_everybody_and_each_stage(found):
    assert set(found.fits["group"]) == {EVERYONE, "a", "b"}
    assert set(found.agreement["reference"]) == {"stated"}
