"""The compiled passes of the what-if against their formulas, and the arrays they refuse."""

import numpy as np
import pytest
from scipy.special import expit

from maternal_eval.analyses.whatif.prediction import probabilities, probability_changes
from maternal_eval.core.errors import InputError
from tests.kernels.small import moves

BEFORE = ("coefficient", "design", "odds", "share", "start", "membership")


def before_of(arrays):
    return {name: arrays[name] for name in BEFORE}


def by_hand(arrays, moved=0.0):
    """Units × draws × thresholds: sum over a unit's respondents of share × P(y > k)."""
    eta = arrays["coefficient"].astype(float) @ arrays["design"] + moved
    above = expit(eta[:, :, None] - np.log(arrays["odds"])[:, None, :])
    cell = np.repeat(np.arange(len(arrays["start"]) - 1), np.diff(arrays["start"]))
    inside = arrays["membership"][:, cell]
    return np.einsum("ui,di,dik->duk", inside, arrays["share"], above)


def test_probabilities_are_those_of_the_formula():
    arrays = moves()
    np.testing.assert_allclose(probabilities(**before_of(arrays)), by_hand(arrays), rtol=1e-5)


def test_changes_are_those_of_the_formula():
    arrays = moves()
    found = probability_changes(**arrays)
    gains = arrays["coefficient"][:, arrays["group"]][None] * arrays["gain"][:, None]
    steps = np.zeros_like(gains)
    steps[1] = arrays["coefficient"][:, arrays["column"]] @ arrays["step"]
    expected = np.stack([by_hand(arrays, move) - by_hand(arrays) for move in gains + steps])
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-6)


def test_nobody_moved_is_no_change_at_all():
    arrays = moves()
    still = arrays | {"gain": 0 * arrays["gain"], "step": 0 * arrays["step"]}
    assert not probability_changes(**still).any()


WRONG = {
    "coefficient": [lambda a: a["coefficient"][:, :-1], lambda a: a["coefficient"][0]],
    "design": [lambda a: a["design"][:, :-1], lambda a: a["design"][:-1]],
    "odds": [lambda a: a["odds"][:-1], lambda a: a["odds"][0]],
    "share": [lambda a: a["share"][:, :-1], lambda a: a["share"][:-1]],
    "start": [
        lambda a: a["start"][:-1],
        lambda a: np.array([0, 7, 4, 11]),
        lambda a: np.array([0, 4, 4, 12]),
        lambda a: np.array([1, 4, 4, 11]),
    ],
    "membership": [lambda a: a["membership"][:, :-1], lambda a: a["membership"][0]],
    "group": [lambda a: a["group"] + 4, lambda a: a["group"] - 2, lambda a: a["group"][:-1]],
    "gain": [lambda a: a["gain"][:, :-1], lambda a: a["gain"][:1]],
    "column": [lambda a: np.array([2, 4]), lambda a: np.array([-1, 3]), lambda a: np.array([2])],
    "step": [lambda a: a["step"][:1], lambda a: a["step"][:, :-1]],
    "step_start": [lambda a: np.array([0, 2]), lambda a: np.array([0, 3, 2]), lambda a: np.array([0, 0, 3])],
}


@pytest.mark.parametrize(("name", "place"), [(name, k) for name, parts in WRONG.items() for k in range(len(parts))])
def test_arrays_that_do_not_belong_together_are_refused(name, place):
    arrays = moves()
    changed = arrays | {name: WRONG[name][place](arrays)}
    with pytest.raises(InputError, match="do not belong together"):
        probability_changes(**changed)
    if name in BEFORE:
        with pytest.raises(InputError, match="do not belong together"):
            probabilities(**before_of(changed))
