"""`new --from`: a valid study from files of many shapes; what was guessed is marked and what is open is a doubt."""

import datetime

import numpy as np
import pandas as pd
import pytest

from maternal_eval.app.cli import app
from maternal_eval.core.errors import InputError
from maternal_eval.study import Study
from maternal_eval.study.draft.drafting import draft_study

from . import shapes


def drafted(tmp_path, make, **options):
    """Return the draft of a file, and the study that stands in the folder without any edit."""
    file = make if hasattr(make, "is_file") else make(tmp_path)
    found = draft_study(tmp_path / "study", file, **options)
    assert found.refusals == ()
    return found, Study.read(tmp_path / "study")


def doubts(found):
    return " ".join(one["en"] for one in found.proposal.doubts)


SHAPES = {
    shapes.chinese_platform: (4, ["satisfaction", "recommend"], "respondent period stage"),
    shapes.spss: (5, ["satisfaction"], "respondent period stage"),
    shapes.stata: (3, ["satisfaction"], "respondent period stage"),
    shapes.merged_workbook: (6, ["satisfaction"], "respondent platform"),
    shapes.utf16: (4, ["satisfaction"], "respondent period platform"),
    shapes.semicolons: (4, ["satisfaction"], "respondent period weight"),
    shapes.one_row_per_answer: (4, ["satisfaction"], "respondent stage"),
    shapes.parquet: (5, ["satisfaction", "again"], "respondent period stage"),
    shapes.english_form: (3, ["satisfaction", "recommend"], "period"),
    shapes.recommendations_only: (0, ["recommend"], "period"),
    shapes.three_header_rows: (3, ["satisfaction"], "respondent period"),
    shapes.numeric_export: (5, ["satisfaction"], "respondent period stage"),
    shapes.percentages: (3, ["satisfaction"], "period platform"),
    shapes.kano_in_words: (0, ["satisfaction"], "respondent"),
    shapes.independent_numbers: (8, ["satisfaction"], ""),
}


@pytest.mark.parametrize("make", SHAPES, ids=lambda make: make.__name__)
def test_a_file_becomes_a_valid_study_without_an_edit(tmp_path, make):
    indicators, outcomes, parts = SHAPES[make]
    found, study = drafted(tmp_path, make)
    assert len(study.model.indicators) == indicators
    assert list(study.outcomes) == outcomes
    assert set(found.proposal.parts) == set(parts.split())
    assert not (study.stages and study.stages_ordered)
    assert len(study.panel) == shapes.ROWS
    # Every answer of a column used is an answer or declared missing, and most are answers.
    assert (study.panel[[*study.model.codes, *study.outcomes]].notna().mean() > 0.85).all()
    text = (tmp_path / "study" / "study.toml").read_text(encoding="utf-8")
    assert "guessed" in text
    assert all(one["en"] and one["zh"] for one in found.proposal.doubts)


def test_what_names_persons_and_durations_is_dropped_and_named(tmp_path):
    found, study = drafted(tmp_path, shapes.chinese_platform)
    assert set(found.proposal.identifiers) == {"来自IP", "6、手机号"}
    assert "Dropped, because they name persons: 来自IP (IP address), 手机号 (telephone number)" in doubts(found)
    assert "durations: 所用时间" in doubts(found)
    text = (tmp_path / "study" / "study.toml").read_text(encoding="utf-8")
    assert "13800130000" not in text
    assert 'order = ["备孕期", "孕早期", "孕中期", "孕晚期", "产后"]' in doubts(found)
    assert study.panel["recommend"].max() == 10
    assert study.timeline.kind == "quarter"


def test_answers_keep_their_numbers(tmp_path):
    found, study = drafted(tmp_path, shapes.chinese_platform)
    raw = pd.read_csv(tmp_path / "问卷.csv", encoding="gbk", header=1)
    words = dict(zip(shapes.SATISFIED, range(1, 6), strict=True))
    column = next(one.column for one in found.proposal.indicators if one.column == "物流时效")
    code = next(one.code for one in found.proposal.indicators if one.column == column)
    np.testing.assert_array_equal(study.panel[code].to_numpy(), raw["物流时效"].map(words).to_numpy(dtype=float))


def test_labels_of_an_spss_file_are_used(tmp_path):
    _, study = drafted(tmp_path, shapes.spss)
    assert [one.name_zh for one in study.model.indicators] == ["响应速度", "专业性", "关怀", "物流", "价格"]
    assert study.panel["q1"].isna().sum() == len(range(0, shapes.ROWS, 17))


def test_codes_that_are_only_labelled_are_no_answers_and_labels_tell_the_direction(tmp_path):
    file = shapes.spss(tmp_path, declared=False, downwards=True)
    found, study = drafted(tmp_path, file)
    assert study.panel["q1"].max() == 5
    assert study.panel["satisfaction"].max() == 5
    assert all(one.reversed for one in study.model.indicators)
    assert not study.outcomes["satisfaction"].reversed
    assert "a smaller number is the better answer" in doubts(found)


def test_pairs_of_kano_questions_are_found(tmp_path):
    found, study = drafted(tmp_path, shapes.kano_in_words)
    assert len(found.proposal.kano) == 3
    assert len(study.kano_answers) == 3 * shapes.ROWS


def test_a_file_of_counts_is_one_of_counts(tmp_path):
    frame = pd.DataFrame([(year, shop, star) for year in (2021, 2022) for shop in "AB" for star in range(1, 6)])
    frame.columns = ["year", "shop", "stars"]
    frame.assign(vine=0, n=range(3, 23)).to_csv(tmp_path / "counts.csv", index=False)
    found = draft_study(tmp_path / "study", tmp_path / "counts.csv")
    assert found.refusals == ()
    study = Study.read(tmp_path / "study")
    assert study.definition.panel.kind == "counts"
    assert "taken for counts" in doubts(found)
    assert study.counted.rows == sum(range(3, 23))


def test_a_large_panel_is_counted_as_it_would_be_read(tmp_path, monkeypatch):
    from maternal_eval.study import large

    _, study = drafted(tmp_path, shapes.chinese_platform)
    monkeypatch.setattr(large, "MOST_CELLS", 1000)
    counted = Study.read(tmp_path / "study")
    rules = {rule.name: rule for rule in counted.rules}
    tally = counted.counted.tally([rules["stage"], rules["satisfaction"]])
    expected = study.panel.groupby(["stage", "satisfaction"], observed=True).size()
    assert tally.set_index(["stage", "satisfaction"])["rows"].to_dict() == expected.to_dict()
    assert {one["en"] for one in counted.remarks} == {one["en"] for one in study.remarks}


def _periods(tmp_path, **columns):
    s = shapes.Simulated(20)
    frame = pd.DataFrame({f"q{n}": s.scale() for n in range(4)} | {"overall": s.scale()} | columns)
    frame.to_csv(tmp_path / "p.csv", index=False)
    return drafted(tmp_path, tmp_path / "p.csv")


def test_two_columns_that_could_both_be_the_period_are_a_doubt_with_both_lines(tmp_path):
    days = shapes.Simulated(20).days
    later = days + pd.to_timedelta(90, unit="D")
    found, study = _periods(tmp_path, order_date=days.strftime("%Y-%m-%d"), visit_date=later.strftime("%Y-%m-%d"))
    assert not study.periods
    assert "order_date and visit_date could each be the period" in doubts(found)
    line = 'period = { column = "visit_date", by = "quarter" }'
    assert line in doubts(found)
    path = tmp_path / "study" / "study.toml"
    text = path.read_text(encoding="utf-8")
    assert f"# {line}" in text
    path.write_text(text.replace(f"# {line}", line), encoding="utf-8")
    assert Study.read(tmp_path / "study").periods


def test_a_due_date_is_offered_for_stages(tmp_path):
    days = shapes.Simulated(20).days
    due = days + pd.to_timedelta(np.arange(len(days)) % 400 - 200, unit="D")
    found, _ = _periods(tmp_path, survey_date=days.strftime("%Y-%m-%d"), due_date=due.strftime("%Y-%m-%d"))
    line = 'stage = { from = "survey_date", origin = "due_date", cuts = [0, 42, 365] }'
    assert line in doubts(found)
    path = tmp_path / "study" / "study.toml"
    mended = line.replace("[0, 42, 365]", "[0, 42]")
    path.write_text(path.read_text(encoding="utf-8").replace("[columns]", f"[columns]\n{mended}"), encoding="utf-8")
    study = Study.read(tmp_path / "study")
    assert study.stages == ("before 0 days", "0 to below 42 days", "from 42 days")
    assert study.panel["stage"].notna().all()


def test_rows_without_a_date_are_left_out_and_that_is_said(tmp_path):
    days = shapes.Simulated(20).days.strftime("%Y-%m-%d").to_series().reset_index(drop=True)
    found, study = _periods(tmp_path, date=days.where(days.index % 10 > 0))
    assert len(study.panel) == shapes.ROWS * 9 // 10
    assert "24 rows have nothing in date" in doubts(found)
    assert any("24 of 240 rows are left out" in one["en"] for one in study.remarks)


def test_an_open_order_of_day_and_month_is_a_doubt(tmp_path):
    days = [f"{1 + n % 12}/{1 + n % 11}/2024" for n in range(shapes.ROWS)]
    found, _ = _periods(tmp_path, date=days)
    assert "whether 3/5 is in March or in May" in doubts(found)


def test_stray_codes_are_declared_and_the_scale_stays(tmp_path):
    s = shapes.Simulated(21)
    frame = pd.DataFrame({f"q{n}": s.scale() for n in range(5)} | {"overall": s.scale()})
    frame.loc[::9, "q1"], frame.loc[::11, "q2"], frame.loc[::13, "q3"] = 99, 9, -1
    frame.to_csv(tmp_path / "p.csv", index=False)
    _, study = drafted(tmp_path, tmp_path / "p.csv")
    assert {(one.low, one.high) for one in study.model.indicators} == {(1, 5)}
    assert study.panel[["q1", "q2", "q3"]].isna().sum().tolist() == [27, 22, 19]


def test_the_number_of_rows_above_the_answers_can_be_said(tmp_path):
    s = shapes.Simulated(22, 30)
    rows = [["Survey of 2024", "", ""], ["a", "b", "overall"], *zip(*(s.scale() for _ in range(3)), strict=True)]
    file = shapes.write_rows(tmp_path / "p.csv", rows)
    found, study = drafted(tmp_path, file, header=2)
    assert set(found.proposal.used) == {"a", "b", "overall"}
    assert len(study.panel) == 30


REFUSED = {
    "nothing": (b"", "the file is empty"),
    "names alone": (b"a,b,c\n", "no answers"),
    "no names": (b"1,5\n2,4\n3,3\n4,4\n", "the file has no names of columns"),
    "no scale": ("姓名,城市\n张三,北京\n李四,上海\n".encode(), "no column holds answers on a scale"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(40), "the file is not what its name says"),
}


@pytest.mark.parametrize("slip", REFUSED)
def test_what_is_no_survey_is_refused_in_one_sentence_and_nothing_is_written(tmp_path, slip):
    content, sentence = REFUSED[slip]
    (tmp_path / "p.csv").write_bytes(content)
    with pytest.raises(InputError, match=sentence) as caught:
        draft_study(tmp_path / "study", tmp_path / "p.csv")
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "study").exists()


def test_a_folder_that_holds_something_is_left_alone(tmp_path):
    (tmp_path / "study").mkdir()
    (tmp_path / "study" / "mine.txt").write_text("x", encoding="utf-8")
    with pytest.raises(InputError, match="the folder is not empty"):
        draft_study(tmp_path / "study", shapes.utf16(tmp_path))
    assert [one.name for one in (tmp_path / "study").iterdir()] == ["mine.txt"]


def test_the_command_line_writes_and_check_reads(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    file = shapes.chinese_platform(tmp_path)
    app(["new", "study", "--from", file.name], standalone_mode=False)
    printed = capsys.readouterr().out
    assert "the study can be read as it stands" in printed
    assert printed.count("doubt: ") == 6
    app(["check", "study"], standalone_mode=False)
    assert "satisfaction" in capsys.readouterr().out
    with pytest.raises(InputError, match="--sheet says how a file is read"):
        app(["new", "other", "--sheet", "x"], standalone_mode=False)


def test_names_that_need_quotation_marks_are_written_right(tmp_path):
    s = shapes.Simulated(23)
    frame = pd.DataFrame(
        {'How "fast"?\nReally': s.scale(), "a\\b": s.scale(), "x=1 # y": s.scale(), "overall": s.scale()}
    )
    frame["when"] = [datetime.date(2024, 1 + n % 12, 1).isoformat() for n in range(s.rows)]
    frame.to_csv(tmp_path / "p.csv", index=False)
    _, study = drafted(tmp_path, tmp_path / "p.csv")
    assert len(study.model.indicators) == 3
    assert study.timeline.kind == "quarter"
