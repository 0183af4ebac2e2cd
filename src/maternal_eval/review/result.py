"""The quarterly review: how soon is a fall below the limit noticed, and how often is the alarm a false one?"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd

from maternal_eval.errors import InputError
from maternal_eval.randomness import generator, named
from maternal_eval.ranges import Majority, NotNegative, Positive, Ranged, Several
from maternal_eval.results import Progress, StudyResult
from maternal_eval.review.answers import moments
from maternal_eval.review.proposal import propose
from maternal_eval.review.rules import RULES, Chart
from maternal_eval.review.simulation import simulate_calm, simulate_falls
from maternal_eval.study import FILE_NAME, Study, survey_weights, turned_remark
from maternal_eval.weighting import study_labels

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LEVELS = {
    "all": ((), "all answers", "全部答卷"),
    "stage": (("stage",), "each stage", "各阶段"),
    "cell": (("stage", "platform"), "each stage and platform", "各阶段与平台"),
}
"""Levels of review: the columns whose combinations are watched apart, and their names."""

Z = 1.6448536269514722
"""Standard normal quantile of the reported 90 % interval."""


@dataclass(frozen=True)
class ReviewSettings(Ranged):
    """How the review works, and how it is examined.

    Attributes
    ----------
    answers
        New answers a quarter.
    limit
        Score that must not be passed, on the scale of the answers.
    confidence
        One-sided confidence of the interval rule; the cumulative sum is set to the same average run length at the
        limit, 1 / (1 - confidence) quarters.
    fall
        Distance below the limit that should be noticed soon: the cumulative sum is tuned to it.
    false_alarms
        False alarms a year that a proposal may give, over all scores of a level.
    falls, margins
        True distances below and above the limit that are simulated.
    sizes
        Answers a quarter to a single score that are simulated.
    replicates, horizon
        Simulated streams, and their length in quarters.
    """

    answers: Several = 2000
    limit: float = 3.0
    confidence: Majority = 0.95
    fall: Positive = 0.2
    false_alarms: Positive = 1.0
    falls: tuple[Positive, ...] = (0.05, 0.1, 0.2, 0.3, 0.5)
    margins: tuple[NotNegative, ...] = (0.0, 0.05, 0.1, 0.2, 0.35)
    sizes: tuple[Several, ...] = (15, 50, 150, 500, 1500)
    replicates: Several = 1000
    horizon: Several = 40

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0.5 < self.confidence < 1 or self.fall <= 0 or min(self.falls) <= 0 or min(self.margins) < 0:
            raise ValueError("a confidence between 0.5 and 1, falls above 0 and margins of at least 0")
        if min(self.answers, *self.sizes) < 2 or self.replicates < 2 or self.horizon < 4 or self.false_alarms <= 0:
            raise ValueError("at least 2 answers and replicates, 4 quarters and some false alarms")

    @classmethod
    def quick(cls) -> Self:
        """Return settings for a fast look."""
        return cls(replicates=300)

    def check(self, study: Study) -> None:
        """Hold limit and falls to the scale of the study's answers; raises :class:`InputError`."""
        low, high = _scale(study)
        for name, level in (("limit", self.limit), ("falls", self.limit - max(*self.falls, self.fall))):
            if not low < level < high:
                raise InputError(
                    "the review looks beyond the scale",
                    file=study.folder / FILE_NAME,
                    column=f"analysis.review.{name}",
                    found=f"a level of {level:g}",
                    expected=f"between {low:g} and {high:g}",
                )
        if self.limit + max(self.margins) >= high:
            raise InputError(
                "the review looks beyond the scale",
                file=study.folder / FILE_NAME,
                column="analysis.review.margins",
                found=f"a level of {self.limit + max(self.margins):g}",
                expected=f"between {low:g} and {high:g}",
            )


@dataclass(frozen=True)
class ReviewResult(StudyResult):
    """What the quarterly review notices, and when.

    Attributes
    ----------
    standing
        One row per indicator: weighted ``mean`` of the latest period with ``low``, ``high`` (90 %, normal),
        ``spread`` of an answer, ``answers`` to be expected a quarter, and in how many stages and cells it now lies
        below the limit (``stages_below``, ``cells_below``, point estimates).
    levels
        One row per level of review: number of ``scores``, median ``answers`` a quarter to each (rounded), and scores
        now below the limit.
    detection
        One row per answers, fall and rule: see :func:`~maternal_eval.review.simulation.simulate_falls`.
    false_alarms
        One row per answers, margin and rule: see :func:`~maternal_eval.review.simulation.simulate_calm`.
    proposal
        One row per level, rule and kind of threshold: see :func:`~maternal_eval.review.proposal.propose`.
    before
        Mean before the simulated fall: the median of the indicators.
    """

    standing: pd.DataFrame
    levels: pd.DataFrame
    detection: pd.DataFrame
    false_alarms: pd.DataFrame
    proposal: pd.DataFrame
    before: float
    period: int | None

    def table(self) -> pd.DataFrame:
        """Return usual and proposed thresholds with their false alarms and delays."""
        return self.proposal.copy()

    def plot(self, language: str = "en") -> Figure:
        """Draw detection delay and false-alarm rate by effect size and number of answers."""
        from maternal_eval.review.figures import plot_review

        return plot_review(self, language)

    def estimates(self) -> pd.DataFrame:
        """Return delays and rates (simulated), and thresholds and levels (computed)."""
        rows = []
        for row in self.detection.to_dict("records"):
            name = f"fall/{row['answers']}/{row['fall']}/{row['rule']}"
            rows += [(f"{name}/{what}", row[what], row[f"{what}_mcse"]) for what in ("delay", "within_year")]
        for row in self.false_alarms.to_dict("records"):
            rows.append((f"calm/{row['answers']}/{row['margin']}/{row['rule']}", row["rate"], row["rate_mcse"]))
        for row in self.proposal.to_dict("records"):
            name = f"{row['level']}/{row['rule']}/{row['threshold_kind']}"
            rows += [(f"{name}/{what}", row[what], 0.0) for what in ("false_alarms", "delay")]
        rows += [(f"standing/{row['indicator']}", row["mean"], 0.0) for row in self.standing.to_dict("records")]
        return pd.DataFrame(rows, columns=["quantity", "value", "mcse"]).set_index("quantity")


def simulate_review(
    study: Study,
    settings: ReviewSettings | None = None,
    seed: int | np.random.SeedSequence = 0,
    progress: Progress | None = None,
) -> ReviewResult:
    """Examine the quarterly review of a study.

    Answers are independent; their distribution is the mean one of the indicators in the latest period, moved along
    the proportional-odds family to the true mean that is asked for. The new answers of a quarter spread over stages,
    platforms and items as the panel's do.

    Raises
    ------
    InputError
        If the indicators have different scales, or the limit lies beyond them.
    """
    settings = settings or ReviewSettings()
    settings.check(study)
    low, _ = _scale(study)
    period = max(study.periods) if study.periods else None
    panel = study.panel if period is None else study.panel[study.panel["period"] == period]
    # the limit is one for all indicators: more has to be better in every one
    panel = panel.assign(**study.oriented(panel=panel))
    standing, levels, watched = _standing(study, panel.reset_index(drop=True), settings)
    shares = _mean_shares(study, panel)
    chart_of = {count: _chart(settings, moments(shares, low)[1], count) for count in settings.sizes}
    before = float(standing["mean"].median())
    common = (settings.confidence, settings.replicates, settings.horizon)
    confidence, replicates, horizon = common
    detection = simulate_falls(
        shares, low, chart_of, max(before, settings.limit), settings.falls, confidence, replicates, horizon,
        generator(named(seed, "falls")), progress,
    )  # fmt: skip
    calm = simulate_calm(
        shares, low, chart_of, settings.margins, confidence, replicates, horizon, generator(named(seed, "calm"))
    )
    return ReviewResult(
        standing=standing,
        levels=levels,
        detection=detection,
        false_alarms=calm,
        proposal=propose(watched, confidence, settings.false_alarms),
        before=before,
        period=None if period is None else int(period),
        labels=study_labels(study)
        | {name: {"en": rule.en, "zh": rule.zh} for name, rule in RULES.items()}
        | {f"level:{name}": {"en": en, "zh": zh} for name, (_, en, zh) in LEVELS.items()},
        settings=asdict(settings),
        study=study.name,
        simulated=study.simulated,
        remarks=turned_remark(study.model.indicators),
    )


def _scale(study: Study) -> tuple[float, float]:
    """Return the ends of the answers' scale, which all indicators have to share."""
    scales = {(indicator.low, indicator.high) for indicator in study.model.indicators}
    if len(scales) != 1:
        raise InputError(
            "the review needs one scale for all indicators",
            file=study.folder / FILE_NAME,
            column="indicators",
            found=", ".join(f"{low:g}–{high:g}" for low, high in sorted(scales)),
        )
    return scales.pop()


def _chart(settings: ReviewSettings, spread: float, count: int) -> Chart:
    return Chart(settings.limit, spread, max(int(count), 2), settings.fall)


def _mean_shares(study: Study, panel: pd.DataFrame) -> np.ndarray:
    """Return the mean over the indicators of the weighted shares of each answer."""
    low, high = _scale(study)
    weight = survey_weights(panel)
    scale = np.arange(low, high + 1)
    shares = []
    for code in study.model.codes:
        answers = panel[code].to_numpy(dtype=float)
        if np.isfinite(answers).any():
            found = np.array([weight[answers == answer].sum() for answer in scale])
            shares.append(found / found.sum())
    if not shares:
        raise InputError("nobody answered an indicator in the latest period", file=study.folder)
    return np.mean(shares, axis=0)


def _standing(
    study: Study, panel: pd.DataFrame, settings: ReviewSettings
) -> tuple[pd.DataFrame, pd.DataFrame, list[tuple[str, Chart, np.ndarray, np.ndarray]]]:
    """Return where the indicators stand, the levels of review, and what each of them watches."""
    weight = pd.Series(survey_weights(panel), index=panel.index)
    pace = settings.answers / len(panel)
    standing = pd.DataFrame([_moments_of(panel[code], weight, code) for code in study.model.codes]).dropna()
    standing["low"] = standing["mean"] - Z * standing["error"]
    standing["high"] = standing["mean"] + Z * standing["error"]
    standing["answers"] = standing["n"] * pace
    rows, watched = [], []
    for name, (columns, _, _) in LEVELS.items():
        if not set(columns) <= set(panel.columns):
            continue
        groups = [panel.index] if not columns else [g.index for _, g in panel.groupby(list(columns), observed=True)]
        scores = pd.DataFrame(
            [
                _moments_of(panel.loc[index, code], weight.loc[index], code)
                for index in groups
                for code in study.model.codes
            ]
        ).dropna()
        below = scores[scores["mean"] < settings.limit]
        if columns:
            counts = below.groupby("indicator").size().reindex(standing["indicator"]).fillna(0)
            standing[f"{name}s_below"] = counts.to_numpy().astype(int)
        size = max(round(float(scores["n"].median()) * pace), 2)
        rows.append({"level": name, "scores": len(scores), "answers": size, "below": len(below)})
        # single cells are too small to say where they stand: there a score is taken to stand where its indicator does
        level = scores["indicator"].map(standing.set_index("indicator")["mean"]) if name == "cell" else scores["mean"]
        above = (level >= settings.limit).to_numpy()
        spreads = scores["indicator"].map(standing.set_index("indicator")["spread"])
        chart = _chart(settings, float(standing["spread"].mean()), size)
        watched.append((name, chart, level[above].to_numpy(), spreads[above].to_numpy()))
    return standing.drop(columns=["error"]).reset_index(drop=True), pd.DataFrame(rows), watched


def _moments_of(answers: pd.Series, weight: pd.Series, code: str) -> dict[str, Any]:
    """Return the weighted mean of an indicator's answers, its standard error, the spread and their number."""
    known = answers.notna()
    n = int(known.sum())
    if n < 2:
        return {"indicator": code, "mean": np.nan, "error": np.nan, "spread": np.nan, "n": n}
    value, w = answers[known].to_numpy(dtype=float), weight[known].to_numpy()
    mean = np.average(value, weights=w)
    spread = np.sqrt(np.average((value - mean) ** 2, weights=w))
    error = np.sqrt(((w * (value - mean)) ** 2).sum()) / w.sum()
    return {"indicator": code, "mean": float(mean), "error": float(error), "spread": float(spread), "n": n}
