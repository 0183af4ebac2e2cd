"""The data of the interactive page: values by platform and stage, static, stage-wise and proposed weights, draws."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import xarray as xr

from maternal_eval.analyses.explorer.moments import linearised_values, pooled, unit_moments
from maternal_eval.analyses.explorer.result import ExplorerResult
from maternal_eval.analyses.explorer.settings import ExplorerSettings
from maternal_eval.analyses.schedule.result import ScheduleResult
from maternal_eval.analyses.schedule.rule import adopt
from maternal_eval.analyses.stage_weights.result import StageWeightsResult
from maternal_eval.analyses.weights.compute import static_weights
from maternal_eval.analyses.weights.hierarchy import sharing_groups
from maternal_eval.analyses.weights.posterior import weight_posterior
from maternal_eval.core.errors import InputError
from maternal_eval.core.progress import Progress, report
from maternal_eval.core.randomness import Seed
from maternal_eval.core.remarks import Remark
from maternal_eval.methods.composite import FULL_SCORE
from maternal_eval.results import Result, used
from maternal_eval.study import Study, survey_weights
from maternal_eval.study.labels import study_labels
from maternal_eval.study.small_cells import StudyCells, key_of
from maternal_eval.study.values import indicator_values, linear_remarks

DECIMALS = 4
"""Decimals of a mean (0–1) on the page: a mean by known survey weights to the last bit would tell who answered what."""


MOST_NAMED = 8
"""Units that are not shown and named."""


def prepare_explorer(
    study: Study,
    settings: ExplorerSettings | None = None,
    seed: Seed = 0,
    progress: Progress | None = None,
    *,
    results: Mapping[str, Result],
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
    schedule = used(results, "schedule", ScheduleResult)
    fitted = used(results, "stage_weights", StageWeightsResult)
    report(progress, "values by platform and stage", 0, 1)
    panel, model = study.panel, study.model
    period = study.test_period or (study.periods[-1] if study.periods else None)
    if period is not None:
        panel = panel[panel["period"] == period]
    codes = model.codes
    values = indicator_values(study, codes, panel)
    static = static_weights(study).loc[codes].to_numpy(dtype=float)
    linear, survey = linearised_values(values, static, sharing_groups(study)), survey_weights(panel)
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
            found=study.words.fill(
                f"no {{stage}} with two {{platforms}} of at least {max(minimum, 2)} {{respondents}} each", "en"
            ),
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
        weights=_weights(study, static, schedule, fitted.draws["weight"], settings.draws, seed),
        reasons=_reasons(schedule),
        period=period,
        title={"en": study.definition.title("en"), "zh": study.definition.title("zh")},
        labels=study_labels(study),
        dimensions={code: str(model.dimension_of[code]) for code in codes},
        stages=list(study.stages),
        study=study.name,
        simulated=study.simulated,
        remarks=[*linear_remarks(study.model_settings.aggregation), *_said(study, left_out, minimum)],
    )


def _said(study: Study, left_out: list[str], minimum: int) -> list[Remark]:
    if not left_out:
        return []
    named = ", ".join(left_out[:MOST_NAMED]) + (", …" if len(left_out) > MOST_NAMED else "")
    return [
        study.words.remark(
            f"{len(left_out)} units with fewer than {minimum} {{respondents}}, or from which such a one could be "
            f"worked out, are not shown: {{named}}.",
            f"{len(left_out)} 个单元不予显示（{{respondent}}不足 {minimum} 人，或可由其推算出此类单元）：{{named}}。",
            named=named,
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
        first = rows.nlargest(1, "probability_own").to_dict("records")[0]
        english = str(first["reason_en"])
        reasons[str(stage)] = {"en": f"{english[0].upper()}{english[1:]}.", "zh": f"{first['reason_zh']}。"}
    return reasons
