"""Counts of the answers of a study, whether its panel was read, is only counted in its file, or holds counts."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from maternal_eval.study.kinds import with_kinds
from maternal_eval.study.study import Study

CERTAIN = 0.1
"""An estimated number of respondents this near to the number of rows is taken for it."""


def respondents(study: Study) -> int | None:
    """Return the number of different respondents in the periods that the study uses, or None if they are not named.

    In a panel that is only counted it is an estimate, or the number of rows where the estimate is within 10 % of it.
    """
    if study.counted is None:
        return study.panel["respondent"].nunique() if "respondent" in study.panel else None
    rules = {rule.name: rule for rule in study.rules}
    if "respondent" not in rules:
        return None
    people = study.counted.respondents(rules["respondent"], rules.get("period"), study.periods)
    if people is None:
        return None
    rows = number_of_rows(study)
    return rows if abs(people - rows) <= CERTAIN * rows else people


def number_of_rows(study: Study) -> int:
    """Return the number of rows in the periods that the study uses."""
    return int(rows_by(study, [])["rows"].iloc[0])


def answers(study: Study, columns: Sequence[str]) -> pd.DataFrame:
    """Return number of answers, smallest and largest answer of numeric columns.

    Returns
    -------
    pandas.DataFrame
        Index: column; columns answered, smallest, largest.
    """
    if study.counted is not None:
        rules = {rule.name: rule for rule in study.rules}
        return study.counted.describe([rules[name] for name in columns], rules.get("period"), study.periods)
    frame = study.panel[list(columns)]
    return pd.DataFrame(
        {"answered": frame.notna().sum(), "smallest": frame.min(), "largest": frame.max()}, index=list(columns)
    )


def rows_by(study: Study, columns: Sequence[str]) -> pd.DataFrame:
    """Return the number of ``rows`` by combination of columns, in the periods that the study uses."""
    if study.counted is None:
        frame = study.panel.assign(rows=1)
    elif columns or study.periods:
        frame = tally(study, columns)
    else:
        frame = pd.DataFrame({"rows": [study.counted.rows]})
    if not columns:
        return pd.DataFrame({"rows": [int(frame["rows"].sum())]})
    return frame.groupby(list(columns), observed=True, dropna=False)["rows"].sum().reset_index()


def tally(study: Study, columns: Sequence[str]) -> pd.DataFrame:
    """Count the answers of a study without rows, by combination of columns, in the periods that it uses.

    Parameters
    ----------
    columns
        Canonical names; of a panel that holds counts at most one question among them.

    Returns
    -------
    pandas.DataFrame
        The columns, of the same kinds as in ``study.panel``, and ``rows``, ``counted``, ``weight`` and
        ``weight_squares``: see :meth:`maternal_eval.study.panel.CountedPanel.tally`. With ``period`` among them even
        where it was not asked for.
    """
    assert study.counted is not None
    rules = {rule.name: rule for rule in study.rules}
    wanted = list(dict.fromkeys([*columns, *(["period"] if study.periods else [])]))
    found = study.counted.tally([rules[column] for column in wanted], rules.get("weight"))
    if study.periods:
        found = found[found["period"].isin(study.periods)].reset_index(drop=True)
    return with_kinds(study.definition, found, study.stages, study.stages_ordered)


def answers_to(study: Study, name: str) -> pd.DataFrame:
    """Return answers to a question with what makes their cells: rows of the panel, or lines of a tally.

    What a line stands for is told by :func:`maternal_eval.study.survey.masses`.

    Parameters
    ----------
    name
        Code of an indicator or name of an outcome.
    """
    return study.panel if study.counted is None else tally(study, [*factors(study), name])


def factors(study: Study) -> list[str]:
    """Return the columns that make the finest cells of a study."""
    return [name for name in ("platform", "stage", "period", "quarter", *study.segments) if name in study.panel]
