"""Tables of results have schemas: what a column is called, its unit, and what may stand in it."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from maternal_eval.app.analysis import Analysis
from maternal_eval.app.steps import STEPS
from maternal_eval.core.words import DEFAULT_WORDS
from maternal_eval.results.numbers import UNITS
from maternal_eval.results.schema import amount, chance, count, number, schema, share, text, truth

CHINESE = re.compile("[\u4e00-\u9fff]")


@pytest.mark.parametrize("step", STEPS)
def test_every_table_of_an_analysis_has_a_schema(step: str) -> None:
    result_class = STEPS[step].result_class
    tables = {one.name for one in dataclasses.fields(result_class) if one.type == "pd.DataFrame"}
    schemas = result_class.schemas()
    assert schemas.keys() == {"", *tables}
    for table in schemas.values():
        for column in table.columns.values():
            assert column.unit in UNITS
            assert column.en
            # Signs that both languages write alike apart.
            english, chinese = DEFAULT_WORDS.pair(column.en, column.zh)
            assert CHINESE.search(chinese) or chinese == english
        assert table.as_pandera.columns  # pandera takes it


@pytest.mark.parametrize("study", ["maternal", "gss", "sfo", "sfo_long", "kiosk"])
def test_the_frozen_tables_keep_their_schemas(root: Path, study: str) -> None:
    frozen = Analysis.open(root / "data" / study)
    problems = []
    for step in frozen.possible:
        try:
            frozen.result(step).check_tables()
        except ValueError as error:
            problems.append(str(error))
    assert problems == []


@pytest.mark.parametrize(
    ("column", "right", "wrong"),
    [
        (count("Answers", "答卷数"), [0, 12, np.nan], [1.5]),
        (count("Answers", "答卷数"), [3.0], [-1]),
        (amount("Answers", "答卷数"), [3.5], [-1]),
        (share("Share", "占比"), [0.0, 1.0 + 1e-12], [1.1]),
        (chance("P", "概率"), [0.5], ["0.5"]),
        (number("Change", "变化"), [-3.5, np.nan], [True]),
        (truth("Main", "主要"), [True, False], [1]),
        (text("Stage", "阶段"), ["before", None], [3]),
    ],
)
def test_a_column_holds_what_it_says(column, right, wrong) -> None:
    found = schema("", "made", made=column)
    found.check(pd.DataFrame({"made": right}))
    with pytest.raises(ValueError, match="table made up: made: not a"):
        found.check(pd.DataFrame({"made": wrong}), "made up")


def test_rows_are_told_apart_and_columns_are_known() -> None:
    found = schema("stage period?", "score low high dimension_*", dimension_=number("Score", "得分"))
    table = pd.DataFrame(
        {"stage": ["a", "b"], "score": 1.0, "low": 0.0, "high": 2.0, "dimension_care": 1.0, "dimension_cost": 2.0}
    )
    found.check(table)
    assert found["dimension_care"].en == "Score: care"
    with pytest.raises(ValueError, match="two rows of the same stage"):
        found.check(table.assign(stage="a"))
    with pytest.raises(ValueError, match="extra"):
        found.check(table.assign(extra=1.0))
    with pytest.raises(ValueError, match="high"):
        found.check(table.drop(columns="high"))
    with pytest.raises(ValueError, match="stage"):
        found.check(table.assign(stage=[None, "b"]))


def test_the_description_names_each_column_in_both_languages() -> None:
    found = schema("stage", "share share_low", share=share("Share", "占比"))
    table = pd.DataFrame({"stage": ["a"], "share": [0.5], "share_low": [0.4]})
    described = found.described(table).set_index("column")
    assert described.loc["share_low", ["en", "zh", "unit"]].tolist() == ["Share, low end", "占比下限", "share"]
    assert described.loc["share", "decimals"] == 1


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(KeyError, match="no column 'nowhere' in the vocabulary"):
        schema("stage", "nowhere")
