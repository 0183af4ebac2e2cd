"""The sensitivity model of a study as SALib takes one: a problem, and a function of samples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from maternal_eval.analyses.sensitivity.compute import (
    latest_rows,
    predicted_outcomes,
    score_model,
    uncertain_inputs,
)
from maternal_eval.analyses.sensitivity.generators import GENERATORS, build_generator, expert_concentrations
from maternal_eval.analyses.sensitivity.settings import SensitivitySettings
from maternal_eval.analyses.sensitivity.verdict import Verdict, VerdictRun
from maternal_eval.analyses.weights.compute import static_weights
from maternal_eval.analyses.weights.posterior import weight_posterior
from maternal_eval.core.errors import InputError
from maternal_eval.core.randomness import named
from maternal_eval.methods.sensitivity.salib import check_samples, salib_problem
from maternal_eval.study import Study


@dataclass(frozen=True)
class SalibModel:
    """Inputs and outputs of question 1 of the sensitivity analysis.

    Called with samples (runs × inputs) it returns the outputs that speak of the whole (runs × outputs). Its inputs are
    uniform on 0–1; weights on the simplices of the sibling sets, levels of choices and the line from score to outcome
    are made of them inside.

    Attributes
    ----------
    run
        From uniforms to outputs.
    """

    run: VerdictRun

    @property
    def problem(self) -> dict[str, Any]:
        """The SALib problem, each sibling set and choice a group."""
        return salib_problem(self.run.factors)

    @property
    def single_inputs(self) -> dict[str, Any]:
        """The SALib problem without groups, for methods on single inputs (PAWN, delta, HDMR)."""
        return salib_problem(self.run.factors, groups=False)

    @property
    def outputs(self) -> list[str]:
        """Names of the outputs, in the order of the columns."""
        return [str(name) for name in self.run.verdict.labels["output"].iloc[self.run.verdict.whole]]

    def weights(self, samples: np.ndarray) -> np.ndarray:
        """Return the global weights that samples stand for (runs × indicators), rows sum to 1."""
        return self.run.split(check_samples(self.problem, samples))[0]

    def __call__(self, samples: np.ndarray) -> np.ndarray:
        """Return the outputs of the whole (runs × outputs) for samples (runs × inputs).

        Raises
        ------
        InputError
            If the samples are those of another problem.
        """
        found = self.run(check_samples(self.problem, samples))
        return np.asarray(found[:, self.run.verdict.whole])

    def output(self, name: str, samples: np.ndarray) -> np.ndarray:
        """Return one output for samples (runs): what SALib's ``analyze`` takes.

        Raises
        ------
        InputError
            If there is no such output.
        """
        if name not in self.outputs:
            raise InputError("no such output", found=name, expected="one of " + ", ".join(self.outputs))
        return self(samples)[:, self.outputs.index(name)]


def salib_model(
    study: Study, settings: SensitivitySettings, seed: np.random.SeedSequence, *, choices: bool = True
) -> SalibModel:
    """Return the sensitivity model of a study for SALib.

    Parameters
    ----------
    study
        A study with indicators.
    settings
        Those of the analysis: generator of the weights, levels of the choices.
    seed
        Of the analysis.
    choices
        Whether the choices and the line from score to outcome are uncertain too; else the weights alone are.

    Raises
    ------
    InputError
        If the study has no indicators, or one indicator and so no uncertain weights.
    """
    if not study.model.codes:
        raise InputError("the study has no indicators", file=study.folder, expected="[indicators]")
    tree, uncertain = uncertain_inputs(study, static_weights(study), settings)
    if not tree.varying:
        raise InputError("with one indicator there are no weights to be uncertain about", found=tree.codes[0])
    posterior = weight_posterior(study, seed=named(seed, "posterior"))
    if posterior is None:
        concentration = dict.fromkeys(tree.varying, settings.concentration)
    else:
        concentration = expert_concentrations(posterior, named(seed, "concentration"))
    kind = settings.generator
    if posterior is None and GENERATORS[kind].needs_experts:
        kind = "dirichlet"
    model, _ = score_model(study, latest_rows(study), predicted_outcomes(study, settings) if choices else ())
    verdict = Verdict.of(model, tree.nominal_weights)
    generator = build_generator(kind, tree, concentration, posterior)
    return SalibModel(VerdictRun(verdict, generator, uncertain if choices else None))
