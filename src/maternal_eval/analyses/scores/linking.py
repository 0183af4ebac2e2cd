"""Scores across a change of indicators: comparable through the indicators that both sides have.

Where indicators enter or leave, scores before and after are means over different sets. They are chained: over the break
the linked score moves by what the score of the COMMON indicators moves, and before and after it each side moves by its
own indicators. So a panel in which nothing changes but the set keeps its score, whatever level the new indicators have.

The link is one number for all respondents, estimated on everybody who answered next to the break; differences between
platforms and stages that the new indicators bring therefore stay. It is a constant in the intervals of the scores; its
own standard error stands in the table of links.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from maternal_eval.core.errors import InputError
from maternal_eval.study import Study

TIME = ("period", "quarter")
"""Columns that place an answer in time, the coarser first."""


@dataclass(frozen=True)
class LinkingRule:
    """How two sides of a break are joined.

    ``change(start, end)`` is what has to be done to get from one level to the other, ``join`` puts two changes one
    after the other, ``apply`` does a change to scores; ``none`` is the change that does nothing.
    """

    name: str
    none: float
    change: Callable[[np.ndarray, np.ndarray], np.ndarray]
    join: Callable[[np.ndarray, np.ndarray], np.ndarray]
    apply: Callable[[np.ndarray, np.ndarray], np.ndarray]


LINKING_RULES = {
    rule.name: rule
    for rule in (
        LinkingRule("difference", 0.0, lambda start, end: end - start, np.add, np.add),
        LinkingRule("ratio", 1.0, lambda start, end: end / start, np.multiply, np.multiply),
        LinkingRule("none", 0.0, lambda start, end: np.zeros_like(start), np.add, np.add),
    )
}
"""Linking rules, one row each. The difference suits a scale whose zero means "worst answer", as here."""


@dataclass(frozen=True)
class Regime:
    """A stretch of time with one set of indicators.

    ``first`` names its first moment; ``rows``, ``first_rows`` and ``last_rows`` mark the rows of the panel inside it
    and in its first and last moment; ``asked`` marks its indicators.
    """

    first: str
    rows: np.ndarray
    first_rows: np.ndarray
    last_rows: np.ndarray
    asked: np.ndarray


def regimes(study: Study, panel: pd.DataFrame | None = None) -> list[Regime]:
    """Return the stretches of time with one set of indicators, in order; one, if nothing enters or leaves.

    ``panel`` holds the rows that they mark: those of the study, or its cells.
    """
    indicators = study.model.indicators
    panel = study.panel if panel is None else panel
    everything = np.ones(len(panel), dtype=bool)
    limits = [one for one in indicators if one.valid_from or one.valid_to]
    if not limits:
        return [Regime("", everything, everything, everything, np.ones(len(indicators), dtype=bool))]
    columns = [name for name in TIME if name in panel]
    known = panel[columns].notna().all(axis=1)
    moments = panel.loc[known, columns].astype(int).drop_duplicates().sort_values(columns)
    found: list[Regime] = []
    for moment in moments.itertuples(index=False):
        rows = (panel[columns] == list(moment)).all(axis=1).to_numpy()
        at = study.timeline.year_and_quarter(*moment)
        asked = np.array([one.valid_at(*at) for one in indicators])
        if found and np.array_equal(found[-1].asked, asked):
            last = found.pop()
            found.append(Regime(last.first, last.rows | rows, last.first_rows, rows, asked))
        else:
            first = " Q".join([study.timeline.label(moment[0]), *map(str, moment[1:])])
            found.append(Regime(first, rows, rows, rows, asked))
    return found


def link(
    found: list[Regime],
    codes: list[str],
    score: Callable[[np.ndarray, np.ndarray], np.ndarray],
    survey: np.ndarray,
    rule: LinkingRule,
) -> tuple[list[np.ndarray], pd.DataFrame]:
    r"""Return what has to be done to the scores of each regime, and the table of links.

    With S the score on all indicators asked, C that on the common ones, and means over everybody next to the break,
    the link from regime r - 1 to r is :math:`(\bar S - \bar C)` before, joined with :math:`(\bar C - \bar S)` after,
    chained.

    Parameters
    ----------
    found
        See :func:`regimes`.
    codes
        Indicator codes, for the table.
    score
        Function of (rows, asked indicators) → rows × columns (the composite first): scores on these indicators alone.
    survey
        Survey weights of all rows.
    rule
        A row of :data:`LINKING_RULES`.

    Raises
    ------
    InputError
        If two regimes have no indicator in common.
    """
    width = score(found[0].first_rows, found[0].asked).shape[1]
    changes, rows = [np.full(width, rule.none)], []
    for before, after in pairwise(found):
        common = before.asked & after.asked
        if not common.any():
            raise InputError(
                "no indicator is asked on both sides of a change, so the scores cannot be linked", found=after.first
            )
        total, errors, counts = changes[-1], [], []
        for side, at in ((before, before.last_rows), (after, after.first_rows)):
            own, shared = score(at, side.asked), score(at, common)
            means = np.stack([_means(part, own, shared, survey[at]) for part in (own, shared)])
            start, end = means[::-1] if side is before else means
            # A dimension without anything in common starts at its own level.
            step = np.where(np.isfinite(start) & np.isfinite(end), rule.change(start, end), rule.none)
            total = rule.join(total, step)
            gap = (own - shared)[:, 0]
            counts.append(int(np.isfinite(gap).sum()))
            errors.append(np.nanvar(gap) / counts[-1] if counts[-1] else np.nan)
        changes.append(total)
        names = [np.array(codes)[flags] for flags in (after.asked & ~before.asked, before.asked & ~after.asked)]
        rows.append(
            {
                "moment": after.first,
                "entered": ", ".join(names[0]),
                "left": ", ".join(names[1]),
                "common": int(common.sum()),
                "link": float(total[0]),
                "standard_error": float(np.sqrt(sum(errors))),
                "n_before": counts[0],
                "n_after": counts[1],
            }
        )
    columns = ["moment", "entered", "left", "common", "link", "standard_error", "n_before", "n_after"]
    return changes, pd.DataFrame(rows, columns=columns)


def _means(part: np.ndarray, own: np.ndarray, shared: np.ndarray, survey: np.ndarray) -> np.ndarray:
    """Return weighted means by column over the rows that have both scores."""
    weight = np.where(np.isfinite(own) & np.isfinite(shared), survey[:, None], 0.0)
    mass = weight.sum(axis=0)
    return np.divide(
        (weight * np.nan_to_num(part)).sum(axis=0), mass, out=np.full(part.shape[1], np.nan), where=mass > 0
    )
