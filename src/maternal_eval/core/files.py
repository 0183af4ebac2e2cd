"""Writing a file so that it is either whole or not there, wherever the power goes.

What is written is made beside its place under a name of its own, brought to the disk, and moved there in one step.
Only regular files are replaced: a link is followed and stays a link, a device, pipe or folder is refused.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
from collections.abc import Callable
from pathlib import Path

from maternal_eval.core.errors import InputError

OWNER_ONLY = 0o600
OWNER_ONLY_FOLDER = 0o700

_MASK = os.umask(0o022)
os.umask(_MASK)
"""The permissions that new files of this process lack; asked once, for to ask is to change it for a moment."""

_OF_SYSTEM = ("/dev", "/proc", "/sys")
"""Folders whose entries are no files, whatever they look like: /dev/stdout may lead to a file that is being written."""


def target_of(path: Path) -> Path:
    """Return where a file goes that is written to ``path``, its links followed.

    Raises
    ------
    InputError
        If something else than a regular file stands there, or there is no folder for it.
    """
    place = Path(os.path.abspath(path))
    if any(place.is_relative_to(folder) for folder in _OF_SYSTEM) and not place.is_relative_to("/dev/shm"):
        raise InputError("this is no place for a file", file=path, expected="a regular file, or nothing there yet")
    target = Path(os.path.realpath(path))
    try:
        kind = os.stat(target).st_mode
    except FileNotFoundError:
        if not target.parent.is_dir():
            raise InputError("there is no such folder", file=target.parent, expected="an existing folder") from None
        return target
    if not stat.S_ISREG(kind):
        found = "a folder" if stat.S_ISDIR(kind) else "a device, pipe or socket"
        raise InputError(
            "this cannot be replaced by a file", file=path, found=found, expected="a regular file, or nothing there yet"
        )
    if not os.access(target, os.W_OK):
        raise InputError("the file is write-protected", file=path, expected="a file that may be replaced")
    return target


def check_target(path: Path) -> None:
    """Refuse a file that could not be written later, before anything is computed.

    Raises
    ------
    InputError
        As :func:`target_of`, and if the folder cannot be written.
    """
    check_folder(target_of(path).parent)


def check_folder(folder: Path) -> None:
    """Refuse a folder that could not be written or made later.

    Raises
    ------
    InputError
        If there is something else of that name, or the nearest folder that exists cannot be written.
    """
    nearest = Path(os.path.realpath(folder))
    while not os.path.lexists(nearest) and nearest != nearest.parent:
        nearest = nearest.parent
    if not nearest.is_dir():
        raise InputError("this is no folder", file=folder, expected="a folder, or nothing")
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise InputError("nothing can be written into the folder", file=nearest, expected="a folder of your own")


def write_whole(path: Path, write: Callable[[Path], object], *, private: bool = False) -> None:
    """Let ``write`` make a file beside ``path`` and put it there only when it is whole.

    Parameters
    ----------
    path
        Where the file goes; what was there before stays until the new file is whole and on the disk. A file that was
        there keeps its permissions.
    write
        Called with the path of the unfinished file.
    private
        Whether only the owner may read the file.

    Raises
    ------
    InputError
        If ``path`` is no place for a regular file: see :func:`target_of`.
    """
    target = target_of(path)
    before = target.stat() if target.exists() else None
    mark = hashlib.sha256(os.fsencode(target.name)).hexdigest()[:12]
    _remove_leftovers(target.parent, mark)
    # A short name: that of the target may be as long as the disk allows.
    unfinished = target.with_name(f".{mark}.{os.getpid()}.unfinished")
    try:
        os.close(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, OWNER_ONLY))
        write(unfinished)
        to_disk(unfinished)
        if not private:
            os.chmod(unfinished, stat.S_IMODE(before.st_mode) if before is not None else 0o666 & ~_MASK)
        os.replace(unfinished, target)
        to_disk(target.parent)
    finally:
        unfinished.unlink(missing_ok=True)


def to_disk(path: Path) -> None:
    """Have a file or folder written to the disk, so that it is there after the power has gone."""
    folder = path.is_dir()
    if folder and os.name == "nt":
        return  # Windows opens no folders
    number = os.open(path, os.O_RDONLY if folder else os.O_RDWR)
    try:
        os.fsync(number)
    except OSError:
        # Some network disks know no such thing for folders; for a file it is a fault.
        if not folder:
            raise
    finally:
        os.close(number)


def _remove_leftovers(folder: Path, mark: str) -> None:
    """Remove what runs that were killed have left unfinished of this file."""
    for leftover in folder.glob(f".{mark}.*.unfinished"):
        process = leftover.name.split(".")[2]
        if process.isdecimal() and int(process) != os.getpid() and not alive(int(process)):
            with contextlib.suppress(OSError):
                leftover.unlink()


def alive(process: int) -> bool:
    """Whether a process of this machine runs."""
    if os.name == "nt":
        return True  # there a signal of number 0 would end the process
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        return True
    return True
