"""Detection delay and false alarms by simulation from the stated model of answers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from maternal_eval.analyses.review.answers import below_probability, draw_moments, moments, shifted
from maternal_eval.core.progress import Progress, report
from maternal_eval.methods.alarm_rules import RULES, Chart

WARM_UP = 8
"""Quarters at the level before, so that the cumulative sum has forgotten where it started."""

YEAR = 4
"""Quarters."""


def simulate_falls(
    shares: np.ndarray,
    low: float,
    chart_of: dict[int, Chart],
    before: float,
    falls: Sequence[float],
    confidence: float,
    replicates: int,
    horizon: int,
    random: np.random.Generator,
    progress: Progress | None = None,
    step: float = 1.0,
) -> pd.DataFrame:
    """Return the delay of every rule after a fall from ``before`` to limit - fall, by number of answers.

    ``shares`` are those of the answers ``low``, ``low + step``, …

    Returns
    -------
    pandas.DataFrame
        ``answers``, ``fall``, ``rule``; ``delay``, mean number of quarters from the fall to the alarm (1: in the first
        quarter after it), at most ``horizon``; ``within_year``, share noticed within four quarters; ``never``, share
        not noticed within the horizon; ``delay_mcse``, ``within_year_mcse``. An alarm before the fall is a false
        one: it is passed over, and the cumulative sum starts anew after it.
    """
    rows = []
    for done, (count, chart) in enumerate(chart_of.items()):
        report(progress, "review: falls", done, len(chart_of))
        calm = draw_moments(shifted(shares, low, before, step), low, count, (replicates, WARM_UP), random, step)
        for fall in falls:
            after = shifted(shares, low, chart.limit - fall, step)
            fallen = draw_moments(after, low, count, (replicates, horizon), random, step)
            means, deviations = (np.hstack(pair) for pair in zip(calm, fallen, strict=True))
            for name, rule in RULES.items():
                alarms = rule.alarms(means, deviations, chart, rule.default(chart, confidence))[:, WARM_UP:]
                noticed = alarms.any(axis=1)
                delay = np.where(noticed, alarms.argmax(axis=1) + 1, horizon).astype(float)
                soon = noticed & (delay <= YEAR)
                rows.append(
                    {
                        "answers": count,
                        "fall": fall,
                        "rule": name,
                        "delay": delay.mean(),
                        "delay_mcse": delay.std(ddof=1) / np.sqrt(replicates),
                        "within_year": soon.mean(),
                        "within_year_mcse": proportion_error(soon.mean(), replicates),
                        "never": 1 - noticed.mean(),
                    }
                )
    return pd.DataFrame(rows)


def simulate_calm(
    shares: np.ndarray,
    low: float,
    chart_of: dict[int, Chart],
    margins: Sequence[float],
    confidence: float,
    replicates: int,
    horizon: int,
    random: np.random.Generator,
    step: float = 1.0,
) -> pd.DataFrame:
    """Return how often every rule gives an alarm while the true mean is limit + margin, by number of answers.

    Returns
    -------
    pandas.DataFrame
        ``answers``, ``margin``, ``rule``; ``rate``, alarms per quarter over ``horizon`` quarters, ``rate_mcse``, and
        ``theory``: for the naive rule the exact multinomial probability, else one over the average run length by the
        normal approximation.
    """
    rows = []
    for count, chart in chart_of.items():
        for margin in margins:
            true = chart.limit + margin
            calm = shifted(shares, low, true, step)
            means, deviations = draw_moments(calm, low, count, (replicates, horizon), random, step)
            error = moments(calm, low, step)[1] / np.sqrt(count)
            for name, rule in RULES.items():
                limit = rule.default(chart, confidence)
                by_replicate = rule.alarms(means, deviations, chart, limit).mean(axis=1)
                exact = below_probability(calm, low, count, chart.limit, step) if name == "naive" else None
                rows.append(
                    {
                        "answers": count,
                        "margin": margin,
                        "rule": name,
                        "rate": by_replicate.mean(),
                        # half an alarm at least: no alarm seen does not mean none is possible
                        "rate_mcse": max(by_replicate.std(ddof=1) / np.sqrt(replicates), 0.5 / (replicates * horizon)),
                        "theory": 1 / rule.run_length(true, chart, limit, error) if exact is None else exact,
                    }
                )
    return pd.DataFrame(rows)


def proportion_error(share: float, count: int) -> float:
    """Return the standard error of a simulated share, that of half an event at least."""
    return float(max(np.sqrt(share * (1 - share) / count), 0.5 / count))
