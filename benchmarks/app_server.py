"""Runs an app under `streamlit run`, and speaks its websocket protocol as a browser does."""

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

PROJECT = Path(__file__).parents[1]
PATIENCE = 120.0
"""Seconds to wait for a server or for the end of a script's run."""


@dataclass(frozen=True, kw_only=True)
class Run:
    """One run of a script: from the request to its end."""

    seconds: float
    messages: int
    received_bytes: int


@contextlib.contextmanager
def serve(script: Path, environment: Mapping[str, str] | None = None) -> Iterator[int]:
    """Serve a script with the project's own settings; yield the port at once, before the server answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = ["--server.port", str(port), "--server.address", "127.0.0.1", "--server.headless", "true"]
    command = [sys.executable, "-m", "streamlit", "run", str(script), *address]
    paths = os.pathsep.join(filter(None, (str(PROJECT), os.environ.get("PYTHONPATH"))))
    settings = {**os.environ, "PYTHONPATH": paths, **(environment or {})}
    with tempfile.TemporaryFile() as log:
        server = subprocess.Popen(command, cwd=PROJECT, env=settings, stdout=log, stderr=log)
        try:
            yield port
        finally:
            server.terminate()
            server.wait(timeout=30)


_WITH_EMPTY_PAGE = """
import runpy
from pathlib import Path

from benchmarks.replay import record, replay
from lab.ui import navigation

if {records!r} and not hasattr(record, "began"):
    record.began = record()

if __name__ == "__main__" and not replay():
    entry = navigation.PageEntry(title="Empty", icon=":material/crop_square:", help="", folder=Path({folder!r}))
    navigation.SECTIONS["Benchmark"] = (entry,)
    runpy.run_path({app!r}, run_name="__main__")
elif __name__ != "__main__":  # served as the app is, with its style on the first page
    import streamlit as st
    from starlette.middleware import Middleware

    from lab.services.first_page import FirstPage

    app = st.App(__file__, middleware=[Middleware(FirstPage)])
"""


@contextlib.contextmanager
def serve_with_empty_page(text: str = "", *, records: bool = False) -> Iterator[int]:
    """Serve the app with a further page, `empty`, that draws the frame of every page, and a text of Python.

    Args:
        text: Of that page.
        records: Whether each session's runs are kept, so that they can be replayed without the pages' logic.
    """
    with tempfile.TemporaryDirectory() as folder:
        page, script = Path(folder) / "empty.py", Path(folder) / "app.py"
        page.write_text(text)
        script.write_text(_WITH_EMPTY_PAGE.format(folder=folder, app=str(PROJECT / "app.py"), records=records))
        with serve(script) as port:
            yield port


@contextlib.contextmanager
def serve_empty() -> Iterator[int]:
    """Serve a script that does nothing: the floor."""
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "empty.py"
        script.write_text("")
        with serve(script) as port:
            yield port


def wait_healthy(port: int) -> None:
    """Wait until a server reports that it is healthy.

    Raises:
        TimeoutError: It was not healthy within PATIENCE seconds.
    """
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        with contextlib.suppress(urllib.error.URLError, ConnectionError):
            if urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=5).status == 200:
                return
        time.sleep(0.01)
    raise TimeoutError(f"the server on port {port} did not become healthy within {PATIENCE:g} s")


@contextlib.contextmanager
def open_session(port: int) -> Iterator[ClientConnection]:
    """Open one visitor's session."""
    address = f"ws://127.0.0.1:{port}/_stcore/stream"
    with connect(address, subprotocols=[Subprotocol("streamlit")], max_size=None, compression=None) as session:
        yield session


def rerun(session: ClientConnection, query: str = "", page: str = "") -> Run:
    """Start a run of the script, as a click does, and wait for its end.

    Raises:
        RuntimeError: The script ended with an error.
    """
    request = BackMsg()
    request.rerun_script.query_string = query
    request.rerun_script.page_name = page
    start, messages, received = time.perf_counter(), 0, 0
    session.send(request.SerializeToString())
    while True:
        data = session.recv(timeout=PATIENCE)
        messages, received = messages + 1, received + len(data)
        answer = ForwardMsg.FromString(data if isinstance(data, bytes) else data.encode())
        if answer.WhichOneof("type") == "delta" and answer.delta.new_element.WhichOneof("type") == "exception":
            raise RuntimeError(f"the page failed: {answer.delta.new_element.exception.type}")
        if answer.WhichOneof("type") == "script_finished":
            return Run(seconds=time.perf_counter() - start, messages=messages, received_bytes=received)
