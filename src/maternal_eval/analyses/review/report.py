"""What the analysis ``review`` gives to the papers."""

from __future__ import annotations

from maternal_eval.analyses.review.result import TABLES, ReviewResult
from maternal_eval.results.marks import panel_kind
from maternal_eval.results.reported import Reported, both, names, with_cells

KINDS = {"usual": {"en": "usual", "zh": "惯用"}, "proposed": {"en": "proposed", "zh": "建议"}}


def collect(into: Reported, result: ReviewResult) -> None:
    """Quarterly review: where the scores stand, false alarms and delays, usual and proposed thresholds."""
    settings = result.settings
    for name, unit, least in (("answers", "answers", 0), ("limit", "", 0), ("fall", "", 1), ("false_alarms", "", 0)):
        # as many decimals as the number has: a limit of 0.5 is not 0
        decimals = next((d for d in range(least, 4) if abs(round(settings[name], d) - settings[name]) < 1e-9), 4)
        into.add(name, settings[name], unit=unit, decimals=decimals, evidence="design")
    into.add("horizon", settings["horizon"], decimals=0, evidence="design")
    into.add("before", result.before, decimals=2)
    lowest = result.standing.sort_values("mean").iloc[0]
    into.add("lowest.name", names(result, lowest["indicator"]))
    into.add("lowest.mean", lowest["mean"], decimals=2, low=lowest["low"], high=lowest["high"], kind="bootstrap")
    for row in result.levels.to_dict("records"):
        for name in ("scores", "answers", "below"):
            into.add(f"level.{row['level']}.{name}", row[name], decimals=0)
    into.add_each("standing.{indicator}", result.standing, "mean", low="low", high="high", kind="bootstrap", error=0.0)
    for row in result.detection.to_dict("records"):
        name = f"fall.{row['answers']}.{str(row['fall']).replace('.', '_')}.{row['rule']}"
        into.add(f"{name}.delay", row["delay"], decimals=1, error=row["delay_mcse"])
        into.add(f"{name}.within_year", row["within_year"], unit="share", decimals=0, error=row["within_year_mcse"])
    for row in result.false_alarms.to_dict("records"):
        name = f"calm.{row['answers']}.{str(row['margin']).replace('.', '_')}.{row['rule']}"
        into.add(name, row["rate"], unit="share", decimals=1, error=row["rate_mcse"])
    for row in result.proposal.to_dict("records"):
        name = f"{row['threshold_kind']}.{row['level']}.{row['rule']}"
        decimals = 1 if row["false_alarms"] < 10 else 0
        into.add(f"{name}.false_alarms", row["false_alarms"], decimals=decimals, error=0.0)
        into.add(f"{name}.delay", row["delay"], decimals=1, error=0.0)
        into.add(f"{name}.threshold", row["threshold"], decimals=2)
    _table(into, result)


def _table(into: Reported, result: ReviewResult) -> None:
    table = result.proposal[result.proposal["level"] != "all"]
    table = table if len(table) else result.proposal
    usual, proposed = (table[table["threshold_kind"] == kind].set_index(["level", "rule"]) for kind in KINDS)
    shown = usual.join(proposed[["threshold", "delay"]].add_suffix("_proposed")).reset_index()
    shown = with_cells(
        shown,
        level_name=[both(result.labels, f"level:{level}") for level in shown["level"]],
        rule_name=[both(result.labels, rule) for rule in shown["rule"]],
    )
    panel = panel_kind(result.simulated)
    into.add_table(
        "review",
        shown,
        {
            "en": f"Quarterly review ({panel['en']}): false alarms a year over all scores and quarters until the fall is "
            "noticed at the usual threshold, and the same delay at the threshold that keeps false alarms to the allowed "
            "number.",
            "zh": f"季度复审（{panel['zh']}）：惯用阈值下全部得分每年的误报次数与察觉下降所需季度数，以及把误报控制在允许次数"
            "的阈值下所需季度数。",
        },
        {
            "level_name": TABLES["proposal"]["level"].written(width=20),
            "rule_name": TABLES["proposal"]["rule"].written(width=26),
            "answers": TABLES["proposal"]["answers"].written(result.words, width=11),
            "false_alarms": TABLES["proposal"]["false_alarms"].written(width=14),
            "delay": TABLES["proposal"]["delay"].written(width=10),
            "threshold_proposed": TABLES["proposal"]["threshold"].written(
                en="Proposed threshold", zh="建议阈值", width=16
            ),
            "delay_proposed": TABLES["proposal"]["delay"].written(width=10),
        },
    )
