"""Kano analysis of studies: verdicts, stages, columns of the panel, bad input."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from maternal_eval.analyses.kano.compute import analyse_kano
from maternal_eval.analyses.kano.result import KanoResult
from maternal_eval.analyses.kano.settings import KanoSettings
from maternal_eval.core.errors import InputError
from maternal_eval.methods.kano import ANSWER_CLASSES, classify
from maternal_eval.results import compared
from maternal_eval.simulation.kano_answers import BY_STAGE, UNSURE
from maternal_eval.study import Study

STUDY = """
[study]
name = "small"
zh = "小型研究"
en = "Small study"
[panel]
file = "panel.csv"
[columns]
stage = "stage"
[indicators]
file = "indicators.csv"
[files]
kano_columns = "kano.csv"
"""


@pytest.fixture(scope="module")
def found(maternal):
    return analyse_kano(maternal)


@pytest.fixture
def small(tmp_path):
    """A study with Kano answers in columns: K1 asks about two indicators, K2 about none; one row is blank."""

    def write(kano="element,functional,dysfunctional,indicator\nK1,p1,n1,A;B\nK2,p2,n2,\n", toml=STUDY, panel=None):
        (tmp_path / "study.toml").write_text(toml)
        (tmp_path / "indicators.csv").write_text("code,kano\nA,must_be\nB,performance\n")
        (tmp_path / "kano.csv").write_text(kano)
        rows = panel or "x,3,4,2,5,1,4\n" * 30 + "y,5,4,1,5,1,3\n" * 10 + "y,2,2,,,,\n"
        (tmp_path / "panel.csv").write_text("stage,A,B,p1,n1,p2,n2\n" + rows)
        return Study.read(tmp_path)

    return write


def test_most_frequent_class_is_what_the_simulation_built_in(maternal, found):
    """The truth gives each indicator a leading class; where two lead nearly together no verdict is forced."""
    verdicts = found.verdicts.set_index("indicator")
    assert set(verdicts.index) == set(maternal.model.codes)
    assert (verdicts["modal"] == verdicts["given"]).all()
    sure = [code for code in verdicts.index if code not in UNSURE]
    assert (verdicts.loc[sure, "verdict"] == "confirmed").all()
    assert (verdicts["verdict"] == "undecided").sum() >= 2


def test_classes_that_were_built_to_differ_by_stage_do(found):
    differing = found.differences[found.differences["q_value"] < 0.10]["element"]
    assert {code for code, _ in BY_STAGE} <= set(differing)
    stages = found.stages.set_index(["element", "stage"])
    assert stages.loc[("F12", "pregnancy"), "modal"] == "performance"
    assert stages.loc[("F12", "postpartum"), "modal"] == "attractive"


def test_counts_of_the_stages_add_up(found):
    sums = found.stages.groupby("element", sort=False)[["n", *ANSWER_CLASSES]].sum()
    whole = found.elements.set_index("element")[["n", *ANSWER_CLASSES]]
    pd.testing.assert_frame_equal(sums, whole, check_names=False)


def test_a_class_against_the_answers_is_questioned(maternal):
    indicators = tuple(
        replace(one, kano="attractive" if one.code == "F01" else one.kano) for one in maternal.model.indicators
    )
    model = replace(maternal.model, indicators=indicators)
    verdicts = analyse_kano(replace(maternal, model=model)).verdicts.set_index("indicator")
    assert verdicts.loc["F01", "verdict"] == "questioned"


def test_order_of_answers_does_not_matter(maternal, found):
    shuffled = maternal.kano_answers.sample(frac=1, random_state=0).reset_index(drop=True)
    again = analyse_kano(replace(maternal, tables={**maternal.tables, "kano": shuffled}))
    pd.testing.assert_frame_equal(again.elements, found.elements)


def test_columns_of_the_panel(small):
    study = small()
    result = analyse_kano(study)
    assert [*study.panel] == ["stage", "A", "B"]
    table = result.table().set_index("element")
    assert table.loc["K1", ["must_be", "performance", "n"]].tolist() == [30, 10, 40]
    assert table.loc["K2", "attractive"] == 40
    assert result.verdicts.set_index("indicator")["verdict"].to_dict() == {"A": "confirmed", "B": "questioned"}
    assert result.stages.set_index(["element", "stage"]).loc[("K1", "y"), "modal"] == "performance"
    assert not any(part.part == "files.kano" for part in study.absent)


def test_answers_coded_the_other_way_round(small):
    panel = "x,3,4,4,1,5,2\n" * 30
    study = small(panel=panel)
    with pytest.raises(InputError, match=r"coded the other way round.*like = 5"):
        analyse_kano(study)
    turned = analyse_kano(study, KanoSettings(like=5)).table().set_index("element")
    assert turned["modal"].to_dict() == {"K1": "must_be", "K2": "attractive"}


@pytest.mark.parametrize(
    ("kano", "message"),
    [
        ("element,functional,dysfunctional\nK1,p1,n1\nK1,p2,n2\n", r"row 3: the element stands twice: found K1"),
        ("element,functional,dysfunctional\nK1,p1,n1\nK2,p1,n2\n", r"column of the panel stands twice: found p1"),
        ("element,functional,dysfunctional,indicator\nK1,p1,n1,Z\n", r"row 2, column indicator: .*unknown: found Z"),
        ("element,functional,dysfunctional\nK1,p9,n1\n", r"column p9: a column is missing"),
        ("element,functional\nK1,p1\n", r"column dysfunctional: a column is missing"),
    ],
)
def test_refused_columns(small, kano, message):
    with pytest.raises(InputError, match=message):
        small(kano)


def test_answer_off_the_scale(small):
    with pytest.raises(InputError, match=r"panel.csv, row 2, column p1: .* found 9, expected a whole number from 1"):
        small(panel="x,3,4,9,5,1,4\n")


def test_answers_in_two_places(small):
    with pytest.raises(InputError, match="two places"):
        small(
            toml=STUDY + 'kano = "kano.csv"\n',
            kano="respondent,indicator,functional,dysfunctional,element\na,A,1,2,K\n",
        )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"indicator": "Z9"}, r"kano.csv, row 2, column indicator: .* found Z9"),
        ({"stage": "school"}, r"kano.csv, row 2, column stage: .* found school"),
    ],
)
def test_unknown_names_in_the_file(maternal, change, message):
    table = maternal.kano_answers.copy()
    for column, value in change.items():
        table.loc[0, column] = value
    with pytest.raises(InputError, match=message):
        analyse_kano(replace(maternal, tables={**maternal.tables, "kano": table}))


@pytest.mark.parametrize("wrong", [{"like": 3}, {"prior": 0.0}, {"threshold": 1.0}])
def test_settings(wrong):
    with pytest.raises(ValueError, match=r"like is 1 or 5|the setting is beyond its range"):
        KanoSettings(**wrong)


def test_survives_storing(found, tmp_path):
    found.save(tmp_path)
    read = KanoResult.load(tmp_path)
    assert read.quantities() == found.quantities()
    pd.testing.assert_frame_equal(read.table(), found.table())


@pytest.mark.parametrize("language", ["en", "zh"])
def test_figure(found, language):
    axes = found.plot(language).axes[0]
    assert len(axes.get_legend_handles_labels()[1]) == found.elements["modal"].nunique()
    assert ("模拟" if language == "zh" else "simulated") in axes.get_title(loc="left")


@pytest.mark.shared
def test_kiosk_survey(root, shared_data):
    """Real answers: every count equals that of a plain loop over the evaluation table in words."""
    from tests.kano.test_evaluation import by_rule

    path = shared_data / "kiosk" / "kiosk_tidy.csv"
    study = Study.read(root / "data" / "kiosk", path)
    assert study.panel[study.model.codes].isna().all(axis=1).sum() == 4  # never used a kiosk
    result = analyse_kano(study)
    table = result.table().set_index("element")
    raw = pd.read_csv(path)
    for number in range(1, 30):
        pairs = raw[[f"kano{number}_pos", f"kano{number}_neg"]].dropna().to_numpy()
        counts = (
            pd.Series([by_rule(*pair) for pair in pairs]).value_counts().reindex(list(ANSWER_CLASSES), fill_value=0)
        )
        assert table.loc[f"K{number:02d}", list(ANSWER_CLASSES)].tolist() == counts.tolist()
    assert (table["n"] == 207).all()
    modal = table["modal"].value_counts()
    assert modal.to_dict() == {"attractive": 10, "must_be": 9, "performance": 6, "indifferent": 4}
    assert len(result.verdicts) == 24
    assert set(result.verdicts["verdict"]) == {"not given"}
    assert np.isfinite(compared(result.quantities())["value"]).all()


def test_a_tie_few_answers_and_no_answer_are_said(small):
    """K1: must-be and one-dimensional as often as each other (15 each); K2: three answers, then none."""
    rows = "x,3,4,2,5,1,5\n" * 3 + "x,3,4,2,5,,\n" * 12 + "y,5,4,1,5,,\n" * 15
    result = analyse_kano(small(panel=rows))
    english = [one["en"] for one in result.remarks]
    assert any("K1" in line and "equally frequent (15 answers each)" in line for line in english)
    assert any("1 elements have fewer than 10 answers" in line and "K2" in line for line in english)
    assert any("并列最多（各 15 份）" in one["zh"] for one in result.remarks)
    silent = analyse_kano(small(panel="x,3,4,2,5,,\n" * 30)).remarks
    assert any("without any answer are left out: K2" in one["en"] for one in silent)
    assert not any("equally frequent" in one["en"] for one in silent)


def test_classes_of_published_pairs():
    """The table of Kano (1984): Q Q O M R A I."""
    pairs = np.array([(1, 1), (5, 5), (1, 5), (3, 5), (5, 1), (1, 3), (3, 3)])
    letters = {"questionable": "Q", "performance": "O", "must_be": "M", "reverse": "R", "attractive": "A",
               "indifferent": "I"}  # fmt: skip
    found = [list(ANSWER_CLASSES)[place] for place in classify(pairs[:, 0], pairs[:, 1])]
    assert "".join(letters[name] for name in found) == "QQOMRAI"
