"""Simulation-based calibration: does the fit find what the model has put in?

A parameter vector is drawn from the prior, answers from the model, and the model is fitted to the answers. Averaged
over such replicates the posterior is the prior, so that every quantity of the true vector ranks uniformly among its
(nearly independent) posterior draws (Cook, Gelman & Rubin 2006; Talts et al. 2018), and its intervals cover it as often
as they say. The log-likelihood is among the quantities: it shows a posterior that forgot the data (Modrák et al. 2023).

The design is small (:class:`CalibrationDesign`), because a mistake in prior, likelihood, gradient or sampler shows in
small designs as it does in large ones, and a replicate then takes a fraction of a second. It says nothing about whether
the model is right for a real survey: that is what the posterior predictive checks look at.
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import partial
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from maternal_eval.analyses.calibration.result import CalibrationResult
from maternal_eval.analyses.calibration.settings import CalibrationSettings
from maternal_eval.analyses.calibration.tables import (
    ALARM,
    COVERAGES,
    LARGEST_RHAT,
    calibration_checks,
    coverage_table,
    uniformity_table,
)
from maternal_eval.analyses.satisfaction.compute import build_model
from maternal_eval.analyses.satisfaction.poststratification import pooled_probabilities
from maternal_eval.analyses.satisfaction.result import SatisfactionResult
from maternal_eval.core.checks import check_table
from maternal_eval.core.intervals import interval
from maternal_eval.core.progress import Progress
from maternal_eval.core.randomness import generator, named
from maternal_eval.methods.ordinal.model import SatisfactionModel
from maternal_eval.methods.ordinal.summaries import expected_answers
from maternal_eval.methods.sampling import (
    Attempt,
    Gates,
    Replicate,
    run_replicates,
    sample_until_passed,
)
from maternal_eval.results import Result, used
from maternal_eval.study import Study
from maternal_eval.study.model_settings import OrdinalPriors

ATTEMPTS = tuple(Attempt(draws=times) for times in (1, 2, 4, 8))
"""A replicate whose chains have not mixed is sampled again with more draws."""


@dataclass(frozen=True)
class CalibrationDesign:
    """Cells without answers yet, and the model on them.

    Attributes
    ----------
    cells
        As :func:`maternal_eval.analyses.satisfaction.cells.cell_counts` returns them; every cell holds the same number
        of answers.
    model
        The model of these cells with the study's priors.
    answers_per_cell
        Number of answers that a replicate puts into each cell.
    """

    cells: xr.Dataset
    model: SatisfactionModel
    answers_per_cell: int

    def with_counts(self, counts: np.ndarray) -> SatisfactionModel:
        """Return the model with the answers of a replicate: nothing is compiled for it."""
        return dataclasses.replace(self.model, counts=counts.astype(float))


def calibration_design(
    settings: CalibrationSettings, priors: OrdinalPriors, answers: np.ndarray, stages_ordered: bool
) -> CalibrationDesign:
    """Return a balanced design of stages × periods × levels of one segment.

    Parameters
    ----------
    settings
        Size of the design.
    priors
        Prior scales of the fit that is put to the test.
    answers
        Codes of the ordered answers.
    stages_ordered
        Whether stages follow each other.
    """
    levels: dict[str, list[str] | list[int]] = {
        "stage": [f"stage {number + 1}" for number in range(settings.stages)],
        "period": list(range(1, settings.periods + 1)),
        "segment": [f"level {number + 1}" for number in range(settings.segment_levels)],
    }
    grid = np.array(list(product(*(range(len(names)) for names in levels.values()))))
    table = np.full((len(grid), len(answers)), settings.answers_per_cell / len(answers))
    cells = xr.Dataset(
        dict.fromkeys(("answers", "weighted", "effective"), (("cell", "answer"), table))
        | {f"{name}_index": ("cell", grid[:, column]) for column, name in enumerate(levels)}
        | {"period_step": ("period", np.arange(settings.periods))}
        | {"share": ("cell", np.full(len(grid), 1.0 / settings.segment_levels))},
        coords={"answer": answers} | levels,
    )
    return CalibrationDesign(cells, build_model(cells, priors, stages_ordered), settings.answers_per_cell)


def quantities(design: CalibrationDesign, model: SatisfactionModel, x: np.ndarray) -> dict[str, np.ndarray]:
    """Return everything that is ranked, by name, for parameter vectors ``x`` (chain, draw, parameter).

    The parameters as they are sampled, the expected answer of each stage in the last period and its change since the
    first, both also of all stages together, and the log-likelihood of the answers of ``model``.
    """
    found = {str(name): x[..., number] for number, name in enumerate(model.names)}
    pooled = pooled_probabilities(model, x, design.cells, design.cells["share"].to_numpy())
    scores = expected_answers(pooled)
    periods = design.cells["period"].to_numpy()
    paths = {str(stage): scores["by_stage"].sel(stage=stage) for stage in design.cells["stage"].values}
    for name, path in (paths | {"all stages": scores["overall"]}).items():
        found[f"score {name}"] = path.sel(period=periods[-1]).to_numpy()
        if len(periods) > 1:
            found[f"change {name}"] = (path.sel(period=periods[-1]) - path.sel(period=periods[0])).to_numpy()
    flat = np.array([model.log_likelihood(vector)[0] for vector in x.reshape(-1, x.shape[-1])])
    found["log-likelihood"] = flat.reshape(x.shape[:-1])
    return found


def calibration_replicate(
    seed: np.random.SeedSequence,
    design: CalibrationDesign,
    settings: CalibrationSettings,
    generating: SatisfactionModel | None = None,
) -> Replicate:
    """Draw a truth and its answers, fit, and rank the truth among the draws.

    Parameters
    ----------
    seed
        Seed of this replicate.
    design
        Cells and the model that is fitted.
    settings
        Length of the chains and number of draws that count.
    generating
        The model that truth and answers are drawn from; the fitted one if None. Another one must be found out.

    Returns
    -------
    dict
        ``rank`` and, by row for each of :data:`COVERAGES`, ``covered`` of every quantity; ``sampler``: largest R-hat,
        smallest bulk effective sample size, divergences, and how many times as long as planned the chains were.
    """
    random = generator(named(seed, "truth and answers"))
    generating = generating or design.model
    truth = generating.draw_prior(random, 1)
    chance = generating.probabilities(truth[0])
    model = design.with_counts(random.multinomial(design.answers_per_cell, chance))
    sampled = sample_until_passed(
        model,
        # Ranks ask for chains that have mixed; divergences and energy are counted and shown.
        gates=Gates(LARGEST_RHAT, settings.ranked_among, tail_ess=0.0, divergences=sys.maxsize, ebfmi=0.0),
        seed=named(seed, "chains"),
        settings=dataclasses.replace(settings.sampler, draws=settings.draws),
        attempts=ATTEMPTS,
    )
    x, diagnostics, times = sampled.x, sampled.diagnostics, sampled.attempt.draws
    drawn, true = quantities(design, model, x), quantities(design, model, truth[None])
    thinned = np.linspace(0, x.shape[0] * x.shape[1] - 1, settings.ranked_among).astype(int)
    rank = [int((draws.ravel()[thinned] < true[name].item()).sum()) for name, draws in drawn.items()]
    covered = []
    for probability in COVERAGES:
        ends = {name: interval(draws.ravel(), probability=probability) for name, draws in drawn.items()}
        covered.append([bool(low <= true[name].item() <= high) for name, (low, high) in ends.items()])
    sampler = [diagnostics.rhat, diagnostics.bulk_ess, float(diagnostics.divergences), float(times)]
    return {"rank": np.array(rank), "covered": np.array(covered), "sampler": np.array(sampler)}


def calibrate_satisfaction(
    study: Study,
    *,
    settings: CalibrationSettings,
    seed: int | np.random.SeedSequence,
    results: Mapping[str, Result],
    kept: Path | None = None,
    progress: Progress | None = None,
) -> CalibrationResult:
    """Put the satisfaction model of a study to the test in a small design of its kind.

    Number of answers, order of stages and priors are those of the study's fit; its panel is not looked at.

    Parameters
    ----------
    study
        The study.
    settings
        Number and size of the replicates.
    seed
        Seed of everything random.
    results
        The result of ``satisfaction``: its outcome and segments.
    kept
        Folder for finished replicates: see :func:`maternal_eval.methods.sampling.run_replicates`.
    progress
        Listener.
    """
    priors, fitted = study.model_settings.ordinal, used(results, "satisfaction", SatisfactionResult)
    outcome = study.outcomes[fitted.outcome]
    assert outcome.low is not None  # ordered answers, or there would be no fit
    settings = dataclasses.replace(
        settings,
        stages=min(settings.stages, len(study.stages)),
        periods=settings.periods if len(study.periods) > 1 else 1,
        segment_levels=settings.segment_levels if study.segments and fitted.settings["segments"] not in ((), []) else 1,
    )
    answers = np.arange(outcome.levels) + int(outcome.low)
    design = calibration_design(settings, priors, answers, study.stages_ordered)
    replicates = run_replicates(
        partial(calibration_replicate, design=design, settings=settings),
        settings.replicates,
        seed=named(seed, "replicates"),
        kept=kept,
        conditions=repr((settings, priors, answers.tolist(), study.stages_ordered)),
        progress=progress,
        task="calibrating: replicate fits",
    )
    return summarise_calibration(study.name, design, settings, replicates, study.stages_ordered)


def summarise_calibration(
    study: str,
    design: CalibrationDesign,
    settings: CalibrationSettings,
    replicates: list[Replicate],
    stages_ordered: bool,
) -> CalibrationResult:
    """Return ranks, coverage and verdicts of replicates."""
    names = list(quantities(design, design.model, np.zeros((1, 1, len(design.model.names)))))
    ranks = pd.DataFrame(np.array([replicate["rank"] for replicate in replicates]), columns=names)
    sampler = pd.DataFrame(
        np.array([replicate["sampler"] for replicate in replicates]),
        columns=["rhat", "bulk_ess", "divergences", "times_as_long"],
    )
    uniformity = uniformity_table(ranks, settings.ranked_among)
    covered = np.array([replicate["covered"] for replicate in replicates])
    coverage = coverage_table(names, covered)
    return CalibrationResult(
        study=study,
        simulated=True,
        stages_ordered=stages_ordered,
        design={
            "stages": settings.stages,
            "periods": settings.periods,
            "segment_levels": settings.segment_levels,
            "cells": design.cells.sizes["cell"],
            "answers": design.cells.sizes["cell"] * settings.answers_per_cell,
            "answers_per_cell": settings.answers_per_cell,
            "levels": design.cells.sizes["answer"],
            "parameters": len(design.model.names),
        },
        settings=asdict(settings),
        replicates=len(ranks),
        ranked_among=settings.ranked_among,
        alarm=ALARM,
        ranks=ranks.astype("int16"),
        uniformity=uniformity,
        coverage=coverage,
        sampler=sampler,
        checks=check_table(calibration_checks(uniformity, coverage, sampler, settings.ranked_among)),
    )
