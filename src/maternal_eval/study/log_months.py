"""The months of a platform log on the timeline of its study."""

from __future__ import annotations

from maternal_eval.study.study import Study


def period_of_month(study: Study, month: str) -> float:
    """Return the period of the study that holds a month (its year where periods are plain numbers); NaN for none."""
    period = study.timeline.of_date(month) if study.timeline.kind else int(month[:4])
    return float("nan") if period is None else float(period)
