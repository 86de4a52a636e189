"""A small HTTP server that answers as it is told, also by closing the connection or by saying nothing."""

import contextlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal


@dataclass(frozen=True)
class Reply:
    """What the server does with one request; `body` is JSON unless it is bytes."""

    status: int = 200
    body: Any = field(default_factory=lambda: {"id": "49a3999c-0ce1-4ea6-ab68-afcd6dc2e794"})
    headers: dict[str, str] = field(default_factory=dict)
    does: Literal["answer", "close", "half", "wait"] = "answer"


class Api(ThreadingHTTPServer):
    """Records requests, and answers with the next reply."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.replies: list[Reply] = []
        self.requests: list[tuple[str, dict[str, str], Any]] = []
        self.ended = threading.Event()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    """Handles one request."""

    server: Api

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.server.requests.append((self.path, {k.lower(): v for k, v in self.headers.items()}, body))
        reply = self.server.replies.pop(0) if self.server.replies else Reply()
        self.close_connection = True
        if reply.does == "wait":
            self.server.ended.wait(20)
        elif reply.does != "close":
            self._answer(reply)

    def _answer(self, reply: Reply) -> None:
        body = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
        self.send_response(reply.status)
        for name, value in {"content-length": str(len(body)), **reply.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if reply.does == "half" else body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextlib.contextmanager
def serve_api() -> Iterator[Api]:
    """Serve until the block ends."""
    with Api() as api:
        thread = threading.Thread(target=api.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield api
        finally:
            api.ended.set()
            api.shutdown()
            thread.join()
