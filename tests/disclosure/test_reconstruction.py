"""The interactive page: answers that its numbers gave away do not follow from them any more."""

import itertools

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from maternal_eval.analyses.explorer.compute import prepare_explorer
from maternal_eval.analyses.explorer.moments import ENOUGH, pooled, unit_moments
from maternal_eval.analyses.explorer.settings import ExplorerSettings
from maternal_eval.analyses.schedule.result import ScheduleResult
from maternal_eval.analyses.schedule.rule import adopt
from maternal_eval.analyses.stage_weights.result import StageWeightsResult
from maternal_eval.analyses.weights.compute import static_weights
from maternal_eval.report.explorer import page_data
from maternal_eval.study import Study
from tests.stand_in import stand_in

LEVELS = np.arange(5) / 4


def two_rows(mean, covariance):
    """Return the rows of two respondents from mean and covariance of their unit: mean ± the root of rank one."""
    values, vectors = np.linalg.eigh(covariance)
    root = vectors[:, -1] * np.sqrt(values[-1])
    return np.array([mean - root, mean + root])


def rounded(rows):
    return sorted(map(tuple, np.round(np.asarray(rows) * 4).astype(int).tolist()))


def test_two_rows_follow_from_their_own_moments_and_not_from_pooled_ones():
    answers = np.random.default_rng(1).integers(0, 5, size=(2, 6)) / 4
    others = [np.random.default_rng(seed).integers(0, 5, size=(12, 6)) / 4 for seed in range(2, 6)]
    own = [unit_moments(values, np.ones(len(values))) for values in (answers, *others)]
    assert rounded(two_rows(own[0].mean, own[0].covariance)) == rounded(answers)
    shared = pooled(own)[0]
    np.testing.assert_array_equal(shared.mean, own[0].mean)
    assert rounded(two_rows(shared.mean, shared.covariance)) != rounded(answers)


def tables(size, indicators):
    """Return every multiset of ``size`` respondents' answers to ``indicators`` questions, as an array."""
    rows = list(itertools.product(range(5), repeat=indicators))
    return np.array(list(itertools.combinations_with_replacement(rows, size)))


@pytest.mark.parametrize("size", [3, 4])
def test_integer_search_finds_small_units_from_their_own_moments_only(size):
    """All answers on five levels that fit what is published: one with own covariances, several with what is shown now.

    Two respondents are never shown: even a common spread of two such units has one solution.
    """
    random = np.random.default_rng(7)
    truth = random.integers(0, 5, size=(size, 2))
    other = random.integers(0, 5, size=(size, 2))
    own = [unit_moments(one / 4, np.ones(size)) for one in (truth, other)]
    shown = pooled(own)
    every = tables(size, 2)
    means = every.mean(axis=1) / 4
    centred = every / 4 - means[:, None]
    spreads = np.einsum("tri,trj->tij", centred, centred) / (size - 1) / size
    fits_mean = np.abs(means - own[0].mean).max(axis=1) < 1e-6
    fits_own = fits_mean & (np.abs(spreads - own[0].covariance).max(axis=(1, 2)) < 1e-6)
    assert fits_own.sum() == 1
    # now: both units have to fit the means and the two numbers of the common spread together
    first = spreads[fits_mean]
    second = spreads[np.abs(means - own[1].mean).max(axis=1) < 1e-6]
    together = (first[:, None] + second[None]) / 2
    variance = together[..., [0, 1], [0, 1]].mean(axis=-1)
    fits = np.abs(variance - shown[0].covariance[0, 0]) < 1e-6
    fits &= np.abs(together[..., 0, 1] - shown[0].covariance[0, 1]) < 1e-6
    possible = {tuple(map(tuple, every[fits_mean][at].tolist())) for at in np.flatnonzero(fits.any(axis=1))}
    assert len(possible) > 1
    assert tuple(sorted(map(tuple, truth.tolist()))) in possible


def test_the_covariances_of_all_units_are_one_spread():
    """Nothing but its size tells a unit's covariance from another's."""
    random = np.random.default_rng(2)
    own = [unit_moments(random.random((size, 3)), random.uniform(0.5, 2, size)) for size in (12, 30, 55)]
    shown = pooled(own)
    assert sum(one.respondents - 1 for one in own) >= ENOUGH * 4
    spreads = [one.effective * one.covariance for one in shown]
    np.testing.assert_allclose(spreads[1:], [spreads[0]] * 2, rtol=1e-12)
    expected = sum((one.respondents - 1) * one.effective * one.covariance for one in own) / 94
    np.testing.assert_allclose(spreads[0], expected, rtol=1e-12)


def test_few_respondents_share_two_numbers_of_spread():
    own = [unit_moments(np.random.default_rng(seed).random((12, 4)), np.ones(12)) for seed in range(2)]
    spread = pooled(own)[0].covariance
    assert len(np.unique(np.diag(spread).round(15))) == 1
    assert len(np.unique(spread[~np.eye(4, dtype=bool)].round(15))) == 1
    assert np.linalg.eigvalsh(spread).min() > 0


def explored(folder):
    study = Study.read(folder)
    codes, stages = study.model.codes, list(study.stages)
    static = static_weights(study).loc[codes].to_numpy()
    draws = np.random.default_rng(6).dirichlet(50 * static, size=(60, len(stages)))
    table = pd.DataFrame(
        {
            "stage": np.repeat(stages, len(codes)),
            "indicator": np.tile(codes, len(stages)),
            "static": np.tile(static, len(stages)),
            "weight": adopt(static, draws.mean(axis=0), np.zeros((len(stages), len(codes)), dtype=bool)).ravel(),
            "proposed": False,
            "probability_own": 0.1,
            "reason_en": "static: nothing is known",
            "reason_zh": "保持静态：无从得知",
        }
    )
    weight = xr.DataArray(draws, dims=("draw", "stage", "indicator"), coords={"stage": stages, "indicator": codes})
    results = {
        "schedule": stand_in(ScheduleResult, weights=table),
        "stage_weights": stand_in(StageWeightsResult, draws={"weight": weight}),
    }
    return study, prepare_explorer(study, ExplorerSettings(draws=20), seed=1, results=results)


def test_the_page_leaves_out_small_units_and_those_that_give_them_away(folder):
    _, result = explored(folder)
    shown = {(unit["stage"], unit["platform"]) for unit in page_data(result)["units"]}
    assert len(shown) == 5
    assert ("before", "alpha") not in shown
    assert result.scores["n"].min() >= 10
    sentence = result.remarks[0]["en"]
    assert sentence.startswith("4 units with fewer than 10 respondents")
    assert "before / alpha" in sentence
    assert "before / alpha" in page_data(result)["notice"]["zh"]


def test_the_pages_means_do_not_hold_the_last_digits(folder):
    """By known survey weights to the last digit, a weighted mean of ten tells who answered what."""
    _, result = explored(folder)
    means = result.moments["mean"].to_numpy().astype(float)
    np.testing.assert_allclose(means, np.round(means, 4), atol=1e-7)
