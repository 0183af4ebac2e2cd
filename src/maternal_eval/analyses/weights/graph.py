"""The model of one sibling set of a study's weights as a PyMC model, and its draws as ArviZ takes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import xarray as xr
from scipy.special import softmax

from maternal_eval.analyses.weights.posterior import study_rounds
from maternal_eval.analyses.weights.settings import WeightsSettings
from maternal_eval.core.errors import InputError
from maternal_eval.core.progress import Progress
from maternal_eval.core.randomness import generator, named
from maternal_eval.methods.bayesian_ahp import set_posterior
from maternal_eval.methods.pymc_models.built import tidy
from maternal_eval.methods.pymc_models.changes import NONE, Changes
from maternal_eval.methods.pymc_models.expert_weights import expert_weights_model
from maternal_eval.study import Study

if TYPE_CHECKING:
    import pymc

CHAINS = 4


@dataclass(frozen=True)
class WeightsBuilt:
    """The model of one sibling set at the judgements of the last round."""

    matrices: np.ndarray
    elements: tuple[str, ...]
    experts: tuple[str, ...]
    settings: WeightsSettings
    seed: np.random.SeedSequence
    part: str
    study: str
    simulated: bool

    def graph(self, *, rows: bool = True, changes: Changes = NONE) -> pymc.Model:
        """Return the PyMC model, which is one of single judgements in any case."""
        return expert_weights_model(
            self.matrices,
            disagreement_scale=self.settings.disagreement_scale,
            inconsistency_scale=self.settings.inconsistency_scale,
            elements=self.elements,
            experts=self.experts,
            changes=changes,
        )

    def agreement(self, points: int = 4, *, rows: bool = True) -> pd.DataFrame:
        """Refuse: the compiled way integrates most of the graph's variables out, point by point there is no density.

        Raises
        ------
        InputError
            Always; ``tests/pymc_models/test_density.py`` integrates the graph as well and compares.
        """
        raise InputError(
            "the weights of experts are drawn without a density: there is nothing to evaluate point by point",
            expected="a comparison of draws: draws('weights', part) beside a sample of the graph",
        )

    def draws(self, progress: Progress | None = None) -> xr.DataTree:
        """Return independent draws, in four equal parts as if they were chains: group posterior.

        The prior of the log weights is flat, so there are no draws from it.
        """
        posterior = set_posterior(
            self.matrices,
            disagreement_scale=self.settings.disagreement_scale,
            inconsistency_scale=self.settings.inconsistency_scale,
            seed=named(self.seed, "posterior"),
        )
        count = self.settings.draws // CHAINS
        uniforms = generator(named(self.seed, "draws")).random((CHAINS * count, posterior.uniforms))
        logs, of_one = posterior.log_weights(uniforms), posterior.weights(uniforms, new_expert=True)
        lead = ("chain", "draw")

        def by_chain(values: np.ndarray) -> np.ndarray:
            return values.reshape(CHAINS, count, *values.shape[1:])

        data = xr.Dataset(
            {
                "log_weight": ((*lead, "element"), by_chain(logs)),
                "weight": ((*lead, "element"), by_chain(softmax(logs, axis=1))),
                "weight_of_a_new_expert": ((*lead, "element"), by_chain(of_one)),
                "tau": (lead, by_chain(posterior.tau(uniforms))),
            },
            coords={"element": list(self.elements)},
        )
        tree = xr.DataTree.from_dict({"posterior": data})
        return tidy(tree, study=self.study, simulated=int(self.simulated), what=f"weights of {self.part}")


def weight_parts(study: Study, settings: WeightsSettings) -> tuple[str, ...]:
    """Return the sibling sets that experts judged."""
    rounds = study_rounds(study, settings)
    return tuple(rounds[-1].matrices) if rounds else ()


def weights_built(study: Study, settings: WeightsSettings, seed: np.random.SeedSequence, part: str) -> WeightsBuilt:
    """Return the model of the sibling set ``part`` from the last round of judgements."""
    last = study_rounds(study, settings)[-1]
    return WeightsBuilt(
        matrices=last.matrices[part],
        elements=tuple(study.model.sibling_sets[part]),
        experts=tuple(last.experts),
        settings=settings,
        seed=named(seed, part),
        part=part,
        study=study.name,
        simulated=study.simulated,
    )
