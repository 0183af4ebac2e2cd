"""The model of a study's stage weights as a PyMC model, and its draws as ArviZ takes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import xarray as xr

from maternal_eval.analyses.stage_weights.anchor import anchor
from maternal_eval.analyses.stage_weights.design import Design, build_design
from maternal_eval.analyses.stage_weights.settings import StageWeightsSettings, _outcome
from maternal_eval.core.errors import InputError
from maternal_eval.core.progress import Progress
from maternal_eval.core.randomness import generator, named
from maternal_eval.methods.pymc_models import stage_weights
from maternal_eval.methods.pymc_models.agreement import agreement
from maternal_eval.methods.pymc_models.built import tidy
from maternal_eval.methods.pymc_models.changes import NONE, Changes
from maternal_eval.methods.simplex_regression.prior import StagePrior
from maternal_eval.methods.simplex_regression.sampling import sample_stage_weights
from maternal_eval.study import Study

if TYPE_CHECKING:
    import pymc

PRIOR_DRAWS = 1000


@dataclass(frozen=True)
class StageWeightsBuilt:
    """The model of the stage weights at the answers of a study."""

    design: Design
    prior: StagePrior
    settings: StageWeightsSettings
    seed: np.random.SeedSequence
    effect_scale: float
    stages: tuple[str, ...]
    dimensions: tuple[str, ...]
    study: str
    simulated: bool

    def graph(self, *, rows: bool = True, changes: Changes = NONE) -> pymc.Model:
        """Return the PyMC model, which is one of single answers in any case."""
        return stage_weights.stage_weights_model(
            self.design.answers,
            self.prior,
            self.effect_scale,
            stages=self.stages,
            dimensions=self.dimensions,
            indicators=self.design.codes,
            changes=changes,
        )

    def agreement(self, points: int = 4, *, rows: bool = True) -> pd.DataFrame:
        """Return log density and gradient of the graph beside those of the compiled code at drawn points."""
        answers = self.design.answers
        size = self.prior.size + sum(part.categories - 1 + part.effect_count for part in answers)
        at = 0.3 * generator(named(self.seed, "agreement")).standard_normal((points, size))
        return agreement(
            self.graph(),
            stage_weights.compiled_density(answers, self.prior, self.effect_scale),
            lambda y: stage_weights.point_of(answers, self.prior, self.stages, y),
            list(at),
        )

    def draws(self, progress: Progress | None = None) -> xr.DataTree:
        """Return draws of weights, slopes and tau: groups posterior, prior and sample_stats.

        Each chain is resampled by the importance of its draws, which corrects them to the exact posterior. Thresholds
        and effects are integrated out, so there is no log-likelihood: sample the graph for one.
        """
        sampled = sample_stage_weights(
            self.design.answers,
            self.prior,
            self.effect_scale,
            settings=self.settings.sampler,
            corrected=self.settings.kept,
            gates=self.settings.gates,
            method=self.settings.method,
            seed=named(self.seed, "stage weights"),
            progress=progress,
        )
        # Draws are thinned evenly, chain after chain.
        kept, chains = len(sampled.tau), self.settings.chains
        chain = np.linspace(0, chains, kept, endpoint=False).astype(int)
        size = int(np.bincount(chain, minlength=chains).min())
        random = generator(named(self.seed, "resampling by chain"))
        chosen = np.stack([_resampled(sampled.importance, chain == one, size, random) for one in range(chains)])
        prior_x = self.prior.sample(PRIOR_DRAWS, generator(named(self.seed, "prior")))
        groups = {
            "posterior": self._named(sampled.weights[chosen], sampled.slope[chosen], sampled.tau[chosen]),
            "prior": self._named(
                self.prior.weights(prior_x)[None], self.prior.slope(prior_x)[None], self.prior.tau(prior_x)[None]
            ),
            "sample_stats": xr.Dataset({"importance": (("chain", "draw"), sampled.importance[chosen])}),
        }
        tree = xr.DataTree.from_dict(groups)
        return tidy(tree, study=self.study, simulated=int(self.simulated), what="stage weights")

    def _named(self, weight: np.ndarray, slope: np.ndarray, tau: np.ndarray) -> xr.Dataset:
        lead = ("chain", "draw")
        of_dimension = np.add.reduceat(weight, self.prior.dimension_start[:-1], axis=-1)
        return xr.Dataset(
            {
                "weight": ((*lead, "stage", "indicator"), weight),
                "dimension_weight": ((*lead, "stage", "dimension"), of_dimension),
                "slope": ((*lead, "stage"), slope),
                "tau": (lead, tau),
            },
            coords={
                "stage": list(self.stages),
                "indicator": list(self.design.codes),
                "dimension": list(self.dimensions),
            },
        )


def _resampled(importance: np.ndarray, of_chain: np.ndarray, size: int, random: np.random.Generator) -> np.ndarray:
    """Return ``size`` positions inside a chain, each as often as its importance says (systematic resampling)."""
    inside = np.flatnonzero(of_chain)
    share = np.cumsum(importance[inside])
    points = (np.arange(size) + random.random()) / size * share[-1]
    return inside[np.minimum(np.searchsorted(share, points), inside.size - 1)]


def stage_weights_built(
    study: Study, settings: StageWeightsSettings, seed: np.random.SeedSequence
) -> StageWeightsBuilt:
    """Return the model as :func:`~maternal_eval.analyses.stage_weights.compute.fit_stage_weights` fits it.

    Raises
    ------
    InputError
        If the study is only counted: the model needs the answers of each respondent.
    """
    if study.counted is not None:
        raise InputError("the stage weights need the answers of each respondent", found="a panel that is only counted")
    priors = study.model_settings.stage_weights
    design = build_design(study, _outcome(study, settings))
    return StageWeightsBuilt(
        design=design,
        prior=anchor(study, design, None, priors.shift_scale).prior(study, design, priors.step_median),
        settings=settings,
        seed=seed,
        effect_scale=priors.effect_scale,
        stages=tuple(study.stages),
        dimensions=tuple(one.name for one in study.model.dimensions),
        study=study.name,
        simulated=study.simulated,
    )
