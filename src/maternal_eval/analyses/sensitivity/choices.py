"""Choices of the evaluation model as uncertain inputs: each a trigger that picks one of several levels.

How scores are aggregated is decided, not measured; other decisions were possible. Following Saisana, Saltelli &
Tarantola (2005), every such choice is an input that takes one of its levels at random, so that its Sobol' index says
how much of the spread of the results is owed to having decided this way. The levels are stated in the settings; a
choice
with a single level does not vary.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtr

from maternal_eval.core.errors import InputError
from maternal_eval.methods.composite import UNANSWERED

NORMALISATIONS = ("scale", "ridit", "standard")
"""From an answer to a position between 0 and 1: its place on the scale; the survey-weighted share of answers below it
and half of those equal to it (Bross 1958); the normal probability of its standard score."""

NOTHING = ""
"""Level of ``leave_out`` at which every indicator counts."""


@dataclass(frozen=True)
class ChoiceKind:
    """A choice.

    Attributes
    ----------
    name, name_en, name_zh
        Of the row.
    nominal
        What the evaluation model does.
    levels
        The levels that are examined where no setting says so.
    values
        (values of the answers, level) → other values, respondents × indicators in [0, 1] with NaN where not answered,
        before they are averaged; None for the choices whose effect is built into
        :mod:`~maternal_eval.analyses.sensitivity.model`.
    """

    name: str
    name_en: str
    name_zh: str
    nominal: Any
    levels: tuple[Any, ...] = ()
    values: Callable[[np.ndarray, Any], np.ndarray] | None = None


CHOICES: dict[str, ChoiceKind] = {
    row.name: row
    for row in (
        ChoiceKind("exponent", "exponent of the mean", "均值的幂次", 1.0),
        ChoiceKind("kano_shape", "shape of Kano values", "卡诺价值形状", 2.0),
        ChoiceKind("normalisation", "normalisation", "标准化方式", "scale"),
        ChoiceKind("unanswered", "unanswered items", "未答项处理", "siblings"),
        ChoiceKind("leave_out", "indicator left out", "剔除一个指标", NOTHING),
    )
}
"""The choices; a new one is one more row with its levels and what it does to the values of the answers."""


def further_levels() -> dict[str, tuple[Any, ...]]:
    """Return the levels of the choices that no setting names: those of the rows with ``values``."""
    return {name: kind.levels or (kind.nominal,) for name, kind in CHOICES.items() if kind.values is not None}


@dataclass(frozen=True)
class Choices:
    """The levels of each choice and their probabilities.

    Attributes
    ----------
    levels
        Choice → its levels.
    chances
        Choice → probability of each level, sum 1.
    """

    levels: dict[str, tuple[Any, ...]]
    chances: dict[str, np.ndarray]

    @classmethod
    def of(cls, levels: dict[str, Sequence[Any]], codes: Sequence[str], leave_out: float) -> Choices:
        """Return equally probable levels, and ``leave_out`` with any one indicator left out with that probability.

        Raises
        ------
        InputError
            If a choice has no level, or one that does not exist; if the probability is not one.
        """
        for name, known in (("normalisation", NORMALISATIONS), ("unanswered", UNANSWERED)):
            for level in levels[name]:
                if level not in known:
                    raise InputError(
                        "the choice has no such level", column=name, found=level, expected="one of " + ", ".join(known)
                    )
        for name, given in levels.items():
            if not given:
                raise InputError("a choice needs at least one level", column=name, found="none")
        for exponent in levels["exponent"]:
            if not np.isfinite(exponent) or exponent <= 0:
                raise InputError(
                    "an exponent has to be positive: otherwise one worst answer makes everything worthless",
                    column="exponent",
                    found=exponent,
                )
        for shape in levels["kano_shape"]:
            if not shape > 0:
                raise InputError("a shape of Kano values has to be positive", column="kano_shape", found=shape)
        if not 0 <= leave_out < 1:
            raise InputError("not a probability below 1", column="leave_out", found=leave_out)
        kept = {name: tuple(given) for name, given in levels.items()}
        chances = {name: np.full(len(given), 1 / len(given)) for name, given in kept.items()}
        kept["leave_out"], chances["leave_out"] = (NOTHING,), np.ones(1)
        if leave_out > 0 and len(codes) > 1:
            kept["leave_out"] = (NOTHING, *codes)
            chances["leave_out"] = np.array([1 - leave_out, *[leave_out / len(codes)] * len(codes)])
        return cls(kept, chances)

    @classmethod
    def nominal(cls, kano_shape: float = CHOICES["kano_shape"].nominal) -> Choices:
        """Return the choices of the evaluation model itself: nothing varies."""
        levels = {name: (kind.nominal,) for name, kind in CHOICES.items()} | {"kano_shape": (kano_shape,)}
        return cls(levels, {name: np.ones(1) for name in levels})

    @property
    def factors(self) -> dict[str, int]:
        """Choices that vary; each takes one uniform."""
        return {name: 1 for name, levels in self.levels.items() if len(levels) > 1}

    def pick(self, uniforms: np.ndarray) -> pd.DataFrame:
        """Return the level of every choice per run, for uniforms (runs × varying choices)."""
        picked, column = {}, 0
        for name, levels in self.levels.items():
            if name in self.factors:
                place = np.searchsorted(np.cumsum(self.chances[name])[:-1], uniforms[:, column], side="right")
                column += 1
            else:
                place = np.zeros(len(uniforms), dtype=int)
            values = np.empty(len(levels), dtype=object)
            values[:] = levels
            picked[name] = values[place]
        return pd.DataFrame(picked)


def position_of(
    answers: np.ndarray, low: np.ndarray, high: np.ndarray, survey: np.ndarray, normalisation: str
) -> np.ndarray:
    """Return the position of each answer, between 0 (worst) and 1 (best); NaN stays.

    Parameters
    ----------
    answers
        Respondents × indicators.
    low, high
        Ends of the indicators' scales.
    survey
        Survey weights of the respondents.
    normalisation
        One of :data:`NORMALISATIONS`. An indicator whose answers do not vary has the position 0.5 under "standard".
    """
    if normalisation == "scale":
        return (answers - low) / (high - low)
    position = np.full(answers.shape, np.nan)
    for column, values in enumerate(answers.T):
        known = np.isfinite(values)
        weight = survey[known] / survey[known].sum()
        if normalisation == "ridit":
            _, place = np.unique(values[known], return_inverse=True)
            share = np.bincount(place, weights=weight)
            position[known, column] = (np.cumsum(share) - share / 2)[place]
        else:
            centred = values[known] - weight @ values[known]
            spread = np.sqrt(weight @ centred**2)
            position[known, column] = ndtr(centred / spread) if spread > 0 else 0.5
    return position


def without(weights: np.ndarray, left_out: np.ndarray, codes: Sequence[str], dimension: np.ndarray) -> np.ndarray:
    """Return global weights (runs × codes) with one indicator per run left out; its siblings take its weight.

    An indicator without siblings hands its weight to all others.

    Parameters
    ----------
    weights
        Runs × codes, rows sum to 1.
    left_out
        Code per run, or :data:`NOTHING`.
    dimension
        Position of each indicator's dimension.
    """
    weights = weights.copy()
    for place, code in enumerate(codes):
        runs = np.flatnonzero(left_out == code)
        if not runs.size:
            continue
        siblings = dimension == dimension[place]
        siblings[place] = False
        takers = siblings if siblings.any() else np.arange(len(codes)) != place
        taken = weights[np.ix_(runs, np.flatnonzero(takers))]
        share = taken / taken.sum(axis=1, keepdims=True)
        weights[np.ix_(runs, np.flatnonzero(takers))] = taken + weights[runs, place, None] * share
        weights[runs, place] = 0.0
    return weights
