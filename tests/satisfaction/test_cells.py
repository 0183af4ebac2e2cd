"""Counts by cell, survey weights, poststratification shares."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from maternal_eval.analyses.satisfaction.cells import NOT_STATED, answer_of, category_of, cell_counts, effective_counts
from maternal_eval.analyses.satisfaction.margins import margin_arrays, rake
from maternal_eval.core.errors import InputError
from tests.satisfaction.conftest import simulate


def totals(cells: xr.Dataset, name: str) -> np.ndarray:
    """Return the sum of a variable over the cells of each stage and period."""
    values = cells[name].sum("answer") if "answer" in cells[name].dims else cells[name]
    table = np.zeros((cells.sizes["stage"], cells.sizes["period"]))
    np.add.at(table, (cells["stage_index"].to_numpy(), cells["period_index"].to_numpy()), values.to_numpy())
    return table


def test_codes_go_to_categories_and_back():
    answers = np.array([1, 5, 3, 2, 4])
    categories = category_of(answers, 1, 5)
    assert categories.tolist() == [0, 4, 2, 1, 3]
    assert np.array_equal(answer_of(categories, 1), answers)
    assert category_of(np.array([0.0, 10.0]), 0, 10).tolist() == [0, 10]


@pytest.mark.parametrize("wrong", [0.0, 6.0, 2.5, np.nan])
def test_answers_off_the_scale_are_refused(wrong):
    with pytest.raises(InputError, match="off the scale"):
        category_of(np.array([1.0, wrong]), 1, 5)


def test_every_answer_is_counted_once(small):
    cells = cell_counts(small)
    assert int(cells["answers"].sum()) == 3000 == cells.attrs["answers"]
    table = small.panel.groupby(["stage", "period", "tier", "satisfaction"], observed=True).size()
    for cell in (0, 7, 17):
        at = [cells[name].values[int(cells[f"{name}_index"][cell])] for name in ("stage", "period", "tier")]
        expected = [table.get((*at, float(answer)), 0) for answer in range(1, 6)]
        assert cells["answers"].isel(cell=cell).values.tolist() == expected
    assert np.array_equal(cells["effective"], cells["answers"])


def test_order_of_respondents_does_not_matter(small, make_study):
    shuffled = make_study(simulate().sample(frac=1.0, random_state=1))
    assert cell_counts(small).equals(cell_counts(shuffled))


def test_weights_scale_to_the_effective_sample_size_of_each_cell(make_study):
    panel = simulate()
    cells = cell_counts(make_study(panel, weighted=True))
    of_cell = panel.groupby(["stage", "year", "tier"])["weight"]
    for cell in range(cells.sizes["cell"]):
        at = [cells[name].values[int(cells[f"{name}_index"][cell])] for name in ("stage", "period", "tier")]
        weight = of_cell.get_group(tuple(at))
        effective, weighted = (cells[name].isel(cell=cell).to_numpy() for name in ("effective", "weighted"))
        assert effective.sum() == pytest.approx(weight.sum() ** 2 / (weight**2).sum())
        assert effective.sum() <= len(weight) + 1e-9
        assert effective / effective.sum() == pytest.approx(weighted / weighted.sum())


def test_a_rare_group_with_heavy_weights_counts_for_the_answers_that_it_gave(make_study):
    """One tier is asked a fifth as often and weighs five times as much: by stage and year it would count fivefold."""
    panel = simulate().assign(weight=1.0)
    rare = panel["tier"] == "a"
    panel = pd.concat([panel[~rare], panel[rare].iloc[::5].assign(weight=5.0)])
    cells = cell_counts(make_study(panel, weighted=True))
    assert cells["effective"].to_numpy() == pytest.approx(cells["answers"].to_numpy())
    share = cells["share"].groupby(cells["tier_index"]).sum()
    assert float(share.min()) > 0.1 * float(share.max())


def test_intervals_of_group_means_cover_with_effective_counts():
    """90 % intervals of the means of four groups, of which one is rare and heavy, over 1,500 samples: 0.90 ± 0.03."""
    random = np.random.default_rng(0)
    sizes, heaviness = (200, 120, 80, 40), (0.4, 0.7, 1.0, 4.0)
    held = np.zeros(4)
    for _ in range(1500):
        for group, (size, heavy) in enumerate(zip(sizes, heaviness, strict=True)):
            weight = heavy * random.lognormal(0, 0.6, size)
            answer = random.choice(5, size, p=[0.05, 0.1, 0.25, 0.4, 0.2])
            weighted = np.bincount(answer, weight, 5)[None]
            counts = effective_counts(weighted, np.array([(weight**2).sum()]))[0]
            mean = counts @ np.arange(5) / counts.sum()
            variance = counts @ (np.arange(5) - mean) ** 2 / counts.sum()
            held[group] += abs(mean - 2.6) <= 1.645 * np.sqrt(variance / counts.sum())
    assert held / 1500 == pytest.approx(np.full(4, 0.90), abs=0.03)


def test_size_of_the_weights_does_not_matter(make_study):
    panel = simulate()
    first = cell_counts(make_study(panel, weighted=True))
    second = cell_counts(make_study(panel.assign(weight=7.0 * panel["weight"]), weighted=True))
    assert second["effective"].to_numpy() == pytest.approx(first["effective"].to_numpy())
    assert second["share"].to_numpy() == pytest.approx(first["share"].to_numpy())


def test_equal_weights_leave_the_counts():
    counts = np.array([[1.0, 2.0], [3.0, 0.0]]) * 4.0
    found = effective_counts(counts, np.array([3.0, 3.0]) * 16.0)
    assert found == pytest.approx(counts / 4.0)


def test_forecast_period_has_cells_but_no_answers(small):
    cells = cell_counts(small, periods=(2020, 2021), forecast=(2022,))
    assert cells["period"].values.tolist() == [2020, 2021, 2022]
    assert (totals(cells, "answers")[:, 2] == 0).all()
    assert totals(cells, "share")[:, 2] == pytest.approx(np.ones(3))


def test_forecast_does_not_look_at_the_period(make_study):
    panel = simulate()
    later = panel["year"] == 2022
    first = cell_counts(make_study(panel), periods=(2020, 2021), forecast=(2022,))
    panel.loc[later, ["overall", "tier"]] = [5, "a"]
    assert first.equals(cell_counts(make_study(panel), periods=(2020, 2021), forecast=(2022,)))


def test_shares_add_up_in_each_stage_and_period(small):
    cells = cell_counts(small)
    assert totals(cells, "share") == pytest.approx(np.ones((3, 3)))


def test_a_stage_without_answers_is_composed_like_everybody(make_study):
    panel = simulate()
    study = make_study(panel[panel["stage"] != "during"])
    cells = cell_counts(study)
    assert cells["stage"].values.tolist() == ["before", "during", "after"]
    tiers = panel.loc[panel["stage"] != "during", "tier"].value_counts(normalize=True).sort_index().to_numpy()
    for period in range(3):
        empty = cells.isel(cell=(cells["stage_index"] == 1) & (cells["period_index"] == period))
        assert empty["tier_index"].values.tolist() == [0, 1]
        assert empty["share"].to_numpy() == pytest.approx(tiers)


def test_missing_answers_and_stages_are_left_out_and_missing_segments_kept(make_study):
    panel = simulate(300).astype({"overall": "float64", "tier": "object", "stage": "object"})
    panel.loc[:9, "overall"] = np.nan
    panel.loc[10:14, "stage"] = None
    panel.loc[15:19, "tier"] = None
    cells = cell_counts(make_study(panel))
    assert cells.attrs["left_out"] == 15
    assert cells["tier"].values.tolist() == ["a", "b", NOT_STATED]
    assert int(cells["answers"].where(cells["tier_index"] == 2).sum()) == 5


def test_study_without_periods_and_segments(make_study):
    study = make_study(simulate(), **{'period = "year"\n': "", 'segments = ["tier"]\n': ""})
    cells = cell_counts(study)
    assert cells.sizes["cell"] == 3
    assert cells["period"].values.tolist() == [0]


def test_binary_and_unknown(small):
    cells = cell_counts(small, small.outcomes["again"])
    assert cells["answer"].values.tolist() == [0, 1]
    with pytest.raises(InputError, match="unknown segment"):
        cell_counts(small, segments=("city",))
    with pytest.raises(InputError, match="no answers"):
        cell_counts(small, periods=(1999,))


def test_raking_meets_both_margins():
    generator = np.random.default_rng(0)
    first, second = (values.ravel() for values in np.meshgrid(range(2), range(3), indexing="ij"))
    share = generator.dirichlet(np.ones(6))
    domain = np.zeros(6, dtype=int)
    wished = [(first, np.array([0.2, 0.8])), (second, np.array([0.5, 0.3, 0.2]))]
    raked = rake(share, domain, wished)
    assert np.bincount(first, raked) == pytest.approx([0.2, 0.8])
    assert np.bincount(second, raked) == pytest.approx([0.5, 0.3, 0.2])
    odds = share.reshape(2, 3)
    after = raked.reshape(2, 3)
    assert after[0, 0] * after[1, 1] / (after[0, 1] * after[1, 0]) == pytest.approx(
        odds[0, 0] * odds[1, 1] / (odds[0, 1] * odds[1, 0])
    )


def test_margins_that_cannot_be_used_are_refused(small):
    cells = cell_counts(small)
    with pytest.raises(InputError, match="unknown segment"):
        margin_arrays(cells, {"city": {"a": 1.0}})
    with pytest.raises(InputError, match=r"adding up to 0\.9"):
        margin_arrays(cells, {"tier": {"a": 0.5, "b": 0.4}})
    with pytest.raises(InputError, match="found z"):
        margin_arrays(cells, {"tier": {"a": 0.5, "z": 0.5}})


def test_counts_do_not_depend_on_the_number_of_respondents(make_study):
    """The same answers ten times over give ten times the counts in the same cells."""
    panel = simulate(600)
    once = cell_counts(make_study(panel))
    ten = cell_counts(make_study(pd.concat([panel] * 10, ignore_index=True)))
    assert np.array_equal(ten["answers"], 10 * once["answers"])
    assert ten.sizes == once.sizes
