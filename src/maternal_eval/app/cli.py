"""The command line: one verb a question."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from maternal_eval.app.steps import DEFAULT_SEED, STEPS, Step
from maternal_eval.core import faults
from maternal_eval.core.errors import InputError
from maternal_eval.core.words import DEFAULT_WORDS

# Nothing that computes is imported before a verb runs: the help is shown at once.
# tests/setup/test_lightness.py holds it.

app = typer.Typer(
    help="Tells whether a service-evaluation model is right, which weights matter, and how they should move.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

StudyFolder = Annotated[Path, typer.Argument(metavar="STUDY", help="Folder with a study.toml.")]
PanelFile = Annotated[Path | None, typer.Option("--panel", help="Panel file to use instead of the study's own.")]
OutFolder = Annotated[Path | None, typer.Option("--out", help="Folder for the tables and the figures.")]
JsonFile = Annotated[Path | None, typer.Option("--json", help="File for the same numbers as JSON.")]
SeedNumber = Annotated[int, typer.Option("--seed", min=0, help="Seed of everything random.")]
Fresh = Annotated[bool, typer.Option("--fresh", help="Compute anew even if a current result is stored.")]
Quick = Annotated[bool, typer.Option("--quick", help="Fewer draws: for a first look, not for a paper.")]

STORE = Path("build") / "results"
"""Where results are kept between runs, below the folder that the command runs in."""

QUICK_STORE = Path("build") / "quick-results"


def add_verb(step: Step) -> None:
    """Add the verb of an analysis to the command line."""

    def command(
        study: StudyFolder,
        panel: PanelFile = None,
        out: OutFolder = None,
        json_file: JsonFile = None,
        seed: SeedNumber = DEFAULT_SEED,
        fresh: Fresh = False,
        quick: Quick = False,
    ) -> None:
        from maternal_eval.app import showing
        from maternal_eval.app.analysis import Analysis
        from maternal_eval.app.console import ShownProgress
        from maternal_eval.results import ResultStore

        showing.check_targets(study, step, panel, out, json_file)
        with ShownProgress() as progress:
            store = ResultStore(QUICK_STORE if quick else STORE)
            analysis = Analysis.compute(
                study, store, panel=panel, seed=seed, quick=quick, fresh=fresh, progress=progress
            )
            result = analysis.result(step.name)
        showing.show(analysis, step, result)
        if json_file is not None:
            showing.write_json(analysis, step, result, json_file)
        if out is not None:
            showing.write_folder(analysis, step, result, out)

    app.command(step.verb, help=DEFAULT_WORDS.fill(step.question_en, "en"))(command)


for _step in STEPS.values():
    add_verb(_step)


@app.command(help="Fit everything, compare with the frozen results, run the notebooks, build the six blue papers.")
def paper(
    study: StudyFolder,
    panel: Annotated[
        list[str] | None,
        typer.Option("--panel", metavar="NAME=FILE", help="Panel of a companion study, e.g. sfo=FILE."),
    ] = None,
    out: Annotated[Path, typer.Option("--out", help="Folder for everything that is made.")] = Path("build"),
    seed: SeedNumber = DEFAULT_SEED,
    fresh: Fresh = False,
    quick: Quick = False,
    freeze: Annotated[
        bool, typer.Option("--freeze", help="Make these results, notebooks and papers the frozen ones.")
    ] = False,
    long_running: Annotated[
        bool, typer.Option("--long", help="Compute the simulation studies over many replicates too.")
    ] = False,
    from_docx: Annotated[
        Path | None,
        typer.Option(
            "--from-docx", metavar="FILE", help="Take what was edited in this DOCX back into the text; compute nothing."
        ),
    ] = None,
) -> None:
    """Do the main job: study, fits, notebooks, blue papers."""
    from maternal_eval.app.console import ShownProgress, say_line, show_table
    from maternal_eval.app.publishing import publish
    from maternal_eval.study.definition import FILE_NAME, read_definition

    panels: dict[str, Path] = {}
    definition = read_definition(study)
    if from_docx is not None:
        from maternal_eval.app.from_docx import take_back

        if panel or fresh or quick or freeze or long_running:
            raise InputError("--from-docx computes nothing", expected="no other option than --out")
        lines, whole = take_back(study, definition, from_docx, out)
        for line in lines:
            say_line(line)
        if not whole:
            raise typer.Exit(1)
        return
    for entry in panel or []:
        name, separator, file = entry.partition("=")
        if not separator:
            raise InputError("--panel names no study", found=entry, expected="NAME=FILE, e.g. sfo=panel.csv.gz")
        panels[name] = Path(file)
    if definition.paper is None:
        if freeze:
            raise InputError(
                "only a study with texts of its own has a frozen edition", file=study / FILE_NAME, column="paper",
                found="none", expected="a table [paper]",
            )  # fmt: skip
        for name in set(panels) - {definition.study.name}:
            raise InputError(
                "--panel names a study that has no part in this paper", found=name, expected=definition.study.name
            )
        _paper_by_template(study, panels.get(definition.study.name), out, seed, fresh, quick, long_running)
        return
    with ShownProgress() as progress:
        published = publish(
            study,
            out,
            panels=panels,
            seed=seed,
            fresh=fresh,
            quick=quick,
            freeze=freeze,
            long_running=long_running,
            progress=progress,
        )
    if not published.comparison.empty:
        show_table(published.comparison, "Fresh against frozen results, within Monte-Carlo error")
    for line in published.remarks:
        say_line(line)
    for path in published.papers:
        say_line(str(path))
    # A new frozen edition may differ from the old one: that is what it is made for.
    if not published.agrees and not freeze:
        raise typer.Exit(1)


def _paper_by_template(
    study: Path, panel: Path | None, out: Path, seed: int, fresh: bool, quick: bool, long_running: bool
) -> None:
    """Write both papers of a study that has no texts of its own."""
    from maternal_eval.app.analysis import Analysis
    from maternal_eval.app.console import ShownProgress, say_line
    from maternal_eval.app.template_publishing import publish_by_template
    from maternal_eval.core.files import check_folder
    from maternal_eval.results import ResultStore

    check_folder(out)
    with ShownProgress() as progress:
        analysis = Analysis.compute(
            study,
            ResultStore(out / ("quick-results" if quick else "results")),
            panel=panel,
            seed=seed,
            quick=quick,
            fresh=fresh,
            long_running=long_running,
            progress=progress,
        )
        papers, remarks = publish_by_template(analysis, out, progress, panel)
    for line in remarks:
        say_line(line)
    for path in papers:
        say_line(str(path))


@app.command(help="Write the notebooks for a study: the argument of the built-in ones, on its own results.")
def notebooks(
    study: StudyFolder,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder for the notebooks; build/notebooks-NAME without it.")
    ] = None,
    run: Annotated[bool, typer.Option("--run", help="Compute what they show, and run them.")] = False,
    panel: PanelFile = None,
    seed: SeedNumber = DEFAULT_SEED,
    quick: Quick = False,
) -> None:
    """Write the notebooks for a study."""
    from maternal_eval.app.analysis import Analysis
    from maternal_eval.app.console import ShownProgress, say_line
    from maternal_eval.app.notebook import PANEL_VARIABLE
    from maternal_eval.app.study_notebooks import write_notebooks
    from maternal_eval.core.files import check_folder
    from maternal_eval.results import ResultStore
    from maternal_eval.study.definition import read_definition

    definition = read_definition(study)
    folder = out or Path("build") / f"notebooks-{definition.study.name}"
    check_folder(folder)
    store = ResultStore(QUICK_STORE if quick else STORE)
    with ShownProgress() as progress:
        analysis = Analysis(study, definition, store)
        if run:
            analysis = Analysis.compute(
                study, store, panel=panel, seed=seed, quick=quick, long_running=False, progress=progress
            )
        written = write_notebooks(analysis, folder, run=run, progress=progress)
    for line in written.remarks:
        say_line(line)
    for path in written.notebooks:
        say_line(f"wrote {path}")
    if panel is not None and not run:
        say_line(f"note: give the panel to the notebooks as well, with the environment variable {PANEL_VARIABLE}")


@app.command(help="Write the built-in simulated study, with its known truth apart, into a folder.")
def simulate(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to write; must be new or empty.")],
    seed: Annotated[int | None, typer.Option("--seed", min=0, help="Another seed gives another panel.")] = None,
) -> None:
    """Write the built-in simulated study."""
    from maternal_eval.app.console import ShownProgress, say_line
    from maternal_eval.simulation import DEFAULT_SEED as SIMULATION_SEED
    from maternal_eval.simulation import simulate_study

    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError("the folder is not empty", file=folder, expected="a new or empty folder")
    with ShownProgress() as progress:
        simulate_study(folder, seed=SIMULATION_SEED if seed is None else seed, progress=progress)
    say_line(f"wrote {folder}")


@app.command(help="Write a study to fill in; with --from a first study of a file that you have.")
def new(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to write; must be new or empty.")],
    source: Annotated[
        Path | None, typer.Option("--from", metavar="FILE", help="Survey file; it stays where it is.")
    ] = None,
    sheet: Annotated[str | None, typer.Option("--sheet", help="Sheet of a workbook; else the largest.")] = None,
    header: Annotated[
        int | None,
        typer.Option("--header", min=1, max=20, metavar="N", help="Rows above the first answer; else found."),
    ] = None,
    encoding: Annotated[str | None, typer.Option("--encoding", help="Encoding of a text file; else found.")] = None,
    language: Annotated[
        Literal["en", "zh"], typer.Option("--language", help="Language of what is printed of a file: en or zh.")
    ] = "en",
) -> None:
    """Write an empty study to fill in, or a first study of a file."""
    if source is None:
        from maternal_eval.app.console import say_line
        from maternal_eval.study.template import write_template

        for option, value in (("--sheet", sheet), ("--header", header), ("--encoding", encoding)):
            if value is not None:
                raise InputError(f"{option} says how a file is read", expected="--from FILE")
        write_template(folder)
        say_line(f"wrote {folder}: fill in study.toml, then 'maternal-eval check {folder}'")
        return
    from maternal_eval.app.drafts import show_draft
    from maternal_eval.study.draft.drafting import draft_study

    show_draft(draft_study(folder, source, sheet, header, encoding), language)


def application() -> object:
    """Run the verb that the arguments name and return the exit code; wrong options are a refusal like any other."""
    try:
        return app(standalone_mode=False, prog_name="maternal-eval")
    except typer.Abort:
        raise KeyboardInterrupt from None
    except typer.TyperException as error:
        context = getattr(error, "ctx", None)
        message = getattr(error, "format_message", error.__str__)()
        if not sys.argv[1:]:
            return faults.BAD_INPUT  # the help was shown instead
        raise InputError(
            " ".join(message.split()),
            mend=None if context is None else f"'{context.command_path} --help' shows what there is",
        ) from None


def main() -> None:
    """Run the command line."""
    faults.run_and_end(application)
