"""Validation of service-evaluation models: backtest, sensitivity, satisfaction by life stage, dynamic weights."""

import os

from maternal_eval.core.surroundings import ignore_settings_files

# A cold and a warm numba cache give different draws for the same seed unless fast-math is off, and
# PyTensor reads its flags once, at import: so this is the one place, before anything imports PyTensor.
_flags = os.environ.get("PYTENSOR_FLAGS", "")
if "numba__fastmath" not in _flags:
    os.environ["PYTENSOR_FLAGS"] = ",".join(part for part in (_flags, "numba__fastmath=False") if part)

ignore_settings_files()

__all__ = ["__version__"]


def __getattr__(name: str) -> str:
    if name != "__version__":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    # Reading the record of the installed packages takes longer than the help of a verb.
    from importlib.metadata import version

    return version("maternal_eval")
