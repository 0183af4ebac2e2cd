"""The store among accidents: damaged manifests, killed runs, two runs at once, and who may read it."""

import json
import os
import shutil
import stat
import subprocess
import sys
import threading
from dataclasses import dataclass

import pandas as pd
import pytest

from maternal_eval.core.errors import InputError
from maternal_eval.results import Key, Result, ResultStore

KEY = Key("data", "settings", "code", "packages")


@dataclass(frozen=True)
class Example(Result):
    scores: pd.DataFrame
    count: int


def example(count=2):
    return Example(pd.DataFrame({"score": [3.5]}), count)


@pytest.fixture
def store(tmp_path):
    made = ResultStore(tmp_path / "results")
    made.save(example(), "small", "example", KEY, seed=0)
    return made


def manifest_with(**changes):
    def spoil(path):
        content = json.loads(path.read_text()) | changes
        path.write_text(json.dumps({name: value for name, value in content.items() if value is not ...}))

    return spoil


def linked(path):
    elsewhere = path.parents[2] / "elsewhere"
    path.rename(elsewhere)
    path.symlink_to(elsewhere)


DAMAGES = {
    "cut": lambda path: path.write_bytes(path.read_bytes()[:100]),
    "empty": lambda path: path.write_bytes(b""),
    "not UTF-8": lambda path: path.write_bytes(b"\xb4\xf3" + path.read_bytes()),
    "binary": lambda path: path.write_bytes(bytes(range(256)) * 10),
    "nothing but brackets": lambda path: path.write_text("[" * 100_000),
    "a list": lambda path: path.write_text("[]"),
    "a number": lambda path: path.write_text("7"),
    "null": lambda path: path.write_text("null"),
    "another layout": manifest_with(version=2),
    "without a key": manifest_with(key=...),
    "a key of another layout": manifest_with(key={"data": "data"}),
    "a key that is text": manifest_with(key="data"),
    "files as a list": manifest_with(files=["result.json"]),
    "no files": manifest_with(files={}),
    "hashes that are numbers": manifest_with(files={"result.json": 7}),
    "files elsewhere": manifest_with(files={"result.json": "0", "../../secret": "0"}),
    "of another study": manifest_with(study="other"),
    "of another step": manifest_with(step="other"),
    "a folder": lambda path: (path.unlink(), path.mkdir()),
    "a link": linked,
    "a pipe": lambda path: (path.unlink(), os.mkfifo(path)),
    "larger than any": lambda path: path.write_text(path.read_text() + " " * 2_000_000),
    "a file is missing": lambda path: (path.parent / "scores.parquet").unlink(),
    "a file is linked": lambda path: linked(path.parent / "scores.parquet"),
    "a file more": lambda path: (path.parent / "more.parquet").write_bytes(b"x"),
    "a file is a folder": lambda path: ((path.parent / "result.json").unlink(), (path.parent / "result.json").mkdir()),
    "the folder is a file": lambda path: (shutil.rmtree(path.parent), path.parent.write_text("x")),
    "the folder is a link": lambda path: linked(path.parent),
    "the folder is empty": lambda path: (shutil.rmtree(path.parent), path.parent.mkdir()),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_what_is_damaged_or_foreign_is_not_current_and_is_replaced(store, damage):
    DAMAGES[damage](store.place("small", "example") / "manifest.json")
    assert not store.is_current("small", "example", KEY)
    if not damage.startswith("of another"):
        with pytest.raises(InputError):
            store.load(Example, "small", "example")
    store.save(example(3), "small", "example", KEY, seed=0)
    assert store.is_current("small", "example", KEY)
    assert store.load(Example, "small", "example").count == 3
    assert store.steps("small") == ["example"]


def test_the_target_of_a_link_in_the_place_of_a_result_is_left_alone(store, tmp_path):
    other = tmp_path / "other"
    place = store.place("small", "example")
    place.rename(other)
    place.symlink_to(other)
    store.save(example(3), "small", "example", KEY, seed=0)
    assert not place.is_symlink()
    assert (other / "manifest.json").is_file()


def test_a_result_whose_hashes_hold_and_that_cannot_be_read_is_one_sentence(store):
    place = store.place("small", "example")
    (place / "scores.parquet").write_bytes(b"PAR1 and no more")
    content = json.loads((place / "manifest.json").read_text())
    from maternal_eval.core.hashing import hash_file

    content["files"]["scores.parquet"] = hash_file(place / "scores.parquet")
    (place / "manifest.json").write_text(json.dumps(content))
    assert store.is_current("small", "example", KEY)
    with pytest.raises(InputError, match="the stored result cannot be read"):
        store.load(Example, "small", "example")


@pytest.mark.parametrize("moment", ["made", "waiting", "aside", "moved"])
def test_at_each_moment_of_the_swap_one_of_the_two_is_found_and_the_next_run_finishes_it(store, moment):
    """The four states that a killed run can leave: whole beside, ready, the old one aside, the new one in."""
    place = store.place("small", "example")
    beside = {kind: place.with_name(f".example.{kind}") for kind in ("unfinished", "new", "old")}
    other = ResultStore(store.folder.parent / "other")
    other.save(example(3), "small", "example", KEY, seed=0)
    new = other.place("small", "example")
    if moment == "made":
        new.rename(beside["unfinished"])
    elif moment == "waiting":
        new.rename(beside["new"])
    elif moment == "aside":
        new.rename(beside["new"])
        place.rename(beside["old"])
    else:
        place.rename(beside["old"])
        new.rename(place)
    expected = 2 if moment in ("made", "waiting") else 3
    assert store.steps("small") == ["example"]
    assert store.is_current("small", "example", KEY)
    assert store.load(Example, "small", "example").count == expected
    with store.locked("small"):
        pass
    assert store.load(Example, "small", "example").count == (2 if moment == "made" else 3)
    assert [name for name in os.listdir(store.folder / "small") if name != ".lock"] == ["example"]


def test_only_the_owner_can_read_what_is_stored(store):
    for path in [store.folder, *store.folder.rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path
    frozen = ResultStore(store.folder.parent / "derived", private=False)
    frozen.copy_from(store, "small", "example")
    assert stat.S_IMODE((frozen.place("small", "example") / "result.json").stat().st_mode) & 0o400
    assert frozen.load(Example, "small", "example").count == 2


def test_a_second_run_waits_and_names_the_process_it_waits_for(store):
    said, order = [], []
    waits = threading.Event()

    def progress(task, done, total):
        said.append(task)
        waits.set()

    def second():
        with ResultStore(store.folder).locked("small", progress):
            order.append("second")

    # Another process holds the lock; it ends when its input is closed.
    code = (
        "import sys\nfrom pathlib import Path\nfrom maternal_eval.results import ResultStore\n"
        f"with ResultStore(Path({str(store.folder)!r})).locked('small'):\n    print('held', flush=True)\n"
        "    sys.stdin.read()\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as first:
        assert first.stdout.readline() == b"held\n"
        thread = threading.Thread(target=second)
        thread.start()
        assert waits.wait(30)
        order.append("first")
        # Killed, so that it cleans up nothing: the system lets go of its lock.
        first.kill()
        thread.join(30)
        assert said == [f"waiting for process {first.pid}, which works on small"]
    assert order == ["first", "second"]


def test_a_store_in_a_folder_that_cannot_be_used_is_an_error_before_anything_is_computed(tmp_path):
    (tmp_path / "results").write_text("a file")
    with pytest.raises(OSError, match="results"), ResultStore(tmp_path / "results").locked("small"):
        raise AssertionError("not reached")
