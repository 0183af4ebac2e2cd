"""What a reader of the what-if has to know beside its tables: whose scale, what stopped, what was left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from maternal_eval.analyses.whatif.engine import OutcomeFit
from maternal_eval.analyses.whatif.intervention import Intervention
from maternal_eval.analyses.whatif.link import Link, Refusal, refusal_of
from maternal_eval.analyses.whatif.population import Population
from maternal_eval.analyses.whatif.scenarios import Scenario
from maternal_eval.core.remarks import Remark, remark
from maternal_eval.methods.ordinal.maximum_likelihood import OrdinalProblem
from maternal_eval.study import Outcome, Study

OF_PRIOR = 0.25
"""Share of a coefficient's precision from which the weak prior is said to hold it."""


def of_scales(study: Study, touched: Sequence[str], outcomes: Sequence[Outcome]) -> list[Remark]:
    """Return whose scale the tables speak where less of a changed indicator, or of an outcome, is better."""
    said, falling = [], ", ".join(outcome.name for outcome in outcomes if outcome.reversed)
    if falling:
        said.append(
            remark(
                f"Less is better for {falling}: levels and changes stand on the scale that was answered; the "
                "probability of an improvement is that of a fall.",
                f"{falling} 越小越好：水平与变化均以作答的量表表示；改善的概率即下降的概率。",
            )
        )
    names = ", ".join(code for code in touched if study.model.indicator(code).reversed)
    if not names:
        return said
    return [
        *said,
        remark(
            f"Less is better for {names}: scenarios and levels stand on the scale that was answered, and only the "
            "composite turns it round.",
            f"{names} 越小越好：情景与水平均以作答的量表表示，仅在综合得分内部翻转。",
        ),
    ]


def of_population(study: Study, population: Population) -> list[Remark]:
    """Return how many rows of the panel take no part."""
    left = len(study.panel) - len(population.panel)
    if not left:
        return []
    return [
        study.words.remark(
            f"{left} of {len(study.panel)} rows take no part: no {{stage}}, no answer to an indicator, or weight 0.",
            f"面板 {len(study.panel)} 行中有 {left} 行未计入：没有{{stage}}、没有任何指标的答案，或权重为 0。",
        )
    ]


def of_scenarios(
    scenarios: Sequence[Scenario], links: Mapping[str, Link | Refusal], states: Mapping[str, Intervention]
) -> list[Remark]:
    """Return which scenarios were not carried through, stop at the end of a scale, or miss some of their place."""
    said = []
    for scenario in scenarios:
        refusal, state = refusal_of(scenario, links), states.get(scenario.name)
        if refusal is not None:
            said.append(remark(f"{scenario.en}: not computed, {refusal.en}.", f"{scenario.zh}：未计算，{refusal.zh}。"))
        if state is None:
            continue
        if state.clipped > 0:
            said.append(
                remark(
                    f"{scenario.en}: {state.clipped:.0%} of the answers to be changed stop at the end of the scale, "
                    "so that the mean moves by less than was asked.",
                    f"{scenario.zh}：待改变的答案中有 {state.clipped:.0%} 止于量表端点，均值的变动因而小于所设。",
                )
            )
        if state.unlinked > 0:
            said.append(
                remark(
                    f"{scenario.en}: for {state.unlinked:.0%} of the respondents there the log does not hold the "
                    "operation; they are not changed.",
                    f"{scenario.zh}：其中 {state.unlinked:.0%} 的受访者在日志中没有该运营量，未作改变。",
                )
            )
    return said


def of_fits(fits: Sequence[OutcomeFit], names: Sequence[str], moving: int) -> list[Remark]:
    """Return which answers nobody gave, and which coefficients the weak prior holds because the answers do not.

    Parameters
    ----------
    fits
        The regressions at the mean weights.
    names
        Names of the columns of their design.
    moving
        Number of its first columns, which interventions move; the others are held fixed, and it does not matter how
        such as say the same (a platform and its type) share what they have in common.
    """
    said = []
    for fit in fits:
        problem, outcome = fit.problem, fit.outcome
        missing = np.setdiff1d(np.arange(outcome.levels), fit.present)
        empty = ", ".join(f"{(outcome.low or 0) + place:g}" for place in missing)
        if empty:
            said.append(
                remark(
                    f"Nobody answered {empty} to {outcome.name}: it is predicted for nobody, before or after a change.",
                    f"{outcome.name} 无人回答 {empty}：无论干预前后，均不预测任何人给出该答案。",
                )
            )
        moved = np.arange(problem.design.shape[1]) < moving
        variance = np.diag(np.linalg.inv(fit.fit.curvature))[fit.thresholds :]
        vague = moved & (variance > OF_PRIOR * problem.prior_scale**2) & (np.ptp(problem.design, axis=0) > 0)
        if vague.any():
            columns = ", ".join(np.array(names)[vague])
            said.append(
                remark(
                    f"{outcome.name}: the answers hardly vary enough to say what these do, so that the weak prior "
                    f"holds their coefficients: {columns}.",
                    f"{outcome.name}：以下各项变化过小，其作用难以由答案判断，系数由弱先验确定：{columns}。",
                )
            )
        extreme = _separating(problem)
        if extreme.any():
            columns = ", ".join(np.array(names)[extreme])
            said.append(
                remark(
                    f"{outcome.name}: everybody there, or everybody elsewhere, gave the same extreme answer, so that "
                    f"the weak prior holds the coefficient: {columns}.",
                    f"{outcome.name}：相应或其余受访者全部给出同一极端答案，系数由弱先验确定：{columns}。",
                )
            )
    return said


def _separating(problem: OrdinalProblem) -> np.ndarray:
    """Return which dummies stand for respondents of whom all gave the lowest, or all the highest answer."""
    found = np.zeros(problem.design.shape[1], dtype=bool)
    for place, column in enumerate(problem.design.T):
        if np.isin(column, (0.0, 1.0)).all():
            for side in (column == 0, column == 1):
                there = problem.category[side]
                found[place] |= there.size > 0 and (there.max() == 0 or there.min() == problem.categories - 1)
    return found
