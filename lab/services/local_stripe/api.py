"""Answers calls of the API: keys, idempotency, faults, and errors in Stripe's shape. Knows no web server."""

import json
import logging
import pickle
from dataclasses import dataclass

from lab.services.local_stripe import (
    account,
    catalogue,
    charges,
    customers,
    discounts,
    disputes,
    methods,
    payment_pages,
    payments,
    refunds,
    sessions,
)
from lab.services.local_stripe.calls import Answer, Call, check_headers, read_key
from lab.services.local_stripe.checkout import expire_due
from lab.services.local_stripe.errors import NOTICE, ApiError, Thing
from lab.services.local_stripe.operations import Operation, copy_thing, expand
from lab.services.local_stripe.parameters import decode
from lab.services.local_stripe.store import API_VERSION, Store

_PARTS = (
    account, catalogue, charges, customers, discounts, disputes, methods, payment_pages, payments, refunds, sessions,
)  # fmt: skip
OPERATIONS: tuple[Operation, ...] = tuple(one for part in _PARTS for one in part.OPERATIONS)
_LOG = logging.getLogger(__name__)
_KEPT_SECONDS = 86_400  # source: docs.stripe.com/api/idempotent_requests


@dataclass(frozen=True, kw_only=True)
class _Kept:
    """What was answered to an idempotency key."""

    call: tuple[str, str, str]
    at: float
    status: int
    body: Thing
    request: str


class Api:
    """The API of one store."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._kept: dict[tuple[str, str], _Kept] = {}

    @property
    def kept(self) -> int:
        """Return how many idempotency keys have an answer."""
        return len(self._kept)

    def keep(self) -> bytes:
        """Return the account and the answers to its idempotency keys as they are now."""
        return pickle.dumps((self.store.keep(), self._kept))

    def put_back(self, kept: bytes) -> None:
        """Forget what happened after `keep` has returned this."""
        account, self._kept = pickle.loads(kept)  # noqa: S301 (from `keep` alone, in this process or its child)
        self.store.put_back(*account)

    def answer(self, call: Call) -> Answer:
        """Answer a call."""
        with self.store.lock:
            request = self.store.draw_id("req_", 14)
            headers = {"Request-Id": request, "Stripe-Version": API_VERSION, "X-Local-Stripe": NOTICE}
            if call.idempotency_key:
                headers["Idempotency-Key"] = call.idempotency_key.encode("ascii", "replace").decode()
            status, body, more = self._try(call, request)
            slow = self.store.faults.take("timeout", f"{call.method} {call.path}")
            lost = self.store.faults.take("lose_response", f"{call.method} {call.path}")
            text = json.dumps(body).encode()
            wait = slow.seconds if slow else 0.0
            return Answer(status=status, body=text, headers=headers | more, wait_seconds=wait, lost=lost is not None)

    def _try(self, call: Call, request: str) -> tuple[int, Thing, dict[str, str]]:
        """Return a status, a body and headers, also of a call that is refused."""
        try:
            return self._run(call, request)
        except ApiError as refusal:
            return refusal.status, refusal.body(), {}
        except Exception as error:  # a mistake of Local Stripe's own is no silence for its client
            _LOG.exception("Local Stripe failed at %s %s", call.method, call.path)
            found = f"Local Stripe failed: {type(error).__name__}. See what it printed."
            return 500, ApiError(500, found, type="api_error").body(), {}
        finally:
            self.store.request = (None, None)

    def _run(self, call: Call, request: str) -> tuple[int, Thing, dict[str, str]]:
        """Return a status, a body and headers."""
        key = read_key(call)
        operation, id = _find_operation(call)
        if operation.resource in self.store.forbidden.get(key, ()):
            found = f"The provided key does not have the required permissions for {operation.resource}."
            raise ApiError(403, found, code="more_permissions_required_for_application")
        check_headers(call)
        kept = self._find_kept(key, call)
        if kept:
            return kept.status, kept.body, {"Idempotent-Replayed": "true", "Original-Request": kept.request}
        if fault := self.store.faults.take("error", f"{call.method} {call.path}"):
            error = _make_fault(fault.status)
            if fault.status == 500:
                self._keep(key, call, request, error)
            raise error
        expire_due(self.store)
        params = operation.read(decode(call.pairs))
        self.store.request = (request, call.idempotency_key)
        try:
            done = operation.run(self.store, params, id)
            body = expand(self.store, done, params.get("expand", []))
        except ApiError as refusal:
            self._keep(key, call, request, refusal)
            raise
        self._keep(key, call, request, body)
        return 200, body, {}

    def _find_kept(self, key: str, call: Call) -> _Kept | None:
        """Return what was answered to the same call before.

        Raises:
            ApiError: The key was used for another call.
        """
        kept = self._kept.get((key, call.idempotency_key or ""))
        if kept is None or kept.at < self.store.clock() - _KEPT_SECONDS:
            return None
        if kept.call != _describe(call):
            found = "Keys for idempotent requests can only be used with the same parameters they were first used with."
            raise ApiError(400, found, type="idempotency_error")
        return kept

    def _keep(self, key: str, call: Call, request: str, result: Thing | ApiError) -> None:
        if call.idempotency_key:
            status, body = (result.status, result.body()) if isinstance(result, ApiError) else (200, copy_thing(result))
            kept = _Kept(call=_describe(call), at=self.store.clock(), status=status, body=body, request=request)
            self._kept[key, call.idempotency_key] = kept


def _describe(call: Call) -> tuple[str, str, str]:
    return call.method, call.path, json.dumps(sorted(call.pairs))


def _find_operation(call: Call) -> tuple[Operation, str]:
    """Return the operation that a call wants, and the id in its path.

    Raises:
        ApiError: It is not served here; Stripe may have it.
    """
    for operation in OPERATIONS:
        found = operation.pattern.fullmatch(call.path) if operation.method == call.method else None
        if found:
            return operation, "".join(found.groups())
    raise ApiError(404, f"Unrecognized request URL ({call.method}: {call.path[:200]}). {NOTICE}")


def _make_fault(status: int) -> ApiError:
    """Return the error that a fault wants."""
    type = "api_error" if status >= 500 else "invalid_request_error"
    code = {409: "lock_timeout", 429: "rate_limit"}.get(status)
    return ApiError(status, "A fault that was asked of Local Stripe.", type=type, code=code)
