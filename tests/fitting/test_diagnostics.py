"""Diagnostics and their gates."""

from __future__ import annotations

import dataclasses
import math

import arviz as az
import numpy as np
import pytest
import xarray as xr

from maternal_eval.core.checks import Check, check_table
from maternal_eval.core.errors import DiagnosticsError
from maternal_eval.methods.sampling import Gates, diagnose, require


def chains(values: np.ndarray, **statistics: np.ndarray) -> xr.DataTree:
    """Return draws (chain, draw, name) as the sampler gives them."""
    dims = ("chain", "draw")
    default = {
        "diverging": np.zeros(values.shape[:2], dtype=bool),
        "energy": np.random.default_rng(9).normal(size=values.shape[:2]),
    }
    names = [f"p{number}" for number in range(values.shape[2])]
    return xr.DataTree.from_dict(
        {
            "posterior": xr.Dataset({"parameter": ((*dims, "name"), values)}, coords={"name": names}),
            "sample_stats": xr.Dataset({name: (dims, array) for name, array in (default | statistics).items()}),
        }
    )


@pytest.fixture
def independent() -> np.ndarray:
    return np.random.default_rng(0).normal(size=(4, 1000, 5))


def failed(diagnostics) -> set[str]:
    return {check.name for check in diagnostics.checks() if check.status == "failed"}


def test_independent_draws_pass(independent):
    diagnostics = diagnose(chains(independent))
    assert diagnostics.passed
    assert diagnostics.quantities == 5
    assert diagnostics.bulk_ess > 3000
    assert require(diagnostics, "anything") is diagnostics


def test_figures_are_those_of_arviz(independent):
    independent[0] += 0.2
    tree = chains(independent)
    diagnostics = diagnose(tree)
    assert diagnostics.rhat == pytest.approx(float(az.rhat(tree["posterior"].to_dataset())["parameter"].max()))
    ess = az.ess(tree["posterior"].to_dataset(), method="bulk")["parameter"]
    assert diagnostics.bulk_ess == pytest.approx(float(ess.min()))
    assert diagnostics.worst[0] == f"parameter[{ess['name'].values[int(np.argmin(ess.to_numpy()))]}]"


def test_a_chain_elsewhere_fails_rhat(independent):
    independent[2, :, 3] += 1.0
    diagnostics = diagnose(chains(independent))
    assert "R-hat" in failed(diagnostics)
    assert diagnostics.worst[0] == "parameter[p3]"


def test_slow_chains_fail_the_effective_sample_size():
    generator = np.random.default_rng(1)
    values = generator.normal(size=(4, 1000, 1))
    for draw in range(1, 1000):
        values[:, draw] = 0.98 * values[:, draw - 1] + np.sqrt(1 - 0.98**2) * values[:, draw]
    assert {"bulk ESS", "tail ESS"} <= failed(diagnose(chains(values)))


def test_one_divergence_fails(independent):
    diverging = np.zeros((4, 1000), dtype=bool)
    diverging[1, 7] = True
    diagnostics = diagnose(chains(independent, diverging=diverging))
    assert failed(diagnostics) == {"divergences"}
    with pytest.raises(DiagnosticsError, match=r"must not be used: divergences 1 \(limit 0\).*raise target_accept"):
        require(diagnostics, "a model")


def test_energy_that_creeps_fails_ebfmi(independent):
    energy = np.cumsum(np.random.default_rng(2).normal(size=(4, 1000)), axis=1)
    assert failed(diagnose(chains(independent, energy=energy))) == {"E-BFMI"}


def test_gates_can_be_set(independent):
    independent[2, :, 3] += 0.4
    assert not diagnose(chains(independent)).passed
    assert diagnose(chains(independent), Gates(rhat=1.1, bulk_ess=100, tail_ess=100)).passed


def test_fixed_quantities_do_not_count(independent):
    independent[:, :, 4] = 1.0
    assert diagnose(chains(independent)).quantities == 4


def test_a_stuck_chain_fails(independent):
    independent[1] = independent[1, :1]
    assert "R-hat" in failed(diagnose(chains(independent)))


@pytest.mark.parametrize("values", [np.ones((4, 100, 2)), np.full((4, 100, 2), np.nan), np.zeros((1, 100, 2))])
def test_draws_that_say_nothing_are_refused(values):
    with pytest.raises(DiagnosticsError):
        diagnose(chains(values))


def test_quantities_alone_have_no_divergences(independent):
    diagnostics = diagnose(chains(independent)["posterior"].to_dataset())
    assert diagnostics.divergences == 0
    assert diagnostics.ebfmi == math.inf


def test_table_has_a_row_per_check(independent):
    diagnostics = diagnose(chains(independent))
    table = diagnostics.table()
    assert table["check"].tolist() == ["R-hat", "bulk ESS", "tail ESS", "divergences", "E-BFMI", "draws"]
    assert table["status"].tolist() == ["passed"] * 5 + ["informational"]
    assert table["value"].dtype == np.float64


def test_informational_checks_never_fail():
    check = Check("share", "informational", 0.3, None, "told")
    assert check.passed
    assert check_table([check])["threshold"].isna().all()


def still(independent, chain=None):
    """Draws in which one quantity stands still, in one chain or in each at a place of its own."""
    values = independent.copy()
    if chain is None:
        values[:, :, 2] = np.arange(4.0)[:, None]
    else:
        values[chain, :, 2] = 0.5
    return values


@pytest.mark.parametrize("chain", [None, 0])
def test_chains_that_stand_still_fail_and_are_named(independent, chain):
    diagnostics = diagnose(chains(still(independent, chain)))
    assert not diagnostics.passed
    assert "R-hat" in failed(diagnostics) or "bulk ESS" in failed(diagnostics)
    assert diagnostics.worst[0] == "parameter[p2]"
    with pytest.raises(DiagnosticsError, match="must not be used"):
        require(diagnostics, "a model")


@pytest.mark.parametrize(
    ("name", "label"),
    [("rhat", "R-hat"), ("bulk_ess", "bulk ESS"), ("tail_ess", "tail ESS"), ("ebfmi", "E-BFMI")],
)
def test_a_figure_that_is_no_number_fails_its_gate(independent, name, label):
    diagnostics = dataclasses.replace(diagnose(chains(independent)), **{name: math.nan})
    assert failed(diagnostics) == {label}
    with pytest.raises(DiagnosticsError, match=label):
        require(diagnostics, "a model")


def test_an_energy_that_stands_still_fails(independent):
    diagnostics = diagnose(chains(independent, energy=np.ones((4, 1000))))
    assert failed(diagnostics) == {"E-BFMI"}
