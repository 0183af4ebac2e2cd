"""Settings have ranges: what lies beyond them is refused with its key, before anything is computed."""

import pytest

from maternal_eval.analyses.satisfaction.settings import SatisfactionSettings
from maternal_eval.app.steps import STEPS
from maternal_eval.core.errors import InputError
from maternal_eval.methods.sampling import SamplerSettings
from maternal_eval.study import Study

BEYOND = [
    ("satisfaction", "tune = 0", "tune", "a whole number from 50 to 100,000"),
    ("satisfaction", "target_accept = 2.0", "target_accept", "a number above 0 and below 1"),
    ("satisfaction", "chains = 1", "chains", "a whole number from 2 to 64"),
    ("satisfaction", "draws = 10_000_000", "draws", "a whole number from 20 to 1,000,000"),
    ("satisfaction", "rhat = 0.9", "rhat", "a number above 1 and at most 2"),
    ("satisfaction", 'draws = "1000"', "draws", "a whole number from 20"),
    ("stage_weights", "target = 1", "target", "outcome, equivalence"),
    ("stage_weights", "equivalence = 1.5", "equivalence", "a number above 0 and below 1"),
    ("stage_weights", "credible = 0.4", "credible", "a number above 0.5 and below 1"),
    ("stage_weights", 'outcome = "love"', "outcome", "one of satisfaction"),
    ("scores", "resamples = 0", "resamples", "a whole number from 1"),
    ("scores", 'linking = "magic"', "scores", "linking is one of"),
    ("importance", "draws = 0", "draws", "a whole number from 1"),
    ("importance", "attained = -1", "attained", "a number above 0"),
    ("sensitivity", "concentration = 0.001", "concentration", "a number from 1 to"),
    ("sensitivity", "leave_out = 1.2", "leave_out", "a number from 0 to 1"),
    ("sensitivity", "shapes = [1.0, -2.0]", "shapes", "a list, each a number above 0"),
    ("sensitivity", "base = 100", "base", "e.g. 1024"),
    ("backtest", "minimum = 0", "minimum", "a whole number from 1"),
    ("backtest", "tolerance = 0", "tolerance", "a number above 0 and below 1"),
    ("backtest", "draws = 1.5", "draws", "a whole number from 2"),
    ("backtest", 'forecasters = "last_value"', "forecasters", ""),
    ("weights", "disagreement_scale = 0", "disagreement_scale", "a number above 0"),
    ("weights", "draws = -5", "draws", "a whole number from 20"),
    ("kano", "threshold = 1.0", "threshold", "a number above 0.5 and below 1"),
    ("whatif", "concentration = 0", "concentration", "a number from 1 to"),
    ("whatif", "prior_scale = 0", "prior_scale", "a number above 0"),
    ("review", "confidence = 1.0", "confidence", "a number above 0.5 and below 1"),
    ("review", "sizes = [1]", "sizes", "a list, each a whole number from 2"),
    ("explorer", "draws = 0", "draws", "a whole number from 20"),
    ("calibration", "tune = 0", "tune", "a whole number from 50"),
    ("items", "chains = 100", "chains", "a whole number from 2 to 64"),
    ("schedule", "cap = 2.0", "cap", "a number from 0 to 1"),
    ("proposal_power", "answers = 0", "answers", "a whole number from 1"),
    ("check", "strict = true", "strict", "no setting"),
]


@pytest.mark.parametrize(("analysis", "line", "key", "expected"), BEYOND)
def test_a_setting_beyond_its_range_is_refused(folder, analysis, line, key, expected):
    with (folder / "study.toml").open("a") as stream:
        stream.write(f"\n[analysis.{analysis}]\n{line}\n")
    study = Study.read(folder)
    with pytest.raises(InputError) as caught:
        STEPS[analysis].settings_for(study, quick=False)
    sentence = str(caught.value)
    assert key in sentence
    assert expected in sentence
    assert len(sentence.splitlines()) == 1
    if key != "outcome":
        assert f"study.toml, column analysis.{analysis}" in sentence


@pytest.mark.parametrize("analysis", STEPS)
def test_the_defaults_of_every_analysis_are_within_their_ranges(folder, analysis):
    settings = STEPS[analysis].settings_class
    assert settings() == settings()
    assert settings.quick() is not None


def test_ranges_hold_in_python_too():
    with pytest.raises(InputError, match=r"column tune: .* found 0, expected a whole number from 50"):
        SamplerSettings(tune=0)
    with pytest.raises(ValueError, match="column target_accept"):
        SatisfactionSettings(target_accept=float("nan"))


def test_every_slip_in_the_settings_is_told_at_once(folder):
    with (folder / "study.toml").open("a") as stream:
        stream.write("\n[analysis.satisfaction]\ntune = 0\nchains = 0\ntarget_accept = 2.0\nspeed = 1\n")
    with pytest.raises(InputError) as caught:
        STEPS["satisfaction"].settings_for(Study.read(folder), quick=False)
    assert len(caught.value.problems) == 4
    assert "(and 3 more: 'maternal-eval check' lists them)" in str(caught.value)
