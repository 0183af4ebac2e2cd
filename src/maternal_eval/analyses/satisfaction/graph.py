"""The satisfaction model of a study as a PyMC model, and its draws as ArviZ takes them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import xarray as xr

from maternal_eval.analyses.satisfaction.cells import cell_counts
from maternal_eval.analyses.satisfaction.compute import build_model, model_segments
from maternal_eval.analyses.satisfaction.poststratification import cell_shares, pooled_probabilities
from maternal_eval.analyses.satisfaction.settings import SatisfactionSettings
from maternal_eval.core.errors import InputError
from maternal_eval.core.progress import Progress
from maternal_eval.core.randomness import generator, named
from maternal_eval.methods.ordinal import summaries
from maternal_eval.methods.ordinal.model import SatisfactionModel
from maternal_eval.methods.pymc_models.agreement import agreement
from maternal_eval.methods.pymc_models.built import tidy
from maternal_eval.methods.pymc_models.changes import NONE, Changes
from maternal_eval.methods.pymc_models.named import named_draws
from maternal_eval.methods.pymc_models.ordinal import ANSWERS, ordinal_model, point_of
from maternal_eval.methods.sampling import STATISTICS, SampledSettings, judge, parameters_of, require, sample
from maternal_eval.study import Study

if TYPE_CHECKING:
    import pymc

MOST_ROWS = 200_000
"""Single answers of which a graph is made at most; the model of counts takes any number."""

PRIOR_DRAWS, REPLICATES = 1000, 500


@dataclass(frozen=True)
class OrdinalBuilt:
    """The model of an outcome at the answers of a study.

    Attributes
    ----------
    model, cells, share
        The compiled model, counts by cell, and the share of each cell in its stage and period.
    settings, seed
        Chains and gates, and the seed of the chains, as the analysis takes them.
    what, study, simulated
        What is fitted, for sentences and attributes.
    """

    model: SatisfactionModel
    cells: xr.Dataset
    share: np.ndarray
    settings: SampledSettings
    seed: np.random.SeedSequence
    what: str
    study: str
    simulated: bool

    @cached_property
    def coords(self) -> dict[str, list[Any]]:
        """Dimension → its levels."""
        return {str(name): self.cells[name].values.tolist() for name in self.cells.coords}

    @property
    def step(self) -> np.ndarray:
        """Step of time of each cell, 0 for the first period."""
        steps = self.cells["period_step"].to_numpy()
        return (steps - steps.min())[self.cells["period_index"].to_numpy()]

    def rows(self) -> tuple[np.ndarray, np.ndarray]:
        """Return cell and category of each single answer.

        Raises
        ------
        InputError
            With more answers than a graph should hold.
        """
        counts = self.cells["answers"].to_numpy()
        if counts.sum() > MOST_ROWS:
            raise InputError(
                "too many single answers for a graph",
                found=int(counts.sum()),
                expected=f"at most {MOST_ROWS:,}",
                mend="leave rows=True out: counts by cell have the same density",
            )
        cell, category = np.divmod(np.repeat(np.arange(counts.size), counts.ravel()), counts.shape[1])
        return cell, category

    def graph(self, *, rows: bool = False, changes: Changes = NONE) -> pymc.Model:
        """Return the PyMC model, on counts by cell or on single answers.

        Counts are at their effective number (survey weights, repeated answers); a single answer counts as one.
        """
        given = self.rows() if rows else None
        return ordinal_model(self.model, self.coords, step=self.step, rows=given, changes=changes)

    def agreement(self, points: int = 4, *, rows: bool = False) -> pd.DataFrame:
        """Return log density and gradient of the graph beside those of the compiled code at drawn points."""
        model = self.model
        if rows:
            model = replace(model, counts=self.cells["answers"].to_numpy().astype(float))
        at = generator(named(self.seed, "agreement")).standard_normal((points, len(model.names)))
        return agreement(self.graph(rows=rows), model.log_density, lambda x: point_of(model, x), list(at))

    def scores(self, x: np.ndarray) -> xr.Dataset:
        """Return draws of the expected answers by stage and period, and of all stages together."""
        found = summaries.expected_answers(pooled_probabilities(self.model, x, self.cells, self.share))
        return found.rename(by_stage="score", overall="score_overall")

    def draws(self, progress: Progress | None = None) -> xr.DataTree:
        """Return the draws of the analysis, chain by chain, with everything that ArviZ asks for.

        Seed, chains and gates are those of the analysis: the tables of its result are made of the same draws.
        """
        tree = sample(
            self.model, seed=self.seed, settings=self.settings.sampler, progress=progress, task=f"fitting {self.what}"
        )
        x = parameters_of(tree)
        scores = self.scores(x)
        require(judge(tree, scores[["score"]], self.settings.gates, parameters=True), self.what)
        random = generator(named(self.seed, "groups"))
        before = self.model.draw_prior(random, PRIOR_DRAWS)[None]
        heard = np.flatnonzero(self.model.counts.sum(axis=1) > 0)
        groups = {
            "posterior": self._named(x, scores),
            "prior": self._named(before, self.scores(before)),
            "posterior_predictive": self._replicated(x, heard, random),
            "prior_predictive": self._replicated(before, heard, random),
            "log_likelihood": self._log_likelihood(x, heard),
            "log_prior": self._log_prior(x),
            "observed_data": self._by_cell({ANSWERS: self.model.counts[heard]}, heard),
            "constant_data": self._constants(heard),
            STATISTICS: tree[STATISTICS].to_dataset(),
        }
        return tidy(
            xr.DataTree.from_dict(groups),
            study=self.study,
            simulated=int(self.simulated),
            what=self.what,
            log_likelihood="by cell: leave-one-out on it leaves out a cell, not a respondent",
        )

    def _named(self, x: np.ndarray, scores: xr.Dataset) -> xr.Dataset:
        return named_draws(self.model, x, self.coords).merge(scores)

    def _by_cell(self, values: dict[str, np.ndarray], heard: np.ndarray, lead: tuple[str, ...] = ()) -> xr.Dataset:
        coords = {"cell": heard, "answer": self.coords["answer"]}
        return xr.Dataset({name: ((*lead, "cell", "answer"), value) for name, value in values.items()}, coords=coords)

    def _replicated(self, x: np.ndarray, heard: np.ndarray, random: np.random.Generator) -> xr.Dataset:
        """Return replicated counts, as many in a cell as its effective number, rounded."""
        x = x[:, np.unique(np.linspace(0, x.shape[1] - 1, min(x.shape[1], REPLICATES)).astype(int))]
        chance = self.model.probabilities(x)[:, :, heard]
        size = np.rint(self.model.counts[heard].sum(axis=1)).astype(np.int64)
        drawn = random.multinomial(size, chance / chance.sum(axis=-1, keepdims=True))
        return self._by_cell({ANSWERS: drawn}, heard, ("chain", "draw"))

    def _log_likelihood(self, x: np.ndarray, heard: np.ndarray) -> xr.Dataset:
        log = np.log(np.maximum(self.model.probabilities(x)[:, :, heard], np.finfo(float).tiny))
        by_cell = (log * self.model.counts[heard]).sum(axis=-1)
        return xr.Dataset({ANSWERS: (("chain", "draw", "cell"), by_cell)}, coords={"cell": heard})

    def _log_prior(self, x: np.ndarray) -> xr.Dataset:
        values = [self.model.log_prior(row)[0] for row in x.reshape(-1, x.shape[-1])]
        return xr.Dataset({"parameters": (("chain", "draw"), np.reshape(values, x.shape[:2]))})

    def _constants(self, heard: np.ndarray) -> xr.Dataset:
        found = {name: self.cells[name].to_numpy()[heard] for name in self.cells if str(name).endswith("_index")}
        return xr.Dataset({name: ("cell", value) for name, value in found.items()}, coords={"cell": heard})


def satisfaction_built(study: Study, settings: SatisfactionSettings, seed: np.random.SeedSequence) -> OrdinalBuilt:
    """Return the model of the primary outcome as :func:`~maternal_eval.analyses.satisfaction.compute.fit_satisfaction`
    fits it."""
    outcome = study.primary_outcome
    segments = model_segments(study) if settings.segments is None else settings.segments
    cells = cell_counts(study, outcome, segments, None, (), settings.margins)
    return OrdinalBuilt(
        model=build_model(cells, study.model_settings.ordinal, study.stages_ordered),
        cells=cells,
        share=cell_shares(cells, settings.margins),
        settings=settings,
        seed=named(seed, "chains"),
        what=f"{outcome.name} by stage",
        study=study.name,
        simulated=study.simulated,
    )
