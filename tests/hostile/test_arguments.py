"""Arguments of the command line, and results in the store, that are not what they should be."""

import json
import os

import pytest

from tests.hostile.tiny import Tiny, call, contents

REFUSED = {
    "no such verb": (["chekc", "study"], "No such command"),
    "no study": (["check"], "Missing argument"),
    "two studies": (["check", "study", "study"], "unexpected extra argument"),
    "an unknown option": (["check", "study", "--force"], "No such option"),
    "a seed of -1": (["check", "study", "--seed", "-1"], "--seed"),
    "a seed in words": (["check", "study", "--seed", "abc"], "--seed"),
    "a broken seed": (["check", "study", "--seed", "1.5"], "--seed"),
    "an endless seed": (["score", "study", "--quick", "--seed", "inf"], "--seed"),
    "no seed": (["check", "study", "--seed"], "--seed"),
    "a study that is not there": (["check", "nowhere"], "this is no study folder"),
    "a study that is a file": (["check", "study/panel.csv"], "this is no study folder"),
    "a study of no name": (["check", ""], "no study folder"),
    "a study with NUL": (["check", "a\x00b"], "null character"),
    "a study of 5,000 signs": (["check", "s" * 5000], "ssss"),
    "a study that is a device": (["check", "/dev/null"], "this is no study folder"),
    "a study of half a sign": (["check", "\udcff"], "no study folder"),
    "a panel that is not there": (["check", "study", "--panel", "nowhere.csv"], "nowhere.csv"),
    "a panel that is a folder": (["check", "study", "--panel", "study"], "study"),
    "a panel that is a device": (["check", "study", "--panel", "/dev/zero"], "/dev/zero"),
    "a panel of study.toml": (["check", "study", "--panel", "study/study.toml"], "study.toml"),
    "a panel of another table": (["check", "study", "--panel", "study/kano.csv"], "kano.csv, column id: a column is missing"),
    "JSON in a folder that is not there": (["check", "study", "--json", "no/out.json"], "no such folder"),
    "JSON onto a folder": (["check", "study", "--json", "study"], "study"),
    "JSON onto the panel": (["check", "study", "--json", "study/panel.csv"], "this file is read, not written"),
    "JSON onto study.toml": (["check", "study", "--json", "study/study.toml"], "this file is read, not written"),
    "JSON onto the panel given": (["check", "study", "--panel", "study/panel.csv", "--json", "study/panel.csv"], "read, not written"),
    "JSON onto a device": (["check", "study", "--json", "/dev/full"], "/dev/full"),
    "JSON of no name": (["check", "study", "--json", ""], "error"),
    "JSON with NUL": (["check", "study", "--json", "a\x00b"], "error"),
    "tables onto a file": (["check", "study", "--out", "study/panel.csv"], "panel.csv"),
    "tables below a file": (["check", "study", "--out", "study/panel.csv/x"], "panel.csv"),
    "tables onto a device": (["check", "study", "--out", "/dev/null"], "/dev/null"),
    "an analysis without what it needs": (["satisfaction", "study", "--quick", "--panel", "nowhere"], "nowhere"),
    "a companion without name": (["paper", "study", "--panel", "panel.csv"], "NAME=FILE"),
    "a companion that is unknown": (["paper", "study", "--panel", "moon=study/panel.csv"], "--panel names a study that has no part in this paper"),
    "a new study onto one": (["new", "study"], "the folder is not empty"),
    "a new study onto a file": (["new", "study/panel.csv"], "not empty"),
    "a simulation onto a study": (["simulate", "study"], "the folder is not empty"),
    "a simulation of seed -1": (["simulate", "new", "--seed", "-1"], "--seed"),
}  # fmt: skip


@pytest.fixture
def study(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return Tiny().write(tmp_path / "study")


@pytest.mark.parametrize(("arguments", "words"), REFUSED.values(), ids=REFUSED)
def test_wrong_arguments_are_one_sentence_and_nothing_is_written(arguments, words, study, tmp_path):
    before = contents(tmp_path)
    done = call(*arguments)
    assert done.code == 2, done.out + done.err
    assert words in done.err
    lines = done.err.splitlines()
    assert len(lines) == (15 if "kano.csv" in words else 1), done.err
    assert all(line.startswith("error: ") for line in lines)
    assert done.out == ""
    assert contents(tmp_path) == before
    assert os.path.exists("/dev/null")


def test_papers_of_cells_too_small_are_built_without_what_refuses(study, tmp_path):
    """A study without texts has its papers built by template; an analysis that refuses is left out and named."""
    text = (tmp_path / "study" / "study.toml").read_text(encoding="utf-8")
    (tmp_path / "study" / "study.toml").write_text(
        text.replace("[study]\n", '[study]\nanalyses = ["check", "weights", "backtest"]\n', 1), encoding="utf-8"
    )
    done = call("paper", "study", "--quick")
    assert done.code == 0, done.out + done.err
    (refusal,) = (line for line in done.out.splitlines() if line.startswith("left out: "))
    assert refusal.startswith("left out: backtest: ")
    assert "[analysis.backtest] in study.toml" in refusal
    assert len([path for path in tmp_path.rglob("*") if path.suffix in (".pdf", ".docx", ".html")]) == 6


@pytest.mark.parametrize("seed", ["0", "4294967296", "9" * 40])
def test_any_seed_from_0_is_one(seed, study):
    done = call("score", "study", "--quick", "--seed", seed)
    assert done.code == 0, done.err


def _results(tmp_path):
    [manifest] = (tmp_path / "build" / "results").rglob("manifest.json")
    return manifest


def _link(path, to):
    path.unlink()
    path.symlink_to(to)


DAMAGE = {
    "a manifest that is empty": lambda m: m.write_text(""),
    "a manifest cut in half": lambda m: m.write_text(m.read_text()[: m.stat().st_size // 2]),
    "a manifest that is a list": lambda m: m.write_text("[]"),
    "a manifest that is a number": lambda m: m.write_text("3"),
    "a manifest that is null": lambda m: m.write_text("null"),
    "a manifest of other keys": lambda m: m.write_text('{"a": 1}'),
    "a manifest of wrong kinds": lambda m: m.write_text(json.dumps(dict.fromkeys(json.loads(m.read_text()), 7))),
    "a manifest of nulls": lambda m: m.write_text(json.dumps(dict.fromkeys(json.loads(m.read_text())))),
    "a manifest of bytes": lambda m: m.write_bytes(bytes(range(256))),
    "a manifest nested deeply": lambda m: m.write_text("[" * 100_000),
    "a manifest that is gone": lambda m: m.unlink(),
    "a manifest that is a folder": lambda m: (m.unlink(), m.mkdir()),
    "a manifest that links to nothing": lambda m: _link(m, "nowhere"),
    "a manifest that links to itself": lambda m: _link(m, m.name),
    "a manifest of a device": lambda m: _link(m, "/dev/null"),
    "all other files are gone": lambda m: [p.unlink() for p in m.parent.iterdir() if p != m],
    "all other files are empty": lambda m: [p.write_bytes(b"") for p in m.parent.iterdir() if p != m],
    "all other files are noise": lambda m: [p.write_bytes(bytes(range(256))) for p in m.parent.iterdir() if p != m],
    "all other files are JSON of another kind": lambda m: [p.write_text("[1]") for p in m.parent.iterdir() if p != m],
    "a further file": lambda m: (m.parent / "more.txt").write_text("x"),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_result_is_not_current_and_is_computed_anew(damage, study, tmp_path):
    first = call("kano", "study", "--json", "first.json")
    assert first.code == 0, first.err
    damage(_results(tmp_path))
    done = call("kano", "study", "--json", "second.json")
    assert done.code == 0, done.err
    assert done.out.replace("second", "first") == first.out
    assert (tmp_path / "second.json").read_bytes() == (tmp_path / "first.json").read_bytes()


def test_a_store_that_is_a_file_is_one_sentence(study, tmp_path):
    (tmp_path / "build").write_text("")
    done = call("kano", "study")
    assert done.code == 2
    assert len(done.err.splitlines()) == 1, done.err


def test_a_folder_that_links_to_itself_is_one_sentence(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "loop").symlink_to("loop")
    done = call("check", "loop")
    assert (done.code, len(done.err.splitlines())) == (2, 1)


@pytest.mark.parametrize("file", ["study.toml", "panel.csv", "indicators.csv", "kano.csv", "claims.csv"])
@pytest.mark.parametrize("to", ["{name}", "nowhere", "/dev/zero", "."])
def test_a_file_that_links_to_what_is_no_file_is_one_sentence(file, to, study, tmp_path):
    _link(study / file, to.format(name=file))
    done = call("check", "study")
    assert done.code == 2, done.out + done.err
    assert len(done.err.splitlines()) == 1
    assert file in done.err or "no study folder" in done.err


@pytest.mark.parametrize("file", ["study.toml", "panel.csv", "kano.csv", "claims.csv"])
def test_a_pipe_in_place_of_a_file_does_not_wait(file, study):
    (study / file).unlink()
    os.mkfifo(study / file)
    done = call("check", "study")
    assert done.code == 2, done.out + done.err
    assert len(done.err.splitlines()) == 1
