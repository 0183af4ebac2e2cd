"""A result's key changes with what can change its numbers, and with nothing else."""

from maternal_eval.results.provenance import _modules_needed, hash_code, normalised_code


def test_comments_layout_and_docstrings_do_not_count_but_code_does():
    plain = "def f(x):\n    return x + 1\n"
    dressed = '"""Module."""\n# why\ndef f(x):\n    """Add one."""\n    return (x\n            + 1)\n'
    assert normalised_code(plain) == normalised_code(dressed)
    assert normalised_code(plain) != normalised_code("def f(x):\n    return x + 2\n")
    assert normalised_code('WIDTH = 3\n"""How wide."""\n') == "WIDTH = 3"
    assert normalised_code('def f():\n    """Nothing."""\n') == "def f():\n    pass"


def test_the_code_of_an_analysis_is_what_it_imports_at_its_top():
    needed = set(_modules_needed("maternal_eval.analyses.check.compute"))
    assert {"maternal_eval.study.study", "maternal_eval.study.panel.contract"} <= needed
    assert "maternal_eval" in needed  # its __init__ sets the flags of the compiler
    assert not any(name.endswith(("figures", "report")) or "plotting" in name for name in needed)
    assert "maternal_eval.analyses.check.result" not in needed  # how it is shown computes nothing
    assert len(hash_code("maternal_eval.analyses.check.compute")) == 16
