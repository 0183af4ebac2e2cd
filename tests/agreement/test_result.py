"""Agreement of studies: what the built-in one holds, what others lack, and bad input."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from maternal_eval.analyses.agreement.compute import analyse_agreement
from maternal_eval.analyses.agreement.result import AgreementResult
from maternal_eval.analyses.agreement.settings import AgreementSettings, LogLink
from maternal_eval.app.steps import STEPS, unmet
from maternal_eval.core.errors import InputError
from maternal_eval.study.tables import SOURCES
from tests.hostile.tiny import LOG, Tiny, call


@pytest.fixture(scope="module")
def found(maternal) -> AgreementResult:
    settings = replace(STEPS["agreement"].settings_for(maternal, quick=False), resamples=300)
    return analyse_agreement(maternal, settings, seed=7)


def test_every_source_has_the_error_that_was_simulated(root, found):
    truth = json.loads((root / "data" / "truth" / "maternal.json").read_text(encoding="utf-8"))
    error = truth["anxiety_disagreement"]
    assert ((found.sources["error_low"] <= error) & (error <= found.sources["error_high"])).all()
    assert found.shared["low"].le(0).all()
    assert found.shared["high"].ge(0).all()  # nobody shares


def test_ninety_two_per_cent_hold_at_one_tolerance_under_one_definition(found):
    table = found.tolerances.set_index("definition")
    assert found.asked == 0.92
    assert found.published
    assert table.loc["all", "needed"] == 20
    assert table.loc["all", "share"] == pytest.approx(0.923, abs=5e-4)
    assert table.loc["majority", "needed"] < table.loc["first", "needed"] < table.loc["all", "needed"]
    # a source lies within 20 points of the truth more often than three of them lie together
    assert found.quantities()["accurate.truth_self_report"].value > 0.99


def test_leaving_out_discordant_records_makes_agreement_look_better(found):
    assert found.agreed_kept > found.agreed_all + 0.02
    whole = found.dropped[found.dropped["factor"] == ""]
    assert (whole["change_low"] <= whole["change"]).all()
    assert set(found.dropped["factor"]) == {"", "period", "stage"}


def test_items_against_the_log_that_the_simulation_ties_to_them(found):
    log = found.log.set_index(["item", "measure", "level"])["value"]
    assert log["F02", "actual_response_minutes", "within"] < -0.8  # timeliness follows the logged time
    assert log["F05", "returns / orders", "between"] < -0.7  # goods that match are returned less
    assert log["repurchase", "repurchases / orders", "between"] > 0.9
    # replies follow the year alone: nothing is left of them within periods
    low, high = found.log.set_index(["item", "measure", "level"]).loc[
        ("S01", "replies / posts", "both"), ["low", "high"]
    ]
    assert low < 0 < high
    assert found.log_columns["use"].ne("").all()


def test_a_reading_of_no_error_takes_the_items_share_of_the_error(found):
    table = found.precision
    largest = table.loc[table["kind"] == "largest", "gain"].item()
    assert table.loc[(table["kind"] == "gained") & (table["error"] == 0), "gain"].item() == pytest.approx(largest)
    required = table[table["kind"] == "required"]
    assert required["error"].dropna().is_monotonic_decreasing
    assert (required["gain"] > largest).equals(required["error"].isna())


def test_it_can_be_stored_drawn_and_told(found, tmp_path):
    found.check_tables()
    found.save(tmp_path)
    assert AgreementResult.load(tmp_path).quantities().keys() == found.quantities().keys()
    assert set(found.figure_table()) == {"", "limits", "log"}
    for language in ("en", "zh"):
        for name in found.figure_table():
            found.plot(language, name)
    assert {"sources", "accuracy", "log"} <= found.reported().tables.keys()


def _records(n=60, **columns):
    random = np.random.default_rng(0)
    truth = 50 + 15 * random.standard_normal(n)
    table = {name: np.clip(truth + 5 * random.standard_normal(n), 0, 100).round(1) for name in SOURCES}
    return pd.DataFrame({"record": [f"r{at}" for at in range(n)], **table, **columns})


def _tiny(records: pd.DataFrame | None = None) -> Tiny:
    tiny = Tiny()
    if records is not None:
        tiny.toml('platform_log = "log.csv"', 'platform_log = "log.csv"\ntriangulation = "sources.csv"')
        tiny.put("sources.csv", records.to_csv(index=False))
    return tiny


def _refused(tmp_path, monkeypatch, tiny: Tiny) -> str:
    tiny.write(tmp_path / "study")
    monkeypatch.chdir(tmp_path)
    done = call("agreement", "study", "--quick")
    assert done.code == 2
    assert "Traceback" not in done.err
    assert done.err.strip()
    return done.err


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda t: t.drop(columns=[*SOURCES[1:]]), "one source alone"),
        (lambda t: t.assign(service_record=40), "never varies"),
        (lambda t: t.assign(third_party=t["third_party"] / 100), "not on one scale"),
        (lambda t: t.iloc[:29], "too few records"),
        (lambda t: t.assign(third_party=t["third_party"].where(t.index < 12)), "too few records"),
        (lambda t: t.assign(self_report=t["self_report"].mask(t.index == 3, 140)), "140"),
        (lambda t: t.assign(self_report=t["self_report"].astype(object).mask(t.index == 3, "calm")), "calm"),
    ],
)
def test_records_that_cannot_be_compared_end_in_one_sentence(tmp_path, monkeypatch, change, said):
    err = _refused(tmp_path, monkeypatch, _tiny(change(_records())))
    assert said in err
    assert "sources.csv" in err


def test_a_log_of_other_platforms_ends_in_one_sentence(tmp_path, monkeypatch):
    tiny = _tiny(_records()).put("log.csv", LOG.replace("north", "east").replace("south", "west"))
    assert "no platform of the log is in the panel" in _refused(tmp_path, monkeypatch, tiny)


def test_a_further_source_needs_its_name_and_words_in_it_are_refused(tmp_path, monkeypatch):
    random = np.random.default_rng(1)
    table = _records()
    table = table.assign(wearable=(table["self_report"] + random.standard_normal(60)).clip(0, 100).round(1))
    names = 'sources = ["self_report", "service_record", "third_party", "wearable"]'
    monkeypatch.chdir(tmp_path)
    _tiny(table).setting("agreement", names).write(tmp_path / "four")
    done = call("agreement", "four", "--quick", "--json", "four.json")
    assert done.code == 0, done.err
    found = json.loads((tmp_path / "four.json").read_text(encoding="utf-8"))["result"]
    assert [row["source"] for row in found["sources"]][-1] == "wearable"
    assert len(found["limits"]) == 6
    spoilt = _tiny(table.assign(wearable="much")).setting("agreement", names)
    assert "off the scale" in _refused(tmp_path, monkeypatch, spoilt)


def test_two_sources_have_limits_and_no_errors(tmp_path, monkeypatch):
    from maternal_eval.study import Study

    folder = _tiny(_records().drop(columns="third_party")).write(tmp_path / "two")
    found = analyse_agreement(Study.read(folder), AgreementSettings(resamples=50))
    assert len(found.limits) == 1
    assert found.sources["error"].isna().all()
    assert found.shared.empty
    said = " ".join(one["en"] for one in found.remarks)
    assert "nothing says whose the error is" in said
    assert "no source third_party" in said
    assert "which no analysis of this study reads" in said  # no link names a column of the log
    found.check_tables()
    found.plot("en")


def test_gaps_and_platforms_that_are_only_logged_are_told(tmp_path):
    from maternal_eval.study import Study

    table = _records()
    table.loc[:9, "third_party"] = np.nan
    more = "".join(line.replace("north", "harbour") + "\n" for line in LOG.splitlines() if "north" in line)
    folder = _tiny(table).put("log.csv", LOG + more).write(tmp_path / "gaps")
    links = (LogLink("A1", "actual_response_minutes", weight="enquiries", rises=False),)
    found = analyse_agreement(Study.read(folder), AgreementSettings(resamples=50, links=links))
    said = " ".join(one["en"] for one in found.remarks)
    assert "10 of 60 records" in said
    assert "harbour" in said
    assert "fewer than 3" in said  # two shops make no association
    assert found.log.empty


def test_a_study_without_records_and_log_says_what_it_lacks(maternal):
    bare = replace(maternal, tables={})
    assert unmet(STEPS["agreement"], bare) == ["triangulation records or a platform log"]
    with pytest.raises(InputError, match="nothing to compare"):
        analyse_agreement(bare)
