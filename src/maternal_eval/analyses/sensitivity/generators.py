r"""From independent uniforms to uncertain weights: the ways to be unsure about a weight vector, as a table.

Weights of a sibling set live on a simplex and are not independent, so no Sobol' index belongs to one weight. The
sets, however, are independent of each other: every set gets a block of uniforms of its own and is one factor, and
grouped indices are exact, whatever the distribution inside the set. :data:`GENERATORS` holds the distributions:

- ``expert_posterior``: the posterior of the group's weights (Bayesian analytic hierarchy process);
- ``new_expert``: the predictive distribution of the weights of one more expert of the same kind;
- ``dirichlet``: Dirichlet around the nominal weights,

  .. math:: w = g / \sum_k g_k, \qquad g_k \sim \operatorname{Gamma}(c\, w^{nominal}_k), \qquad
            \operatorname{cov}(w_j, w_k) = \frac{w_j (\delta_{jk} - w_k)}{c + 1},

  with a concentration c per set: the larger, the closer to the nominal weights;
- ``gamma`` and ``gamma_by_dimension``: the same distribution, with each raw judgement :math:`g_k` as a factor of its
  own, or all raw judgements of a dimension (its own and those of its indicators) as one. The g are independent, so
  this is a legal Sobol' analysis; its index belongs to the raw judgement before normalisation, not to the weight.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln
from scipy.stats import gamma

from maternal_eval.analyses.weights.posterior import WeightPosterior
from maternal_eval.core.arguments import number, numbers
from maternal_eval.core.errors import InputError
from maternal_eval.core.randomness import Seed
from maternal_eval.study import DIMENSIONS

EDGE = 1e-12
"""Uniforms are kept this far from 0 and 1, where quantiles are infinite."""

MATCHING_DRAWS = 4000
"""Draws from which the spread between experts is taken."""

SUM_TOLERANCE = 1e-9

TINY = 1e-14
"""Gamma variables below this are known by their logarithm, to a relative error of this size."""

LEAST = 1e-6
"""Smallest concentration that is matched to draws: below it one weight has everything, whatever the concentration."""


def dirichlet_from_uniform(uniforms: np.ndarray, nominal: np.ndarray, concentration: float) -> np.ndarray:
    r"""Return Dirichlet weights (runs × elements) for blocks of independent uniforms of the same shape.

    Parameters
    ----------
    uniforms
        Runs × elements, in [0, 1].
    nominal
        Mean of the weights: positive, sums to 1.
    concentration
        Positive; the standard deviation of a weight w is sqrt(w (1 - w) / (concentration + 1)).

    Returns
    -------
    numpy.ndarray
        Runs × elements; rows are finite and sum to 1 for any concentration. A weight below the smallest number is 0.

    Raises
    ------
    InputError
        If the nominal weights are not positive with sum 1, the concentration is not positive, or a uniform is not in
        [0, 1].

    Notes
    -----
    A gamma variable of small shape a underflows (at a = 1/3000 most do), its logarithm does not:
    :math:`P(g \le t) = t^a / \Gamma(a + 1)` up to a relative error of the size of t, so where g is tiny
    :math:`\log g = (\log u + \log\Gamma(a + 1)) / a`. Weights are made from logarithms.
    """
    nominal = numbers(nominal, "nominal", ndim=1, above=0.0)
    if abs(nominal.sum() - 1.0) > SUM_TOLERANCE:
        raise InputError("nominal: weights have to sum to 1", found=f"{nominal.sum():.9g}")
    concentration = number(concentration, "concentration", above=0.0)
    uniforms = numbers(uniforms, "uniforms", shape=(None, nominal.size), low=0.0, high=1.0, empty=True)
    uniforms = np.clip(uniforms, EDGE, 1 - EDGE)
    shape = concentration * nominal
    # Logarithms times the concentration: finite however small it is.
    scaled = (np.log(uniforms) + gammaln(shape + 1.0)) / nominal
    with np.errstate(over="ignore"):
        plain = scaled / concentration > np.log(TINY)
    raw = gamma.ppf(uniforms[plain], np.broadcast_to(shape, uniforms.shape)[plain])
    scaled[plain] = concentration * np.log(raw)
    with np.errstate(over="ignore"):
        weights = np.exp((scaled - scaled.max(axis=-1, keepdims=True)) / concentration)
    return weights / weights.sum(axis=-1, keepdims=True)


def concentration_of(draws: np.ndarray) -> float:
    r"""Return the concentration of the Dirichlet distribution that spreads as draws of weights do.

    The sum of the variances is matched: :math:`c = \sum_k \bar w_k (1 - \bar w_k) / \sum_k \operatorname{var} w_k - 1`.

    Parameters
    ----------
    draws
        Draws × elements, rows sum to 1.

    Raises
    ------
    InputError
        If the draws do not vary: no Dirichlet distribution is that sure.
    """
    draws = numbers(draws, "draws", ndim=2, low=0.0, high=1.0 + SUM_TOLERANCE)
    if not np.allclose(draws.sum(axis=1), 1.0, atol=1e-6):
        raise InputError("draws: weights have to sum to 1 in each draw")
    mean = draws.mean(axis=0)
    spread = draws.var(axis=0).sum()
    if not spread > 0:
        raise InputError("weights that do not vary have no Dirichlet distribution", found=mean.round(6).tolist())
    return max(float((mean * (1 - mean)).sum() / spread - 1), LEAST)


def expert_concentrations(posterior: WeightPosterior, seed: Seed) -> dict[str, float]:
    """Return the concentration per sibling set that spreads as far as the experts disagree.

    The spread is that of the weights of one more expert of the same kind (``new_expert`` of the posterior): what the
    weights might have been if somebody else had decided them.
    """
    draws = posterior.draws(MATCHING_DRAWS, seed, new_expert=True)
    return {name: concentration_of(values) for name, values in draws.items() if values.shape[1] > 1}


@dataclass(frozen=True)
class Tree:
    """The nominal weights by sibling set.

    Attributes
    ----------
    codes
        Indicators in the order of the global weights.
    sets
        Sibling set → its elements: ``dimensions`` and one per dimension.
    nominal
        Sibling set → nominal weights inside it, sum 1.
    """

    codes: tuple[str, ...]
    sets: dict[str, tuple[str, ...]]
    nominal: dict[str, np.ndarray]

    @classmethod
    def of(cls, codes: Sequence[str], weights: np.ndarray, sibling_sets: Mapping[str, Sequence[str]]) -> Tree:
        """Return the tree of global weights (one per code, positive, sum 1).

        Raises
        ------
        InputError
            If a weight is not positive, or they do not add up to 1.
        """
        weights = numbers(weights, "weights", shape=(len(codes),))
        if not np.all(weights > 0):
            position = int(np.argmin(weights > 0))
            raise InputError("weights have to be positive", column=codes[position], found=weights[position])
        if abs(weights.sum() - 1.0) > SUM_TOLERANCE:
            raise InputError("the weights do not add up", found=f"a sum of {weights.sum():.6g}", expected="1")
        by_code = dict(zip(codes, weights, strict=True))
        sets = {name: tuple(elements) for name, elements in sibling_sets.items()}
        totals = {name: sum(by_code[code] for code in sets[name]) for name in sets[DIMENSIONS]}
        nominal = {DIMENSIONS: np.array(list(totals.values()))}
        for name, total in totals.items():
            nominal[name] = np.array([by_code[code] for code in sets[name]]) / total
        return cls(tuple(codes), sets, nominal)

    @property
    def varying(self) -> list[str]:
        """Sibling sets with at least two elements."""
        return [name for name, elements in self.sets.items() if len(elements) > 1]

    @property
    def nominal_weights(self) -> np.ndarray:
        """Nominal global weights in the order of the codes."""
        return self.join({})[0]

    def join(self, by_set: Mapping[str, np.ndarray]) -> np.ndarray:
        """Return global weights (runs × codes): dimension weight × weight inside the dimension.

        ``by_set`` holds runs × elements per set; sets that are not there keep their nominal weights.
        """
        runs = max((len(values) for values in by_set.values()), default=1)
        parts = {
            name: by_set.get(name, np.broadcast_to(nominal, (runs, nominal.size)))
            for name, nominal in self.nominal.items()
        }
        columns = {}
        for place, name in enumerate(self.sets[DIMENSIONS]):
            for inside, code in enumerate(self.sets[name]):
                columns[code] = parts[DIMENSIONS][:, place] * parts[name][:, inside]
        return np.stack([columns[code] for code in self.codes], axis=1)


@dataclass(frozen=True)
class WeightGenerator:
    """Global weights from uniforms.

    Attributes
    ----------
    kind
        Row of :data:`GENERATORS`.
    tree
        The nominal weights.
    factors
        Factor → number of uniforms.
    columns
        Sibling set → positions of its uniforms among all.
    draw
        Sibling set, its uniforms (runs × uniforms) → weights inside it (runs × elements).
    """

    kind: str
    tree: Tree
    factors: dict[str, int]
    columns: dict[str, np.ndarray]
    draw: Callable[[str, np.ndarray], np.ndarray]

    @property
    def inputs(self) -> int:
        """Number of uniforms."""
        return sum(self.factors.values())

    def by_set(self, uniforms: np.ndarray) -> dict[str, np.ndarray]:
        """Return weights inside every set that varies, for uniforms (runs × inputs)."""
        return {name: self.draw(name, uniforms[:, columns]) for name, columns in self.columns.items()}

    def weights(self, uniforms: np.ndarray) -> np.ndarray:
        """Return global weights (runs × codes) for uniforms (runs × inputs)."""
        return self.tree.join(self.by_set(uniforms))


@dataclass(frozen=True)
class GeneratorKind:
    """A way to be unsure about the weights.

    Attributes
    ----------
    name, name_en, name_zh
        Of the row.
    needs_experts
        Only with experts' judgements.
    simplex
        The factors are sibling sets: an index belongs to the weights of a set as they are used.
    pairs
        The factors are few enough for indices of their pairs (second order) to be worth their runs.
    build
        From the tree, the concentrations (set → c) and the posterior to the generator.
    """

    name: str
    name_en: str
    name_zh: str
    needs_experts: bool
    simplex: bool
    pairs: bool
    build: Callable[[Tree, Mapping[str, float], WeightPosterior | None], WeightGenerator]


@dataclass(frozen=True)
class _FromPosterior:
    posterior: WeightPosterior
    new_expert: bool

    def __call__(self, name: str, uniforms: np.ndarray) -> np.ndarray:
        return self.posterior.set_weights(name, uniforms, self.new_expert)


@dataclass(frozen=True)
class _FromDirichlet:
    nominal: Mapping[str, np.ndarray]
    concentration: Mapping[str, float]

    def __call__(self, name: str, uniforms: np.ndarray) -> np.ndarray:
        return dirichlet_from_uniform(uniforms, self.nominal[name], self.concentration[name])


def _by_set(kind: str, tree: Tree, counts: Mapping[str, int], draw: Callable[..., np.ndarray]) -> WeightGenerator:
    columns, start = {}, 0
    for name, count in counts.items():
        columns[name] = np.arange(start, start + count)
        start += count
    return WeightGenerator(kind, tree, dict(counts), columns, draw)


def _expert_posterior(tree: Tree, _: Mapping[str, float], posterior: WeightPosterior | None) -> WeightGenerator:
    assert posterior is not None
    return _by_set("expert_posterior", tree, posterior.uniforms, _FromPosterior(posterior, new_expert=False))


def _new_expert(tree: Tree, _: Mapping[str, float], posterior: WeightPosterior | None) -> WeightGenerator:
    assert posterior is not None
    return _by_set("new_expert", tree, posterior.uniforms, _FromPosterior(posterior, new_expert=True))


def _dirichlet(tree: Tree, concentration: Mapping[str, float], _: WeightPosterior | None) -> WeightGenerator:
    counts = {name: len(tree.sets[name]) for name in tree.varying}
    return _by_set("dirichlet", tree, counts, _FromDirichlet(tree.nominal, concentration))


def _gamma(tree: Tree, concentration: Mapping[str, float], _: WeightPosterior | None) -> WeightGenerator:
    columns: dict[str, np.ndarray] = {}
    factors: dict[str, int] = {}
    for name in tree.varying:
        columns[name] = len(factors) + np.arange(len(tree.sets[name]))
        factors |= dict.fromkeys(tree.sets[name], 1)
    return WeightGenerator("gamma", tree, factors, columns, _FromDirichlet(tree.nominal, concentration))


def _gamma_by_dimension(tree: Tree, concentration: Mapping[str, float], _: WeightPosterior | None) -> WeightGenerator:
    columns: dict[str, list[int]] = {name: [] for name in tree.varying}
    factors: dict[str, int] = {}
    position = 0
    for dimension in tree.sets[DIMENSIONS]:
        start = position
        if DIMENSIONS in columns:
            columns[DIMENSIONS].append(position)
            position += 1
        if dimension in columns:
            columns[dimension] = list(range(position, position + len(tree.sets[dimension])))
            position += len(tree.sets[dimension])
        if position > start:
            factors[dimension] = position - start
    places = {name: np.array(where) for name, where in columns.items()}
    return WeightGenerator("gamma_by_dimension", tree, factors, places, _FromDirichlet(tree.nominal, concentration))


GENERATORS: dict[str, GeneratorKind] = {
    row.name: row
    for row in (
        GeneratorKind("expert_posterior", "experts' posterior", "专家后验", True, True, True, _expert_posterior),
        GeneratorKind("new_expert", "one more expert", "新增一位专家", True, True, True, _new_expert),
        GeneratorKind("dirichlet", "Dirichlet per sibling set", "同级集合 Dirichlet", False, True, True, _dirichlet),
        GeneratorKind("gamma", "raw judgement of each element", "各要素原始判断", False, False, False, _gamma),
        GeneratorKind(
            "gamma_by_dimension",
            "raw judgements by dimension",
            "按维度的原始判断",
            False,
            False,
            True,
            _gamma_by_dimension,
        ),
    )
}
"""The ways to be unsure about the weights; a new one is one more row."""


def build_generator(
    name: str, tree: Tree, concentration: Mapping[str, float], posterior: WeightPosterior | None
) -> WeightGenerator:
    """Return the generator of a row of :data:`GENERATORS`.

    Raises
    ------
    InputError
        If there is no such row, it needs experts and there are none, or no weight can vary.
    """
    if name not in GENERATORS:
        raise InputError("no such generator of weights", found=name, expected="one of " + ", ".join(GENERATORS))
    if GENERATORS[name].needs_experts and posterior is None:
        raise InputError(f"the generator {name!r} needs experts' judgements", found="none", expected="[files] experts")
    if not tree.varying:
        raise InputError("with one indicator there are no weights to be uncertain about", found=tree.codes[0])
    return GENERATORS[name].build(tree, concentration, posterior)
