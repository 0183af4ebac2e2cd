"""Names of a study's stages, dimensions, indicators and outcomes in both languages, as results carry them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from maternal_eval.study import Indicator, Outcome, Study


def study_labels(study: Study) -> dict[str, dict[str, str]]:
    """Return code → language ("en", "zh") → name for stages, dimensions, indicators, outcomes, and periods not written
    as their codes."""
    labels = {stage.name: {"en": stage.name_en, "zh": stage.name_zh} for stage in study.stage_levels}
    labels |= {one.name: {"en": one.name_en, "zh": one.name_zh} for one in study.model.dimensions}
    labels |= {one.code: _scaled(one) for one in study.model.indicators}
    labels |= {one.name: _scaled(one) for one in study.outcomes.values()}
    return study.timeline.names() | labels


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


def name_of(labels: Mapping[str, Mapping[str, str]], code: object, language: str) -> str:
    """Return the name of ``code`` in ``language``; the code itself where it has none."""
    return labels.get(str(code), {}).get(language, str(code))
