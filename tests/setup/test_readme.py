"""The numbers that the README prints are those of the frozen findings."""

import re

from maternal_eval.results.findings import Findings


def test_every_number_with_a_key_is_the_finding(root):
    findings = Findings.read(root / "reports" / "findings.json")
    text = (root / "README.md").read_text()
    printed = re.findall(r"<!--([a-z0-9_.]+)-->(\S+)", text)
    assert len(printed) >= 4
    assert dict(printed) == {key: findings.format(key, "en") for key, _ in printed}


def test_the_files_that_the_readme_names_are_there(root):
    text = (root / "README.md").read_text()
    links = re.findall(r"\]\(([^)#:]+)\)", text)
    assert len(links) >= 5
    assert [link for link in links if not (root / link).exists()] == []
