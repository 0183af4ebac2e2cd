"""How often does the schedule propose what it should not, and how large must a change be for it to be found?

The untouched test of the stage weights: their prior was chosen with the built-in truth in sight, the truths here are
others. Every replicate runs the analysis itself (mode, chains, correction) in a small design whose information per
weight is near that of the whole study (:class:`ProposalPowerSettings`); some replicates have the whole design.

The second condition of the schedule, the backtest, needs periods and is replaced by respondents held out
(:mod:`~maternal_eval.analyses.proposal_power.held_out`). Rates are given without and with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from maternal_eval.analyses.proposal_power.rates import rate_table
from maternal_eval.analyses.proposal_power.replicate import (
    DRAWN,
    HEAVIEST,
    LIGHTEST,
    RAISED,
    STATIC,
    Condition,
    ReplicateDesign,
    passed,
    replicate,
)
from maternal_eval.analyses.proposal_power.replicate import replicate_design as _design
from maternal_eval.analyses.schedule.settings import ScheduleSettings
from maternal_eval.analyses.stage_weights.anchor import anchor
from maternal_eval.analyses.stage_weights.design import build_design
from maternal_eval.analyses.stage_weights.result import StageWeightsResult
from maternal_eval.core.errors import DiagnosticsError
from maternal_eval.core.progress import Progress
from maternal_eval.core.randomness import named
from maternal_eval.methods.sampling import Gates, SamplerSettings, run_replicates
from maternal_eval.results import Result, used
from maternal_eval.study import Study
from maternal_eval.study.labels import study_labels

if TYPE_CHECKING:
    pass
from maternal_eval.analyses.proposal_power.result import ProposalPowerResult
from maternal_eval.analyses.proposal_power.settings import ProposalPowerSettings

WHOLE = "whole design"


QUARTER = "one quarter"


NOISY = "answers with error"


def conditions(settings: ProposalPowerSettings, panel_size: int) -> list[Condition]:
    """Return the conditions: truths and sizes."""
    small = partial(Condition, answers=settings.answers, whole=False)
    found = [
        small("static", STATIC, 1.0, replicates=settings.replicates),
        small("drawn", DRAWN, 1.0, replicates=settings.replicates),
    ]
    for effect in settings.effects:
        count = settings.replicates if effect == settings.stated_effect else settings.curve_replicates
        found.append(small(f"raised {effect:g}", RAISED, effect, replicates=count))
    for weight in (LIGHTEST, HEAVIEST):
        one = partial(Condition, truth=RAISED, effect=settings.stated_effect, weight=weight)
        name = f"raised {settings.stated_effect:g}, {weight}"
        found.append(one(name, answers=settings.answers, whole=False, replicates=settings.curve_replicates))
        if settings.whole_replicates:
            replicates = settings.whole_replicates
            found.append(one(f"{name}, {WHOLE}", answers=panel_size, whole=True, replicates=replicates))
    if settings.error_replicates:
        noisy = partial(small, replicates=settings.error_replicates, reliability=settings.reliability)
        found += [
            noisy(f"{truth}, {NOISY}{how}", truth, 1.0, corrected=bool(how))
            for truth in (STATIC, DRAWN)
            for how in ("", ", corrected")
        ]
    if settings.whole_replicates:
        whole = partial(Condition, whole=True, replicates=settings.whole_replicates)
        effect = settings.stated_effect
        found += [
            whole(f"static, {WHOLE}", STATIC, 1.0, answers=panel_size),
            *(whole(f"raised {one:g}, {WHOLE}", RAISED, one, answers=panel_size) for one in settings.whole_effects),
            whole(f"raised {effect:g}, {QUARTER}", RAISED, effect, answers=settings.quarter_answers),
        ]
    return found


def proposal_power(
    study: Study,
    settings: ProposalPowerSettings | None = None,
    seed: int | np.random.SeedSequence = 0,
    progress: Progress | None = None,
    *,
    results: Mapping[str, Result],
    kept: Path | None = None,
) -> ProposalPowerResult:
    """Run the simulation study of the schedule.

    Parameters
    ----------
    study
        Its panel gives the answers; its outcome is not looked at except for the shares of the categories.
    settings, seed, progress
        See :class:`ProposalPowerSettings`.
    results
        ``stage_weights`` of the study: slopes of the stages, prior and region of practical equivalence.
    kept
        Folder for finished replicates: see :func:`maternal_eval.methods.sampling.run_replicates`.
    """
    settings = settings or ProposalPowerSettings()
    fitted = used(results, "stage_weights", StageWeightsResult)
    equivalence, rule = float(fitted.settings["equivalence"]), ScheduleSettings()
    small, whole = replicate_designs(study, fitted, settings)
    run = partial(
        replicate,
        equivalence=equivalence,
        sampler=SamplerSettings(
            chains=2, tune=settings.tune, draws=settings.draws, target_accept=0.8, adaptation="diag"
        ),
        corrected=settings.corrected,
        gates=Gates(rhat=settings.rhat, bulk_ess=settings.bulk_ess, tail_ess=settings.bulk_ess),
    )
    rates, fits = [], []
    for condition in conditions(settings, len(study.panel)):
        design = whole if condition.whole else small
        found = run_replicates(
            partial(run, design=design, condition=condition),
            condition.replicates,
            seed=named(seed, condition.name),
            kept=None if kept is None else kept / condition.name.replace(" ", "-").replace(",", ""),
            conditions=repr((settings, fitted.settings, condition)),
            progress=progress,
            task=f"proposals: {condition.name}",
        )
        raised = (len(design.pool) - 1, design.place(condition))
        good = [one for one in found if passed(one)]
        if not good:
            raise DiagnosticsError(f"no replicate of {condition.name!r} passed the gates of its fit: take more answers")
        table = rate_table(good, design.static, raised, rule.credible, rule.margin)
        rates.append(_described(table, condition, design, len(good)))
        fits.append(_fit_row(np.array([one["fit"] for one in good]), condition))
    return ProposalPowerResult(
        rates=pd.concat(rates, ignore_index=True),
        fits=pd.DataFrame(fits),
        equivalence=equivalence,
        credible=rule.credible,
        labels=study_labels(study),
        settings=asdict(settings) | {"effects": list(settings.effects), "whole_effects": list(settings.whole_effects)},
        study=study.name,
        simulated=study.simulated,
    )


def replicate_designs(
    study: Study, fitted: StageWeightsResult, settings: ProposalPowerSettings
) -> tuple[ReplicateDesign, ReplicateDesign]:
    """Return the small and the whole design of a study's replicates."""
    priors = study.model_settings.stage_weights
    design = build_design(study, study.outcomes[fitted.outcome])
    start = anchor(study, design, None, priors.shift_scale)
    slopes = fitted.stages["mean"].to_numpy()
    make = partial(_design, design.answers, slopes, start, study.stages_ordered, priors.step_median)
    small = make(stages=min(settings.stages, len(study.stages)), per_dimension=settings.per_dimension)
    return small, make()


def _described(table: pd.DataFrame, condition: Condition, design: ReplicateDesign, count: int) -> pd.DataFrame:
    weight = design.static[design.place(condition)]
    ratio = condition.effect / (1.0 + (condition.effect - 1.0) * weight) if condition.truth == RAISED else np.nan
    return table.assign(
        condition=condition.name,
        truth=condition.truth,
        effect=condition.effect,
        true_ratio=ratio,
        answers=condition.answers,
        indicators=design.prior.indicators,
        whole=condition.whole,
        replicates=count,
    )


def _fit_row(fit: np.ndarray, condition: Condition) -> dict[str, Any]:
    return {
        "condition": condition.name,
        "rhat": fit[:, 0].max(),
        "bulk_ess": fit[:, 1].min(),
        "pareto_k": fit[:, 2].max(),
        "failed": condition.replicates - len(fit),
        "replicates": condition.replicates,
    }
