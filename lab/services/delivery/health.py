"""Tells machines whether deliveries work: whether this process lives, whether anything can be delivered, and metrics.

As an application of its own: `uvicorn --factory lab.services.delivery.health:make_app`. No answer holds an id, or
anything personal.
"""

import os
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import psycopg
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from lab.database.connect import DatabaseUnavailable, connect
from lab.database.read_only import QueryFailed
from lab.services.acting import acting_as_server
from lab.services.delivery.metrics import write_metrics
from lab.services.delivery.overview import read_deliveries
from lab.text.errors import LabError

DATABASE_VARIABLE, ENVIRONMENT_VARIABLE = "DATABASE_URL", "DELIVERY_ENVIRONMENT"
SILENT_SECONDS = 60  # six times the period of the most frequent task that every worker can run
ANSWER_SECONDS, KEPT_SECONDS = 3.0, 1.0
METRICS = "text/plain; version=0.0.4; charset=utf-8"
# The database's clock decides, because workers and this process may be on machines whose clocks differ.
_READY = """
select g.fault,
       exists (select from public.scheduled_runs r
                where r.finished_at > now() - make_interval(secs => %(silent)s) or r.lease_until > now()) as alive
from public.delivery_gate(%(environment)s) g
"""


class HealthSettingsUnusable(LabError):
    """The health application cannot start; says which variable is missing, and shows no value."""


@dataclass(frozen=True, kw_only=True)
class HealthSettings:
    """What the application works with.

    Args:
        url: The database's URL; its login may act as the site's server and as an operator.
        environment: Name of the environment in which the workers run.
    """

    url: str = field(repr=False)
    environment: str


def find_fault(settings: HealthSettings) -> str | None:
    """Return why nothing can be delivered now, as a short code; None when it can."""
    try:
        with (
            connect(
                settings.url, statement_timeout_seconds=ANSWER_SECONDS, patience_seconds=ANSWER_SECONDS, read_only=True
            ) as connection,
            acting_as_server(connection),
        ):
            values = {"silent": SILENT_SECONDS, "environment": settings.environment}
            row = connection.execute(_READY.encode(), values).fetchone()
    except (DatabaseUnavailable, psycopg.OperationalError):
        return "database.unavailable"
    except psycopg.Error:
        return "database.refused"
    fault, alive = row or (None, False)
    if fault:
        return f"environment.{fault}"
    return None if alive else "worker.silent"


def make_health(settings: HealthSettings, *, clock: Callable[[], float] = time.monotonic) -> Starlette:
    """Make the application.

    Args:
        settings: The database and the environment.
        clock: Returns seconds that only grow. The database is asked at most once a second, however often others ask.
    """
    views = _Views(settings, clock)
    return Starlette(
        routes=[
            Route("/health", views.live),
            Route("/ready", views.ready),
            Route("/metrics", views.metrics),
        ]
    )


class _Views:
    """The answer of each address. Each runs in a thread."""

    def __init__(self, settings: HealthSettings, clock: Callable[[], float]) -> None:
        self._settings, self._clock, self._lock = settings, clock, threading.Lock()
        self._kept: tuple[float, str | None] | None = None

    def live(self, _: Request) -> Response:
        """Say that this process answers; nothing else is asked."""
        return _answer(200, {"status": "live"})

    def ready(self, _: Request) -> Response:
        """Say whether anything can be delivered now."""
        with self._lock:
            if self._kept is None or self._clock() - self._kept[0] >= KEPT_SECONDS:
                self._kept = self._clock(), find_fault(self._settings)
            fault = self._kept[1]
        return _answer(503, {"status": "unready", "code": fault}) if fault else _answer(200, {"status": "ready"})

    def metrics(self, _: Request) -> Response:
        """Write what operators see of deliveries for Prometheus."""
        try:
            return PlainTextResponse(write_metrics(read_deliveries(self._settings.url)), media_type=METRICS)
        except (DatabaseUnavailable, psycopg.OperationalError):
            return _answer(503, {"code": "database.unavailable"})
        except (QueryFailed, psycopg.Error):
            return _answer(503, {"code": "database.refused"})


def _answer(status: int, told: Mapping[str, str]) -> Response:
    return JSONResponse(dict(told), status, {"Cache-Control": "no-store"})


def make_app() -> Starlette:
    """Make the application with the settings of the environment; end the process when they cannot be used."""
    try:
        return make_health(read_health_settings(os.environ))
    except HealthSettingsUnusable as error:
        raise SystemExit(f"error: {error}") from None


def read_health_settings(variables: Mapping[str, str]) -> HealthSettings:
    """Read the settings from the environment.

    Raises:
        HealthSettingsUnusable: One is missing.
    """
    needed = (DATABASE_VARIABLE, ENVIRONMENT_VARIABLE)
    if missing := [name for name in needed if not variables.get(name, "").strip()]:
        raise HealthSettingsUnusable(", ".join(missing), "is missing or empty", "Set it")
    url, environment = (variables[name].strip() for name in needed)
    return HealthSettings(url=url, environment=environment)
