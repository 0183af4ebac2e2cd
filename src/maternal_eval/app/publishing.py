"""The main job: study → fits → comparison with the frozen results → notebooks → blue papers."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pandas as pd

from maternal_eval.app.analysis import DEFAULT_SEED, PANEL_ABSENT, RESULTS_VARIABLE, Analysis
from maternal_eval.app.collect import collect_figures, collect_findings
from maternal_eval.app.left_out import REFUSALS, note_left_out
from maternal_eval.app.settings_shown import settings_shown
from maternal_eval.app.side_by_side import compute_side_by_side
from maternal_eval.app.steps import STEPS
from maternal_eval.core.errors import InputError
from maternal_eval.core.files import check_folder, write_whole
from maternal_eval.core.hashing import hash_bytes, hash_file
from maternal_eval.core.made import is_made, mark_made
from maternal_eval.core.progress import Progress
from maternal_eval.report.explorer import NAME as EXPLORER
from maternal_eval.report.explorer import write_explorer
from maternal_eval.report.notebooks import execute_notebooks, source_of
from maternal_eval.report.number_list import FILES as NUMBER_LISTS
from maternal_eval.report.number_list import write_number_list
from maternal_eval.report.papers import EDITED, build_papers, figures_shown, keep_edited, read_papers
from maternal_eval.results import ResultStore, compare, summarise
from maternal_eval.results.base import OtherFieldsError
from maternal_eval.results.provenance import hash_package, hash_packages
from maternal_eval.study import FILE_NAME, StudyDefinition, read_definition

REACHES_ALL = {"possible", "STEPS", "collect_findings", "findings", "getattr"}
"""Words in the code of a notebook that may lead to any analysis."""


@dataclass(frozen=True)
class Published:
    """What :func:`publish` made.

    ``comparison`` has one row per study and analysis: how many quantities were compared, how many agree within
    Monte-Carlo error, and the worst one; empty if nothing was computed. ``remarks`` are lines that the reader
    should see.
    """

    papers: list[Path]
    comparison: pd.DataFrame
    remarks: list[str]

    @property
    def agrees(self) -> bool:
        """Whether every fresh result has a frozen one and agrees with it."""
        return bool(self.comparison["agrees"].all())


@dataclass(frozen=True)
class _Places:
    """Where things stand, as the study's ``[paper]`` table says, and where what is made goes."""

    texts: Path
    notebooks: Path
    frozen: ResultStore
    companions: tuple[Path, ...]
    fresh: ResultStore
    executed: Path
    reports: Path

    @classmethod
    def of(cls, folder: Path, definition: StudyDefinition, out: Path, quick: bool) -> _Places:
        table = definition.paper
        if table is None:
            raise InputError(
                "this study has no blue paper", file=folder / FILE_NAME, column="paper", expected="a table [paper]"
            )
        kind = "quick-" if quick else ""
        return cls(
            texts=folder / table.texts,
            notebooks=folder / table.notebooks,
            frozen=ResultStore(folder.parent / "derived", private=False),
            companions=tuple(folder / companion for companion in table.companions),
            fresh=ResultStore(out / f"{kind}results"),
            executed=out / f"{kind}notebooks",
            reports=out / f"{kind}reports",
        )


def publish(
    folder: Path,
    out: Path,
    *,
    panels: Mapping[str, Path],
    seed: int = DEFAULT_SEED,
    fresh: bool = False,
    quick: bool = False,
    freeze: bool = False,
    long_running: bool = False,
    progress: Progress | None = None,
) -> Published:
    """Do the main job for the study in ``folder`` and write everything below ``out``.

    What is finished is kept: the same call after an interruption goes on from there, and with nothing changed it
    computes nothing again.

    Parameters
    ----------
    folder
        A study whose study.toml has a ``[paper]`` table (texts, notebooks, companion studies).
    out
        Folder for results, notebooks and papers.
    panels
        Panels of companion studies that are not in the repository: study name → file. A companion without a panel
        is not computed: its frozen results are used, and ``remarks`` says so.
    long_running
        Compute the simulation studies over many replicates too; else their frozen results are shown, and ``remarks``
        says which of them come from an earlier version of the code.
    freeze
        Make these results, notebooks, findings and papers the frozen ones of the repository.

    Raises
    ------
    InputError
        If a study, a text or a panel is wrong.
    DiagnosticsError
        If a fit does not pass its gates: then there is no paper.
    """
    if quick and freeze:
        raise InputError("quick results are for a first look", found="--quick --freeze", expected="one of the two")
    places = _Places.of(folder, read_definition(folder), out, quick)
    check_folder(out)
    name = read_definition(folder).study.name
    with places.fresh.locked(name, progress):
        return _publish(folder, places, panels, seed, fresh, quick, freeze, long_running, progress)


def _publish(
    folder: Path,
    places: _Places,
    panels: Mapping[str, Path],
    seed: int,
    fresh: bool,
    quick: bool,
    freeze: bool,
    long_running: bool,
    progress: Progress | None,
) -> Published:
    """Do what :func:`publish` says, alone in its folder."""
    remarks: list[str] = []
    analyses: list[Analysis] = []
    for study_folder in (folder, *places.companions):
        definition = read_definition(study_folder)
        name, panel = definition.study.name, panels.get(definition.study.name)
        mark = places.fresh.folder / name / PANEL_ABSENT
        mark.parent.mkdir(parents=True, exist_ok=True)
        if panel is None and definition.panel.file is None and definition.panel.package is None:
            analyses.append(_frozen_instead(study_folder, definition, places))
            mark.touch()
            remarks.append(
                f"{name}: no panel, so not computed; its frozen results are used ({definition.panel.obtain})"
            )
            continue
        mark.unlink(missing_ok=True)
        analysis = Analysis.compute(
            study_folder,
            places.fresh,
            panel=panel,
            seed=seed,
            quick=quick,
            fresh=fresh,
            long_running=long_running,
            progress=progress,
        )
        remarks += _take_long_running(analysis, places)
        # What any analysis would refuse is said before the first fit.
        for step in analysis.possible[:1]:
            analysis.result(step)
        analyses.append(analysis)
    remarks += _compute_all(analyses, panels, places, progress)
    comparison = _compare(analyses, places)
    environment = {RESULTS_VARIABLE: str(places.fresh.folder.resolve())}
    _run_notebooks(places.notebooks, places.executed, places.fresh, environment, progress)
    kept_before = edited_papers(places.reports, places.texts)
    papers = _build(analyses, places.texts, places.reports, progress)
    if freeze:
        # Only now, when everything was made once: a text that breaks a rule leaves the frozen edition as it was.
        _freeze(analyses, places, papers, progress)
        remarks.append("these results, notebooks, findings, figures and papers are now the frozen ones")
    remarks += kept_remarks(folder, edited_papers(places.reports, places.texts) - kept_before)
    return Published(papers, comparison, remarks)


def _compute_all(
    analyses: list[Analysis], panels: Mapping[str, Path], places: _Places, progress: Progress | None
) -> list[str]:
    """Compute what the studies allow; return a remark on each analysis that refused and that nobody asks for.

    An analysis that a text cites, or that has a frozen result, has to be there: its refusal is raised. Any other costs
    nothing but itself, as where the papers are written by template.
    """
    compute_side_by_side(analyses, panels, progress, leave_out=True)
    for analysis in analyses:
        for step in analysis.possible:
            if step not in analysis.left_out:
                try:
                    analysis.result(step)
                except REFUSALS as error:
                    note_left_out(analysis, step, error)
    texts = "\n".join(path.read_text(encoding="utf-8") for path in sorted(places.texts.glob("*.md")))
    remarks = []
    for analysis in analyses:
        frozen = places.frozen.steps(analysis.name)
        for step, refusal in analysis.left_out.items():
            if step in frozen or re.search(rf"\{{\{{{analysis.name}\.{step}\.|\]\({analysis.name}-{step}\b", texts):
                raise refusal
            remarks.append(f"{analysis.name}: {STEPS[step].verb!r} is left out, and no text asks for it: {refusal}")
    return remarks


def _frozen_instead(folder: Path, definition: StudyDefinition, places: _Places) -> Analysis:
    """Open a study whose panel is absent on its frozen results, copied to stand beside the fresh ones."""
    name = definition.study.name
    for step in places.frozen.steps(name):
        places.fresh.copy_from(places.frozen, name, step)
    return Analysis(folder, definition, places.fresh)


def _take_long_running(analysis: Analysis, places: _Places) -> list[str]:
    """Put the frozen results of the long-running analyses beside the fresh ones; return a remark on each old one."""
    remarks = []
    for name, step in STEPS.items():
        if not step.long_running or analysis.computes(step) or not places.frozen.has(analysis.name, name):
            continue
        key = analysis.key(step)
        if places.fresh.is_current(analysis.name, name, key):
            continue
        places.fresh.copy_from(places.frozen, analysis.name, name)
        changed = places.frozen.manifest(analysis.name, name).key.differences(key)
        if changed and not analysis.quick:
            remarks.append(
                f"{analysis.name}: the frozen result of {step.verb!r} is shown; {', '.join(changed)} changed since it "
                "was computed (--long computes it anew)"
            )
    return remarks


def edited_papers(*folders: Path) -> set[Path]:
    """Return the Word files that an author edited and that a new run has put aside."""
    return {path for folder in folders for path in folder.glob(f"*{EDITED}*.docx")}


def kept_remarks(study: Path, kept: Collection[Path], out: Path | None = None) -> list[str]:
    """Return a line on each Word file that was put aside; ``out`` is given where it holds the texts."""
    more = "" if out is None else f" --out {out}"
    verb = f"maternal-eval paper {study} --from-docx"
    return [f"{path} was edited and kept: '{verb} {path}{more}' takes it back into the text" for path in sorted(kept)]


def _freeze(analyses: list[Analysis], places: _Places, papers: list[Path], progress: Progress | None) -> None:
    """Make the fresh results, findings, figures and papers the frozen ones, and run the notebooks on them in place."""
    for analysis in analyses:
        if analysis.study is None:
            continue
        for step in set(places.frozen.steps(analysis.name)) - set(analysis.possible):
            places.frozen.remove(analysis.name, step)
        for step in analysis.possible:
            places.frozen.copy_from(places.fresh, analysis.name, step)
    _run_notebooks(places.notebooks, places.notebooks, places.frozen, {}, progress)
    figures = sorted((places.reports / "figures").glob("*.svg"))
    names = ("findings.json", EXPLORER, *NUMBER_LISTS)
    others = [path for path in (places.reports / name for name in names) if path.is_file()]
    for path in (*papers, *figures, *others):
        target = places.texts / path.relative_to(places.reports)
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.suffix == ".docx":
            keep_edited(target)
        content = path.read_bytes()
        write_whole(target, partial(Path.write_bytes, data=content))


def _compare(analyses: list[Analysis], places: _Places) -> pd.DataFrame:
    """Compare each computed result with its frozen one; a result that only one side has does not agree."""
    rows = []
    for analysis in analyses:
        if analysis.study is None:
            continue
        frozen_steps = places.frozen.steps(analysis.name)
        for step in dict.fromkeys([*analysis.possible, *frozen_steps]):
            if not analysis.computes(STEPS[step]):
                continue
            row = {"study": analysis.name, "analysis": step, "same inputs": False}
            if step in analysis.possible and step in frozen_steps:
                row |= _compared(analysis, step, places)
            else:
                row |= {"worst_quantity": "only fresh" if step in analysis.possible else "only frozen", "agrees": False}
            rows.append(row)
    return pd.DataFrame(rows)


def _compared(analysis: Analysis, step: str, places: _Places) -> dict[str, object]:
    try:
        frozen = places.frozen.load(STEPS[step].result_class, analysis.name, step)
    except OtherFieldsError:
        return {"worst_quantity": "frozen with other fields", "agrees": False}
    try:
        frozen.check_tables()
    except (ValueError, KeyError):  # stored by an earlier version, whose tables had other columns
        return {"worst_quantity": "frozen with other columns", "agrees": False}
    fresh = analysis.result(step).quantities()
    summary = summarise(compare(fresh, frozen.quantities()))
    keys = [store.manifest(analysis.name, step).key for store in (places.frozen, places.fresh)]
    return {"same inputs": keys[0] == keys[1], **summary, "agrees": summary["agree"] == summary["quantities"]}


def _run_notebooks(
    sources: Path, target: Path, results: ResultStore, environment: dict[str, str], progress: Progress | None
) -> None:
    """Execute the notebooks into ``target``, each only if it, the code or a result has changed since."""
    target.mkdir(parents=True, exist_ok=True)
    stored = [(study, step) for study in results.studies() for step in results.steps(study)]
    files = [str(results.manifest(study, step).files) for study, step in stored]
    marks = [str(path.relative_to(results.folder)) for path in sorted(results.folder.glob(f"*/{PANEL_ABSENT}"))]
    common = "".join([*files, *marks, hash_packages()])
    in_place = sources == target
    keys = {
        path: hash_bytes((hash_file(path) + common + hash_package(_analyses_not_shown(path))).encode())
        for path in sorted(sources.glob("*.ipynb"))
    }
    waiting = [
        path for path in keys if in_place or not is_made(_stamp_of(path, target), keys[path], [target / path.name])
    ]
    execute_notebooks(waiting, target, environment, progress=progress)
    for path in waiting if not in_place else ():
        mark_made(_stamp_of(path, target), keys[path], [target / path.name])


def _stamp_of(notebook: Path, target: Path) -> Path:
    return target / f".{notebook.stem}.stamp"


def _analyses_not_shown(notebook: Path) -> tuple[str, ...]:
    """Return the analyses whose figures and tables a notebook cannot show: its code does not say their names.

    None where the code goes through all that a study has.
    """
    words = set(re.findall(r"\w+", "\n".join(source_of(notebook))))
    if words & REACHES_ALL:
        return ()
    return tuple(
        step.package.rpartition(".")[2]
        for name, step in STEPS.items()
        if not words & {name, step.package.rpartition(".")[2], *step.verb.split("-")}
    )


def _build(analyses: list[Analysis], texts: Path, out: Path, progress: Progress | None) -> list[Path]:
    findings = collect_findings(analyses)
    out.mkdir(parents=True, exist_ok=True)
    findings.write(out / "findings.json")
    for analysis in analyses[:1]:
        if "explorer" in analysis.possible:
            write_explorer(analysis.result("explorer"), out / EXPLORER)
    collect_figures(analyses, out / "figures", figures_shown(texts), progress)
    papers = build_papers(texts, findings, out / "figures", out, settings=settings_shown(analyses), progress=progress)
    write_number_list(read_papers(texts), findings, out)
    return papers
