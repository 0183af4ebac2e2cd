"""How the quarterly review works, and how it is examined."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Self

from maternal_eval.core.errors import InputError
from maternal_eval.core.ranges import Majority, NotNegative, Number, Positive, Ranged, Several
from maternal_eval.study import FILE_NAME, INDICATOR_KINDS, Study, aggregated

FALL = 0.05
"""Fall that should be noticed soon, as a share of the scale: 0.2 points of 1–5."""

FALLS = (0.0125, 0.025, 0.05, 0.075, 0.125)
"""Falls that are simulated, as shares of the scale: 0.05 … 0.5 points of 1–5."""

MARGINS = (0.0, 0.0125, 0.025, 0.05, 0.0875)
"""Margins that are simulated, as shares of the scale: 0 … 0.35 points of 1–5."""


class OnScale(NamedTuple):
    """The settings in points, on the scale of the answers: see :class:`ReviewSettings`."""

    limit: float
    fall: float
    falls: tuple[float, ...]
    margins: tuple[float, ...]


@dataclass(frozen=True)
class ReviewSettings(Ranged):
    """How the review works, and how it is examined.

    What is measured in points follows the scale of the answers where it is not given (:meth:`on`).

    Attributes
    ----------
    answers
        New answers a quarter.
    limit
        Score that must not be passed, on the scale of the answers; None: its middle, low + (high - low) / 2.
    confidence
        One-sided confidence of the interval rule; the cumulative sum is set to the same average run length at the
        limit, 1 / (1 - confidence) quarters.
    fall
        Distance below the limit that should be noticed soon: the cumulative sum is tuned to it; None: :data:`FALL` of
        the scale.
    false_alarms
        False alarms a year that a proposal may give, over all scores of a level.
    falls, margins
        True distances below and above the limit that are simulated; None: :data:`FALLS` and :data:`MARGINS` of the
        scale.
    sizes
        Answers a quarter to a single score that are simulated.
    replicates, horizon
        Simulated streams, and their length in quarters.
    """

    answers: Several = 2000
    limit: Number | None = None
    confidence: Majority = 0.95
    fall: Positive | None = None
    false_alarms: Positive = 1.0
    falls: tuple[Positive, ...] | None = None
    margins: tuple[NotNegative, ...] | None = None
    sizes: tuple[Several, ...] = (15, 50, 150, 500, 1500)
    replicates: Several = 1000
    horizon: Several = 40

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.horizon < 4:
            raise ValueError("at least 4 quarters")
        for name in ("falls", "margins", "sizes"):
            if getattr(self, name) == ():
                raise ValueError(f"at least one of {name}")

    @classmethod
    def quick(cls) -> Self:
        """Return settings for a fast look."""
        return cls(replicates=300)

    def on(self, low: float, high: float) -> OnScale:
        """Return what is measured in points, filled in for a scale from ``low`` to ``high`` where it is not given.

        Examples
        --------
        >>> ReviewSettings().on(1, 5).limit, ReviewSettings().on(0, 100).limit, ReviewSettings().on(0, 100).fall
        (3.0, 50.0, 5.0)
        """
        span = high - low
        return OnScale(
            limit=low + span / 2 if self.limit is None else self.limit,
            fall=FALL * span if self.fall is None else self.fall,
            falls=tuple(share * span for share in FALLS) if self.falls is None else self.falls,
            margins=tuple(share * span for share in MARGINS) if self.margins is None else self.margins,
        )

    def check(self, study: Study) -> None:
        """Refuse a study that has no answers to review, and a limit or falls beyond the scale of its answers.

        Raises
        ------
        InputError
            Before anything is computed.
        """
        low, high, _ = scale_of(study)
        if aggregated(study):
            raise InputError(
                "the review looks at means of answers, and each row of the panel is the figure of a whole cell",
                file=study.folder / FILE_NAME,
                column="columns",
                found="one row in every cell, and no respondents",
                expected="a row for each answer: how far answers differ cannot be read from their means",
            )
        filled = self.on(low, high)
        deepest = filled.limit - max(*filled.falls, filled.fall)
        highest = filled.limit + max(filled.margins)
        for name, level in (("limit", filled.limit), ("falls", deepest), ("margins", highest)):
            if not low < level < high:
                raise InputError(
                    "the review looks beyond the scale",
                    file=study.folder / FILE_NAME,
                    column=f"analysis.review.{name}",
                    found=f"a level of {level:g}",
                    expected=f"between {low:g} and {high:g}",
                )


def scale_of(study: Study) -> tuple[float, float, bool]:
    """Return the ends of the answers' scale, which all indicators have to share, and whether answers are whole.

    Raises
    ------
    InputError
        If there are no indicators, or they have different scales.
    """
    indicators = study.model.indicators
    if not indicators:
        raise InputError("the study has no indicators", file=study.folder, expected="[indicators]")
    scales = {(indicator.low, indicator.high) for indicator in indicators}
    if len(scales) != 1:
        raise InputError(
            "the review needs one scale for all indicators",
            file=study.folder / FILE_NAME,
            column="indicators",
            found=", ".join(f"{low:g}–{high:g}" for low, high in sorted(scales)),
        )
    low, high = scales.pop()
    return low, high, all(INDICATOR_KINDS[indicator.kind].whole for indicator in indicators)
