"""Survey weights: one rule, no weight is made up."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from maternal_eval.core.errors import InputError
from maternal_eval.study import survey_weights


def test_weights_are_taken_as_they_stand_and_are_equal_where_there_are_none():
    panel = pd.DataFrame({"weight": [0.5, 0.0, 1000.0]})
    assert survey_weights(panel).tolist() == [0.5, 0.0, 1000.0]
    assert survey_weights(panel[[]]).tolist() == [1.0, 1.0, 1.0]


@pytest.mark.parametrize(
    ("weights", "sentence"),
    [
        (
            [1000.0, np.nan, 6000.0],
            r"row 2 of the answers used.*weight is missing .1 of 3 rows",
        ),
        ([1.0, np.inf], r"row 2.*infinite.*found inf"),
        ([1.0, 1.0, -2.0], r"row 3.*negative.*found -2"),
        ([0.0, 0.0], r"no answer counts: every weight is 0"),
    ],
)
def test_no_weight_is_made_up(weights, sentence):
    with pytest.raises(InputError, match=sentence):
        survey_weights(pd.DataFrame({"weight": weights}))


@pytest.mark.parametrize("factor", [1e-300, 1e200])
def test_only_ratios_matter_however_large_or_small(factor):
    found = survey_weights(pd.DataFrame({"weight": factor * np.array([1.0, 2.0, 4.0])}))
    assert found == pytest.approx([0.25, 0.5, 1.0])
    assert np.isfinite(found**2).all()
    assert (found**2 > 0).all()
