"""The result of the audit: counts, key claims, storage and figure."""

from __future__ import annotations

import dataclasses

import pandas as pd
import pytest

from maternal_eval.analyses.claims.compute import audit_claims
from maternal_eval.analyses.claims.result import ClaimsResult
from maternal_eval.analyses.claims.settings import ClaimsSettings
from maternal_eval.core.errors import InputError
from maternal_eval.results import compared


@pytest.fixture(scope="module")
def result(maternal):
    return audit_claims(maternal, ClaimsSettings())


def test_counts_add_up(result):
    assert len(result.table()) == 217
    assert result.summary["checks"].sum() == 217
    assert result.summary["independent"].sum() == result.checks["independent"].sum() < 217
    assert (result.figures, result.independent_figures) == (1041, 1017)
    assert len(result.disagreements()) == 6
    computed = result.summary[result.summary["source"] == "computed"]
    assert computed["checks"].sum() == (result.checks["verdict_computed"] != "").sum() == 125


def test_repeats_do_not_count_twice(result):
    checks = result.checks.set_index("number")
    repeats = checks[checks["same_as"] != ""]
    assert len(repeats) > 5
    assert not repeats["independent"].any()
    # The repeated check carries the same number as the one that it repeats, where both are one relation.
    for number in ("001_002:C2", "001_002:C13", "001_002:C14"):
        other = checks.loc[checks.loc[number, "same_as"]]
        assert checks.loc[number, "left"] == other["left"]
        assert checks.loc[number, "verdict"] == other["verdict"]
    # A figure held against its own repeat is no evidence.
    assert not checks.loc["000_003:D9", "independent"]
    assert not checks.loc["001_002:A37", "independent"]
    assert checks.loc["000_003:A1", "independent"]


@pytest.mark.parametrize(
    ("number", "verdict", "left", "low", "high"),
    [
        ("key:backtest-accuracy", "only with rounding", 88.235, 82.857, 93.939),
        ("key:cold-chain-example", "undecidable", 11.765, 6.061, 17.143),
        ("key:timeliness-repurchase", "inconsistent", 54.4, 53.6625, 55.1425),
        ("key:satisfaction-growth", "consistent", 15.625, 12.308, 19.048),
        ("key:facets-mean", "only with rounding", 3.65, 3.6, 3.7),
        ("key:social-score", "undecidable", 4.35, 3.9, 4.8),
        ("key:weights", "consistent", 100, 100, 100),
        ("key:weekly-use", "consistent", 12.567, 12.35, 12.783),
        ("key:complaint-shares", "inconsistent", 106, 104, 108),
        ("key:reply-ten-seconds", "inconsistent", 133.06, 130.775, 135.375),
        ("key:anxiety-repurchase", "undecidable", 0.6667, 0.6471, 0.6867),
    ],
)
def test_key_claims(result, number, verdict, left, low, high):
    row = result.key_claims.set_index("number").loc[number]
    assert row["verdict"] == verdict
    assert row["evidence"] == "arithmetic"
    assert (row["left"], row["left_low"], row["left_high"]) == pytest.approx((left, low, high), rel=1e-3)


def test_readings_of_a_derived_key_claim(result):
    key = result.key_claims.set_index("number")
    social = key.loc["key:social-score"]
    assert (social["reading_low"], social["reading_high"]) == pytest.approx((4.0125, 4.35))
    weight = key.loc["key:postpartum-weight"]
    assert (weight["reading_low"], weight["reading_high"]) == (5, 18)


def test_gap_is_zero_exactly_where_the_sides_can_meet(result):
    equations = result.statements[result.statements["statement"].str.contains("==")]
    meet = equations["verdict"].isin(["consistent", "only with rounding"])
    assert (equations.loc[meet, "gap"] == 0).all()
    assert (equations.loc[~meet & equations["exact"], "gap"] > 0).all()


def test_estimates_are_deterministic(result, maternal):
    again = audit_claims(maternal, ClaimsSettings(), seed=5)
    assert result.quantities() == again.quantities()
    estimates = compared(result.quantities())
    assert estimates.index.is_unique
    assert (estimates["mcse"] == 0).all()
    assert estimates["value"].notna().all()
    assert estimates.loc["checks.arithmetic.consistent", "value"] == 57


def test_stored_result_comes_back(result, tmp_path):
    result.save(tmp_path)
    back = ClaimsResult.load(tmp_path)
    for field in dataclasses.fields(ClaimsResult):
        one, two = getattr(result, field.name), getattr(back, field.name)
        if isinstance(one, pd.DataFrame):
            pd.testing.assert_frame_equal(one, two)
        else:
            assert one == two
    assert sum(file.stat().st_size for file in tmp_path.iterdir()) < 1_000_000


@pytest.mark.parametrize("language", ["en", "zh"])
def test_figure_shows_every_independent_check_once(result, language):
    figure = result.plot(language)
    drawn = sum(bar.get_width() for axis in figure.axes for bar in axis.patches)
    assert drawn == result.checks["independent"].sum()
    assert len(figure.legends[0].get_texts()) == 7


def test_study_without_checks_is_told(maternal):
    class Files:
        claims = None
        checks = None

    class Bare:
        folder = maternal.folder
        definition = type("Definition", (), {"files": Files})

    with pytest.raises(InputError, match=r"column files\.claims"):
        audit_claims(Bare())
