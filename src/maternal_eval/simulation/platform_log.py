"""The simulated monthly log by platform and stage."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import expit

from maternal_eval.core.randomness import generator
from maternal_eval.simulation.truth import Truth

GROWTH = (1.0, 1.25, 1.25, 1.25, 1.12)  # on the year before: 25 % a year 2021–2023 and 12 % in 2024, published
FIRST_YEAR_ORDERS = 600_000  # an invented size; only ratios are calibrated
MONTH_FACTORS = (0.92, 0.78, 0.96, 0.94, 1.00, 1.28, 0.92, 0.95, 1.00, 0.98, 1.42, 1.05)  # June and November sales
PEAKS = {6: 1.12, 11: 1.20}  # replies slow down in the months of the great sales
PROMISED_MINUTES = {"large": (20, 15, 15, 15, 15), "other": (30, 30, 20, 15, 15)}
LARGE_SHARE = 0.10
ENQUIRIES_PER_ORDER = (1.1, 0.9, 1.0, 1.2, 0.8)  # by stage, invented
ORDERS_BY_STAGE = (0.6, 1.1, 1.2, 0.9, 1.2)  # per user, invented
RETURN_LOGIT, RETURN_PER_POINT = -2.1, -0.6  # share returned falls as goods match their description (F05)
POSTS_PER_ORDER = {"general": 0.10, "vertical": 0.35, "health_management": 0.20, "social": 1.2, "niche": 0.25}
REPLY_SHARE = (0.29, 0.33, 0.36, 0.41, 0.45)  # posts that are answered; standard "more than 40 %", path invented
MONTH_NOISE = 0.08


def simulate_platform_log(truth: Truth, seed: np.random.SeedSequence) -> pd.DataFrame:
    """Draw the log: one row per month, platform and stage.

    ``repurchases`` follow the expected repurchase of the truth for platform, stage and year; ``actual`` minutes
    scatter around the truth's mean of platform and year, with slow months at the great sales; ``replies`` counts posts
    that received a reply.
    """
    random = generator(seed)
    names = truth.names
    years, platforms, stages = len(names.years), len(names.platforms), len(names.stages)
    seasonal = np.array(MONTH_FACTORS) / np.sum(MONTH_FACTORS)
    totals = FIRST_YEAR_ORDERS * np.cumprod(GROWTH)
    repurchase = np.array(truth.expected["repurchase_by_platform"])
    column = names.codes.index("F05")
    rows = []
    for year in range(years):
        users = truth.population.stage[year] * np.array(ORDERS_BY_STAGE)
        users = users / users.sum()
        share = truth.population.platform[:, None] * users[None, :]
        promised = [
            PROMISED_MINUTES["large" if size >= LARGE_SHARE else "other"][year] for size in truth.population.platform
        ]
        match = truth.items.platform[year][:, column][:, None] + truth.items.location[year][:, column][None, :]
        returned = expit(RETURN_LOGIT + RETURN_PER_POINT * (match - 1.0))
        # A year's noise is scaled so that the year's orders keep the published growth.
        noise = np.exp(MONTH_NOISE * random.standard_normal((12, platforms, stages)))
        expected = seasonal[:, None, None] * share[None] * noise
        expected = totals[year] * expected / expected.sum()
        orders = np.rint(expected).astype(int)
        speed = truth.response_minutes[year][None, :] * np.exp(MONTH_NOISE * random.standard_normal((12, platforms)))
        for month in range(12):
            for platform in range(platforms):
                kind = names.platform_types[platform]
                minutes = speed[month, platform] * PEAKS.get(month + 1, 1.0)
                for stage in range(stages):
                    count = orders[month, platform, stage]
                    posts = random.poisson(count * POSTS_PER_ORDER[kind])
                    rows.append(
                        {
                            "month": f"{names.years[year]}-{month + 1:02d}",
                            "platform": names.platforms[platform],
                            "stage": names.stages[stage],
                            "promised_response_minutes": promised[platform],
                            "actual_response_minutes": round(minutes * np.exp(0.04 * random.standard_normal()), 1),
                            "enquiries": random.poisson(count * ENQUIRIES_PER_ORDER[stage]),
                            "orders": count,
                            "repurchases": random.binomial(count, repurchase[year, stage, platform]),
                            "returns": random.binomial(count, returned[platform, stage]),
                            "posts": posts,
                            "replies": random.binomial(posts, REPLY_SHARE[year]),
                        }
                    )
    return pd.DataFrame(rows)
