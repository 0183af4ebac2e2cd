"""Interventions that nobody could carry out; ``check`` refuses them before anything is fitted."""

import pytest

from tests.hostile.tiny import Case, judge

UP = '{ name = "up", zh = "快", en = "Faster", changes = { A1 = { add = 0.5 } } }'


def _changes(text):
    return lambda s: s.toml("{ A1 = { add = 0.5 } }", text)


def _scenario(text):
    return lambda s: s.toml(UP, text)


CASES = [
    Case("an unknown indicator", _changes("{ A9 = { add = 0.5 } }"), no="unknown indicator"),
    Case("an outcome", _changes("{ overall = { add = 0.5 } }"), no="unknown indicator"),
    Case("nothing", _changes("{}"), no="the scenario changes nothing"),
    Case("a change of 0", _changes("{ A1 = { add = 0 } }"), no="the scenario changes nothing"),
    Case("a change of nan", _changes("{ A1 = { add = nan } }"), no="no number"),
    Case("a change of inf", _changes("{ A1 = { relative = inf } }"), no="no number"),
    Case("a change of 1e308", _changes("{ A1 = { add = 1e308 } }"), no="beyond the scale"),
    Case("a change in words", _changes('{ A1 = { add = "much" } }'), no="changes.A1.add"),
    Case("a change that is true", _changes("{ A1 = { add = true } }"), no="changes.A1.add"),
    Case("an unknown way", _changes("{ A1 = { multiply = 2 } }"), no="changes.A1"),
    Case("two ways at once", _changes("{ A1 = { add = 0.5, set = 4 } }"), no="one of add, relative and set"),
    Case("no way", _changes("{ A1 = {} }"), no="one of add, relative and set"),
    Case("set off the scale", _changes("{ A1 = { set = 6 } }"), no="beyond the scale"),
    Case("set below the scale", _changes("{ A1 = { set = 0 } }"), no="beyond the scale"),
    Case("add beyond the scale", _changes("{ A1 = { add = 4 } }"), no="beyond the scale"),
    Case("more than all of it", _changes("{ A1 = { relative = -1.5 } }"), no="fall by more than all"),
    Case("twice the name", _scenario(f"{UP}, {UP}"), no="the scenario stands twice"),
    Case("no name", _scenario(UP.replace('"up"', '""')), no="the scenario has no name"),
    Case("the name of an outcome", _scenario(UP.replace('"up"', '"overall"')), no="the name is taken"),
    Case("no names", _scenario('{ name = "up", changes = { A1 = { add = 0.5 } } }'), no="scenarios.0"),
    Case("an unknown platform", _scenario(UP.replace("changes", 'platform = "moon", changes')), no="unknown platform"),
    Case("an unknown stage", _scenario(UP.replace("changes", 'stage = "moon", changes')), no="unknown stage"),
    Case("an unknown period", _scenario(UP.replace("changes", "period = 1999, changes")), no="unknown period"),
    Case("a period in words", _scenario(UP.replace("changes", 'period = "now", changes')), no="unknown period"),
    Case("an unknown key", _scenario(UP.replace("changes", "force = 1, changes")), no="scenarios.0.force"),
    Case("a text as scenario", _scenario('"up"'), no="scenarios.0"),
    Case("scenarios that are a table", lambda s: s.toml(f"[{UP}]", UP), no="analysis.whatif.scenarios"),
    Case("a published effect of no ledger", _scenario(UP.replace("changes", 'published = [{ claim = "moon", outcome = "overall" }], changes')),
         no="the ledger has no such figure"),
    Case("a published effect on no outcome", _scenario(UP.replace("changes", 'published = [{ claim = "growth", outcome = "moon" }], changes')),
         no="unknown outcome"),
    Case("a published effect read oddly", _scenario(
        UP.replace("changes", 'published = [{ claim = "growth", outcome = "overall", reading = "odd" }], changes')),
             no="reading"),
    Case("an operation of no indicator", lambda s: s.setting("whatif", 'operations = { reply = { zh = "答", en = "R", indicator = "A9" } }'),
         no="unknown indicator"),
    Case("an operation without units", lambda s: s.setting("whatif", 'operations = { reply = { zh = "答", en = "R", indicator = "A1", units = 0 } }'),
         no="units"),
    Case("an operation in negative units", lambda s: s.setting(
        "whatif", 'operations = { reply = { zh = "答", en = "R", indicator = "A1", units = -60 } }'), no="units"),
    Case("an operation called like an indicator",
         lambda s: s.setting("whatif", 'operations = { A2 = { zh = "答", en = "R", indicator = "A1" } }'),
         no="the operation has the code of an indicator"),
    Case("no scenario at all", lambda s: s.toml(f"scenarios = [{UP}]\n", ""),
         no="a scenario in", verb="whatif --quick"),
    Case("an indicator nobody answered", lambda s: s.column("q1", lambda n, row: "" if row["year"] == "2022" else row["q1"]),
         no="nobody there answered the indicator"),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_scenarios(case, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    judge(case, tmp_path)
