from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from maternal_eval.simulation.figures import SimulatedFiles
from maternal_eval.simulation.truth import Truth
from verification.recovery import read_truth


@pytest.fixture(scope="session")
def truth(root: Path) -> Truth:
    return read_truth(root / "data" / "truth" / "maternal.json")


@pytest.fixture(scope="session")
def files(root: Path, truth: Truth) -> SimulatedFiles:
    """The committed files of the built-in study."""
    folder = root / "data" / "maternal"
    tables = (pd.read_csv(folder / f"{name}.csv") for name in ("platform_log", "experts", "triangulation"))
    return SimulatedFiles(pd.read_parquet(folder / "panel.parquet"), *tables, truth)
