"""The known truth of the simulated study: everything that is needed to draw a panel from it, and its expectations.

Arrays are indexed in the order of the tuples of names that stand beside them. The truth is stored apart from the
study and read by recovery checks only.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Any, get_type_hints

import numpy as np

DECIMALS = 6


@dataclass(frozen=True)
class Names:
    """Names in the order of the arrays' axes."""

    codes: tuple[str, ...]
    kano: tuple[str, ...]
    stages: tuple[str, ...]
    years: tuple[int, ...]
    platforms: tuple[str, ...]
    platform_types: tuple[str, ...]  # one per platform
    tiers: tuple[str, ...]


@dataclass(frozen=True)
class Population:
    """Who the users are; shares add up to 1 along the last axis."""

    stage: np.ndarray  # year × stage
    trimester: np.ndarray
    platform: np.ndarray
    tier: np.ndarray  # in the population
    tier_sampled: np.ndarray  # in the sample: the survey weight is the ratio of the two
    age_location: float


@dataclass(frozen=True)
class Items:
    """How answers arise: latent = location + shifts + loading × factor + acquiescence + noise, cut into 1–5.

    The cuts are (−1.5, −0.5, 0.5, 1.5) times a personal spacing. A location is in answer points around 0, the middle
    of the scale.
    """

    location: np.ndarray  # year × stage × item
    platform: np.ndarray  # year × platform × item
    tier: np.ndarray  # tier × item
    quarter: np.ndarray  # quarter × item
    loading: np.ndarray  # item
    noise: np.ndarray  # stage: standard deviation


@dataclass(frozen=True)
class Weights:
    """Global weights over all items, on the simplex."""

    expert: np.ndarray  # item: what the experts lean to
    base: np.ndarray  # item: the users' weights without any influence of the stage
    stage: np.ndarray  # stage × item: the users' weights


@dataclass(frozen=True)
class Satisfaction:
    """P(answer ≤ k) = logistic((threshold_k − η) / scale_stage), η = slope · composite + effects."""

    slope: float
    thresholds: np.ndarray  # 4
    scale: np.ndarray  # stage
    stage_year: np.ndarray  # year × stage, contains the year
    platform: np.ndarray
    tier: np.ndarray


@dataclass(frozen=True)
class Trust:
    """Cumulative logit as for satisfaction (scale 1); further items enter as coefficient · (x − centre)."""

    slope: float
    thresholds: np.ndarray
    item_coefficients: dict[str, float]
    item_centres: dict[str, float]
    hiding_platform: str
    hiding_year: int
    hiding_effect: float


@dataclass(frozen=True)
class Repurchase:
    """Logit = intercept + slope · composite + timeliness(F02) + type + stage + community member.

    timeliness(x) = linear · (x − centre) + quadratic · (x² − centre²), x = (F02 − 1)/4, 0 where F02 is empty; a
    community member is who answered S02.
    """

    intercept: float
    slope: float
    linear: float
    quadratic: float
    centre: float
    platform: np.ndarray
    stage: np.ndarray
    community: float


@dataclass(frozen=True)
class Recommend:
    """Cumulative logit over 0–10; anxiety relief enters as coefficient · (E01 − 3), 0 where E01 is empty."""

    slope: float
    thresholds: np.ndarray  # 10
    anxiety: float


@dataclass(frozen=True)
class Truth:
    """The known truth of a simulated study.

    ``expected`` holds expectations over the superpopulation (see ``estimand``), by name: nested lists whose axes
    ``expected_axes`` names.
    """

    seed: int
    names: Names
    population: Population
    items: Items
    weights: Weights
    satisfaction: Satisfaction
    trust: Trust
    repurchase: Repurchase
    recommend: Recommend
    response_minutes: np.ndarray  # year × platform
    anxiety_disagreement: float  # standard deviation of one source around the anxiety it measures, 0–100
    estimand: str = ""
    expected: dict[str, Any] = field(default_factory=dict)

    def save(self, path: Path) -> None:
        """Write the truth as JSON, numbers rounded to six decimals."""
        path.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps(plain(self), ensure_ascii=False, indent=1)
        path.write_text(text + "\n", encoding="utf-8", newline="\n")

    @classmethod
    def load(cls, path: Path) -> Truth:
        """Read back what :meth:`save` wrote."""
        return build(cls, json.loads(path.read_text(encoding="utf-8")))


def plain(value: Any) -> Any:
    """Return dataclasses, arrays and tuples as JSON values, floats rounded."""
    if is_dataclass(value):
        return {each.name: plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, float):
        return round(float(value), DECIMALS) + 0.0  # + 0.0 turns −0.0 into 0.0
    return value


def build(kind: Any, value: Any) -> Any:
    """Return ``value`` (JSON) as an instance of the dataclass ``kind``, arrays and tuples restored."""
    hints = get_type_hints(kind)
    parts: dict[str, Any] = {}
    for name, part in value.items():
        hint = hints[name]
        if is_dataclass(hint):
            parts[name] = build(hint, part)
        elif hint is np.ndarray:
            parts[name] = np.asarray(part, dtype=float)
        elif str(hint).startswith("tuple"):
            parts[name] = tuple(part)
        else:
            parts[name] = part
    return kind(**parts)


def rounded(truth: Truth) -> Truth:
    """Return the truth as it will be read back, so that what is simulated is what is stored."""
    return build(Truth, plain(truth))
