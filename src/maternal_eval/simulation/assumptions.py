"""What the simulated study assumes before anything is solved: shares, mean answers, deviations.

Every number says whether it is PUBLISHED (a figure of the reports, see ``figures.py`` for its claim id) or INVENTED
(chosen by us so that the panel is plausible; no report gives it). Interpolated years are invented.
"""

from __future__ import annotations

import numpy as np

YEARS = (2020, 2021, 2022, 2023, 2024)
STAGES = ("preconception", "pregnancy", "childbirth", "postpartum", "early_parenting")
TRIMESTERS = ("early", "mid", "late")
TIERS = ("first", "new_first", "second", "third_and_below")
TYPES = ("general", "vertical", "health_management", "social", "niche")
EDUCATION = ("upper_secondary_or_below", "college", "bachelor", "postgraduate")
INCOME = ("under_8k", "8k_15k", "15k_25k", "over_25k")
OUTCOMES = ("satisfaction", "trust", "repurchase", "recommend")
AGE_RANGE = (20, 40)  # published

# Platform: type and share of users. Published: general_a 35 %, vertical_a 18 %, health_a 12 %, the small platforms
# (our niche ones) 8 % together. The rest is invented.
PLATFORMS = {
    "general_a": ("general", 0.35),
    "general_b": ("general", 0.06),
    "general_c": ("general", 0.03),
    "vertical_a": ("vertical", 0.18),
    "vertical_b": ("vertical", 0.05),
    "vertical_c": ("vertical", 0.03),
    "health_a": ("health_management", 0.12),
    "health_b": ("health_management", 0.03),
    "social_a": ("social", 0.04),
    "social_b": ("social", 0.03),
    "niche_a": ("niche", 0.045),
    "niche_b": ("niche", 0.035),
}
LARGE_GENERAL, LARGE_VERTICAL = "general_a", "vertical_a"
HIDING_PLATFORM = "vertical_b"  # plays the published example: hides cold-chain data of milk powder in 2024
HIDING_YEAR = 2024

# First three tiers 65 % of the population (published as their share of sales); the split is invented. The sample
# has too few third-tier users (a limit the reports admit), the survey weight corrects it.
TIER_POPULATION = (0.18, 0.22, 0.25, 0.35)
TIER_SAMPLE = (0.26, 0.30, 0.26, 0.18)

STAGE_SHARES_FIRST = (0.12, 0.42, 0.10, 0.14, 0.22)  # 2020, invented
STAGE_SHARES_LAST = (0.15, 0.37, 0.10, 0.18, 0.20)  # 2024, invented
# A user met at random is met in proportion to weeks × weekly uses; both published.
TRIMESTER_WEEKS = (12, 16, 12)
TRIMESTER_WEEKLY_USES = (4.1, 3.7, 2.8)

EDUCATION_BY_TIER = (
    (0.08, 0.22, 0.50, 0.20),
    (0.12, 0.28, 0.46, 0.14),
    (0.18, 0.32, 0.41, 0.09),
    (0.34, 0.34, 0.28, 0.04),
)
INCOME_BY_EDUCATION = (
    (0.50, 0.36, 0.11, 0.03),
    (0.32, 0.42, 0.19, 0.07),
    (0.15, 0.40, 0.30, 0.15),
    (0.08, 0.29, 0.35, 0.28),
)
AGE_STAGE_SHIFT = (-0.8, -0.2, 0.0, 0.2, 1.0)
AGE_SPREAD = 4.5
YOUNG_UNTIL = 34  # born 1990 or later, seen in 2024

# How far from the 2020 to the 2024 level each year stands; 2021–2023 interpolated by us (slow 2022, quick 2023).
PATH = (0.0, 0.22, 0.36, 0.72, 1.0)
SATISFACTION_FIRST, SATISFACTION_LAST = 3.2, 3.7  # published
SATISFACTION_SHARES_LAST = (0.035, 0.105, 0.245, 0.355, 0.26)  # 2024 answers 1–5: invented, mean 3.70
TRUST_SHARES_LAST = (0.045, 0.11, 0.27, 0.36, 0.215)  # invented
# 0–10; promoters 50 %, detractors 15 %: the published score of 35; the split is invented.
RECOMMEND_SHARES_LAST = (0.01, 0.007, 0.008, 0.012, 0.018, 0.045, 0.05, 0.15, 0.20, 0.22, 0.28)

# Mean answers 2020 and 2024. Published for 2024: mean of F01 and F05 4.1, F11 3.8, mean of F07, F09 and F10 3.5,
# mean of E01–E10 3.2; mean of S01–S08 4.01 is implied by these, 45/35/20 and 3.7. The rest is invented.
ITEM_MEANS = {
    "F01": (3.75, 4.20), "F02": (2.85, 3.35), "F03": (3.25, 3.70), "F04": (2.95, 3.50), "F05": (3.45, 4.00),
    "F06": (2.90, 3.40), "F07": (3.05, 3.60), "F08": (3.15, 3.45), "F09": (2.80, 3.50), "F10": (2.95, 3.40),
    "F11": (3.40, 3.80), "F12": (2.80, 3.35),
    "E01": (2.70, 3.10), "E02": (3.25, 3.60), "E03": (2.60, 3.00), "E04": (3.00, 3.30), "E05": (2.65, 3.05),
    "E06": (2.85, 3.20), "E07": (3.15, 3.50), "E08": (3.05, 3.30), "E09": (2.65, 3.10), "E10": (2.55, 2.85),
    "S01": (3.55, 4.15), "S02": (3.50, 4.10), "S03": (3.35, 3.90), "S04": (3.75, 4.20), "S05": (3.30, 3.95),
    "S06": (3.30, 3.88), "S07": (3.70, 4.10), "S08": (3.25, 3.80),
}  # fmt: skip
# Mean answers of one stage in 2020 and 2024, published (2020 of E05 invented).
STAGE_ITEM_MEANS = {("F09", "pregnancy"): (2.9, 3.8), ("E05", "postpartum"): (2.6, 3.0)}

# Deviations of the latent answer, in answer points; all invented.
STAGE_SHIFTS = {
    "preconception": {"F07": 0.10, "F12": -0.10, "E09": 0.10, "S02": -0.15, "S08": -0.15},
    "pregnancy": {"E01": -0.10, "F01": 0.05, "S05": 0.10, "E09": 0.10},
    "childbirth": {"F11": -0.10, "F06": -0.10, "E07": -0.15, "S08": 0.10},
    "postpartum": {"F10": -0.25, "F12": -0.15, "E01": -0.25, "E03": -0.20, "E06": -0.10, "S02": 0.10},
    "early_parenting": {"F05": -0.10, "F11": 0.05, "E01": 0.15, "S01": 0.10, "S07": 0.05},
}
TYPE_SHIFTS = {
    "general": {"F03": 0.10, "F11": 0.22, "F07": -0.20, "F09": -0.22, "F10": -0.20, "F12": -0.05,
                "E": -0.10, "S": -0.12},
    "vertical": {"F07": 0.22, "F09": 0.12, "F10": 0.10, "F12": 0.20, "F11": -0.10, "E": 0.14, "S": 0.08},
    "health_management": {"F07": 0.28, "F09": 0.38, "F10": 0.42, "F11": -0.28, "F03": -0.12,
                          "E05": 0.30, "S03": 0.35, "S08": 0.30},
    "social": {"F05": -0.20, "F07": -0.28, "F10": -0.30, "S07": -0.10, "E03": 0.25,
               "S01": 0.32, "S02": 0.32, "S06": 0.28},
    "niche": {"F01": 0.18, "F11": -0.25, "F08": -0.15, "E03": 0.10, "S01": -0.18},
}  # fmt: skip
TIER_SHIFTS = {
    "first": {"F11": 0.10, "F09": 0.12, "F10": 0.10, "S03": 0.12, "S08": 0.15},
    "new_first": {"F11": 0.06, "F09": 0.05, "S03": 0.05, "S08": 0.06},
    "second": {},
    "third_and_below": {
        "F02": -0.08,
        "F09": -0.30,
        "F10": -0.22,
        "F11": -0.28,
        "E05": -0.15,
        "S03": -0.28,
        "S08": -0.35,
    },
}
QUARTER_SHIFTS = {1: {"F11": -0.10}, 2: {}, 3: {}, 4: {"F11": -0.15, "F02": -0.12, "F06": -0.10}}
QUARTER_TREND = 0.03  # all items, per quarter inside a year
HIDING_SHIFT = -0.9  # F04 of the hiding platform in its year
QUALITY_SPREAD, ITEM_SPREAD, DRIFT_SPREAD = 0.10, 0.08, 0.05  # platform, platform × item, platform × year

NOISE = 0.75
NOISE_BY_STAGE = (1.0, 0.95, 1.10, 1.15, 1.0)
DIMENSION_CORRELATION = 0.5
ACQUIESCENCE, EXTREMITY = 0.20, 0.18
CRITICAL_BY_EDUCATION = (0.08, 0.03, -0.03, -0.10)  # the better educated judge more severely

# Minutes from enquiry to reply: mean over platforms by year, invented; the standard of 15 is published.
RESPONSE_MINUTES = (22.0, 19.5, 18.5, 14.6, 12.2)
RESPONSE_BY_TYPE = {"general": -0.10, "vertical": 0.0, "health_management": 0.10, "social": 0.20, "niche": 0.12}
TIMELINESS_PER_LOG_MINUTE = 0.6  # F02 falls by this per unit of log response time

# What an item needs to apply; probability by platform type, shift by stage. All invented.
NEEDS = {
    "goods": ("F01", "F05", "F11"),
    "service": ("F02", "E06"),
    "problem": ("F06",),
    "failure": ("E10",),
    "content": ("F07",),
    "consultation": ("F09", "F10"),
    "recommendation": ("F12",),
    "support": ("E05",),
    "reminder": ("E09",),
    "community": ("S01", "S02", "S05", "S06"),
    "partner": ("S03",),
    "reviews": ("S07",),
    "offline": ("S08",),
}
NEED_BY_TYPE = {
    "goods": (0.95, 0.93, 0.62, 0.84, 0.93),
    "service": (0.86, 0.90, 0.92, 0.80, 0.86),
    "problem": (0.76, 0.72, 0.72, 0.78, 0.78),
    "failure": (0.68, 0.64, 0.64, 0.70, 0.70),
    "content": (0.92, 0.97, 0.97, 0.90, 0.93),
    "consultation": (0.66, 0.74, 0.88, 0.62, 0.70),
    "recommendation": (0.93, 0.92, 0.86, 0.92, 0.84),
    "support": (0.66, 0.72, 0.82, 0.74, 0.70),
    "reminder": (0.82, 0.92, 0.94, 0.84, 0.84),
    "community": (0.62, 0.74, 0.64, 0.95, 0.70),
    "partner": (0.82, 0.86, 0.95, 0.78, 0.78),
    "reviews": (0.97, 0.96, 0.90, 0.97, 0.94),
    "offline": (0.64, 0.72, 0.78, 0.60, 0.60),
}
NEED_BY_STAGE = {
    "consultation": (-0.06, 0.04, -0.04, 0.14, -0.06),
    "support": (-0.06, 0.03, 0.0, 0.08, -0.03),
    "community": (-0.05, 0.02, -0.03, 0.02, 0.03),
    "offline": (-0.08, 0.0, 0.08, 0.05, -0.02),
    "goods": (-0.06, 0.01, 0.02, 0.01, 0.03),
}
NONRESPONSE = (1.0, 18.0)  # beta distribution of a person's rate of skipped items
OUTCOME_NONRESPONSE = 0.015  # trust and recommendation

# Weights inside each dimension that the experts lean to: invented (not published). The dimensions 45/35/20 are.
DIMENSION_WEIGHTS = {"functional": 0.45, "emotional": 0.35, "social": 0.20}
EXPERT_WEIGHTS = {
    "functional": (0.125, 0.12, 0.075, 0.085, 0.09, 0.085, 0.08, 0.075, 0.08, 0.08, 0.06, 0.045),
    "emotional": (0.17, 0.11, 0.10, 0.06, 0.11, 0.10, 0.12, 0.07, 0.08, 0.08),
    "social": (0.15, 0.14, 0.14, 0.09, 0.16, 0.08, 0.14, 0.10),
}
BASE_WEIGHT_SPREAD = 0.15  # log distance between the users' true weights and the experts'
# Multiplier of a weight inside its dimension, by stage. F10 after birth is solved for 40 % of the functional dimension.
WEIGHT_MULTIPLIERS = {
    "preconception": {"F07": 2.2, "E09": 1.2},
    "pregnancy": {},
    "childbirth": {"F11": 1.4, "E07": 1.2},
    "postpartum": {"E05": 1.3},
    "early_parenting": {"F05": 1.25, "S07": 1.2},
}
SOLVED_WEIGHT = ("postpartum", "F10", 0.40)

SLOPE = {"satisfaction": 7.0, "trust": 4.5, "repurchase": 2.2, "recommend": 4.5}
SATISFACTION_SCALE = (1.0, 0.9, 1.15, 1.3, 0.95)
SATISFACTION_STAGE = (0.10, 0.0, 0.05, -0.25, 0.12)
STAGE_DRIFT_SPREAD = 0.10
SATISFACTION_TIER = (0.10, 0.05, 0.0, -0.15)
SATISFACTION_TYPE = {"general": -0.15, "vertical": 0.25, "health_management": 0.15, "social": -0.10, "niche": 0.0}
PLATFORM_EFFECT_SPREAD = 0.20
TRUST_ITEMS = {"F04": 1.2, "F08": 0.9, "F10": 0.6, "E08": 0.5}
REPURCHASE_STAGE = (-0.15, 0.0, -0.05, 0.0, 0.10)  # after birth solved
OUTCOME_DEPENDENCE = 0.35  # correlation of the four outcomes' residuals (Gaussian copula)


def dimension_of(code: str) -> str:
    """Return the dimension of an indicator code."""
    return {"F": "functional", "E": "emotional", "S": "social"}[code[0]]


def shifts(table: dict[str, float], codes: tuple[str, ...]) -> np.ndarray:
    """Return one shift per code; a one-letter key stands for a whole dimension and a full code adds to it."""
    return np.array([table.get(code[0], 0.0) + table.get(code, 0.0) for code in codes])
