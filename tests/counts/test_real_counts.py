"""Real mothers and real buyers as shares and counts: the known values of their sources, and counts equal to rows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from maternal_eval.analyses.backtest.cells import Target, outcome_history
from maternal_eval.analyses.backtest.splits import rolling_splits
from maternal_eval.analyses.satisfaction.cells import cell_counts
from maternal_eval.methods.effective_number import effective_number, logit_interval
from maternal_eval.study import Study
from maternal_eval.study.counts import tally


@pytest.fixture(scope="module")
def prams(root: Path, shared_data: Path) -> Study:
    return Study.read(root / "data" / "prams", shared_data / "prams" / "prams_mch_2016_2021.csv.gz")


@pytest.fixture(scope="module")
def babycare(root: Path, shared_data: Path) -> Study:
    return Study.read(root / "data" / "babycare", shared_data / "babycare" / "babycare_reviews_counts.csv")


def test_the_published_totals_of_prams_are_those_of_the_file(shared_data):
    table = pd.read_csv(shared_data / "prams" / "prams_mch_2016_2021.csv.gz")
    totals = table[table["site"] == "Sites aggregated"].set_index(["indicator", "year"])["weighted_pct"]
    known = {
        "Began prenatal care in 1st trimester": (86.1, 89.1),
        "Had maternal postpartum checkup": (89.4, 90.8),
        "Self-reported depression during pregnancy": (11.6, 16.5),
        "Self-reported postpartum depressive symptoms": (12.8, 12.7),
    }
    for indicator, (first, last) in known.items():
        assert totals[indicator, 2016] == first
        assert totals[indicator, 2021] == last


@pytest.mark.parametrize(
    ("outcome", "of_last", "of_mean", "closeness", "within"),
    [("depression", 1.763, 1.468, 0.861, 0.20), ("breastfeeding", 2.671, 2.081, 0.961, 0.686)],
)
def test_the_past_of_an_outcome_forecasts_2021_as_published(prams, outcome, of_last, of_mean, closeness, within):
    """Mean absolute error of last value and mean of 2016–2020, and three readings of accuracy, over 35 sites."""
    cells = outcome_history(prams, Target(prams.outcomes[outcome], ("platform",)), prams.periods)
    past, last, observed = cells.mean[:-1], cells.mean[-2], cells.mean[-1]
    both = np.isfinite(last) & np.isfinite(observed)
    assert both.sum() == 35
    error = np.abs(last - observed)[both]
    assert 100 * error.mean() == pytest.approx(of_last, abs=5e-4)
    known = np.where(np.isfinite(past), past, 0.0).sum(axis=0) / np.isfinite(past).sum(axis=0)
    assert 100 * np.abs(known - observed)[both].mean() == pytest.approx(of_mean, abs=5e-4)
    assert 1 - (error / observed[both]).mean() == pytest.approx(closeness, abs=5e-4)
    assert (error <= 0.05 * observed[both]).mean() == pytest.approx(within, abs=5e-4)
    # Design-based shares are worth fewer answers than were asked.
    assert 0.6 < np.nanmedian(cells.effective[cells.count > 0] / cells.count[cells.count > 0]) < 0.75
    assert [split.test for split in rolling_splits(prams)] == [2017, 2018, 2019, 2020, 2021]


def test_the_published_intervals_come_back_from_the_effective_numbers(shared_data):
    table = pd.read_csv(shared_data / "prams" / "prams_mch_2016_2021.csv.gz")
    table = table[(table["lo95"] > 0) & table["weighted_pct"].between(5, 95)]
    share, low, high = (table[name].to_numpy() / 100 for name in ("weighted_pct", "lo95", "hi95"))
    found = logit_interval(share, effective_number(share, low, high))
    for end, printed in zip(found, (low, high), strict=True):
        assert np.quantile(np.abs(end - printed), 0.95) < 0.0015  # printed to 0.001


def test_stars_drift_as_counted(babycare):
    stars = tally(babycare, ["stars"])
    size = stars.groupby("period")["counted"].sum()
    mean = (stars["stars"] * stars["counted"]).groupby(stars["period"]).sum() / size
    assert mean.round(2).loc[2011:].tolist() == [4.11, 4.24, 4.31, 4.34, 4.35]
    assert size.loc[2011:].tolist() == [1005, 1424, 3725, 6091, 5796]
    five = stars[stars["stars"] == 5].set_index("period")["counted"] / size
    assert five.loc[[2011, 2015]].round(3).tolist() == [0.586, 0.700]


def test_aspects_by_keyword(shared_data):
    table = pd.read_csv(shared_data / "babycare" / "babycare_aspects_counts.csv")
    named = table[table["mentioned"] == 1]
    size = named.groupby("aspect")["n"].sum()
    mean = (named["answer"] * named["n"]).groupby(named["aspect"]).sum() / size
    known = {
        "delivery_fast": (4.76, 345),
        "delivery_slow": (3.45, 31),
        "wrong_or_damaged": (2.78, 117),
        "customer_service": (3.03, 589),
    }
    assert {aspect: (round(mean[aspect], 2), int(size[aspect])) for aspect in known} == known
    # All reviews that do not name a slow delivery.
    others = table[(table["mentioned"] == 0) & (table["aspect"] == "delivery_slow")]
    assert round((others["answer"] * others["n"]).sum() / others["n"].sum(), 2) == 4.31


def test_counts_of_the_clinics_are_their_rows(shared_data, tmp_path):
    rows = pd.read_csv(shared_data / "clinics" / "clinic_reviews_2006_2021.csv").query("maternity > 0")
    counts = rows.groupby(["year", "clinic", "overall"]).size().rename("n").reset_index()
    found = []
    for kind, table in (("answers", rows), ("counts", counts)):
        more = "" if kind == "answers" else 'kind = "counts"\n[counts]\nanswer = "overall"\ncount = "n"\n'
        table.to_csv(tmp_path / "panel.csv", index=False)
        (tmp_path / "study.toml").write_text(
            '[study]\nname = "clinics"\nzh = "诊所"\nen = "Clinics"\n[panel]\nfile = "panel.csv"\n'
            + more
            + "[columns]\n"
            'period = "year"\nplatform = "clinic"\n[outcomes.overall]\ncolumn = "overall"\nkind = "ordinal"\n'
            'range = [1, 4]\nzh = "总体"\nen = "Overall"\n',
            encoding="utf-8",
        )
        found.append(cell_counts(Study.read(tmp_path), segments=("platform",)))
    assert int(found[0]["answers"].sum()) == 414
    xr.testing.assert_allclose(*found)
