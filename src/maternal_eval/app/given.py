"""Settings of an analysis as study.toml gives them: its own table, and what [model] states for all."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from maternal_eval.core.errors import InputError, Problems
from maternal_eval.core.ranges import nearest, read_settings
from maternal_eval.study import FILE_NAME, ModelSettings, StudyDefinition
from maternal_eval.study.model_settings import part_of


def with_given(
    name: str, defaults: Any, folder: Path, definition: StudyDefinition, shared: ModelSettings, problems: Problems
) -> Any:
    """Return the settings of analysis ``name`` with what study.toml gives; None where a value is not possible.

    Chains and gates that [model] states for all fits stand in place of the analysis' own defaults.
    """
    stated = shared.sampler_stated | shared.gates_stated if getattr(type(defaults), "sampled", False) else {}
    given: dict[str, Any] = dict(definition.analysis.get(name, {}))
    known = [field.name for field in dataclasses.fields(type(defaults))]
    for key, value in given.items():
        part = part_of(key)
        if part is not None and (key in stated or (key not in known and part not in ("sampler", "gates"))):
            problems.found.append(_elsewhere(name, folder, key, value, part, definition.model))
        elif key not in known:
            close = nearest(key, known)
            problems.add(
                "unknown setting",
                file=folder / FILE_NAME,
                column=f"analysis.{name}.{key}",
                expected="one of " + ", ".join(known) if known else "no setting",
                mend=f"{close} = …" if close else None,
            )
    own = {key: value for key, value in given.items() if key in known}
    return read_settings(dataclasses.replace(defaults, **stated), own, folder / FILE_NAME, f"analysis.{name}", problems)


def _elsewhere(name: str, folder: Path, key: str, value: object, part: str, model: Mapping[str, Any]) -> InputError:
    """Return the refusal of a setting that belongs to all analyses together."""
    place: dict[str, Any] = {"file": folder / FILE_NAME, "column": f"analysis.{name}.{key}"}
    table = model.get(part)
    if isinstance(table, dict) and key in table:
        return InputError(
            "the setting is given twice",
            **place,
            found=f"{value!r} here and {table[key]!r} under [model.{part}]",
            expected="one of the two",
            mend=f"take it out of [analysis.{name}]",
        )
    return InputError(
        "this is set once for all analyses",
        **place,
        found=repr(value),
        expected="no such line in the table of an analysis",
        mend=f"the line under [model.{part}]",
    )
