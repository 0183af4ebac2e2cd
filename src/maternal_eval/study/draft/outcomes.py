"""Which answers are outcomes: the overall satisfaction, a recommendation, whether one would come again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from maternal_eval.study.draft.alike import go_together, is_rated
from maternal_eval.study.draft.answers import FEWEST, USUAL_ENDS, Answers
from maternal_eval.study.draft.opening import shown
from maternal_eval.study.draft.profile import ColumnProfile
from maternal_eval.study.draft.proposal import Item, Proposal
from maternal_eval.study.draft.words import is_question, tells


def find_outcomes(
    columns: Mapping[str, ColumnProfile],
    found: dict[str, Answers],
    values: Mapping[str, np.ndarray],
    battery: dict[str, list[str]],
    draft: Proposal,
) -> None:
    """Find the overall satisfaction, recommendations and answers on coming again, and take them out of batteries."""
    in_battery = [name for names in battery.values() for name in names]
    recommend = [n for n in found if tells(columns[n].told, "recommend") and not _asks_else(columns[n])]
    again = [n for n in found if n not in recommend and tells(columns[n].told, "again") and not _asks_else(columns[n])]
    overall = [n for n in in_battery if n not in (*recommend, *again) and tells(columns[n].told, "overall")
               and not _asks_else(columns[n])]  # fmt: skip
    overall += [n for n in found if n not in overall and n.lower() in ("sat", "satisfied", "满意度", "满意")]
    overall += [n for n in found if n not in (*in_battery, *recommend, *again, *overall)
                and tells(columns[n].told, "overall") and is_rated(columns[n])]  # fmt: skip
    if not overall:
        alone = [n for n in found if n not in (*recommend, *again) and tells(columns[n].told, "rating")
                 and not any(n in names and len(names) >= FEWEST for names in battery.values())]  # fmt: skip
        overall = alone[:1]
    if overall:
        close = go_together(values, [n for n in dict.fromkeys([*in_battery, *overall]) if n in values])
        best = min(overall, key=lambda n: (_distance(columns[n]), -close.get(n, 0.0)))
        _outcome("satisfaction", best, columns, found, battery, draft)
        others = [n for n in overall if n != best]
        if others and any(_distance(columns[n]) == _distance(columns[best]) for n in others):
            draft.doubt(
                f"{best} is taken for the overall satisfaction; {', '.join(others)} could be it too.",
                f"以 {best} 为总体满意度；{'、'.join(others)} 也可能是。",
            )
    for name in recommend[:2]:
        _outcome("recommend" if name == recommend[0] else "recommend_2", name, columns, found, battery, draft)
    for number, name in enumerate(again[:2]):
        _outcome("again" if not number else "again_2", name, columns, found, battery, draft)
    if not draft.outcomes:
        draft.doubt(
            "No column tells the overall satisfaction: there is nothing to predict, and weights cannot be judged by "
            'it. Write [outcomes] satisfaction = { column = "…", kind = "ordinal", zh = "总体", en = "Overall" }.',
            "没有总体满意度一列：无从预测，也无法据以评判权重。"
            '请写 [outcomes] satisfaction = { column = "…", kind = "ordinal", zh = "总体满意度", en = "Overall" }。',
        )


def _asks_else(column: ColumnProfile) -> bool:
    """Whether importance or expectation is asked, not experience."""
    return any(tells(column.name, part) for part in ("importance", "expectation"))


def _distance(column: ColumnProfile) -> int:
    """Return how much a name says beside the overall satisfaction."""
    known = {
        "overall",
        "satisfaction",
        "sat",
        "satisfied",
        "rating",
        "score",
        "total",
        "general",
        "q",
        "experience",
        "quality",
        "service",
    }
    text = column.wording or column.name
    words = re.findall(r"[a-z]+", text.lower())
    if words and not is_question(text):
        return sum(word not in known for word in words) + (0 if {"overall", "total", "general"} & set(words) else 1)
    return (
        0
        if any(part in text for part in ("总体", "整体", "总的", "总满意", "综合")) or "overall" in text.lower()
        else 2
    )


def _outcome(
    key: str,
    name: str,
    columns: Mapping[str, ColumnProfile],
    found: dict[str, Answers],
    battery: dict[str, list[str]],
    draft: Proposal,
) -> None:
    answers = with_ends(columns[name], found[name], next((k for k, names in battery.items() if name in names), ""))
    if key.startswith("again") and re.search(r"churn|流失|退订|unsubscri|left\b", columns[name].told, re.IGNORECASE):
        answers = replace(answers, downwards=True)
    if key == "recommend":
        answers = _of_recommendation(columns[name], answers, draft)
    for names in battery.values():
        if name in names:
            names.remove(name)
    title = {"satisfaction": "Overall satisfaction", "recommend": "Recommendation", "again": "Again"}.get(key, key)
    draft.outcomes.append((key, Item(key, name, shown(columns[name].wording or name) or title, answers)))


def _of_recommendation(column: ColumnProfile, answers: Answers, draft: Proposal) -> Answers:
    """Return the scale of a recommendation: 0 to 10 if it was answered so high."""
    if answers.kind not in ("numbers", "numbered", "likelihood") or answers.high < 9 or answers.high > 10:
        return answers
    if answers.low == 0 and answers.high == 10:
        return answers
    sure = re.search(r"nps|净推荐|0\s*[-~—–到至]+\s*10", column.told, re.IGNORECASE)
    zero = not sure and answers.low == 1 and answers.high == 10 and column.filled >= 300
    if zero:
        draft.doubt(
            f"Nobody of {column.filled:,} answered 0 in {column.name}: it is taken for a scale from 1 to 10, on which "
            'there is no net promoter score; write kind = "recommendation" without range if 0 could be answered.',
            f"{column.name} 的 {column.filled:,} 个答案中没有 0：按 1–10 量表处理，不计算净推荐值；"
            '若可以答 0，请改为 kind = "recommendation" 并去掉 range。',
        )
        return answers
    draft.doubt(
        f"{column.name} is taken for a recommendation from 0 to 10, though not every end was answered.",
        f"{column.name} 按 0–10 的推荐意愿处理，但并非两端都有人选。",
    )
    return replace(answers, low=0.0, high=10.0)


def with_ends(column: ColumnProfile, answers: Answers, key: str) -> Answers:
    """Return answers with the ends of the battery, or those that the question names."""
    told = re.search(r"(?<!\d)([01])\s*(?:分|星)?\s*[-~—–到至]+\s*(3|4|5|6|7|10)(?!\d)", column.told)
    if answers.kind == "numbers" and told and answers.high <= float(told[2]):
        return replace(answers, low=min(answers.low, float(told[1])), high=float(told[2]), complete=True)
    if key.startswith("numbers –"):
        high = float(key.split("–")[1])
        if answers.high < high:
            return replace(answers, high=high)
        return answers
    if answers.kind == "numbers" and not answers.labels and answers.high not in USUAL_ENDS and answers.high > 1:
        above = [end for end in (5, 7, 10) if end >= answers.high]
        return replace(answers, high=float(above[0]) if above else answers.high, complete=False)
    return answers
