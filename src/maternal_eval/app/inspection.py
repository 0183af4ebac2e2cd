"""Everything in a study folder that an analysis would refuse, found in one pass and before any of them runs."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

from maternal_eval.app.steps import STEPS, unmet
from maternal_eval.core.errors import InputError, Problems
from maternal_eval.study import FILE_NAME, Study, StudyDefinition, read_definition
from maternal_eval.study.model_settings import read_model_settings


def inspect(study: Study) -> None:
    """Read settings, scenarios, experts, Kano answers, ledger and checks as strictly as the analyses do.

    Raises
    ------
    InputError
        With everything that is wrong.
    """
    problems, definition = Problems(), study.definition
    _inspect_names(study.folder, definition, problems)
    for step in STEPS.values():
        if not study.settings(step.name):
            continue
        with problems.gathered():
            if unmet(step, study):
                step.validated(study.folder, definition, study.model_settings, False, problems)
            else:
                step.settings_for(study, quick=False)
    # Modules are loaded only for what is there: a small study is checked in a moment.
    if study.experts is not None:
        with problems.gathered():
            settings = _load("analyses.weights.settings", "WeightsSettings").of(study)
            _load("analyses.weights.posterior", "study_rounds")(study, settings)
    if study.kano_answers is not None:
        with problems.gathered():
            _load("analyses.kano.answers", "read_answers")(study, STEPS["kano"].settings_for(study, quick=False).like)
    files = definition.files
    if files.claims is not None:
        with problems.gathered():
            ledger = _load("analyses.claims.ledger", "Ledger").read(study.folder / files.claims)
            if files.checks is not None:
                _load("analyses.claims.audit", "read_checks")(study.folder / files.checks, ledger)
    if definition.paper is not None and definition.paper.evidence is not None:
        with problems.gathered():
            _load("app.real_evidence", "evidence_of")(study.folder, definition)
    problems.refuse()


def with_settings(folder: Path, error: InputError) -> InputError:
    """Return an error of reading a study together with what is wrong with the settings in its study.toml."""
    problems = Problems()
    with problems.gathered():
        raise error
    try:
        definition = read_definition(folder)
    except InputError:
        return error
    _inspect_names(folder, definition, problems)
    shared = read_model_settings(folder, definition.model, problems)
    for step in STEPS.values():
        if definition.analysis.get(step.name):
            with problems.gathered():
                step.validated(folder, definition, shared, False, problems)
    try:
        problems.refuse()
    except InputError as everything:
        return everything
    return error


def inspect_analyses(folder: Path, definition: StudyDefinition, problems: Problems) -> None:
    """Add a refusal for every analysis that study.toml names or sets something for and that there is not."""
    place, known = {"file": folder / FILE_NAME}, "some of " + ", ".join(STEPS)
    for name in definition.study.analyses:
        if name not in STEPS:
            problems.add("unknown analysis", **place, column="study.analyses", found=name, expected=known)
    for name in definition.analysis:
        if name not in STEPS:
            problems.add("unknown key", **place, column=f"analysis.{name}", expected=known)


def _inspect_names(folder: Path, definition: StudyDefinition, problems: Problems) -> None:
    inspect_analyses(folder, definition, problems)
    files = definition.files
    if files.checks is not None and files.claims is None:
        problems.add(
            "checks of published figures need the ledger",
            file=folder / FILE_NAME,
            column="files.claims",
            found="none",
            mend='claims = "claims.csv" in [files]',
        )
    if definition.paper is not None:
        for key, path in (("texts", definition.paper.texts), ("notebooks", definition.paper.notebooks)):
            if not (folder / path).is_dir():
                problems.add("there is no such folder", file=folder / FILE_NAME, column=f"paper.{key}", found=path)


def _load(module: str, name: str) -> Any:
    return getattr(importlib.import_module(f"maternal_eval.{module}"), name)
