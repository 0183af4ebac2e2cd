"""What CONTRIBUTING.md promises: one more row in a public table, and the verbs use it.

Each test adds a row and nothing else, runs verbs on a tiny study, and looks at what came out. Where another row gives
the same by definition, the numbers have to be the same.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from maternal_eval.analyses.backtest.cells import Target
from maternal_eval.analyses.backtest.evaluation import SCORE_KINDS, ScoreKind
from maternal_eval.analyses.backtest.forecasters import Forecast, ForecasterEntry, Training
from maternal_eval.analyses.backtest.registry import FORECASTERS
from maternal_eval.analyses.scores.linking import LINKING_RULES, LinkingRule
from maternal_eval.analyses.sensitivity.choices import CHOICES, ChoiceKind
from maternal_eval.analyses.sensitivity.generators import GENERATORS, GeneratorKind
from maternal_eval.core.randomness import Seed
from maternal_eval.methods.alarm_rules import RULES, Rule
from maternal_eval.methods.composite import AGGREGATION_RULES, AggregationRule
from maternal_eval.methods.ordinal.families import FAMILIES
from maternal_eval.methods.ordinal.leave_one_out import ALTERNATIVES
from maternal_eval.methods.pymc_models.families import GRAPH_FAMILIES
from maternal_eval.methods.value import KANO_CLASSES, KanoClass
from maternal_eval.study import INDICATOR_KINDS, OUTCOME_KINDS, Study
from maternal_eval.study.evaluation_model import IndicatorKind, OutcomeKind
from maternal_eval.study.panel.contract import ColumnRule
from maternal_eval.study.panel.header import Layout
from maternal_eval.study.panel.packaged import PACKAGES, read_panel_from_package
from maternal_eval.study.panel.raw import RawPanel
from maternal_eval.study.panel.reading import READERS, Format
from maternal_eval.study.tables import TABLE_KINDS, TableKind
from tests.extension.conftest import Run
from tests.extension.conftest import study as base
from tests.extension.promises import promise
from tests.hostile.tiny import Tiny, read_rows

OVERALL = 'overall = { column = "sat", kind = "ordinal"'
DRAWN = ("--out", "out")
"""Options with which every figure is drawn in both languages."""

BACKTEST = 'minimum = 1\noutcomes = ["overall"]\n'


def same(one: dict[str, Any], other: dict[str, Any], *tables: str) -> bool:
    """Whether tables of two results hold the same numbers; what only names things may differ."""
    pairs = [[pd.DataFrame(result[table]).select_dtypes("number") for result in (one, other)] for table in tables]
    assert all(len(left) and left.size for left, _ in pairs)
    return all(np.array_equal(left.to_numpy(float), right.to_numpy(float), equal_nan=True) for left, right in pairs)


@promise("an outcome kind")
def test_an_outcome_kind(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    row = OutcomeKind("effort", True, 1, 5, True, predicted=True)
    monkeypatch.setitem(OUTCOME_KINDS, "effort", row)

    def study(kind: str) -> Tiny:
        made = base().toml(OVERALL, OVERALL.replace("ordinal", kind))
        return made.setting("backtest", BACKTEST + 'forecasters = ["drift"]')

    for verb, table in (("satisfaction", "scores"), ("backtest", "scores"), ("importance", "importance")):
        assert same(run(study("effort"), verb), run(study("ordinal"), verb), table), verb
    predicted = {row["output"] for row in run(study("effort"), "sensitivity")["indices"]}
    assert "overall" in predicted


@pytest.mark.slow
def test_an_outcome_kind_in_the_longer_fits(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(OUTCOME_KINDS, "effort", OutcomeKind("effort", True, 1, 5, True))

    def study(kind: str) -> Tiny:
        return base().toml(OVERALL, OVERALL.replace("ordinal", kind))

    for verb, table in (("stage-weights", "weights"), ("whatif", "effects")):
        assert same(run(study("effort"), verb), run(study("ordinal"), verb), table), verb


@promise("an outcome kind")
def test_no_outcome_kind_that_is_not_in_the_table(refused: Any) -> None:
    said = refused(base().toml(OVERALL, OVERALL.replace("ordinal", "effort")), "check").err
    assert "outcomes.overall.kind" in said
    assert ", ".join(OUTCOME_KINDS) in said


@promise("an indicator kind")
def test_an_indicator_kind(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(INDICATOR_KINDS, "delay", IndicatorKind("delay", whole=False, mirrored=True))

    def study(kind: str) -> Tiny:
        return base().swap("indicators.csv", "must_be,0.3,burden", f"must_be,0.3,{kind}")

    for verb, table in (("score", "scores"), ("importance", "importance"), ("check", "answers")):
        assert same(run(study("delay"), verb), run(study("cost"), verb), table)
    forward = run(study("measure"), "score")
    assert not same(forward, run(study("delay"), "score"), "scores")


@promise("a Kano class")
def test_a_kano_class(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    row = KanoClass("delight", "delight", "惊喜型", lambda x, kappa: x**kappa, gates=False, shaped=True)
    monkeypatch.setitem(KANO_CLASSES, "delight", row)

    def study(name: str) -> Tiny:
        return base().swap("indicators.csv", "关怀,Care,attractive", f"关怀,Care,{name}")

    for verb, table in (("score", "scores"), ("importance", "importance")):
        assert same(run(study("delight"), verb), run(study("attractive"), verb), table)
    assert run(study("delight"), "kano")["verdicts"]


@promise("an aggregation or linking rule")
def test_an_aggregation_rule(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    row = AggregationRule("quadratic", "quadratic mean", "平方平均", 2.0, compensates=True, annihilates=False)
    monkeypatch.setitem(AGGREGATION_RULES, "quadratic", row)
    quadratic = run(base().add('[model.aggregation]\nwithin = "quadratic"\nacross = "quadratic"'), "score")
    plain = run(base(), "score")
    means = [pd.DataFrame(one["scores"])["score"] for one in (quadratic, plain)]
    assert (means[0] > means[1]).all()  # the power mean grows with its exponent


@promise("an aggregation or linking rule")
def test_a_linking_rule(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    half = LinkingRule("half", 0.0, lambda start, end: (end - start) / 2, np.add, np.add)
    monkeypatch.setitem(LINKING_RULES, "half", half)

    def study(rule: str) -> Tiny:
        lines = base().text("indicators.csv").splitlines()
        lines = [f"{line},{'valid_to' if at == 0 else '2020' if at == 3 else ''}" for at, line in enumerate(lines)]
        made = base().put("indicators.csv", "\n".join(lines) + "\n")
        made.column("q3", lambda _, row: row["q3"] if row["year"] == "2020" else "")
        return made.setting("scores", f'linking = "{rule}"')

    links = [run(study(rule), "score")["links"][0]["link"] for rule in ("half", "difference")]
    assert links[0] == pytest.approx(links[1] / 2)
    assert links[0] != 0


@dataclass(frozen=True)
class Middle:
    """A forecaster that says the middle of the scale of whatever it is asked."""

    middle: float = 0.0

    def fit(self, training: Training, target: Target) -> Self:
        assert target.outcome.low is not None
        assert target.outcome.high is not None
        return type(self)((target.outcome.low + target.outcome.high) / 2)

    def forecast(self, units: pd.MultiIndex, horizon: int, draws: int, seed: Seed) -> Forecast:
        return Forecast(np.full((draws, len(units)), self.middle))


@promise("a forecaster")
def test_a_forecaster(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FORECASTERS, "middle", ForecasterEntry("middle", "Middle of the scale", "量表中点", Middle))
    found = run(base().setting("backtest", BACKTEST + 'forecasters = ["middle"]'), "backtest", *DRAWN)
    assert found["labels"]["middle"] == {"en": "Middle of the scale", "zh": "量表中点"}
    forecasts = pd.DataFrame(found["forecasts"]).query("forecaster == 'middle' and target == 'overall'")
    scores = pd.DataFrame(found["scores"]).query("forecaster == 'middle' and score == 'mae' and main")
    assert len(forecasts) > 1
    # The sampling error of a cell is drawn around the middle, so the point forecast is near it.
    assert forecasts["forecast"].to_numpy() == pytest.approx(3.0, abs=0.2)
    main = forecasts[forecasts["main"]] if "main" in forecasts else forecasts
    assert scores["value"].iloc[0] == pytest.approx((main["observed"] - main["forecast"]).abs().mean(), rel=1e-6)


@promise("a score")
def test_a_score_and_its_skill(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    squared = ScoreKind(
        "squared", "smaller", "Squared error", "平方误差", lambda cells: (cells.observed - cells.point) ** 2
    )
    monkeypatch.setitem(SCORE_KINDS, "squared", squared)
    skill = ScoreKind("squared_skill", "larger", "Skill in squared error", "平方误差技巧评分", skill_of="squared")
    monkeypatch.setitem(SCORE_KINDS, "squared_skill", skill)
    found = run(base().setting("backtest", BACKTEST + 'forecasters = ["drift"]'), "backtest")
    scores = pd.DataFrame(found["scores"]).query("main and target == 'overall'").set_index(["forecaster", "score"])
    value = scores["value"]
    assert value["drift", "squared"] >= value["drift", "mae"] ** 2
    ratio = 1 - value["drift", "squared"] / value["last_value", "squared"]
    assert value["drift", "squared_skill"] == pytest.approx(ratio)


@promise("a weight generator")
def test_a_weight_generator(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def sharper(tree: Any, concentration: dict[str, float], posterior: Any) -> Any:
        tenfold = {name: 10 * value for name, value in concentration.items()}
        return replace(GENERATORS["dirichlet"].build(tree, tenfold, posterior), kind="sharper")

    row = GeneratorKind("sharper", "Dirichlet, ten times as sure", "更确定的 Dirichlet", False, True, True, sharper)
    monkeypatch.setitem(GENERATORS, "sharper", row)
    scores = pd.DataFrame(run(base().setting("sensitivity", 'generator = "sharper"'), "sensitivity")["scores"])
    width = (scores["high"] - scores["low"]).groupby(scores["analysis"]).mean()
    assert width["sharper"] < 0.6 * width["dirichlet"]


@promise("a choice")
def test_a_choice(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    row = ChoiceKind("ceiling", "ceiling of values", "价值上限", 1.0, (1.0, 0.3), np.minimum)
    monkeypatch.setitem(CHOICES, "ceiling", row)
    indices = pd.DataFrame(run(base(), "sensitivity", *DRAWN)["indices"])
    whole = indices.query("platform == '' and stage == '' and output == 'score'")
    total = whole.loc[whole["factor"] == "ceiling", "total"]
    assert len(total) == 1  # only where everything is uncertain
    assert 0.2 < total.iloc[0] <= 1.5
    monkeypatch.setitem(CHOICES, "ceiling", replace(row, levels=(1.0, 2.0)))
    idle = pd.DataFrame(run(base(), "sensitivity")["indices"])
    idle = idle.query("platform == '' and stage == '' and output == 'score' and factor == 'ceiling'")
    assert abs(idle["total"].iloc[0]) < 1e-9  # no value is above 1


@promise("an alarm rule")
def test_an_alarm_rule(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def alarms(means: np.ndarray, deviations: np.ndarray, chart: Any, margin: float) -> np.ndarray:
        low = means < chart.limit - margin
        return np.concatenate([np.zeros((len(low), 1), bool), low[:, 1:] & low[:, :-1]], axis=1)

    def length(mean: float, chart: Any, margin: float, error: float) -> float:
        chance = max(float(norm.cdf((chart.limit - margin - mean) / error)), 1e-6)
        return (1 + chance) / chance**2

    row = Rule(
        "twice",
        "two quarters in a row below the limit",
        "连续两季低于界限",
        lambda chart, confidence: 0.0,
        alarms,
        length,
        "points below the limit",
        "低于界限的分值",
        lambda chart: 40.0 * chart.error,
    )
    monkeypatch.setitem(RULES, "twice", row)
    found = run(base(), "review", *DRAWN)
    assert found["labels"]["twice"]["zh"] == "连续两季低于界限"
    falls = pd.DataFrame(found["detection"]).pivot_table(index=["answers", "fall"], columns="rule", values="delay")
    assert (falls["twice"] >= falls["naive"]).all()
    calm = pd.DataFrame(found["false_alarms"]).pivot_table(index=["answers", "margin"], columns="rule", values="rate")
    assert (calm["twice"] <= calm["naive"]).all()
    assert "twice" in {row["rule"] for row in found["proposal"]}


@promise("a family of answers")
def test_a_family_of_answers(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    logit = FAMILIES["cumulative_logit"]
    monkeypatch.setitem(FAMILIES, "own", replace(logit, name="own", name_en="my own", name_zh="自定义"))
    monkeypatch.setitem(GRAPH_FAMILIES, "own", GRAPH_FAMILIES["cumulative_logit"])
    assert FAMILIES.keys() == GRAPH_FAMILIES.keys()

    def study(name: str) -> Tiny:
        return base().add(f'[model.ordinal]\nfamily = "{name}"')

    mine, known = run(study("own"), "satisfaction"), run(study("cumulative_logit"), "satisfaction")
    assert mine["family"] == "own"
    # The same kernel and the same seed: the same draws.
    assert same(mine, known, "scores", "parameters")


def test_a_family_has_its_twin_and_can_be_compared_with() -> None:
    assert FAMILIES.keys() == GRAPH_FAMILIES.keys()
    assert set(FAMILIES) - {"cumulative_logit"} <= set(ALTERNATIVES)


@promise("a panel format")
def test_a_panel_format(run: Run, refused: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def read(path: Path, layout: Layout, columns: Sequence[str] | None) -> RawPanel:
        lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        frame = pd.DataFrame(lines, dtype="str")
        header = tuple(frame.columns)
        kept = [one for one in header if columns is None or one in columns]
        return RawPanel(frame[kept], path.name, 1, header=header)

    monkeypatch.setitem(READERS, ".jsonl", Format("jsonl", read, begins=b"{"))

    def study() -> Tiny:
        rows = read_rows(base().text("panel.csv"))
        lines = "".join(json.dumps(row) + "\n" for row in rows)
        made = base().put("panel.jsonl", lines).without("panel.csv")
        return made.toml('file = "panel.csv"', 'file = "panel.jsonl"')

    assert same(run(study(), "score"), run(base(), "score"), "scores")
    assert same(run(study(), "check"), run(base(), "check"), "answers")
    other = study().put("panel.jsonl", b"PAR1 and no lines")
    assert "the file is not what its name says" in refused(other, "check").err


@promise("a package with data sets")
def test_a_package_with_data_sets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PACKAGES, "scikit-learn", ("sklearn/datasets/data/", ".csv"))
    raw = read_panel_from_package("scikit-learn", "iris")
    assert len(raw.frame) == 150
    assert raw.source == "scikit-learn:iris"


@promise("a recoding")
def test_a_recoding(run: Run) -> None:
    words = {"1": "bad", "2": "poor", "3": "fair", "4": "good", "5": "excellent"}
    table = "\n".join(f"{word} = {number}" for number, word in words.items())
    study = base().column("sat", lambda _, row: words[row["sat"]]).add(f"[recode.sat]\n{table}")
    assert same(run(study, "check"), run(base(), "check"), "answers")


@promise("a what-if scenario")
def test_a_scenario(run: Run) -> None:
    more = '{ name = "down", zh = "慢", en = "Slower", changes = { A1 = { add = -0.5 } } }'
    found = run(base().toml("} } }]", "} } }, " + more + "]"), "whatif")
    effects = pd.DataFrame(found["effects"])
    assert set(effects["scenario"]) == {"up", "down"}
    assert "Slower" in found["printed"] or "down" in found["printed"]


@promise("an optional table")
def test_an_optional_table(run: Run, refused: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    visits = TableKind(
        "visits",
        (ColumnRule("shop", "shop", numeric=False, required=True), ColumnRule("visits", "visits", low=0, whole=True)),
        "no visits: nothing by visit",
        "没有到访记录：无法按到访分析",
        "Visits are read and used by nothing.",
        "到访记录仅读入，未用于任何分析。",
    )
    monkeypatch.setitem(TABLE_KINDS, "visits", visits)
    with_table = (
        base().toml("[files]\n", '[files]\nvisits = "visits.csv"\n').put("visits.csv", "shop,visits\nnorth,3\n")
    )
    read = Study.read(with_table.write(tmp_path / "read"))
    assert read.tables["visits"].to_dict("records") == [{"shop": "north", "visits": 3.0}]
    assert "Visits are read and used by nothing." in run(with_table, "check")["printed"]
    assert "no visits: nothing by visit" in run(base(), "check")["printed"]
    changed = Study.read(with_table.put("visits.csv", "shop,visits\nnorth,4\n").write(tmp_path / "changed"))
    assert changed.fingerprint != read.fingerprint  # the table is part of the data
    assert "visits.csv" in refused(with_table.put("visits.csv", "shop,visits\nnorth,-1\n"), "check").err


@promise("an optional table")
def test_no_table_that_is_not_in_the_table(refused: Any) -> None:
    study = base().toml("[files]\n", '[files]\nvisits = "visits.csv"\n').put("visits.csv", "shop,visits\nnorth,3\n")
    assert "column files.visits: unknown key" in refused(study, "check").err
