"""A study in a notebook: opened in one line from any folder; what the study lacks is one sentence and no error.

``study = open_study("data/maternal")`` is the only line of a notebook that names its study. The environment variable
``MATERNAL_EVAL_STUDY`` names another one instead. A cell that asks for something that the study does not have prints
one sentence, and the notebook goes on.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from maternal_eval.app.analysis import RESULTS_VARIABLE, Analysis
from maternal_eval.app.steps import STEPS, unmet
from maternal_eval.core.errors import InputError
from maternal_eval.core.words import Words
from maternal_eval.results import Result, ResultStore
from maternal_eval.study import FILE_NAME, Study, StudyDefinition, read_definition

if TYPE_CHECKING:
    import pandas as pd

STUDY_VARIABLE = "MATERNAL_EVAL_STUDY"
"""Environment variable that names the folder of a study, in the place of the one that a notebook names."""

PANEL_VARIABLE = "MATERNAL_EVAL_PANEL"
"""Environment variable that names the panel file of a study that does not name its own."""

QUICK_VARIABLE = "MATERNAL_EVAL_QUICK"
"""Environment variable: set to 1, results are computed with fewer draws, for a first look."""


class LackingError(InputError):
    """The study does not have what a cell of a notebook asks for; its sentence takes the place of the cell's output."""


class Lacking:
    """Stands for a result that the study does not have: whoever asks anything of it hears why.

    Examples
    --------
    >>> Lacking("no Kano answers").table()
    Traceback (most recent call last):
    maternal_eval.app.notebook.LackingError: no Kano answers
    """

    def __init__(self, sentence: str) -> None:
        self._sentence = sentence

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise LackingError(self._sentence)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(self._sentence)


@dataclass
class NotebookStudy:
    """A study as notebooks ask it: the same results as :class:`~maternal_eval.app.analysis.Analysis`, or a sentence."""

    analysis: Analysis
    _lacks: dict[str, list[str] | None] = field(default_factory=dict, repr=False)

    @property
    def name(self) -> str:
        """Short name of the study."""
        return self.analysis.name

    @property
    def definition(self) -> StudyDefinition:
        """What study.toml says."""
        return self.analysis.definition

    @property
    def words(self) -> Words:
        """What the study calls its stages, platforms, respondents and answers."""
        return self.definition.called

    @property
    def origin(self) -> str:
        """Title of the study, whether its panel is simulated, and where the results come from."""
        kind = "SIMULATED panel" if self.definition.study.simulated else "real data or not said to be simulated"
        if not self.analysis.possible:
            return f"{self.definition.title('en')} ({kind}). SKIPPED: there is neither a panel nor a stored result."
        return f"{self.definition.title('en')} ({kind}). {self.analysis.origin}"

    def has(self, name: str) -> bool:
        """Whether there is a result of an analysis here."""
        return name in self.analysis.possible

    def result(self, name: str) -> Any:
        """Return the result of an analysis; where the study has none, what stands for it (:class:`Lacking`)."""
        try:
            return self._found(name)
        except LackingError as error:
            return Lacking(str(error))

    def show(self, name: str, figure: str = "", **more: Any) -> None:
        """Show a figure of an analysis (the main one without ``figure``) with its alternative text.

        Raises
        ------
        LackingError
            If the study has no such result or figure.
        """
        from maternal_eval.results.plotting import show

        result = self._found(name)
        table = result.figure_table()
        if figure not in table:
            raise LackingError(f"{self._subject} has no figure {figure or name!r} of {STEPS[name].verb!r}.")
        drawn = result.plot("en", figure, **more)
        show(drawn, table[figure].alternative_text(result, "en"))

    def real_evidence(self, language: str = "en") -> pd.DataFrame:
        """Return what real data say about the published claims, from the stored results of the studies beside it.

        Nothing is computed: an answer without a stored result says so.

        Raises
        ------
        LackingError
            If the study has no such table.
        """
        from maternal_eval.app.collect import add_reported
        from maternal_eval.app.real_evidence import as_frame, evidence_of, evidence_table
        from maternal_eval.results.findings import Findings

        folder, paper = self.analysis.folder, self.definition.paper
        rows = evidence_of(folder, self.definition)
        if paper is None or not rows:
            raise LackingError(f"{self._subject} has no table of real evidence ([paper] evidence in its study.toml).")
        findings, titles = Findings(), {}
        asked = {tuple(key.split(".")[:2]) for one in rows for key in one.findings}
        for companion in paper.companions:
            beside = Analysis.open(folder / companion)
            titles[beside.name] = {"en": beside.definition.title("en"), "zh": beside.definition.title("zh")}
            for step in beside.possible:
                if (beside.name, step) in asked:
                    add_reported(findings, beside, step, beside.result(step).reported("replication"))
        return as_frame(evidence_table(rows, findings, titles, "real-evidence"), language)

    def table(self, name: str, table: str = "") -> pd.DataFrame:
        """Return a table of an analysis (the main one without ``table``), labels and units in its ``attrs``.

        :func:`~maternal_eval.results.handed_out.write_table` writes it as XLSX, CSV, Parquet, LaTeX or HTML.

        Raises
        ------
        LackingError
            If the study has no such result.
        """
        from maternal_eval.results.handed_out import table_of

        return table_of(self._found(name), table)

    def model(self, name: str, part: str = "", **changes: Any) -> Any:
        """Return a Bayesian model of the study as a PyMC model: see :meth:`~maternal_eval.app.models.Models.model`."""
        return self._with_model(name).model(name, part, **changes)

    def same_density(self, name: str, part: str = "", **more: Any) -> Any:
        """Return a PyMC model beside the compiled code: see :meth:`~maternal_eval.app.models.Models.same_density`."""
        return self._with_model(name).same_density(name, part, **more)

    def draws(self, name: str, part: str = "") -> Any:
        """Return draws as ArviZ takes them: see :meth:`~maternal_eval.app.models.Models.draws`."""
        return self._with_model(name).draws(name, part)

    def fit_with(self, graph: Any, *, quick: bool | None = None) -> Any:
        """Fit an own model of the answers: see :meth:`~maternal_eval.app.models.Models.fit_with`."""
        return self._with_model("satisfaction").fit_with(graph, quick=quick)

    def salib(self, *, choices: bool = True) -> Any:
        """Return the sensitivity model for SALib: see :meth:`~maternal_eval.app.models.Models.salib`."""
        return self._with_model("sensitivity").salib(choices=choices)

    def _with_model(self, name: str) -> Analysis:
        if name in STEPS and not self.has(name):
            raise LackingError(self._why(name))
        from maternal_eval.app.models import at_hand

        try:
            at_hand(self.analysis)
        except InputError:
            raise LackingError(
                f"{self._subject} is not here with its answers, which the model is built from."
            ) from None
        return self.analysis

    def only(self, name: str) -> None:
        """Go on for the study of that name only.

        Raises
        ------
        LackingError
            On any other study.
        """
        if self.name != name:
            raise LackingError(f"This cell speaks of the study {name!r} alone.")

    def needs(self, holds: bool, what: str) -> None:
        """Go on only where the study has something.

        Raises
        ------
        LackingError
            If ``holds`` is false: the study has no ``what``.
        """
        if not holds:
            raise LackingError(f"{self._subject} has no {self.words.fill(what, 'en')}.")

    @property
    def _subject(self) -> str:
        return f"The study {self.name!r}"

    def _found(self, name: str) -> Result:
        if not self.has(name):
            raise LackingError(self._why(name))
        return self.analysis.result(name)

    def _why(self, name: str) -> str:
        """Return one sentence on why there is no result of an analysis."""
        step, study = STEPS[name], self._read()
        lacking = [] if study is None else unmet(step, study)
        if lacking:
            return f"{self._subject} has no result of {step.verb!r}, which needs {' and '.join(lacking)}."
        if "simulated panel" in step.requires and not self.definition.study.simulated:
            return f"{self._subject} has no result of {step.verb!r}, which needs a simulated panel."
        if step.long_running:
            command = f"'maternal-eval {step.verb} {self.name}'"
            return f"{self._subject} has no result of {step.verb!r} yet: it takes long, and {command} computes it."
        wanted = self.definition.study.analyses
        if wanted and name not in wanted:
            return f"{self._subject} does not ask for {step.verb!r} (analyses in its study.toml)."
        return f"{self._subject} has no stored result of {step.verb!r}."

    def _read(self) -> Study | None:
        """Return the study itself, if its panel can be read."""
        if self.analysis.study is not None:
            return self.analysis.study
        try:
            return Study.read(self.analysis.folder)
        except InputError:
            return None


def open_study(
    folder: str | Path,
    *,
    results: str | Path | None = None,
    panel: str | Path | None = None,
    fixed: bool = False,
) -> NotebookStudy:
    """Open a study for a notebook, and let cells that ask for what it lacks print one sentence.

    Stored results are read where there are any: those in the folder that ``MATERNAL_EVAL_RESULTS`` names, or the frozen
    ones in ``derived`` beside the study. Else they are computed, and kept in ``results``.

    Parameters
    ----------
    folder
        Folder with a study.toml: absolute, or as seen from the current folder or any folder above it.
        ``MATERNAL_EVAL_STUDY`` names another one.
    results
        Folder for computed results, read where they are current; ``build/results`` of the current folder if None.
    panel
        Panel file to use instead of the study's own; else ``MATERNAL_EVAL_PANEL`` names one.
    fixed
        Whether the study is this one whatever the environment says.

    Raises
    ------
    InputError
        If there is no such study, or nothing is stored and the study cannot be read.
    """
    _say_what_is_lacking()
    named = os.environ.get(STUDY_VARIABLE)
    path = _found_above(Path(named) if named and not fixed else Path(folder))
    name = read_definition(path).study.name
    given = panel or (None if fixed else os.environ.get(PANEL_VARIABLE))
    frozen = ResultStore(path.parent / "derived").steps(name) and results is None and given is None
    if os.environ.get(RESULTS_VARIABLE) or frozen:
        return NotebookStudy(Analysis.open(path))
    if fixed and results is None and given is None and not _has_panel(path):
        # A study of the argument whose panel is elsewhere: its cells say so, the others go on.
        return NotebookStudy(Analysis.open(path))
    store = ResultStore(Path("build") / "results" if results is None else Path(results))
    if given is None and not _has_panel(path) and store.steps(name):
        return NotebookStudy(Analysis(path, read_definition(path), store))
    quick = os.environ.get(QUICK_VARIABLE, "") not in ("", "0")
    return NotebookStudy(Analysis.compute(path, store, panel=given, quick=quick, long_running=False))


def _has_panel(folder: Path) -> bool:
    panel = read_definition(folder).panel
    return panel.file is not None or panel.package is not None


def _found_above(folder: Path) -> Path:
    """Return a folder with a study.toml as seen from here, or from the nearest folder above."""
    here = Path.cwd()
    for place in (here, *here.parents):
        found = place / folder
        if (found / FILE_NAME).is_file():
            # Relative where it can be: notebooks print no path of a machine.
            return Path(os.path.relpath(found)) if not folder.is_absolute() else found
    raise InputError(
        "this is no study folder",
        file=folder,
        found=f"no {FILE_NAME} there, seen from {here.name or here} and from the folders above it",
        expected=f"a folder with {FILE_NAME}",
        mend=f"its path in open_study(...), or in the environment variable {STUDY_VARIABLE}",
    )


def _say_what_is_lacking() -> None:
    """Let the notebook print sentences in the place of errors, and go on after a :class:`LackingError`."""
    try:
        from IPython import get_ipython
    except ImportError:
        return
    shell = get_ipython()
    if shell is not None:
        from maternal_eval.app.rich import install

        install(shell)
