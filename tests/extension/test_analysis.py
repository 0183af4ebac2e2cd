"""A whole analysis of five files and one row in the table of steps: its verb, store, tables, figures and numbers."""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from maternal_eval.app import cli
from maternal_eval.app.analysis import Analysis
from maternal_eval.app.collect import collect_findings
from maternal_eval.app.steps import STEPS, Step
from maternal_eval.results import ResultStore
from tests.extension.promises import promise
from tests.hostile.tiny import Done, Tiny, call

FILES = {
    "__init__": '"""Which answer is given most?"""\n',
    "settings": '''
        """What can be set."""
        from dataclasses import dataclass
        from typing import Self

        from maternal_eval.core.ranges import Count, Ranged


        @dataclass(frozen=True)
        class ModeSettings(Ranged):
            """``times``: what the share is divided by."""

            times: Count = 1

            @classmethod
            def quick(cls) -> Self:
                return cls()
        ''',
    "compute": '''
        """The only place that computes."""
        from dataclasses import asdict

        from mode_analysis.result import ModeResult
        from mode_analysis.settings import ModeSettings
        from maternal_eval.study.labels import study_labels

        RUNS = []


        def find_mode(study, settings=None, seed=0, progress=None):
            """Return the most frequent answer of each outcome."""
            settings = settings or ModeSettings()
            RUNS.append(study.name)
            rows = study.panel[list(study.outcomes)].melt(var_name="outcome", value_name="answer").dropna()
            counts = rows.value_counts().rename("n").reset_index()
            most = counts.sort_values(["n", "answer"]).groupby("outcome", sort=True).tail(1)
            most = most.assign(share=most["n"] / settings.times / most["outcome"].map(rows["outcome"].value_counts()))
            return ModeResult(
                modes=most.sort_values("outcome").reset_index(drop=True),
                labels=study_labels(study),
                settings=asdict(settings),
                study=study.name,
                simulated=study.simulated,
            )
        ''',
    "result": '''
        """What was found."""
        from dataclasses import dataclass

        import pandas as pd

        from maternal_eval.results.base import StudyResult
        from maternal_eval.results.schema import schema

        TABLES = dict.fromkeys(("", "modes"), schema("outcome", "answer n share"))


        @dataclass(frozen=True)
        class ModeResult(StudyResult):
            """One row per outcome: ``answer``, ``n``, ``share``."""

            modes: pd.DataFrame

            def table(self):
                return self.modes

            def paragraph(self, language="en"):
                return "一段话" if language == "zh" else "One paragraph."
        ''',
    "figures": '''
        """How it is drawn."""
        import matplotlib.pyplot as plt

        from maternal_eval.results.figures import FigureOf
        from maternal_eval.results.plotting import figure_style


        def draw(result, language="en"):
            with figure_style(language):
                figure, axes = plt.subplots()
                axes.bar(result.modes["outcome"], result.modes["share"])
            return figure


        FIGURES = {"": FigureOf(draw, "Shares of the most frequent answers", "最常见答案的比例")}
        ''',
    "report": '''
        """What the papers print."""


        def collect(into, result):
            for row in result.modes.to_dict("records"):
                into.add(f"{row['outcome']}.share", row["share"], unit="share", decimals=0, error=0.0)
        ''',
}

ROW = Step(
    "mode",
    "most-frequent",
    "Which answer is given most?",
    "find_mode",
    "Mode",
    requires=("outcomes",),
    home="mode_analysis",
)


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The five files, importable, and the row in the table of steps with its verb."""
    folder = tmp_path / "packages" / "mode_analysis"
    folder.mkdir(parents=True)
    for name, text in FILES.items():
        (folder / f"{name}.py").write_text(dedent(text).lstrip(), encoding="utf-8")
    monkeypatch.syspath_prepend(str(folder.parent))
    monkeypatch.setitem(STEPS, "mode", ROW)
    monkeypatch.setattr(cli.app, "registered_commands", list(cli.app.registered_commands))
    cli.add_verb(ROW)
    yield folder
    for name in [name for name in sys.modules if name.partition(".")[0] == "mode_analysis"]:
        del sys.modules[name]


def _verb(*options: str) -> Done:
    return call("most-frequent", "study", *options)


@promise("a question")
def test_an_analysis(package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    study = Tiny().setting("mode", "times = 2")
    study.write(work / "study")
    done = _verb("--json", "out.json", "--out", "out")
    assert done.code == 0, done.err
    assert "Which answer is given most?" in " ".join(done.out.split())
    assert "One paragraph." in done.out
    found = json.loads((work / "out.json").read_text(encoding="utf-8"))
    assert {row["outcome"] for row in found["result"]["modes"]} == {"overall", "again", "back", "spend"}
    assert found["result"]["settings"] == {"times": 2}
    written = {path.name for path in (work / "out").iterdir()}
    assert written == {
        f"tiny-most-frequent.{end}" for end in ("csv", "columns.csv", "json", "en.md", "zh.md", "en.png", "zh.png")
    }

    # The store: nothing is computed again until data, settings or code change.
    runs = importlib.import_module("mode_analysis.compute").RUNS
    assert _verb().code == 0
    assert runs == ["tiny"]
    toml = work / "study" / "study.toml"
    toml.write_text(toml.read_text(encoding="utf-8").replace("times = 2", "times = 3"), encoding="utf-8")
    assert _verb().code == 0
    assert runs == ["tiny", "tiny"]

    # The findings: every number under its key, with unit and what made it.
    analysis = Analysis.compute(work / "study", ResultStore(work / "build" / "results"))
    analysis.result("mode").check_tables()
    assert "mode" in analysis.possible
    monkeypatch.setattr(analysis, "definition", _only(analysis, "mode"))
    findings = collect_findings([analysis])
    finding = findings["tiny.mode.overall.share"]
    assert (finding.unit, finding.step) == ("share", "most-frequent")


def _only(analysis: Analysis, name: str) -> object:
    titles = analysis.definition.study.model_copy(update={"analyses": (name,)})
    return analysis.definition.model_copy(update={"study": titles})


@promise("a question")
def test_its_settings_are_held_like_all_others(package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Tiny().setting("mode", "time = 2").write(tmp_path / "study")
    done = _verb()
    assert done.code == 2
    assert "analysis.mode.time: unknown setting" in done.err
    done = call("check", "study")
    assert done.code == 2
    assert "analysis.mode.time: unknown setting" in done.err


@promise("a question")
def test_it_says_what_a_study_lacks(package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    study = Tiny()
    toml = study.text("study.toml")
    start, end = toml.index("[outcomes]"), toml.index("[files]")
    study.put("study.toml", toml[:start] + toml[end : toml.index("[analysis.whatif]")]).write(tmp_path / "study")
    done = _verb()
    assert (done.code, "an outcome" in done.err) == (2, True), done.err


def test_an_analysis_that_there_is_not_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Tiny().setting("mode", "times = 2").write(tmp_path / "study")
    for verb in ("check", "score"):
        done = call(verb, "study")
        assert done.code == 2
        assert "column analysis.mode: unknown key" in done.err
