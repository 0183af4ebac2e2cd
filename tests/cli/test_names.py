"""Names that are mark-up somewhere are shown as they are everywhere, and obeyed nowhere."""

import csv
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from maternal_eval.app.showing import check_targets
from maternal_eval.app.steps import STEPS
from maternal_eval.core.errors import InputError
from maternal_eval.core.printable import markdown_text
from maternal_eval.report.pandoc import run_pandoc
from maternal_eval.results.base import spreadsheet_table
from maternal_eval.results.plotting import figure_style
from maternal_eval.results.tables import FindingsTable, TableColumn
from tests.study.conftest import answers, folder

__all__ = ["folder"]

HOSTILE = (
    "[/bold]",
    "[red]x[/]",
    "$\\frac{1$",
    "<!--<script>",
    "</script>",
    "a|b",
    "#let x",
    "@ref",
    "*a*_b_",
    "`{=html}",
)


def call(*arguments, cwd, **more):
    program = [sys.executable, "-m", "maternal_eval", *map(str, arguments)]
    return subprocess.run(program, capture_output=True, text=True, cwd=cwd, timeout=120, **more)


def test_score_shows_hostile_names_and_writes_every_form(folder, tmp_path_factory):
    """The handed cases: a title that closes a tag of rich, a stage that begins a formula of matplotlib."""
    work = tmp_path_factory.mktemp("work")
    toml = folder / "study.toml"
    text = toml.read_text()
    text = text.replace('en = "Small study"', "en = 'Small [/b] <!--<script>'")
    text = text.replace('en = "Before"', "en = '$\\frac{1$ a|b'").replace('zh = "之前"', "zh = '$\\frac{之前'")
    text = text.replace('stage = "stage"', 'stage = "stage"\nplatform = "platform"')
    toml.write_text(text)
    panel = answers(960)  # cells of 40: small ones are hidden, whatever their names
    names = ["=1+1", "[/bold]", "\x1b[31mred", "@x"]
    panel["platform"] = [names[row % len(names)] for row in range(len(panel))]
    panel.to_csv(folder / "panel.csv", index=False)
    done = call("score", folder, "--out", "out", cwd=work)
    assert "Traceback" not in done.stderr
    assert "Small [/b] <!--<script>" in done.stdout.replace("\n", " ")
    assert "\x1b" not in done.stdout + done.stderr
    shown = done.stdout
    assert "[/bold]" in shown
    with (work / "out" / "small-score.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    found = {row["platform"] for row in rows}
    assert {"'=1+1", "'@x", "[/bold]"} <= found
    assert float(rows[0]["score"]) > 0
    assert (work / "out" / "small-score.json").is_file()


def test_dollar_signs_begin_no_formula_in_a_figure(tmp_path):
    import matplotlib.pyplot as plt

    with figure_style("en"):
        figure, axes = plt.subplots()
        axes.set_title("$\\frac{1$")
        axes.set_yticks([0, 1], ["$\\alpha$", "$x"])
        axes.plot([0, 1], label="$\\frac{")
        axes.legend()
        figure.savefig(tmp_path / "figure.png")
    shown = [text.get_text() for text in axes.get_yticklabels()]
    assert shown == ["$\\alpha$", "$x"]
    assert not any(text.get_parse_math() for text in [axes.title, *axes.get_yticklabels(), *axes.get_legend().texts])


@pytest.mark.parametrize("to", ["html5", "typst", "plain"])
def test_a_table_of_a_paper_prints_names_as_they_are(to):
    names = [*HOSTILE, "two\nlines", "&lt;", "![](x)", "a^b^~c~", "\x1b[2J", "x" * 300]
    table = FindingsTable(
        "names", {"en": "Names <b>", "zh": "名称"}, (TableColumn("Name", "名称"), TableColumn("Number", "数值")),
        tuple((name, 1.0) for name in names), "simulated", "check", "test",
    )  # fmt: skip
    made = run_pandoc(
        ["--from=markdown", f"--to={to}", "--columns=10000", "--wrap=none"], table.markdown("en")
    ).decode()
    if to == "plain":
        for name in names:
            assert name.replace("\n", "\\n").replace("\x1b", "\\x1b") in made
        return
    assert "\x1b" not in made
    if to == "html5":
        assert made.count("<tr") == len(names) + 1
        assert not re.search(r"<script|<!--|<b>|<em>|<sup>|<sub>|<img|<code|<a ", made)
    else:
        cells = re.findall(r"\[([^\[\]]*(?:\\\[|\\\])?.*?)\], \[1\.00\]", made)
        assert len(cells) == len(names)
        assert "#let" not in made.replace("\\#let", "")
        assert "@ref" not in made.replace("\\@ref", "")
        assert "#emph" not in made
        assert "#strong" not in made


def test_a_paragraph_makes_no_tag_link_or_picture():
    text = markdown_text("the stage <!--<script>alert(1)</script> and ![](http://example.org/x.png)")
    made = run_pandoc(["--from=commonmark", "--to=html5"], text).decode()
    assert not re.search(r"<script|<!--|<img|<a ", made)
    assert "&lt;!--&lt;script&gt;" in made


def test_the_data_of_the_page_cannot_end_its_script(monkeypatch, tmp_path):
    from maternal_eval.report import explorer

    name = "</script><!--<script>alert(1)"
    monkeypatch.setattr(explorer, "page_data", lambda result: {"title": {"en": name, "zh": name}})
    page = explorer.write_explorer(None, tmp_path / "page.html").read_text()
    plain = (explorer.TEMPLATES / explorer.NAME).read_text()
    for sign in ("<script", "</script", "<!--"):
        assert page.count(sign) == plain.count(sign)
    data = re.search(r'\{"title":.*?\}\}', page).group(0)
    assert json.loads(data)["title"]["en"] == name


def test_cells_for_spreadsheets_are_texts_and_numbers_stay_numbers():
    table = pd.DataFrame(
        {
            "=name": pd.Categorical(["=1+1", "+a", "b"]),
            "value": [-1.5, 2.0, float("nan")],
            "count": [-1, 0, 1],
            "mixed": ["-2", None, 3],
        }
    )
    safe = spreadsheet_table(table)
    assert list(safe.columns) == ["'=name", "value", "count", "mixed"]
    assert safe["'=name"].tolist() == ["'=1+1", "'+a", "b"]
    assert safe["mixed"].tolist()[0] == "'-2"
    pd.testing.assert_frame_equal(safe[["value", "count"]], table[["value", "count"]])
    assert table["=name"].tolist() == ["=1+1", "+a", "b"]


def test_targets_that_could_not_be_written_are_refused_before_anything_is_computed(
    folder, tmp_path_factory, monkeypatch
):
    work = tmp_path_factory.mktemp("work")
    (work / "file").write_text("")
    (work / "out" / "small-check.csv").mkdir(parents=True)
    os.symlink("/dev/null", work / "sink")
    monkeypatch.chdir(work)
    before = {path: path.read_bytes() for path in folder.iterdir()}
    for out, json_file, sentence in (
        (None, "/dev/null", "/dev/null: this is no place for a file"),
        (None, "sink", "sink: this cannot be replaced by a file: found a device, pipe or socket"),
        (None, "out", "out: this cannot be replaced by a file: found a folder"),
        (None, folder / "panel.csv", "this file is read, not written"),
        (None, folder / "study.toml", "this file is read, not written"),
        ("file", None, "file: this is no folder"),
        ("out", None, "small-check.csv: this cannot be replaced by a file: found a folder"),
    ):
        with pytest.raises(InputError, match=re.escape(sentence)):
            check_targets(folder, STEPS["check"], None, out and Path(out), json_file and Path(json_file))
    with pytest.raises(InputError, match="this file is read, not written"):
        check_targets(folder, STEPS["check"], work / "file", None, work / "file")
    done = call("check", folder, "--json", "/dev/null", cwd=work)
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert not (work / "build").exists()
    assert {path: path.read_bytes() for path in folder.iterdir()} == before
