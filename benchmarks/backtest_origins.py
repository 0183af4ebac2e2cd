"""Times the backtest: four origins of the ordinal forecaster against one cold fit, and the whole of the built-in study.

A cold fit is one in a new process with an empty cache of machine code: what a first fit takes, compilation included.
Four origins in such a process compile once; each later origin is other data of the same machine code. Every fit has to
keep its gates (maternal_eval.analyses.backtest.ordinal_forecaster), or the run fails. Both sides run in turn, each in
processes of its own. The last part times all forecasters, origins and targets with the default settings.

    python benchmarks/backtest_origins.py [--repeats 3] [--skip-whole]
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

ROOT = Path(__file__).parents[1]
REPORT = ROOT / "build" / "benchmarks" / "backtest_origins.md"
ORIGINS_GOAL, WHOLE_GOAL = 1.5, 60.0


def fit_origins(which: str) -> dict[str, float]:
    """Fit and forecast the named origins ("last" or "all") of overall satisfaction in this process."""
    from maternal_eval.analyses.backtest.cells import Target
    from maternal_eval.analyses.backtest.forecasters import Training
    from maternal_eval.analyses.backtest.registry import FORECASTERS
    from maternal_eval.analyses.backtest.splits import on_train_periods, rolling_splits
    from maternal_eval.study import Study

    study = Study.read(ROOT / "data" / "maternal")
    target = Target(study.primary_outcome, ("platform", "stage"))
    splits = rolling_splits(study)
    chosen = splits if which == "all" else splits[-1:]
    seconds = []
    for split in chosen:
        start = time.perf_counter()
        training = Training(on_train_periods(study, split))
        fitted = FORECASTERS["ordinal"].build().fit(training, target)
        known = training.study.panel.groupby(["platform", "stage"], observed=True).size().index
        fitted.forecast(known.set_levels([level.astype(str) for level in known.levels]), 1, 2000, 0)
        seconds.append(time.perf_counter() - start)
    return {"seconds": sum(seconds), "last": seconds[-1]}


def whole() -> dict[str, float]:
    """Run the whole backtest of the built-in study in this process."""
    from maternal_eval.analyses.backtest.compute import run_backtest
    from maternal_eval.app.steps import STEPS
    from maternal_eval.study import Study

    study = Study.read(ROOT / "data" / "maternal")
    settings = STEPS["backtest"].settings_for(study, quick=False)
    start = time.perf_counter()
    result = run_backtest(study, settings, seed=0)
    return {"seconds": time.perf_counter() - start, "scores": float(len(result.scores))}


def in_new_process(part: str, cold: bool) -> dict[str, float]:
    """Return what a part measured in a process of its own, with an empty cache of machine code if ``cold``."""
    with tempfile.TemporaryDirectory() as cache:
        environment = os.environ | ({"NUMBA_CACHE_DIR": cache} if cold else {})
        command = [sys.executable, __file__, "--part", part]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--skip-whole", action="store_true", help="leave out the whole backtest")
    parser.add_argument("--part", choices=["last", "all", "whole"], help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.part:
        print(json.dumps(whole() if arguments.part == "whole" else fit_origins(arguments.part)))
        return 0
    in_new_process("last", cold=False)  # files into memory
    cold, four, warm = [], [], []
    for _ in range(arguments.repeats):
        cold.append(in_new_process("last", cold=True)["seconds"])
        four.append(in_new_process("all", cold=True)["seconds"])
        warm.append(in_new_process("last", cold=False)["seconds"])
    medians = [statistics.median(part) for part in (cold, four, warm)]
    ratio = medians[1] / medians[0]
    lines = [
        "# Backtest: four origins against one cold fit, and the whole",
        "",
        f"{arguments.repeats} repeats; Python {platform.python_version()}, {os.cpu_count()} cores.",
        "",
        "| work | seconds (median) | range |",
        "|---|---|---|",
    ]
    names = ("one cold fit, 2020-2023 to 2024", "four origins, cold", "one fit, machine code cached")
    for name, part, median in zip(names, (cold, four, warm), medians, strict=True):
        lines.append(f"| {name} | {median:.1f} | {min(part):.1f}-{max(part):.1f} |")
    lines += ["", f"Four origins take {ratio:.2f} times one cold fit (goal: at most {ORIGINS_GOAL})."]
    kept = ratio <= ORIGINS_GOAL
    if not arguments.skip_whole:
        seconds = in_new_process("whole", cold=False)["seconds"]
        lines.append(f"All forecasters, origins and targets: {seconds:.0f} s (goal: at most {WHOLE_GOAL:.0f} s).")
        kept = kept and seconds <= WHOLE_GOAL
    text = "\n".join(lines) + "\n"
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.write_text(text, encoding="utf-8")
    print(text)
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
