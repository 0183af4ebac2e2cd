"""One stage, one period, no segments: counts and rows have the likelihood that can be computed by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.special import logit

from maternal_eval.analyses.satisfaction.cells import cell_counts
from maternal_eval.analyses.satisfaction.compute import build_model
from maternal_eval.study import Study
from maternal_eval.study.model_settings import OrdinalPriors

COUNTS = np.array([12, 18, 40, 20, 10])
CUTS = np.array([-1.9924, -0.8473, 0.8473, 2.1972])

TOML = """
[study]
name = "one"
zh = "一"
en = "One"

[panel]
file = "panel.csv"

[columns]
period = "year"
stage = "stage"

[stages]
ordered = false
levels = [{ value = "pregnancy", zh = "孕期", en = "Pregnancy" }]

[outcomes]
sat = { column = "y", kind = "ordinal", range = [1, 5], zh = "满意", en = "Sat" }
"""


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("one")
    (folder / "study.toml").write_text(TOML, encoding="utf-8")
    rows = pd.DataFrame({"year": 2024, "stage": "pregnancy", "y": np.repeat([1, 2, 3, 4, 5], COUNTS)})
    rows.to_csv(folder / "panel.csv", index=False)
    cells = cell_counts(Study.read(folder))
    assert cells["effective"].to_numpy().tolist() == [COUNTS.tolist()]
    assert float((cells["effective"] * cells["answer"]).sum() / cells["effective"].sum()) == pytest.approx(2.98)
    return build_model(cells, OrdinalPriors(), stages_ordered=False)


def vector(thresholds):
    return np.concatenate([[thresholds[0] + 0.5 * (len(thresholds) - 1)], np.log(np.diff(thresholds))])


def test_the_likelihood_is_largest_at_the_cut_logits_of_the_shares(model):
    best = logit(np.cumsum(COUNTS)[:-1] / COUNTS.sum())
    assert best == pytest.approx(CUTS, abs=5e-5)
    x = vector(best)
    assert model.parameters(x).thresholds == pytest.approx(best)
    assert model.probabilities(x)[0] == pytest.approx(COUNTS / COUNTS.sum())
    value, gradient = model.log_likelihood(x)
    assert np.abs(gradient).max() < 1e-8 * COUNTS.sum()
    assert value == pytest.approx(COUNTS @ np.log(COUNTS / COUNTS.sum()))


def test_rows_and_counts_have_the_same_likelihood(model):
    random = np.random.default_rng(0)
    for _ in range(5):
        x = vector(np.sort(random.normal(0, 1.5, 4)))
        by_row = np.log(model.probabilities(x)[0])[np.repeat(np.arange(5), COUNTS)].sum()
        assert model.log_likelihood(x)[0] == pytest.approx(by_row)
