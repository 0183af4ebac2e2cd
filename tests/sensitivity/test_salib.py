"""SALib both ways: its methods on the model of a study, and our indices on its samples."""

from __future__ import annotations

import dataclasses
import warnings

import numpy as np
import pytest
from SALib.analyze import delta, hdmr, morris, shapley
from SALib.analyze import pawn as salib_pawn
from SALib.analyze import sobol as salib_sobol
from SALib.sample import latin
from SALib.sample import morris as morris_sample
from SALib.sample import shapley as shapley_sample
from SALib.sample import sobol as sobol_sample
from SALib.test_functions import Ishigami

from maternal_eval.analyses.sensitivity.salib import salib_model
from maternal_eval.analyses.sensitivity.settings import SensitivitySettings
from maternal_eval.core.errors import InputError
from maternal_eval.methods.sensitivity.salib import pawn_of, salib_problem, sobol_of
from maternal_eval.study import Study

ISHIGAMI = {"num_vars": 3, "names": ["x1", "x2", "x3"], "bounds": [[-np.pi, np.pi]] * 3}


@pytest.fixture(scope="module")
def model(root):
    """The built-in study, every fortieth respondent: weights by experts in several sibling sets."""
    study = Study.read(root / "data" / "maternal")
    study = dataclasses.replace(study, panel=study.panel.iloc[::40].reset_index(drop=True))
    return salib_model(study, SensitivitySettings(), np.random.SeedSequence(1), choices=False)


@pytest.mark.parametrize("second", [False, True])
def test_our_indices_on_its_sample_are_its_own(second):
    """SALib's problem and outputs go in; the point estimates are SALib's to 1e-10, and Ishigami's to the error."""
    samples = sobol_sample.sample(ISHIGAMI, 1024, calc_second_order=second, seed=1)
    outputs = Ishigami.evaluate(samples)
    ours = sobol_of(ISHIGAMI, samples, outputs, second_order=second, resamples=50)
    theirs = salib_sobol.analyze(ISHIGAMI, outputs, calc_second_order=second, num_resamples=10, seed=1)
    assert ours.first["value"][0, :3] == pytest.approx(theirs["S1"], abs=1e-10)
    assert ours.total["value"][0, :3] == pytest.approx(theirs["ST"], abs=1e-10)
    assert ours.first["value"][0, :3] == pytest.approx([0.3139, 0.4424, 0.0], abs=0.02)
    if second:
        assert ours.second["value"][0] == pytest.approx(theirs["S2"][np.triu_indices(3, 1)], abs=1e-10)


def test_groups_are_factors():
    problem = salib_problem({"both": 2, "alone": 1})
    samples = sobol_sample.sample(problem, 512, calc_second_order=False, seed=2)
    outputs = samples @ [1.0, 2.0, 3.0]
    ours = sobol_of(problem, samples, outputs, resamples=50)
    theirs = salib_sobol.analyze(problem, outputs, calc_second_order=False, num_resamples=10, seed=2)
    assert ours.factors == ("both", "alone")
    assert ours.total["value"][0, :2] == pytest.approx(theirs["ST"], abs=1e-10)
    assert ours.total["value"][0, :2] == pytest.approx([5 / 14, 9 / 14], abs=0.02)


def test_pawn_on_its_sample():
    samples = latin.sample(ISHIGAMI, 2000, seed=3)
    outputs = Ishigami.evaluate(samples)
    ours = pawn_of(ISHIGAMI, samples, outputs).set_index("input")["pawn"]
    theirs = salib_pawn.analyze(ISHIGAMI, samples, outputs, S=10, seed=3)
    assert ours.loc[ISHIGAMI["names"]].to_numpy() == pytest.approx(theirs["median"], abs=0.03)


def test_every_method_runs_on_the_model_of_a_study(model):
    """Sobol', Morris, PAWN, delta, HDMR and Shapley of SALib on the scores; weights stay on their simplices."""
    samples = sobol_sample.sample(model.problem, 16, calc_second_order=False, seed=1)
    assert model.weights(samples).sum(axis=1) == pytest.approx(np.ones(len(samples)))
    score = model.output("score", samples)
    assert score.std() > 0
    found = salib_sobol.analyze(model.problem, score, calc_second_order=False, num_resamples=10, seed=1)
    groups = list(dict.fromkeys(model.problem["groups"]))
    ours = sobol_of(model.problem, samples, score, resamples=50)
    assert list(ours.factors) == groups
    assert ours.total["value"][0, : len(groups)] == pytest.approx(found["ST"], abs=1e-8)
    single = model.single_inputs
    plain = latin.sample(single, 320, seed=2)
    outputs = model.output("score", plain)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert len(salib_pawn.analyze(single, plain, outputs, S=5, seed=1)["median"]) == single["num_vars"]
        assert len(delta.analyze(single, plain, outputs, num_resamples=5, seed=1)["delta_raw"]) == single["num_vars"]
        assert "ST" in hdmr.analyze(single, plain, outputs, maxorder=1, K=1, R=300, seed=1)
    orders = shapley_sample.sample(single, 8, seed=1)
    shares = shapley.analyze(single, orders, model.output("score", orders))["shapley_normalized"]
    assert shares.sum() == pytest.approx(1.0)
    ways = morris_sample.sample(model.problem, 4, seed=1)
    assert len(morris.analyze(model.problem, ways, model.output("score", ways), seed=1)["mu_star"]) == len(groups)


def refused(function, *arguments, **options):
    with pytest.raises(InputError) as caught:
        function(*arguments, **options)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_samples_of_another_problem_are_refused(model):
    assert "another problem: found 3 inputs" in refused(model, np.full((4, 3), 0.5))
    wrong = np.full((4, model.problem["num_vars"]), 0.5)
    wrong[2, 0] = 1.5
    said = refused(model, wrong)
    assert "leaves its bounds" in said
    assert "found 1.5" in said
    assert "no such output: found profit" in refused(model.output, "profit", wrong)
    samples = sobol_sample.sample(ISHIGAMI, 16, calc_second_order=False, seed=1)
    outputs = Ishigami.evaluate(samples)
    assert "multiple of 8" in refused(sobol_of, ISHIGAMI, samples[:-1], outputs[:-1], second_order=True)
    assert "one factor after the other" in refused(sobol_of, ISHIGAMI, samples[::-1], outputs)
    assert "outputs" in refused(sobol_of, ISHIGAMI, samples, outputs[:-5])
    split = ISHIGAMI | {"groups": ["a", "b", "a"]}
    assert "stand together: found a" in refused(sobol_of, split, samples, outputs)
