"""The Kano answers of a study: what was asked about, and the class counts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from maternal_eval.core.errors import InputError
from maternal_eval.methods.kano import ANSWER_CLASSES, LEVELS, classify
from maternal_eval.study import Study
from maternal_eval.study.kano_columns import SEPARATOR


@dataclass(frozen=True)
class KanoAnswers:
    """Classified answers.

    Attributes
    ----------
    answers
        One row per respondent and element: ``element``, ``class`` (position in
        :data:`~maternal_eval.methods.kano.ANSWER_CLASSES`) and ``stage`` if the answers have one.
    indicators
        Element → the indicators that it asks about; empty for what the evaluation model does not hold.
    labels
        Element → language → name.
    """

    answers: pd.DataFrame
    indicators: dict[str, tuple[str, ...]]
    labels: dict[str, dict[str, str]]

    @property
    def has_stages(self) -> bool:
        """Whether the answers belong to stages."""
        return "stage" in self.answers

    def counts(self, stage: str | None = None) -> np.ndarray:
        """Return elements × classes: how many answers of all stages, or of one, fall in each class."""
        chosen = self.answers if stage is None else self.answers[self.answers["stage"] == stage]
        place = pd.Index(list(self.indicators)).get_indexer(pd.Index(chosen["element"]))
        width = len(ANSWER_CLASSES)
        flat = np.bincount(place * width + chosen["class"].to_numpy(), minlength=len(self.indicators) * width)
        return flat.reshape(-1, width)


def read_answers(study: Study, like: int = 1) -> KanoAnswers:
    """Return the classified Kano answers of a study.

    Parameters
    ----------
    study
        A study with Kano answers, in a file of their own or in columns of the panel.
    like
        Which answer means "I like it": 1 (the other end, 5, means "I dislike it") or 5 (coded the other way round).

    Raises
    ------
    InputError
        If there are no Kano answers, an indicator or stage is unknown, or the answers are coded the other way round:
        taken together, people would like to lack what they are asked about.
    """
    table = study.kano_answers
    if table is None or table.empty:
        raise InputError("the study has no Kano answers", file=study.folder, expected="[files] kano or kano_columns")
    columns = study.kano_columns
    files = study.definition.files
    source = files.kano or study.panel_source
    if columns is None:
        indicators: dict[str, tuple[str, ...]] = {str(code): (str(code),) for code in table["indicator"].unique()}
        labels: dict[str, dict[str, str]] = {}
        unknown = ~table["indicator"].isin(study.model.codes).to_numpy()
        if unknown.any():
            row = int(unknown.argmax())
            raise InputError("the indicator is unknown", file=source, row=row + 2, column="indicator",
                             found=table["indicator"].iloc[row], expected="a code of the indicator file")  # fmt: skip
        indicators = {code: indicators[code] for code in study.model.codes if code in indicators}
        _refuse_twice(table, source)
    else:
        rows = columns.to_dict("records")
        indicators = {
            row["element"]: tuple(row["indicator"].split(SEPARATOR)) if row["indicator"] else () for row in rows
        }
        labels = {row["element"]: {"en": row["name_en"], "zh": row["name_zh"]} for row in rows}
    functional, dysfunctional = table["functional"].to_numpy(float), table["dysfunctional"].to_numpy(float)
    if like == LEVELS:
        functional, dysfunctional = LEVELS + 1 - functional, LEVELS + 1 - dysfunctional
    if functional.mean() > dysfunctional.mean():
        raise InputError(
            "the Kano answers seem to be coded the other way round: most would rather lack what they are asked about",
            file=source,
            column="functional, dysfunctional",
            found=f"{like} read as 'I like it'",
            expected=f"analysis.kano.like = {LEVELS + 1 - like}, or the two columns exchanged",
        )
    answers = pd.DataFrame({"element": table["indicator"].to_numpy(), "class": classify(functional, dysfunctional)})
    if "stage" in table and study.stages:
        stage = table["stage"].astype("str")
        unknown = (table["stage"].notna() & ~stage.isin(study.stages)).to_numpy()
        if unknown.any():
            row = int(unknown.argmax())
            raise InputError("the stage is unknown", file=source, row=row + 2, column="stage",
                             found=stage.iloc[row], expected="one of " + ", ".join(study.stages))  # fmt: skip
        answers["stage"] = stage.where(table["stage"].notna()).to_numpy()
    return KanoAnswers(answers, indicators, labels)


def _refuse_twice(table: pd.DataFrame, source: str) -> None:
    """Refuse a person who answers twice on one element in one stage, wave, …: one person would count for two."""
    twice = table.duplicated([name for name in table if name not in ("functional", "dysfunctional")]).to_numpy()
    if twice.any():
        row = int(twice.argmax())
        raise InputError(
            "a respondent answers twice on one element",
            file=source,
            row=row + 2,
            column="respondent",
            found=f"{table['respondent'].iloc[row]}, {table['indicator'].iloc[row]}",
            expected="one pair of answers (a further column, such as the wave, tells several apart)",
        )
