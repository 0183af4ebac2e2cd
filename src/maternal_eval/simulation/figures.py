"""The published figures that the simulated study is calibrated to: definition, target, tolerance, and what came out.

A figure is computed from the files of the study, as a reader would; only figures that are properties of the truth
(effects of a change, a weight) come from the truth, and say so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from maternal_eval.simulation import assumptions
from maternal_eval.simulation.experts import group_weights
from maternal_eval.simulation.truth import Truth


@dataclass(frozen=True)
class SimulatedFiles:
    """The generated tables of a study and the truth behind them."""

    panel: pd.DataFrame
    platform_log: pd.DataFrame
    experts: pd.DataFrame
    triangulation: pd.DataFrame
    truth: Truth


@dataclass(frozen=True)
class Figure:
    """One calibrated figure.

    Attributes
    ----------
    claims
        Ids of the published figures that it uses.
    what, definition
        What it is and how it is computed here.
    target, tolerance, unit
        The figure is met if the obtained value is within target ± tolerance (``at_least`` / ``at_most``: on that side).
    compute
        From the files to the obtained value.
    """

    claims: tuple[str, ...]
    what: str
    definition: str
    target: float
    tolerance: float
    unit: str
    compute: Callable[[SimulatedFiles], float]
    comparison: str = "within"

    def met(self, obtained: float) -> bool:
        """Whether an obtained value counts as the target."""
        if self.comparison == "at least":
            return obtained >= self.target - self.tolerance
        if self.comparison == "at most":
            return obtained <= self.target + self.tolerance
        return abs(obtained - self.target) <= self.tolerance


def weighted_mean(panel: pd.DataFrame, column: str) -> float:
    """Return the survey-weighted mean of the answers given."""
    answered = panel[panel[column].notna()]
    return float(np.average(answered[column].astype(float), weights=answered["weight"]))


def _mean(
    files: SimulatedFiles,
    columns: tuple[str, ...],
    year: int | None = None,
    factor: float = 1.0,
    **levels: str,
) -> float:
    panel = files.panel if year is None else files.panel[files.panel["year"] == year]
    for column, level in levels.items():
        panel = panel[panel[column] == level]
    return factor * float(np.mean([weighted_mean(panel, column) for column in columns]))


def _share(files: SimulatedFiles, column: str, levels: tuple[str, ...], **where: str) -> float:
    panel = files.panel
    for name, level in where.items():
        panel = panel[panel[name] == level]
    return 100 * float(panel.loc[panel[column].isin(levels), "weight"].sum() / panel["weight"].sum())


def _ratio(files: SimulatedFiles) -> float:
    return 100 * (_mean(files, ("satisfaction",), 2024) / _mean(files, ("satisfaction",), 2020) - 1)


def _gap(files: SimulatedFiles) -> float:
    vertical = _mean(files, ("repurchase",), 2024, platform_type="vertical")
    return 100 * (vertical - _mean(files, ("repurchase",), 2024, platform_type="general"))


def _postpartum(files: SimulatedFiles) -> float:
    after = _mean(files, ("repurchase",), stage="postpartum")
    return 100 * (after / _mean(files, ("repurchase",), stage="pregnancy") - 1)


def _community(files: SimulatedFiles) -> float:
    member = files.panel["S02"].notna()
    rates = [weighted_mean(files.panel[rows], "repurchase") for rows in (member, ~member)]
    return 100 * (rates[0] / rates[1] - 1)


def _promoter_score(files: SimulatedFiles) -> float:
    last = files.panel[(files.panel["year"] == 2024) & files.panel["recommend"].notna()]
    sign = (last["recommend"] >= 9).astype(float) - (last["recommend"] <= 6).astype(float)
    return 100 * float(np.average(sign, weights=last["weight"]))


def _trust_loss(files: SimulatedFiles) -> float:
    means = [_mean(files, ("trust",), year, platform=assumptions.HIDING_PLATFORM) for year in (2023, 2024)]
    return 100 * (means[1] / means[0] - 1)


def _young(files: SimulatedFiles) -> float:
    last = files.panel[files.panel["year"] == 2024]
    return 100 * float(np.average(last["age"] <= assumptions.YOUNG_UNTIL, weights=last["weight"]))


def _dimension_weight(files: SimulatedFiles, position: int) -> float:
    final = files.experts[(files.experts["round"] == 3) & (files.experts["set"] == "dimensions")]
    pairs = len(final) // final["expert"].nunique()
    return 100 * float(group_weights(final["judgement"].to_numpy().reshape(-1, pairs), 3)[position])


def agreement(files: SimulatedFiles) -> float:
    """Return the percentage of records in which no two sources lie more than 20 points apart."""
    readings = files.triangulation[["self_report", "service_record", "third_party"]]
    return 100 * float(((readings.max(axis=1) - readings.min(axis=1)) <= 20).mean())


def _growth(files: SimulatedFiles, year: int, base: int, years: int = 1) -> float:
    orders = files.platform_log.groupby(files.platform_log["month"].str[:4].astype(int))["orders"].sum()
    return 100 * ((float(orders[year]) / float(orders[base])) ** (1 / years) - 1)


def _last_log(files: SimulatedFiles) -> pd.DataFrame:
    return files.platform_log[files.platform_log["month"].str.startswith("2024")]


def _reply_minutes(files: SimulatedFiles) -> float:
    last = _last_log(files)
    return float(np.average(last["actual_response_minutes"], weights=last["enquiries"]))


def _promised(files: SimulatedFiles) -> float:
    return float(_last_log(files)["promised_response_minutes"].max())


def _reply_share(files: SimulatedFiles) -> float:
    last = _last_log(files)
    return 100 * float(last["replies"].sum() / last["posts"].sum())


def _qualification(files: SimulatedFiles) -> float:
    names, weights = files.truth.names, files.truth.weights.stage
    row = weights[names.stages.index("postpartum")]
    functional = [assumptions.dimension_of(code) == "functional" for code in names.codes]
    return 100 * float(row[names.codes.index("F10")] / row[functional].sum())


def _timeliness(files: SimulatedFiles, factor: str) -> float:
    return 100 * float(files.truth.expected["timeliness_on_repurchase"][factor])


def _anxiety(files: SimulatedFiles) -> float:
    return 100 * float(files.truth.expected["anxiety_on_promoters"])


def _count(files: SimulatedFiles, column: str) -> float:
    return float(files.experts[column].nunique())


_EMOTIONAL = tuple(f"E{number:02d}" for number in range(1, 11))
_SOCIAL = tuple(f"S{number:02d}" for number in range(1, 9))
_SATISFACTION, _REPURCHASE = ("satisfaction",), ("repurchase",)
_GENERAL, _VERTICAL = assumptions.LARGE_GENERAL, assumptions.LARGE_VERTICAL

COMPUTED: dict[str, Callable[[SimulatedFiles], float]] = {
    "satisfaction_2020": partial(_mean, columns=_SATISFACTION, year=2020),
    "satisfaction_2024": partial(_mean, columns=_SATISFACTION, year=2024),
    "satisfaction_gain": _ratio,
    "product_2024": partial(_mean, columns=("F01", "F05"), year=2024),
    "delivery_2024": partial(_mean, columns=("F11",), year=2024),
    "expertise_2024": partial(_mean, columns=("F07", "F09", "F10"), year=2024),
    "emotional_2024": partial(_mean, columns=_EMOTIONAL, year=2024),
    "social_2024": partial(_mean, columns=_SOCIAL, year=2024),
    "nutrition_2020": partial(_mean, columns=("F09",), year=2020, stage="pregnancy"),
    "nutrition_2024": partial(_mean, columns=("F09",), year=2024, stage="pregnancy"),
    "psychological_support_2024": partial(_mean, columns=("E05",), year=2024, stage="postpartum"),
    "satisfaction_large_general": partial(_mean, columns=_SATISFACTION, year=2024, factor=20.0, platform=_GENERAL),
    "satisfaction_large_vertical": partial(_mean, columns=_SATISFACTION, year=2024, factor=20.0, platform=_VERTICAL),
    "share_large_general": partial(_share, column="platform", levels=(_GENERAL,)),
    "share_large_vertical": partial(_share, column="platform", levels=(_VERTICAL,)),
    "share_health": partial(_share, column="platform", levels=("health_a",)),
    "share_small": partial(_share, column="platform", levels=("niche_a", "niche_b")),
    "share_upper_tiers": partial(_share, column="city_tier", levels=assumptions.TIERS[:3]),
    "share_young": _young,
    "share_early_pregnancy": partial(_share, column="trimester", levels=("early",), stage="pregnancy"),
    "share_mid_pregnancy": partial(_share, column="trimester", levels=("mid",), stage="pregnancy"),
    "repurchase_2024": partial(_mean, columns=_REPURCHASE, year=2024, factor=100.0),
    "repurchase_vertical_gap": _gap,
    "repurchase_social": partial(_mean, columns=_REPURCHASE, year=2024, factor=100.0, platform_type="social"),
    "repurchase_postpartum": _postpartum,
    "repurchase_community": _community,
    "timeliness_10": partial(_timeliness, factor="1.10"),
    "timeliness_80": partial(_timeliness, factor="1.80"),
    "anxiety_relief": _anxiety,
    "promoter_score": _promoter_score,
    "trust_loss": _trust_loss,
    "experts": partial(_count, column="expert"),
    "rounds": partial(_count, column="round"),
    "weight_functional": partial(_dimension_weight, position=0),
    "weight_emotional": partial(_dimension_weight, position=1),
    "weight_social": partial(_dimension_weight, position=2),
    "weight_qualification": _qualification,
    "agreement": agreement,
    "growth_2021_2023": partial(_growth, year=2023, base=2020, years=3),
    "growth_2024": partial(_growth, year=2024, base=2023),
    "growth_2020_2024": partial(_growth, year=2024, base=2020, years=4),
    "promised_minutes": _promised,
    "actual_minutes": _reply_minutes,
    "reply_share": _reply_share,
}
"""How each figure of ``figures.csv`` is computed from the files of a study."""


def read_figures(path: Path) -> tuple[Figure, ...]:
    """Return the calibrated figures; the file holds everything about them but the computation."""
    return tuple(
        Figure(
            claims=tuple(str(row["claims"]).split()),
            what=str(row["what"]),
            definition=str(row["definition"]),
            target=float(row["target"]),
            tolerance=float(row["tolerance"]),
            unit=str(row["unit"]),
            compute=COMPUTED[str(row["name"])],
            comparison=str(row["comparison"]),
        )
        for row in pd.read_csv(path, keep_default_na=False).to_dict("records")
    )


FIGURES = read_figures(Path(__file__).with_name("figures.csv"))


DESIGN_CLAIMS = {
    "s000-1.3-stage-count": "the panel has five stages",
    "s000-1.4-questionnaire-n": "5,000 respondents, here in each year",
    "s000-1.2-plan-users": "5,000 respondents, here in each year",
    "s000-2.3-longitudinal-n": "5,000 respondents, here in each year",
    "s000-3.3-satisf-sample": "5,000 respondents, here in each year",
    "s000-4.2-model-survey-n": "5,000 respondents, here in each year",
    "s000-1.4-age-range": "ages 20–40",
    "s000-1.4-likert-points": "five answers",
    "s000-1.5-dimension-count": "three dimensions",
    "s000-1.5-indicator-count": "30 indicators",
    "s000-3.1-months-postpartum": "the postpartum stage ends after six months",
    "s000-4.2-backtest-train-start": "four training years 2020–2023",
}
"""Published figures that are built into the design: nothing is estimated."""


def calibration_table(files: SimulatedFiles) -> pd.DataFrame:
    """Return target, obtained value, tolerance and verdict of every calibrated figure."""
    rows = []
    for figure in FIGURES:
        obtained = figure.compute(files)
        rows.append(
            {
                "claims": " ".join(figure.claims),
                "what": figure.what,
                "definition": figure.definition,
                "unit": figure.unit,
                "comparison": figure.comparison,
                "target": figure.target,
                "obtained": round(obtained, 3) + 0.0,
                "tolerance": figure.tolerance,
                "met": figure.met(obtained),
            }
        )
    return pd.DataFrame(rows)


def used_claims() -> tuple[str, ...]:
    """Return the ids of all claims that are calibrated to or built in, each once, in order."""
    ids = [claim for figure in FIGURES for claim in figure.claims] + list(DESIGN_CLAIMS)
    return tuple(dict.fromkeys(ids))
