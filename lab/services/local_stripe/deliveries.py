"""Delivers events to the endpoints that want them, signed and with retries, and does what waits for its time.

An endpoint gets one event after the other, in their order; a slow one holds up no other.
"""

import contextlib
import http.client
import ipaddress
import json
import secrets as random_secrets
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

import stripe

from lab.services.local_stripe.checkout import expire_due
from lab.services.local_stripe.errors import ApiError, Thing
from lab.services.local_stripe.store import Delivery, Store

SCHEDULE = (1.0, 4.0, 15.0)
"""Seconds from a failed attempt to the next. Stripe tries for hours or days, and does not publish its intervals."""
TIMEOUT_SECONDS = 5.0
_LONGEST_WAIT_SECONDS = 0.25


@dataclass(frozen=True, kw_only=True)
class _SignedRequest:
    """One signed request."""

    url: SplitResult
    body: str
    signature: str
    copies: int = 1


class Worker:
    """A thread that finds what is due, and others that send it.

    Args:
        store: The account.
        schedule: Seconds from each failed attempt to the next; after the last one an event is given up.
        timeout_seconds: How long an endpoint may take to answer.
    """

    def __init__(self, store: Store, schedule: Sequence[float], timeout_seconds: float) -> None:
        self._store, self._schedule, self._timeout_seconds = store, tuple(schedule), timeout_seconds
        self._stopped = False
        self._held: list[Delivery] = []
        self._busy: set[str] = set()  # endpoints that an event is being sent to
        self._senders = ThreadPoolExecutor(thread_name_prefix="local-stripe-sender")
        self._thread = threading.Thread(target=self._work, name="local-stripe-deliveries", daemon=True)

    def start(self) -> None:
        """Begin to deliver."""
        self._thread.start()

    def stop(self) -> None:
        """End after the attempts that run now."""
        with self._store.lock:
            self._stopped = True
            self._store.changed.notify_all()
        self._thread.join()
        self._senders.shutdown()

    def wait(self, seconds: float) -> bool:
        """Wait until nothing is on its way or waits for its time; tell whether that came within some seconds."""
        with self._store.lock:
            return self._store.changed.wait_for(self._is_idle, seconds)

    def _is_idle(self) -> bool:
        return not self._store.timed and all(one.state != "pending" for one in self._store.deliveries)

    def _work(self) -> None:
        while not self._stopped:
            with self._store.lock:
                self._do_timed()
                delivery = self._next()
                request = self._write(delivery) if delivery else None
                if delivery and request:
                    self._busy.add(delivery.endpoint)
                    self._senders.submit(self._deliver, delivery, request)
                elif delivery is None:
                    self._store.changed.wait(self._seconds_to_next())

    def _do_timed(self) -> None:
        """Do what was put off until now: payments that settle, sessions that expire."""
        expire_due(self._store)
        for entry in [one for one in self._store.timed if one[0] <= self._store.timer()]:
            self._store.timed.remove(entry)
            with contextlib.suppress(ApiError):  # a person was faster
                entry[1]()
            self._store.changed.notify_all()

    def _next(self) -> Delivery | None:
        """Return the delivery that has waited longest, if its time has come."""
        first = min(self._waiting(), key=lambda one: one.due, default=None)
        return first if first and first.due <= self._store.timer() else None

    def _waiting(self) -> list[Delivery]:
        """Return the deliveries that wait, without those to an endpoint that is being sent to."""
        return [one for one in self._store.deliveries if one.state == "pending" and one.endpoint not in self._busy]

    def _seconds_to_next(self) -> float:
        dues = [one.due for one in self._waiting()]
        dues += [at for at, _ in self._store.timed]
        return max(0.0, min([*(due - self._store.timer() for due in dues), _LONGEST_WAIT_SECONDS]))

    def _write(self, delivery: Delivery) -> _SignedRequest | None:
        """Return what is sent now, or None if nothing is: the endpoint is gone, or a fault says so."""
        store, type = self._store, delivery.event.type
        endpoint = store.objects["webhook_endpoints"].get(delivery.endpoint)
        if endpoint is None or endpoint["status"] != "enabled":
            delivery.state = "given up"
            delivery.attempts.append("endpoint disabled or deleted")
            store.changed.notify_all()
        elif not delivery.put_off and (fault := store.faults.take("delay", type)):
            delivery.due, delivery.put_off = store.timer() + fault.seconds, True
        elif not delivery.put_off and (fault := store.faults.take("reorder", type)):
            delivery.due, delivery.put_off = store.timer() + fault.seconds, True
            self._held.append(delivery)
        elif store.faults.take("drop", type):
            self._record(delivery, "dropped by a fault")
        else:
            return self._sign(delivery, endpoint)
        return None

    def _sign(self, delivery: Delivery, endpoint: Thing) -> _SignedRequest:
        """Return a request, signed with each valid secret of its endpoint."""
        store, type = self._store, delivery.event.type
        old = store.faults.take("old_timestamp", type)
        at = int(store.clock() - (old.seconds if old else 0))
        kept = [one.text for one in store.secrets[delivery.endpoint] if not one.until or one.until > store.clock()]
        secrets = [_make_wrong_secret()] if store.faults.take("wrong_secret", type) else kept
        text = json.dumps(delivery.event.write(store.pending(delivery.event), endpoint["api_version"]))
        copies = 2 if store.faults.take("duplicate", type) else 1
        return _SignedRequest(
            url=urlsplit(endpoint["url"]), body=text, signature=_sign(text, secrets, at), copies=copies
        )

    def _deliver(self, delivery: Delivery, request: _SignedRequest) -> None:
        """Send a request, twice if a fault wants it, and note how the last one was answered."""
        results = [_post(request, self._timeout_seconds) for _ in range(request.copies)]
        with self._store.lock:
            self._busy.discard(delivery.endpoint)
            self._record(delivery, results[-1])

    def _record(self, delivery: Delivery, result: str) -> None:
        """Note an attempt: delivered by an answer from 200 to 299, else tried again until the schedule ends."""
        delivery.attempts.append(result)
        tries = len(delivery.attempts)
        if result.startswith("2"):
            delivery.state = "delivered"
        elif tries > len(self._schedule):
            delivery.state = "given up"
        else:
            delivery.due = self._store.timer() + self._schedule[tries - 1]
        self._release(delivery)
        self._store.changed.notify_all()

    def _release(self, sent: Delivery) -> None:
        """Let what was overtaken to the same endpoint follow now."""
        for one in [one for one in self._held if one.endpoint == sent.endpoint and one is not sent]:
            self._held.remove(one)
            one.due = self._store.timer()


def _sign(text: str, secrets: Sequence[str], at: int) -> str:
    """Return the header `Stripe-Signature` with one signature for each secret."""
    headers = [stripe.WebhookSignature.generate_signature_header(text, secret, at) for secret in secrets]
    return ",".join([headers[0], *(header.partition(",")[2] for header in headers[1:])])


def _post(request: _SignedRequest, timeout_seconds: float) -> str:
    """Send a request to this machine, and return its status or why there is none. Redirects are not followed."""
    host = request.url.hostname or ""
    if not _is_local(host):
        return "not sent: Local Stripe delivers to this machine alone"
    kind = http.client.HTTPSConnection if request.url.scheme == "https" else http.client.HTTPConnection
    headers = {
        "Content-Type": "application/json; charset=utf-8", "Stripe-Signature": request.signature,
        "User-Agent": "Local-Stripe/1.0 (not Stripe)",
    }  # fmt: skip
    path = request.url.path or "/"
    try:
        connection = kind(host, request.url.port, timeout=timeout_seconds)
        connection.request("POST", f"{path}?{request.url.query}" if request.url.query else path, request.body, headers)
        status = connection.getresponse().status
        connection.close()
    except TimeoutError:
        return "no answer in time"
    except (OSError, http.client.HTTPException, ValueError) as error:
        return f"not reached: {type(error).__name__}"
    return str(status)


def _is_local(host: str) -> bool:
    """Tell whether a host is this machine."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _make_wrong_secret() -> str:
    """Return a secret that signs what a receiver must refuse."""
    return f"whsec_{random_secrets.token_hex(16)}"
