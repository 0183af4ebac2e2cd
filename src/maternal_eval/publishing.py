"""The main job: study → fits → comparison with the frozen results → notebooks → blue papers."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from maternal_eval.analysis import DEFAULT_SEED, PANEL_ABSENT, RESULTS_VARIABLE, Analysis
from maternal_eval.errors import InputError
from maternal_eval.reporting.collect import collect_figures, collect_findings
from maternal_eval.reporting.notebooks import execute_notebooks
from maternal_eval.reporting.papers import build_papers
from maternal_eval.results import Manifest, Progress, ResultStore, compare, summarise
from maternal_eval.results.provenance import hash_bytes, hash_code, hash_file, hash_packages
from maternal_eval.results.store import MANIFEST
from maternal_eval.steps import STEPS
from maternal_eval.study import FILE_NAME, StudyDefinition, read_definition


@dataclass(frozen=True)
class Published:
    """What :func:`publish` made.

    ``comparison`` has one row per study and analysis: how many quantities were compared, how many agree within
    Monte-Carlo error, and the worst one. ``remarks`` are lines that the reader should see.
    """

    papers: list[Path]
    comparison: pd.DataFrame
    remarks: list[str]

    @property
    def agrees(self) -> bool:
        """Whether every fresh result agrees with its frozen one."""
        return self.comparison.empty or bool(self.comparison["agrees"].all())


@dataclass(frozen=True)
class _Places:
    """Where things stand, as the study's ``[paper]`` table says, and where what is made goes."""

    texts: Path
    notebooks: Path
    frozen: ResultStore
    companions: tuple[Path, ...]
    fresh: ResultStore
    out: Path

    @classmethod
    def of(cls, folder: Path, definition: StudyDefinition, out: Path, quick: bool) -> _Places:
        table = definition.paper
        if not table:
            raise InputError(
                "this study has no blue paper", file=folder / FILE_NAME, column="paper", expected="a table [paper]"
            )
        return cls(
            texts=folder / table["texts"],
            notebooks=folder / table["notebooks"],
            frozen=ResultStore(folder.parent / "derived"),
            companions=tuple(folder / companion for companion in table.get("companions", [])),
            fresh=ResultStore(out / ("quick-results" if quick else "results")),
            out=out,
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
    freeze
        Make these results, notebooks, findings and papers the frozen ones of the repository.

    Raises
    ------
    InputError
        If a study, a text or a panel is wrong.
    DiagnosticsError
        If a fit does not pass its gates: then there is no paper.
    """
    places = _Places.of(folder, read_definition(folder), out, quick)
    remarks: list[str] = []
    analyses: list[Analysis] = []
    for study_folder in (folder, *places.companions):
        definition = read_definition(study_folder)
        panel = panels.get(definition.study.name)
        if panel is None and definition.panel.file is None and definition.panel.package is None:
            analyses.append(_frozen_instead(study_folder, definition, places))
            remarks.append(
                f"{definition.study.name}: no panel, so not computed; its frozen results are used "
                f"({definition.panel.obtain})"
            )
            continue
        (places.fresh.folder / definition.study.name / PANEL_ABSENT).unlink(missing_ok=True)
        analysis = Analysis.compute(
            study_folder, places.fresh, panel=panel, seed=seed, quick=quick, fresh=fresh, progress=progress
        )
        for name in analysis.possible:
            analysis.result(name)
        analyses.append(analysis)
    if freeze:
        _freeze_results(analyses, places)
    comparison = _compare(analyses, places)
    environment = {RESULTS_VARIABLE: str(places.fresh.folder.resolve())}
    _run_notebooks(places, places.out / "notebooks", environment, progress)
    papers = _build(analyses, places.texts, places.out / "reports", progress)
    if freeze:
        _run_notebooks(places, places.notebooks, {}, progress)
        for path in (places.out / "reports").rglob("*"):
            if path.is_file() and path.suffix not in {".png"}:
                target = places.texts / path.relative_to(places.out / "reports")
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, target)
    return Published(papers, comparison, remarks)


def _frozen_instead(folder: Path, definition: StudyDefinition, places: _Places) -> Analysis:
    """Open a study whose panel is absent on its frozen results, copied to stand beside the fresh ones."""
    name = definition.study.name
    for step in places.frozen.steps(name):
        places.fresh.copy_from(places.frozen, name, step)
    (places.fresh.folder / name / PANEL_ABSENT).touch()
    return Analysis(folder, definition, places.fresh)


def _freeze_results(analyses: list[Analysis], places: _Places) -> None:
    for analysis in analyses:
        if analysis.study is None:
            continue
        shutil.rmtree(places.frozen.folder / analysis.name, ignore_errors=True)
        for name in analysis.possible:
            places.frozen.copy_from(places.fresh, analysis.name, name)


def _compare(analyses: list[Analysis], places: _Places) -> pd.DataFrame:
    """Compare each computed result with its frozen one."""
    rows = []
    for analysis in analyses:
        if analysis.study is None:
            continue
        for name in analysis.possible:
            if not places.frozen.has(analysis.name, name):
                continue
            frozen = places.frozen.load(STEPS[name].result_class, analysis.name, name)
            summary = summarise(compare(analysis.result(name).estimates(), frozen.estimates()))
            same = places.frozen.manifest(analysis.name, name).key == places.fresh.manifest(analysis.name, name).key
            rows.append(
                {
                    "study": analysis.name,
                    "analysis": name,
                    "same inputs": same,
                    **summary,
                    "agrees": summary["agree"] == summary["quantities"],
                }
            )
    return pd.DataFrame(rows)


def _run_notebooks(places: _Places, target: Path, environment: dict[str, str], progress: Progress | None) -> None:
    """Execute the notebooks into ``target``, each only if it, the code or a result has changed since."""
    target.mkdir(parents=True, exist_ok=True)
    results = places.fresh if environment else places.frozen
    manifests = sorted(results.folder.glob(f"*/*/{MANIFEST}"))
    files = "".join(str(Manifest.read(path.parent).files) for path in manifests)
    common = files + hash_code("maternal_eval.publishing") + hash_packages()
    run = "frozen" if not environment else "fresh"
    stamps = {
        path: places.out / "notebooks" / f".{path.stem}.{run}" for path in sorted(places.notebooks.glob("*.ipynb"))
    }
    keys = {path: hash_bytes((hash_file(path) + common).encode()) for path in stamps}
    waiting = [
        path
        for path, stamp in stamps.items()
        if not (stamp.exists() and stamp.read_text() == keys[path] and (target / path.name).exists())
    ]
    execute_notebooks(waiting, target, environment, progress=progress)
    for path in waiting:
        # Executed in place, the notebook itself has changed: its stamp is that of what it is now.
        stamps[path].write_text(hash_bytes((hash_file(path) + common).encode()))


def _build(analyses: list[Analysis], texts: Path, out: Path, progress: Progress | None) -> list[Path]:
    findings = collect_findings(analyses)
    out.mkdir(parents=True, exist_ok=True)
    findings.write(out / "findings.json")
    collect_figures(analyses, out / "figures")
    return build_papers(texts, findings, out / "figures", out, progress=progress)
