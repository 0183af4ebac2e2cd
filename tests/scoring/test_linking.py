"""Periods of validity, and scores across a change of indicators."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from maternal_eval.analyses.scores.compute import score_respondents, score_study
from maternal_eval.analyses.scores.settings import ScoresSettings
from maternal_eval.core.errors import InputError
from maternal_eval.study import Moment, Study

STUDY = """
[study]
name = "changing"
zh = "指标变动的研究"
en = "A study whose indicators change"
[panel]
file = "panel.csv"
[columns]
period = "year"
quarter = "quarter"
[dimensions]
service = { weight = 0.6, zh = "服务", en = "Service" }
care = { weight = 0.4, zh = "关怀", en = "Care" }
[indicators]
file = "indicators.csv"
scale = [1, 5]
"""
INDICATORS = """code,dimension,valid_from,valid_to
A,service,,
B,service,,
C,care,,
NEW,service,2024Q3,
OLD,care,,2024Q2
"""


@pytest.fixture
def study(tmp_path):
    """Two years; from the third quarter of 2024 NEW is asked and OLD is not. Answers by quarter are as given."""

    def build(levels=None, indicators=INDICATORS, toml=STUDY, keep=False):
        random = np.random.default_rng(0)
        frames = []
        for year, quarter in [(2023, 4), (2024, 1), (2024, 2), (2024, 3), (2024, 4)]:
            mood = random.normal(0, 0.7, 400)
            columns = {"year": year, "quarter": quarter}
            for code, level in {"A": 3.4, "B": 3.0, "C": 3.2, "NEW": 1.8, "OLD": 4.0, **(levels or {})}.items():
                level = level(year, quarter) if callable(level) else level
                columns[code] = np.clip(np.rint(level + mood + random.normal(0, 0.5, 400)), 1, 5)
            frame = pd.DataFrame(columns)
            new = (year, quarter) >= (2024, 3)
            if not keep:
                frame[["OLD"] if new else ["NEW"]] = np.nan
            frames.append(frame)
        (tmp_path / "study.toml").write_text(toml)
        (tmp_path / "indicators.csv").write_text(indicators)
        pd.concat(frames).to_csv(tmp_path / "panel.csv", index=False)
        return Study.read(tmp_path)

    return build


def by_period(result):
    margins = result.margins if len(result.margins) else result.scores
    return margins.set_index("period")["score"]


def with_kind(kind):
    """The indicator file with a column for the kind, that of A as given."""
    header, first, *others = INDICATORS.splitlines()
    return "\n".join([f"{header},kind", f"{first},{kind}", *(f"{line},rating" for line in others)]) + "\n"


def test_moments():
    assert Moment.parse("2024 Q3") == Moment(2024, 3)
    assert str(Moment.parse("2024q3")) == "2024 Q3"
    assert Moment.parse("2024").begin == (2024, 1)
    assert Moment.parse("2024").end == (2024, 4)
    for wrong in ("24", "2024Q5", "2024-3"):
        with pytest.raises(ValueError, match="no year or quarter"):
            Moment.parse(wrong)


def test_a_panel_in_which_only_the_set_changes_keeps_its_score(study):
    """NEW stands far below the others and OLD above: unlinked, 2024 would seem to fall."""
    changing = study()
    linked = by_period(score_study(changing, ScoresSettings(resamples=2)))
    unlinked = by_period(score_study(changing, ScoresSettings(resamples=2, linking="none")))
    assert linked[2024] == pytest.approx(linked[2023], abs=1.0)
    assert unlinked[2024] < unlinked[2023] - 3


@pytest.mark.parametrize("rule", ["difference", "ratio"])
def test_the_change_over_the_break_is_that_of_the_common_indicators(study, rule):
    changing = study({"A": lambda year, quarter: 3.4 if (year, quarter) < (2024, 3) else 4.0})
    settings = ScoresSettings(resamples=2, linking=rule)
    result = score_study(changing, settings)
    (links,) = result.links.to_dict("records")
    assert (links["moment"], links["entered"], links["left"], links["common"]) == ("2024 Q3", "NEW", "OLD", 3)
    panel = changing.panel
    common = changing.panel.assign(NEW=np.nan, OLD=np.nan)
    own = score_respondents(changing).score
    shared = score_respondents(replace(changing, panel=common)).score
    at = panel["period"].to_numpy(), panel["quarter"].to_numpy()
    before, after = (at[0] == 2024) & (at[1] == 2), (at[0] == 2024) & (at[1] == 3)
    moved = own[after] + links["link"] if rule == "difference" else own[after] * links["link"]
    if rule == "difference":
        assert moved.mean() - own[before].mean() == pytest.approx(shared[after].mean() - shared[before].mean())
    else:
        assert moved.mean() / own[before].mean() == pytest.approx(shared[after].mean() / shared[before].mean())
    assert links["standard_error"] < 1


def test_without_changes_nothing_is_linked(maternal):
    result = score_study(maternal, ScoresSettings(resamples=2))
    assert result.links.empty


def test_an_indicator_that_is_not_asked_is_not_missing(study):
    changing = study()
    panel = changing.panel
    answered = score_respondents(changing).answered
    complete = panel[["A", "B", "C"]].notna().all(axis=1).to_numpy()
    np.testing.assert_allclose(answered[complete], 1.0)


def test_answers_outside_the_period_of_validity_are_refused(study):
    with pytest.raises(InputError, match=r"NEW has answers outside its period of validity: found answers in 2023 Q4"):
        study(keep=True)


def test_every_answer_needs_its_quarter(study, tmp_path):
    study()
    panel = pd.read_csv(tmp_path / "panel.csv")
    panel.loc[3, "quarter"] = np.nan
    panel.to_csv(tmp_path / "panel.csv", index=False)
    with pytest.raises(InputError, match="needs the quarter of every answer: found 1 answers"):
        Study.read(tmp_path)


def test_a_quarter_needs_the_column_of_quarters(study):
    with pytest.raises(InputError, match=r"columns.quarter: the period of validity of indicator NEW cannot be placed"):
        study(toml=STUDY.replace('quarter = "quarter"\n', ""))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("2024Q3", "2024Q7", r"row 5, column valid_from: .* found 2024Q7, expected a year"),
        ("NEW,service,2024Q3,", "NEW,service,2024Q3,2023", r"row 5, column valid_to: the indicator ends before"),
    ],
)
def test_wrong_period_of_validity(study, old, new, message):
    with pytest.raises(InputError, match=message):
        study(indicators=INDICATORS.replace(old, new))


def test_nothing_in_common_cannot_be_linked(study):
    indicators = "code,dimension,valid_from,valid_to\nNEW,service,2024Q3,\nOLD,care,,2024Q2\n"
    changing = study(indicators=indicators)
    with pytest.raises(InputError, match="no indicator is asked on both sides"):
        score_study(changing, ScoresSettings(resamples=2))


def test_validity_by_year(study):
    by_year = study(indicators=INDICATORS.replace("2024Q3", "2023").replace("2024Q2", "2030"), keep=True)
    assert score_study(by_year, ScoresSettings(resamples=2)).links.empty


def test_the_panel_keeps_a_burden_and_oriented_turns_it_round(study):
    straight = study()
    turned = study(indicators=with_kind("burden"))
    np.testing.assert_array_equal(turned.panel["A"], straight.panel["A"])
    np.testing.assert_array_equal(turned.oriented(["A"])["A"], 6 - straight.panel["A"])


def test_unknown_kind(study):
    with pytest.raises(InputError, match=r"row 2, column kind: the kind of indicator is unknown: found smell"):
        study(indicators=with_kind("smell"))
