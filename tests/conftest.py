"""Fixtures shared by all tests."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# Programs that tests start run in folders of their own, where a relative path leads nowhere: without this they would
# run whatever is installed, and not the code of this checkout.
os.environ["PYTHONPATH"] = os.pathsep.join(
    dict.fromkeys([str(ROOT / "src"), *filter(os.path.isabs, os.environ.get("PYTHONPATH", "").split(os.pathsep))])
)


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository."""
    return ROOT


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data outside the repository; the test is skipped where it is absent."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the real data sets of ../shared/data are not on this machine")
    return folder


@pytest.fixture(scope="session")
def maternal():
    """The built-in simulated study."""
    from maternal_eval.study import Study

    return Study.read(ROOT / "data" / "maternal")


@pytest.fixture(autouse=True, scope="session")
def _stored_tables_keep_their_schemas():
    """Hold every table of every result that a test stores to its schema, whatever the test is about."""
    from maternal_eval.results.base import Result

    save = Result.save

    def checked(self: Result, folder: Path) -> None:
        if self.schemas():
            self.check_tables()
        save(self, folder)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Result, "save", checked)
        yield


@pytest.fixture(autouse=True)
def _figures_are_closed():
    """Close what a test has drawn: figures pile up over a whole run, and matplotlib warns of that."""
    yield
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")
