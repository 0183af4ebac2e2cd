"""A pytest plugin that runs compiled code with its indices checked, and fails where some of it was not run.

Used in a process of its own (``test_bounds.py``, ``make test-bounds``), in one of two ways:

- NUMBA_BOUNDSCHECK=1 and a cache of its own: compiled, every index checked. Parallel loops are made serial, because
  an index error inside one is lost.
- KERNELS_IN_PYTHON=1: not compiled at all, so that NumPy checks every index. Seconds instead of a minute; what the
  sampler calls as C functions is left out. (NUMBA_DISABLE_JIT would take other libraries' functions along.)
"""

from __future__ import annotations

import functools
import os
import re
import sys
from pathlib import Path

import numba

SOURCES = Path(__file__).parents[2] / "src" / "maternal_eval"
KERNEL, C_FUNCTION = r"@(numba\.)?njit", r"numba\.cfunc\("
COMPILED = os.environ.get("NUMBA_BOUNDSCHECK") == "1"

if (os.environ.get("KERNELS_IN_PYTHON") == "1") == COMPILED:
    raise RuntimeError("set NUMBA_BOUNDSCHECK=1 (with a NUMBA_CACHE_DIR of its own) or KERNELS_IN_PYTHON=1")

_njit, _cfunc = numba.njit, numba.cfunc
_kernels: dict[str, object] = {}
_run: set[str] = set()


def modules(pattern: str) -> set[str]:
    """Modules of the package whose source matches."""
    return {
        "maternal_eval." + ".".join(path.relative_to(SOURCES).with_suffix("").parts)
        for path in SOURCES.rglob("*.py")
        if re.search(pattern, path.read_text(encoding="utf-8"))
    }


def _checked(*arguments, **options):
    def make(function):
        if not function.__module__.startswith(("maternal_eval.", "tests.")):
            return _njit(**options)(function)
        options.pop("parallel", None)
        name = f"{function.__module__}.{function.__name__}"
        if COMPILED:
            _kernels[name] = found = _njit(**options)(function)
            if options.get("inline") == "always":  # part of its callers
                _run.add(name)
            return found

        @functools.wraps(function)
        def noted(*values):
            _run.add(name)
            return function(*values)

        _kernels[name] = noted
        return noted

    return make(arguments[0]) if arguments and callable(arguments[0]) else make


def _noted(*arguments, **options):
    _run.add(sys._getframe(1).f_globals["__name__"])
    return _cfunc(*arguments, **options)


numba.njit, numba.cfunc = _checked, _noted


def _idle() -> list[str]:
    """Name what is compiled code in the sources and was not run."""
    if COMPILED:
        _run.update(name for name, kernel in _kernels.items() if kernel.signatures)
    idle = {name for name in _kernels if name.startswith("maternal_eval.")} - _run
    idle |= {module for module in modules(KERNEL) if module not in sys.modules}
    return sorted(idle | (modules(C_FUNCTION) - _run if COMPILED else set()))


def pytest_sessionfinish(session, exitstatus):
    """Fail where something was not run."""
    if exitstatus == 0 and _idle():
        session.exitstatus = 1


def pytest_terminal_summary(terminalreporter):
    """Say what was run and what was not."""
    kernels = sum(name.startswith("maternal_eval.") for name in _kernels)
    terminalreporter.write_line(
        f"{kernels} kernels with their indices checked; not run: {', '.join(_idle()) or 'none'}"
    )
