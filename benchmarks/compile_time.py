"""Times what has to be compiled before the first draw: cold, from the cache on disk, and for other data.

Each time is that of a new process, in processor seconds, which depend least on what else the machine does. Cold:
numba's cache is an empty folder. Warm: the same folder again. Other data: a panel of another shape in the same
process, for which nothing is compiled. Items: two indicators of the built-in panel one after the other, from counts to
draws, as `maternal-eval items` fits them. The PyMC model of the single answers (maternal_eval.methods.pymc_models),
for which a general graph has to be compiled, stands beside them, cold and warm as well. All of them then draw from the
same posterior.

    python benchmarks/compile_time.py [--repeats 2]
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

import maternal_eval

ROOT = Path(__file__).parents[1]
REPORT = ROOT / "build" / "benchmarks" / "compile_time.md"
WARM_GOAL = 0.5  # seconds


def designs():
    from maternal_eval.analyses.calibration.compute import calibration_design
    from maternal_eval.analyses.calibration.settings import CalibrationSettings
    from maternal_eval.study.model_settings import OrdinalPriors

    generator = np.random.default_rng(0)
    made = []
    for stages, levels, answers in ((4, 2, 5), (6, 3, 7)):
        settings = CalibrationSettings(stages=stages, segment_levels=levels)
        design = calibration_design(settings, OrdinalPriors(), np.arange(1, answers + 1), stages_ordered=True)
        chance = design.model.probabilities(np.zeros(len(design.model.names)))
        made.append(design.with_counts(generator.multinomial(10, chance)))
    return made


def one_process(side: str) -> None:
    """Make ready and sample in this process and print the seconds of making ready."""
    import nutpie  # noqa: F401 (its import is not compilation)

    from maternal_eval.methods.pymc_models.ordinal import ordinal_model
    from maternal_eval.methods.sampling import SamplerSettings, compile_model, sample

    first, second = designs()
    settings = SamplerSettings(chains=2, tune=200, draws=200)
    if side == "pymc":
        import pymc  # noqa: F401

        place = np.repeat(np.arange(first.counts.size), first.counts.astype(int).ravel())
        cell, category = np.divmod(place, first.counts.shape[1])
        start = time.process_time()
        compiled = compile_model(ordinal_model(first, {}, rows=(cell, category)))
        ready = time.process_time() - start
        start = time.process_time()
        sample(compiled, seed=0, settings=settings)
        print(json.dumps({"ready": ready, "sampling": time.process_time() - start}))
        return
    start = time.process_time()
    compiled = compile_model(first)
    ready = time.process_time() - start
    start = time.process_time()
    sample(compiled, seed=0, settings=settings)
    sampling = time.process_time() - start
    start = time.process_time()
    compile_model(second)
    print(json.dumps({"ready": ready, "sampling": sampling, "other data": time.process_time() - start}))


def two_items() -> None:
    """Fit two items of the built-in panel in this process and print the seconds that each took."""
    import nutpie  # noqa: F401 (its import is not compilation)

    from maternal_eval.analyses.items.compute import fit_items
    from maternal_eval.analyses.items.settings import ItemsSettings
    from maternal_eval.study import Study

    study = Study.read(ROOT / "data" / "maternal")
    took = {}
    for name, code in (("first item", "F09"), ("second item", "E05")):
        settings = ItemsSettings(indicators=(code,), dimensions=False)
        start = time.process_time()
        fit_items(study, settings=settings, seed=0)
        took[name] = time.process_time() - start
    print(json.dumps(took))


def run(side: str, cache: str) -> dict[str, float]:
    environment = os.environ | {
        "NUMBA_CACHE_DIR": f"{cache}/numba",
        "PYTENSOR_FLAGS": f"base_compiledir={cache}/pytensor",
    }
    output = subprocess.run(
        [sys.executable, __file__, "--side", side], check=True, capture_output=True, text=True, env=environment
    ).stdout
    took: dict[str, float] = json.loads(output.splitlines()[-1])
    print(f"{side}: {took}", file=sys.stderr, flush=True)
    return took


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=2)
    parser.add_argument("--side", choices=("density", "pymc", "items"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.side == "items":
        two_items()
        return 0
    if arguments.side:
        one_process(arguments.side)
        return 0
    found: dict[str, list[dict[str, float]]] = {}
    items: list[dict[str, float]] = []
    for _ in range(arguments.repeats):
        with tempfile.TemporaryDirectory() as cache:
            items.append(run("items", cache))
        for side in ("density", "pymc"):
            with tempfile.TemporaryDirectory() as cache:
                for state in ("cold", "warm"):
                    found.setdefault(f"{side} {state}", []).append(run(side, cache))
    seconds = {name: statistics.median(took["ready"] for took in times) for name, times in found.items()}
    other = statistics.median(took["other data"] for name in ("density cold", "density warm") for took in found[name])
    sampling = statistics.median(took["sampling"] for took in found["density warm"])
    first_item, second_item = (
        statistics.median(took[f"{name} item"] for took in items) for name in ("first", "second")
    )
    names = {
        "density cold": "this density, cold",
        "density warm": "this density, from the cache on disk",
        "pymc cold": "PyMC model of single answers, cold",
        "pymc warm": "PyMC model of single answers, from the cache on disk",
    }
    text = "\n".join(
        [
            "# What has to be compiled before the first draw",
            "",
            f"Medians of {arguments.repeats} new processes each; Python {platform.python_version()}, maternal_eval "
            f"{maternal_eval.__version__}.",
            "",
            "| | processor seconds |",
            "|---|---|",
            *(f"| {text} | {seconds[name]:.2f} |" for name, text in names.items()),
            f"| this density, other data of another shape in the same process | {other:.4f} |",
            f"| (to compare: drawing 2 × 400 from it) | {sampling:.2f} |",
            f"| first item of a process, cold, from counts to draws | {first_item:.2f} |",
            f"| second item of the same process | {second_item:.2f} |",
            "",
            f"From the cache a fit is made ready in {seconds['density warm']:.2f} s (goal: at most {WARM_GOAL}); other "
            f"data cost {other * 1000:.1f} ms. The second of two items takes {second_item / first_item:.0%} of the "
            "first: what the density costs to compile is paid once.",
            "",
        ]
    )
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.write_text(text, encoding="utf-8")
    print(text)
    return 0 if seconds["density warm"] <= WARM_GOAL else 1


if __name__ == "__main__":
    sys.exit(main())
