"""What several analyses share is set once: ``[model]`` of study.toml, read when the study is read.

The shape of the value functions, how values are aggregated, the priors of the two Bayesian models, and how long and how
strictly is sampled are decisions about a study, not about one table of it. They stand here and in no settings of an
analysis; whoever needs one takes it from :attr:`Study.model_settings`, so that a change reaches everybody at once.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from maternal_eval.core.errors import InputError, Problems
from maternal_eval.core.ranges import (
    Chains,
    Draws,
    Kappa,
    Positive,
    PriorScale,
    Probability,
    Ranged,
    RHat,
    Share,
    Tally,
    Tune,
    nearest,
    read_settings,
)
from maternal_eval.methods.composite import AGGREGATION_RULES, UNANSWERED
from maternal_eval.methods.value import KANO_CLASSES, KAPPA

FAMILY = "cumulative_logit"
"""Family of the answers unless a study names another."""


@dataclass(frozen=True)
class ValueSettings(Ranged):
    """[model.values]: from an answer to its value.

    Attributes
    ----------
    kappa
        Shape of the value functions, see :func:`~maternal_eval.methods.value.answer_value`; 1 makes all of them linear.
    class_shapes
        Shapes of single Kano classes, in place of ``kappa``: class → shape.
    """

    kappa: Kappa = KAPPA
    class_shapes: Mapping[str, Kappa] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__post_init__()
        shaped = [name for name, row in KANO_CLASSES.items() if row.shaped]
        for name in self.class_shapes:
            if name not in shaped:
                raise InputError(
                    "no Kano class with a shape",
                    column="class_shapes",
                    found=name,
                    expected="one of " + ", ".join(shaped),
                )

    def of(self, kano: Sequence[str]) -> np.ndarray:
        """Return the shape for each indicator, ``(indicators,)``, from their Kano classes.

        Examples
        --------
        >>> ValueSettings(2.0, {"must_be": 3.0}).of(["must_be", "attractive"]).tolist()
        [3.0, 2.0]
        """
        return np.array([self.class_shapes.get(name, self.kappa) for name in kano], dtype=float)


@dataclass(frozen=True)
class AggregationSettings(Ranged):
    """[model.aggregation]: from values to the composite.

    Attributes
    ----------
    within, across
        How values are aggregated inside the dimensions and over them: rows of
        :data:`~maternal_eval.methods.composite.AGGREGATION_RULES`.
    gate
        Place on an indicator's scale, 0 to 1, below which a must-be is short in the gated score; ½ is the middle.
    unanswered
        What becomes of the weight of an unanswered item, a row of :data:`~maternal_eval.methods.composite.UNANSWERED`.
    """

    within: str = "arithmetic"
    across: str = "arithmetic"
    gate: Share = 0.5
    unanswered: str = "siblings"

    def __post_init__(self) -> None:
        super().__post_init__()
        for name, known in (
            ("within", AGGREGATION_RULES),
            ("across", AGGREGATION_RULES),
            ("unanswered", UNANSWERED),
        ):
            value = getattr(self, name)
            if value not in known:
                raise InputError("no such rule", column=name, found=value, expected="one of " + ", ".join(known))

    @property
    def exponents(self) -> tuple[float, float]:
        """Exponents of the power means inside the dimensions and over them."""
        return AGGREGATION_RULES[self.within].exponent, AGGREGATION_RULES[self.across].exponent


@dataclass(frozen=True)
class OrdinalPriors(Ranged):
    """[model.ordinal]: family and priors of the ordinal model, in the satisfaction, the items and the forecasts.

    Attributes
    ----------
    family
        Family of the answers, a name of :data:`maternal_eval.methods.ordinal.families.FAMILIES`.
    stage_scale, period_scale, stage_period_scale, segment_scale
        Typical size, in logits, of a step between stages, a step between periods, a stage's own departure per
        period, and the difference of a segment's level from the average. Half a logit moves the mean of a
        five-point answer by about 0.3 to 0.4.
    latent_scale
        Typical size of the log latent scale of a stage: 0.15 is a spread 16 % wider than average.
    degrees
        Degrees of freedom of the Student-t that these scales belong to. None: 3 in fits, with which effects five times
        as large are rare but possible, and 20 in forecasts, which may have a single period to learn from.
    """

    family: str = FAMILY
    stage_scale: PriorScale = 0.3
    period_scale: PriorScale = 0.2
    stage_period_scale: PriorScale = 0.1
    segment_scale: PriorScale = 0.3
    latent_scale: PriorScale = 0.15
    degrees: PriorScale | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.family != FAMILY:  # the table of families brings compiled code with it
            from maternal_eval.methods.ordinal.families import FAMILIES

            if self.family not in FAMILIES:
                expected = "one of " + ", ".join(FAMILIES)
                raise InputError("unknown family of answers", column="family", found=self.family, expected=expected)


@dataclass(frozen=True)
class StageWeightPriors(Ranged):
    """[model.stage_weights]: priors of the weights by stage, wherever these are estimated.

    Attributes
    ----------
    shift_scale
        Prior standard deviation of the shift of a log weight that all stages share. None: the covariance by which one
        more expert's log weights would differ from the group's, or 0.5 without experts
        (:mod:`~maternal_eval.analyses.stage_weights.anchor`).
    step_median
        Prior median of tau, the typical size of a log weight's deviation from its average over the stages.
    effect_scale
        Prior standard deviation of period, platform and segment effects, in logits.
    """

    shift_scale: PriorScale | None = None
    step_median: Probability = 0.15
    effect_scale: PriorScale = 1.0


@dataclass(frozen=True)
class SharedSampler(Ranged):
    """[model.sampler]: length and care of the chains of all fits; None: what each analysis takes by itself.

    Reaches satisfaction, items, stage weights and the ordinal forecasts. Simulation studies over replicates have chain
    lengths of their own, which are part of their design.
    """

    chains: Chains | None = None
    tune: Tune | None = None
    draws: Draws | None = None
    target_accept: Probability | None = None


@dataclass(frozen=True)
class SharedGates(Ranged):
    """[model.gates]: limits that all fits have to keep; None: those of each analysis.

    See :class:`maternal_eval.methods.sampling.Gates`.
    """

    rhat: RHat | None = None
    bulk_ess: Positive | None = None
    tail_ess: Positive | None = None
    divergences: Tally | None = None
    ebfmi: Share | None = None


@dataclass(frozen=True)
class ModelSettings:
    """[model] of study.toml: one attribute per table."""

    values: ValueSettings = ValueSettings()
    aggregation: AggregationSettings = AggregationSettings()
    ordinal: OrdinalPriors = OrdinalPriors()
    stage_weights: StageWeightPriors = StageWeightPriors()
    sampler: SharedSampler = SharedSampler()
    gates: SharedGates = SharedGates()

    def of(self, parts: Sequence[str]) -> dict[str, dict[str, Any]]:
        """Return some parts as plain tables: what enters the key of a result that uses them, and its settings.

        Examples
        --------
        >>> ModelSettings().of(["values"])
        {'values': {'kappa': 2.0, 'class_shapes': {}}}
        """
        return {name: dataclasses.asdict(getattr(self, name)) for name in parts}

    def beside(self, settings: Any) -> dict[str, Any]:
        """Return the settings of an analysis as a result records them: its own, and under ``model`` what it shares."""
        own, parts = dataclasses.asdict(settings), getattr(settings, "model_parts", ())
        return {**own, "model": self.of(parts)} if parts else own

    @property
    def sampler_stated(self) -> dict[str, Any]:
        """What [model.sampler] states: name → value."""
        return _stated(self.sampler)

    @property
    def gates_stated(self) -> dict[str, Any]:
        """What [model.gates] states: name → value."""
        return _stated(self.gates)


PARTS: dict[str, type[Ranged]] = {
    one.name: type(getattr(ModelSettings(), one.name)) for one in dataclasses.fields(ModelSettings)
}
"""The tables of [model] and what each may hold."""


def part_of(setting: str) -> str | None:
    """Return the table of [model] that holds a setting; None if none does.

    Examples
    --------
    >>> part_of("kappa"), part_of("resamples")
    ('values', None)
    """
    return next((name for name, kind in PARTS.items() if setting in _names(kind)), None)


def read_model_settings(folder: Path, given: Mapping[str, Any], problems: Problems) -> ModelSettings:
    """Return the model settings of a study; what is wrong is gathered, and its table keeps its defaults.

    Parameters
    ----------
    folder
        Folder of study.toml.
    given
        Its table [model].
    """
    place: dict[str, Any] = {"file": folder / "study.toml"}
    parts: dict[str, Any] = {}
    for name, table in given.items():
        if name not in PARTS:
            problems.add("unknown setting", **place, column=f"model.{name}", **_known(name, list(PARTS)))
        elif not isinstance(table, dict):
            problems.add(
                "no table",
                **place,
                column=f"model.{name}",
                found=repr(table),
                expected=f"settings under [model.{name}]",
            )
        else:
            known = _names(PARTS[name])
            for key in table:
                if key not in known:
                    problems.add("unknown setting", **place, column=f"model.{name}.{key}", **_known(key, known))
            kept = {key: value for key, value in table.items() if key in known}
            checked = read_settings(PARTS[name](), kept, folder / "study.toml", f"model.{name}", problems)
            parts |= {} if checked is None else {name: checked}
    return ModelSettings(**parts)


def _known(key: str, here: Sequence[str]) -> dict[str, str]:
    """Return what is expected in place of an unknown key, and the nearest one of the whole of [model]."""
    everywhere = {name: f"[model.{name}]" for name in PARTS}
    everywhere |= {one: f"{one} under [model.{name}]" for name, kind in PARTS.items() for one in _names(kind)}
    close = nearest(key, list(everywhere))
    found = {"expected": "one of " + ", ".join(here)}
    return found if close is None else found | {"mend": everywhere[close]}


def _names(kind: type[Ranged]) -> list[str]:
    return [one.name for one in dataclasses.fields(kind)]  # type: ignore[arg-type]


def _stated(part: Any) -> dict[str, Any]:
    return {name: value for name, value in dataclasses.asdict(part).items() if value is not None}
