"""What a fault becomes: one sentence and an exit code. The one place that knows, for every verb.

================================================  ====  ==================================================
what happened                                     code  what is said
================================================  ====  ==================================================
:class:`~maternal_eval.core.errors.InputError`,   2     ``error:`` and one sentence
wrong options, files and disks, too little
memory, input nested too deeply
other errors of this package                      1     ``failed:`` and one sentence, e.g. gates that a
                                                        fit did not pass
anything else                                     70    ``internal error:`` and where a report of it is
interruption (Ctrl-C)                             130   one line
================================================  ====  ==================================================

No traceback, no warning of a library and no "Exception ignored" reaches a terminal: they go to the report, a file that
only its owner can read. It holds types and places in the code and no messages, because messages quote data.

Only the standard library is imported here, so that an interruption while the rest is imported is met as well.
"""

from __future__ import annotations

import atexit
import contextlib
import errno
import logging
import os
import re
import signal
import sys
import threading
import warnings
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any, NoReturn

from maternal_eval.core.errors import InputError, MaternalEvalError, path_in_words, problems_in
from maternal_eval.core.printable import quoted, visible

BAD_INPUT = 2
"""Exit code for what the user, or whoever looks after the machine, has to mend."""

MOST_TOLD = 20
"""So many things that are wrong with the input are told in one pass, the others are counted."""

FAILED = 1
"""Exit code for everything else that this package refuses, e.g. a fit that did not pass its gates."""

INTERNAL = 70
"""Exit code for a fault of this package: what the C library calls an internal software error."""

INTERRUPTED = 130
"""Exit code after an interruption, as shells have it: 128 and the number of the signal."""

_OF_THE_SYSTEM = {
    errno.EACCES: "permission denied",
    errno.EPERM: "permission denied",
    errno.ENOENT: "there is no such file or folder",
    errno.ENOSPC: "no space is left on the disk",
    errno.EDQUOT: "the quota of the disk is used up",
    errno.EROFS: "the disk can only be read",
    errno.EISDIR: "this is a folder, not a file",
    errno.ENOTDIR: "a part of the path is no folder",
    errno.EEXIST: "there is a file of that name already",
    errno.ENOTEMPTY: "the folder is not empty",
    errno.ENAMETOOLONG: "the name is too long",
    errno.EIO: "the disk could not be read or written (input/output error)",
    errno.ELOOP: "the links lead round in a circle",
    errno.EMFILE: "too many files are open",
    errno.ENFILE: "too many files are open",
    errno.EBUSY: "the file is in use",
    errno.EFBIG: "the file is too large for the disk",
    errno.ENOMEM: "not enough memory",
}
"""Faults of files and disks, in words."""

_ERRNO_IN_TEXT = re.compile(r"errno[ =]+(\d+)", re.IGNORECASE)
"""How libraries written in C hand on the number of a fault."""


class _Notes:
    """What must not reach the terminal as it is, kept for the report."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.interrupted = False

    def add(self, line: str) -> None:
        """Keep a line once; a warning in a loop is one warning."""
        if line not in self.lines and len(self.lines) < 200:
            self.lines.append(line)


_notes = _Notes()


def run(application: Callable[[], Any]) -> NoReturn:
    """Run the command line and leave with its exit code, whatever happens in it.

    Parameters
    ----------
    application
        Imports what it needs and runs the verb; a whole number that it returns is the exit code.
    """
    _keep_to_ourselves()
    fault: BaseException | None = None
    code: Any = 0
    try:
        code = application()
        sys.stdout.flush()
    except SystemExit as error:
        code = error.code
    except BaseException as error:
        fault = error
    if _notes.interrupted and fault is None:
        # A library took the interruption for the end of its own work, and handed on what it had by then.
        fault = KeyboardInterrupt()
    code = told(fault) if fault is not None else code if isinstance(code, int) else 0
    if _notes.lines and code == 0:
        _say(f"note: libraries warned {len(_notes.lines)} times; what and where is in {_write_report(None)}")
    _leave(code)


def run_and_end(application: Callable[[], Any]) -> NoReturn:
    """:func:`run` the command line as a process of its own, and end that at once.

    The interpreter is not taken apart: a thread of Arrow's that still wants it then would abort the process, and the
    exit code with it. Threads are waited for, and what libraries registered for the end is done, all the same.
    """
    code = FAILED
    try:
        run(application)
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else FAILED
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


def told(error: BaseException) -> int:
    """Say what happened in one sentence on the standard error and return the exit code."""
    if isinstance(error, KeyboardInterrupt) or _notes.interrupted:
        # A library that was interrupted half-way may raise anything: what happened is still the interruption.
        _say("interrupted: what was finished is kept, and the same command goes on from there")
        return INTERRUPTED
    if isinstance(error, InputError):
        problems = problems_in(error)
        for problem in problems[:MOST_TOLD]:
            _say(f"error: {problem}")
        if len(problems) > MOST_TOLD:
            _say(f"and {len(problems) - MOST_TOLD} more")
        return BAD_INPUT
    if isinstance(error, MaternalEvalError):
        _say(f"failed: {error}")
        return FAILED
    sentence = _expected(error)
    if sentence is not None:
        _say(f"error: {sentence}")
        return BAD_INPUT
    if isinstance(error, BrokenPipeError) and _stdout_is_broken():
        return FAILED
    place = _place(error.__traceback__)
    where = f" ({place})" if place else ""
    _say(f"internal error: {_name(error)}{where}; a report without data is in {_write_report(error)}")
    return INTERNAL


def _expected(error: BaseException) -> str | None:
    """Return a sentence on a fault of files, disks or memory, None for anything else."""
    if isinstance(error, MemoryError):
        return "not enough memory: fewer draws (--quick) or a smaller panel need less"
    if isinstance(error, RecursionError):
        return "something in the input is nested too deeply"
    if isinstance(error, UnicodeDecodeError):
        return (
            f"a file is not text in the encoding {error.encoding}: found the byte 0x{error.object[error.start]:02x} at "
            f"position {error.start}; to mend it: save it as UTF-8"
        )
    if not isinstance(error, OSError) or isinstance(error, BrokenPipeError):
        return None
    number = error.errno
    if number is None:
        in_text = _ERRNO_IN_TEXT.search(str(error))
        number = int(in_text.group(1)) if in_text else None
    if number is None:
        return None
    words = _OF_THE_SYSTEM.get(number, os.strerror(number))
    names = [name if isinstance(name, str) else os.fsdecode(name) for name in (error.filename, error.filename2)
             if isinstance(name, str | bytes)]  # fmt: skip
    return ": ".join([*(path_in_words(name) for name in names[:1]), words])


def _name(error: BaseException) -> str:
    return type(error).__qualname__


def _say(sentence: str) -> None:
    """Write a sentence of others' words to the standard error, line by line, nothing in it obeyed."""
    text = "\n".join(visible(line) for line in sentence.split("\n"))
    try:
        sys.stderr.write(text + "\n")
        sys.stderr.flush()
    except (OSError, ValueError):
        pass  # nobody listens any more


def _keep_to_ourselves() -> None:
    """Let warnings, logs and ignored exceptions go to the report, and make the standard streams hold any text."""
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            # A closed stream would give its number to the next file that is opened, which then got what is printed.
            os.open(os.devnull, os.O_RDWR)
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115 (for the rest of the process)
        elif hasattr(stream, "reconfigure"):
            # A terminal without the sign shows its number; it never ends the run.
            stream.reconfigure(errors="backslashreplace")
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _interrupt)
    warnings.showwarning = _note_warning
    sys.unraisablehook = lambda found: _note_exception("ignored", found.exc_type, found.exc_traceback)
    import threading

    threading.excepthook = lambda found: _note_exception("in a thread", found.exc_type, found.exc_traceback)
    logging.getLogger().addHandler(_NotesHandler(level=logging.WARNING))


def _interrupt(number: int, frame: FrameType | None) -> None:
    _notes.interrupted = True
    raise KeyboardInterrupt


def _note_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: object = None,
    line: object = None,
) -> None:
    _notes.add(f"warning: {category.__name__} at {_module(filename)}, line {lineno}")


def _note_exception(kind: str, found: type[BaseException] | None, trace: TracebackType | None) -> None:
    _notes.add(f"exception {kind}: {'unknown' if found is None else found.__qualname__} at {_place(trace) or '?'}")


class _NotesHandler(logging.Handler):
    """Keeps who logged a warning, and where; without the message, which may quote data."""

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one record."""
        _notes.add(f"log: {record.levelname} of {record.name} at {_module(record.pathname)}, line {record.lineno}")


def _module(path: str) -> str:
    """Return a source file without the folders of this machine."""
    parts = re.split(r"[\\/]", path)
    for root in ("site-packages", "src"):
        if root in parts:
            return "/".join(parts[len(parts) - parts[::-1].index(root) :])
    return "/".join(parts[-2:])


def _place(trace: TracebackType | None) -> str:
    """Return where in this package a fault arose, or where at all."""
    import traceback

    frames = traceback.extract_tb(trace)
    own = [frame for frame in frames if "maternal_eval" in re.split(r"[\\/]", frame.filename)]
    for frame in (own or frames)[-1:]:
        return f"{_module(frame.filename)}, line {frame.lineno}"
    return ""


def _write_report(error: BaseException | None) -> str:
    """Write what is known of a fault, its messages left out, to a file for its owner alone; return its path."""
    import platform
    import tempfile
    from importlib.metadata import PackageNotFoundError, version

    names = ("maternal_eval", "numpy", "pandas", "pymc", "nutpie", "numba", "matplotlib", "pyarrow", "duckdb")
    lines = ["maternal-eval: report. Messages are left out, because they may quote data.", ""]
    for name in names:
        try:
            lines.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            lines.append(f"{name} is not installed")
    lines += [f"Python {platform.python_version()} on {platform.system()} {platform.machine()}"]
    # The verb and the names of the options; what was given to them may be somebody's name.
    options = [word.partition("=")[0] for word in sys.argv[2:] if word.startswith("--")]
    lines += [f"verb {quoted(' '.join([*sys.argv[1:2], *options]))}", ""]
    if error is not None:
        lines += _chain(error)
    lines += _notes.lines
    text = "\n".join(visible(line) for line in lines) + "\n"
    for folder in ("build", None):
        if folder is not None and not os.path.isdir(folder):
            continue
        try:
            # Only the owner can read what mkstemp makes.
            handle, path = tempfile.mkstemp(prefix="maternal-eval-report-", suffix=".txt", dir=folder)
            with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
                file.write(text)
            return path if folder is None else os.path.relpath(path)
        except OSError:
            continue
    return "no file: none could be written"


def _chain(error: BaseException | None) -> list[str]:
    """Return types and places of an exception and of what it came from, the first cause first."""
    import traceback

    lines: list[str] = []
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        frames = [
            f"  {_module(frame.filename)}, line {frame.lineno}, in {frame.name}: {frame.line}"
            for frame in traceback.extract_tb(error.__traceback__)
        ]
        lines = [f"{type(error).__module__}.{_name(error)}", *frames, "", *lines]
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return lines


def _stdout_is_broken() -> bool:
    """Whether whoever read the standard output has gone, as ``| head`` does."""
    import select

    try:
        sys.stdout.flush()
        watched = select.poll()
        watched.register(sys.stdout.fileno(), 0)
        return any(event & select.POLLERR for _, event in watched.poll(0))
    except (OSError, ValueError, AttributeError):
        return True


def _leave(code: int) -> NoReturn:
    """Leave with ``code``; what cannot be flushed any more says nothing."""
    try:
        sys.stdout.flush()
    except (OSError, ValueError):
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 (for the end of the process)
    if code == INTERRUPTED:
        # A second Ctrl-C while the interpreter clears up would end in a traceback of its own.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.exit(code)
