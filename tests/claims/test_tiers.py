"""How firm an inconsistency is: hand-made cases of each tier, and what the built-in ledger says."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from maternal_eval.analyses.claims.audit import COLUMNS, read_checks
from maternal_eval.analyses.claims.compute import audit, audit_claims
from maternal_eval.analyses.claims.ledger import COLUMNS as LEDGER_COLUMNS
from maternal_eval.analyses.claims.ledger import Ledger
from maternal_eval.analyses.claims.tiers import FLOOR, OUTRIGHT, PREMISE, printed_bound

FIGURES = (
    # id, value, unit, kind, comparator, note_en
    ("before", "8", "count", "level", "", "Steps before."),
    ("after", "3", "count", "level", "", "Steps after."),
    ("cut", "-60", "percent", "effect", "before redesign", "Steps were cut by 60 percent."),
    ("share_a", "70", "percent", "share", "", "First answer."),
    ("share_b", "50", "percent", "share", "", "Second answer."),
    ("small", "8000", "cny_100m", "level", "", "The market exceeded CNY 800 billion."),
    ("large", "8500", "cny_100m", "level", "more than", "Floor of the same market."),
    ("plain", "8000", "cny_100m", "level", "", "The market is CNY 800 billion."),
    ("near", "8400", "cny_100m", "level", "", "The market is CNY 840 billion."),
    ("far", "9500", "cny_100m", "level", "", "The market is CNY 950 billion."),
    ("rule", "48", "hours", "threshold", "at most", "Ceiling for an answer."),
    ("other_rule", "24", "hours", "threshold", "at most", "Ceiling for an answer."),
    ("families", "20000", "count", "level", "", "Helped over 20 thousand families in over 3 years."),
    ("years", "3", "years", "level", "", "Helped over 20 thousand families in 3 years."),
)
CHECKS = (
    # expression, figures, premise, tier
    ("100 * (after / before - 1) == cut", "before after cut", "", OUTRIGHT),
    ("share_a + share_b <= 100", "share_a share_b", "One answer per person", PREMISE),
    ("face(small) == face(large)", "small large", "Both floors are read as the size", FLOOR),
    ("plain == near", "plain near", "One market", FLOOR),  # 8,000 has one digit: 7,500-8,500
    ("plain == far", "plain far", "One market", PREMISE),
    ("rule == other_rule", "rule other_rule", "One standard", PREMISE),  # what was set is no bound
)


@pytest.fixture
def made(tmp_path: Path):
    """A ledger and its checks, written by hand."""

    def write(name: str, columns, rows) -> Path:
        path = tmp_path / name
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, columns, restval="")
            writer.writeheader()
            writer.writerows(rows)
        return path

    names = ("id", "value", "unit", "kind", "comparator", "note_en")
    ledger = Ledger.read(write("claims.csv", LEDGER_COLUMNS, [dict(zip(names, row, strict=True)) for row in FIGURES]))
    rows = [
        {
            "number": f"T{place}",
            "seeds": "000",
            "basis": "arithmetic",
            "expression": expression,
            "claims": " ".join(f"{name}={name}" for name in figures.split()),
            "assumption_en": premise,
            "hand_verdict": "inconsistent",
        }
        for place, (expression, figures, premise, _) in enumerate(CHECKS)
    ]
    return ledger, read_checks(write("checks.csv", COLUMNS, rows), ledger)


def test_each_tier_by_hand(made) -> None:
    ledger, checks = made
    found = audit(ledger, checks).checks
    assert set(found["verdict"]) == {"inconsistent"}
    assert found["tier"].to_list() == [tier for *_, tier in CHECKS]


def test_a_bound_is_what_the_word_stands_before(made) -> None:
    ledger, _ = made
    bounds = {name: printed_bound(ledger[name]) for name in ledger}
    assert {name for name, sign in bounds.items() if sign} == {"small", "large", "families"}
    assert {bounds[name] for name in ("small", "large", "families")} == {">="}


def test_three_relations_of_the_reports_fail_outright(maternal) -> None:
    result = audit_claims(maternal)
    independent = result.checks[result.checks["independent"] & (result.checks["source"] == "computed")]
    outright = independent[independent["tier"] == OUTRIGHT]
    assert set(outright["number"]) == {"000_003:C10", "001_002:A13", "001_002:B1"}
    failed = independent[independent["verdict"] == "inconsistent"]
    assert (failed["tier"] != "").all()
    assert (independent.loc[independent["verdict"] != "inconsistent", "tier"] == "").all()
    numbers = {key: one.value for key, one in result.reported().quantities.items()}
    parts = [numbers[f"independent.inconsistent.{name}"] for name in ("outright", "premise", "floor")]
    assert sum(parts) == numbers["independent.inconsistent"] == len(failed)
    assert numbers["independent.inconsistent.conditional"] == parts[1] + parts[2]


@pytest.mark.parametrize(
    ("number", "tier"),
    [
        ("000_003:D1", FLOOR),  # "more than 8,000" and "more than 8,500" do not contradict each other
        ("000_003:E1", FLOOR),
        ("001_002:A19", FLOOR),  # over 20 thousand, over 50 thousand
        ("000_003:B6", PREMISE),  # several answers may have been allowed
        ("000_003:E7", PREMISE),  # ceilings that are rules
        ("001_002:A7", PREMISE),  # the floor works in the wrong direction
        ("000_003:A1", ""),
    ],
)
def test_tiers_of_the_reports(maternal, number: str, tier: str) -> None:
    assert audit_claims(maternal).checks.set_index("number").loc[number, "tier"] == tier
