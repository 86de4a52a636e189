"""The receiver as an ASGI application of its own: `uvicorn --factory lab.services.billing.asgi:make_app`."""

import os
import time
from collections.abc import Callable

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lab.services.billing.events import Event
from lab.services.billing.mount import PATH
from lab.services.billing.receiver import Receiver
from lab.services.billing.settings import Settings, SettingsUnusable, read_settings


def make_receiver(
    settings: Settings,
    *,
    clock: Callable[[], float] = time.time,
    on_stored: Callable[[Event], object] | None = None,
) -> Starlette:
    """Make the application; `state.receiver` is its receiver. The arguments are those of `Receiver`."""
    receiver = Receiver(settings, clock=clock, on_stored=on_stored)
    app = Starlette(routes=[Route(PATH, receiver, name="webhook"), Route("/healthz", _tell_alive)])
    app.state.receiver = receiver
    return app


def make_app() -> Starlette:
    """Make the application with the settings of the environment; end the process when they cannot be used."""
    try:
        return make_receiver(read_settings(os.environ))
    except SettingsUnusable as error:
        raise SystemExit(f"error: {error}") from None


async def _tell_alive(_: Request) -> Response:
    return JSONResponse({"alive": True})
