"""The same model for any indicator: the answers to one item by life stage.

The density is compiled once, whatever it counts: an item is other counts, so that thirty fits share one kernel.
"""

from __future__ import annotations

from maternal_eval.core.errors import InputError
from maternal_eval.study import Outcome, Study


def indicator_outcome(study: Study, code: str) -> Outcome:
    """Return an indicator as an outcome that :func:`maternal_eval.analyses.satisfaction.compute.fit_satisfaction`
    takes.

    Parameters
    ----------
    study
        The study.
    code
        Code of the indicator, e.g. ``"E05"``. Respondents who did not answer it are left out.

    Raises
    ------
    InputError
        If there is no such indicator.
    """
    for indicator in study.model.indicators:
        if indicator.code == code:
            return Outcome(
                name=indicator.code,
                column=indicator.column,
                kind="ordinal",
                low=indicator.low,
                high=indicator.high,
                name_zh=indicator.name_zh,
                name_en=indicator.name_en,
                reversed=indicator.reversed,
            )
    raise InputError(
        "unknown indicator", found=code, expected="one of " + ", ".join(i.code for i in study.model.indicators)
    )
