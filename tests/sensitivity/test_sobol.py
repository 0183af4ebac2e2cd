"""Sobol' indices: analytic values, equality with SALib, noise floor, blocks, reproducibility, bad input."""

from itertools import combinations

import numpy as np
import pytest
from SALib.analyze import sobol as salib_analyze
from SALib.sample import sobol as salib_sample

from maternal_eval.core.errors import InputError
from maternal_eval.methods.sensitivity import sobol as sobol_module
from maternal_eval.methods.sensitivity.design import SobolDesign, independent_points, independent_runs
from maternal_eval.methods.sensitivity.sobol import DUMMY, analyse, evaluate, ranking_unrest, sobol_indices


def single(*names):
    return dict.fromkeys(names, 1)


def tables(model, factors, base=4096, seed=0, resamples=200):
    found = analyse(model, SobolDesign(factors, base, True, seed), resamples=resamples, seed=seed)
    return found.table().set_index("factor"), found.second_table().set_index(["factor", "other"])["second"]


def ishigami(points):
    x = np.pi * (2 * points - 1)
    return np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])


def test_ishigami():
    # Ishigami & Homma (1990), a = 7, b = 0.1: V = a²/8 + bπ⁴/5 + b²π⁸/18 + 1/2; V_13 = b²π⁸ (1/18 - 1/50)
    variance = 49 / 8 + 0.1 * np.pi**4 / 5 + 0.01 * np.pi**8 / 18 + 0.5
    first = np.array([0.5 * (1 + 0.1 * np.pi**4 / 5) ** 2, 49 / 8, 0.0]) / variance
    both = 8 * 0.01 * np.pi**8 / 225 / variance
    total = first + np.array([both, 0.0, both])
    table, second = tables(ishigami, single("a", "b", "c"))
    np.testing.assert_allclose(table["first"].iloc[:3], first, atol=0.02)
    np.testing.assert_allclose(table["total"].iloc[:3], total, atol=0.02)
    np.testing.assert_allclose(second.loc[[("a", "b"), ("a", "c"), ("b", "c")]], [0.0, both, 0.0], atol=0.03)


def test_sobol_g():
    # Saltelli & Sobol' (1995): V_i = 1 / (3 (1 + a_i)²), V = Π (1 + V_i) - 1, V_ij = V_i V_j,
    # total V_i Π_{j≠i} (1 + V_j)
    a = np.array([0.0, 1.0, 4.5, 9.0])
    parts = 1 / (3 * (1 + a) ** 2)
    variance = np.prod(1 + parts) - 1
    total = parts * np.prod(1 + parts) / (1 + parts) / variance
    names = [f"x{i}" for i in range(4)]
    table, second = tables(lambda x: np.prod((abs(4 * x - 2) + a) / (1 + a), axis=1), single(*names))
    np.testing.assert_allclose(table["first"].iloc[:4], parts / variance, atol=0.02)
    np.testing.assert_allclose(table["total"].iloc[:4], total, atol=0.02)
    expected = [parts[i] * parts[j] / variance for i, j in combinations(range(4), 2)]
    np.testing.assert_allclose(second, expected, atol=0.03)


def test_linear_model_with_groups():
    slopes = np.array([1.0, 2.0, 3.0, 0.5])
    table, second = tables(lambda x: x @ slopes, {"one": 1, "two": 2, "rest": 1})
    share = np.array([1.0, 4.0 + 9.0, 0.25]) / (slopes**2).sum()
    np.testing.assert_allclose(table["first"].iloc[:3], share, atol=0.01)
    np.testing.assert_allclose(table["total"].iloc[:3], share, atol=0.01)
    np.testing.assert_allclose(second, 0.0, atol=0.02)


@pytest.mark.parametrize("second_order", [False, True])
@pytest.mark.parametrize("factors", [single("a", "b", "c"), {"front": 2, "c": 1}])
def test_sample_and_point_estimates_are_those_of_salib(factors, second_order):
    members = [name for name, count in factors.items() for _ in range(count)]
    problem = {"num_vars": 3, "names": ["x", "y", "z"], "bounds": [[0, 1]] * 3, "groups": members}
    design = SobolDesign(factors, 256, second_order, 3)
    points = design.points().reshape(-1, 3)
    theirs = salib_sample.sample(problem, 256, calc_second_order=second_order, seed=np.random.default_rng(3))
    np.testing.assert_array_equal(points, theirs)
    outputs = np.stack([ishigami(points), 1e4 + points.sum(axis=1)], axis=1)
    mine = sobol_indices(design, outputs, resamples=0)
    for place in range(2):
        theirs = salib_analyze.analyze(
            problem, outputs[:, place], calc_second_order=second_order, num_resamples=2, seed=1
        )
        np.testing.assert_allclose(mine.first["value"][place, :-1], theirs["S1"], atol=1e-12)
        np.testing.assert_allclose(mine.total["value"][place, :-1], theirs["ST"], atol=1e-12)
        if second_order:
            upper = theirs["S2"][np.triu_indices(len(factors), k=1)]
            np.testing.assert_allclose(mine.second["value"][place], upper, atol=1e-12)


def test_intervals_are_as_wide_as_those_of_salib():
    # SALib's are normal half-widths of another bootstrap: the standard errors behind both agree.
    design = SobolDesign(single("a", "b", "c"), 512, True, 1)
    outputs = ishigami(design.points().reshape(-1, 3))
    mine = sobol_indices(design, outputs, resamples=2000)
    problem = {"num_vars": 3, "names": ["a", "b", "c"], "bounds": [[0, 1]] * 3}
    theirs = salib_analyze.analyze(problem, outputs, num_resamples=2000, seed=1)
    for kind, name in ((mine.first, "S1_conf"), (mine.total, "ST_conf")):
        np.testing.assert_allclose(kind["error"][0, :-1], theirs[name] / 1.959964, rtol=0.1)
    upper = theirs["S2_conf"][np.triu_indices(3, k=1)] / 1.959964
    np.testing.assert_allclose(mine.second["error"][0], upper, rtol=0.1)


def test_blocks_are_parts_of_the_whole_sample():
    for seed in (0, np.random.SeedSequence(7, spawn_key=(1,))):
        design = SobolDesign({"a": 2, "b": 1}, 128, True, seed)
        whole = design.points()
        np.testing.assert_array_equal(np.concatenate([design.points(0, 64), design.points(64, 128)]), whole)
        np.testing.assert_array_equal(SobolDesign({"a": 2, "b": 1}, 64, True, seed).points(), whole[:64])


def test_block_size_and_memory_limit_do_not_move_the_estimates(monkeypatch):
    design = SobolDesign(single("a", "b", "c"), 512, True, 0)
    points = design.points().reshape(-1, 3)
    outputs = np.stack([ishigami(points), points[:, 0], points.sum(axis=1)], axis=1)
    whole = sobol_indices(design, outputs, resamples=2000)
    narrow = sobol_indices(design, outputs, resamples=2000, memory=1)  # one output at a time
    monkeypatch.setattr(sobol_module, "BLOCK", 64)
    small = sobol_indices(design, outputs, resamples=2000)
    for kind in ("first", "total", "second"):
        for statistic in ("value", "low", "high"):
            np.testing.assert_allclose(getattr(narrow, kind)[statistic], getattr(whole, kind)[statistic], atol=1e-12)
        np.testing.assert_allclose(getattr(small, kind)["value"], getattr(whole, kind)["value"], atol=1e-12)
        # other resamples of the same law
        np.testing.assert_allclose(getattr(small, kind)["error"], getattr(whole, kind)["error"], rtol=0.1, atol=1e-3)


def test_an_ignored_input_is_below_the_dummy_line():
    table, _ = tables(lambda x: x[:, 0] + x[:, 0] * x[:, 1], {"a": 1, "b": 1, "unused": 2})
    assert table.loc["unused", ["first", "total"]].tolist() == [0.0, 0.0]
    for kind in ("first", "total"):
        assert table.loc["unused", kind] < table.loc[DUMMY, f"{kind}_high"]
        assert table.loc["b", kind] > table.loc[DUMMY, f"{kind}_high"]
        assert abs(table.loc[DUMMY, kind]) < 0.05
        assert table.loc[DUMMY, f"{kind}_low"] < 0 < table.loc[DUMMY, f"{kind}_high"]


def test_intervals_shrink_with_the_root_of_the_sample():
    width = [
        (table["total_high"] - table["total_low"]).iloc[0]
        for table, _ in (tables(ishigami, single("a", "b", "c"), base=base) for base in (256, 4096))
    ]
    assert 2.5 < width[0] / width[1] < 6.5


def test_bootstrap_agrees_with_resampling_by_hand():
    design = SobolDesign(single("a", "b"), 128)
    points = design.points().reshape(-1, 2)
    outputs = points[:, 0] + points[:, 1] ** 2
    mine = sobol_indices(design, outputs, resamples=4000, seed=5).first["error"][0, 0]
    blocks = ((outputs - outputs.mean()) / outputs.std()).reshape(128, 4)
    random = np.random.default_rng(8)
    draws = []
    for _ in range(4000):
        part = blocks[random.integers(128, size=128)]
        draws.append((part[:, 3] * (part[:, 1] - part[:, 0])).mean() / part[:, [0, 3]].var())
    assert mine == pytest.approx(np.std(draws), rel=0.08)


@pytest.mark.slow
def test_intervals_cover_the_analytic_value():
    # 90 % intervals of 300 independent samples; the binomial 99.9 % range around 0.9 is 0.843–0.957
    variance = 49 / 8 + 0.1 * np.pi**4 / 5 + 0.01 * np.pi**8 / 18 + 0.5
    truth = 49 / 8 / variance
    inside = 0
    for seed in range(300):
        found = analyse(ishigami, SobolDesign(single("a", "b", "c"), 512, False, seed), resamples=400, seed=seed)
        inside += found.total["low"][0, 1] < truth < found.total["high"][0, 1]
    # quasi-random samples scatter less than the bootstrap of independent points believes: never too little coverage
    assert inside / 300 > 0.843


def test_resampling_is_joint_over_indices_and_outputs():
    design = SobolDesign(single("a", "b"), 256)
    points = design.points().reshape(-1, 2)
    same = points[:, 0] + 0.9 * points[:, 1]
    found = sobol_indices(design, np.stack([same, 5 + 3 * same], axis=1), resamples=300)
    np.testing.assert_allclose(found.total["low"][0], found.total["low"][1], atol=1e-10)
    np.testing.assert_allclose(found.largest.sum(axis=1), 1.0)
    assert found.largest[0, 0] > 0.5


def test_unrest_of_the_order():
    settled = np.tile([0.7, 0.2, 0.1], (200, 1))[:, None]
    assert ranking_unrest(settled).tolist() == [0.0]
    shuffled = np.random.default_rng(0).permuted(np.tile([0.4, 0.35, 0.38], (200, 1)), axis=1)[:, None]
    assert ranking_unrest(shuffled)[0] > 1.0


def test_seed_zero_is_reproducible_and_seeds_differ():
    once, again, other = (tables(ishigami, single("a", "b", "c"), base=128, seed=seed)[0] for seed in (0, 0, 1))
    assert once.equals(again)
    assert not once.equals(other)


def test_independent_runs_are_the_outer_matrices():
    design = SobolDesign({"a": 2, "b": 1}, 64, True)
    draws = independent_points(design)
    assert len(np.unique(draws[:, 0])) == 128  # no value of A or B occurs twice
    np.testing.assert_array_equal(independent_runs(design.points()), draws)


def test_a_single_factor_has_everything():
    table, second = tables(lambda x: x[:, 0] * x[:, 1], {"all": 2})
    assert table.loc["all", "first"] == pytest.approx(1.0, abs=0.01)
    assert table.loc["all", "total"] == pytest.approx(1.0, abs=0.01)
    assert second.empty


def test_an_output_that_does_not_vary_has_no_indices():
    design = SobolDesign(single("a", "b"), 64)
    points = design.points().reshape(-1, 2)
    rare = np.zeros(len(points))
    rare[0] = 1.0  # varies in one run only: most resamples do not see it
    found = sobol_indices(design, np.stack([np.full(len(points), 0.1 + 0.2), points[:, 0], rare], axis=1), resamples=50)
    assert found.defined.tolist() == [False, True, False]
    table = found.table()
    undefined = table[~table["defined"]]
    assert len(undefined) == 6
    assert undefined[["first", "total", "first_low", "total_high"]].isna().all(axis=None)
    assert table[table["defined"]].notna().all(axis=None)


def test_bad_input_is_told():
    with pytest.raises(InputError, match="power of two: found 100"):
        SobolDesign({"a": 1}, 100)
    with pytest.raises(InputError, match="factors"):
        SobolDesign({}, 64)
    design = SobolDesign({"a": 1, "b": 2}, 64)
    with pytest.raises(InputError, match="number of runs"):
        analyse(lambda x: np.ones(3), design)
    with pytest.raises(InputError, match=r"not that of the sample: found 3, expected 256"):
        sobol_indices(design, np.ones(3))


def test_a_failing_run_is_named_with_its_inputs(monkeypatch):
    monkeypatch.setattr(sobol_module, "BLOCK", 16)  # the run is counted over the whole sample
    design = SobolDesign({"a": 1, "b": 2}, 64)
    points = design.points().reshape(-1, 3)
    failing = points[100]

    def model(x):
        return np.where((x == failing).all(axis=1), np.nan, x[:, 0])

    with pytest.raises(InputError, match=rf"run 100, column output 0.*a = {failing[0]:.6g}, b\[0\] = {failing[1]:.6g}"):
        evaluate(model, design)


def test_inputs_that_were_run_elsewhere_are_held_against_the_design():
    design = SobolDesign({"a": 2, "b": 1}, 64, True, 3)
    inputs = design.points().reshape(-1, 3)
    outputs = inputs @ [1.0, 2.0, 4.0]
    right = sobol_indices(design, outputs, inputs=inputs, resamples=0)
    np.testing.assert_array_equal(right.first["value"], sobol_indices(design, outputs, resamples=0).first["value"])
    through_text = np.array([[float(f"{value:.12g}") for value in row] for row in inputs])
    sobol_indices(design, outputs, inputs=through_text, resamples=0)
    shuffled = np.random.default_rng(0).permutation(len(inputs))
    with pytest.raises(InputError, match=r"not those of the design in its order: found \d+ of 384 runs elsewhere"):
        sobol_indices(design, outputs[shuffled], inputs=inputs[shuffled])
