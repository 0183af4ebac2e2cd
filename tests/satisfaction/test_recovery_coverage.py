"""Recovery over replicates: panels drawn from the known truth of the built-in study, fitted, and the truth covered.

The simulator is not the model: its answers come from 30 indicators and weights that move by stage. That the intervals
of the stage scores cover its expectations nominally says that the model is rich enough for such panels.
"""

from __future__ import annotations

import numpy as np
import pytest

from maternal_eval.analyses.satisfaction.cells import cell_counts
from maternal_eval.analyses.satisfaction.compute import build_model
from maternal_eval.analyses.satisfaction.poststratification import pooled_probabilities
from maternal_eval.core.intervals import interval
from maternal_eval.core.randomness import spawn
from maternal_eval.methods.ordinal.summaries import expected_answers
from maternal_eval.methods.sampling import POSTERIOR, SamplerSettings, sample
from maternal_eval.simulation.panel import simulate_panel
from maternal_eval.study import Study
from maternal_eval.study.model_settings import OrdinalPriors
from verification.recovery import expected_by_stage, read_truth

REPLICATES, PER_YEAR = 60, 1000
SAMPLER = SamplerSettings(chains=2, tune=300, draws=400)


def drawn_scores(study: Study, seed: np.random.SeedSequence) -> np.ndarray:
    """Return draws of the expected answers (draw, stage, period)."""
    cells = cell_counts(study, segments=("city_tier",))
    model = build_model(cells, OrdinalPriors(), study.stages_ordered)
    x = sample(model, seed=seed, settings=SAMPLER)[POSTERIOR]["parameter"].transpose("chain", "draw", "name").to_numpy()
    scores = expected_answers(pooled_probabilities(model, x, cells, cells["share"].to_numpy()))["by_stage"]
    return scores.transpose("chain", "draw", "stage", "period").to_numpy().reshape(-1, *scores.shape[2:])


@pytest.mark.slow
def test_known_truth_is_covered_nominally(root, tmp_path):
    truth = read_truth()
    expected = expected_by_stage(truth).to_numpy()
    inside = {0.5: [], 0.9: []}
    change_inside = []
    for number, seed in enumerate(spawn(20, REPLICATES)):
        panel = simulate_panel(truth, seed=1000 + number, respondents_per_year=PER_YEAR)
        path = tmp_path / "panel.parquet"
        panel.to_parquet(path)
        draws = drawn_scores(Study.read(root / "data" / "maternal", path), seed)
        for probability, found in inside.items():
            low, high = interval(draws, probability=probability)
            found.append((low <= expected) & (expected <= high))
        low, high = interval(draws[:, :, -1] - draws[:, :, 0])
        change = expected[:, -1] - expected[:, 0]
        change_inside.append((low <= change) & (change <= high))
    shares = {probability: np.mean(found) for probability, found in inside.items()}
    # 25 scores of a replicate depend on each other: the bounds are those of about 8 independent ones each.
    assert shares[0.9] == pytest.approx(0.9, abs=4 * np.sqrt(0.09 / (8 * REPLICATES)))
    assert shares[0.5] == pytest.approx(0.5, abs=4 * np.sqrt(0.25 / (8 * REPLICATES)))
    assert np.mean(change_inside) == pytest.approx(0.9, abs=4 * np.sqrt(0.09 / (3 * REPLICATES)))
    print({**shares, "change": np.mean(change_inside)})
