"""The runs that Sobol' indices are computed from: Saltelli's scheme on a scrambled Sobol' sequence.

The points are those of SALib's ``sample.sobol``, in its order, to the last bit. They are made block by block, so that
a sample too large for the memory can be run in parts or on several machines, and the first N of a larger sample are
the sample of size N: growing costs only the new runs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.stats import qmc

from maternal_eval.core.errors import InputError
from maternal_eval.core.randomness import generator, sequence

Model = Callable[[np.ndarray], np.ndarray]
"""From inputs (runs × inputs, uniform on 0–1) to outputs (runs, or runs × outputs)."""

SHOWN = 8
"""Inputs of a failed run that an error sentence shows."""


@dataclass(frozen=True)
class SobolDesign:
    """The sample: for each of N base points the runs A, AB_1 … AB_G, (BA_1 … BA_G,) B.

    AB_j is A with the inputs of factor j from B; BA_j, needed for second order only, the reverse.

    Attributes
    ----------
    factors
        Factor → number of inputs in it, in the order of the columns. Factors are independent of each other; the
        inputs inside one need not be.
    base
        N, a power of two.
    second_order
        Whether the runs BA are there.
    seed
        Of the scrambling; 0 is a seed like any other.
    """

    factors: dict[str, int]
    base: int
    second_order: bool = False
    seed: int | np.random.SeedSequence = 0

    def __post_init__(self) -> None:
        if not isinstance(self.base, int | np.integer) or self.base < 2 or self.base & (self.base - 1):
            raise InputError(
                "the size of a Sobol' sample has to be a power of two", found=self.base, expected="e.g. 1024"
            )
        counts = list(self.factors.values())
        if not counts or not all(isinstance(count, int | np.integer) and count >= 1 for count in counts):
            raise InputError("Sobol' indices need factors with at least one input each", found=dict(self.factors))

    @property
    def width(self) -> int:
        """Runs per base point."""
        return (2 if self.second_order else 1) * len(self.factors) + 2

    @property
    def inputs(self) -> int:
        """Number of inputs of the model."""
        return sum(self.factors.values())

    @property
    def runs(self) -> int:
        """Number of runs of the model."""
        return self.base * self.width

    def points(self, start: int = 0, stop: int | None = None) -> np.ndarray:
        """Return the inputs (base points × width × inputs, uniform on 0–1) of the base points ``start`` to ``stop``."""
        stop = self.base if stop is None else stop
        if not 0 <= start < stop <= self.base:
            raise InputError("no such base points", found=f"{start} to {stop}", expected=f"inside 0 to {self.base}")
        parent = sequence(self.seed)
        # A copy: the engine spawns from what it is given, which counts, and the next block would be scrambled anew.
        fresh = np.random.SeedSequence(parent.entropy, spawn_key=parent.spawn_key, pool_size=parent.pool_size)
        engine = qmc.Sobol(2 * self.inputs, scramble=True, rng=generator(fresh))
        if start:
            engine.fast_forward(start)
        sequence_part = engine.random(stop - start)
        a, b = sequence_part[:, None, : self.inputs], sequence_part[:, None, self.inputs :]
        of_factor = np.repeat(np.arange(len(self.factors)), list(self.factors.values()))
        moved = of_factor == np.arange(len(self.factors))[:, None]
        parts = [a, np.where(moved, b, a)]
        if self.second_order:
            parts.append(np.where(moved, a, b))
        return np.concatenate([*parts, b], axis=1)

    def evaluate(self, model: Model, start: int = 0, stop: int | None = None) -> np.ndarray:
        """Return the model's outputs (base points × width × outputs) for the base points ``start`` to ``stop``.

        Raises
        ------
        InputError
            If the model returns the wrong number of runs or a number that is not finite: names the run (counted over
            the whole sample, from 0) and its inputs.
        """
        points = self.points(start, stop)
        flat = points.reshape(-1, self.inputs)
        outputs = np.asarray(model(flat), dtype=float)
        outputs = outputs[:, None] if outputs.ndim == 1 else outputs
        if len(outputs) != len(flat):
            raise InputError("the model returned the wrong number of runs", found=len(outputs), expected=len(flat))
        bad = ~np.isfinite(outputs)
        if bad.any():
            run, output = (int(position[0]) for position in np.nonzero(bad))
            raise InputError(
                "the model returned a number that is not finite",
                row=f"run {start * self.width + run}",
                column=f"output {output}",
                found=f"{outputs[run, output]} at the inputs {self._named(flat[run])}",
                expected="a finite number for all inputs between 0 and 1",
            )
        return outputs.reshape(*points.shape[:2], -1)

    def _named(self, point: np.ndarray) -> str:
        """Return the inputs of a run in words, by factor."""
        names = [
            name if count == 1 else f"{name}[{place}]" for name, count in self.factors.items() for place in range(count)
        ]
        shown = [f"{name} = {value:.6g}" for name, value in zip(names[:SHOWN], point, strict=False)]
        return ", ".join(shown) + (", …" if len(names) > SHOWN else "")


def independent_runs(outputs: np.ndarray) -> np.ndarray:
    """Return the 2 N independent runs A and B (runs × outputs) among outputs (base points × width × outputs)."""
    return outputs[:, [0, -1]].reshape(-1, outputs.shape[-1])


def independent_points(design: SobolDesign) -> np.ndarray:
    """Return the inputs of :func:`independent_runs`."""
    return design.points()[:, [0, -1]].reshape(-1, design.inputs)
