"""Items against the log: do they go together where a platform moves, and what reliability would that imply?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from maternal_eval.analyses.agreement.settings import AgreementSettings, LogLink
from maternal_eval.core.errors import InputError
from maternal_eval.core.randomness import named
from maternal_eval.core.remarks import Remark
from maternal_eval.methods.agreement.rank_association import rank_association, residuals
from maternal_eval.study import Study, survey_weights
from maternal_eval.study.log_months import period_of_month

PLACES = ("month", "platform", "stage")
"""Columns of the log that say what a row is about."""

FEWEST_CLUSTERS = 3
FEWEST_ANSWERS = 5
"""Answers of a cell without which its mean is not taken."""

BETWEEN, WITHIN, BOTH = "between", "within", "both"
LEVELS = (BETWEEN, WITHIN, BOTH)
"""Between platforms; within platforms over time; within platforms and what all share in a period taken away."""

COLUMNS = [
    *("item", "measure", "level", "value", "low", "high", "cells", "clusters", "rises", "implied", "sampling"),
    "disattenuated",
]


def log_tables(
    study: Study, settings: AgreementSettings, seed: np.random.SeedSequence
) -> tuple[pd.DataFrame, pd.DataFrame, list[Remark]]:
    """Return the associations of items with the log, what each column of the log serves, and remarks.

    Raises
    ------
    InputError
        If no platform of the log is in the panel.
    """
    log = study.platform_log
    if log is None:
        return pd.DataFrame(columns=COLUMNS), pd.DataFrame(columns=["column", "use"]), []
    remarks = _platforms(study, log)
    rows: list[dict[str, object]] = []
    for link in settings.links:
        cells = _cells(study, link)
        if cells["platform"].nunique() < FEWEST_CLUSTERS:
            remarks.append(
                study.words.remark(
                    f"{link.item} and {link.name}: cells of fewer than {FEWEST_CLUSTERS} {{platforms}} have both; no "
                    "association is given.",
                    f"{link.item} 与 {link.name}：同时具备两者的{{platform}}不足 {FEWEST_CLUSTERS} 个，不给出关联。",
                )
            )
            continue
        rows += [_association(link, level, cells, settings, named(seed, f"{link.item}/{link.name}/{level}"))
                 for level in LEVELS]  # fmt: skip
    return pd.DataFrame(rows, columns=COLUMNS), *_uses(study, settings, log, remarks)


def _platforms(study: Study, log: pd.DataFrame) -> list[Remark]:
    logged = sorted(log["platform"].dropna().astype(str).unique())
    known = set(study.panel["platform"].dropna().astype(str)) if study.has_platforms else set()
    strange = [name for name in logged if name not in known]
    if len(strange) == len(logged):
        raise InputError(
            "no platform of the log is in the panel",
            file=study.folder / str(study.definition.files.platform_log),
            column="platform",
            found=", ".join(logged[:5]) + (" …" if len(logged) > 5 else ""),
            expected="one of " + ", ".join(sorted(known)[:8])
            if known
            else "a panel with platforms: [columns] platform",
        )
    if not strange:
        return []
    return [
        study.words.remark(
            f"{len(strange)} {{platforms}} of the log are not in the panel and are left out: {', '.join(strange[:5])}.",
            f"日志中有 {len(strange)} 个{{platform}}不在面板中，未计入：{'、'.join(strange[:5])}。",
        )
    ]


def _cells(study: Study, link: LogLink) -> pd.DataFrame:
    """Return cells of platform (and period): the measure of the log, mean and squared error of the answers."""
    log = study.platform_log
    assert log is not None
    timed = bool(study.periods)
    by = ["platform", "period"] if timed else ["platform"]
    weight = log[link.weight].astype(float) if link.weight else 1.0
    below = log[link.of].astype(float) * weight if link.of else (weight if link.weight else log[link.measure] * 0 + 1.0)
    logged = pd.DataFrame(
        {"platform": log["platform"].astype(str), "above": log[link.measure] * weight, "below": below}
    )
    if timed:
        logged["period"] = log["month"].astype(str).map(lambda month: period_of_month(study, month))
    sums = logged.dropna().groupby(by)[["above", "below"]].sum()
    sums = sums[sums["below"] > 0]
    measure = (sums["above"] / sums["below"]).rename("measure").reset_index()
    indicator = link.item in study.model.codes
    answers = study.oriented([link.item])[link.item] if indicator else _outcome(study, link.item)
    frame = pd.DataFrame({"answer": answers, "weight": survey_weights(study.panel)})
    frame["platform"] = study.panel["platform"].astype(str)
    if timed:
        frame["period"] = study.panel["period"].astype(float)
    frame = frame.dropna()
    frame = frame[frame["weight"] > 0]
    frame["sum"], frame["square"] = frame["answer"] * frame["weight"], frame["weight"] ** 2
    found = frame.groupby(by).agg(n=("answer", "size"), weight=("weight", "sum"), sum=("sum", "sum"),
                                  square=("square", "sum"), spread=("answer", "var"))  # fmt: skip
    found = found[found["n"] >= FEWEST_ANSWERS]
    found["answer"] = found["sum"] / found["weight"]
    found["error"] = found["spread"] * found["square"] / found["weight"] ** 2
    if timed:
        measure["period"] = measure["period"].astype(float)
    return found.reset_index().merge(measure, on=by)


def _outcome(study: Study, name: str) -> pd.Series:
    outcome = study.outcomes[name]
    return pd.Series(outcome.oriented(study.panel[name].to_numpy(dtype=float)), index=study.panel.index)


def _association(
    link: LogLink, level: str, cells: pd.DataFrame, settings: AgreementSettings, seed: np.random.SeedSequence
) -> dict[str, object]:
    timed = "period" in cells
    row: dict[str, object] = {"item": link.item, "measure": link.name, "level": level, "rises": link.rises}
    if level != BETWEEN and not timed:
        return row | {"cells": len(cells), "clusters": cells["platform"].nunique()}
    if level == BETWEEN and timed:
        cells = cells.groupby("platform").agg(answer=("answer", "mean"), measure=("measure", "mean"),
                                              error=("error", _of_mean)).reset_index()  # fmt: skip
    platform = cells["platform"].to_numpy()
    others = (cells["period"].to_numpy(),) if level == BOTH else ()
    answer, measure = cells["answer"].to_numpy(dtype=float), cells["measure"].to_numpy(dtype=float)
    found = rank_association(
        answer, measure, platform, *others, within=level != BETWEEN, resamples=settings.resamples, seed=seed
    )
    groups = ((platform,) if level != BETWEEN else ()) + others
    left = residuals(answer, *groups)
    variance = float(left @ left) / max(found.kept * (len(left) - 1), 1.0)
    sampling = float(np.clip(1 - cells["error"].mean() / variance, 0.0, 1.0)) if variance > 0 else float("nan")
    implied = found.value**2
    return row | {
        "value": found.value,
        "low": found.low,
        "high": found.high,
        "cells": found.cells,
        "clusters": found.clusters,
        "implied": implied,
        "sampling": sampling,
        # With next to nothing but sampling error in the cells, nothing can be said of what is behind it.
        "disattenuated": min(implied / sampling, 1.0) if sampling > 0.2 else float("nan"),
    }


def _of_mean(errors: pd.Series) -> float:
    return float(errors.sum() / len(errors) ** 2)


def _uses(
    study: Study, settings: AgreementSettings, log: pd.DataFrame, remarks: list[Remark]
) -> tuple[pd.DataFrame, list[Remark]]:
    compared = {one for link in settings.links for one in link.columns}
    operations = study.settings("whatif").get("operations", {})
    linked = {one.get("column") for one in operations.values() if isinstance(one, dict)}
    if linked:
        linked.add("enquiries")  # a month counts by them
    rows = []
    for column in map(str, log.columns):
        if column not in PLACES:
            uses = [use for use, names in (("agreement", compared), ("whatif", linked)) if column in names]
            rows.append((column, ", ".join(uses)))
    table = pd.DataFrame(rows, columns=["column", "use"])
    unread = table.loc[table["use"] == "", "column"].tolist()
    if unread:
        remarks.append(
            study.words.remark(
                f"The {{platform}} log holds {', '.join(unread)}, which no analysis of this study reads.",
                f"{{platform}}日志含有 {'、'.join(unread)}，本研究没有任何分析使用。",
            )
        )
    return table, remarks
