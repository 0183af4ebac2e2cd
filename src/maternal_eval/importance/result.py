"""Do the weights act as stated, and what would change if a part or the weights were others?"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Self

import numpy as np
import pandas as pd

from maternal_eval.errors import InputError
from maternal_eval.importance.effects import importance_tables
from maternal_eval.importance.ranking import leave_out_table, rank_tables
from maternal_eval.importance.remarks import importance_remarks
from maternal_eval.randomness import named
from maternal_eval.ranges import Count, Kappa, Positive, Ranged, Several
from maternal_eval.results import Progress, StudyResult, remark, report
from maternal_eval.scoring import KAPPA, indicator_values
from maternal_eval.study import Study, survey_weights, turned_remark
from maternal_eval.weighting import static_weights, study_labels

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class ImportanceSettings(Ranged):
    """How importance is computed.

    Attributes
    ----------
    kappa
        Shape of the Kano value functions.
    draws
        Draws of the experts' weights for ranks.
    resamples
        Bootstrap resamples of respondents, and of platforms.
    attained
        Largest gap between a wished and an attained share that still counts as attained.
    """

    kappa: Kappa = KAPPA
    draws: Count = 10_000
    resamples: Several = 200
    attained: Positive = 0.005

    @classmethod
    def quick(cls) -> Self:
        """Return settings for a fast look."""
        return cls(draws=1000, resamples=50)


_ERRORS = {"linear": 0.0, "nonlinear": 1e-4, "effective": 0.0}
"""What is compared between runs, with its numerical error."""


@dataclass(frozen=True)
class ImportanceResult(StudyResult):
    """What the weights do.

    Intervals are equal-tailed with probability :data:`~maternal_eval.intervals.PROBABILITY`, from a bootstrap of the
    respondents or, over units, of the platforms (of the units where there is one platform or none); empty with fewer
    than :data:`~maternal_eval.importance.effects.FEWEST_RESAMPLED` of these.

    Attributes
    ----------
    importance
        One row per ``level`` ("respondents", "units": platform × stage × period), ``set`` ("dimensions" or
        "indicators") and ``element``: ``nominal`` weight; ``linear`` importance (squared correlation with the
        composite) and ``nonlinear`` one (correlation ratio); ``own`` and ``correlated``, which add up to ``linear``;
        ``effective``, the linear importance normalised to the sum 1 over the set, with ``low``, ``high``, ``error``
        (bootstrap standard error), and ``effective_nonlinear``.
    reweighted
        Per level, set and element: the ``weight`` that would make its importance the ``nominal`` one, and the share it
        would ``attain``.
    attainable
        Per level and set: the largest ``gap`` to the wished shares, and whether they are ``attained``.
    leave_out
        Per set and element left out, and per level of ranked ``units``: ``mean_shift`` of the ranks in the last period,
        ``largest`` shift, ``count`` of units, and who is ``first`` then.
    ranks
        Ranks in the last period under the experts' weights: ``units``, ``unit``, ``nominal`` rank, ``low``, ``high``,
        ``mean``, ``share_first``; empty without experts.
    wins
        Probability over the experts' weights that ``unit`` scores above ``other``.
    skipped
        What could not be computed, and why.
    """

    importance: pd.DataFrame
    reweighted: pd.DataFrame
    attainable: pd.DataFrame
    leave_out: pd.DataFrame
    ranks: pd.DataFrame
    wins: pd.DataFrame
    skipped: list[dict[str, str]]
    period: int | None

    def table(self) -> pd.DataFrame:
        """Return nominal and effective importance of every dimension and indicator."""
        return self.importance.copy()

    def plot(self, language: str = "en") -> Figure:
        """Draw nominal against effective importance."""
        from maternal_eval.importance.figures import plot_importance

        return plot_importance(self, language)

    def estimates(self) -> pd.DataFrame:
        """Return importances (exact functions of the data) and shares of draws, with their Monte-Carlo errors."""
        rows = []
        for row in self.importance.to_dict("records"):
            name = f"{row['level']}/{row['set']}/{row['element']}"
            # The penalty of the smoother is found to a tolerance, not exactly.
            rows += [(f"{what}/{name}", row[what], error) for what, error in _ERRORS.items()]
        rows += [
            (f"leave out/{row['units']}/{row['set']}/{row['element']}", row["mean_shift"], 0.0)
            for row in self.leave_out.to_dict("records")
        ]
        for row in self.wins.to_dict("records"):
            error = np.sqrt(max(row["probability"] * (1 - row["probability"]), 1e-3) / self.settings["draws"])
            rows.append((f"wins/{row['units']}/{row['unit']}/{row['other']}", row["probability"], error))
        table = pd.DataFrame(rows, columns=["quantity", "value", "mcse"]).dropna()
        return table.set_index("quantity")


def analyse_importance(
    study: Study,
    settings: ImportanceSettings | None = None,
    seed: int | np.random.SeedSequence = 0,
    progress: Progress | None = None,
) -> ImportanceResult:
    """Say what the weights of a study do, which weights would do what is stated, and what hangs on them.

    Parameters
    ----------
    study
        A study with indicators.
    settings, seed, progress
        See :class:`ImportanceSettings`; the seed serves the bootstrap and the draws of weights.

    Raises
    ------
    InputError
        If the study has no indicators.
    """
    settings = settings or ImportanceSettings()
    if not study.model.indicators:
        raise InputError("the study has no indicators", file=study.folder, expected="[indicators]")
    weights = static_weights(study).to_numpy(dtype=float)
    values = indicator_values(study, settings.kappa)
    survey = survey_weights(study.panel)
    skipped: list[dict[str, str]] = []
    report(progress, "importance", 0, 3)
    importance, reweighted, attainable = importance_tables(
        study, values, weights, survey, settings.resamples, settings.attained, named(seed, "bootstrap"), skipped
    )
    report(progress, "importance: leaving out", 1, 3)
    left = leave_out_table(study, values, weights, survey, skipped)
    report(progress, "importance: ranks", 2, 3)
    ranks, wins = rank_tables(study, values, weights, survey, settings.draws, named(seed, "ranks"), skipped)
    report(progress, "importance", 3, 3)
    return ImportanceResult(
        importance=importance,
        reweighted=reweighted,
        attainable=attainable,
        leave_out=left,
        ranks=ranks,
        wins=wins,
        skipped=skipped,
        period=study.periods[-1] if study.periods else None,
        labels=study_labels(study),
        settings=asdict(settings),
        study=study.name,
        simulated=study.simulated,
        remarks=[
            *turned_remark(study.model.indicators),
            *importance_remarks(study, values, survey, importance),
            *[remark(f"{one['part']}: {one['en']}.", f"{one['part']}：{one['zh']}。") for one in skipped],
        ],
    )
