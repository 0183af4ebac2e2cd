"""Users' weights: what the analysis found."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from maternal_eval.results import StudyResult
from maternal_eval.results.schema import chance, count, number, schema, share, text
from maternal_eval.study.groups import EVERYONE

_WEIGHTS = schema(
    "group set element",
    "weight low high mcse stated p_above experts experts_low experts_high",
    weight=share("Users' weight", "用户权重"),
    stated=share("Stated weight", "名义权重"),
    p_above=chance("P(users' above stated)", "P（用户高于名义）"),
    experts=share("Experts' weight", "专家权重"),
)

TABLES = {
    "": _WEIGHTS,
    "weights": _WEIGHTS,
    "agreement": schema(
        "group set reference reading",
        "value low high bound probability if_same by_chance",
        reference=text("Against", "对照"),
        bound=number("Bound", "界限"),
        probability=chance("Probability of agreement", "一致的概率"),
        if_same=chance("If users weighed alike", "用户若完全一致"),
        by_chance=chance("By chance", "随机权重的概率"),
    ),
    "fits": schema(
        "group",
        "answers slope low high indicators held",
        slope=number("Slope of the composite (logits)", "综合值的斜率（logit）"),
        held=count("Held at 0 or more", "受非负限制的指标数"),
    ),
}
"""Field → schema of its table; the empty name is that of :meth:`table`."""


@dataclass(frozen=True)
class UserWeightsResult(StudyResult):
    """What users weigh, and whether it agrees.

    Attributes
    ----------
    weights
        By group (everybody, then stages), ``set`` ("dimensions" or "indicators") and element: posterior mean of the
        users' ``weight`` with interval under a flat prior, without anchor; the ``stated`` weight; ``p_above``, the
        probability that the users' one is larger; the ``experts``' posterior mean with its interval (empty without
        experts).
    agreement
        By group, set, ``reference`` ("stated", "experts", or a profession) and ``reading``
        (:data:`~maternal_eval.methods.weight_agreement.READINGS`): posterior mean and interval of the measure, the
        ``bound`` of the settings, the ``probability`` that it is kept, the same ``if_same``, the users weighing exactly
        as the reference does (what so many answers can show at best), and ``by_chance``, for weights of which nothing
        is known. Professions stand beside everybody alone.
    fits
        By group: answers, slope of the composite under the users' weights, number of indicators, and how many
        coefficients are ``held`` at 0 or more.
    outcome
        Name of the outcome.
    """

    weights: pd.DataFrame
    agreement: pd.DataFrame
    fits: pd.DataFrame
    outcome: str

    def table(self) -> pd.DataFrame:
        """Return the weights."""
        return self.weights.copy()

    def of(self, kind: str, group: str = EVERYONE) -> pd.DataFrame:
        """Return the weights of a group: "dimensions" or "indicators"."""
        rows = self.weights[(self.weights["group"] == group) & (self.weights["set"] == kind)]
        return rows.reset_index(drop=True)

    def agreement_with(self, reference: str, kind: str, group: str = EVERYONE) -> pd.DataFrame:
        """Return the readings of agreement with one reference."""
        table = self.agreement
        rows = (table["group"] == group) & (table["set"] == kind) & (table["reference"] == reference)
        return table[rows].reset_index(drop=True)
