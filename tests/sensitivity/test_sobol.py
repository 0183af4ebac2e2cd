"""Sobol' indices: analytic values, equality with SALib, noise floor, reproducibility, bad input."""

import numpy as np
import pytest
from SALib.analyze import sobol as salib_sobol

from maternal_eval.errors import InputError
from maternal_eval.sensitivity.sobol import (
    DUMMY,
    constant_outputs,
    evaluate,
    sample_groups,
    sobol_indices,
)


def indices(model, groups, base=4096, seed=0, resamples=200):
    sample = sample_groups(groups, base, seed)
    return sobol_indices(sample, evaluate(model, sample), resamples=resamples, seed=seed).set_index("factor")


def ishigami(points):
    x = np.pi * (2 * points - 1)
    return np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])


def test_ishigami():
    # Ishigami & Homma (1990), a = 7, b = 0.1: V = a²/8 + bπ⁴/5 + b²π⁸/18 + 1/2
    variance = 49 / 8 + 0.1 * np.pi**4 / 5 + 0.01 * np.pi**8 / 18 + 0.5
    first = np.array([0.5 * (1 + 0.1 * np.pi**4 / 5) ** 2, 49 / 8, 0.0]) / variance
    third = 8 * 0.01 * np.pi**8 / 225 / variance
    total = first + np.array([third, 0.0, third])
    table = indices(ishigami, {"a": 1, "b": 1, "c": 1})
    np.testing.assert_allclose(table["first"].iloc[:3], first, atol=0.02)
    np.testing.assert_allclose(table["total"].iloc[:3], total, atol=0.02)


def test_sobol_g():
    # Saltelli & Sobol' (1995): V_i = 1 / (3 (1 + a_i)²), V = Π (1 + V_i) - 1, total V_i Π_{j≠i} (1 + V_j)
    a = np.array([0.0, 1.0, 4.5, 9.0])
    parts = 1 / (3 * (1 + a) ** 2)
    variance = np.prod(1 + parts) - 1
    total = parts * np.prod(1 + parts) / (1 + parts) / variance
    table = indices(lambda x: np.prod((abs(4 * x - 2) + a) / (1 + a), axis=1), {f"x{i}": 1 for i in range(4)})
    np.testing.assert_allclose(table["first"].iloc[:4], parts / variance, atol=0.02)
    np.testing.assert_allclose(table["total"].iloc[:4], total, atol=0.02)


def test_linear_model_with_groups():
    slopes = np.array([1.0, 2.0, 3.0, 0.5])
    table = indices(lambda x: x @ slopes, {"one": 1, "two": 2, "rest": 1})
    share = np.array([1.0, 4.0 + 9.0, 0.25]) / (slopes**2).sum()
    np.testing.assert_allclose(table["first"].iloc[:3], share, atol=0.01)
    np.testing.assert_allclose(table["total"].iloc[:3], share, atol=0.01)


@pytest.mark.parametrize("groups", [{"a": 1, "b": 1, "c": 1}, {"front": 2, "c": 1}])
def test_point_estimates_are_those_of_salib(groups):
    sample = sample_groups(groups, 256, 3)
    outputs = np.stack([ishigami(sample.points), 1e4 + sample.points.sum(axis=1)], axis=1)
    mine = sobol_indices(sample, outputs, resamples=0).set_index(["output", "factor"])
    members = [name for name, count in groups.items() for _ in range(count)]
    problem = {"num_vars": 3, "names": ["x", "y", "z"], "bounds": [[0, 1]] * 3, "groups": members}
    for output in range(2):
        theirs = salib_sobol.analyze(problem, outputs[:, output], calc_second_order=False, num_resamples=2, seed=1)
        np.testing.assert_allclose(mine.loc[output, "first"][list(groups)], theirs["S1"], atol=1e-12)
        np.testing.assert_allclose(mine.loc[output, "total"][list(groups)], theirs["ST"], atol=1e-12)


def test_unused_input_is_zero_and_the_noise_floor_covers_zero():
    table = indices(lambda x: x[:, 0] + x[:, 0] * x[:, 1], {"a": 1, "b": 1, "unused": 2})
    assert table.loc["unused", ["first", "total"]].tolist() == [0.0, 0.0]
    for kind in ("first", "total"):
        assert abs(table.loc[DUMMY, kind]) < 0.05
        assert table.loc[DUMMY, f"{kind}_low"] < 0 < table.loc[DUMMY, f"{kind}_high"]
        assert table.loc[DUMMY, f"{kind}_error"] > 0


def test_intervals_shrink_with_the_root_of_the_sample():
    width = [
        (table["total_high"] - table["total_low"]).iloc[0]
        for table in (indices(ishigami, {"a": 1, "b": 1, "c": 1}, base=base) for base in (256, 4096))
    ]
    assert 2.5 < width[0] / width[1] < 6.5


def test_bootstrap_agrees_with_resampling_by_hand():
    sample = sample_groups({"a": 1, "b": 1}, 128, 0)
    outputs = sample.points[:, 0] + sample.points[:, 1] ** 2
    mine = sobol_indices(sample, outputs, resamples=4000, seed=5)["first_error"].iloc[0]
    blocks = ((outputs - outputs.mean()) / outputs.std()).reshape(128, 4)
    random = np.random.default_rng(8)
    draws = []
    for _ in range(4000):
        part = blocks[random.integers(128, size=128)]
        draws.append((part[:, 3] * (part[:, 1] - part[:, 0])).mean() / part[:, [0, 3]].var())
    assert mine == pytest.approx(np.std(draws), rel=0.08)


def test_seed_zero_is_reproducible_and_seeds_differ():
    groups = {"a": 1, "b": 1, "c": 1}
    once, again, other = (indices(ishigami, groups, base=128, seed=seed) for seed in (0, 0, 1))
    assert once.equals(again)
    assert not once.equals(other)


def test_independent_runs_are_the_outer_matrices():
    sample = sample_groups({"a": 2, "b": 1}, 64, 0)
    draws = sample.points[sample.independent]
    assert len(np.unique(draws[:, 0])) == 128  # no value of A or B occurs twice


def test_a_single_factor_has_everything():
    table = indices(lambda x: x[:, 0] * x[:, 1], {"all": 2})
    assert table.loc["all", "first"] == pytest.approx(1.0, abs=0.01)
    assert table.loc["all", "total"] == pytest.approx(1.0, abs=0.01)


def test_bad_input_is_told():
    with pytest.raises(InputError, match="power of two"):
        sample_groups({"a": 1}, 100, 0)
    with pytest.raises(InputError, match="factors"):
        sample_groups({}, 64, 0)
    sample = sample_groups({"a": 1}, 64, 0)
    with pytest.raises(InputError, match="run 5"):
        evaluate(lambda x: np.where(np.arange(len(x)) == 5, np.nan, 1.0), sample)
    with pytest.raises(InputError, match="number of runs"):
        evaluate(lambda x: np.ones(3), sample)
    with pytest.raises(InputError, match="does not vary"):
        sobol_indices(sample, np.full((len(sample.points), 1), 66.6))
    assert constant_outputs(np.array([[0.1 + 0.2, 1.0], [0.3, 2.0]])).tolist() == [True, False]
