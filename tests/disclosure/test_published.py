"""Results as they are stored and written: small cells are hidden, and what is hidden cannot be worked out."""

import json

import numpy as np
import pandas as pd
import pytest

from maternal_eval.analyses.backtest.compute import run_backtest
from maternal_eval.analyses.backtest.settings import BacktestSettings
from maternal_eval.analyses.scores.compute import score_study
from maternal_eval.analyses.scores.settings import ScoresSettings
from maternal_eval.app.analysis import Analysis
from maternal_eval.app.steps import STEPS
from maternal_eval.core.errors import InputError
from maternal_eval.methods.disclosure.audit import feasible_intervals
from maternal_eval.results import ResultStore
from maternal_eval.results.published import PUBLISHED, protect
from maternal_eval.study import Study
from tests.disclosure.conftest import SIZES, panel

MINIMUM = 10
SMALL = ("alpha", "before", 2021)


def scored(folder):
    study = Study.read(folder)
    whole = score_study(study, ScoresSettings(resamples=20), seed=1)
    return whole, protect(whole, "scores", study)


def cells(table, columns=("platform", "stage", "period")):
    return set(table[list(columns)].itertuples(index=False, name=None))


def test_the_small_cell_and_three_more_are_not_shown(folder):
    whole, shown = scored(folder)
    hidden = cells(whole.scores) - cells(shown.scores)
    assert SMALL in hidden
    assert len(hidden) == 4
    assert {year for *_, year in hidden} == {2021}
    # all of 2020 and all margins stay, with the numbers they had
    kept = whole.scores.merge(shown.scores, on=["platform", "stage", "period"])
    np.testing.assert_array_equal(kept["score_x"], kept["score_y"])
    pd.testing.assert_frame_equal(shown.margins, whole.margins)
    sentence = shown.remarks[-1]
    assert sentence["en"] == (
        "1 cells with fewer than 10 answers are not shown ([disclosure] minimum; tables: scores), and 3 more so that "
        "none can be worked out from totals or other tables."
    )
    assert "1 个答案不足 10 份的单元不予显示" in sentence["zh"]


def attack(tables, measure):
    """Solve for every cell from all shown tables; ``measure``: the number n, or the sum of the scores."""
    keys = list(SIZES)
    matrix, totals = [], []
    for table in tables:
        for row in table.to_dict("records"):
            inside = [
                all(pd.isna(row.get(name, np.nan)) or row[name] == level for name, level in zip(
                    ("platform", "stage", "period"), key, strict=True
                ))
                for key in keys
            ]  # fmt: skip
            matrix.append(np.array(inside, dtype=float))
            totals.append(row["n"] if measure == "n" else row["n"] * row["score"])
    return keys, np.array(matrix), np.array(totals)


def test_an_attacker_with_all_tables_learns_no_small_cell(folder):
    whole, shown = scored(folder)
    keys, matrix, totals = attack([shown.scores, shown.margins], "n")
    at = keys.index(SMALL)
    (low, high), = feasible_intervals(matrix, totals, targets=[at])  # fmt: skip
    assert high - low >= MINIMUM
    # the same attack on everything that was computed gives the two respondents away exactly
    keys, matrix, totals = attack([whole.scores[whole.scores["platform"] != "alpha"], whole.margins], "n")
    np.testing.assert_allclose(feasible_intervals(matrix, totals, targets=[at]), [[2, 2]], atol=1e-6)
    # and neither does the sum of scores follow from the sums that are shown
    _, matrix, totals = attack([shown.scores, shown.margins], "score")
    unit = np.zeros(len(keys))
    unit[at] = 1.0
    assert np.linalg.matrix_rank(np.vstack([matrix, unit])) == np.linalg.matrix_rank(matrix) + 1


def test_every_table_of_a_study_hides_the_same_cells(folder):
    """What scores hide for the sake of another cell, no other analysis may show."""
    study = Study.read(folder)
    whole, shown = scored(folder)
    hidden = cells(whole.scores) - cells(shown.scores)
    importance = STEPS["importance"].compute(study, settings=STEPS["importance"].settings_for(study, True), seed=1)
    ranked = protect(importance, "importance", study)
    assert set(ranked.leave_out["units"]) == {"platform", "platform × stage"}
    for units in (importance.ranks["unit"], importance.wins["unit"]):
        assert units.empty  # without experts there is none
    from maternal_eval.study.small_cells import StudyCells

    found = {(platform, stage, int(period)) for platform, stage, period in StudyCells.of(study, MINIMUM).hidden}
    assert found == hidden


def test_an_indicator_that_few_answered_in_a_stage_has_no_stars_there(folder):
    answers = panel()
    rows = answers.index[(answers["stage"] == "after") & (answers["year"] == 2020)]
    answers.loc[rows[:-4], "A2"] = np.nan
    answers.to_csv(folder / "panel.csv", index=False)
    whole, shown = scored(folder)
    lost = cells(whole.stars, ("indicator", "stage", "period")) - cells(shown.stars, ("indicator", "stage", "period"))
    assert ("A2", "after", 2020) in lost
    # the stars of all stages are shown: another stage goes too, or the four follow from it
    assert len(lost) == 2
    assert ("A2", "", 2020) not in lost


def test_what_is_stored_and_written_holds_no_small_cell(folder, tmp_path_factory):
    store = ResultStore(tmp_path_factory.mktemp("store"))
    analysis = Analysis.compute(folder, store, quick=True)
    for name in ("check", "scores"):
        result = analysis.result(name)
        text = json.loads(json.dumps(result.to_json()))
        column = {"check": "answers", "scores": "n"}[name]
        table = {"check": "cells", "scores": "scores"}[name]
        numbers = [row[column] for row in text[table]]
        assert numbers
        assert min(numbers) >= MINIMUM
        stored = store.load(STEPS[name].result_class, "few", name)
        assert stored.to_json()[table] == text[table]
        assert stored.remarks == result.remarks


def test_columns_that_few_answered_show_no_extremes(folder):
    answers = panel()
    answers.loc[3:, "B1"] = np.nan
    answers.to_csv(folder / "panel.csv", index=False)
    study = Study.read(folder)
    step = STEPS["check"]
    whole = step.compute(study, settings=step.settings_for(study, True))
    shown = protect(whole, "check", study).answers.set_index("column")
    assert whole.answers.set_index("column").loc["B1", "answered"] == 3
    assert shown.loc["B1", ["smallest", "largest"]].isna().all()
    assert shown.loc["A1", ["smallest", "largest"]].tolist() == [1, 5]


def test_minimum_is_the_studys(folder):
    text = (folder / "study.toml").read_text()
    (folder / "study.toml").write_text(text + "\n[disclosure]\nminimum = 1\n")
    whole, shown = scored(folder)
    assert cells(shown.scores) == cells(whole.scores)
    (folder / "study.toml").write_text(text + "\n[disclosure]\nminimum = 1000\n")
    with pytest.raises(InputError, match=r"column disclosure.minimum: no cell has enough answers to be shown"):
        scored(folder)


def forecasts(folder, small, counted):
    """Splits and cells that were forecast, and those that are shown, with the small cell in the year ``small``."""
    answers = panel()
    even = answers[answers["year"] == 2020]
    other = {2019: 2021, 2021: 2019}[small]
    answers = pd.concat([answers.replace({"year": {2021: small}}), even.assign(year=other)])
    text = (folder / "study.toml").read_text().replace('respondent = "respondent"\n', "")
    if counted:
        answers = answers.groupby(["year", "stage", "platform", "sat"]).size().rename("n").reset_index()
        form = 'file = "panel.csv"\nkind = "counts"\n[counts]\nanswer = "sat"\ncount = "n"'
        text = text.replace('file = "panel.csv"', form, 1)
    text = text[: text.index("[dimensions]")] + text[text.index("[outcomes]") :]
    answers.to_csv(folder / "panel.csv", index=False)
    (folder / "study.toml").write_text(text)
    study = Study.read(folder)
    settings = BacktestSettings(forecasters=("training_mean",), units=("platform", "stage"), draws=40, replicates=2)
    whole = run_backtest(study, settings, seed=1)
    shown = protect(whole, "backtest", study)
    return tuple(set(one.forecasts[["split", "unit"]].itertuples(index=False, name=None)) for one in (whole, shown))


@pytest.mark.parametrize("counted", [False, True])
def test_a_small_cell_hides_no_forecast_that_was_made_before_it(folder, counted):
    whole, shown = forecasts(folder, 2021, counted)
    assert len([unit for split, unit in whole if split == "2019 to 2020"]) == 9
    lost = whole - shown
    # the small cell itself is not forecast; three large ones from which it would follow are not shown
    assert len(lost) == 3
    assert {split for split, _ in lost} == {"2019-2020 to 2021"}


@pytest.mark.parametrize("counted", [False, True])
def test_what_follows_a_hidden_cell_is_hidden_where_the_cell_went_into_it(folder, counted):
    whole, shown = forecasts(folder, 2019, counted)
    lost = whole - shown
    assert {split for split, _ in lost} == {"2019 to 2020", "2019-2020 to 2021"}
    assert len({unit for _, unit in lost}) == 3
    # of the small cell itself no forecast was made, since it is below the minimum of the backtest
    assert ("2019-2020 to 2021", "alpha × before") in shown


@pytest.mark.parametrize("wrong", ["minimum = 0", "minimum = 1001", 'minimum = "few"', "minimum = true", "least = 3"])
def test_a_minimum_beyond_its_range_is_refused(folder, wrong):
    with (folder / "study.toml").open("a") as file:
        file.write(f"\n[disclosure]\n{wrong}\n")
    with pytest.raises(InputError, match="disclosure"):
        Study.read(folder)


def test_figures_are_drawn_from_what_is_left(folder):
    text = (folder / "study.toml").read_text()
    (folder / "study.toml").write_text(text + "\n[disclosure]\nminimum = 70\n")
    _, shown = scored(folder)
    assert shown.scores.empty
    assert len(shown.margins)
    shown.plot("zh")
    for name in shown.further_figures():
        shown.plot_further(name)


def test_rows_that_are_cells_and_not_respondents_are_shown(folder):
    """One row per platform, stage and year, and nobody named: figures of cells, which are nobody's answers."""
    means = panel().groupby(["platform", "stage", "year"], as_index=False)[["A1", "A2", "B1", "sat"]].mean().round(0)
    means.to_csv(folder / "panel.csv", index=False)
    text = (folder / "study.toml").read_text()
    (folder / "study.toml").write_text(text.replace('respondent = "respondent"\n', ""))
    whole, shown = scored(folder)
    assert len(shown.scores) == len(whole.scores) == len(SIZES)


def test_the_table_of_published_cells_names_fields_of_the_results():
    """A table that is renamed, or a count that is, would be published unguarded."""
    for analysis, tables in PUBLISHED.items():
        fields = STEPS[analysis].result_class.__dataclass_fields__
        assert {spec.table for spec in tables} <= set(fields)
