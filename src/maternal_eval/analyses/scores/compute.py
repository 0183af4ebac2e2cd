"""Scores of a study: platform × life stage × period, as far as the study has these."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from maternal_eval.analyses.scores.counted import (
    counted_columns,
    counted_composite,
    counted_remarks,
    counted_star_table,
)
from maternal_eval.analyses.scores.linking import LINKING_RULES, link, regimes
from maternal_eval.analyses.scores.tables import FACTORS, score_cells, score_remarks, star_table
from maternal_eval.analyses.weights.compute import static_weights
from maternal_eval.analyses.weights.hierarchy import dimension_index
from maternal_eval.core.errors import InputError
from maternal_eval.core.progress import Progress, report
from maternal_eval.core.randomness import Seed, generator
from maternal_eval.methods.composite import Composite, composite
from maternal_eval.methods.value import short_of
from maternal_eval.study import Study, survey_weights, turned_remark
from maternal_eval.study.labels import described
from maternal_eval.study.values import asked_of, indicator_values

if TYPE_CHECKING:
    pass
from maternal_eval.analyses.scores.result import ScoresResult
from maternal_eval.analyses.scores.settings import ScoresSettings

MARGINS = (("stage", "period"), ("platform", "period"), ("period",))
"""Coarser units that are scored beside the finest ones."""


def score_respondents(study: Study, weights: pd.Series | None = None, *, gated: bool = False) -> Composite:
    """Return the composite score of every row of the panel, or of every cell of a study without rows.

    Values and aggregation are those of the study. Scores stand as they are: across a change of indicators they are not
    linked (a link is learned from both sides of the change, which a forecast may not do).

    Parameters
    ----------
    study
        The study.
    weights
        Global weights by indicator code; the static ones if not given.
    gated
        Whether the must-be gate holds.

    Raises
    ------
    InputError
        If the study has no indicators.
    """
    _require_indicators(study)
    if study.counted is not None:
        return counted_composite(study, _weights(study, weights))
    return _composite(study, _weights(study, weights), gated=gated)


def score_respondents_by_stage(study: Study, tables: list[pd.DataFrame]) -> list[np.ndarray]:
    """Return the score of every row with the weights of its stage, once for each table of weights.

    Parameters
    ----------
    study
        The study.
    tables
        Global weights, stages × indicator codes.

    Returns
    -------
    list of numpy.ndarray
        ``(rows,)`` each, 0–100; NaN where the stage of a row is not known.
    """
    _require_indicators(study)
    values, asked = indicator_values(study), asked_of(study, study.model.indicators, study.panel)
    aggregation = study.model_settings.aggregation
    stage, index = study.panel["stage"].to_numpy(), dimension_index(study.model)
    found = [np.full(len(study.panel), np.nan) for _ in tables]
    for name in study.stages:
        mine = stage == name
        for scores, table in zip(found, tables, strict=True):
            weights = table.loc[name, study.model.codes].to_numpy(dtype=float)
            scores[mine] = composite(
                values[mine],
                weights,
                index,
                aggregation.exponents,
                asked=asked[mine],
                unanswered=aggregation.unanswered,
            ).score
    return found


def _require_indicators(study: Study) -> None:
    if not study.model.indicators:
        raise InputError("the study has no indicators", file=study.folder, expected="[indicators]")


def _weights(study: Study, weights: pd.Series | None) -> np.ndarray:
    weights = static_weights(study) if weights is None else weights
    return weights.loc[study.model.codes].to_numpy(dtype=float)


def _short(study: Study) -> np.ndarray:
    indicators, gate = study.model.indicators, study.model_settings.aggregation.gate
    low, high = (np.array([getattr(one, end) for one in indicators]) for end in ("low", "high"))
    answers = study.oriented().to_numpy()
    return short_of(answers, [one.kano for one in indicators], low, high, gate)


def _composite(study: Study, weights: np.ndarray, *, gated: bool) -> Composite:
    aggregation = study.model_settings.aggregation
    return composite(
        indicator_values(study),
        weights,
        dimension_index(study.model),
        aggregation.exponents,
        short=_short(study) if gated else None,
        asked=asked_of(study, study.model.indicators, study.panel),
        unanswered=aggregation.unanswered,
    )


def score_study(
    study: Study,
    settings: ScoresSettings | None = None,
    seed: Seed = 0,
    progress: Progress | None = None,
    *,
    weights: pd.Series | None = None,
) -> ScoresResult:
    """Score a study by platform × stage × period, as far as it has these.

    Parameters
    ----------
    study
        The study; answers without a stage are left out of the units that have one.
    settings, seed
        See :class:`ScoresSettings`; the seed serves the bootstrap.
    weights
        Global weights by indicator code, e.g. of a :class:`~maternal_eval.analyses.weights.result.WeightsResult`; the
        static ones if not given.

    Raises
    ------
    InputError
        If the study has no indicators, nobody answered one, or they change so that scores cannot be linked.
    """
    settings = settings or ScoresSettings()
    _require_indicators(study)
    weights = static_weights(study) if weights is None else weights
    respondents, links = _score_columns(study, _weights(study, weights), settings)
    random = generator(seed)
    factors = [factor for factor in FACTORS if factor in respondents]
    if not (respondents["score"].notna() & (respondents["weight"] > 0)).any():
        raise InputError(
            "nobody answered an indicator: there is nothing to score",
            file=study.panel_source,
            found=f"{len(respondents)} rows without an answer that counts",
            expected="at least one answer to an indicator",
        )
    coarser = [tuple(factor for factor in level if factor in factors) for level in MARGINS]
    levels = list(dict.fromkeys([tuple(factors), *(level for level in coarser if level)]))
    tables = []
    for done, level in enumerate(levels):
        report(progress, "scores by " + (" × ".join(level) or "all"), done, len(levels) + 1)
        tables.append(score_cells(respondents, level, settings.resamples, random))
    report(progress, "stars", len(levels), len(levels) + 1)
    of_items = star_table if study.counted is None else counted_star_table
    stars = of_items(study, settings.resamples, random)
    report(progress, "scores", len(levels) + 1, len(levels) + 1)
    named = [table.assign(level=" × ".join(level)) for level, table in zip(levels[1:], tables[1:], strict=True)]
    margins = pd.concat(named, ignore_index=True) if named else tables[0].iloc[:0].assign(level="")
    return ScoresResult(
        scores=tables[0],
        margins=margins,
        links=links,
        stars=stars,
        weights=weights.rename_axis("indicator").rename("weight").reset_index(),
        **described(study, settings),
        remarks=[
            *turned_remark(study.model.indicators),
            *(score_remarks if study.counted is None else counted_remarks)(study, respondents, tables[0], stars),
        ],
    )


def _score_columns(study: Study, weights: np.ndarray, settings: ScoresSettings) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return one row per answer with the factors and everything that is averaged, linked; and the table of links."""
    if study.counted is not None:
        return counted_columns(study, weights, LINKING_RULES[settings.linking])
    found, aggregation = regimes(study), study.model_settings.aggregation
    plain, gated = (_composite(study, weights, gated=flag) for flag in (False, True))
    values, dimension = indicator_values(study), dimension_index(study.model)

    def on(rows: np.ndarray, asked: np.ndarray) -> np.ndarray:
        kept = np.where(asked, values[rows], np.nan)
        part = composite(kept, weights, dimension, aggregation.exponents, unanswered=aggregation.unanswered)
        return np.column_stack([part.score, part.dimensions])

    survey, rule = survey_weights(study.panel), LINKING_RULES[settings.linking]
    changes, links = link(found, study.model.codes, on, survey, rule)
    linked = np.column_stack([plain.score, plain.dimensions])
    capped = gated.score.copy()
    for regime, change in zip(found, changes, strict=True):
        linked[regime.rows] = rule.apply(linked[regime.rows], change)
        capped[regime.rows] = rule.apply(capped[regime.rows], change[0])
    columns = {"score": linked[:, 0], "answered": plain.answered, "weight": survey, "gated": capped}
    columns["short"] = np.where(np.isnan(plain.score), np.nan, _short(study).any(axis=1))
    columns |= {f"dimension_{one.name}": linked[:, 1 + at] for at, one in enumerate(study.model.dimensions)}
    factors = [factor for factor in FACTORS if factor in study.panel]
    frame = pd.concat([study.panel[factors], pd.DataFrame(columns, index=study.panel.index)], axis=1)
    return frame, links
