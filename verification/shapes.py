"""Answers with known shapes: what the analysis of shapes should find, and how often it declares what is not there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from maternal_eval.analyses.drivers.answers import GroupAnswers
from maternal_eval.analyses.shapes.classes import ShapeModel
from maternal_eval.analyses.shapes.items import item_table
from maternal_eval.analyses.shapes.settings import ShapesSettings
from maternal_eval.core.randomness import spawn
from maternal_eval.methods.response_shape import bend, power_value

THRESHOLDS = np.array([-1.7, -0.5, 0.6, 1.8])
"""Of the outcome, around the mean of η."""


def places(rows: int, items: int, random: np.random.Generator, gaps: float = 0.0) -> np.ndarray:
    """Return rows × items of places 0, ¼, … 1: correlated answers, a share of them missing."""
    latent = 0.6 * random.standard_normal((rows, 1)) + 0.9 * random.standard_normal((rows, items))
    found = np.clip(np.round(latent + 2.0), 0, 4) / 4
    return np.where(random.random(found.shape) < gaps, np.nan, found)


def answers_of(place: np.ndarray, eta: np.ndarray, random: np.random.Generator) -> GroupAnswers:
    """Return the answers of a group whose outcome follows η by a cumulative logit."""
    latent = eta - eta.mean() + random.logistic(size=len(eta))
    rows, items = place.shape
    return GroupAnswers(
        group="everyone",
        codes=tuple(f"Q{at}" for at in range(items)),
        place=place,
        background=np.empty((rows, 0)),
        category=np.searchsorted(THRESHOLDS, latent).astype(np.int64),
        points=np.arange(1.0, 6.0),
        weight=np.ones(rows),
        cluster=np.arange(rows),
        rows=np.arange(rows),
    )


def bent_answers(rows: int, worth: np.ndarray, bulge: np.ndarray, seed: Any) -> GroupAnswers:
    """Return answers whose items act as worth · (x + 4 · bulge · x (1 - x))."""
    random = np.random.default_rng(seed)
    place = places(rows, len(worth), random)
    return answers_of(place, (place + 4 * bulge * bend(place)) @ worth, random)


def power_model(rows: int, worth: np.ndarray, classes: Sequence[str], kappa: dict[str, float], seed: Any) -> ShapeModel:
    """Return the model of answers whose items act by the power functions of their classes."""
    random = np.random.default_rng(seed)
    place = places(rows, len(worth), random)
    concave = {name: name == "must_be" for name in dict.fromkeys(classes)}
    values = [power_value(place[:, at], kappa[name], concave[name]) for at, name in enumerate(classes)]
    return ShapeModel(answers_of(place, np.stack(values, axis=1) @ worth, random), tuple(classes), concave, 10.0)


def declarations(
    replicates: int, rows: int, worth: np.ndarray, bulge: np.ndarray, settings: ShapesSettings, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return what was declared, and whether the interval holds the true bulge: replicates × items each."""
    said, held = [], []
    for child in spawn(seed, replicates):
        table = item_table(bent_answers(rows, worth, bulge, child), ["unknown"] * len(worth), settings, child)
        said.append(table["declared"].to_numpy(dtype=str))
        known = table["low"].notna()
        held.append(np.where(known, (table["low"] <= bulge) & (bulge <= table["high"]), True))
    return np.array(said), np.array(held)
