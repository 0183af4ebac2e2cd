"""Names of a study's stages, dimensions, indicators and outcomes in both languages, as results carry them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from maternal_eval.core.languages import LANGUAGES, check_language
from maternal_eval.study import Indicator, Outcome, Study


def study_labels(study: Study) -> dict[str, dict[str, str]]:
    """Return code → language ("en", "zh") → name for stages, dimensions, indicators, outcomes, periods not written as
    their codes, and answers that the file calls something (:func:`answer_name`)."""
    labels = {stage.name: {"en": stage.name_en, "zh": stage.name_zh} for stage in study.stage_levels}
    labels |= {one.name: {"en": one.name_en, "zh": one.name_zh} for one in study.model.dimensions}
    labels |= {one.code: _scaled(one) for one in study.model.indicators}
    labels |= {one.name: _scaled(one) for one in study.outcomes.values()}
    for column in study.answer_labels:
        labels |= answer_labels_of(study, column)
    return study.timeline.names() | labels


def answer_labels_of(study: Study, column: str) -> dict[str, dict[str, str]]:
    """Return what the file calls the answers of an indicator or outcome, for :func:`answer_name`."""
    called = study.answer_labels.get(column, {})
    return {_answer_key(column, code): {str(one): label for one in LANGUAGES} for code, label in called.items()}


def described(study: Study, settings: Any) -> dict[str, Any]:
    """Return the fields by which a result says what it was computed from and how.

    Parameters
    ----------
    study
        The study.
    settings
        The settings of the analysis, a dataclass.

    Returns
    -------
    dict
        ``labels`` (:func:`study_labels`), ``settings`` (with the tables of [model] that the analysis reads), ``study``
        (its name) and ``simulated``.
    """
    return {
        "labels": study_labels(study),
        "settings": study.model_settings.beside(settings),
        "study": study.name,
        "simulated": study.simulated,
    }


def _scaled(entry: Indicator | Outcome) -> dict[str, str]:
    """Return the names of an answer, which say so where less of it is better: tables and figures keep its scale."""
    if not entry.reversed:
        return {"en": entry.name_en, "zh": entry.name_zh}
    return {"en": f"{entry.name_en} (less is better)", "zh": f"{entry.name_zh}（越小越好）"}


def _answer_key(column: str, answer: float) -> str:
    return f"{column}={answer:g}"


def answer_name(labels: Mapping[str, Mapping[str, str]], column: str, answer: float, language: str) -> str:
    """Return an answer as a reader sees it: its number, and what the file calls it if it calls it anything.

    Examples
    --------
    >>> answer_name({"sat=5": {"en": "很好", "zh": "很好"}}, "sat", 5.0, "zh"), answer_name({}, "sat", 4.0, "en")
    ('5 很好', '4')
    """
    called = labels.get(_answer_key(column, answer), {}).get(check_language(language), "")
    return f"{answer:g} {called}".strip() if called != f"{answer:g}" else called


def name_of(labels: Mapping[str, Mapping[str, str]], code: object, language: str) -> str:
    """Return the name of ``code`` in ``language``; the code itself where it has none."""
    return labels.get(str(code), {}).get(language, str(code))
