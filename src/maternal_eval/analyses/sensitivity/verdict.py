"""Question 1: uncertain weights and choices → scores, ranks, the lead of the best, predicted outcomes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from maternal_eval.analyses.sensitivity.choices import Choices
from maternal_eval.analyses.sensitivity.generators import WeightGenerator
from maternal_eval.analyses.sensitivity.model import ScoreModel
from maternal_eval.core.intervals import PROBABILITY, interval
from maternal_eval.core.randomness import named
from maternal_eval.methods.ranks import RankDistribution, rank_shift, ranks_by_run
from maternal_eval.methods.sensitivity.convergence import Grown, grow
from maternal_eval.methods.sensitivity.design import SobolDesign, independent_points, independent_runs
from maternal_eval.methods.sensitivity.pawn import SLICES, pawn
from maternal_eval.methods.sensitivity.shapley import shapley_effects
from maternal_eval.methods.sensitivity.sobol import DUMMY, SobolEstimates, evaluate, sobol_indices

if TYPE_CHECKING:
    from distributed import Client

LINE = "line"
"""Name of the factor that stands for the uncertain line from score to outcome."""

UNIT = ["output", "platform", "stage"]
"""Columns that name an output: what it is, and of which unit (empty: all)."""


@dataclass(frozen=True)
class Verdict:
    """What is concluded from scores, as outputs of one table: the columns that sensitivity is asked of.

    Attributes
    ----------
    model
        Of the scores.
    nominal
        Scores (units) under the nominal weights and choices.
    labels
        One row per output: ``output`` is "score" (of the unit), "rank" (of a platform, in all stages or one),
        "rank_shift" (mean absolute change of rank over platforms: Saisana, Saltelli & Tarantola 2005), "lead"
        (points by
        which the nominally first platform is ahead of the best other one; negative where it is not first) or the
        name of a predicted outcome.
    """

    model: ScoreModel
    nominal: np.ndarray
    labels: pd.DataFrame
    contests: tuple[tuple[str, np.ndarray], ...]

    @classmethod
    def of(cls, model: ScoreModel, nominal_weights: np.ndarray) -> Verdict:
        """Return the verdict for the nominal weights (one per indicator)."""
        nominal = model.scores(nominal_weights[None])[0][0]
        rows = model.units.assign(output="score").to_dict("records")
        platforms = model.units[model.units["platform"] != ""]
        contests = []
        for stage, of_stage in platforms.groupby("stage", sort=False):
            if len(of_stage) > 1:
                contests.append((str(stage), of_stage.index.to_numpy()))
                rows += of_stage.assign(output="rank").to_dict("records")
                rows += [{"output": name, "platform": "", "stage": stage} for name in ("rank_shift", "lead")]
        rows += [{"output": link.name, "platform": "", "stage": ""} for link in model.links]
        return cls(model, nominal, pd.DataFrame(rows)[UNIT], tuple(contests))

    @property
    def whole(self) -> np.ndarray:
        """Positions of the outputs that speak of all platforms and stages together."""
        return np.flatnonzero((self.labels["platform"] == "") & (self.labels["stage"] == ""))

    def outputs(self, scores: np.ndarray, predicted: np.ndarray) -> np.ndarray:
        """Return the outputs (runs × labels) for scores (runs × units) and predicted outcomes (runs × links)."""
        columns = [scores]
        for _, units in self.contests:
            of_contest, nominal = scores[:, units], self.nominal[units]
            first = int(np.argmax(nominal))
            others = np.delete(of_contest, first, axis=1).max(axis=1)
            shift = rank_shift(nominal, of_contest)
            columns += [ranks_by_run(of_contest), np.column_stack([shift, of_contest[:, first] - others])]
        return np.column_stack([*columns, predicted])


@dataclass(frozen=True)
class VerdictRun:
    """The model that is run: from uniforms for weights, choices and line to the outputs of a verdict."""

    verdict: Verdict
    generator: WeightGenerator
    choices: Choices | None = None

    @property
    def factors(self) -> dict[str, int]:
        """Factors and their number of uniforms, in the order of the columns."""
        more = {} if self.choices is None else self.choices.factors
        return {**self.generator.factors, **more, **({LINE: 1} if self.verdict.model.links else {})}

    def split(self, points: np.ndarray) -> tuple[np.ndarray, pd.DataFrame | None, np.ndarray | None]:
        """Return weights, levels of the choices and the place of the line for uniforms (runs × inputs)."""
        weights = self.generator.weights(points[:, : self.generator.inputs])
        picked = None
        if self.choices is not None:
            chosen = self.generator.inputs + np.arange(len(self.choices.factors))
            picked = self.choices.pick(points[:, chosen])
        return weights, picked, points[:, -1] if self.verdict.model.links else None

    def __call__(self, points: np.ndarray) -> np.ndarray:
        """Return the outputs (runs × labels) for uniforms (runs × inputs)."""
        return self.verdict.outputs(*self.verdict.model.scores(*self.split(points)))


@dataclass(frozen=True)
class Examined:
    """What runs of a verdict gave.

    Attributes
    ----------
    run, design, outputs
        What was run, on which points, and what came out (base points × width × outputs).
    estimates
        Sobol' indices of all outputs.
    growth
        How the sample grew; None for a sample of fixed size.
    """

    run: VerdictRun
    design: SobolDesign
    outputs: np.ndarray
    estimates: SobolEstimates
    growth: Grown | None = None

    @property
    def draws(self) -> np.ndarray:
        """Outputs of the independent runs (runs × outputs)."""
        return independent_runs(self.outputs)

    def indices(self, analysis: str) -> pd.DataFrame:
        """Return the indices with the outputs' labels; ``analysis`` names what was uncertain."""
        return _labelled(self.estimates.table(), self.run.verdict.labels, analysis)

    def second(self, analysis: str) -> pd.DataFrame:
        """Return the second-order indices of the outputs that speak of the whole."""
        table = self.estimates.second_table()
        return _labelled(table[table["output"].isin(self.run.verdict.whole)], self.run.verdict.labels, analysis)


def _labelled(table: pd.DataFrame, labels: pd.DataFrame, analysis: str) -> pd.DataFrame:
    named_outputs = labels.iloc[table["output"].to_numpy()].reset_index(drop=True)
    rest = table.drop(columns="output").reset_index(drop=True)
    return pd.concat([named_outputs, rest], axis=1).assign(analysis=analysis)


def examine(
    run: VerdictRun,
    *,
    base: int,
    resamples: int,
    seed: np.random.SeedSequence,
    second_order: bool = False,
    client: Client | None = None,
) -> Examined:
    """Run a verdict on a sample of fixed size."""
    design = SobolDesign(run.factors, base, second_order, named(seed, "sample"))
    outputs = evaluate(run, design, client=client)
    found = sobol_indices(design, outputs, resamples=resamples, seed=named(seed, "resamples"))
    return Examined(run, design, outputs, found)


def examine_until_settled(
    run: VerdictRun,
    *,
    start: int,
    most: int,
    width: float,
    resamples: int,
    seed: np.random.SeedSequence,
    client: Client | None = None,
) -> Examined:
    """Run a verdict on samples of growing size, with second order, until the outputs of the whole are settled."""
    growth = grow(
        run,
        run.factors,
        start=start,
        most=most,
        width=width,
        watched=run.verdict.whole,
        second_order=True,
        resamples=resamples,
        seed=named(seed, "sample"),
        client=client,
    )
    found = sobol_indices(growth.design, growth.outputs, resamples=resamples, seed=named(seed, "resamples"))
    return Examined(run, growth.design, growth.outputs, found, growth)


def score_intervals(examined: Examined, analysis: str) -> pd.DataFrame:
    """Return the score of every unit: ``nominal``, and the interval (``low``, ``high``) over the independent runs."""
    units = examined.run.verdict.model.units
    low, high = interval(examined.draws[:, : len(units)])
    return units.assign(analysis=analysis, nominal=examined.run.verdict.nominal, low=low, high=high)


def rank_tables(examined: Examined, analysis: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return ranks by stage (empty: all) and platform, and the share of independent runs with each rank.

    Returns
    -------
    ranks
        ``analysis``, ``stage``, ``platform``, ``nominal`` rank, ``low`` and ``high``
        (:meth:`~maternal_eval.methods.ranks.RankDistribution.interval`), ``mean``, ``share_first``.
    shares
        ``analysis``, ``stage``, ``platform``, ``rank``, ``share``. Both empty with fewer than two platforms.
    """
    verdict, draws = examined.run.verdict, examined.draws
    ranks: list[pd.DataFrame] = []
    shares: list[pd.DataFrame] = []
    for stage, units in verdict.contests:
        distribution = RankDistribution.of([draws[:, units]])
        low, high = distribution.interval()
        place = {"analysis": analysis, "stage": stage, "platform": verdict.model.units["platform"].to_numpy()[units]}
        numbers = {
            "nominal": ranks_by_run(verdict.nominal[units]),
            "low": low,
            "high": high,
            "mean": distribution.mean,
            "share_first": distribution.share_first,
        }
        ranks.append(pd.DataFrame({**place, **numbers}))
        each = len(units)
        shares.append(
            pd.DataFrame(
                {
                    **place,
                    "platform": np.repeat(place["platform"], each),
                    "rank": np.tile(np.arange(1, each + 1), each),
                    "share": distribution.ranks.ravel(),
                }
            )
        )
    empty_ranks = pd.DataFrame(
        columns=["analysis", "stage", "platform", "nominal", "low", "high", "mean", "share_first"]
    )
    empty_shares = pd.DataFrame(columns=["analysis", "stage", "platform", "rank", "share"])
    return (
        pd.concat(ranks, ignore_index=True) if ranks else empty_ranks,
        pd.concat(shares, ignore_index=True) if shares else empty_shares,
    )


def shapley_table(
    verdict: Verdict,
    generator: WeightGenerator,
    concentration: Mapping[str, float],
    *,
    orders: int,
    seed: np.random.SeedSequence,
) -> pd.DataFrame:
    """Return the Shapley effects of the weights inside each sibling set, the other sets at their nominal weights.

    Returns
    -------
    pandas.DataFrame
        ``set``, ``element``, ``output``, ``share`` (of the variance that the set alone causes), ``error``,
        ``spread`` (standard deviation of the output that the set alone causes, in the output's unit). Outputs are
        those of the whole; one that a set does not move is left out.
    """
    tree, whole = generator.tree, verdict.whole
    parts = []
    for name in tree.varying:

        def outputs(weights: np.ndarray, name: str = name) -> np.ndarray:
            joined = tree.join({name: weights})
            return verdict.outputs(*verdict.model.scores(joined))[:, whole]

        found = shapley_effects(
            outputs, tree.nominal[name], concentration[name], orders=orders, seed=named(seed, f"shapley/{name}")
        )
        for place, output in enumerate(verdict.labels["output"].to_numpy()[whole]):
            if found.variance[place] > 0:
                parts.append(
                    pd.DataFrame(
                        {
                            "set": name,
                            "element": tree.sets[name],
                            "output": output,
                            "share": found.shares[:, place],
                            "error": found.share_error[:, place],
                            "spread": np.sqrt(found.variance[place]),
                        }
                    )
                )
    columns = ["set", "element", "output", "share", "error", "spread"]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)


def pawn_table(examined: Examined, seed: np.random.SeedSequence) -> pd.DataFrame:
    """Return the PAWN indices of single weights, choices and the line for the outputs of the whole.

    The noise floor comes from inputs that are drawn apart. A choice of more levels than there are slices (which
    indicator is left out) has too few runs per level and is left out.

    Returns
    -------
    pandas.DataFrame
        ``output``, ``input``, ``pawn``, ``floor`` (upper end of the interval of the index of no influence).
    """
    run = examined.run
    weights, picked, line = run.split(independent_points(examined.design))
    inputs = pd.DataFrame(weights, columns=list(run.generator.tree.codes))
    if picked is not None and run.choices is not None:
        for name in run.choices.factors:
            if len(run.choices.levels[name]) <= SLICES:
                inputs[name] = pd.factorize(picked[name])[0]
    if line is not None:
        inputs[LINE] = line
    random = np.random.default_rng(named(seed, "dummy"))
    repeats = 50
    apart = random.random((len(inputs), repeats))
    whole = run.verdict.whole[examined.estimates.defined[run.verdict.whole]]
    outputs = examined.draws[:, whole]
    index = pawn(inputs.to_numpy(dtype=float), outputs)
    _, high = interval(pawn(apart, outputs), probability=PROBABILITY)
    return pd.DataFrame(
        {
            "output": np.tile(run.verdict.labels["output"].to_numpy()[whole], len(inputs.columns)),
            "input": np.repeat(inputs.columns.to_numpy(dtype=object), len(whole)),
            "pawn": index.ravel(),
            "floor": np.tile(high, len(inputs.columns)),
        }
    )


__all__ = [
    "DUMMY",
    "LINE",
    "Examined",
    "Verdict",
    "VerdictRun",
    "examine",
    "examine_until_settled",
    "pawn_table",
    "rank_tables",
    "score_intervals",
    "shapley_table",
]
