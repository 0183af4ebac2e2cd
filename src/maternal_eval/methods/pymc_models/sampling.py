"""A PyMC model sampled until its gates are kept, with all the groups that ArviZ asks for."""

from __future__ import annotations

import contextlib
import logging
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from maternal_eval.core.progress import Progress
from maternal_eval.core.randomness import integer, named
from maternal_eval.methods.pymc_models.built import tidy
from maternal_eval.methods.sampling import (
    ONCE,
    POSTERIOR,
    Attempt,
    Diagnostics,
    Gates,
    SamplerSettings,
    compile_model,
    judge,
    require,
    sample,
)

if TYPE_CHECKING:
    import pymc

LONGER = (*ONCE, Attempt(2, 2, 0.97))
"""A second, longer and more careful attempt where the first falls short."""

PRIOR_DRAWS, REPLICATES = 400, 100
_MODE: dict[str, Any] = {"mode": "FAST_COMPILE"}


def sample_graph(
    graph: pymc.Model,
    *,
    gates: Gates,
    settings: SamplerSettings,
    seed: np.random.SeedSequence,
    what: str,
    judged: Callable[[xr.Dataset], xr.Dataset] | None = None,
    attempts: Sequence[Attempt] = LONGER,
    progress: Progress | None = None,
) -> tuple[xr.DataTree, Diagnostics]:
    """Sample a PyMC model with nutpie until every gate is kept.

    Parameters
    ----------
    graph
        The model.
    gates, settings, attempts
        Limits, and length and care of each attempt.
    seed
        Of all attempts.
    what
        What the sentence of a failed gate speaks of.
    judged
        Posterior with deterministic variables → further quantities that the gates are about.
    progress
        Listener.

    Returns
    -------
    tree, diagnostics
        Groups ``posterior``, with deterministic variables, and ``sample_stats``.

    Raises
    ------
    DiagnosticsError
        If the last attempt does not keep the gates, or the density cannot be evaluated.
    """
    import pymc as pm

    with quiet():
        compiled = compile_model(graph)
        for attempt in attempts:
            tree = sample(
                compiled, seed=seed, settings=attempt.of(settings), progress=progress, task=f"fitting {what} (PyMC)"
            )
            posterior = tree[POSTERIOR].to_dataset()
            names = [one.name for one in graph.deterministics]
            whole = posterior
            if names:
                found = pm.compute_deterministics(posterior, var_names=names, model=graph, progressbar=False)
                whole = posterior.assign(found.data_vars)
            more = xr.Dataset() if judged is None else judged(whole)
            diagnostics = judge(tree, more, gates, parameters=True)
            if diagnostics.passed:
                break
    require(diagnostics, what)
    return tree.assign({POSTERIOR: xr.DataTree(whole)}), diagnostics


def with_groups(graph: pymc.Model, tree: xr.DataTree, seed: np.random.SeedSequence, **attributes: Any) -> xr.DataTree:
    """Return draws of a PyMC model with log-likelihood, log prior, prior, predictive draws and observed data.

    The prior and its predictive draws are left out where a variable has no distribution to draw from (flat priors).

    Parameters
    ----------
    tree
        What :func:`sample_graph` returned.
    attributes
        Of the whole tree.
    """
    import pymc as pm
    from pymc.stats import compute_log_likelihood, compute_log_prior

    free = [one.name for one in graph.free_RVs]
    posterior = tree[POSTERIOR].to_dataset()
    plain = posterior[free]
    chain = posterior.sizes["draw"]
    thin = np.unique(np.linspace(0, chain - 1, min(chain, REPLICATES)).astype(int))
    found = {POSTERIOR: posterior, "sample_stats": tree["sample_stats"].to_dataset()}
    with quiet():
        work = xr.DataTree.from_dict({POSTERIOR: plain})
        for compute, group in ((compute_log_likelihood, "log_likelihood"), (compute_log_prior, "log_prior")):
            data = compute(work, model=graph, progressbar=False, extend_inferencedata=False)
            found[group] = data if isinstance(data, xr.Dataset) else data[group].to_dataset()
        replicated = pm.sample_posterior_predictive(
            xr.DataTree.from_dict({POSTERIOR: plain.isel(draw=thin)}),
            model=graph,
            progressbar=False,
            random_seed=integer(named(seed, "replicates")),
            compile_kwargs=_MODE,
        )
        found["posterior_predictive"] = replicated["posterior_predictive"].to_dataset()
        found["observed_data"] = replicated["observed_data"].to_dataset()
        with contextlib.suppress(NotImplementedError):
            before = pm.sample_prior_predictive(
                PRIOR_DRAWS, model=graph, random_seed=integer(named(seed, "prior")), compile_kwargs=_MODE
            )
            found |= {name: before[name].to_dataset() for name in ("prior", "prior_predictive")}
    return tidy(xr.DataTree.from_dict(found), **attributes)


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep PyMC's announcements and numba's words on compilation from the output of a notebook."""
    logger = logging.getLogger("pymc")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Numba will use object mode")
            warnings.filterwarnings("ignore", message="The following trace variables were implicitly frozen")
            yield
    finally:
        logger.setLevel(level)
