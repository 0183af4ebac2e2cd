"""The schedule: per stage and weight, what is proposed, why or why not, and in how many quarters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd

from maternal_eval.dynamic_weights import StageWeightsResult
from maternal_eval.errors import InputError
from maternal_eval.plotting.language import LANGUAGES
from maternal_eval.ranges import NotNegative, Ranged, Share
from maternal_eval.results import Progress, Result, StudyResult
from maternal_eval.schedule.comparison import compare_in_backtest
from maternal_eval.schedule.rule import adopt, path, quarters_needed
from maternal_eval.schedule.text import REASONS, paragraph
from maternal_eval.study import Study

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from maternal_eval.backtest import BacktestResult


@dataclass(frozen=True)
class ScheduleSettings(Ranged):
    """When a change is proposed, and how fast it comes.

    The region of practical equivalence is that of the stage weights (``equivalence`` there).

    Attributes
    ----------
    credible
        Least posterior probability of a change beyond the region of practical equivalence.
    margin
        What the backtest may lose before it counts as worse, as a share of the static weights' score.
    cap
        Largest change of a weight of the whole in one quarter: 0.02 is two percentage points.
    """

    credible: float = 0.95
    margin: NotNegative = 0.02
    cap: Share = 0.02

    def __post_init__(self) -> None:
        super().__post_init__()
        if not (0.5 < self.credible <= 1 and self.margin >= 0 and 0 < self.cap <= 1):
            raise ValueError("a schedule needs 0.5 < credible <= 1, margin >= 0 and 0 < cap <= 1")

    @classmethod
    def quick(cls) -> Self:
        """Return settings for a fast look: the same, since nothing is sampled here."""
        return cls()


@dataclass(frozen=True)
class ScheduleResult(StudyResult):
    """What should move, and why the rest should not.

    Attributes
    ----------
    weights
        One row per stage and indicator: ``static`` weight of the whole, posterior ``mean``, ``low``, ``high`` of the
        stage, ``probability_change`` (beyond the region of practical equivalence), ``proposed``, ``weight`` (after
        adopting what is proposed; each stage sums to 1), and ``reason`` with its words in both languages.
    stages
        One row per stage: ``proposed`` (how many), ``rest_factor`` (what the other weights of the stage are multiplied
        by to make room) and ``quarters`` (until it is reached).
    quarters
        One row per quarter (0 = now), stage and indicator: ``weight``. Each stage sums to 1 in each quarter.
    comparison
        The backtest of stage weights against static ones, see :class:`~maternal_eval.schedule.comparison.Comparison`;
        empty where the backtest does not hold both.
    holds
        Whether the backtest is not worse with stage weights.
    effective
        Effective number of draws behind the probabilities.
    text
        The proposal as a paragraph, by language.
    """

    weights: pd.DataFrame
    stages: pd.DataFrame
    quarters: pd.DataFrame
    comparison: dict[str, Any]
    holds: bool
    effective: float
    equivalence: float
    text: dict[str, str]
    outcome: str

    @property
    def proposals(self) -> pd.DataFrame:
        """The rows of :attr:`weights` that are proposed to move."""
        return self.weights[self.weights["proposed"]].reset_index(drop=True)

    def table(self) -> pd.DataFrame:
        """Return one row per stage and indicator; see :attr:`weights`."""
        return self.weights.copy()

    def paragraph(self, language: str = "en") -> str:
        """Return the proposal as a paragraph in ``language`` ("en" or "zh")."""
        return self.text[language]

    def plot(self, language: str = "en") -> Figure:
        """Draw the likeliest changes against the region of practical equivalence, and the way there by quarters."""
        from maternal_eval.schedule.figures import plot_schedule

        return plot_schedule(self, language)

    def estimates(self) -> pd.DataFrame:
        """Return the probabilities of a change and the difference in the backtest, with Monte-Carlo standard errors.

        The weights that follow jump where a probability passes the threshold, so they are not compared.
        """
        probability = self.weights["probability_change"].to_numpy()
        names = "probability/" + self.weights["stage"] + "/" + self.weights["indicator"]
        # One draw more or less at the ends, where the binomial error is zero.
        spread = probability * (1.0 - probability) + 1.0 / self.effective
        table = pd.DataFrame({"value": probability, "mcse": np.sqrt(spread / self.effective)}, index=names)
        if self.comparison:
            table.loc["backtest difference"] = [self.comparison["difference"], self.comparison["mcse"]]
        return table.rename_axis("quantity")


def propose_schedule(
    study: Study,
    settings: ScheduleSettings | None = None,
    seed: int | np.random.SeedSequence = 0,
    progress: Progress | None = None,
    *,
    results: Mapping[str, Result],
) -> ScheduleResult:
    """Propose weights by stage where the answers AND the backtest allow it; elsewhere the static weights stay.

    A weight of a stage is proposed to move if both hold:

    1. the posterior probability that it lies beyond the region of practical equivalence of its static weight, on its
       likelier side, is at least ``credible``;
    2. the backtest does not get worse with weights by stage (:func:`~maternal_eval.schedule.comparison.
       compare_in_backtest`). This is one condition for all weights, because the forecaster uses them together.

    An adopted weight takes its posterior mean; the others of its stage share the rest in proportion to their static
    weights (:func:`~maternal_eval.schedule.rule.adopt`), and all move on a straight line in steps of at most ``cap``.

    Parameters
    ----------
    results
        ``stage_weights`` and ``backtest`` of the same study.
    seed, progress
        Not used: nothing is sampled here.

    Raises
    ------
    InputError
        If the stage weights were learned from an outcome that the study does not have.
    """
    settings = settings or ScheduleSettings()
    fitted, backtest = _expected(results)
    if fitted.outcome not in study.outcomes:
        raise InputError("the stage weights are about another study", found=fitted.outcome)
    comparison = compare_in_backtest(backtest, fitted.outcome, settings.margin)
    table = fitted.weights
    stages, codes = list(dict.fromkeys(table["stage"])), list(dict.fromkeys(table["indicator"]))
    shape = (len(stages), len(codes))
    static = table["static"].to_numpy().reshape(shape)[0]
    likely = (table["probability_change"] >= settings.credible).to_numpy()
    holds = comparison is not None and comparison.holds
    chosen = likely & holds
    target = adopt(static, table["mean"].to_numpy().reshape(shape), chosen.reshape(shape))
    refusal = "no backtest" if comparison is None else "backtest worse"
    reason = np.where(chosen, "proposed", np.where(likely, refusal, "no relevant change"))
    columns = ["stage", "indicator", "dimension", "static", "mean", "low", "high", "probability_change"]
    weights = table[columns].assign(
        proposed=chosen,
        weight=target.ravel(),
        reason=reason,
        reason_en=[REASONS[name][0] for name in reason],
        reason_zh=[REASONS[name][1] for name in reason],
    )
    compared = asdict(comparison) if comparison else {}
    result = ScheduleResult(
        weights=weights,
        stages=_stage_table(stages, static, target, chosen.reshape(shape), settings.cap),
        quarters=_quarter_table(stages, codes, path(static, target, settings.cap)),
        comparison={name: _plain(value) for name, value in compared.items()},
        holds=holds,
        effective=fitted.effective,
        equivalence=float(fitted.settings["equivalence"]),
        text={},
        outcome=fitted.outcome,
        labels=fitted.labels,
        settings=asdict(settings),
        study=study.name,
        simulated=study.simulated,
    )
    return replace(result, text={language: paragraph(result, comparison, language) for language in LANGUAGES})


def _expected(results: Mapping[str, Result]) -> tuple[StageWeightsResult, BacktestResult]:
    fitted, backtest = results["stage_weights"], results["backtest"]
    assert isinstance(fitted, StageWeightsResult)
    return fitted, backtest  # type: ignore[return-value]


def _plain(value: Any) -> Any:
    """Return a number that JSON can hold: None for NaN."""
    return None if isinstance(value, float) and np.isnan(value) else value


def _stage_table(
    stages: list[str], static: np.ndarray, target: np.ndarray, chosen: np.ndarray, cap: float
) -> pd.DataFrame:
    kept = np.where(chosen, 0.0, static).sum(axis=1)
    left = np.where(chosen, 0.0, target).sum(axis=1)
    factor = np.divide(left, kept, out=np.ones_like(left), where=kept > 0)
    return pd.DataFrame(
        {
            "stage": stages,
            "proposed": chosen.sum(axis=1),
            "rest_factor": factor,
            "quarters": quarters_needed(static, target, cap),
        }
    )


def _quarter_table(stages: list[str], codes: list[str], steps: np.ndarray) -> pd.DataFrame:
    index = pd.MultiIndex.from_product([range(len(steps)), stages, codes], names=["quarter", "stage", "indicator"])
    return pd.DataFrame({"weight": steps.ravel()}, index=index).reset_index()
