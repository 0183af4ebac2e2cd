"""The analysis of a study: what it gives, what it skips, and the simulated effect recovered."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from maternal_eval.errors import InputError
from maternal_eval.plotting import save_figure
from maternal_eval.recovery import read_truth, true_timeliness_effect
from maternal_eval.scoring.result import score_respondents
from maternal_eval.sensitivity import SensitivityResult, SensitivitySettings, run_sensitivity
from maternal_eval.study import Study
from maternal_eval.weighting import static_weights

SMALL = SensitivitySettings(base=64, resamples=50, bootstrap=100, indicator="F02", outcome="repurchase")


@pytest.fixture(scope="module")
def weights(maternal):
    return static_weights(maternal)


@pytest.fixture(scope="module")
def result(maternal, weights):
    return run_sensitivity(maternal, weights, SMALL, seed=0)


@pytest.fixture
def plain_study(tmp_path):
    """A study with three indicators of one dimension and nothing else."""
    random = np.random.default_rng(0)
    pd.DataFrame(random.integers(1, 6, (80, 3)), columns=list("abc")).to_csv(tmp_path / "panel.csv", index=False)
    (tmp_path / "indicators.csv").write_text(
        "code,dimension,kano,name_zh,name_en\n" + "".join(f"{code},only,performance,{code},{code}\n" for code in "abc")
    )
    (tmp_path / "study.toml").write_text(
        '[study]\nname = "plain"\nzh = "简"\nen = "Plain"\n[panel]\nfile = "panel.csv"\n'
        '[dimensions]\nonly = { zh = "总", en = "Only" }\n[indicators]\nfile = "indicators.csv"\nscale = [1, 5]\n'
    )
    return Study.read(tmp_path)


def test_factors_and_outputs(result, maternal):
    platforms, stages = maternal.panel["platform"].nunique(), len(maternal.stages)
    scores = result.indices[result.indices["output"] == "score"]
    assert set(scores["factor"]) == {"dimensions", "functional", "emotional", "social", "dummy"}
    assert len(scores) == 5 * (1 + platforms + stages + platforms * stages)
    outcome = result.indices[result.indices["output"] == "repurchase"]
    assert {"coefficients", "F02"} < set(outcome["factor"])
    assert set(result.table()["output"]) == {"score", "rank_shift", "repurchase"}
    assert result.skipped == []


def test_nominal_score_is_that_of_the_scoring(result, maternal, weights):
    latest = (maternal.panel["period"] == maternal.periods[-1]).to_numpy()
    scores = score_respondents(maternal, weights).score[latest]
    expected = np.average(scores, weights=maternal.panel.loc[latest, "weight"])
    assert result.scores["nominal"].iloc[0] == pytest.approx(expected)
    assert (result.scores["low"] <= result.scores["nominal"]).all()


def test_shares_of_first_ranks_add_up(result):
    np.testing.assert_allclose(result.ranks.groupby("stage")["share_first"].sum(), 1.0)


def test_simulated_effect_of_timeliness_is_recovered(result):
    truth = true_timeliness_effect(read_truth())
    adjusted = result.elasticity.set_index("model").loc["adjusted"]
    assert adjusted["response_low"] < truth[1.10] < adjusted["response_high"]
    end = result.curve[(result.curve["model"] == "adjusted") & (result.curve["change"] == 0.8)].iloc[0]
    assert end["low"] < truth[1.80] < end["high"]


def test_result_survives_storing_and_draws(result, tmp_path):
    result.save(tmp_path / "stored")
    again = SensitivityResult.load(tmp_path / "stored")
    pd.testing.assert_frame_equal(again.estimates(), result.estimates())
    assert result.estimates().index.is_unique
    assert sum(file.stat().st_size for file in (tmp_path / "stored").iterdir()) < 500_000
    for language in ("en", "zh"):
        save_figure(again.plot(language), tmp_path / language, "sensitivity")


def test_seed_zero_is_reproducible(plain_study):
    small = SensitivitySettings(base=64, resamples=20)
    once, again, other = (run_sensitivity(plain_study, settings=small, seed=seed) for seed in (0, 0, 1))
    assert once.indices.equals(again.indices)
    assert not once.indices.equals(other.indices)


def test_a_plain_study_skips_what_it_lacks(plain_study):
    result = run_sensitivity(plain_study, settings=SensitivitySettings(base=64, resamples=20))
    assert [line["part"] for line in result.skipped] == ["ranks", "outcome"]
    assert set(result.indices["factor"]) == {"only", "dummy"}
    assert result.elasticity.empty
    assert result.curve.empty
    assert result.table()["first"].iloc[0] == pytest.approx(1.0, abs=0.3)
    assert result.plot("en") is not None


def test_bad_settings_are_told(maternal, weights, plain_study):
    for change, message in (
        ({"indicator": "X99"}, "does not have"),
        ({"outcome": "trust"}, "binary"),
        ({"base": 100}, "power of two"),
        ({"published_step": "no", "published_response": "such"}, "ledger"),
    ):
        with pytest.raises(InputError, match=message):
            run_sensitivity(maternal, weights, dataclasses.replace(SMALL, **change))
    with pytest.raises(InputError, match="lack"):
        run_sensitivity(plain_study, pd.Series({"a": 1.0}))
