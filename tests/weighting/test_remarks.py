"""What is said beside the experts' weights: contradictions, opposed experts, a single one, none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from maternal_eval.analyses.weights.compute import compute_weights
from maternal_eval.analyses.weights.settings import WeightsSettings
from maternal_eval.study import DIMENSIONS

QUICK = WeightsSettings(resamples=20, draws=400)


def judged_as(study, judgements):
    """The study with two experts in one round whose judgements of the dimensions are these (F/E, F/S, E/S each)."""
    experts = study.experts
    last = experts[experts["round"] == experts["round"].max()]
    chosen = sorted(last["expert"].unique())[: len(judgements)]
    table = last[last["expert"].isin(chosen)].copy()
    names = [dimension.name for dimension in study.model.dimensions]
    pairs = [(names[0], names[1]), (names[0], names[2]), (names[1], names[2])]
    for expert, values in zip(chosen, judgements, strict=True):
        for (row, column), value in zip(pairs, values, strict=True):
            here = (table["expert"] == expert) & (table["set"] == DIMENSIONS)
            forward = here & (table["row"] == row) & (table["column"] == column)
            backward = here & (table["row"] == column) & (table["column"] == row)
            assert forward.sum() + backward.sum() == 1
            table.loc[forward, "judgement"] = value
            table.loc[backward, "judgement"] = 1 / value
    return replace(study, tables={**study.tables, "experts": table})


def said(study):
    return [one["en"] for one in compute_weights(study, QUICK).remarks]


def test_a_cycle_is_said_beside_its_equal_weights(maternal):
    """F over E, E over S and S over F, each nine times: CR 6.13 with the random index 0.58."""
    result = compute_weights(judged_as(maternal, [(9, 1 / 9, 9), (9, 1 / 9, 9)]), QUICK)
    ratio = result.consistency[result.consistency["set"] == DIMENSIONS]["ratio"]
    assert ratio.to_numpy() == pytest.approx([6.13, 6.13], abs=0.005)
    (english,) = [one["en"] for one in result.remarks if "as much as random" in one["en"]][:1]
    assert "6.13" in english
    assert "dimensions" in english
    assert any("一致性比率 6.13" in one["zh"] for one in result.remarks)


def test_opposed_experts_are_said_to_disagree(maternal):
    """One expert's order is the reverse of the other's: Kendall's W is 0."""
    opposed = judged_as(maternal, [(2, 4, 2), (1 / 2, 1 / 4, 1 / 2)])
    assert any("do not agree on the order inside the dimensions: Kendall's W 0.00" in line for line in said(opposed))


def test_experts_of_one_mind_are_not_said_to_disagree(maternal):
    assert not any("inside the dimensions" in line and "do not agree" in line for line in said(maternal))


def test_a_single_expert_and_none_at_all(maternal):
    assert any(line.startswith("a single expert") for line in said(judged_as(maternal, [(2, 4, 2)])))
    without = replace(maternal, tables={k: v for k, v in maternal.tables.items() if k != "experts"})
    assert said(without)[0].startswith("no expert judged")
