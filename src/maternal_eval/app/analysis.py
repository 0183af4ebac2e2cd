"""A study with its results: computed once, stored, and read back — the one door for notebooks, verbs and papers."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from maternal_eval.app.door import Door
from maternal_eval.app.inspection import inspect, inspect_analyses, with_settings
from maternal_eval.app.models import Models
from maternal_eval.app.steps import DEFAULT_SEED, STEPS, Step, refuse, unmet, used
from maternal_eval.core.errors import InputError, MaternalEvalError, Problems
from maternal_eval.core.hashing import hash_bytes
from maternal_eval.core.progress import Progress
from maternal_eval.core.randomness import integer, named
from maternal_eval.results import Key, Result, ResultStore
from maternal_eval.results.provenance import hash_code, hash_packages, hash_settings
from maternal_eval.results.published import PUBLISHED, protect
from maternal_eval.study import Study, StudyDefinition, read_definition

PANEL_ABSENT = "panel-absent"
"""Name of the mark in a study's folder of a store: the panel was absent, and frozen results stand in."""

RESULTS_VARIABLE = "MATERNAL_EVAL_RESULTS"
"""Environment variable that points :meth:`Analysis.open` at another folder of stored results."""


@dataclass
class Analysis(Door, Models):
    """A study and its results.

    Either *computing* (``study`` is there: results are computed, stored and taken from the store while they are
    current) or *reading* (``study`` is None: stored results are read and held to their hashes, nothing is computed,
    and the panel need not be there). Without ``long_running`` the simulation studies over many replicates are not
    computed either: what is stored of them is read as it is.
    ``read_beside`` is the study of a *reading* one where a model has asked for its answers.

    ``left_out`` are analyses that the study allows and that were refused when they were computed, each with what was
    wrong (:mod:`maternal_eval.app.left_out`): they are not possible, and what may use them does without.
    """

    folder: Path
    definition: StudyDefinition
    store: ResultStore
    study: Study | None = None
    seed: int = DEFAULT_SEED
    quick: bool = False
    fresh: bool = False
    long_running: bool = True
    progress: Progress | None = None
    left_out: dict[str, MaternalEvalError] = field(default_factory=dict)
    read_beside: Study | None = field(default=None, repr=False)
    _known: dict[str, Result] = field(default_factory=dict, repr=False)

    @classmethod
    def open(cls, folder: str | Path) -> Analysis:
        """Open stored results for reading: the frozen ones, or those in the folder that the environment names."""
        path = Path(folder)
        results = os.environ.get(RESULTS_VARIABLE)
        return cls(path, read_definition(path), ResultStore(Path(results) if results else path.parent / "derived"))

    @classmethod
    def compute(
        cls,
        folder: str | Path,
        store: ResultStore,
        *,
        panel: str | Path | None = None,
        seed: int = DEFAULT_SEED,
        quick: bool = False,
        fresh: bool = False,
        long_running: bool = True,
        progress: Progress | None = None,
    ) -> Analysis:
        """Open a study for computing; ``fresh`` computes everything anew even where the store is current."""
        try:
            study = Study.read(folder, panel)
        except InputError as error:
            raise with_settings(Path(folder), error) from None
        problems = Problems()
        inspect_analyses(Path(folder), study.definition, problems)
        problems.refuse()
        return cls(Path(folder), study.definition, store, study, seed, quick, fresh, long_running, progress)

    @property
    def name(self) -> str:
        """Short name of the study."""
        return self.definition.study.name

    @property
    def possible(self) -> list[str]:
        """Names of the analyses that this study allows (computing) or that are stored (reading)."""
        if self.study is None:
            return [name for name in STEPS if self.store.has(self.name, name)]
        study, wanted = self.study, self.definition.study.analyses
        return [
            name
            for name, step in STEPS.items()
            if (name in wanted or not wanted)
            and name not in self.left_out
            and not unmet(step, study)
            and (self.computes(step) or self.store.has(self.name, name))
        ]

    def uses(self, step: Step) -> tuple[str, ...]:
        """Return the earlier analyses whose results ``step`` is given: what was left out is done without."""
        earlier = used(step, self.required_study)
        return tuple(name for name in earlier if name in step.uses or name not in self.left_out)

    def computes(self, step: Step) -> bool:
        """Whether a result of ``step`` is computed here, and not only read."""
        return self.study is not None and (self.long_running or not step.long_running)

    @property
    def origin(self) -> str:
        """One sentence on where the results come from."""
        if self.study is not None:
            return "The results are computed here from the panel, or taken from this machine's store while current."
        if (self.store.folder / self.name / PANEL_ABSENT).exists():
            return "THE PANEL IS ABSENT: nothing was fitted in this run, and the frozen results are shown instead."
        if os.environ.get(RESULTS_VARIABLE):
            return "The results are those of a fresh run."
        return "The results are the frozen ones, held to their hashes."

    def _result(self, name: str) -> Result:
        if name not in self._known:
            step = STEPS[name]
            found = self._obtain(step) if self.computes(step) else self.store.load(step.result_class, self.name, name)
            self._known[name] = found.in_words(self.definition.called)
        return self._known[name]

    def key(self, step: Step) -> Key:
        """Return what a result of ``step`` depends on; the keys of the results that it uses are part of its data."""
        study = self.required_study
        settings = step.settings_for(study, self.quick)
        seed = integer(self.seed_of(step))
        data = study.fingerprint
        if earlier := self.uses(step):
            data = hash_bytes("\n".join([data, *(repr(self.key(STEPS[name])) for name in earlier)]).encode())
        code = hash_code(f"{step.package}.compute", f"{step.package}.settings")
        if step.name in PUBLISHED:
            code = hash_bytes((code + hash_code("maternal_eval.results.published")).encode())
        shared = study.model_settings.of(getattr(settings, "model_parts", ()))
        return Key(data, hash_settings(settings, seed, shared), code, hash_packages())

    def seed_of(self, step: Step) -> np.random.SeedSequence:
        """Return the seed of an analysis."""
        return named(self.seed, f"{self.name}/{step.name}")

    def _obtain(self, step: Step) -> Result:
        study = self.required_study
        refuse(step, study)
        if step.name == "check":
            inspect(study)
        key = self.key(step)
        self.store.settle(study.name)
        if not self.fresh and (stored := self._stored(step, key)) is not None:
            return stored
        with self.store.locked(study.name, self.progress):
            # Another run may have computed it while this one waited.
            if not self.fresh and (stored := self._stored(step, key)) is not None:
                return stored
            settings = step.settings_for(study, self.quick)
            earlier = self.uses(step)
            more: dict[str, Any] = {"results": {name: self.result(name) for name in earlier}} if earlier else {}
            if step.resumable:
                more["kept"] = self.store.kept(study.name, step.name, key)
            result = step.compute(study, settings=settings, seed=self.seed_of(step), progress=self.progress, **more)
            result = protect(result, step.name, study)
            self.store.save(result, study.name, step.name, key, self.seed)
            # As it will be read from now on: what is shown does not depend on which run has computed it.
            return self.store.load(step.result_class, study.name, step.name)

    def _stored(self, step: Step, key: Key) -> Result | None:
        """Return the stored result if it is current and can be read; else it has to be computed."""
        if not self.store.is_current(self.name, step.name, key):
            return None
        try:
            return self.store.load(step.result_class, self.name, step.name)
        except InputError:
            return None

    @property
    def required_study(self) -> Study:
        """The study with its panel.

        Raises
        ------
        InputError
            If results are only read here.
        """
        if self.study is None:
            raise InputError("nothing can be computed here", file=self.folder, expected="an analysis with its panel")
        return self.study
