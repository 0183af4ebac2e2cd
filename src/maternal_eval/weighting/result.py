"""Weights of the evaluation model: from the study's experts, as given, or equal."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from maternal_eval.intervals import KIND, PROBABILITY, interval
from maternal_eval.randomness import Seed, generator
from maternal_eval.results import Progress, Result, report
from maternal_eval.study import DIMENSIONS, Study
from maternal_eval.weighting.ahp import (
    ACCEPTABLE_RATIO,
    WEIGHT_METHODS,
    aggregate_judgements,
    aggregate_priorities,
    consistency_index,
    consistency_ratio,
    geometric_consistency_index,
    global_weights,
    worst_judgement,
)
from maternal_eval.weighting.delphi import kendall_w, largest_change
from maternal_eval.weighting.hierarchy import dimension_index, join_sets
from maternal_eval.weighting.judgements import JudgementRound, read_judgements
from maternal_eval.weighting.labels import study_labels
from maternal_eval.weighting.settings import WeightsSettings

if TYPE_CHECKING:
    from matplotlib.figure import Figure

EXPERTS, GIVEN, EQUAL = "experts", "given", "equal"
"""Where weights within a dimension come from: expert judgements, the study's file, or nothing (all equal)."""


@dataclass(frozen=True)
class WeightsResult(Result):
    """The weights of a study.

    Intervals (``low``, ``high``) are equal-tailed with probability :data:`~maternal_eval.intervals.PROBABILITY`, from
    a percentile bootstrap over the experts; they show how much the weights hang on who was asked. They are empty
    where no expert judged.

    Attributes
    ----------
    weights
        One row per indicator: ``indicator``, ``dimension``, ``within`` (weight inside its dimension, sums to 1 there)
        with ``within_low``, ``within_high``; ``weight`` (global: nominal dimension weight × within, sums to 1) with
        ``low``, ``high``; ``weight_experts`` (global, with the experts' dimension weights).
    dimensions
        One row per dimension: ``dimension``, ``nominal`` (as published by the study), ``experts`` with ``low``,
        ``high``, ``nominal_given`` (False: the study names none, so they are equal).
    consistency
        One row per expert, round and set: ``ratio`` (CR), ``index`` (CI), ``geometric_index`` (GCI),
        ``acceptable`` (CR ≤ 0.10), and the worst judgement.
    concordance
        One row per round and set: Kendall's ``w`` with ``p_value``, the group's ``ratio`` and ``largest_change`` of
        the group's weights since the round before.
    group
        The group's weights per round, set and element.
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
    group: pd.DataFrame
    basis: str
    experts: int
    labels: dict[str, dict[str, str]]
    settings: dict[str, Any]
    study: str
    simulated: bool
    probability: float = PROBABILITY
    kind: str = KIND

    def table(self) -> pd.DataFrame:
        """Return one row per indicator: dimension, weight within it and global weight, with intervals."""
        return self.weights.copy()

    def plot(self, language: str = "en") -> Figure:
        """Draw the global weights with intervals, by dimension."""
        from maternal_eval.weighting.figures import plot_weights

        return plot_weights(self, language)

    def estimates(self) -> pd.DataFrame:
        """Return global weights, experts' dimension weights, W and CR; nothing of these is sampled."""
        values = {f"weight/{row.indicator}": row.weight for row in self.weights.itertuples()}
        values |= {f"dimension/{row.dimension}": row.experts for row in self.dimensions.itertuples()}
        for row in self.concordance.itertuples():
            values[f"w/round {row.round}/{row.set}"] = row.w
            values[f"ratio/round {row.round}/{row.set}"] = row.ratio
        table = pd.DataFrame({"value": values, "mcse": 0.0}).dropna()
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
        See :class:`WeightsSettings`; the seed serves the bootstrap.

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
    bounds = ("within_low", "within_high", "low", "high", "weight_experts")
    weights = weights.assign(**dict.fromkeys(bounds, np.nan))
    dimensions = dimensions.assign(experts=np.nan, low=np.nan, high=np.nan)
    if rounds:
        report(progress, "bootstrap over experts", 0, 1)
        of_experts = _group_weights(rounds[-1], study, settings)
        draws = _bootstrap(rounds[-1], study, settings, seed)
        dimensions["experts"] = of_experts[DIMENSIONS]
        dimensions["low"], dimensions["high"] = interval(draws[DIMENSIONS])
        within_draws = join_sets(draws, study.model.sibling_sets, study.model.codes)
        weights["within_low"], weights["within_high"] = interval(within_draws)
        weights["low"], weights["high"] = interval(global_weights(nominal, within_draws, position))
        weights["weight_experts"] = global_weights(of_experts[DIMENSIONS], within, position)
        report(progress, "bootstrap over experts", 1, 1)
    return WeightsResult(
        weights=weights,
        dimensions=dimensions[["dimension", "nominal", "nominal_given", "experts", "low", "high"]],
        consistency=_consistency(rounds, study),
        concordance=_concordance(rounds, study, settings),
        group=_group_table(rounds, study, settings),
        basis=basis,
        experts=len(rounds[-1].experts) if rounds else 0,
        labels=study_labels(study),
        settings=asdict(settings),
        study=study.name,
        simulated=study.simulated,
    )


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
    if study.experts is not None:
        source = study.definition.files.experts or "experts"
        rounds = read_judgements(study.experts, study.model.sibling_sets, source)
        group = _group_weights(rounds[-1], study, settings)
        return join_sets(group, study.model.sibling_sets, study.model.codes), EXPERTS, rounds
    given = [indicator.weight for indicator in study.model.indicators]
    basis = GIVEN if any(weight is not None for weight in given) else EQUAL
    size = study.model.dimension_of.map(study.model.dimension_of.value_counts())
    within = [1.0 / count if weight is None else weight for weight, count in zip(given, size, strict=True)]
    return np.array(within), basis, ()


def _group_weights(of_round: JudgementRound, study: Study, settings: WeightsSettings) -> dict[str, np.ndarray]:
    method = WEIGHT_METHODS[settings.method]
    group = {}
    for name, elements in study.model.sibling_sets.items():
        if len(elements) == 1:
            group[name] = np.ones(1)
        elif settings.aggregation == "judgements":
            group[name] = method(aggregate_judgements(of_round.matrices[name]))
        else:
            group[name] = aggregate_priorities(method(of_round.matrices[name]))
    return group


def _bootstrap(of_round: JudgementRound, study: Study, settings: WeightsSettings, seed: Seed) -> dict[str, np.ndarray]:
    """Return resamples × elements for each sibling set; one resample holds the same experts in every set."""
    count = len(of_round.experts)
    shares = generator(seed).multinomial(count, np.full(count, 1 / count), size=settings.resamples) / count
    method = WEIGHT_METHODS[settings.method]
    draws = {}
    for name, elements in study.model.sibling_sets.items():
        if len(elements) == 1:
            draws[name] = np.ones((settings.resamples, 1))
        elif settings.aggregation == "judgements":
            logs = np.tensordot(shares, np.log(of_round.matrices[name]), axes=1)
            draws[name] = method(np.exp(logs))
        else:
            means = np.exp(shares @ np.log(method(of_round.matrices[name])))
            draws[name] = means / means.sum(axis=-1, keepdims=True)
    return draws


def _consistency(rounds: tuple[JudgementRound, ...], study: Study) -> pd.DataFrame:
    columns = ["expert", "round", "set", "elements", "ratio", "index", "geometric_index", "acceptable"]
    columns += ["worst_row", "worst_column", "worst_judgement", "worst_implied"]
    rows = []
    for of_round in rounds:
        for name, matrices in of_round.matrices.items():
            elements = study.model.sibling_sets[name]
            measures = zip(
                of_round.experts,
                matrices,
                consistency_ratio(matrices),
                consistency_index(matrices),
                geometric_consistency_index(matrices),
                strict=True,
            )
            for expert, matrix, ratio, index, geometric in measures:
                worst = worst_judgement(matrix)
                pair = (
                    (elements[worst.row], elements[worst.column], worst.judgement, worst.implied)
                    if worst
                    else (None, None, np.nan, np.nan)
                )
                numbers = (float(ratio), float(index), float(geometric), bool(ratio <= ACCEPTABLE_RATIO))
                rows.append((expert, of_round.number, name, len(elements), *numbers, *pair))
    return pd.DataFrame(rows, columns=columns)


def _concordance(rounds: tuple[JudgementRound, ...], study: Study, settings: WeightsSettings) -> pd.DataFrame:
    columns = ["round", "set", "experts", "elements", "w", "p_value", "ratio", "largest_change"]
    rows = []
    earlier: dict[str, np.ndarray] = {}
    for of_round in rounds:
        group = _group_weights(of_round, study, settings)
        for name, matrices in of_round.matrices.items():
            agreement = kendall_w(WEIGHT_METHODS[settings.method](matrices)) if len(of_round.experts) > 1 else None
            change = largest_change(earlier[name], group[name]) if name in earlier else np.nan
            rows.append(
                (
                    of_round.number,
                    name,
                    len(of_round.experts),
                    matrices.shape[-1],
                    agreement.w if agreement else np.nan,
                    agreement.p_value if agreement else np.nan,
                    float(consistency_ratio(aggregate_judgements(matrices))),
                    change,
                )
            )
        earlier = group
    return pd.DataFrame(rows, columns=columns)


def _group_table(rounds: tuple[JudgementRound, ...], study: Study, settings: WeightsSettings) -> pd.DataFrame:
    rows = [
        (of_round.number, name, element, float(weight))
        for of_round in rounds
        for name, weights in _group_weights(of_round, study, settings).items()
        for element, weight in zip(study.model.sibling_sets[name], weights, strict=True)
    ]
    return pd.DataFrame(rows, columns=["round", "set", "element", "weight"])
