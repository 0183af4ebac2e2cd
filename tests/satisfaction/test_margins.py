"""Population margins with levels that nobody stands for: predicted and named, or refused; never given to others."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from maternal_eval.analyses.satisfaction.cells import cell_counts
from maternal_eval.analyses.satisfaction.compute import build_model, fit_satisfaction
from maternal_eval.analyses.satisfaction.margins import UNHEARD, rake, unheard
from maternal_eval.analyses.satisfaction.poststratification import cell_shares
from maternal_eval.analyses.satisfaction.remarks import fit_remarks
from maternal_eval.analyses.satisfaction.settings import SatisfactionSettings
from maternal_eval.core.errors import InputError
from maternal_eval.study import Study
from maternal_eval.study.model_settings import OrdinalPriors

MARGINS = {"seg": {"A": 0.4, "B": 0.4, "C": 0.2}}
SETTINGS = dataclasses.replace(SatisfactionSettings.quick(), margins=MARGINS)

TOML = """
[study]
name = "empty"
zh = "空"
en = "Empty"

[panel]
file = "panel.csv"

[columns]
respondent = "id"
period = "year"
stage = "stage"
segments = [{segments}]

[stages]
ordered = false
levels = [
    {{ value = "pregnancy", zh = "孕期", en = "Pregnancy" }},
    {{ value = "postpartum", zh = "产后", en = "Postpartum" }},
]

[outcomes]
sat = {{ column = "y", kind = "{kind}", zh = "满意", en = "Sat"{scale} }}
"""


def study_of(folder, rows, segments='"seg"', kind="binary", scale=""):
    (folder / "study.toml").write_text(TOML.format(segments=segments, kind=kind, scale=scale), encoding="utf-8")
    rows.assign(id=np.arange(len(rows)), year=2024).to_csv(folder / "panel.csv", index=False)
    return Study.read(folder)


def answers(stage, seg, yes, no):
    return pd.DataFrame({"stage": stage, "seg": seg, "y": [1] * yes + [0] * no})


PREGNANCY = [answers("pregnancy", "A", 40, 10), answers("pregnancy", "B", 30, 20)]
POSTPARTUM = [answers("postpartum", seg, yes, 50 - yes) for seg, yes in (("A", 40), ("B", 30), ("C", 5))]


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return study_of(tmp_path_factory.mktemp("empty"), pd.concat([*PREGNANCY, *POSTPARTUM], ignore_index=True))


@pytest.fixture(scope="module")
def cells(study):
    return cell_counts(study, margins=MARGINS)


def test_the_empty_stratum_is_a_cell_with_its_stated_share(cells):
    share = cell_shares(cells, MARGINS)
    domain = cells["stage_index"].to_numpy()
    assert np.bincount(domain, share) == pytest.approx([1.0, 1.0], abs=1e-12)
    by_level = np.zeros((2, 3))
    np.add.at(by_level, (domain, cells["seg_index"].to_numpy()), share)
    assert by_level == pytest.approx(np.tile([0.4, 0.4, 0.2], (2, 1)), abs=1e-12)
    found = unheard(cells, share)
    assert found.values.tolist() == [["pregnancy", 2024, "seg", "C", pytest.approx(0.2)]]
    assert int(cells["answers"].sum()) == 250
    assert cells["share"].to_numpy()[cells["stratum"].to_numpy() > 0].tolist() == [0.0]  # the sample has none of it


def test_its_departure_is_known_from_the_prior_alone(cells):
    model = build_model(cells, OrdinalPriors(), stages_ordered=False)
    assert UNHEARD in {factor.name for factor in model.factors}
    location = model.parameters(model.draw_prior(np.random.default_rng(0), 4000)).location
    new = cells["stratum"].to_numpy() > 0
    heard = (cells["seg_index"].to_numpy() == 2) & ~new
    spread = np.subtract(*np.quantile(location, [0.95, 0.05], axis=0))
    assert spread[new].item() > 1.15 * spread[heard].item()
    x = np.zeros(len(model.names))
    x[model.blocks[UNHEARD]] = 1.0
    moved = model.parameters(x).location - model.parameters(np.zeros_like(x)).location
    assert moved == pytest.approx(np.where(new, OrdinalPriors().segment_scale, 0.0))


def test_poststratified_score_is_the_one_with_the_predicted_stratum(study):
    """.4 x .8 + .4 x .6 + .2 p lies in [.56, .76]; giving C's share to A and B said .70, and no word of it."""
    result = fit_satisfaction(study, settings=SETTINGS, seed=1)
    row = result.scores.set_index("stage").loc["pregnancy"]
    assert 0.56 < row["score"] < 0.64  # C answers yes in one of ten elsewhere
    assert row["low"] < 0.56
    assert row["predicted"] == pytest.approx(0.2)
    assert "predicted" in result.table()
    assert any("nobody answered from seg = C, 20% of the population" in one["en"] for one in result.remarks)
    compositions = result.compositions.set_index(["composition", "stage"])["score"]
    assert compositions["margins", "pregnancy"] == pytest.approx(row["score"])
    assert compositions["weights", "pregnancy"] == pytest.approx(0.70, abs=0.03)


def test_a_level_that_nobody_belongs_to_is_named_and_refused(tmp_path):
    study = study_of(tmp_path, pd.concat([*PREGNANCY, *POSTPARTUM[:2]], ignore_index=True))
    with pytest.raises(InputError, match=r"nobody who answered belongs to C.*found C with a share of 0\.2"):
        cell_counts(study, margins=MARGINS)


def test_two_margins_hold_together_with_empty_strata(tmp_path):
    random = np.random.default_rng(0)
    size = 400
    rows = pd.DataFrame(
        {
            "stage": random.choice(["pregnancy", "postpartum"], size),
            "seg": random.choice(["A", "B", "C"], size),
            "tier": random.choice(["t1", "t2"], size),
            "y": random.integers(0, 2, size),
        }
    )
    rows = rows[~((rows["stage"] == "pregnancy") & (rows["seg"] == "C"))]
    rows = rows[~((rows["stage"] == "postpartum") & (rows["tier"] == "t2"))].reset_index(drop=True)
    study = study_of(tmp_path, rows, segments='"seg", "tier"')
    margins = MARGINS | {"tier": {"t1": 0.3, "t2": 0.7}}
    cells = cell_counts(study, margins=margins)
    share = cell_shares(cells, margins)
    for segment, stated in margins.items():
        found = np.zeros((2, len(stated)))
        np.add.at(found, (cells["stage_index"].to_numpy(), cells[f"{segment}_index"].to_numpy()), share)
        assert found == pytest.approx(np.tile(list(stated.values()), (2, 1)), abs=1e-8)
    assert unheard(cells, share)[["stage", "level"]].values.tolist() == [["pregnancy", "C"], ["postpartum", "t2"]]


def test_raking_never_gives_a_share_to_others():
    with pytest.raises(InputError, match="may not go to the others: found level 3 of 3"):
        rake(np.array([0.5, 0.5]), np.zeros(2, dtype=int), [(np.array([0, 1]), np.array([0.4, 0.4, 0.2]))])


def test_margins_that_contradict_each_other_are_refused():
    first, second = np.array([0, 1]), np.array([0, 1])  # the two segments say the same
    with pytest.raises(InputError, match="the margins contradict each other"):
        rake(
            np.array([0.5, 0.5]),
            np.zeros(2, dtype=int),
            [(first, np.array([0.2, 0.8])), (second, np.array([0.6, 0.4]))],
        )


def test_answers_without_a_share_are_said(tmp_path):
    rows = pd.concat([*PREGNANCY, *POSTPARTUM, answers("pregnancy", None, 3, 4)], ignore_index=True)
    study = study_of(tmp_path, rows)
    stated = {"seg": {"A": 0.5, "B": 0.5}}
    cells = cell_counts(study, margins=stated)
    said = " ".join(one["en"] for one in fit_remarks(cells, cell_shares(cells, stated), stated, 0.3))
    assert "50 answers from seg = C have no share" in said
    assert "7 answers from seg = (not stated) have no share" in said


def test_an_answer_that_nobody_gave_stays_on_the_scale(tmp_path):
    """Scale 1-6, eight answers each of 2 ... 6: shares 0 .2 .2 .2 .2 .2, mean 4."""
    rows = pd.DataFrame({"stage": "pregnancy", "seg": "A", "y": np.repeat([2, 3, 4, 5, 6], 8)})
    study = study_of(tmp_path, rows, kind="ordinal", scale=", range = [1, 6]")
    cells = cell_counts(study, segments=())
    counts = cells["answers"].sum("cell").to_numpy()
    assert cells["answer"].values.tolist() == [1, 2, 3, 4, 5, 6]
    assert (counts / counts.sum()).tolist() == pytest.approx([0, 0.2, 0.2, 0.2, 0.2, 0.2])
    assert float(counts @ cells["answer"].values / counts.sum()) == 4.0
    said = [one["en"] for one in fit_remarks(cells, cell_shares(cells, {}), {}, 0.3)]
    assert "Nobody gave the answer 1: it stays on the scale, and its probability is small, not 0." in said
    assert any(one.startswith("Nobody answered in postpartum (2024)") for one in said)
