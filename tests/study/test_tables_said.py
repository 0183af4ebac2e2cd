"""What is said of a study's optional tables agrees with what the analyses do with them."""

import re
from pathlib import Path

import maternal_eval
from maternal_eval.study.tables import TABLE_KINDS

SOURCES = {
    path.relative_to(Path(maternal_eval.__file__).parent): path.read_text(encoding="utf-8")
    for path in Path(maternal_eval.__file__).parent.rglob("*.py")
}


def _users(table):
    """Modules outside the study and the simulation that take the table from a study."""
    return {
        str(path)
        for path, text in SOURCES.items()
        if path.parts[0] not in ("study", "simulation") and re.search(rf"\bstudy\.{table}\b", text)
    }


def test_only_the_what_if_uses_the_platform_log_and_nothing_the_triangulation():
    assert _users("platform_log") == {"analyses/whatif/link.py"}
    assert _users("triangulation") == set()
    for name in ("platform_log", "triangulation"):
        kind = TABLE_KINDS[name]
        assert "no analysis" in kind.note_en
        assert "没有任何分析" in kind.note_zh
        assert "judged" not in kind.without_en


def test_an_absent_table_is_only_said_where_an_analysis_would_use_it():
    told = {name for name, kind in TABLE_KINDS.items() if kind.without_en}
    assert told == {"experts", "kano", "claims", "platform_log"}
    for name in ("experts", "claims"):
        assert _users(name)
    assert _users("kano_answers")
