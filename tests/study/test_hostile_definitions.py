"""Definitions that cannot be: each refused in one sentence, or accepted for what it says, never as nonsense."""

import re

import pytest

from maternal_eval.core.errors import InputError
from maternal_eval.study import Study

from .conftest import answers

BIG = "x" * 300


def _toml(old, new):
    def spoil(folder):
        path = folder / "study.toml"
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return spoil


def _indicators(old, new):
    def spoil(folder):
        path = folder / "indicators.csv"
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    return spoil


def _append(text):
    def spoil(folder):
        with (folder / "study.toml").open("a", encoding="utf-8") as stream:
            stream.write("\n" + text + "\n")

    return spoil


def _column(name, change):
    def spoil(folder):
        frame = answers().astype({"q1": object, "q2": object, "q3": object, "stage": object})
        frame[name] = change(frame) if callable(change) else change
        frame.to_csv(folder / "panel.csv", index=False)

    return spoil


def _with(*spoils):
    def spoil(folder):
        for one in spoils:
            one(folder)

    return spoil


def _scale(scale):
    return _toml('file = "indicators.csv"', f'file = "indicators.csv"\nscale = {scale}')


OUTCOME = 'satisfaction = { column = "overall", kind = "ordinal"'
SEGMENT = _toml('stage = "stage"', 'stage = "stage"\nsegments = ["city"]')

HOSTILE = {
    # names
    "code weight": (_indicators("A1,", "weight,"), ["indicator weight has a name that means something else"]),
    "code stage": (_indicators("A1,", "stage,"), ["indicator stage has a name"]),
    "code respondent": (_indicators("A1,", "respondent,"), ["indicator respondent has a name"]),
    "code quarter": (_indicators("A1,", "quarter,"), ["indicator quarter has a name"]),
    "code platform": (_indicators("A1,", "platform,"), ["indicator platform has a name"]),
    "code all": (_indicators("A1,", "all,"), ["indicator all has a name"]),
    "outcome period": (_toml("satisfaction = {", "period = {"), ["outcome period has a name", "outcomes.period"]),
    "outcome stage": (_toml("satisfaction = {", "stage = {"), ["outcome stage has a name"]),
    "dimension dimensions": (
        _with(_toml("speed =", "dimensions ="), _indicators("speed", "dimensions")),
        ["dimension dimensions has a name", "dimensions.dimensions"],
    ),
    "outcome called like a code": (_toml("satisfaction = {", "A1 = {"), ["is called like outcome A1", "indicator A1"]),
    "dimension called like a code": (
        _with(_toml("speed =", "B1 ="), _indicators("speed", "B1")),
        ["indicator B1 is called like dimension B1"],
    ),
    "dimension called like an outcome": (
        _with(_toml("speed =", "satisfaction ="), _indicators("speed", "satisfaction")),
        ["dimension satisfaction is called like outcome satisfaction"],
    ),
    "segment called like a code": (
        _with(_toml('stage = "stage"', 'stage = "stage"\nsegments = ["A1"]'), _column("A1", "x")),
        ["indicator A1 is called like segment A1"],
    ),
    "segment weight": (
        _with(_toml('stage = "stage"', 'stage = "stage"\nsegments = ["weight"]'), _column("weight", "x")),
        ["segment weight has a name that means something else"],
    ),
    "outcome is an indicator's column": (
        _toml('column = "overall"', 'column = "q1"'),
        ["one column of the panel has two parts", "column q1"],
    ),
    "stage is the respondent": (_toml('stage = "stage"', 'stage = "id"'), ["two parts", "columns.respondent"]),
    "period is the stage": (_toml('period = "year"', 'period = "stage"'), ["two parts", "columns.stage"]),
    "segment is the respondent": (
        _toml('stage = "stage"', 'stage = "stage"\nsegments = ["id"]'),
        ["two parts", "column id, which is columns.respondent"],
    ),
    "segment twice": (
        _with(_toml('stage = "stage"', 'stage = "stage"\nsegments = ["city", "city"]'), _column("city", "x")),
        ["segment city is called like segment city"],
    ),
    "two indicators on one column": (_indicators("A2,speed,q2", "A2,speed,q1"), ["two parts", "indicator A2"]),
    "weight is an indicator": (
        _toml('stage = "stage"', 'stage = "stage"\nweight = "q1"'),
        ["two parts", "columns.weight"],
    ),
    "title of 300 signs": (_toml('en = "Small study"', f'en = "{BIG}"'), ["study.en", "at most 120"]),
    "title with a line break": (_toml('en = "Small study"', 'en = "Small\\nstudy"'), ["study.en", "in one line"]),
    "title with an escape sequence": (
        _toml('en = "Small study"', 'en = "\\u001b[31mred"'),
        ["study.en", "control signs"],
    ),
    "empty title": (_toml('zh = "小研究"', 'zh = " "'), ["study.zh", "not empty"]),
    "name with a path": (_toml('name = "small"', 'name = "../small"'), ["study.name", "'../small'"]),
    "name of 300 signs": (_toml('name = "small"', f'name = "{BIG}"'), ["study.name", "at most 60"]),
    "outcome with a slash": (_toml("satisfaction = {", '"a/b" = {'), ["outcomes", "without / and"]),
    "outcome with a line break": (_toml("satisfaction = {", '"a\\nb" = {'), ["outcomes", "one line"]),
    "outcome of 300 signs": (_toml("satisfaction = {", f"{BIG} = {{"), ["at most 60"]),
    "code of 300 signs": (_indicators("A1,", f"{BIG},"), ["the name cannot be shown", "at most 60 signs"]),
    "indicator name of 300 signs": (_indicators("Response", BIG), ["the name of indicator A1 cannot be shown"]),
    "level with a bell": (_toml('en = "Before"', 'en = "\\u0007"'), ["stages.levels.0.en", "control signs"]),
    "level true": (_toml('value = "before"', "value = true"), ["stages.levels.0.value", "text or a whole number"]),
    "level 1.5": (_toml('value = "before"', "value = 1.5"), ["stages.levels.0.value", "text or a whole number"]),
    # scales
    "scale to infinity": (
        _scale("[1, inf]"),
        ["indicators.scale.1", "a finite number"],
    ),
    "scale nan": (_scale("[nan, 5]"), ["a finite number"]),
    "scale backwards": (
        _scale("[5, 1]"),
        ["indicators.scale", "runs backwards", "found 5 to 1"],
    ),
    "scale of one answer": (
        _scale("[3, 3]"),
        ["runs backwards"],
    ),
    "scale of halves": (
        _scale("[0.5, 5.5]"),
        ["broken ends"],
    ),
    "endless scale": (
        _scale("[1, 1e9]"),
        ["too long", "1,001"],
    ),
    "scale with one end": (
        _scale("[1]"),
        ["indicators.scale"],
    ),
    "range endless": (_toml(OUTCOME, OUTCOME + ", range = [1, 1e9]"), ["outcomes.satisfaction.range", "too long"]),
    "range infinite": (_toml(OUTCOME, OUTCOME + ", range = [-inf, inf]"), ["outcomes.satisfaction.range", "finite"]),
    "range backwards": (_toml(OUTCOME, OUTCOME + ", range = [5, 1]"), ["outcomes.satisfaction.range", "backwards"]),
    "range of tenths": (_toml(OUTCOME, OUTCOME + ", range = [0.1, 5.1]"), ["broken ends"]),
    "beyond all numbers": (
        _toml(OUTCOME, 'satisfaction = { column = "overall", kind = "continuous", range = [0, 1e300]'),
        ["has no end"],
    ),
    "net promoters on 1-5": (
        _toml(OUTCOME, 'satisfaction = { column = "overall", kind = "recommendation", range = [1, 5]'),
        ["a recommendation outcome has a scale of its own", "found 1 to 5", "expected 0 to 10", 'kind = "ordinal"'],
    ),
    "yes and no on 1-2": (
        _toml(OUTCOME, 'satisfaction = { column = "overall", kind = "binary", range = [1, 2]'),
        ["expected 0 to 1"],
    ),
    "indicator scale backwards": (
        lambda folder: (folder / "indicators.csv").write_text(
            "code,dimension,column,low,high\nA1,speed,q1,5,1\nA2,speed,q2,1,5\nB1,care,q3,1,5\n"
        ),
        ["the scale runs backwards (indicator A1)", "indicators.csv, column low, high", "found 5 to 1"],
    ),
    # weights
    "a dimension without weight": (
        _toml("care = { weight = 0.4,", "care = {"),
        ["dimensions.care.weight", "has no weight"],
    ),
    "dimension of weight 0": (_toml("weight = 0.4", "weight = 0"), ["dimensions.care.weight", "greater than 0"]),
    "dimension of negative weight": (_toml("weight = 0.4", "weight = -0.4"), ["dimensions.care.weight"]),
    "dimension of infinite weight": (_toml("weight = 0.4", "weight = inf"), ["dimensions.care.weight", "finite"]),
    "dimension weights of 2": (_toml("weight = 0.4", "weight = 0.9"), ["0.6 + 0.9 = 1.5", "a sum of 1"]),
    "an indicator without weight": (_indicators("must_be,0.5", "must_be,"), ["some indicators of dimension speed"]),
    "indicator of weight 0": (
        _with(_indicators("performance,0.5", "performance,0"), _indicators("must_be,0.5", "must_be,1")),
        ["weight of indicator A1 is not positive"],
    ),
    "indicator of negative weight": (
        _indicators("performance,0.5", "performance,-0.5"),
        ["indicators.csv", "column weight"],
    ),
    "weights in one dimension only": (
        _with(_indicators("attractive,1.0", "attractive,1.0\nC1,care,q4,四,Four,performance,"), _column("q4", 3)),
        ["some indicators of dimension care have no weight"],
    ),
    # stages
    "stage twice": (_toml('value = "after"', 'value = "before"'), ["a stage stands twice", "found before"]),
    "order twice": (_append("[stages.x]\n"), ["stages.x", "unknown key"]),
    "order and levels": (_toml("levels = [{", 'order = ["before", "after"]\nlevels = [{'), ["declared twice"]),
    "a stage called all": (
        _with(_toml('value = "after"', 'value = "all"'), _column("stage", "all")),
        ["stands for all stages together"],
    ),
    "levels without a column": (_toml('stage = "stage"', ""), ["columns.stage", 'stage = "COLUMN" in [columns]']),
    # segments
    "a segment for each row": (
        _with(SEGMENT, _column("city", lambda frame: frame["id"].astype(str) + "号")),
        ["panel.csv, column city", "a value for almost each row", "60 different values in 60 rows", "leave"],
    ),
    # declared answers
    "missing of an unknown column": (_append("[missing]\nq9 = [9]"), ["missing.q9", "one of id, year, stage, q1"]),
    "missing is no list": (_append("[missing]\nq1 = 9"), ["missing.q1"]),
    "missing nan": (_toml('file = "panel.csv"', 'file = "panel.csv"\nmissing = [nan]'), ["panel.missing.0", "finite"]),
    "percent of nothing": (_toml('file = "panel.csv"', 'file = "panel.csv"\npercent = "yes"'), ["panel.percent"]),
    "missing weights guessed": (
        _toml('stage = "stage"', 'stage = "stage"\nmissing_weight = "one"'),
        ["columns.missing_weight", "'leave_out'"],
    ),
    "nothing to evaluate": (
        lambda folder: (folder / "study.toml").write_text(
            '[study]\nname = "a"\nzh = "甲"\nen = "A"\n[panel]\nfile = "panel.csv"\n', encoding="utf-8"
        ),
        ["nothing to evaluate"],
    ),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_what_cannot_be_is_refused_in_one_sentence(folder, case):
    spoil, expected = HOSTILE[case]
    spoil(folder)
    with pytest.raises(InputError) as caught:
        Study.read(folder)
    sentence = str(caught.value)
    assert [part for part in expected if part not in sentence] == [], sentence
    assert len(sentence.splitlines()) == 1
    assert len(sentence) < 1200


def test_everything_that_is_wrong_is_told_in_one_pass(folder):
    for spoil in (
        _toml('en = "Before"', 'en = "Before"'),
        _indicators("A1,", "weight,"),
        _toml('column = "overall"', 'column = "q2"'),
        _toml("weight = 0.6", "weight = 0.7"),
        _column("q3", lambda frame: frame["q3"].where(frame["id"] != 5, 99)),
    ):
        spoil(folder)
    with pytest.raises(InputError) as caught:
        Study.read(folder)
    told = "\n".join(map(str, caught.value.problems))
    for part in ("indicator weight", "two parts", "do not add up", "row 7, column q3", "[recode] missing = [99]"):
        assert part in told
    assert len(caught.value.problems) == 4
    assert re.search(r"\(and 3 more: 'maternal-eval check' lists them\)$", str(caught.value))


def test_a_name_that_collides_is_the_only_fault_that_is_told(folder):
    _toml("satisfaction = {", "stage = {")(folder)
    with pytest.raises(InputError) as caught:
        Study.read(folder)
    assert not hasattr(caught.value, "problems")
    assert "outcome stage has a name that means something else" in str(caught.value)
