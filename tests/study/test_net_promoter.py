"""The net promoter score of one wave: value, error, interval, base."""

from __future__ import annotations

import numpy as np
import pytest

from maternal_eval.analyses.backtest.functionals import FUNCTIONALS
from maternal_eval.core.errors import InputError
from maternal_eval.study.net_promoter import from_counts, net_promoter_score, net_promoter_worth

ANSWERS = np.array([3.0, 6.0] + [7.0] * 5 + [8.0] * 6 + [9.0] * 10 + [10.0] * 8)


def test_a_published_score_with_its_base_and_error():
    """Two detractors, 11 passives and 18 promoters: 16/31, √((20/31 − (16/31)²) / 31); the page states 32 answers."""
    found = from_counts(2, 11, 18, stated=32)
    assert found.score == pytest.approx(100 * 16 / 31)
    assert found.standard_error == pytest.approx(100 * np.sqrt((20 / 31 - (16 / 31) ** 2) / 31))
    assert (round(found.score, 2), round(found.standard_error, 2), found.answers) == (51.61, 11.05, 31)
    assert found.in_words().startswith("51.61, 90% interval [28.98, 65.14], standard error 11.05, on 31 answers")
    assert found.in_words().endswith("32 were stated")
    assert "基于 31 份答卷（所称为 32 份）" in found.in_words("zh")
    assert net_promoter_score(np.append(ANSWERS, np.nan), stated=32) == found


def test_the_interval_adds_pseudo_answers():
    """With ¾, 1½ and ¾ answers more: 2.75, 12.5 and 18.75 of 34."""
    found = from_counts(2, 11, 18)
    net, spread = (18.75 - 2.75) / 34, (18.75 + 2.75) / 34
    reach = 1.6448536269514722 * np.sqrt((spread - net**2) / 34)
    assert (found.low, found.high) == (pytest.approx(100 * (net - reach)), pytest.approx(100 * (net + reach)))


def test_few_equal_answers_are_no_certainty():
    found = from_counts(0, 0, 2)
    assert found.score == 100
    assert np.isnan(found.standard_error)
    assert found.low < 0
    assert found.high == 100
    assert "not known" in found.in_words()


def test_weights_count_as_their_effective_number():
    equal = net_promoter_score(ANSWERS, np.full(31, 7.0))
    assert equal.standard_error == pytest.approx(from_counts(2, 11, 18).standard_error)
    weights = np.where(ANSWERS >= 9, 2.0, 1.0)
    found = net_promoter_score(ANSWERS, weights)
    assert found.score == pytest.approx(100 * (36 - 2) / 49)
    effective = 49**2 / (18 * 4 + 13)
    assert found.standard_error == pytest.approx(100 * np.sqrt((38 / 49 - (34 / 49) ** 2) / effective))
    assert found.answers == 31


def test_missing_answers_stay_missing():
    assert np.isnan(net_promoter_worth(np.array([np.nan]))).all()
    nothing = net_promoter_score(np.array([np.nan, np.nan]))
    assert nothing.answers == 0
    assert np.isnan([nothing.score, nothing.standard_error, nothing.low, nothing.high]).all()
    assert "no answers" in nothing.in_words()


@pytest.mark.parametrize("answer", [-1.0, 11.0, 9.5, np.inf])
def test_answers_that_are_not_0_to_10_are_refused(answer):
    with pytest.raises(InputError, match="takes answers from 0 to 10"):
        net_promoter_worth(np.array([9.0, answer]))
    with pytest.raises(InputError, match="takes answers from 0 to 10"):
        FUNCTIONALS[0].values(np.array([answer]))


@pytest.mark.parametrize("counts", [(-1, 2, 3), (0.5, 1, 1), (np.nan, 1, 1)])
def test_what_is_no_count_is_refused(counts):
    with pytest.raises(InputError, match="no counts of answers"):
        from_counts(*counts)
