"""[model] of study.toml: read once, refused in one sentence, and given in one place only."""

import numpy as np
import pytest

from maternal_eval.app.steps import STEPS
from maternal_eval.core.errors import InputError, problems_in
from maternal_eval.core.ranges import Ranged
from maternal_eval.study import ModelSettings, Study
from maternal_eval.study.model_settings import PARTS, OrdinalPriors, ValueSettings, part_of


def read(folder, lines):
    """Return the study with further lines at the end of study.toml."""
    with (folder / "study.toml").open("a", encoding="utf-8") as stream:
        stream.write(f"\n{lines}\n")
    return Study.read(folder)


def test_a_study_without_the_table_has_the_defaults(folder):
    assert Study.read(folder).model_settings == ModelSettings()


def test_what_is_said_is_read(folder):
    said = """
    [model.values]
    kappa = 3
    class_shapes = { attractive = 1.5 }
    [model.aggregation]
    within = "geometric"
    unanswered = "all"
    [model.ordinal]
    family = "adjacent_logit"
    stage_scale = 0.5
    [model.gates]
    divergences = 3
    """
    found = read(folder, said).model_settings
    assert found.values.of(["must_be", "attractive", "performance"]).tolist() == [3.0, 1.5, 3.0]
    assert found.aggregation.exponents == (0.0, 1.0)
    assert found.aggregation.unanswered == "all"
    assert (found.ordinal.family, found.ordinal.stage_scale, found.ordinal.degrees) == ("adjacent_logit", 0.5, None)
    assert found.gates_stated == {"divergences": 3}
    assert found.sampler_stated == {}


BEYOND = [
    ("[model]\nvalue = { kappa = 2 }", "model.value", "[model.values]"),
    ("[model]\nkappa = 2", "model.kappa", "kappa under [model.values]"),
    ("[model]\nvalues = 2", "model.values", "expected settings under [model.values]"),
    ("[model.values]\nkapa = 2", "model.values.kapa", "kappa under [model.values]"),
    ("[model.values]\nrhat = 1.05", "model.values.rhat", "rhat under [model.gates]"),
    ("[model.values]\nzzzz = 2", "model.values.zzzz", "expected one of kappa, class_shapes"),
    ("[model.values]\nkappa = 0", "model.values.kappa", "a number above 0 and at most 100"),
    ('[model.values]\nkappa = "2"', "model.values.kappa", "a number above 0 and at most 100"),
    ("[model.values]\nclass_shapes = { must_be = -1 }", "model.values.class_shapes", "a number above 0"),
    ("[model.values]\nclass_shapes = { performance = 2 }", "model.values.class_shapes", "one of must_be, attractive"),
    ("[model.values]\nclass_shapes = 3", "model.values.class_shapes", "a number above 0"),
    ('[model.aggregation]\nwithin = "median"', "model.aggregation.within", "one of arithmetic, geometric"),
    ('[model.aggregation]\nacross = ""', "model.aggregation.across", "one of arithmetic, geometric"),
    ("[model.aggregation]\ngate = 1.1", "model.aggregation.gate", "a number from 0 to 1"),
    ('[model.aggregation]\nunanswered = "zero"', "model.aggregation.unanswered", "one of siblings, all, mean"),
    ('[model.ordinal]\nfamily = "cloglog"', "model.ordinal.family", "cumulative_logit"),
    ("[model.ordinal]\nstage_scale = 1e6", "model.ordinal.stage_scale", "a number above 0 and at most 1,000"),
    ("[model.ordinal]\nsegment_scale = true", "model.ordinal.segment_scale", "a number above 0"),
    ("[model.ordinal]\ndegrees = 0", "model.ordinal.degrees", "or nothing"),
    ("[model.stage_weights]\nstep_median = 1", "model.stage_weights.step_median", "a number above 0 and below 1"),
    ("[model.stage_weights]\nshift_scale = -1", "model.stage_weights.shift_scale", "a number above 0"),
    ("[model.sampler]\nchains = 1", "model.sampler.chains", "a whole number from 2 to 64"),
    ("[model.sampler]\ndraws = 1.5", "model.sampler.draws", "a whole number from 20"),
    ("[model.gates]\nrhat = 1", "model.gates.rhat", "a number above 1 and at most 2"),
    ("[model.gates]\ndivergences = -1", "model.gates.divergences", "a whole number from 0"),
]


@pytest.mark.parametrize(("lines", "place", "words"), BEYOND, ids=[one[1] for one in BEYOND])
def test_what_cannot_be_is_refused_with_its_place(folder, lines, place, words):
    with pytest.raises(InputError) as caught:
        read(folder, lines)
    sentence = str(caught.value)
    assert f"study.toml, column {place}" in sentence
    assert words in sentence
    assert len(sentence.splitlines()) == 1


def test_every_slip_is_told_at_once(folder):
    with pytest.raises(InputError) as caught:
        read(folder, "[model.values]\nkappa = 0\nkapa = 1\n[model.gates]\nrhat = 9\n[model.magic]\nx = 1")
    assert len(problems_in(caught.value)) == 4


@pytest.mark.parametrize(
    ("analysis", "line", "model"),
    [
        ("scores", "kappa = 1.5", "[model.values]\nkappa = 2"),
        ("scores", 'within = "geometric"', '[model.aggregation]\nwithin = "geometric"'),
        ("satisfaction", "stage_scale = 0.5", "[model.ordinal]\nstage_scale = 0.3"),
        ("stage_weights", "step_median = 0.2", "[model.stage_weights]\nstep_median = 0.2"),
        ("satisfaction", "draws = 500", "[model.sampler]\ndraws = 800"),
        ("items", "target_accept = 0.9", "[model.sampler]\ntarget_accept = 0.95"),
        ("stage_weights", "bulk_ess = 300", "[model.gates]\nbulk_ess = 500"),
    ],
)
def test_a_setting_given_twice_is_refused(folder, analysis, line, model):
    study = read(folder, f"[analysis.{analysis}]\n{line}\n{model}")
    with pytest.raises(InputError, match="the setting is given twice") as caught:
        STEPS[analysis].settings_for(study, quick=False)
    sentence = str(caught.value)
    assert f"analysis.{analysis}.{line.split()[0]}" in sentence
    assert f"{model.splitlines()[0]}, expected one of the two" in sentence
    assert f"take it out of [analysis.{analysis}]" in sentence


def test_a_setting_in_the_table_of_an_analysis_is_sent_to_where_it_belongs(folder):
    study = read(folder, "[analysis.importance]\nkappa = 1.5")
    with pytest.raises(InputError, match=r"importance\.kappa: this is set once .* the line under \[model\.values\]"):
        STEPS["importance"].settings_for(study, quick=False)


def test_an_unknown_setting_of_an_analysis_names_the_nearest(folder):
    study = read(folder, "[analysis.importance]\nresample = 50")
    with pytest.raises(InputError, match=r"unknown setting.*to mend it: resamples"):
        STEPS["importance"].settings_for(study, quick=False)


@pytest.mark.parametrize("quick", [False, True])
def test_chains_and_gates_of_all_fits_reach_each_and_leave_studies_over_replicates_alone(folder, quick):
    study = read(folder, "[model.sampler]\nchains = 3\ndraws = 77\n[model.gates]\nrhat = 1.2\nebfmi = 0.1")
    for name, step in STEPS.items():
        settings = step.settings_for(study, quick)
        own = step.settings_class.quick() if quick else step.settings_class()
        if getattr(settings, "sampled", False):
            assert name in ("satisfaction", "items", "stage_weights")
            assert (settings.sampler.chains, settings.sampler.draws, settings.sampler.tune) == (3, 77, own.tune)
            assert (settings.gates.rhat, settings.gates.ebfmi, settings.gates.tail_ess) == (1.2, 0.1, own.tail_ess)
        else:
            assert settings == own


def test_a_setting_of_one_analysis_stays_its_own(folder):
    study = read(folder, "[analysis.satisfaction]\ntarget_accept = 0.995\n[model.sampler]\nchains = 3")
    assert STEPS["satisfaction"].settings_for(study, quick=False).sampler.target_accept == 0.995
    assert STEPS["items"].settings_for(study, quick=False).sampler.target_accept == 0.95


def test_a_changed_model_does_not_change_the_data(folder):
    before = Study.read(folder).fingerprint
    assert read(folder, "[model.values]\nkappa = 3").fingerprint == before
    assert read(folder, "[disclosure]\nminimum = 2").fingerprint != before


def test_no_setting_stands_in_two_places():
    """A name in two tables of [model], or in one and in an analysis that it does not reach, would mean two things."""
    names = [name for kind in PARTS.values() for name in kind.__dataclass_fields__]
    assert len(names) == len(set(names))
    shared = {*PARTS["values"].__dataclass_fields__, *PARTS["aggregation"].__dataclass_fields__}
    shared |= {*PARTS["ordinal"].__dataclass_fields__, *PARTS["stage_weights"].__dataclass_fields__}
    levels = {"sensitivity": {"unanswered"}}  # what else might have been decided, not what was
    for name, step in STEPS.items():
        assert shared & set(step.settings_class.__dataclass_fields__) == levels.get(name, set()), name


def test_parts_are_settings_with_ranges():
    assert all(issubclass(kind, Ranged) for kind in PARTS.values())
    assert part_of("rhat") == "gates"
    assert OrdinalPriors(family="cumulative_probit").family == "cumulative_probit"
    np.testing.assert_array_equal(ValueSettings().of([]), [])
