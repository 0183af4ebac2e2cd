"""What the truth expects over the superpopulation: the numbers that a recovery check compares with."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from maternal_eval.simulation import outcomes, solve_outcomes
from maternal_eval.simulation.truth import Truth

SAMPLE = 80_000  # people per year: 400,000 over five years
TIMELINESS_FACTORS = (1.05, 1.10, 1.20, 1.40, 1.80)

ESTIMAND = (
    "Expectation over the superpopulation: users as they live (true shares of stage, trimester, platform, city tier, "
    "education and income in the year; platform and tier independent of each other and of the stage), answers "
    "drawn from the item model including empty items, the outcome's probabilities given these answers averaged and "
    "no outcome drawn. Averaged over 80,000 drawn people a year (400,000 in all). Survey weights are not needed: "
    "people are drawn from the population; a survey-weighted mean of the panel estimates the same quantity."
)


def with_expectations(truth: Truth, seed: np.random.SeedSequence) -> Truth:
    """Return the truth with its expectations and the statement of what they are."""
    years = solve_outcomes.draw_years(truth, seed, SAMPLE)
    names = truth.names
    stages, platforms = len(names.stages), len(names.platforms)
    shape = (len(years), stages)
    shares = np.zeros((*shape, 5))
    tables = {name: np.zeros(shape) for name in ("satisfaction", "trust", "repurchase", "promoters", "detractors")}
    by_platform = {name: np.zeros((*shape, platforms)) for name in ("satisfaction", "repurchase")}
    overall = {name: np.zeros(len(years)) for name in tables}
    for year, drawn in enumerate(years):
        cumulative = outcomes.satisfaction_cumulative(truth, drawn.people, drawn.composites)
        recommend = outcomes.recommend_cumulative(truth, drawn.answers, drawn.composites)
        score = {
            "satisfaction": solve_outcomes.expected_score(cumulative, 1),
            "trust": solve_outcomes.trust_scores(truth, drawn),
            "repurchase": outcomes.repurchase_probability(truth, drawn.people, drawn.answers, drawn.composites),
            "promoters": 1 - recommend[:, 8],
            "detractors": recommend[:, 6],
        }
        edges = np.column_stack([np.zeros(len(cumulative)), cumulative, np.ones(len(cumulative))])
        for name, values in score.items():
            overall[name][year] = values.mean()
        for stage in range(stages):
            rows = drawn.people.stage == stage
            shares[year, stage] = np.diff(edges[rows].mean(axis=0))
            for name, values in score.items():
                tables[name][year, stage] = values[rows].mean()
            for name, table in by_platform.items():
                for platform in range(platforms):
                    table[year, stage, platform] = score[name][rows & (drawn.people.platform == platform)].mean()
    last = years[-1]
    timeliness = {
        f"{factor:.2f}": solve_outcomes.timeliness_effect(
            truth, last, solve_outcomes.faster_replies(truth, last, factor)
        )
        for factor in TIMELINESS_FACTORS
    }
    expected = {
        "satisfaction_shares": shares,
        **{f"{name}_by_stage": table for name, table in tables.items()},
        **{f"{name}_by_platform": table for name, table in by_platform.items()},
        **{f"{name}_overall": values for name, values in overall.items()},
        "timeliness_on_repurchase": timeliness,
        "anxiety_on_promoters": solve_outcomes.anxiety_effect(truth, last),
    }
    return replace(truth, expected=expected, estimand=ESTIMAND)
