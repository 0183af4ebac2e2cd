"""What the analysis ``kano`` gives to the papers."""

from __future__ import annotations

import numpy as np

from maternal_eval.analyses.kano.result import TABLES, KanoResult
from maternal_eval.methods.kano import ANSWER_CLASSES
from maternal_eval.results.reported import Reported, names, with_cells, with_interval
from maternal_eval.results.vocabulary import COLUMNS

VERDICTS = ("confirmed", "questioned", "undecided", "not given")


def collect(into: Reported, result: KanoResult) -> None:
    """Class counts, verdicts on the classes of the model, what differs between stages."""
    elements = result.elements
    into.add("elements", len(elements), decimals=0, error=0.0)
    into.add("respondents", int(elements["n"].max()), decimals=0, error=0.0)
    into.add("threshold", result.settings["threshold"], unit="share", decimals=0, evidence="design")
    for name in ANSWER_CLASSES:
        into.add(f"modal.{name}", int((elements["modal"] == name).sum()), decimals=0)
    sure = elements["probability"] >= result.settings["threshold"]
    into.add("sure", int(sure.sum()), decimals=0)
    into.add("fong", int(elements["fong_significant"].sum()), decimals=0)
    into.add("verdicts", len(result.verdicts), decimals=0)
    for verdict in VERDICTS:
        into.add(f"verdict.{verdict}", int((result.verdicts["verdict"] == verdict).sum()), decimals=0)
    into.add("differs_by_stage", int((result.differences["q_value"] <= 0.05).sum()), decimals=0)
    for column in ("better", "worse"):
        into.add_each(f"{column}.{{element}}", elements, column, low=f"{column}_low", high=f"{column}_high", error=0.0)
    into.add_each("probability.{element}", elements, "probability", unit="share", decimals=0, error=0.0)
    for sign, column in (("better", "better"), ("worse", "worse")):
        if elements[column].isna().all():
            continue  # nobody gave a pair of answers that counts
        row = elements.iloc[int(np.nanargmax(elements[column].abs().to_numpy(dtype=float)))]
        into.add(f"most.{sign}.name", names(result, row["element"]))
        into.add(f"most.{sign}", row[column], decimals=2, low=row[f"{column}_low"], high=row[f"{column}_high"])
    rows = elements.to_dict("records")
    table = with_cells(
        elements,
        name=[names(result, row["element"]) for row in rows],
        modal_name=[_class(row["modal"]) for row in rows],
        better_cell=[with_interval(row, "better", "better_low", "better_high") for row in rows],
        worse_cell=[with_interval(row, "worse", "worse_low", "worse_high") for row in rows],
    )
    of = {
        "simulated": ("Kano classes by the simulated answers", "按模拟答案得到的卡诺类别"),
        "replication": ("Kano classes by real answers", "按真实答案得到的卡诺类别"),
    }[into.evidence if into.evidence == "simulated" else "replication"]
    into.add_table(
        "kano",
        table,
        {
            "en": f"{of[0]}: the most frequent class, the probability that it is the most frequent one, and the "
            "coefficients of satisfaction and dissatisfaction with 90% intervals.",
            "zh": f"{of[1]}：最常见类别及其为总体最常见类别的概率，满意系数与不满意系数，附 90% 区间。",
        },
        {
            "element": TABLES["elements"]["element"].written(en="Code", zh="代码", width=9),
            "name": COLUMNS["element"].written(width=32),
            "modal_name": TABLES["elements"]["modal"].written(width=15),
            "probability": TABLES["elements"]["probability"].written(width=12),
            "better_cell": TABLES["elements"]["better"].written(width=20),
            "worse_cell": TABLES["elements"]["worse"].written(width=22),
        },
    )


def _class(name: str) -> dict[str, str]:
    return {"en": ANSWER_CLASSES[name].name_en, "zh": ANSWER_CLASSES[name].name_zh}
