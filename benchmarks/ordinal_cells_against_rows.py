"""Times the ordinal model on counts by cell against the same model on single answers, both in one run.

The same posterior is sampled three times over: from counts by cell (what the analyses do), from single answers with
the same compiled density, and from single answers by the PyMC model that a researcher would write
(maternal_eval.methods.pymc_models), with the same sampler and settings. Every fit has to keep the gates R-hat <= 1.01,
bulk ESS >= 400 and no divergence. The three take turns, so that whatever else the machine does hits all alike;
processor seconds count both cores and depend least on it. With --own-sampler PyMC's own NUTS is timed as well.

    python benchmarks/ordinal_cells_against_rows.py [--answers 5000] [--repeats 3]
"""

from __future__ import annotations

import argparse
import dataclasses
import platform
import statistics
import sys
import time
from pathlib import Path

import numpy as np

import maternal_eval
from maternal_eval.analyses.satisfaction.cells import cell_counts
from maternal_eval.analyses.satisfaction.compute import build_model
from maternal_eval.core.randomness import spawn
from maternal_eval.methods.ordinal.model import SatisfactionModel
from maternal_eval.methods.pymc_models.ordinal import ordinal_model
from maternal_eval.methods.sampling import (
    CompiledModel,
    Diagnostics,
    Gates,
    SamplerSettings,
    compile_model,
    diagnose,
    require,
    sample,
)
from maternal_eval.study import Study
from maternal_eval.study.model_settings import OrdinalPriors

ROOT = Path(__file__).parents[1]
REPORT = ROOT / "build" / "benchmarks" / "ordinal_cells_against_rows.md"
GATES = Gates()
SETTINGS = SamplerSettings(tune=400, draws=1000)
GOAL = 10.0


def models(answers: int) -> tuple[SatisfactionModel, SatisfactionModel, np.ndarray, np.ndarray]:
    """Return the model of counts, the same on rows, and cell and category of each row, of a sample of the panel."""
    study = Study.read(ROOT / "data" / "maternal")
    generator = np.random.default_rng(0)
    panel = study.panel.drop(columns="weight")
    chosen = np.sort(generator.choice(len(panel), min(answers, len(panel)), replace=False))
    study = dataclasses.replace(study, panel=panel.iloc[chosen].reset_index(drop=True))
    counts = build_model(cell_counts(study), OrdinalPriors(), study.stages_ordered)
    place = np.repeat(np.arange(counts.counts.size), counts.counts.astype(int).ravel())
    cell, category = np.divmod(place, counts.counts.shape[1])
    order = generator.permutation(len(cell))
    cell, category = cell[order], category[order]
    rows = dataclasses.replace(
        counts,
        counts=np.eye(counts.counts.shape[1])[category],
        stage=counts.stage[cell],
        factors=tuple(dataclasses.replace(factor, level=factor.level[cell]) for factor in counts.factors),
    )
    return counts, rows, cell, category


def timed(action, *arguments, **options):
    start = time.perf_counter()
    result = action(*arguments, **options)
    return result, time.perf_counter() - start


@dataclasses.dataclass
class Side:
    """One way to sample the posterior: what it took to make ready, and what its fits took and gave."""

    name: str
    compiled: CompiledModel
    compile_seconds: float
    seconds: list[float] = dataclasses.field(default_factory=list)
    processor_seconds: list[float] = dataclasses.field(default_factory=list)
    found: list[Diagnostics] = dataclasses.field(default_factory=list)

    def fit(self, seed: np.random.SeedSequence) -> None:
        """Sample once; the fit has to pass the gates."""
        processor = time.process_time()
        tree, taken = timed(sample, self.compiled, seed=seed, settings=SETTINGS)
        self.processor_seconds.append(time.process_time() - processor)
        self.seconds.append(taken)
        self.found.append(require(diagnose(tree, GATES), self.name))
        print(f"{self.name}: {taken:.1f} s", file=sys.stderr, flush=True)

    def row(self, base: Side) -> str:
        """Return a line of the table; ``base`` is the side that the others are compared with."""
        median, processor = statistics.median(self.seconds), statistics.median(self.processor_seconds)
        rhat, ess = max(found.rhat for found in self.found), min(found.bulk_ess for found in self.found)
        return (
            f"| {self.name} | {self.compile_seconds:.1f} | {median:.2f} "
            f"| {min(self.seconds):.1f}-{max(self.seconds):.1f} | {processor:.2f} | {rhat:.3f} | {ess:.0f} "
            f"| {sum(d.divergences for d in self.found)} | {median / statistics.median(base.seconds):.1f} "
            f"| {processor / statistics.median(base.processor_seconds):.1f} |"
        )


def own_sampler(model, side: Side) -> str:
    """Return effective draws a second of PyMC's own NUTS (compilation included) and of nutpie on the same model."""
    import pymc as pm

    with model:
        tree, taken = timed(
            pm.sample,
            nuts_sampler="pymc",
            chains=SETTINGS.chains,
            tune=SETTINGS.tune,
            draws=SETTINGS.draws,
            target_accept=SETTINGS.target_accept,
            cores=SETTINGS.cores,
            random_seed=0,
            progressbar=False,
            compute_convergence_checks=False,
        )
    own = diagnose(tree, GATES).bulk_ess / taken
    ours = min(found.bulk_ess for found in side.found) / statistics.median(side.seconds)
    return f"\nSmallest bulk ESS a second on the rows: nutpie {ours:.1f}, PyMC's own NUTS {own:.1f} ({taken:.0f} s).\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--answers", type=int, default=5000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--own-sampler", action="store_true", help="time PyMC's own NUTS on the rows as well")
    arguments = parser.parse_args()
    counts, rows, cell, category = models(arguments.answers)
    sample(counts, seed=0, settings=SamplerSettings(tune=50, draws=50))  # imports and kernels, for all sides
    model = ordinal_model(counts, {}, rows=(cell, category))
    sides = [
        Side(name, *timed(compile_model, what))
        for name, what in (
            ("counts by cell", counts),
            ("single answers, same density", rows),
            ("single answers, PyMC and nutpie", model),
        )
    ]
    for seed in spawn(1, arguments.repeats):
        for side in sides:
            side.fit(seed)
    ratio = statistics.median(sides[-1].seconds) / statistics.median(sides[0].seconds)
    lines = [side.row(sides[0]) for side in sides]
    text = report(arguments, counts, lines, ratio)
    if arguments.own_sampler:
        text += own_sampler(model, sides[-1])
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.write_text(text, encoding="utf-8")
    print(text)
    return 0 if ratio >= GOAL else 1


def report(arguments: argparse.Namespace, counts: SatisfactionModel, lines: list[str], ratio: float) -> str:
    return "\n".join(
        [
            "# Ordinal posterior: counts by cell against single answers",
            "",
            f"{int(counts.counts.sum())} answers in {int((counts.counts.sum(axis=1) > 0).sum())} cells, "
            f"{len(counts.names)} parameters; {SETTINGS.chains} chains of {SETTINGS.tune} + {SETTINGS.draws} draws, "
            f"target_accept {SETTINGS.target_accept}, {arguments.repeats} repeats; Python {platform.python_version()}, "
            f"maternal_eval {maternal_eval.__version__}.",
            "",
            "| model | compile s | sample s (median) | range | processor s (median) | R-hat | bulk ESS | divergences "
            "| times counts | times counts (processor) |",
            "|---|---|---|---|---|---|---|---|---|---|",
            *lines,
            "",
            f"Sampling from counts takes {ratio:.1f} times less than the PyMC model on rows (goal: {GOAL:.0f}).",
            "",
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
