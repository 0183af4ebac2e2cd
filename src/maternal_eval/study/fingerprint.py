"""Whether two studies are the same data."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from maternal_eval.core.hashing import hash_bytes, hash_files
from maternal_eval.study.definition import StudyDefinition
from maternal_eval.study.panel import packaged_file
from maternal_eval.study.panel.files import regular_file
from maternal_eval.study.panel.warehouse import WarehousePanel


def fingerprint(
    folder: Path, definition: StudyDefinition, panel: Path | WarehousePanel | None, columns: Sequence[str]
) -> str:
    """Return the hash of what was read; [model] apart, whose tables count for those alone who use them.

    Parameters
    ----------
    folder, definition
        The study.
    panel
        What was given in place of the panel that it names, if anything was.
    columns
        The columns of a panel in a warehouse that are counted.
    """
    names = [definition.indicators.file if definition.indicators else None, *definition.files.named.values()]
    files = [folder / name for name in names if name is not None]
    if panel is None and definition.panel.file is not None:
        panel = folder / definition.panel.file
    elif panel is None and definition.panel.package is not None:
        panel = packaged_file(definition.panel.package, definition.panel.item or "")
    if panel is not None and not isinstance(panel, WarehousePanel):
        files.append(panel)
    parts = [hash_files(regular_file(file, "a file") for file in files)]
    parts += [panel.fingerprint(columns)] if isinstance(panel, WarehousePanel) else []
    # What was said, in its order: the first outcome is the primary one.
    parts.append(definition.model_dump_json(exclude={"model"}, exclude_defaults=True))
    return hash_bytes("\n".join(parts).encode())
