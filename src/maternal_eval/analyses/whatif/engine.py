"""The what-if itself: sets of weights → regressions → draws → changes of outcomes, scores and ranks, in one pass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy.special import expit

from maternal_eval.analyses.whatif.intervention import Intervention
from maternal_eval.analyses.whatif.population import CENTRE, Population, Units
from maternal_eval.analyses.whatif.prediction import probabilities, probability_changes
from maternal_eval.analyses.whatif.quantities import Quantity, quantities_of
from maternal_eval.core.randomness import generator, named
from maternal_eval.core.threads import side_by_side, single_thread
from maternal_eval.methods.composite import FULL_SCORE
from maternal_eval.methods.ordinal.maximum_likelihood import OrdinalFit, OrdinalProblem, fit_ordinal
from maternal_eval.study import Outcome

WORKERS = 2
"""Threads that fit sets of weights side by side; no number depends on it."""


@dataclass(frozen=True)
class Target:
    """The respondents that are changed: rows of the population sorted by cell, their units, what each counts.

    Attributes
    ----------
    rows
        Positions in the population, sorted by cell.
    units
        Their units.
    share
        Draws × rows, float32: survey weight × standard exponential, the Bayesian bootstrap (Rubin 1981) of the
        population that the respondents stand for.
    """

    rows: np.ndarray
    units: Units
    share: np.ndarray

    @classmethod
    def of(
        cls, population: Population, rows: np.ndarray, stages: Sequence[str], draws: int, seed: np.random.SeedSequence
    ) -> Target:
        """Return the target with ``draws`` draws of the population."""
        units = Units.of(population.panel.iloc[rows], stages)
        rows = rows[units.order]
        share = generator(seed).standard_exponential((draws, len(rows)), dtype=np.float32)
        share *= population.survey[rows].astype(np.float32)
        return cls(rows, units, share)

    @cached_property
    def totals(self) -> np.ndarray:
        """Sum of the shares by unit (draws × units)."""
        return (self.share @ self.inside).astype(float)

    @cached_property
    def inside(self) -> np.ndarray:
        """Whether a respondent belongs to a unit (rows × units, 0 or 1, float32)."""
        return np.ascontiguousarray(self.units.membership[:, self.units.cell].T, dtype=np.float32)


@dataclass(frozen=True)
class WeightSets:
    """Sets of weights under one name: "static" (the same in every stage) or "dynamic" (by stage).

    Attributes
    ----------
    name
        See above.
    weights
        Sets × stages × indicators.
    """

    name: str
    weights: np.ndarray


@dataclass(frozen=True)
class OutcomeFit:
    """Draws of one outcome's regression under one scheme of weights.

    Attributes
    ----------
    outcome
        The outcome.
    present
        Categories that were given, from 0, in order. The others are predicted for nobody: no likelihood places their
        thresholds, and beside an empty category in the middle these would even cross, each drawn to the far side.
    problem, fit
        At the mean weights.
    modes
        Sets × parameters: the mode under each set of weights.
    parameters
        Draws × parameters, the draws of a set side by side.
    """

    outcome: Outcome
    present: np.ndarray
    problem: OrdinalProblem
    fit: OrdinalFit
    modes: np.ndarray
    parameters: np.ndarray

    @property
    def thresholds(self) -> int:
        """Number of thresholds of the regression: one less than the categories that were given."""
        return len(self.present) - 1

    @property
    def asked(self) -> np.ndarray:
        """Positions of the thresholds that some reported quantity needs; never none."""
        used = sum(np.abs(self._by_threshold(quantity)[0]) for quantity in quantities_of(self.outcome))
        found = np.flatnonzero(used)
        return found if len(found) else np.zeros(1, dtype=np.int64)

    def quantity(self, quantity: Quantity, by_threshold: np.ndarray) -> np.ndarray:
        """Return a quantity (without its constant) from probabilities of the asked thresholds (… × asked)."""
        return by_threshold @ self._by_threshold(quantity)[0][self.asked]

    def constant(self, quantity: Quantity) -> float:
        """Return the constant of a quantity: its own, and what is passed by everybody who was fitted."""
        return quantity.constant(self.outcome) + self._by_threshold(quantity)[1]

    def _by_threshold(self, quantity: Quantity) -> tuple[np.ndarray, float]:
        """Return the coefficients of a quantity on the thresholds of the regression, and what its constant gains.

        The threshold above category k is that above the highest category up to k that was given; below all of these it
        is passed for certain, above all of them never.
        """
        coefficients = quantity.coefficients(self.outcome.levels - 1)
        place = np.searchsorted(self.present, np.arange(len(coefficients)), side="right") - 1
        inner = (place >= 0) & (place < self.thresholds)
        return np.bincount(place[inner], coefficients[inner], self.thresholds), float(coefficients[place < 0].sum())


def fit_outcome(
    population: Population,
    outcome: Outcome,
    scheme: WeightSets,
    draws: int,
    prior_scale: float,
    seed: np.random.SeedSequence,
) -> OutcomeFit:
    """Regress an outcome on the composite by stage, the touched indicators and the controls; draw its parameters.

    The regression is fitted at the mean weights and again, to convergence, for every set of weights; around each of
    these modes the draws are normal with the sandwich covariance of that set: a composite that hardly varies under its
    weights has a coefficient as uncertain as it is large. So the draws hold both what the weights leave open and what
    the respondents do.

    Raises
    ------
    DiagnosticsError
        If a regression does not converge; the sentence names outcome and weights.
    """
    answer = population.panel[outcome.name].to_numpy(dtype=float)
    rows = np.flatnonzero(np.isfinite(answer))
    survey = population.survey[rows] / population.survey[rows].mean()
    present, category = np.unique((answer[rows] - (outcome.low or 0.0)).astype(np.int64), return_inverse=True)

    def problem(composite: np.ndarray) -> OrdinalProblem:
        return OrdinalProblem(population.design(composite, rows), category, survey, len(present), prior_scale)

    at_mean = problem(population.composites(scheme.weights.mean(axis=0, keepdims=True), rows)[:, 0])

    def of_set(composite: np.ndarray) -> OrdinalFit:
        design = at_mean.design.copy()
        design[:, : population.stages] = population.by_stage(composite - CENTRE, rows)
        return fit_ordinal(replace(at_mean, design=design), fit.parameters)

    with single_thread(), side_by_side(WORKERS) as pool:
        fit = fit_ordinal(at_mean)
        found = list(pool.map(of_set, population.composites(scheme.weights, rows).T))
    noise = generator(named(seed, f"{scheme.name}/{outcome.name}")).standard_normal((draws, fit.parameters.size))
    blocks = np.split(noise, len(found))
    parameters = [one.parameters + block @ one.root for one, block in zip(found, blocks, strict=True)]
    return OutcomeFit(
        outcome, present, at_mean, fit, np.array([one.parameters for one in found]), np.concatenate(parameters)
    )


@dataclass(frozen=True)
class Prediction:
    """One outcome before and after.

    Attributes
    ----------
    before
        Draws × units × thresholds that are asked for.
    answered, at_modes
        The same before among the respondents that answered the outcome: draws × thresholds, and with survey weights at
        the mode of each set of weights, sets × thresholds.
    changes
        The same for each intervention.
    level_among, change_among
        Draws × thresholds for each intervention: level before and change among the respondents that it is about.
    """

    before: np.ndarray
    answered: np.ndarray
    at_modes: np.ndarray
    changes: list[np.ndarray]
    level_among: list[np.ndarray]
    change_among: list[np.ndarray]


@dataclass(frozen=True)
class Composites:
    """Composite values of the target respondents: before (rows × sets), and after each intervention."""

    before: np.ndarray
    after: list[np.ndarray]


def composites_of(
    population: Population, target: Target, scheme: WeightSets, interventions: Sequence[Intervention]
) -> Composites:
    """Return the composites before and after every intervention under every set of weights."""
    rows, sets = target.rows, len(scheme.weights)
    after = []
    for intervention in interventions:
        if not intervention.by_set:
            values = intervention.values_after(population, rows, 0)[1]
            after.append(population.composites(scheme.weights, rows, values))
            continue
        columns = [
            population.composites(
                scheme.weights[place : place + 1], rows, intervention.values_after(population, rows, place)[1]
            )
            for place in range(sets)
        ]
        after.append(np.hstack(columns))
    return Composites(population.composites(scheme.weights, rows), after)


def predict(
    population: Population,
    target: Target,
    fit: OutcomeFit,
    composites: Composites,
    interventions: Sequence[Intervention],
) -> Prediction:
    """Carry every intervention through an outcome's draws."""
    rows, start, membership = target.rows, target.units.start, target.units.membership
    sets = composites.before.shape[1]
    block = len(target.share) // sets
    shape = (len(target.share), len(membership), len(fit.asked))
    before, changes = np.empty(shape), np.empty((len(interventions), *shape))
    level_among = [np.zeros(shape[::2]) for _ in interventions]
    stages, group = population.stages, population.stage[rows]
    design = np.ascontiguousarray(population.design(composites.before[:, 0], rows).T, dtype=np.float32)
    of_gains = [population.direct_columns(intervention.columns) for intervention in interventions]
    column = stages + np.concatenate([np.empty(0, dtype=np.int64), *of_gains])
    step_start = np.cumsum([0, *(len(one) for one in of_gains)])
    step = np.empty((len(column), len(rows)), dtype=np.float32)
    answers = population.direct(population.answers[rows])
    known = np.flatnonzero(np.isfinite(population.panel[fit.outcome.name].to_numpy(dtype=float)[rows]))
    answered, at_modes = np.empty(shape[::2]), np.empty((sets, len(fit.asked)))
    survey, whole = population.survey[rows[known]], membership.all(axis=1).argmax()
    for place in range(sets):
        draws = slice(place * block, (place + 1) * block)
        parameters, share = fit.parameters[draws], target.share[draws]
        odds = np.exp(parameters[:, fit.asked]).astype(np.float32)
        coefficient = parameters[:, fit.thresholds :].astype(np.float32)
        design[:stages] = population.by_stage(composites.before[:, place] - CENTRE, rows).T
        before[draws] = probabilities(coefficient, design, odds, share, start, membership)
        if len(known) == len(rows):
            answered[draws] = before[draws, whole] / target.totals[draws, whole, None]
        else:
            among = np.ascontiguousarray(design[:, known])
            answered[draws] = _level(parameters, fit, among, np.ascontiguousarray(share[:, known]))
        mode = fit.modes[place]
        eta = (mode[fit.thresholds :].astype(np.float32) @ design)[known]
        at_modes[place] = np.average(expit(eta[:, None] - mode[fit.asked]), axis=0, weights=survey)
        for number, intervention in enumerate(interventions):
            if place == 0 or intervention.by_set:
                moved = population.direct(intervention.values_after(population, rows, place)[0]) - answers
                step[step_start[number] : step_start[number + 1]] = moved[:, of_gains[number]].T
        gain = np.array([after[:, place] - composites.before[:, place] for after in composites.after], dtype=np.float32)
        changes[:, draws] = probability_changes(
            coefficient, design, odds, share, start, membership, group, gain, column, step, step_start
        )
        for number, intervention in enumerate(interventions):
            if intervention.scenario.published:
                about = intervention.about
                level_among[number][draws] = _level(
                    parameters, fit, np.ascontiguousarray(design[:, about]), np.ascontiguousarray(share[:, about])
                )
    about = np.zeros((len(rows), len(interventions)), dtype=np.float32)
    for number, intervention in enumerate(interventions):
        about[intervention.about, number] = 1.0
    totals = (target.share @ about).astype(float)
    return Prediction(
        before / target.totals[:, :, None],
        answered,
        at_modes,
        list(changes / target.totals[:, :, None]),
        level_among,
        [change[:, whole] / total[:, None] for change, total in zip(changes, totals.T, strict=True)],
    )


def _level(parameters: np.ndarray, fit: OutcomeFit, design: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Return the mean probabilities (draws × asked thresholds) of some respondents: columns of design and share."""
    summed = probabilities(
        parameters[:, fit.thresholds :].astype(np.float32),
        design,
        np.exp(parameters[:, fit.asked]).astype(np.float32),
        share,
        np.array([0, design.shape[1]]),
        np.ones((1, 1)),
    )[:, 0]
    return summed / share.sum(axis=1, dtype=float)[:, None]


def score_draws(target: Target, composites: Composites) -> tuple[np.ndarray, np.ndarray]:
    """Return the composite scores, 0–100, before (draws × units) and their changes (interventions × draws × units)."""
    sets = composites.before.shape[1]
    block = len(target.share) // sets
    moves = np.stack([composites.before, *(after - composites.before for after in composites.after)])
    result = np.empty((len(moves), len(target.share), target.inside.shape[1]))
    for place in range(sets):
        draws = slice(place * block, (place + 1) * block)
        for number, composite in enumerate(moves[:, :, place]):
            result[number, draws] = target.share[draws] @ (target.inside * composite[:, None].astype(np.float32))
    result *= FULL_SCORE / target.totals
    return result[0], result[1:]
