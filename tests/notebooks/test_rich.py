"""What a notebook shows of a result, and one sentence in the place of sixty lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from maternal_eval.app.notebook import open_study
from maternal_eval.app.rich import install, rich_result


@pytest.fixture(scope="module")
def shell():
    from IPython.core.interactiveshell import InteractiveShell

    made = InteractiveShell()
    install(made)
    install(made)  # twice is once
    return made


def test_a_result_shows_table_checks_and_what_is_next(root: Path) -> None:
    result = open_study(root / "data" / "gss", fixed=True).result("satisfaction")
    shown = rich_result(result)
    assert "<th>Expected answer</th>" in shown
    assert "Checks: " in shown
    assert "passed" in shown
    assert "more rows in" in shown
    assert ".plot(" in shown


def test_the_shell_shows_it(root: Path, shell) -> None:
    result = open_study(root / "data" / "gss", fixed=True).result("satisfaction")
    data, _ = shell.display_formatter.format(result)
    assert data["text/html"] == rich_result(result)


def test_an_error_is_one_sentence_with_what_mends_it(shell, capsys) -> None:
    done = shell.run_cell("from maternal_eval.app.notebook import open_study\nopen_study('nowhere', fixed=True)")
    assert not done.success
    said = capsys.readouterr()
    assert "this is no study folder" in said.err
    assert "to mend it:" in said.err
    assert "Traceback" not in said.err + said.out
    assert len(said.err.strip().splitlines()) == 2


def test_other_errors_keep_their_traceback(shell, capsys) -> None:
    assert not shell.run_cell("1 / 0").success
    assert "ZeroDivisionError" in capsys.readouterr().out
