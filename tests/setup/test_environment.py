"""pyproject.toml, the locks and environment.yml say the same."""

import re
import subprocess
import sysconfig
import tomllib
from importlib.metadata import distributions

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version


@pytest.fixture(scope="module")
def project(root):
    return tomllib.loads((root / "pyproject.toml").read_text())["project"]


@pytest.fixture(scope="module")
def lock_text(root):
    return (root / "requirements-dev.lock").read_text()


@pytest.fixture(scope="module")
def locked(lock_text):
    pins = re.findall(r"^([a-zA-Z0-9_.-]+)==([^\s;\\]+)", lock_text, flags=re.MULTILINE)
    return {canonicalize_name(name): Version(version) for name, version in pins}


def test_every_requirement_is_locked_at_an_allowed_version(project, locked):
    wanted = [
        *project["dependencies"],
        *(one for group in ("setup", "dev") for one in project["optional-dependencies"][group]),
    ]
    requirements = [Requirement(text) for text in wanted]
    assert len(requirements) > 30
    wrong = [
        f"{requirement}: locked {locked.get(canonicalize_name(requirement.name))}"
        for requirement in requirements
        if locked.get(canonicalize_name(requirement.name)) not in (requirement.specifier or ())
    ]
    assert wrong == []


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock", "requirements-docs.lock"])
def test_the_lock_has_a_hash_for_every_pin_and_no_address(root, lock):
    lock_text = (root / lock).read_text()
    entries = re.split(r"\n(?=[a-zA-Z0-9])", lock_text.strip())
    assert len(entries) > 100
    assert [entry.splitlines()[0] for entry in entries if "--hash=sha256:" not in entry] == []
    assert "://" not in lock_text
    assert "index-url" not in lock_text


def test_the_papers_and_the_tests_use_the_same_versions(root, locked):
    text = (root / "requirements.lock").read_text()
    pins = re.findall(r"^([a-zA-Z0-9_.-]+)==([^\s;\\]+)", text, flags=re.MULTILINE)
    assert len(pins) > 100
    assert {name for name, version in pins if locked.get(canonicalize_name(name)) != Version(version)} == set()


def test_the_lock_of_the_site_goes_on_top_of_the_other(root, project, locked):
    text = (root / "requirements-docs.lock").read_text()
    pins = re.findall(r"^([a-zA-Z0-9_.-]+)==([^\s;\\]+)", text, flags=re.MULTILINE)
    different = {n: v for n, v in pins if (own := locked.get(canonicalize_name(n))) and own != Version(v)}
    assert different == {}, "make lock pins both anew"
    of_site = {canonicalize_name(name) for name, _ in pins}
    wanted = {canonicalize_name(Requirement(one).name) for one in project["optional-dependencies"]["docs"]}
    assert wanted <= of_site
    assert wanted.isdisjoint(locked), "the packages of the site are not those of the papers and tests"


def test_the_conda_environment_uses_the_same_lock_and_python(root, project):
    environment = yaml.safe_load((root / "environment.yml").read_text())
    python = next(entry for entry in environment["dependencies"] if str(entry).startswith("python="))
    pip = next(entry["pip"] for entry in environment["dependencies"] if isinstance(entry, dict))
    chosen = (root / ".python-version").read_text().strip()
    assert python == f"python={chosen}"
    assert pip == ["-r requirements-dev.lock"]
    assert Version(chosen) in Requirement(f"python{project['requires-python']}").specifier


def test_the_installed_packages_are_the_locked_ones(locked):
    # Only what pip installed: some packages carry copies of others, which show up once they are imported.
    found = distributions(path=[sysconfig.get_path("purelib")])
    installed = {canonicalize_name(d.metadata["Name"]): Version(d.version) for d in found}
    assert len(installed) > 100
    different = {n: (str(installed[n]), str(v)) for n, v in locked.items() if n in installed and installed[n] != v}
    assert different == {}


def test_find_python_prints_a_new_enough_interpreter(root):
    found = subprocess.run([root / "find-python"], capture_output=True, text=True, check=True).stdout.strip()
    version = subprocess.run([found, "-c", "import sys; print(sys.version_info >= (3, 12))"], capture_output=True)
    assert version.stdout.decode().strip() == "True"


def test_find_python_says_plainly_what_is_missing(root):
    run = subprocess.run(
        [root / "find-python"],
        env={"PYTHON": "no-such-python", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 1
    assert run.stdout == ""
    assert "No Python 3.12 or newer was found" in run.stderr
    assert len(run.stderr.strip().splitlines()) == 1
