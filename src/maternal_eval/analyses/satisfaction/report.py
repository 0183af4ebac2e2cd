"""What the analysis ``satisfaction`` gives to the papers."""

from __future__ import annotations

from maternal_eval.analyses.satisfaction.result import TABLES, SatisfactionResult
from maternal_eval.core.intervals import normal_reach
from maternal_eval.methods.ordinal.leave_one_out import FULL
from maternal_eval.methods.ordinal.summaries import ALL
from maternal_eval.results.marks import panel_kind
from maternal_eval.results.reported import Reported, both, with_cells, with_interval


def collect(into: Reported, result: SatisfactionResult) -> None:
    """Expected answers by stage and period, and their change."""
    into.add("answers", result.answers, decimals=0, error=0.0)
    into.add("cells", result.cells, decimals=0, error=0.0)
    into.add("effective", result.effective, decimals=0)
    for row in result.comparison[result.comparison["model"] != FULL].to_dict("records"):
        half = normal_reach() * row["difference_error"]
        low, high = row["difference"] - half, row["difference"] + half
        into.add(f"elpd.{row['model']}", row["difference"], decimals=0, low=low, high=high, kind="confidence")
    if not result.changes.empty:
        of_stages = result.changes[result.changes["stage"] != ALL]
        into.add("rise.least_sure", of_stages["p_rise"].min())
        least = of_stages.sort_values("change").iloc[0]
        into.add("rise.smallest", least["change"], low=least["low"], high=least["high"])
        into.add("rise.smallest.name", both(result.labels, least["stage"]))
    scores = result.scores
    for row in scores.to_dict("records"):
        place = f"{row['stage']}.{int(row['period'])}" if result.has_periods else str(row["stage"])
        into.add(f"score.{place}", row["score"], low=row["low"], high=row["high"], error=row["mcse"])
        into.add(f"top.{place}", row["top"], unit="share", decimals=0, low=row["top_low"], high=row["top_high"])
    for row in result.changes.to_dict("records"):
        into.add(f"change.{row['stage']}", row["change"], low=row["low"], high=row["high"], error=row["mcse"])
        into.add(f"rise.{row['stage']}", row["p_rise"])
    for row in result.changes.to_dict("records") if "standardised" in result.changes else ():
        low, high = row["standardised_low"], row["standardised_high"]
        into.add(f"change.{row['stage']}.standardised", row["standardised"], low=low, high=high)
    into.add_each("parameter.{parameter}.{level}", result.parameters, "value", low="low", high="high", error="mcse")
    stages = scores[scores["stage"] != ALL]
    last = stages[stages["period"] == stages["period"].max()] if result.has_periods else stages
    ordered = last.sort_values("score")
    for name, end in (("lowest", ordered.iloc[0]), ("highest", ordered.iloc[-1])):
        into.add(f"{name}.name", both(result.labels, end["stage"]))
        into.add(f"{name}.score", end["score"], low=end["low"], high=end["high"])
    table = with_cells(
        last,
        name=[both(result.labels, stage) for stage in last["stage"]],
        score_cell=[with_interval(row, "score") for row in last.to_dict("records")],
        top_cell=[with_interval(row, "top", "top_low", "top_high") for row in last.to_dict("records")],
    )
    columns = {
        "name": TABLES["scores"]["stage"].written(result.words),
        "score_cell": TABLES["scores"]["score"].written(),
        "top_cell": TABLES["scores"]["top"].written(),
        "answers": TABLES["scores"]["answers"].written(result.words),
    }
    if not result.changes.empty:
        changes = result.changes.set_index("stage")
        table = with_cells(table, change_cell=(with_interval(changes.loc[stage], "change") for stage in table["stage"]))
        columns["change_cell"] = TABLES["changes"]["change"].written(signed=True)
        if "standardised" in changes:
            bounds = ("standardised", "standardised_low", "standardised_high")
            same = (with_interval(changes.loc[stage], *bounds) for stage in table["stage"])
            table = with_cells(table, same_cell=same)
            columns["same_cell"] = TABLES["changes"]["standardised"].written(signed=True)
    panel = panel_kind(result.simulated)
    into.add_table(
        "satisfaction",
        table,
        result.words.remark(
            "{outcome} by {stage}, latest period ({panel}): expected answer, probability of the two highest answers, 90% "
            "equal-tailed intervals.",
            "最近一期各{stage}{outcome}（{panel}）：期望得分、最高两档概率及 90% 等尾区间。",
            outcome=both(result.labels, result.outcome),
            panel=panel,
        ),
        columns,
    )
