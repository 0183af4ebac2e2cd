"""Cells of a study without rows: per question the answers of each cell, for what is averaged inside cells.

A composite of means is the mean of composites where it is linear and every respondent answered everything; that is all
that counts can say. Of what varies between the respondents of a cell, each question is known alone and nothing of how
questions go together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from maternal_eval.study.counts import factors, tally
from maternal_eval.study.study import Study

type Worth = Callable[[str, np.ndarray], np.ndarray]
"""Question, its answers → what each answer is worth."""


@dataclass(frozen=True)
class Answers:
    """The answers to one question by cell.

    Attributes
    ----------
    values
        ``(K,)``: the different answers, rising.
    number, weight
        ``(cells, K)``: number of answers, sum of their weights.
    squares
        ``(cells,)``: sum of squared weights.
    """

    values: np.ndarray
    number: np.ndarray
    weight: np.ndarray
    squares: np.ndarray

    @cached_property
    def effective(self) -> np.ndarray:
        """Effective number of answers of each cell, (Σw)² / Σw² (Kish 1965); 0 without any."""
        total = self.weight.sum(axis=1)
        return np.divide(total**2, self.squares, out=np.zeros(len(total)), where=self.squares > 0)

    def means(self, worth: np.ndarray) -> np.ndarray:
        """Return the mean worth of the answers of each cell; NaN without any."""
        total = self.weight.sum(axis=1)
        return np.divide(self.weight @ worth, total, out=np.full(len(total), np.nan), where=total > 0)

    def variances(self, worth: np.ndarray, ends: np.ndarray) -> np.ndarray:
        r"""Return the variance of the mean worth of each cell, as far as it is not known.

        With effective counts and half an answer more at either end of the scale, so that equal answers are no
        certainty: the shares are Dirichlet then, and the mean of K worths has the variance
        :math:`(\overline{x^2} - \bar x^2) / (n + 2)`.

        Parameters
        ----------
        worth
            ``(K,)`` worth of each answer.
        ends
            ``(2,)`` worth of the lowest and of the highest answer of the scale.

        Returns
        -------
        numpy.ndarray
            ``(cells,)``; NaN with less than two effective answers.
        """
        total, size = self.weight.sum(axis=1), self.effective
        counts = self.weight * np.divide(size, total, out=np.zeros(len(total)), where=total > 0)[:, None]
        mean, square = ((counts @ worth**power + 0.5 * (ends**power).sum()) / (size + 1.0) for power in (1, 2))
        return np.where(size >= 2.0, np.maximum(square - mean**2, 0.0) / (size + 2.0), np.nan)


@dataclass(frozen=True)
class CellTable:
    """The finest cells of a study without rows.

    Attributes
    ----------
    frame
        One row per cell: platform, stage, period, quarter and segments (as far as the study has them), and ``counted``,
        ``weight`` and ``weight_squares`` of the question that was answered most often in it: as many respondents as are
        known of.
    answers
        The answers to each question, by name, in the order of ``frame``.
    """

    frame: pd.DataFrame
    answers: dict[str, Answers]

    @classmethod
    def of(cls, study: Study, names: Sequence[str]) -> CellTable:
        """Return the cells of the answers to the named questions in the periods that the study uses."""
        columns = factors(study)
        lines = {name: tally(study, [*columns, name]).dropna(subset=[name]) for name in names}
        everything = pd.concat([part[columns] for part in lines.values()], ignore_index=True)
        for column in columns:  # parts that know different levels put together lose their kind
            everything[column] = _levelled(everything[column], [part[column] for part in lines.values()])
        group = everything.groupby(columns, dropna=False, observed=True, sort=True) if columns else None
        number = group.ngroup().to_numpy() if group is not None else np.zeros(len(everything), dtype=np.int64)
        first = pd.Series(np.arange(len(number))).groupby(number).first().to_numpy()
        frame = everything.iloc[first].reset_index(drop=True)
        ends = np.cumsum([len(part) for part in lines.values()])
        answers = {
            name: _answers(part, name, place, len(frame))
            for (name, part), place in zip(lines.items(), np.split(number, ends[:-1]), strict=True)
        }
        size = np.stack([one.number.sum(axis=1) for one in answers.values()])
        most = size.argmax(axis=0), np.arange(len(frame))
        frame["counted"] = size[most].astype(np.int64)
        frame["weight"] = np.stack([one.weight.sum(axis=1) for one in answers.values()])[most]
        frame["weight_squares"] = np.stack([one.squares for one in answers.values()])[most]
        return cls(frame, answers)

    def means(self, names: Sequence[str], worth: Worth) -> np.ndarray:
        """Return the mean worth of the answers to each question, cells × questions; NaN where nobody answered."""
        return np.stack([self.answers[name].means(worth(name, self.answers[name].values)) for name in names], axis=1)

    def variances(self, names: Sequence[str], worth: Worth, scales: Mapping[str, tuple[float, float]]) -> np.ndarray:
        """Return the variances of :meth:`means`, as far as they are not known; ``scales`` holds the ends of each."""
        parts = [
            self.answers[name].variances(worth(name, self.answers[name].values), worth(name, np.array(scales[name])))
            for name in names
        ]
        return np.stack(parts, axis=1)


def _levelled(column: pd.Series, parts: Sequence[pd.Series]) -> pd.Series:
    """Return a column with the kind of its parts: categories of all of them, in their order."""
    kinds = [part.dtype for part in parts]
    if not all(isinstance(kind, pd.CategoricalDtype) for kind in kinds):
        return column
    levels = list(dict.fromkeys(level for kind in kinds for level in kind.categories))  # type: ignore[union-attr]
    ordered = all(kind.ordered for kind in kinds)  # type: ignore[union-attr]
    return pd.Series(pd.Categorical(column, levels if ordered else sorted(levels), ordered=ordered), index=column.index)


def _answers(lines: pd.DataFrame, name: str, place: np.ndarray, cells: int) -> Answers:
    values, answer = np.unique(lines[name].to_numpy(dtype=float), return_inverse=True)
    at, shape = place * len(values) + answer, (cells, len(values))

    def table(column: str) -> np.ndarray:
        return np.bincount(at, lines[column].to_numpy(dtype=float), minlength=cells * len(values)).reshape(shape)

    return Answers(values, table("counted"), table("weight"), table("weight_squares").sum(axis=1))
