"""Receives Stripe's events over HTTP: verify, store, commit, and only then answer 200.

Answers: 200 stored, 400 refused, 405 not a POST, 413 too large, 503 try again. Stripe repeats all but the first.
"""

import logging
import time
from collections.abc import Callable

import anyio
from anyio.to_thread import run_sync
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from lab.database.pool import AT_MOST
from lab.services.billing.counts import Counts
from lab.services.billing.event_store import store_event
from lab.services.billing.events import Event, read_event
from lab.services.billing.refusal import Refused, Unavailable
from lab.services.billing.settings import Settings
from lab.services.billing.signature import HEADER, check_age, verify_signature

log = logging.getLogger(__name__)
MOST_BYTES = 256 * 1024  # of a body
MOST_DIGITS = 15  # of a Content-Length
READ_SECONDS = 10  # for the whole body
RETRY_SECONDS = 30  # told to the sender of what could not be stored
MOST_WAITING = 50  # deliveries that wait for a connection; each holds its body in memory


class Receiver:
    """The endpoint of a webhook, as an ASGI application.

    Args:
        settings: The database, the secrets and the mode.
        clock: Tells the time, in seconds since 1970.
        on_stored: Called in a thread after the answer, with every event of the shop's own mode, also a repeated one: it
            wakes the processing. If it fails, a line of the log tells so.

    Attributes:
        counts: What it has seen.
        on_stored: The argument; it may be set later.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Callable[[], float] = time.time,
        on_stored: Callable[[Event], object] | None = None,
    ) -> None:
        self.counts = Counts()
        self.on_stored = on_stored
        self._settings, self._clock = settings, clock
        self._threads = anyio.CapacityLimiter(AT_MOST)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        answer, stored = await self._handle(Request(scope, receive))
        try:
            await answer(scope, receive, send)
        finally:
            if stored is not None:
                await self._hand_on(stored)

    async def _handle(self, request: Request) -> tuple[Response, Event | None]:
        """Return the answer, and the event that is handed on."""
        event: Event | None = None
        try:
            event = read_event(await self._read_signed(request))
            first = await self._store(event)
        except Exception as error:  # nothing of a delivery may reach a log by way of a traceback
            refused = error if isinstance(error, Refused) else Unavailable("failed")
            self.counts.add_refused(refused)
            _log(logging.WARNING, event, refused.code)
            return _refuse(refused), None
        aside = is_of_other_mode(event, self._settings)
        self.counts.add_stored(first=first, aside=aside, now=self._clock())
        _log(logging.INFO, event, "kept_aside" if aside else "received" if first else "repeated")
        return JSONResponse({"received": True, "first": first}), None if aside else event

    async def _read_signed(self, request: Request) -> bytes:
        """Return the body of a request, once it is known to be Stripe's."""
        if request.method != "POST":
            raise Refused("use_post", 405)
        check_length(request.headers.get("content-length", ""))
        headers = request.headers.getlist(HEADER)
        if len(headers) != 1:
            raise Refused("no_signature")
        body = await read_body(request)
        signed_at, now = verify_signature(body, headers[0], self._settings.secrets), self._clock()
        self.counts.note_clock(round(signed_at - now))
        check_age(signed_at, now)
        return body

    async def _store(self, event: Event) -> bool:
        """Store an event in a thread, unless too many others wait already."""
        if self._threads.statistics().tasks_waiting >= MOST_WAITING:
            raise Unavailable("busy")
        return await run_sync(store_event, self._settings.url, self._settings.role, event, limiter=self._threads)

    async def _hand_on(self, event: Event) -> None:
        if self.on_stored is None:
            return
        try:
            await run_sync(self.on_stored, event)
        except Exception:  # the event is stored, and the processing finds it by itself
            _log(logging.WARNING, event, "wake_failed")


def is_of_other_mode(event: Event, settings: Settings) -> bool:
    """Tell whether an event is about test money where real money is taken, or the other way round."""
    return event.livemode != settings.livemode


def check_length(told: str) -> None:
    """Refuse a request by its Content-Length, before anything is read.

    Raises:
        Refused: The body would be too large.
    """
    if told.isascii() and told.isdigit() and (len(told) > MOST_DIGITS or int(told) > MOST_BYTES):
        raise Refused("too_large", 413)


async def read_body(request: Request) -> bytes:
    """Read a body, and stop as soon as it is too large, whatever its Content-Length told.

    Raises:
        Refused: It is too large, or did not come in time.
    """
    body = bytearray()
    try:
        with anyio.fail_after(READ_SECONDS):
            async for chunk in request.stream():
                body += chunk
                if len(body) > MOST_BYTES:
                    raise Refused("too_large", 413)
    except (TimeoutError, ClientDisconnect):
        raise Refused("incomplete") from None
    return bytes(body)


def _refuse(refused: Refused) -> Response:
    told: dict[str, object] = {"received": False, "code": refused.code}
    if refused.clock_difference_seconds is not None:
        told["clock_difference_seconds"] = refused.clock_difference_seconds
    headers = {405: {"Allow": "POST"}, 503: {"Retry-After": str(RETRY_SECONDS)}}.get(refused.status)
    return JSONResponse(told, refused.status, headers)


def _log(level: int, event: Event | None, outcome: str) -> None:
    """Write the one line of a delivery: id and type have checked forms, the outcome is a code."""
    log.log(level, "event=%s type=%s outcome=%s", event.id if event else "-", event.type if event else "-", outcome)
