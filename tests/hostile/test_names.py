"""Names that mean something to a terminal, a page, a figure, a spreadsheet or a file system: shown as they are, or refused."""

import json

import pytest

from tests.hostile.tiny import Case, Tiny, call, judge

MARKUP = [
    "[/bold]", "[red]x[/red]", "[link=http://x]y[/link]", ":smile:", "<script>alert(1)</script>", "<!--", "-->", "]]>",
    "&amp;", "&#60;", "$\\frac{", "$x$", "\\textbf{x", "{{key}}", "<!--key-->", "%s", "{0}", "{", "`x`", "*x*", "|", "#", "'", '"',
    "=1+1", "+1", "-1", "@x", "=cmd|' /C calc'!A0", "../x", "C:\\x", "CON", "nan", "None", "NULL", "true", "1e5", "007",
    "孕期", "🤰🏽", "naïve", "e\u0301", "\u0627\u0644", "ａ", "a" * 60,
]  # fmt: skip
"""Each as a platform: as the study's own data, it is taken and shown as it is."""

TITLES = [
    ("a line", "two\\nlines"), ("a tab", "a\\tb"), ("a NUL", "a\\u0000b"), ("an escape", "a\\u001b[2Jb"), ("a bell", "\\u0007"),
    ("from right to left", "\\u202Etxet"), ("an isolate", "\\u2066x"), ("no width", "a\\u200Bb"), ("a joiner", "a\\u200Db"),
    ("half a pair", "private \\uE000"), ("a line of Unicode", "a\\u2028b"), ("nothing", ""), ("blanks", "   "), ("a tag", "a\\U000E0041"),
    ("121 signs", "a" * 121), ("5,000 signs", "标" * 5000), ("an unassigned sign", "\\U0003FFFD"),
]  # fmt: skip


@pytest.mark.parametrize("first", range(0, len(MARKUP), 6))
@pytest.mark.parametrize("verb", ["check", "score --quick"])
def test_platforms_of_any_name_are_shown_as_they_are(first, verb, tmp_path, monkeypatch):
    """Six names to a study, six answers to a name: none is obeyed, merged with another or lost."""
    monkeypatch.chdir(tmp_path)
    names = (MARKUP[first : first + 6] + MARKUP)[:6]
    study = Tiny().column("shop", lambda n, row: names[n % 6]).toml("[2020, 2021]", "[]").toml("test = 2022\n", "")
    study.column("year", "2020").column("phase", "after")
    study.toml('en = "Tiny study"', f"en = {json.dumps(names[0], ensure_ascii=False)}").write(tmp_path / "study")
    done = call(*verb.split()[:1], "study", *verb.split()[1:], "--json", "out.json")
    assert done.code == 0, done.err
    assert f"{names[0]}: " in done.out
    json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    if verb == "check":
        assert "│ providers               │ 6 " in done.out
    else:
        for name in names:
            assert any(line.startswith(f"│ {name} ") for line in done.out.splitlines()), name
    assert not any(sign in done.out for sign in "\x1b\x00\x07")


TITLE_CASES = [
    Case(f"a title with {what}", lambda s, t=title: s.toml('"Tiny study"', f'"{t}"'), no="column study.en")
    for what, title in TITLES
] + [
    Case(f"a stage with {what}", lambda s, t=title: s.toml('en = "After"', f'en = "{t}"'),
         no="column stages.levels.1.en")
    for what, title in TITLES[::3]
] + [
    Case("a dimension of 61 signs", lambda s: s.toml("speed = {", f"{'a' * 61} = {{"), no="column dimensions"),
    Case("a dimension with a control sign", lambda s: s.toml("speed = {", '"a\\u001b[2J" = {'), no="column dimensions"),
    Case("a stage like two", lambda s: s.toml('value = "after"', 'value = "befоre"'), no="phase"),
    Case("a refusal quotes no more than 80 signs", lambda s: s.cell("q1", "9" * 5000),
         no=f"found {'9' * 79}…, expected a whole number from 1 to 5 or nothing\n"),
    Case("a refusal writes signs out", lambda s: s.cell("q1", "\x1b]0;owned\x07"), no="found \\x1b]0;owned\\x07"),
    Case("a sheet of formulas keeps its platforms",
         lambda s: s.column("shop", lambda n, row: "=1+1" if row["shop"] == "north" else "south"),
         yes="=1+1", verb="score --quick"),
]  # fmt: skip


@pytest.mark.parametrize("case", TITLE_CASES, ids=lambda case: case.name)
def test_names(case, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    judge(case, tmp_path)


def test_a_spreadsheet_runs_no_name(tmp_path, monkeypatch):
    """The CSV that the verb writes begins no cell of text with a sign that starts a formula."""
    monkeypatch.chdir(tmp_path)
    Tiny().column("shop", lambda n, row: "=1+1" if row["shop"] == "north" else "@south").write(tmp_path / "study")
    assert call("check", "study", "--out", "out").code == 0
    Tiny().column("shop", lambda n, row: "=1+1" if row["shop"] == "north" else "@south").write(tmp_path / "again")
    from maternal_eval.results.base import spreadsheet_table
    from maternal_eval.study import Study

    panel = Study.read(tmp_path / "again").panel
    cells = spreadsheet_table(panel[["platform"]].astype(str))["platform"].unique()
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in cells)
