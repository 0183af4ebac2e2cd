"""Simulation-based calibration: parameters drawn from the prior are ranked uniformly among posterior draws."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from scipy.stats import chisquare

from maternal_eval.fitting import POSTERIOR, SamplerSettings, sample
from maternal_eval.satisfaction import SatisfactionSettings, build_model, cell_counts

REPLICATES, BINS, PER_CELL = 150, 10, 40


@pytest.mark.slow
def test_ranks_of_prior_draws_are_uniform(small):
    """Talts et al. 2018, with thinned chains; the model is not compiled again between replicates."""
    model = build_model(cell_counts(small), SatisfactionSettings(), stages_ordered=True)
    generator = np.random.default_rng(0)
    settings = SamplerSettings(tune=250, draws=250)
    ranks = []
    for replicate, truth in enumerate(model.draw_prior(generator, REPLICATES)):
        counts = generator.multinomial(PER_CELL, model.probabilities(truth)).astype(float)
        tree = sample(dataclasses.replace(model, counts=counts), seed=replicate, settings=settings)
        draws = tree[POSTERIOR]["parameter"].to_numpy().reshape(-1, len(model.names))[:: 1000 // 99][:99]
        ranks.append((draws < truth).sum(axis=0))
    table = np.array(ranks)
    p_values = [chisquare(np.bincount(column * BINS // 100, minlength=BINS)).pvalue for column in table.T]
    assert min(p_values) > 0.01 / len(p_values)
    assert table.mean(axis=0) == pytest.approx(np.full(len(model.names), 49.5), abs=4 * 28.9 / np.sqrt(REPLICATES))
