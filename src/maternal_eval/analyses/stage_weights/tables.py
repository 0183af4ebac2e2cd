"""Tables of the stage weights, from draws that count the same each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from maternal_eval.core.intervals import interval
from maternal_eval.methods.simplex_regression.own_change import probability_moved


def weight_table(
    draws: np.ndarray,
    prior_draws: np.ndarray,
    static: np.ndarray,
    stages: Sequence[str],
    dimension_of: pd.Series,
    equivalence: float,
    credible: float,
) -> pd.DataFrame:
    """Return one row per stage and indicator.

    Parameters
    ----------
    draws
        Draws × stages × indicators.
    prior_draws
        The same from the prior.
    static
        Static weights, summing to 1.
    dimension_of
        Dimension of each indicator, indexed by code, in the order of the draws.
    equivalence, credible
        A relative change up to ``equivalence`` is none; a probability from ``credible`` on is credible.
    """
    names = dimension_of.to_numpy(dtype=object)
    starts = np.flatnonzero(np.append(True, names[1:] != names[:-1]))
    dimension_start = np.append(starts, names.size)
    average = draws.mean(axis=1, keepdims=True)
    low, high = interval(draws)
    change = probability_beyond(draws, static, equivalence)
    moved = probability_beyond(draws, average, equivalence)
    columns = {
        "static": np.broadcast_to(static, draws.shape[1:]),
        "mean": draws.mean(axis=0),
        "sd": draws.std(axis=0, ddof=1),
        "low": low,
        "high": high,
        "relative_change": draws.mean(axis=0) / static - 1.0,
        "probability_change": change,
        "credible_change": change >= credible,
        "probability_own": probability_moved(draws, static, dimension_start, equivalence),
        "average": np.broadcast_to(average.mean(axis=0), draws.shape[1:]),
        "probability_stage_change": moved,
        "credible_stage_change": moved >= credible,
        "informed": _informed(draws, prior_draws),
    }
    table = _index(stages, list(dimension_of.index), "indicator")
    table["dimension"] = np.tile(dimension_of.to_numpy(dtype=object), len(stages))
    return table.assign(**{name: values.ravel() for name, values in columns.items()})


def _informed(draws: np.ndarray, prior_draws: np.ndarray) -> np.ndarray:
    """Return 1 - (posterior over prior width of the log weight)²; 1 where there is nothing to know (always 1)."""
    prior = _log_width(prior_draws)
    return 1.0 - (_log_width(draws) / np.where(prior > 0, prior, np.inf)) ** 2


def _log_width(draws: np.ndarray) -> np.ndarray:
    # widths instead of variances: the heavy tails of the prior make its variance a matter of a few draws
    low, high = interval(draws)
    return np.log(high / low)


def probability_beyond(draws: np.ndarray, reference: np.ndarray, equivalence: float) -> np.ndarray:
    """Return the probability that a weight is beyond practical equivalence with the reference, on its likelier side.

    A weight counts as larger from ``reference * (1 + equivalence)`` on and as smaller up to ``reference / (1 +
    equivalence)``, so that doubling and halving are the same size. The larger of the two probabilities is
    returned: mass on both sides says that nothing is known, not that there is a change.
    """
    ratio = draws / reference
    up = (ratio > 1.0 + equivalence).mean(axis=0)
    down = (ratio < 1.0 / (1.0 + equivalence)).mean(axis=0)
    return np.maximum(up, down)


def dimension_table(
    draws: np.ndarray,
    prior_draws: np.ndarray,
    static: np.ndarray,
    stages: Sequence[str],
    dimension_of: pd.Series,
    equivalence: float,
    credible: float,
) -> pd.DataFrame:
    """Return one row per stage and dimension: static weight, posterior mean, sd and interval, change, information.

    Arguments as for :func:`weight_table`.
    """
    names = list(dict.fromkeys(dimension_of))
    member = np.array([[of == name for name in names] for of in dimension_of], dtype=float)
    sums = draws @ member
    low, high = interval(sums)
    change = probability_beyond(sums, static @ member, equivalence)
    columns = {
        "static": np.broadcast_to(static @ member, sums.shape[1:]),
        "mean": sums.mean(axis=0),
        "sd": sums.std(axis=0, ddof=1),
        "low": low,
        "high": high,
        "probability_change": change,
        "credible_change": change >= credible,
        "informed": _informed(sums, prior_draws @ member),
    }
    return _index(stages, names, "dimension").assign(**{name: values.ravel() for name, values in columns.items()})


def stage_table(draws: np.ndarray, names: Sequence[str], respondents: Sequence[int] | None) -> pd.DataFrame:
    """Return one row per name for draws × names: mean, sd, interval, and the respondents if given."""
    low, high = interval(draws)
    table = pd.DataFrame(
        {
            "stage": list(names),
            "mean": draws.mean(axis=0),
            "sd": draws.std(axis=0, ddof=1),
            "low": low,
            "high": high,
        }
    )
    if respondents is not None:
        table.insert(1, "respondents", list(respondents))
    return table


def claim_table(
    draws: np.ndarray, stages: Sequence[str], dimension_of: pd.Series, claim: dict[str, Any] | None
) -> pd.DataFrame:
    """Return a published weight under both readings: of the whole, and of the indicator's dimension.

    ``probability`` is the posterior probability that the weight is at least ``level``.
    """
    columns = ["reading", "indicator", "stage", "level", "mean", "low", "high", "probability"]
    if claim is None:
        return pd.DataFrame(columns=columns)
    codes = list(dimension_of.index)
    of_stage = draws[:, list(stages).index(claim["stage"])]
    weight = of_stage[:, codes.index(claim["indicator"])]
    siblings = (dimension_of == dimension_of[claim["indicator"]]).to_numpy()
    level = float(claim["level"])
    rows = []
    for reading, share in (("whole", weight), ("dimension", weight / of_stage[:, siblings].sum(axis=1))):
        low, high = interval(share)
        rows.append(
            (
                reading,
                claim["indicator"],
                claim["stage"],
                level,
                share.mean(),
                float(low),
                float(high),
                float((share >= level).mean()),
            )
        )
    return pd.DataFrame(rows, columns=columns)


def draws_data_set(draws: np.ndarray, stages: Sequence[str], codes: Sequence[str]) -> xr.Dataset:
    """Return the draws with named dimensions, float32."""
    return xr.Dataset(
        {"weight": (("draw", "stage", "indicator"), draws.astype(np.float32))},
        coords={"stage": list(stages), "indicator": list(codes)},
    )


def _index(stages: Sequence[str], items: Sequence[str], name: str) -> pd.DataFrame:
    return pd.DataFrame({"stage": np.repeat(list(stages), len(items)), name: list(items) * len(stages)})
