"""One small study with an own model fitted to it, shared by the tests of this folder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from maternal_eval.app.analysis import Analysis
from maternal_eval.results import ResultStore
from tests.satisfaction.conftest import STUDY, simulate

SHORT = """
[analysis.satisfaction]
tune = 250
draws = 300
alternatives = []
bulk_ess = 100.0
tail_ess = 100.0
rhat = 1.05
"""


def trend_by_tier(cells: Any) -> Any:
    """A slope over the years of each tier: in the simulated truth it is 0."""
    import pymc as pm

    return pm.Normal("tier_trend", 0.0, 0.1, dims="tier")[cells["tier"]] * cells.step


@dataclass
class Small:
    """The study with its results, an own model of it, and what that found."""

    analysis: Analysis
    graph: Any
    fit: Any


@pytest.fixture(scope="session")
def small_analysis(tmp_path_factory):
    folder = tmp_path_factory.mktemp("own") / "small"
    folder.mkdir()
    (folder / "study.toml").write_text(STUDY.format(weight='weight = "weight"') + SHORT, encoding="utf-8")
    simulate(1500).to_csv(folder / "panel.csv", index=False)
    return Analysis.compute(folder, ResultStore(folder.parent / "results"))


@pytest.fixture(scope="session")
def own(small_analysis):
    import pymc as pm

    graph = small_analysis.model(
        "satisfaction",
        terms={"trend by tier": trend_by_tier},
        priors={"stage_scale": lambda: pm.HalfNormal("stage_scale", 0.5)},
    )
    return Small(small_analysis, graph, small_analysis.fit_with(graph))
