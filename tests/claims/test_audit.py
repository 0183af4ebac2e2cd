"""The audit gives the known answers of the audit by hand; where it does not, the difference is told."""

from __future__ import annotations

import csv
import re
from collections import Counter

import pytest

from maternal_eval.analyses.claims.audit import ARITHMETIC, COLUMNS, VERDICTS, judge, read_checks
from maternal_eval.analyses.claims.compute import audit
from maternal_eval.analyses.claims.ledger import COLUMNS as LEDGER_COLUMNS
from maternal_eval.analyses.claims.ledger import Ledger
from maternal_eval.core.errors import InputError

NOT_IN_GB = re.compile(r"[一-鿿][,;:?!()]|[,;:?!()][一-鿿]")


@pytest.fixture(scope="module")
def ledger(root):
    return Ledger.read(root / "data" / "maternal" / "claims.csv")


@pytest.fixture(scope="module")
def checks(root, ledger):
    return read_checks(root / "data" / "maternal" / "checks.csv", ledger)


@pytest.fixture(scope="module")
def judgements(checks, ledger):
    return {check.number: judge(check, ledger) for check in checks}


def numbers(file, **letters):
    return [f"{file}:{letter}{i}" for letter, count in letters.items() for i in range(1, count + 1)]


def test_all_217_checks_are_there(checks):
    expected = numbers("000_003", A=16, B=19, C=38, D=22, E=14) + numbers("001_002", A=37, B=41, C=30)
    assert len(expected) == 217
    assert [check.number for check in checks if not check.is_key] == expected


def test_most_checks_are_computed(checks):
    by_basis = Counter(check.basis for check in checks if not check.is_key)
    assert by_basis[ARITHMETIC] >= 110


def test_computed_verdicts_agree_with_the_audit_by_hand_or_say_why_not(judgements):
    """Known answers: the verdicts of the audit by hand. Every difference is named here and explained in the file."""
    different = {
        number: judgement.computed
        for number, judgement in judgements.items()
        if judgement.computed and not judgement.check.is_key and judgement.computed != judgement.check.hand_verdict
    }
    assert different == {
        "000_003:A10": "undecidable",
        "000_003:B6": "inconsistent",
        "000_003:C2": "only with rounding",
        "000_003:C10": "inconsistent",
        "000_003:C22": "consistent",
        "001_002:C19": "inconsistent",
    }
    for number, judgement in judgements.items():
        explained = bool(judgement.check.disagreement_en and judgement.check.disagreement_zh)
        assert explained == (number in different), number


@pytest.mark.parametrize(
    ("number", "left", "right", "verdict"),
    [
        ("000_003:A1", 21.7207621967, 21.7, "consistent"),
        ("000_003:A2", 1793.75, 1800, "only with rounding"),
        ("000_003:A3", 20.6318812829, 12, "inconsistent"),
        ("000_003:A9", 72.7547169811, 73, "consistent"),
        ("000_003:B9", 15.625, 15.6, "consistent"),
        ("000_003:B10", 3.65, 3.7, "only with rounding"),
        ("000_003:B13", 106, 100, "inconsistent"),
        ("000_003:B15", 1992.20779221, 2000, "only with rounding"),
        ("000_003:C1", 100, 100, "consistent"),
        ("000_003:C2", 88.2352941176, 89, "only with rounding"),
        ("000_003:C12", 4.26666666667, 4.2, "only with rounding"),
        ("000_003:C24", 62, 63, "only with rounding"),
        ("000_003:D18", 133.06, 100, "inconsistent"),
        ("000_003:E5", 900, 30, "inconsistent"),
        ("001_002:A3", 15.5, 15, "consistent"),
        ("001_002:A7", 8.984375, 3.2, "inconsistent"),
        ("001_002:B1", 24, 2.4, "inconsistent"),
        ("001_002:B8", 126, 100, "inconsistent"),
        ("001_002:C5", 24000, 8000, "inconsistent"),
        ("001_002:C24", 6, 80, "inconsistent"),
    ],
)
def test_known_numbers(judgements, number, left, right, verdict):
    """The computations printed in the audit by hand."""
    judgement = judgements[number]
    sides = judgement.deciding.sides
    assert float(sides.left.middle) == pytest.approx(left, rel=1e-9)
    assert float(sides.right.middle) == pytest.approx(right, rel=1e-9)
    assert judgement.computed == verdict


@pytest.mark.parametrize(
    ("number", "derived"),
    [
        ("000_003:A7", [32.03]),
        ("000_003:B11", [4.35, 4.0125]),
        ("000_003:B14", [31.57, 16.94, 19.25]),
        ("000_003:B16", [39, 52]),
        ("000_003:C15", [85]),
        ("000_003:C18", [204.76, 268.75]),
        ("000_003:C19", [18.57, 24.375]),
        ("000_003:D2", [2206.9]),
        ("000_003:D19", [56.52]),
        ("000_003:D20", [2 / 3]),
        ("000_003:E9", [5.796, 0.69]),
        ("001_002:A14", [22.857]),
        ("001_002:A17", [100]),
        ("001_002:A30", [12855]),
        ("001_002:B28", [16.67]),
        ("001_002:C8", [149.1, 85]),
        ("001_002:C22", [-31.9, -29.3]),
    ],
)
def test_derived_figures_are_numbers_without_a_computed_verdict(judgements, number, derived):
    judgement = judgements[number]
    found = [float(finding.sides.left.middle) for finding in judgement.findings]
    assert found == pytest.approx(derived, rel=2e-3)
    assert judgement.computed is None


def test_face_value_lies_inside_what_rounding_allows(judgements):
    for judgement in judgements.values():
        for finding in judgement.findings:
            sides = finding.sides
            assert sides.left_possible.contains(sides.left.middle), judgement.check.number
            if sides.right is not None:
                assert sides.right_possible.contains(sides.right.middle), judgement.check.number


def test_intervals_are_exact_ranges_but_for_three_statements(judgements):
    repeated = [j.check.number for j in judgements.values() for f in j.findings if f.statement.repeated]
    assert repeated == ["001_002:A2", "001_002:A2", "001_002:A3", "001_002:A12"]


def test_every_claim_is_in_the_ledger_and_every_text_in_two_languages(checks, ledger):
    for check in checks:
        assert all(claim in ledger for claim in check.claims)
        assert check.what_en
        for kind in ("what", "assumption", "disagreement", "note"):
            english, chinese = getattr(check, f"{kind}_en"), getattr(check, f"{kind}_zh")
            assert bool(english) == bool(chinese), (check.number, kind)
            assert not NOT_IN_GB.search(chinese), (check.number, chinese)


def test_judgements_are_never_presented_as_computed(judgements):
    for judgement in judgements.values():
        assert (judgement.computed is not None) == (judgement.check.basis == ARITHMETIC)


def test_the_order_of_checks_does_not_matter(checks, ledger, judgements):
    for check in reversed(checks):
        assert judge(check, ledger).computed == judgements[check.number].computed


# ---- small made-up ledgers


def study(tmp_path, values, **check):
    with (tmp_path / "claims.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, LEDGER_COLUMNS, restval="")
        writer.writeheader()
        for name, value in values.items():
            writer.writerow({"id": name, "value": value, "unit": "percent", "kind": "level"})
    row = {"number": "x:1", "basis": "arithmetic", "hand_verdict": "consistent", **check}
    row.setdefault("claims", " ".join(f"{name}={name}" for name in values))
    with (tmp_path / "checks.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, COLUMNS, restval="")
        writer.writeheader()
        writer.writerow(row)
    ledger = Ledger.read(tmp_path / "claims.csv")
    return ledger, read_checks(tmp_path / "checks.csv", ledger)


@pytest.mark.parametrize(
    ("values", "expression", "verdict"),
    [
        ({"a": "15.62", "b": "15.6"}, "a == b", "consistent"),
        ({"a": "15.65", "b": "15.6"}, "a == b", "only with rounding"),
        ({"a": "15.7", "b": "15.6"}, "a == b", "only with rounding"),
        ({"a": "15.8", "b": "15.6"}, "a == b", "inconsistent"),
        ({"a": "15", "b": "16"}, "a < b", "consistent"),
        ({"a": "16", "b": "16"}, "a <= b", "consistent"),
        ({"a": "16", "b": "16"}, "a < b", "only with rounding"),
        ({"a": "17", "b": "16"}, "a <= b", "only with rounding"),
        ({"a": "17", "b": "16"}, "a < b", "inconsistent"),
        ({"a": "16", "b": "17"}, "a >= b", "only with rounding"),
        ({"a": "16", "b": "17"}, "a > b", "inconsistent"),
        ({"a": "18", "b": "17"}, "a > b", "consistent"),
        ({"a": "16", "b": "18"}, "approx(a, b, 2)", "consistent"),
        ({"a": "16", "b": "19"}, "approx(a, b, 2)", "only with rounding"),
        ({"a": "16", "b": "20"}, "approx(a, b, 2)", "inconsistent"),
        ({"a": "16", "b": "18", "d": "16"}, "a == d and a == b", "inconsistent"),
        ({"a": "16", "b": "18"}, "a == b ; a + 2 == b", "undecidable"),
        ({"a": "16", "b": "18"}, "a + 2 == b ; a < b", "consistent"),
        ({"a": "16", "b": "0.4"}, "a / (b - 0.41) == 2", "undecidable"),
        ({"a": "16", "b": "18"}, "at_least(a) == b", "only with rounding"),
        ({"a": "16", "b": "18"}, "b == at_least(a)", "consistent"),
    ],
)
def test_meaning_of_verdicts(tmp_path, values, expression, verdict):
    ledger, (check,) = study(tmp_path, values, expression=expression)
    assert judge(check, ledger).computed == verdict


def test_charitable_reading_is_at_best_only_with_rounding(tmp_path):
    ledger, (check,) = study(tmp_path, {"a": "1", "b": "2"}, expression="a < b", charitable="yes")
    assert judge(check, ledger).computed == "only with rounding"
    ledger, (check,) = study(tmp_path, {"a": "3", "b": "1"}, expression="a < b", charitable="yes")
    assert judge(check, ledger).computed == "inconsistent"


@pytest.mark.parametrize(
    ("change", "column", "words"),
    [
        ({"basis": "hearsay"}, "basis", "basis is unknown"),
        ({"basis": "judgement"}, "basis", "do not fit"),
        ({"basis": "arithmetic", "expression": "a - b"}, "basis", "do not fit"),
        ({"hand_verdict": "fine"}, "hand_verdict", "verdict is unknown"),
        ({"hand_verdict": ""}, "hand_verdict", "verdict is unknown"),
        ({"charitable": "perhaps"}, "charitable", "mark is unknown"),
        ({"claims": "a=a b=absent"}, "claims", "not in the ledger"),
        ({"expression": "a < 3"}, "claims", "not used"),
        ({"expression": "a < q"}, "expression", "stands for no figure"),
        ({"same_as": "x:0"}, "same_as", "repeats an unknown one"),
    ],
)
def test_bad_checks_are_told_with_file_row_and_column(tmp_path, change, column, words):
    with pytest.raises(InputError, match=words) as caught:
        study(tmp_path, {"a": "1", "b": "2"}, **{"expression": "a < b", **change})
    assert re.search(rf"checks\.csv, row 2, column {column}", str(caught.value))


def test_progress_is_told(checks, ledger):
    heard = []
    audit(ledger, checks[:3], progress=lambda task, done, total: heard.append((done, total)))
    assert heard == [(1, 3), (2, 3), (3, 3)]


def test_verdict_words():
    assert VERDICTS == ("consistent", "only with rounding", "inconsistent", "undecidable")
