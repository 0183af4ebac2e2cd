"""What a study declares about order, missing answers and weights holds, and is said; nothing else is guessed."""

import numpy as np
import pandas as pd
import pytest

from maternal_eval.analyses.check.compute import summarise_study
from maternal_eval.analyses.check.settings import CheckSettings
from maternal_eval.analyses.satisfaction.cells import cell_counts
from maternal_eval.analyses.satisfaction.compute import build_model
from maternal_eval.app.analysis import Analysis
from maternal_eval.core.errors import InputError
from maternal_eval.results import ResultStore
from maternal_eval.study import Study
from maternal_eval.study.model_settings import OrdinalPriors

from .conftest import STUDY, answers

LEVELS = STUDY[STUDY.index("[stages]") : STUDY.index("[periods]")]


def _study(folder, old="", new="", panel=None, indicators=None):
    text = (folder / "study.toml").read_text(encoding="utf-8")
    assert old in text
    (folder / "study.toml").write_text(text.replace(old, new, 1) if old else text + new, encoding="utf-8")
    if panel is not None:
        panel.to_csv(folder / "panel.csv", index=False)
    return Study.read(folder)


def _words(study):
    return " ".join(one["en"] for one in study.remarks)


# Order of stages


@pytest.mark.parametrize(
    "values", [["low", "medium", "high"], ["1", "2", "10"], ["备孕期", "孕晚期", "产后"], ["b1", "b2", "b10"]]
)
def test_stages_without_a_declared_order_are_segments_and_that_is_said(folder, values):
    frame = answers().assign(stage=lambda f: [values[n % len(values)] for n in range(len(f))])
    study = _study(folder, LEVELS, "", frame)
    assert not study.stages_ordered
    assert not study.panel["stage"].cat.ordered
    assert sorted(study.stages) == sorted(values)
    assert "segments without an order" in _words(study)
    assert "[stages] order = [" in _words(study)
    # No walk along them: the model is the exchangeable one.
    cells = cell_counts(study)
    stage = {ordered: build_model(cells, OrdinalPriors(), ordered).factors[0].basis for ordered in (True, False)}
    fitted = build_model(cells, OrdinalPriors(), study.stages_ordered).factors[0].basis
    np.testing.assert_array_equal(fitted, stage[False])
    assert not np.array_equal(fitted, stage[True])


def test_a_declared_order_is_that_of_the_stages(folder):
    frame = answers().assign(stage=lambda f: np.array(["low", "medium", "high"])[np.arange(len(f)) % 3])
    study = _study(folder, LEVELS, '[stages]\norder = ["low", "medium", "high"]\n\n', frame)
    assert study.stages == ("low", "medium", "high")
    assert study.stages_ordered
    assert list(study.panel["stage"].cat.categories) == ["low", "medium", "high"]
    assert not study.remarks


def test_a_value_that_the_order_does_not_have_is_refused(folder):
    with pytest.raises(InputError, match=r"column stage: the value is unknown: found after.*\[stages\]"):
        _study(folder, LEVELS, '[stages]\norder = ["before"]\n\n')


def test_ordered_without_an_order_is_refused_with_the_line(folder):
    with pytest.raises(InputError, match=r'nothing says which.*\[stages\] order = \["after", "before"\]'):
        _study(folder, LEVELS, "[stages]\nordered = true\n\n")


def test_levels_are_ordered_unless_they_are_said_not_to_be(folder):
    assert Study.read(folder).stages_ordered
    assert not _study(folder, "[stages]\n", "[stages]\nordered = false\n").stages_ordered


def test_value_labels_give_the_order_of_their_codes(folder):
    import pyreadstat

    frame = answers().assign(stage=lambda f: np.array([1, 2, 10])[np.arange(len(f)) % 3])
    labels = {"stage": {1: "low", 2: "medium", 10: "high"}}
    pyreadstat.write_sav(frame, str(folder / "panel.sav"), variable_value_labels=labels)
    text = (folder / "study.toml").read_text(encoding="utf-8").replace(LEVELS, "")
    (folder / "study.toml").write_text(text, encoding="utf-8")
    study = Study.read(folder, folder / "panel.sav")
    assert [stage.name_en for stage in study.stage_levels] == ["low", "medium", "high"]
    assert study.stages_ordered
    assert "low < medium < high" in _words(study)


@pytest.mark.parametrize(("declared", "found"), [('"01"', "01"), ("1", "1"), ("1", "1.0"), ('"1"', "1")])
def test_declared_values_match_the_text_of_the_file(folder, declared, found):
    frame = answers().assign(stage=lambda f: f["stage"].replace({"before": found}))
    study = _study(folder, 'value = "before"', f"value = {declared}", frame)
    assert study.panel["stage"].value_counts().iloc[:].sum() == len(frame)
    assert study.stages[0] == declared.strip('"')


def test_codes_with_zeros_in_front_are_other_codes(folder):
    frame = answers().assign(shop=lambda f: np.array(["01", "1", "001"])[np.arange(len(f)) % 3])
    study = _study(folder, 'stage = "stage"\n', 'stage = "stage"\nplatform = "shop"\n', frame)
    assert sorted(study.panel["platform"].cat.categories) == ["001", "01", "1"]
    assert "count as different ones" in _words(study)
    with pytest.raises(InputError, match="found 01, expected one of 1, after"):
        _study(folder, 'value = "before"', "value = 1", frame.assign(stage=frame["stage"].replace({"before": "01"})))


# Answers


def _one_item(tmp_path, values, panel_lines="", indicator_lines="", more=""):
    (tmp_path / "study.toml").write_text(
        f'[study]\nname = "c"\nzh = "甲"\nen = "Case"\n[panel]\nfile = "panel.csv"\n{panel_lines}\n'
        f'[indicators]\nfile = "indicators.csv"\n{indicator_lines}\n{more}\n',
        encoding="utf-8",
    )
    (tmp_path / "indicators.csv").write_text("code,column\nq1,q1\n", encoding="utf-8")
    (tmp_path / "panel.csv").write_text("q1\n" + "\n".join(f'"{value}"' for value in values) + "\n", encoding="utf-8")
    return tmp_path


REMEDIES = [
    (["非常满意", "满意"], "", ['[recode.q1] "非常满意" = 5, "满意" = 4'], '[recode.q1]\n"非常满意" = 5\n"满意" = 4'),
    (["very satisfied", "5"], "", ['"very satisfied" = 5, "5" = 5'], '[recode.q1]\n"very satisfied" = 5\n"5" = 5'),
    (["gut", "schlecht"], "", ['[recode.q1] "gut" = ?, "schlecht" = ?'], None),
    (
        ["3", "99"],
        "",
        ["[recode] missing = [99]", "scale = [1, 99] in [indicators]", "row 3, column q1", "1 to 5"],
        "missing",
    ),
    (["3", "-1"], "", ["[recode] missing = [-1]"], "missing"),
    (["3", "不适用"], "", ['[recode] missing = ["不适用"]'], "missing"),
    (["3", "N/A?", "x"], "", ['"N/A?" = ?'], None),
    (["85%", "90%"], "scale = [0, 100]", ['[recode] percent = "number"', "85% is then 85"], 'percent = "number"'),
    (["85%", "90%"], "scale = [0, 1]", ['[recode] percent = "share"', "85% is then 0.85"], None),
    (["５", "４"], "", ["[recode] fullwidth = true"], "fullwidth = true"),
    (["3,0", "4,0"], "", ["[recode] decimal_comma = true", "3,0 is then 3.0"], "decimal_comma = true"),
    (["2.5", "3"], "", ["kind = measure"], None),
]


@pytest.mark.parametrize(("values", "scale", "lines", "mended"), REMEDIES)
def test_what_would_mend_an_answer_is_said_and_mends_it(tmp_path, values, scale, lines, mended):
    with pytest.raises(InputError) as caught:
        Study.read(_one_item(tmp_path, values, indicator_lines=scale))
    sentence = str(caught.value)
    assert [line for line in lines if line not in sentence] == [], sentence
    assert "to mend it: " in sentence
    if mended is None:
        return
    gone = mended == "missing"
    if gone:
        mended = lines[0].removeprefix("[recode] ").split(" if ")[0]
    more = mended if mended.startswith("[") else f"[recode]\n{mended}"
    study = Study.read(_one_item(tmp_path, values, "", scale, more))
    assert study.panel["q1"].notna().sum() == (1 if gone else len(values))
    assert study.remarks
    assert all(one["zh"] and one["en"] for one in study.remarks)


def test_code_9_for_no_answer(tmp_path):
    values = ["4", "4", "5", "9", "9"]
    with pytest.raises(InputError, match="found 9, expected a whole number from 1 to 5"):
        Study.read(_one_item(tmp_path, values))
    for lines, more in (("missing = [9]", ""), ("", "[missing]\nq1 = [9]")):
        study = Study.read(_one_item(tmp_path, values, lines, more=more))
        assert study.panel["q1"].mean() == pytest.approx(13 / 3)
        assert "2 answers 9 in q1 count as not answered" in _words(study)


def test_a_value_on_the_scale_stays_an_answer_unless_its_column_says_otherwise(tmp_path):
    scale = "scale = [0, 10]"
    kept = Study.read(_one_item(tmp_path, ["9", "3"], "missing = [9]", scale))
    assert kept.panel["q1"].tolist() == [9, 3]
    assert "stay answers" in _words(kept)
    gone = Study.read(_one_item(tmp_path, ["9", "3"], "", scale, "[missing]\nq1 = [9]"))
    assert gone.panel["q1"].isna().tolist() == [True, False]


def test_words_for_no_answer_hold_for_stages_too(folder):
    frame = answers().assign(stage=lambda f: f["stage"].where(f["id"] != 3, "不清楚"))
    with pytest.raises(InputError, match="found 不清楚"):
        _study(folder, panel=frame)
    study = _study(folder, 'file = "panel.csv"', 'file = "panel.csv"\nmissing = ["不清楚"]', frame)
    assert study.panel["stage"].isna().sum() == 1


def test_recoding_leaves_out_what_means_no_answer(tmp_path):
    more = '[recode.q1]\n"好" = 5\n"差" = 1'
    study = Study.read(_one_item(tmp_path, ["好", "不适用", "差"], 'missing = ["不适用"]', more=more))
    assert study.panel["q1"].dropna().tolist() == [5, 1]


def test_a_category_that_nobody_chose_stays_on_the_scale(tmp_path):
    study = Study.read(_one_item(tmp_path, ["2", "3", "4", "5", "6"], indicator_lines="scale = [1, 6]"))
    assert study.panel["q1"].mean() == 4.0
    assert (study.model.indicator("q1").low, study.model.indicator("q1").high) == (1, 6)


# Survey weights


WEIGHTS = {"r1": None, "r2": 1000.0, "r3": 0.5}


def _weighted(tmp_path, rule=""):
    (tmp_path / "study.toml").write_text(
        f"""[study]
name = "c"
zh = "甲"
en = "Case"
[panel]
file = "panel.csv"
[columns]
respondent = "respondent"
weight = "weight"
{rule}
[outcomes]
y = {{ column = "F01", kind = "ordinal", zh = "满意", en = "Satisfied" }}
[indicators]
file = "indicators.csv"
""",
        encoding="utf-8",
    )
    (tmp_path / "indicators.csv").write_text("code,column\nG1,G01\n", encoding="utf-8")
    frame = pd.DataFrame(
        {"respondent": list(WEIGHTS), "weight": list(WEIGHTS.values()), "F01": [5, 5, 1], "G01": [1, 2, 3]}
    )
    frame.to_csv(tmp_path / "panel.csv", index=False)
    return tmp_path


def test_a_missing_survey_weight_is_refused_with_its_row(tmp_path):
    with pytest.raises(InputError) as caught:
        Study.read(_weighted(tmp_path))
    sentence = str(caught.value)
    assert "panel.csv, row 2, column weight: the value is missing" in sentence
    assert '[columns] missing_weight = "leave_out"' in sentence


def test_or_its_row_is_left_out_of_every_analysis_and_that_is_said(tmp_path):
    study = Study.read(_weighted(tmp_path, 'missing_weight = "leave_out"'))
    assert study.panel["respondent"].tolist() == ["r2", "r3"]
    assert study.panel["weight"].tolist() == [1000.0, 0.5]
    assert "1 of 3 rows have no survey weight and are left out of every analysis" in _words(study)


def test_a_panel_without_any_weight_is_refused(tmp_path):
    folder = _weighted(tmp_path, 'missing_weight = "leave_out"')
    pd.read_csv(folder / "panel.csv").assign(weight=None).to_csv(folder / "panel.csv", index=False)
    with pytest.raises(InputError, match="no row has a survey weight"):
        Study.read(folder)


def test_weights_are_needed_in_the_periods_that_are_used(folder):
    frame = answers().assign(w=lambda f: f["year"].where(f["year"] != 2020))
    columns = ('stage = "stage"\n', 'stage = "stage"\nweight = "w"\n')
    with pytest.raises(InputError, match="row 2, column w: the value is missing"):
        _study(folder, *columns, frame)
    text = (folder / "study.toml").read_text(encoding="utf-8")
    new = "[periods]\nuse = [2021, 2022]\ntrain = [2021]\ntest = 2022\n"
    old = "[periods]\ntrain = [2020, 2021]\ntest = 2022\n"
    assert old in text
    assert len(_study(folder, old, new).panel) == 40


# What is odd


def test_an_item_that_runs_against_the_others_is_said(folder):
    random = np.random.default_rng(0)
    latent = random.normal(size=300)
    frame = pd.DataFrame(
        {"id": range(300), "year": np.tile([2020, 2021, 2022], 100), "stage": ["before", "after"] * 150}
    )
    for column in ("q1", "q2", "q3", "overall"):
        frame[column] = np.clip(np.round(3 + latent + random.normal(size=300)), 1, 5).astype(int)
    assert not _study(folder, panel=frame).remarks
    turned = frame.assign(q1=6 - frame["q1"])
    assert "A1 runs against the other items" in _words(_study(folder, panel=turned))
    assert "write kind = burden" in _words(Study.read(folder))
    text = (folder / "indicators.csv").read_text(encoding="utf-8")
    kinds = ("kind", "burden", "", "")
    declared = "\n".join(f"{line},{kind}" for line, kind in zip(text.splitlines(), kinds, strict=True))
    (folder / "indicators.csv").write_text(declared + "\n", encoding="utf-8")
    assert "runs against" not in _words(Study.read(folder))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda f: f.assign(q1=3), "Every answer is the same in A1 (3)"),
        (lambda f: f.assign(q1=None), "Nobody answered A1"),
        (lambda f: f.assign(city=np.where(f["id"] % 2, "Platform A", "platform a")), "count as different ones"),
        (lambda f: f.assign(city=np.where(f["id"] % 2, "北京1", "北京１")), "count as different ones"),
        (lambda f: f.assign(city=np.where(f["id"] % 2, "a-b", "a b")), "count as different ones"),
    ],
)
def test_odd_columns_are_said(folder, change, words):
    frame = change(answers().assign(city="Beijing"))
    study = _study(folder, 'stage = "stage"\n', 'stage = "stage"\nsegments = ["city"]\n', frame)
    assert words in _words(study)


def test_check_shows_columns_small_cells_and_doubled_rows(folder):
    frame = pd.concat([answers(), answers().head(2)])
    study = _study(folder, panel=frame)
    summary = summarise_study(study, CheckSettings())
    said = " ".join(one["en"] for one in summary.remarks)
    assert "2 rows stand in the panel twice" in said
    assert "have fewer than 10 answers" in said
    columns = summary.columns.set_index("column")
    assert list(columns.index) == ["respondent", "period", "stage", "A1", "A2", "B1", "satisfaction"]
    assert columns.loc["stage", "role"] == "stage, ordered"
    assert columns.loc["A1", ["source", "answered", "scale", "levels"]].tolist() == ["q1", 62, "1–5", 5]
    assert columns.loc["period", "smallest_cell"] == 20


def test_check_finds_what_the_analyses_would_refuse(folder):
    (folder / "claims.csv").write_text("id,value\nx,1\n", encoding="utf-8")
    (folder / "experts.csv").write_text(
        "expert,round,set,row,column,judgement\ne1,1,dimensions,speed,love,3\n", encoding="utf-8"
    )
    (folder / "kano.csv").write_text("respondent,indicator,functional,dysfunctional\n1,Z9,1,5\n", encoding="utf-8")
    files = '\n[files]\nexperts = "experts.csv"\nkano = "kano.csv"\nclaims = "claims.csv"\nchecks = "checks.csv"\n'
    settings = "\n[analysis.satisfaction]\ntune = 0\n[analysis.scores]\nkappa = -1.0\n"
    with (folder / "study.toml").open("a", encoding="utf-8") as stream:
        stream.write(files + settings)
    (folder / "checks.csv").write_text("number\n", encoding="utf-8")
    analysis = Analysis.compute(folder, ResultStore(folder / "store"))
    with pytest.raises(InputError) as caught:
        analysis.result("check")
    told = "\n".join(map(str, caught.value.problems))
    for part in (
        "analysis.satisfaction.tune",
        "analysis.scores.kappa",
        "experts.csv",
        "found love",
        "found Z9",
        "claims.csv",
    ):
        assert part in told, told


def test_settings_are_told_together_with_what_is_wrong_in_the_panel(folder):
    with (folder / "study.toml").open("a", encoding="utf-8") as stream:
        stream.write("\n[analysis.satisfaction]\ntune = 0\n")
    answers().assign(q1=9).to_csv(folder / "panel.csv", index=False)
    with pytest.raises(InputError) as caught:
        Analysis.compute(folder, ResultStore(folder / "store"))
    assert [problem.column for problem in caught.value.problems] == ["q1", "analysis.satisfaction.tune"]
