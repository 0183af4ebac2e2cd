r"""Bayesian analytic hierarchy process on plain arrays: the posterior of the weights of one sibling set.

The logarithm of the judgement of expert e on elements i and j is

.. math::

    \log a_{eij} = (\theta_i + u_{ei}) - (\theta_j + u_{ej}) + \varepsilon_{eij},
    \qquad u_e \sim N(0, \tau^2), \quad \varepsilon_{eij} \sim N(0, \sigma_e^2)

with :math:`\theta` and every :math:`u_e` summing to zero over the n elements. The group's weights are
:math:`w = \operatorname{softmax}(\theta)`; :math:`\tau`, the standard deviation of an expert's log weight around the
group's, is the experts' disagreement; :math:`\sigma_e`, the residual standard deviation, is the inconsistency of
expert e: the geometric consistency index is the unbiased estimate of :math:`\sigma_e^2` (sum of squares over degrees of
freedom), so that CR = 0.10 corresponds to :math:`\sigma_e \approx 0.6`.

Priors:

- :math:`\theta` flat: with :math:`\tau` and :math:`\sigma` known the posterior mean is least squares, and with equal
  experts the row geometric means of the group's matrix.
- :math:`\tau` half-normal with scale 1: an expert's weight lies within a factor of 2.7 of the group's (one standard
  deviation). A single expert cannot tell it; the group's weights then stay as wide as this prior.
- :math:`\sigma_e^2` scaled inverse :math:`\chi^2` with :math:`\nu` degrees of freedom around :math:`s^2`, the same for
  all experts: partial pooling. *s* half-normal with scale 0.6, where Saaty's bound on CR lies, and not below
  0.02: judgements are given in whole numbers, and a matrix without any contradiction does not prove an exact
  expert. :math:`\nu` is 4, 8, 16, 32 or 64 with equal probability: from experts who differ by factors of two to nearly
  alike ones.

No Markov chain is needed. A least-squares fit of each expert gives an estimate of :math:`\theta + u_e` and a residual
sum of squares, which are sufficient. The sums of squares give the posterior of (s, :math:`\nu`) on a grid and then
independent :math:`\sigma_e^2` in closed form; what the estimates themselves say of the :math:`\sigma_e` enters as an
importance weight. Given the :math:`\sigma_e`, :math:`\tau` lives on a grid, and given both
:math:`\theta` is normal. The draws are independent; the effective number of importance weights is held to a gate.

The row means of the log judgements are the estimates of a complete matrix; incomplete matrices go through a general
design. Judgements count as exact numbers: their rounding to Saaty's scale is part of :math:`\varepsilon`. Log-normal
judgements: Alho & Kangas 1997, *Forest Science* 43; Laininen & Hämäläinen 2003, *European Journal of Operational
Research* 148; scaled inverse chi-squared pooling: Gelman et al. 2013, *Bayesian Data Analysis*, section 3.2.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import gammaln, logsumexp, ndtri, softmax

from maternal_eval.core.arguments import number, numbers, whole
from maternal_eval.core.errors import DiagnosticsError, InputError
from maternal_eval.core.intervals import tails
from maternal_eval.core.randomness import Seed, generator
from maternal_eval.methods.judgement_information import Balanced, General, basis, least_squares

DISAGREEMENT_SCALE = 1.0
"""Scale of the half-normal prior of the experts' disagreement tau, on the log of a weight."""

INCONSISTENCY_SCALE = 0.6
"""Scale of the half-normal prior of the typical residual standard deviation, on the log of a judgement."""

SMALLEST_INCONSISTENCY, LARGEST_INCONSISTENCY = 0.02, 5.0
POOLING = np.array([4.0, 8.0, 16.0, 32.0, 64.0])
NODES = 4000
LARGEST_NODES = 64_000
EFFECTIVE = 400.0
"""Smallest effective number of importance weights with which a posterior may be used."""

_SCALES = np.geomspace(SMALLEST_INCONSISTENCY, LARGEST_INCONSISTENCY, 240)
_COARSE = np.geomspace(1e-3, 6.0, 200)
_FINE = 64
_SHARES = np.array([0.0, 0.25, 0.5, 0.75, 1.0])
_EDGE = 1e-12


@dataclass(frozen=True)
class SetPosterior:
    """The posterior of the weights of one sibling set.

    ``weights`` turns uniforms into draws, ``draw`` takes them from a seed. Both give either the GROUP's weights
    (softmax of theta: what all such experts together hold, narrower with every expert) or those of a NEW EXPERT
    (theta + u: what one more person of this kind would say, never narrower than the disagreement).

    Attributes
    ----------
    information
        What the judgements say: see :mod:`~maternal_eval.methods.judgement_information`.
    sigma
        Nodes × experts: residual standard deviations.
    log_tau
        Grid of the logarithm of the disagreement.
    tau_probability
        Nodes × grid: posterior of tau at each node, each row sums to 1.
    node_probability
        Importance weights of the nodes, sum 1.
    """

    information: Balanced | General
    sigma: np.ndarray
    log_tau: np.ndarray
    tau_probability: np.ndarray
    node_probability: np.ndarray

    @property
    def elements(self) -> int:
        """Number of elements, n."""
        return self.information.estimates.shape[1] + 1

    @property
    def uniforms(self) -> int:
        """How many uniforms one draw of the weights takes: n + 1."""
        return self.elements + 1

    @property
    def effective(self) -> float:
        """Effective number of importance weights, 1 / sum p²; at best the number of nodes."""
        return float(1 / (self.node_probability**2).sum())

    @cached_property
    def _cumulative(self) -> np.ndarray:
        return np.cumsum(self.node_probability)

    def disagreement(self) -> tuple[float, float, float, float]:
        """Return mean, lower and upper end and Monte-Carlo standard error (of the mean) of the posterior of tau."""
        means = self.tau_probability @ np.exp(self.log_tau)
        mean = self.node_probability @ means
        mcse = np.sqrt(self.node_probability**2 @ (means - mean) ** 2)
        cumulative = np.cumsum(self.node_probability @ self.tau_probability)
        # The probability of a grid point belongs to a cell around it, which ends half a step later.
        ends = self.log_tau + 0.5 * (self.log_tau[1] - self.log_tau[0])
        low, high = np.exp(np.interp(tails(), cumulative, ends))
        return float(mean), float(low), float(high), float(mcse)

    def inconsistency(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return mean, lower and upper end of the posterior of each expert's sigma, ``(experts,)`` each."""
        low, high = np.quantile(self.sigma, tails(), axis=0, weights=self.node_probability, method="inverted_cdf")
        return self.node_probability @ self.sigma, low, high

    def log_weights(self, uniforms: np.ndarray, new_expert: bool = False) -> np.ndarray:
        """Return log weights up to a constant, theta (or theta + u): draws × n, each row sums to zero.

        Parameters
        ----------
        uniforms
            Draws × (n + 1), in [0, 1]: for the node, for tau, and n - 1 for the weights given both.
        new_expert
            False: the group's; True: those of one more expert.
        """
        uniforms = np.clip(uniforms, _EDGE, 1 - _EDGE)
        node = self._node(uniforms[:, 0])
        tau = self._tau(node, uniforms[:, 1])
        mean, root = self.information.conditional(tau, self.sigma[node])
        normal = ndtri(uniforms[:, 2:])
        drawn = mean + np.einsum("dij,dj->di", root, normal)
        if new_expert:
            # theta and u are independent given tau and sigma: one normal whose covariance is the sum of both.
            covariance = root @ np.swapaxes(root, -1, -2) + (tau**2)[:, None, None] * np.eye(mean.shape[1])
            drawn = mean + np.einsum("dij,dj->di", np.linalg.cholesky(covariance), normal)
        return drawn @ basis(self.elements).T

    def weights(self, uniforms: np.ndarray, new_expert: bool = False) -> np.ndarray:
        """Return weights, draws × n, rows sum to 1; see :meth:`log_weights`."""
        return softmax(self.log_weights(uniforms, new_expert), axis=1)

    def draw(self, count: int, seed: Seed, new_expert: bool = False) -> np.ndarray:
        """Return ``count`` independent draws of the weights, draws × n, rows sum to 1."""
        return self.weights(generator(seed).random((count, self.uniforms)), new_expert)

    def tau(self, uniforms: np.ndarray) -> np.ndarray:
        """Return the disagreement that belongs to the draws of :meth:`log_weights` from the same uniforms."""
        return self._tau(self._node(uniforms[:, 0]), uniforms[:, 1])

    def _node(self, uniform: np.ndarray) -> np.ndarray:
        return np.minimum(np.searchsorted(self._cumulative, uniform), len(self.sigma) - 1)

    def _tau(self, node: np.ndarray, uniform: np.ndarray) -> np.ndarray:
        """Invert the distribution of log tau at each node: uniform inside the cells of the grid."""
        cumulative = np.cumsum(self.tau_probability, axis=1)
        cell = np.minimum((cumulative[node] < uniform[:, None]).sum(axis=1), self.log_tau.size - 1)
        share = self.tau_probability[node, cell]
        within = np.clip((uniform - cumulative[node, cell] + share) / np.maximum(share, 1e-300), 0, 1)
        width = self.log_tau[1] - self.log_tau[0]
        return np.exp(self.log_tau[cell] + (within - 0.5) * width)


def set_posterior(
    matrices: np.ndarray,
    *,
    disagreement_scale: float = DISAGREEMENT_SCALE,
    inconsistency_scale: float = INCONSISTENCY_SCALE,
    seed: Seed = 0,
    nodes: int | None = None,
) -> SetPosterior:
    """Return the posterior of the weights of one sibling set.

    Parameters
    ----------
    matrices
        Experts × n × n reciprocal judgement matrices, n ≥ 2; NaN where an expert did not judge a pair. Together the
        experts' judgements have to link all elements.
    disagreement_scale, inconsistency_scale
        Scales of the half-normal priors of tau and s.
    seed, nodes
        Of the importance sample of the experts' residual scales: by default 4,000 nodes, and 2,000 where matrices are
        incomplete, which takes more time a node. Four times as many are taken until the gate holds.

    Raises
    ------
    ValueError
        If the judgements do not link all elements.
    DiagnosticsError
        If the importance weights stay too unequal.
    """
    number(disagreement_scale, "disagreement_scale", above=0.0)
    number(inconsistency_scale, "inconsistency_scale", above=0.0)
    if nodes is not None:
        whole(nodes, "nodes", low=1)
    given = np.asarray(matrices, dtype=float)
    if given.ndim != 3 or given.shape[1] != given.shape[2] or given.shape[1] < 2 or not len(given):
        raise InputError("matrices: wrong shape", found=given.shape, expected="experts × n × n, n at least 2")
    numbers(given, "matrices", above=0.0, missing=True)
    found = least_squares(matrices)
    random = generator(seed)
    nodes = nodes or (NODES if isinstance(found, Balanced) else NODES // 2)
    while True:
        sigma, correction = _residual_scales(found, inconsistency_scale, random, nodes)
        log_tau = _tau_grid(found, sigma, disagreement_scale)
        joint = _log_joint(found, np.exp(log_tau), sigma, disagreement_scale)
        node_probability = softmax(logsumexp(joint, axis=1) + correction)
        posterior = SetPosterior(found, sigma, log_tau, softmax(joint, axis=1), node_probability)
        if posterior.effective >= EFFECTIVE:
            return posterior
        if nodes >= LARGEST_NODES:
            raise DiagnosticsError(
                f"the posterior of the weights has {posterior.effective:.0f} effective nodes of {EFFECTIVE:.0f} needed"
            )
        nodes *= 4


def _residual_scales(
    found: Balanced | General, scale: float, random: np.random.Generator, nodes: int
) -> tuple[np.ndarray, np.ndarray]:
    """Draw sigma (nodes × experts) near its posterior, and return the log of what corrects each node, (nodes,).

    With the residual sums of squares alone the posterior of sigma is known in closed form. What the estimates say
    of it hangs on how much of their scatter is residual error and how much disagreement. For each share of
    :data:`_SHARES` their density is replaced by one that has the same slope over log sigma at that share and keeps
    the closed form; the density drawn from is the mixture of them, its terms weighted alike, and the correction is
    one over its estimate part.
    """
    drawn = [
        _closed_form(found, share, scale, random, size)
        for share, size in zip(_SHARES, _split(nodes, _SHARES.size), strict=True)
    ]
    variance = np.concatenate([part for part, _ in drawn])
    terms = [
        -0.5 * (share * found.ranks * np.log(variance) + share**2 * found.distances / variance).sum(axis=1) - constant
        for share, (_, constant) in zip(_SHARES, drawn, strict=True)
    ]
    return np.sqrt(variance), -logsumexp(terms, axis=0)


def _split(nodes: int, parts: int) -> list[int]:
    return [len(part) for part in np.array_split(np.arange(nodes), parts)]


def _closed_form(
    found: Balanced | General, share: float, scale: float, random: np.random.Generator, nodes: int
) -> tuple[np.ndarray, float]:
    """Draw variances by expert, a share of the squared distances counted as residual; and the log of the integral.

    First (s, nu) from the integral of the chi-squared density over the prior of sigma, then each variance given both.
    """
    squares = found.squares + share**2 * found.distances
    freedom = found.freedom + share * found.ranks
    s, nu = _SCALES[:, None, None], POOLING[:, None]
    half = (nu + freedom) / 2
    marginal = gammaln(half) - gammaln(nu / 2) + nu / 2 * np.log(nu * s**2) - half * np.log(nu * s**2 + squares)
    marginal = marginal + freedom / 2 * np.log(2)
    # Uniform spacing in log s: the density of s is multiplied by s.
    log_grid = marginal.sum(axis=2) - 0.5 * (_SCALES[:, None] / scale) ** 2 + np.log(_SCALES[:, None])
    chosen = random.choice(log_grid.size, nodes, p=softmax(log_grid, axis=None).ravel())
    row, column = np.unravel_index(chosen, log_grid.shape)
    width = np.log(_SCALES[1] / _SCALES[0])
    typical = np.exp(np.log(_SCALES[row]) + width * (random.random(nodes) - 0.5))[:, None]
    pooling = POOLING[column][:, None]
    variance = (pooling * typical**2 + squares) / random.chisquare(pooling + freedom)
    return variance, float(logsumexp(log_grid))


def _log_joint(found: Balanced | General, tau: np.ndarray, sigma: np.ndarray, scale: float) -> np.ndarray:
    """Return log p(estimates, log tau | sigma), nodes × grid, theta integrated out."""
    return found.log_evidence(tau, sigma) - 0.5 * (tau / scale) ** 2 + np.log(tau)


def _tau_grid(found: Balanced | General, sigma: np.ndarray, scale: float) -> np.ndarray:
    """Return an even grid of log tau over all places that hold more than e⁻¹⁸ of the density at some node."""
    some = sigma[:: max(1, len(sigma) // 40)]
    joint = _log_joint(found, _COARSE, some, scale)
    holds = np.flatnonzero((joint > joint.max(axis=1, keepdims=True) - 18).any(axis=0))
    first, last = max(holds[0] - 1, 0), min(holds[-1] + 1, _COARSE.size - 1)
    return np.linspace(np.log(_COARSE[first]), np.log(_COARSE[last]), _FINE)
