r"""What is observed against what the regression says of the same respondents: a gate, not a table to look at.

A cumulative regression with a dummy per period reproduces the level of a period among those who answered: its score
equations see to that up to the weak prior and to what proportional odds leave over. Where "before" is not what was
observed, the regression has not converged or does not describe the answers, and no change computed from it is shown.

Both levels are of the same respondents with the same survey weights, so that sampling error is common to both and does
not excuse a difference. What may differ:

- *at the mode under each set of weights*, and *in the mean of the draws*: :data:`SLACK` of the quantity's range (0.04
  points on a scale of 1–5, one percentage point of a share: misfit that nobody would act upon) and one standard error
  of the observed level (the prior draws a period with few answers towards the others);
- *the standard deviation of the draws*: at most :data:`WIDEST` standard errors of the observed level and the slack. The
  draws hold the sampling error of the level once as resampling and once as coefficients, about 1.4 standard errors;
  more than twice that means parameters that fly apart.

The standard error takes half an answer of every category as given beside the observed ones (Jeffreys' prior), over the
effective number of answers (Kish 1965): where everybody answered alike it is not 0.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from maternal_eval.analyses.whatif.engine import OutcomeFit
from maternal_eval.analyses.whatif.quantities import Quantity
from maternal_eval.core.errors import DiagnosticsError
from maternal_eval.core.intervals import interval

SLACK = 0.01
"""Difference that is let pass, as a share of the range of the quantity."""

WIDEST = 3.0
"""Standard errors of the observed level that the standard deviation of the draws may have."""


@dataclass(frozen=True)
class Observed:
    """Level of a quantity among those who answered.

    Attributes
    ----------
    level, error
        Survey-weighted level, and its standard error.
    slack
        :data:`SLACK` of the quantity's range.
    answers
        Number of answers.
    """

    level: float
    error: float
    slack: float
    answers: int

    @classmethod
    def of(cls, fit: OutcomeFit, quantity: Quantity, answers: np.ndarray, survey: np.ndarray) -> Observed:
        """Return the level of ``answers`` (all given, on the outcome's scale) with survey weights."""
        steps = quantity.coefficients(fit.outcome.levels - 1)
        category = (answers - (fit.outcome.low or 0.0)).astype(np.int64)
        value = quantity.constant(fit.outcome) + np.concatenate([[0.0], np.cumsum(steps)])
        effective = survey.sum() ** 2 / (survey**2).sum()
        counts = np.bincount(category, survey, len(value)) / survey.sum() * effective
        smoothed = (counts + 0.5) / (counts + 0.5).sum()
        variance = smoothed @ value**2 - (smoothed @ value) ** 2
        level = float(np.average(value[category], weights=survey))
        return cls(level, float(np.sqrt(variance / effective)), SLACK * float(np.abs(steps).sum()), len(answers))

    @property
    def tolerance(self) -> float:
        """By how much a predicted level may differ."""
        return self.slack + self.error


def require_level(observed: Observed, at_modes: np.ndarray, drawn: np.ndarray, what: str) -> None:
    """Hold predicted levels of those who answered to what they answered; see the module for the tolerances.

    Parameters
    ----------
    observed
        What was observed.
    at_modes
        Predicted at the mode of each set of weights.
    drawn
        Predicted in each draw.
    what
        Names outcome, weights and period in the sentence.

    Raises
    ------
    DiagnosticsError
        If one of them lies outside; NaN does.
    """
    farthest = float(at_modes[np.argmax(np.abs(at_modes - observed.level))])
    for found, where in ((farthest, "with the least fitting set of weights"), (float(drawn.mean()), "on average")):
        if not abs(found - observed.level) <= observed.tolerance:
            raise DiagnosticsError(
                f"the regression of {what} does not reproduce what was observed: {where} it predicts {found:.3f} for "
                f"those who answered {observed.level:.3f} (tolerance {observed.tolerance:.3f}); no what-if from it"
            )
    widest = WIDEST * observed.error + observed.slack
    if not drawn.std() <= widest:
        raise DiagnosticsError(
            f"the draws of the regression of {what} fly apart: their predicted level has a standard deviation of "
            f"{drawn.std():.3f}, where the {observed.answers} answers allow {widest:.3f}; no what-if from it"
        )


def level_row(observed: Observed, fit: OutcomeFit, key: dict[str, str], drawn: np.ndarray) -> pd.DataFrame:
    """Return how the regression fits: observed level of those who answered beside the predicted one of the same."""
    low, high = interval(drawn)
    row = {
        **key,
        "respondents": len(fit.problem.category),
        "parameters": fit.fit.parameters.size,
        "answers": observed.answers,
        "observed": observed.level,
        "error": observed.error,
        "predicted": float(drawn.mean()),
        "predicted_low": float(low),
        "predicted_high": float(high),
        "tolerance": observed.tolerance,
    }
    return pd.DataFrame([row])
