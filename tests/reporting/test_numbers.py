from __future__ import annotations

import pytest

from maternal_eval.core.errors import InputError
from maternal_eval.core.languages import LANGUAGES
from maternal_eval.results.numbers import UNITS, interval_name, interval_text, number, unit_of


@pytest.mark.parametrize(
    ("value", "decimals", "signed", "expected"),
    [
        (0.684, 2, False, "0.68"),
        (-0.684, 2, False, "−0.68"),
        (-0.001, 2, False, "0.00"),
        (0.001, 2, True, "0.00"),
        (1.25, 0, True, "+1"),
        (2023, 0, False, "2023"),
        (9999, 0, False, "9999"),
        (10000, 0, False, "10,000"),
        (-23456.78, 1, True, "−23,456.8"),
    ],
)
def test_number(value: float, decimals: int, signed: bool, expected: str) -> None:
    assert number(value, decimals, signed=signed) == expected


def test_interval_has_a_unit_at_both_ends() -> None:
    assert interval_text(61.4, 75.0, 0, suffix="%") == "[61%, 75%]"
    assert interval_text(-1.25, 0.5, 1, signed=True) == "[−1.2, +0.5]"


def test_interval_name_says_probability_and_kind() -> None:
    assert interval_name(0.9, "equal-tailed", "en") == "90% equal-tailed interval"
    assert interval_name(0.9, "equal-tailed", "zh") == "90% 等尾区间"
    assert interval_name(0.999, "confidence", "en") == "99.9% confidence interval"
    assert interval_name(None, "range", "en") == "range"
    with pytest.raises(InputError, match="unknown kind of interval: found narrow"):
        interval_name(0.9, "narrow", "en")


def test_unknown_unit_is_an_input_error() -> None:
    with pytest.raises(InputError, match="unknown unit: found bushels"):
        unit_of("bushels")


@pytest.mark.parametrize("unit", [name for name in UNITS if name])
def test_units_are_written_in_both_languages(unit: str) -> None:
    assert all(getattr(UNITS[unit], language).strip() for language in LANGUAGES)
