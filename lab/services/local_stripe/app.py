"""The web application: the API under /v1, the Checkout page, and the control page and its API under /_local."""

import asyncio
import json
from collections.abc import Callable
from typing import Any, cast
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from lab.services.local_stripe import pages
from lab.services.local_stripe.actions import act
from lab.services.local_stripe.api import Api
from lab.services.local_stripe.calls import Answer, Call
from lab.services.local_stripe.errors import ApiError, Thing
from lab.services.local_stripe.faults import WrongFault, read_fault
from lab.services.local_stripe.store import Store

_MOST_BYTES = 1_000_000
_METHODS = ["GET", "POST", "DELETE", "PUT", "PATCH"]
# Own styles in a page, no script at all. Forms may lead to the shop, which the redirect after paying is.
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "Cache-Control": "no-store", "Referrer-Policy": "same-origin",
}  # fmt: skip


def make_app(store: Store) -> Starlette:
    """Return the application of a store."""
    views = _Views(store)
    routes = [
        Route("/", lambda _: RedirectResponse("/_local/")),
        Route("/c/pay/{id}", views.checkout, methods=["GET", "POST"]),
        Route("/_local/", views.control),
        Route("/_local/faults", views.faults, methods=["GET", "POST", "DELETE"]),
        Route("/_local/deliveries", views.deliveries),
        Route("/_local/{name}/{id:path}", views.act, methods=["POST"]),
        Route("/{path:path}", views.api, methods=_METHODS),
    ]
    hosts = Middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost", "[::1]"])
    return Starlette(routes=routes, middleware=[hosts], exception_handlers={ApiError: _refuse})


def _refuse(_: Request, refusal: Exception) -> Response:
    """Answer a request that could not be read."""
    known = cast(ApiError, refusal)  # it is registered for this class alone
    return JSONResponse(known.body(), known.status)


def _html(text: str, status: int = 200) -> Response:
    return HTMLResponse(text, status, _HEADERS)


class _Views:
    """The answers to each address. The store's lock is held for moments, so that none of them waits for it."""

    def __init__(self, store: Store) -> None:
        self._store, self._api = store, Api(store)

    async def api(self, request: Request) -> Response:
        """Answer a call of the API; a fault may delay the answer, or close the connection in its place."""
        answer = self._api.answer(await _read_call(request))
        await _apply_faults(request, answer)
        return Response(answer.body, answer.status, answer.headers, "application/json")

    async def checkout(self, request: Request) -> Response:
        """Show the page of a session, or pay by its form and go back to the shop."""
        id = request.path_params["id"]
        form = await _read_form(request) if request.method == "POST" else None
        with self._store.lock:
            if id not in self._store.objects["checkout/sessions"]:
                return _html(pages.show_missing(), 404)
            if form is None:
                return _html(pages.show_checkout(self._store, id))
            try:
                return RedirectResponse(pages.pay_by_form(self._store, id, form), 303)
            except ApiError as refusal:
                shown = pages.show_checkout(self._store, id, refusal.message, form.get("email", ""))
                return _html(shown, refusal.status)

    async def control(self, request: Request) -> Response:
        """Show the control page."""
        with self._store.lock:
            return _html(pages.show_control(self._store))

    async def act(self, request: Request) -> Response:
        """Do an action; a browser comes back to the control page, and anybody else gets the object."""
        form = await _read_form(request)
        browser = "text/html" in request.headers.get("accept", "")
        try:
            done = act(self._store, request.path_params["name"], request.path_params["id"], form)
        except ApiError as refusal:
            with self._store.lock:
                shown = _html(pages.show_control(self._store, refusal.message), refusal.status)
            return shown if browser else JSONResponse(refusal.body(), refusal.status)
        return RedirectResponse("/_local/", 303) if browser else JSONResponse(done)

    async def faults(self, request: Request) -> Response:
        """List the faults that wait, add one, or forget all."""
        form = await _read_form(request) if request.method == "POST" else {}
        with self._store.lock:
            try:
                if request.method == "POST":
                    self._store.faults.add(read_fault(form))
            except WrongFault as wrong:
                return JSONResponse({"error": {"type": "invalid_request_error", "message": str(wrong)}}, 400)
            if request.method == "DELETE":
                self._store.faults.clear()
            return JSONResponse({"object": "list", "data": self._store.faults.describe()})

    async def deliveries(self, request: Request) -> Response:
        """List the deliveries with their attempts, newest first."""
        with self._store.lock:
            shown = [
                {"event": one.event.id, "type": one.event.type, "endpoint": one.endpoint, "state": one.state,
                 "attempts": list(one.attempts)} for one in reversed(self._store.deliveries)
            ]  # fmt: skip
        return JSONResponse({"object": "list", "data": shown})


async def _apply_faults(request: Request, answer: Answer) -> None:
    """Let a fault delay an answer, or close the connection before it."""
    await asyncio.sleep(answer.wait_seconds)
    if answer.lost:
        cut: Callable[[], Any] = request.state.cut
        cut()


async def _read_call(request: Request) -> Call:
    """Return a request as a call of the API.

    Raises:
        ApiError: It is too big, or no text.
    """
    text = await _read_body(request) if request.method != "GET" else ""
    pairs = parse_qsl(request.url.query, keep_blank_values=True) + parse_qsl(text, keep_blank_values=True)
    headers = {name.lower(): value for name, value in request.headers.items()}
    return Call(method=request.method, path=request.url.path, headers=headers, pairs=pairs)


async def _read_form(request: Request) -> Thing:
    """Return the fields of a form or of JSON. Another site's page may not send one.

    Raises:
        ApiError: It comes from elsewhere, is too big, or cannot be read.
    """
    text = await _read_body(request)
    if request.headers.get("origin", request.url.netloc).rpartition("/")[2] != request.url.netloc:
        raise ApiError(403, "Forms are accepted from this site alone.")
    if not request.headers.get("content-type", "").startswith("application/json"):
        return dict(parse_qsl(text))
    try:
        read = json.loads(text or "{}")
    except ValueError:
        read = None
    if not isinstance(read, dict):
        raise ApiError(400, "A JSON object is needed.")
    return {name: str(value) for name, value in read.items()}


async def _read_body(request: Request) -> str:
    """Return a body as text; a big one is not read to its end.

    Raises:
        ApiError: It is too big, or no UTF-8.
    """
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MOST_BYTES:
            raise ApiError(413, f"A request has at most {_MOST_BYTES} bytes.")
    try:
        return body.decode()
    except UnicodeDecodeError:
        raise ApiError(400, "A request must be UTF-8.") from None
