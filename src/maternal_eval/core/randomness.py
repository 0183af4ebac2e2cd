"""One place for randomness: a seed enters at the top and is spawned downwards.

Every part draws from its own child of the seed, so that a part can be run again alone with the same result.
"""

from __future__ import annotations

import numpy as np

Seed = int | np.random.SeedSequence | np.random.Generator


def sequence(seed: int | np.random.SeedSequence) -> np.random.SeedSequence:
    """Return ``seed`` as a :class:`numpy.random.SeedSequence`; 0 is a valid seed."""
    return seed if isinstance(seed, np.random.SeedSequence) else np.random.SeedSequence(seed)


def generator(seed: Seed) -> np.random.Generator:
    """Return a random generator for ``seed``; a generator is handed back as it is."""
    return seed if isinstance(seed, np.random.Generator) else np.random.default_rng(sequence(seed))


def spawn(seed: int | np.random.SeedSequence, count: int) -> list[np.random.SeedSequence]:
    """Return ``count`` independent children of ``seed``.

    The children depend on the seed alone, not on how often it was spawned before (unlike
    ``SeedSequence.spawn``, which counts): asking twice gives the same children.
    """
    parent = sequence(seed)
    return [
        np.random.SeedSequence(parent.entropy, spawn_key=(*parent.spawn_key, index), pool_size=parent.pool_size)
        for index in range(count)
    ]


def named(seed: int | np.random.SeedSequence, name: str) -> np.random.SeedSequence:
    """Return the child of ``seed`` that belongs to ``name``: adding a part leaves the others' draws alone.

    Names are strung together, not set apart: ``named(named(seed, "a"), "b")`` is ``named(seed, "ab")``. So no name of
    a child may continue a name beside it; setting names apart would change every seed there is.
    """
    parent = sequence(seed)
    return np.random.SeedSequence(
        parent.entropy, spawn_key=(*parent.spawn_key, *name.encode()), pool_size=parent.pool_size
    )


def integer(seed: int | np.random.SeedSequence) -> int:
    """Return a 31-bit integer drawn from ``seed``, for libraries that take nothing else."""
    return int(sequence(seed).generate_state(1, np.uint32)[0] >> 1)
