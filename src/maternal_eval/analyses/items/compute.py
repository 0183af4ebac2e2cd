"""The satisfaction model on single items and on dimensions: many fits, one compiled density.

The density is a C function that is compiled once for all; an item is other counts, handed to it as data. Each fit has
to keep the gates of the satisfaction model, or nothing is shown of any.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import xarray as xr

from maternal_eval.analyses.claims.ledger import Ledger
from maternal_eval.analyses.claims.rounding import rounding_interval
from maternal_eval.analyses.items.dimensions import ITEM, dimension_outcome
from maternal_eval.analyses.items.implied import attainable_share, implied_probabilities, remaining_mean
from maternal_eval.analyses.items.outcomes import indicator_outcome
from maternal_eval.analyses.items.result import ItemsResult
from maternal_eval.analyses.items.settings import ItemsSettings, PublishedScore, ledger_of
from maternal_eval.analyses.satisfaction.cells import cell_counts
from maternal_eval.analyses.satisfaction.compute import build_model, fit_cells
from maternal_eval.analyses.satisfaction.model_checks import predictive_check
from maternal_eval.analyses.satisfaction.poststratification import cell_shares, stage_shares
from maternal_eval.analyses.satisfaction.predictive import predictive_table
from maternal_eval.analyses.satisfaction.remarks import fit_remarks
from maternal_eval.core.checks import check_table, require_checks
from maternal_eval.core.intervals import KIND, PROBABILITY, interval
from maternal_eval.core.progress import Progress
from maternal_eval.core.randomness import generator, named
from maternal_eval.core.remarks import Remark, remark
from maternal_eval.methods.ordinal import summaries
from maternal_eval.methods.ordinal.summaries import ALL
from maternal_eval.study import Outcome, Study
from maternal_eval.study.groups import EVERYONE, ONE_GROUP

ITEM_KIND, DIMENSION_KIND, OUTCOME_KIND = "item", "dimension", "outcome"
"""What was fitted: an indicator, a dimension, or the primary outcome (for its thresholds alone)."""

LOWEST = 2
"""Implied shares are those of this many lowest and highest answers (of one where there are fewer than four)."""

_REPLICATES = 400


@dataclass(frozen=True)
class Task:
    """One fit: what is counted and how it is composed."""

    kind: str
    outcome: Outcome
    cells: xr.Dataset
    margins: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


@dataclass(frozen=True)
class _Fit:
    """One finished fit: thresholds (chain, draw, K - 1) and latent scales (chain, draw, stage) beside the tables."""

    task: Task
    thresholds: np.ndarray
    spread: np.ndarray
    scores: pd.DataFrame
    changes: pd.DataFrame
    checks: pd.DataFrame


def fit_items(
    study: Study,
    *,
    settings: ItemsSettings,
    seed: int | np.random.SeedSequence,
    progress: Progress | None = None,
) -> ItemsResult:
    """Fit the cumulative model to each chosen indicator and to each dimension, and read published scores with it.

    Parameters
    ----------
    study
        The study. Its items are counted, and what cannot be counted is refused, before anything is sampled.
    settings
        Which items, how long, and which published scores.
    seed
        Seed of the chains: each item has its own, whatever else is fitted.
    progress
        Listener.

    Raises
    ------
    InputError
        If a setting names what the study does not have, or all answers to an item are equal.
    DiagnosticsError
        If a fit does not pass the gates: the sentence names the item.
    """
    settings.check(study)
    fits = [_fit(task, study, settings, seed, progress) for task in tasks_of(study, settings)]
    shown = [fit for fit in fits if fit.task.kind != OUTCOME_KIND]
    ledger = ledger_of(study)
    by_name = {fit.task.outcome.name: fit for fit in fits}
    return ItemsResult(
        study=study.name,
        simulated=study.simulated,
        labels=_labels(study, fits),
        items=[{"kind": fit.task.kind, "name": fit.task.outcome.name} for fit in shown],
        has_periods=bool(study.periods),
        scale=[float(shown[0].task.cells["answer"].values[place]) for place in (0, -1)],
        probability=PROBABILITY,
        interval_kind=KIND,
        settings=study.model_settings.beside(settings),
        scores=_together(shown, "scores"),
        changes=_together(shown, "changes"),
        checks=_together(fits, "checks"),
        implied=_implied_table(study, settings.published, ledger, by_name),
        remaining=_remaining_table(study, settings.published, ledger),
        remarks=_remarks(study, shown, study.model_settings.ordinal.segment_scale),
    )


def _remarks(study: Study, fits: list[_Fit], scale: float) -> list[Remark]:
    """Return the remarks on all fits; each that belongs to one names its item or dimension."""
    found, labels = [], _labels(study, fits)
    for fit in fits:
        cells, margins = fit.task.cells, fit.task.margins
        about = fit_remarks(
            cells,
            cell_shares(cells, margins),
            margins,
            scale,
            has_periods=bool(study.periods),
            words=study.words,
            labels=labels,
        )
        name = fit.task.outcome.name
        found += [remark(f"{name}: {one['en']}", f"{name}：{one['zh']}") for one in about]
    if study.counted is not None and any(fit.task.kind == DIMENSION_KIND for fit in fits):
        found.append(
            remark(
                "Dimensions: how far the items of one respondent agree is not known. They are taken to agree wholly: "
                "intervals are as wide as those of a single item.",
                "维度：同一受访者各题答案的一致程度不得而知，按完全一致处理，故区间与单题一样宽。",
            )
        )
    return found


def tasks_of(study: Study, settings: ItemsSettings) -> list[Task]:
    """Return what is fitted: items, dimensions, and the outcome where published scores of it are read."""
    codes = settings.codes(study)
    tasks = []
    for code in codes:
        outcome = indicator_outcome(study, code)
        tasks.append(Task(ITEM_KIND, outcome, cell_counts(study, outcome, settings.segments)))
    if settings.dimensions:
        for dimension in study.model.dimensions:
            if not any(indicator.dimension == dimension.name for indicator in study.model.indicators):
                continue
            long, outcome = dimension_outcome(study, dimension.name, settings.segments)
            items = [str(item) for item in long.panel[ITEM].cat.categories]
            equal = {ITEM: dict.fromkeys(items, 1.0 / len(items))}
            cells = cell_counts(long, outcome, (*settings.segments, ITEM), margins=equal)
            tasks.append(Task(DIMENSION_KIND, outcome, cells, equal))
    if any(score.indicator is None for score in settings.published):
        outcome = study.primary_outcome
        tasks.append(Task(OUTCOME_KIND, outcome, cell_counts(study, outcome, settings.segments)))
    return tasks


def _fit(
    task: Task, study: Study, settings: ItemsSettings, seed: int | np.random.SeedSequence, progress: Progress | None
) -> _Fit:
    cells, name = task.cells, task.outcome.name
    what = f"{task.kind} {name} by stage"
    model = build_model(cells, study.model_settings.ordinal, study.stages_ordered)
    own = named(seed, name)
    share = cell_shares(cells, task.margins)
    x, pooled, scores, diagnostics = fit_cells(
        model, cells, share, settings, seed=named(own, "chains"), what=what, progress=progress
    )
    replicated = predictive_table(model, x, cells, _REPLICATES, generator(named(own, "replicated")))
    predictive = predictive_check(replicated, study.words)
    require_checks([predictive], what)
    natural = model.parameters(x)
    score_table = summaries.score_table(pooled, scores, cells)
    if task.margins:
        score_table["observed"] = _observed(cells, share)
    return _Fit(
        task,
        natural.thresholds,
        np.exp(natural.log_scale),
        score_table,
        summaries.change_table(scores, cells),
        check_table([*diagnostics.checks(), predictive]),
    )


def _observed(cells: xr.Dataset, share: np.ndarray) -> np.ndarray:
    """Return the observed means composed as the scores are, in their order; NaN where a stage has no answers."""
    weighted = cells["weighted"].to_numpy()
    total = weighted.sum(axis=1)
    mean = np.divide(weighted @ cells["answer"].to_numpy(), total, out=np.full(len(total), np.nan), where=total > 0)
    by_stage = np.zeros((cells.sizes["stage"], cells.sizes["period"]))
    np.add.at(by_stage, (cells["stage_index"].to_numpy(), cells["period_index"].to_numpy()), share * mean)
    return np.concatenate([by_stage.ravel(), (by_stage * stage_shares(cells)).sum(axis=0)])


def _together(fits: list[_Fit], table: str) -> pd.DataFrame:
    parts = []
    for fit in fits:
        part = getattr(fit, table).copy()
        part.insert(0, "kind", fit.task.kind)
        part.insert(1, "name", fit.task.outcome.name)
        parts.append(part)
    filled = [part for part in parts if len(part)]
    return pd.concat(filled, ignore_index=True) if filled else parts[0]


def _implied_table(
    study: Study, published: tuple[PublishedScore, ...], ledger: Ledger, fits: Mapping[str, _Fit]
) -> pd.DataFrame:
    """Return what each published score says about the answers: see :attr:`ItemsResult.implied`."""
    rows = []
    for one in published:
        claim = ledger[one.claim]
        printed, within = float(claim.stated.low), rounding_interval(claim)
        fit = fits[study.primary_outcome.name if one.indicator is None else one.indicator]
        answers = [int(answer) for answer in fit.task.cells["answer"].values]
        count = min(LOWEST, len(answers) // 2)
        # All stages together: the spread of an average stage.
        at_stage = fit.spread[..., study.stages.index(one.stage)] if one.stage else np.ones(fit.spread.shape[:2])
        chance = implied_probabilities(printed, fit.thresholds, at_stage, answers[0])
        row: dict[str, object] = {
            "claim": one.claim,
            "name": fit.task.outcome.name,
            "proxy": one.proxy,
            "stage": one.stage or ALL,
            "period": one.period,
            "score": printed,
            "score_low": float(within.low),
            "score_high": float(within.high),
        }
        shares = {"lowest": chance[..., :count].sum(axis=-1), "highest": chance[..., -count:].sum(axis=-1)}
        for side, share in shares.items():
            low, high = interval(share, axis=(0, 1))
            error = float(summaries.monte_carlo_error(share))
            row |= {side: share.mean(), f"{side}_low": float(low), f"{side}_high": float(high), f"{side}_mcse": error}
        bottom = [attainable_share(float(end), answers, count) for end in (within.low, within.high)]
        rest = [attainable_share(float(end), answers, len(answers) - count) for end in (within.low, within.high)]
        row |= {
            "lowest_least": min(least for least, _ in bottom),
            "lowest_most": max(most for _, most in bottom),
            "highest_least": 1.0 - max(most for _, most in rest),
            "highest_most": 1.0 - min(least for least, _ in rest),
        }
        rows.append(row)
    return pd.DataFrame(rows, columns=None if rows else ["claim", "name", "stage", "period", "score"])


def _remaining_table(study: Study, published: tuple[PublishedScore, ...], ledger: Ledger) -> pd.DataFrame:
    """Return the mean of the other stages, if stage scores were overall ones: see :attr:`ItemsResult.remaining`."""
    columns = ["period", "stages", "share", "low", "high", "attainable"]
    rows = []
    outcome = study.primary_outcome if study.outcomes else None
    for overall in (one for one in published if one.stage is None and outcome is not None):
        of_stages = {one.stage: one for one in published if one.stage is not None and one.period == overall.period}
        if not 0 < len(of_stages) < len(study.stages):
            continue
        cells = cell_counts(study, outcome, ())
        share = stage_shares(cells)[:, cells["period"].values.tolist().index(overall.period)]
        shares = {stage: float(share[study.stages.index(str(stage))]) for stage in of_stages}
        known = [(rounding_interval(ledger[one.claim]), shares[stage]) for stage, one in of_stages.items()]
        found = remaining_mean(rounding_interval(ledger[overall.claim]), known)
        low, high = float(found.low), float(found.high)
        scale = cells["answer"].values
        attainable = low <= scale[-1] and high >= scale[0]
        rows.append((overall.period, ", ".join(map(str, of_stages)), sum(shares.values()), low, high, bool(attainable)))
    return pd.DataFrame(rows, columns=columns)


def _labels(study: Study, fits: list[_Fit]) -> dict[str, dict[str, str]]:
    labels = study.timeline.names()
    labels |= {level.name: {"en": level.name_en, "zh": level.name_zh} for level in study.stage_levels}
    labels |= {EVERYONE: {"en": ONE_GROUP.name_en, "zh": ONE_GROUP.name_zh}} if not study.stages else {}
    labels[ALL] = study.words.remark("all {stages}", "全部{stage}")
    for fit in fits:
        labels[fit.task.outcome.name] = {"en": fit.task.outcome.name_en, "zh": fit.task.outcome.name_zh}
    return labels
