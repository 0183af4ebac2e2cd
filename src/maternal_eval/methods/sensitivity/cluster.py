"""Where blocks of runs are computed: here, one after the other, or on the workers of a Dask cluster.

Dask is an optional extra; it is imported only here and only when a cluster is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from maternal_eval.core.errors import InputError

if TYPE_CHECKING:
    from distributed import Client

ADDRESS = "MATERNAL_EVAL_CLUSTER"
"""Environment variable with the address of a Dask scheduler that runs are sent to.

Not a setting of study.toml: answers go to that address and pickles come back from it, so that only the person who calls
the program may name it.
"""


def connect(address: str) -> Client:
    """Return a client of the Dask scheduler at ``address``, e.g. ``tcp://host:8786``.

    Raises
    ------
    InputError
        If Dask is not installed or the scheduler does not answer.
    """
    try:
        from distributed import Client
    except ImportError as error:
        raise InputError(
            "a Dask cluster is asked for, but Dask is not installed",
            found=address,
            expected="the optional extra: pip install 'maternal-eval[cluster]'",
        ) from error
    try:
        return Client(address, timeout="10s", set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise InputError("the Dask scheduler does not answer", found=address, expected="host:port of one") from error


class Workers:
    """Applies functions to blocks. With a client what ``map`` returns stays on the workers until ``gather``."""

    def __init__(self, client: Client | None = None) -> None:
        self.client = client

    def share(self, value: Any) -> Any:
        """Return what stands for ``value`` in ``map``: sent to every worker once."""
        return value if self.client is None else self.client.scatter([value], broadcast=True, hash=False)[0]

    def map(self, function: Callable[..., Any], *arguments: Iterable[Any]) -> list[Any]:
        """Apply a function of a module to the arguments, block by block."""
        if self.client is None:
            return [function(*block) for block in zip(*arguments, strict=True)]
        return self.client.map(function, *map(list, arguments), pure=False)

    def gather(self, parts: list[Any]) -> list[Any]:
        """Return the values of what :meth:`map` returned, in the order of the blocks."""
        return parts if self.client is None else self.client.gather(parts)
