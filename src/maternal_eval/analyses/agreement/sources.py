"""Tables of how far the sources agree, what each errs by, and what "accurate" can mean."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd

from maternal_eval.analyses.agreement.records import SCALE, Records
from maternal_eval.analyses.agreement.settings import AgreementSettings
from maternal_eval.core.intervals import interval
from maternal_eval.core.randomness import named
from maternal_eval.methods.agreement.bland_altman import limits_of_agreement
from maternal_eval.methods.agreement.intraclass import intraclass_correlations
from maternal_eval.methods.agreement.krippendorff import krippendorff_alpha
from maternal_eval.methods.agreement.sources import FEWEST_SOURCES, SourceErrors, source_errors
from maternal_eval.methods.agreement.tolerance import (
    DEFINITIONS,
    accuracy_curve,
    dropping,
    tolerance_for,
    within_truth,
)

GRID = np.arange(0.0, 41.0)
"""Tolerances of the curve, in points."""

TRUTH = "truth"
"""Readings of "accurate" that hold a source against the truth, estimated: ``truth:NAME``."""


def limits_table(records: Records) -> pd.DataFrame:
    """Return bias and limits of agreement of each pair of sources, first minus second."""
    rows = []
    for one, two in combinations(range(len(records.sources)), 2):
        found = limits_of_agreement(records.readings[:, one], records.readings[:, two])
        rows.append({"first": records.sources[one], "second": records.sources[two], **vars(found)})
    return pd.DataFrame(rows)


def correlation_table(records: Records) -> pd.DataFrame:
    """Return the six intraclass correlations."""
    found = intraclass_correlations(records.readings)
    rows = [(name, *one) for name, one in found.items()]
    return pd.DataFrame(rows, columns=["form", "value", "low", "high"])


def alpha_table(records: Records, settings: AgreementSettings, seed: np.random.SeedSequence) -> pd.DataFrame:
    """Return Krippendorff's alpha of the readings, and of them cut into equal bands as ordered and unordered codes."""
    width = (SCALE[1] - SCALE[0]) / settings.bands
    banded = np.minimum(np.floor((records.readings - SCALE[0]) / width), settings.bands - 1)
    rows = []
    for level, codes, of in (
        ("interval", records.readings, "readings"),
        ("ordinal", banded, "bands"),
        ("nominal", banded, "bands"),
    ):
        if len(np.unique(codes)) < 2:
            continue  # every reading lies in one band
        found = krippendorff_alpha(codes, level, resamples=settings.resamples, seed=named(seed, level))
        rows.append((level, of, found.value, found.low, found.high, found.units))
    return pd.DataFrame(rows, columns=["level", "of", "value", "low", "high", "n"])


def errors_of(records: Records, settings: AgreementSettings, seed: np.random.SeedSequence) -> SourceErrors | None:
    """Return what each source errs by; None with fewer than three of them."""
    if len(records.sources) < FEWEST_SOURCES:
        return None
    return source_errors(records.readings, resamples=settings.resamples, seed=seed)


def source_table(records: Records, errors: SourceErrors | None) -> pd.DataFrame:
    """Return each source with mean, spread, standard deviation of its error and reliability."""
    table = pd.DataFrame(
        {
            "source": records.sources,
            "n": len(records.readings),
            "mean": records.readings.mean(axis=0),
            "sd": records.readings.std(axis=0, ddof=1),
        }
    )
    empty = np.full(len(table), np.nan)
    if errors is None:
        return table.assign(**dict.fromkeys(_ERRORS, empty))
    table["error"], (table["error_low"], table["error_high"]) = _root(errors.variance), _ends(errors.variance_draws)
    reliability = errors.truth_draws[:, None] / (errors.truth_draws[:, None] + errors.variance_draws)
    low, high = interval(reliability)
    table["reliability"] = np.clip(errors.reliability, 0.0, 1.0)
    table["reliability_low"], table["reliability_high"] = np.clip(low, 0.0, 1.0), np.clip(high, 0.0, 1.0)
    table["own_unit"], (table["own_unit_low"], table["own_unit_high"]) = (
        _root(errors.own_unit),
        _ends(errors.own_unit_draws),
    )
    return table


_ERRORS = tuple(name + end for name in ("error", "reliability", "own_unit") for end in ("", "_low", "_high"))


def _root(variance: np.ndarray) -> np.ndarray:
    """Return standard deviations; an estimate below zero says that there is next to no error."""
    return np.sqrt(np.clip(variance, 0.0, None))


def _ends(draws: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    low, high = interval(draws)
    return _root(low), _root(high)


def shared_table(records: Records, errors: SourceErrors | None) -> pd.DataFrame:
    """Return for each pair of sources how much more they agree than the others, and the errors if they share that."""
    columns = ["first", "second", "excess", "low", "high", "source", "error"]
    if errors is None:
        return pd.DataFrame(columns=columns)
    low, high = interval(errors.excess_draws)
    rows = []
    for at, (one, two) in enumerate(errors.pairs):
        under = _root(errors.with_shared(at))
        rows += [
            (records.sources[one], records.sources[two], errors.excess[at], low[at], high[at], name, error)
            for name, error in zip(records.sources, under, strict=True)
        ]
    return pd.DataFrame(rows, columns=columns)


def curve_table(records: Records, errors: SourceErrors | None) -> pd.DataFrame:
    """Return the share of accurate records over the tolerance, by definition."""
    parts = []
    for name, definition in DEFINITIONS.items():
        share, low, high = accuracy_curve(definition.distance(records.readings), GRID)
        parts.append(pd.DataFrame({"definition": name, "tolerance": GRID, "share": share, "low": low, "high": high}))
    if errors is not None:
        error = _root(errors.variance)
        ends = [within_truth(one, GRID) for one in reversed(_ends(errors.variance_draws))]
        for at, (source, share) in enumerate(zip(records.sources, within_truth(error, GRID), strict=True)):
            part = {"definition": f"{TRUTH}:{source}", "tolerance": GRID, "share": share}
            parts.append(pd.DataFrame({**part, "low": ends[0][at], "high": ends[1][at]}))
    return pd.concat(parts, ignore_index=True)


def tolerance_table(records: Records, settings: AgreementSettings, share: float) -> pd.DataFrame:
    """Return by definition the tolerance that makes a share of records accurate, and the share at a tolerance."""
    rows = []
    for name, definition in DEFINITIONS.items():
        distance = definition.distance(records.readings)
        at, low, high = tolerance_for(distance, share)
        found = accuracy_curve(distance, np.array([settings.tolerance]))
        rows.append((name, share, at, low, high, settings.tolerance, *(float(one[0]) for one in found)))
    columns = ["definition", "asked", "needed", "needed_low", "needed_high", "tolerance", "share", "low", "high"]
    return pd.DataFrame(rows, columns=columns)


def dropped_table(records: Records, settings: AgreementSettings) -> pd.DataFrame:
    """Return what leaving out discordant records does to the mean of each source and of all, by group of records."""
    values = np.column_stack([records.readings, records.readings.mean(axis=1)])
    names = (*records.sources, "mean")
    rows = []
    groups: list[tuple[str, str, np.ndarray]] = [("", "", np.ones(len(values), dtype=bool))]
    for factor in records.groups:
        column = records.groups[factor]
        groups += [(str(factor), str(level), (column == level).to_numpy()) for level in sorted(column.unique())]
    for factor, level, mine in groups:
        if mine.sum() < settings.fewest or (np.ptp(records.readings[mine], axis=0) == 0).any():
            continue
        found = dropping(records.readings[mine], values[mine], settings.tolerance)
        for at, source in enumerate(names):
            part = (found.before[at], found.after[at], found.change[at], found.change_low[at], found.change_high[at])
            rows.append((factor, level, source, int(mine.sum()), float(found.kept.mean()), *part))
    columns = [
        *("factor", "group", "source", "n", "share", "before", "after", "change", "change_low", "change_high"),
    ]
    return pd.DataFrame(rows, columns=columns)


def kept_agreement(records: Records, settings: AgreementSettings) -> tuple[float, float]:
    """Return ICC(2,1) of all records and of those that are not left out: what the choice alone does to agreement."""
    every = intraclass_correlations(records.readings)["ICC(2,1)"].value
    kept = records.readings[np.ptp(records.readings, axis=1) <= settings.tolerance]
    if len(kept) < settings.fewest:
        return every, float("nan")
    return every, intraclass_correlations(kept)["ICC(2,1)"].value
