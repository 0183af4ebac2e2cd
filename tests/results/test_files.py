"""Files are whole or not there; links are followed, and nothing but a regular file is ever replaced."""

import errno
import os
import socket
import stat
from pathlib import Path

import pytest

from maternal_eval.core.errors import InputError
from maternal_eval.core.files import alive, check_folder, check_target, write_whole


def writing(text):
    return lambda path: path.write_text(text)


def test_links_are_followed_and_stay_links(tmp_path):
    (tmp_path / "real").mkdir()
    target = tmp_path / "real" / "file"
    target.write_text("old")
    (tmp_path / "one").symlink_to("real/file")
    (tmp_path / "two").symlink_to("one")
    write_whole(tmp_path / "two", writing("new"))
    assert target.read_text() == "new"
    assert (tmp_path / "one").is_symlink()
    assert (tmp_path / "two").is_symlink()
    (tmp_path / "to nothing").symlink_to("real/other")
    write_whole(tmp_path / "to nothing", writing("new"))
    assert (tmp_path / "real" / "other").read_text() == "new"
    assert sorted(os.listdir(tmp_path / "real")) == ["file", "other"]


def test_only_regular_files_are_replaced(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "null").symlink_to("/dev/null")
    with socket.socket(socket.AF_UNIX) as bound:
        cwd = os.getcwd()
        os.chdir(tmp_path)  # the path of a socket is short
        bound.bind("socket")
        os.chdir(cwd)
    before = os.stat("/dev/null")
    for path in (*(tmp_path / name for name in ("pipe", "folder", "null", "socket", "missing/file")),
                 Path("/dev/null"), Path("/dev/stdout"), Path("/proc/self/fd/1"), Path("/dev/fd/1")):  # fmt: skip
        for act in (check_target, lambda path: write_whole(path, writing("x"))):
            with pytest.raises(InputError):
                act(path)
    with pytest.raises((InputError, OSError)):
        check_target(tmp_path / "loop")
    after = os.stat("/dev/null")
    assert stat.S_ISCHR(after.st_mode)
    assert (after.st_ino, after.st_rdev) == (before.st_ino, before.st_rdev)
    assert sorted(os.listdir(tmp_path)) == ["folder", "loop", "null", "pipe", "socket"]


def test_permissions_are_kept_and_new_files_have_the_usual_ones(tmp_path):
    path = tmp_path / "file"
    write_whole(path, writing("one"))
    (tmp_path / "usual").write_text("")
    assert path.stat().st_mode == (tmp_path / "usual").stat().st_mode
    path.chmod(0o640)
    write_whole(path, writing("two"))
    assert (path.read_text(), stat.S_IMODE(path.stat().st_mode)) == ("two", 0o640)
    write_whole(tmp_path / "mine", writing("three"), private=True)
    assert stat.S_IMODE((tmp_path / "mine").stat().st_mode) == 0o600


def test_a_failure_leaves_the_old_file_and_nothing_beside_it(tmp_path):
    path = tmp_path / "file"
    path.write_text("old")

    def full(unfinished):
        unfinished.write_text("half")
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        write_whole(path, full)
    assert (path.read_text(), os.listdir(tmp_path)) == ("old", ["file"])


def test_the_longest_name_that_the_disk_allows_can_be_written(tmp_path):
    path = tmp_path / ("n" * 255)
    write_whole(path, writing("whole"))
    assert path.read_text() == "whole"


def test_what_a_killed_run_has_left_goes_and_what_another_run_is_writing_stays(tmp_path):
    path = tmp_path / "file"
    names = []
    write_whole(path, lambda unfinished: names.append(unfinished.name) or unfinished.write_text("x"))
    mark = names[0].split(".")[1]
    gone = next(number for number in range(4_000_000, 10, -1) if not alive(number))
    (tmp_path / f".{mark}.{gone}.unfinished").write_text("half")
    (tmp_path / f".{mark}.{os.getppid()}.unfinished").write_text("being written")
    write_whole(path, writing("y"))
    assert sorted(os.listdir(tmp_path)) == sorted([f".{mark}.{os.getppid()}.unfinished", "file"])


def test_a_folder_that_could_not_be_made_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    for folder in (tmp_path / "file", tmp_path / "file" / "deeper"):
        with pytest.raises(InputError):
            check_folder(folder)
    check_folder(tmp_path / "new" / "deeper")
    assert os.listdir(tmp_path) == ["file"]
