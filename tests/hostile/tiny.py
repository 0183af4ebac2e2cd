"""A tiny whole study in memory, ways to spoil it, and a verb run in this process as the command line runs it."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from maternal_eval.app.cli import application
from maternal_eval.core import faults

STUDY = """\
[study]
name = "tiny"
zh = "小研究"
en = "Tiny study"

[panel]
file = "panel.csv"

[columns]
respondent = "id"
period = "year"
stage = "phase"
platform = "shop"
weight = "w"
segments = ["city"]

[stages]
ordered = true
levels = [{ value = "before", zh = "之前", en = "Before" }, { value = "after", zh = "之后", en = "After" }]

[periods]
train = [2020, 2021]
test = 2022

[dimensions]
speed = { weight = 0.6, zh = "速度", en = "Speed" }
care = { weight = 0.4, zh = "关怀", en = "Care" }

[indicators]
file = "indicators.csv"
scale = [1, 5]

[outcomes]
overall = { column = "sat", kind = "ordinal", zh = "满意度", en = "Satisfaction" }
again = { column = "rec", kind = "recommendation", zh = "推荐", en = "Recommendation" }
back = { column = "rep", kind = "binary", zh = "复购", en = "Repurchase" }
spend = { column = "eur", kind = "continuous", zh = "消费", en = "Spending" }

[files]
experts = "experts.csv"
kano = "kano.csv"
claims = "claims.csv"
checks = "checks.csv"
platform_log = "log.csv"

[disclosure]
minimum = 1

[analysis.whatif]
scenarios = [{ name = "up", zh = "快", en = "Faster", changes = { A1 = { add = 0.5 } } }]
"""

INDICATORS = """\
code,dimension,column,name_zh,name_en,kano,weight,kind,low,high
A1,speed,q1,响应,Response,performance,0.5,rating,1,5
A2,speed,q2,等待,Waiting,must_be,0.3,burden,1,5
A3,speed,q3,配送,Delivery,indifferent,0.2,rating,1,5
B1,care,q4,关怀,Care,attractive,0.5,measure,0,100
B2,care,q5,尊重,Respect,unknown,0.5,rating,1,5
"""

EXPERTS = "expert,round,set,row,column,judgement\n" + "".join(
    f"{name},1,{rest}\n"
    for name, rests in {
        "one": ["dimensions,speed,care,2", "speed,A1,A2,2", "speed,A1,A3,3", "speed,A2,A3,2", "care,B1,B2,1"],
        "two": ["dimensions,speed,care,1", "speed,A1,A2,1", "speed,A1,A3,4", "speed,A2,A3,3", "care,B1,B2,2"],
    }.items()
    for rest in rests
)

KANO = "respondent,indicator,functional,dysfunctional\n" + "".join(
    f"k{person},{code},{pair}\n"
    for code, pairs in {
        "A1": ["1,5", "1,5", "1,4"],
        "A2": ["2,5", "3,5", "3,5"],
        "B1": ["1,3", "1,2", "2,3"],
    }.items()
    for person, pair in enumerate(pairs)
)

_CLAIM = (
    "id,seed,section,scope,stage,dimension,indicator,metric,"
    "period,base_period,value,low,high,unit,kind,comparator,note_en,note_zh\n"
)
CLAIMS = _CLAIM + "".join(
    f"{name},s,1,survey,all,speed,,m,2020,,{value},percent,level,,n,注\n"
    for name, value in {"start": "10,,", "end": "20,,", "growth": "100,,", "wide": ",5,15", "nought": "0,,"}.items()
)
CHECKS = (
    "number,seeds,where,what_en,what_zh,basis,claims,expression,assumption_en,assumption_zh,charitable,same_as,"
    "hand_verdict,hand_words,disagreement_en,disagreement_zh,note_en,note_zh\n"
    "s:A1,s,1,Growth,增长,arithmetic,start=start end=end growth=growth,100 * (end / start - 1) == growth,,,,,"
    "consistent,OK,,,,\n"
)
LOG = (
    "month,platform,stage,promised_response_minutes,actual_response_minutes,enquiries,orders,repurchases,returns,posts,replies\n"
    + "".join(
        f"{year}-0{month},{shop},{stage},20,{15 + month},100,50,20,5,10,8\n"
        for year in (2020, 2021, 2022)
        for month in (1, 2)
        for shop in ("north", "south")
        for stage in ("before", "after")
    )
)
ROWS = 36


def _panel() -> list[dict[str, str]]:
    """Thirty-six answers in three years, two stages and two shops, all tied to one latent mood."""
    random = np.random.default_rng(1)
    rows = []
    for number in range(ROWS):
        mood = random.normal()
        near = [int(np.clip(np.rint(3 + mood + 0.7 * random.normal()), 1, 5)) for _ in range(5)]
        rows.append(
            {
                "id": f"p{number:02d}",
                "year": str(2020 + number % 3),
                "phase": ("before", "after")[number // 3 % 2],
                "shop": ("north", "south")[number // 6 % 2],
                "w": ("1", "1.5", "0.5")[number // 12],
                "city": ("inland", "coast")[number % 2],
                "q1": str(near[0]),
                "q2": str(6 - near[1]),
                "q3": str(near[2]),
                "q4": f"{20 * near[3] - random.integers(0, 15)}.5",
                "q5": str(near[4]),
                "sat": str(int(np.clip(np.rint(3 + mood), 1, 5))),
                "rec": str(int(np.clip(np.rint(6 + 2 * mood), 0, 10))),
                "rep": str(int(mood > 0)),
                "eur": f"{50 + 10 * mood:.2f}",
            }
        )
    return rows


def read_rows(text: str) -> list[dict[str, str]]:
    """Return the rows of a CSV text."""
    return list(csv.DictReader(io.StringIO(text)))


def as_text(rows: list[dict[str, str]]) -> str:
    """Return rows as CSV text."""
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


@dataclass
class Tiny:
    """The study as file name → content.

    Every method spoils something and returns the study; it fails where there is nothing to spoil.
    """

    files: dict[str, str | bytes] = field(
        default_factory=lambda: {
            "study.toml": STUDY,
            "indicators.csv": INDICATORS,
            "panel.csv": as_text(_panel()),
            "experts.csv": EXPERTS,
            "kano.csv": KANO,
            "claims.csv": CLAIMS,
            "checks.csv": CHECKS,
            "log.csv": LOG,
        }
    )

    def text(self, file: str) -> str:
        """Return a file as text."""
        content = self.files[file]
        assert isinstance(content, str)
        return content

    def put(self, file: str, content: str | bytes) -> Tiny:
        """Write another file in place of one, or a new one."""
        self.files[file] = content
        return self

    def swap(self, file: str, old: str, new: str) -> Tiny:
        """Replace the only place of a text."""
        assert self.text(file).count(old) == 1, f"{old!r} stands {self.text(file).count(old)} times in {file}"
        return self.put(file, self.text(file).replace(old, new))

    def toml(self, old: str, new: str) -> Tiny:
        """Replace the only place of a text in study.toml."""
        return self.swap("study.toml", old, new)

    def add(self, lines: str) -> Tiny:
        """Write further lines at the end of study.toml."""
        return self.put("study.toml", self.text("study.toml") + lines + "\n")

    def setting(self, analysis: str, line: str) -> Tiny:
        """Write a setting of an analysis."""
        if analysis == "whatif":
            return self.toml("[analysis.whatif]\n", f"[analysis.whatif]\n{line}\n")
        return self.add(f"[analysis.{analysis}]\n{line}")

    def cell(self, column: str, value: str, row: int = 0, file: str = "panel.csv") -> Tiny:
        """Write a value into a cell."""
        rows = read_rows(self.text(file))
        assert column in rows[row]
        assert rows[row][column] != value
        rows[row][column] = value
        return self.put(file, as_text(rows))

    def column(self, column: str, values: str | Callable[[int, dict[str, str]], str], file: str = "panel.csv") -> Tiny:
        """Write a column: one value for all, or a function of the row's number and the row."""
        rows = read_rows(self.text(file))
        for number, row in enumerate(rows):
            row[column] = values if isinstance(values, str) else values(number, row)
        return self.put(file, as_text(rows))

    def keep(self, wanted: Callable[[int, dict[str, str]], bool], file: str = "panel.csv") -> Tiny:
        """Keep the rows that are wanted."""
        rows = [row for number, row in enumerate(read_rows(self.text(file))) if wanted(number, row)]
        header = self.text(file).partition("\n")[0] + "\n"
        return self.put(file, as_text(rows) if rows else header)

    def row(self, line: str, file: str) -> Tiny:
        """Write a further row."""
        return self.put(file, self.text(file) + line + "\n")

    def without(self, file: str) -> Tiny:
        """Remove a file that the study names."""
        del self.files[file]
        return self

    def bare(self, *names: str) -> Tiny:
        """Take optional files away, and their lines in study.toml with them."""
        for name in names:
            [line] = [one for one in STUDY.splitlines() if one.startswith(f'{name} = "') and ".csv" in one]
            self.toml(line + "\n", "")
            del self.files[line.split('"')[1]]
        return self

    def write(self, folder: Path) -> Path:
        """Write the study into a folder."""
        folder.mkdir()
        for name, content in self.files.items():
            data = content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass")
            (folder / name).write_bytes(data)
        return folder


@dataclass(frozen=True)
class Done:
    """What a run ended with, as a shell sees it."""

    code: int
    out: str
    err: str


def call(*arguments: str) -> Done:
    """Run the command line in this process, through the door that turns faults into sentences."""
    out, err, code = io.StringIO(), io.StringIO(), 0
    before = sys.argv
    sys.argv = ["maternal-eval", *arguments]
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                answer: Any = application()
                code = answer if isinstance(answer, int) else 0
            except SystemExit as left:
                code = left.code if isinstance(left.code, int) else 1
            except BaseException as fault:
                code = faults.told(fault)
    finally:
        sys.argv = before
    return Done(code, out.getvalue(), err.getvalue())


def contents(folder: Path) -> dict[str, tuple[int, int]]:
    """Return what lies in a folder, the store of results apart: path → size and time of the last change."""
    found = {}
    for place, folders, names in os.walk(folder):
        if Path(place) == folder and "build" in folders:
            folders.remove("build")
        for name in names:
            path = Path(place, name)
            stat = path.lstat()
            found[str(path.relative_to(folder))] = (stat.st_size, stat.st_mtime_ns)
    return found


@dataclass(frozen=True)
class Case:
    """A kind of hostile input: how the study is spoilt, which verb meets it, and what is right.

    ``no`` is a part of the sentence that refuses it (several: all of them are told in one pass);
    ``yes`` is a part of what is printed that makes taking it right.
    """

    name: str
    spoil: Callable[[Tiny], object]
    no: str | tuple[str, ...] = ""
    yes: str = ""
    verb: str = "check"


def judge(case: Case, work: Path) -> None:
    """Run a case in an empty folder and hold it to what is right."""
    study = Tiny()
    case.spoil(study)
    folder = study.write(work / "study")
    verb, *options = case.verb.split()
    before = contents(work)
    done = call(verb, "study", *options, "--json", "out.json")
    said = done.out + done.err
    after = contents(work)
    assert "Traceback" not in said
    assert "internal error" not in said, said
    assert contents(folder) == {name[6:]: stat for name, stat in before.items()}, "the study was changed"
    if case.no:
        assert done.code == 2, said
        for words in (case.no,) if isinstance(case.no, str) else case.no:
            assert words in done.err
        assert done.out == ""
        lines = done.err.splitlines()
        assert all(line.startswith(("error: ", "… ", "and ")) for line in lines), done.err
        assert max(map(len, lines)) < 1200
        assert after == before, "something was written though the input was refused"
    else:
        assert case.yes
        assert done.code == 0, said
        assert case.yes in done.out
        json.loads((work / "out.json").read_text(encoding="utf-8"), parse_constant=_no_number)


def _no_number(name: str) -> None:
    raise AssertionError(f"{name} stands in the JSON")
