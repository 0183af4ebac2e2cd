"""Agreement: what can be set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar, Self

from annotated_types import Interval
from pydantic import ConfigDict

from maternal_eval.analyses.items.settings import ledger_of
from maternal_eval.core.errors import InputError
from maternal_eval.core.ranges import Plain, Positive, Probability, Ranged, Several
from maternal_eval.study import FILE_NAME, Study
from maternal_eval.study.tables import SOURCES

_STRICT = ConfigDict(extra="forbid")

Bands = Annotated[int, Interval(ge=2, le=20), Plain]
"""Codes that a scale is cut into."""


@dataclass(frozen=True)
class LogLink:
    """An item (or an outcome) and what the log holds of the same thing.

    Attributes
    ----------
    item
        Code of the indicator, or name of the outcome.
    measure
        Column of the log.
    of
        Column of the log that it is divided by (replies of posts); None: nothing, or the weight.
    weight
        Column that a month counts by, where the measure is a mean (minutes by enquiries); None: it is a number, and
        sums are divided.
    rises
        Whether better answers should go with more of it.
    """

    __pydantic_config__ = _STRICT

    item: str
    measure: str
    of: str | None = None
    weight: str | None = None
    rises: bool = True

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the log that it reads."""
        return tuple(one for one in (self.measure, self.of, self.weight) if one is not None)

    @property
    def name(self) -> str:
        """What is compared with the item: the column, or the ratio of two."""
        return self.measure if self.of is None else f"{self.measure} / {self.of}"


@dataclass(frozen=True)
class Objective:
    """Where an objective reading would stand: the item of the composite, and the source that reads the same now."""

    __pydantic_config__ = _STRICT

    indicator: str
    source: str = SOURCES[0]


@dataclass(frozen=True)
class AgreementSettings(Ranged):
    """What is compared with what.

    Attributes
    ----------
    sources
        Columns of the triangulation records, one unit for all; the first is the respondent's own. More may be named
        than the table must have (an objective reading).
    tolerance
        Largest difference in points of 0–100 that does not make a record discordant; those beyond it are left out to
        see what that does.
    claim
        Id of the published share of accurate records in the ledger; without one the share asked for is ``share``.
    share
        Share of accurate records whose tolerance is sought.
    bands
        Equal parts of 0–100 that readings are coded into for ordered and unordered codes.
    objective
        Where an objective reading would stand in the composite; without one nothing is said of it.
    links
        Items and what the log holds of the same thing.
    fewest
        Complete records without which nothing is said, and records of a group without which it is not shown; not fewer
        than [disclosure] asks for.
    resamples
        Of each bootstrap.
    """

    model_parts: ClassVar[tuple[str, ...]] = ("values", "aggregation")

    sources: tuple[str, ...] = SOURCES
    tolerance: Positive = 20.0
    claim: str | None = None
    share: Probability = 0.90
    bands: Bands = 5
    objective: Objective | None = None
    links: tuple[LogLink, ...] = ()
    fewest: Several = 30
    resamples: Several = 1000

    @classmethod
    def quick(cls) -> Self:
        """Return settings for a first look: fewer resamples."""
        return cls(resamples=200)

    def check(self, study: Study) -> None:
        """Refuse what the study does not have.

        Raises
        ------
        InputError
            Naming the setting, what was found and what is expected.
        """
        file = study.folder / FILE_NAME
        known = [*study.model.codes, *study.outcomes]
        for number, link in enumerate(self.links):
            _require(link.item, known, "unknown indicator or outcome", file, f"links.{number}.item")
            log = study.platform_log
            if log is None:
                continue
            for name in ("measure", "of", "weight"):
                column = getattr(link, name)
                if column is not None:
                    columns = [str(one) for one in log if one not in ("month", "platform", "stage")]
                    _require(column, columns, "the log has no such column", file, f"links.{number}.{name}")
        if self.objective is not None:
            _require(self.objective.indicator, study.model.codes, "unknown indicator", file, "objective.indicator")
            _require(self.objective.source, self.sources, "unknown source", file, "objective.source")
        if self.claim is not None:
            claim = ledger_of(study).get(self.claim)
            if claim is None or claim.value is None or not 0 < float(claim.value) < 100:
                raise InputError("the ledger has no such share", file=file, column="analysis.agreement.claim",
                                 found=self.claim, expected="the id of a published percentage")  # fmt: skip


def _require(found: str, known: Sequence[str], problem: str, file: Path, column: str) -> None:
    if found not in known:
        raise InputError(
            problem,
            file=file,
            column=f"analysis.agreement.{column}",
            found=found,
            expected="one of " + ", ".join(known),
        )
