"""Real patients, mothers among them: known values of the reviews of clinics, and what the study makes of the file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from maternal_eval.analyses.backtest.cells import Target, outcome_history
from maternal_eval.analyses.satisfaction.cells import cell_counts
from maternal_eval.study import Study

FILE = "clinic_reviews_2006_2021.csv"
DRIVERS = ["advice", "treatment", "admin"]


@pytest.fixture(scope="module")
def clinics(root: Path, shared_data: Path) -> Study:
    return Study.read(root / "data" / "clinics", shared_data / "clinics" / FILE)


@pytest.fixture(scope="module")
def table(shared_data: Path) -> pd.DataFrame:
    return pd.read_csv(shared_data / "clinics" / FILE)


@pytest.fixture(scope="module")
def maternity(table: pd.DataFrame) -> pd.DataFrame:
    return table[table["maternity"] > 0]


def partial(rows: pd.DataFrame) -> list[float]:
    """Rank correlation of each driver with the overall rating given the other two, from the inverse correlations."""
    inverse = np.linalg.inv(rows[[*DRIVERS, "overall"]].rank().corr())
    return [-inverse[at, -1] / np.sqrt(inverse[at, at] * inverse[-1, -1]) for at in range(len(DRIVERS))]


def test_the_file_holds_what_its_page_says(table, maternity):
    assert (len(table), table["clinic"].nunique()) == (4648, 37)
    assert (len(maternity), maternity["clinic"].nunique()) == (414, 19)
    means = maternity.groupby("year")["overall"].mean().round(2).loc[2009:2020]
    assert means.tolist() == [3.00, 2.89, 2.86, 3.08, 2.76, 2.40, 3.42, 2.74, 2.61, 2.65, 3.06, 2.56]
    raw = maternity[DRIVERS].corrwith(maternity["overall"], method="spearman")
    assert raw.round(2).tolist() == [0.88, 0.87, 0.80]


def test_the_reading_of_halo_is_bounded_as_the_page_says(table, maternity):
    """All that the ratings share is substance, or all of it is halo: administration counts for a third to a sixth."""
    assert np.round(partial(maternity), 2).tolist() == [0.45, 0.42, 0.27]
    assert np.round(partial(table), 2).tolist() == [0.40, 0.39, 0.39]
    raw = maternity[DRIVERS].corrwith(maternity["overall"], method="spearman").to_numpy()
    shares = [np.round(100 * np.square(one) / np.square(one).sum()).tolist() for one in (raw, partial(maternity))]
    assert shares == [[36, 35, 29], [45, 40, 16]]
    four = table[["overall", *DRIVERS]]
    same = four.eq(four.iloc[:, 0], axis=0).all(axis=1)
    assert same.mean() == pytest.approx(0.49, abs=0.005)


def test_departments_are_those_of_the_file(clinics, table):
    used = table[table["year"].between(2009, 2020)]
    assert len(clinics.panel) == len(used) == 4326
    found = clinics.panel["stage"].value_counts(dropna=False)
    assert found["maternity"] == (used["maternity"] > 0).sum() == 385
    women = used["dept"].isin(["Frauen", "Kindermedizin"]) & (used["maternity"] == 0)
    assert found["women_children"] == women.sum()
    assert clinics.panel["stage"].isna().sum() == (used["dept"].isna() & (used["maternity"] == 0)).sum() == 924
    rated = clinics.panel.groupby(clinics.panel["stage"] == "maternity")["overall"].agg(["mean", "size"])
    assert rated["mean"].round(2).tolist() == [2.77, 2.82]
    assert rated["size"].tolist() == [3941, 385]


def test_what_a_review_mentions_overlaps_and_stands_beside_each_other(clinics, maternity):
    flags = maternity[["st_antenatal", "st_birth", "st_postnatal_ward"]]
    assert flags.sum().tolist() == [78, 361, 267]
    assert int((flags.sum(axis=1) > 1).sum()) == 272  # added up as groups they would be 706 of 414
    cells = cell_counts(clinics, segments=("antenatal", "birth", "postnatal_ward"))
    assert int(cells["answers"].sum()) == 4326 - 924
    named = clinics.panel["antenatal"] == "mentioned"
    assert set(clinics.panel.loc[named, "stage"]) == {"maternity"}


def test_facilities_count_from_the_year_in_which_they_were_asked(clinics, table):
    assert table.loc[table["year"] < 2015, "facilities"].isna().all()
    assert clinics.model.indicator("facilities").valid_from is not None
    assert table.loc[table["year"] >= 2015, "facilities"].notna().mean() > 0.8


def test_the_past_of_the_departments_is_that_of_the_rows(clinics):
    """Means by department and year, and the error of the last value for 2020, counted from the rows alone."""
    past = outcome_history(clinics, Target(clinics.outcomes["overall"], ("stage",)), clinics.periods)
    rows = clinics.panel.dropna(subset=["stage"]).astype({"stage": str})
    means = rows.pivot_table("overall", "period", "stage")
    found = pd.DataFrame(past.mean, index=means.index, columns=past.units.get_level_values("stage").astype(str))
    enough = rows.pivot_table("overall", "period", "stage", aggfunc="size") >= 20
    pd.testing.assert_frame_equal(found[means.columns], means.where(enough), check_names=False)
