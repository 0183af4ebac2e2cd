"""The backtest of a study: forecasts from growing training periods against what was then observed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd

from maternal_eval.backtest.cells import History, Target, outcome_history, unit_columns
from maternal_eval.backtest.evaluation import (
    batch_errors,
    batches,
    cell_scores,
    cluster_counts,
    point_forecast,
    score_table,
)
from maternal_eval.backtest.forecasters import ForecasterEntry
from maternal_eval.backtest.local_level import antithetic_normal
from maternal_eval.backtest.registry import FORECASTERS, NEEDS_INDICATORS, REFERENCE
from maternal_eval.backtest.scores import probability_integral_transform
from maternal_eval.backtest.splits import Split, on_train_periods, rolling_splits
from maternal_eval.errors import InputError
from maternal_eval.intervals import KIND, PROBABILITY, interval
from maternal_eval.randomness import generator, named
from maternal_eval.results import Progress, Result, report
from maternal_eval.study import Outcome, Study
from maternal_eval.weighting import study_labels

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ALL_ORIGINS = "all origins"
"""Name of the row that pools the cells of all origins."""


@dataclass(frozen=True)
class BacktestSettings:
    """How the backtest runs.

    Attributes
    ----------
    forecasters
        Names in :data:`~maternal_eval.backtest.registry.FORECASTERS`; the reference is always added.
    outcomes
        Outcomes to forecast; empty = all that the study has.
    units
        Columns that make a unit; empty = the finest that fits, see :func:`unit_columns`.
    minimum
        Cells with fewer answers are left out and counted.
    draws
        Predictive draws, an even number.
    resamples
        Bootstrap resamples of the clusters.
    tolerance
        What "within ± 5 %" means.
    innovation_scale
        Prior guess of the change of a mean in one period, as a share of the outcome's range.
    """

    forecasters: tuple[str, ...] = tuple(FORECASTERS)
    outcomes: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    minimum: int = 20
    draws: int = 2000
    resamples: int = 1000
    tolerance: float = 0.05
    innovation_scale: float = 0.025

    def __post_init__(self) -> None:
        unknown = set(self.forecasters) - set(FORECASTERS)
        if unknown:
            raise ValueError(f"no such forecaster: {', '.join(sorted(unknown))}; known are {', '.join(FORECASTERS)}")
        if self.draws < 2 or self.draws % 2 or self.resamples < 1 or self.minimum < 1:
            raise ValueError("a backtest needs an even number of draws, and resamples and a minimum of at least 1")

    @classmethod
    def quick(cls) -> Self:
        """Return settings for a fast look."""
        return cls(draws=400, resamples=200)


@dataclass(frozen=True)
class BacktestResult(Result):
    """What the forecasts were worth.

    Intervals of scores are equal-tailed with probability :data:`~maternal_eval.intervals.PROBABILITY`, from a paired
    bootstrap of the clusters (platforms where there are any, else units); they are empty with a single cluster. One
    test period is one draw of what happens in a year: the number of origins is stated, and no test over years is made.

    Attributes
    ----------
    scores
        One row per split × target × forecaster × score: ``split`` (or "all origins"), ``main`` (the study's own split),
        ``target``, ``forecaster``, ``score``, ``better`` ("larger", "smaller", "nominal"), ``value``, ``low``,
        ``high``, ``mcse``, ``cells``, ``clusters``, ``origins``.
    forecasts
        One row per split × target × forecaster × unit: ``unit``, ``observed``, ``last``, ``forecast`` (median),
        ``low``, ``high`` (predictive interval of the observed cell mean), ``pit``, ``n`` (test answers).
    cells
        One row per split × target: how many cells were scored, and left out for want of test answers or of training.
    absent
        Targets and forecasters that the study cannot have: ``part``, ``reason_en``, ``reason_zh``.
    units, clusters
        What makes a unit, and what is resampled.
    """

    scores: pd.DataFrame
    forecasts: pd.DataFrame
    cells: pd.DataFrame
    absent: list[dict[str, str]]
    units: list[str]
    clusters: str
    labels: dict[str, dict[str, str]]
    settings: dict[str, Any]
    study: str
    simulated: bool
    probability: float = PROBABILITY
    kind: str = KIND

    @property
    def main_scores(self) -> pd.DataFrame:
        """The scores of the study's own split, one row per target × forecaster × score."""
        return self.scores[self.scores["main"]].reset_index(drop=True)

    def table(self) -> pd.DataFrame:
        """Return the scores of the main split, one row per target × forecaster, one column per score.

        ``scores`` has their intervals, orientation and all other splits.
        """
        main = self.main_scores
        wide = main.pivot_table("value", ["target", "forecaster"], "score", sort=False)
        return wide[list(dict.fromkeys(main["score"]))].reset_index().rename_axis(columns=None)

    def plot(self, language: str = "en", published: float | None = None) -> Figure:
        """Draw forecast against observed of the main split, and the three readings of accuracy.

        ``published`` is an accuracy (0–1) that somebody published; it is drawn as a line.
        """
        from maternal_eval.backtest.figures import plot_backtest

        return plot_backtest(self, language, published)

    def estimates(self) -> pd.DataFrame:
        """Return every score with its Monte-Carlo standard error."""
        table = self.scores.dropna(subset=["value"])
        names = table[["split", "target", "forecaster", "score"]].agg("/".join, axis=1)
        return table[["value", "mcse"]].fillna({"mcse": 0.0}).set_axis(names.rename("quantity"), axis=0)


@dataclass(frozen=True)
class _Judged:
    """Forecasts of one split, target and forecaster on the scored cells."""

    observed: np.ndarray
    last: np.ndarray
    draws: np.ndarray
    units: pd.MultiIndex
    count: np.ndarray


def run_backtest(
    study: Study,
    settings: BacktestSettings | None = None,
    seed: int | np.random.SeedSequence = 0,
    progress: Progress | None = None,
    *,
    extra: Sequence[ForecasterEntry] = (),
) -> BacktestResult:
    """Backtest the evaluation model of a study over rolling origins.

    A forecaster receives the study cut at the origin. It forecasts the mean of every unit; to its draws the sampling
    error of the test cell is added (pooled within-cell variance of the training periods over the effective number of
    test answers), so that an interval is about the mean that was observed.

    Parameters
    ----------
    study
        A study with at least two periods and an outcome.
    settings, seed
        See :class:`BacktestSettings`. Every split × target has its own seed, so leaving one out changes no other.
    extra
        Further forecasters, e.g. a satisfaction model.

    Raises
    ------
    InputError
        If the study has fewer than two periods, no outcome, or no unit with enough answers.
    """
    settings = settings or BacktestSettings()
    splits = rolling_splits(study)
    first = on_train_periods(study, splits[-1])
    units = settings.units or unit_columns(first, settings.minimum)
    absent: list[dict[str, str]] = []
    entries = _entries(study, settings, extra, absent)
    targets = _targets(study, settings, units)
    judged: dict[tuple[str, str], dict[str, _Judged]] = {}
    cells = []
    tasks = [(split, target) for target in targets for split in splits]
    for done, (split, target) in enumerate(tasks):
        report(progress, f"{target.outcome.name}, {split.name}", done, len(tasks))
        training = on_train_periods(study, split)
        past = outcome_history(training, target, split.train)
        future = outcome_history(study, target, (split.test,))
        cells.append(_count_cells(split, target, past, future))
        own_seed = named(seed, f"{target.outcome.name}/{split.name}")
        found = _judge(entries, training, split, target, past, future, settings, own_seed)
        if found:
            judged[split.name, target.outcome.name] = found
        elif split.main:
            absent.append(_no_cells(target))
    report(progress, "backtest", len(tasks), len(tasks))
    if not judged:
        raise InputError(
            "no unit has enough answers both in a training period and in a later one",
            file=study.panel_source,
            expected=f"at least {settings.minimum} answers",
        )
    clusters = "platform" if "platform" in units else "unit"
    return BacktestResult(
        scores=_scores(judged, splits, targets, clusters, units, settings, seed),
        forecasts=_forecasts(judged, splits),
        cells=pd.DataFrame(cells),
        absent=absent,
        units=list(units),
        clusters=clusters,
        labels=study_labels(study) | {e.name: {"en": e.name_en, "zh": e.name_zh} for e in entries},
        settings=asdict(settings),
        study=study.name,
        simulated=study.simulated,
    )


def _entries(
    study: Study, settings: BacktestSettings, extra: Sequence[ForecasterEntry], absent: list[dict[str, str]]
) -> list[ForecasterEntry]:
    names = dict.fromkeys((REFERENCE, *settings.forecasters))
    if not study.model.indicators:
        for name in [name for name in names if name in NEEDS_INDICATORS]:
            del names[name]
            absent.append({"part": name, "reason_en": "the study has no indicators", "reason_zh": "本研究没有指标"})
    return [*(FORECASTERS[name] for name in names), *extra]


def _targets(study: Study, settings: BacktestSettings, units: tuple[str, ...]) -> list[Target]:
    outcomes: list[Outcome] = [
        outcome for outcome in study.outcomes.values() if outcome.name in (settings.outcomes or study.outcomes)
    ]
    return [Target(outcome, units, settings.minimum, settings.innovation_scale) for outcome in outcomes]


def _no_cells(target: Target) -> dict[str, str]:
    return {
        "part": target.outcome.name,
        "reason_en": f"no unit has {target.minimum} answers both in a training period and in the test period",
        "reason_zh": f"没有评价单元在训练期与检验期均达到{target.minimum}份答卷",
    }


def _count_cells(split: Split, target: Target, past: History, future: History) -> dict[str, Any]:
    everything = past.units.union(future.units)
    known, observed = past.known_units(), future.known_units()
    scored = known.intersection(observed)
    return {
        "split": split.name,
        "main": split.main,
        "target": target.outcome.name,
        "scored": len(scored),
        "too_few_in_test": len(everything.difference(observed)),
        "no_training": len(observed.difference(known)),
        "test_answers": int(future.count.sum()),
    }


def _judge(
    entries: Sequence[ForecasterEntry],
    training: Study,
    split: Split,
    target: Target,
    past: History,
    future: History,
    settings: BacktestSettings,
    seed: np.random.SeedSequence,
) -> dict[str, _Judged]:
    """Forecast all units with a past, then keep those that were observed."""
    known = past.known_units()
    observed = future.known_units()
    if not len(known.intersection(observed)):
        return {}
    kept = np.flatnonzero(known.isin(observed))
    units = known[kept]
    at_future, at_past = future.units.get_indexer(units), past.units.get_indexer(units)
    sampling = np.sqrt(past.within_variance / future.effective[0, at_future])
    random = generator(named(seed, "sampling"))
    noise = antithetic_normal(random, settings.draws, len(units)) * sampling
    judged = {}
    for entry in entries:
        fitted = entry.build().fit(training, target)
        means = fitted.forecast(known, split.horizon, settings.draws, named(seed, entry.name))[:, kept]
        draws = np.clip(means + noise, target.outcome.low, target.outcome.high)
        judged[entry.name] = _Judged(
            observed=future.mean[0, at_future],
            last=past.last()[at_past],
            draws=draws,
            units=units,
            count=future.count[0, at_future],
        )
    return judged


def _clusters(judged: _Judged, clusters: str, units: tuple[str, ...]) -> pd.Index:
    return judged.units.get_level_values(units.index("platform")) if clusters == "platform" else judged.units


def _scores(
    judged: dict[tuple[str, str], dict[str, _Judged]],
    splits: Sequence[Split],
    targets: Sequence[Target],
    clusters: str,
    units: tuple[str, ...],
    settings: BacktestSettings,
    seed: int | np.random.SeedSequence,
) -> pd.DataFrame:
    tables = []
    for target in (target.outcome.name for target in targets):
        parts = [(split, judged[split.name, target]) for split in splits if (split.name, target) in judged]
        groups = [(split.name, split.main, [found]) for split, found in parts]
        if len(parts) > 1:
            groups.append((ALL_ORIGINS, False, [found for _, found in parts]))
        for name, main, founds in groups:
            labels = np.concatenate([_clusters(found[REFERENCE], clusters, units) for found in founds])
            numbers, distinct = pd.factorize(labels)
            counts = cluster_counts(len(distinct), settings.resamples, named(seed, f"bootstrap/{target}/{name}"))
            by_forecaster = {forecaster: _join([found[forecaster] for found in founds]) for forecaster in founds[0]}
            reference = by_forecaster[REFERENCE]
            of_reference, of_batches = _cell_scores(reference, settings), _batch_scores(reference, settings)
            for forecaster, one in by_forecaster.items():
                table = score_table(_cell_scores(one, settings), of_reference, numbers, counts)
                errors = batch_errors(_batch_scores(one, settings), of_batches)
                table = table.assign(
                    split=name,
                    main=main,
                    target=target,
                    forecaster=forecaster,
                    mcse=table["score"].map(errors),
                    cells=len(one.observed),
                    clusters=len(distinct),
                    origins=len(founds),
                )
                tables.append(table)
    columns = ["split", "main", "target", "forecaster", "score", "better", "value", "low", "high", "mcse"]
    columns += ["cells", "clusters", "origins"]
    return pd.concat(tables, ignore_index=True)[columns]


def _join(parts: Sequence[_Judged]) -> _Judged:
    if len(parts) == 1:
        return parts[0]
    return _Judged(
        observed=np.concatenate([part.observed for part in parts]),
        last=np.concatenate([part.last for part in parts]),
        draws=np.concatenate([part.draws for part in parts], axis=1),
        units=parts[0].units,
        count=np.concatenate([part.count for part in parts]),
    )


def _batch_scores(one: _Judged, settings: BacktestSettings) -> list[dict[str, np.ndarray]]:
    return [cell_scores(one.observed, part, one.last, settings.tolerance) for part in batches(one.draws)]


def _cell_scores(one: _Judged, settings: BacktestSettings) -> dict[str, np.ndarray]:
    return cell_scores(one.observed, one.draws, one.last, settings.tolerance)


def _forecasts(judged: dict[tuple[str, str], dict[str, _Judged]], splits: Sequence[Split]) -> pd.DataFrame:
    main = {split.name: split.main for split in splits}
    tables = []
    for (split, target), found in judged.items():
        for forecaster, one in found.items():
            low, high = interval(one.draws)
            tables.append(
                pd.DataFrame(
                    {
                        "split": split,
                        "main": main[split],
                        "target": target,
                        "forecaster": forecaster,
                        "unit": [" × ".join(unit) for unit in one.units],
                        "observed": one.observed,
                        "last": one.last,
                        "forecast": point_forecast(one.draws),
                        "low": low,
                        "high": high,
                        "pit": probability_integral_transform(one.observed, one.draws),
                        "n": one.count.astype(int),
                    }
                )
            )
    return pd.concat(tables, ignore_index=True)
