"""Claims: what can be set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    pass


@dataclass(frozen=True)
class ClaimsSettings:
    """The audit has nothing to set: the ledger and the checks are files of the study."""

    @classmethod
    def quick(cls) -> ClaimsSettings:
        """Return the settings for a quick run: the same, since the audit takes no time."""
        return cls()
