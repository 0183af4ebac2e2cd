"""Texts of others: shown on terminals, quoted in sentences, written into spreadsheets."""

import pytest

from maternal_eval.core.errors import InputError
from maternal_eval.core.printable import quoted, spreadsheet_text, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("母亲 [b] $x$", "母亲 [b] $x$"),
        ("a\x1b]0;title\x07b", "a\\x1b]0;title\\x07b"),
        ("\x9b31m", "\\x9b31m"),
        ("one\ntwo\r\tthree", "one\\ntwo\\r\\tthree"),
        ("\u202egnp.exe\u2066", "\\u202egnp.exe\\u2066"),
        ("a\u2028b\u200bc\ufeff", "a\\u2028b\\u200bc\\ufeff"),
        ("\udcb4", "\\udcb4"),  # a byte of a file name that is not UTF-8
        ("\U000e0041", "\\U000e0041"),
        ("👩\u200d👧", "👩\u200d👧"),
        ("\u3000全角\u00a0", "\u3000全角\u00a0"),
    ],
)
def test_control_and_format_signs_are_written_out(text, shown):
    assert visible(text) == shown


def test_a_quotation_has_at_most_80_signs():
    assert quoted("a" * 80) == "a" * 80
    assert quoted("a" * 81) == "a" * 79 + "…"
    assert len(quoted("\x1b" * 80)) == 80
    assert quoted("\x1b" * 80).endswith("…")
    sentence = str(InputError("wrong", file="f\n.csv", column="c" * 200, found="\x1b" + "x" * 10_000, mend="y" * 100))
    assert sentence.startswith("f\\n.csv, column " + "c" * 79 + "…: wrong: found \\x1b" + "x" * 75 + "…")
    assert sentence.endswith("; to mend it: " + "y" * 100)


@pytest.mark.parametrize("sign", list("=+-@＝＋－＠−\t\r\n"))
def test_what_a_spreadsheet_would_compute_gets_an_apostrophe(sign):
    assert spreadsheet_text(f"{sign}1+1") == f"'{visible(sign)}1+1"
    assert spreadsheet_text(f" \u3000{sign}1+1") == f"' \u3000{visible(sign)}1+1"
    assert spreadsheet_text("a\x1b[2J") == "a\\x1b[2J"


@pytest.mark.parametrize("value", [-1.5, 3, None, True, "", "A-1", "1=1", "'=1", "阶段"])
def test_everything_else_stays_as_it_is(value):
    assert spreadsheet_text(value) is value
