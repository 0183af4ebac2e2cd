"""What the users' weights are held against: the stated weights, the experts, and the experts of each profession."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from maternal_eval.analyses.weights.compute import static_weights
from maternal_eval.analyses.weights.posterior import OF_EXPERTS, weight_posterior
from maternal_eval.core.randomness import Seed, named
from maternal_eval.study import Study

STATED, EXPERTS = "stated", "experts"
"""The weights that the composite uses; the posterior of the experts' group, dimensions included."""


@dataclass(frozen=True)
class Reference:
    """Weights to hold others against.

    Attributes
    ----------
    name
        :data:`STATED`, :data:`EXPERTS`, or a profession.
    weights
        Draws × indicators in the order of the model's codes; one row where they are fixed.
    """

    name: str
    weights: np.ndarray

    def draws(self, count: int) -> np.ndarray:
        """Return ``count`` rows."""
        return np.broadcast_to(self.weights, (count, self.weights.shape[1])) if len(self.weights) == 1 else self.weights


def profession(expert: str) -> str:
    """Return an expert's profession: the name without the number at its end.

    Examples
    --------
    >>> profession("obstetrician_12"), profession("Dr. Wang")
    ('obstetrician', 'Dr. Wang')
    """
    return re.sub(r"[\s_-]*\d+$", "", expert) or expert


def professions(experts: pd.DataFrame, fewest: int) -> dict[str, list[str]]:
    """Return profession → its experts, where there are at least two professions with enough experts.

    Who judged only in an earlier round does not count.
    """
    last = experts[experts["round"] == experts["round"].max()]
    names = pd.Series(last["expert"].astype(str).unique())
    found = {str(kind): sorted(group) for kind, group in names.groupby(names.map(profession))}
    found = {kind: group for kind, group in found.items() if len(group) >= fewest}
    return found if len(found) > 1 else {}


def references_of(study: Study, draws: int, fewest: int, seed: np.random.SeedSequence) -> list[Reference]:
    """Return the references of a study.

    Raises
    ------
    InputError
        If a judgement of an expert is wrong.
    """
    found = [Reference(STATED, static_weights(study).to_numpy(dtype=float)[None])]
    if study.experts is None:
        return found
    found.append(Reference(EXPERTS, _posterior(study, draws, named(seed, "everybody"))))
    for kind, group in professions(study.experts, fewest).items():
        rows = study.experts["expert"].astype(str).isin(group)
        latest = study.experts["round"] == study.experts["round"].max()
        part = study.experts[rows & latest].reset_index(drop=True)
        of_group = replace(study, tables=study.tables | {"experts": part})
        found.append(Reference(kind, _posterior(of_group, draws, named(seed, f"profession {kind}"))))
    return found


def _posterior(study: Study, draws: int, seed: Seed) -> np.ndarray:
    posterior = weight_posterior(study)
    assert posterior is not None
    return posterior.global_draws(draws, seed, dimensions=OF_EXPERTS)
