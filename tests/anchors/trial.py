"""Tries forgeries on a history: each is run, verified and rolled back."""

import contextlib
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psycopg

from tests.anchors.forgeries import Forgery, make_forgeries
from tests.anchors.history import History, make_history


class _Undo(Exception):
    """Takes a forgery back."""


@contextlib.contextmanager
def open_history(admin_url: str) -> Iterator[History]:
    """Open a history in a transaction that is rolled back."""
    with tempfile.TemporaryDirectory() as place, psycopg.connect(admin_url, prepare_threshold=None) as connection:
        settings = {"timezone": "UTC", "datestyle": "ISO, YMD", "bytea_output": "hex"}
        for name, value in settings.items():
            connection.execute("select set_config(%s, %s, true)", [name, value])
        yield make_history(connection, Path(place) / "ledgers.anchors")
        connection.rollback()


def try_forgery(history: History, forgery: Forgery, *, full: bool = True) -> str:
    """Return what is wrong with what was said of a forgery; nothing when its first entry was named."""
    said = ""
    with contextlib.suppress(_Undo), history.connection.transaction():
        history.connection.execute(forgery.statements.encode())
        fault = history.verify(full=full)[forgery.ledger].fault
        if fault is None or fault.entry != forgery.first or fault.wrong not in forgery.wrong:
            expected = " or ".join(sorted(wrong.value for wrong in forgery.wrong))
            said = f"{forgery.kind} in {forgery.ledger}: {forgery.first} {expected} expected, said was {fault}"
        raise _Undo
    return said


def try_all(admin_url: str, count: int, seed: int) -> tuple[Counter[str], list[str], float]:
    """Return how many forgeries of each kind were tried, what went wrong, and the seconds that it took."""
    kinds: Counter[str] = Counter()
    wrong: list[str] = []
    began = time.perf_counter()
    with open_history(admin_url) as history:
        for number, forgery in enumerate(make_forgeries(history, count, seed)):
            kinds[forgery.kind] += 1
            wrong += filter(None, [try_forgery(history, forgery, full=number % 2 == 0)])
        assert all(result.fault is None for result in history.verify().values())
    return kinds, wrong, time.perf_counter() - began
