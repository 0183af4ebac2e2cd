"""Long names on several lines, and the mark of a simulated panel."""

import pytest

from maternal_eval.core.errors import InputError
from maternal_eval.results.marks import panel_kind, simulated_mark
from maternal_eval.results.plotting import wrapped
from maternal_eval.results.plotting.wrapping import width


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_name_that_fits_stays_as_it_is(language):
    assert wrapped("NPS 净推荐值", language, 14) == "NPS 净推荐值"


def test_no_word_is_broken_and_none_is_lost():
    text = "Continuity of antenatal-care information between hospitals"
    found = wrapped(text, "en", 16)
    assert found.replace("\n", " ") == text
    assert all(width(line) <= 16 or " " not in line for line in found.split("\n"))
    assert wrapped("Incomprehensibilities", "en", 8) == "Incomprehensibilities"


@pytest.mark.parametrize("lines", [1, 2, 3])
def test_lines_get_longer_where_too_many_would_be_needed(lines):
    text = "Continuity of care information between hospitals and families"
    found = wrapped(text, "en", 10, lines=lines)
    assert found.count("\n") + 1 <= lines
    assert found.replace("\n", " ") == text


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("响应速度提升，等待时间缩短三成", ["响应速度提升，", "等待时间缩短三成"]),
        ("有序满意度模型（含共同漂移）", ["有序满意度模型", "（含共同漂移）"]),
        ("孕期课程覆盖率提高 10 个百分点", ["孕期课程覆盖率", "提高 10 个百分点"]),
    ],
)
def test_a_chinese_name_breaks_where_it_may(text, lines):
    found = wrapped(text, "zh", 16).split("\n")
    assert "".join(found).replace(" ", "") == text.replace(" ", "")
    assert len(found) == 2
    assert not found[1].startswith(tuple("，：；）"))
    assert not found[0].endswith("（")
    assert abs(width(found[0]) - width(found[1])) < width(text) / 2
    if lines[0].endswith("，") or lines[1].startswith("（"):
        assert found == lines


def test_an_unknown_language_is_refused():
    with pytest.raises(InputError, match="unknown language"):
        wrapped("a name that does not fit", "fr", 5)


@pytest.mark.parametrize(("language", "expected"), [("en", "T (simulated panel)"), ("zh", "T（模拟面板）")])
def test_a_title_is_marked_where_the_panel_is_simulated_and_only_there(language, expected):
    assert "T" + simulated_mark(True, language) == expected
    assert simulated_mark(False, language) == ""
    assert panel_kind(True)[language] in expected
    assert panel_kind(False)[language] not in expected
