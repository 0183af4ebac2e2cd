"""The errors a user can meet, each told in one sentence."""

from __future__ import annotations

from pathlib import Path


class MaternalEvalError(Exception):
    """Base of all errors that this package raises on purpose."""


class InputError(MaternalEvalError):
    """Something in the user's input is wrong: says where, what was found and what was expected.

    Parameters
    ----------
    problem
        The problem in a few words, e.g. ``"rating off the scale"``.
    file, row, column
        Where it stands. ``row`` counts as a spreadsheet shows it: the header is row 1.
    found, expected
        What stands there and what should stand there.
    mend
        What would mend it, e.g. the line to write in study.toml; ends the sentence.

    Examples
    --------
    >>> print(InputError("rating off the scale", file="panel.csv", row=7, column="F02", found=7,
    ...                  expected="a whole number from 1 to 5"))
    panel.csv, row 7, column F02: rating off the scale: found 7, expected a whole number from 1 to 5
    """

    def __init__(
        self,
        problem: str,
        *,
        file: str | Path | None = None,
        row: int | str | None = None,
        column: str | None = None,
        found: object = None,
        expected: object = None,
        mend: str | None = None,
    ) -> None:
        self.problem, self.file, self.row, self.column = problem, file, row, column
        self.found, self.expected, self.mend = found, expected, mend
        place = [str(file)] if file is not None else []
        place += [f"row {row}"] if row is not None else []
        place += [f"column {column}"] if column is not None else []
        detail = [f"found {found}"] if found is not None else []
        detail += [f"expected {expected}"] if expected is not None else []
        parts = [", ".join(place), problem, ", ".join(detail)]
        sentence = ": ".join(part for part in parts if part)
        super().__init__(sentence + (f"; to mend it: {mend}" if mend else ""))


class DiagnosticsError(MaternalEvalError):
    """A fit did not pass its diagnostics gates, so none of its numbers may be used."""
