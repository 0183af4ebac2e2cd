"""Times the satisfaction analysis of 50 million answers against 5,000 answers of the same kind, both in one run.

Both panels are simulated from one truth and written as Parquet, the large one chunk by chunk, into a temporary folder.
Each is then taken through the analysis in a process of its own: reading the study (the contract of the panel included),
counting the answers by cell, fitting. The fit has to keep the gates R-hat <= 1.01, bulk ESS >= 400 and no divergence on
both sides. Peak memory is what the process says of itself after counting. Fits are compared by the processor seconds of
both cores, which depend least on what else the machine does.

    python benchmarks/large_panels.py [--answers 50000000] [--repeats 3]
"""

from __future__ import annotations

import argparse
import json
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

import maternal_eval

ROOT = Path(__file__).parents[1]
REPORT = ROOT / "build" / "benchmarks" / "large_panels.md"
FEW, CHUNK = 5000, 2_000_000
FIT_GOAL, COUNT_GOAL, MEMORY_GOAL = 1.2, 10e6, 2.0
STAGES, YEARS, TIERS, TYPES = (
    ("before", "pregnant", "birth", "after"),
    range(2020, 2025),
    ("a", "b", "c"),
    ("x", "y", "z"),
)
STUDY = """
[study]
name = "large"
zh = "大样本"
en = "Large panel"
simulated = true
[columns]
period = "year"
stage = "stage"
segments = ["tier", "kind"]
weight = "weight"
[stages]
ordered = true
levels = [
    { value = "before", zh = "备孕", en = "Before" },
    { value = "pregnant", zh = "孕期", en = "Pregnant" },
    { value = "birth", zh = "分娩", en = "Birth" },
    { value = "after", zh = "产后", en = "After" },
]
[outcomes]
satisfaction = { column = "overall", kind = "ordinal", zh = "满意度", en = "Satisfaction" }
"""


def chunk(generator: np.random.Generator, rows: int) -> pa.Table:
    """Return simulated answers: cumulative logit by stage, year, tier and kind."""
    stage, year, tier, kind = (generator.integers(n, size=rows).astype(np.int8) for n in (4, 5, 3, 3))
    location = (
        np.array([0.3, 0.1, -0.4, 0.0])[stage]
        + np.array([-0.4, -0.2, 0.0, 0.2, 0.4])[year]
        + np.array([0.3, 0.0, -0.3])[tier]
        + np.array([0.2, -0.2, 0.0])[kind]
    )
    latent = location + generator.logistic(size=rows)
    answer = 1 + (latent[:, None] > np.array([-2.0, -0.8, 0.4, 1.8])).sum(axis=1)

    def words(codes: np.ndarray, names: tuple[str, ...]) -> pa.DictionaryArray:
        return pa.DictionaryArray.from_arrays(codes, pa.array(names))

    return pa.table(
        {
            "year": (year + np.int16(YEARS[0])).astype(np.int16),
            "stage": words(stage, STAGES),
            "tier": words(tier, TIERS),
            "kind": words(kind, TYPES),
            "weight": generator.choice(np.array([0.5, 0.8, 1.0, 1.3, 2.0]), rows),
            "overall": answer.astype(np.int8),
        }
    )


def write_panel(path: Path, rows: int) -> None:
    generator = np.random.default_rng(rows)
    writer = None
    for first in range(0, rows, CHUNK):
        table = chunk(generator, min(CHUNK, rows - first))
        writer = writer or pq.ParquetWriter(path, table.schema)
        writer.write_table(table)
    assert writer is not None
    writer.close()


def peak_gigabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6  # kilobytes on Linux


def one_side(folder: Path, panel: Path, seed: int) -> None:
    """Take one panel through the analysis and print what it took."""
    from maternal_eval.analyses.satisfaction.cells import cell_counts
    from maternal_eval.analyses.satisfaction.compute import build_model
    from maternal_eval.analyses.satisfaction.settings import SatisfactionSettings
    from maternal_eval.study import Study

    start = time.perf_counter()
    study = Study.read(folder, panel)
    read = time.perf_counter()
    processor = time.process_time()
    cells = cell_counts(study)
    processor, counted = time.process_time() - processor, time.perf_counter()
    memory = peak_gigabytes()
    from maternal_eval.methods.sampling import SamplerSettings, diagnose, require, sample

    settings = SatisfactionSettings()
    model = build_model(cells, study.model_settings.ordinal, study.stages_ordered)
    sample(model, seed=0, settings=SamplerSettings(tune=50, draws=50))  # imports and kernels, not to be timed
    before, processor_before = time.perf_counter(), time.process_time()
    found = require(diagnose(sample(model, seed=seed, settings=settings.sampler)), panel.name)
    fitted, fit_processor = time.perf_counter(), time.process_time() - processor_before
    took = {"read": read - start, "count": counted - read, "fit": fitted - before, "memory": memory}
    took |= {"count processor": processor, "fit processor": fit_processor}
    took |= {"peak": peak_gigabytes(), "rhat": found.rhat, "ess": found.bulk_ess, "divergences": found.divergences}
    print(json.dumps(took | {"answers": int(cells["answers"].sum()), "cells": cells.sizes["cell"]}))


def run(folder: Path, panel: Path, seed: int) -> dict[str, float]:
    command = [sys.executable, __file__, "--one-side", str(folder), str(panel), str(seed)]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    took: dict[str, float] = json.loads(output.splitlines()[-1])
    print(f"{panel.name}: {took}", file=sys.stderr, flush=True)
    return took


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--answers", type=int, default=50_000_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--one-side", nargs=3, metavar=("FOLDER", "PANEL", "SEED"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one_side:
        one_side(Path(arguments.one_side[0]), Path(arguments.one_side[1]), int(arguments.one_side[2]))
        return 0
    needed = 6 * arguments.answers
    if shutil.disk_usage(tempfile.gettempdir()).free < 2 * needed:
        print(f"not enough room in {tempfile.gettempdir()}: {needed / 1e9:.1f} GB are needed", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "study.toml").write_text(STUDY, encoding="utf-8")
        few, many = folder / "few.parquet", folder / "many.parquet"
        write_panel(few, FEW)
        write_panel(many, arguments.answers)
        size = many.stat().st_size
        sides: dict[Path, list[dict[str, float]]] = {few: [], many: []}
        for repeat in range(arguments.repeats):
            for panel, found in sides.items():
                found.append(run(folder, panel, repeat))
    return report(arguments, sides[few], sides[many], size)


def report(arguments: argparse.Namespace, few: list[dict[str, float]], many: list[dict[str, float]], size: int) -> int:
    def median(side: list[dict[str, float]], name: str) -> float:
        return statistics.median(took[name] for took in side)

    ratio = median(many, "fit") / median(few, "fit")
    processor_ratio = median(many, "fit processor") / median(few, "fit processor")
    rate = arguments.answers / median(many, "count")
    with_contract = arguments.answers / (median(many, "count") + median(many, "read"))
    memory = max(took["memory"] for took in many)
    lines = [
        f"| {int(side[0]['answers']):,} | {int(side[0]['cells'])} | {median(side, 'read'):.2f} "
        f"| {median(side, 'count'):.2f} | {median(side, 'count processor'):.2f} | {median(side, 'fit'):.2f} "
        f"| {median(side, 'fit processor'):.2f} "
        f"| {max(t['memory'] for t in side):.2f} | {max(t['peak'] for t in side):.2f} "
        f"| {max(t['rhat'] for t in side):.3f} | {min(t['ess'] for t in side):.0f} "
        f"| {sum(int(t['divergences']) for t in side)} |"
        for side in (few, many)
    ]
    text = "\n".join(
        [
            "# Satisfaction by stage: 50 million answers against 5,000",
            "",
            f"Simulated Parquet panels ({size / 1e6:.0f} MB the large one), medians of {arguments.repeats} processes "
            f"each; Python {platform.python_version()}, maternal_eval {maternal_eval.__version__}.",
            "",
            "| answers | cells | read and check s | count s | count processor s | fit s | fit processor s "
            "| peak GB after counting | peak GB | R-hat | bulk ESS | divergences |",
            "|---|---|---|---|---|---|---|---|---|---|---|---|",
            *lines,
            "",
            f"Fit: {processor_ratio:.2f} times the processor time (goal: at most {FIT_GOAL}), {ratio:.2f} times as "
            f"long. Counting: {rate / 1e6:.1f} million rows a "
            f"second (goal: {COUNT_GOAL / 1e6:.0f}), {with_contract / 1e6:.1f} with the contract of every column; "
            f"{memory:.2f} GB (goal: at most {MEMORY_GOAL:.0f}).",
            "",
        ]
    )
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.write_text(text, encoding="utf-8")
    print(text)
    return 0 if processor_ratio <= FIT_GOAL and rate >= COUNT_GOAL and memory <= MEMORY_GOAL else 1


if __name__ == "__main__":
    sys.exit(main())
