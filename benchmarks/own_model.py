"""Times one fit of the satisfaction model by both engines in one run: the compiled density, and its PyMC graph.

Both draw from the same posterior with the same settings, gates and sampler. Seconds of the wall and of the processor;
the graph is compiled in this process, from PyTensor's cache on disk where it has one.

    python benchmarks/own_model.py [--study data/gss] [--quick]
"""

from __future__ import annotations

import argparse
import platform
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import maternal_eval
from maternal_eval.app.analysis import Analysis
from maternal_eval.app.models import built
from maternal_eval.methods.sampling import compile_model, diagnose, require, sample

ROOT = Path(__file__).parents[1]
REPORT = ROOT / "build" / "benchmarks" / "own_model.md"


def timed(action: Callable[..., Any], *arguments: Any, **options: Any) -> tuple[Any, float, float]:
    wall, processor = time.perf_counter(), time.process_time()
    result = action(*arguments, **options)
    return result, time.perf_counter() - wall, time.process_time() - processor


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--study", default="data/gss")
    parser.add_argument("--quick", action="store_true")
    arguments = parser.parse_args()
    model = built(Analysis.open(ROOT / arguments.study), "satisfaction", quick=arguments.quick)
    settings, gates = model.settings.sampler, model.settings.gates
    lines = []
    for name, what in (("compiled density", model.model), ("PyMC graph", model.graph())):
        compiled, wall, processor = timed(compile_model, what)
        tree, sampling, of_sampling = timed(sample, compiled, seed=1, settings=settings)
        found = require(diagnose(tree, gates), name)
        lines.append(
            f"| {name} | {wall:.1f} ({processor:.1f}) | {sampling:.1f} ({of_sampling:.1f}) | {found.rhat:.3f} "
            f"| {found.bulk_ess:.0f} | {found.divergences} |"
        )
        print(lines[-1], flush=True)
    text = "\n".join(
        [
            "# One fit by both engines",
            "",
            f"{model.what} of {model.study}; {settings.chains} chains of {settings.tune} + {settings.draws}; Python "
            f"{platform.python_version()}, maternal_eval {maternal_eval.__version__}. Seconds of the wall (processor).",
            "",
            "| engine | compile | sample | R-hat | bulk ESS | divergences |",
            "|---|---|---|---|---|---|",
            *lines,
            "",
        ]
    )
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
