"""A ledger of published figures, and checks of it, that somebody wrote to break them."""

import pytest

from tests.hostile.tiny import CLAIMS, Case, judge

LEDGER, CHECKS = "claims.csv", "checks.csv"


def _cell(column, value, row=0):
    return lambda s: s.cell(column, value, row, LEDGER)


def _asks(expression):
    return lambda s: s.cell("expression", expression, 0, CHECKS)


CASES = [
    Case("an id twice", _cell("id", "end"), no="the id stands twice"),
    Case("no id", _cell("id", ""), no="column id"),
    Case("an id of two words", _cell("id", "the start"), no="column id"),
    Case("a value in words", _cell("value", "ten"), no="column value"),
    Case("a value with a unit", _cell("value", "10%"), no="column value"),
    Case("a value with a comma", _cell("value", "10,5"), no="column value"),
    Case("a value as fraction", _cell("value", "1/3"), no="column value"),
    Case("a value of 1e9999", _cell("value", "1e9999"), no="column value"),
    Case("a value of inf", _cell("value", "inf"), no="column value"),
    Case("a value of nan", _cell("value", "nan"), no="column value"),
    Case("a value of 9,999 digits", _cell("value", "9" * 9999), no="column value"),
    Case("a value of 400 digits", _cell("value", "9" * 400), no="the figure is too large"),
    Case("no figure", _cell("value", ""), no="the row has no figure"),
    Case("half a range", _cell("low", "", 3), no="the row has no figure"),
    Case("a value and a range", _cell("value", "10", 3), no="a value and a range"),
    Case("a range backwards", _cell("low", "50", 3), no="the range runs backwards"),
    Case("an unknown unit", _cell("unit", "furlongs"), no="the unit is unknown"),
    Case("an unknown kind", _cell("kind", "guess"), no="the kind is unknown"),
    Case("a column too many", lambda s: s.put(LEDGER, CLAIMS.replace("id,", "id,x,", 1)), no="row 2"),
    Case("a column too few", lambda s: s.put(LEDGER, CLAIMS.replace(",note_zh", "", 1)), no="row 2"),
    Case("a row too short", lambda s: s.row("x,s,1", LEDGER), no="row 7"),
    Case("an empty ledger", lambda s: s.put(LEDGER, ""), no=LEDGER),
    Case("a figure that is not there", _asks("start == moon"), no="stands for no figure"),
    Case("an id that is not there", _asks('c["moon"] == start'), no="not in the ledger"),
    Case("an alias without figure", lambda s: s.cell("claims", "start=moon", 0, CHECKS), no="moon"),
    Case("an alias without sign", lambda s: s.cell("claims", "start", 0, CHECKS), no="stands for no figure"),
    Case("no expression", _asks(""), no="basis and expression do not fit"),
    Case("half an expression", _asks("start +"), no="cannot be read"),
    Case("two equal signs too few", _asks("start = end"), no="cannot be read"),
    Case("a call of Python", _asks("__import__('os').system('true') == start"), no="column expression"),
    Case("an attribute", _asks("start.__class__ == end"), no="column expression"),
    Case("a lambda", _asks("(lambda: start)() == end"), no="column expression"),
    Case("a list of many", _asks("[start for _ in range(9)] == end"), no="column expression"),
    Case("a walrus", _asks("(start := 3) == end"), no="column expression"),
    Case("a text", _asks("'a' * 9 == start"), no="column expression"),
    Case("an imaginary number", _asks("1j == start"), no="column expression"),
    Case("a relation of identity", _asks("start is end"), no="the relation is unknown"),
    Case("division by 0", _asks("growth * start / 0 == end"),
         no="checks.csv, column expression: division by zero (check s:A1)", verb="claims"),
    Case("division by a figure of 0", lambda s: s.cell("claims", "start=start n=nought", 0, CHECKS).cell(
        "expression", "start / n == 1", 0, CHECKS), no="division by zero", verb="claims"),
    Case("0 to the power of -1", _asks("growth + end + 0 ** -1 == start"), no="column expression", verb="claims"),
    Case("a root of a negative number", _asks("(0 - start) ** 0.5 == end + growth"), no="expression", verb="claims"),
    Case("a huge power", _asks("start ** 999999999 == end + growth"), no="expression", verb="claims"),
    Case("a tower of powers", _asks("9 ** 9 ** 9 ** 9 == start + end + growth"), no="expression", verb="claims"),
    Case("a power of a figure", _asks("2 ** (start ** 9) == end + growth"), no="expression", verb="claims"),
    Case("a number of 500 digits", _asks(f"{'9' * 500} == start + end + growth"),
         no="a number is beyond 1e+300 (check s:A1)",
         verb="claims"),
    Case("a number of 1e999", _asks("1e999 == start + end + growth"), no="expression", verb="claims"),
    Case("a logarithm of 0", _asks("log(0) == start + end + growth"), no="expression", verb="claims"),
    Case("a logarithm of -1", _asks("log(0 - 1) == start + end + growth"), no="expression", verb="claims"),
    Case("a mean of nothing", _asks("mean() == start"), no="wrong number of arguments"),
    Case("weights without values", _asks("weighted_mean(start) == end"), no="wrong number of arguments"),
    Case("weights of 0", _asks("weighted_mean(start, 0, end, 0) == growth"), no="expression", verb="claims"),
    Case("a span of one number", _asks("span(start) == end"), no="not a range"),
    Case("50 brackets", _asks("(" * 50 + "start + growth" + ")" * 50 + " == end"), yes="inconsistent", verb="claims"),
    Case("50 signs", _asks("-" * 50 + "start + growth == end"), no="nested too deeply"),
    Case("5,000 brackets", _asks("(" * 5000 + "start" + ")" * 5000 + " == end"), no="the expression is too long"),
    Case("10,000 terms", _asks("+".join(["start"] * 10_000) + " == end"), no="the expression is too long"),
    Case("a tolerance of a figure", _asks("approx(start, end, start)"), no="a number is wanted"),
    Case("an approximation of two", _asks("approx(start, end)"), no="approx is incomplete"),
    Case("a NUL", _asks("start == end\x00"), no=CHECKS),
    Case("a check twice", lambda s: s.put(CHECKS, s.text(CHECKS) + s.text(CHECKS).partition("\n")[2]), no=CHECKS),
    Case("an unknown basis", lambda s: s.cell("basis", "astrology", 0, CHECKS), no="column basis"),
    Case("an unknown verdict", lambda s: s.cell("hand_verdict", "perhaps", 0, CHECKS), no="column hand_verdict"),
    Case("the same as no check", lambda s: s.cell("same_as", "s:Z9", 0, CHECKS), no="same_as"),
    Case("an empty list of checks", lambda s: s.put(CHECKS, ""), no=CHECKS),
    Case("a figure that is wrong", _cell("value", "12"), yes="inconsistent", verb="claims"),
    Case("checks of no ledger", lambda s: s.bare("claims"), no="claims", verb="claims"),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_claims(case, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    judge(case, tmp_path)
