"""Times the posterior of expert weights against the same model sampled by PyMC, both in one run.

All of it: 15 experts × 4 sibling sets × 3 rounds of the built-in study, posterior and 4,000 draws of each. Against
PyMC: one sibling set of one round, the same model with the same priors by nutpie (4 chains of 1,000 + 1,000 draws,
which have to keep R-hat <= 1.01, bulk ESS >= 400 and no divergence), compilation apart. Means and standard
deviations of the log weights, of the disagreement and of the experts' inconsistency have to agree within Monte-Carlo
error.

    python benchmarks/bayesian_ahp.py [--repeats 5] [--set social]
"""

from __future__ import annotations

import argparse
import platform
import statistics
import sys
import time
from pathlib import Path

import numpy as np

import maternal_eval
from maternal_eval.methods.bayesian_ahp import SetPosterior, set_posterior
from maternal_eval.methods.judgement_information import basis
from maternal_eval.methods.judgements import JudgementRound, read_judgements
from maternal_eval.methods.pymc_models.expert_weights import expert_weights_model
from maternal_eval.methods.sampling import Gates, SamplerSettings, compile_model, diagnose, require, sample
from maternal_eval.study import Study

ROOT = Path(__file__).parents[1]
REPORT = ROOT / "build" / "benchmarks" / "bayesian_ahp.md"
SETTINGS = SamplerSettings(tune=1000, draws=1000)
DRAWS = 4000
GOAL_SECONDS = 2.0


def timed(action, *arguments, **options):
    start = time.perf_counter()
    result = action(*arguments, **options)
    return result, time.perf_counter() - start


def everything(rounds: tuple[JudgementRound, ...]) -> None:
    for of_round in rounds:
        for matrices in of_round.matrices.values():
            set_posterior(matrices).draw(DRAWS, 0)


def moments(posterior: SetPosterior, seed: int) -> dict[str, tuple[float, float]]:
    """Mean and standard deviation of each quantity; sigma by the importance weights."""
    random = np.random.default_rng(seed)
    logs = posterior.log_weights(random.random((20_000, posterior.uniforms)))
    found = {f"log weight {at + 1}": (one.mean(), one.std()) for at, one in enumerate(logs.T)}
    weights = posterior.node_probability
    mean = weights @ posterior.sigma
    spread = np.sqrt(weights @ (posterior.sigma - mean) ** 2)
    tau = posterior.tau(random.random((20_000, 2)))
    found["tau"] = tau.mean(), tau.std()
    return found | {f"sigma {at + 1}": pair for at, pair in enumerate(zip(mean, spread, strict=True))}


def reference_moments(tree, count: int) -> dict[str, tuple[float, float]]:
    draws = tree.posterior
    logs = draws["group_contrast"].values.reshape(-1, count - 1) @ basis(count).T
    sigma = np.exp(draws["log_sigma"].values.reshape(-1, draws["log_sigma"].shape[-1]))
    found = {f"log weight {at + 1}": (one.mean(), one.std()) for at, one in enumerate(logs.T)}
    found["tau"] = float(draws["tau"].mean()), float(draws["tau"].std())
    return found | {f"sigma {at + 1}": (one.mean(), one.std()) for at, one in enumerate(sigma.T)}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--set", default="social")
    arguments = parser.parse_args()
    study = Study.read(ROOT / "data" / "maternal")
    rounds = read_judgements(study.experts, study.model.sibling_sets)
    matrices = rounds[-1].matrices[arguments.set]
    everything(rounds)  # imports and caches
    whole = [timed(everything, rounds)[1] for _ in range(arguments.repeats)]
    one = [timed(lambda: set_posterior(matrices).draw(DRAWS, 0))[1] for _ in range(arguments.repeats)]
    posterior = set_posterior(matrices)
    compiled, compile_seconds = timed(compile_model, expert_weights_model(matrices))
    reference, found, trees = [], [], []
    for seed in range(min(arguments.repeats, 3)):
        tree, taken = timed(sample, compiled, seed=seed, settings=SETTINGS)
        found.append(require(diagnose(tree, Gates()), "PyMC"))
        reference.append(taken)
        trees.append(tree)
    ours, theirs = moments(posterior, 0), reference_moments(trees[0], matrices.shape[1])
    distance = {name: abs(ours[name][0] - theirs[name][0]) / theirs[name][1] for name in theirs}
    ratio = {name: ours[name][1] / theirs[name][1] for name in theirs}
    lines = [
        "# Posterior of expert weights: exact conditionals against PyMC",
        "",
        f"Python {platform.python_version()}, maternal_eval {maternal_eval.__version__}; {arguments.repeats} repeats, "
        "medians.",
        "",
        f"{len(matrices)} experts × {len(rounds[-1].matrices)} sets × {len(rounds)} rounds, posterior and {DRAWS} "
        f"draws each: {statistics.median(whole):.2f} s (goal: {GOAL_SECONDS:.0f} s).",
        "",
        f"| set {arguments.set}, {matrices.shape[1]} elements | seconds | gate |",
        "|---|---|---|",
        f"| this package | {statistics.median(one):.3f} | {posterior.effective:.0f} effective of "
        f"{len(posterior.sigma)} independent nodes |",
        f"| PyMC, nutpie | {statistics.median(reference):.2f} and {compile_seconds:.1f} to compile | R-hat "
        f"{max(d.rhat for d in found):.3f}, bulk ESS {min(d.bulk_ess for d in found):.0f}, "
        f"{sum(d.divergences for d in found)} divergences |",
        "",
        f"Sampling takes {statistics.median(reference) / statistics.median(one):.0f} times as long.",
        "",
        "| quantity | mean here | mean PyMC | apart, in sd | sd here / sd PyMC |",
        "|---|---|---|---|---|",
        *(
            f"| {name} | {ours[name][0]:.4f} | {theirs[name][0]:.4f} | {distance[name]:.3f} | {ratio[name]:.3f} |"
            for name in theirs
        ),
        "",
    ]
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.write_text("\n".join(lines), encoding="utf-8")
    print("\n".join(lines))
    # 4,000 draws with a bulk ESS of at least 400: five standard errors of a mean are a quarter of an sd at worst.
    agrees = max(distance.values()) < 5 / np.sqrt(min(d.bulk_ess for d in found))
    return 0 if agrees and statistics.median(whole) <= GOAL_SECONDS else 1


if __name__ == "__main__":
    sys.exit(main())
