"""Topics of the feedback: what the analysis found."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from maternal_eval.results import StudyResult
from maternal_eval.results.schema import chance, count, number, schema, share, text, truth

_COUNTED = {
    "topic": text("Topic", "主题"),
    "quarter": text("Quarter", "季度"),
    "count": count("Mentions in the latest quarters", "近期提及数"),
    "expected": number("Expected from the quarters before", "按此前各季度的期望值", decimals=1),
    "ratio": number("Rate over the rate before", "与此前速率之比"),
}
_TOPICS = schema(
    "stage topic",
    "first signals count expected ratio low high still",
    **{name: column for name, column in _COUNTED.items() if name != "quarter"},
    first=text("First signal", "首次信号"),
    signals=count("Quarters with a signal", "发出信号的季度数"),
    still=truth("Signal in the last quarter", "末季仍有信号"),
)

TABLES = {
    "": _TOPICS,
    "topics": _TOPICS,
    "signals": schema(
        "quarter stage topic",
        "count expected ratio low high p signal",
        **_COUNTED,
        p=chance("p value of a rise", "上升的 p 值"),
        signal=truth("Signal", "信号"),
    ),
    "delays": schema(
        "factor",
        "noticed mcse delay",
        factor=number("Factor on the rate", "速率倍数"),
        noticed=share("Noticed", "被发现的占比"),
        delay=number("Median quarters until the signal", "发出信号的季度数中位数", decimals=0),
    ),
}
"""Field → schema of its table; the empty name is that of :meth:`table`."""


@dataclass(frozen=True)
class TopicsResult(StudyResult):
    """Topics that come up more often than before.

    Attributes
    ----------
    signals
        One row per quarter (from the first with enough quarters before it), group (empty: all) and topic: mentions in
        the latest quarters, how many were expected from those before, their ``ratio`` as rates with 90 % exact
        conditional interval (``high`` empty: not named before), one-sided ``p`` and ``signal``.
    topics
        One row per group and topic with any signal: ``first`` quarter with one, how many, and the numbers of the last
        quarter.
    delays
        One row per factor on the rate of one series: share of simulated streams in which it is ``noticed`` and median
        ``delay`` in quarters (empty: more than half are not noticed in time). Factor 1: share of quarters with any
        false signal.
    first, last
        First and last quarter that were tested.
    """

    signals: pd.DataFrame
    topics: pd.DataFrame
    delays: pd.DataFrame
    first: str
    last: str

    def table(self) -> pd.DataFrame:
        """Return one row per group and topic with any signal; see :attr:`topics`."""
        return self.topics.copy()
