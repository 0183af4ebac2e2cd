"""Reading a study: what it gives, and what it skips."""

import numpy as np
import pandas as pd
import pytest

from maternal_eval.core.errors import InputError
from maternal_eval.study import DIMENSIONS, Study
from maternal_eval.study.template import write_template

from .conftest import answers


def test_a_whole_study_has_canonical_columns(folder):
    study = Study.read(folder)
    assert list(study.panel) == ["respondent", "period", "stage", "A1", "A2", "B1", "satisfaction"]
    expected = answers()
    np.testing.assert_array_equal(study.panel["A1"], expected["q1"])
    np.testing.assert_array_equal(study.panel["satisfaction"], expected["overall"])
    assert study.stages == ("before", "after")
    assert study.periods == (2020, 2021, 2022)
    assert (study.train_periods, study.test_period) == ((2020, 2021), 2022)
    assert study.model.sibling_sets == {DIMENSIONS: ["speed", "care"], "speed": ["A1", "A2"], "care": ["B1"]}
    assert study.model.dimension_weights.to_dict() == {"speed": 0.6, "care": 0.4}
    assert study.model.indicator("A2").kano == "must_be"
    assert study.model.label("A1", "zh") == "响应"
    assert study.primary_outcome.levels == 5


def test_unanswered_items_stay_unanswered(folder):
    panel = answers()
    panel["q1"] = panel["q1"].astype("float")
    panel.loc[[3, 7], "q1"] = np.nan
    panel.to_csv(folder / "panel.csv", index=False)
    study = Study.read(folder)
    assert study.panel["A1"].isna().sum() == 2
    assert study.panel.loc[[3, 7], "A1"].isna().all()


def test_what_is_absent_is_said(folder):
    absent = {part.part: part.consequence_en for part in Study.read(folder).absent}
    assert "no expert judgements" in absent["files.experts"]
    assert "columns.platform" in absent
    assert "columns.period" not in absent


def test_the_same_files_have_the_same_fingerprint_and_a_changed_answer_another(folder):
    first = Study.read(folder).fingerprint
    assert Study.read(folder).fingerprint == first
    panel = answers()
    panel.loc[5, "q1"] = 6 - panel.loc[5, "q1"] if panel.loc[5, "q1"] != 3 else 4
    panel.to_csv(folder / "panel.csv", index=False)
    assert Study.read(folder).fingerprint != first


@pytest.mark.parametrize("suffix", ["csv.gz", "parquet", "xlsx", "sav"])
def test_every_format_gives_the_same_panel(folder, suffix):
    expected = Study.read(folder).panel
    path = folder / f"other.{suffix}"
    frame = answers()
    if suffix == "csv.gz":
        frame.to_csv(path, index=False)
    elif suffix == "parquet":
        frame.to_parquet(path)
    elif suffix == "xlsx":
        frame.to_excel(path, index=False)
    else:
        import pyreadstat

        pyreadstat.write_sav(frame, str(path))
    pd.testing.assert_frame_equal(Study.read(folder, path).panel, expected)


def test_value_labels_of_an_spss_file_are_kept(folder):
    import pyreadstat

    frame = answers()
    expected = Study.read(folder).panel["stage"].astype("str").tolist()
    frame["stage"] = frame["stage"].map({"before": 1, "after": 2})
    frame["city"] = np.tile([1, 2], 30)
    labels = {"stage": {1: "before", 2: "after"}, "city": {1: "Beijing", 2: "Chengdu"}}
    pyreadstat.write_sav(frame, str(folder / "panel.sav"), variable_value_labels=labels)
    text = (folder / "study.toml").read_text()
    (folder / "study.toml").write_text(text.replace('stage = "stage"', 'stage = "stage"\nsegments = ["city"]'))
    study = Study.read(folder, folder / "panel.sav")
    assert study.panel["stage"].astype("str").tolist() == expected
    assert list(study.panel["city"].cat.categories) == ["Beijing", "Chengdu"]


def test_stages_without_declared_levels_come_from_the_panel(folder):
    text = (folder / "study.toml").read_text()
    start, end = text.index("[stages]"), text.index("[periods]")
    (folder / "study.toml").write_text(text[:start] + text[end:])
    assert Study.read(folder).stages == ("after", "before")


def test_numbers_with_a_point_are_the_same_stage_codes(folder):
    panel = answers()
    panel["stage"] = panel["stage"].map({"before": 1.0, "after": 2.0})
    panel.loc[0, "stage"] = np.nan
    panel.to_csv(folder / "panel.csv", index=False)
    text = (folder / "study.toml").read_text()
    (folder / "study.toml").write_text(
        text.replace('value = "before"', "value = 1").replace('value = "after"', "value = 2")
    )
    study = Study.read(folder)
    assert study.stages == ("1", "2")
    assert study.panel["stage"].isna().sum() == 1


def test_the_template_is_a_study_that_waits_for_answers(tmp_path):
    write_template(tmp_path / "mine")
    with pytest.raises(InputError, match="panel is empty"):
        Study.read(tmp_path / "mine")
    panel = "respondent,year,stage,Q1,Q2,Q3,satisfaction\n1,2020,before,3,4,5,4\n2,2020,after,3,,5,4\n"
    (tmp_path / "mine" / "panel.csv").write_text(panel)
    assert len(Study.read(tmp_path / "mine").panel) == 2
    with pytest.raises(InputError, match="not empty"):
        write_template(tmp_path / "mine")
