r"""What depends on the uncertain inputs: composite scores of units, and the outcomes that are predicted from them.

Nothing is approximated by cell means: every run scores every respondent anew with its weights, value functions,
exponent and treatment of unanswered items, so a score varies over runs exactly as the published score would.

An outcome is predicted as a reader of scores would: its mean is a straight line in the composite value c, by
survey-weighted
least squares over the training periods, refitted in every run because another score has another line,

.. math:: \hat y = \bar y + b\,(\bar c_{latest} - \bar c), \qquad b = S_{cy} / S_{cc},

and uncertain by the line itself,
:math:`se^2 = \hat\sigma^2 (1 + (\bar c_{latest} - \bar c)^2 / (S_{cc} / W)) / n_{eff}` with
W the sum of the weights and :math:`n_{eff} = W^2 / \sum w^2` (Kish 1965). Respondents count as independent.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import norm

from maternal_eval.analyses.sensitivity.choices import CHOICES, further_levels, position_of, without
from maternal_eval.analyses.sensitivity.generators import EDGE
from maternal_eval.core.threads import product, side_by_side
from maternal_eval.methods.composite import FULL_SCORE
from maternal_eval.methods.sensitivity.rank_kernel import EVERY, SIBLINGS, composite_sums
from maternal_eval.methods.value import answer_value

TASK = 256
"""Runs that a thread takes at a time."""

BUILT_IN = ("normalisation", "kano_shape", "exponent", "unanswered")
"""Choices whose effect is computed here; others are rows of CHOICES with ``values``."""


@dataclass(frozen=True)
class Link:
    """An outcome and who its line is fitted to.

    Attributes
    ----------
    name
        Of the outcome.
    outcome
        Respondents' outcomes, any number where the weight is 0.
    weight
        Survey weights; 0 for those outside the training periods, without outcome or with fewer than two answers.
    """

    name: str
    outcome: np.ndarray
    weight: np.ndarray

    @cached_property
    def moments(self) -> tuple[float, float, float, float]:
        """Sum of the weights, effective number of respondents, mean and variance of the outcome."""
        total = self.weight.sum()
        mean = (self.weight * self.outcome).sum() / total
        variance = (self.weight * (self.outcome - mean) ** 2).sum() / total
        return float(total), float(total**2 / (self.weight**2).sum()), float(mean), float(variance)

    def predict(self, sums: np.ndarray, squares: np.ndarray, target: np.ndarray, noise: np.ndarray) -> np.ndarray:
        """Return the predicted mean outcome per run.

        Parameters
        ----------
        sums
            2 × runs: sums of w c and w c y.
        squares
            Sums of w c².
        target
            Mean composite of those who are predicted.
        noise
            Standard normal deviate of the line, per run.
        """
        total, effective, mean_y, variance_y = self.moments
        mean_c = sums[0] / total
        variance_c = squares / total - mean_c**2
        slope = (sums[1] / total - mean_c * mean_y) / variance_c
        residual = np.maximum(variance_y - slope**2 * variance_c, 0.0)
        ahead = target - mean_c
        error = np.sqrt(residual * (1 + ahead**2 / variance_c) / effective)
        return mean_y + slope * ahead + error * noise


@dataclass(frozen=True)
class ScoreModel:
    """Composite scores of units, and predicted outcomes, as functions of weights and choices.

    Attributes
    ----------
    answers
        Respondents × indicators on their scales; the respondents of the latest period first.
    codes, kano, low, high, dimension
        Of the indicators.
    survey
        Survey weights of the respondents.
    cell
        Cell (smallest unit) of each respondent; -1 for those of earlier periods.
    units
        One row per unit with ``platform`` and ``stage``, empty text standing for all.
    members
        Units × cells: which cells a unit consists of.
    shape
        Nominal shape of the Kano values, one per indicator or one for all.
    unanswered
        Nominal treatment of unanswered items: a row of :data:`~maternal_eval.methods.composite.UNANSWERED`.
    links
        Outcomes that are predicted.
    """

    answers: np.ndarray
    codes: tuple[str, ...]
    kano: tuple[str, ...]
    low: np.ndarray
    high: np.ndarray
    dimension: np.ndarray
    survey: np.ndarray
    cell: np.ndarray
    units: pd.DataFrame
    members: np.ndarray
    shape: float | np.ndarray
    unanswered: str = "siblings"
    links: tuple[Link, ...] = ()
    _values: dict[tuple[str, float | None], np.ndarray] = field(default_factory=dict, repr=False, compare=False)

    def without_links(self) -> ScoreModel:
        """Return the model of the scores alone, with the respondents of the latest period alone.

        Positions on the scale do not depend on who else answered, so nominal scores are the same; other
        normalisations would be.
        """
        latest = self.cell >= 0
        return replace(
            self, answers=self.answers[latest], survey=self.survey[latest], cell=self.cell[latest], links=(), _values={}
        )

    @cached_property
    def link_rows(self) -> tuple[np.ndarray, np.ndarray]:
        """Weights w and products w y of the links, links × respondents."""
        shape = (len(self.links), len(self.answers))
        weights = np.array([link.weight for link in self.links]).reshape(shape)
        return weights, weights * np.array([link.outcome for link in self.links]).reshape(shape)

    @cached_property
    def cell_weight(self) -> np.ndarray:
        """Sum of the survey weights of each cell."""
        latest = self.cell >= 0
        return np.bincount(self.cell[latest], self.survey[latest], self.members.shape[1])

    def values(self, normalisation: str, shape: float | None = None) -> np.ndarray:
        """Return the values of the answers in [0, 1], respondents × indicators; NaN where not answered.

        ``shape`` None: the nominal one.
        """
        key = (normalisation, shape)
        if key not in self._values:
            position = position_of(self.answers, self.low, self.high, self.survey, normalisation)
            self._values[key] = answer_value(
                position, list(self.kano), 0.0, 1.0, self.shape if shape is None else shape
            )
        return self._values[key]

    def __getstate__(self) -> dict[str, object]:
        """Leave what can be made anew out of what is sent to other machines."""
        return {one.name: getattr(self, one.name) for one in fields(self)} | {"_values": {}}

    def scores(
        self, weights: np.ndarray, picked: pd.DataFrame | None = None, noise: np.ndarray | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return scores and predicted outcomes.

        Parameters
        ----------
        weights
            Runs × indicators, rows sum to 1.
        picked
            Level of every choice per run (see :class:`~maternal_eval.analyses.sensitivity.choices.Choices`); the
            evaluation model's own if not given.
        noise
            Uniform (0–1) per run: where in the sampling distribution of its line the predicted outcome stands; the
            middle if not given.

        Returns
        -------
        scores
            Runs × units, 0–100, larger is better.
        predicted
            Runs × links, in the outcomes' units.
        """
        scores = np.empty((len(weights), len(self.units)))
        predicted = np.empty((len(weights), len(self.links)))
        deviate = norm.ppf(np.clip(np.full(len(weights), 0.5) if noise is None else noise, EDGE, 1 - EDGE))
        tasks = []
        if picked is None:
            groups: dict[Any, Any] = {("scale", None, 1.0, self.unanswered): np.arange(len(weights))}
            further: list[str] = []
        else:
            weights = without(weights, picked["leave_out"].to_numpy(), self.codes, self.dimension)
            further = list(further_levels())
            groups = picked.groupby([*BUILT_IN, *further], sort=True).indices
        for (normalisation, shape, exponent, unanswered, *levels), runs in groups.items():
            others = dict(zip(further, levels, strict=True))
            self.values(normalisation, shape)  # made here, not by several threads at once
            for start in range(0, len(runs), TASK):
                part = runs[start : start + TASK]
                tasks.append((normalisation, shape, exponent, unanswered, others, weights[part], part, deviate))
        with side_by_side() as pool:
            for part, of_unit, of_link in pool.map(lambda task: self._run(*task), tasks):
                scores[part], predicted[part] = of_unit, of_link
        return scores, predicted

    def _run(
        self,
        normalisation: str,
        shape: float | None,
        exponent: float,
        unanswered: str,
        others: dict[str, Any],
        weights: np.ndarray,
        runs: np.ndarray,
        deviate: np.ndarray,
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return runs that share all choices but the indicator left out, with their scores and predictions."""
        values = self.values(normalisation, shape)
        for name, level in others.items():
            change = CHOICES[name].values
            assert change is not None
            values = change(values, level)
        values = _power(values, exponent)
        if unanswered == "mean":
            known = np.isfinite(values)
            mean = np.nansum(values * self.survey[:, None], axis=0) / (known * self.survey[:, None]).sum(axis=0)
            values = np.where(known, values, mean)
        sums = composite_sums(
            values,
            weights,
            self.dimension,
            exponent,
            SIBLINGS if unanswered == "siblings" else EVERY,
            self.cell,
            self.survey,
            self.members.shape[1],
            *self.link_rows,
        )
        of_unit = product(self.members, sums.cells)
        of_unit /= product(self.members, self.cell_weight[:, None] - sums.missing)
        predicted = [
            link.predict(sums.first[2 * place : 2 * place + 2], sums.second[place], of_unit[0], deviate[runs])
            for place, link in enumerate(self.links)
        ]
        return runs, FULL_SCORE * of_unit.T, np.array(predicted).reshape(len(self.links), len(runs)).T


def _power(values: np.ndarray, exponent: float) -> np.ndarray:
    """Return values to a power; the common ones cheaply."""
    if exponent == 1.0:
        return values
    if exponent == 2.0:
        return np.square(values)
    return np.sqrt(values) if exponent == 0.5 else values**exponent


def score_units(panel: pd.DataFrame) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """Return the units that a panel has: all, platforms, stages, platform × stage.

    Returns
    -------
    units
        ``platform`` and ``stage``, empty text standing for all.
    cell
        Position of each respondent's cell: respondents who belong to the same units.
    members
        Units × cells: which cells a unit consists of.
    """
    names = [name for name in ("platform", "stage") if name in panel]
    if not names:
        return pd.DataFrame([{"platform": "", "stage": ""}]), np.zeros(len(panel), int), np.ones((1, 1))
    groups = panel.groupby(names, observed=True, sort=True, dropna=False)
    cell = groups.ngroup().to_numpy()
    cells = panel[names].iloc[np.unique(cell, return_index=True)[1]].reset_index(drop=True)
    units, members = [{"platform": "", "stage": ""}], [np.ones(len(cells))]
    for level in (["platform"], ["stage"], ["platform", "stage"]):
        if set(level) <= set(names):
            for _, rows in cells.dropna(subset=level).groupby(level, observed=True, sort=True):
                units.append({"platform": "", "stage": ""} | {name: str(rows[name].iloc[0]) for name in level})
                members.append(np.isin(np.arange(len(cells)), rows.index).astype(float))
    return pd.DataFrame(units), cell, np.stack(members)
