"""Replicates: kept as they finish, taken up again, the same whichever way."""

from __future__ import annotations

import numpy as np
import pytest

from maternal_eval.methods.sampling import run_replicates


class Counter:
    """A computation that counts its calls and can be interrupted."""

    def __init__(self, interrupt_at: int | None = None):
        self.calls, self.interrupt_at = 0, interrupt_at

    def __call__(self, seed: np.random.SeedSequence) -> dict[str, np.ndarray]:
        if self.calls == self.interrupt_at:
            raise KeyboardInterrupt
        self.calls += 1
        return {"value": np.random.default_rng(seed).normal(size=2)}


def values(found):
    return np.array([replicate["value"] for replicate in found])


def test_a_replicate_depends_on_its_own_seed_alone():
    few, many = (values(run_replicates(Counter(), count, seed=0)) for count in (3, 5))
    assert np.array_equal(few, many[:3])
    assert len(np.unique(many)) == 10
    assert not np.array_equal(few, values(run_replicates(Counter(), 3, seed=1)))


def test_an_interrupted_study_goes_on_where_it_stopped(tmp_path):
    whole = values(run_replicates(Counter(), 6, seed=0))
    kept = tmp_path / "kept"
    with pytest.raises(KeyboardInterrupt):
        run_replicates(Counter(interrupt_at=4), 6, seed=0, kept=kept)
    counter, heard = Counter(), []
    found = run_replicates(counter, 6, seed=0, kept=kept, progress=lambda *news: heard.append(news), task="study")
    assert counter.calls == 2
    assert np.array_equal(values(found), whole)
    assert heard[0] == ("study", 0, 6)
    assert heard[-1] == ("study", 6, 6)


@pytest.mark.parametrize("change", [{"seed": 1}, {"conditions": "another model"}])
def test_what_was_kept_under_other_conditions_is_thrown_away(tmp_path, change):
    run_replicates(Counter(), 3, seed=0, kept=tmp_path / "kept", conditions="a model")
    counter = Counter()
    run_replicates(counter, 3, **({"seed": 0, "conditions": "a model"} | change), kept=tmp_path / "kept")
    assert counter.calls == 3


def test_nothing_half_written_is_taken_for_finished(tmp_path):
    run_replicates(Counter(), 2, seed=0, kept=tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["000000.npz", "000001.npz", "conditions.json"]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 and no more", b"no archive"])
def test_a_kept_replicate_that_was_damaged_is_computed_again(content, tmp_path):
    kept = tmp_path / "kept"
    whole = values(run_replicates(Counter(), 3, seed=0, kept=kept))
    (kept / "000001.npz").write_bytes(content)
    counter = Counter()
    assert np.array_equal(values(run_replicates(counter, 3, seed=0, kept=kept)), whole)
    assert counter.calls == 1
