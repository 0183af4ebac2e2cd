"""From the assumptions to the truth: what is set, what is solved, and what is expected of it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.special import ndtr

from maternal_eval.core.progress import Progress, report
from maternal_eval.core.randomness import generator, named, sequence
from maternal_eval.simulation import assumptions, structure
from maternal_eval.simulation.expectations import with_expectations
from maternal_eval.simulation.solve_items import item_targets, solve_locations
from maternal_eval.simulation.solve_outcomes import solve_outcomes
from maternal_eval.simulation.truth import Recommend, Repurchase, Satisfaction, Trust, Truth, rounded

AGREEMENT = 0.92  # published; the definition is ours
AGREEMENT_GAP = 20.0  # points of 100: three sources agree if no two lie farther apart
ROUNDING = 0.5  # readings are whole numbers: at most 20 apart means less than 20.5 before rounding


def calibrate(
    codes: Sequence[str],
    kano: Sequence[str],
    seed: int = 20240,
    *,
    progress: Progress | None = None,
) -> Truth:
    """Return the truth of the built-in study, solved so that its expectations hit the published figures.

    Parameters
    ----------
    codes, kano
        Indicators F01…S08 and their Kano classes, in the order of ``indicators.csv``.
    seed
        Draws the deviations that no figure fixes, and the people that the solving averages over.

    Raises
    ------
    DiagnosticsError
        If a target cannot be hit.
    """
    if tuple(codes) != tuple(assumptions.ITEM_MEANS):
        raise ValueError(f"the simulation knows the indicators {', '.join(assumptions.ITEM_MEANS)}, not {codes}")
    root = named(sequence(seed), "truth")
    report(progress, "solving the truth", 0, 4)
    truth = solve_locations(_start(tuple(codes), tuple(kano), seed, root), named(root, "locations"))
    report(progress, "solving the truth", 1, 4)
    truth = solve_outcomes(rounded(truth), root)
    report(progress, "solving the truth", 2, 4)
    truth = rounded(truth)
    report(progress, "solving the truth", 3, 4)
    truth = rounded(with_expectations(truth, named(root, "expectations")))
    report(progress, "solving the truth", 4, 4)
    return truth


def _start(codes: tuple[str, ...], kano: tuple[str, ...], seed: int, root: np.random.SeedSequence) -> Truth:
    random = generator(named(root, "structure"))
    names = structure.names(codes, kano)
    people = structure.population()
    minutes = structure.response_minutes(names, people, random)
    items = structure.items(names, people, minutes, random)
    weights = structure.weights(names, random)
    years, stages = len(names.years), len(names.stages)
    drift = np.cumsum(assumptions.STAGE_DRIFT_SPREAD * random.standard_normal((years, stages)), axis=0)
    drift = drift - drift.mean(axis=1, keepdims=True)  # what the stages share is the year, which is solved
    by_type = np.array([assumptions.SATISFACTION_TYPE[kind] for kind in names.platform_types])
    platform = by_type + assumptions.PLATFORM_EFFECT_SPREAD * random.standard_normal(len(by_type))
    means = dict(zip(codes, item_targets()[-1], strict=True))
    centre = {code: float((mean - 1) / 4) for code, mean in means.items()}
    return Truth(
        seed=seed,
        names=names,
        population=people,
        items=items,
        weights=weights,
        satisfaction=Satisfaction(
            slope=assumptions.SLOPE["satisfaction"],
            thresholds=np.zeros(4),
            scale=np.array(assumptions.SATISFACTION_SCALE),
            stage_year=np.array(assumptions.SATISFACTION_STAGE) + drift,
            platform=platform,
            tier=np.array(assumptions.SATISFACTION_TIER),
        ),
        trust=Trust(
            slope=assumptions.SLOPE["trust"],
            thresholds=np.zeros(4),
            item_coefficients=dict(assumptions.TRUST_ITEMS),
            item_centres={code: centre[code] for code in assumptions.TRUST_ITEMS},
            hiding_platform=assumptions.HIDING_PLATFORM,
            hiding_year=assumptions.HIDING_YEAR,
            hiding_effect=0.0,
        ),
        repurchase=Repurchase(
            intercept=0.0,
            slope=assumptions.SLOPE["repurchase"],
            linear=0.0,
            quadratic=0.0,
            centre=centre["F02"],
            platform=np.zeros(len(names.platforms)),
            stage=np.zeros(stages),
            community=0.0,
        ),
        recommend=Recommend(slope=assumptions.SLOPE["recommend"], thresholds=np.zeros(10), anxiety=0.0),
        response_minutes=minutes,
        anxiety_disagreement=disagreement(),
    )


def disagreement(share: float = AGREEMENT, gap: float = AGREEMENT_GAP + ROUNDING) -> float:
    """Return the standard deviation for which ``share`` of three independent normal readings lie within ``gap``.

    P(range ≤ r) = 3 ∫ φ(x) (Φ(x + r) − Φ(x))² dx, with r in standard deviations.
    """

    def within(r: float) -> float:
        def density(x: float) -> float:
            return 3 * np.exp(-x * x / 2) / np.sqrt(2 * np.pi) * (ndtr(x + r) - ndtr(x)) ** 2

        return float(quad(density, -10, 10)[0])

    return gap / float(brentq(lambda r: within(r) - share, 0.1, 12))
