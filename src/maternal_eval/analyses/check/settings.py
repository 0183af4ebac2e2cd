"""Check: what can be set."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class CheckSettings:
    """A check has nothing to set."""

    @classmethod
    def quick(cls) -> CheckSettings:
        """Return the settings themselves."""
        return cls()
