"""Every call of the product to the database or to Stripe, and a process that ends right after one of them.

Between two calls nothing leaves the process, so after one is before the next. Nothing is listed by hand: a run without
a crash finds the calls.
"""

import contextlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

import psycopg
import pytest
import stripe
from psycopg.pq import TransactionStatus

from lab.database.connect import LimitedConnection
from lab.database.pool import open_engine

Result = TypeVar("Result")
SHOWN = 70  # characters of a statement in the name of a call
_ID = re.compile(r"(?<=_)[A-Za-z0-9]{14,}")


class Killed(BaseException):
    """The process ended here; no handler of an error runs after that."""


@dataclass
class Crash:
    """One process of the product, which ends after one call.

    Args:
        after: The number of the call; None for a process that lives.

    Attributes:
        calls: What was called.
        happened: Whether the process has ended.
    """

    after: int | None = None
    calls: list[str] = field(default_factory=list)
    happened: bool = False
    _seen: list[psycopg.Connection[Any]] = field(default_factory=list)

    def make(self, call: str, act: Callable[[], Result]) -> Result:
        """Make one call, and end after it if it is the one; a process that has ended makes none."""
        if self.happened:
            raise Killed
        result = act()
        self.calls.append(call)
        if len(self.calls) - 1 == self.after:
            self.end()
            raise Killed
        return result

    def note(self, connection: psycopg.Connection[Any]) -> None:
        """Note a connection: all of them end with the process."""
        if connection not in self._seen:
            self._seen.append(connection)

    def end(self) -> None:
        """End the process with its connections. Nothing more is sent: the server rolls back what was open."""
        self.happened = True
        for connection in self._seen:
            connection.pgconn.finish()


class Watch:
    """Watches the product's connections and its client of Stripe; each process is one `Crash`."""

    def __init__(self) -> None:
        self.crash = Crash()

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        """Watch every connection that the product opens."""
        wait = LimitedConnection.wait

        def watched(connection: LimitedConnection, exchange: Any, *more: Any, **named: Any) -> Any:
            self.crash.note(connection)
            name = _name(exchange)
            if _sends_nothing(connection, name):
                return wait(connection, exchange, *more, **named)
            return self.crash.make(name, lambda: wait(connection, exchange, *more, **named))

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(LimitedConnection, "wait", watched)
            yield

    def begin(self, after: int | None = None) -> Crash:
        """End the process before, and begin one: it has no connection yet, and ends after a call, or not at all."""
        self.crash.end()
        open_engine.cache_clear()
        self.crash = Crash(after=after)
        return self.crash


class WatchedStripe(stripe.RequestsClient):
    """The stock way to Stripe, watched."""

    def __init__(self, watch: Watch) -> None:
        super().__init__(timeout=(3, 10))
        self._watch = watch

    def request(self, method: str, url: str, headers: Any, post_data: Any = None, **more: Any) -> Any:
        call = _ID.sub("ID", f"{method.upper()} {url.partition('/v1/')[2].partition('?')[0]}")
        ask = super().request
        return self._watch.crash.make(call, lambda: ask(method, url, headers, post_data, **more))


def _sends_nothing(connection: LimitedConnection, name: str) -> bool:
    """Tell whether an exchange stays in this process: a setting of the driver, or the end of no transaction."""
    idle = connection.pgconn.transaction_status == TransactionStatus.IDLE
    return name.startswith("set_") or (idle and name in ("commit", "rollback"))


def _name(exchange: Any) -> str:
    """Return what an exchange with the server is: its statement, or the step of the transaction."""
    query = exchange.gi_frame.f_locals.get("query")
    if query is None:
        return str(exchange.__name__.strip("_").removesuffix("_gen"))
    text = query.decode() if isinstance(query, bytes) else str(query)
    return " ".join(text.split())[:SHOWN]
