"""What a verb shows in the terminal and writes into files."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from maternal_eval import __version__
from maternal_eval.analyses.check.result import CheckResult
from maternal_eval.app.analysis import Analysis
from maternal_eval.app.console import in_words, say_line, show_table
from maternal_eval.app.steps import Step
from maternal_eval.core import intervals
from maternal_eval.core.errors import InputError
from maternal_eval.core.files import check_folder, check_target, write_whole
from maternal_eval.core.printable import markdown_text
from maternal_eval.core.remarks import each_once
from maternal_eval.results import Result
from maternal_eval.results.base import spreadsheet_table

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def show(analysis: Analysis, step: Step, result: Result) -> None:
    """Show the table of a result, its paragraph and its notes."""
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


def check_targets(study: Path, step: Step, panel: Path | None, out: Path | None, json_file: Path | None) -> None:
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


def write_json(analysis: Analysis, step: Step, result: Result, path: Path) -> None:
    """Write the numbers of a result."""
    text = json.dumps(_content(analysis, step, result), ensure_ascii=False, indent=1, allow_nan=False)
    write_whole(path, lambda unfinished: unfinished.write_text(text + "\n", encoding="utf-8"))
    say_line(f"wrote {path}")


def write_folder(analysis: Analysis, step: Step, result: Result, out: Path) -> None:
    """Write numbers, tables, texts and figures of a result into a folder."""
    out.mkdir(parents=True, exist_ok=True)
    assert analysis.study is not None
    stem = f"{analysis.name}-{step.verb}"
    write_json(analysis, step, result, out / f"{stem}.json")
    table = spreadsheet_table(analysis.study.timeline.shown(result.table()))
    write_whole(out / f"{stem}.csv", lambda path: table.to_csv(path, index=False, encoding="utf-8"))
    say_line(f"wrote {out / f'{stem}.csv'}")
    if "" in result.schemas():
        named = result.schemas()[""].described(result.table(), result.words)
        path = out / f"{stem}.columns.csv"
        write_whole(path, lambda unfinished: named.to_csv(unfinished, index=False, encoding="utf-8"))
        say_line(f"wrote {path}")
    from maternal_eval.analyses.explorer.result import ExplorerResult

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
