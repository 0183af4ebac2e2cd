"""A small study for the interactive page, made by hand."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from maternal_eval.analyses.explorer.result import ExplorerResult

CODES = ["A1", "A2", "B1"]
STATIC = np.array([0.42, 0.28, 0.30])
PROPOSED = np.array([[0.42, 0.28, 0.30], [0.20, 0.50, 0.30]])


@pytest.fixture(scope="session")
def small_result():
    """Three platforms in two stages; platform names that would break a page that forgets to escape them."""
    random = np.random.default_rng(5)
    platforms = ["alpha", "<b>beta</b>", "gamma & co"]
    units = [(stage, platform) for stage in ("before", "after") for platform in platforms]
    mean = np.array([[0.5, 0.6, 0.7], [0.6, 0.5, 0.6], [0.4, 0.9, 0.5]] * 2)
    root = 0.01 * random.standard_normal((len(units), 3, 3))
    covariance = root @ np.swapaxes(root, 1, 2)
    scores = pd.DataFrame(units, columns=["stage", "platform"]).assign(n=50)
    scores["static"] = 100 * mean @ STATIC
    scores["static_sd"] = 100 * np.sqrt(np.einsum("i,uij,j->u", STATIC, covariance, STATIC))
    return ExplorerResult(
        scores=scores,
        moments=xr.Dataset(
            {"mean": (("unit", "indicator"), mean), "covariance": (("unit", "indicator", "other"), covariance)},
            {"indicator": CODES, "other": CODES},
        ),
        weights=xr.Dataset(
            {
                "static": ("indicator", STATIC),
                "proposed": (("stage", "indicator"), PROPOSED),
                "static_draws": (("draw", "indicator"), random.dirichlet(200 * STATIC, size=40)),
                "proposed_draws": (
                    ("stage", "draw", "indicator"),
                    np.stack([random.dirichlet(200 * row, size=40) for row in PROPOSED]),
                ),
            },
            {"indicator": CODES, "stage": ["before", "after"]},
        ),
        reasons={stage: {"en": f"Nothing is proposed {stage}.", "zh": "不建议调整。"} for stage in ("before", "after")},
        period=2024,
        title={"en": "A small study", "zh": "小型研究"},
        labels={
            "A1": {"en": "First", "zh": "指标一"},
            "A2": {"en": "Second", "zh": "指标二"},
            "B1": {"en": "Third", "zh": "指标三"},
            "a": {"en": "Dimension A", "zh": "维度甲"},
            "b": {"en": "Dimension B", "zh": "维度乙"},
            "before": {"en": "Before", "zh": "之前"},
            "after": {"en": "After", "zh": "之后"},
        },
        dimensions={"A1": "a", "A2": "a", "B1": "b"},
        stages=["before", "after"],
        study="small",
        simulated=True,
    )
