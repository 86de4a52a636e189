"""What runs while a block does: a web application in a thread, and the app as a child process."""

import contextlib
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator

import uvicorn
from starlette.types import ASGIApp

from lab.services.local_stripe import PortTaken
from lab.text.errors import LabError
from lab.text.product_files import APP, HOME_VARIABLE, home_folder

HOST = "127.0.0.1"
START_SECONDS, END_SECONDS = 60.0, 10.0
_NOT_PASSED_ON = {"DATABASE_URL", "STRIPE_WEBHOOK_SECRET"}  # the app shows the embedded database, and receives nothing


class AppEnded(LabError):
    """The app ended, or did not start in time."""


def listen(port: int) -> socket.socket:
    """Listen on this machine alone; 0 is a free port.

    Raises:
        PortTaken: The port is not free.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
        listener.listen()
    except (OSError, OverflowError):
        listener.close()
        raise PortTaken(f"Port {port} of {HOST}", "It is not free", "Choose another one, or 0 for any") from None
    return listener


def find_port() -> int:
    """Return a port on which nobody listens."""
    with listen(0) as listener:
        return int(listener.getsockname()[1])


@contextlib.contextmanager
def serve(app: ASGIApp, listener: socket.socket) -> Iterator[None]:
    """Serve an application in a thread."""
    config = uvicorn.Config(
        app, lifespan="off", ws="none", log_config=None, access_log=False, timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listener],), name="demo-shop", daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()


@contextlib.contextmanager
def run_app(port: int) -> Iterator[subprocess.Popen[bytes]]:
    """Run the app as a child process; begin when it answers, and end it with the block."""
    options = ["--server.address", HOST, "--server.port", str(port), "--server.headless", "true"]
    command = [sys.executable, "-m", "streamlit", "run", str(APP), *options]
    environment = {name: value for name, value in os.environ.items() if name not in _NOT_PASSED_ON}
    environment[HOME_VARIABLE] = str(home_folder().resolve())
    app = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        _wait_for_answer(app, f"http://{HOST}:{port}/_stcore/health")
        yield app
    finally:
        app.terminate()
        try:
            app.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            app.kill()
            app.wait()


def _wait_for_answer(app: subprocess.Popen[bytes], url: str) -> None:
    end = time.monotonic() + START_SECONDS
    while app.poll() is None and time.monotonic() < end:
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=2):  # noqa: S310
            return
        time.sleep(0.1)
    raise AppEnded("The app", f"It does not answer at {url}", "Read its messages above, and run the command again")
