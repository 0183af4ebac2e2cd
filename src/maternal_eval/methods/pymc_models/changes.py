"""What a researcher may change of a model: further terms of the location, and other priors."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from maternal_eval.core.errors import InputError

Term = Callable[["Cells"], Any]
"""Called inside the model with its cells; returns what is added to the location of each, in logits."""

Prior = float | Callable[[], Any]
"""Another value of a prior's number, or a function that makes a random variable of that name."""


@dataclass(frozen=True)
class Changes:
    """Changes of a built-in model.

    Attributes
    ----------
    terms
        Name → function: see :data:`Term`.
    priors
        Name of a prior in ``[model]`` → value or function: see :data:`Prior`.
    """

    terms: Mapping[str, Term] = field(default_factory=dict)
    priors: Mapping[str, Prior] = field(default_factory=dict)

    def prior(self, name: str, value: float) -> Any:
        """Return the number of a prior inside the model in context: as data unless it is changed."""
        import pymc as pm

        other = self.priors.get(name, value)
        return other() if callable(other) else pm.Data(name, float(other))

    def check_priors(self, known: Sequence[str]) -> None:
        """Refuse a prior that the model does not have.

        Raises
        ------
        InputError
            Naming it, and what there is.
        """
        for name in self.priors:
            if name not in known:
                raise InputError("the model has no prior of this name", found=name, expected=", ".join(known))


NONE = Changes()
"""The built-in model as it stands."""


@dataclass(frozen=True)
class Cells:
    """The cells of a model (or its respondents), as a further term asks for them.

    ``cells["stage"]`` is the level of each cell as a number 0, 1, …, in the order of the model's coordinate of that
    name; ``cells.step`` the step of time of each (0 for the first period).

    Attributes
    ----------
    index
        Name of a dimension → level of each cell.
    step
        Step of time of each cell.
    """

    index: Mapping[str, np.ndarray]
    step: np.ndarray

    def __getitem__(self, name: str) -> np.ndarray:
        if name not in self.index:
            raise InputError(
                "the study has no such dimension of its cells", found=name, expected="one of " + ", ".join(self.index)
            )
        return self.index[name]


def added(changes: Changes, cells: Cells, location: Any) -> Any:
    """Return the location with the further terms added, inside the model in context.

    Raises
    ------
    InputError
        If a term names a dimension that the study lacks, or is not one number per cell.
    """
    import pymc as pm
    import pytensor.tensor as pt

    known = pm.modelcontext(None).coords
    for name, term in changes.terms.items():
        try:
            more = pt.as_tensor(term(cells))
            shape = tuple(int(size) for size in more.shape.eval(mode="FAST_COMPILE"))
        except InputError as error:
            raise InputError(f"term {name!r}: {error.problem}", found=error.found, expected=error.expected) from None
        except (KeyError, ValueError, IndexError) as error:
            lacking = "unknown to the model" in str(error)
            raise InputError(
                f"term {name!r} " + ("stands over a dimension that the study lacks" if lacking else "cannot be built"),
                found=str(error).splitlines()[0].strip("'\""),
                expected="one of " + ", ".join(known) if lacking else None,
            ) from None
        if len(shape) > 1 or shape not in ((), (1,), (len(cells.step),)):
            raise InputError(
                f"term {name!r} is not one number per cell",
                found=f"shape {shape}",
                expected=f"{len(cells.step)} numbers: index its variable by the cells, as in slope[cells['stage']]",
            )
        location = location + more
    return location
