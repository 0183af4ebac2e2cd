"""Published composite indicator, rebuilt with this project's composite and ranks.

The ASEM sustainable-connectivity index as the package COINr 1.1.14 publishes it (data © 2022 William Becker, MIT): raw
indicators over their denominators, gaps filled with the mean of the continent's group, outliers winsorised (at most
five points until |skew| < 2 or kurtosis < 3.5, else a log), min-max to 0-100, weighted arithmetic means up the
hierarchy.
Preparing raw indicators is no part of scoring survey answers, so it stands here.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import kurtosis, skew

from maternal_eval.analyses.importance.ranking import without
from maternal_eval.methods.composite import FULL_SCORE, composite
from maternal_eval.methods.ranks import rank_shift, ranks_by_run

pytestmark = pytest.mark.shared

TOP_SIX = {"CHE": 68.38, "NLD": 64.82, "DNK": 64.80, "NOR": 64.47, "BEL": 63.54, "SWE": 63.00}
WITHOUT_PILLAR = {
    "Physical": 1.529412,
    "ConEcFin": 2.627451,
    "Political": 2.901961,
    "Instit": 1.176471,
    "P2P": 1.686275,
    "Environ": 3.098039,
    "Social": 3.960784,
    "SusEcFin": 2.627451,
}
MOST_POINTS, SKEW, KURTOSIS = 5, 2.0, 3.5


def tame(column: np.ndarray) -> bool:
    """Whether skewness or kurtosis (unbiased) is within its limit."""
    return bool(abs(skew(column, bias=False)) < SKEW or kurtosis(column, bias=False) < KURTOSIS)


def treat(column: np.ndarray) -> np.ndarray:
    winsorised = column.copy()
    for _ in range(MOST_POINTS):
        if tame(winsorised):
            return winsorised
        high = skew(winsorised, bias=False) >= 0
        extreme = winsorised == (winsorised.max() if high else winsorised.min())
        rest = winsorised[~extreme]
        winsorised[extreme] = rest.max() if high else rest.min()
    if tame(winsorised):
        return winsorised
    return np.log(column - column.min() + 0.01 * np.ptp(column))


@pytest.fixture(scope="module")
def pillars(shared_data):
    """Countries × pillars in [0, 1], the names of both, and the position of each pillar's sub-index."""
    data = pd.read_csv(shared_data / "asem" / "ASEM_iData.csv", index_col="uCode")
    meta = pd.read_csv(shared_data / "asem" / "ASEM_iMeta.csv", index_col="iCode")
    indicators = meta[meta["Type"] == "Indicator"]
    raw = data[indicators.index].astype(float)
    for code, denominator in indicators["Denominator"].dropna().items():
        raw[code] = raw[code] / data[denominator]
    raw = raw.fillna(raw.groupby(data["EurAsia_group"]).transform("mean"))
    ready = raw.apply(treat, raw=True) * indicators["Direction"]
    values = ((ready - ready.min()) / (ready.max() - ready.min())).to_numpy()
    names = list(indicators["Parent"].unique())
    position = np.array([names.index(parent) for parent in indicators["Parent"]])
    of_pillars = composite(values, indicators["Weight"].to_numpy(), position).dimensions / FULL_SCORE
    sub_index = pd.factorize(meta.loc[names, "Parent"])[0]
    return of_pillars, list(data.index), names, sub_index


def weights_of(sub_index: np.ndarray) -> np.ndarray:
    """Equal sub-indices, equal pillars inside each."""
    return 1.0 / np.bincount(sub_index)[sub_index] / (sub_index.max() + 1)


def test_scores_of_the_first_six(pillars):
    values, countries, _, sub_index = pillars
    score = composite(values, weights_of(sub_index), sub_index).score
    ranks = ranks_by_run(score)
    found = {countries[at]: round(score[at], 2) for at in np.argsort(ranks)[:6]}
    assert list(found.items()) == list(TOP_SIX.items())


def test_mean_rank_change_without_each_pillar(pillars):
    values, _, names, sub_index = pillars
    weights = weights_of(sub_index)
    nominal = composite(values, weights, sub_index).score
    found = {}
    for at, name in enumerate(names):
        reduced = without(values, weights, sub_index, np.arange(len(names)) == at)
        found[name] = round(float(rank_shift(nominal, reduced)), 6)
    assert found == WITHOUT_PILLAR
