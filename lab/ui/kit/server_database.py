"""The database behind the pages. It starts in the background, so no page waits for it."""

import atexit
import gc
import logging
import os
from datetime import UTC, datetime
from threading import Lock, Thread
from typing import Any, Literal

import streamlit as st

from lab.text.errors import LabError

log = logging.getLogger(__name__)
State = Literal["starting", "ready", "unavailable"]


class ServerDatabase:
    """One database for all sessions: starting, then ready or unavailable. It starts again if its process is killed.

    Attributes:
        state: Where it stands.
        steps: What was done so far, for people.
        reason: Why it is unavailable, with the next step; holds no URL and no password.
        name: How people know the database.
        url: Where it is, once it is ready; never shown on a page.
        notice: A sentence about its last restart, or an empty text.
    """

    def __init__(self) -> None:
        self.state: State = "starting"
        self.steps: list[str] = []
        self.reason = ""
        self.name = ""
        self.url = ""
        self.notice = ""
        self._target: Any = None
        self._watching = Lock()

    def watch(self) -> None:
        """Start the embedded database again if its process has ended."""
        with self._watching:
            embedded = getattr(self._target, "embedded", None)
            if self.state != "ready" or embedded is None or embedded.alive:
                return
            self.steps[:] = ["The embedded database has stopped"]
            self.state = "starting"
        self.notice = f"The embedded database had stopped, and was started again at {datetime.now(UTC):%H:%M} UTC."
        self.start()

    def start(self) -> None:
        """Bring the database up in the background; pages read the state meanwhile."""
        Thread(target=self._bring_up, name="database", daemon=True).start()

    def close(self) -> None:
        """Stop the embedded database, if this process runs it."""
        embedded = getattr(self._target, "embedded", None)
        if embedded is not None:
            self._target = None
            embedded.stop()

    def _bring_up(self) -> None:
        try:
            self._open()
            self.state = "ready"
        except Exception as error:  # the thread's last stand: whatever it is, a page must say so
            self.reason = _explain(error)
            self.state = "unavailable"

    def _open(self) -> None:
        from lab.database.connect import open_target, resolve_url  # slow to import: the first page must not wait for it

        url = resolve_url(None, os.environ)
        self._target = open_target(url, self.steps.append)
        self.name = self._target.name
        if url is None:
            from lab.migrations.demo import prepare_demo

            prepare_demo(self._target.url, self.steps.append)
        self.url = self._target.url


def _explain(error: Exception) -> str:
    """Pass on what was written for people; of anything else only its kind, for it may quote a URL."""
    if isinstance(error, LabError):
        return str(error)
    log.warning("the database could not be brought up: %s", type(error).__name__)
    return (
        f"The database could not be prepared: {type(error).__name__}. "
        "Run “python -m lab demo” in a terminal to see the reason."
    )


@st.cache_resource(show_spinner=False, on_release=ServerDatabase.close)
def open_server_database() -> ServerDatabase:
    """Open this server's one database; the first page that is drawn starts it."""
    gc.freeze()  # what was imported stays for good: collections need not look at it on every run
    database = ServerDatabase()
    atexit.register(database.close)
    database.start()
    return database
