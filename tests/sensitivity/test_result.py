"""The analysis of a study: what it gives, what it skips, and the simulated effect recovered."""

import dataclasses

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from maternal_eval.analyses.scores.compute import score_respondents
from maternal_eval.analyses.sensitivity.compute import run_sensitivity
from maternal_eval.analyses.sensitivity.generators import GENERATORS
from maternal_eval.analyses.sensitivity.result import SensitivityResult
from maternal_eval.analyses.sensitivity.settings import SensitivitySettings
from maternal_eval.analyses.weights.compute import static_weights
from maternal_eval.core.errors import InputError
from maternal_eval.results import compared
from maternal_eval.results.plotting import figure_style, save_figure
from maternal_eval.study import Study
from verification.recovery import read_truth, true_timeliness_effect

SMALL = SensitivitySettings(
    base=64,
    start=32,
    alone=32,
    resamples=50,
    orders=20,
    bootstrap=100,
    indicator="F02",
    outcome="repurchase",
    shapes=(2.0,),
    normalisations=("scale",),
)
PLAIN = SensitivitySettings(base=64, start=64, alone=64, resamples=20, orders=20, bootstrap=20)
SETS = {"dimensions", "functional", "emotional", "social"}


@pytest.fixture(scope="module")
def weights(maternal):
    return static_weights(maternal)


@pytest.fixture(scope="module")
def result(maternal, weights):
    return run_sensitivity(maternal, weights, SMALL, seed=0)


@pytest.fixture(scope="module")
def plain_study(tmp_path_factory):
    """A study with three indicators of one dimension and nothing else."""
    tmp_path = tmp_path_factory.mktemp("plain")
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


@pytest.fixture(scope="module")
def plain(plain_study):
    return run_sensitivity(plain_study, settings=PLAIN, seed=0)


def rendered(figure):
    """Set a figure without writing it: what cannot be drawn, or has no glyph, is an error here too."""
    with figure_style():
        figure.draw_without_rendering()
    plt.close(figure)


def test_outputs_and_factors(result, maternal):
    platforms, stages = maternal.panel["platform"].nunique(), len(maternal.stages)
    everything = result.indices[result.indices["analysis"] == "all"]
    units = 1 + platforms + stages + platforms * stages
    assert (everything.groupby("output").size() / everything["factor"].nunique()).to_dict() == {
        "score": units,
        "rank": platforms * (1 + stages),
        "rank_shift": 1 + stages,
        "lead": 1 + stages,
        "repurchase": 1,
        "recommend": 1,
    }
    assert set(everything["factor"]) == {*SETS, "exponent", "unanswered", "leave_out", "line", "dummy"}
    assert set(result.table()["output"]) == {"score", "rank_shift", "lead", "repurchase", "recommend"}
    assert set(result.indices["analysis"]) == {"all", *GENERATORS}
    for name in ("expert_posterior", "new_expert", "dirichlet"):
        assert set(result.whole(name)["factor"]) == {*SETS, "dummy"}
    assert set(result.whole("gamma")["factor"]) == {"dummy", *SETS - {"dimensions"}, *maternal.model.codes}
    everything = result.second[result.second["analysis"] == "all"]
    assert set(everything["output"]) == {"score", "rank_shift", "lead", "repurchase", "recommend"}


def test_pairs_of_sibling_sets_and_of_dimensions(result):
    factors = {name: set(rows["factor"]) | set(rows["other"]) for name, rows in result.second.groupby("analysis")}
    assert factors.pop("all") == {*SETS, "exponent", "unanswered", "leave_out", "line"}
    assert factors.pop("gamma_by_dimension") == SETS - {"dimensions"}
    assert factors == dict.fromkeys(["expert_posterior", "new_expert", "dirichlet"], SETS)
    # a score is all but additive in the raw judgements: what three dimensions leave to all three together is little
    first = result.whole("gamma_by_dimension").set_index(["output", "factor"]).loc["score", "first"].drop("dummy")
    second = result.of_dimensions.set_index("output").loc["score", "second"]
    assert first.sum() + second.sum() == pytest.approx(1.0, abs=0.2)


def test_the_line_moves_predictions_alone(result):
    line = result.table().set_index(["factor", "output"]).loc["line", "total"]
    assert (line[["score", "rank_shift", "lead"]].abs() < 1e-12).all()
    assert (line[["repurchase", "recommend"]] > 0.1).all()


def test_nominal_score_is_that_of_the_scoring(result, maternal, weights):
    latest = (maternal.panel["period"] == maternal.periods[-1]).to_numpy()
    scores = score_respondents(maternal, weights).score[latest]
    expected = np.average(scores, weights=maternal.panel.loc[latest, "weight"])
    whole = result.scores[(result.scores["platform"] == "") & (result.scores["stage"] == "")]
    np.testing.assert_allclose(whole["nominal"], expected)
    assert (whole["low"] < whole["nominal"]).all()
    width = whole.set_index("analysis").eval("high - low")
    assert width["all"] > width["new_expert"] > width["expert_posterior"]


def test_ranks_and_shares(result):
    by = ["analysis", "stage", "platform"]
    np.testing.assert_allclose(result.rank_shares.groupby(by)["share"].sum(), 1.0)
    assert (result.ranks["low"] <= result.ranks["high"]).all()
    whole = result.ranks[result.ranks["stage"] == ""]
    assert (whole.groupby("analysis")["mean"].mean() <= (whole["platform"].nunique() + 1) / 2 + 1e-9).all()
    assert (result.ranks.groupby(["analysis", "stage"])["share_first"].sum() >= 1 - 1e-9).all()


def test_shapley_effects_add_up(result):
    total = result.shapley.groupby(["set", "output"])["share"].sum()
    np.testing.assert_allclose(total, 1.0)
    # scores are nearly linear in weights: the linear part is exact
    assert result.shapley.loc[result.shapley["output"] == "score", "error"].max() < 0.05


def test_what_can_be_fixed(result):
    table = result.fixable().set_index("factor")
    assert set(table.index) == {*SETS, "exponent", "unanswered", "leave_out", "line"}
    assert (table["negligible"] == (table["total_high"] < 0.05)).all()


def test_simulated_effect_of_timeliness_is_recovered(result):
    truth = true_timeliness_effect(read_truth())
    adjusted = result.elasticity.set_index("model").loc["adjusted"]
    assert adjusted["response_low"] < truth[1.10] < adjusted["response_high"]
    end = result.curve[(result.curve["model"] == "adjusted") & (result.curve["change"] == 0.8)].iloc[0]
    assert end["low"] < truth[1.80] < end["high"]
    assert 0.1 < adjusted["linear_until_low"] <= adjusted["linear_until"] <= adjusted["linear_until_high"] < 0.8


def test_answers_explain_the_outcomes(result):
    for _, rows in result.answers.groupby("outcome"):
        assert rows["share"].sum() == pytest.approx(rows["explained"].iloc[0])
        assert (rows["low"] <= rows["share"]).all()
    repurchase = result.answers[result.answers["outcome"] == "repurchase"]
    assert repurchase.set_index("indicator")["share"].idxmax() == "F02"  # a direct effect was built in


def test_result_survives_storing_and_draws(result, tmp_path):
    result.save(tmp_path / "stored")
    again = SensitivityResult.load(tmp_path / "stored")
    assert again.quantities() == result.quantities()
    estimates = compared(result.quantities())
    assert estimates.index.is_unique
    assert estimates.notna().all(axis=None)
    assert sum(file.stat().st_size for file in (tmp_path / "stored").iterdir()) < 1_000_000
    assert again.further_figures() == ("ranks", "curve", "interactions", "dimensions", "convergence", "answers")
    for language in ("en", "zh"):
        save_figure(again.plot(language), tmp_path / language, "sensitivity")
        for name in again.further_figures():
            rendered(again.plot_further(name, language))


def test_a_sign_without_a_glyph_shows_when_a_figure_is_set():
    with figure_style():
        figure = plt.figure()
        figure.text(0.5, 0.5, "\U00012345")
    with pytest.raises(InputError, match="a sign that the fonts lack"):
        rendered(figure)


def test_seed_zero_is_reproducible(plain_study, plain):
    again, other = (run_sensitivity(plain_study, settings=PLAIN, seed=seed) for seed in (0, 1))
    assert plain.indices.equals(again.indices)
    assert plain.shapley.equals(again.shapley)
    assert not plain.indices.equals(other.indices)


def test_a_plain_study_skips_what_it_lacks(plain, tmp_path):
    result = plain
    assert {one["zh"] for one in result.remarks} >= {
        "无专家判断：权重的离散程度由设置给定",
        "机构不足两个：无法排名",
        "未指定指标与二元结果：不计算弹性",
    }
    assert set(result.indices["analysis"]) == {"all", "dirichlet", "gamma", "gamma_by_dimension"}
    assert set(result.whole("dirichlet")["factor"]) == {"only", "dummy"}
    assert result.whole("dirichlet")["first"].iloc[0] == pytest.approx(1.0, abs=0.3)
    assert result.concentration["origin"].tolist() == ["setting"]
    assert result.elasticity.empty
    assert result.ranks.empty
    assert result.answers.empty
    result.save(tmp_path / "stored")
    assert SensitivityResult.load(tmp_path / "stored").further_figures() == ("interactions", "convergence")
    for name in ("interactions", "convergence"):
        save_figure(result.plot_further(name, "en"), tmp_path / name, name)
    save_figure(result.plot("zh"), tmp_path / "main", "main")


def test_bad_settings_are_told_before_anything_runs(maternal, weights, plain_study):
    for change, message in (
        ({"indicator": "X99"}, "does not have"),
        ({"predicted": ("nothing",)}, "does not have"),
        ({"outcome": "trust"}, "binary"),
        ({"exponents": (0.0,)}, "exponent has to be positive"),
    ):
        with pytest.raises(InputError, match=message):
            run_sensitivity(maternal, weights, dataclasses.replace(SMALL, **change))
    with pytest.raises(InputError, match="lack"):
        run_sensitivity(plain_study, pd.Series({"a": 1.0}))
    with pytest.raises(InputError, match=r"do not add up: found a sum of 0\.9"):
        run_sensitivity(plain_study, pd.Series({"a": 0.3, "b": 0.3, "c": 0.3}))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"base": 100}, "power of two: found 100"),
        ({"start": 256, "base": 128}, "begins larger"),
        ({"width": 0.0}, "found 0.0, expected a number above 0"),
        ({"orders": 1}, "found 1, expected a whole number from 2"),
        ({"generator": "uniform"}, "no such generator"),
    ],
)
def test_bad_settings_are_told_by_the_settings(change, message):
    with pytest.raises(InputError, match=message):
        SensitivitySettings(**change)
