"""Which Kano class each indicator has, and whether the answers confirm the class that the model gives it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Self

import numpy as np
import pandas as pd
from scipy.stats import chi2_contingency, false_discovery_control

from maternal_eval.kano.answers import KanoAnswers, read_answers
from maternal_eval.kano.evaluation import (
    ANSWER_CLASSES,
    better_worse,
    better_worse_interval,
    fong_test,
    modal_probability,
)
from maternal_eval.kano.remarks import remarks_on_classes
from maternal_eval.randomness import Seed
from maternal_eval.ranges import Majority, Positive, Ranged
from maternal_eval.results import Progress, StudyResult
from maternal_eval.study import Study
from maternal_eval.weighting import study_labels

if TYPE_CHECKING:
    from matplotlib.figure import Figure

CONFIRMED, QUESTIONED, UNDECIDED, NOT_GIVEN = "confirmed", "questioned", "undecided", "not given"
"""Verdicts on the class that the model gives an indicator."""


@dataclass(frozen=True)
class KanoSettings(Ranged):
    """How Kano answers are read.

    Attributes
    ----------
    like
        The answer that means "I like it", 1 or 5.
    prior
        Dirichlet prior per class; ½ is Jeffreys'.
    threshold
        Probability that decides: of the model's class being the most frequent one (confirmed), or of another one being
        it (questioned).
    """

    like: int = 1
    prior: Positive = 0.5
    threshold: Majority = 0.95

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.like not in (1, 5):
            raise ValueError("like is 1 or 5")

    @classmethod
    def quick(cls) -> Self:
        """Return the settings themselves: nothing here takes long."""
        return cls()


@dataclass(frozen=True)
class KanoResult(StudyResult):
    """What the Kano answers say.

    Intervals are equal-tailed posterior intervals, exact. Nothing is sampled.

    Attributes
    ----------
    elements
        One row per element: ``element``, ``n``, the count of each class, ``modal`` (most frequent class),
        ``probability`` (posterior probability that it is the most frequent one in the population), ``better`` and
        ``worse`` with ``…_low`` and ``…_high``, ``fong_difference``, ``fong_critical``, ``fong_significant``, and
        ``probability_<class>``.
    stages
        The same by stage; empty without stages.
    differences
        Whether the classes differ between stages: ``element``, ``cramers_v`` (0 none … 1), ``p_value`` (chi-squared),
        ``q_value`` (false discovery rate over the elements, Benjamini & Hochberg 1995).
    verdicts
        One row per indicator that was asked about: ``indicator``, ``element``, ``given`` (the model's class),
        ``modal``, ``probability_given`` and ``verdict``: confirmed where the given class is the most frequent one with
        at least the threshold's probability, questioned where another one is, undecided between.
    """

    elements: pd.DataFrame
    stages: pd.DataFrame
    differences: pd.DataFrame
    verdicts: pd.DataFrame

    def table(self) -> pd.DataFrame:
        """Return one row per element: counts, modal class and its probability, coefficients."""
        columns = ["element", "n", *ANSWER_CLASSES, "modal", "probability", "fong_significant", "better", "worse"]
        return self.elements[columns].copy()

    def plot(self, language: str = "en") -> Figure:
        """Draw the Kano map: how far an element satisfies where it is there and dissatisfies where it is not."""
        from maternal_eval.kano.figures import plot_kano

        return plot_kano(self, language)

    def estimates(self) -> pd.DataFrame:
        """Return coefficients and the probability of the most frequent class; nothing of these is sampled."""
        values = {}
        for row in self.elements.to_dict("records"):
            for name in ("better", "worse", "probability"):
                values[f"{name}/{row['element']}"] = row[name]
        return pd.DataFrame({"value": values, "mcse": 0.0}).rename_axis("quantity")


def analyse_kano(
    study: Study, settings: KanoSettings | None = None, seed: Seed = 0, progress: Progress | None = None
) -> KanoResult:
    """Say which class each element has by its answers, how surely, and what that means for the model's classes.

    Raises
    ------
    InputError
        See :func:`~maternal_eval.kano.answers.read_answers`.
    """
    settings = settings or KanoSettings()
    answers = read_answers(study, settings.like)
    elements = _table(answers, answers.counts(), settings)
    stages, differences = _by_stage(study, answers, settings)
    labels = study_labels(study) | answers.labels
    unanswered = [name for name in map(str, answers.indicators) if name not in set(elements["element"])]
    return KanoResult(
        elements=elements,
        stages=stages,
        differences=differences,
        verdicts=_verdicts(study, answers, elements, settings),
        labels=labels,
        remarks=remarks_on_classes(elements, unanswered, labels),
        settings=asdict(settings),
        study=study.name,
        simulated=study.simulated,
    )


def _table(answers: KanoAnswers, counts: np.ndarray, settings: KanoSettings) -> pd.DataFrame:
    names = list(ANSWER_CLASSES)
    table = pd.DataFrame({"element": list(answers.indicators), "n": counts.sum(axis=1)})
    table[names] = counts
    probability = modal_probability(counts, settings.prior)
    modal = counts.argmax(axis=1)
    table["modal"] = [names[place] for place in modal]
    table["probability"] = probability[np.arange(len(modal)), modal]
    table["better"], table["worse"] = better_worse(counts)
    ends = better_worse_interval(counts, settings.prior)
    table["better_low"], table["better_high"], table["worse_low"], table["worse_high"] = ends
    fong = fong_test(counts)
    table["fong_difference"], table["fong_critical"] = fong.difference, fong.critical
    table["fong_significant"] = fong.significant
    table[[f"probability_{name}" for name in names]] = probability
    # An element that nobody answered has no class.
    return table[table["n"] > 0].reset_index(drop=True)


def _by_stage(study: Study, answers: KanoAnswers, settings: KanoSettings) -> tuple[pd.DataFrame, pd.DataFrame]:
    empty = pd.DataFrame({"element": [], "cramers_v": [], "p_value": [], "q_value": []})
    if not answers.has_stages:
        return pd.DataFrame({"stage": [], "element": []}), empty
    counts = {stage: answers.counts(stage) for stage in study.stages}
    stages = pd.concat([_table(answers, of_stage, settings).assign(stage=stage) for stage, of_stage in counts.items()])
    stages = stages[["stage", *stages.columns.drop("stage")]].reset_index(drop=True)
    rows = []
    for place, element in enumerate(answers.indicators):
        cross = np.stack([of_stage[place] for of_stage in counts.values()])
        cross = cross[cross.sum(axis=1) > 0][:, cross.sum(axis=0) > 0]
        if min(cross.shape) < 2:
            continue
        test = chi2_contingency(cross)
        rows.append((element, float(np.sqrt(test.statistic / cross.sum() / (min(cross.shape) - 1))), test.pvalue))
    if not rows:
        return stages, empty
    differences = pd.DataFrame(rows, columns=["element", "cramers_v", "p_value"])
    differences["q_value"] = false_discovery_control(differences["p_value"])
    return stages, differences


def _verdicts(study: Study, answers: KanoAnswers, elements: pd.DataFrame, settings: KanoSettings) -> pd.DataFrame:
    rows = []
    for row in elements.to_dict("records"):
        element = row["element"]
        for code in answers.indicators[element]:
            given = study.model.indicator(code).kano
            chance = row.get(f"probability_{given}", np.nan)
            verdict = UNDECIDED
            if np.isnan(chance):
                verdict = NOT_GIVEN
            elif chance >= settings.threshold:
                verdict = CONFIRMED
            elif 1 - chance >= settings.threshold:
                verdict = QUESTIONED
            rows.append((code, element, given, row["modal"], chance, verdict))
    columns = ["indicator", "element", "given", "modal", "probability_given", "verdict"]
    return pd.DataFrame(rows, columns=columns)
