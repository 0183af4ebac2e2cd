"""Density and gradient of every PyMC model are those of the compiled code, to 1e-9 relative, and better."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from maternal_eval.analyses.satisfaction.cells import cell_counts
from maternal_eval.analyses.satisfaction.compute import build_model
from maternal_eval.core.errors import InputError
from maternal_eval.methods.judgement_information import least_squares
from maternal_eval.methods.ordinal.families import FAMILIES
from maternal_eval.methods.pymc_models import expert_weights, ordinal, stage_weights
from maternal_eval.methods.pymc_models.agreement import agreement
from maternal_eval.methods.pymc_models.changes import Changes
from maternal_eval.methods.pymc_models.named import named_draws, vectors
from maternal_eval.methods.simplex_regression.prior import StagePrior
from maternal_eval.study.model_settings import OrdinalPriors
from tests.dynamic_weights.conftest import DIMENSION_START, simulate_stage, true_weights
from tests.satisfaction.conftest import STUDY, simulate

DIGITS = 1e-9
STATIC = np.array([0.25, 0.10, 0.15, 0.20, 0.10, 0.20])


@pytest.fixture(scope="module")
def cells(tmp_path_factory):
    """Counts by cell of 3,000 answers: three stages, three years, two tiers."""
    from maternal_eval.study import Study

    folder = tmp_path_factory.mktemp("small")
    (folder / "study.toml").write_text(STUDY.format(weight=""), encoding="utf-8")
    simulate().to_csv(folder / "panel.csv", index=False)
    return cell_counts(Study.read(folder))


def coords_of(cells):
    return {str(name): cells[name].values.tolist() for name in cells.coords}


def hold(table):
    assert len(table) == 4
    assert table["compiled"].abs().max() > 10.0
    assert table["difference"].max() < DIGITS
    assert table["gradient"].max() < DIGITS


@pytest.mark.parametrize("family", FAMILIES)
def test_satisfaction_on_counts_and_on_rows(cells, family):
    model = build_model(cells, OrdinalPriors(family=family), stages_ordered=True)
    # Fractions, as survey weights make them.
    weighted = dataclasses.replace(model, counts=0.37 * model.counts)
    points = np.random.default_rng(1).normal(size=(4, len(model.names)))
    graph = ordinal.ordinal_model(weighted, coords_of(cells))
    hold(agreement(graph, weighted.log_density, lambda x: ordinal.point_of(weighted, x), points))
    place = np.repeat(np.arange(model.counts.size), model.counts.astype(int).ravel())
    rows = np.divmod(np.random.default_rng(0).permutation(place), 5)
    graph = ordinal.ordinal_model(model, coords_of(cells), rows=rows)
    hold(agreement(graph, model.log_density, lambda x: ordinal.point_of(model, x), points))


@pytest.mark.parametrize("family", FAMILIES)
def test_two_answers_and_no_factor_have_no_spread(family):
    """One stage, one period, answers yes and no: a threshold alone."""
    from maternal_eval.methods.ordinal.model import SatisfactionModel

    model = SatisfactionModel(np.array([[3.0, 9.0]]), np.zeros(1, int), (), np.zeros((1, 0)), 0.15, 3.0, family)
    graph = ordinal.ordinal_model(model, {"stage": ["all"], "period": [0], "answer": [0, 1]})
    assert [variable.name for variable in graph.free_RVs] == ["threshold"]
    table = agreement(
        graph, model.log_density, lambda x: ordinal.point_of(model, x), np.linspace(-2.0, 3.0, 4)[:, None]
    )
    assert table[["difference", "gradient"]].to_numpy().max() < DIGITS


def test_variables_dimensions_and_priors_are_named(cells):
    priors = OrdinalPriors(family="cumulative_probit", stage_scale=0.4, latent_scale=0.2, degrees=7.0)
    graph = ordinal.ordinal_model(build_model(cells, priors, stages_ordered=True), coords_of(cells))
    dims = graph.named_vars_to_dims
    assert dims["stage_period_effect"] == ("stage", "period")
    assert (dims["tier_effect"], dims["latent_spread"]) == (("tier",), ("stage",))
    assert dims["answers"] == ("cell", "answer")
    assert list(graph.coords["stage"]) == ["before", "during", "after"]
    assert list(graph.coords["cut"]) == ["1|2", "2|3", "3|4", "4|5"]
    stated = {name: float(graph[name].get_value()) for name in ("stage_scale", "latent_scale", "degrees")}
    # As [model.ordinal] states them, not in the unit of the family.
    assert stated == pytest.approx({"stage_scale": 0.4, "latent_scale": 0.2, "degrees": 7.0})


@pytest.mark.parametrize("ordered", [True, False])
def test_stage_weights(ordered):
    random = np.random.default_rng(3)
    answers = [simulate_stage(w, 120, random, categories=k) for w, k in zip(true_weights(), (5, 4, 2), strict=True)]
    prior = StagePrior.around(STATIC, DIMENSION_START, 3, ordered, shift=0.4, step_median=0.15)
    stages = ["a", "b", "c"]
    graph = stage_weights.stage_weights_model(
        answers, prior, 0.8, stages=stages, dimensions=["d", "e"], indicators=[f"i{i}" for i in range(6)]
    )
    size = prior.size + sum(part.categories - 1 + part.effect_count for part in answers)
    points = 0.5 * random.standard_normal((4, size))
    density = stage_weights.compiled_density(answers, prior, 0.8)
    hold(agreement(graph, density, lambda y: stage_weights.point_of(answers, prior, stages, y), points))
    assert graph.named_vars_to_dims["weight"] == ("stage", "indicator")


def judgements(missing):
    random = np.random.default_rng(4)
    own = np.log([0.4, 0.3, 0.2, 0.1]) + 0.3 * random.standard_normal((5, 4))
    errors = np.triu(0.3 * random.standard_normal((5, 4, 4)), 1)
    matrices = np.exp(own[:, :, None] - own[:, None, :] + errors - np.swapaxes(errors, 1, 2))
    for expert, row, column in missing:
        matrices[expert, row, column] = matrices[expert, column, row] = np.nan
    return matrices


@pytest.mark.parametrize("missing", [(), ((0, 0, 1), (2, 1, 3), (2, 0, 2))])
def test_expert_weights(missing):
    """The compiled way integrates theta and the departures out: so does the Gaussian integral of PyMC's density."""
    matrices = judgements(missing)
    found = least_squares(matrices)
    graph = expert_weights.expert_weights_model(matrices)
    value = graph.compile_logp(mode="FAST_COMPILE", jacobian=False)
    slope = graph.compile_dlogp([graph["group_contrast"], graph["own_contrast"]], mode="FAST_COMPILE", jacobian=False)
    names = {graph.rvs_to_values[rv].name: rv.name for rv in graph.free_RVs}

    def at(tau, sigma, normal):
        natural = {"group_contrast": normal[:3], "own_contrast": normal[3:].reshape(5, 3), "tau": np.log(tau)}
        natural |= {"typical": np.array(0.0), "log_sigma": np.log(sigma)}
        return {value_name: natural[rv_name] for value_name, rv_name in names.items()}

    def integrated(tau, sigma):
        """Log of the integral over contrast and own_contrast: PyMC's density is Gaussian in them."""
        zero = np.zeros(18)
        base = slope(at(tau, sigma, zero))
        precision = np.stack([base - slope(at(tau, sigma, unit)) for unit in np.eye(18)])
        mean = np.linalg.solve(precision, base)
        top = float(value(at(tau, sigma, mean)))
        return top - 0.5 * np.linalg.slogdet(precision)[1], mean[:3]

    def ours(tau, sigma):
        evidence = found.log_evidence(np.array([tau]), sigma[None])[0, 0]
        residual = -(found.freedom * np.log(sigma)).sum() - (found.squares / (2 * sigma**2)).sum()
        return evidence + residual

    def prior(tau, sigma):
        """PyMC's own prior of tau and of the logs of sigma, which the compiled code has in closed form."""
        typical = 0.5 * (0.02 + 5.0)  # where the interval transform is at zero
        from scipy.special import gammaln, logsumexp

        half = np.array([2.0, 4.0, 8.0, 16.0, 32.0])
        by = half * np.log(half) - gammaln(half) + 2 * half * (np.log(typical) - np.log(sigma[:, None]))
        by = by - half * (typical / sigma[:, None]) ** 2
        return -0.5 * tau**2 + logsumexp(by.sum(axis=0))

    random = np.random.default_rng(5)
    sides = []
    for _ in range(4):
        tau, sigma = float(random.uniform(0.1, 0.8)), random.uniform(0.1, 0.7, 5)
        theirs, mean = integrated(tau, sigma)
        np.testing.assert_allclose(mean, found.conditional(np.array([tau]), sigma[None])[0][0], rtol=1e-9, atol=1e-10)
        sides.append((ours(tau, sigma) + prior(tau, sigma), theirs))
    ours_at, theirs_at = np.array(sides).T
    assert np.ptp(ours_at) > 1.0
    assert ours_at - ours_at[0] == pytest.approx(theirs_at - theirs_at[0], rel=DIGITS, abs=1e-8)


def test_a_term_and_a_prior_change_the_density_as_they_should(cells):
    """A further slope at zero changes nothing; a prior that is a number is that number."""
    import pymc as pm

    model = build_model(cells, OrdinalPriors(stage_scale=0.6), stages_ordered=True)
    half = build_model(cells, OrdinalPriors(), stages_ordered=True)
    step = cells["period_step"].to_numpy()[cells["period_index"].to_numpy()]
    trend = Changes(
        {"trend by tier": lambda cells: pm.Normal("tier_trend", 0, 0.1, dims="tier")[cells["tier"]] * cells.step},
        {"stage_scale": 0.6},
    )
    graph = ordinal.ordinal_model(half, coords_of(cells), step=step, changes=trend)
    value = graph.compile_logp(mode="FAST_COMPILE")
    x = np.random.default_rng(2).normal(size=(2, len(model.names)))
    found = [float(value({**ordinal.point_of(model, one), "tier_trend": np.zeros(2)})) for one in x]
    ours = [model.log_density(one)[0] for one in x]
    assert found[1] - found[0] == pytest.approx(ours[1] - ours[0], rel=DIGITS)
    moved = float(value({**ordinal.point_of(model, x[0]), "tier_trend": np.array([0.3, 0.0])}))
    assert moved != pytest.approx(found[0], abs=1.0)


def test_bad_changes_are_one_sentence(cells):
    import pymc as pm

    model = build_model(cells, OrdinalPriors(), stages_ordered=True)

    def refused(**changes):
        with pytest.raises(InputError) as caught:
            ordinal.ordinal_model(model, coords_of(cells), changes=Changes(**changes))
        assert "\n" not in str(caught.value)
        return str(caught.value)

    assert "'region'" in refused(terms={"by region": lambda cells: pm.Normal("region", 0, 1, dims="region")})
    assert "stage, tier" in refused(terms={"by region": lambda cells: pm.Normal("r", 0, 1)[cells["region"]]}).replace(
        "period, ", ""
    )
    assert "one number per cell" in refused(terms={"plain": lambda cells: pm.Normal("plain", 0, 1, dims="stage")})
    assert "stage_scale" in refused(priors={"stag_scale": 1.0})


def test_prior_draws_are_those_of_the_compiled_model(cells):
    """Thresholds drawn through the graph make every distribution of the answers equally likely."""
    import pymc as pm

    for family in FAMILIES:
        model = build_model(cells, OrdinalPriors(family=family), stages_ordered=True)
        graph = ordinal.ordinal_model(model, coords_of(cells))
        thresholds = pm.draw(graph["threshold"], 4000, random_seed=1, mode="FAST_COMPILE")
        chance = model.family.probabilities(thresholds, np.zeros((4000, 1)), np.ones((4000, 1)))[:, 0]
        assert chance.mean(axis=0) == pytest.approx(np.full(5, 0.2), abs=0.012)
        assert chance.var(axis=0) == pytest.approx(np.full(5, 0.2 * 0.8 / 6), abs=0.004)


@pytest.mark.parametrize("family", FAMILIES)
def test_names_and_vectors_are_the_same_draws(cells, family):
    """Named draws go back to the vectors that they came from; effects are those of PyMC at the same point."""
    import pymc as pm

    model = build_model(cells, OrdinalPriors(family=family), stages_ordered=True)
    x = np.random.default_rng(6).normal(size=(2, 3, len(model.names)))
    draws = named_draws(model, x, coords_of(cells))
    np.testing.assert_allclose(vectors(model, draws), x, rtol=1e-9, atol=1e-12)
    graph = ordinal.ordinal_model(model, coords_of(cells))
    theirs = pm.compute_deterministics(
        draws.copy(), model=graph, progressbar=False, compile_kwargs={"mode": "FAST_COMPILE"}, extend_dataset=True
    )
    for name in ("stage_period_effect", "tier_effect", "latent_spread"):
        np.testing.assert_allclose(theirs[name].transpose(*draws[name].dims), draws[name], rtol=1e-9)
    np.testing.assert_allclose(theirs[ordinal.PROBABILITY], model.probabilities(x), rtol=1e-9, atol=1e-14)
