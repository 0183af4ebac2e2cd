"""The instrument: what the analysis found."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from maternal_eval.results import StudyResult
from maternal_eval.results.schema import amount, chance, count, number, schema, text, truth

_COLUMN = text("Groups by", "分组依据")
_RELIABILITY = schema(
    "dimension column group",
    "items n observed alpha alpha_low alpha_high omega omega_low omega_high",
    column=_COLUMN,
    items=count("Items", "指标数"),
    n=count("{Respondents}", "{respondent}数"),
    observed=number("Alpha of the answers as they are", "α（实测答案）"),
    alpha=number("Ordinal alpha", "有序α"),
    omega=number("Omega", "ω 系数"),
)

TABLES = {
    "": _RELIABILITY,
    "reliability": _RELIABILITY,
    "models": schema(
        "model",
        "parameters freedom discrepancy held_out gained difference low high best",
        parameters=count("Parameters of the correlations", "相关结构参数个数"),
        freedom=number("Degrees of freedom", "自由度", decimals=0),
        discrepancy=number("Discrepancy", "差异函数值", decimals=3),
        held_out=number("Held-out log-likelihood a pair of answers", "留出对数似然（每对答案）", decimals=4),
        gained=number("Share of what can be predicted", "可预测部分中的占比", unit="share", decimals=1),
        difference=number("To the best model, thousandths", "与最优模型之差（千分之一）", decimals=2),
        best=truth("Best", "最优"),
    ),
    "loadings": schema(
        "indicator",
        "dimension loading general specific",
        loading=number("Loading on its dimension", "维度载荷"),
        general=number("Loading on a general factor", "一般因子载荷"),
        specific=number("Beside it, on its dimension", "其外的维度载荷"),
    ),
    "factors": schema("dimension other", "value low high", value=number("Correlation", "相关系数")),
    "pairs": schema(
        "indicator other",
        "correlation predicted residual low high redundant",
        correlation=number("Polychoric correlation", "多分格相关"),
        predicted=number("Predicted by the other items", "由其他指标预测"),
        residual=number("Beyond that", "超出部分"),
        redundant=truth("Redundant", "重复"),
    ),
    "differential": schema(
        "column indicator",
        "dimension n anchor spread size r2_change r2_size statistic freedom p_value q_value slope_p slope_q flagged",
        column=_COLUMN,
        n=count("{Respondents}", "{respondent}数"),
        anchor=count("Items of the anchor", "锚指标数"),
        spread=number("Largest difference (logits)", "最大差异（对数优势）"),
        size=text("Size", "大小"),
        r2_change=number("Change of R²", "R²变化", decimals=4),
        r2_size=text("Size by R²", "大小（按R²）"),
        statistic=number("Likelihood ratio", "似然比", decimals=1),
        freedom=count("Degrees of freedom", "自由度"),
        q_value=chance("q", "q"),
        slope_p=chance("p, not uniform", "p（非一致性）"),
        slope_q=chance("q, not uniform", "q（非一致性）"),
        flagged=truth("Flagged", "标记"),
    ),
    "effects": schema(
        "column indicator group",
        "n effect low high shift",
        column=_COLUMN,
        n=count("{Respondents}", "{respondent}数"),
        effect=number("Difference at the same anchor (logits)", "同锚分下的差异（对数优势）"),
        shift=number("Shift of the mean answer", "平均答案的移动", decimals=3),
    ),
    "corrected": schema(
        "column units unit",
        "before after change rank_before rank_after",
        column=_COLUMN,
        before=number("Score", "得分", decimals=1),
        after=number("Score, corrected", "校正后得分", decimals=1),
        change=number("Change", "变化"),
        rank_before=count("Rank", "名次"),
        rank_after=count("Rank, corrected", "校正后名次"),
    ),
    "segments": schema(
        "column group quantity",
        "n mean low high gap gap_low gap_high mix mix_low mix_high within within_low within_high",
        column=_COLUMN,
        n=amount("{Respondents}", "{respondent}数"),
        gap=number("Gap to everybody", "与总体之差"),
        mix=number("Of it: another mix", "其中：构成"),
        within=number("Of it: within", "其中：组内"),
    ),
}
"""Field → schema of its table; the empty name is that of :meth:`table`."""


@dataclass(frozen=True)
class InstrumentResult(StudyResult):
    """What the items measure together. Intervals have probability
    :data:`~maternal_eval.core.intervals.PROBABILITY`.

    Attributes
    ----------
    reliability
        Per dimension, in everybody (``column`` and ``group`` empty) and by level of each column of groups: alpha and
        omega from polychoric correlations, and ``observed``, alpha of the answers as they are.
    models
        Factor models by how well they predict pairs of answers of respondents whom they have not seen:
        ``held_out`` log-likelihood, ``gained``, the way from no relation (0) to a correlation for every pair (1), and
        the ``difference`` to the best factor model in thousandths, with an interval over the folds. ``discrepancy``
        and ``freedom`` are those of all respondents.
    loadings
        Of the dimensions model, and of the bifactor model.
    factors
        Correlations of the dimensions as factors.
    pairs
        Pairs of items that correlate most beyond what the other items of their dimensions predict for them.
    general
        Bifactor model: share of the common variance that is general (``explained``), omega ``hierarchical`` (what of
        the sum of all items is general) and ``total``.
    differential
        Per column of groups and item: how far the groups differ at the same anchor, in logits with its class
        (Educational Testing Service) and as a change of Nagelkerke's R² with its class (Jodoin & Gierl), likelihood
        ratio, q by Benjamini and Hochberg; ``slope_…``: whether the item tells apart otherwise in some group.
    effects
        Per group: the effect in logits as a deviation from the mean of all, and the shift of its mean answer.
    corrected
        Composite scores and ranks of the groups and of those who are judged, before and after the shifts of flagged
        items were taken from the answers.
    segments
        Means by level of each segment, the gap to everybody, and what of it is another mix of stages, platforms and
        periods or within these.
    items
        How many items were examined.
    """

    reliability: pd.DataFrame
    models: pd.DataFrame
    loadings: pd.DataFrame
    factors: pd.DataFrame
    pairs: pd.DataFrame
    general: dict[str, float]
    differential: pd.DataFrame
    effects: pd.DataFrame
    corrected: pd.DataFrame
    segments: pd.DataFrame
    items: int

    def table(self) -> pd.DataFrame:
        """Return the reliability of the dimensions, in everybody and by group."""
        return self.reliability

    def everybody(self) -> pd.DataFrame:
        """Return the reliability of the dimensions in everybody."""
        return self.reliability[self.reliability["column"] == ""]

    @property
    def best(self) -> str | None:
        """The factor model that predicts best; None where none was tested."""
        if self.models.empty:
            return None
        return str(self.models.loc[self.models["best"], "model"].iloc[0])

    def flagged(self, column: str) -> pd.DataFrame:
        """Return the items that differ between the levels of a column, the largest difference first."""
        rows = self.differential[(self.differential["column"] == column) & self.differential["flagged"]]
        return rows.sort_values("spread", ascending=False)
