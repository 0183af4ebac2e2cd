"""The model of one item or dimension as a PyMC model: the satisfaction model with other counts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from maternal_eval.analyses.items.compute import tasks_of
from maternal_eval.analyses.items.settings import ItemsSettings
from maternal_eval.analyses.satisfaction.compute import build_model
from maternal_eval.analyses.satisfaction.graph import OrdinalBuilt
from maternal_eval.analyses.satisfaction.poststratification import cell_shares
from maternal_eval.core.randomness import named
from maternal_eval.study import Study


def item_parts(study: Study, settings: ItemsSettings) -> tuple[str, ...]:
    """Return the names of what is fitted: indicators, dimensions, the outcome."""
    items = tuple(settings.codes(study))
    held = {one.dimension for one in study.model.indicators}
    dimensions = tuple(one.name for one in study.model.dimensions if one.name in held) if settings.dimensions else ()
    outcome = (study.primary_outcome.name,) if any(one.indicator is None for one in settings.published) else ()
    return (*items, *dimensions, *outcome)


def item_built(study: Study, settings: ItemsSettings, seed: np.random.SeedSequence, part: str) -> OrdinalBuilt:
    """Return the model of the item or dimension ``part`` as the analysis fits it."""
    if part in settings.codes(study):  # nothing else is counted
        settings = replace(settings, indicators=(part,), dimensions=False, published=())
    task = next(task for task in tasks_of(study, settings) if task.outcome.name == part)
    return OrdinalBuilt(
        model=build_model(task.cells, study.model_settings.ordinal, study.stages_ordered),
        cells=task.cells,
        share=cell_shares(task.cells, task.margins),
        settings=settings,
        seed=named(named(seed, part), "chains"),
        what=f"{task.kind} {part} by stage",
        study=study.name,
        simulated=study.simulated,
    )
