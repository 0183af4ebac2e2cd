"""One replicate of a study of the schedule: answers with known stage weights, and what would be proposed from them.

The answers are rows of the study's panel, drawn with replacement inside each stage: they are as correlated and as
incomplete as there. Only the outcome is drawn anew, from the model of the stage weights with a truth of our choice and
no effects of period or platform.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from maternal_eval.analyses.proposal_power.held_out import compare_held_out
from maternal_eval.analyses.stage_weights.anchor import Anchor, symmetric_root
from maternal_eval.analyses.stage_weights.simulate import draw_outcomes, keep_indicators, take
from maternal_eval.core.errors import DiagnosticsError
from maternal_eval.core.intervals import interval
from maternal_eval.core.randomness import generator, named
from maternal_eval.methods.sampling import Gates, Replicate, SamplerSettings
from maternal_eval.methods.simplex_regression.likelihood import StageAnswers
from maternal_eval.methods.simplex_regression.measurement_error import calibrate_answers
from maternal_eval.methods.simplex_regression.own_change import moved_itself, probability_moved
from maternal_eval.methods.simplex_regression.prior import StagePrior
from maternal_eval.methods.simplex_regression.sampling import sample_stage_weights

STATIC, DRAWN, RAISED = "static", "drawn", "raised"
"""Truths: the static weights in every stage; drawn from the prior, anew in each replicate; the static weights with one
weight of the last stage multiplied by the effect."""

LIGHTEST, HEAVIEST = "lightest", "heaviest"
"""Which weight is raised, where it is not the design's own: a light one is known less well than a heavy one."""

HELD_OUT = 0.25
"""Held-out respondents per respondent of the fit."""

EFFECT_SCALE = 1.0


@dataclass(frozen=True)
class ReplicateDesign:
    """What replicates share.

    Attributes
    ----------
    pool
        Answers of each stage that respondents are drawn from.
    shares
        Share of each answer category, by stage.
    slopes
        Slope of each stage.
    prior
        Prior around the static weights.
    raised
        Position of the indicator whose weight may be raised in the last stage.
    """

    pool: tuple[StageAnswers, ...]
    shares: tuple[np.ndarray, ...]
    slopes: np.ndarray
    prior: StagePrior
    raised: int

    @property
    def static(self) -> np.ndarray:
        """Static weights of the indicators, sum 1."""
        return self.prior.weights(np.zeros(self.prior.size))[0]

    def place(self, condition: Condition) -> int:
        """Return the position of the indicator that the condition raises."""
        chosen = {LIGHTEST: int(np.argmin(self.static)), HEAVIEST: int(np.argmax(self.static))}
        return chosen.get(condition.weight, self.raised)


@dataclass(frozen=True)
class Condition:
    """A truth and a size.

    Attributes
    ----------
    name
        Name of the condition.
    truth
        :data:`STATIC`, :data:`DRAWN` or :data:`RAISED`.
    effect
        Factor on the raised weight before the stage's weights are divided by their sum.
    answers
        Answers that are fitted, shared out over the stages equally.
    whole
        Whether all stages and indicators of the study take part, or the small design.
    replicates
        How many.
    weight
        :data:`LIGHTEST` or :data:`HEAVIEST` of the design is raised; the design's own indicator if empty.
    reliability, corrected
        Outcomes follow the values of the pool, and what is fitted reads them with this reliability; whether the fit
        knows and corrects for it.
    """

    name: str
    truth: str
    effect: float
    answers: int
    whole: bool
    replicates: int
    weight: str = ""
    reliability: float = 1.0
    corrected: bool = False


def replicate_design(
    pool: tuple[StageAnswers, ...],
    slopes: np.ndarray,
    anchor: Anchor,
    ordered: bool,
    step_median: float,
    *,
    stages: int | None = None,
    per_dimension: int | None = None,
) -> ReplicateDesign:
    """Return the design of replicates, of the whole study or of its last stages and first indicators.

    Parameters
    ----------
    pool, slopes
        Answers and slopes of the study's stages.
    anchor
        Anchor of its stage weights.
    ordered, step_median
        As in the study's fit.
    stages, per_dimension
        How many of the last stages, and how many of the first indicators of each dimension; None for all. Static
        weights are renormalised inside the dimensions, which keep theirs.
    """
    starts = pool[0].dimension_start
    size = pool[0].indicators if per_dimension is None else per_dimension
    kept = np.concatenate([np.arange(low, min(high, low + size)) for low, high in pairwise(starts)])
    chosen = pool[-stages:] if stages else pool
    smaller = tuple(keep_indicators(part, kept) for part in chosen)
    of_dimension = np.add.reduceat(anchor.static, starts[:-1])
    new_starts = smaller[0].dimension_start
    static = anchor.static[kept]
    inside = np.add.reduceat(static, new_starts[:-1])
    static = static / np.repeat(inside / of_dimension, np.diff(new_starts))
    elements = np.concatenate([np.arange(of_dimension.size), of_dimension.size + kept])
    covariance = (anchor.root @ anchor.root.T)[np.ix_(elements, elements)]
    prior = StagePrior.around(
        static, new_starts, len(chosen), ordered, shift=symmetric_root(covariance), step_median=step_median
    )
    shares = tuple(np.bincount(part.outcome, minlength=part.categories) / part.outcome.size for part in chosen)
    return ReplicateDesign(smaller, shares, slopes[-len(chosen) :], prior, int(new_starts[1]) - 1)


def true_weights(design: ReplicateDesign, condition: Condition, random: np.random.Generator) -> np.ndarray:
    """Return the true weights of a replicate: stages × indicators, each stage with sum 1."""
    if condition.truth == DRAWN:
        return design.prior.weights(design.prior.sample(1, random))[0]
    truth = np.tile(design.static, (len(design.pool), 1))
    if condition.truth == RAISED:
        truth[-1, design.place(condition)] *= condition.effect
    return truth / truth.sum(axis=1, keepdims=True)


def replicate(
    seed: np.random.SeedSequence,
    design: ReplicateDesign,
    condition: Condition,
    *,
    equivalence: float,
    sampler: SamplerSettings,
    corrected: int,
    gates: Gates,
) -> Replicate:
    """Draw answers, fit the stage weights as the analysis does, and return truth, posterior and held-out comparison.

    Returns
    -------
    dict
        ``truth``, ``moves`` (1 and -1 where the true weight moves itself beyond practical equivalence, else 0),
        ``mean``, ``low``, ``high``, ``probability`` (of a relevant change of its own), each stages × indicators;
        ``held_out`` (score of the static weights, difference, its upper end); ``fit`` (largest R-hat, smallest bulk
        ESS, Pareto k-hat). All NaN but the truth where the fit did not pass its gates.
    """
    random = generator(named(seed, "answers"))
    truth = true_weights(design, condition, random)
    up, down = moved_itself(truth, design.static, design.prior.dimension_start, equivalence)
    moves = up.astype(float) - down
    each = condition.answers // len(design.pool)
    train, test = [], []
    for part, weights, slope, shares in zip(design.pool, truth, design.slopes, design.shares, strict=True):
        rows = random.integers(part.outcome.size, size=each + round(HELD_OUT * each))
        drawn = draw_outcomes(take(part, rows), weights, float(slope), shares, random)
        drawn = _read(drawn, condition, random)
        train.append(take(drawn, np.arange(each)))
        test.append(take(drawn, np.arange(each, rows.size)))
    try:
        fit = sample_stage_weights(
            train,
            design.prior,
            EFFECT_SCALE,
            settings=sampler,
            corrected=corrected,
            gates=gates,
            method="summary",
            seed=named(seed, "fit"),
        )
    except DiagnosticsError:
        return failed(truth, moves)
    draws = fit.weights[fit.resampled(generator(named(seed, "resampling")))]
    low, high = interval(draws)
    mean = draws.mean(axis=0)
    compared = compare_held_out(train, test, design.static, mean)
    checks = dict(zip(fit.checks["check"], fit.checks["value"], strict=True))
    return {
        "truth": truth,
        "moves": moves,
        "mean": mean,
        "low": low,
        "high": high,
        "probability": probability_moved(draws, design.static, design.prior.dimension_start, equivalence),
        "held_out": np.array([compared.static, compared.difference, compared.high]),
        "fit": np.array([checks["R-hat"], checks["bulk ESS"], checks["Pareto k"]]),
    }


def _read(answers: StageAnswers, condition: Condition, random: np.random.Generator) -> StageAnswers:
    """Return the answers as they are read: with normal errors of the condition's reliability, corrected if it says so.

    Errors would leave the scale from 0 to 1, so that all values are first brought nearer to its middle, by one factor
    for all items: weights do not depend on it.
    """
    if condition.reliability == 1.0:
        return answers
    known = answers.answered > 0
    spread = np.sqrt(np.var(answers.values.astype(float), axis=0, where=known) * (1.0 / condition.reliability - 1.0))
    factor = 1.0 / (1.0 + 4.0 * spread.max())
    noise = spread * random.standard_normal(answers.values.shape)
    values = 0.5 + factor * (answers.values + noise - 0.5)
    inside = np.where(known, np.clip(values, 0.0, 1.0), 0.0).astype(np.float32)
    read = replace(answers, values=inside)
    return calibrate_answers(read, condition.reliability).answers if condition.corrected else read


def failed(truth: np.ndarray, moves: np.ndarray) -> Replicate:
    """Return a replicate whose fit did not pass its gates; it is counted and left out of the rates."""
    empty = np.full_like(truth, np.nan)
    names = ("mean", "low", "high", "probability")
    return {
        "truth": truth,
        "moves": moves,
        **dict.fromkeys(names, empty),
        "held_out": np.full(3, np.nan),
        "fit": np.full(3, np.nan),
    }


def passed(one: Replicate) -> bool:
    """Whether the fit of a replicate passed its gates."""
    return not np.isnan(one["fit"]).any()
