"""The instrument of studies: what the built-in one holds against its truth, small and spoilt ones."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from maternal_eval.analyses.instrument.compute import analyse_instrument
from maternal_eval.analyses.instrument.jackknife import jackknife_interval
from maternal_eval.analyses.instrument.result import InstrumentResult
from maternal_eval.analyses.instrument.settings import InstrumentSettings
from maternal_eval.app.steps import STEPS, unmet
from maternal_eval.core.errors import InputError
from maternal_eval.study import Study
from tests.hostile.tiny import Tiny, call

STUDY = """
[study]
name = "made"
zh = "生成的研究"
en = "Made study"
simulated = true
[panel]
file = "panel.csv"
[columns]
segments = ["tier"]
[indicators]
file = "indicators.csv"
[outcomes]
overall = { column = "overall", kind = "ordinal", zh = "总体", en = "Overall" }
"""


def _made(folder, rows=2500, bias=0.9, dimensions=("a",) * 6 + ("b",) * 6, seed=3, change=None) -> Study:
    """Write a study of two dimensions that correlate 0.5; the second item of the first is biased in tier "low".

    The tiers differ by half a standard deviation in what is measured, which is no bias.
    """
    random = np.random.default_rng(seed)
    tier = random.integers(0, 3, rows)
    names = list(dict.fromkeys(dimensions))
    common = random.standard_normal(rows)
    true = {name: np.sqrt(0.5) * common + np.sqrt(0.5) * random.standard_normal(rows) + 0.25 * tier for name in names}
    codes = [f"Q{at}" for at in range(len(dimensions))]
    panel = pd.DataFrame({"tier": np.array(["low", "middle", "top"])[tier]})
    for at, (code, name) in enumerate(zip(codes, dimensions, strict=True)):
        latent = 1.5 * true[name] + random.logistic(size=rows) - (bias * (tier == 0) if at == 1 else 0)
        panel[code] = 1.0 + np.digitize(latent, [-2, -0.7, 0.7, 2])
        panel.loc[random.random(rows) < 0.1, code] = np.nan
    panel["overall"] = np.clip(np.rint(3 + common), 1, 5)
    if change is not None:
        panel = change(panel)
    folder.mkdir()
    (folder / "study.toml").write_text(STUDY, encoding="utf-8")
    table = pd.DataFrame({"code": codes, "dimension": dimensions})
    table.to_csv(folder / "indicators.csv", index=False)
    panel.to_csv(folder / "panel.csv", index=False)
    return Study.read(folder)


@pytest.fixture(scope="module")
def found(maternal) -> InstrumentResult:
    return analyse_instrument(maternal, InstrumentSettings(folds=4, batches=8, groups=("city_tier",)), seed=1)


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> InstrumentResult:
    study = _made(tmp_path_factory.mktemp("made") / "study")
    return analyse_instrument(study, InstrumentSettings(folds=5, batches=10), seed=2)


def test_the_items_that_the_simulation_shifts_in_the_lowest_tier_are_those_found(root, found):
    truth = json.loads((root / "data" / "truth" / "maternal.json").read_text(encoding="utf-8"))["items"]
    shifts = np.array(truth["tier"])  # tiers × items, on the latent scale
    codes = found.loadings["indicator"].tolist()
    true = pd.Series(np.ptp(shifts, axis=0), codes)
    spread = found.differential.set_index("indicator")["spread"].reindex(codes)
    large = spread[found.differential.set_index("indicator")["size"].reindex(codes) != "negligible"]
    assert set(large.index) == set(true.nlargest(len(large)).index)
    assert spread.corr(true) > 0.95
    # an item without a shift of its own is not taken for one with it
    assert spread[true < 0.05].max() < 0.43


def test_three_dimensions_are_predicted_better_than_one(found):
    gained = found.models.set_index("model")["gained"]
    assert gained["one"] < gained["groups"] <= gained["bifactor"] + 1e-3
    one = found.models.set_index("model").loc["one"]
    assert one["high"] < 0
    assert found.factors["value"].between(0.5, 0.7).all()  # dimensions correlate 0.5, leniency is shared
    assert not found.pairs["redundant"].any()


def test_segments_are_mix_and_within(found, maternal):
    table = found.segments
    np.testing.assert_allclose(table["mix"] + table["within"], table["gap"], atol=1e-9)
    panel = maternal.panel
    mine = panel[panel["city_tier"] == "third_and_below"]
    row = table[(table["group"] == "third_and_below") & (table["quantity"] == "satisfaction")].iloc[0]
    assert row["mean"] == pytest.approx(np.average(mine["satisfaction"], weights=mine["weight"]))
    assert row["gap"] == pytest.approx(row["mean"] - np.average(panel["satisfaction"], weights=panel["weight"]))
    assert abs(row["mix"]) < 0.02  # platform, stage and tier are drawn independently


def test_a_biased_item_is_found_and_the_others_are_not(made):
    table = made.differential.set_index("indicator")
    assert table["flagged"].sum() <= 2
    assert table.loc["Q1", "flagged"]
    assert table.loc["Q1", "size"] == "large"
    assert table["spread"].idxmax() == "Q1"
    effect = made.effects[made.effects["indicator"] == "Q1"].set_index("group")["effect"]
    assert effect["middle"] - effect["low"] == pytest.approx(0.9, abs=0.25)


def test_correcting_a_biased_item_raises_the_group_that_it_harms(made):
    moved = made.corrected[made.corrected["units"] == "tier"].set_index("unit")["change"]
    assert moved["low"] > 0.5 > 0 > moved["top"]


def test_two_dimensions_are_told_from_one(made):
    table = made.models.set_index("model")
    assert table.loc["groups", "held_out"] > table.loc["one", "held_out"]
    # both dimensions follow the tier, which adds to their correlation of 0.5
    assert made.factors["low"].item() < 0.55 < made.factors["high"].item() + 0.05
    assert made.everybody()["omega"].between(0.80, 0.95).all()
    assert (made.reliability["omega_low"] < made.reliability["omega"]).all()


def test_two_items_that_say_the_same_are_redundant(tmp_path):
    def copied(panel):
        random = np.random.default_rng(1)
        return panel.assign(Q3=panel["Q2"].where(random.random(len(panel)) < 0.8, panel["Q3"]))

    study = _made(tmp_path / "twins", bias=0.0, change=copied)
    found = analyse_instrument(study, InstrumentSettings(folds=4, batches=8))
    assert found.pairs[["indicator", "other"]].iloc[0].tolist() == ["Q2", "Q3"]
    assert found.pairs["redundant"].tolist()[:2] == [True, False]


def test_it_can_be_stored_drawn_and_told(found, tmp_path):
    found.check_tables()
    found.save(tmp_path)
    assert InstrumentResult.load(tmp_path).quantities().keys() == found.quantities().keys()
    assert set(found.figure_table()) == {"", "models", "differential", "segments"}
    for language in ("en", "zh"):
        for name in found.figure_table():
            found.plot(language, name)
    assert {"reliability", "models", "differential", "segments"} <= found.reported().tables.keys()


def test_a_dimension_of_one_or_two_items_and_a_group_without_answers_are_told(tmp_path):
    def silent(panel):
        panel.loc[panel["tier"] == "top", [f"Q{at}" for at in range(9)]] = np.nan
        return panel

    dimensions = ("a",) * 6 + ("b", "b", "c")
    study = _made(tmp_path / "few", dimensions=dimensions, change=silent)
    found = analyse_instrument(study, InstrumentSettings(folds=4, batches=8))
    said = " ".join(one["en"] for one in found.remarks)
    assert "c: one item has no reliability" in said
    assert "Q8: the only item of its dimension" in said
    assert "tier top" in said
    assert "b: fewer than 3 other items" in said
    whole = found.everybody().set_index("dimension")
    assert whole.index.tolist() == ["a", "b"]
    assert whole.loc["b", "alpha"] == pytest.approx(whole.loc["b", "omega"], abs=1e-6)  # two items: the same
    assert "top" not in set(found.effects["group"])
    found.check_tables()


def test_answers_that_never_vary_are_left_out_and_one_item_alone_is_refused(tmp_path):
    flat = _made(tmp_path / "flat", change=lambda panel: panel.assign(Q0=3.0))
    found = analyse_instrument(flat, InstrumentSettings(folds=4, batches=8))
    assert found.items == 11
    assert any(one["en"].startswith("Q0: everybody gives the same answer") for one in found.remarks)
    alone = dict.fromkeys([f"Q{at}" for at in range(11)], 3.0)
    study = _made(tmp_path / "one", change=lambda panel: panel.assign(**alone))
    with pytest.raises(InputError, match="too few indicators with ordered answers"):
        analyse_instrument(study)


def test_a_study_of_few_respondents_ends_in_one_sentence(tmp_path, monkeypatch):
    Tiny().write(tmp_path / "study")
    monkeypatch.chdir(tmp_path)
    done = call("instrument", "study", "--quick")
    assert done.code == 2
    assert "too few respondents" in done.err
    assert "fewest" in done.err
    done = call("instrument", "study", "--quick", "--json", "x.json")
    assert done.code == 2


def test_a_study_without_ordered_items_says_what_it_lacks(maternal):
    bare = replace(maternal, model=replace(maternal.model, indicators=maternal.model.indicators[:1]))
    assert unmet(STEPS["instrument"], bare) == ["at least two indicators with whole answers"]


def test_real_surveys_are_examined(root, shared_data):
    kiosk = Study.read(root / "data" / "kiosk", shared_data / "kiosk" / "kiosk_tidy.csv")
    found = analyse_instrument(kiosk, InstrumentSettings(folds=4, batches=8))
    assert len(found.everybody()) == 8
    assert found.best in ("groups", "bifactor")
    assert found.differential.empty  # too few men to compare with
    assert any("not compared" in one["en"] for one in found.remarks)


def test_the_jackknife_of_a_mean_is_that_of_students_t():
    values = np.random.default_rng(0).standard_normal(40)
    batches = values.reshape(20, 2)
    without = (values.sum() - batches.sum(axis=1)) / 38
    low, high = jackknife_interval(values.mean(), without)
    error = batches.mean(axis=1).std(ddof=1) / np.sqrt(20)
    assert float(high - low) == pytest.approx(2 * 1.729 * error, rel=1e-3)
