"""Ranges of settings, declared once: as the type of a field, held both in Python and when study.toml is read.

A field ``draws: Draws = 1000`` may hold whole numbers of the range of :data:`Draws` and nothing else; a settings class
that derives from :class:`Ranged` refuses anything beyond it when it is made, and ``Step.settings_for`` says the same in
the words of :func:`words` with the key of study.toml. Nothing here may be infinite or "not a number".
"""

from __future__ import annotations

import dataclasses
import difflib
import typing
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Annotated, Any, ClassVar

from annotated_types import Interval
from pydantic import AllowInfNan, BeforeValidator, TypeAdapter, ValidationError

from maternal_eval.core.errors import InputError, Problems


def _plain(value: object) -> object:
    """Refuse words and yes/no where a number belongs; pydantic would take "5" for 5 and true for 1."""
    if isinstance(value, bool | str):
        raise ValueError("a number")
    return value


_Finite = AllowInfNan(False)
Plain = BeforeValidator(_plain)
"""Of a type of numbers: neither words nor yes/no."""

Chains = Annotated[int, Interval(ge=2, le=64), Plain]
"""Chains of a sampler: without a second one nothing tells whether the first has converged."""

Tune = Annotated[int, Interval(ge=50, le=100_000), Plain]
"""Adaptation steps of a chain."""

Draws = Annotated[int, Interval(ge=20, le=1_000_000), Plain]
"""Draws of a chain, or from a posterior."""

Count = Annotated[int, Interval(ge=1, le=1_000_000), Plain]
"""A number of replicates, resamples, answers of a cell."""

Tally = Annotated[int, Interval(ge=0, le=1_000_000), Plain]
"""How often something may happen, never included."""

Several = Annotated[int, Interval(ge=2, le=1_000_000), Plain]
"""A number of things of which one alone would show no spread."""

Probability = Annotated[float, Interval(gt=0, lt=1), _Finite, Plain]
"""A probability or level that is neither never nor always."""

Share = Annotated[float, Interval(ge=0, le=1), _Finite, Plain]
"""A share of a whole, both ends included."""

Reliability = Annotated[float, Interval(gt=0, le=1), _Finite, Plain]
"""Share of an answer's variance that belongs to what it measures; 1: no error."""

Majority = Annotated[float, Interval(gt=0.5, lt=1), _Finite, Plain]
"""A probability that decides for one of two sides."""

Positive = Annotated[float, Interval(gt=0, le=1_000_000), _Finite, Plain]
"""A positive number: the size of something."""

NotNegative = Annotated[float, Interval(ge=0, le=1_000_000), _Finite, Plain]
"""A number of at least 0."""

Number = Annotated[float, Interval(ge=-1e12, le=1e12), _Finite, Plain]
"""Any finite number."""

PriorScale = Annotated[float, Interval(gt=0, le=1000), _Finite, Plain]
"""Standard deviation of a prior, in logits or logarithms."""

Kappa = Annotated[float, Interval(gt=0, le=100), _Finite, Plain]
"""Shape of the Kano value functions; beyond it they are steps."""

Concentration = Annotated[float, Interval(ge=1, le=1_000_000), _Finite, Plain]
"""Of a Dirichlet distribution around nominal weights; below 1 its draws underflow and all weight falls on one."""

RHat = Annotated[float, Interval(gt=1, le=2), _Finite, Plain]
"""Largest R-hat that a fit may have."""


class SettingError(InputError, ValueError):
    """A setting beyond its range: the user's slip in study.toml, or an impossible argument in Python."""


class Ranged:
    """Base of settings whose fields declare their ranges.

    Attributes
    ----------
    model_parts
        Tables of [model] in study.toml that the analysis reads beside its own settings: they enter the key of its
        stored results.
    sampled
        Whether chains and gates of its fits may be set for all analyses at once
        (:class:`maternal_eval.methods.sampling.SampledSettings`).
    """

    model_parts: ClassVar[tuple[str, ...]] = ()
    sampled: ClassVar[bool] = False

    def __post_init__(self) -> None:
        """Refuse a value beyond its range.

        Raises
        ------
        SettingError
            Naming the setting, what was found and what is expected.
        """
        settings: type = type(self)
        for name, adapter in _adapters(settings).items():
            value = getattr(self, name)
            try:
                adapter.validate_python(value)
            except ValidationError:
                raise SettingError(
                    "the setting is beyond its range", column=name, found=value, expected=words(settings, name)
                ) from None


def words(settings: type, name: str) -> str | None:
    """Return the declared range of a field in words; None where none is declared.

    Examples
    --------
    >>> @dataclasses.dataclass
    ... class Example:
    ...     draws: Draws = 100
    >>> words(Example, "draws")
    'a whole number from 20 to 1,000,000'
    """
    annotation = _hints(settings).get(name)
    return None if annotation is None else _words(annotation)


def _words(annotation: Any) -> str | None:
    arguments = typing.get_args(annotation)
    intervals = [one for one in arguments[1:] if isinstance(one, Interval)]
    if typing.get_origin(annotation) is Annotated and intervals:
        return _range_words(arguments[0], intervals[0])
    inner = [found for found in map(_words, arguments) if found is not None]
    if not inner:
        return None
    if typing.get_origin(annotation) is tuple:
        return f"a list, each {inner[0]}"
    return inner[0] + (" or nothing" if type(None) in arguments else "")


def _range_words(kind: Any, interval: Interval) -> str:
    what = "a whole number" if kind is int else "a number"
    low = f"from {interval.ge:,}" if interval.ge is not None else f"above {interval.gt:,}"
    if interval.le is None:
        return f"{what} {low} and below {interval.lt:,}"
    return f"{what} {low} {'to' if interval.ge is not None else 'and at most'} {interval.le:,}"


@cache
def _hints(settings: type) -> dict[str, Any]:
    hints = typing.get_type_hints(settings, include_extras=True)
    return {field.name: hints[field.name] for field in dataclasses.fields(settings)}


@cache
def _adapters(settings: type) -> dict[str, TypeAdapter[Any]]:
    ranged = {name: hint for name, hint in _hints(settings).items() if _words(hint) is not None}
    return {name: TypeAdapter(hint) for name, hint in ranged.items()}


def read_settings(base: Any, given: Mapping[str, Any], file: Path, table: str, problems: Problems) -> Any:
    """Return settings with those that a file gives in place of their defaults; None if one of these is wrong.

    Parameters
    ----------
    base
        A dataclass of settings: the defaults.
    given
        Name of a field → what the file says.
    file, table
        Where it says so.
    problems
        Gathers what is wrong.
    """
    kind = type(base)
    values = {one.name: getattr(base, one.name) for one in dataclasses.fields(kind)} | dict(given)
    try:
        return TypeAdapter(kind).validate_python(values)
    except ValidationError as errors:
        for one in errors.errors():
            key = str(one["loc"][0]) if one["loc"] else ""
            problems.add(
                "wrong setting",
                file=file,
                column=".".join([table, *map(str, one["loc"])]),
                found=repr(one["input"] if one["loc"] else dict(given)),
                expected=(words(kind, key) if key else None) or one["msg"].removeprefix("Value error, "),
            )
    except InputError as error:
        # Refused by the settings themselves, which do not know where they are written.
        problems.found.append(placed(error, file, table))
    return None


def placed(error: InputError, file: Path, table: str) -> InputError:
    """Return a refusal with its place in a file of settings where it has none of its own."""
    if error.file is not None:
        return error
    details = {name: getattr(error, name) for name in ("row", "found", "expected", "mend")}
    return InputError(error.problem, file=file, column=table + (f".{error.column}" if error.column else ""), **details)


def nearest(name: str, known: Sequence[str]) -> str | None:
    """Return the known name that is most like ``name``; None if none is near.

    Examples
    --------
    >>> nearest("kapa", ["kappa", "gate"]), nearest("zzz", ["kappa"])
    ('kappa', None)
    """
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    return close[0] if close else None
