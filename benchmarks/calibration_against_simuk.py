"""Times a replicate of simulation-based calibration against simuk on the same model, both in one run.

simuk draws parameters and answers from a PyMC model, conditions the model on the answers and samples it, compiling it
anew for each replicate. maternal_eval fits the same model (priors, likelihood, design, number of chains and draws,
sampler) with the density that was compiled once. simuk's side is given nutpie too, so that the difference is not the
sampler's. Fits on both sides are held to the same gate, R-hat <= 1.03 and no fewer effective draws than the ranks need;
those that miss it are counted.

    python benchmarks/calibration_against_simuk.py [--replicates 5]
"""

from __future__ import annotations

import argparse
import dataclasses
import logging
import platform
import statistics
import sys
import time
import warnings
from pathlib import Path

import arviz as az
import numpy as np
import pymc as pm
import pytensor.tensor as pt
import simuk

import maternal_eval
from maternal_eval.analyses.calibration.compute import CalibrationDesign, calibration_design, calibration_replicate
from maternal_eval.analyses.calibration.settings import CalibrationSettings
from maternal_eval.analyses.calibration.tables import LARGEST_RHAT
from maternal_eval.core.randomness import spawn
from maternal_eval.study.model_settings import OrdinalPriors

ROOT = Path(__file__).parents[1]
REPORT = ROOT / "build" / "benchmarks" / "calibration_against_simuk.md"
GOAL = 8.0
OURS_PER_THEIRS = 4  # a replicate of ours is short: several for each of simuk's


def pymc_model(design: CalibrationDesign) -> pm.Model:
    """Return the model of the design as a researcher would write it in PyMC, with priors that can be drawn from."""
    model = design.model
    basis, level, scale_basis, group, _ = model.arrays
    with pm.Model() as written:
        shares = pm.Dirichlet("shares", np.ones(model.thresholds + 1))
        at_most = pt.cumsum(shares)[:-1]
        thresholds = pt.log(at_most) - pt.log1p(-at_most)
        blocks = {name: block.stop - block.start for name, block in model.blocks.items() if name != "threshold"}
        drawn = {
            name: pm.MvStudentT(name, nu=model.degrees, mu=np.zeros(size), chol=np.eye(size), shape=size)
            for name, size in blocks.items()
        }
        coefficients = pt.concatenate([drawn[name] for name in blocks if name != "log_scale"])
        location = pt.dot(basis, coefficients)[level].sum(axis=1)
        scale = pt.exp(pt.dot(scale_basis, drawn["log_scale"]))[group]
        below = pt.sigmoid((thresholds[None, :] - location[:, None]) / scale[:, None])
        edges = pt.concatenate([pt.zeros((len(level), 1)), below, pt.ones((len(level), 1))], axis=1)
        chance = edges[:, 1:] - edges[:, :-1]
        answers = np.full((len(level), model.thresholds + 1), 0)
        answers[:, 0] = design.answers_per_cell
        pm.Multinomial("answers", n=design.answers_per_cell, p=chance, observed=answers)
    return written


def simuk_replicates(design: CalibrationDesign, settings: CalibrationSettings, count: int) -> tuple[list[float], list]:
    """Return the seconds of each of simuk's replicates and their posteriors."""
    taken, posteriors = [], []
    for seed in range(count):
        calibration = simuk.SBC(
            pymc_model(design),
            num_simulations=1,
            seed=seed,
            progress_bar=False,
            sample_kwargs={
                "draws": settings.draws,
                "tune": settings.tune,
                "chains": settings.chains,
                "cores": settings.chains,
                "target_accept": settings.target_accept,
                "nuts_sampler": "nutpie",
            },
        )
        start = time.perf_counter()
        calibration.run_simulations()
        taken.append(time.perf_counter() - start)
        posteriors += calibration.posteriors
        print(f"simuk: {taken[-1]:.1f} s", file=sys.stderr, flush=True)
    return taken, posteriors


def diagnosed(posterior) -> tuple[float, float]:
    """Return the largest R-hat and the smallest bulk effective sample size of a posterior of simuk."""
    data = posterior.unstack("sample")
    worst = max(float(array.max()) for array in az.rhat(data).data_vars.values())
    least = min(float(array.min()) for array in az.ess(data, method="bulk").data_vars.values())
    return worst, least


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--replicates", type=int, default=5)
    arguments = parser.parse_args()
    logging.getLogger("pymc").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", category=FutureWarning)
    settings = dataclasses.replace(CalibrationSettings(), draws=500)
    design = calibration_design(settings, OrdinalPriors(), np.arange(1, 6), stages_ordered=True)
    calibration_replicate(spawn(0, 1)[0], design, settings)  # kernels, which are compiled once for all
    ours, ours_found, theirs, posteriors = [], [], [], []
    for number, seed in enumerate(spawn(1, arguments.replicates)):
        taken, found = simuk_replicates(design, settings, 1)
        theirs += taken
        posteriors += found
        for child in spawn(seed, OURS_PER_THEIRS):
            start = time.perf_counter()
            replicate = calibration_replicate(child, design, settings)
            ours.append(time.perf_counter() - start)
            ours_found.append((replicate["sampler"][0], replicate["sampler"][1]))
        print(f"round {number + 1}: maternal_eval {statistics.median(ours):.2f} s", file=sys.stderr, flush=True)
    sides = {"maternal_eval": (ours, ours_found), "simuk": (theirs, [diagnosed(found) for found in posteriors])}
    ratio = statistics.median(theirs) / statistics.median(ours)
    rows = []
    for name, (taken, found) in sides.items():
        missed = sum(rhat > LARGEST_RHAT or ess < settings.ranked_among for rhat, ess in found)
        rows.append(
            f"| {name} | {len(taken)} | {statistics.median(taken):.2f} | {min(taken):.2f}-{max(taken):.2f} "
            f"| {max(rhat for rhat, _ in found):.3f} | {min(ess for _, ess in found):.0f} | {missed} |"
        )
    text = "\n".join(
        [
            "# Simulation-based calibration: a replicate here against simuk",
            "",
            f"{design.cells.sizes['cell']} cells of {design.answers_per_cell} answers, "
            f"{len(design.model.names)} parameters, "
            f"{settings.chains} chains of {settings.tune} + {settings.draws} draws with nutpie on both sides; Python "
            f"{platform.python_version()}, maternal_eval {maternal_eval.__version__}, simuk {simuk.__version__}.",
            "",
            "| | replicates | seconds (median) | range | R-hat (worst) | bulk ESS (worst) | missed the gate |",
            "|---|---|---|---|---|---|---|",
            *rows,
            "",
            f"A replicate takes {ratio:.1f} times less (goal: {GOAL:.0f}).",
            "",
        ]
    )
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.write_text(text, encoding="utf-8")
    print(text)
    return 0 if ratio >= GOAL else 1


if __name__ == "__main__":
    sys.exit(main())
