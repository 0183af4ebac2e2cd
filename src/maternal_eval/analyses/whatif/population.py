"""Respondents as the what-if sees them: values, composites under sets of weights, design columns, units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from maternal_eval.analyses.weights.hierarchy import sharing_groups
from maternal_eval.core.errors import InputError
from maternal_eval.methods.many_weights import composite_by_run
from maternal_eval.methods.sensitivity.elasticity import control_columns, control_names
from maternal_eval.study import Indicator, Study, survey_weights
from maternal_eval.study.model_settings import ValueSettings
from maternal_eval.study.values import indicator_values

CENTRE = 0.5
"""Composite value that is subtracted in the design: thresholds then belong to a middling service."""

CONTROLS = ("period", "stage", "platform")
"""Columns whose levels the regressions hold fixed, beside the study's segments."""


@dataclass(frozen=True)
class Population:
    """Respondents with a stage, an answer to some indicator and a positive survey weight.

    Attributes
    ----------
    panel
        Their rows of the panel.
    answers, values
        Respondents × indicators: answers on the user's scale, which scenarios move, and their values in [0, 1], larger
        is better; NaN where not answered.
    stage
        Position of each respondent's stage.
    survey
        Survey weights.
    codes
        Codes of the indicators, in the order of the columns.
    low, high, reverse
        Ends of the scale of each indicator, and whether less of it is better.
    indicators
        The indicators themselves.
    dimension
        Which indicators share the weight of an unanswered one (:func:`sharing_groups`).
    touched
        Positions of the indicators that some scenario changes: they enter the regressions on their own.
    controls
        Respondents × dummies of period, stage, platform and segments.
    shapes
        Shape of the value functions.
    """

    panel: pd.DataFrame
    answers: np.ndarray
    values: np.ndarray
    stage: np.ndarray
    survey: np.ndarray
    codes: tuple[str, ...]
    low: np.ndarray
    high: np.ndarray
    reverse: np.ndarray
    indicators: tuple[Indicator, ...]
    dimension: np.ndarray
    touched: np.ndarray
    controls: np.ndarray
    shapes: ValueSettings

    @classmethod
    def of(cls, study: Study, touched: Sequence[str]) -> Population:
        """Return the population of a study; ``touched`` are codes of indicators."""
        survey = survey_weights(study.panel)
        answers = study.panel[study.model.codes].to_numpy(dtype=float)
        stage = pd.Categorical(study.panel["stage"].astype(str), categories=list(study.stages)).codes
        used = (stage >= 0) & np.isfinite(answers).any(axis=1) & (survey > 0)
        if not used.any():
            raise InputError("no respondent has both a stage and an answer to an indicator", file=study.folder)
        indicators = study.model.indicators
        low = np.array([indicator.low for indicator in indicators])
        high = np.array([indicator.high for indicator in indicators])
        reverse = np.array([indicator.reversed for indicator in indicators])
        panel = study.panel[used].reset_index(drop=True)
        return cls(
            panel=panel,
            answers=answers[used],
            values=indicator_values(study, panel=panel),
            stage=stage[used].astype(np.int64),
            survey=survey[used],
            codes=tuple(study.model.codes),
            low=low,
            high=high,
            reverse=reverse,
            indicators=indicators,
            dimension=sharing_groups(study),
            touched=np.array([study.model.codes.index(code) for code in touched], dtype=np.int64),
            controls=control_columns(panel, [*CONTROLS, *study.segments]),
            shapes=study.model_settings.values,
        )

    def column(self, code: str) -> int:
        """Return the position of an indicator."""
        return self.codes.index(code)

    def composites(self, weights: np.ndarray, rows: np.ndarray, values: np.ndarray | None = None) -> np.ndarray:
        """Return the composite values (rows × sets, 0–1) for weights (sets × stages × indicators).

        ``values`` stands in for the respondents' own (rows × indicators), e.g. after an intervention.
        """
        values = self.values[rows] if values is None else values
        result = np.empty((len(rows), len(weights)))
        for place in np.unique(self.stage[rows]):
            here = np.flatnonzero(self.stage[rows] == place)
            for sets, composite in composite_by_run(values[here], weights[:, place], self.dimension):
                result[here, sets] = composite
        return result

    def direct(self, answers: np.ndarray) -> np.ndarray:
        """Return position on the scale of the touched indicators and its square, centred; 0 where not answered."""
        position = (answers[:, self.touched] - self.low[self.touched]) / (self.high - self.low)[self.touched]
        return np.nan_to_num(np.hstack([position - 0.5, (position - 0.5) ** 2]))

    def direct_columns(self, columns: np.ndarray) -> np.ndarray:
        """Return the columns of :meth:`direct` that belong to touched indicators (their positions)."""
        places = np.flatnonzero(np.isin(self.touched, columns))
        return np.concatenate([places, len(self.touched) + places])

    def design(self, composite: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """Return the columns of the regressions for one set of weights.

        Composite by stage, touched indicators (position, square), whether each was left out, controls. An indicator
        that everybody answered has a column of zeros, which the prior keeps harmless.
        """
        missing = np.isnan(self.answers[rows][:, self.touched]).astype(float)
        return np.hstack(
            [
                self.by_stage(composite - CENTRE, rows),
                self.direct(self.answers[rows]),
                missing,
                self.controls[rows],
            ]
        )

    def columns(self, study: Study) -> list[str]:
        """Return the names of the columns of :meth:`design`."""
        touched = [self.codes[place] for place in self.touched]
        names = [f"composite ({stage})" for stage in study.stages[: self.stages]]
        names += [*touched, *(f"{code}²" for code in touched), *(f"{code} left out" for code in touched)]
        held = control_names(self.panel, [*CONTROLS, *study.segments])
        controls = pd.get_dummies(self.panel[held].astype(str), drop_first=True).columns if held else ()
        return names + [str(name) for name in controls]

    def by_stage(self, column: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """Return a column spread over one column per stage."""
        result = np.zeros((len(rows), self.stages))
        result[np.arange(len(rows)), self.stage[rows]] = column
        return result

    @property
    def stages(self) -> int:
        """Number of stages that occur."""
        return int(self.stage.max()) + 1


@dataclass(frozen=True)
class Units:
    """What is reported on: everybody, each platform, each stage — as sums over platform × stage cells.

    Attributes
    ----------
    names
        One row per unit: ``platform`` and ``stage``, empty text standing for all.
    order
        Positions of the target respondents sorted by cell.
    start
        Cells + 1: where each cell begins in that order, and the number of respondents.
    membership
        Units × cells, 0 or 1.
    """

    names: pd.DataFrame
    order: np.ndarray
    start: np.ndarray
    membership: np.ndarray

    @classmethod
    def of(cls, panel: pd.DataFrame, stages: Sequence[str]) -> Units:
        """Return the units of the target respondents; stages in the study's order."""
        frame = pd.DataFrame({"stage": panel["stage"].astype(str)})
        frame["platform"] = panel["platform"].astype(str) if "platform" in panel else ""
        cell, cells = pd.factorize(pd.MultiIndex.from_frame(frame[["platform", "stage"]]))
        platforms = sorted(set(frame["platform"]) - {""})
        present = [stage for stage in stages if stage in set(frame["stage"])]
        # One stage alone is everybody, who stand there already.
        alone = [] if len(stages) < 2 else present
        units = [("", ""), *((platform, "") for platform in platforms), *(("", stage) for stage in alone)]
        membership = [
            [platform in ("", of_platform) and stage in ("", of_stage) for of_platform, of_stage in cells]
            for platform, stage in units
        ]
        return cls(
            pd.DataFrame(units, columns=["platform", "stage"]),
            np.argsort(cell, kind="stable"),
            np.concatenate([[0], np.cumsum(np.bincount(cell))]),
            np.array(membership, dtype=float),
        )

    @property
    def cell(self) -> np.ndarray:
        """Cell of each respondent in sorted order."""
        return np.repeat(np.arange(len(self.start) - 1), np.diff(self.start))
