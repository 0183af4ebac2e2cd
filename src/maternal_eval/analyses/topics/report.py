"""What the analysis ``topics`` gives to the papers."""

from __future__ import annotations

from maternal_eval.analyses.topics.result import TABLES, TopicsResult
from maternal_eval.results.marks import panel_kind
from maternal_eval.results.reported import Reported, both, with_cells, with_interval

EVERYBODY = {"en": "all", "zh": "全部"}


def collect(into: Reported, result: TopicsResult) -> None:
    """How many topics rose, the ratios of the last quarter, and how often a rise is noticed."""
    into.add("series", len(result.signals.drop_duplicates(["stage", "topic"])), decimals=0, error=0.0)
    into.add("rising", len(result.topics), decimals=0, error=0.0)
    into.add("still", int(result.topics["still"].sum()), decimals=0, error=0.0)
    into.add("false_discovery", result.settings["false_discovery"], unit="share", decimals=0, evidence="design")
    into.add("before", result.settings["before"], decimals=0, evidence="design")
    into.add("latest", result.settings["latest"], decimals=0, evidence="design")
    into.add("ahead", result.settings["ahead"], decimals=0, evidence="design")
    for row in result.topics.to_dict("records"):
        name = f"{row['stage'] or 'all'}.{row['topic']}"
        into.add(f"ratio.{name}", row["ratio"], decimals=1, low=row["low"], high=row["high"], error=0.0)
        into.add(f"first.{name}", row["first"])
    for row in result.delays.to_dict("records"):
        if row["factor"] == 1.0:
            into.add("false_quarters", row["noticed"], unit="share", decimals=1, error=row["mcse"])
            continue
        into.add(f"noticed.{row['factor']:g}", row["noticed"], unit="share", decimals=0, error=row["mcse"])
    if result.topics.empty:
        return
    rows = result.topics.to_dict("records")
    panel = panel_kind(result.simulated)
    into.add_table(
        "topics",
        with_cells(
            result.topics,
            stage_name=[both(result.labels, row["stage"]) if row["stage"] else EVERYBODY for row in rows],
            ratio_cell=[with_interval(row, "ratio") for row in rows],
        ),
        {
            "en": f"Topics of the feedback that came up ({panel['en']}): first quarter with a signal, and the rate of the last "
            "quarters over the rate before with its 90% exact interval.",
            "zh": f"反馈中上升的主题（{panel['zh']}）：首次发出信号的季度，以及近期速率与此前速率之比及其 90% 精确区间。",
        },
        {
            "topic": TABLES["topics"]["topic"].written(width=30),
            "stage_name": TABLES["topics"]["stage"].written(result.words, width=22),
            "first": TABLES["topics"]["first"].written(width=16),
            "ratio_cell": TABLES["topics"]["ratio"].written(width=26),
        },
    )
