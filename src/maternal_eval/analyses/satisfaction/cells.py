r"""Counts of answers by cell: all that the satisfaction model needs to know of the respondents.

A cell is one stage in one period in one combination of segments. The likelihood of the answers depends on the
respondents only through these counts, so that a fit costs the same for 5,000 and for 50 million answers.

Survey weights enter as effective counts. In each cell the weighted counts are rescaled to add up to Kish's effective
sample size :math:`(\sum w)^2 / \sum w^2` of the cell (Kish 1965): the weighted shares of its answers stay as they
are, unequal weights cost precision, and no cell counts for more answers than it gave, however heavy its weights. How
large a part of the population a cell is, its ``share`` says, which poststratification carries. Where respondents
answer several times, or the study declares other clusters, effective counts are divided by the design effect of that
(:mod:`maternal_eval.methods.design_effect`). Else they are the counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import xarray as xr

from maternal_eval.analyses.satisfaction.margins import with_unheard_levels
from maternal_eval.core.arguments import whole, whole_numbers
from maternal_eval.core.errors import InputError
from maternal_eval.methods.design_effect import crossed_design_effects
from maternal_eval.study import OUTCOME_KINDS, Outcome, Study, cluster_codes, cluster_columns, masses, survey_weights
from maternal_eval.study.counts import tally
from maternal_eval.study.groups import EVERYONE

NOT_STATED = "(not stated)"
"""Level of a segment for respondents who did not say."""

NO_PERIOD = 0
"""The single period of a study that has none."""


def category_of(answers: np.ndarray, low: float, high: float) -> np.ndarray:
    """Return answers ``low`` … ``high`` as categories 0 … K-1; the only place where this is done.

    Raises
    ------
    InputError
        If an answer is not a whole number on the scale.

    Examples
    --------
    >>> category_of(np.array([1.0, 5.0, 3.0]), 1, 5).tolist()
    [0, 4, 2]
    """
    values = np.asarray(answers, dtype=float)
    wrong = ~((values >= low) & (values <= high) & (values == np.floor(values)))
    if wrong.any():
        raise InputError(
            "answer off the scale",
            row=int(np.argmax(wrong)),
            found=values[wrong][0],
            expected=f"a whole number from {low:g} to {high:g}",
        )
    return (values - low).astype(np.int64)


def answer_of(categories: np.ndarray, low: float) -> np.ndarray:
    """Return categories 0 … K-1 as answers ``low`` … ``high``: the inverse of :func:`category_of`.

    Raises
    ------
    InputError
        If a category is not a whole number of at least 0, or the lowest answer is not whole.
    """
    categories = whole_numbers(categories, "categories", low=0, empty=True)
    low = whole(low, "low")
    return categories + low


def effective_counts(weighted: np.ndarray, weight_squares: np.ndarray) -> np.ndarray:
    """Rescale weighted counts to the effective sample size of their cell.

    Parameters
    ----------
    weighted
        Cells × K: sums of weights.
    weight_squares
        Sum of squared weights in each cell.

    Returns
    -------
    numpy.ndarray
        Cells × K; adds up to (sum of weights)² / (sum of squared weights) in each cell that has answers: at most
        their number.

    Examples
    --------
    Weights 1, 1 and 2 in one cell, 5 and 5 in another: 16 / 6 and 2 answers.

    >>> effective_counts(np.array([[2.0, 2.0], [5.0, 5.0]]), np.array([6.0, 50.0])).sum(axis=1).round(3).tolist()
    [2.667, 2.0]
    """
    total = weighted.sum(axis=1)
    factor = np.divide(total, weight_squares, out=np.zeros(len(total)), where=weight_squares > 0)
    return weighted * factor[:, None]


def cell_counts(
    study: Study,
    outcome: Outcome | None = None,
    segments: Sequence[str] | None = None,
    periods: Sequence[int] | None = None,
    forecast: Sequence[int] = (),
    margins: Mapping[str, Mapping[str, float]] | None = None,
) -> xr.Dataset:
    """Count the answers to an outcome by stage, period and segments.

    Parameters
    ----------
    study
        The study; without stages or periods there is a single one.
    outcome
        An outcome with ordered categories; the primary one if None.
    segments
        Segment columns that make cells, ``platform`` included where answers belong to platforms; the study's
        segments if None.
    periods
        Periods whose answers are counted; all of the study's if None.
    forecast
        Further periods to be predicted: their cells have no answers, whatever the panel holds.
    margins
        Stated population shares (segment → level → share): a level with a share whom nobody in a stage and period
        belongs to gets cells without answers there, to be predicted.

    Returns
    -------
    xarray.Dataset
        Coordinates ``answer``, ``stage``, ``period`` and the segments hold the levels, ``period_step`` the step of time
        of each period. By cell:
        ``stage_index``, ``period_index``, ``SEGMENT_index``; ``answers``, ``weighted`` and ``effective`` (cell,
        answer); ``share``, the weighted share of the cell among the respondents of its stage and period. A stage
        without answers in a period gets the shares of the stage over all counted periods. With margins also
        ``start``, the share that raking starts from, and ``stratum``: 0 where the levels of the cell were heard in its
        stage and period, else the number (from 1) of its level in its stage. Attributes: number
        of ``answers``, of ``respondents``, and of rows ``left_out`` because stage, answer or weight is missing (or
        the weight is zero); ``intraclass`` correlation of answers of the same respondent; names of the further
        ``clusters``, their ``cluster_numbers`` and ``cluster_intraclass`` correlations.

    Raises
    ------
    InputError
        If the outcome has no ordered categories, a segment is unknown, a weight is negative, no answer is left,
        all answers are equal, or a margin cannot be used.
    """
    outcome = outcome or study.primary_outcome
    if not OUTCOME_KINDS[outcome.kind].ordered_categories or outcome.low is None or outcome.high is None:
        raise InputError(f"outcome {outcome.name} has no ordered categories", found=outcome.kind)
    segments = tuple(study.segments if segments is None else segments)
    known = (*study.segments, *(["platform"] if study.has_platforms else []))
    for segment in segments:
        if segment not in known:
            raise InputError("unknown segment", found=segment, expected=", ".join(known) or "none")
    counted = tuple(study.periods if periods is None else periods) or (NO_PERIOD,)
    frame, left_out = _answered(study, outcome, segments, counted)
    times = sorted({*counted, *forecast})
    levels = _levels(study, frame, segments, times)
    index = pd.DataFrame({name: _codes(frame, name, values) for name, values in levels.items()})
    number, weight, weight_squares = masses(frame)
    category = category_of(frame[outcome.name].to_numpy(), outcome.low, outcome.high)
    if (category == category[0]).all():
        raise InputError(
            f"all answers to {outcome.name} are equal: nothing differs between stages",
            found=f"{len(category)} times {frame[outcome.name].iloc[0]:g}",
            expected="at least two different answers",
        )
    shape = tuple(len(values) for values in levels.values())
    flat, cell = np.unique(np.ravel_multi_index(tuple(index.T.to_numpy()), shape), return_inverse=True)
    size, answers = len(flat), outcome.levels
    place = cell * answers + category
    weighted = np.bincount(place, weight, minlength=size * answers).reshape(size, answers)
    raw = np.bincount(place, number, minlength=size * answers).astype(np.int64).reshape(size, answers)
    cells = pd.DataFrame(np.stack(np.unravel_index(flat, shape), axis=1), columns=list(levels))
    squares = np.bincount(cell, weight_squares, minlength=size)
    domain = (cells["stage"] * shape[1] + cells["period"]).to_numpy()
    effective = effective_counts(weighted, squares)
    names = [name for name in cluster_columns(study) if name in frame]
    clusters = cluster_codes(frame, names)
    correlations, effect = crossed_design_effects(category.astype(float), clusters, domain[cell])
    effective = effective / effect[domain][:, None]
    distinct = {name: int(code.max()) + 1 for name, code in zip(names, clusters, strict=True)}
    cells["weight"] = weighted.sum(axis=1)
    cells = pd.concat([cells, _empty_cells(cells, list(levels), shape[0], shape[1])], ignore_index=True)
    more = {}
    if margins:
        cells = with_unheard_levels(cells, levels, margins)
        more = {name: ("cell", cells[name].to_numpy()) for name in ("start", "stratum")}
    of_domain = cells.groupby(["stage", "period"])["weight"]
    empty = len(cells) - size
    tables = {"answers": raw, "weighted": weighted, "effective": effective}
    data = {
        name: (("cell", "answer"), np.concatenate([table, np.zeros((empty, answers), table.dtype)]))
        for name, table in tables.items()
    }
    return xr.Dataset(
        data
        | {f"{name}_index": ("cell", cells[name].to_numpy(dtype=np.int64)) for name in levels}
        | {"period_step": ("period", study.timeline.positions(times))}
        | {"share": ("cell", (cells["weight"] / of_domain.transform("sum")).to_numpy())}
        | more,
        coords={"answer": answer_of(np.arange(answers), outcome.low)} | levels,
        attrs={
            "outcome": outcome.name,
            "answers": int(number.sum()),
            "respondents": distinct.get("respondent", int(number.sum())),
            "intraclass": dict(zip(names, correlations.tolist(), strict=True)).get("respondent", 0.0),
            "left_out": left_out,
        }
        | _of_clusters(names, distinct, correlations),
    )


def _of_clusters(names: Sequence[str], distinct: Mapping[str, int], correlations: np.ndarray) -> dict[str, list]:
    """Return what is said of the clusters beside the respondents; nothing without any: files hold no empty list."""
    places = [place for place, name in enumerate(names) if name != "respondent"]
    if not places:
        return {}
    return {
        "clusters": [names[place] for place in places],
        "cluster_numbers": [distinct[names[place]] for place in places],
        "cluster_intraclass": [float(correlations[place]) for place in places],
    }


def _answered(
    study: Study, outcome: Outcome, segments: Sequence[str], periods: Sequence[int]
) -> tuple[pd.DataFrame, int]:
    if study.counted is None:
        frame = study.panel
    else:
        used = [name for name in ("stage", "period", *segments, outcome.name) if name in study.panel]
        frame = tally(study, used)
    if "period" in frame:
        frame = frame[frame["period"].isin(periods)]
    keep = frame[outcome.name].notna()
    if "stage" in frame:
        keep &= frame["stage"].notna()
    keep &= survey_weights(frame) > 0
    if not keep.any():
        raise InputError(
            f"no answers to {outcome.name} with a stage and a weight", expected="at least one in the periods used"
        )
    kept = frame[keep]
    rows = int(frame["rows"].sum()) if "rows" in frame else len(frame)
    return kept, rows - int(masses(kept).number.sum())


def _levels(
    study: Study, frame: pd.DataFrame, segments: Sequence[str], periods: Sequence[int]
) -> dict[str, list[str] | list[int]]:
    levels: dict[str, list[str] | list[int]] = {"stage": list(study.stages) or [EVERYONE], "period": list(periods)}
    for segment in segments:
        present = [str(level) for level in frame[segment].cat.categories if (frame[segment] == level).any()]
        levels[segment] = present + ([NOT_STATED] if frame[segment].isna().any() else [])
    return levels


def _codes(frame: pd.DataFrame, name: str, levels: Sequence[str] | Sequence[int]) -> np.ndarray:
    if name not in frame:
        return np.zeros(len(frame), dtype=np.int64)
    if name == "period":
        return np.searchsorted(np.asarray(levels), frame[name].to_numpy())
    texts = frame[name].astype(object).where(frame[name].notna(), NOT_STATED).astype(str)
    return pd.Categorical(texts, list(levels)).codes.astype(np.int64)


def _empty_cells(cells: pd.DataFrame, factors: list[str], stages: int, periods: int) -> pd.DataFrame:
    """Return cells for stages and periods without answers, weighted like the stage (or everybody) elsewhere."""
    known = set(zip(cells["stage"], cells["period"], strict=True))
    missing = [(s, t) for s in range(stages) for t in range(periods) if (s, t) not in known]
    made = []
    for stage, period in missing:
        of_stage = cells["stage"] == stage
        alike = cells.loc[of_stage if of_stage.any() else ~of_stage]
        block = alike.assign(stage=stage, period=period).groupby(factors)["weight"].sum().reset_index()
        made.append(block)
    if not made:
        return cells.iloc[:0]
    return pd.concat(made, ignore_index=True)[[*factors, "weight"]]
