"""Runs the app as a child process while a block runs."""

import contextlib
import http.client
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping

from lab.services.serving import HOST, listen
from lab.text.errors import LabError
from lab.text.product_files import APP, HOME_VARIABLE, home_folder

START_SECONDS, END_SECONDS = 60.0, 10.0
_NOT_PASSED_ON = {"DATABASE_URL", "STRIPE_WEBHOOK_SECRET"}  # the app shows the embedded database, and receives nothing


class AppEnded(LabError):
    """The app ended, or did not start in time."""


def find_port() -> int:
    """Return a free port."""
    with listen(0) as listener:
        return int(listener.getsockname()[1])


@contextlib.contextmanager
def run_app(port: int, settings: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """Run the app as a child process; begin when it answers, and end it with the block.

    Args:
        port: Where it listens.
        settings: Variables that it gets in addition to this process's own.
    """
    options = ["--server.address", HOST, "--server.port", str(port), "--server.headless", "true"]
    command = [sys.executable, "-m", "streamlit", "run", str(APP), *options]
    environment = {name: value for name, value in os.environ.items() if name not in _NOT_PASSED_ON}
    environment |= settings
    environment[HOME_VARIABLE] = str(home_folder().resolve())
    app = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        _wait_for_answer(app, port)
        yield app
    finally:
        app.terminate()
        try:
            app.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            app.kill()
            app.wait()


def _wait_for_answer(app: subprocess.Popen[bytes], port: int) -> None:
    end = time.monotonic() + START_SECONDS
    while app.poll() is None and time.monotonic() < end:
        if _answers(port):
            return
        time.sleep(0.1)
    raise AppEnded("The app", f"It does not answer at {HOST}:{port}", "Read its messages above, and run it again")


def _answers(port: int) -> bool:
    client = http.client.HTTPConnection(HOST, port, timeout=2)
    with contextlib.closing(client), contextlib.suppress(OSError, http.client.HTTPException):
        client.request("GET", "/_stcore/health")
        return client.getresponse().status == 200
    return False
