"""What a backtest found."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from maternal_eval.analyses.backtest.attainability import answers_needed
from maternal_eval.results import StudyResult
from maternal_eval.results.schema import TableSchema, chance, count, number, relative, schema, share, text, truth

_SCORE = number("Score", "评分", decimals=3)

TABLES = {
    # One column a score, and one of cells where a score does not rest on all of them.
    "": TableSchema({**schema("target forecaster", "cells").columns, "*": _SCORE}, ("target", "forecaster")),
    "scores": schema(
        "split target forecaster score",
        "main better value low high mcse cells left_out reason clusters origins",
        score=text("Score", "评分"),
        better=text("Which is better", "方向"),
        value=_SCORE,
        origins=count("Origins", "预测起点数"),
    ),
    "comparisons": schema(
        "split target forecaster other score",
        "main difference low high statistic? p_value? degrees? dm_statistic dm_p_value dm_n cells clusters",
        score=text("Score", "评分"),
        difference=number("Difference", "差值", decimals=4),
        statistic=number("Statistic", "统计量"),
        p_value=chance("p, clustered", "聚类 p 值"),
        degrees=count("Degrees of freedom", "自由度"),
        dm_statistic=number("Diebold–Mariano statistic", "Diebold–Mariano 统计量"),
        dm_p_value=chance("Diebold–Mariano p", "Diebold–Mariano p 值"),
        dm_n=count("Origins", "预测起点数"),
    ),
    "calibration": schema(
        "target forecaster point",
        "share_below low high",
        point=chance("Point", "分位点"),
        share_below=share("Share below", "低于比例"),
    ),
    "forecasts": schema(
        "split target forecaster unit",
        "main observed last forecast low high pit n",
        last=number("Last value", "上期值"),
        forecast=number("Forecast", "预测值"),
        pit=chance("Probability integral transform", "概率积分变换"),
    ),
    "answers": schema(
        "split target forecaster category",
        "observed forecast",
        category=count("Answer", "答案"),
        observed=share("Observed", "观测占比"),
        forecast=share("Forecast", "预测占比"),
    ),
    "stacking": schema("split target forecaster", "weight"),
    "fitted": schema(
        "split target set element",
        "main weight low high pull pairs",
        pull=share("Pull towards equal weights", "向等权收缩的程度"),
        pairs=count("Pairs of a cell and the next period", "单元与下一期的配对数"),
    ),
    "attainability": schema(
        "factor level forecaster reading",
        "value mcse low high",
        level=number("Level", "水平"),
        value=share("Accuracy", "准确率"),
    ),
    "case": schema(
        "forecaster told",
        "change low high observed closeness fall",
        told=truth("Told of the fall", "已知下降"),
        change=relative("Change", "变化"),
        observed=relative("Observed", "观测变化"),
        closeness=relative("Closeness", "接近程度"),
        fall=number("Fall of the indicator", "指标下降"),
    ),
    "cells": schema(
        "split target",
        "main scored new_units too_few_in_test test_answers",
        scored=count("Cells scored", "计分单元数"),
        new_units=count("New units", "新单元数"),
        too_few_in_test=count("Cells with too few {answers}", "{answer}过少的单元数"),
        test_answers=count("Test {answers}", "检验期{answer}数"),
    ),
}
"""Field → schema of its table; the empty name is that of :meth:`table`."""


@dataclass(frozen=True)
class BacktestResult(StudyResult):
    """What the forecasts were worth.

    Intervals of scores have the probability :data:`~maternal_eval.core.intervals.PROBABILITY`, from standard errors
    clustered by unit (platforms where there are any) and by origin, with few-cluster quantiles
    (:mod:`maternal_eval.methods.forecasting.clustered`); they are empty with a single cluster either way. One test
    period is one draw of what happens in a year: intervals of a single origin hold for that period alone, and the
    number of origins is stated with every test.

    Attributes
    ----------
    scores
        One row per split × target × forecaster × score: ``split`` (or "all origins"), ``main`` (the study's own split),
        ``target``, ``forecaster``, ``score``, ``better`` ("larger", "smaller", "nominal"), ``value``, ``low``,
        ``high``, ``mcse``, ``cells`` that the score rests on, cells ``left_out`` of it and the ``reason`` (a row of
        :data:`maternal_eval.analyses.backtest.base.REASONS`), ``clusters``, ``origins``. A score that rests on no cell
        is NaN.
    comparisons
        One row per split × target × forecaster × other × score: mean ``difference`` of the score (negative: the
        forecaster is better than ``other``), its interval, ``statistic`` and ``p_value`` from the same clustered
        standard error with ``degrees`` of freedom; and the Diebold–Mariano test over the ``dm_n`` origins with the
        small-sample correction (``dm_statistic``, ``dm_p_value``; NaN with one origin), exact only for independent
        origins.
    calibration
        One row per target × forecaster × point: the share of cells of all origins whose probability integral transform
        is at most ``point``, with simultaneous bands.
    answers
        The last origin: observed and forecast share of each answer (``category`` 0 … K − 1), all cells together.
    stacking
        The ensemble's weights by split and target.
    fitted
        The weights that best predict the next period's outcome, learned up to each origin, with bootstrap intervals
        over units: see :func:`~maternal_eval.analyses.backtest.fitted_weights.fitted_weights`. Empty without that one.
    attainability
        Accuracy in simulated studies: see :func:`~maternal_eval.analyses.backtest.attainability.attainability_table`.
    case
        The worked case: see :func:`~maternal_eval.analyses.backtest.worked_case.work_case`; empty without one.
    forecasts
        One row per split × target × forecaster × unit: ``unit``, ``observed``, ``last``, ``forecast`` (median),
        ``low``, ``high`` (predictive interval of the observed cell mean), ``pit``, ``n`` (test answers).
    cells
        One row per split × target: how many cells were scored, how many of these are new (no training answers), and how
        many were left out for want of test answers.
    absent
        Targets and forecasters that the study cannot have: ``part``, ``reason_en``, ``reason_zh``.
    lowest_answers
        The answer that is category 0 of each target with categories.
    units, clusters
        What makes a unit, and what makes a cluster of units.
    """

    scores: pd.DataFrame
    comparisons: pd.DataFrame
    calibration: pd.DataFrame
    forecasts: pd.DataFrame
    answers: pd.DataFrame
    stacking: pd.DataFrame
    attainability: pd.DataFrame
    case: pd.DataFrame
    cells: pd.DataFrame
    absent: list[dict[str, str]]
    units: list[str]
    clusters: str
    lowest_answers: dict[str, float]
    fitted: pd.DataFrame = field(default_factory=pd.DataFrame)

    @property
    def main_scores(self) -> pd.DataFrame:
        """The scores of the study's own split, one row per target × forecaster × score."""
        return self.scores[self.scores["main"]].reset_index(drop=True)

    def table(self) -> pd.DataFrame:
        """Return the scores of the main split, one row per target × forecaster, one column per score.

        ``cells`` counts the scored cells; a score that does not rest on all of them has its own count beside it,
        ``SCORE_cells``. ``scores`` has the intervals, orientation, reasons and all other splits.
        """
        main = self.main_scores
        of_score = main.set_index(["target", "forecaster", "score"])
        # A pivot table would drop the scores that nothing has.
        table, bases = (of_score[name].unstack(sort=False) for name in ("value", "cells"))  # noqa: PD010
        table.insert(0, "cells", bases.max(axis=1))
        for score in dict.fromkeys(main.loc[(main["left_out"] > 0) & (main["cells"] > 0), "score"]):
            table.insert(list(table.columns).index(score) + 1, f"{score}_cells", bases[score])
        return table.reset_index().rename_axis(columns=None)

    def answers_needed(self) -> pd.DataFrame:
        """Return what the published accuracy needs: see
        :func:`~maternal_eval.analyses.backtest.attainability.answers_needed`.

        Empty without a published accuracy.
        """
        published = self.settings["published_accuracy"]
        if published is None or not len(self.attainability):
            return pd.DataFrame(columns=["reading", "forecaster", "answers", "largest"])
        return answers_needed(self.attainability, published)
