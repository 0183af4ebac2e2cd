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


def test_the_optional_tables_that_a_study_holds_are_used():
    agreement, requirement = {"analyses/agreement/compute.py"}, {"app/requirements.py"}
    log = {"analyses/agreement/log.py", "analyses/agreement/settings.py", "analyses/whatif/link.py"}
    assert _users("platform_log") == agreement | log | requirement
    assert _users("triangulation") == agreement | requirement | {"analyses/agreement/records.py"}
    for kind in TABLE_KINDS.values():
        assert "no analysis" not in kind.note_en  # a table that nobody reads has no place in a study


def test_an_absent_table_is_only_said_where_an_analysis_would_use_it():
    told = {name for name, kind in TABLE_KINDS.items() if kind.without_en}
    assert told == {"experts", "kano", "claims", "platform_log", "triangulation", "topics"}
    for name in ("experts", "claims"):
        assert _users(name)
    assert _users("kano_answers")
