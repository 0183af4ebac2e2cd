"""What an accuracy needs: limits and closed forms of the simulated studies."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from maternal_eval.analyses.backtest.attainability import READINGS, World, answers_needed, attainability_table, simulate

WORLD = World(3.5, 0.2, 1.0, 0.05, 0.05, 0.1, 40, 12, 5)


def accuracies(world, replicates=400):
    return simulate(world, replicates, 0.05, np.random.default_rng(0)).mean(axis=0)


def test_closed_forms_of_the_last_value():
    """Without differences between units the error is normal: E|N(δ, σ²)| / m, and its probability of ± 5 %."""
    world = replace(WORLD, between=0.0, common_step=0.0)
    spread = np.sqrt(2 * world.within**2 / world.answers + world.own_step**2)
    ratio = world.drift / spread
    error = spread * np.sqrt(2 / np.pi) * np.exp(-(ratio**2) / 2) + world.drift * (1 - 2 * norm.cdf(-ratio))
    later = world.mean + world.drift
    within = norm.cdf(0.05 * later, world.drift, spread) - norm.cdf(-0.05 * later, world.drift, spread)
    found = accuracies(world)[0]
    assert found[0] == pytest.approx(1 - error / later, abs=0.004)
    assert found[1] == pytest.approx(within, abs=0.02)


def test_knowing_the_truth_is_best_and_perfect_without_noise():
    found = accuracies(WORLD)
    assert (found[2] >= found[1]).all()
    assert found[1, 0] > found[0, 0]
    np.testing.assert_allclose(accuracies(replace(WORLD, within=1e-9))[2], 1.0)


def test_more_answers_and_less_noise_help():
    more, less = accuracies(replace(WORLD, answers=400)), accuracies(replace(WORLD, within=2.0))
    known = accuracies(WORLD)
    assert (more[:, 1] > known[:, 1]).all()
    assert (less[:, 1] < known[:, 1]).all()


def test_the_last_value_states_no_direction():
    assert np.isnan(accuracies(WORLD)[0, READINGS.index("right_direction")])


def test_more_clusters_narrow_what_one_study_shows():
    table = attainability_table(WORLD, 200, 0.05, 0)
    part = table[(table["factor"] == "clusters") & (table["reading"] == "within_tolerance")]
    width = part.assign(width=part["high"] - part["low"]).pivot_table("width", "forecaster", "level")
    assert (width[48.0] < width[2.0]).all()
    assert (table["mcse"] >= 0).all()


def test_answers_needed_is_read_off_the_curve():
    table = pd.DataFrame(
        {
            "factor": "answers",
            "level": [10.0, 100.0, 1000.0] * 2,
            "forecaster": ["a"] * 3 + ["b"] * 3,
            "reading": "within_tolerance",
            "value": [0.5, 0.7, 0.9, 0.95, 0.96, 0.97],
        }
    )
    needed = answers_needed(table, 0.8).set_index("forecaster")["answers"]
    assert needed["a"] == pytest.approx(np.sqrt(100 * 1000))
    assert needed["b"] == 0
    assert np.isnan(answers_needed(table, 0.99).set_index("forecaster")["answers"]["a"])
