"""The Bayesian models of a study by the name of their analysis: to read, to compare, to draw from, to change and fit.

Nothing of PyMC or ArviZ is imported before a model is asked for.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from maternal_eval.app.steps import STEPS
from maternal_eval.core.errors import InputError
from maternal_eval.methods.pymc_models.changes import Changes, Prior, Term
from maternal_eval.study import Study

if TYPE_CHECKING:
    import pandas as pd
    import pymc
    import xarray as xr

    from maternal_eval.analyses.satisfaction.own import OwnFit
    from maternal_eval.analyses.sensitivity.salib import SalibModel
    from maternal_eval.app.analysis import Analysis
    from maternal_eval.methods.pymc_models.built import Built


@dataclass(frozen=True)
class ModelRow:
    """Where the models of an analysis are made, in the module ``graph`` of its package.

    ``built`` names the function of study, settings and seed (and part); ``parts`` the one that lists the parts, where
    there are several models.
    """

    built: str
    parts: str = ""


MODELS = {
    "satisfaction": ModelRow("satisfaction_built"),
    "items": ModelRow("item_built", "item_parts"),
    "stage_weights": ModelRow("stage_weights_built"),
    "weights": ModelRow("weights_built", "weight_parts"),
}
"""Analysis → where its Bayesian models are made."""


def built(analysis: Analysis, name: str, part: str = "", *, quick: bool | None = None) -> Built:
    """Return a model at the data of a study.

    Parameters
    ----------
    analysis
        The study; where its results are only read, its panel is read here.
    name
        Row of :data:`MODELS`.
    part
        Which of several: an indicator or dimension of ``items``, a sibling set of ``weights``.
    quick
        Whether with the settings for a first look; as the analysis does it if None.

    Raises
    ------
    InputError
        If there is no such model or part.
    """
    if name not in MODELS:
        raise InputError("no Bayesian model of this name", found=name, expected="one of " + ", ".join(MODELS))
    row, step = MODELS[name], STEPS[name]
    module = importlib.import_module(f"{step.package}.graph")
    study = at_hand(analysis)
    settings = step.settings_for(study, analysis.quick if quick is None else quick)
    arguments: list[Any] = [study, settings, analysis.seed_of(step)]
    if row.parts:
        parts = getattr(module, row.parts)(study, settings)
        if part not in parts:
            raise InputError(
                f"{name} has several models: which one?",
                found=part or None,
                expected="one of " + ", ".join(parts) if parts else "a study with them: there are none here",
            )
        arguments.append(part)
    elif part:
        raise InputError(f"{name} has one model", found=f"part {part}", expected="no part")
    model: Built = getattr(module, row.built)(*arguments)
    return model


def at_hand(analysis: Analysis) -> Study:
    """Return the study of an analysis with its panel, read if need be."""
    if analysis.study is not None:
        return analysis.study
    if analysis.read_beside is None:
        analysis.read_beside = Study.read(analysis.folder)
    return analysis.read_beside


class Models:
    """What :class:`~maternal_eval.app.analysis.Analysis` can do with the Bayesian models of its study."""

    def model(
        self: Any,
        name: str,
        part: str = "",
        *,
        rows: bool = False,
        terms: Mapping[str, Term] | None = None,
        priors: Mapping[str, Prior] | None = None,
    ) -> pymc.Model:
        """Return a Bayesian model of the study as a PyMC model.

        Parameters
        ----------
        name, part
            See :func:`built`.
        rows
            The model of single answers instead of counts by cell.
        terms
            Further terms of the location: name → function of the cells, called inside the model, that returns one
            number per cell (:data:`~maternal_eval.methods.pymc_models.changes.Term`).
        priors
            Other priors: name in ``[model]`` → number, or function that makes a random variable of that name.

        Raises
        ------
        InputError
            If there is no such model, or a change does not belong to it.
        """
        return built(self, name, part).graph(rows=rows, changes=Changes(terms or {}, priors or {}))

    def same_density(self: Any, name: str, part: str = "", *, points: int = 4, rows: bool = False) -> pd.DataFrame:
        """Return log density and gradient of a PyMC model beside those of the compiled code.

        See :func:`~maternal_eval.methods.pymc_models.agreement.agreement`; ``rows`` as for :meth:`model`.
        """
        return built(self, name, part).agreement(points, rows=rows)

    def draws(self: Any, name: str, part: str = "") -> xr.DataTree:
        """Return the draws of an analysis as ArviZ takes them, with named dimensions.

        The compiled code draws them anew with the seed, chains and gates of the analysis, so that they are the draws
        its result was made of. Groups: see :data:`~maternal_eval.methods.pymc_models.built.GROUPS`.

        Raises
        ------
        InputError
            If there is no such model.
        DiagnosticsError
            If the chains do not keep their gates.
        """
        return built(self, name, part).draws(self.progress)

    def fit_with(self: Any, graph: pymc.Model, name: str = "satisfaction", *, quick: bool | None = None) -> OwnFit:
        """Fit a researcher's own model of the answers: nutpie on its graph, gates, chains and seeds of the analysis.

        Parameters
        ----------
        graph
            A PyMC model with the study's counts as its outcome: what :meth:`model` gives, changed or not.
        name
            The analysis whose place it takes; the satisfaction so far.
        quick
            Whether with the settings for a first look; as the analysis does it if None.

        Returns
        -------
        OwnFit
            A result of the same class with its figures, the draws as ArviZ takes them, and both models' scores.

        Raises
        ------
        InputError
            If the outcome of the model is not the study's.
        DiagnosticsError
            If the chains do not keep the gates.
        """
        from maternal_eval.analyses.satisfaction.own import check_graph, fit_own

        if name != "satisfaction":
            raise InputError("own models take the place of the satisfaction", found=name, expected="satisfaction")
        model: Any = built(self, name, quick=quick)
        check_graph(graph, model)
        return fit_own(graph, model, self.result(name), self.definition.called, self.progress)

    def salib(self: Any, *, choices: bool = True) -> SalibModel:
        """Return the sensitivity model of the study as SALib takes one: ``problem``, and a function of samples.

        Parameters
        ----------
        choices
            Whether the modeller's choices are uncertain beside the weights.

        Raises
        ------
        InputError
            If the study has no indicators.
        """
        from maternal_eval.analyses.sensitivity.salib import salib_model

        study, step = at_hand(self), STEPS["sensitivity"]
        return salib_model(study, step.settings_for(study, self.quick), self.seed_of(step), choices=choices)
