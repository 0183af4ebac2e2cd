"""How the weights of a study are computed."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Self

from maternal_eval.core.errors import InputError
from maternal_eval.core.ranges import Count, Draws, PriorScale, Ranged
from maternal_eval.methods.ahp import WEIGHT_METHODS
from maternal_eval.methods.bayesian_ahp import DISAGREEMENT_SCALE, INCONSISTENCY_SCALE
from maternal_eval.study import FILE_NAME, Study

AGGREGATIONS = ("judgements", "priorities")
"""How a group is formed: geometric mean of the judgements, or of the experts' weights."""


@dataclass(frozen=True)
class WeightsSettings(Ranged):
    """How weights are computed.

    Attributes
    ----------
    method
        From a matrix to weights: a key of :data:`~maternal_eval.methods.ahp.WEIGHT_METHODS`.
    aggregation
        One of :data:`AGGREGATIONS`.
    resamples
        Number of bootstrap resamples of the experts.
    draws
        Number of draws from the posterior.
    incomplete
        Whether experts may leave out pairs: the posterior takes what is there, single matrices are filled in by the
        optimal completion (see ``ahp``). By default a missing pair is refused.
    changing_panel
        Whether an expert may be absent from a round. By default that is refused.
    disagreement_scale, inconsistency_scale
        Scales of the half-normal priors of the posterior, see ``bayesian``.
    """

    method: str = "eigenvector"
    aggregation: str = "judgements"
    resamples: Count = 1000
    draws: Draws = 4000
    incomplete: bool = False
    changing_panel: bool = False
    disagreement_scale: PriorScale = DISAGREEMENT_SCALE
    inconsistency_scale: PriorScale = INCONSISTENCY_SCALE

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.method not in WEIGHT_METHODS or self.aggregation not in AGGREGATIONS:
            raise ValueError(
                f"weights need a method of {', '.join(WEIGHT_METHODS)} and an aggregation of {', '.join(AGGREGATIONS)}"
            )
        if self.draws < 100:
            raise ValueError("the posterior needs at least 100 draws")

    @classmethod
    def quick(cls) -> Self:
        """Return settings for a fast look."""
        return cls(resamples=200, draws=1000)

    @classmethod
    def of(cls, study: Study) -> Self:
        """Return the defaults with what study.toml sets in ``[analysis.weights]``.

        Raises
        ------
        InputError
            If a value there is not possible.
        """
        known = {field.name for field in fields(cls)}
        try:
            return cls(**{key: value for key, value in study.settings("weights").items() if key in known})
        except (TypeError, ValueError) as error:
            place = study.folder / FILE_NAME
            raise InputError("wrong setting", file=place, column="analysis.weights", expected=str(error)) from None
