"""Receives what the e-mail provider reports: addresses that bounced or complained get no more e-mail.

As an application of its own: `uvicorn --factory lab.services.delivery.bounces:make_app`.
"""

import os
import re
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import psycopg
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lab.database.connect import DatabaseUnavailable, connect
from lab.services.acting import acting_as_server
from lab.services.mail import NotAccepted, Suppression, read_resend_event
from lab.text.errors import LabError

PATH = "/webhooks/email"
MOST_BYTES = 256_000
SECRET_VARIABLE, DATABASE_VARIABLE = "EMAIL_WEBHOOK_SECRET", "DATABASE_URL"
_KEEP = """
insert into public.email_suppressions (address_sha256, reason, provider_code) values (%s, %s, %s)
on conflict (address_sha256) do nothing
"""


class BounceSettingsUnusable(LabError):
    """The receiver of bounces cannot start; says which variable is missing, and shows no value."""


@dataclass(frozen=True, kw_only=True)
class BounceSettings:
    """What the receiver works with.

    Args:
        url: The database's URL; its login may act as the site's server.
        secrets: The secrets of the webhook; during a rotation the old and the new one.
    """

    url: str = field(repr=False)
    secrets: tuple[str, ...] = field(repr=False)


def keep_suppressions(connection: psycopg.Connection[Any], found: Iterable[Suppression]) -> int:
    """Keep addresses that get no more e-mail; return how many are new.

    Args:
        connection: One without an open transaction, whose login may act as the site's server.
        found: The addresses, as hashes.
    """
    with acting_as_server(connection):
        values = [(one.address_sha256, one.reason, one.provider_code) for one in found]
        return sum(connection.execute(_KEEP, value).rowcount for value in values)


def make_bounce_receiver(settings: BounceSettings, *, clock: Callable[[], float] = time.time) -> Starlette:
    """Make the application. It answers 200 only after the commit, so that the provider reports again until then.

    Args:
        settings: The database and the secrets.
        clock: Returns seconds since 1970.
    """

    async def receive(request: Request) -> Response:
        body = await _read(request)
        if body is None:
            return _refuse("too_large", 413)
        try:
            found = read_resend_event(body, dict(request.headers), secrets=settings.secrets, now=clock())
        except NotAccepted as reason:
            return _refuse(reason.code, 400)
        try:
            return JSONResponse({"kept": await run_in_threadpool(_keep, settings.url, found)})
        except (DatabaseUnavailable, psycopg.Error):
            return _refuse("database_unavailable", 503)

    return Starlette(routes=[Route(PATH, receive, methods=["POST"])])


def make_app() -> Starlette:
    """Make the application with the settings of the environment; end the process when they cannot be used."""
    try:
        return make_bounce_receiver(read_bounce_settings(os.environ))
    except BounceSettingsUnusable as error:
        raise SystemExit(f"error: {error}") from None


def read_bounce_settings(variables: Mapping[str, str]) -> BounceSettings:
    """Read the settings from the environment.

    Raises:
        BounceSettingsUnusable: One is missing.
    """
    missing = [name for name in (SECRET_VARIABLE, DATABASE_VARIABLE) if not variables.get(name, "").strip()]
    if missing:
        raise BounceSettingsUnusable(", ".join(missing), "is missing or empty", "Set it")
    secrets = tuple(re.split(r"[,\s]+", variables[SECRET_VARIABLE].strip(", \t\r\n")))
    return BounceSettings(url=variables[DATABASE_VARIABLE].strip(), secrets=secrets)


def _keep(url: str, found: tuple[Suppression, ...]) -> int:
    if not found:
        return 0
    with connect(url) as connection:
        return keep_suppressions(connection, found)


async def _read(request: Request) -> bytes | None:
    """Return the body; None for one that is too large."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            return None
    return body


def _refuse(code: str, status: int) -> Response:
    return JSONResponse({"error": code}, status)
