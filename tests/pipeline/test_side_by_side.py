"""Analyses side by side: the results of one after the other, and errors as they are."""

from __future__ import annotations

import pickle

import pytest

from maternal_eval.app import side_by_side
from maternal_eval.app.analysis import Analysis
from maternal_eval.app.side_by_side import compute_side_by_side
from maternal_eval.app.steps import STEPS, used
from maternal_eval.core.errors import InputError, InputErrors
from maternal_eval.results import ResultStore
from tests.study.conftest import folder

__all__ = ["folder"]


@pytest.fixture
def study(folder, monkeypatch):
    """The small study without outcomes, as if it were a large one."""
    monkeypatch.setattr(side_by_side, "ANSWERS", 1)
    text = (folder / "study.toml").read_text()
    few = "[analysis.instrument]\nfewest = 50\n"
    (folder / "study.toml").write_text(text[: text.index("[outcomes]")] + few)
    return folder


def opened(study, folder, **settings):
    return Analysis.compute(study, ResultStore(folder), quick=True, long_running=False, **settings)


def test_two_processes_give_what_one_gives(study, tmp_path):
    told: list[str] = []
    beside = opened(study, tmp_path / "beside")
    compute_side_by_side([beside], {}, lambda task, done, total: told.append(task))
    names = [name for name in beside.possible if beside.computes(STEPS[name])]
    assert len(names) > 1
    after_another = opened(study, tmp_path / "one")
    for name in names:
        assert beside.store.is_current(beside.name, name, beside.key(STEPS[name]))
        after_another.result(name)
        stores = [one.store.manifest(one.name, name) for one in (beside, after_another)]
        assert stores[0].key == stores[1].key
        if name in ("check", "weights", "scores"):  # no sampling, one thread: the same to the last bit
            assert stores[0].files == stores[1].files
    compute_side_by_side([beside], {}, lambda task, done, total: pytest.fail(f"computed again: {task}"))


def test_nothing_is_computed_before_what_it_uses(study, tmp_path):
    analysis = opened(study, tmp_path / "results")
    for name, needed in side_by_side._missing(analysis).items():
        assert needed == set(used(STEPS[name], analysis.study)) & set(analysis.possible)


def test_an_error_of_a_process_is_told_as_it_is(study, tmp_path, monkeypatch):
    """The study is read again in each process: here it can no longer be read."""
    analysis = opened(study, tmp_path / "results")
    (study / "study.toml").write_text("no = [", encoding="utf-8")
    with pytest.raises(InputError, match=r"study\.toml"):
        compute_side_by_side([analysis], {})
    assert not [path for path in (tmp_path / "results").glob("*/.*") if path.suffix == ".unfinished"]


def test_errors_reach_the_parent_whole():
    problems = InputErrors([InputError("one", file="a.csv", row=2), InputError("two", mend="x = 1")])
    again = pickle.loads(pickle.dumps(problems))
    assert (str(again), [str(one) for one in again.problems]) == (
        str(problems),
        [str(one) for one in problems.problems],
    )
