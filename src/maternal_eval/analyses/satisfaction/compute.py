"""Fitting the satisfaction model to a study."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd
import xarray as xr

from maternal_eval.analyses.satisfaction.cells import cell_counts
from maternal_eval.analyses.satisfaction.margins import unheard_factor
from maternal_eval.analyses.satisfaction.model_checks import (
    calibration_check,
    comparison_check,
    design_checks,
    leave_one_out_check,
    predictive_check,
    prior_check,
    sensitivity_check,
    transform_check,
)
from maternal_eval.analyses.satisfaction.poststratification import (
    cell_shares,
    composition_table,
    pooled_probabilities,
    predicted_share,
)
from maternal_eval.analyses.satisfaction.predictive import (
    calibration_table,
    predictive_table,
    prior_table,
    transform_table,
)
from maternal_eval.analyses.satisfaction.remarks import fit_remarks
from maternal_eval.analyses.satisfaction.result import SatisfactionResult
from maternal_eval.analyses.satisfaction.settings import SatisfactionSettings
from maternal_eval.analyses.satisfaction.standardised import with_standardised
from maternal_eval.core.checks import Check, check_table, require_checks
from maternal_eval.core.intervals import KIND, PROBABILITY
from maternal_eval.core.progress import Progress, report
from maternal_eval.core.randomness import generator as generator_of
from maternal_eval.core.randomness import named
from maternal_eval.methods.ordinal import summaries
from maternal_eval.methods.ordinal.factors import (
    Factor,
    exchangeable_basis,
    interaction_basis,
    nested_basis,
    parent_of,
    random_walk_basis,
)
from maternal_eval.methods.ordinal.families import family_named
from maternal_eval.methods.ordinal.leave_one_out import compare_models, leave_one_out
from maternal_eval.methods.ordinal.model import SatisfactionModel
from maternal_eval.methods.ordinal.power_scaling import sensitivity_table
from maternal_eval.methods.ordinal.summaries import ALL
from maternal_eval.methods.sampling import Diagnostics, SampledSettings, judge, parameters_of, require, sample
from maternal_eval.study import Outcome, Study
from maternal_eval.study.counts import number_of_rows, respondents
from maternal_eval.study.groups import EVERYONE, ONE_GROUP
from maternal_eval.study.labels import answer_labels_of
from maternal_eval.study.model_settings import OrdinalPriors

DEGREES = 3.0
"""Degrees of freedom of the prior scales unless the study states others: effects five times as large are rare."""


def build_model(cells: xr.Dataset, priors: OrdinalPriors, stages_ordered: bool) -> SatisfactionModel:
    """Return the posterior density for counts by cell.

    Parameters
    ----------
    cells
        What :func:`maternal_eval.analyses.satisfaction.cells.cell_counts` returned.
    priors
        Family and prior scales.
    stages_ordered
        Whether stages follow each other (random walk) or not (exchangeable).
    """
    stage, period = cells["stage_index"].to_numpy(), cells["period_index"].to_numpy()
    stages, periods = cells.sizes["stage"], cells.sizes["period"]
    counts = cells["effective"].to_numpy()
    has_answers = np.bincount(period, counts.sum(axis=1), minlength=periods) > 0
    over_stages = random_walk_basis(range(stages)) if stages_ordered else exchangeable_basis(stages)
    over_periods = random_walk_basis(cells["period_step"].to_numpy().tolist(), has_answers)
    factors = [
        Factor("stage", over_stages, stage, priors.stage_scale),
        Factor("period", over_periods, period, priors.period_scale),
        Factor(
            "stage_period",
            interaction_basis(exchangeable_basis(stages), over_periods),
            stage * periods + period,
            priors.stage_period_scale,
        ),
    ]
    for segment in segments_of(cells):
        parent = _parent(cells, segment)
        basis = exchangeable_basis(cells.sizes[segment]) if parent is None else nested_basis(parent)
        factors.append(Factor(segment, basis, cells[f"{segment}_index"].to_numpy(), priors.segment_scale))
    departures = unheard_factor(cells, priors.segment_scale)
    factors += [] if departures is None else [departures]
    unit = family_named(priors.family).unit
    factors = [replace(factor, scale=unit * factor.scale) for factor in factors]
    scale_basis = exchangeable_basis(stages)
    return SatisfactionModel(
        counts=counts,
        stage=stage,
        factors=tuple(factor for factor in factors if factor.basis.shape[1]),
        # The scale of two answers cannot be told from their location.
        scale_basis=scale_basis if counts.shape[1] > 2 else scale_basis[:, :0],
        scale_prior=priors.latent_scale,
        degrees=DEGREES if priors.degrees is None else priors.degrees,
        family_name=priors.family,
    )


def _parent(cells: xr.Dataset, segment: str) -> np.ndarray | None:
    """Return which level of another segment each level of ``segment`` belongs to, if it divides one."""
    child = cells[f"{segment}_index"].to_numpy()
    for other in segments_of(cells):
        if other != segment:
            parent = parent_of(child, cells[f"{other}_index"].to_numpy(), cells.sizes[segment])
            if parent is not None:
                return parent
    return None


def segments_of(cells: xr.Dataset) -> tuple[str, ...]:
    """Return the segments that make the cells."""
    return tuple(str(name) for name in cells.coords if name not in ("answer", "stage", "period"))


class CellFit(NamedTuple):
    """Chains that kept their gates, and what they say of stages and periods.

    Attributes
    ----------
    x
        Draws of the parameters (chain, draw, parameter).
    pooled, scores
        Answer probabilities of stages and periods, and expected answers.
    diagnostics
        Of the parameters and of the expected answers.
    """

    x: np.ndarray
    pooled: xr.Dataset
    scores: xr.Dataset
    diagnostics: Diagnostics


def fit_cells(
    model: SatisfactionModel,
    cells: xr.Dataset,
    share: np.ndarray,
    settings: SampledSettings,
    *,
    seed: np.random.SeedSequence,
    what: str,
    progress: Progress | None = None,
) -> CellFit:
    """Sample the model of cells, pool the cells by their shares, and hold both to the gates.

    Raises
    ------
    DiagnosticsError
        If the chains do not pass the gates; the sentence says of ``what``.
    """
    tree = sample(model, seed=seed, settings=settings.sampler, progress=progress, task=f"fitting {what}")
    x = parameters_of(tree)
    pooled = pooled_probabilities(model, x, cells, share)
    scores = summaries.expected_answers(pooled)
    reported = xr.Dataset({"score": scores["by_stage"]})
    return CellFit(x, pooled, scores, require(judge(tree, reported, settings.gates, parameters=True), what))


def fit_satisfaction(
    study: Study,
    *,
    settings: SatisfactionSettings,
    seed: int | np.random.SeedSequence,
    outcome: Outcome | None = None,
    periods: Sequence[int] | None = None,
    forecast: Sequence[int] = (),
    progress: Progress | None = None,
) -> SatisfactionResult:
    """Fit the cumulative model of one outcome by stage and period.

    The estimand is the mean answer (and the distribution of answers) of the respondents of a stage in a period, as they
    are composed of segments: the model's answer probabilities of each cell, averaged with the survey-weighted
    shares of the cells in the stage and period (poststratification), or with those shares raked to stated
    population margins. A period without answers takes the composition of the stage in the other periods.

    Parameters
    ----------
    study
        The study.
    settings
        Margins and length of the chains; the priors are those of the study.
    seed
        Seed of the chains and of the replicated answers.
    outcome
        An outcome with ordered categories; the primary one if None.
    periods
        Periods whose answers are used; all if None.
    forecast
        Further periods to be predicted; their answers are never looked at.
    progress
        Listener.

    Raises
    ------
    InputError
        If the outcome cannot be modelled or nothing is left to fit.
    DiagnosticsError
        If the chains do not pass the gates.
    """
    outcome = outcome or study.primary_outcome
    segments = model_segments(study) if settings.segments is None else settings.segments
    cells = cell_counts(study, outcome, segments, periods, forecast, settings.margins)
    share = cell_shares(cells, settings.margins)
    priors = study.model_settings.ordinal
    model = build_model(cells, priors, study.stages_ordered)
    what = f"{outcome.name} by stage"
    x, pooled, scores, diagnostics = fit_cells(
        model, cells, share, settings, seed=named(seed, "chains"), what=what, progress=progress
    )
    generator = generator_of(named(seed, "replicated answers"))
    score_table = summaries.score_table(pooled, scores, cells)
    if settings.margins:
        score_table["predicted"] = predicted_share(cells, share)
    changes = with_standardised(summaries.change_table(scores, cells), model, x, cells, share)
    predictive = predictive_table(model, x, cells, settings.kept_draws, generator)
    report(progress, f"checking {what}", 0, 2)
    left_out = leave_one_out(model, x, cells)
    transform = transform_table(left_out, cells)
    calibration = calibration_table(model, x, cells)
    gates = [predictive_check(predictive, study.words), transform_check(transform, study.words)]
    require_checks(gates, what)
    prior = prior_table(model, x, cells, share, generator)
    sensitivity = sensitivity_table(model, x, _quantities(scores, changes))
    report(progress, f"checking {what}", 1, 2)
    comparison = compare_models(
        model, left_out, cells, settings.alternatives, settings.short_sampler, named(seed, "alternatives")
    )
    report(progress, f"checking {what}", 2, 2)
    latest = score_table[score_table["period"] == score_table["period"].max()].set_index("stage")["observed"]
    checks = [
        *diagnostics.checks(),
        *gates,
        calibration_check(calibration),
        prior_check(prior, latest, study.words),
        sensitivity_check(sensitivity),
        leave_one_out_check(left_out),
        *filter(None, [comparison_check(comparison)]),
        *design_checks(cells),
        *_repeated(study),
    ]
    labels = _labels(study, outcome)
    return SatisfactionResult(
        study=study.name,
        simulated=study.simulated,
        outcome=outcome.name,
        labels=labels,
        stages_ordered=study.stages_ordered,
        has_periods=bool(study.periods),
        forecast=[int(period) for period in forecast],
        family=priors.family,
        segments=list(segments),
        estimand=_estimand(study, bool(settings.margins)),
        probability=PROBABILITY,
        interval_kind=KIND,
        settings=study.model_settings.beside(settings),
        answers=int(cells.attrs["answers"]),
        left_out=int(cells.attrs["left_out"]),
        cells=int((cells["answers"].sum("answer") > 0).sum()),
        effective=float(cells["effective"].sum()),
        scores=score_table,
        probabilities=summaries.probability_table(pooled),
        changes=changes,
        compositions=composition_table(model, x, cells, settings.margins),
        parameters=summaries.parameter_table(model, x, cells, generator),
        predictive=predictive,
        transform=transform,
        calibration=calibration,
        prior=prior,
        sensitivity=sensitivity,
        comparison=comparison,
        checks=check_table(checks),
        posterior=summaries.thinned(pooled, settings.kept_draws),
        remarks=fit_remarks(
            cells,
            share,
            settings.margins,
            priors.segment_scale,
            forecast,
            has_periods=bool(study.periods),
            words=study.words,
            labels=labels,
        ),
    )


def model_segments(study: Study) -> tuple[str, ...]:
    """Return the segments of the model unless settings name others: the study's, and the platform if any."""
    platform = ("platform",) if study.has_platforms and "platform" not in study.segments else ()
    return (*study.segments, *platform)


def _quantities(scores: xr.Dataset, changes: pd.DataFrame) -> xr.Dataset:
    """Return the draws of the scores of the last period and of their changes, one variable each."""
    found = {}
    for name, variable in [*((str(stage), "by_stage") for stage in scores["stage"].values), (ALL, "overall")]:
        path = scores[variable] if name == ALL else scores[variable].sel(stage=name, drop=True)
        found[f"score {name}"] = path.isel(period=-1, drop=True)
        if len(changes):
            first, last = changes["first"].iloc[0], changes["last"].iloc[0]
            found[f"change {name}"] = path.sel(period=last, drop=True) - path.sel(period=first, drop=True)
    return xr.Dataset(found)


def _repeated(study: Study) -> list[Check]:
    """Say so where respondents of a panel that is only counted answered more than once: no design effect is known."""
    if study.counted is None:
        return []
    found = []
    if clusters := study.definition.columns.clusters:
        names = " and ".join(clusters)
        text = f"answers that share {names} are taken for independent, because the panel is only counted"
        found.append(Check(f"answers per {names}", "informational", float("nan"), None, text))
    people, answers = respondents(study), number_of_rows(study)
    if people is None or people == answers:
        return found
    text = (
        f"answers by about {people} respondents are taken for independent, because the panel is only counted: "
        "intervals are too narrow if people differ"
    )
    return [*found, Check("answers per respondent", "informational", answers / people, None, text)]


def _labels(study: Study, outcome: Outcome) -> dict[str, dict[str, str]]:
    labels = study.timeline.names()
    labels |= {level.name: {"en": level.name_en, "zh": level.name_zh} for level in study.stage_levels}
    labels |= {EVERYONE: {"en": ONE_GROUP.name_en, "zh": ONE_GROUP.name_zh}} if not study.stages else {}
    labels["all"] = study.words.remark("all {stages}", "全部{stage}")
    labels[outcome.name] = {"en": outcome.name_en, "zh": outcome.name_zh}
    return labels | answer_labels_of(study, outcome.name)


def _estimand(study: Study, with_margins: bool) -> str:
    population = "raked to the stated population margins" if with_margins else "composed as in the weighted sample"
    text = "mean answer of the {respondents} of {a stage} in a period, " + population
    return study.words.fill(text, "en")
