"""Parameters of the outcomes, solved on a large sample of the population so that expectations hit the targets.

Targets are expectations given the drawn answers (probabilities are averaged, no outcome is drawn).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import brentq, root

from maternal_eval.core.errors import DiagnosticsError
from maternal_eval.core.randomness import generator, named
from maternal_eval.simulation import assumptions, outcomes
from maternal_eval.simulation.items import draw_answers
from maternal_eval.simulation.respondents import People, draw_people
from maternal_eval.simulation.truth import Truth

SAMPLE = 40_000  # people per year
CLOSE = 1e-7  # largest miss of a solved target

# Targets; each is a published figure unless it says otherwise. The definitions stand in figures.py.
LARGE_GENERAL_PERCENT, LARGE_VERTICAL_PERCENT = 68.0, 82.0
REPURCHASE_LAST = 0.42
VERTICAL_GAP = 0.15
SOCIAL_REPURCHASE = 0.25
POSTPARTUM_LIFT = 0.17
COMMUNITY_LIFT = 0.40
TIMELINESS = {1.10: 0.068, 1.80: 0.35}
ANXIETY_LIFT = 0.23
TRUST_LOSS = -0.17


@dataclass(frozen=True)
class Drawn:
    """People of one year with their answers and composite values."""

    people: People
    answers: np.ndarray
    composites: np.ndarray


def draw_years(truth: Truth, seed: np.random.SeedSequence, count: int) -> list[Drawn]:
    """Draw ``count`` people of the population (weight 1) with answers in each year."""
    drawn = []
    for year in range(len(truth.names.years)):
        random = generator(named(seed, f"year {year}"))
        people = draw_people(truth, year, count, random, sampled=False)
        answers = draw_answers(truth, people, random)
        drawn.append(Drawn(people, answers, outcomes.composite(truth, answers, people.stage)))
    return drawn


def solve_outcomes(truth: Truth, seed: np.random.SeedSequence) -> Truth:
    """Return the truth with solved satisfaction, trust, repurchase and recommendation."""
    years = draw_years(truth, named(seed, "outcomes"), SAMPLE)
    truth = _solve_satisfaction(truth, years)
    truth = _solve_trust(truth, years)
    truth = _solve_repurchase(truth, years)
    return _solve_recommend(truth, years)


def expected_score(cumulative: np.ndarray, low: int) -> np.ndarray:
    """Return the expected answer from P(answer ≤ k)."""
    return low + (1 - cumulative).sum(axis=1)


def solve_thresholds(eta: np.ndarray, shares: tuple[float, ...], scale: np.ndarray | float = 1.0) -> np.ndarray:
    """Return the thresholds for which the mean answer distribution is ``shares``."""
    scales = np.broadcast_to(scale, eta.shape)

    def one(share: float) -> float:
        return float(
            brentq(lambda c: outcomes.cumulative(eta, np.array([c]), scales).mean() - share, -40, 40, xtol=1e-10)
        )

    return np.array([one(share) for share in np.cumsum(shares)[:-1]])


def _solve(name: str, function: Callable[[np.ndarray], np.ndarray], start: list[float]) -> np.ndarray:
    found = root(function, start, method="hybr", options={"xtol": 1e-12})
    miss = float(np.max(np.abs(function(found.x))))
    if miss > CLOSE:
        raise DiagnosticsError(f"calibration of {name} misses a target by {miss:.2g}")
    return found.x


def _solve_satisfaction(truth: Truth, years: list[Drawn]) -> Truth:
    last = years[-1]
    platforms = truth.names.platforms
    large = [platforms.index(assumptions.LARGE_GENERAL), platforms.index(assumptions.LARGE_VERTICAL)]
    rows = [last.people.platform == position for position in large]
    aims = np.array([LARGE_GENERAL_PERCENT, LARGE_VERTICAL_PERCENT]) / 100 * 5

    def with_effects(effects: np.ndarray) -> Truth:
        platform = truth.satisfaction.platform.copy()
        platform[large] = effects
        changed = replace(truth, satisfaction=replace(truth.satisfaction, platform=platform))
        eta = outcomes.satisfaction_predictor(changed, last.people, last.composites)
        scale = changed.satisfaction.scale[last.people.stage]
        thresholds = solve_thresholds(eta, assumptions.SATISFACTION_SHARES_LAST, scale)
        return replace(changed, satisfaction=replace(changed.satisfaction, thresholds=thresholds))

    def misses(effects: np.ndarray) -> np.ndarray:
        scores = _satisfaction_scores(with_effects(effects), last)
        return np.array([scores[row].mean() for row in rows]) - aims

    truth = with_effects(_solve("platform satisfaction", misses, [0.0, 0.0]))
    for position in range(len(years) - 1):
        truth = _solve_year(truth, position, years[position])
    return truth


def _solve_year(truth: Truth, position: int, drawn: Drawn) -> Truth:
    span = assumptions.SATISFACTION_LAST - assumptions.SATISFACTION_FIRST
    aim = assumptions.SATISFACTION_FIRST + span * assumptions.PATH[position]

    def with_effect(effect: float) -> Truth:
        table = truth.satisfaction.stage_year.copy()
        table[position] += effect
        return replace(truth, satisfaction=replace(truth.satisfaction, stage_year=table))

    def miss(effect: float) -> float:
        return float(_satisfaction_scores(with_effect(effect), drawn).mean() - aim)

    return with_effect(float(brentq(miss, -8, 8, xtol=1e-10)))


def _satisfaction_scores(truth: Truth, drawn: Drawn) -> np.ndarray:
    return expected_score(outcomes.satisfaction_cumulative(truth, drawn.people, drawn.composites), 1)


def trust_scores(truth: Truth, drawn: Drawn) -> np.ndarray:
    """Return the expected trust of each respondent."""
    eta = outcomes.trust_predictor(truth, drawn.people, drawn.answers, drawn.composites)
    return expected_score(outcomes.cumulative(eta, truth.trust.thresholds), 1)


def _solve_trust(truth: Truth, years: list[Drawn]) -> Truth:
    before, last = years[-2], years[-1]
    position = truth.names.platforms.index(truth.trust.hiding_platform)

    def with_effect(effect: float) -> Truth:
        changed = replace(truth, trust=replace(truth.trust, hiding_effect=effect))
        eta = outcomes.trust_predictor(changed, last.people, last.answers, last.composites)
        thresholds = solve_thresholds(eta, assumptions.TRUST_SHARES_LAST)
        return replace(changed, trust=replace(changed.trust, thresholds=thresholds))

    def miss(effect: float) -> float:
        changed = with_effect(effect)
        means = [trust_scores(changed, drawn)[drawn.people.platform == position].mean() for drawn in (before, last)]
        return float(means[1] / means[0] - 1 - TRUST_LOSS)

    return with_effect(float(brentq(miss, -6, 1, xtol=1e-8)))


def with_item(truth: Truth, drawn: Drawn, code: str, change: Callable[[np.ndarray], np.ndarray]) -> Drawn:
    """Return the same people with the answers to one item changed; the composite follows."""
    answers = drawn.answers.copy()
    column = truth.names.codes.index(code)
    answers[:, column] = change(answers[:, column])
    return Drawn(drawn.people, answers, outcomes.composite(truth, answers, drawn.people.stage))


def timeliness_effect(truth: Truth, drawn: Drawn, faster: Drawn) -> float:
    """Return the relative change of expected repurchase among those who answered F02, ``faster`` against ``drawn``."""
    rows = ~np.isnan(drawn.answers[:, truth.names.codes.index("F02")])
    probability = [
        outcomes.repurchase_probability(truth, each.people, each.answers, each.composites)[rows].mean()
        for each in (drawn, faster)
    ]
    return float(probability[1] / probability[0] - 1)


def faster_replies(truth: Truth, drawn: Drawn, factor: float) -> Drawn:
    """Return the people with every F02 answer multiplied by ``factor``, at most 5."""
    return with_item(truth, drawn, "F02", lambda answer: np.minimum(5.0, answer * factor))


def _solve_repurchase(truth: Truth, years: list[Drawn]) -> Truth:
    last = years[-1]
    types = np.array(truth.names.platform_types)
    postpartum, pregnancy = (truth.names.stages.index(name) for name in ("postpartum", "pregnancy"))
    faster = {factor: faster_replies(truth, last, factor) for factor in TIMELINESS}
    member_column = truth.names.codes.index("S02")
    kinds = [types[drawn.people.platform] for drawn in years]
    stages = np.concatenate([drawn.people.stage for drawn in years])
    member = np.concatenate([~np.isnan(drawn.answers[:, member_column]) for drawn in years])

    def with_parameters(x: np.ndarray) -> Truth:
        stage = np.array(assumptions.REPURCHASE_STAGE)
        stage[postpartum] = x[3]
        changed = replace(
            truth.repurchase,
            intercept=x[0],
            platform=x[1] * (types == "vertical") + x[2] * (types == "social"),
            stage=stage,
            community=x[4],
            linear=x[5],
            quadratic=x[6],
        )
        return replace(truth, repurchase=changed)

    def misses(x: np.ndarray) -> np.ndarray:
        changed = with_parameters(x)
        by_year = [outcomes.repurchase_probability(changed, d.people, d.answers, d.composites) for d in years]
        pooled, final, kind = np.concatenate(by_year), by_year[-1], kinds[-1]
        gaps = [
            final.mean() - REPURCHASE_LAST,
            final[kind == "vertical"].mean() - final[kind == "general"].mean() - VERTICAL_GAP,
            final[kind == "social"].mean() - SOCIAL_REPURCHASE,
            pooled[stages == postpartum].mean() / pooled[stages == pregnancy].mean() - 1 - POSTPARTUM_LIFT,
            pooled[member].mean() / pooled[~member].mean() - 1 - COMMUNITY_LIFT,
        ]
        gaps += [timeliness_effect(changed, last, faster[factor]) - aim for factor, aim in TIMELINESS.items()]
        return np.array(gaps)

    return with_parameters(_solve("repurchase", misses, [-2.0, 0.4, -0.8, 0.4, 0.5, 1.5, 0.0]))


def anxiety_effect(truth: Truth, drawn: Drawn) -> float:
    """Return the relative change of P(recommendation ≥ 9) when E01 rises by 1, among those who answered 1–4."""
    answer = drawn.answers[:, truth.names.codes.index("E01")]
    rows = answer <= 4
    relieved = with_item(truth, drawn, "E01", lambda value: np.minimum(5.0, value + 1))
    promoters = [
        (1 - outcomes.recommend_cumulative(truth, each.answers, each.composites)[rows, 8]).mean()
        for each in (drawn, relieved)
    ]
    return float(promoters[1] / promoters[0] - 1)


def _solve_recommend(truth: Truth, years: list[Drawn]) -> Truth:
    last = years[-1]
    relief = np.nan_to_num(last.answers[:, truth.names.codes.index("E01")] - 3)

    def with_coefficient(coefficient: float) -> Truth:
        eta = truth.recommend.slope * last.composites + coefficient * relief
        thresholds = solve_thresholds(eta, assumptions.RECOMMEND_SHARES_LAST)
        return replace(truth, recommend=replace(truth.recommend, anxiety=coefficient, thresholds=thresholds))

    found = brentq(lambda c: anxiety_effect(with_coefficient(c), last) - ANXIETY_LIFT, 0.0, 3.0, xtol=1e-8)
    return with_coefficient(float(found))
