"""What the analysis ``sensitivity`` gives to the papers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from maternal_eval.analyses.sensitivity.labels import factor_names, output_names
from maternal_eval.analyses.sensitivity.result import ALL, BY_DIMENSION, SensitivityResult
from maternal_eval.results.marks import panel_kind
from maternal_eval.results.reported import Reported, extreme, names, with_interval
from maternal_eval.results.tables import TableColumn
from maternal_eval.results.vocabulary import COLUMNS

ROUNDING = 1e-9
"""Smallest standard error of an index that two runs are compared with."""


def collect(into: Reported, result: SensitivityResult) -> None:
    """Question 1: what moves scores, ranks, lead and predictions; question 2: what answers have to do with outcomes."""
    into.add("runs", result.runs, decimals=0, evidence="design")
    into.add("base", result.base, decimals=0, evidence="design")
    _indices(into, result)
    _ranks(into, result)
    _shapley(into, result)
    _levels(into, result)


def _indices(into: Reported, result: SensitivityResult) -> None:
    table = result.table()
    for analysis in dict.fromkeys(result.indices["analysis"]):
        indices = result.whole(analysis)
        indices = indices[indices["defined"]]
        of = "" if analysis == ALL else f"alone.{analysis}."
        for index in ("first", "total"):
            into.add_each(f"{of}{{output}}.{{factor}}.{index}", indices, index, low=f"{index}_low",
                          high=f"{index}_high", kind="bootstrap", error=_at_least_rounding(indices[f"{index}_error"]))  # fmt: skip
    for analysis, pairs in result.second.groupby("analysis", sort=False):
        of = "dimensions" if analysis == BY_DIMENSION else f"pairs.{analysis!s}"
        into.add_each(f"{of}.{{output}}.{{factor}}.{{other}}.second", pairs, "second", low="second_low",
                      high="second_high", kind="bootstrap", error=_at_least_rounding(pairs["second_error"]))  # fmt: skip
    whole = result.scores[(result.scores["platform"] == "") & (result.scores["stage"] == "")]
    for row in whole.to_dict("records"):
        into.add(f"points.{row['analysis']}", row["nominal"], decimals=1, low=row["low"], high=row["high"])
    factors = table[table["defined"] & (table["factor"] != "dummy")]
    for output, rows in factors.groupby("output", sort=False):
        most = extreme(rows, "total")
        into.add(f"{output}.most.name", factor_names(result.labels, most["factor"]))
        into.add(
            f"{output}.most.total", most["total"], low=most["total_low"], high=most["total_high"], kind="bootstrap"
        )
    outputs = list(dict.fromkeys(factors["output"]))
    cells = {
        output: {
            row["factor"]: with_interval(row, "total", "total_low", "total_high") for row in rows.to_dict("records")
        }
        for output, rows in factors.groupby("output", sort=False)
    }
    rows_of = list(dict.fromkeys(factors["factor"]))
    filled: dict[str, Any] = {"factor": [factor_names(result.labels, factor) for factor in rows_of]}
    filled |= {output: [cells[output].get(factor) for factor in rows_of] for output in outputs}
    frame = pd.DataFrame(filled)
    columns = {"factor": COLUMNS["factor"].written()}
    columns |= {output: TableColumn(*_capital(output_names(result.labels, output))) for output in outputs}
    panel = panel_kind(result.simulated)
    into.add_table(
        "sensitivity",
        frame,
        {
            "en": f"Total Sobol' indices when weights, choices and the line to the outcome are uncertain together ({panel['en']}); 90% bootstrap intervals.",
            "zh": f"权重、方法选择与回归线同时不确定时的总效应 Sobol' 指数（{panel['zh']}），附 90% 自助法区间。",
        },
        columns,
    )


def _at_least_rounding(errors: pd.Series) -> np.ndarray:
    """An index that is exactly 0 scatters by rounding alone, which no bootstrap knows."""
    return np.maximum(errors.to_numpy(dtype=float), ROUNDING)


def _capital(name: dict[str, str]) -> tuple[str, str]:
    return name["en"][0].upper() + name["en"][1:], name["zh"]


def _ranks(into: Reported, result: SensitivityResult) -> None:
    for row in result.ranks.to_dict("records"):
        draws = 2 * (result.base if row["analysis"] == ALL else result.settings["alone"])
        share = row["share_first"]
        error = np.sqrt(max(share * (1 - share), 1 / draws) / draws)
        name = f"first.{row['analysis']}.{row['stage'] or 'all'}.{row['platform']}"
        into.add(name, share, unit="share", decimals=0, error=error)
    for analysis, rows in result.ranks.groupby("analysis", sort=False):
        whole, by_stage = rows[rows["stage"] == ""], rows[rows["stage"] != ""]
        if not whole.empty:
            first = whole.sort_values("nominal").iloc[0]
            into.add(f"first.share.{analysis}", first["share_first"], unit="share", decimals=0)
            into.add(f"firm.{analysis}", int((whole["low"] == whole["high"]).sum()), decimals=0)
            if analysis == ALL:
                into.add("platforms", len(whole), decimals=0)
        if not by_stage.empty:
            share = float((by_stage["low"] == by_stage["high"]).mean())
            into.add(f"firm.by_stage.{analysis}", share, unit="share", decimals=0)


def _shapley(into: Reported, result: SensitivityResult) -> None:
    into.add_each("shapley.{output}.{set}.of.{element}", result.shapley, "share", unit="share", decimals=0,
                  error=_at_least_rounding(result.shapley["error"]))  # fmt: skip
    for (sibling_set, output), rows in result.shapley.groupby(["set", "output"], sort=False):
        most = extreme(rows, "share")
        into.add(f"shapley.{output}.{sibling_set}.name", names(result, most["element"]))
        into.add(f"shapley.{output}.{sibling_set}.share", most["share"], unit="share", decimals=0)
    for row in result.concentration.to_dict("records"):
        into.add(f"concentration.{row['set']}", row["concentration"], decimals=0)


def _levels(into: Reported, result: SensitivityResult) -> None:
    into.add_each("answers.{outcome}.of.{indicator}", result.answers, "share", unit="share", decimals=1, low="low",
                  high="high", kind="bootstrap", error="error")  # fmt: skip
    into.add_each("elasticity.{model}.value", result.elasticity, "value", low="low", high="high", kind="bootstrap",
                  error=0.0)  # fmt: skip
    for row in result.elasticity.to_dict("records"):
        low, high = row["response_low"], row["response_high"]
        into.add(f"elasticity.{row['model']}.response", row["response"], unit="share", decimals=1, low=low, high=high,
                 kind="bootstrap")  # fmt: skip
        if not pd.isna(row["linear_until"]):
            low, high = row["linear_until_low"], row["linear_until_high"]
            into.add(f"elasticity.{row['model']}.linear_until", row["linear_until"], unit="share", decimals=0, low=low,
                     high=high, kind="bootstrap")  # fmt: skip
        if not pd.isna(row["published"]):
            into.add(f"elasticity.{row['model']}.published", row["published"], unit="share", decimals=1,
                     evidence="published")  # fmt: skip
    for model, curve in result.curve.groupby("model") if not result.curve.empty else ():
        end = curve.sort_values("change").iloc[-1]
        into.add(f"curve.{model}.end", end["value"], unit="share", decimals=0, low=end["low"], high=end["high"],
                 kind="bootstrap")  # fmt: skip
        into.add(f"curve.{model}.change", end["change"], unit="share", decimals=0, evidence="design")
    for outcome, rows in result.answers.groupby("outcome", sort=False):
        most = extreme(rows, "share")
        into.add(f"answers.{outcome}.explained", most["explained"], unit="share", decimals=1)
        into.add(f"answers.{outcome}.most.name", names(result, most["indicator"]))
        into.add(f"answers.{outcome}.most.share", most["share"], unit="share", decimals=1, low=most["low"],
                 high=most["high"], kind="bootstrap")  # fmt: skip
