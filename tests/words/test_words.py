"""What a study calls its stages, platforms, respondents and answers, in every text that speaks of them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from maternal_eval.app.console import in_words
from maternal_eval.core.errors import InputError
from maternal_eval.core.words import DEFAULT_WORDS, Word, Words
from maternal_eval.results import ResultStore
from maternal_eval.study import Study, read_definition
from tests.words.hospital import write_study

HOSPITAL = Words(stage=Word("department", "科室"), platform=Word("hospital", "医院"))


@pytest.mark.parametrize(
    ("word", "many"),
    [("stage", "stages"), ("clinic", "clinics"), ("agency", "agencies"), ("day", "days"), ("branch", "branches")],
)  # fmt: skip
def test_plurals(word: str, many: str) -> None:
    assert Word(word, "词").written("en", many=True) == many


def test_a_plural_that_is_said_is_taken_and_a_word_in_full_stands_where_it_is_asked_for() -> None:
    words = Words(stage=Word("child", "孩子", plural="children", full_en="child of the family", full_zh="家中的孩子"))
    assert words.fill("{stages}, {a stage}, {full Stage}", "en") == "children, a child, Child of the family"
    assert words.fill("{stages}、{full stage}", "zh") == "孩子、家中的孩子"


def test_placeholders_take_words_and_values_and_leave_the_rest() -> None:
    text = HOSPITAL.say("en", "{n} {platforms} by {stage} in {other}: {name}", "", n=3, name="{stage}")
    assert text == "3 hospitals by department in {other}: {stage}"
    assert HOSPITAL.remark("{A platform}: {name}", "{platform}：{name}", name={"en": "North", "zh": "北"}) == {
        "en": "{A platform}: North",
        "zh": "医院：北",
    }
    assert Words(platform=Word("airport", "机场")).fill("{a platform}", "en") == "an airport"


def test_the_built_in_study_keeps_its_words_and_others_have_the_usual_ones(root: Path) -> None:
    called = read_definition(root / "data" / "maternal").called
    assert (
        called.fill("{full Stages}, {stage}, {platforms}, {respondent}", "en")
        == "Life stages, stage, platforms, respondent"
    )
    assert called.fill("{full stage}、{stage}、{platform}、{answer}", "zh") == "生命阶段、阶段、平台、答卷"
    assert read_definition(root / "data" / "gss").called == DEFAULT_WORDS


def test_a_word_needs_both_languages_and_no_other_key(tmp_path: Path) -> None:
    folder = write_study(tmp_path, words='[words]\nstage = { en = "ward" }\n')
    with pytest.raises(InputError, match=r"words\.stage\.zh"):
        Study.read(folder)
    write_study(tmp_path, words='[words]\nshop = { en = "shop", zh = "店" }\n')
    with pytest.raises(InputError, match=r"words\.shop: unknown key"):
        Study.read(folder)


def test_headings_facts_and_roles_of_the_terminal_are_in_the_words_of_the_study(tmp_path: Path) -> None:
    import pandas as pd

    words = Study.read(write_study(tmp_path)).words
    table = pd.DataFrame({"stage": ["a"], "platform": ["b"], "fact": ["stages"], "role": ["stage, ordered"]})
    shown = in_words(table, words)
    assert list(shown.columns) == ["department", "hospital", "fact", "role"]
    assert shown.iloc[0].tolist() == ["a", "b", "departments", "department, ordered"]
    # A word that is a column already is no heading for another one.
    assert list(in_words(pd.DataFrame({"stage": [1], "score": [2]}), Words(stage=Word("score", "分"))).columns) == [
        "stage",
        "score",
    ]


_FOREIGN = re.compile(
    r"\b(stages?|platforms?|providers?|mothers?|respondents?|life stage)\b|阶段|平台|机构|受访者|答卷", re.IGNORECASE
)
"""Words that a study which calls them otherwise must not meet."""


def test_no_text_of_a_study_in_its_own_words_uses_others(tmp_path: Path) -> None:
    from maternal_eval.app.analysis import Analysis

    folder = write_study(tmp_path / "clinics")
    analysis = Analysis.compute(folder, ResultStore(tmp_path / "results"), quick=True)
    met: dict[str, str] = {}
    for step in (
        "check",
        "weights",
        "scores",
        "importance",
        "instrument",
        "backtest",
        "sensitivity",
        "satisfaction",
        "items",
        "stage_weights",
        "schedule",
        "explorer",
        "whatif",
        "review",
    ):
        result = analysis.result(step)
        texts = [one[language] for one in getattr(result, "remarks", []) for language in ("en", "zh")]
        texts += [one[language] for one in getattr(result, "assumptions", []) for language in ("en", "zh")]
        for figure in result.figure_table().values():
            texts += [figure.alternative_text(result, language) for language in ("en", "zh")]
        for name in result.figure_table():
            for language in ("en", "zh"):
                texts += _texts_of(result.plot(language, name))
        for table in result.reported().tables.values():
            texts += [*table.caption.values()]
            texts += [text for column in table.columns.values() for text in (column.en, column.zh)]
        met |= {text: step for text in texts if _FOREIGN.search(text)}
    assert met == {}


def _texts_of(figure: object) -> list[str]:
    import matplotlib.pyplot as plt
    from matplotlib.text import Text

    found = [text.get_text() for text in figure.findobj(Text)]  # type: ignore[attr-defined]
    plt.close(figure)  # type: ignore[arg-type]
    return found
