"""Results are stored whole, trusted by their hashes, and compared within Monte-Carlo error."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from maternal_eval.core import intervals, randomness
from maternal_eval.core.errors import InputError
from maternal_eval.results import Key, Result, ResultStore, compare, summarise
from maternal_eval.results.base import OtherFieldsError
from maternal_eval.results.reported import Reported

KEY = Key("data", "settings", "code", "packages")


@dataclass(frozen=True)
class Example(Result):
    scores: pd.DataFrame
    draws: xr.Dataset
    note: str
    count: int

    def table(self):
        return self.scores


@pytest.fixture
def example():
    scores = pd.DataFrame({"stage": ["before", "after"], "score": [3.5, np.nan]})
    draws = xr.Dataset({"mean": (("draw", "stage"), np.arange(6.0).reshape(3, 2))}, {"stage": ["before", "after"]})
    return Example(scores, draws, "simulated", 2)


def test_a_stored_result_is_read_back_as_it_was(example, tmp_path):
    store = ResultStore(tmp_path)
    store.save(example, "small", "example", KEY, seed=0)
    back = store.load(Example, "small", "example")
    pd.testing.assert_frame_equal(back.scores, example.scores)
    xr.testing.assert_identical(back.draws, example.draws)
    assert (back.note, back.count) == ("simulated", 2)
    assert store.steps("small") == ["example"]
    assert store.is_current("small", "example", KEY)
    assert not store.is_current("small", "example", Key("data", "settings", "other code", "packages"))


def test_a_file_changed_by_hand_is_refused(example, tmp_path):
    store = ResultStore(tmp_path)
    store.save(example, "small", "example", KEY, seed=0)
    path = tmp_path / "small" / "example" / "result.json"
    path.write_text(path.read_text().replace("2", "3"))
    with pytest.raises(InputError, match=r"result\.json: the stored result was changed"):
        store.load(Example, "small", "example")


def test_a_save_that_fails_leaves_the_old_result(example, tmp_path, monkeypatch):
    store = ResultStore(tmp_path)
    store.save(example, "small", "example", KEY, seed=0)

    def fail(self, folder):
        folder.mkdir(parents=True, exist_ok=True)
        raise OSError("disk full")

    monkeypatch.setattr(Example, "save", fail)
    with pytest.raises(OSError, match="disk full"):
        store.save(example, "small", "example", KEY, seed=0)
    monkeypatch.undo()
    assert store.load(Example, "small", "example").count == 2


def test_json_has_every_number_and_null_for_what_is_missing(example):
    content = example.to_json()
    assert content["table"] == [{"stage": "before", "score": 3.5}, {"stage": "after", "score": None}]
    assert content["count"] == 2


def _quantities(**values):
    into = Reported("simulated")
    for key, (value, error) in values.items():
        into.add(key, value, error=error)
    return into.quantities


def test_two_runs_agree_within_monte_carlo_error_and_not_beyond():
    frozen = _quantities(mean=(3.5, 0.01), fixed=(2.0, 0.0))
    joint = np.sqrt(2) * 0.01
    near = _quantities(mean=(3.5 + 4.9 * joint, 0.01), fixed=(2.0 + 1e-7, 0.0))
    far = _quantities(mean=(3.5 + 5.1 * joint, 0.01), fixed=(2.0 + 1e-5, 0.0))
    assert compare(near, frozen)["agrees"].tolist() == [True, True]
    assert compare(far, frozen)["agrees"].tolist() == [False, False]
    assert summarise(compare(near, frozen))["agree"] == 2


def test_a_quantity_that_only_one_run_has_or_that_is_not_a_number_does_not_agree():
    frozen = _quantities(mean=(3.5, 0.01), gone=(1.0, 0.01), broken=(1.0, 0.1))
    fresh = _quantities(mean=(3.5, 0.01), new=(1.0, 0.01), broken=(np.nan, 0.1))
    agrees = compare(fresh, frozen)["agrees"]
    assert agrees.to_dict() == {"broken": False, "gone": False, "mean": True, "new": False}
    assert summarise(compare(fresh, frozen))["worst_share_of_tolerance"] == np.inf


def test_runs_with_independent_noise_of_the_stated_size_agree():
    random = np.random.default_rng(0)
    truth = random.normal(size=2_000)
    names = [f"q{i}" for i in range(2_000)]
    runs = [
        _quantities(**{name: (value, 0.02) for name, value in zip(names, truth + noise, strict=True)})
        for noise in random.normal(scale=0.02, size=(2, 2_000))
    ]
    comparison = compare(*runs)
    assert comparison["agrees"].all()
    # The test has power: at a third of the tolerance many would fail.
    assert (comparison["share"] > 1 / 3).mean() > 0.05


def test_children_of_a_seed_depend_on_the_seed_and_the_name_alone():
    first = randomness.generator(randomness.named(0, "a")).random(3)
    np.testing.assert_array_equal(first, randomness.generator(randomness.named(0, "a")).random(3))
    assert not np.allclose(first, randomness.generator(randomness.named(0, "b")).random(3))
    assert not np.allclose(first, randomness.generator(randomness.named(1, "a")).random(3))
    parent = randomness.sequence(0)
    twice = [randomness.generator(randomness.spawn(parent, 2)[1]).random() for _ in range(2)]
    assert twice[0] == twice[1]


def test_the_interval_leaves_equal_tails():
    draws = np.random.default_rng(1).normal(size=(200_000, 2)) * [1.0, 2.0]
    low, high = intervals.interval(draws)
    np.testing.assert_allclose(low, [-1.6449, -3.2897], atol=0.03)
    np.testing.assert_allclose(high, [1.6449, 3.2897], atol=0.03)


def test_a_result_of_another_version_of_the_code_is_refused(example, tmp_path):
    store = ResultStore(tmp_path)
    store.save(example, "small", "example", KEY, seed=0)

    @dataclass(frozen=True)
    class Later(Example):
        kind: str = "equal-tailed"

    with pytest.raises(OtherFieldsError, match="other fields: kind"):
        store.load(Later, "small", "example")
