"""Scores: what can be set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from maternal_eval.analyses.scores.linking import LINKING_RULES
from maternal_eval.core.ranges import Count, Kappa, Ranged, Share
from maternal_eval.methods.composite import AGGREGATION_RULES
from maternal_eval.methods.value import KAPPA

if TYPE_CHECKING:
    pass


@dataclass(frozen=True)
class ScoresSettings(Ranged):
    """How scores are computed.

    Attributes
    ----------
    kappa
        Shape of the Kano value functions, see :func:`~maternal_eval.methods.value.answer_value`.
    within, across
        How values are aggregated inside the dimensions and over them: rows of
        :data:`~maternal_eval.methods.composite.AGGREGATION_RULES`.
    gate
        Place on an indicator's scale, 0 to 1, below which a must-be is short in the gated score; ½ is the middle.
    linking
        How scores across a change of indicators are made comparable: a row of
        :data:`~maternal_eval.analyses.scores.linking.LINKING_RULES`.
    resamples
        Number of bootstrap resamples of the respondents of a cell.
    """

    kappa: Kappa = KAPPA
    within: str = "arithmetic"
    across: str = "arithmetic"
    gate: Share = 0.5
    linking: str = "difference"
    resamples: Count = 1000

    def __post_init__(self) -> None:
        super().__post_init__()
        for name, value, known in (
            ("within", self.within, AGGREGATION_RULES),
            ("across", self.across, AGGREGATION_RULES),
            ("linking", self.linking, LINKING_RULES),
        ):
            if value not in known:
                raise ValueError(f"{name} is one of {', '.join(known)}, not {value!r}")

    @classmethod
    def quick(cls) -> Self:
        """Return settings for a fast look."""
        return cls(resamples=200)

    @property
    def exponents(self) -> tuple[float, float]:
        """Exponents of the power means inside the dimensions and over them."""
        return AGGREGATION_RULES[self.within].exponent, AGGREGATION_RULES[self.across].exponent
