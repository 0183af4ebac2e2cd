"""Times the what-if of 20 scenarios x 4,000 draws against a plain loop over the draws, both in one run.

Both sides carry the same interventions on the built-in study through the same draws of one regression; the loop
takes one draw at a time in double precision, as one would write it from the formula, and is timed on a part of the
draws. Their changes have to agree within one part in a thousand. The pass over all four outcomes under one scheme
of weights is timed as well: that is what has to stay below five seconds on two free cores.

    python benchmarks/what_if.py [--draws 4000] [--loop-draws 20] [--repeats 3]
"""

from __future__ import annotations

import argparse
import platform
import statistics
import sys
import time
from pathlib import Path

import numpy as np
from scipy.special import expit

import maternal_eval
from maternal_eval.analyses.weights.compute import static_weights
from maternal_eval.analyses.whatif.engine import (
    Composites,
    OutcomeFit,
    Target,
    WeightSets,
    composites_of,
    fit_outcome,
    predict,
)
from maternal_eval.analyses.whatif.intervention import Intervention, intervene
from maternal_eval.analyses.whatif.population import Population
from maternal_eval.analyses.whatif.scenarios import Change, Scenario
from maternal_eval.study import Study

ROOT = Path(__file__).parents[1]
REPORT = ROOT / "build" / "benchmarks" / "what_if.md"
SETS, SCENARIOS, GOAL_SECONDS, GOAL_RATIO = 40, 20, 5.0, 10.0


def loop(
    population: Population,
    target: Target,
    fit: OutcomeFit,
    composites: Composites,
    interventions: list[Intervention],
    draws: np.ndarray,
) -> np.ndarray:
    """Return the change of the mean answer (interventions x draws), one draw and one scenario at a time."""
    rows, block = target.rows, len(target.share) // composites.before.shape[1]
    result = np.empty((len(interventions), len(draws)))
    for column, draw in enumerate(draws):
        place, parameters = draw // block, fit.parameters[draw]
        thresholds, coefficients = np.split(parameters, [fit.thresholds])
        weight = target.share[draw].astype(float)
        before_design = population.design(composites.before[:, place], rows)
        before = expit((before_design @ coefficients)[:, None] - thresholds)
        for number, intervention in enumerate(interventions):
            design = population.design(composites.after[number][:, place], rows)
            answers = intervention.values_after(population, rows, place)[0]
            stages = population.stages
            moved = population.direct(answers)
            design[:, stages : stages + moved.shape[1]] = moved
            after = expit((design @ coefficients)[:, None] - thresholds)
            result[number, column] = np.average((after - before).sum(axis=1), weights=weight)
    return result


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=4000)
    parser.add_argument("--loop-draws", type=int, default=20)
    parser.add_argument("--repeats", type=int, default=3)
    arguments = parser.parse_args()
    study = Study.read(ROOT / "data" / "maternal")
    codes = ["F02", "E01", "F04", "F10"]
    scenarios = [
        Scenario(f"s{number}", "", "", {codes[number % 4]: Change(relative=0.02 * (1 + number // 4))})
        for number in range(SCENARIOS)
    ]
    population = Population.of(study, codes)
    rows = np.flatnonzero((population.panel["period"] == max(study.periods)).to_numpy())
    weights = static_weights(study).loc[list(population.codes)].to_numpy()
    scheme = WeightSets("static", np.tile(weights, (SETS, len(study.stages), 1)))
    target = Target.of(population, rows, study.stages, arguments.draws, np.random.SeedSequence(0))
    fits = [
        fit_outcome(population, outcome, scheme, arguments.draws, 10.0, np.random.SeedSequence(1))
        for outcome in study.outcomes.values()
    ]
    predict_all(study, population, target, fits, scheme, scenarios[:1])  # kernels compiled
    passes, one_outcome = [], []
    for _ in range(arguments.repeats):
        start = time.perf_counter()
        interventions, composites = predict_all(study, population, target, fits, scheme, scenarios)
        passes.append(time.perf_counter() - start)
        start = time.perf_counter()
        found = predict(population, target, fits[0], composites, interventions)
        one_outcome.append(time.perf_counter() - start)
    draws = np.linspace(0, arguments.draws - 1, arguments.loop_draws).astype(int)
    start = time.perf_counter()
    reference = loop(population, target, fits[0], composites, interventions, draws)
    loop_seconds = (time.perf_counter() - start) / arguments.loop_draws * arguments.draws
    mine = np.stack([change[draws, 0].sum(axis=1) for change in found.changes])
    difference = float(np.abs(mine / reference - 1).max())
    whole, single = statistics.median(passes), statistics.median(one_outcome)
    text = "\n".join(
        [
            "# What-if: one pass over the draws against a loop",
            "",
            f"{SCENARIOS} scenarios x {arguments.draws} draws on {len(rows)} respondents; medians of "
            f"{arguments.repeats}; Python {platform.python_version()}, maternal_eval {maternal_eval.__version__}.",
            "",
            "| side | outcomes | seconds | range |",
            "|---|---|---|---|",
            f"| one pass | {len(fits)} | {whole:.2f} | {min(passes):.2f}-{max(passes):.2f} |",
            f"| one pass | 1 | {single:.2f} | {min(one_outcome):.2f}-{max(one_outcome):.2f} |",
            f"| loop over draws ({arguments.loop_draws} timed, scaled) | 1 | {loop_seconds:.0f} | |",
            "",
            f"One pass takes {loop_seconds / single:.0f} times less (goal {GOAL_RATIO:.0f}); changes differ by at most "
            f"{difference:.1e} of themselves; {len(fits)} outcomes take {whole:.1f} s (goal {GOAL_SECONDS:.0f}).",
            "",
        ]
    )
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.write_text(text, encoding="utf-8")
    print(text)
    return 0 if whole <= GOAL_SECONDS and loop_seconds / single >= GOAL_RATIO and difference < 1e-3 else 1


def predict_all(
    study: Study,
    population: Population,
    target: Target,
    fits: list[OutcomeFit],
    scheme: WeightSets,
    scenarios: list[Scenario],
) -> tuple[list[Intervention], Composites]:
    """Carry the scenarios through all outcomes; what is returned serves the comparison."""
    interventions = [intervene(study, population, target.rows, one, {}, {}) for one in scenarios]
    composites = composites_of(population, target, scheme, interventions)
    for fit in fits:
        predict(population, target, fit, composites, interventions)
    return interventions, composites


if __name__ == "__main__":
    sys.exit(main())
