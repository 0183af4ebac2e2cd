"""The analyses as a table: one row each, so that a new analysis is one more row."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from maternal_eval.core.errors import InputError, Problems
from maternal_eval.core.remarks import Remark, remark

if TYPE_CHECKING:
    from maternal_eval.results import Result
    from maternal_eval.study import ModelSettings, Study, StudyDefinition

# The command line reads this table before it knows whether anything is computed: so nothing heavy is imported here.

DEFAULT_SEED = 2024
"""Seed of everything random, unless another is given."""


@dataclass(frozen=True)
class Step:
    """An analysis: where it lives, what it needs, and what a study must have for it.

    ``function`` in the module ``compute`` of its package does the analysis; ``classes`` begins the names of the
    classes of its settings and its result. ``notebook`` derives its results on the built-in study. ``home`` is its
    package where that is not the folder of its name.

    ``question_en`` is asked in the words of the study (:mod:`maternal_eval.core.words`). ``requires`` names what the
    study must have (rows of ``REQUIREMENTS`` in ``app/requirements.py``). The package is imported only when the
    analysis runs, so that the command line starts fast. ``long_running`` marks a simulation study over many
    replicates: its own verb and ``paper --long`` compute it, the main job otherwise shows the frozen result. ``uses``
    names earlier analyses whose results the function is given as ``results`` (name → result); those of ``may_use``
    too, where the study allows them. The function of a ``resumable`` one is given a folder ``kept`` for what is
    finished, and takes up what it finds there. ``counts_suffice`` where nothing but counts is taken from the panel:
    then it may hold counts, or be too large to be read.
    """

    name: str
    verb: str
    question_en: str
    function: str
    classes: str
    notebook: str = ""
    requires: tuple[str, ...] = ()
    long_running: bool = False
    uses: tuple[str, ...] = ()
    may_use: tuple[str, ...] = ()
    resumable: bool = False
    counts_suffice: bool = False
    home: str = ""

    @property
    def package(self) -> str:
        """The package of the analysis: a folder with settings, compute, result, figures and report."""
        return self.home or f"maternal_eval.analyses.{self.name}"

    def _load(self, module: str, attribute: str) -> Any:
        return getattr(importlib.import_module(f"{self.package}.{module}"), attribute)

    @property
    def compute(self) -> Callable[..., Result]:
        """The function that does the analysis."""
        return self._load("compute", self.function)

    @property
    def settings_class(self) -> Any:
        """The class of its settings."""
        return self._load("settings", f"{self.classes}Settings")

    @property
    def result_class(self) -> type[Result]:
        """The class of its result."""
        return self._load("result", f"{self.classes}Result")

    def settings_for(self, study: Study, quick: bool) -> Any:
        """Return the settings: the defaults (or the quick ones), with what study.toml sets for this analysis.

        Raises
        ------
        InputError
            If ``[analysis.NAME]`` in study.toml has a key that the analysis does not know or that belongs into
            ``[model]``, or names something that the study does not have (for settings with a method ``check(study)``).
        """
        from maternal_eval.core.ranges import placed
        from maternal_eval.study.definition import FILE_NAME

        problems = Problems()
        checked = self.validated(study.folder, study.definition, study.model_settings, quick, problems)
        if hasattr(checked, "check") and not problems.found:
            try:
                checked.check(study)
            except InputError as error:
                problems.found.append(placed(error, study.folder / FILE_NAME, f"analysis.{self.name}"))
        problems.refuse()
        return checked

    def validated(
        self, folder: Path, definition: StudyDefinition, shared: ModelSettings, quick: bool, problems: Problems
    ) -> Any:
        """Return the settings with those that study.toml gives, not yet held to the study; gather what is wrong.

        Chains and gates that ``[model]`` states for all fits stand in place of this analysis' own defaults.
        """
        from maternal_eval.app.given import with_given

        defaults = self.settings_class.quick() if quick else self.settings_class()
        return with_given(self.name, defaults, folder, definition, shared, problems)


REAL_DATA_NOTEBOOK = "02_real_data"
"""The notebook that derives the results of studies with real data."""

MEASUREMENT_NOTEBOOK = "04_measurement"
"""The notebook on what is measured: sources, structure, drivers, shapes and the users' own weights."""

STEPS = {
    step.name: step
    for step in (
        Step(
            "check",
            "check",
            "Is the study whole, and what does it hold?",
            "summarise_study",
            "Check",
            "01_evaluation_model",
            counts_suffice=True,
        ),
        Step(
            "claims",
            "claims",
            "Do the published figures agree with each other?",
            "audit_claims",
            "Claims",
            "03_published_figures",
            requires=("claims", "checks"),
            counts_suffice=True,
        ),
        Step(
            "weights",
            "weights",
            "Which weights do the experts give, and do they agree?",
            "compute_weights",
            "Weights",
            "01_evaluation_model",
            requires=("indicators",),
            counts_suffice=True,
        ),
        Step(
            "kano",
            "kano",
            "Which class is each indicator, and do the answers confirm it?",
            "analyse_kano",
            "Kano",
            "01_evaluation_model",
            requires=("Kano answers",),
            counts_suffice=True,
        ),
        Step(
            "scores",
            "score",
            "How do {platforms} and {stages} score?",
            "score_study",
            "Scores",
            "01_evaluation_model",
            requires=("indicators",),
            counts_suffice=True,
        ),
        Step(
            "importance",
            "importance",
            "Do the weights act as stated, and what hangs on them?",
            "analyse_importance",
            "Importance",
            "01_evaluation_model",
            requires=("indicators", "weights to vary"),
            counts_suffice=True,
        ),
        Step(
            "agreement",
            "agreement",
            "Do several sources say the same, and do items follow what was logged?",
            "analyse_agreement",
            "Agreement",
            MEASUREMENT_NOTEBOOK,
            requires=("sources or log",),
        ),
        Step(
            "instrument",
            "instrument",
            "Do the items measure what they should, and the same in everybody?",
            "analyse_instrument",
            "Instrument",
            MEASUREMENT_NOTEBOOK,
            requires=("several ordered items",),
        ),
        Step(
            "drivers",
            "drivers",
            "Which indicators drive the outcome, and what would raising one bring?",
            "find_drivers",
            "Drivers",
            MEASUREMENT_NOTEBOOK,
            requires=("several indicators", "outcomes", "ordered outcome"),
        ),
        Step(
            "shapes",
            "shapes",
            "Does the outcome follow each indicator as its Kano class says?",
            "find_shapes",
            "Shapes",
            MEASUREMENT_NOTEBOOK,
            requires=("graded indicators", "outcomes", "ordered outcome"),
        ),
        Step(
            "user_weights",
            "user-weights",
            "What do the answers alone weigh, and do the experts agree?",
            "find_user_weights",
            "UserWeights",
            MEASUREMENT_NOTEBOOK,
            requires=("indicators", "weights to vary", "outcomes", "ordered outcome"),
        ),
        Step(
            "backtest",
            "backtest",
            "Does the model predict the next year?",
            "run_backtest",
            "Backtest",
            "05_backtest",
            requires=("outcomes", "test period"),
            counts_suffice=True,
        ),
        Step(
            "sensitivity",
            "sensitivity",
            "Which weights and which indicator move the verdict?",
            "run_sensitivity",
            "Sensitivity",
            "06_sensitivity",
            requires=("indicators", "weights to vary"),
        ),
        Step(
            "satisfaction",
            "satisfaction",
            "How satisfied is each {full stage}, and since when?",
            "fit_satisfaction",
            "Satisfaction",
            "07_satisfaction",
            requires=("outcomes", "ordered outcome"),
            counts_suffice=True,
        ),
        Step(
            "items",
            "items",
            "How is each item and dimension answered by {full stage}, and what do published scores imply?",
            "fit_items",
            "Items",
            "07_satisfaction",
            requires=("indicators", "items to fit"),
            counts_suffice=True,
        ),
        Step(
            "calibration",
            "calibration",
            "Does the satisfaction model find what was put in?",
            "calibrate_satisfaction",
            "Calibration",
            "07_satisfaction",
            requires=("outcomes", "stages", "ordered outcome"),
            uses=("satisfaction",),
            long_running=True,
            resumable=True,
            counts_suffice=True,
        ),
        Step(
            "stage_weights",
            "stage-weights",
            "How do the weights differ between {full stages}?",
            "fit_stage_weights",
            "StageWeights",
            "08_stage_weights",
            requires=("indicators", "outcomes", "stages", "ordered outcome"),
        ),
        Step(
            "schedule",
            "schedule",
            "Which weights should move, and how fast?",
            "propose_schedule",
            "Schedule",
            "08_stage_weights",
            uses=("stage_weights", "backtest"),
        ),
        Step(
            "proposal_power",
            "proposal-power",
            "How often is a change proposed that is none, and how large must one be to be found?",
            "proposal_power",
            "ProposalPower",
            "08_stage_weights",
            requires=("simulated panel",),
            uses=("stage_weights",),
            long_running=True,
            resumable=True,
        ),
        Step(
            "explorer",
            "explorer",
            "How would the {platforms} stand under other weights?",
            "prepare_explorer",
            "Explorer",
            requires=("platforms",),
            uses=("stage_weights", "schedule"),
        ),
        Step(
            "whatif",
            "whatif",
            "What would an intervention change?",
            "what_if",
            "WhatIf",
            "09_what_if",
            requires=("indicators", "outcomes", "scenarios"),
            may_use=("stage_weights",),
        ),
        Step(
            "review",
            "review",
            "When would the quarterly review notice a fall?",
            "simulate_review",
            "Review",
            "09_what_if",
            requires=("indicators",),
            counts_suffice=True,
        ),
        Step(
            "topics",
            "topics",
            "Which topics of the feedback come up, and how late would a rise be noticed?",
            "find_emerging_topics",
            "Topics",
            "09_what_if",
            requires=("topic counts",),
            counts_suffice=True,
        ),
    )
}
"""Every analysis by name, in the order of the argument."""


def lacks(step: Step, study: Study) -> list[Remark]:
    """Return what ``study`` lacks for ``step``, in both languages; empty if nothing."""
    from maternal_eval.app.requirements import REQUIREMENTS

    lacking: list[Remark] = []
    if study.counted is not None and not step.counts_suffice:
        lacking.append(remark(*study.counted.joint))
    for name in step.requires:
        # Without any outcome there is no first one to ask about.
        if (name == "ordered outcome" and not study.outcomes) or REQUIREMENTS[name][0](study):
            continue
        lacking.append(study.words.remark(*REQUIREMENTS[name][1:]))
    for name in step.uses:
        lacking += [words for words in lacks(STEPS[name], study) if words not in lacking]
    return lacking


def unmet(step: Step, study: Study) -> list[str]:
    """Return what ``study`` lacks for ``step``, in English words; empty if nothing."""
    return [one["en"] for one in lacks(step, study)]


def refuse(step: Step, study: Study) -> None:
    """Refuse an analysis that the study does not allow.

    Raises
    ------
    InputError
        With what the study lacks first, and the line of study.toml that would mend it where one line may.
    """
    lacking = unmet(step, study)
    if not lacking:
        return
    from maternal_eval.app.requirements import MENDS, REQUIREMENTS

    named = {study.words.fill(words, "en"): name for name, (_, words, _) in REQUIREMENTS.items()}
    found = "one" if named.get(lacking[0]) == "stages" and study.stages else "none"
    raise InputError(
        f"{step.verb!r} cannot be computed for study {study.name!r}",
        found=found,
        expected=lacking[0],
        mend=MENDS.get(named.get(lacking[0], "")),
    )


def used(step: Step, study: Study) -> tuple[str, ...]:
    """Return the names of the earlier analyses whose results ``step`` is given on ``study``."""
    return (*step.uses, *(name for name in step.may_use if not unmet(STEPS[name], study)))
