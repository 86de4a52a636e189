"""Controls what libpq takes from the environment, and keeps it away from connections to our own servers.

libpq takes whatever a URL leaves out from variables such as PGHOSTADDR, which leads to another server than the URL's
host. It sends a few more to the server. Parameters cannot turn all of them off: PGSERVICE and PGTZ have none for that.
So the variables are removed from the environment while such a connection is opened.
"""

import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

from psycopg.pq import Conninfo

PREFIX = "PG"  # of every variable that libpq and the server's programs read
DEFAULT_PORT = 5432
_LOCK = threading.Lock()
_TAKEN: dict[str, str] = {}
_OPENING: set[object] = set()


@contextmanager
def without_environment() -> Iterator[None]:
    """Keep libpq's variables out of the environment meanwhile; of several threads the last one puts them back."""
    here = object()
    with _LOCK:
        _OPENING.add(here)
        _TAKEN.update({name: os.environ.pop(name) for name in list(os.environ) if name.startswith(PREFIX)})
    try:
        yield
    finally:
        with _LOCK:
            _OPENING.remove(here)
            if not _OPENING:
                os.environ.update(_TAKEN)
                _TAKEN.clear()


def drop_environment() -> None:
    """Take libpq's variables out of the environment for good; for programs that use only servers of their own."""
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        del os.environ[name]


def complete(parts: Mapping[str, Any]) -> dict[str, Any]:
    """Return a URL's parts with those from the environment, also while another thread has removed the variables.

    A URL that names a host leads there: neither an address nor a port from the environment leads elsewhere.
    """
    with _LOCK:
        environ = {**os.environ, **_TAKEN}
    given = {word: environ[name] for word, name in list_variables().items() if name in environ}
    if "service" in given or "service" in parts:  # its file comes before the environment, and libpq reads it
        given = {word: value for word, value in given.items() if word == "service"}
    there = {"hostaddr": "", "port": str(DEFAULT_PORT)} if parts.get("host") and "service" not in parts else {}
    return {**given, **there, **parts}


@cache
def list_variables() -> Mapping[str, str]:
    """Return the environment variable of each of libpq's parameters that has one."""
    with without_environment():  # a service that is not there would leave libpq without an answer
        options = Conninfo.get_defaults()
    return {option.keyword.decode(): option.envvar.decode() for option in options if option.envvar}
