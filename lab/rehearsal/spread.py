"""Runs the parts of a rehearsal on all cores of this machine, or on a cluster of `dask.distributed`."""

import gc
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed

from lab.rehearsal.part_runs import run_part
from lab.rehearsal.parts import Outcome, Part
from lab.text.errors import LabError

ANSWER_SECONDS = 5  # of the cluster's scheduler


class ClusterUnavailable(LabError):
    """A cluster cannot be used: the package is not installed, or nobody answers."""


def spread(parts: Sequence[Part], address: str | None = None) -> Iterator[Outcome]:
    """Yield what each part came to, in the order in which they end.

    A machine of the cluster that dies in the middle loses its part, and another one runs it from the beginning. That
    changes nothing: a part depends on the code and on its description alone.

    Args:
        parts: The parts.
        address: Of the cluster's scheduler, such as `tcp://10.0.0.5:8786`; None for this machine.

    Raises:
        ClusterUnavailable: There is no cluster.
        EmbeddedUnavailable: No server can be started.
    """
    return _spread_on_cluster(parts, address) if address else _spread_here(parts)


def _spread_here(parts: Sequence[Part]) -> Iterator[Outcome]:
    with ProcessPoolExecutor(min(len(parts), os.cpu_count() or 1), initializer=_collect_seldom) as pool:
        for done in as_completed([pool.submit(run_part, part) for part in parts]):
            yield done.result()


def _collect_seldom() -> None:
    """Let Python look for garbage less often: a play leaves little, and looking takes a twentieth of its time."""
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


def _spread_on_cluster(parts: Sequence[Part], address: str) -> Iterator[Outcome]:
    try:
        from distributed import Client
        from distributed import as_completed as as_ended
    except ImportError:
        raise ClusterUnavailable(
            "The cluster", "The package distributed is not installed", "pip install 'persistence-lab[cluster]'"
        ) from None
    try:
        client = Client(address, timeout=ANSWER_SECONDS)  # type: ignore[no-untyped-call]  # distributed has no types
    except (OSError, ValueError):
        raise ClusterUnavailable("The cluster", "Nobody answers at this address", "Start `dask scheduler`") from None
    with client:
        for done in as_ended(client.map(run_part, list(parts), pure=False, retries=3)):  # type: ignore[no-untyped-call]  # distributed has no types
            yield done.result()
