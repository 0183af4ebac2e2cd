"""The expression language computes what it says and lets nothing else in."""

from __future__ import annotations

import csv
from itertools import product

import numpy as np
import pytest

from maternal_eval.analyses.claims.evaluation import evaluate, weighted_mean
from maternal_eval.analyses.claims.expression import parse
from maternal_eval.analyses.claims.ledger import COLUMNS, Ledger
from maternal_eval.core.errors import InputError
from maternal_eval.methods.interval_arithmetic import Interval

FIGURES = {
    "s-start": ("820", "cny_100m", "level", ""),
    "s-end": ("1800", "cny_100m", "level", ""),
    "s-floor": ("8000", "cny_100m", "level", "more than"),
    "s-a": ("4.1", "score_1_5", "level", ""),
    "s-b": ("3.2", "score_1_5", "level", ""),
    "s-zero": ("0", "percent", "change", ""),
    "s-fall": ("-4.0", "percent", "change", ""),
}
ALIASES = {"start": "s-start", "end": "s-end", "floor": "s-floor", "a": "s-a", "b": "s-b", "span_": "s-range"}


@pytest.fixture(scope="module")
def ledger(tmp_path_factory):
    path = tmp_path_factory.mktemp("ledger") / "claims.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, COLUMNS, restval="")
        writer.writeheader()
        for identifier, (value, unit, kind, comparator) in FIGURES.items():
            writer.writerow({"id": identifier, "value": value, "unit": unit, "kind": kind, "comparator": comparator})
        writer.writerow({"id": "s-range", "low": "8", "high": "12", "unit": "weeks", "kind": "threshold"})
    return Ledger.read(path)


def sides(text, ledger):
    (statement,) = parse(text, ALIASES, ledger).readings[0]
    return evaluate(statement, ALIASES, ledger)


@pytest.mark.parametrize(
    ("text", "value", "low", "high"),
    [
        ("2 + 3 * 4", 14, 14, 14),
        ("-(2 - 5) / 4", 0.75, 0.75, 0.75),
        ("2 ** 10", 1024, 1024, 1024),
        ("a - b", 0.9, 0.8, 1.0),
        ("a * 10 + 0.5", 41.5, 41, 42),
        ("mean(a, b)", 3.65, 3.6, 3.7),
        ("sum(a, b, 1)", 8.3, 8.2, 8.4),
        ("abs(b - a)", 0.9, 0.8, 1.0),
        ('c["s-fall"] ** 2', 16, 3.95**2, 4.05**2),
        ("face(floor)", 8000, 7999.5, 8000.5),
        ("about(a)", 4.1, 4.0, 4.2),
        ("floor", 8000, 8000, float("inf")),
        ("at_least(a)", 4.1, 4.1, float("inf")),
        ("at_most(a)", 4.1, -float("inf"), 4.1),
        ("low(span_) + high(span_) + span(span_)", 24, 24, 24),
        ("span_", 10, 8, 12),
        ("log(1)", 0, 0, 0),
        ("100 * ((end / start) ** (1 / 4) - 1)", 21.7207621967, 21.6937618473, 21.7477775047),
    ],
)
def test_values(ledger, text, value, low, high):
    found = sides(text, ledger)
    assert float(found.left.middle) == pytest.approx(value, abs=1e-9)
    assert float(found.left_possible.low) == pytest.approx(low, abs=1e-8)
    assert float(found.left_possible.high) == pytest.approx(high, abs=1e-8)


def test_figure_used_twice_stays_close_to_its_exact_range(ledger):
    # x / (x + 1) rises with x: its exact range for 4.05–4.15 is 0.80198–0.80583; plain intervals give 0.786–0.822.
    found = sides("a / (a + 1)", ledger)
    exact = (4.05 / 5.05, 4.15 / 5.15)
    assert found.left_possible.low <= exact[0]
    assert found.left_possible.high >= exact[1]
    width = float(found.left_possible.high - found.left_possible.low)
    assert width < 2 * (exact[1] - exact[0])


def test_weighted_mean_is_the_exact_range():
    values = [Interval.of(1, 2), Interval.of(5)]
    assert weighted_mean(values, [Interval.of(1), Interval.of(3)]) == Interval.of(4, "4.25")
    assert weighted_mean(values, [Interval.of(0, 1), Interval.of(1)]) == Interval.of(3, 5)
    for weights in ([Interval.of(-1, 1), Interval.of(1)], [Interval.of(0), Interval.of(0)]):
        with pytest.raises(ValueError, match="weight"):
            weighted_mean(values, weights)


def test_weighted_mean_is_the_best_of_all_corners():
    generator = np.random.default_rng(7)
    for _ in range(40):
        count = int(generator.integers(1, 8))
        ends = generator.integers(0, 9, (count, 4))
        values = [Interval.of(*sorted(map(int, row[:2]))) for row in ends]
        weights = [Interval.of(*sorted((int(row[2]) + 1, int(row[3]) + 1))) for row in ends]
        corners = list(product(*((weight.low, weight.high) for weight in weights)))
        means = {
            side: [sum(w * getattr(v, side) for w, v in zip(c, values, strict=True)) / sum(c) for c in corners]
            for side in ("low", "high")
        }
        assert weighted_mean(values, weights) == Interval(min(means["low"]), max(means["high"]))


def test_weighted_mean_of_many_figures():
    """Two hundred weights have 2²⁰⁰ corners; the range of equal values is that value."""
    many = [Interval.of(3)] * 200
    assert weighted_mean(many, [Interval.of(1, 2)] * 200) == Interval.of(3)
    halves = [Interval.of(0)] * 100 + [Interval.of(1)] * 100
    assert weighted_mean(halves, [Interval.of(1, 3)] * 200) == Interval.of("0.25", "0.75")


def test_readings_relations_and_chains(ledger):
    expression = parse("a < b <= 5 and start == end ; approx(a, b, 1)", ALIASES, ledger)
    assert [[s.operator for s in reading] for reading in expression.readings] == [["<", "<=", "=="], ["approx"]]
    assert expression.claims == {"s-a", "s-b", "s-start", "s-end"}
    assert expression.decides
    assert not parse("a - b", ALIASES, ledger).decides


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('true')",
        "a.__class__",
        "(1).real",
        "open('x')",
        "eval('1')",
        "unknown_name",
        "c['not-in-the-ledger']",
        "ledger['s-a']",
        "c[0]",
        "lambda: 1",
        "[a for a in (1, 2)]",
        "{'a': 1}",
        "(a, b)",
        "f'{a}'",
        "'text'",
        "True",
        "None",
        "1j",
        "a if b else 1",
        "a or b",
        "not a",
        "a @ b",
        "a // b",
        "a % b",
        "a & b",
        "a != b",
        "a is b",
        "a in b",
        "(x := 3)",
        "mean(*[1, 2])",
        "mean(x=1)",
        "mean()",
        "abs(a, b)",
        "weighted_mean(a, b, 1)",
        "face(a + b)",
        "low(a)",
        "approx(a, b)",
        "approx(a, b, a)",
        "a == approx(a, b, 1)",
        "1e999",
        "a +",
        "",
        "a; ",
        "-" * 500 + "1" * 60,
        "a" + " + a" * 400,
        "-" * 60 + "a",
        "(" * 250 + "a" + ")" * 250,
    ],
)
def test_anything_else_is_rejected(ledger, text):
    with pytest.raises(InputError) as caught:
        parse(text, ALIASES, ledger, file="checks.csv", row=7)
    assert "checks.csv, row 7, column expression" in str(caught.value)


@pytest.mark.parametrize("text", ["1 / 0", "9 ** 9 ** 9", "c['s-fall'] ** 0.5", "log(c['s-fall'])", "a / (1 - 1)"])
def test_what_cannot_be_computed_is_told(ledger, text):
    with pytest.raises(InputError, match="column expression"):
        sides(text, ledger)


def test_division_around_zero_leaves_everything_open(ledger):
    found = sides("a / (b - 3.19)", ledger)
    assert float(found.left.middle) == pytest.approx(410)
    assert found.left_possible.is_everything
