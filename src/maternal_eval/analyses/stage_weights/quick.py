"""Stage weights in seconds, for uses that need them many times over: the posterior of the quadratic summary.

The same likelihood and prior as :func:`~maternal_eval.analyses.stage_weights.compute.fit_stage_weights`, with three
short cuts: a sample of the answers stands for all, the likelihood is summarised at its mode only, and the posterior
mean comes from a short run without the correction to the exact posterior. Fewer answers leave the weights nearer to the
static ones.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from maternal_eval.analyses.stage_weights.anchor import anchor
from maternal_eval.analyses.stage_weights.design import build_design
from maternal_eval.core.randomness import generator, named
from maternal_eval.methods.simplex_regression.sampling import rough_stage_weights
from maternal_eval.study import Study


def quick_stage_weights(
    study: Study, static: pd.Series, *, rows: int, seed: np.random.SeedSequence, parts: int = 1
) -> list[pd.DataFrame]:
    """Return the approximate posterior mean of the weights of every stage, from each part of the run.

    The mean over the parts is the posterior mean; their spread is what sampling leaves open in it.

    Parameters
    ----------
    study
        A study with at least two stages, indicators and a first outcome with ordered answers.
    static
        Static weights by indicator code, positive.
    rows
        Answers used at most; a random sample where there are more.
    seed
        Seed of the sample and of the run.
    parts
        Consecutive blocks of draws that are averaged one by one, in each chain alike.

    Raises
    ------
    DiagnosticsError
        If the mode is not found, or the chains of the short run disagree however long they are.

    Returns
    -------
    list of pandas.DataFrame
        ``parts`` tables, stages × indicators (columns in the order of the study's codes); each row sums to 1.
    """
    priors, panel = study.model_settings.stage_weights, study.panel
    if len(panel) > rows:
        chosen = generator(named(seed, "sample")).choice(len(panel), rows, replace=False)
        panel = panel.iloc[np.sort(chosen)].reset_index(drop=True)
    design = build_design(replace(study, panel=panel), study.primary_outcome)
    start = anchor(study, design, static, priors.shift_scale)
    prior = start.prior(study, design, priors.step_median)
    draws = rough_stage_weights(design.answers, prior, priors.effect_scale, seed=seed)
    blocks = np.array_split(draws, parts, axis=1)
    return [
        pd.DataFrame(block.mean(axis=(0, 1)), list(study.stages), list(design.codes))[study.model.codes]
        for block in blocks
    ]
