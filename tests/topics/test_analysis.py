"""The table of topics is read as it should be, known rises are found, and slips are told with their place."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from maternal_eval.analyses.topics.compute import find_emerging_topics
from maternal_eval.analyses.topics.records import read_topics
from maternal_eval.analyses.topics.result import TopicsResult
from maternal_eval.analyses.topics.settings import TopicsSettings
from maternal_eval.core.errors import InputError
from maternal_eval.results.plotting import save_figure
from maternal_eval.simulation.topics import EMERGING, simulate_topics
from maternal_eval.study import Study


def study_of(table, stages=("early", "late")):
    """All that is asked of a study."""
    named = SimpleNamespace(named={"topics": "topics.csv"})
    return SimpleNamespace(
        tables={"topics": table}, stages=stages, folder=Path("made"), definition=SimpleNamespace(files=named)
    )


def made(quarters=12, feedback=True):
    rows = [
        (f"{2021 + number // 4}Q{number % 4 + 1}", stage, topic, 10 + number % 2, 200)
        for number in range(quarters)
        for stage in ("early", "late")
        for topic in ("price", "delivery")
    ]
    table = pd.DataFrame(rows, columns=["quarter", "stage", "topic", "count", "feedback"])
    return table if feedback else table.drop(columns="feedback")


@pytest.fixture(scope="module")
def found(maternal):
    return find_emerging_topics(maternal, TopicsSettings.quick(), seed=1)


def test_everybody_together_is_one_group_more():
    read = read_topics(study_of(made()), TopicsSettings())
    assert len(read.quarters) == 12
    together = [place for place, stage in enumerate(read.stages) if stage == ""]
    assert [read.topics[place] for place in together] == ["delivery", "price"]
    np.testing.assert_array_equal(read.counts[:, together[0]], [20 + 2 * (number % 2) for number in range(12)])
    assert (read.exposure[:, together[0]] == 400).all()
    assert not read.remarks


def test_without_feedback_shares_of_mentions_are_compared_and_it_is_said():
    read = read_topics(study_of(made(feedback=False)), TopicsSettings())
    assert (read.exposure[0] == [20, 20, 20, 20, 40, 40]).all()
    assert "no column feedback" in read.remarks[0]["en"]


def test_what_has_no_row_counts_as_none_and_it_is_said():
    read = read_topics(study_of(made().drop(index=[0, 5])), TopicsSettings())
    assert "2 combinations" in read.remarks[0]["en"]
    assert (read.counts == 0).sum() == 2


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda table: table.assign(quarter=table["quarter"].replace("2021Q2", "spring")), "no quarter"),
        (lambda table: table.assign(stage=table["stage"].replace("late", "later")), "unknown stage"),
        (lambda table: pd.concat([table, table.iloc[:1]]), "counted twice"),
        (lambda table: table[table["quarter"] != "2022Q1"], "a quarter is missing"),
        (lambda table: table[table["quarter"] < "2023"], "too few quarters"),
        (lambda table: table.assign(count=300), "more mentions than feedback"),
        (lambda table: table.assign(feedback=np.arange(len(table)) + 100), "feedback differs"),
    ],
)
def test_slips_are_told_with_what_was_found(change, message):
    with pytest.raises(InputError, match=message):
        read_topics(study_of(change(made())), TopicsSettings())


@pytest.mark.parametrize(
    ("line", "message"),
    [("2024Q4,pregnancy,price,-3,400", "at least 0"), ("2024Q4,pregnancy,price,2.5,400", "whole")],
)
def test_counts_below_zero_or_not_whole_are_refused_with_their_row(maternal, tmp_path, line, message):
    for path in maternal.folder.iterdir():
        if path.is_file():
            (tmp_path / path.name).write_bytes(path.read_bytes())
    file = tmp_path / "topics.csv"
    lines = file.read_text(encoding="utf-8").splitlines()
    file.write_text("\n".join([*lines[:3], line, *lines[4:]]) + "\n", encoding="utf-8")
    with pytest.raises(InputError, match=rf"topics\.csv.*row 4.*{message}"):
        Study.read(tmp_path)


def test_the_simulated_table_is_the_one_that_is_committed(maternal, root):
    from maternal_eval.core.randomness import named, sequence
    from maternal_eval.simulation.truth import Truth
    from maternal_eval.simulation.write import DEFAULT_SEED

    truth = Truth.load(root / "data" / "truth" / "maternal.json")
    again = simulate_topics(truth, named(sequence(DEFAULT_SEED), "topics"))
    pd.testing.assert_frame_equal(again, pd.read_csv(maternal.folder / "topics.csv"), check_dtype=False)


def test_what_was_built_in_is_found_and_nothing_else(found):
    true = {topic for topic, *_ in EMERGING}
    assert set(found.topics["topic"]) <= true
    assert {"report_reading", "traceability"} <= set(found.topics["topic"])
    since = {topic: quarter for topic, _, quarter, _ in EMERGING}
    assert all(row.first >= since[row.topic] for row in found.topics.itertuples())
    now = found.topics.set_index(["stage", "topic"]).loc[("pregnancy", "report_reading")]
    assert now["low"] <= 5.0 <= now["high"]


def test_larger_rises_are_noticed_more_often(found):
    delays = found.delays.set_index("factor")
    noticed = delays["noticed"].drop(1.0)
    assert noticed.is_monotonic_increasing
    assert noticed[3.0] > 0.8
    assert delays.loc[1.0, "noticed"] <= 0.05 + 3 * delays.loc[1.0, "mcse"]


def test_it_survives_storing_and_is_drawn(found, tmp_path):
    found.save(tmp_path / "stored")
    again = TopicsResult.load(tmp_path / "stored")
    assert again.quantities() == found.quantities()
    for language in ("en", "zh"):
        save_figure(again.plot(language), tmp_path / language, "topics")
