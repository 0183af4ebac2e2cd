"""What if: interventions on indicators and operations, carried through fitted models; not causal effects."""

from maternal_eval.whatif.result import ASSUMPTIONS, WhatIfResult, what_if
from maternal_eval.whatif.scenarios import Change, Operation, PublishedEffect, Scenario
from maternal_eval.whatif.settings import WhatIfSettings

__all__ = [
    "ASSUMPTIONS",
    "Change",
    "Operation",
    "PublishedEffect",
    "Scenario",
    "WhatIfResult",
    "WhatIfSettings",
    "what_if",
]
