"""What the analysis ``agreement`` gives to the papers."""

from __future__ import annotations

from maternal_eval.analyses.agreement.names import LEVELS, both_names
from maternal_eval.analyses.agreement.result import TABLES, AgreementResult
from maternal_eval.results.marks import panel_kind
from maternal_eval.results.reported import Reported, both, with_cells, with_interval
from maternal_eval.results.tables import Evidence


def collect(into: Reported, result: AgreementResult) -> None:
    """Errors of the sources, agreement, what "accurate" needs, and items against the log."""
    if result.has_records:
        _sources(into, result)
        _accuracy(into, result)
    for row in result.log.to_dict("records"):
        name = f"log.{row['item']}.{row['measure']}.{row['level']}"
        into.add(name, row["value"], low=row["low"], high=row["high"], kind="bootstrap", error=0.0)
        into.add(f"{name}.implied", row["implied"], unit="share", decimals=0, error=0.0)
        into.add(f"{name}.sampling", row["sampling"], unit="share", decimals=0, error=0.0)
        into.add(f"{name}.cells", row["cells"], decimals=0, error=0.0, evidence="design")
    if len(result.log_columns):
        into.add("log.columns", len(result.log_columns), decimals=0, error=0.0, evidence="design")
        into.add("log.unread", int((result.log_columns["use"] == "").sum()), decimals=0, error=0.0, evidence="design")
    if not result.log.empty:
        _log_table(into, result)


def _sources(into: Reported, result: AgreementResult) -> None:
    table = result.sources
    into.add("records", int(table["n"].iloc[0]), decimals=0, error=0.0)
    into.add("sources", len(table), decimals=0, error=0.0)
    into.add_each("mean.{source}", table, "mean", decimals=1, unit="points", error=0.0)
    for name, unit, decimals in (("error", "points", 1), ("reliability", "share", 0), ("own_unit", "points", 1)):
        into.add_each(f"{name}.{{source}}", table, name, unit=unit, decimals=decimals, error=0.0,
                      low=f"{name}_low", high=f"{name}_high", kind="bootstrap")  # fmt: skip
    for row in result.limits.to_dict("records"):
        for name in ("bias", "lower", "upper"):
            into.add(f"{name}.{row['first']}.{row['second']}", row[name], unit="points", decimals=1, error=0.0,
                     low=row[f"{name}_low"], high=row[f"{name}_high"])  # fmt: skip
        into.add(f"slope.{row['first']}.{row['second']}", row["slope"], low=row["slope_low"], high=row["slope_high"],
                 error=0.0)  # fmt: skip
    # ICC(2,1) and the like: the key keeps case and form
    into.add_each("icc.{form}", result.correlations, "value", low="low", high="high", error=0.0)
    into.add_each("alpha.{level}", result.alphas, "value", low="low", high="high", kind="bootstrap", error=0.0)
    if not result.shared.empty:
        pairs = result.shared.drop_duplicates(["first", "second"])
        into.add_each("excess.{first}.{second}", pairs, "excess", decimals=1, low="low", high="high", kind="bootstrap",
                      error=0.0)  # fmt: skip
        into.add_each("shared.{first}.{second}.{source}", result.shared, "error", unit="points", decimals=1, error=0.0)
    rows = table.to_dict("records")
    panel = panel_kind(result.simulated)
    into.add_table(
        "sources",
        with_cells(
            table,
            name=[both_names(row["source"], "source") for row in rows],
            error_cell=[with_interval(row, "error", "error_low", "error_high") for row in rows],
            reliability_cell=[with_interval(row, "reliability", "reliability_low", "reliability_high") for row in rows],
        ),
        {
            "en": f"What each source errs by, from the covariances of their readings ({panel['en']}; "
            "90% bootstrap intervals). It holds if sources err independently of each other.",
            "zh": f"由各来源读数的协方差得到的误差（{panel['zh']}；90% 自助法区间），以各来源误差相互独立为前提。",
        },
        {
            "name": TABLES["sources"]["source"].written(),
            "mean": TABLES["sources"]["mean"].written(),
            "error_cell": TABLES["sources"]["error"].written(),
            "reliability_cell": TABLES["sources"]["reliability"].written(decimals=0),
        },
    )


def _accuracy(into: Reported, result: AgreementResult) -> None:
    evidence: Evidence = "published" if result.published else "design"
    into.add("asked", result.asked, unit="share", decimals=0, error=0.0, evidence=evidence)
    into.add("tolerance", result.settings["tolerance"], unit="points", decimals=0, error=0.0, evidence="design")
    table = result.tolerances
    into.add_each("needed.{definition}", table, "needed", unit="points", decimals=1, error=0.0,
                  low="needed_low", high="needed_high")  # fmt: skip
    into.add_each("accurate.{definition}", table, "share", unit="share", decimals=1, error=0.0, low="low", high="high")
    truths = result.curve[result.curve["definition"].str.startswith("truth:")]
    truths = truths[truths["tolerance"] == result.settings["tolerance"]]
    into.add_each("accurate.{definition}", truths, "share", unit="share", decimals=1, error=0.0, low="low", high="high")
    whole = result.dropped[result.dropped["factor"] == ""]
    if len(whole):
        into.add("dropped.kept", whole["share"].iloc[0], unit="share", decimals=1, error=0.0)
        into.add_each("dropped.change.{source}", whole, "change", unit="points", decimals=2, error=0.0,
                      low="change_low", high="change_high")  # fmt: skip
    groups = result.dropped[(result.dropped["factor"] != "") & (result.dropped["source"] == "mean")]
    if len(groups):
        into.add("dropped.kept.least", groups["share"].min(), unit="share", decimals=1, error=0.0)
        into.add("dropped.kept.most", groups["share"].max(), unit="share", decimals=1, error=0.0)
        into.add("dropped.change.largest", groups["change"].abs().max(), unit="points", decimals=2, error=0.0)
    into.add("agreed.all", result.agreed_all, decimals=3, error=0.0)
    into.add("agreed.kept", result.agreed_kept, decimals=3, error=0.0)
    for row in result.precision.to_dict("records"):
        if row["kind"] in ("largest", "respondents"):
            into.add(f"objective.{row['kind']}", row["gain"], unit="share", decimals=1, error=0.0)
        elif row["kind"] == "required":
            into.add(f"objective.required.{row['gain']:g}", row["error"], unit="points", decimals=1, error=0.0)
        else:
            into.add(f"objective.gained.{row['error']:g}", row["gain"], unit="share", decimals=1, error=0.0)
    rows = table.to_dict("records")
    panel = panel_kind(result.simulated)
    into.add_table(
        "accuracy",
        with_cells(
            table,
            name=[both_names(row["definition"], "definition") for row in rows],
            share_cell=[with_interval(row, "share") for row in rows],
            needed_cell=[with_interval(row, "needed", "needed_low", "needed_high") for row in rows],
        ),
        {
            "en": f"The share of accurate records by definition at a tolerance of {result.settings['tolerance']:g} "
            f"points of 100, and the tolerance at which it is {result.asked:.0%} ({panel['en']}; 90% intervals).",
            "zh": f"容差为 100 分中的 {result.settings['tolerance']:g} 分时各定义下的准确占比，以及占比达到 "
            f"{result.asked:.0%} 所需的容差（{panel['zh']}；90% 区间）。",
        },
        {
            "name": TABLES["tolerances"]["definition"].written(width=30),
            "share_cell": TABLES["tolerances"]["share"].written(width=24),
            "needed_cell": TABLES["tolerances"]["needed"].written(width=30),
        },
    )


def _log_table(into: Reported, result: AgreementResult) -> None:
    rows = result.log.to_dict("records")
    panel = panel_kind(result.simulated)
    levels = {name: dict(zip(("en", "zh"), result.words.pair(*texts), strict=True)) for name, texts in LEVELS.items()}
    into.add_table(
        "log",
        with_cells(
            result.log,
            name=[both(result.labels, row["item"]) for row in rows],
            level_name=[levels[row["level"]] for row in rows],
            value_cell=[with_interval(row, "value") for row in rows],
        ),
        {
            "en": f"Items and outcomes against the log of the same thing ({panel['en']}): rank correlation of cell means "
            "with 90% bootstrap intervals over {platforms}, the reliability that it implies, and what sampling alone "
            "would leave.".replace("{platforms}", levels["between"]["en"].partition(" ")[2]),
            "zh": f"指标与结果同日志的核对（{panel['zh']}）：单元均值的秩相关及 90% 自助法区间、所含信度与抽样误差所容信度。",
        },
        {
            "name": TABLES["log"]["item"].written(width=22),
            "measure": TABLES["log"]["measure"].written(width=26),
            "level_name": TABLES["log"]["level"].written(width=16),
            "value_cell": TABLES["log"]["value"].written(width=20, signed=True),
            "implied": TABLES["log"]["implied"].written(width=10),
            "sampling": TABLES["log"]["sampling"].written(width=12),
        },
    )
