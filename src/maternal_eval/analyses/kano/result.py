"""Kano: what the analysis found."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from maternal_eval.methods.kano import ANSWER_CLASSES
from maternal_eval.results import StudyResult
from maternal_eval.results.schema import chance, count, number, schema, share, text, truth

_CLASSES = {name: count(one.name_en, one.name_zh) for name, one in ANSWER_CLASSES.items()}
_PROBABILITIES = {
    f"probability_{name}": chance(f"Probability of {one.name_en.lower()}", f"{one.name_zh}的概率")
    for name, one in ANSWER_CLASSES.items()
}
_OWN = {
    **_CLASSES,
    **_PROBABILITIES,
    "modal": text("Class", "类别"),
    "probability": share("Probability", "概率", decimals=0),
    "better": number("Better", "满意系数"),
    "worse": number("Worse", "不满意系数"),
    "fong_difference": number("Fong's difference", "Fong 差值"),
    "fong_critical": number("Fong's critical value", "Fong 临界值"),
    "fong_significant": truth("Significant by Fong's test", "Fong 检验显著"),
}
_ANSWERS = (
    f"n {' '.join(ANSWER_CLASSES)} modal probability better worse better_low better_high worse_low worse_high "
    f"fong_difference fong_critical fong_significant {' '.join(_PROBABILITIES)}"
)

TABLES = {
    "": schema("element", f"n {' '.join(ANSWER_CLASSES)} modal probability fong_significant better worse", **_OWN),
    "elements": schema("element", _ANSWERS, **_OWN),
    "stages": schema("stage? element", _ANSWERS, **_OWN),
    "differences": schema(
        "element",
        "cramers_v p_value q_value",
        cramers_v=number("Cramér's V", "Cramér’s V 系数"),
        q_value=chance("q (false discovery rate)", "q（错误发现率）"),
    ),
    "verdicts": schema(
        "indicator",
        "element given modal probability_given verdict",
        given=text("Class given", "给定类别"),
        modal=text("Class by the answers", "按答案的类别"),
        probability_given=chance("Probability of the class given", "给定类别的概率"),
    ),
}
"""Field → schema of its table; the empty name is that of :meth:`table`."""


@dataclass(frozen=True)
class KanoResult(StudyResult):
    """What the Kano answers say.

    Intervals are equal-tailed posterior intervals, exact. Nothing is sampled.

    Attributes
    ----------
    elements
        One row per element: ``element``, ``n``, the count of each class, ``modal`` (most frequent class),
        ``probability`` (posterior probability that it is the most frequent one in the population), ``better`` and
        ``worse`` with ``…_low`` and ``…_high``, ``fong_difference``, ``fong_critical``, ``fong_significant``, and
        ``probability_<class>``.
    stages
        The same by stage; empty without stages.
    differences
        Whether the classes differ between stages: ``element``, ``cramers_v`` (0 none … 1), ``p_value`` (chi-squared),
        ``q_value`` (false discovery rate over the elements, Benjamini & Hochberg 1995).
    verdicts
        One row per indicator that was asked about: ``indicator``, ``element``, ``given`` (the model's class),
        ``modal``, ``probability_given`` and ``verdict``: confirmed where the given class is the most frequent one with
        at least the threshold's probability, questioned where another one is, undecided between.
    """

    elements: pd.DataFrame
    stages: pd.DataFrame
    differences: pd.DataFrame
    verdicts: pd.DataFrame

    def table(self) -> pd.DataFrame:
        """Return one row per element: counts, modal class and its probability, coefficients."""
        columns = ["element", "n", *ANSWER_CLASSES, "modal", "probability", "fong_significant", "better", "worse"]
        return self.elements[columns].copy()
