"""A result's key changes with what can change its numbers, and with nothing else."""

from pathlib import Path

import maternal_eval.results.provenance as provenance
from maternal_eval.results.provenance import _add_needed, _shows, hash_code, hash_package, hash_shown, normalised_code


def test_comments_layout_and_docstrings_do_not_count_but_code_does():
    plain = "def f(x):\n    return x + 1\n"
    dressed = '"""Module."""\n# why\ndef f(x):\n    """Add one."""\n    return (x\n            + 1)\n'
    assert normalised_code(plain) == normalised_code(dressed)
    assert normalised_code(plain) != normalised_code("def f(x):\n    return x + 2\n")
    assert normalised_code('WIDTH = 3\n"""How wide."""\n') == "WIDTH = 3"
    assert normalised_code('def f():\n    """Nothing."""\n') == "def f():\n    pass"


def test_the_code_of_an_analysis_is_what_it_imports_at_its_top():
    found: dict[str, Path] = {}
    _add_needed("maternal_eval.analyses.check.compute", found, _shows)
    needed = set(found)
    assert {"maternal_eval.study.study", "maternal_eval.study.panel.contract"} <= needed
    assert "maternal_eval" in needed  # its __init__ sets the flags of the compiler
    assert not any(name.endswith(("figures", "report")) or "plotting" in name for name in needed)
    assert "maternal_eval.analyses.check.result" not in needed  # how it is shown computes nothing
    assert len(hash_code("maternal_eval.analyses.check.compute")) == 16


def test_a_changed_caption_counts_where_it_is_shown_and_nowhere_else(monkeypatch):
    """One changed module: the figures of scores. Neither results nor the notebooks of others depend on it."""

    def hashes() -> dict[str, str]:
        for cached in (hash_code, hash_shown, hash_package):
            cached.cache_clear()
        package = "maternal_eval.analyses"
        return {
            "result": hash_code(f"{package}.scores.compute", f"{package}.scores.settings"),
            "figures of scores": hash_shown(f"{package}.scores.result", f"{package}.scores.figures"),
            "figures of claims": hash_shown(f"{package}.claims.result", f"{package}.claims.figures"),
            "notebook on claims": hash_package(("scores",)),
            "notebook on scores": hash_package(("claims",)),
        }

    before, real = hashes(), provenance._hash_module
    monkeypatch.setattr(
        provenance, "_hash_module", lambda path: "changed" if path.match("scores/figures.py") else real(path)
    )
    after = hashes()
    assert {name for name in before if before[name] != after[name]} == {"figures of scores", "notebook on scores"}
    monkeypatch.undo()
    assert hashes() == before
