"""Times ``new --from`` and ``check`` on a file of 1,000,000 rows and 100 columns, and takes their peak memory.

The file is simulated in the habits of survey platforms (answers in words and in numbers, dates, codes for no answer,
addresses, telephone numbers) and written as CSV into a temporary folder. Each verb runs in a process of its own.

    python benchmarks/new_from_file.py [--rows 1000000] [--columns 100]
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv

ROOT = Path(__file__).parents[1]
REPORT = ROOT / "build" / "benchmarks" / "new_from_file.md"
SECONDS, GIGABYTES = 30.0, 2.0
CHUNK = 100_000
WORDS = np.array(["非常不满意", "不满意", "一般", "满意", "非常满意", "(跳过)"])
STAGES = np.array(["备孕期", "孕早期", "孕中期", "孕晚期", "产后"])


def chunk(start: int, rows: int, columns: int, rng: np.random.Generator) -> pa.Table:
    """Return some rows of the file."""
    latent = rng.normal(size=rows)
    day = np.datetime64("2021-01-01") + (start + np.arange(rows)) % 1400
    named: dict[str, np.ndarray] = {
        "序号": start + np.arange(rows),
        "提交时间": np.char.add(np.datetime_as_string(day), " 10:00:00"),
        "来自IP": np.array([f"117.{n % 250}.{n % 199}.{n % 251}" for n in range(start, start + rows)]),
        "手机号": 13_800_000_000 + start + np.arange(rows),
        "阶段": STAGES[rng.integers(0, 5, rows)],
        "平台": np.array(["A", "B", "C", "D"])[rng.integers(0, 4, rows)],
        "性别": np.array(["女", "男"])[rng.integers(0, 2, rows)],
        "总体满意度": np.clip(np.round(3.3 + latent), 1, 5).astype(int),
        "推荐意愿(0-10)": np.clip(np.round(6 + 2 * latent), 0, 10).astype(int),
    }
    for number in range(columns - len(named)):
        answers = np.clip(np.round(3.2 + 0.7 * latent + 0.8 * rng.normal(size=rows)), 1, 5).astype(int)
        if number % 4 == 0:
            named[f"W{number:02d}"] = WORDS[np.where(rng.random(rows) < 0.03, 6, answers) - 1]
        else:
            named[f"Q{number:02d}"] = np.where(rng.random(rows) < 0.03, 99, answers)
    return pa.table(named)


def measured(arguments: list[str]) -> tuple[float, float, float]:
    """Run the command line and return seconds, seconds of the processor, and gigabytes of its peak memory."""
    start = time.perf_counter()
    process = os.posix_spawn(
        sys.executable,
        [sys.executable, "-m", "maternal_eval", *arguments],
        os.environ | {"PYTHONPATH": str(ROOT / "src")},
        file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)],
    )
    _, status, usage = os.wait4(process, 0)
    if os.waitstatus_to_exitcode(status):
        raise SystemExit(f"{' '.join(arguments)} ended with {os.waitstatus_to_exitcode(status)}")
    return time.perf_counter() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / (1 << 20)


def main() -> None:
    """Write the file, run both verbs, report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--columns", type=int, default=100)
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="new-from-file-"))
    try:
        rng, file = np.random.default_rng(1), folder / "survey.csv"
        writer: arrow_csv.CSVWriter | None = None
        for start in range(0, given.rows, CHUNK):
            table = chunk(start, min(CHUNK, given.rows - start), given.columns, rng)
            writer = writer or arrow_csv.CSVWriter(str(file), table.schema)
            writer.write_table(table)
        assert writer is not None
        writer.close()
        study = str(folder / "study")
        lines = [
            f"# new --from and check on {given.rows:,} rows and {given.columns} columns",
            "",
            f"{platform.machine()}, {os.cpu_count()} cores, {file.stat().st_size >> 20} MB of CSV.",
            "",
            "| verb | seconds | processor seconds | GB |",
            "|---|---|---|---|",
        ]
        verbs = {"new --from": ["new", study, "--from", str(file)], "check": ["check", study]}
        for verb, arguments in verbs.items():
            seconds, busy, memory = measured(arguments)
            lines.append(
                f"| {verb} | {seconds:.1f} (at most {SECONDS:g}) | {busy:.1f} | {memory:.2f} (at most {GIGABYTES:g}) |"
            )
        REPORT.parent.mkdir(parents=True, exist_ok=True)
        REPORT.write_text("\n".join(lines) + "\n", encoding="utf-8")
        sys.stdout.write("\n".join(lines) + "\n")
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
