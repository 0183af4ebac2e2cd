"""A study without stages: everybody is one group, and what needs stages says that there are none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from maternal_eval.app.analysis import Analysis
from maternal_eval.app.steps import STEPS, unmet, used
from maternal_eval.core.errors import InputError
from maternal_eval.results import ResultStore
from maternal_eval.study import Study
from maternal_eval.study.groups import EVERYONE, in_groups
from tests.words.hospital import write_study


@pytest.fixture(scope="module")
def analysis(tmp_path_factory: pytest.TempPathFactory) -> Analysis:
    folder = tmp_path_factory.mktemp("one_group")
    study = write_study(folder / "clinics", stages=False)
    return Analysis.compute(study, ResultStore(folder / "results"), quick=True)


def test_satisfaction_items_importance_and_whatif_are_possible_without_stages(analysis: Analysis) -> None:
    assert {"satisfaction", "items", "importance", "whatif"} <= set(analysis.possible)
    assert not {"stage_weights", "schedule", "explorer", "calibration"} & set(analysis.possible)


@pytest.mark.parametrize("step", ["stage_weights", "schedule", "calibration"])
def test_what_needs_stages_says_in_one_sentence_that_there_are_none(analysis: Analysis, step: str) -> None:
    with pytest.raises(InputError) as refusal:
        analysis.result(step)
    assert "found none, expected at least two departments" in str(refusal.value)
    assert 'to mend it: stage = "COLUMN" in [columns]' in str(refusal.value)


def test_satisfaction_is_that_of_everybody_and_a_single_row_a_period(analysis: Analysis) -> None:
    result, study = analysis.result("satisfaction"), analysis.study
    assert study is not None
    table = result.table()
    assert set(table["stage"]) == {EVERYONE}
    assert sorted(table["period"]) == [2021, 2022, 2023]
    observed = study.panel.groupby("period", observed=True)["overall"].mean()
    assert table.set_index("period")["observed"].to_numpy() == pytest.approx(observed.to_numpy())
    # Hundreds of answers a period: the model has no reason to stand far from their mean.
    assert np.abs(table["score"].to_numpy() - observed.to_numpy()).max() < 0.15
    assert result.label(EVERYONE, "zh") == "全体"
    # One group and all together are the same people: the same draws.
    both = result.scores.pivot(index="period", columns="stage", values="score")
    assert both[EVERYONE].to_numpy() == pytest.approx(both["all"].to_numpy())


def test_the_whatif_has_static_weights_alone_and_no_group_beside_everybody(analysis: Analysis) -> None:
    study = analysis.study
    assert study is not None
    assert used(STEPS["whatif"], study) == ()
    result = analysis.result("whatif")
    assert set(result.effects["weights"]) == {"static"}
    assert set(result.effects["stage"]) == {""}
    everybody = result.effects[(result.effects["platform"] == "") & (result.effects["quantity"] == "mean")]
    assert (everybody["change"] > 0).all()


def test_a_study_with_stages_is_given_the_stage_weights_and_left_as_it_is(maternal: Study) -> None:
    assert used(STEPS["whatif"], maternal) == ("stage_weights",)
    assert in_groups(maternal) is maternal


def test_without_stages_and_periods_and_platforms_there_is_one_cell(tmp_path: Path) -> None:
    folder = write_study(tmp_path / "clinics", stages=False, platforms=False, periods=False)
    analysis = Analysis.compute(folder, ResultStore(tmp_path / "results"), quick=True)
    assert unmet(STEPS["satisfaction"], Study.read(folder)) == []
    result = analysis.result("satisfaction")
    assert result.cells == 1
    assert len(result.table()) == 1
    for language in ("en", "zh"):
        for name in result.figure_table():
            result.plot(language, name)
    assert analysis.result("whatif").effects["change"].notna().all()
