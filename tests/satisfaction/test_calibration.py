"""Simulation-based calibration: a right fit passes, a wrong one is found out, and an interrupted run goes on."""

from __future__ import annotations

import dataclasses
from functools import partial

import numpy as np
import pytest

from maternal_eval.analyses.calibration.compute import (
    CalibrationDesign,
    calibrate_satisfaction,
    calibration_design,
    calibration_replicate,
    quantities,
    summarise_calibration,
)
from maternal_eval.analyses.calibration.settings import CalibrationSettings
from maternal_eval.analyses.calibration.tables import coverage_table, group_of, uniformity_table
from maternal_eval.analyses.satisfaction.result import SatisfactionResult
from maternal_eval.analyses.satisfaction.settings import SatisfactionSettings
from maternal_eval.core.errors import InputError
from maternal_eval.core.randomness import spawn
from maternal_eval.methods.sampling import run_replicates
from maternal_eval.results import compared
from maternal_eval.study.model_settings import OrdinalPriors
from tests.stand_in import stand_in

ANSWERS = np.arange(1, 6)
SMALL = CalibrationSettings(replicates=40, stages=3, periods=3, answers_per_cell=10, tune=200, draws=300)


def design_of(settings: CalibrationSettings = SMALL) -> CalibrationDesign:
    return calibration_design(settings, OrdinalPriors(), ANSWERS, stages_ordered=True)


def calibrated(settings: CalibrationSettings, generating=None, seed: int = 0):
    design = design_of(settings)
    compute = partial(calibration_replicate, design=design, settings=settings, generating=generating)
    return summarise_calibration(
        "small", design, settings, run_replicates(compute, settings.replicates, seed=seed), stages_ordered=True
    )


def wider(design: CalibrationDesign, times: float):
    """Return a model whose factors vary ``times`` as much as the fitted model's prior says."""
    model = design.model
    return dataclasses.replace(
        model,
        factors=tuple(dataclasses.replace(factor, scale=times * factor.scale) for factor in model.factors),
        scale_prior=times * model.scale_prior,
    )


@pytest.fixture(scope="module")
def right():
    return calibrated(SMALL)


def test_a_right_fit_passes(right):
    assert right.passed
    assert right.replicates == 40
    assert right.ranks.to_numpy().min() >= 0
    assert right.ranks.to_numpy().max() <= right.ranked_among
    assert right.design["answers"] == 3 * 3 * 2 * 10
    assert not right.table().isna().drop(columns="threshold").any(axis=None)


def test_every_parameter_and_derived_quantity_is_ranked(right):
    design = design_of()
    names = list(right.ranks)
    assert names[: len(design.model.names)] == list(design.model.names)
    assert {"score stage 1", "change stage 3", "score all stages", "log-likelihood"} <= set(names)
    assert set(right.uniformity["group"]) == {
        "threshold",
        "stage",
        "period",
        "stage_period",
        "segment",
        "log_scale",
        "score",
        "change",
        "log-likelihood",
    }


def test_a_generator_with_a_wider_prior_is_found_out():
    found = calibrated(SMALL, generating=wider(design_of(), 3.0))
    status = found.checks.set_index("check")["status"]
    assert not found.passed
    assert status["rank uniformity"] == "failed"


class Repeated(CalibrationDesign):
    """A likelihood that counts every answer four times: intervals too narrow by a factor of about 2."""

    def with_counts(self, counts):
        return super().with_counts(4 * counts)


def test_a_wrong_density_is_found_out():
    design = Repeated(
        **{field.name: getattr(design_of(), field.name) for field in dataclasses.fields(CalibrationDesign)}
    )
    compute = partial(calibration_replicate, design=design, settings=SMALL)
    found = summarise_calibration("x", design, SMALL, run_replicates(compute, 40, seed=0), stages_ordered=True)
    assert not found.passed
    assert (found.coverage.groupby("probability")["covered"].mean().to_numpy() < [0.47, 0.87]).all()


def test_ranks_and_coverage_of_a_known_truth():
    """The truth in the middle of the draws ranks in the middle; the same draws cover it."""
    design, settings = design_of(), SMALL
    found = calibration_replicate(spawn(0, 1)[0], design, settings)
    again = calibration_replicate(spawn(0, 1)[0], design, settings)
    assert all(np.array_equal(found[name], again[name]) for name in found)
    assert found["rank"].shape == (len(quantities(design, design.model, np.zeros((1, 1, len(design.model.names))))),)
    assert found["covered"].shape == (2, found["rank"].size)
    assert (found["covered"][0] <= found["covered"][1]).all()  # inside 50 % is inside 90 %


def test_log_likelihood_is_that_of_the_answers():
    design = design_of()
    model = design.with_counts(np.full((18, 5), 2))
    x = np.random.default_rng(0).normal(size=(1, 2, len(model.names)))
    assert quantities(design, model, x)["log-likelihood"][0, 1] == model.log_likelihood(x[0, 1])[0]


@pytest.mark.parametrize(
    ("share", "inside"), [(0.9, True), (0.5, False), (1.0, False)], ids=["nominal", "too narrow", "too wide"]
)
def test_coverage_limits(share, inside):
    covered = np.zeros((300, 2, 1), dtype=bool)
    covered[: round(300 * share), 1] = covered[:150, 0] = True
    table = coverage_table(["score stage 1"], covered)
    assert table["inside"].tolist() == [True, inside]
    assert table["covered"].tolist() == [0.5, share]


def test_holm_and_groups():
    import pandas as pd

    ranks = pd.DataFrame({"stage_period 12": np.arange(100), "score stage 1": np.zeros(100, dtype=int)})
    table = uniformity_table(ranks, 99)
    assert table["p"].to_numpy() == pytest.approx([1.0, 0.0], abs=1e-9)
    assert (table["p_holm"] >= table["p"]).all()
    assert table["group"].tolist() == ["stage_period", "score"]
    assert [group_of(name) for name in ("log-likelihood", "log_scale 2", "change all stages")] == [
        "log-likelihood",
        "log_scale",
        "change",
    ]


def test_the_design_follows_the_study(small, tmp_path):
    fit = stand_in(SatisfactionResult, settings=dataclasses.asdict(SatisfactionSettings()), outcome="again")
    settings = dataclasses.replace(SMALL, stages=4, replicates=20)
    found = calibrate_satisfaction(small, settings=settings, seed=0, results={"satisfaction": fit}, kept=tmp_path)
    assert found.design["stages"] == 3  # the study has no more
    assert found.design["levels"] == 2
    assert "log_scale" not in set(found.uniformity["group"])  # two answers have no scale of their own
    assert len(list(tmp_path.glob("*.npz"))) == 20
    (tmp_path / "000007.npz").unlink()
    again = calibrate_satisfaction(small, settings=settings, seed=0, results={"satisfaction": fit}, kept=tmp_path)
    assert again.ranks.equals(found.ranks)


@pytest.mark.parametrize(
    ("setting", "value"), [("replicates", 5), ("stages", 1), ("ranked_among", 5), ("draws", 40), ("chains", 1)]
)
def test_settings_that_cannot_be_used_are_refused(setting, value):
    with pytest.raises(InputError, match=setting):
        dataclasses.replace(SMALL, **{setting: value})


def test_result_is_stored_and_compared(right, tmp_path):
    right.save(tmp_path)
    loaded = type(right).load(tmp_path)
    assert loaded.ranks.equals(right.ranks)
    assert loaded.quantities() == right.quantities()
    assert (compared(right.quantities())["mcse"] > 0).all()
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 200_000


@pytest.mark.parametrize("language", ["en", "zh"])
def test_figures(right, language):
    assert len([axes for axes in right.plot(language).axes if axes.lines]) == 9
    figure = right.plot_further("coverage", language)
    assert {len(line.get_xdata()) for line in figure.axes[0].lines} == {2, len(right.coverage) // 2}


@pytest.mark.slow
@pytest.mark.parametrize("ordered", [True, False])
def test_full_calibration_passes_and_covers(ordered):
    """300 replicates at full settings: ranks of 38 quantities uniform, 50 % and 90 % intervals cover nominally."""
    settings = CalibrationSettings()
    design = calibration_design(settings, OrdinalPriors(), ANSWERS, ordered)
    compute = partial(calibration_replicate, design=design, settings=settings)
    found = summarise_calibration("x", design, settings, run_replicates(compute, 300, seed=11), ordered)
    assert found.passed, found.checks.to_string()
    mean = found.coverage.groupby("probability")["covered"].mean()
    assert mean.to_numpy() == pytest.approx([0.5, 0.9], abs=0.05)


@pytest.mark.slow
def test_a_slightly_wider_prior_is_found_out_at_full_settings():
    settings = CalibrationSettings()
    design = design_of(settings)
    found = calibrated(settings, generating=wider(design, 1.7))
    assert not found.passed
