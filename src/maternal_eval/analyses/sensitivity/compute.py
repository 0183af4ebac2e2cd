"""The sensitivity of a study's evaluation, from its data to the result."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from maternal_eval.analyses.sensitivity.choices import Choices, further_levels
from maternal_eval.analyses.sensitivity.generators import GENERATORS, Tree, build_generator, expert_concentrations
from maternal_eval.analyses.sensitivity.levels import answers_table, build_response, elasticity_tables
from maternal_eval.analyses.sensitivity.model import Link, ScoreModel, score_units
from maternal_eval.analyses.sensitivity.result import ALL, SensitivityResult
from maternal_eval.analyses.sensitivity.settings import SensitivitySettings
from maternal_eval.analyses.sensitivity.verdict import (
    Examined,
    Verdict,
    VerdictRun,
    examine,
    examine_until_settled,
    pawn_table,
    rank_tables,
    score_intervals,
    shapley_table,
)
from maternal_eval.analyses.weights.compute import static_weights
from maternal_eval.analyses.weights.hierarchy import dimension_index
from maternal_eval.analyses.weights.posterior import weight_posterior
from maternal_eval.analyses.weights.result import WeightsResult
from maternal_eval.core.errors import InputError
from maternal_eval.core.progress import Progress, report
from maternal_eval.core.randomness import named
from maternal_eval.core.remarks import Remark, remark
from maternal_eval.methods.sensitivity.cluster import ADDRESS, connect
from maternal_eval.methods.sensitivity.convergence import unsettled_remark
from maternal_eval.study import OUTCOME_KINDS, Study, survey_weights, turned_remark
from maternal_eval.study.labels import described
from maternal_eval.study.values import linear_remarks

if TYPE_CHECKING:
    from distributed import Client

FEWEST_ANSWERS = 2
"""Answers that a respondent needs to count in the line of an outcome: with one, leaving it out would leave nothing."""


def run_sensitivity(
    study: Study,
    weights: WeightsResult | pd.Series | None = None,
    settings: SensitivitySettings | None = None,
    seed: int | np.random.SeedSequence = 0,
    progress: Progress | None = None,
    client: Client | None = None,
) -> SensitivityResult:
    """Examine the sensitivity of a study's evaluation.

    Question 1, uncertain weights and choices (:mod:`~maternal_eval.analyses.sensitivity.verdict`): how far scores,
    ranks, the lead of the best platform and predicted outcomes of the latest period move, and what moves them. Question
    2, the levels of indicators (:mod:`~maternal_eval.analyses.sensitivity.levels`): what the answers have to do with
    outcomes.

    Parameters
    ----------
    study
        A study with indicators.
    weights
        The nominal weights: a result of the weighting, or a series by indicator; computed from the study if None.
    settings, seed, progress
        See :class:`~maternal_eval.analyses.sensitivity.settings.SensitivitySettings`.
    client
        A Dask client that the runs of question 1 are sent to; see also
        :data:`~maternal_eval.methods.sensitivity.cluster.ADDRESS`.

    Raises
    ------
    InputError
        If the study has no indicators, weights are not positive or do not add up, or a setting names what the study has
        not: before anything is run.
    """
    settings = settings or SensitivitySettings()
    codes = study.model.codes
    if not codes:
        raise InputError("the study has no indicators", file=study.folder, expected="[indicators]")
    settings.check(study)
    series = weights if isinstance(weights, pd.Series) else static_weights(study, weights)
    tree, choices = uncertain_inputs(study, series, settings)
    if not tree.varying:
        raise InputError("with one indicator there are no weights to be uncertain about", found=codes[0])
    address = os.environ.get(ADDRESS, "")
    own = connect(address) if address and client is None else None
    latest = latest_rows(study)
    outcomes = predicted_outcomes(study, settings)
    with own or nullcontext():
        first, notes = _first_question(study, tree, choices, latest, outcomes, settings, seed, progress, client or own)
    report(progress, "sensitivity: answers and outcomes", 0, 1)
    response, without = build_response(study, series.loc[codes], latest, settings)
    elasticity, curve = elasticity_tables(study, response, settings, named(seed, "elasticity"))
    answers, unexplained = answers_table(study, outcomes, settings, named(seed, "answers"))
    report(progress, "sensitivity: answers and outcomes", 1, 1)
    return SensitivityResult(
        **first,
        elasticity=elasticity,
        curve=curve,
        answers=answers,
        period=study.periods[-1] if study.periods else None,
        **described(study, settings),
        remarks=[
            *turned_remark(study.model.indicators),
            *linear_remarks(study.model_settings.aggregation),
            *unsettled_remark(first["convergence"], settings.width),
            *notes,
            *without,
            *unexplained,
        ],
    )


def uncertain_inputs(study: Study, weights: pd.Series, settings: SensitivitySettings) -> tuple[Tree, Choices]:
    """Return the tree of nominal weights, and the choices with their levels.

    Raises
    ------
    InputError
        If a weight is missing or not positive, or a choice has no such level.
    """
    codes = study.model.codes
    lacking = [code for code in codes if code not in weights.index]
    if lacking:
        raise InputError("the weights lack an indicator", found=lacking[0])
    levels: dict[str, Sequence[Any]] = {
        "exponent": settings.exponents,
        "kano_shape": settings.shapes,
        "normalisation": settings.normalisations,
        "unanswered": settings.unanswered,
        **further_levels(),
    }
    tree = Tree.of(codes, weights.loc[codes].to_numpy(dtype=float), study.model.sibling_sets)
    return tree, Choices.of(levels, codes, settings.leave_out)


def latest_rows(study: Study) -> np.ndarray:
    """Return which respondents belong to the latest period (all where there are no periods)."""
    if not study.periods:
        return np.ones(len(study.panel), bool)
    return (study.panel["period"] == study.periods[-1]).to_numpy()


def predicted_outcomes(study: Study, settings: SensitivitySettings) -> tuple[str, ...]:
    """Return the outcomes that are predicted from scores."""
    if settings.predicted is not None:
        return settings.predicted
    return tuple(name for name, outcome in study.outcomes.items() if OUTCOME_KINDS[outcome.kind].predicted)


def score_model(
    study: Study,
    latest: np.ndarray,
    outcomes: tuple[str, ...],
) -> tuple[ScoreModel, list[Remark]]:
    """Return the model of a study's scores and predicted outcomes, and what is left out of it."""
    notes: list[Remark] = []
    indicators = study.model.indicators
    answers = study.oriented().to_numpy()
    survey = survey_weights(study.panel)
    count = np.isfinite(answers).sum(axis=1)
    used = np.flatnonzero((count > 0) & (survey > 0))
    if len(used) < len(count):
        notes.append(
            remark(
                f"{len(count) - len(used)} of {len(count)} rows are left out: no indicator answered, or the "
                "survey weight 0",
                f"{len(count)} 行中有 {len(count) - len(used)} 行未计入：未回答任何指标，或抽样权重为 0",
            )
        )
    used = used[np.argsort(~latest[used], kind="stable")]
    panel, survey, answers = study.panel.iloc[used], survey[used], answers[used]
    of_latest = int(latest[used].sum())
    units, cell, members = score_units(panel.iloc[:of_latest])
    training = np.zeros(len(panel), bool)
    if study.train_periods:
        training = panel["period"].isin(study.train_periods).to_numpy() & ~latest[used]
    links = []
    for name in outcomes:
        outcome = panel[name].to_numpy(dtype=float) - (study.outcomes[name].low or 0.0)
        counted = training & np.isfinite(outcome) & (count[used] >= FEWEST_ANSWERS)
        if counted.sum() < FEWEST_ANSWERS or np.ptp(outcome[counted]) == 0:
            notes.append(
                remark(
                    f"{name} has no varying answers in the training periods: it cannot be predicted from scores",
                    f"训练期内 {name} 无可用答案或无变化：无法由得分预测",
                )
            )
            continue
        links.append(Link(name, np.where(counted, outcome, 0.0), np.where(counted, survey, 0.0)))
    kano = tuple(indicator.kano for indicator in indicators)
    model = ScoreModel(
        answers=answers,
        codes=tuple(study.model.codes),
        kano=kano,
        low=np.array([indicator.low for indicator in indicators]),
        high=np.array([indicator.high for indicator in indicators]),
        dimension=dimension_index(study.model),
        survey=survey,
        cell=np.concatenate([cell, np.full(len(panel) - of_latest, -1)]),
        units=units,
        members=members,
        shape=study.model_settings.values.of(kano),
        unanswered=study.model_settings.aggregation.unanswered,
        links=tuple(links),
    )
    return model, notes


def _first_question(
    study: Study,
    tree: Tree,
    choices: Choices,
    latest: np.ndarray,
    outcomes: tuple[str, ...],
    settings: SensitivitySettings,
    seed: int | np.random.SeedSequence,
    progress: Progress | None,
    client: Client | None,
) -> tuple[dict[str, Any], list[Remark]]:
    """Return what question 1 gives to the result, and remarks on what is left out or undefined."""
    notes: list[Remark] = []
    posterior = weight_posterior(study, seed=named(seed, "posterior"))
    kinds = [name for name, kind in GENERATORS.items() if posterior is not None or not kind.needs_experts]
    if posterior is None:
        concentration = dict.fromkeys(tree.varying, settings.concentration)
        en = "no experts' judgements: the spread of the weights is a setting"
        notes.append(remark(en, "无专家判断：权重的离散程度由设置给定"))
    else:
        concentration = expert_concentrations(posterior, named(seed, "concentration"))
    main = settings.generator if settings.generator in kinds else "dirichlet"
    steps = len(kinds) + 3
    model, left_out = score_model(study, latest, outcomes)
    notes += left_out
    verdict = Verdict.of(model, tree.nominal_weights)
    report(progress, "sensitivity: everything uncertain", 0, steps)
    everything = examine_until_settled(
        VerdictRun(verdict, build_generator(main, tree, concentration, posterior), choices),
        start=settings.start,
        most=settings.base,
        width=settings.width,
        resamples=settings.resamples,
        seed=named(seed, ALL),
        client=client,
    )
    examined: dict[str, Examined] = {ALL: everything}
    scores_alone = Verdict.of(model.without_links(), tree.nominal_weights)
    for done, name in enumerate(kinds, start=1):
        report(progress, f"sensitivity: weights alone, {name}", done, steps)
        examined[name] = examine(
            VerdictRun(scores_alone, build_generator(name, tree, concentration, posterior)),
            base=settings.alone,
            resamples=settings.resamples,
            seed=named(seed, name),
            second_order=GENERATORS[name].pairs,
            client=client,
        )
    report(progress, "sensitivity: Shapley effects of weights", steps - 2, steps)
    dirichlet = examined["dirichlet"].run.generator
    shapley = shapley_table(scores_alone, dirichlet, concentration, orders=settings.orders, seed=named(seed, "shapley"))
    report(progress, "sensitivity: everything uncertain", steps, steps)
    if not verdict.contests:
        notes.append(study.words.remark("fewer than two {platforms}: no ranks", "{platform}不足两个：无法排名"))
    notes += _undefined(everything)
    growth = everything.growth
    assert growth is not None
    convergence = growth.steps.assign(output=verdict.labels["output"].to_numpy()[growth.steps["output"]])
    with_ranks = [name for name in examined if name == ALL or GENERATORS[name].simplex]
    ranks = {name: rank_tables(examined[name], name) for name in with_ranks}
    found = {
        "indices": pd.concat([one.indices(name) for name, one in examined.items()], ignore_index=True),
        "second": pd.concat(
            [one.second(name) for name, one in examined.items() if one.design.second_order], ignore_index=True
        ),
        "scores": pd.concat([score_intervals(examined[name], name) for name in with_ranks], ignore_index=True),
        "ranks": pd.concat([ranks[name][0] for name in with_ranks], ignore_index=True),
        "rank_shares": pd.concat([ranks[name][1] for name in with_ranks], ignore_index=True),
        "shapley": shapley,
        "pawn": pawn_table(everything, named(seed, "pawn")),
        "convergence": convergence,
        "concentration": pd.DataFrame(
            {
                "set": list(concentration),
                "concentration": list(concentration.values()),
                "origin": "setting" if posterior is None else "experts",
            }
        ),
        "base": everything.design.base,
        "runs": sum(one.design.runs for one in examined.values()) + _shapley_runs(tree, settings),
        "settled": growth.settled,
    }
    return found, notes


def _shapley_runs(tree: Tree, settings: SensitivitySettings) -> int:
    orders = 2 * ((settings.orders + 1) // 2)
    return orders * sum(len(tree.sets[name]) for name in tree.varying)


def _undefined(examined: Examined) -> list[Remark]:
    """Return a remark on the outputs whose indices are not defined, by kind of output."""
    lines = []
    labels = examined.run.verdict.labels[~examined.estimates.defined]
    for output, rows in labels.groupby("output", sort=False):
        whole = bool(((rows["platform"] == "") & (rows["stage"] == "")).any())
        lines.append(
            remark(
                f"{output}: {len(rows)} outputs of this kind{' (the whole among them)' if whole else ''} do not vary, "
                "or in too few runs: their indices are undefined",
                f"{output}：此类输出中有 {len(rows)} 个{'（含总体）' if whole else ''}不变化"
                "或仅在极少次运行中变化：指数无定义",
            )
        )
    return lines
