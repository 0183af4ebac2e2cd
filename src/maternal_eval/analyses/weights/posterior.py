"""The posterior of a study's weights: Bayesian analytic hierarchy process for every sibling set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from maternal_eval.analyses.weights.hierarchy import dimension_index, join_sets
from maternal_eval.analyses.weights.settings import WeightsSettings
from maternal_eval.core.errors import InputError
from maternal_eval.core.randomness import Seed, generator
from maternal_eval.methods.ahp import global_weights
from maternal_eval.methods.bayesian_ahp import SetPosterior, set_posterior
from maternal_eval.methods.judgements import JudgementRound, read_judgements
from maternal_eval.study import DIMENSIONS, Study

NOMINAL, OF_EXPERTS = "nominal", "experts"
"""Where the weights of the dimensions come from: as the study names them, or the experts' posterior."""


@dataclass(frozen=True)
class WeightPosterior:
    """The posterior of the weights that experts' judgements lead to; the model is told in ``bayesian``.

    Sibling sets are independent. Every method takes ``new_expert``: False is the posterior of the GROUP's weights, on
    which experts agree if they are asked in ever larger numbers; True is the predictive distribution of the weights
    of ONE MORE expert of the same kind, as wide as the experts disagree. How uncertain the group's weights are is a
    question to the first, how far people differ one to the second.

    Attributes
    ----------
    sets
        Sibling set → its elements, in the order of ``study.model.sibling_sets``.
    posteriors
        The posterior of each set of two or more elements.
    codes
        Indicators in the order of the model.
    dimension
        Position of each indicator's dimension.
    nominal
        Nominal weights of the dimensions, sum 1.
    experts
        Who judged, sorted.
    round
        The round that was judged in.
    """

    sets: dict[str, tuple[str, ...]]
    posteriors: dict[str, SetPosterior]
    codes: tuple[str, ...]
    dimension: np.ndarray
    nominal: np.ndarray
    experts: tuple[str, ...]
    round: int

    @property
    def uniforms(self) -> dict[str, int]:
        """Set of two or more elements → how many uniforms one draw of its weights takes (elements + 1)."""
        return {name: posterior.uniforms for name, posterior in self.posteriors.items()}

    def set_weights(self, name: str, uniforms: np.ndarray, new_expert: bool = False) -> np.ndarray:
        """Turn a block of independent uniforms, runs × ``uniforms[name]``, into weights of one set.

        This is what designs that need their inputs on the unit cube start from (Sobol' sequences). A set of one
        element needs no uniforms and has the weight 1.

        Returns
        -------
        numpy.ndarray
            Runs × elements, rows sum to 1.
        """
        if name not in self.posteriors:
            return np.ones((len(uniforms), 1))
        return self.posteriors[name].weights(uniforms, new_expert)

    def draws(self, count: int, seed: Seed, new_expert: bool = False) -> dict[str, np.ndarray]:
        """Return independent draws: set → (count, elements), rows sum to 1."""
        random = generator(seed)
        return {
            name: self.set_weights(name, random.random((count, self.uniforms.get(name, 0))), new_expert)
            for name in self.sets
        }

    def global_draws(self, count: int, seed: Seed, dimensions: str = NOMINAL, new_expert: bool = False) -> np.ndarray:
        """Return draws of the global weights: (count, indicators) in the order of the model's codes, rows sum to 1.

        Parameters
        ----------
        count, seed
            How many, and from which seed; the draws inside the dimensions are those of :meth:`draws`.
        dimensions
            ``"nominal"``: weights of the dimensions fixed as the study names them; ``"experts"``: drawn as well.
        new_expert
            False: the group; True: one more expert.
        """
        if dimensions not in (NOMINAL, OF_EXPERTS):
            raise ValueError(f"dimension weights are {NOMINAL} or of {OF_EXPERTS}, not {dimensions!r}")
        drawn = self.draws(count, seed, new_expert)
        of_dimensions = self.nominal if dimensions == NOMINAL else drawn[DIMENSIONS]
        return global_weights(of_dimensions, join_sets(drawn, self.sets, self.codes), self.dimension)


def weight_posterior(study: Study, settings: WeightsSettings | None = None, seed: Seed = 0) -> WeightPosterior | None:
    """Return the posterior of the weights from the experts' last round; None for a study without experts.

    Parameters
    ----------
    study
        The study.
    settings
        Priors, and what becomes of incomplete matrices; by default those of the study.
    seed
        Of the importance sample (see ``bayesian``); the draws have their own.

    Raises
    ------
    InputError
        If a judgement is wrong, or the judgements of a set do not link all its elements.
    """
    if study.experts is None:
        return None
    settings = settings or WeightsSettings.of(study)
    return round_posterior(study_rounds(study, settings)[-1], study, settings, seed)


def study_rounds(study: Study, settings: WeightsSettings) -> tuple[JudgementRound, ...]:
    """Return the judgements of a study by round, none without experts.

    Raises
    ------
    InputError
        If a judgement is wrong: see :func:`~maternal_eval.methods.judgements.read_judgements`.
    """
    if study.experts is None:
        return ()
    return read_judgements(
        study.experts,
        study.model.sibling_sets,
        study.definition.files.experts or "experts",
        incomplete=settings.incomplete,
        changing_panel=settings.changing_panel,
    )


def round_posterior(of_round: JudgementRound, study: Study, settings: WeightsSettings, seed: Seed) -> WeightPosterior:
    """Return the posterior of the weights from one round."""
    random = generator(seed)
    posteriors = {}
    for name, matrices in of_round.matrices.items():
        try:
            posteriors[name] = set_posterior(
                matrices,
                disagreement_scale=settings.disagreement_scale,
                inconsistency_scale=settings.inconsistency_scale,
                seed=random,
            )
        except ValueError as error:
            raise InputError(f"{error} (round {of_round.number}, set {name})", expected=_linked(study, name)) from None
    return WeightPosterior(
        sets={name: tuple(elements) for name, elements in study.model.sibling_sets.items()},
        posteriors=posteriors,
        codes=tuple(study.model.codes),
        dimension=dimension_index(study.model),
        nominal=study.model.dimension_weights.to_numpy(),
        experts=of_round.experts,
        round=of_round.number,
    )


def _linked(study: Study, name: str) -> str:
    elements: Sequence[str] = study.model.sibling_sets[name]
    return "pairs that lead from every element to every other of " + ", ".join(elements)
