"""Which topics of the feedback come up, since when, and how late would a rise be noticed?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from maternal_eval.analyses.topics.records import TopicCounts, read_topics
from maternal_eval.analyses.topics.result import TopicsResult
from maternal_eval.analyses.topics.settings import TopicsSettings
from maternal_eval.core.progress import Progress, report
from maternal_eval.core.randomness import generator, named
from maternal_eval.core.remarks import remark
from maternal_eval.methods.topic_counts import dispersion_of, rate_ratio, rising_topics
from maternal_eval.study import Study
from maternal_eval.study.labels import described


def find_emerging_topics(
    study: Study,
    settings: TopicsSettings | None = None,
    seed: int | np.random.SeedSequence = 0,
    progress: Progress | None = None,
) -> TopicsResult:
    """Compare the latest quarters of every topic with those before, and simulate how late a rise is noticed.

    Parameters
    ----------
    study
        A study with a table of topics: ``quarter``, ``topic``, ``count``, and where it has them ``stage`` and
        ``feedback`` (pieces of feedback that were looked through).
    settings, seed, progress
        See :class:`TopicsSettings`; the seed serves the simulated streams.

    Raises
    ------
    InputError
        See :func:`~maternal_eval.analyses.topics.records.read_topics`.
    """
    settings = settings or TopicsSettings()
    read = read_topics(study, settings)
    report(progress, "topics: signals", 0, 2)
    signals = _signals(read, settings)
    report(progress, "topics: delays", 1, 2)
    delays = _delays(read, settings, named(seed, "delays"))
    report(progress, "topics", 2, 2)
    scatter = dispersion_of(read.counts, read.exposure)
    return TopicsResult(
        signals=signals,
        topics=_topics(signals),
        delays=delays,
        first=read.quarters[settings.before + settings.latest - 1],
        last=read.quarters[-1],
        **described(study, settings),
        remarks=[
            *read.remarks,
            remark(
                f"Counts scatter {scatter:.2f} times as much as Poisson counts with constant rates; p values of a "
                "quarter take that of the quarters before it into account.",
                f"计数的离散程度为速率恒定的泊松计数的 {scatter:.2f} 倍；各季度的 p 值已计入此前各季度的离散程度。",
            ),
        ],
    )


def _signals(read: TopicCounts, settings: TopicsSettings) -> pd.DataFrame:
    p, signal = rising_topics(
        read.counts, read.exposure, before=settings.before, latest=settings.latest, rate=settings.false_discovery
    )
    tables = []
    for place, (chances, alarms) in enumerate(zip(p, signal, strict=True)):
        end = place + settings.before + settings.latest
        now, past = slice(end - settings.latest, end), slice(place, end - settings.latest)
        phi = dispersion_of(read.counts[past], read.exposure[past])
        count, exposure = read.counts[now].sum(axis=0), read.exposure[now].sum(axis=0)
        before, exposure_before = read.counts[past].sum(axis=0), read.exposure[past].sum(axis=0)
        ratio, low, high = rate_ratio(count, exposure, before, exposure_before, phi)
        tables.append(
            pd.DataFrame(
                {
                    "quarter": read.quarters[end - 1],
                    "stage": read.stages,
                    "topic": read.topics,
                    "count": count,
                    "expected": before / exposure_before * exposure,
                    "ratio": ratio,
                    "low": low,
                    "high": np.where(np.isfinite(high), high, np.nan),
                    "p": chances,
                    "signal": alarms,
                }
            )
        )
    return pd.concat(tables, ignore_index=True)


def _topics(signals: pd.DataFrame) -> pd.DataFrame:
    """Return one row per group and topic that has ever given a signal: the first, how many, and where it stands now."""
    risen = signals[signals["signal"]]
    first = risen.groupby(["stage", "topic"], sort=False).agg(first=("quarter", "min"), signals=("signal", "sum"))
    last = signals[signals["quarter"] == signals["quarter"].max()].set_index(["stage", "topic"])
    found = first.join(last[["count", "expected", "ratio", "low", "high", "signal"]])
    found = found.rename(columns={"signal": "still"}).reset_index()
    return found.sort_values(["first", "stage", "topic"], kind="stable").reset_index(drop=True)


def _delays(read: TopicCounts, settings: TopicsSettings, seed: np.random.SeedSequence) -> pd.DataFrame:
    """Simulate streams like the table's without and with a rise of one series, and count what is noticed when.

    Counts are Poisson, or negative binomial with the dispersion of the table; the series that rises is drawn anew in
    each stream. Without a rise, ``noticed`` is the share of quarters with any (false) signal.
    """
    random = generator(seed)
    window = settings.before + settings.latest
    rates = read.counts.sum(axis=0) / read.exposure.sum(axis=0)
    typical = read.exposure.mean(axis=0)
    quarters = window - 1 + settings.ahead
    expected = np.broadcast_to(rates * typical, (settings.replicates, quarters, rates.size))
    scatter = dispersion_of(read.counts, read.exposure)
    named_at_all = np.flatnonzero(rates > 0)
    rows = []
    for factor in (1.0, *settings.sizes):
        means = expected.copy()
        chosen = random.choice(named_at_all, settings.replicates)
        if factor != 1.0:
            means[np.arange(settings.replicates), window - 1 :, chosen] *= factor
        counts = _drawn(means, scatter, random)
        _, signal = rising_topics(
            counts, np.broadcast_to(typical, counts.shape), before=settings.before, latest=settings.latest,
            rate=settings.false_discovery, dispersion=scatter,
        )  # fmt: skip
        if factor == 1.0:
            false = signal.any(axis=2).mean(axis=1)
            rows.append((factor, false.mean(), false.std(ddof=1) / np.sqrt(false.size), np.nan))
            continue
        of_chosen = signal[np.arange(settings.replicates), :, chosen]
        noticed = of_chosen.any(axis=1)
        wait = np.where(noticed, of_chosen.argmax(axis=1) + 1.0, np.inf)
        middle = float(np.median(wait))
        error = np.sqrt((noticed.sum() + 1) * (np.sum(~noticed) + 1) / (noticed.size + 2) ** 2 / noticed.size)
        rows.append((factor, noticed.mean(), error, middle if np.isfinite(middle) else np.nan))
    return pd.DataFrame(rows, columns=["factor", "noticed", "mcse", "delay"])


def _drawn(means: np.ndarray, dispersion: float, random: np.random.Generator) -> np.ndarray:
    """Return counts with these means and ``dispersion`` times the variance of Poisson counts."""
    if dispersion <= 1.0 + 1e-9:
        return random.poisson(means).astype(float)
    shape = np.maximum(means, 1e-12) / (dispersion - 1.0)
    return random.poisson(random.gamma(shape, dispersion - 1.0)).astype(float)
