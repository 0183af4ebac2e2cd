"""Tables of the fitted satisfaction model: scores, changes, parameters, replicated answers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from maternal_eval.core.intervals import PROBABILITY, interval
from maternal_eval.methods.ordinal.model import SatisfactionModel

ALL = "all"
"""Name of all stages together in the tables."""

TOP = 2
"""The share of the highest two answers is reported (of the higher one where there are two)."""


def expected_answers(pooled: xr.Dataset) -> xr.Dataset:
    """Return the expected answer, on the scale of the answers, from answer probabilities.

    The answers are codes of an ordered scale: their mean is a summary that takes the codes for equally spaced.
    """
    return (pooled * pooled["answer"]).sum("answer")


def monte_carlo_error(draws: np.ndarray) -> np.ndarray:
    """Return the Monte-Carlo standard error of the mean of draws (chain, draw, ...)."""
    from arviz_stats.base import array_stats

    return np.asarray(array_stats.mcse(draws, chain_axis=0, draw_axis=1, method="mean"))


def score_table(pooled: xr.Dataset, scores: xr.Dataset, cells: xr.Dataset) -> pd.DataFrame:
    """Return expected answers by stage and period, and of all stages together.

    Returns
    -------
    pandas.DataFrame
        Columns stage, period, score, low, high (expected answer and its interval), mcse, top, top_low, top_high
        (probability of the two highest answers), observed (weighted mean of the answers; NaN without any),
        answers (number), effective (Kish's effective number), forecast.
    """
    answers = pooled["answer"].to_numpy()
    top = answers[-min(TOP, len(answers) - 1) :]
    counts = cells[["answers", "weighted", "effective"]].sum("answer").to_dataframe()
    counts["sum"] = (cells["weighted"] * cells["answer"]).sum("answer").to_numpy()
    counts["stage"], counts["period"] = cells["stage_index"].to_numpy(), cells["period_index"].to_numpy()
    found = counts.groupby(["stage", "period"])[["answers", "weighted", "effective", "sum"]].sum()
    stages = [str(stage) for stage in cells["stage"].values]
    frames = []
    for name, variable in [*((stage, "by_stage") for stage in stages), (ALL, "overall")]:
        of_stage = {} if name == ALL else {"stage": name}
        score = scores[variable].sel(of_stage).transpose("chain", "draw", "period").to_numpy()
        high_answers = pooled[variable].sel(of_stage | {"answer": top}).sum("answer")
        share = high_answers.transpose("chain", "draw", "period").to_numpy()
        numbers = found.groupby("period").sum() if name == ALL else found.xs(stages.index(name), level="stage")
        frame = pd.DataFrame({"stage": name, "period": cells["period"].to_numpy(), "score": score.mean(axis=(0, 1))})
        frame["low"], frame["high"] = interval(score, axis=(0, 1))
        frame["mcse"] = monte_carlo_error(score)
        frame["top"] = share.mean(axis=(0, 1))
        frame["top_low"], frame["top_high"] = interval(share, axis=(0, 1))
        weight = numbers["weighted"].to_numpy()
        frame["observed"] = np.divide(numbers["sum"], weight, out=np.full(len(weight), np.nan), where=weight > 0)
        frame["answers"] = numbers["answers"].to_numpy()
        frame["effective"] = numbers["effective"].to_numpy()
        frames.append(frame)
    table = pd.concat(frames, ignore_index=True)
    without = found.groupby("period")["answers"].sum().to_numpy() == 0
    table["forecast"] = table["period"].isin(cells["period"].to_numpy()[without])
    table.attrs |= {"probability": PROBABILITY}
    return table


def probability_table(pooled: xr.Dataset) -> pd.DataFrame:
    """Return the probability of each answer by stage (and ``all``) and period.

    Returns
    -------
    pandas.DataFrame
        Columns stage, period, answer, probability, low, high.
    """
    parts = []
    for name, variable in [*((str(stage), "by_stage") for stage in pooled["stage"].values), (ALL, "overall")]:
        chance = pooled[variable].sel({} if name == ALL else {"stage": name})
        draws = chance.transpose("chain", "draw", "period", "answer").to_numpy()
        low, high = interval(draws, axis=(0, 1))
        periods, answers = draws.shape[2:]
        parts.append(
            pd.DataFrame(
                {
                    "stage": name,
                    "period": np.repeat(pooled["period"].to_numpy(), answers),
                    "answer": np.tile(pooled["answer"].to_numpy().astype(float), periods),
                    "probability": draws.mean(axis=(0, 1)).ravel(),
                    "low": low.ravel(),
                    "high": high.ravel(),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def change_table(scores: xr.Dataset, cells: xr.Dataset) -> pd.DataFrame:
    """Return the change of the expected answer from the first to the last period with answers.

    Returns
    -------
    pandas.DataFrame
        Columns stage, first, last, change, low, high, mcse, p_rise (posterior probability of a rise); no rows if
        there are fewer than two such periods.
    """
    index = cells["period_index"].to_numpy()
    filled = np.bincount(index, cells["answers"].sum("answer").to_numpy(), minlength=cells.sizes["period"]) > 0
    periods = cells["period"].to_numpy()[filled]
    columns = ["stage", "first", "last", "change", "low", "high", "mcse", "p_rise"]
    if len(periods) < 2:
        return pd.DataFrame(columns=columns)
    first, last = int(periods[0]), int(periods[-1])
    rows = []
    for name, variable in [*((str(stage), "by_stage") for stage in cells["stage"].values), (ALL, "overall")]:
        path = scores[variable] if name == ALL else scores[variable].sel(stage=name)
        change = (path.sel(period=last) - path.sel(period=first)).transpose("chain", "draw").to_numpy()
        low, high = interval(change, axis=(0, 1))
        error = float(monte_carlo_error(change))
        rows.append((name, first, last, change.mean(), float(low), float(high), error, (change > 0).mean()))
    return pd.DataFrame(rows, columns=columns)


def parameter_table(
    model: SatisfactionModel, x: np.ndarray, cells: xr.Dataset, generator: np.random.Generator
) -> pd.DataFrame:
    """Return thresholds, effects, latent scales and the scales of the factors.

    Parameters
    ----------
    x
        Draws (chain, draw, parameter).

    Returns
    -------
    pandas.DataFrame
        Columns parameter (threshold, stage, a segment, latent scale, or scale of coefficients), level, value, low,
        high, mcse; in logits except latent scales, which are ratios to the average stage.
    """
    natural = model.parameters(x)
    answers = cells["answer"].to_numpy()
    named = [
        ("threshold", f"{answers[number]}|{answers[number + 1]}", natural.thresholds[..., number])
        for number in range(model.thresholds)
    ]
    for factor in model.factors:
        if factor.name in cells.coords:
            effects = model.effects(x, factor.name)
            for number, level in enumerate(cells[factor.name].to_numpy()):
                named.append((factor.name, str(level), effects[..., number]))
    if model.scale_basis.shape[1]:
        for number, stage in enumerate(cells["stage"].to_numpy()):
            named.append(("latent scale", str(stage), np.exp(natural.log_scale[..., number])))
    for name, draws in model.draw_scales(x, generator).items():
        named.append(("scale of coefficients", name, draws))
    rows = []
    for parameter, level, draws in named:
        low, high = interval(draws, axis=(0, 1))
        rows.append((parameter, level, draws.mean(), float(low), float(high), float(monte_carlo_error(draws))))
    return pd.DataFrame(rows, columns=["parameter", "level", "value", "low", "high", "mcse"])


def thinned(pooled: xr.Dataset, kept: int) -> xr.Dataset:
    """Return at most ``kept`` evenly thinned draws of the answer probabilities as float32, dimension ``draw``."""
    chains, draws = pooled.sizes["chain"], pooled.sizes["draw"]
    chain, draw = np.divmod(np.linspace(0, chains * draws - 1, min(kept, chains * draws)).astype(int), draws)
    chosen = pooled.drop_vars(["chain", "draw"], errors="ignore").isel(
        chain=xr.DataArray(chain, dims="kept"), draw=xr.DataArray(draw, dims="kept")
    )
    return chosen.rename(kept="draw").transpose("draw", ...).astype(np.float32)
