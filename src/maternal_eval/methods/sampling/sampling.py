"""Sampling a posterior: the sampler, its settings, and the two kinds of models it takes.

The sampler is the No-U-Turn sampler of nutpie, named here and nowhere else. It was chosen over PyMC's own
because it adapts a low-rank metric, which follows the correlations between thresholds and effects that a
diagonal metric has to creep along: about three times as many effective draws a second on the same model
(``benchmarks/ordinal_cells_against_rows.py --own-sampler``).

A model is either

- a :class:`LogDensity`: an object with the log density and its gradient written out on plain arrays. Nothing is
  compiled for it apart from its kernels, whose machine code numba keeps between runs; other data are another
  object. All models of the analyses are of this kind, because compiling the same model through a general
  graph takes longer than the whole fit (``benchmarks/ordinal_cells_against_rows.py`` measures both); or
- a PyMC model, compiled once by :func:`compile_model`, after which :meth:`CompiledModel.with_data` exchanges its
  ``pm.Data`` without compiling again. PyTensor keeps compiled pieces in the ``numba`` folder of its
  ``base_compiledir`` (``~/.pytensor`` unless the user moved it).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol, runtime_checkable

import numpy as np
import xarray as xr

from maternal_eval.core.errors import DiagnosticsError
from maternal_eval.core.progress import Progress, report
from maternal_eval.core.randomness import integer
from maternal_eval.core.ranges import Chains, Count, Draws, Probability, Ranged, Tune
from maternal_eval.core.threads import allowed
from maternal_eval.methods.sampling.native import native_model

if TYPE_CHECKING:
    import pymc

POSTERIOR = "posterior"
"""Group of the draws."""

STATISTICS = "sample_stats"
"""Group of what the sampler says about each draw (divergences, energy, steps)."""

Adaptation = Literal["low_rank", "diag"]
"""What the sampler adapts to: the strongest correlations too, or variances only."""

PARAMETER, NAME = "parameter", "name"
"""Variable and dimension of the draws of a :class:`LogDensity`."""

_PROGRESS_INTERVAL = 250  # milliseconds


@runtime_checkable
class LogDensity(Protocol):
    """A posterior density on unconstrained parameters.

    Parameters should be scaled so that their prior spread is about 1: chains start between -1 and 1.
    """

    @property
    def names(self) -> Sequence[str]:
        """One name per parameter."""

    def log_density(self, x: np.ndarray) -> tuple[float, np.ndarray]:
        """Return the log density at ``x`` (up to a constant) and its gradient."""


@runtime_checkable
class NativeLogDensity(LogDensity, Protocol):
    """A density that the sampler can call without Python: then the chains really run at the same time."""

    def native(self) -> tuple[Any, np.ndarray]:
        """Return a numba C function and the data it is called with: see
        :mod:`maternal_eval.methods.sampling.native`."""


@dataclass(frozen=True)
class SamplerSettings(Ranged):
    """How long and how carefully to sample.

    Attributes
    ----------
    chains, tune, draws
        Number of chains, and of adaptation steps and draws in each.
    target_accept
        Mean acceptance probability aimed at; 0.95 leaves no divergence where 0.8 leaves some.
    adaptation
        ``"low_rank"`` adapts to the strongest correlations, ``"diag"`` to variances only.
    cores
        Chains run at the same time; never more than the machine has.
    """

    chains: Chains = 4
    tune: Tune = 500
    draws: Draws = 500
    target_accept: Probability = 0.95
    adaptation: Adaptation = "low_rank"
    cores: Count = 2


@dataclass(frozen=True)
class CompiledModel:
    """A model made ready for the sampler; see :func:`compile_model`."""

    nutpie_model: Any
    problems: list[Exception]

    def with_data(self, **data: np.ndarray) -> CompiledModel:
        """Return the same compiled PyMC model with other ``pm.Data``: same ranks, no compilation."""
        return CompiledModel(self.nutpie_model.with_data(**data), self.problems)


def compile_model(model: pymc.Model | LogDensity) -> CompiledModel:
    """Make a model ready for :func:`sample`.

    Parameters
    ----------
    model
        A PyMC model (compiled with numba; deterministic variables are not stored) or a :class:`LogDensity`.
    """
    if isinstance(model, LogDensity):
        return _wrap_density(model)
    import nutpie

    free = [variable.name for variable in model.free_RVs]
    return CompiledModel(nutpie.compile_pymc_model(model, backend="numba", var_names=free), [])


def sample(
    model: pymc.Model | LogDensity | CompiledModel,
    *,
    seed: int | np.random.SeedSequence,
    settings: SamplerSettings | None = None,
    progress: Progress | None = None,
    task: str = "sampling",
) -> xr.DataTree:
    """Draw from the posterior.

    The same seed gives the same draws on the same machine with the same packages; on other processors they
    differ at the size of the Monte-Carlo error.

    Parameters
    ----------
    model
        A density, a PyMC model, or what :func:`compile_model` made of either.
    seed
        Seed of starting points and chains.
    settings
        Length and care; the defaults if None.
    progress
        Told, from another thread, how many draws of all chains are done, adaptation included.
    task
        What ``progress`` is told that is being done.

    Returns
    -------
    xarray.DataTree
        Groups ``posterior`` (a :class:`LogDensity` has one variable ``parameter`` with dimensions chain, draw,
        name) and ``sample_stats``. Further groups (log-likelihood, log-prior) can be added by the model that
        knows them.

    Raises
    ------
    DiagnosticsError
        If the density cannot be evaluated.
    KeyboardInterrupt
        If the user stops; nothing of the unfinished chains is returned.
    """
    import nutpie

    settings = settings or SamplerSettings()
    compiled = model if isinstance(model, CompiledModel) else compile_model(model)
    compiled.problems.clear()
    total = settings.chains * (settings.tune + settings.draws)
    report(progress, task, 0, total)
    running = nutpie.sample(
        compiled.nutpie_model,
        chains=settings.chains,
        tune=settings.tune,
        draws=settings.draws,
        target_accept=settings.target_accept,
        adaptation=settings.adaptation,
        cores=min(settings.cores, settings.chains, allowed()),
        seed=integer(seed),
        progress_bar=False,
        progress_callback=None if progress is None else _listener(progress, task, total),
        progress_rate=_PROGRESS_INTERVAL,
        save_warmup=False,
        blocking=False,
    )
    try:
        tree: xr.DataTree = running.wait()
    except KeyboardInterrupt:
        # nutpie's own blocking call would hand back the draws so far as if they were all.
        running.cancel()
        raise
    except RuntimeError as error:
        raise DiagnosticsError(f"the sampler could not start: {str(error).splitlines()[0]}") from error
    if compiled.problems:
        raise DiagnosticsError("the log density could not be evaluated") from compiled.problems[0]
    report(progress, task, total, total)
    return tree


def _listener(progress: Progress, task: str, total: int) -> Callable[[Any], None]:
    def listen(chains: Any) -> None:
        report(progress, task, min(sum(int(chain.finished_draws) for chain in chains), total), total)

    return listen


def _wrap_density(density: LogDensity) -> CompiledModel:
    """Let the sampler call the density: as a C function if it has one, else through Python."""
    names = [str(name) for name in density.names]
    size = len(names)

    def start(seed: int) -> np.ndarray:
        return np.random.default_rng(seed).uniform(-1.0, 1.0, size)

    if isinstance(density, NativeLogDensity):
        return CompiledModel(native_model(*density.native(), names, start), [])
    from nutpie.compiled_pyfunc import from_pyfunc

    problems: list[Exception] = []

    def evaluate(x: np.ndarray) -> tuple[float, np.ndarray]:
        # An exception inside a sampler thread would end the process; it is kept and raised by `sample`.
        try:
            return density.log_density(x)
        except Exception as problem:
            problems.append(problem)
            return -np.inf, np.zeros(size)

    return CompiledModel(
        from_pyfunc(
            size,
            lambda: evaluate,
            lambda seed1, seed2, chain: lambda x: {PARAMETER: x},
            [np.dtype("float64")],
            [(size,)],
            [PARAMETER],
            coords={NAME: names},
            dims={PARAMETER: (NAME,)},
            make_initial_point_fn=start,
        ),
        problems,
    )
