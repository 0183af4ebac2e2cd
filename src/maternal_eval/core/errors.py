"""The errors a user can meet, each told in one sentence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from maternal_eval.core.printable import quoted, visible

MOST_EXPECTED = 400
"""The most signs of what was expected: it may list every level of a study."""

LONGEST_PATH = 1000
"""The most signs of a path: a file that is to be found must be named whole, and no sentence fills a screen."""


def path_in_words(path: str | Path) -> str:
    """Return a path as a sentence names it: control signs written out, at most :data:`LONGEST_PATH` signs of it."""
    shown = visible(str(path))
    return shown if len(shown) <= LONGEST_PATH else shown[: LONGEST_PATH - 1] + "…"


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
        What stands there and what should stand there. At most 80 signs of what was found are quoted, control signs
        written out: the sentence goes to terminals, logs and mails.
    mend
        What would mend it, e.g. the line to write in study.toml; ends the sentence, and is left as it is.

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
        place = [path_in_words(file)] if file is not None else []
        place += [f"row {quoted(row)}"] if row is not None else []
        place += [f"column {quoted(column)}"] if column is not None else []
        detail = [f"found {quoted(found)}"] if found is not None else []
        detail += [f"expected {quoted(expected, MOST_EXPECTED)}"] if expected is not None else []
        parts = [", ".join(place), problem, ", ".join(detail)]
        sentence = ": ".join(part for part in parts if part)
        super().__init__(sentence + (f"; to mend it: {mend}" if mend else ""))


class InputErrors(InputError):
    """Several things are wrong with the user's input: reads as the first one, and says how many more there are.

    Attributes
    ----------
    problems
        Each as an error of its own.
    """

    def __init__(self, problems: Sequence[InputError]) -> None:
        first, more = problems[0], len(problems) - 1
        super().__init__(
            first.problem,
            file=first.file,
            row=first.row,
            column=first.column,
            found=first.found,
            expected=first.expected,
            mend=first.mend,
        )
        self.problems = tuple(problems)
        if more:
            self.args = (f"{first} (and {more} more: 'maternal-eval check' lists them)",)

    def __reduce__(self) -> tuple[type[InputErrors], tuple[tuple[InputError, ...]]]:
        """Go to another process as the problems themselves."""
        return type(self), (self.problems,)


def problems_in(error: InputError) -> tuple[InputError, ...]:
    """Return each problem of an error on its own."""
    return error.problems if isinstance(error, InputErrors) else (error,)


class Problems:
    """Gathers what is wrong, so that all of it can be said at once.

    Examples
    --------
    >>> problems = Problems()
    >>> with problems.gathered():
    ...     raise InputError("the panel is empty")
    >>> len(problems.found)
    1
    """

    def __init__(self) -> None:
        self.found: list[InputError] = []

    @contextmanager
    def gathered(self) -> Iterator[None]:
        """Keep an input error that is raised inside, and go on after it."""
        try:
            yield
        except InputError as error:
            self.found.extend(problems_in(error))

    def add(self, problem: str, **details: Any) -> None:
        """Keep a problem; ``details`` are those of :class:`InputError`."""
        self.found.append(InputError(problem, **details))

    def refuse(self) -> None:
        """Raise what was found, if anything was.

        Raises
        ------
        InputError
            The only problem, or all of them as :class:`InputErrors`; the same sentence once.
        """
        once = list({str(problem): problem for problem in self.found}.values())
        if len(once) == 1:
            raise once[0]
        if once:
            raise InputErrors(once)


class DiagnosticsError(MaternalEvalError):
    """A fit did not pass its diagnostics gates, so none of its numbers may be used."""
