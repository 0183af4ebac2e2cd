"""Forecasts from the composite score: the evaluation model used as a predictor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd

from maternal_eval.analyses.backtest.cells import History, Target, history
from maternal_eval.analyses.backtest.counted import cell_history, scored_cells
from maternal_eval.analyses.backtest.forecasters import Forecast, Training, batch_size, step_guess
from maternal_eval.analyses.backtest.weight_schemes import composite_scores, weights_of
from maternal_eval.core.randomness import Seed, generator
from maternal_eval.methods.composite import FULL_SCORE
from maternal_eval.methods.forecasting.local_level import LocalLevel, antithetic_normal, fit_local_level, for_units
from maternal_eval.study import cluster_columns, survey_weights


@dataclass(frozen=True)
class Relation:
    """A least-squares line through respondents: outcome = outcome_mean + slope × (score − score_mean).

    ``explained`` is its share of explained variance, R².
    """

    outcome_mean: float
    score_mean: float
    slope: float
    slope_variance: float
    explained: float

    def rest(self, score: np.ndarray, outcome: np.ndarray) -> np.ndarray:
        """Return what the line leaves of each outcome."""
        return outcome - self.outcome_mean - self.slope * (score - self.score_mean)


@dataclass(frozen=True)
class CompositeFit:
    """What a composite forecaster learned: the relation, and where score and rest of each unit stand."""

    relation: Relation
    score: LocalLevel
    rest: LocalLevel
    units: pd.MultiIndex


@dataclass(frozen=True)
class CompositeForecaster:
    r"""Forecasts the mean of an outcome from the composite score of the evaluation model.

    Of a study without rows cells take the place of respondents.

    1. Each training respondent i gets the composite score :math:`s_i` (0–100).
    2. The relation :math:`y_i = \bar y + b\,(s_i - \bar s) + r_i` is estimated over all training respondents by least
       squares with survey weights; the variance of b holds under unequal variances (White 1980).
    3. The mean score of each unit, and its mean rest r (what the composite does not explain, such as platform and year
       effects), each go on as a local level with the common drift of the training periods, drawn towards none. Both
       levels are filtered, so that units with few answers lean on the common level.
    4. The prior guess of a step is shared out between score and rest as R² to 1 − R²; so it is the same for the outcome
       as in the forecasters without indicators.
    5. The forecast is :math:`\bar y + b\,(S_{T+h} - \bar s) + R_{T+h}` with the uncertainty of b, of both levels and of
       their steps.

    Attributes
    ----------
    scheme
        Name of the weights, a row of :data:`~maternal_eval.analyses.backtest.weight_schemes.WEIGHT_SCHEMES` or of
        ``TARGETED`` beside it: what turns the training data into global weights, since weights count as a fit.
    parts
        What was learned, once for each of the weights: sampled ones come in parts, each for its batch of draws.
    """

    scheme: str
    parts: tuple[CompositeFit, ...] = ()

    @property
    def fitted(self) -> CompositeFit:
        """What was learned with the first of the weights.

        Raises
        ------
        ValueError
            If nothing was learned yet.
        """
        if not self.parts:
            raise ValueError("fit the forecaster first")
        return self.parts[0]

    def fit(self, training: Training, target: Target) -> Self:
        """Score the training respondents, relate the outcome to the score, follow score and rest over the periods."""
        scores = composite_scores(training, self.scheme, target)
        return type(self)(self.scheme, tuple(_fit(training, target, score, self.scheme) for score in scores))

    def forecast(self, units: pd.MultiIndex, horizon: int, draws: int, seed: Seed) -> Forecast:
        """Return draws of the unit means, each batch of them with its own part of the weights; see the class."""
        random, size = generator(seed), batch_size(draws)
        parts = self.parts if size else (self.fitted,)
        sizes = [size] * (len(parts) - 1)
        shared = zip(parts, [*sizes, draws - sum(sizes)], strict=True)
        return Forecast(np.concatenate([_draw(part, units, horizon, number, random) for part, number in shared]))


def _fit(training: Training, target: Target, score: np.ndarray, scheme: str) -> CompositeFit:
    """Relate the outcome to ``score`` and follow score and rest over the periods."""
    followed = _over_respondents if training.study.counted is None else _over_cells
    relation, of_score, of_rest = followed(training, target, score, scheme)
    score_guess = target.innovation_scale * FULL_SCORE
    if relation.slope:
        score_guess = step_guess(target) * np.sqrt(relation.explained) / abs(relation.slope)
    # Drift and filter are those of the smoothed level without indicators: what differs is owed to the indicators.
    rest_guess = step_guess(target) * np.sqrt(1.0 - relation.explained)
    return CompositeFit(
        relation,
        fit_local_level(of_score.mean, of_score.variance, score_guess, drift=True, shrink=True, steps=of_score.steps),
        fit_local_level(of_rest.mean, of_rest.variance, rest_guess, drift=True, shrink=True, steps=of_rest.steps),
        of_score.units,
    )


def _draw(
    fitted: CompositeFit, units: pd.MultiIndex, horizon: int, draws: int, random: np.random.Generator
) -> np.ndarray:
    relation, known = fitted.relation, fitted.units
    score = for_units(fitted.score, known, units).forecast(horizon, draws, random) - relation.score_mean
    rest = for_units(fitted.rest, known, units).forecast(horizon, draws, random)
    slope = relation.slope + np.sqrt(relation.slope_variance) * antithetic_normal(random, draws, 1)
    return relation.outcome_mean + slope * score + rest


def _over_respondents(
    training: Training, target: Target, score: np.ndarray, scheme: str
) -> tuple[Relation, History, History]:
    """Return the relation of outcome and score over respondents, and the cells of score and rest."""
    study = training.study
    outcome = study.panel[target.name].to_numpy(dtype=float)
    known = ~np.isnan(score) & ~np.isnan(outcome)
    panel, score, outcome = study.panel[known], score[known], outcome[known]
    relation = fit_relation(score, outcome, survey_weights(panel))
    of_score, of_rest = (
        history(panel, values, target.units, target.minimum, training.periods, study.timeline, cluster_columns(study))
        for values in (score, relation.rest(score, outcome))
    )
    return relation, of_score, of_rest


def _over_cells(
    training: Training, target: Target, score: np.ndarray, scheme: str
) -> tuple[Relation, History, History]:
    """Return the relation of outcome and score over cells, and the cells of score and rest.

    The sampling error of the rest is taken for that of the outcome: what of it is shared with the score only makes it
    smaller.
    """
    cells = scored_cells(training, target, score, weights_of(training, scheme, target))
    score, outcome = cells["score"].to_numpy(), cells["outcome"].to_numpy()
    relation = fit_relation(score, outcome, cells["weight"].to_numpy())
    of_score, of_rest = (
        cell_history(cells, values, cells[f"{name}_variance"].to_numpy(), training, target)
        for name, values in (("score", score), ("outcome", relation.rest(score, outcome)))
    )
    return relation, of_score, of_rest


def fit_relation(score: np.ndarray, outcome: np.ndarray, weights: np.ndarray) -> Relation:
    """Return the weighted least-squares line of ``outcome`` on ``score``; slope 0 where the score does not vary."""
    score_mean, outcome_mean = np.average(score, weights=weights), np.average(outcome, weights=weights)
    centred = score - score_mean
    squares = (weights * centred**2).sum()
    if not squares > 0:
        return Relation(float(outcome_mean), float(score_mean), 0.0, 0.0, 0.0)
    slope = (weights * centred * outcome).sum() / squares
    errors = outcome - outcome_mean - slope * centred
    slope_variance = ((weights * centred * errors) ** 2).sum() / squares**2
    total = (weights * (outcome - outcome_mean) ** 2).sum()
    explained = 1.0 - (weights * errors**2).sum() / total if total > 0 else 0.0
    return Relation(*(float(part) for part in (outcome_mean, score_mean, slope, slope_variance, explained)))
