"""What the satisfaction model found."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from maternal_eval.core.remarks import Remark
from maternal_eval.methods.ordinal.summaries import ALL
from maternal_eval.results import Result
from maternal_eval.results.schema import chance, count, number, schema, share, text

_MASS = number("{Answers} (weighted)", "{answer}数（加权）", decimals=0)
_SCORE = number("Expected answer", "期望得分")
_OPTIONAL = {"predicted": share("Share without {answers}", "无{answer}人群占比", decimals=0)}

TABLES = {
    "": schema(
        "stage period?", "score low high top top_low top_high observed answers predicted?", score=_SCORE, **_OPTIONAL
    ),
    "scores": schema(
        "stage period",
        "score low high mcse top top_low top_high observed answers effective forecast predicted?",
        score=_SCORE,
        **_OPTIONAL,
    ),
    "probabilities": schema("stage period answer", "probability low high"),
    "changes": schema(
        "stage",
        "first last change low high mcse p_rise standardised? standardised_low? standardised_high? composition?",
        first=count("First period", "首期"),
        last=count("Last period", "末期"),
        change=number("Change since the first period", "较首期变化"),
        standardised=number("The same, in one composition", "同一构成下的变化"),
        standardised_low=number("Low, in one composition", "同一构成下的下限"),
        standardised_high=number("High, in one composition", "同一构成下的上限"),
        composition=number("Owed to the composition", "构成变化所致"),
    ),
    "compositions": schema(
        "composition stage period", "score low high mcse", composition=text("Composition", "人群构成"), score=_SCORE
    ),
    "parameters": schema("parameter level", "value low high mcse", value=number("Value (logits)", "取值（logit）")),
    "predictive": schema(
        "stage answer",
        "observed replicated low high p inside distance distance_p",
        observed=share("Observed", "观测占比"),
        replicated=share("Replicated", "重复占比"),
        p=chance("p", "p"),
        distance=number("Distance", "距离"),
        distance_p=chance("p of the distance", "距离的 p 值"),
    ),
    "transform": schema(
        "stage at",
        "share answers",
        at=chance("Point", "分位点"),
        share=share("Share at most", "累计占比"),
        answers=_MASS,
    ),
    "calibration": schema(
        "answer predicted",
        "observed low high answers",
        predicted=share("Predicted", "预测占比"),
        observed=share("Observed", "观测占比"),
        answers=_MASS,
    ),
    "prior": schema(
        "quantity level",
        "prior prior_low prior_high posterior posterior_low posterior_high",
        prior=number("Prior", "先验"),
        posterior=number("Posterior", "后验"),
    ),
    "sensitivity": schema(
        "quantity",
        "prior likelihood",
        prior=number("Sensitivity to the prior", "对先验的敏感度"),
        likelihood=number("Sensitivity to the likelihood", "对似然的敏感度"),
    ),
    "comparison": schema(
        "model",
        "elpd error difference difference_error unreliable",
        elpd=number("Expected log predictive density", "期望对数预测密度", decimals=0),
        difference=number("Difference to the full model", "与完整模型之差", decimals=0),
        unreliable=number("Cells with an unreliable estimate", "估计不可靠的单元", decimals=0),
    ),
    "checks": schema("check", "status value threshold text"),
}
"""Field → schema of its table; the empty name is that of :meth:`table`."""


@dataclass(frozen=True)
class SatisfactionResult(Result):
    """Satisfaction by stage and period.

    Scores are expected answers on the scale of the answers (larger is better): a summary that takes the ordered
    answers for equally spaced, so the answer probabilities stand beside it. Intervals are equal-tailed with the
    stated probability.

    Attributes
    ----------
    study, simulated, outcome
        Where the answers come from; whether they are simulated.
    labels
        Names of the stages and of the outcome by language.
    stages_ordered, has_periods
        Structure of the study.
    forecast
        Periods that were predicted without looking at their answers.
    family, segments
        Family of the answers; segments in the model.
    estimand
        What the scores estimate.
    probability, interval_kind
        Of all intervals.
    settings
        Settings of the fit.
    answers, left_out, cells, effective
        Number of answers used, of rows left out, of cells with answers; what the answers count for after unequal
        weights and repeated answers.
    scores
        By stage (and ``all``) and period: see :func:`maternal_eval.methods.ordinal.summaries.score_table`; with margins
        also ``predicted``, the share of the population that nobody answered for.
    changes
        From first to last period: see :func:`maternal_eval.methods.ordinal.summaries.change_table`; beside it the
        change in the last period's composition: see :mod:`maternal_eval.analyses.satisfaction.standardised`.
    probabilities
        Probability of each answer by stage and period.
    compositions
        Scores of the last period as respondents answered, by survey weights, and raked to stated margins.
    parameters
        Thresholds, effects and scales, in logits.
    predictive
        Observed against replicated answer shares by stage.
    transform, calibration
        Probability integral transform by stage, and cumulative calibration.
    prior
        Prior and posterior of scores, of the spread between stages and of the change.
    sensitivity
        Power-scaling sensitivity of scores and changes to prior and likelihood.
    comparison
        Expected log predictive density of other models.
    checks
        Diagnostics and checks: check, status, value, threshold, text.
    posterior
        Thinned draws of the answer probabilities: ``by_stage`` (draw, stage, period, answer) and ``overall``
        (draw, period, answer).
    remarks
        What was left out, pooled or predicted without answers.
    """

    study: str
    simulated: bool
    outcome: str
    labels: dict[str, dict[str, str]]
    stages_ordered: bool
    has_periods: bool
    forecast: list[int]
    family: str
    segments: list[str]
    estimand: str
    probability: float
    interval_kind: str
    settings: dict[str, Any]
    answers: int
    left_out: int
    cells: int
    effective: float
    scores: pd.DataFrame
    probabilities: pd.DataFrame
    changes: pd.DataFrame
    compositions: pd.DataFrame
    parameters: pd.DataFrame
    predictive: pd.DataFrame
    transform: pd.DataFrame
    calibration: pd.DataFrame
    prior: pd.DataFrame
    sensitivity: pd.DataFrame
    comparison: pd.DataFrame
    checks: pd.DataFrame
    posterior: xr.Dataset
    remarks: list[Remark] = field(default_factory=list)

    def table(self) -> pd.DataFrame:
        """Return expected answer, interval, share of the two highest answers and numbers by stage and period."""
        columns = ["stage", "period", "score", "low", "high", "top", "top_low", "top_high", "observed", "answers"]
        if "predicted" in self.scores and (self.scores["predicted"] > 0).any():
            columns.append("predicted")
        rows = self.scores
        if len(set(rows["stage"]) - {ALL}) == 1:
            # One stage alone is all of them: one row is enough.
            rows = rows[rows["stage"] != ALL]
        return rows[[column for column in columns if self.has_periods or column != "period"]]

    def change_table(self) -> pd.DataFrame:
        """Return the change from the first to the last period with its interval and the probability of a rise."""
        return self.changes

    def score_draws(self) -> xr.Dataset:
        """Return thinned draws of the expected answers: ``by_stage`` (draw, stage, period) and ``overall``."""
        return (self.posterior.astype(np.float64) * self.posterior["answer"]).sum("answer")

    def label(self, name: str, language: str) -> str:
        """Return the name of a stage (or ``all``, or the outcome) in ``language``."""
        return self.labels.get(name, {}).get(language, name)
