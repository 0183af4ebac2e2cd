"""Notebooks on any study: opened in one line from any folder, written without what speaks of the built-in study."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest

from maternal_eval.app import notebook as opening
from maternal_eval.app.analysis import Analysis
from maternal_eval.app.notebook import LackingError, NotebookStudy, open_study
from maternal_eval.app.study_notebooks import in_words, notebook_for, sources, write_notebooks
from maternal_eval.core.errors import InputError
from maternal_eval.core.words import DEFAULT_WORDS, Word, Words
from maternal_eval.results import ResultStore
from maternal_eval.study import read_definition
from tests.words.hospital import write_study

OPENS = re.compile(r'^study = open_study\("data/maternal"\)$', re.MULTILINE)


@pytest.fixture(autouse=True)
def _no_other_study(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (opening.STUDY_VARIABLE, opening.PANEL_VARIABLE, opening.RESULTS_VARIABLE):
        monkeypatch.delenv(name, raising=False)


def test_every_notebook_names_its_study_in_one_line() -> None:
    for path in sources():
        code = "\n".join(cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code")
        # The notebook on real surveys is about these, whatever study is asked for.
        assert len(OPENS.findall(code)) == (0 if path.stem == "02_real_data" else 1), path.name
        fixed = [line for line in code.splitlines() if "open_study(" in line and not OPENS.match(line)]
        assert all("fixed=True" in line for line in fixed), path.name


def test_a_study_is_found_from_any_folder_and_another_one_by_the_environment(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(root / "notebooks")
    assert open_study("data/maternal").name == "maternal"
    monkeypatch.chdir(root / "src" / "maternal_eval")
    assert open_study("data/maternal").name == "maternal"
    monkeypatch.setenv(opening.STUDY_VARIABLE, "data/gss")
    assert open_study("data/maternal").name == "gss"
    assert open_study("data/maternal", fixed=True).name == "maternal"
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="this is no study folder"):
        open_study("data/maternal")


def test_what_a_study_lacks_is_one_sentence(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)
    study = open_study("data/gss")
    weights = study.result("stage_weights")
    with pytest.raises(
        LackingError, match=r"^The study 'gss' has no result of 'stage-weights', which needs indicators\.$"
    ):
        _ = weights.weights
    with pytest.raises(LackingError, match="has no result of 'kano', which needs Kano answers"):
        study.show("kano")
    with pytest.raises(LackingError, match="has no figure 'platforms' of 'satisfaction'"):
        study.show("satisfaction", "platforms")
    with pytest.raises(LackingError, match="speaks of the study 'maternal' alone"):
        study.only("maternal")
    study.only("gss")
    study.needs(True, "anything")


def test_a_cell_that_asks_for_too_much_prints_the_sentence_and_the_notebook_goes_on(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from IPython.core.interactiveshell import InteractiveShell

    monkeypatch.chdir(root)
    shell = InteractiveShell()
    monkeypatch.setattr("IPython.get_ipython", lambda: shell)
    opening._say_what_is_lacking()
    shell.run_cell("from maternal_eval.app.notebook import Lacking\nkano = Lacking('no Kano answers here')")
    capsys.readouterr()
    asked = shell.run_cell("kano.table()")
    assert asked.success
    assert capsys.readouterr().out.strip() == "no Kano answers here"
    # Any other error is one.
    assert not shell.run_cell("1 / 0").success


def test_notebooks_of_a_study_say_nothing_of_the_built_in_one(tmp_path: Path) -> None:
    definition = read_definition(write_study(tmp_path / "clinics"))
    words = re.compile(r"\b(mothers?|life stages?|platforms?|stages?|respondents?|45/35/20|simulated)\b", re.IGNORECASE)
    for path in sources():
        if path.stem[:2] in ("02", "10"):
            continue
        made = notebook_for(path, definition, 'open_study("../clinics")')
        assert not [cell for cell in made.cells if "built-in" in cell.metadata.get("tags", [])]
        assert "Survey of clinics" in made.cells[1].source
        opened = [cell for cell in made.cells if cell.cell_type == "code" and 'open_study("../clinics")' in cell.source]
        assert len(opened) == 1
        text = "\n".join(cell.source for cell in made.cells if cell.cell_type == "markdown")
        text = re.sub(r"`[^`]*`|\$\$.*?\$\$|\$[^$]*\$", "", text, flags=re.DOTALL)
        met = set(words.findall(text)) - {"simulated", "Simulated"}
        assert met == set(), path.name


def test_written_notebooks_are_put_beside_nothing_that_was_edited(tmp_path: Path) -> None:
    folder = write_study(tmp_path / "clinics")
    analysis = Analysis(folder, read_definition(folder), ResultStore(tmp_path / "results"))
    written = write_notebooks(analysis, tmp_path / "out")
    assert [path.stem[:2] for path in written.notebooks] == ["01", "03", "04", "05", "06", "07", "08", "09"]
    assert len(written.remarks) == 2
    write_notebooks(analysis, tmp_path / "out")
    first = nbformat.read(written.notebooks[0], as_version=4)
    first.cells[0].source += "\nMy own words."
    nbformat.write(first, written.notebooks[0])
    with pytest.raises(InputError, match="another notebook stands here"):
        write_notebooks(analysis, tmp_path / "out")


def test_words_keep_number_article_and_capital() -> None:
    words = Words(stage=Word("ward", "科室"), platform=Word("airport", "机场"))
    assert in_words("Platforms, a platform, Life stage, stages", words) == "Airports, an airport, Ward, wards"
    assert in_words("`stage` and $\\eta = stage$", words) == "`stage` and $\\eta = stage$"
    assert in_words("Life stage", DEFAULT_WORDS) == "Stage"


@pytest.mark.parametrize(
    "path", [path for path in sources() if path.stem != "02_real_data"], ids=lambda path: path.stem
)
def test_on_a_study_without_any_result_each_cell_runs_or_says_what_is_lacking(
    path: Path, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = root / "data" / "gss"
    bare = NotebookStudy(Analysis(folder, read_definition(folder), ResultStore(tmp_path)))
    monkeypatch.setattr(opening, "open_study", lambda *place, **more: bare)
    names: dict[str, object] = {"display": lambda *shown: None}
    lacking = 0
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code":
            try:
                exec(compile(cell.source, path.name, "exec"), names)
            except LackingError:
                lacking += 1
    assert lacking > 0
