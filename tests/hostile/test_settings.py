"""Settings of every analysis beyond both ends of their ranges; ``check`` refuses them as the verb would."""

import tomllib
from dataclasses import replace

import pytest

from maternal_eval.app.steps import STEPS
from maternal_eval.core.errors import InputError, problems_in
from maternal_eval.study import Study
from tests.hostile.tiny import INDICATORS, Case, Tiny, judge

BEYOND = {
    "backtest": {
        "minimum": ["0", "-1", "2.5", '"many"'],
        "draws": ["1", "10000000000"],
        "resamples": ["0"],
        "tolerance": ["0", "1", "-0.1"],
        "innovation_scale": ["0", "1e9"],
        "published_accuracy": ["1.5", "-0.2"],
        "forecasters": ['["oracle"]', '"last_value"', "[1]"],
        "outcomes": ['["moon"]'],
        "units": ['["moon"]'],
        "case": ['{ platform = "north" }'],
    },
    "satisfaction": {
        "tune": ["0", "-5", "1e9"],
        "draws": ["0", "19"],
        "chains": ["0", "1", "65"],
        "target_accept": ["0", "1", "2", "nan"],
        "rhat": ["1", "0.9", "3"],
        "segments": ['["moon"]'],
        "margins": ["{ city = { inland = 0.5 } }", "{ moon = { a = 1 } }", "{ city = { inland = -0.5, coast = 1.5 } }"],
        "kept_draws": ["0"],
    },
    "sensitivity": {
        "base": ["0", "100", "1000000000"],
        "width": ["0", "-1"],
        "concentration": ["0", "0.001", "inf"],
        "leave_out": ["1.5", "-0.5"],
        "generator": ['"magic"'],
        "predicted": ['["moon"]'],
        "indicator": ['"moon"'],
    },
    "scores": {
        "linking": ['"magic"'],
        "resamples": ["0", "true"],
    },
    "importance": {"draws": ["0"], "resamples": ["1"], "attained": ["0"]},
    "stage_weights": {
        "outcome": ['"moon"', '"spend"'],
        "credible": ["0.5", "1"],
        "equivalence": ["0", "1"],
        "method": ['"magic"'],
        "chains": ["1"],
        "claim": ["{ indicator = 1 }"],
    },
    "schedule": {"credible": ["0", "2"], "margin": ["-0.1"], "cap": ["-1", "2"]},
    "explorer": {"draws": ["1"]},
    "whatif": {
        "draws": ["0", "41"],
        "sets": ["1", "0"],
        "concentration": ["0"],
        "prior_scale": ["0"],
    },
    "review": {
        "answers": ["0", "-3"],
        "confidence": ["0.5", "1"],
        "fall": ["0", "-1", "99"],
        "falls": ["[-1]", "[]"],
        "sizes": ["[0]", "[]"],
        "horizon": ["0"],
        "replicates": ["0"],
        "limit": ["99", "-99"],
        "false_alarms": ["-1"],
    },
    "items": {"indicators": ['["moon"]', "[1]"], "chains": ["0"], "published": ['[{ claim = "moon", period = 2020 }]']},
    "calibration": {"replicates": ["0", "-1"]},
    "proposal_power": {"replicates": ["0"], "effects": ["[-1]"]},
    "agreement": {
        "tolerance": ["0", "-1"],
        "share": ["0", "1"],
        "bands": ["1", "21"],
        "fewest": ["1"],
        "claim": ['"moon"'],
        "objective": ['{ indicator = "moon" }', '{ indicator = "A1", source = "moon" }'],
        "links": [
            '[{ item = "moon", measure = "orders" }]',
            '[{ item = "A1", measure = "moon" }]',
            '[{ item = "A1" }]',
        ],
    },
    "instrument": {
        "groups": ['["moon"]'],
        "folds": ["1", "51"],
        "batches": ["1"],
        "fewest": ["1"],
        "false_discoveries": ["0", "1"],
        "anchor": ["1"],
        "redundant": ["-0.1", "2"],
    },
    "check": {"x": ["1"]},
    "claims": {"x": ["1"]},
}
"""Analysis → setting → values that it must not have."""


CASES = [
    (analysis, name, value) for analysis, given in BEYOND.items() for name, values in given.items() for value in values
]


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """The study read once, all indicators on one scale, as the review wants them."""
    tiny = Tiny().put("indicators.csv", INDICATORS.replace("measure,0,100", "rating,1,5"))
    return Study.read(tiny.column("q4", lambda n, row: row["q5"]).write(tmp_path_factory.mktemp("settings") / "study"))


@pytest.mark.parametrize(("analysis", "name", "value"), CASES, ids=lambda part: part)
def test_a_setting_beyond_its_range_is_refused_with_its_place(analysis, name, value, study):
    given = {**study.settings(analysis), **tomllib.loads(f"{name} = {value}")}
    analyses = study.definition.analysis | {analysis: given}
    spoilt = replace(study, definition=study.definition.model_copy(update={"analysis": analyses}))
    with pytest.raises(InputError) as caught:
        STEPS[analysis].settings_for(spoilt, quick=False)
    assert all(f"study.toml, column analysis.{analysis}" in str(one) for one in problems_in(caught.value))
    assert len(str(caught.value)) < 1200


@pytest.mark.parametrize("analysis", BEYOND)
def test_check_reads_the_settings_of_every_analysis(analysis, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    name, values = next(iter(BEYOND[analysis].items()))
    judge(
        Case("a setting", lambda s: s.setting(analysis, f"{name} = {values[0]}"), no=f"column analysis.{analysis}"),
        tmp_path,
    )
