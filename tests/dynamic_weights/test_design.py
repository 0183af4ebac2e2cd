"""Sparse answer categories are merged, which the cumulative logit allows."""

from dataclasses import replace

import numpy as np
import pytest

from maternal_eval.analyses.stage_weights.design import build_design, design_remarks, merge_sparse


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ([60, 70, 80], [60, 70, 80]),
        ([5, 70, 80, 90], [75, 80, 90]),
        ([60, 5, 70, 80], [65, 70, 80]),
        ([80, 70, 5, 60], [80, 70, 65]),
        ([80, 70, 60, 5], [80, 70, 65]),
        ([15, 20, 100, 100], [135, 100]),
        ([1, 2, 3], [3, 3]),
        ([0, 60, 70], [60, 70]),
    ],
)
def test_sparse_categories_join_their_smaller_neighbour(counts, expected):
    category = np.repeat(np.arange(len(counts)), counts)
    merged, count = merge_sparse(category, len(counts), fewest=50)
    assert np.bincount(merged, minlength=count).tolist() == expected
    assert (np.diff(merged) >= 0).all()


def test_merging_leaves_slope_and_other_thresholds_where_they_were():
    """Maximum likelihood of a merged cumulative logit agrees with the whole one within sampling error."""
    from scipy.optimize import minimize
    from scipy.special import expit

    random = np.random.default_rng(0)
    x = random.normal(size=20_000)
    latent = 1.5 * x + random.logistic(size=x.size)
    thresholds = np.array([-4.0, -1.0, 1.0])
    category = np.searchsorted(thresholds, latent)

    def fit(codes, count):
        def loss(point):
            ends = np.concatenate([[-np.inf], point[1:], [np.inf]])
            below = expit(ends[None, :] - point[0] * x[:, None])
            return -np.log(np.diff(below)[np.arange(x.size), codes].clip(1e-300)).mean()

        start = np.concatenate([[1.0], np.linspace(-2, 2, count - 1)])
        return minimize(loss, start, method="BFGS").x

    whole = fit(category, 4)
    merged, count = merge_sparse(category, 4, fewest=int((category == 0).sum()) + 1)
    assert count == 3
    np.testing.assert_allclose(fit(merged, count), whole[[0, 2, 3]], atol=0.03)
    np.testing.assert_allclose(whole, [1.5, *thresholds], atol=0.15)


def test_what_is_left_out_or_merged_is_said(maternal):
    panel = maternal.panel[maternal.panel["period"] == 2024].reset_index(drop=True)
    outcome = maternal.primary_outcome
    whole = build_design(replace(maternal, panel=panel), outcome)
    weightless = panel.assign(weight=panel["weight"].where(panel.index >= 7, 0.0))
    weightless.loc[7:9, outcome.name] = np.nan
    first = panel["stage"] == maternal.stages[0]
    lowest = first & (weightless[outcome.name] == 1)
    weightless.loc[lowest & (lowest.cumsum() > 10), outcome.name] = 2.0
    study = replace(maternal, panel=weightless)
    design = build_design(study, outcome)
    known = panel[outcome.name].notna() & panel["stage"].notna()
    assert design.left_out == whole.left_out + int(known[:10].sum())
    said = " ".join(one["en"] for one in design_remarks(design, study, outcome))
    assert f"{design.left_out} of {len(panel)} rows are left out" in said
    assert f"{maternal.stage_levels[0].name_en} (5 → " in said
