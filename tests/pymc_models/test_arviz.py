"""Draws as ArviZ takes them: every group, named dimensions, its functions on each model, files and back."""

from __future__ import annotations

import warnings

import arviz as az
import matplotlib as mpl
import numpy as np
import pytest
import xarray as xr

from maternal_eval.app.models import MODELS, built
from maternal_eval.methods.pymc_models.built import GROUPS
from maternal_eval.methods.sampling import SamplerSettings

mpl.use("agg")

PLOTS = ("plot_trace_dist", "plot_rank", "plot_ess", "plot_forest", "plot_dist", "plot_mcse")
OF_SAMPLER = ("plot_energy",)
OF_ANSWERS = ("plot_ppc_dist", "plot_ppc_tstat")


@pytest.fixture(scope="module")
def draws(small_analysis):
    return small_analysis.draws("satisfaction")


def test_they_are_the_draws_of_the_result(small_analysis, draws):
    """Seed, chains and gates are those of the analysis: the same numbers, not only the same distribution."""
    scores = small_analysis.result("satisfaction").scores
    scores = scores[scores["stage"] != "all"].set_index(["stage", "period"])["score"]
    mean = draws["posterior"]["score"].mean(("chain", "draw")).to_series()
    assert mean.to_numpy() == pytest.approx(scores.loc[mean.index].to_numpy(), abs=1e-10)


def test_groups_and_dimensions_are_named(draws):
    assert set(GROUPS) <= set(draws.children)
    posterior = draws["posterior"]
    assert posterior["stage_period_effect"].dims == ("chain", "draw", "stage", "period")
    assert posterior["score"].sel(stage="during", period=2021).shape == (4, 300)
    assert list(posterior["tier"].values) == ["a", "b"]
    assert draws["log_likelihood"]["answers"].dims == ("chain", "draw", "cell")
    assert draws["posterior_predictive"]["answers"].sizes["answer"] == 5


def test_log_likelihood_is_the_density(small_analysis, draws):
    """Its sum plus the log prior is the log density of the compiled model, up to a constant."""
    from maternal_eval.methods.pymc_models.named import vectors

    model = built(small_analysis, "satisfaction").model
    x = vectors(model, draws["posterior"].to_dataset())[0, :4]
    total = draws["log_likelihood"]["answers"].sum("cell") + draws["log_prior"]["parameters"]
    ours = np.array([model.log_density(one)[0] for one in x])
    assert total.to_numpy()[0, :4] - ours == pytest.approx(np.full(4, total.to_numpy()[0, 0] - ours[0]), abs=1e-7)


def test_every_function_of_arviz(draws):
    table = az.summary(draws, var_names=["stage_effect", "threshold"], ci_prob=0.9, ci_kind="eti")
    assert len(table) == 3 + 4
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # shape of the importance ratios: cells of many answers
        whole = az.loo(draws)
        assert np.isfinite(whole.elpd)
        compared = az.compare({"one": whole, "again": az.loo(draws)})
        assert compared["elpd_diff"].abs().max() == pytest.approx(0.0)
        sensitive = az.psense_summary(draws, var_names=["stage_effect"])
        assert len(sensitive) == 3
        for name in (*PLOTS, "plot_prior_posterior"):
            getattr(az, name)(draws, var_names=["stage_effect"])
        for name in OF_SAMPLER:
            getattr(az, name)(draws)
        for name in OF_ANSWERS:
            getattr(az, name)(draws)
        az.plot_khat(whole)
        az.plot_compare(compared)
        az.plot_psense_dist(draws, var_names=["stage_effect"])
    import matplotlib.pyplot as plt

    plt.close("all")


@pytest.mark.parametrize("kind", ["netcdf", "zarr"])
def test_on_disk_and_back(draws, tmp_path, kind):
    if kind == "netcdf":
        draws.to_netcdf(tmp_path / "draws.nc", engine="h5netcdf")
        again = az.from_netcdf(tmp_path / "draws.nc", engine="h5netcdf")
    else:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # text in Zarr's third format has no specification yet
            draws.to_zarr(tmp_path / "draws.zarr")
            again = az.from_zarr(tmp_path / "draws.zarr")
    assert set(again.children) == set(draws.children)
    for group in draws.children:
        xr.testing.assert_equal(again[group].to_dataset().load(), draws[group].to_dataset())
    assert again.attrs["what"] == draws.attrs["what"]


def test_an_own_model_has_the_same_groups(own):
    tree = own.fit.draws
    assert set(GROUPS) <= set(tree.children)
    assert tree["posterior"]["tier_trend"].dims == ("chain", "draw", "tier")
    assert set(tree["prior"].data_vars) >= {"tier_trend", "stage_scale", "threshold"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert np.isfinite(az.loo(tree).elpd)
        az.psense_summary(tree, var_names=["tier_trend"])
        az.plot_ppc_dist(tree)
        az.plot_prior_posterior(tree, var_names=["tier_trend"])
    import matplotlib.pyplot as plt

    plt.close("all")


@pytest.fixture(scope="module")
def maternal(root):
    """The built-in study as it is read: few draws, nothing stored."""
    from maternal_eval.app.analysis import Analysis

    analysis = Analysis.open(root / "data" / "maternal")
    analysis.quick = True
    return analysis


def test_weights_of_experts(maternal):
    tree = maternal.draws("weights", "dimensions")
    weight = tree["posterior"]["weight"]
    assert weight.dims == ("chain", "draw", "element")
    np.testing.assert_allclose(weight.sum("element"), 1.0)
    assert len(az.summary(tree, var_names=["weight"])) == weight.sizes["element"]
    assert float(az.ess(tree)["tau"]) > 400
    graph = maternal.model("weights", "dimensions")
    assert list(graph.coords["element"]) == list(weight["element"].values)
    with pytest.raises(Exception, match="which one"):
        maternal.model("weights")


def test_items_are_other_counts(maternal):
    name = "F09"
    table = maternal.same_density("items", name, points=2)
    with pytest.raises(Exception, match="F09"):
        maternal.model("items", "F99")
    assert table[["difference", "gradient"]].to_numpy().max() < 1e-9


def test_every_row_of_models_names_its_functions():
    import importlib

    from maternal_eval.app.steps import STEPS

    for name, row in MODELS.items():
        module = importlib.import_module(f"{STEPS[name].package}.graph")
        assert callable(getattr(module, row.built))
        assert not row.parts or callable(getattr(module, row.parts))


def test_sampler_settings_reach_the_draws(small_analysis):
    assert built(small_analysis, "satisfaction").settings.sampler == SamplerSettings(4, 250, 300, 0.95)
