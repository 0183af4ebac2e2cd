"""Papers of studies that nobody has seen before: what refuses is left out and named, and the rest is built."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from maternal_eval.app.analysis import Analysis
from maternal_eval.app.steps import STEPS
from maternal_eval.app.template_publishing import publish_by_template
from maternal_eval.core.errors import InputError
from maternal_eval.report.template_paper import CHAPTERS, WITHOUT_SECTION
from maternal_eval.results import ResultStore
from maternal_eval.study.draft.drafting import draft_study

MOTHERS = re.compile(r"\b(mothers?|maternal|pregnan\w*|life stages?|built-in panel)\b|母亲|母婴|孕|内置面板", re.I)


def test_every_analysis_has_a_section_or_a_reason_for_none() -> None:
    assert set(CHAPTERS) | set(WITHOUT_SECTION) == set(STEPS)
    assert not set(CHAPTERS) & set(WITHOUT_SECTION)


def airport(folder: Path) -> None:
    """Yearly answers by length of tenure, without platforms or experts; too few answers for a backtest of cells."""
    random = np.random.default_rng(5)
    size = 60
    panel = pd.DataFrame({"year": random.choice([2015, 2016, 2017], size), "tenure": random.choice([1, 2], size)})
    good = random.normal(size=size)
    for name in ("signs", "food", "overall"):
        panel[name] = np.clip(np.round(3.4 + good + random.normal(0, 0.7, size)), 1, 5).astype(int)
    panel.to_csv(folder / "panel.csv", index=False)
    (folder / "indicators.csv").write_text(
        "code,dimension,name_zh,name_en\nsigns,place,标识,Signs\nfood,place,餐饮,Food\n", encoding="utf-8"
    )
    (folder / "study.toml").write_text(
        '[study]\nname = "airport"\nzh = "机场调查"\nen = "Survey of an airport"\n'
        'analyses = ["check", "weights", "kano", "scores", "importance", "backtest", "explorer"]\n'
        '[panel]\nfile = "panel.csv"\n[columns]\nperiod = "year"\nstage = "tenure"\n'
        '[stages]\nordered = true\nlevels = [{ value = 1, zh = "新客", en = "New" }, '
        '{ value = 2, zh = "老客", en = "Old" }]\n[periods]\ntrain = [2015, 2016]\ntest = 2017\n'
        '[dimensions]\nplace = { zh = "设施", en = "Place" }\n[indicators]\nfile = "indicators.csv"\nscale = [1, 5]\n'
        '[outcomes]\noverall = { column = "overall", kind = "ordinal", zh = "总体", en = "Overall" }\n',
        encoding="utf-8",
    )


def counts(folder: Path) -> None:
    """Stars by shop and year, as counts; nothing else is known."""
    rows = [
        (year, shop, stars, 6 + (year - 2020) * stars + len(shop))
        for year in (2020, 2021, 2022)
        for shop in ("north", "south")
        for stars in range(1, 6)
    ]
    pd.DataFrame(rows, columns=["year", "shop", "stars", "n"]).to_csv(folder / "counts.csv", index=False)
    draft_study(folder / "study", folder / "counts.csv")
    text = (folder / "study" / "study.toml").read_text(encoding="utf-8")
    changed = text.replace("[study]\n", '[study]\nanalyses = ["check", "scores", "sensitivity", "review"]\n', 1)
    (folder / "study" / "study.toml").write_text(changed, encoding="utf-8")


def published(
    study: Path, out: Path, panel: Path | None = None
) -> tuple[list[str], dict[str, str], Mapping[str, object]]:
    """Return what is printed, the two papers as text, and the tables of findings.json."""
    analysis = Analysis.compute(study, ResultStore(out / "results"), panel=panel, quick=True, long_running=False)
    papers, said = publish_by_template(analysis, out, panel=panel)
    assert len(papers) == 6
    pages = {}
    for path in papers:
        if path.suffix == ".html":
            page = path.read_text(encoding="utf-8")
            page = re.sub(r'<button [^>]*class="number"[^>]*>(.*?)</button>', r"\1", page)  # a number within its line
            text = re.sub(r"<style.*?</style>|<script.*?</script>|<[^>]+>", " ", page, flags=re.DOTALL)
            pages[path.name.split(".")[1]] = re.sub(r"\s+", " ", text).replace("maternal-eval", "")
    found = json.loads((out / f"reports-{analysis.name}" / "findings.json").read_text(encoding="utf-8"))
    return said, pages, found["tables"]


def test_an_analysis_that_refuses_is_left_out_and_paper_terminal_and_json_say_why(tmp_path: Path) -> None:
    airport(tmp_path)
    said, pages, tables = published(tmp_path, tmp_path / "out")
    assert any(re.match(r"left out: backtest: .*\[analysis\.backtest\]", line) for line in said)
    assert not any(str(tmp_path) in line for line in said if line.startswith("left out"))
    (rows,) = (table["rows"] for name, table in tables.items() if name == "airport-left-out")
    assert [row[1] for row in rows] == ["kano", "backtest"]
    assert "It needs Kano answers." in pages["en"]
    assert "需要：卡诺成对答案。" in pages["zh"]
    for language, words in (("en", "What this paper does not answer"), ("zh", "本文未回答的问题")):
        assert words in pages[language]
        assert "[analysis.backtest]" in pages[language]
        assert MOTHERS.findall(pages[language]) == []
    # Nobody was asked for judgements, and no caption says that anybody was.
    assert "Delphi" not in pages["en"]
    assert "德尔菲" not in pages["zh"]


def test_papers_of_counts_say_what_counts_cannot_answer(tmp_path: Path) -> None:
    counts(tmp_path)
    said, pages, tables = published(tmp_path / "study", tmp_path / "out")
    assert "the panel holds counts" in " ".join(said)
    assert "同一受访者同时给出哪些答案不得而知" in pages["zh"]
    assert {row[1] for row in tables["study-left-out"]["rows"]} == {"score", "sensitivity", "review"}
    assert MOTHERS.findall(pages["en"] + pages["zh"]) == []


def test_a_study_that_is_wrong_has_no_papers(tmp_path: Path) -> None:
    airport(tmp_path)
    text = (tmp_path / "study.toml").read_text(encoding="utf-8")
    (tmp_path / "study.toml").write_text(text + "\n[analysis.review]\nlimit = 99\n", encoding="utf-8")
    with pytest.raises(InputError):
        published(tmp_path, tmp_path / "out")
    assert not list(tmp_path.rglob("*.pdf"))


def test_signs_that_no_font_has_cost_a_figure_and_no_paper(tmp_path: Path) -> None:
    airport(tmp_path)
    text = (tmp_path / "study.toml").read_text(encoding="utf-8")
    text = re.sub("analyses = .*", 'analyses = ["check", "weights", "scores"]', text)
    text = text.replace('en = "Survey of an airport"', 'en = "Survey 😀 of an airport"')
    text = text.replace('en = "New"', 'en = "New 🛫"')
    (tmp_path / "study.toml").write_text(text, encoding="utf-8")
    said, pages, _ = published(tmp_path, tmp_path / "out")
    assert any(line.startswith("left out: figure airport-scores: ") for line in said)
    assert any(line.startswith("no font of the papers has 😀") for line in said)
    assert "Survey □ of an airport" in pages["en"]
    assert "airport-scores" not in (tmp_path / "out" / "texts-airport" / "blue-paper.en.md").read_text(encoding="utf-8")
    # The other figures stand.
    assert "airport-weights" in (tmp_path / "out" / "texts-airport" / "blue-paper.en.md").read_text(encoding="utf-8")


def test_papers_of_real_clinics_from_their_file(shared_data: Path, tmp_path: Path) -> None:
    draft_study(tmp_path / "clinics", shared_data / "clinics" / "clinic_reviews_2006_2021.csv")
    path = tmp_path / "clinics" / "study.toml"
    text = path.read_text(encoding="utf-8")
    text = text.replace("[study]\n", '[study]\nanalyses = ["check", "weights", "scores", "kano"]\n', 1)
    path.write_text(text + '\n[words]\nplatform = { en = "clinic", zh = "诊所" }\n', encoding="utf-8")
    said, pages, tables = published(tmp_path / "clinics", tmp_path / "out")
    assert "clinics: 37" in pages["en"]
    assert "诊所数：37" in pages["zh"]
    assert [row[1] for row in tables["clinics-left-out"]["rows"]] == ["kano"]
    # The study has a column of that name, and nothing else speaks of mothers.
    assert set(MOTHERS.findall(pages["en"].replace("maternity", ""))) == set()
    assert any("not asked of this study: kano" in line for line in said)


def test_papers_of_the_real_airport(root: Path, shared_data: Path, tmp_path: Path) -> None:
    folder = tmp_path / "sfo"
    folder.mkdir()
    for path in (root / "data" / "sfo").glob("*.*"):
        if path.suffix in (".toml", ".csv"):
            (folder / path.name).write_bytes(path.read_bytes())
    text = (folder / "study.toml").read_text(encoding="utf-8")
    text = text.replace("[study]\n", '[study]\nanalyses = ["check", "weights", "scores", "backtest"]\n', 1)
    (folder / "study.toml").write_text(text + "\n[analysis.backtest]\nminimum = 100000\n", encoding="utf-8")
    panel = shared_data / "sfo" / "sfo_survey_2010_2017.csv.gz"
    said, pages, _ = published(folder, tmp_path / "out", panel)
    assert any(line.startswith("left out: backtest: ") for line in said)
    assert "15,229" in pages["en"]
    assert MOTHERS.findall(pages["en"] + pages["zh"]) == []
