"""What the file calls an answer is read in figures and tables, and not its number alone."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from maternal_eval.analyses.check.compute import summarise_study
from maternal_eval.analyses.check.settings import CheckSettings
from maternal_eval.analyses.satisfaction.compute import _labels
from maternal_eval.study import Study
from maternal_eval.study.draft.drafting import draft_study
from maternal_eval.study.labels import answer_name, study_labels
from tests.draft import shapes


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    folder = tmp_path_factory.mktemp("labels")
    draft_study(folder / "study", shapes.chinese_platform(folder))
    return Study.read(folder / "study")


def test_results_carry_the_words_of_the_answers(study: Study) -> None:
    for labels in (study_labels(study), _labels(study, study.outcomes["satisfaction"])):
        said = [answer_name(labels, "satisfaction", number, "zh") for number in range(1, 6)]
        assert said == [f"{number} {word}" for number, word in enumerate(shapes.SATISFIED, start=1)]
    assert answer_name(study_labels(study), "recommend", 10.0, "en") == "10"


def test_the_papers_have_a_table_of_what_was_asked(study: Study) -> None:
    result = summarise_study(study, settings=CheckSettings(), seed=None, progress=None)
    table = result.reported().tables["questions"]
    rows = {source: (role, labels) for source, role, labels in zip(
        table.frame["source"], table.frame["role_name"], table.frame["labels_cell"], strict=True)}  # fmt: skip
    assert len(rows) == len(study.model.indicators) + len(study.outcomes)
    role, labels = rows["4、总体满意度"]
    assert role == {"en": "outcome, ordinal", "zh": "结果变量，有序答案"}
    assert labels["zh"].startswith("1 非常不满意，2 不满意，")
    assert rows["5、您向朋友推荐我们的可能性（0-10）"][1] is None


def test_the_legend_of_the_answers_says_what_they_are(study: Study) -> None:
    import pandas as pd

    from maternal_eval.analyses.satisfaction.figures import plot_answers

    rows = [(stage, 20231, answer, 0.2) for stage in ("备孕期", "产后") for answer in range(1, 6)]
    labels = _labels(study, study.outcomes["satisfaction"])
    stand_in = SimpleNamespace(
        probabilities=pd.DataFrame(rows, columns=["stage", "period", "answer", "probability"]),
        labels=labels,
        outcome="satisfaction",
        has_periods=False,
        simulated=False,
        label=lambda name, language: labels.get(name, {}).get(language, name),
    )
    figure = plot_answers(stand_in, "zh")  # type: ignore[arg-type]
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()][::4] == ["1 非常不满意", "5 非常满意"]
