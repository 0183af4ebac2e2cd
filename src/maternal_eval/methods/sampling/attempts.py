"""Sampled until what is reported passes its gates: the one loop of its kind.

Chains that fall short are run anew, longer and more carefully: for most data a short run is enough, and a long one for
all would not be affordable. What is judged is what is reported: a parameter that nobody reads may mix slowly.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import xarray as xr

from maternal_eval.core.progress import Progress
from maternal_eval.methods.sampling.diagnostics import Diagnostics, Gates, diagnose, require
from maternal_eval.methods.sampling.sampling import (
    NAME,
    PARAMETER,
    POSTERIOR,
    CompiledModel,
    LogDensity,
    SamplerSettings,
    compile_model,
    sample,
)

if TYPE_CHECKING:
    import pymc


SamplerSeed = int | np.random.SeedSequence


class Attempt(NamedTuple):
    """How much longer and more carefully an attempt samples than the settings say.

    Attributes
    ----------
    tune, draws
        Factors on the number of adaptation steps and of draws.
    target_accept
        Least mean acceptance probability aimed at; the settings' where that is larger.
    """

    tune: int = 1
    draws: int = 1
    target_accept: float = 0.0

    def of(self, settings: SamplerSettings) -> SamplerSettings:
        """Return the settings of this attempt.

        Examples
        --------
        >>> longer = Attempt(2, 3, 0.97).of(SamplerSettings(tune=100, draws=100, target_accept=0.9))
        >>> longer.tune, longer.draws, longer.target_accept
        (200, 300, 0.97)
        """
        return replace(
            settings,
            tune=self.tune * settings.tune,
            draws=self.draws * settings.draws,
            target_accept=max(settings.target_accept, self.target_accept),
        )


ONCE = (Attempt(),)
"""The settings as they are, and no second attempt."""


@dataclass(frozen=True)
class Sampled:
    """The chains of the last attempt, which passed its gates or had no attempt after it.

    Attributes
    ----------
    x
        Draws of the parameters (chain, draw, parameter).
    diagnostics
        What the chains say of what was judged.
    attempt
        Which attempt it was.
    """

    x: np.ndarray
    diagnostics: Diagnostics
    attempt: Attempt

    def required(self, what: str) -> Sampled:
        """Return this if every gate is kept; raises as :func:`~maternal_eval.methods.sampling.require` does."""
        require(self.diagnostics, what)
        return self


def parameters_of(tree: xr.DataTree) -> np.ndarray:
    """Return the draws of the parameters of a :class:`LogDensity` (chain, draw, parameter)."""
    return tree[POSTERIOR][PARAMETER].transpose("chain", "draw", NAME).to_numpy()


def judge(tree: xr.DataTree, quantities: xr.Dataset, gates: Gates, *, parameters: bool = False) -> Diagnostics:
    """Return the diagnostics of quantities that were computed from draws.

    Parameters
    ----------
    tree
        What :func:`~maternal_eval.methods.sampling.sample` returned.
    quantities
        What is reported (chain, draw, …).
    gates
        Limits to be kept.
    parameters
        Whether the parameters themselves are judged as well.
    """
    judged = tree[POSTERIOR].to_dataset().assign(quantities.data_vars) if parameters else quantities
    return diagnose(tree.assign({POSTERIOR: xr.DataTree(judged)}), gates)


def sample_until_passed(
    model: pymc.Model | LogDensity | CompiledModel,
    judged: Callable[[np.ndarray], xr.Dataset] | None = None,
    *,
    gates: Gates,
    seed: SamplerSeed | Callable[[Attempt], SamplerSeed],
    settings: SamplerSettings,
    attempts: Sequence[Attempt] = ONCE,
    progress: Progress | None = None,
    task: str = "sampling",
) -> Sampled:
    """Sample until every gate is kept, or the last attempt is done.

    Parameters
    ----------
    model
        As for :func:`~maternal_eval.methods.sampling.sample`, with the parameters of a :class:`LogDensity`.
    judged
        Draws (chain, draw, parameter) → the quantities (chain, draw, …) that the gates are about; None: the parameters.
    gates
        Limits to be kept.
    seed
        Seed of all attempts, or of each.
    settings, attempts
        Length and care, and what each attempt makes of them.
    progress, task
        See :func:`~maternal_eval.methods.sampling.sample`.

    Returns
    -------
    Sampled
        The chains of the last attempt; ask :attr:`Sampled.diagnostics` or :meth:`Sampled.required` whether they may be
        used.

    Raises
    ------
    ValueError
        If no attempt is given.
    DiagnosticsError
        If the density cannot be evaluated, or draws are not finite.
    """
    compiled = model if isinstance(model, CompiledModel) else compile_model(model)
    for attempt in attempts:
        own = seed(attempt) if callable(seed) else seed
        tree = sample(compiled, seed=own, settings=attempt.of(settings), progress=progress, task=task)
        x = parameters_of(tree)
        diagnostics = diagnose(tree, gates) if judged is None else judge(tree, judged(x), gates)
        if diagnostics.passed:
            break
    else:
        if not attempts:
            raise ValueError("nothing is sampled without an attempt")
    return Sampled(x, diagnostics, attempt)
