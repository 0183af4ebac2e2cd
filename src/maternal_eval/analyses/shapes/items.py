"""The bend of every item in one regression, and what its lower and its upper half are worth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from maternal_eval.analyses.drivers.answers import GroupAnswers
from maternal_eval.analyses.shapes.settings import ShapesSettings
from maternal_eval.analyses.stage_weights.anchor import symmetric_root
from maternal_eval.core.intervals import interval, normal_reach
from maternal_eval.core.randomness import Seed, generator
from maternal_eval.methods.ordinal.influence import clustered_covariance, influence
from maternal_eval.methods.ordinal.maximum_likelihood import OrdinalFit, OrdinalProblem, fit_ordinal
from maternal_eval.methods.response_shape import bend, declared, shape_probabilities
from maternal_eval.methods.value import KANO_CLASSES

LEVELS = 3
"""Different answers that an item needs to have a shape."""

MIDDLE = 0.5


@dataclass(frozen=True)
class Fitted:
    """A regression on some columns for the items, the background behind them."""

    problem: OrdinalProblem
    fit: OrdinalFit
    covariance: np.ndarray

    @classmethod
    def of(cls, answers: GroupAnswers, columns: np.ndarray, prior_scale: float) -> Fitted:
        """Fit; ``columns`` has no gaps, and a column in another unit has another prior."""
        design = np.hstack([columns, answers.background])
        problem = OrdinalProblem(design, answers.category, answers.weight, len(answers.points), prior_scale)
        fit = fit_ordinal(problem)
        covariance = clustered_covariance(influence(problem, fit, answers.cluster), fit, problem.precision())
        return cls(problem, fit, covariance)

    def part(self, begin: int, end: int) -> tuple[np.ndarray, np.ndarray]:
        """Return mode and covariance of the columns from ``begin`` to ``end``."""
        first = self.fit.categories - 1
        chosen = slice(first + begin, first + end)
        return self.fit.parameters[chosen], self.covariance[chosen, chosen]


def shaped(answers: GroupAnswers) -> np.ndarray:
    """Return which items have enough different answers for a shape, ``(items,)``."""
    return np.array([len(np.unique(column[np.isfinite(column)])) >= LEVELS for column in answers.place.T])


def without_gaps(columns: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Return columns with their weighted mean in the gaps."""
    answered = np.isfinite(columns)
    zeroed = np.where(answered, columns, 0.0)
    return np.where(answered, columns, (weight @ zeroed) / np.maximum(weight @ answered, 1e-12))


def expected_shape(kano: str) -> str:
    """Return the shape that a Kano class says: by its value in the middle of the scale; empty where it says none.

    Examples
    --------
    >>> [expected_shape(name) for name in ("must_be", "attractive", "performance", "unknown")]
    ['concave', 'convex', 'straight', '']
    """
    row = KANO_CLASSES[kano]
    if kano in ("unknown", "indifferent"):
        return ""
    middle = float(row.value(np.array([MIDDLE]), np.array([2.0]))[0])
    return "concave" if middle > MIDDLE else "convex" if middle < MIDDLE else "straight"


def item_table(answers: GroupAnswers, kano: list[str], settings: ShapesSettings, seed: Seed) -> pd.DataFrame:
    """Return one row per item with a shape: what it is worth, its bulge, probabilities, penalty and reward."""
    chosen = shaped(answers)
    size, bent = len(answers.codes), int(chosen.sum())
    # The scalar prior of the regression, in another unit: a column times c has its coefficient's prior over c.
    scale = settings.bend_scale / settings.prior_scale
    bends = without_gaps(bend(answers.place[:, chosen]), answers.weight) * scale
    fitted = Fitted.of(answers, np.hstack([answers.filled, bends]), settings.prior_scale)
    mode, covariance = fitted.part(0, size + bent)
    drawn = mode + generator(seed).standard_normal((settings.draws, size + bent)) @ symmetric_root(covariance)
    whole, bulging = drawn[:, :size][:, chosen], drawn[:, size:] * scale
    probabilities = shape_probabilities(whole, bulging, settings.straight)
    positive = whole > 0
    ratio = np.where(positive, bulging / (4 * np.where(positive, whole, 1.0)), np.nan)
    low, high = _ends(ratio)
    worth, error = mode[:size][chosen], np.sqrt(np.diag(covariance))[:size][chosen]
    reach = normal_reach() * error
    table = pd.DataFrame(
        {
            "indicator": [code for code, one in zip(answers.codes, chosen, strict=True) if one],
            "kano": [name for name, one in zip(kano, chosen, strict=True) if one],
            "worth": worth,
            "worth_low": worth - reach,
            "worth_high": worth + reach,
            "bulge": np.where(np.isfinite(low), mode[size:] * scale / (4 * np.where(worth > 0, worth, 1.0)), np.nan),
            "low": low,
            "high": high,
            "concave": probabilities.concave,
            "straight": probabilities.straight,
            "convex": probabilities.convex,
            "none": probabilities.none,
            "declared": declared(probabilities, settings.credible),
        }
    )
    table.insert(2, "expected", [expected_shape(name) for name in table["kano"]])
    return table.merge(_halves(answers, chosen, settings), on="indicator", validate="one_to_one")


def _ends(ratio: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the interval of the bulge where the relation is positive in nearly all draws, else nothing."""
    ends = [
        interval(column[np.isfinite(column)]) if np.isfinite(column).mean() > 0.99 else (np.nan, np.nan)
        for column in ratio.T
    ]
    return np.array([float(low) for low, _ in ends]), np.array([float(high) for _, high in ends])


def _halves(answers: GroupAnswers, chosen: np.ndarray, settings: ShapesSettings) -> pd.DataFrame:
    """Return penalty (from the middle to the worst) and reward (from the middle to the best), in logits.

    Brandt's (1987) penalty and reward, with a slope for each half of the scale in place of two dummies: no answer is
    thrown together with another.
    """
    place = answers.place[:, chosen]
    below = without_gaps(np.minimum(place, MIDDLE), answers.weight)
    above = without_gaps(np.maximum(place - MIDDLE, 0.0), answers.weight)
    fitted = Fitted.of(answers, np.hstack([below, above, answers.filled[:, ~chosen]]), settings.prior_scale)
    size = place.shape[1]
    mode, covariance = fitted.part(0, 2 * size)
    error = np.sqrt(np.diag(covariance)) * normal_reach()
    columns: dict[str, object] = {"indicator": [code for code, one in zip(answers.codes, chosen, strict=True) if one]}
    for name, part in (("penalty", slice(0, size)), ("reward", slice(size, 2 * size))):
        columns[name] = MIDDLE * mode[part]
        columns[f"{name}_low"] = MIDDLE * (mode[part] - error[part])
        columns[f"{name}_high"] = MIDDLE * (mode[part] + error[part])
    return pd.DataFrame(columns)
