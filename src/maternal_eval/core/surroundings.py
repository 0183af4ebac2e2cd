"""The folder that a program is called from: its settings files for numerical packages are not used.

Three packages read a settings file from the current folder, which may be a study that somebody else made. Numba's can
name a folder of compiled functions, whose index is a pickle: whoever writes both runs code in the reader's name.
The others could change figures and intervals without a word.
"""

from __future__ import annotations

import importlib
import os
import sys

SETTINGS_FILES = {".numba_config.yaml": "numba.core.config", "matplotlibrc": "matplotlib", "arvizrc": "arviz_base"}
"""Settings file → the module that reads it when it is imported."""


def ignore_settings_files() -> list[str]:
    """Import the packages whose settings files lie in the current folder from outside that folder, and say so.

    To be called before anything imports them. Without such a file nothing is imported.

    Returns
    -------
    list of str
        Names of the files that are not used.
    """
    found = [name for name in SETTINGS_FILES if os.path.isfile(name)]
    if not found:
        return found
    here = os.getcwd()
    os.chdir(os.path.abspath(os.sep))
    try:
        modules = {name: importlib.import_module(SETTINGS_FILES[name]) for name in found}
    finally:
        os.chdir(here)
    if numba := modules.get(".numba_config.yaml"):
        # Numba looks again whenever it compiles: give it the name of no file, and forget what may have been read.
        numba._config_fname = os.path.join(os.path.dirname(__file__), "no such file")  # type: ignore[attr-defined]
        numba.reload_config()
    print(f"note: settings files of this folder are not used: {', '.join(found)}", file=sys.stderr)
    return found
