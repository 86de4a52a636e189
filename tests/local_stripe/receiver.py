"""A shop's webhook endpoint, which keeps what comes and checks signatures with the official client alone."""

import contextlib
import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import stripe


@dataclass
class Receiver:
    """What came, oldest first, and how the next deliveries are answered.

    `answers` holds statuses; a redirect leads back to the receiver. A negative number is seconds of silence at most,
    which `speak` ends.
    """

    url: str = ""
    received: list[tuple[bytes, str]] = field(default_factory=list)
    answers: deque[float] = field(default_factory=deque)
    paths: list[str] = field(default_factory=list)
    speak: threading.Event = field(default_factory=threading.Event)

    def events(self, *secrets: str) -> list[stripe.Event]:
        """Return what came as events; each must be signed with one of the secrets."""
        return [verify(body, header, *secrets) for body, header in self.received]

    def types(self, *secrets: str) -> list[str]:
        return [event.type for event in self.events(*secrets)]


def verify(body: bytes, header: str, *secrets: str) -> stripe.Event:
    """Return the event of a delivery.

    Raises:
        stripe.SignatureVerificationError: No secret fits.
    """
    first, *others = secrets
    try:
        event: stripe.Event = stripe.Webhook.construct_event(body, header, first)
    except stripe.SignatureVerificationError:
        if not others:
            raise
        return verify(body, header, *others)
    return event


@contextlib.contextmanager
def receive() -> Iterator[Receiver]:
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.paths.append(self.path)
            receiver.received.append((body, self.headers["Stripe-Signature"]))
            answer = receiver.answers.popleft() if receiver.answers else 200
            if answer < 0:
                receiver.speak.wait(-answer)
            with contextlib.suppress(OSError):  # the sender did not wait
                self.send_response(int(answer) if answer > 0 else 200)
                self.send_header("Location", f"{receiver.url}/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

        def log_message(self, format: str, *arguments: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        receiver.url = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield receiver
        server.shutdown()
