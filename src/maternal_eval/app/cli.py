"""The command line: one verb a question."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from maternal_eval import __version__
from maternal_eval.analyses.check.result import CheckResult
from maternal_eval.analyses.explorer.result import ExplorerResult
from maternal_eval.app.analysis import DEFAULT_SEED, Analysis
from maternal_eval.app.console import ShownProgress, in_words, say_line, show_table
from maternal_eval.app.notebook import PANEL_VARIABLE
from maternal_eval.app.steps import STEPS, Step
from maternal_eval.core import faults, intervals
from maternal_eval.core.errors import InputError
from maternal_eval.core.files import check_folder, check_target, write_whole
from maternal_eval.core.printable import markdown_text
from maternal_eval.core.remarks import each_once
from maternal_eval.core.words import DEFAULT_WORDS
from maternal_eval.results import Result, ResultStore
from maternal_eval.results.base import spreadsheet_table
from maternal_eval.study import FILE_NAME, read_definition

if TYPE_CHECKING:
    from matplotlib.figure import Figure

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
        _check_targets(study, step, panel, out, json_file)
        with ShownProgress() as progress:
            store = ResultStore(QUICK_STORE if quick else STORE)
            analysis = Analysis.compute(
                study, store, panel=panel, seed=seed, quick=quick, fresh=fresh, progress=progress
            )
            result = analysis.result(step.name)
        _show(analysis, step, result)
        if json_file is not None:
            _write_json(analysis, step, result, json_file)
        if out is not None:
            _write_folder(analysis, step, result, out)

    app.command(step.verb, help=DEFAULT_WORDS.fill(step.question_en, "en"))(command)


for _step in STEPS.values():
    add_verb(_step)


def _show(analysis: Analysis, step: Step, result: Result) -> None:
    assert analysis.study is not None
    simulated = " — SIMULATED panel" if analysis.study.simulated else ""
    words = analysis.study.words
    show_table(
        in_words(analysis.study.timeline.shown(result.table()), words),
        f"{analysis.study.title('en')}{simulated}: {words.fill(step.question_en, 'en')}",
    )
    if type(result).paragraph is not Result.paragraph:
        say_line(result.paragraph())
    for one in each_once([*getattr(result, "remarks", []), *analysis.study.remarks]):
        say_line(f"note: {one['en']}")
    if isinstance(result, CheckResult):
        show_table(in_words(result.columns, words), "Columns of the panel")
        for part in analysis.study.absent:
            say_line(f"absent: {part.part}: {part.consequence_en}")


def _check_targets(study: Path, step: Step, panel: Path | None, out: Path | None, json_file: Path | None) -> None:
    """Refuse what could not be written later, or would replace what is read, before anything is computed."""
    if json_file is not None:
        check_target(json_file)
        place = Path(os.path.realpath(json_file))
        read = [] if panel is None else [Path(os.path.realpath(panel))]
        if place.exists() and (
            place in read or (place.parent == Path(os.path.realpath(study)) and place.suffix != ".json")
        ):
            raise InputError("this file is read, not written", file=json_file, expected="a file apart from the study's")
    if out is not None:
        check_folder(out)
        for path in out.glob(f"*-{step.verb}*"):
            check_target(path)


def _content(analysis: Analysis, step: Step, result: Result) -> dict[str, Any]:
    assert analysis.study is not None
    return {
        "study": analysis.name,
        "verb": step.verb,
        "simulated": analysis.study.simulated,
        "panel": analysis.study.panel_source,
        "seed": analysis.seed,
        "quick": analysis.quick,
        "interval": {"probability": intervals.PROBABILITY, "kind": intervals.KIND},
        "version": __version__,
        "result": result.to_json(),
    }


def _write_json(analysis: Analysis, step: Step, result: Result, path: Path) -> None:
    text = json.dumps(_content(analysis, step, result), ensure_ascii=False, indent=1, allow_nan=False)
    write_whole(path, lambda unfinished: unfinished.write_text(text + "\n", encoding="utf-8"))
    say_line(f"wrote {path}")


def _write_folder(analysis: Analysis, step: Step, result: Result, out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    assert analysis.study is not None
    stem = f"{analysis.name}-{step.verb}"
    _write_json(analysis, step, result, out / f"{stem}.json")
    table = spreadsheet_table(analysis.study.timeline.shown(result.table()))
    write_whole(out / f"{stem}.csv", lambda path: table.to_csv(path, index=False, encoding="utf-8"))
    say_line(f"wrote {out / f'{stem}.csv'}")
    if "" in result.schemas():
        named = result.schemas()[""].described(result.table(), result.words)
        path = out / f"{stem}.columns.csv"
        write_whole(path, lambda unfinished: named.to_csv(unfinished, index=False, encoding="utf-8"))
        say_line(f"wrote {path}")
    if isinstance(result, ExplorerResult):
        from maternal_eval.report.explorer import write_explorer

        say_line(f"wrote {write_explorer(result, out / f'{stem}.html')}")
    undrawn: list[InputError] = []
    for language in ("en", "zh"):
        if type(result).paragraph is not Result.paragraph:
            remarks = "".join(f"\n- {one[language]}" for one in getattr(result, "remarks", []))
            text = result.paragraph(language) + "\n" + (f"{remarks}\n" if remarks else "")
            path = out / f"{stem}.{language}.md"
            write_whole(path, partial(Path.write_text, data=markdown_text(text), encoding="utf-8"))
            say_line(f"wrote {path}")
        for name in result.figure_table():
            file = f"{stem}-{name}" if name else stem
            try:
                path = _write_figure(partial(result.plot, name=name), language, out / f"{file}.{language}.png")
            except InputError as error:
                undrawn.append(error)
            else:
                say_line(f"wrote {path}")
    # A name with a sign that no font has takes one figure away, and none of the others.
    if undrawn:
        raise undrawn[0]


def _write_figure(draw: Callable[[str], Figure], language: str, path: Path) -> Path:
    from maternal_eval.results.plotting import figure_style

    try:
        figure = draw(language)
        with figure_style(language):
            write_whole(path, lambda unfinished: figure.savefig(unfinished, format="png"))
    except InputError as error:
        raise InputError(error.problem, file=error.file or path, found=error.found, expected=error.expected) from error
    return path


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
) -> None:
    """Do the main job: study, fits, notebooks, blue papers."""
    from maternal_eval.app.publishing import publish

    panels: dict[str, Path] = {}
    definition = read_definition(study)
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
    from maternal_eval.app.template_publishing import publish_by_template

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
    from maternal_eval.app.study_notebooks import write_notebooks

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
