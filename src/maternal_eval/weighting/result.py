"""Weights of the evaluation model: from the study's experts, as given, or equal."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from maternal_eval.intervals import interval
from maternal_eval.randomness import Seed, generator, sequence, spawn
from maternal_eval.results import Progress, StudyResult, report
from maternal_eval.study import DIMENSIONS, Study
from maternal_eval.weighting.ahp import global_weights
from maternal_eval.weighting.group import bootstrap, group_weights
from maternal_eval.weighting.hierarchy import dimension_index, join_sets
from maternal_eval.weighting.judgements import JudgementRound
from maternal_eval.weighting.labels import study_labels
from maternal_eval.weighting.posterior import WeightPosterior, round_posterior, study_rounds
from maternal_eval.weighting.remarks import remarks_on_experts
from maternal_eval.weighting.settings import WeightsSettings
from maternal_eval.weighting.tables import (
    concordance_table,
    consistency_table,
    credible_ranks,
    group_table,
    outlying_table,
    rank_table,
    stopping_table,
    win_table,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

EXPERTS, GIVEN, EQUAL = "experts", "given", "equal"
"""Where weights within a dimension come from: expert judgements, the study's file, or nothing (all equal)."""

GLOBAL, OF_EACH_EXPERT = "global", "experts"
"""The further figures."""


@dataclass(frozen=True)
class WeightsResult(StudyResult):
    """The weights of a study.

    Intervals (``low``, ``high``) are equal-tailed posterior intervals of the GROUP's weights with probability
    :data:`~maternal_eval.intervals.PROBABILITY` (the model is told in ``bayesian``; ``mean`` is the posterior mean);
    ``bootstrap_low`` and ``bootstrap_high`` are percentile intervals of a bootstrap over the experts, for comparison.
    Both are empty where no expert judged.

    Attributes
    ----------
    weights
        One row per indicator: ``indicator``, ``dimension``, ``within`` (weight inside its dimension, sums to 1 there)
        with ``within_low``, ``within_high``; ``weight`` (global: nominal dimension weight × within, sums to 1) with
        ``low``, ``high``, ``bootstrap_low``, ``bootstrap_high``; ``weight_experts`` (global, with the experts'
        dimension weights).
    dimensions
        One row per dimension: ``dimension``, ``nominal`` (as published by the study), ``experts`` with ``low``,
        ``high``, ``bootstrap_low``, ``bootstrap_high``, ``nominal_given`` (False: the study names none, so they are
        equal).
    consistency
        One row per expert, round and set: judgements ``missing``, ``ratio`` (CR), ``index`` (CI),
        ``geometric_index`` (GCI), ``acceptable`` (CR ≤ 0.10), ``residual`` (posterior mean of the residual standard
        deviation of the expert's log judgements) with ``residual_low``, ``residual_high``, and the worst judgement.
    concordance
        One row per round and set: Kendall's ``w`` with ``p_value`` and how it was found, the group's ``ratio``, the
        largest coefficient of variation of an element, ``disagreement`` (posterior mean of the standard deviation of
        an expert's log weight) with interval, ``largest_change`` and ``largest_relative_change`` of the group's
        weights since the round before, ``agreed`` and ``stable``.
    stopping
        One row per round: in how many sets experts agree and are stable, and the ``verdict`` of the stopping rule.
    group
        One row per round, set and element: the group's ``weight``, its posterior ``mean``, ``low``, ``high``, the
        experts' ``interquartile_range`` and coefficient of ``variation``, ``change`` since the round before.
    outlying
        One row per expert, round and set: ``distance`` from the other experts, ``p_value``, ``outlying``.
    ranks, wins
        Last round: posterior probability of each rank of each element in its set, and that one element outweighs
        another.
    basis
        "experts", "given" or "equal".
    labels
        Names of indicators and dimensions: code → language → name.
    settings, study, simulated
        What produced the result.
    """

    weights: pd.DataFrame
    dimensions: pd.DataFrame
    consistency: pd.DataFrame
    concordance: pd.DataFrame
    stopping: pd.DataFrame
    group: pd.DataFrame
    outlying: pd.DataFrame
    ranks: pd.DataFrame
    wins: pd.DataFrame
    basis: str
    experts: int

    def table(self) -> pd.DataFrame:
        """Return one row per indicator: dimension, weight within it and global weight, with intervals."""
        return self.weights.copy()

    def plot(self, language: str = "en") -> Figure:
        """Draw the group's weights with intervals over the rounds; without experts the global weights."""
        from maternal_eval.weighting.figures import plot_rounds, plot_weights

        return plot_rounds(self, language) if len(self.group) else plot_weights(self, language)

    def further_figures(self) -> tuple[str, ...]:
        """Return "global" (the global weights) and "experts" (consistency and distance), if there are experts."""
        return (GLOBAL, OF_EACH_EXPERT) if len(self.group) else ()

    def plot_further(self, name: str, language: str = "en") -> Figure:
        """Draw one of :meth:`further_figures`."""
        from maternal_eval.weighting.figures import plot_experts, plot_weights

        return {GLOBAL: plot_weights, OF_EACH_EXPERT: plot_experts}[name](self, language)

    def to_revise(self) -> pd.DataFrame:
        """Return the matrices with CR > 0.10, worst first, each with the judgement that fits worst.

        ``judgement`` is what the expert said of ``row`` against ``column``, ``implied`` the ratio of the weights that
        all judgements of the matrix lead to.
        """
        columns = {f"worst_{name}": name for name in ("row", "column", "judgement", "implied")}
        refused = self.consistency[~self.consistency["acceptable"].astype(bool)].sort_values("ratio", ascending=False)
        return refused[["expert", "round", "set", "ratio", *columns]].rename(columns=columns).reset_index(drop=True)

    def credible_ranks(self) -> pd.DataFrame:
        """Return the 90 % interval of each element's rank in its set, and the probability to be first."""
        return credible_ranks(self.ranks)

    def estimates(self) -> pd.DataFrame:
        """Return weights, W and CR, which are not sampled, and posterior means with Monte-Carlo standard errors."""
        values: dict[str, tuple[Any, Any]] = {
            f"weight/{row.indicator}": (row.weight, 0.0) for row in self.weights.itertuples()
        }
        values |= {f"dimension/{row.dimension}": (row.experts, 0.0) for row in self.dimensions.itertuples()}
        for row in self.concordance.itertuples():
            key = f"round {row.round}/{row.set}"
            values[f"w/{key}"] = (row.w, 0.0)
            values[f"ratio/{key}"] = (row.ratio, 0.0)
            values[f"disagreement/{key}"] = (row.disagreement, row.disagreement_mcse)
        for row in self.group.itertuples():
            values[f"mean/round {row.round}/{row.set}/{row.element}"] = (row.mean, row.mcse)
        table = pd.DataFrame.from_dict(values, orient="index", columns=["value", "mcse"]).dropna()
        return table.rename_axis("quantity")


def compute_weights(
    study: Study,
    settings: WeightsSettings | None = None,
    seed: Seed = 0,
    progress: Progress | None = None,
) -> WeightsResult:
    """Compute the weights of a study's evaluation model.

    The last round of the experts counts. Weights inside a dimension come from the experts; without experts from the
    study's indicator file; else they are equal. The dimension weights of the composite are the nominal ones of the
    study; those of the experts stand beside them.

    Parameters
    ----------
    study
        The study; without indicators there is nothing to weight.
    settings, seed
        See :class:`WeightsSettings`; the seed serves the posterior and the bootstrap.

    Raises
    ------
    InputError
        If a judgement is wrong: with expert, round, set and cell.
    """
    settings = settings or WeightsSettings()
    within, basis, rounds = _point_weights(study, settings)
    model = study.model
    codes = model.codes
    names = [dimension.name for dimension in model.dimensions]
    position = dimension_index(model)
    nominal = model.dimension_weights.to_numpy()
    weights = pd.DataFrame({"indicator": codes, "dimension": model.dimension_of.to_numpy()})
    weights["within"] = within
    weights["weight"] = global_weights(nominal, within, position)
    dimensions = pd.DataFrame({"dimension": names, "nominal": nominal})
    dimensions["nominal_given"] = all(dimension.weight is not None for dimension in model.dimensions)
    bounds = ("within_low", "within_high", "low", "high", "bootstrap_low", "bootstrap_high")
    weights = weights.assign(**dict.fromkeys((*bounds, "weight_experts"), np.nan))
    dimensions = dimensions.assign(**dict.fromkeys(("experts", *bounds[2:]), np.nan))
    posteriors, draws = _posteriors(rounds, study, settings, seed, progress)
    if rounds:
        of_experts = group_weights(rounds[-1], study, settings)
        dimensions["experts"] = of_experts[DIMENSIONS]
        weights["weight_experts"] = global_weights(of_experts[DIMENSIONS], within, position)
        resampled = bootstrap(rounds[-1], study, settings, generator(seed))
        for prefix, drawn in (("", draws[-1]), ("bootstrap_", resampled)):
            inside = join_sets(drawn, study.model.sibling_sets, codes)
            low, high = f"{prefix}low", f"{prefix}high"
            dimensions[low], dimensions[high] = interval(drawn[DIMENSIONS])
            weights[low], weights[high] = interval(global_weights(nominal, inside, position))
        weights["within_low"], weights["within_high"] = interval(join_sets(draws[-1], study.model.sibling_sets, codes))
    concordance = concordance_table(rounds, posteriors, study, settings)
    consistency = consistency_table(rounds, posteriors, study)
    experts = len(rounds[-1].experts) if rounds else 0
    ranks = rank_table(draws[-1] if draws else {}, study)
    return WeightsResult(
        weights=weights,
        dimensions=dimensions,
        consistency=consistency,
        concordance=concordance,
        stopping=stopping_table(concordance),
        group=group_table(rounds, draws, study, settings),
        outlying=outlying_table(rounds, settings),
        ranks=ranks,
        wins=win_table(draws[-1] if draws else {}, study),
        basis=basis,
        experts=experts,
        remarks=remarks_on_experts(study, consistency, concordance, experts),
        labels=study_labels(study),
        settings=asdict(settings),
        study=study.name,
        simulated=study.simulated,
    )


def _posteriors(
    rounds: tuple[JudgementRound, ...],
    study: Study,
    settings: WeightsSettings,
    seed: Seed,
    progress: Progress | None,
) -> tuple[list[WeightPosterior], list[dict[str, np.ndarray]]]:
    """Return the posterior of each round and draws from it; every round has a child of the seed."""
    root = seed if isinstance(seed, np.random.Generator) else sequence(seed)
    seeds = root.spawn(2 * len(rounds)) if isinstance(root, np.random.Generator) else spawn(root, 2 * len(rounds))
    posteriors, draws = [], []
    for number, of_round in enumerate(rounds):
        report(progress, "posterior of the weights by round", number, len(rounds))
        posteriors.append(round_posterior(of_round, study, settings, seeds[2 * number]))
        draws.append(posteriors[-1].draws(settings.draws, seeds[2 * number + 1]))
    report(progress, "posterior of the weights by round", len(rounds), len(rounds))
    return posteriors, draws


def static_weights(study: Study, weights_result: WeightsResult | None = None) -> pd.Series:
    """Return the global weights that do not change by stage: nominal dimension weight × weight within.

    Parameters
    ----------
    study
        The study.
    weights_result
        Its weights, if they are at hand; else the point weights are computed with the default settings.

    Returns
    -------
    pandas.Series
        Index: indicator codes in the order of the model; sums to 1.
    """
    codes = study.model.codes
    if weights_result is not None:
        return weights_result.weights.set_index("indicator")["weight"].loc[codes]
    within, _, _ = _point_weights(study, WeightsSettings.of(study))
    values = global_weights(study.model.dimension_weights.to_numpy(), within, dimension_index(study.model))
    return pd.Series(values, index=pd.Index(codes, name="indicator"), name="weight")


def _point_weights(study: Study, settings: WeightsSettings) -> tuple[np.ndarray, str, tuple[JudgementRound, ...]]:
    """Return the weights inside the dimensions in the order of the codes, their basis and the rounds."""
    rounds = study_rounds(study, settings)
    if rounds:
        group = group_weights(rounds[-1], study, settings)
        return join_sets(group, study.model.sibling_sets, study.model.codes), EXPERTS, rounds
    given = [indicator.weight for indicator in study.model.indicators]
    basis = GIVEN if any(weight is not None for weight in given) else EQUAL
    size = study.model.dimension_of.map(study.model.dimension_of.value_counts())
    within = [1.0 / count if weight is None else weight for weight, count in zip(given, size, strict=True)]
    return np.array(within), basis, ()
