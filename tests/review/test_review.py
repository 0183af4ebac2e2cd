"""The review: published run lengths, exact false-alarm rates, monotone delays, proposals that keep their promise."""

import dataclasses

import numpy as np
import pytest
from scipy.stats import multinomial, norm

from maternal_eval.analyses.review.answers import below_probability, draw_moments, moments, shifted
from maternal_eval.analyses.review.compute import simulate_review
from maternal_eval.analyses.review.proposal import alarms_per_year
from maternal_eval.analyses.review.result import ReviewResult
from maternal_eval.analyses.review.settings import ReviewSettings
from maternal_eval.core.errors import InputError
from maternal_eval.methods.alarm_rules import RULES, Chart
from maternal_eval.methods.cusum import average_run_length, threshold

SHARES = np.array([0.05, 0.15, 0.30, 0.35, 0.15])


@pytest.mark.parametrize(
    ("h", "delta", "published"),
    # Two-sided tabular CUSUM with k = 1/2: Montgomery (2013), Introduction to Statistical Quality Control, table 9.3,
    # after Lucas & Crosier (1982). With a shift the other side hardly matters; without one it halves the length.
    [
        (4, 0.0, 2 * 168), (4, 0.75, 13.3), (4, 1.0, 8.38), (4, 1.5, 4.75), (4, 2.0, 3.34), (4, 3.0, 2.19),
        (5, 0.0, 2 * 465), (5, 0.75, 17.0), (5, 1.0, 10.4), (5, 1.5, 5.75), (5, 2.0, 4.01), (5, 3.0, 2.57),
    ],
)  # fmt: skip
def test_run_lengths_are_the_published_ones(h, delta, published):
    assert average_run_length(0.5, h, delta) == pytest.approx(published, rel=0.005)


def test_run_length_is_that_of_a_simulation():
    random, lengths = np.random.default_rng(0), []
    steps = random.standard_normal((4000, 400)) + 0.3
    chart = Chart(limit=0.0, spread=1.0, count=1, fall=1.0)
    alarms = RULES["cusum"].alarms(-steps, np.ones_like(steps), chart, 3.0)
    assert alarms.any(axis=1).all()
    lengths = alarms.argmax(axis=1) + 1
    assert lengths.mean() == pytest.approx(average_run_length(0.5, 3.0, 0.3), abs=4 * lengths.std() / np.sqrt(4000))


@pytest.mark.parametrize("k", [0.1, 0.5, 1.0])
def test_threshold_gives_the_wished_run_length(k):
    assert average_run_length(k, threshold(k, 20.0)) == pytest.approx(20.0, rel=1e-5)
    assert threshold(3.0, 20.0) == 0.0  # a memoryless chart that alarms once in 741


def test_shifted_has_the_mean_and_keeps_the_family():
    moved = shifted(SHARES, 1, 3.0)
    assert moments(moved, 1)[0] == pytest.approx(3.0)
    assert moved.sum() == pytest.approx(1.0)
    odds = [np.log((1 - np.cumsum(s)[:-1]) / np.cumsum(s)[:-1]) for s in (SHARES, moved)]
    np.testing.assert_allclose(odds[0] - odds[1], (odds[0] - odds[1])[0])
    np.testing.assert_allclose(shifted(SHARES, 1, moments(SHARES, 1)[0]), SHARES, atol=1e-9)
    with pytest.raises(ValueError, match="between 1 and 5"):
        shifted(SHARES, 1, 5.0)


@pytest.mark.parametrize("count", [2, 4])
def test_naive_rate_is_the_multinomial_probability(count):
    shares = shifted(SHARES, 1, 3.2)
    outcomes = [c for c in np.ndindex(*[count + 1] * 5) if sum(c) == count]
    below = [c for c in outcomes if np.dot(c, np.arange(1, 6)) < 3 * count]
    assert below_probability(shares, 1, count, 3.0) == pytest.approx(
        sum(multinomial.pmf(c, count, shares) for c in below)
    )


def test_naive_rate_tends_to_the_normal_formula():
    shares = shifted(SHARES, 1, 3.05)
    error = moments(shares, 1)[1] / np.sqrt(800)
    correction = 0.5 / 800  # sums are whole numbers
    expected = norm.cdf((3.0 - correction - 3.05) / error)
    assert below_probability(shares, 1, 800, 3.0) == pytest.approx(expected, abs=2e-3)


def test_drawn_moments_are_those_of_the_answers():
    random = np.random.default_rng(0)
    means, deviations = draw_moments(SHARES, 1, 30, (20_000,), random)
    mean, spread = moments(SHARES, 1)
    assert means.mean() == pytest.approx(mean, abs=5 * spread / np.sqrt(30 * 20_000))
    assert (deviations**2).mean() == pytest.approx(spread**2, rel=0.01)


@pytest.fixture(scope="module")
def reviewed(maternal):
    return simulate_review(maternal, ReviewSettings(replicates=500), seed=0)


def test_simulated_false_alarms_agree_with_theory(reviewed):
    table = reviewed.false_alarms
    naive = table[table["rule"] == "naive"]
    assert ((naive["rate"] - naive["theory"]).abs() <= 5 * naive["rate_mcse"]).all()
    # the others by the normal approximation: from 150 answers on it holds
    others = table[(table["rule"] != "naive") & (table["answers"] >= 150)]
    assert ((others["rate"] - others["theory"]).abs() <= 5 * others["rate_mcse"] + 0.1 * others["theory"]).all()


def test_at_the_limit_the_rules_give_the_stated_rate(reviewed):
    table = reviewed.false_alarms.query("margin == 0 and answers >= 150")
    for rule, stated in (("interval", 0.05), ("cusum", 0.05)):
        found = table[table["rule"] == rule]
        assert ((found["rate"] - stated).abs() < 5 * found["rate_mcse"] + 0.005).all(), found


def test_larger_falls_and_more_answers_are_noticed_sooner(reviewed):
    table = reviewed.detection
    slack = 4 * table["delay_mcse"].max()
    for _, rows in table.groupby(["rule", "answers"]):
        assert (np.diff(rows.sort_values("fall")["delay"]) <= slack).all()
    for _, rows in table.groupby(["rule", "fall"]):
        assert (np.diff(rows.sort_values("answers")["delay"]) <= slack).all()
    assert table["delay"].min() >= 1
    ends = table[table["fall"] == table["fall"].max()].set_index(["rule", "answers"])["delay"]
    starts = table[table["fall"] == table["fall"].min()].set_index(["rule", "answers"])["delay"]
    assert (ends < starts).mean() > 0.9


def test_memory_pays_where_answers_are_few(reviewed):
    proposed = reviewed.proposal.query("level == 'cell' and threshold_kind == 'proposed'").set_index("rule")
    assert proposed.loc["cusum", "delay"] < 0.5 * proposed.loc["interval", "delay"]


def test_proposals_keep_the_allowed_false_alarms(reviewed):
    proposed = reviewed.proposal[reviewed.proposal["threshold_kind"] == "proposed"]
    assert (proposed["false_alarms"] <= 1.01).all()
    tight = proposed[proposed["level"] != "all"]
    assert (tight["false_alarms"] > 0.9).all()  # and waste none of them


def test_alarms_of_equal_scores_add_up():
    chart = Chart(3.0, 1.0, 50, 0.2)
    one = alarms_per_year(RULES["interval"], chart, 1.6, np.array([3.1]), np.array([1.0]))
    assert alarms_per_year(RULES["interval"], chart, 1.6, np.full(7, 3.1), np.ones(7)) == pytest.approx(7 * one)


def test_standing_is_the_weighted_mean(reviewed, maternal):
    latest = maternal.panel[maternal.panel["period"] == 2024].dropna(subset=["E10"])
    row = reviewed.standing.set_index("indicator").loc["E10"]
    assert row["mean"] == pytest.approx(np.average(latest["E10"], weights=latest["weight"]))
    assert row["answers"] == pytest.approx(len(latest) * 2000 / 5000)
    assert reviewed.levels.set_index("level").loc["cell", "scores"] == 1800


def test_result_is_stored_read_back_and_drawn(reviewed, tmp_path):
    reviewed.save(tmp_path)
    again = ReviewResult.load(tmp_path)
    assert again.quantities() == reviewed.quantities()
    for language in ("en", "zh"):
        assert again.plot(language).axes


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (ReviewSettings(limit=5.5), "analysis.review.limit: the review looks beyond the scale: found a level of 5.5"),
        (
            ReviewSettings(falls=(2.5,)),
            "analysis.review.falls: the review looks beyond the scale: found a level of 0.5",
        ),
        (ReviewSettings(margins=(2.0,)), "analysis.review.margins"),
    ],
)
def test_a_review_beyond_the_scale_is_refused(maternal, settings, words):
    with pytest.raises(InputError) as caught:
        simulate_review(maternal, settings)
    assert words in str(caught.value)


def test_unequal_scales_are_refused(maternal):
    first, *rest = maternal.model.indicators
    model = dataclasses.replace(maternal.model, indicators=(dataclasses.replace(first, high=7), *rest))
    with pytest.raises(InputError, match="one scale for all indicators"):
        simulate_review(dataclasses.replace(maternal, model=model))


@pytest.mark.parametrize("wrong", [{"confidence": 1.0}, {"fall": 0.0}, {"answers": 1}, {"false_alarms": 0.0}])
def test_wrong_settings_are_refused(wrong):
    with pytest.raises(ValueError, match=r"at least|between|the setting is beyond its range"):
        ReviewSettings(**wrong)
