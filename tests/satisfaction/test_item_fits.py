"""Items and dimensions: many fits, one compiled density; known answers, relations and refusals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from maternal_eval.analyses.items.compute import fit_items
from maternal_eval.analyses.items.dimensions import ITEM, dimension_outcome
from maternal_eval.analyses.items.outcomes import indicator_outcome
from maternal_eval.analyses.items.settings import ItemsSettings, PublishedScore
from maternal_eval.analyses.satisfaction.cells import cell_counts
from maternal_eval.analyses.satisfaction.compute import build_model
from maternal_eval.app.steps import STEPS, unmet
from maternal_eval.core.errors import InputError
from maternal_eval.results import compared
from maternal_eval.study import Study
from maternal_eval.study.model_settings import OrdinalPriors

STUDY = """
[study]
name = "small"
zh = "小研究"
en = "Small study"

[panel]
file = "panel.csv"

[columns]
respondent = "id"
period = "year"
stage = "stage"

[stages]
ordered = true
levels = [ { value = "before", zh = "之前", en = "Before" }, { value = "after", zh = "之后", en = "After" } ]

[dimensions]
care = { zh = "关怀", en = "Care" }

[outcomes]
overall = { column = "overall", kind = "ordinal", range = [1, 5], zh = "总体", en = "Overall" }
"""

ITEMS = """
[indicators]
file = "indicators.csv"
scale = [1, 5]

[analysis.items]
indicators = [%s]
"""


def panel(respondents: int = 600, seed: int = 0) -> pd.DataFrame:
    """Answers of people who agree with themselves: a person's level moves all their answers."""
    generator = np.random.default_rng(seed)
    stage, year = generator.integers(2, size=respondents), generator.integers(2, size=respondents)
    level = 3.0 + 0.3 * stage + 0.4 * year + generator.normal(0, 0.7, respondents)
    table = pd.DataFrame({"id": range(respondents), "year": 2020 + year, "stage": np.array(["before", "after"])[stage]})
    for name, shift in (("C1", -0.4), ("C2", 0.0), ("C3", 0.4), ("overall", 0.0)):
        answer = level + shift + generator.normal(0, 0.7, respondents)
        table[name] = np.clip(np.round(answer), 1, 5).astype(int)
    return table


@pytest.fixture
def make(tmp_path):
    def study(data: pd.DataFrame | None = None, items: str | None = '"C1", "C3"') -> Study:
        text = STUDY + (ITEMS % items if items is not None else "")
        (tmp_path / "study.toml").write_text(text, encoding="utf-8")
        header = "code,dimension,name_zh,name_en,kano"
        rows = [f"C{number},care,项目{number},Item {number},performance" for number in (1, 2, 3)]
        (tmp_path / "indicators.csv").write_text("\n".join([header, *rows]), encoding="utf-8")
        (panel() if data is None else data).to_csv(tmp_path / "panel.csv", index=False)
        return Study.read(tmp_path)

    return study


QUICK = ItemsSettings.quick()


@pytest.fixture(scope="module")
def fitted(tmp_path_factory):
    folder = tmp_path_factory.mktemp("items")
    (folder / "study.toml").write_text(STUDY + ITEMS % '"C1", "C3"', encoding="utf-8")
    rows = [f"C{number},care,项目{number},Item {number},performance" for number in (1, 2, 3)]
    (folder / "indicators.csv").write_text("\n".join(["code,dimension,name_zh,name_en,kano", *rows]), encoding="utf-8")
    panel().to_csv(folder / "panel.csv", index=False)
    study = Study.read(folder)
    step = STEPS["items"]
    return study, fit_items(study, settings=step.settings_for(study, quick=True), seed=0)


def test_each_item_and_dimension_has_every_stage_and_period(fitted):
    _, result = fitted
    assert result.items == [
        {"kind": "item", "name": "C1"},
        {"kind": "item", "name": "C3"},
        {"kind": "dimension", "name": "care"},
    ]
    assert len(result.scores) == 3 * (2 + 1) * 2
    assert (result.scores["low"] < result.scores["score"]).all()
    assert (result.scores["score"] < result.scores["high"]).all()
    assert not result.scores.drop(columns="forecast").isna().any(axis=None)
    assert result.changes["p_rise"].between(0, 1).all()
    assert len(compared(result.quantities())) == len(result.scores) + len(result.changes)
    assert (result.checks["status"] != "failed").all()


def test_items_keep_near_their_observed_means(fitted):
    _, result = fitted
    assert (result.scores["score"] - result.scores["observed"]).abs().max() < 0.15


def test_a_dimension_is_the_mean_of_its_items(fitted):
    study, result = fitted
    own = result.scores[(result.scores["name"] == "care") & (result.scores["stage"] != "all")]
    mean = study.panel.groupby(["stage", "period"], observed=True)[["C1", "C2", "C3"]].mean().mean(axis=1)
    observed = own.set_index(["stage", "period"])["observed"]
    assert observed.to_numpy() == pytest.approx(mean.reindex(observed.index).to_numpy())
    assert own["score"].to_numpy() == pytest.approx(own["observed"].to_numpy(), abs=0.1)


def test_a_dimension_knows_as_much_as_its_respondents_do(fitted):
    """Three answers of 150 people who agree with themselves are not 450 answers: Kish's effect, from the panel."""
    study, result = fitted
    own = result.scores[(result.scores["name"] == "care") & (result.scores["stage"] != "all")]
    people = study.panel.assign(mean=study.panel[["C1", "C2", "C3"]].mean(axis=1))
    error = people.groupby(["stage", "period"], observed=True)["mean"].sem()
    half = 1.645 * error.reindex(pd.MultiIndex.from_frame(own[["stage", "period"]])).to_numpy()
    ratio = (own["high"] - own["low"]).to_numpy() / (2 * half)
    # Pooling over stages and periods makes them somewhat shorter; independent answers would give about 0.7.
    assert ratio.mean() == pytest.approx(1.0, abs=0.2)
    assert (own["effective"] < 0.75 * own["answers"]).all()


def test_all_fits_share_one_compiled_density(fitted):
    study, _ = fitted
    long, outcome = dimension_outcome(study, "care")
    counts = [
        cell_counts(study, indicator_outcome(study, "C1"), ()),
        cell_counts(study, indicator_outcome(study, "C3"), ()),
        cell_counts(long, outcome, (ITEM,)),
    ]
    functions = [build_model(cells, OrdinalPriors(), True).native()[0] for cells in counts]
    assert functions[0] is functions[1] is functions[2]


def test_an_item_does_not_depend_on_what_else_is_fitted(fitted):
    study, result = fitted
    settings = ItemsSettings(**{**vars(QUICK), "indicators": ("C3",), "dimensions": False})
    alone = fit_items(study, settings=settings, seed=0)
    both = result.scores[result.scores["name"] == "C3"].reset_index(drop=True)
    pd.testing.assert_frame_equal(alone.scores, both)


def test_results_are_stored_and_drawn(fitted, tmp_path):
    _, result = fitted
    result.save(tmp_path)
    again = type(result).load(tmp_path)
    pd.testing.assert_frame_equal(again.table(), result.table())
    assert again.quantities() == result.quantities()
    for language in ("en", "zh"):
        assert len(again.plot(language).axes) >= 3


def test_an_empty_list_means_all_indicators(make):
    study = make(items="")
    assert STEPS["items"].settings_for(study, quick=True).codes(study) == ("C1", "C2", "C3")


def test_an_unknown_indicator_is_refused_before_anything_is_sampled(make):
    study = make(items='"C1", "C9"')
    with pytest.raises(
        InputError, match=r"analysis\.items\.indicators.*unknown indicator: found C9, expected one of C1"
    ):
        STEPS["items"].settings_for(study, quick=True)


def test_a_single_answer_value_is_refused_before_anything_is_sampled(make):
    study = make(panel().assign(C3=4))
    told: list[str] = []
    with pytest.raises(InputError, match=r"all answers to C3 are equal.*found 600 times 4"):
        fit_items(study, settings=QUICK, seed=0, progress=lambda task, *_: told.append(task))
    assert told == []


def test_a_study_without_indicators_is_refused(make):
    study = make(items=None)
    assert "indicators" in unmet(STEPS["items"], study)
    with pytest.raises(InputError, match="the study has no indicators to fit"):
        fit_items(study, settings=QUICK, seed=0)


def test_an_unknown_dimension_is_refused(make):
    with pytest.raises(InputError, match="unknown dimension: found price, expected one of care"):
        dimension_outcome(make(), "price")


@pytest.mark.parametrize(
    ("score", "message"),
    [
        (PublishedScore("s999", 2020), "the ledger has no such figure"),
        (PublishedScore("s000-3.3-satisf-2020", 2020, stage="birth"), "unknown stage"),
        (PublishedScore("s000-3.3-satisf-2020", 1999), "unknown period"),
        (PublishedScore("s000-3.3-satisf-2020", 2020, indicator="S08"), "this indicator is not fitted"),
    ],
)
def test_a_published_score_must_be_known(root, score, message):
    study = Study.read(root / "data" / "maternal")
    with pytest.raises(InputError, match=message):
        ItemsSettings(indicators=("E05",), published=(score,)).check(study)


def test_the_stage_scores_of_the_built_in_study_are_read(root):
    """The published figures of study.toml, at a few draws: the simulated panel is calibrated to the two proxies."""
    study = Study.read(root / "data" / "maternal")
    settings = STEPS["items"].settings_for(study, quick=True)
    light = ItemsSettings(**{**vars(settings), "indicators": ("F09", "E05"), "dimensions": False})
    result = fit_items(study, settings=light, seed=0)
    implied = result.implied.set_index("claim")
    after_birth = implied.loc["s000-3.3-satisf-psych-postpartum"]
    assert (after_birth["score_low"], after_birth["score_high"]) == pytest.approx((2.95, 3.05))
    assert after_birth["lowest_most"] == pytest.approx((5 - 2.95) / (5 - 2))
    for side in ("lowest", "highest"):
        assert (implied[f"{side}_least"] <= implied[side]).all()
        assert (implied[side] <= implied[f"{side}_most"]).all()
    assert list(implied["name"]) == ["satisfaction", "satisfaction", "F09", "F09", "E05"]
    last = result.remaining.set_index("period").loc[2024]
    assert last["attainable"]
    # The width is that of all rounding intervals (a tenth each) over the share of those who are left.
    assert last["high"] - last["low"] == pytest.approx(0.1 * (1 + last["share"]) / (1 - last["share"]))
