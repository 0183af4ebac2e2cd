"""Times ranks under many weight draws against a plain loop that ranks draw by draw, both in one run.

The work: 10,000 draws of the weights, 50 units, 30 indicators; the share of draws in which each unit has each rank, and
the probability that each unit beats each other one. The loop is what a researcher would write with pandas: score,
rank, add up. Both have to give the same numbers. The two take turns, so that whatever else the machine does hits both.

    python benchmarks/ranks_under_weight_draws.py [--draws 10000] [--units 50] [--indicators 30] [--repeats 3]
"""

from __future__ import annotations

import argparse
import platform
import statistics
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

from maternal_eval.methods.ranks import RankDistribution, scores_under_weights

REPORT = Path(__file__).parents[1] / "build" / "benchmarks" / "ranks_under_weight_draws.md"
GOAL_SECONDS = 0.5


def fast(values: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return shares of ranks and win probabilities by one matrix product and a sort."""
    found = RankDistribution.of(scores_under_weights(values, weights))
    return found.ranks, found.wins


def loop(values: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the same, draw by draw."""
    units = pd.DataFrame(values)
    ranks, wins = np.zeros((len(values), len(values))), np.zeros((len(values), len(values)))
    for draw in weights:
        score = units.mul(draw, axis=1).sum(axis=1)
        place = score.rank(ascending=False, method="min").astype(int) - 1
        ranks[place.index, place] += 1
        above = score.to_numpy()[:, None] - score.to_numpy()
        wins += (above > 0) + 0.5 * (above == 0)
    return ranks / len(weights), wins / len(weights)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("draws", 10_000), ("units", 50), ("indicators", 30), ("repeats", 3)):
        parser.add_argument(f"--{name}", type=int, default=default)
    arguments = parser.parse_args()
    random = np.random.default_rng(0)
    values = random.random((arguments.units, arguments.indicators))
    weights = random.dirichlet(np.full(arguments.indicators, 20.0), size=arguments.draws)
    fast(values, weights[:10])
    seconds: dict[str, list[float]] = {"one product and a sort": [], "draw by draw with pandas": []}
    results = {}
    for _ in range(arguments.repeats):
        for name, way in zip(seconds, (fast, loop), strict=True):
            start = time.perf_counter()
            results[name] = way(values, weights)
            seconds[name].append(time.perf_counter() - start)
            print(f"{name}: {seconds[name][-1]:.3f} s", file=sys.stderr, flush=True)
    ours, theirs = results.values()
    same = all(np.allclose(one, other, atol=1e-9) for one, other in zip(ours, theirs, strict=True))
    median = {name: statistics.median(taken) for name, taken in seconds.items()}
    quick, slow = median.values()
    lines = [
        "# Ranks under weight draws",
        "",
        f"{arguments.draws} draws × {arguments.units} units × {arguments.indicators} indicators, "
        f"{arguments.repeats} repeats; {platform.machine()}, Python {platform.python_version()}, "
        f"numpy {np.__version__}.",
        "",
        "| way | median s | range s |",
        "|---|---|---|",
        *(f"| {name} | {median[name]:.3f} | {min(taken):.3f}-{max(taken):.3f} |" for name, taken in seconds.items()),
        "",
        f"{quick:.3f} s (goal {GOAL_SECONDS} s), {slow / quick:.0f} times faster than the loop; "
        f"same numbers: {'yes' if same else 'NO'}.",
    ]
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))
    return 0 if same and quick <= GOAL_SECONDS else 1


if __name__ == "__main__":
    raise SystemExit(main())
