"""The proposal in words, in both languages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from maternal_eval.core.languages import say
from maternal_eval.study.labels import name_of

if TYPE_CHECKING:
    from maternal_eval.analyses.schedule.comparison import Comparison
    from maternal_eval.analyses.schedule.result import ScheduleResult

REASONS = {
    "proposed": (
        "a relevant change is credible, and the backtest is not worse",
        "实质变化可信，且回测没有变差",
    ),
    "no relevant change": (
        "static: no credible change beyond the region of practical equivalence",
        "保持静态：未见超出实际等价域的可信变化",
    ),
    "shadow": (
        "static: its share changes because others of its set change, its ratio to them does not",
        "保持静态：其占比因同组其他权重变动而改变，与它们的比值未见可信变化",
    ),
    "backtest worse": (
        "static: a change is credible, but it is not shown that the backtest does not get worse",
        "保持静态：变化虽可信，但不能表明回测没有变差",
    ),
    "no backtest": (
        "static: a change is credible, but there is no backtest of {stage} weights",
        "保持静态：变化虽可信，但没有{stage}权重的回测",
    ),
}
"""Why a weight moves or stays: reason → English and Chinese."""


def paragraph(result: ScheduleResult, comparison: Comparison | None, language: str) -> str:
    """Return the proposal as one paragraph."""
    parts = [_opening(result, language), _rule(result, language), _backtest(result, comparison, language)]
    if len(result.proposals):
        parts += [_moves(result, language), _rest(result, language)]
    return say(language, " ", "").join(parts)


def _opening(result: ScheduleResult, language: str) -> str:
    count, total = len(result.proposals), len(result.weights)
    where = say(language, "On the simulated panel, ", "在模拟面板上，") if result.simulated else ""
    if count:
        text = result.words.say(
            language,
            f"{count} of {total} {{stage}} weights are proposed to move; all others stay static.",
            f"{total}个{{stage}}权重中，建议调整{count}个，其余保持静态。",
        )
    else:
        text = result.words.say(
            language,
            f"none of {total} {{stage}} weights is proposed to move: the static weights stay.",
            f"{total}个{{stage}}权重均不建议调整，保持静态权重。",
        )
    return where + text if where else text[0].upper() + text[1:]


def _rule(result: ScheduleResult, language: str) -> str:
    likely = int(result.weights["likely"].sum())
    shadows = int((result.weights["reason"] == "shadow").sum())
    factor, credible = 1.0 + result.equivalence, result.settings["credible"]
    return say(
        language,
        f"A change is relevant from a factor of {factor:g} on, up or down; it is credible from a posterior probability "
        f"of {credible:.0%} on and if the weight moves against its siblings, too, and does not only make room for "
        "them. "
        f"{likely} weights reach that{_false_en(result)}; {shadows} more change their share only.",
        f"与静态权重相差{factor:g}倍以上（增或减）为实质变化，后验概率不低于{credible:.0%}、且相对同组权重也有变动"
        f"（而非仅为他者让位）方为可信；达到这一标准的权重有{likely}个{_false_zh(result)}，另有{shadows}个仅占比改变。",
    )


def _false_en(result: ScheduleResult) -> str:
    return f" (expected share of false ones {result.expected_false:.1%})" if result.weights["likely"].any() else ""


def _false_zh(result: ScheduleResult) -> str:
    return f"（预期误报占比{result.expected_false:.1%}）" if result.weights["likely"].any() else ""


def _backtest(result: ScheduleResult, comparison: Comparison | None, language: str) -> str:
    if comparison is None:
        return result.words.say(
            language,
            "The backtest holds no forecast with {stage} weights, so nothing can be proposed.",
            "回测中没有采用{stage}权重的预测，因此不能提出调整。",
        )
    outcome = name_of(result.labels, comparison.target, language)
    numbers = (
        f"{comparison.difference:+.4f} [{comparison.low:+.4f}, {comparison.high:+.4f}]".replace("-", "−")
        if comparison.clusters > 1
        else f"{comparison.difference:+.4f}".replace("-", "−")
    )
    train, test = comparison.split.split(" to ")
    if language == "zh":
        verdict = "没有变差" if comparison.holds else "不能表明没有变差"
        return (
            f"回测（{outcome}，{train.replace('-', '—')}年预测{test}年，"
            f"{comparison.cells}个单元、{comparison.clusters}个聚类）中，"
            f"{result.words.stage.zh}权重相对静态权重的CRPS变化为{numbers}（{result.probability:.0%}等尾区间，负值为改进），"
            f"允许的上限为{comparison.margin:.4f}，因此回测{verdict}。"
        )
    verdict = "is not worse" if comparison.holds else "is not shown to be no worse"
    return (
        f"In the backtest ({outcome.lower()}, {train.replace('-', '–')} to {test}, {comparison.cells} cells in "
        f"{comparison.clusters} clusters) the CRPS with {result.words.stage.en} weights differs from that with static "
        f"ones by {numbers} ({result.probability:.0%} {result.kind} interval, negative is better); with an "
        f"upper end of at most {comparison.margin:.4f} allowed, it {verdict}."
    )


def _moves(result: ScheduleResult, language: str) -> str:
    moves = []
    for row in result.proposals.itertuples():
        stage, name = (name_of(result.labels, part, language) for part in (row.stage, row.indicator))
        if language == "zh":
            moves.append(
                f"{stage}的“{name}”（{row.indicator}）由{row.static:.1%}调至{row.weight:.1%}"
                f"（{row.low:.1%}至{row.high:.1%}）"
            )
        else:
            moves.append(
                f"{stage}: {name} ({row.indicator}) from {row.static:.1%} to {row.weight:.1%} "
                f"[{row.low:.1%}, {row.high:.1%}]"
            )
    return say(language, "Proposed: " + "; ".join(moves) + ".", "建议：" + "；".join(moves) + "。")


def _rest(result: ScheduleResult, language: str) -> str:
    cap, quarters = result.settings["cap"], int(result.stages["quarters"].max())
    moved = result.stages[result.stages["proposed"] > 0]
    factors = say(language, ", ", "、").join(
        f"{name_of(result.labels, row.stage, language)} × {row.rest_factor:.3f}" for row in moved.itertuples()
    )
    return result.words.say(
        language,
        "The other weights of these {stages} keep their ratios and share the rest ({factors}), so that each {stage} "
        f"adds up to one. With at most {100 * cap:g} percentage points a quarter all is reached after {quarters} "
        "quarters.",
        "这些{stage}的其余权重保持彼此的比例，分摊剩余部分（{factors}），使各{stage}权重之和仍为1。"
        f"每季度最多调整{100 * cap:g}个百分点，{quarters}个季度后到位。",
        factors=factors,
    )
