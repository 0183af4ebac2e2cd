"""Public functions × input that cannot be: each is refused in one sentence that names what is wrong."""

import importlib
import inspect
import pkgutil
from functools import partial

import numpy as np
import pytest

import maternal_eval
from maternal_eval.analyses.backtest import ensemble
from maternal_eval.analyses.items.implied import attainable_share, implied_probabilities, location_for_score
from maternal_eval.analyses.review import answers
from maternal_eval.analyses.satisfaction.cells import answer_of, category_of
from maternal_eval.analyses.schedule import rule
from maternal_eval.analyses.sensitivity.generators import (
    Tree,
    build_generator,
    concentration_of,
    dirichlet_from_uniform,
)
from maternal_eval.core import arguments
from maternal_eval.core.errors import InputError
from maternal_eval.core.intervals import interval, normal_reach, tails
from maternal_eval.methods import ahp, cusum, delphi
from maternal_eval.methods import bayesian_ahp as bayesian
from maternal_eval.methods.bootstrap import (
    bootstrap_means,
    counted_mean_interval,
    effective_size,
    mean_intervals,
    weighted_means,
)
from maternal_eval.methods.composite import composite, with_means
from maternal_eval.methods.design_effect import crossed_design_effects
from maternal_eval.methods.disclosure.audit import feasible_intervals
from maternal_eval.methods.disclosure.suppression import suppressed
from maternal_eval.methods.effective_number import effective_number, effective_numbers_of_cells, logit_interval
from maternal_eval.methods.effective_weights import (
    LinearImportance,
    correlation_ratio,
    effective_weights,
    fill_unanswered,
    own_share,
    weights_for_importance,
)
from maternal_eval.methods.forecasting import (
    clustered,
    common_shock,
    comparison,
    distributions,
    hierarchical,
    local_level,
    regression,
    scores,
)
from maternal_eval.methods.kano import better_worse, better_worse_interval, classify, fong_test, modal_probability
from maternal_eval.methods.many_weights import composite_by_run
from maternal_eval.methods.ordinal.factors import exchangeable_basis, random_walk_basis
from maternal_eval.methods.ordinal.families import answer_probabilities, family_named
from maternal_eval.methods.ranks import RankDistribution, rank_shift, ranks_by_run, scores_under_weights
from maternal_eval.methods.sampling import pareto_smoothed, rank_band, rank_counts, rank_p_value, run_replicates
from maternal_eval.methods.sensitivity.design import SobolDesign
from maternal_eval.methods.sensitivity.elasticity import linear_until, logistic_coefficients
from maternal_eval.methods.sensitivity.explained_variance import explained_variance
from maternal_eval.methods.sensitivity.pawn import pawn
from maternal_eval.methods.sensitivity.shapley import shapley_effects, shapley_values
from maternal_eval.methods.sensitivity.sobol import analyse, ranking_unrest, sobol_indices
from maternal_eval.methods.simplex_regression.prior import stage_basis
from maternal_eval.methods.value import answer_value
from maternal_eval.study import turned

NAN, INF = np.nan, np.inf
HALF = np.array([0.5, 0.5])
VALUES = np.array([[0.1, 0.9], [0.4, 0.2], [0.8, 0.7]])
ONES = np.ones(3)
PLACE = np.array([0, 1])
DESIGN = SobolDesign({"a": 1, "b": 1}, 8)
RUNS = np.random.default_rng(0).random(DESIGN.runs)
COUNTS = np.array([3, 1, 4, 1, 5, 9])
MATRIX = np.array([[1, 3], [1 / 3, 1]])
ONE_INDICATOR = Tree.of(["a"], np.ones(1), {"dimensions": ()})
IMPORTANCE = LinearImportance.of(VALUES, HALF)
CUTS = np.array([0.0, -1.0, 0.0, 0.0, 0.0, 0.0])


def changed(array, value, place=0):
    array = np.array(array, dtype=float)
    array.flat[place] = value
    return array


def spent(function, *parameters, **named):
    """Run a generator to its end."""
    return list(function(*parameters, **named))


def run_model(points):
    return points[:, 0]


ROWS = {
    # thresholds and scales
    "cut points that fall": lambda: answer_probabilities(CUTS, np.zeros(1), np.ones(1)),
    "cut points that stand still": lambda: answer_probabilities(np.zeros(2), np.zeros(1), np.ones(1)),
    "cut points that fall, probit": lambda: answer_probabilities(CUTS, np.zeros(1), np.ones(1), "cumulative_probit"),
    "a cut point that is no number": lambda: answer_probabilities(np.array([0, NAN]), np.zeros(1), np.ones(1)),
    "an infinite cut point": lambda: answer_probabilities(np.array([0, INF]), np.zeros(1), np.ones(1)),
    "one cut point without an axis": lambda: answer_probabilities(0.0, np.zeros(1), np.ones(1)),
    "no cut point": lambda: answer_probabilities(np.empty(0), np.zeros(1), np.ones(1)),
    "a negative scale": lambda: answer_probabilities(np.array([0, 1]), np.zeros(1), -np.ones(1)),
    "a scale of zero": lambda: answer_probabilities(np.array([0, 1]), np.zeros(1), np.zeros(1)),
    "an infinite location": lambda: answer_probabilities(np.array([0, 1]), np.array([INF]), np.ones(1)),
    "an unknown family": lambda: family_named("loglog"),
    "cut points that fall, behind a score": lambda: location_for_score(3.0, CUTS),
    "a negative scale behind a score": lambda: implied_probabilities(2.0, np.array([-1.0, 1.0]), scale=-1.0),
    "a score off the scale": lambda: location_for_score(7.0, np.array([-1.0, 1.0])),
    "a score that is no number": lambda: location_for_score(NAN, np.array([-1.0, 1.0])),
    "a mean that is no number": lambda: attainable_share(NAN, [1, 2, 3], 1),
    "answers that fall": lambda: attainable_share(2.0, [3, 2, 1], 1),
    "a factor without levels": lambda: exchangeable_basis(0),
    "half a level": lambda: exchangeable_basis(2.5),
    "positions that fall": lambda: random_walk_basis([2020, 2019]),
    "positions that stand still": lambda: random_walk_basis([2020, 2020]),
    "a centre without weight": lambda: random_walk_basis([1, 2], np.zeros(2)),
    "a negative weight of the centre": lambda: random_walk_basis([1, 2], np.array([2.0, -1.0])),
    "one stage": lambda: stage_basis(1, True),
    # probabilities and levels
    "an interval of probability 1": lambda: interval(np.arange(9.0), probability=1.0),
    "an interval of probability 0": lambda: interval(np.arange(9.0), probability=0.0),
    "an interval of ninety": lambda: interval(np.arange(9.0), probability=90),
    "an interval of no probability": lambda: interval(np.arange(9.0), probability=NAN),
    "an interval of no draw": lambda: interval(np.empty((0, 2))),
    "ranks at probability 1": lambda: RankDistribution.of([np.array([[1.0, 2.0]])]).interval(1.0),
    "a band of probability 1": lambda: rank_band(10, 9, 1.0),
    "a band of probability 0": lambda: rank_band(10, 9, 0.0),
    "a band of no replicate": lambda: rank_band(0, 9, 0.9),
    "a rank above the largest": lambda: rank_p_value(np.array([0, 12]), 9),
    "importance of a ratio that is no number": lambda: pareto_smoothed(changed(ONES, NAN)),
    "importance of an infinite ratio": lambda: pareto_smoothed(changed(ONES, INF)),
    "importance of no draw": lambda: pareto_smoothed(np.empty(0)),
    "a negative rank": lambda: rank_counts(np.array([0, -1]), 9),
    "half a rank": lambda: rank_counts(np.array([0.5]), 9),
    "no rank": lambda: rank_p_value(np.empty(0), 9),
    "no replicate": lambda: run_replicates(lambda seed: {}, 0, seed=0),
    "minus one replicate": lambda: run_replicates(lambda seed: {}, -1, seed=0),
    "widths at probability 1": lambda: scores.width(np.ones((4, 2)), 1.0),
    "coverage of probability 0": lambda: scores.covered(np.ones(2), np.ones((4, 2)), [0.0]),
    "coverage of an infinite draw": lambda: scores.covered(np.ones(2), changed(np.ones((4, 2)), INF), [0.9]),
    "better-worse at probability 1": lambda: better_worse_interval(COUNTS, probability=1.0),
    # weights
    "a negative concentration": lambda: dirichlet_from_uniform(np.ones((2, 2)), HALF, -1.0),
    "an infinite concentration": lambda: dirichlet_from_uniform(np.ones((2, 2)), HALF, INF),
    "no concentration": lambda: dirichlet_from_uniform(np.ones((2, 2)), HALF, 0.0),
    "nominal weights beyond 1": lambda: dirichlet_from_uniform(np.ones((2, 2)), np.ones(2), 1.0),
    "a nominal weight of zero": lambda: dirichlet_from_uniform(np.ones((2, 2)), np.array([0.0, 1.0]), 1.0),
    "a uniform above 1": lambda: dirichlet_from_uniform(2 * np.ones((2, 2)), HALF, 1.0),
    "a uniform that is no number": lambda: dirichlet_from_uniform(changed(np.ones((2, 2)), NAN), HALF, 1.0),
    "too few uniforms": lambda: dirichlet_from_uniform(np.ones((2, 1)), HALF, 1.0),
    "draws that do not vary": lambda: concentration_of(np.tile(HALF, (5, 1))),
    "draws that do not sum to 1": lambda: concentration_of(VALUES),
    "a draw that is no number": lambda: concentration_of(np.array([[0.5, NAN]])),
    "a tree with a negative weight": lambda: Tree.of(["a", "b"], np.array([1.5, -0.5]), {}),
    "a tree with too few weights": lambda: Tree.of(["a", "b"], np.ones(1), {}),
    "a tree with a weight that is no number": lambda: Tree.of(["a", "b"], np.array([1.0, NAN]), {}),
    "an unknown generator": lambda: build_generator(
        "uniform", Tree.of(["a"], np.ones(1), {"dimensions": ()}), {}, None
    ),
    "a matrix that is not square": lambda: ahp.eigenvector_weights(np.ones((2, 3))),
    "a judgement of zero": lambda: ahp.eigenvector_weights(changed(MATRIX, 0.0, 1)),
    "a negative judgement": lambda: ahp.geometric_weights(changed(MATRIX, -3.0, 1)),
    "a judgement that is no number": lambda: ahp.principal_eigenvalue(changed(MATRIX, NAN, 1)),
    "an infinite judgement": lambda: ahp.aggregate_judgements(np.stack([MATRIX, changed(MATRIX, INF, 1)])),
    "an expert's weight of zero": lambda: ahp.aggregate_priorities(np.array([[0.0, 1.0]])),
    "an unknown dimension": lambda: ahp.global_weights(HALF, np.ones(2), np.array([0, 2])),
    "a judgement off the scale": lambda: ahp.reciprocal_matrix(np.array([12.0]), 2),
    "sixteen elements": lambda: ahp.random_index(16),
    "a negative scale of disagreement": lambda: bayesian.set_posterior(MATRIX[None], disagreement_scale=-1.0),
    "a scale of inconsistency of zero": lambda: bayesian.set_posterior(MATRIX[None], inconsistency_scale=0.0),
    "an infinite scale of disagreement": lambda: bayesian.set_posterior(MATRIX[None], disagreement_scale=INF),
    "half a node": lambda: bayesian.set_posterior(MATRIX[None], nodes=0.5),
    "no expert": lambda: bayesian.set_posterior(np.empty((0, 2, 2))),
    "one element": lambda: bayesian.set_posterior(np.ones((3, 1, 1))),
    "agreement of weights that are no numbers": lambda: delphi.kendall_w(changed(VALUES, NAN)),
    "agreement of one expert": lambda: delphi.kendall_w(VALUES[:1]),
    "variation of negative weights": lambda: delphi.coefficient_of_variation(-VALUES),
    "distance of a weight of zero": lambda: delphi.outlying_experts(changed(VALUES, 0.0)),
    "rounds of different elements": lambda: delphi.largest_change(HALF, ONES),
    "a change from zero": lambda: delphi.largest_relative_change(np.array([0.0, 1.0]), HALF),
    # Sobol' indices
    "outputs too short": lambda: sobol_indices(DESIGN, RUNS[:-1]),
    "outputs too long": lambda: sobol_indices(DESIGN, np.append(RUNS, 0.0)),
    "outputs of another design": lambda: sobol_indices(DESIGN, np.ones((8, 5, 1))),
    "more base points than the design": lambda: sobol_indices(DESIGN, np.ones((16, 4, 1))),
    "no base point": lambda: sobol_indices(DESIGN, np.ones((0, 4, 1))),
    "an output that is no number": lambda: sobol_indices(DESIGN, changed(RUNS, NAN, 7)),
    "an infinite output": lambda: sobol_indices(DESIGN, changed(RUNS, -INF, 7)),
    "runs in another order": lambda: sobol_indices(DESIGN, RUNS, inputs=DESIGN.points().reshape(-1, 2)[::-1]),
    "inputs of another design": lambda: sobol_indices(DESIGN, RUNS, inputs=np.ones((DESIGN.runs, 3))),
    "minus one resample": lambda: sobol_indices(DESIGN, RUNS, resamples=-1),
    "half a resample": lambda: sobol_indices(DESIGN, RUNS, resamples=1.5),
    "indices at probability 1": lambda: sobol_indices(DESIGN, RUNS, probability=1.0),
    "no memory": lambda: sobol_indices(DESIGN, RUNS, memory=0),
    "a model that is not finite": lambda: analyse(lambda points: points[:, 0] / 0.0 * 0.0, DESIGN),
    "analysis at probability 0": lambda: analyse(run_model, DESIGN, probability=0.0),
    "a base that is no power of two": lambda: SobolDesign({"a": 1}, 12),
    "a base of 8.0": lambda: SobolDesign({"a": 1}, 8.0),
    "no factor": lambda: SobolDesign({}, 8),
    "half an input": lambda: SobolDesign({"a": 0.5}, 8),
    "points before the first": lambda: DESIGN.points(-1, 4),
    "points behind the last": lambda: DESIGN.points(0, 9),
    "totals without outputs": lambda: ranking_unrest(np.ones((4, 2))),
    "a number of worths": lambda: shapley_values(np.ones(3)),
    "a worth that is no number": lambda: shapley_values(np.array([0.0, NAN])),
    "effects of one weight": lambda: shapley_effects(run_model, np.ones(1), 5.0),
    "effects at no concentration": lambda: shapley_effects(run_model, HALF, 0.0),
    "effects from one order": lambda: shapley_effects(run_model, HALF, 5.0, orders=1),
    "effects of a model that is not finite": lambda: shapley_effects(lambda w: w[:, 0] * NAN, HALF, 5.0),
    "effects of a model with too few runs": lambda: shapley_effects(lambda w: w[:3, 0], HALF, 5.0),
    "a distribution of what is no number": lambda: pawn(VALUES, changed(VALUES, NAN)),
    "runs that do not agree": lambda: pawn(VALUES, VALUES[:2]),
    "one slice": lambda: pawn(VALUES, VALUES, slices=1),
    "variance of an infinite answer": lambda: explained_variance(changed(VALUES, INF), ONES, ONES),
    "variance under negative weights": lambda: explained_variance(VALUES, ONES, -ONES),
    "variance under weights that are no numbers": lambda: explained_variance(VALUES, ONES, changed(ONES, NAN)),
    "variance of an outcome too short": lambda: explained_variance(VALUES, ONES[:2], ONES),
    "a regression on what is no number": lambda: logistic_coefficients(changed(VALUES, NAN), ONES, ONES),
    "a regression on 2": lambda: logistic_coefficients(VALUES, 2 * ONES, ONES),
    "a regression of nobody": lambda: logistic_coefficients(VALUES, changed(ONES, 0.0), 0 * ONES),
    "changes that fall": lambda: linear_until(np.array([0.2, 0.1]), HALF, 0.1),
    # composites and importance
    "a negative weight": lambda: composite(VALUES, np.array([1.0, -1.0]), PLACE),
    "weights of zero": lambda: composite(VALUES, np.zeros(2), PLACE),
    "a weight that is no number": lambda: composite(VALUES, np.array([1.0, NAN]), PLACE),
    "an infinite weight": lambda: composite(VALUES, np.array([1.0, INF]), PLACE),
    "an infinite value": lambda: composite(changed(VALUES, INF), HALF, PLACE),
    "too few weights": lambda: composite(VALUES, np.ones(3), PLACE),
    "a dimension before the first": lambda: composite(VALUES, HALF, np.array([-1, 0])),
    "an exponent that is no number": lambda: composite(VALUES, HALF, PLACE, NAN),
    "an unknown treatment of gaps": lambda: composite(VALUES, HALF, PLACE, unanswered="zero"),
    "means of an infinite value": lambda: with_means(changed(VALUES, INF), ONES),
    "means under a negative weight": lambda: with_means(VALUES, -ONES),
    "means with too few weights": lambda: with_means(VALUES, HALF),
    "an answer off its scale": lambda: answer_value(np.array([[7.0]]), ["performance"], 1, 5),
    "a scale without width": lambda: answer_value(np.array([[1.0]]), ["performance"], 1, 1),
    "an infinite scale": lambda: answer_value(np.array([[1.0]]), ["performance"], 1, INF),
    "a shape of zero": lambda: answer_value(np.array([[1.0]]), ["must_be"], 1, 5, 0.0),
    "an infinite shape": lambda: answer_value(np.array([[1.0]]), ["must_be"], 1, 5, INF),
    "an unknown class": lambda: answer_value(np.array([[1.0]]), ["nice"], 1, 5),
    "a rank of what is no number": lambda: ranks_by_run(np.array([[1.0, NAN]])),
    "scores of other units": lambda: rank_shift(ONES, VALUES),
    "scores under a negative weight": partial(spent, scores_under_weights, VALUES, -np.ones((1, 2))),
    "scores of a gap": partial(spent, scores_under_weights, changed(VALUES, NAN), np.ones((1, 2))),
    "ranks without draws": lambda: RankDistribution.of([]),
    "runs under a negative weight": partial(spent, composite_by_run, VALUES, -np.ones((1, 2)), PLACE),
    "runs under too few weights": partial(spent, composite_by_run, VALUES, np.ones((1, 1)), PLACE),
    "a mean under a negative weight": lambda: weighted_means(VALUES, -ONES),
    "a mean under a weight that is no number": lambda: weighted_means(VALUES, changed(ONES, NAN)),
    "a bootstrap of one row": lambda: bootstrap_means(VALUES[:1], ONES[:1], 10, 0),
    "an interval on a scale that falls": lambda: mean_intervals(VALUES, ONES, (5.0, 1.0), 10, 0),
    "an interval on half a scale": lambda: mean_intervals(VALUES, ONES, (5.0,), 10, 0),
    "an interval under negative weights": lambda: mean_intervals(VALUES, -ONES, (0.0, 1.0), 10, 0),
    "an interval of negative counts": lambda: counted_mean_interval(HALF, -HALF, (0.0, 1.0), 10, 0),
    "an interval of counts on a scale that falls": lambda: counted_mean_interval(HALF, 9 * HALF, (1.0, 0.0), 10, 0),
    "an interval of counts of other answers": lambda: counted_mean_interval(HALF, ONES, (0.0, 1.0), 10, 0),
    "an interval beside its share": lambda: effective_number(HALF, np.array([0.6, 0.4]), np.ones(2)),
    "an interval of a share of 2": lambda: effective_number(4 * HALF, HALF, np.ones(2)),
    "an interval of a share, of probability 1": lambda: effective_number(HALF, HALF / 2, np.ones(2), 1.0),
    "an interval of no answers": lambda: logit_interval(HALF, np.zeros(2)),
    "an interval of a share of 1": lambda: logit_interval(2 * HALF, 9 * ONES[:2]),
    "a cell with a negative number": lambda: effective_numbers_of_cells(HALF, -HALF, PLACE),
    "a size of infinite weights": lambda: effective_size(VALUES, changed(ONES, INF)),
    "an answer of half a category": lambda: answer_of(np.array([0.5]), 1),
    "an answer of a category below 0": lambda: answer_of(np.array([-1]), 1),
    "answers from half upwards": lambda: answer_of(np.array([1]), 0.5),
    "answers that are turned on a scale that falls": lambda: turned(np.array([3.0]), 5, 1, True),
    "answers that are turned on no scale": lambda: turned(np.array([3.0]), NAN, 5, True),
    "a category of half an answer": lambda: category_of(np.array([1.5]), 1, 5),
    "a category of no answer": lambda: category_of(np.array([NAN]), 1, 5),
    "a category beyond the scale": lambda: category_of(np.array([6.0]), 1, 5),
    "no resample": lambda: bootstrap_means(VALUES, ONES, 0, 0),
    "gaps under a negative weight": lambda: fill_unanswered(VALUES, np.array([1.0, -1.0])),
    "importance of an infinite value": lambda: effective_weights(changed(VALUES, INF), HALF),
    "importance under a survey weight that is no number": lambda: effective_weights(VALUES, HALF, changed(ONES, NAN)),
    "own shares under negative survey weights": lambda: own_share(VALUES, HALF, -ONES, PLACE),
    "targets beyond 1": lambda: weights_for_importance(IMPORTANCE, np.ones(2)),
    "a negative target": lambda: weights_for_importance(IMPORTANCE, np.array([1.5, -0.5])),
    "a relation of other lengths": lambda: correlation_ratio(ONES, HALF),
    "a relation to infinity": lambda: correlation_ratio(changed(ONES, INF), ONES),
    "a relation under negative weights": lambda: correlation_ratio(ONES, ONES, -ONES),
    # Kano
    "a Kano answer of 6": lambda: classify(np.array([6]), np.array([1])),
    "a Kano answer of 1.5": lambda: classify(np.array([1.5]), np.array([1])),
    "a negative count": lambda: better_worse(changed(COUNTS, -1)),
    "counts of five classes": lambda: better_worse(COUNTS[:5]),
    "a count that is no number": lambda: modal_probability(changed(COUNTS, NAN)),
    "no prior": lambda: modal_probability(COUNTS, prior=0.0),
    "one class": lambda: fong_test(np.array([3])),
    "a negative quantile": lambda: fong_test(COUNTS, z=-1.65),
    # forecasts
    "a score of an infinite draw": lambda: scores.crps(np.ones(2), changed(np.ones((4, 2)), INF)),
    "a score of other cells": lambda: scores.crps(np.ones(3), np.ones((4, 2))),
    "a forecast beyond 1": lambda: scores.ranked_probability_score(HALF[None], np.ones((1, 2))),
    "a forecast of other answers": lambda: scores.log_score(HALF[None], np.ones((1, 3)) / 3),
    "a horizon of zero": lambda: comparison.diebold_mariano(ONES, horizon=0),
    "a loss that is no number": lambda: comparison.diebold_mariano(changed(ONES, NAN)),
    "shares of negative counts": lambda: distributions.base_shares(-np.ones((1, 1, 2))),
    "a tilt of a share of zero": lambda: distributions.tilted_shares(np.array([[0.0, 1.0]]), PLACE, np.ones((1, 1))),
    "a tilt of answers that fall": lambda: distributions.tilted_shares(HALF[None], PLACE[::-1], np.ones((1, 1))),
    "a negative variance": lambda: local_level.fit_local_level(VALUES, -VALUES, 0.1),
    "a negative guess": lambda: local_level.fit_local_level(VALUES, VALUES, -0.1),
    "an odd number of mirror images": lambda: local_level.antithetic_normal(np.random.default_rng(0), 3, 1),
    "a standing level of a negative variance": lambda: local_level.fit_standing_level(VALUES, -VALUES, 0.1),
    "a negative distance": lambda: ensemble.stacking_weights(-HALF, np.zeros((2, 2))),
    "distances of other members": lambda: ensemble.stacking_weights(HALF, np.zeros((3, 3))),
    "a share of the best weights of a negative number of origins": lambda: ensemble.shrunk_weights(HALF, -1),
    "best weights below 0": lambda: ensemble.shrunk_weights(-HALF, 1),
    "a shock of a negative variance": lambda: common_shock.common_shock_variance(ONES, -ONES, ONES),
    "a shock without a horizon": lambda: common_shock.common_shock_variance(ONES, ONES, 0 * ONES),
    "a shift of negative shares": lambda: distributions.shifted_shares(-HALF[None, None], PLACE, np.ones((1, 1))),
    "a shift that is no number": lambda: distributions.shifted_shares(HALF[None, None], PLACE, np.full((1, 1), NAN)),
    "clusters of half a number": lambda: clustered.clustered(np.ones((3, 2)), clustered.ratio, 0.5 * ONES),
    "clusters of other cells": lambda: clustered.clustered(np.ones((3, 2)), clustered.ratio, np.zeros(2)),
    "a hierarchy of a negative variance": lambda: hierarchical.fit_hierarchical_level(
        VALUES, -VALUES, np.array([[0, 1]]), 0.1
    ),
    "a hierarchy of two units in one": lambda: hierarchical.fit_hierarchical_level(
        VALUES, VALUES, np.array([[0, 0]]), 0.1
    ),
    "a hierarchy without a guess": lambda: hierarchical.fit_hierarchical_level(VALUES, VALUES, np.array([[0, 1]]), 0.0),
    "a regression without a prior": lambda: regression.ridge_posterior(VALUES, ONES, ONES, np.zeros(2)),
    "a regression of exact responses": lambda: regression.ridge_posterior(VALUES, ONES, 0 * ONES, HALF),
    "members with a negative weight": lambda: ensemble.member_of_draws(-HALF, 4, np.random.default_rng(0)),
    "a design effect of clusters of other answers": lambda: crossed_design_effects(ONES, [np.zeros(2)], np.zeros(3)),
    "a design effect of an infinite answer": lambda: crossed_design_effects(changed(ONES, INF), [], np.zeros(3)),
    # disclosure
    "a total that is no number": lambda: feasible_intervals(np.ones((1, 2)), np.array([NAN])),
    "totals of other relations": lambda: feasible_intervals(np.ones((1, 2)), np.ones(2)),
    "a cell below its least value": lambda: feasible_intervals(np.ones((1, 2)), np.ones(1), 5.0, 1.0),
    "suppression of a count that is no number": lambda: suppressed(np.array([NAN, 3.0]), [], 10),
    "suppression of a negative count": lambda: suppressed(np.array([-1.0, 3.0]), [], 10),
    "suppression below half a respondent": lambda: suppressed(np.array([4.0, 3.0]), [], 0.5),
    # review and schedule
    "a negative threshold": lambda: cusum.average_run_length(0.5, -1.0),
    "a reference that is no number": lambda: cusum.average_run_length(NAN, 1.0),
    "a run of half a step": lambda: cusum.threshold(0.5, 0.5),
    "an infinite run": lambda: cusum.threshold(0.5, INF),
    "shares beyond 1": lambda: answers.moments(np.ones(3), 1),
    "a negative share": lambda: answers.shifted(np.array([1.5, -0.5]), 1, 1.5),
    "a mean at the end of the scale": lambda: answers.shifted(HALF, 1, 2.0),
    "no answer": lambda: answers.below_probability(HALF, 1, 0, 1.5),
    "a cap of zero": lambda: rule.quarters_needed(HALF, HALF[None], 0.0),
    "a target of other indicators": lambda: rule.quarters_needed(HALF, ONES[None], 0.1),
    "a proposal that is no number": lambda: rule.adopt(HALF, np.array([[NAN, 1.0]]), np.ones((1, 2), bool)),
    # the helpers themselves
    "tails of probability 1": lambda: tails(1.0),
    "a normal interval without end": lambda: normal_reach(1.0),
    "tails of what is no number": lambda: tails(NAN),
    "words for numbers": lambda: arguments.numbers(["a"], "x"),
    "ragged rows": lambda: arguments.numbers([[1], [1, 2]], "x"),
    "nothing": lambda: arguments.numbers(None, "x"),
    "yes for a whole number": lambda: arguments.whole(True, "x"),
    "an array for a number": lambda: arguments.number(ONES, "x"),
}


@pytest.mark.parametrize("what", ROWS)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_what_cannot_be_is_refused(what):
    with pytest.raises((InputError, ValueError)) as refusal:
        ROWS[what]()
    sentence = str(refusal.value)
    assert 10 < len(sentence) < 400
    assert "\n" not in sentence


def test_every_public_function_of_arrays_is_among_them():
    known = set(globals())
    for module in pkgutil.iter_modules(maternal_eval.__path__):
        package = importlib.import_module(f"maternal_eval.{module.name}") if module.ispkg else None
        for name in getattr(package, "__all__", []):
            found = getattr(package, name)
            if inspect.isfunction(found) and any("ndarray" in str(kind) for kind in _taken(found)):
                assert name in known | {"history"}, f"{module.name}.{name}"  # history is given a checked panel


def _taken(function):
    return [kind for name, kind in function.__annotations__.items() if name != "return"]


def test_there_are_many():
    assert len(ROWS) >= 190
