"""The backtest of a study: forecasts from growing training periods against what was then observed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from maternal_eval.analyses.backtest.attainability import World, attainability_table
from maternal_eval.analyses.backtest.cells import Target, UnitChoice, unit_choice
from maternal_eval.analyses.backtest.counted import counted_remarks
from maternal_eval.analyses.backtest.ensemble import Ensemble
from maternal_eval.analyses.backtest.fitted_weights import fitted_weights
from maternal_eval.analyses.backtest.forecasters import ForecasterEntry, Training, step_guess
from maternal_eval.analyses.backtest.forecasting import forecast_once
from maternal_eval.analyses.backtest.functionals import functionals_of
from maternal_eval.analyses.backtest.origin import Judged, Origin, open_origin
from maternal_eval.analyses.backtest.registry import FORECASTERS, REFERENCE, lacking, possible
from maternal_eval.analyses.backtest.remarks import backtest_remarks
from maternal_eval.analyses.backtest.result import BacktestResult
from maternal_eval.analyses.backtest.settings import BacktestSettings, check_settings
from maternal_eval.analyses.backtest.splits import Split, on_train_periods, rolling_splits
from maternal_eval.analyses.backtest.tables import TargetTables, target_tables
from maternal_eval.analyses.backtest.worked_case import check_case, work_case
from maternal_eval.core.errors import InputError
from maternal_eval.core.progress import Progress, report
from maternal_eval.core.randomness import named, sequence
from maternal_eval.study import OUTCOME_KINDS, Outcome, Study, aggregated, counts
from maternal_eval.study.labels import study_labels

WEIGHT_COLUMNS = ["split", "target", "forecaster", "weight"]
CASE_COLUMNS = ["forecaster", "told", "change", "low", "high", "observed", "closeness", "fall"]


def run_backtest(
    study: Study,
    settings: BacktestSettings | None = None,
    seed: int | np.random.SeedSequence = 0,
    progress: Progress | None = None,
    *,
    extra: Sequence[ForecasterEntry] = (),
) -> BacktestResult:
    """Backtest the evaluation model of a study over rolling origins.

    A forecaster receives the study cut at the origin. It forecasts the mean of every unit and maybe the distribution of
    the answers; to the draws of the mean the sampling error of the test cell is added (pooled within-cell variance of
    the training periods over the effective number of test answers), so that an interval is about the mean that was
    observed.

    Parameters
    ----------
    study
        A study with at least two periods and an outcome.
    settings, seed
        See :class:`BacktestSettings`. Every split × target has its own seed, so leaving one out changes no other.
    extra
        Further forecasters; the ensemble does not pool them.

    Raises
    ------
    InputError
        If the study has fewer than two periods, no outcome, or no unit with enough answers.
    DiagnosticsError
        If a fit does not keep its gates.
    """
    settings = settings or BacktestSettings()
    check_settings(settings, study)
    splits = rolling_splits(study)
    choice = _units(study, splits[-1], settings)
    later = Training(study, sequence(seed), settings.draws)
    names = tuple(dict.fromkeys((REFERENCE, *settings.forecasters)))
    targets = [
        Target(outcome, choice.columns, _minimum(outcome, choice, settings), settings.innovation_scale)
        for outcome in study.outcomes.values()
        if outcome.name in (settings.outcomes or study.outcomes)
    ]
    cluster_of = "platform" if "platform" in choice.columns else None
    # All origins are opened before anything is fitted: a study without cells is refused at once.
    origins = {target.name: [open_origin(later, split, target) for split in splits] for target in targets}
    if not any(len(of_target[-1].units) for of_target in origins.values()):
        raise _nothing_to_forecast(study, [of_target[-1] for of_target in origins.values()])
    if settings.case is not None:
        check_case(later, splits[-1], settings.case, _case_target(study, settings.case, settings))
    tables: list[TargetTables] = []
    cells: list[dict[str, Any]] = []
    weights: list[tuple[str, str, str, float]] = []
    fitted: list[pd.DataFrame] = []
    absent: dict[str, dict[str, str]] = {}
    judged_origins: dict[str, Origin] = {}
    for number, target in enumerate(targets):
        entries = [*possible(study, target, names), *extra]
        for name in names:
            for english, chinese in lacking(FORECASTERS[name], study, target)[:1]:
                absent.setdefault(name, {"part": name, "reason_en": english, "reason_zh": chinese})
        found: dict[str, list[tuple[Split, dict[str, Judged]]]] = {}
        for place, (split, origin) in enumerate(zip(splits, origins[target.name], strict=True)):
            done = number * len(splits) + place
            report(progress, f"{target.name}, {split.name}", done, len(targets) * len(splits))
            cells.append(_count_cells(origin))
            if not len(origin.units):
                if split.main:
                    absent[target.name] = _no_cells(target)
                continue
            for name, judged in _judge(entries, origin, settings, weights).items():
                found.setdefault(name, []).append((split, judged))
            if any(entry.name == "fitted_weights" for entry in entries):
                fitted.append(_fitted(origin))
            if split.main:
                judged_origins[target.name] = origin
        tables += [target_tables(name, parts, cluster_of, REFERENCE, settings) for name, parts in found.items()]
        _forget(later, target)
    report(progress, "backtest", len(targets) * len(splits), len(targets) * len(splits))
    main = next(iter(judged_origins.values()))
    scores, labels = _together([table.scores for table in tables]), _labels(study, extra)
    of_cells = pd.DataFrame(cells)
    rows = counts.rows_by(study, ["period", *choice.columns])
    rows = rows[rows["period"].isin((*splits[-1].train, splits[-1].test))]
    unplaced = int(rows.loc[rows[list(choice.columns)].isna().any(axis=1), "rows"].sum())
    return BacktestResult(
        scores=scores,
        comparisons=_together([table.comparisons for table in tables]),
        calibration=_together([table.calibration for table in tables]),
        forecasts=_together([table.forecasts for table in tables]),
        answers=_together([table.answers for table in tables]),
        stacking=pd.DataFrame(weights, columns=WEIGHT_COLUMNS),
        attainability=_attainability(main, cluster_of, settings, seed),
        case=_case(later, splits[-1], settings),
        cells=of_cells,
        absent=list(absent.values()),
        units=list(choice.columns),
        clusters=cluster_of or "unit",
        labels=labels,
        lowest_answers={target.name: float(target.values[0]) for target in targets if target.values is not None},
        fitted=_together(fitted),
        settings=study.model_settings.beside(settings),
        study=study.name,
        simulated=study.simulated,
        remarks=[
            *backtest_remarks(scores, of_cells, list(absent.values()), splits, choice, labels, unplaced),
            *counted_remarks(study, bool(scores["forecaster"].str.endswith("_weights").any())),
        ],
    )


def _units(study: Study, main: Split, settings: BacktestSettings) -> UnitChoice:
    """Return what makes a unit: the settings' columns, or the finest that the training periods allow."""
    figures = aggregated(study) and any(not _is_answer(outcome) for outcome in study.outcomes.values())
    if settings.units:
        return UnitChoice(settings.units, settings.minimum, aggregates=figures)
    choice = unit_choice(on_train_periods(study, main), 1 if figures else settings.minimum)
    return replace(choice, minimum=settings.minimum, aggregates=figures)


def _is_answer(outcome: Outcome) -> bool:
    """Whether a row holds the answer of one person: the mean of a cell is no answer in ordered categories."""
    return OUTCOME_KINDS[outcome.kind].ordered_categories


def _minimum(outcome: Outcome, choice: UnitChoice, settings: BacktestSettings) -> int:
    return 1 if choice.aggregates and not _is_answer(outcome) else settings.minimum


def _nothing_to_forecast(study: Study, origins: Sequence[Origin]) -> InputError:
    """Return the refusal of a study of which no unit has enough answers, with how many there are."""
    split = origins[0].split
    before = max(int(origin.past.count.max(initial=0)) for origin in origins)
    after = max(int(origin.future.count.max(initial=0)) for origin in origins)
    both = min(before, after)
    minimum, test = min(origin.target.minimum for origin in origins), split.timeline.label(split.test)
    return InputError(
        "no unit has enough answers both in a training period and in the test period",
        file=study.panel_source,
        found=f"at most {before} in a training period and {after} in {test}",
        expected=f"at least {minimum} answers of a unit in each",
        mend=f"minimum = {both} under [analysis.backtest] in study.toml, or more answers" if both else None,
    )


def _judge(
    entries: Sequence[ForecasterEntry],
    origin: Origin,
    settings: BacktestSettings,
    weights: list[tuple[str, str, str, float]],
) -> dict[str, dict[str, Judged]]:
    """Return target → forecaster → what its forecast came to; the ensemble's weights are added to ``weights``."""
    target, split = origin.target, origin.split
    found: dict[str, dict[str, Judged]] = {}
    for entry in entries:
        made = forecast_once(entry, origin.training, target, origin.units, split.horizon, settings.draws)
        for name, judged in origin.judged(made, functionals_of(target.outcome)).items():
            found.setdefault(name, {})[entry.name] = judged
        fitted = origin.training.once(f"fit/{target.name}/{entry.name}", lambda: None)
        if isinstance(fitted, Ensemble) and fitted.weights is not None:
            pairs = zip(fitted.members, fitted.weights, strict=True)
            weights += [(split.name, target.name, member.name, float(weight)) for member, weight in pairs]
    return found


def _fitted(origin: Origin) -> pd.DataFrame:
    """Return the weights that were fitted to the next period up to an origin."""
    found, split = fitted_weights(origin.training, origin.target), origin.split
    table = found.table.assign(main=split.main, pull=found.pull, pairs=found.pairs)
    table.insert(0, "split", split.name)
    table.insert(1, "target", origin.target.name)
    return table


def _forget(later: Training, target: Target) -> None:
    """Let go of a target's forecasts and fits: only scores of respondents and weights serve the next one."""
    for key in list(later.memo):
        if target.name in str(key[1]):  # type: ignore[index]
            del later.memo[key]


def _no_cells(target: Target) -> dict[str, str]:
    return {
        "part": target.name,
        "reason_en": f"no unit has {target.minimum} answers both in a training period and in the test period",
        "reason_zh": f"没有评价单元在训练期与检验期均达到{target.minimum}份答卷",
    }


def _count_cells(origin: Origin) -> dict[str, Any]:
    known = origin.past.known_units()
    return {
        "split": origin.split.name,
        "main": origin.split.main,
        "target": origin.target.name,
        "scored": len(origin.units),
        "new_units": len(origin.units.difference(known)),
        "too_few_in_test": len(origin.past.units.union(origin.future.units).difference(origin.future.known_units())),
        "test_answers": int(origin.future.count.sum()),
    }


def _attainability(
    origin: Origin, cluster_of: str | None, settings: BacktestSettings, seed: int | np.random.SeedSequence
) -> pd.DataFrame:
    clusters = len(set(origin.units.get_level_values(cluster_of))) if cluster_of else len(origin.units)
    answers, guess = float(np.median(origin.effective)), step_guess(origin.target)
    world = World.of(origin.past, answers, guess, clusters, origin.split.horizon)
    return attainability_table(world, settings.replicates, settings.tolerance, named(seed, "attainability"))


def _case(later: Training, split: Split, settings: BacktestSettings) -> pd.DataFrame:
    if settings.case is None:
        return pd.DataFrame(columns=CASE_COLUMNS)
    target = _case_target(later.study, settings.case, settings)
    return work_case(later, split, settings.case, target, settings.draws)


def _case_target(study: Study, case: Mapping[str, Any], settings: BacktestSettings) -> Target:
    return Target(study.outcomes[case["outcome"]], ("platform",), 1, settings.innovation_scale)


def _labels(study: Study, extra: Sequence[ForecasterEntry]) -> dict[str, dict[str, str]]:
    labels = study_labels(study)
    labels |= {
        entry.name: study.words.remark(entry.name_en, entry.name_zh) for entry in (*FORECASTERS.values(), *extra)
    }
    for outcome in study.outcomes.values():
        for row in functionals_of(outcome):
            labels[row.name_for(outcome.name)] = {"en": row.name_en, "zh": row.name_zh}
    return labels


def _together(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    kept = [table for table in tables if len(table)]
    return pd.concat(kept, ignore_index=True) if kept else pd.DataFrame()
