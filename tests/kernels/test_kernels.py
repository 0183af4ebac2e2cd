"""The door of compiled code: every way in which arrays do not belong together, and the block that they end in."""

import numpy as np
import pytest

from maternal_eval.core.errors import InputError
from maternal_eval.methods.kernels import Slot, enter, pack

SLOTS = (
    Slot("values", ("rows", "columns"), np.float32, low=0.0, high=1.0),
    Slot("place", ("rows",), np.int64, inside="units"),
    Slot("start", ("parts+1",), np.int64, starts="columns", filled=True),
    Slot("edge", ("cells+1",), np.int64, starts="rows"),
    Slot("freedom", ("columns",), low=1.0, infinite=True),
    Slot("answers", ("rows",), missing=True),
)


def arrays(**changes):
    return {
        "values": np.full((4, 3), 0.5),
        "place": np.array([0, 1, 1, 0]),
        "start": np.array([0, 2, 3]),
        "edge": np.array([0, 2, 2, 4]),
        "freedom": np.array([1.0, np.inf, 3.0]),
        "answers": np.array([1.0, np.nan, 2.0, 3.0]),
    } | changes


def test_arrays_come_out_as_the_kernel_reads_them():
    turned = np.asfortranarray(np.full((4, 3), 0.5))
    found = enter("it", SLOTS, arrays(values=turned, place=np.array([0, 1, 1, 0], dtype=np.uint8)), {"units": 2})
    assert list(found) == [slot.name for slot in SLOTS]
    for slot in SLOTS:
        assert found[slot.name].dtype == slot.kind
        assert found[slot.name].flags.c_contiguous


def test_what_is_right_already_is_not_copied():
    right = arrays()["edge"]
    assert enter("it", SLOTS, arrays(edge=right), {"units": 2})["edge"] is right


WRONG = {
    "place too long": {"place": np.zeros(5, dtype=int)},
    "place of two axes": {"place": np.zeros((4, 1), dtype=int)},
    "place behind the last": {"place": np.array([0, 1, 2, 0])},
    "place negative": {"place": np.array([0, -1, 0, 0])},
    "place not whole": {"place": np.zeros(4)},
    "values out of range": {"values": np.full((4, 3), 1.5)},
    "values not a number": {"values": np.full((4, 3), np.nan)},
    "values infinite": {"values": np.full((4, 3), np.inf)},
    "values of other rows": {"values": np.full((3, 3), 0.5)},
    "values of one axis": {"values": np.zeros(4)},
    "values in words": {"values": np.full((4, 3), "a")},
    "start begins late": {"start": np.array([1, 2, 3])},
    "start ends early": {"start": np.array([0, 1, 2])},
    "start ends late": {"start": np.array([0, 2, 4])},
    "start stands still": {"start": np.array([0, 3, 3])},
    "start empty": {"start": np.array([], dtype=int)},
    "edge falls": {"edge": np.array([0, 3, 2, 4])},
    "freedom below": {"freedom": np.array([1.0, 0.5, 3.0])},
    "freedom not a number": {"freedom": np.array([1.0, np.nan, 3.0])},
    "answers infinite": {"answers": np.array([1.0, np.inf, 2.0, 3.0])},
}


@pytest.mark.parametrize("what", WRONG)
def test_arrays_that_do_not_belong_together_are_refused_by_name(what):
    name = what.split()[0]
    # other rows of the first array show in the next one
    shown = "place|values" if what == "values of other rows" else name
    with pytest.raises(InputError, match=rf"arrays of it do not belong together: ({shown}): "):
        enter("it", SLOTS, arrays(**WRONG[what]), {"units": 2})


def test_a_packed_block_says_its_length_and_holds_numbers_as_they_are():
    block = pack(7, (2, 3), [np.array([[0.1, 0.2], [0.3, 0.4]]), np.array([5, 6]), np.float32([0.5])])
    assert block.dtype == np.int64
    assert block[:4].tolist() == [block.size, 7, 2, 3]
    assert block.view(np.float64)[4:8].tolist() == [0.1, 0.2, 0.3, 0.4]
    assert block[8:10].tolist() == [5, 6]
    assert block.view(np.float64)[10] == 0.5
