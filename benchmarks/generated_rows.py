"""Counts generated rows on one machine, streamed: as many as are asked for, in bounded memory.

The rows are made by DuckDB while they are counted (a hash of the row's number decides stage, year, tier, kind, weight
and answer), so that nothing is read from a disk: what is measured is the way of a table in a warehouse through this
program. It runs in a process of its own, from reading the study (the contract of every column, the fingerprint) to the
counts by cell of the satisfaction model. The counts are held against those of a plain query.

    python benchmarks/generated_rows.py [--rows 50000000]
"""

from __future__ import annotations

import argparse
import json
import platform
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb
import numpy as np

import maternal_eval
from benchmarks.large_panels import STAGES, STUDY, YEARS

ROOT = Path(__file__).parents[1]
REPORT = ROOT / "build" / "benchmarks" / "generated_rows.md"
MEMORY_GOAL = 1.0
SHARES = np.array([0.1, 0.15, 0.25, 0.3, 0.2])
"""Of the answers 1 … 5, the same in every cell."""


def relation(rows: int) -> str:
    """Return the query that makes the rows."""
    stages = ", ".join(f"'{stage}'" for stage in STAGES)
    ends = (1000 * SHARES.cumsum()[:-1]).round().astype(int)
    answer = " ".join(f"WHEN (h >> 32) % 1000 < {end} THEN {at}" for at, end in enumerate(ends, start=1))
    return (
        f"(SELECT ({YEARS[0]} + h % {len(YEARS)})::SMALLINT AS year, ([{stages}])[1 + ((h >> 6) % 4)::INT] AS stage, "
        "(['a', 'b', 'c'])[1 + ((h >> 12) % 3)::INT] AS tier, (['x', 'y', 'z'])[1 + ((h >> 18) % 3)::INT] AS kind, "
        "([0.5, 0.8, 1.0, 1.3, 2.0])[1 + ((h >> 24) % 5)::INT]::DOUBLE AS weight, "
        f"CASE {answer} ELSE 5 END AS overall FROM (SELECT hash(range) AS h FROM range({rows})))"
    )


def one_size(rows: int, memory: str) -> None:
    """Count that many rows and print what it took."""
    from maternal_eval.analyses.satisfaction.cells import cell_counts
    from maternal_eval.study import Study
    from maternal_eval.study.panel.engines import DuckDBEngine
    from maternal_eval.study.panel.warehouse import WarehousePanel

    with tempfile.TemporaryDirectory() as place:
        (Path(place) / "study.toml").write_text(STUDY, encoding="utf-8")
        start, processor = time.perf_counter(), time.process_time()
        study = Study.read(place, WarehousePanel(DuckDBEngine(relation(rows), memory), "generated"))
        read = time.perf_counter()
        cells = cell_counts(study)
        took = {"read": read - start, "count": time.perf_counter() - read, "processor": time.process_time() - processor}
    counts = cells["answers"].to_numpy()
    took["memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6  # kilobytes on Linux
    plain = f"SELECT count(*) FROM {relation(rows)} GROUP BY year, stage, tier, kind, overall ORDER BY 1"
    with duckdb.connect() as connection:
        expected = [int(row[0]) for row in connection.execute(plain).fetchall()]
    same = sorted(counts[counts > 0].tolist()) == expected
    took |= {"rows": int(counts.sum()), "cells": len(counts), "same": same}
    print(json.dumps(took))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=50_000_000)
    parser.add_argument("--memory", default="500MB", help="memory that DuckDB may take")
    parser.add_argument("--one-size", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one_size:
        one_size(arguments.one_size, arguments.memory)
        return 0
    command = [sys.executable, __file__, "--memory", arguments.memory, "--one-size", str(arguments.rows)]
    took = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[-1])
    rate = arguments.rows / took["count"] / 1e6
    lines = [
        f"# {arguments.rows:,} generated rows counted on one machine, streamed",
        "",
        f"DuckDB {duckdb.__version__} with {arguments.memory}; Python {platform.python_version()}, maternal_eval "
        f"{maternal_eval.__version__}.",
        "",
        "| rows | cells | read and check s | count s | processor s | million rows a second | peak GB |",
        "|---|---|---|---|---|---|---|",
        f"| {took['rows']:,} | {took['cells']} | {took['read']:.1f} | {took['count']:.1f} | {took['processor']:.1f} "
        f"| {rate:.1f} | {took['memory']:.2f} |",
        "",
        f"Memory: {took['memory']:.2f} GB (goal: at most {MEMORY_GOAL:.0f}). The counts are "
        f"{'those' if took['same'] else 'NOT those'} of a plain query on the same rows.",
        "",
    ]
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.write_text("\n".join(lines), encoding="utf-8")
    print("\n".join(lines))
    return 0 if took["memory"] <= MEMORY_GOAL and took["rows"] == arguments.rows and took["same"] else 1


if __name__ == "__main__":
    sys.exit(main())
