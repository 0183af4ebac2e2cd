"""Times the stage weights on 25,000 x 30 answers, and on a smaller size against the reference sampler.

The goal is at most 60 s for the whole panel, compilation included, at the gate (R-hat <= 1.01, bulk ESS >= 400, no
divergence): first a fit in a fresh process with an empty kernel cache, then one with the kernels ready. Reference is
the same posterior written as a PyMC model on single answers, sampled by nutpie without any summary; it is timed and its
means are compared on a smaller size, because it takes minutes on the whole.

    python benchmarks/stage_weights.py [--answers 2000] [--indicators 2] [--skip-reference]
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import platform
import subprocess
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path

import numpy as np
import xarray as xr

import maternal_eval
from maternal_eval.analyses.stage_weights.anchor import anchor
from maternal_eval.analyses.stage_weights.compute import fit_stage_weights
from maternal_eval.analyses.stage_weights.design import build_design
from maternal_eval.analyses.stage_weights.simulate import keep_indicators, take
from maternal_eval.methods.sampling import Gates, SamplerSettings, compile_model, diagnose, require, sample
from maternal_eval.methods.simplex_regression.prior import StagePrior
from maternal_eval.methods.simplex_regression.sampling import sample_stage_weights
from maternal_eval.study import Study

ROOT = Path(__file__).parents[1]
REPORT = ROOT / "build" / "benchmarks" / "stage_weights.md"
GOAL = 60.0
FURTHEST = 3.5
"""Monte-Carlo errors that the largest of some tens of differences may show."""
SETTINGS = SamplerSettings(chains=4, tune=400, draws=1000, target_accept=0.8, adaptation="diag")


def whole_panel() -> str:
    """Fit the built-in panel and return one line of the table."""
    study = Study.read(ROOT / "data" / "maternal")
    lines = []
    for name in ("first fit of a process, empty kernel cache", "kernels ready"):
        start = time.perf_counter()
        result = fit_stage_weights(study, seed=0)
        taken = time.perf_counter() - start
        checks = result.checks.set_index("check")["value"]
        lines.append(
            f"| {len(study.panel)} x {len(study.model.codes)} | {name} | {taken:.1f} | {checks['R-hat']:.3f} "
            f"| {checks['bulk ESS']:.0f} | {checks['divergences']:.0f} | {checks.get('Pareto k', np.nan):.2f} |"
        )
    return "\n".join(lines)


def small_problem(answers: int, per_dimension: int):
    """Return answers by stage and the prior of a smaller problem."""
    study = Study.read(ROOT / "data" / "maternal")
    design = build_design(study, study.primary_outcome)
    starts = design.answers[0].dimension_start
    kept = np.concatenate([np.arange(low, low + per_dimension) for low, _ in pairwise(starts)])
    random = np.random.default_rng(0)
    parts = []
    for part in design.answers:
        smaller = keep_indicators(part, kept)
        rows = np.sort(random.choice(smaller.outcome.size, answers // len(design.answers), replace=False))
        none = np.empty((rows.size, 0), dtype=np.int64)
        chosen = dataclasses.replace(take(smaller, rows), effects=none, effect_count=0)
        outcome = np.minimum(np.maximum(chosen.outcome, 1), 3) - 1  # three categories: none of them is sparse
        parts.append(dataclasses.replace(chosen, outcome=outcome, categories=3))
    static = anchor(study, design, None, None).static[kept]
    prior = StagePrior.around(
        static / static.sum(), parts[0].dimension_start, len(parts), True, shift=0.3, step_median=0.15
    )
    return parts, prior


def reference_model(parts, prior):
    """Return the posterior as a researcher would write it: PyMC, single answers, no summary."""
    import pymc as pm
    import pytensor.tensor as pt

    from maternal_eval.methods.simplex_regression.summary import NuisancePrior

    dimensions, elements = prior.dimensions, prior.elements
    heavy = np.isfinite(prior.freedom)
    with pm.Model() as model:
        log_tau = pm.Normal("log_tau")
        slopes = pm.Normal("slopes", shape=prior.stages)
        shift = pm.Normal("shift", shape=elements)
        walk = pm.Normal("walk", shape=(int((~heavy).sum()), elements))
        own = pm.StudentT("own", nu=3, shape=(int(heavy.sum()), elements))
        steps = pt.concatenate([walk, own])
        logs = prior.log_static + pt.dot(prior.shift_root, shift)
        logs = logs + prior.step_median * pt.exp(prior.step_spread * log_tau) * pt.dot(prior.basis, steps)
        inside = [
            pm.math.softmax(logs[:, dimensions + a : dimensions + b], axis=1)
            for a, b in pairwise(prior.dimension_start)
        ]
        of_dimension = pm.math.softmax(logs[:, :dimensions], axis=1)
        slope = prior.slope_median * pt.exp(prior.slope_spread * slopes)
        for s, part in enumerate(parts):
            of_prior = NuisancePrior.of(part, 1.0)
            cut = pm.Normal(
                f"cut_{s}",
                of_prior.mean,
                of_prior.precision**-0.5,
                transform=pm.distributions.transforms.ordered,
                initval=of_prior.mean,
            )
            have, value = part.answered.astype(float), part.values.astype(float)
            top, present = 0.0, 0.0
            for d, (a, b) in enumerate(pairwise(prior.dimension_start)):
                known = pt.dot(have[:, a:b], inside[d][s])
                mean = pt.dot(value[:, a:b] * have[:, a:b], inside[d][s]) / pt.where(known > 0, known, 1.0)
                weight = of_dimension[s, d] * have[:, a:b].any(axis=1)
                top, present = top + weight * mean, present + weight
            eta = slope[s] * (top / present - part.centre)
            pm.OrderedLogistic(f"y_{s}", eta=eta, cutpoints=cut, observed=part.outcome, compute_p=False)
    return model


def standardised(posterior) -> np.ndarray:
    """Return the reference's draws as vectors of the prior's standardised parameters, chains x draws x size."""
    names = ("log_tau", "slopes", "shift", "walk", "own")
    values = [posterior[name].transpose("chain", "draw", ...).values for name in names]
    return np.concatenate([value.reshape(*value.shape[:2], -1) for value in values], axis=-1)


def against_reference(answers: int, per_dimension: int) -> tuple[str, bool]:
    """Time both sides on the smaller problem and say whether their posterior means agree."""
    parts, prior = small_problem(answers, per_dimension)
    gates = Gates()
    ours_times = []
    for seed in range(3):
        start = time.perf_counter()
        draws = sample_stage_weights(
            parts, prior, 1.0, settings=SETTINGS, corrected=4000, gates=gates, method="summary", seed=seed
        )
        ours_times.append(time.perf_counter() - start)
    mean = np.tensordot(draws.importance, draws.weights, 1)
    chains = draws.checks.set_index("check")["value"]["bulk ESS"]
    ours_effective = min(1 / (draws.importance**2).sum(), chains)
    start = time.perf_counter()
    compiled = compile_model(reference_model(parts, prior))
    compile_seconds = time.perf_counter() - start
    start = time.perf_counter()
    tree = sample(compiled, seed=0, settings=dataclasses.replace(SETTINGS, draws=1500, target_accept=0.9))
    sample_seconds = time.perf_counter() - start
    exact = prior.weights(standardised(tree["posterior"]))
    reported = xr.Dataset({"log_weight": (("chain", "draw", "stage", "indicator"), np.log(exact))})
    reported = reported.assign_coords(stage=range(prior.stages), indicator=range(prior.indicators))
    judged = xr.DataTree.from_dict({"posterior": reported, "sample_stats": tree["sample_stats"].to_dataset()})
    found = require(diagnose(judged, gates), "the reference")
    distance = np.abs(mean - exact.mean(axis=(0, 1))) / exact.std(axis=(0, 1))
    error = np.sqrt(1 / ours_effective + 1 / found.bulk_ess)
    ours = float(np.median(ours_times))
    text = "\n".join(
        [
            f"Smaller size: {answers} answers x {prior.indicators} indicators, {prior.stages} stages.",
            "",
            "| | compile s | sample s | R-hat | bulk ESS |",
            "|---|---|---|---|---|",
            f"| summaries, corrected (median of 3) | 0 | {ours:.1f} | see gates | see gates |",
            f"| PyMC on single answers | {compile_seconds:.1f} | {sample_seconds:.1f} | {found.rhat:.3f} "
            f"| {found.bulk_ess:.0f} |",
            "",
            f"The reference takes {(compile_seconds + sample_seconds) / ours:.1f} times as long with compilation, "
            f"{sample_seconds / ours:.1f} times without. Posterior means differ by at most {distance.max():.2f} "
            f"posterior standard deviations (Monte-Carlo error of one difference: at most {error:.2f}; goal: at most "
            f"{FURTHEST:g} of them).",
        ]
    )
    return text, bool(distance.max() <= FURTHEST * error)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--answers", type=int, default=2000)
    parser.add_argument("--indicators", type=int, default=2, help="indicators per dimension of the smaller size")
    parser.add_argument("--skip-reference", action="store_true")
    parser.add_argument("--whole-panel-only", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.whole_panel_only:
        print(whole_panel())
        return 0
    with tempfile.TemporaryDirectory() as cache:
        run = subprocess.run(
            [sys.executable, __file__, "--whole-panel-only"],
            env={**os.environ, "NUMBA_CACHE_DIR": cache},
            capture_output=True,
            text=True,
            check=True,
        )
    compared, agree = "", True
    if not arguments.skip_reference:
        compared, agree = against_reference(arguments.answers, arguments.indicators)
    lines = run.stdout.strip().splitlines()[-2:]
    first = float(lines[0].split("|")[3])
    text = "\n".join(
        [
            "# Stage weights",
            "",
            f"Python {platform.python_version()}, maternal_eval {maternal_eval.__version__}.",
            "",
            "| answers x indicators | | s | R-hat | bulk ESS | divergences | Pareto k |",
            "|---|---|---|---|---|---|---|",
            *lines,
            "",
            f"Goal: at most {GOAL:.0f} s including compilation.",
            "",
            compared,
            "",
        ]
    )
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.write_text(text, encoding="utf-8")
    print(text)
    return 0 if first <= GOAL and agree else 1


if __name__ == "__main__":
    sys.exit(main())
