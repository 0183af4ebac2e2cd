"""What if: interventions carried through the fitted models to outcomes, scores and ranks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

import numpy as np
import pandas as pd

from maternal_eval.analyses.whatif.engine import (
    OutcomeFit,
    Prediction,
    Target,
    WeightSets,
    composites_of,
    fit_outcome,
    predict,
    score_draws,
)
from maternal_eval.analyses.whatif.intervention import Intervention, intervene
from maternal_eval.analyses.whatif.levels import Observed, level_row, require_level
from maternal_eval.analyses.whatif.link import Link, fit_link, refusal_of
from maternal_eval.analyses.whatif.population import Population
from maternal_eval.analyses.whatif.quantities import Quantity, quantities_of
from maternal_eval.analyses.whatif.remarks import of_fits, of_population, of_scales, of_scenarios
from maternal_eval.analyses.whatif.scenarios import Change, Scenario, target_period
from maternal_eval.analyses.whatif.schemes import schemes_of
from maternal_eval.analyses.whatif.settings import WhatIfSettings
from maternal_eval.analyses.whatif.tables import (
    concat,
    effect_rows,
    ledger_value,
    link_table,
    published_row,
    rank_rows,
    scenario_table,
)
from maternal_eval.core.errors import InputError
from maternal_eval.core.progress import Progress, report
from maternal_eval.core.randomness import generator, named
from maternal_eval.core.remarks import each_once, remark
from maternal_eval.results import Result
from maternal_eval.study import FILE_NAME, Outcome, Study
from maternal_eval.study.groups import in_groups
from maternal_eval.study.labels import study_labels
from maternal_eval.study.values import linear_remarks

if TYPE_CHECKING:
    pass
from maternal_eval.analyses.whatif.result import WhatIfResult

ASSUMPTIONS = (
    {
        "en": "No unobserved confounding: nothing left out of the regressions moves both indicator and outcome.",
        "zh": "无未观测混杂：回归之外没有同时影响指标与结果的因素。",
    },
    {
        "en": "No interference: what one {respondent} is given does not reach another.",
        "zh": "无干扰：对一位{respondent}的干预不影响他人。",
    },
    {
        "en": "The indicator can be moved alone: the other answers stay as they are.",
        "zh": "指标可单独变动：其余答案保持不变。",
    },
    {
        "en": "The effect found between {respondents} holds for a change within one, over the whole range used.",
        "zh": "{respondent}之间的效应同样适用于个体内部的变化，并在所用范围内成立。",
    },
    {
        "en": "{Platforms}, {stages} and users stay composed as in the period that is changed.",
        "zh": "{platform}、{stage}与用户的构成与被干预时期相同。",
    },
)
"""What would have to hold for a consequence of the model to be a causal effect, in the words of the study."""


def what_if(
    study: Study,
    settings: WhatIfSettings | None = None,
    seed: int | np.random.SeedSequence = 0,
    progress: Progress | None = None,
    results: Mapping[str, Result] | None = None,
) -> WhatIfResult:
    """Carry the scenarios of the settings through the fitted models.

    Every outcome is regressed (cumulative logit) on the composite value by stage, on the indicators that some
    scenario changes (position and its square, beside the composite) and on period, stage, platform and segments. An
    intervention changes answers; composite and indicator terms follow; the mean probability of each answer over the
    changed respondents gives the outcome. Draws hold the uncertainty of the weights, of the regressions, of the links
    and of the population that the respondents stand for.

    Parameters
    ----------
    study
        A study with indicators and outcomes; without stages everybody is one group.
    settings, seed, progress
        See :class:`WhatIfSettings`.
    results
        ``stage_weights``, whose draws are the dynamic weights; without it there are static weights only.

    Raises
    ------
    InputError
        If a scenario does not fit the study; before anything is fitted.
    DiagnosticsError
        If a regression does not converge, or does not reproduce the observed levels before any change.
    """
    settings, study = settings or WhatIfSettings(), in_groups(study)
    seed = named(seed, "what if")
    settings.check(study)
    links = {name: fit_link(study, operation) for name, operation in settings.operations.items()}
    carried = [scenario for scenario in settings.scenarios if refusal_of(scenario, links) is None]
    codes = [_indicator(settings, target) for scenario in carried for target in scenario.changes]
    touched = [code for code in study.model.codes if code in codes]
    population = Population.of(study, touched)
    slopes = {
        name: link.strata(settings.sets, generator(named(seed, f"link/{name}")))
        for name, link in links.items()
        if isinstance(link, Link)
    }
    work = _Work(study, settings, population, slopes, seed)
    work.check_moves(carried)
    tables: dict[str, list[pd.DataFrame]] = {"effects": [], "ranks": [], "published": [], "fits": []}
    states: dict[str, Intervention] = {}
    schemes = schemes_of(study, population, settings, seed, results)
    outcomes, skipped = _outcomes(study, population)
    steps, said = len(schemes) * len(outcomes), []
    for number, scheme in enumerate(schemes):
        fits = []
        for place, outcome in enumerate(outcomes):
            report(progress, "what if", number * len(outcomes) + place, steps)
            fits.append(
                fit_outcome(population, outcome, scheme, settings.draws, settings.prior_scale, named(seed, "fits"))
            )
        said += of_fits(fits, population.columns(study), population.stages + 2 * len(touched))
        for period in dict.fromkeys(target_period(study, scenario) for scenario in carried):
            here = [scenario for scenario in carried if target_period(study, scenario) == period]
            for name, rows in work.carry(scheme, fits, here, period, states).items():
                tables[name] += rows
    report(progress, "what if", steps, steps)
    return WhatIfResult(
        scenarios=scenario_table(study, settings, links, states),
        effects=concat(tables["effects"]),
        ranks=concat(tables["ranks"]),
        published=concat(tables["published"]),
        links=link_table(settings, links),
        fits=concat(tables["fits"]).drop_duplicates(["weights", "outcome", "quantity"], ignore_index=True),
        assumptions=[study.words.remark(**one) for one in ASSUMPTIONS],
        labels=study_labels(study)
        | {one.name: {"en": one.en, "zh": one.zh} for one in settings.scenarios}
        | {name: {"en": one.en, "zh": one.zh} for name, one in settings.operations.items()},
        settings={
            name: value
            for name, value in study.model_settings.beside(settings).items()
            if name not in ("scenarios", "operations")
        },
        study=study.name,
        simulated=study.simulated,
        remarks=each_once(
            [
                *of_scales(study, touched, outcomes),
                *of_population(study, population),
                *linear_remarks(study.model_settings.aggregation),
                *skipped,
                *of_scenarios(settings.scenarios, links, states),
                *said,
            ]
        ),
    )


@dataclass(frozen=True)
class _Work:
    """What all schemes and periods share."""

    study: Study
    settings: WhatIfSettings
    population: Population
    slopes: Mapping[str, np.ndarray]
    seed: np.random.SeedSequence

    def check_moves(self, scenarios: list[Scenario]) -> None:
        """Refuse a scenario that would move nobody's answer, before anything is fitted."""
        for scenario in scenarios:
            rows = self._rows(target_period(self.study, scenario))
            moved = intervene(self.study, self.population, rows, scenario, self.settings.operations, self.slopes)
            if not moved.touched > 0:
                raise InputError(
                    "the scenario changes nobody",
                    file=self.study.folder / FILE_NAME,
                    column=f"analysis.whatif.scenarios ({scenario.name})",
                    found=self.study.words.fill(
                        "no answer of {a respondent} with {a stage} and a weight that moves", "en"
                    ),
                    expected="a place where the indicator was answered, and the log holds the operation",
                )

    def _rows(self, period: int | None) -> np.ndarray:
        rows = np.arange(len(self.population.panel))
        return rows if period is None else rows[(self.population.panel["period"] == period).to_numpy()]

    def carry(
        self,
        scheme: WeightSets,
        fits: list[OutcomeFit],
        scenarios: list[Scenario],
        period: int | None,
        states: dict[str, Intervention],
    ) -> dict[str, list[pd.DataFrame]]:
        """Return the tables of the scenarios of one period under one scheme; ``states`` learns what was touched."""
        population, sets = self.population, len(scheme.weights)
        rows = self._rows(period)
        # the same draws of the population under every scheme: their difference is that of the weights
        drawn = named(self.seed, f"population/{period}")
        target = Target.of(population, rows, self.study.stages, self.settings.draws, drawn)
        compared = [scenario for scenario in scenarios if scenario.published]
        asked = [*scenarios, *(_furthest(self.study, scenario, self.settings) for scenario in compared)]
        interventions = [
            intervene(self.study, population, target.rows, scenario, self.settings.operations, self.slopes)
            for scenario in asked
        ]
        states |= {one.scenario.name: one for one in interventions[: len(scenarios)]}
        composites = composites_of(population, target, scheme, interventions)
        tables: dict[str, list[pd.DataFrame]] = {"effects": [], "ranks": [], "published": [], "fits": []}
        before, moves = score_draws(target, composites)
        for scenario, move in zip(scenarios, moves, strict=False):
            key = {"scenario": scenario.name, "weights": scheme.name}
            tables["ranks"].append(rank_rows(target.units.names, key, before, move, sets))
        for fit in fits:
            answered = population.panel[fit.outcome.name].to_numpy(dtype=float)[target.rows]
            if not np.isfinite(answered).any():
                continue  # not asked in this period
            found = predict(population, target, fit, composites, interventions)
            for quantity in quantities_of(fit.outcome):
                level = fit.quantity(quantity, found.before) + fit.constant(quantity)
                key = {"weights": scheme.name, "outcome": fit.outcome.name, "quantity": quantity.name}
                for scenario, change in zip(scenarios, found.changes, strict=False):
                    own = {"scenario": scenario.name, **key}
                    move = fit.quantity(quantity, change)
                    tables["effects"].append(
                        effect_rows(target.units.names, own, level, move, sets, fall=fit.outcome.reversed)
                    )
                tables["fits"].append(self._held(fit, quantity, key, found, target, period))
            for place, scenario in enumerate(compared):
                pair = scenarios.index(scenario), len(scenarios) + place
                tables["published"].append(self._published(scenario, scheme, fit, found, pair))
        return tables

    def _held(
        self,
        fit: OutcomeFit,
        quantity: Quantity,
        key: dict[str, str],
        found: Prediction,
        target: Target,
        period: int | None,
    ) -> pd.DataFrame:
        """Return how the regression fits in a period; refuses one that does not reproduce what was observed."""
        answers = self.population.panel[fit.outcome.name].to_numpy(dtype=float)[target.rows]
        known = np.isfinite(answers)
        observed = Observed.of(fit, quantity, answers[known], self.population.survey[target.rows][known])
        constant = fit.constant(quantity)
        drawn, at_modes = (fit.quantity(quantity, part) + constant for part in (found.answered, found.at_modes))
        when = "" if period is None else f" in {self.study.timeline.label(period)}"
        require_level(observed, at_modes, drawn, f"{fit.outcome.name} ({key['weights']} weights){when}")
        return level_row(observed, fit, key, drawn)

    def _published(
        self, scenario: Scenario, scheme: WeightSets, fit: OutcomeFit, found: Prediction, pair: tuple[int, int]
    ) -> pd.DataFrame:
        """Return the published effects of a scenario on one outcome; ``pair``: its number and that of its extreme."""
        quantity = quantities_of(fit.outcome)[0]
        own, furthest = (fit.quantity(quantity, found.change_among[number]) for number in pair)
        level = fit.quantity(quantity, found.level_among[pair[0]]) + fit.constant(quantity)
        rows = []
        for effect in scenario.published:
            if effect.outcome == fit.outcome.name:
                value = ledger_value(cast(pd.DataFrame, self.study.claims), effect.claim, effect.reading)
                claim = {"claim": effect.claim, "reading": effect.reading, "published": value}
                key = {"scenario": scenario.name, "weights": scheme.name}
                sets = len(scheme.weights)
                rows.append(published_row(claim, fit.outcome, quantity, level, own, furthest, key, sets))
        return pd.DataFrame(rows)


def _outcomes(study: Study, population: Population) -> tuple[list[Outcome], list[dict[str, str]]]:
    """Return the outcomes that the regressions can be asked about, and why the others cannot."""
    used, skipped = [], []
    for name, outcome in study.outcomes.items():
        if not quantities_of(outcome):
            en, zh = "is not an answer with ordered categories", "不是有序类别的答案"
        elif not population.panel[name].notna().any():
            en, zh = study.words.pair(
                "was answered by nobody who has {a stage} and an indicator",
                "没有任何具备{stage}与指标答案的{respondent}作答",
            )
        else:
            used.append(outcome)
            continue
        skipped.append(remark(f"{name} {en}: no what-if for it.", f"{name} {zh}：不作情景推演。"))
    return used, skipped


def _indicator(settings: WhatIfSettings, target: str) -> str:
    return settings.operations[target].indicator if target in settings.operations else target


def _furthest(study: Study, scenario: Scenario, settings: WhatIfSettings) -> Scenario:
    """Return the scenario in which everybody touched goes to the end of the scale in the direction of the change."""
    changes = {}
    for target, change in scenario.changes.items():
        code = _indicator(settings, target)
        # an operation is changed for the better, whichever way its own numbers go; so is a level that is set
        better = not study.model.indicator(code).reversed
        rises = better if target in settings.operations or change.rises is None else change.rises
        changes[code] = Change(add=np.inf if rises else -np.inf)
    return replace(scenario, name=f"{scenario.name}/furthest", changes=changes, published=())
