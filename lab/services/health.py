"""What a monitor asks of the running app: is it well, and a few numbers for Prometheus. Nothing names a target."""

import resource
import sys
import time
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

_STARTED = time.monotonic()
# Looked up and never imported: an import of the app's parts before the first page changes Streamlit's mode.
_DATABASE, _RUNTIME = "lab.ui.kit.server_database", "streamlit.runtime"
_HELP = {
    "lab_up": ("gauge", "1 while the app answers."),
    "lab_uptime_seconds": ("gauge", "Seconds since the app was started."),
    "lab_sessions": ("gauge", "Browser windows that are connected."),
    "lab_database_ready": ("gauge", "1 while the app's own database is ready."),
    "lab_memory_peak_bytes": ("gauge", "Most resident memory of the app so far."),
}


def make_health_routes() -> list[Route]:
    """Return the routes `/health` and `/metrics`."""
    return [Route("/health", _tell_health), Route("/metrics", _tell_metrics)]


def _tell_health(request: Request) -> Response:
    """Answer 200 while the app is well, and 503 while its own database is not available."""
    database = find_database_state()
    well = database != "unavailable"
    return JSONResponse(
        {"status": "ok" if well else "unavailable", "database": database}, status_code=200 if well else 503
    )


def _tell_metrics(request: Request) -> Response:
    numbers = {
        "lab_up": 1,
        "lab_uptime_seconds": round(time.monotonic() - _STARTED),
        "lab_sessions": count_sessions(),
        "lab_database_ready": int(find_database_state() == "ready"),
        "lab_memory_peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }
    lines = (
        f"# HELP {name} {_HELP[name][1]}\n# TYPE {name} {_HELP[name][0]}\n{name} {value}\n"
        for name, value in numbers.items()
    )
    return PlainTextResponse("".join(lines), media_type="text/plain; version=0.0.4")


def find_database_state() -> str:
    """Return the state of the app's own database; "not started" before the first page."""
    module: Any = sys.modules.get(_DATABASE)
    return str(module.open_server_database().state) if module else "not started"


def count_sessions() -> int:
    """Return how many browser windows are connected."""
    module: Any = sys.modules.get(_RUNTIME)
    if module is None or not module.exists():
        return 0
    return len(module.get_instance()._session_mgr.list_active_sessions())
