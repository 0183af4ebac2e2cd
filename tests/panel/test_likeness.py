"""Codes that a person would hardly tell apart are kept apart and said."""

from __future__ import annotations

import pytest

from maternal_eval.study import Study
from maternal_eval.study.panel import counting
from maternal_eval.study.panel.likeness import alike

STUDY = """
[study]
name = "small"
zh = "小研究"
en = "Small study"

[columns]
platform = "shop"
segments = ["city"]

[outcomes]
overall = { column = "overall", kind = "ordinal", zh = "满意度", en = "Overall" }
"""


@pytest.mark.parametrize(
    ("codes", "groups"),
    [
        (["01", "1", "001"], [("01", "1", "001")]),
        (["2.0", "2", "20"], [("2.0", "2")]),
        (["App", "app", "APP store"], [("App", "app")]),
        (["ＡＢ", "AB"], [("ＡＢ", "AB")]),
        (["e\u0301", "é"], [("e\u0301", "é")]),
        (["new york", "New-York", "newyork"], [("new york", "New-York", "newyork")]),
        (["产后", "产 后"], [("产后", "产 后")]),
        (["0", "00", "-"], [("0", "00")]),
        (["-", "/", ""], []),
        (["10", "100", "1"], []),
        (["a1", "a01"], []),
    ],
)
def test_codes_that_are_alike(codes, groups):
    assert alike(codes) == groups


@pytest.mark.parametrize("limit", [1_000_000, 0])
def test_a_study_says_which_codes_are_alike_and_keeps_them_apart(tmp_path, monkeypatch, limit):
    monkeypatch.setattr(counting.is_large, "__defaults__", (limit,))
    (tmp_path / "study.toml").write_text(STUDY, encoding="utf-8")
    path = tmp_path / "panel.csv"
    path.write_text("shop,city,overall\n01,A,1\n1,a,5\n001,B,3\n1,B,3\n")
    study = Study.read(tmp_path, path)
    said = [one["en"] for one in study.remarks]
    assert "Column shop: codes that differ little count as different ones: “001”/“01”/“1”." in [
        one.replace("“01”/“1”/“001”", "“001”/“01”/“1”") for one in said
    ]
    assert "Column city: codes that differ little count as different ones: “A”/“a”." in said
    if limit:
        assert set(study.panel["platform"].cat.categories) == {"01", "1", "001"}
