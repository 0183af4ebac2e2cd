"""Times all Sobol' indices with their bootstrap against SALib's analyse step, both in one run on the same outputs.

33 inputs, N = 4096, 1000 resamples. First and total indices: SALib in full, three times. Second order: SALib takes
minutes for it, so by default it is timed with fewer resamples, twice, and drawn out in a straight line (its time is a
constant and so much a resample); with --full it runs once in full. The table says which. Point estimates of both
sides have
to agree to 1e-12. Peak memory is that of a process of its own. Last, the time over N and over the number of outputs.

    python benchmarks/sobol_against_salib.py [--repeats 5] [--full]
"""

from __future__ import annotations

import argparse
import platform
import resource
import statistics
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

import numpy as np
from SALib.analyze import sobol as salib

import maternal_eval
from maternal_eval.methods.sensitivity.design import SobolDesign
from maternal_eval.methods.sensitivity.sobol import sobol_indices

ROOT = Path(__file__).parents[1]
REPORT = ROOT / "build" / "benchmarks" / "sobol_against_salib.md"
INPUTS, BASE, RESAMPLES = 33, 4096, 1000
FEW = (10, 30)
GOALS = {False: 20.0, True: 200.0}
MEMORY_GOAL = 2.0
PROBLEM = {"num_vars": INPUTS, "names": [f"x{i}" for i in range(INPUTS)], "bounds": [[0, 1]] * INPUTS}


def model(points):
    slopes = np.linspace(0.1, 2.0, INPUTS)
    return points**2 @ slopes + 5 * points[:, 0] * points[:, 1] + np.sin(6 * points[:, 2]) * points[:, 3]


def design(second_order, base=BASE):
    return SobolDesign(dict.fromkeys(PROBLEM["names"], 1), base, second_order, 0)


def outputs_of(second_order, base=BASE):
    return model(design(second_order, base).points().reshape(-1, INPUTS))


def timed(action, *arguments, **options):
    start = time.perf_counter()
    result = action(*arguments, **options)
    return result, time.perf_counter() - start


def ours(outputs, second_order, base=BASE):
    return sobol_indices(design(second_order, base), outputs, resamples=RESAMPLES)


def theirs(outputs, second_order, resamples):
    return salib.analyze(PROBLEM, outputs, calc_second_order=second_order, num_resamples=resamples, seed=1)


def compare(second_order, repeats, full):
    """Return a line of the table, the ratio, and the largest difference of point estimates."""
    outputs = outputs_of(second_order)
    ours(outputs, second_order)
    mine = [timed(ours, outputs, second_order) for _ in range(repeats)]
    if second_order and not full:
        few = [timed(theirs, outputs, True, count) for count in FEW]
        (reference, first), (_, last) = few
        each = (last - first) / (FEW[1] - FEW[0])
        seconds = first + each * (RESAMPLES - FEW[0])
        how = f"drawn out from {FEW[0]} and {FEW[1]} resamples ({first:.1f} s and {last:.1f} s)"
    else:
        runs = [timed(theirs, outputs, second_order, RESAMPLES) for _ in range(1 if second_order else 3)]
        reference = runs[0][0]
        seconds = statistics.median(taken for _, taken in runs)
        how = f"in full, {len(runs)} run{'s' if len(runs) > 1 else ''}"
    found = mine[0][0]
    gaps = [
        np.abs(found.first["value"][0, :-1] - reference["S1"]).max(),
        np.abs(found.total["value"][0, :-1] - reference["ST"]).max(),
    ]
    if second_order:
        upper = np.triu_indices(INPUTS, k=1)
        gaps.append(np.abs(found.second["value"][0] - reference["S2"][upper]).max())
    taken = [seconds_taken for _, seconds_taken in mine]
    median = statistics.median(taken)
    ratio = seconds / median
    name = "first, total and second order" if second_order else "first and total"
    line = (
        f"| {name} | {seconds:.1f} | {how} | {median:.3f} | {min(taken):.3f}-{max(taken):.3f} | {ratio:.0f} "
        f"| {GOALS[second_order]:.0f} | {max(gaps):.1e} |"
    )
    return line, ratio, max(gaps)


def scaling():
    """Return lines on how the time grows with N and with the number of outputs."""
    lines = ["| N | outputs | seconds | seconds per N and output, in 1e-6 |", "|---|---|---|---|"]
    whole = outputs_of(True, 4 * BASE)
    width = design(True).width
    for base, count in ((BASE // 2, 1), (BASE, 1), (2 * BASE, 1), (4 * BASE, 1), (BASE, 2), (BASE, 4), (BASE, 8)):
        outputs = np.repeat(whole[: base * width, None], count, axis=1)
        seconds = statistics.median(timed(ours, outputs, True, base)[1] for _ in range(3))
        lines.append(f"| {base} | {count} | {seconds:.3f} | {seconds / base / count * 1e6:.1f} |")
    return lines


def peak_memory():
    """Return the peak memory in GB of a process that makes the sample and all indices of second order."""
    answer = subprocess.run([sys.executable, __file__, "--memory"], check=True, capture_output=True, text=True)
    return float(answer.stdout)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--full", action="store_true", help="run SALib's second order in full (minutes)")
    parser.add_argument("--memory", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.memory:
        ours(outputs_of(True), True)
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20)
        return 0
    rows = [compare(second_order, arguments.repeats, arguments.full) for second_order in (False, True)]
    memory = peak_memory()
    text = "\n".join(
        [
            "# Sobol' indices with bootstrap: one matrix product against SALib's analyse",
            "",
            f"{INPUTS} inputs, N = {BASE}, {RESAMPLES} resamples; Python {platform.python_version()}, "
            f"NumPy {np.__version__}, SALib {version('SALib')}, maternal_eval {maternal_eval.__version__}; "
            f"{arguments.repeats} repeats of ours.",
            "",
            "| indices | SALib s | how | ours s (median) | range | times faster | goal "
            "| largest difference of a point estimate |",
            "|---|---|---|---|---|---|---|---|",
            *(line for line, _, _ in rows),
            "",
            f"Peak memory of a process that makes the sample and all indices: {memory:.2f} GB "
            f"(goal: {MEMORY_GOAL:.0f} GB).",
            "",
            "Time with second order over the size of the sample and the number of outputs:",
            "",
            *scaling(),
            "",
        ]
    )
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.write_text(text, encoding="utf-8")
    print(text)
    good = all(ratio >= GOALS[place == 1] and gap < 1e-12 for place, (_, ratio, gap) in enumerate(rows))
    return 0 if good and memory <= MEMORY_GOAL else 1


if __name__ == "__main__":
    sys.exit(main())
