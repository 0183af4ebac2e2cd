from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import matplotlib.pyplot as plt
import pytest

from maternal_eval.core.languages import LANGUAGES, say
from maternal_eval.results.findings import Finding, Findings
from maternal_eval.results.plotting import PALETTE, TEXT_WIDTH, figure_style, save_figure
from maternal_eval.results.tables import FindingsTable, TableColumn

DEMO = Path(__file__).parent / "demo"
REFERENCES = Path(__file__).parents[2] / "reports" / "references.bib"
ALT_TEXT = {"en": 'Two "simulated" lines that rise', "zh": "两条上升的“模拟”折线"}


def demo_findings() -> Findings:
    findings = Findings()
    common = {"evidence": "simulated", "step": "demo", "source": "01_demo § Result"}
    ninety = {"probability": 0.9, "kind": "equal-tailed"}
    findings.add(Finding(key="panel.answers", value=23456, unit="answers", decimals=0, **common))
    findings.add(Finding(key="backtest.tau", value=0.684, low=0.611, high=0.749, **ninety, **common))
    stage = {"en": "the postpartum stage", "zh": "产后阶段"}
    findings.add(Finding(key="stage.top", value=stage, **common))
    findings.add(Finding(key="sobol.top", value=0.3141, low=0.281, high=0.352, **ninety, **common))
    findings.add(Finding(key="trend.change", value=-1.25, unit="points", decimals=1, **common))
    findings.add_table(
        FindingsTable(
            name="stages",
            caption={
                "en": "Simulated satisfaction by life stage, with 90% equal-tailed intervals.",
                "zh": "各生命阶段的模拟满意度及90%等尾区间。",
            },
            columns=(
                TableColumn(en="Life stage", zh="生命阶段"),
                TableColumn(en="Answers", zh="答卷数", decimals=0),
                TableColumn(en="Score", zh="得分", decimals=1),
                TableColumn(en="Share satisfied", zh="满意比例", unit="share", decimals=0),
            ),
            rows=(
                ({"en": "Pregnancy", "zh": "孕期"}, 12345, {"value": 71.24, "low": 70.1, "high": 72.4}, 0.74),
                ({"en": "Postpartum", "zh": "产后"}, 11111, {"value": 66.02, "low": 64.9, "high": 67.2}, None),
            ),
            evidence="simulated",
            step="demo",
            source="01_demo § Table",
        )
    )
    return findings


def draw_demo_figures(folder: Path) -> None:
    for language in LANGUAGES:
        with figure_style(language):
            figure, axes = plt.subplots(figsize=(TEXT_WIDTH, 2.6))
            axes.plot([2022, 2023, 2024], [70.0, 71.5, 72.4], marker="o", label=say(language, "Pregnancy", "孕期"))
            axes.plot([2022, 2023, 2024], [64.0, 64.8, 66.0], marker="s", label=say(language, "Postpartum", "产后"))
            axes.axhline(68.0, color=PALETTE.grey, linewidth=0.8, linestyle="--")
            axes.set_xticks([2022, 2023, 2024])
            axes.set(
                title=say(language, "Satisfaction (simulated)", "满意度（模拟）"),
                xlabel=say(language, "Year", "年份"),
                ylabel=say(language, "Score, 0–100", "得分（0–100）"),
            )
            axes.legend()
        save_figure(figure, folder / f"trend.{language}", ALT_TEXT[language])


@pytest.fixture
def findings() -> Findings:
    return demo_findings()


@pytest.fixture(scope="session")
def demo_figures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("figures")
    draw_demo_figures(folder)
    return folder


@pytest.fixture
def demo_texts(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that copies the demo texts, with one replacement in one language."""

    def copy(language: str = "en", old: str = "", new: str = "") -> Path:
        folder = tmp_path / "texts"
        folder.mkdir(exist_ok=True)
        for name in ("blue-paper.en.md", "blue-paper.zh.md"):
            text = (DEMO / name).read_text(encoding="utf-8")
            if old and f".{language}." in name:
                assert text.count(old) >= 1, f"{old!r} does not stand in {name}"
                text = text.replace(old, new)
            (folder / name).write_text(text, encoding="utf-8")
        return folder

    return copy
