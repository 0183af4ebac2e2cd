"""Which columns are answers: indicators on one scale, outcomes, pairs of Kano questions; and which are not.

Columns make a battery if three or more are answered on one scale and look like it: by words in their names, by names
that differ in a number, or because their answers go together.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from maternal_eval.study.draft.alike import go_together, is_rated
from maternal_eval.study.draft.answers import FEWEST, USUAL_ENDS, Answers, answers_of, together
from maternal_eval.study.draft.indicators import keep_indicators
from maternal_eval.study.draft.kano_pairs import find_kano
from maternal_eval.study.draft.outcomes import find_outcomes
from maternal_eval.study.draft.profile import ColumnProfile, Profile
from maternal_eval.study.draft.proposal import Proposal
from maternal_eval.study.draft.words import is_question, stem, tells

GO_TOGETHER = 0.15
"""Mean correlation with the others from which a column belongs to a battery whatever its name."""


LIKE_RATINGS = 0.2
"""Mean correlation with four ratings or more from which a column is one, though its name tells of a group."""

ATTITUDES = ("satisfaction", "agreement", "conformity", "importance", "likelihood", "quality", "kano")
"""Sets of words that tell an attitude whatever the column is called."""


def find_answers(profile: Profile, rest: list[ColumnProfile], draft: Proposal) -> None:
    """Find Kano pairs, outcomes and indicators among the columns; what is none of these stays in ``rest``."""
    columns = {one.name: one for one in rest}
    found = {name: answers for name, column in columns.items() if (answers := answers_of(column)) is not None}
    found = together(columns, found)
    groups = {name for name, answers in found.items() if _is_group(columns[name], answers)}
    groups -= _rated_after_all(profile, columns, found, groups)
    found = {name: answers for name, answers in found.items() if name not in groups}
    find_kano(columns, found, draft)
    values = {name: _values(profile, name, answers) for name, answers in found.items()}
    battery = _battery(columns, found, values)
    find_outcomes(columns, found, values, battery, draft)
    keep_indicators(columns, found, battery, draft)
    for name in draft.used:
        if name in columns:
            rest.remove(columns[name])
    for name in draft.dropped:
        if name in columns and columns[name] in rest:
            rest.remove(columns[name])


def _is_group(column: ColumnProfile, answers: Answers) -> bool:
    """Whether the name says that a column makes groups, and its answers do not say otherwise."""
    if answers.kind in ATTITUDES:
        return False
    told = column.wording or column.name
    grouping = any(tells(column.name, part) for part in ("group", "stage", "platform"))
    if column.wording:
        grouping = grouping or any(tells(column.wording, part) for part in ("group", "stage"))
    rated = any(tells(told, part) or tells(column.name, part) for part in ("rating", "overall", "recommend", "again"))
    if answers.kind == "frequency":
        return not rated
    if is_question(told) and rated:
        return False
    return grouping and not (rated and not _starts_with_group(column.name))


def _rated_after_all(
    profile: Profile, columns: Mapping[str, ColumnProfile], found: Mapping[str, Answers], groups: set[str]
) -> set[str]:
    """Return columns that are called like a group (gate location) and go with the ratings, on their scale."""
    doubtful = [name for name in groups if found[name].kind == "numbers" and not columns[name].labels]
    rated = [name for name, one in found.items() if name not in groups and one.kind == "numbers" and one.high >= 5]
    kept = set()
    for name in doubtful:
        alike = [other for other in rated if found[other].high == found[name].high]
        if len(alike) < FEWEST + 1:
            continue
        values = {one: _values(profile, one, found[one]) for one in (name, *alike)}
        if go_together(values, [name, *alike])[name] >= LIKE_RATINGS:
            kept.add(name)
    return kept


def _starts_with_group(name: str) -> bool:
    return any(tells(re.split(r"[\s_:：]", name)[0], part) for part in ("group", "stage", "platform"))


def _values(profile: Profile, name: str, answers: Answers) -> np.ndarray:
    """Return the answers of the sampled rows as numbers, NaN where there is none."""
    column = profile[name]
    table = {value: written.number for value, written in column.numbers.items()}
    if answers.numbers:
        table = dict(answers.numbers)
    sign = -1.0 if answers.downwards else 1.0
    missing = set(answers.missing)
    numbers = {value: np.nan if number in missing else sign * number for value, number in table.items()}
    return profile.numbers(name, numbers)


def _battery(
    columns: Mapping[str, ColumnProfile], found: Mapping[str, Answers], values: Mapping[str, np.ndarray]
) -> dict[str, list[str]]:
    """Return kind of answers → the columns of a battery on that scale."""
    groups: dict[str, list[str]] = {}
    for name, answers in found.items():
        groups.setdefault(_scale_key(answers), []).append(name)
    battery: dict[str, list[str]] = {}
    for key, names in groups.items():
        if key in ("numbers", "numbers0"):
            battery |= _batteries_of_numbers(columns, found, values, names)
            continue
        several = len(names) >= FEWEST or all(is_rated(columns[name]) for name in names)
        if several or key.split(" ")[0] in ATTITUDES:
            battery[key] = names
    return battery


def _scale_key(answers: Answers) -> str:
    if answers.kind == "numbers":
        return (
            "numbers0"
            if answers.low == 0 and answers.high > 1
            else "yes_no"
            if answers.binary and not answers.low
            else "numbers"
        )
    return (
        f"{answers.kind} {answers.low:g}–{answers.high:g}"
        if answers.kind not in ("yes_no", "score", "frequency")
        else answers.kind
    )


def _batteries_of_numbers(
    columns: Mapping[str, ColumnProfile],
    found: Mapping[str, Answers],
    values: Mapping[str, np.ndarray],
    names: Sequence[str],
) -> dict[str, list[str]]:
    """Return the batteries of numeric scales: one for each upper end that several columns share."""
    ends = Counter(found[name].high for name in names)
    stems = Counter(stem(name)[0] for name in names)
    battery: dict[str, list[str]] = {}
    left = list(names)
    for end, number in sorted(ends.items(), key=lambda item: (-item[1], item[0])):
        if end not in USUAL_ENDS or not (
            number >= 2 or any(is_rated(columns[n]) for n in left if found[n].high == end)
        ):
            continue
        near = [n for n in left if found[n].high == end or (end - 2 <= found[n].high < end and not found[n].complete)]
        near += [n for n in left if n not in near and found[n].high == end - 1 and stems[stem(n)[0]] >= FEWEST
                 and "#" in stem(n)[0] and ends[found[n].high] < FEWEST]  # fmt: skip
        close = go_together(values, near)
        usual = float(np.median([close[n] for n in near])) if near else 0.0
        members = []
        for name in near:
            rated = is_rated(columns[name])
            numbered = "#" in stem(name)[0] and stems[stem(name)[0]] >= FEWEST
            apart = usual >= 0.2 and close[name] < 0.06 and columns[name].filled > 200
            alike = end in (5, 7, 10) and number >= FEWEST
            if rated or ((numbered or alike) and not apart) or close[name] >= GO_TOGETHER:
                members.append(name)
        if len(members) >= FEWEST or any(is_rated(columns[name]) for name in members):
            battery[f"numbers –{end:g}"] = members
            left = [name for name in left if name not in members]
    return battery
