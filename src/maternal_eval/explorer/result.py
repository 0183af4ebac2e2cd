"""The data of the interactive page: values by platform and stage, static, stage-wise and proposed weights, draws."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
import pandas as pd
import xarray as xr

from maternal_eval.disclosure.cells import StudyCells, key_of
from maternal_eval.errors import InputError
from maternal_eval.explorer.moments import linearised_values, pooled, unit_moments
from maternal_eval.randomness import Seed
from maternal_eval.ranges import Draws, Kappa, Ranged
from maternal_eval.results import Progress, Remark, Result, remark, report
from maternal_eval.schedule import ScheduleResult
from maternal_eval.schedule.rule import adopt
from maternal_eval.scoring.composite import FULL_SCORE
from maternal_eval.scoring.value import KAPPA, answer_value
from maternal_eval.study import Study, survey_weights
from maternal_eval.weighting import dimension_index, static_weights, study_labels, weight_posterior

DECIMALS = 4
"""Decimals of a mean (0–1) on the page: a mean by known survey weights to the last bit would tell who answered what."""

MOST_NAMED = 8
"""Units that are not shown and named."""


@dataclass(frozen=True)
class ExplorerSettings(Ranged):
    """How the page's data are prepared.

    Attributes
    ----------
    kappa
        Shape of the Kano value functions.
    draws
        Number of weight draws that the page carries: the uncertainty it shows is of that fineness.
    """

    kappa: Kappa = KAPPA
    draws: Draws = 200

    @classmethod
    def quick(cls) -> Self:
        """Return settings for a fast look."""
        return cls(draws=50)


@dataclass(frozen=True)
class ExplorerResult(Result):
    """What the interactive page is made of.

    Attributes
    ----------
    scores
        One row per stage and platform of the last period: ``n`` (respondents), ``static`` (score under the static
        weights, 0–100) and ``static_sd`` (its sampling standard error).
    moments
        ``mean`` (unit, indicator) and ``covariance`` (unit, indicator, other) of the indicator values, see
        :mod:`~maternal_eval.explorer.moments`; units in the order of ``scores``. With them a score is linear in the
        weights: that of the scoring for the static weights and any weights of the dimensions, and an approximation
        (the better, the fewer answers are missing) when weights move inside a dimension. Means are rounded to
        :data:`DECIMALS` decimals, and the covariances are of one spread that all units have in common
        (:func:`~maternal_eval.explorer.moments.pooled`): neither gives an answer away.
    weights
        ``static`` (indicator) and ``proposed`` (stage, indicator), each with draws of its uncertainty:
        ``static_draws`` (draw, indicator) and ``proposed_draws`` (stage, draw, indicator).
    reasons
        Stage → language → one sentence on what is proposed for it, and why.
    period
        The period that is shown; None where the study has none.
    remarks
        Which units are not shown.
    """

    scores: pd.DataFrame
    moments: xr.Dataset
    weights: xr.Dataset
    reasons: dict[str, dict[str, str]]
    period: int | None
    title: dict[str, str]
    labels: dict[str, dict[str, str]]
    dimensions: dict[str, str]
    stages: list[str]
    study: str
    simulated: bool
    remarks: list[Remark] = field(default_factory=list)

    def table(self) -> pd.DataFrame:
        """Return the scores under the static weights by stage and platform."""
        return self.scores.copy()

    def estimates(self) -> pd.DataFrame:
        """Return the scores under the static weights; nothing of these is sampled."""
        names = [f"score/{row.stage}/{row.platform}" for row in self.scores.itertuples()]
        return pd.DataFrame({"value": self.scores["static"].to_numpy(), "mcse": 0.0}, index=names).rename_axis(
            "quantity"
        )


def prepare_explorer(
    study: Study,
    settings: ExplorerSettings | None = None,
    seed: Seed = 0,
    progress: Progress | None = None,
    *,
    results: Mapping[str, Any],
) -> ExplorerResult:
    """Prepare the data of the interactive page: means of units with enough respondents, and their common spread.

    A unit with fewer respondents than ``[disclosure] minimum`` is left out, and so is one that other tables of the
    study hide.

    Parameters
    ----------
    study
        A study with indicators, stages and platforms.
    settings, seed
        See :class:`ExplorerSettings`.
    results
        ``stage_weights`` and ``schedule`` of the same study.

    Raises
    ------
    InputError
        If in no stage there are two platforms that may be shown.
    """
    settings = settings or ExplorerSettings()
    schedule: ScheduleResult = results["schedule"]
    report(progress, "values by platform and stage", 0, 1)
    panel, model = study.panel, study.model
    period = study.test_period or (study.periods[-1] if study.periods else None)
    if period is not None:
        panel = panel[panel["period"] == period]
    codes = model.codes
    values = answer_value(
        study.oriented(codes, panel).to_numpy(),
        [one.kano for one in model.indicators],
        np.array([one.low for one in model.indicators]),
        np.array([one.high for one in model.indicators]),
        settings.kappa,
    )
    static = static_weights(study).loc[codes].to_numpy(dtype=float)
    linear, survey = linearised_values(values, static, dimension_index(model)), survey_weights(panel)
    minimum = study.definition.disclosure.minimum
    cells = StudyCells.of(study, minimum)
    units, own, left_out = [], [], []
    for stage in study.stages:
        for platform in panel["platform"].cat.categories:
            of_unit = ((panel["stage"] == stage) & (panel["platform"] == platform)).to_numpy()
            found = unit_moments(linear[of_unit], survey[of_unit])
            key = key_of({"platform": platform, "stage": stage, "period": period}, {}, cells.has_periods)
            if of_unit.any() and (found is None or found.respondents < minimum or cells.hides(key)):
                left_out.append(f"{stage} / {platform}")
            elif found is not None:
                units.append((stage, str(platform)))
                own.append(found)
    if not units or max(sum(stage == other for other, _ in units) for stage, _ in units) < 2:
        raise InputError(
            "there is nothing to compare",
            found=f"no stage with two platforms of at least {max(minimum, 2)} respondents each",
            mend="a smaller minimum under [disclosure] in study.toml, where nobody has to be protected",
        )
    moments = pooled(own)
    scores = pd.DataFrame(
        [
            (
                *unit,
                one.respondents,
                FULL_SCORE * (static @ one.mean),
                FULL_SCORE * np.sqrt(static @ one.covariance @ static),
            )
            for unit, one in zip(units, moments, strict=True)
        ],
        columns=["stage", "platform", "n", "static", "static_sd"],
    )
    report(progress, "values by platform and stage", 1, 1)
    return ExplorerResult(
        scores=scores,
        moments=xr.Dataset(
            {
                "mean": (("unit", "indicator"), np.round([one.mean for one in moments], DECIMALS).astype(np.float32)),
                "covariance": (
                    ("unit", "indicator", "other"),
                    np.array([one.covariance for one in moments], dtype=np.float32),
                ),
            },
            {"indicator": codes, "other": codes},
        ),
        weights=_weights(study, static, schedule, results["stage_weights"].draws["weight"], settings.draws, seed),
        reasons=_reasons(schedule),
        period=period,
        title={"en": study.definition.title("en"), "zh": study.definition.title("zh")},
        labels=study_labels(study),
        dimensions={code: str(model.dimension_of[code]) for code in codes},
        stages=list(study.stages),
        study=study.name,
        simulated=study.simulated,
        remarks=_said(left_out, minimum),
    )


def _said(left_out: list[str], minimum: int) -> list[Remark]:
    if not left_out:
        return []
    named = ", ".join(left_out[:MOST_NAMED]) + (", …" if len(left_out) > MOST_NAMED else "")
    return [
        remark(
            f"{len(left_out)} units with fewer than {minimum} respondents, or from which such a one could be worked "
            f"out, are not shown: {named}.",
            f"{len(left_out)} 个单元不予显示（受访者不足 {minimum} 人，或可由其推算出此类单元）：{named}。",
        )
    ]


def _weights(
    study: Study, static: np.ndarray, schedule: ScheduleResult, stage_draws: xr.DataArray, draws: int, seed: Seed
) -> xr.Dataset:
    """Return static and proposed weights with draws; without experts the static weights count as known."""
    codes = study.model.codes
    posterior = weight_posterior(study)
    static_draws = np.tile(static, (draws, 1)) if posterior is None else posterior.global_draws(draws, seed)
    table = schedule.weights
    proposed, draws_by_stage = [], []
    for stage in study.stages:
        rows = table[table["stage"] == stage].set_index("indicator").loc[codes]
        proposed.append(rows["weight"].to_numpy(dtype=float))
        # An adopted weight is as sure as its posterior in this stage, the others as the experts' posterior.
        of_stage = stage_draws.sel(stage=stage, indicator=codes).to_numpy()[:draws].astype(float)
        draws_by_stage.append(adopt(static_draws[: len(of_stage)], of_stage, rows["proposed"].to_numpy(dtype=bool)))
    return xr.Dataset(
        {
            "static": ("indicator", static),
            "proposed": (("stage", "indicator"), np.array(proposed)),
            "static_draws": (("draw", "indicator"), static_draws[: len(draws_by_stage[0])].astype(np.float32)),
            "proposed_draws": (("stage", "draw", "indicator"), np.array(draws_by_stage, dtype=np.float32)),
        },
        {"indicator": codes, "stage": list(study.stages)},
    )


def _reasons(schedule: ScheduleResult) -> dict[str, dict[str, str]]:
    """Return one sentence a stage and language on what the schedule proposes there."""
    reasons = {}
    for stage, rows in schedule.weights.groupby("stage", sort=False):
        adopted = rows[rows["proposed"]]
        if len(adopted):
            moves = [f"{row.indicator} {row.static:.1%} → {row.weight:.1%}" for row in adopted.itertuples()]
            english, chinese = ", ".join(moves), "，".join(moves)
            reasons[str(stage)] = {"en": f"Proposed: {english}.", "zh": f"建议：{chinese}。"}
            continue
        # The reason of the weight that is likeliest to have changed is the one that decides.
        first = rows.nlargest(1, "probability_change").to_dict("records")[0]
        english = str(first["reason_en"])
        reasons[str(stage)] = {"en": f"{english[0].upper()}{english[1:]}.", "zh": f"{first['reason_zh']}。"}
    return reasons
