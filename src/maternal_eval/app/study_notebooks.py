"""The notebooks written for a study: those of the built-in study without what speaks of it alone.

Cells tagged ``built-in`` are left out, the line that opens the study names the study, and the words of the study stand
where the text says life stage, platform or respondent. What a cell asks for and the study lacks, the cell itself says
when it runs.
"""

from __future__ import annotations

import importlib.resources
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import nbformat

from maternal_eval.app.analysis import RESULTS_VARIABLE, Analysis
from maternal_eval.app.notebook import STUDY_VARIABLE
from maternal_eval.app.steps import REAL_DATA_NOTEBOOK
from maternal_eval.core.errors import InputError
from maternal_eval.core.files import check_target, write_whole
from maternal_eval.core.progress import Progress
from maternal_eval.core.words import Word, Words
from maternal_eval.report.notebooks import execute_notebooks, normalised, read_notebook
from maternal_eval.study import StudyDefinition

OWN = "built-in"
"""Tag of a cell that speaks of the built-in study alone."""

_OPENED = re.compile(r'open_study\("data/maternal"\)')
_ASKED = re.compile(r'study\.(?:result|show)\("(\w+)"')
_CODE = re.compile(r"(`[^`]*`|\$\$.*?\$\$|\$[^$]*\$)", re.DOTALL)
_NOUNS = (
    (r"life stage", "stage", True),
    (r"stage", "stage", False),
    (r"platform", "platform", False),
    (r"respondent", "respondent", False),
)
"""How the notebooks call what a study may call otherwise: text, the word, and whether in full."""


@dataclass(frozen=True)
class Written:
    """Notebooks that were written, and lines that the reader should see."""

    notebooks: list[Path]
    remarks: list[str]


def sources() -> list[Path]:
    """Return the notebooks of the built-in study, as the checkout or the installed package has them."""
    checkout = Path(__file__).parents[3] / "notebooks"
    folder = checkout if checkout.is_dir() else Path(str(importlib.resources.files("maternal_eval") / "notebooks"))
    return sorted(folder.glob("[0-9]*.ipynb"))


def write_notebooks(analysis: Analysis, out: Path, *, run: bool = False, progress: Progress | None = None) -> Written:
    """Write the notebooks for a study into a folder.

    Parameters
    ----------
    analysis
        The study, open for computing (what ``run`` needs) or reading.
    out
        Folder for the notebooks; one that was edited there is never replaced.
    run
        Compute what they show, and run them.

    Raises
    ------
    InputError
        If a file of that name holds another notebook.
    MaternalEvalError
        If a result cannot be computed, or a cell fails.
    """
    definition, targets = analysis.definition, []
    made = {path.name: notebook_for(path, definition, _seen_from(out, analysis)) for path in sources()}
    remarks = [f"{REAL_DATA_NOTEBOOK}: about surveys of its own, not written"]
    made.pop(f"{REAL_DATA_NOTEBOOK}.ipynb", None)
    if definition.paper is None:
        remarks.append(
            "10_blue_paper: the study has no texts of papers (no table [paper] in its study.toml), not written"
        )
        made = {name: notebook for name, notebook in made.items() if not name.startswith("10_")}
    for name, notebook in made.items():
        _refuse_edited(out / name, notebook)
        targets.append(out / name)
    out.mkdir(parents=True, exist_ok=True)
    for target, notebook in zip(targets, made.values(), strict=True):
        write_whole(target, partial(_written, notebook))
    if run:
        asked = dict.fromkeys(step for notebook in made.values() for step in _ASKED.findall(_code_of(notebook)))
        for step in asked:
            if step in analysis.possible:
                analysis.result(step)
        environment = {RESULTS_VARIABLE: str(analysis.store.folder.resolve()), STUDY_VARIABLE: ""}
        execute_notebooks(targets, out, environment, progress=progress)
    return Written(targets, remarks)


def notebook_for(source: Path, definition: StudyDefinition, opening: str) -> nbformat.NotebookNode:
    """Return a notebook of the built-in study as one of another study, not yet run.

    Parameters
    ----------
    source
        The notebook.
    definition
        What the study.toml of the other study says.
    opening
        The call that opens it.
    """
    notebook = read_notebook(source)
    own = definition.study.name == "maternal"
    cells = [cell for cell in notebook.cells if own or OWN not in cell.metadata.get("tags", [])]
    title = f"*{_plain(definition.title('en'))} · {_plain(definition.title('zh'))}*"
    if definition.study.simulated and not own:
        title += "\n\n> **The panel is simulated.**"
    cells.insert(1, nbformat.v4.new_markdown_cell(title))
    for cell in cells:
        if cell.cell_type == "code":
            cell.source = _OPENED.sub(lambda _: opening, cell.source)
            cell.outputs, cell.execution_count = [], None
        elif not own:
            cell.source = in_words(cell.source, definition.called)
    notebook.cells = cells
    return normalised(notebook)


def in_words(text: str, words: Words) -> str:
    """Return a text of the notebooks with the words of a study; code and formulae stay.

    Examples
    --------
    >>> in_words("Scores of platforms (`platform`)", Words(platform=Word("hospital", "医院")))
    'Scores of hospitals (`platform`)'
    """
    parts = _CODE.split(text)
    return "".join(part if place % 2 else _reworded(part, words) for place, part in enumerate(parts))


def _reworded(text: str, words: Words) -> str:
    nouns = "|".join(noun for noun, _, _ in _NOUNS)
    kinds = {noun: (name, full) for noun, name, full in _NOUNS}

    def found(match: re.Match[str]) -> str:
        article, noun, plural = match.groups()
        name, full = kinds[noun.lower()]
        word: Word = getattr(words, name)
        written = word.written("en", many=bool(plural), full=full)
        if article:
            written = word.written("en", full=full, article=True)
        capital = match.group(0)[0].isupper()
        return written[:1].upper() + written[1:] if capital else written

    return re.sub(rf"\b([Aa] )?({nouns})(s)?\b", found, text, flags=re.IGNORECASE)


def _plain(text: str) -> str:
    """Return a title that Markdown shows as it is."""
    return re.sub(r"([\\`*_{}\[\]<>#$|])", r"\\\1", text)


def _seen_from(out: Path, analysis: Analysis) -> str:
    """Return the call that opens the study from a notebook in ``out``."""
    folder, store = (
        os.path.relpath(path.resolve(), out.resolve()) for path in (analysis.folder, analysis.store.folder)
    )
    return f"open_study({Path(folder).as_posix()!r}, results={Path(store).as_posix()!r})".replace("'", '"')


def _refuse_edited(target: Path, notebook: nbformat.NotebookNode) -> None:
    if not target.exists():
        return
    check_target(target)
    if _code_of(read_notebook(target), all_cells=True) != _code_of(notebook, all_cells=True):
        raise InputError(
            "another notebook stands here",
            file=target,
            found="cells that were not written by this verb",
            expected="no file, or the notebook as this verb writes it",
            mend="another folder with --out",
        )


def _code_of(notebook: nbformat.NotebookNode, *, all_cells: bool = False) -> str:
    cells: Sequence[nbformat.NotebookNode] = notebook.cells
    return "\n\n".join(cell.source for cell in cells if all_cells or cell.cell_type == "code")


def _written(notebook: nbformat.NotebookNode, path: Path) -> None:
    nbformat.write(notebook, path)
