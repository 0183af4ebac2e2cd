"""The likelihood core against published fits, and the gradient of everything."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.optimize import approx_fprime, minimize
from scipy.special import expit, log_ndtr
from statsmodels.miscmodels.ordinal_model import OrderedModel

from maternal_eval.core.errors import InputError
from maternal_eval.methods.ordinal.density import (
    cell_log_likelihood,
    cumulative_logit_log_likelihood,
    log_density,
    log_likelihood,
    log_normal_distribution,
    log_prior,
    native_log_density,
    pack,
    packed_log_density,
    thresholds_of,
)
from maternal_eval.methods.ordinal.families import FAMILIES, answer_probabilities, family_named


def fit(
    design: np.ndarray, counts: np.ndarray, family: str = "cumulative_logit"
) -> tuple[np.ndarray, np.ndarray, float]:
    """Return maximum-likelihood thresholds and coefficients and the log-likelihood of a model without pooling."""
    rows, coefficients = design.shape
    last, kernel = counts.shape[1] - 1, FAMILIES[family].kernel
    level, group = np.arange(rows)[:, None], np.zeros(rows, dtype=np.int64)
    arguments = (np.ascontiguousarray(design), level, np.zeros((1, 0)), group, counts, kernel)

    def negative(x: np.ndarray) -> tuple[float, np.ndarray]:
        value, gradient = log_likelihood(x, *arguments)
        return -value, -gradient

    found = minimize(negative, np.zeros(last + coefficients), jac=True, method="BFGS", options={"gtol": 1e-7})
    return thresholds_of(found.x, last, kernel), found.x[last:], -found.fun


# Randall (1989), bitterness of wine, as in ordinal::wine: ratings 1 … 5 by temperature (cold, warm) and contact (no,
# yes).
WINE = np.array([[[4, 9, 5, 0, 0], [1, 7, 8, 2, 0]], [[0, 5, 8, 3, 2], [0, 1, 5, 7, 5]]])

# Madsen (1976), satisfaction with housing in Copenhagen, as in MASS::housing: low, medium, high by influence (low,
# medium, high), type (tower, apartment, atrium, terrace) and contact (low, high).
HOUSING = np.array(
    [
        [[[21, 21, 28], [14, 19, 37]], [[61, 23, 17], [78, 46, 43]], [[13, 9, 10], [20, 23, 20]],
         [[18, 6, 7], [57, 23, 13]]],
        [[[34, 22, 36], [17, 23, 40]], [[43, 35, 40], [48, 45, 86]], [[8, 8, 12], [10, 22, 24]],
         [[15, 13, 13], [31, 21, 13]]],
        [[[10, 11, 36], [3, 5, 23]], [[26, 18, 54], [15, 25, 62]], [[6, 7, 9], [7, 10, 21]],
         [[7, 5, 11], [5, 6, 13]]],
    ]
)  # fmt: skip


def wine() -> tuple[np.ndarray, np.ndarray]:
    """Return design (temp warm, contact yes) and answers 0 … 4 of the 72 ratings of wine."""
    warm, contact, answer = (place.repeat(WINE.ravel()) for place in map(np.ravel, np.indices(WINE.shape)))
    return np.stack([warm, contact], axis=1).astype(float), answer


def housing() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return design, answers 0 … 2 and frequencies of the 1,681 answers on housing."""
    influence, kind, contact, answer = map(np.ravel, np.indices(HOUSING.shape))
    columns = [influence == 1, influence == 2, kind == 1, kind == 2, kind == 3, contact == 1]
    return np.stack(columns, axis=1).astype(float), answer, HOUSING.ravel().astype(float)


def test_wine():
    """ordinal::wine, Christensen's clm(rating ~ temp + contact): published estimates."""
    design, answer = wine()
    thresholds, coefficients, value = fit(design, np.eye(5)[answer])
    assert coefficients == pytest.approx([2.5031, 1.5278], abs=1e-3)
    assert thresholds == pytest.approx([-1.3444, 1.2508, 3.4669, 5.0064], abs=1e-3)
    assert value == pytest.approx(-86.492, abs=1e-3)


def test_housing():
    """MASS::housing, polr(Sat ~ Infl + Type + Cont, weights = Freq): published estimates."""
    design, answer, frequency = housing()
    thresholds, coefficients, _ = fit(design, np.eye(3)[answer] * frequency[:, None])
    assert coefficients == pytest.approx([0.5664, 1.2888, -0.5724, -0.3662, -1.0910, 0.3603], abs=1e-3)
    assert thresholds == pytest.approx([-0.4961, 0.6907], abs=1e-3)


@pytest.mark.parametrize(("family", "link"), [("cumulative_logit", "logit"), ("cumulative_probit", "probit")])
@pytest.mark.parametrize("data", ["wine", "housing"])
def test_cumulative_families_are_those_of_statsmodels(family, link, data):
    design, answer, *frequency = wine() if data == "wine" else housing()
    repeats = frequency[0].astype(int) if frequency else np.ones(len(answer), dtype=int)
    model = OrderedModel(np.repeat(answer, repeats), np.repeat(design, repeats, axis=0), distr=link)
    reference = model.fit(method="bfgs", disp=False, gtol=1e-8)
    counts = np.eye(answer.max() + 1)[answer] * repeats[:, None]
    thresholds, coefficients, value = fit(design, counts, family)
    assert value == pytest.approx(reference.llf, abs=1e-4)
    assert coefficients == pytest.approx(reference.params[: design.shape[1]], abs=2e-3)
    assert thresholds == pytest.approx(model.transform_threshold_params(reference.params)[1:-1], abs=2e-3)


def test_adjacent_categories_are_the_log_linear_model():
    """Goodman 1983: the adjacent-category logit is the Poisson model with row, answer and answer × effect terms."""
    design, answer, frequency = housing()
    cells, place = np.unique(design, axis=0, return_inverse=True)
    counts = np.zeros((len(cells), 3))
    np.add.at(counts, (place.ravel(), answer), frequency)
    thresholds, coefficients, _ = fit(cells, counts, "adjacent_logit")
    score = np.tile(np.arange(3.0), len(cells))
    rows = np.kron(np.eye(len(cells)), np.ones((3, 1)))
    answers = np.tile(np.eye(3)[:, 1:], (len(cells), 1))
    linear = np.repeat(cells, 3, axis=0) * score[:, None]
    poisson = sm.GLM(counts.ravel(), np.hstack([rows, answers, linear]), family=sm.families.Poisson()).fit(tol=1e-10)
    first = len(cells)
    assert coefficients == pytest.approx(poisson.params[first + 2 :], abs=1e-4)
    assert -np.cumsum(thresholds) == pytest.approx(poisson.params[first : first + 2], abs=1e-4)


@pytest.mark.parametrize("family", ["cumulative_logit", "adjacent_logit"])
def test_two_answers_are_logistic_regression(family):
    generator = np.random.default_rng(0)
    design = generator.normal(size=(400, 2))
    answer = (generator.random(400) < expit(design @ [1.0, -0.5] + 0.3)).astype(int)
    thresholds, coefficients, value = fit(design, np.eye(2)[answer], family)
    logistic = sm.Logit(answer, sm.add_constant(design)).fit(disp=False, tol=1e-10)
    assert np.append(-thresholds, coefficients) == pytest.approx(logistic.params, abs=1e-4)
    assert value == pytest.approx(logistic.llf, abs=1e-6)


def test_two_answers_in_the_probit_are_probit_regression():
    generator = np.random.default_rng(0)
    design = generator.normal(size=(400, 2))
    answer = (generator.normal(size=400) < design @ [1.0, -0.5] + 0.3).astype(int)
    thresholds, coefficients, _ = fit(design, np.eye(2)[answer], "cumulative_probit")
    probit = sm.Probit(answer, sm.add_constant(design)).fit(disp=False, tol=1e-10)
    assert np.append(-thresholds, coefficients) == pytest.approx(probit.params, abs=1e-4)


@pytest.mark.parametrize("z", [-200.0, -30.0, -25.0, -24.9, -8.0, -1.0, 0.0, 1.0, 6.0, 30.0])
def test_log_normal_distribution_keeps_its_digits(z):
    assert log_normal_distribution(z) == pytest.approx(log_ndtr(z), rel=1e-11)


@pytest.mark.parametrize("name", FAMILIES)
def test_thresholds_are_the_inverse_of_the_probabilities(name):
    family = FAMILIES[name]
    chance = np.random.default_rng(0).dirichlet(np.ones(5), 20)
    thresholds = family.thresholds(chance)
    back = family.probabilities(thresholds, np.zeros((20, 1)), np.ones((20, 1)))[:, 0]
    assert back == pytest.approx(chance, abs=1e-12)
    if family.ordered_thresholds:
        assert (np.diff(thresholds) > 0).all()


@pytest.mark.parametrize("name", FAMILIES)
def test_higher_locations_give_higher_answers(name):
    chance = answer_probabilities(np.array([-1.0, 0.0, 0.5]), np.linspace(-3, 3, 13), np.ones(13), name)
    assert chance.sum(axis=1) == pytest.approx(np.ones(13))
    assert (np.diff(chance @ np.arange(4)) > 0).all()


def test_an_effect_of_adjacent_categories_is_the_odds_of_the_top_box():
    """What claims about the share of the highest answer mean: odds against the next lower answer."""
    low, high = answer_probabilities(np.array([-1.0, 0.0, 0.5]), np.array([0.0, 0.4]), np.ones(2), "adjacent_logit")
    assert np.log(high[3] / high[2]) - np.log(low[3] / low[2]) == pytest.approx(0.4)


def test_an_unknown_family_is_refused():
    with pytest.raises(InputError, match="unknown family of answers"):
        family_named("cloglog")


@pytest.fixture(scope="module")
def case():
    """Random cells: thresholds, location, log scale, group, counts with empty cells and fractions."""
    generator = np.random.default_rng(1)
    counts = generator.poisson(2.0, size=(40, 5)) * generator.uniform(0.5, 2.0, size=(40, 1))
    counts[:5] = 0.0
    group = generator.integers(3, size=40)
    return np.array([-2.0, -0.5, 0.3, 1.9]), generator.normal(size=40), np.array([-0.3, 0.0, 0.2]), group, counts


@pytest.mark.parametrize("name", FAMILIES)
def test_value_is_the_multinomial_log_likelihood(case, name):
    thresholds, location, log_scale, group, counts = case
    chance = answer_probabilities(thresholds, location, np.exp(log_scale)[group], name)
    assert chance.sum(axis=-1) == pytest.approx(np.ones(40))
    value = cell_log_likelihood(FAMILIES[name].kernel, *case)[0]
    assert value == pytest.approx((counts * np.log(chance)).sum(), abs=1e-9)


@pytest.mark.parametrize("name", FAMILIES)
def test_cell_gradients(case, name):
    """Against finite differences, for thresholds, location and log scale alike."""
    kernel, (thresholds, location, log_scale, group, counts) = FAMILIES[name].kernel, case
    start = np.concatenate([thresholds, location, log_scale])
    sizes = np.cumsum([len(thresholds), len(location)])

    def value(x: np.ndarray) -> float:
        return cell_log_likelihood(kernel, *np.split(x, sizes), group, counts)[0]

    gradient = np.concatenate(cell_log_likelihood(kernel, *case)[1:])
    assert gradient == pytest.approx(approx_fprime(start, value, 1e-7), rel=1e-4, abs=1e-4)


def test_counts_equal_rows(case):
    thresholds, location, log_scale, group, _ = case
    counts = np.random.default_rng(2).poisson(3.0, size=(40, 5)).astype(float)
    cell, answer = np.divmod(np.repeat(np.arange(200), counts.astype(int).ravel()), 5)
    by_cell = cumulative_logit_log_likelihood(thresholds, location, log_scale, group, counts)
    by_row = cumulative_logit_log_likelihood(thresholds, location[cell], log_scale, group[cell], np.eye(5)[answer])
    assert by_row[0] == pytest.approx(by_cell[0], abs=1e-10)
    assert by_row[1] == pytest.approx(by_cell[1], abs=1e-10)
    assert np.bincount(cell, by_row[2], minlength=40) == pytest.approx(by_cell[2], abs=1e-10)
    assert by_row[3] == pytest.approx(by_cell[3], abs=1e-10)


def test_order_of_cells_does_not_matter(case):
    thresholds, location, log_scale, group, counts = case
    order = np.random.default_rng(3).permutation(40)
    other = cumulative_logit_log_likelihood(thresholds, location[order], log_scale, group[order], counts[order])
    assert other[0] == pytest.approx(cumulative_logit_log_likelihood(*case)[0], abs=1e-10)


def test_cells_without_answers_say_nothing(case):
    thresholds, location, log_scale, group, counts = case
    moved = location.copy()
    moved[:5] += 100.0
    (
        value,
        *_,
    ) = cumulative_logit_log_likelihood(thresholds, moved, log_scale, group, counts)
    _, _, by_location, _ = cumulative_logit_log_likelihood(*case)
    assert value == cumulative_logit_log_likelihood(*case)[0]
    assert (by_location[:5] == 0.0).all()


@pytest.mark.parametrize("place", [-800.0, -40.0, 40.0, 800.0])
def test_far_locations_keep_their_digits(place):
    """At 40 logits the difference of two probabilities is 0 in floating point; its logarithm is not."""
    value, by_thresholds, by_location, _ = cumulative_logit_log_likelihood(
        np.array([-1.0, 1.0]),
        np.array([place]),
        np.zeros(1),
        np.zeros(1, dtype=np.int64),
        np.array([[0.0, 1.0, 0.0]]),
    )
    tail = 1.0 - abs(place) + np.log(-np.expm1(-2.0))
    assert value == pytest.approx(tail, rel=1e-12)
    assert by_location[0] == pytest.approx(-np.sign(place), rel=1e-12)
    assert np.isfinite(by_thresholds).all()


@pytest.fixture(scope="module", params=FAMILIES)
def whole(request):
    """Arguments of the whole density behind x, and its number of parameters."""
    generator = np.random.default_rng(4)
    basis = generator.normal(size=(7, 5))
    level = np.stack([generator.integers(4, size=30), 4 + generator.integers(3, size=30)], axis=1)
    scale_basis = generator.normal(size=(3, 2)) * 0.2
    group = generator.integers(3, size=30)
    counts = generator.poisson(2.0, size=(30, 5)).astype(float)
    return (basis, level, scale_basis, group, counts, np.array([4, 7, 9, 11]), 3.0, FAMILIES[request.param].kernel), 11


def test_gradients(whole):
    arguments, size = whole
    x = np.random.default_rng(5).normal(size=size) * 0.5
    for function, parts in (
        (log_density, arguments),
        (log_likelihood, (*arguments[:5], arguments[-1])),
        (log_prior, (4, *arguments[5:])),
    ):
        numerical = approx_fprime(x, lambda at, f=function, p=parts: f(at, *p)[0], 1e-7)
        assert function(x, *parts)[1] == pytest.approx(numerical, rel=1e-4, abs=1e-4)


def test_density_is_likelihood_plus_prior(whole):
    arguments, size = whole
    x = np.random.default_rng(6).normal(size=size)
    both = log_likelihood(x, *arguments[:5], arguments[-1])[0] + log_prior(x, 4, *arguments[5:])[0]
    assert log_density(x, *arguments)[0] == pytest.approx(both, abs=1e-12)


def test_packed_and_native_density_are_the_same(whole):
    import ctypes

    arguments, size = whole
    x = np.random.default_rng(7).normal(size=size)
    packed = pack(*arguments)
    value, gradient = log_density(x, *arguments)
    assert packed_log_density(x, packed, packed.view(np.float64))[0] == value
    out, found = np.empty(size), np.empty(1)
    pointer = ctypes.POINTER(ctypes.c_double)
    code = native_log_density().ctypes(
        size, *(array.ctypes.data_as(pointer) for array in (x, out, found)), packed.ctypes.data
    )
    assert code == 0
    assert found[0] == value
    assert np.array_equal(out, gradient)


def test_native_density_says_when_it_is_not_finite(whole):
    import ctypes

    arguments, size = whole
    packed = pack(*arguments)
    x, out, found = np.full(size, np.nan), np.empty(size), np.empty(1)
    pointer = ctypes.POINTER(ctypes.c_double)
    code = native_log_density().ctypes(
        size, *(array.ctypes.data_as(pointer) for array in (x, out, found)), packed.ctypes.data
    )
    assert code == 4
