"""Experts, Kano answers, triangulation: what the small tables hold."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from maternal_eval.simulation.calibration import disagreement
from maternal_eval.simulation.experts import group_weights, on_scale
from maternal_eval.simulation.figures import SimulatedFiles
from maternal_eval.simulation.kano_answers import CLASSES, PAIRS, class_shares

# Random consistency index of Saaty (1980).
RANDOM_INDEX = {3: 0.58, 8: 1.41, 10: 1.49, 12: 1.48}
SIZES = {"dimensions": 3, "functional": 12, "emotional": 10, "social": 8}


def test_judgements_are_complete_and_on_saatys_scale(files: SimulatedFiles) -> None:
    experts = files.experts
    assert len(experts) == 15 * 3 * (3 + 66 + 45 + 28)
    scale = [1 / n for n in range(2, 10)] + list(range(1, 10))
    distance = np.abs(experts["judgement"].to_numpy()[:, None] - np.array(scale)).min(axis=1)
    assert distance.max() < 1e-12
    for name, size in SIZES.items():
        part = experts[(experts["set"] == name) & (experts["round"] == 1)]
        assert (part.groupby("expert").size() == size * (size - 1) // 2).all()


@pytest.mark.parametrize("name", SIZES)
def test_experts_converge(files: SimulatedFiles, name: str) -> None:
    part = files.experts[files.experts["set"] == name].assign(log=lambda table: np.log(table["judgement"]))
    spread = part.groupby(["round", "row", "column"])["log"].std().groupby("round").mean()
    assert spread[1] > 1.15 * spread[2]
    assert spread[2] > 1.15 * spread[3]


def test_most_experts_are_consistent_and_some_are_not(files: SimulatedFiles) -> None:
    ratios = []
    for (_, name, _), part in files.experts.groupby(["round", "set", "expert"]):
        size = SIZES[name]
        matrix = np.eye(size)
        rows, columns = np.triu_indices(size, 1)
        matrix[rows, columns] = part["judgement"]
        matrix[columns, rows] = 1 / part["judgement"]
        largest = np.linalg.eigvals(matrix).real.max()
        ratios.append((largest - size) / (size - 1) / RANDOM_INDEX[size])
    assert np.mean(np.array(ratios) < 0.10) > 0.85
    assert (np.array(ratios) > 0.10).sum() >= 5


def test_group_weights_of_consistent_judgements_are_the_weights() -> None:
    weights = np.array([0.5, 0.3, 0.2])
    judged = np.array([[weights[i] / weights[j] for i, j in combinations(range(3), 2)]] * 4)
    assert group_weights(judged, 3) == pytest.approx(weights)


def test_scale_takes_the_nearest_value_and_stops_at_nine() -> None:
    assert on_scale(np.log([1.0, 2.1, 50.0, 1 / 50, 0.34])) == pytest.approx([1, 2, 9, 1 / 9, 1 / 3])


@pytest.fixture(scope="module")
def kano(root: Path) -> pd.DataFrame:
    table = pd.read_csv(root / "data" / "maternal" / "kano.csv")
    kind_of = {pair: kind for kind, pairs in PAIRS.items() for pair in pairs}
    pairs = zip(table["functional"], table["dysfunctional"], strict=True)
    return table.assign(kind=[kind_of[pair] for pair in pairs])


def test_kano_pairs_lie_where_the_evaluation_table_puts_them() -> None:
    # Evaluation table of Kano (1984) as in Berger et al. (1993), rows functional 1–5, columns dysfunctional 1–5.
    berger = ["QAAAO", "RIIIM", "RIIIM", "RIIIM", "RRRRQ"]
    letter = dict(
        zip(("must_be", "performance", "attractive", "indifferent", "reverse", "questionable"), "MOAIRQ", strict=True)
    )
    for kind, pairs in PAIRS.items():
        for functional, dysfunctional in pairs:
            assert berger[functional - 1][dysfunctional - 1] == letter[kind], (kind, functional, dysfunctional)


def test_modal_kano_class_is_that_of_the_model(kano: pd.DataFrame, root: Path) -> None:
    model = pd.read_csv(root / "data" / "maternal" / "indicators.csv").set_index("code")["kano"]
    shares = pd.crosstab(kano["indicator"], kano["kind"], normalize="index")
    agree = shares.idxmax(axis=1) == model.reindex(shares.index)
    assert agree.sum() >= 27
    assert agree[["F01", "E03"]].all()  # the two that are published


def test_some_kano_classes_are_unsure_and_some_differ_by_stage(kano: pd.DataFrame) -> None:
    shares = pd.crosstab(kano["indicator"], kano["kind"], normalize="index")
    ordered = np.sort(shares.to_numpy(), axis=1)
    gap = pd.Series(ordered[:, -1] - ordered[:, -2], index=shares.index)
    assert gap[["F03", "E04", "E06", "S04"]].max() < 0.2
    assert gap["F01"] > 0.3
    after, other = (
        kano[(kano["indicator"] == "F10") & (kano["stage"].eq("postpartum") == flag)] for flag in (True, False)
    )
    assert (after["kind"] == "must_be").mean() > (other["kind"] == "must_be").mean() + 0.15


def test_kano_class_shares_add_up(truth) -> None:
    for code, kano in zip(truth.names.codes, truth.names.kano, strict=True):
        for stage in truth.names.stages:
            shares = class_shares(code, kano, stage)
            assert len(shares) == len(CLASSES)
            assert shares.sum() == pytest.approx(1)
            assert (shares >= 0).all()


def test_disagreement_gives_the_stated_agreement() -> None:
    readings = disagreement(0.92, 20.0) * np.random.default_rng(0).standard_normal((200_000, 3))
    within = (readings.max(axis=1) - readings.min(axis=1)) <= 20
    assert within.mean() == pytest.approx(0.92, abs=0.003)


def test_triangulation_sources_see_the_same_anxiety(files: SimulatedFiles) -> None:
    readings = files.triangulation[["self_report", "service_record", "third_party"]]
    assert readings.corr().to_numpy().min() > 0.75
    assert ((readings >= 0) & (readings <= 100)).all().all()
    assert readings.notna().all().all()
