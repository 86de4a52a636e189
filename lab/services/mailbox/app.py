"""The pages of a mailbox: what was received, and each message with its headers and both of its forms."""

from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Route

from lab.services.look import MARK, open_templates
from lab.services.mailbox.letters import MOST_KEPT, Letter, Letters

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; frame-src 'self';"
    " frame-ancestors 'none'; form-action 'none'; base-uri 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
# A message runs no script, loads nothing from elsewhere, and can do no more than open a link in a window of its own.
_MESSAGE_HEADERS = _HEADERS | {
    "Content-Security-Policy": "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none';"
    " style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; form-action 'none'; base-uri 'none'"
}


def make_app(letters: Letters, smtp_address: str) -> Starlette:
    """Make the application.

    Args:
        letters: The messages.
        smtp_address: Host and port at which they are received.
    """
    views = _Views(letters, smtp_address)
    routes = [
        Route("/", views.show_all),
        Route("/messages/{number:int}", views.show_one),
        Route("/messages/{number:int}/html", views.show_html),
        Route("/mark.svg", lambda _: FileResponse(MARK)),
    ]
    hosts = Middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"])
    return Starlette(routes=routes, middleware=[hosts])


class _Views:
    """The answer of each address."""

    def __init__(self, letters: Letters, smtp_address: str) -> None:
        self._letters = letters
        self._templates = open_templates(
            Path(__file__).parent / "templates", smtp_address=smtp_address, most_kept=MOST_KEPT
        )

    def show_all(self, _: Request) -> Response:
        """Show what was received, the newest first."""
        return self._draw("letters.html", letters=self._letters.all()[::-1])

    def show_one(self, request: Request) -> Response:
        """Show a message."""
        letter = self._find(request)
        return self._draw("letter.html", letter=letter) if letter else self._draw("missing.html", 404)

    def show_html(self, request: Request) -> Response:
        """Show the HTML of a message alone, for the frame in its page."""
        letter = self._find(request)
        return HTMLResponse(letter.words("html") if letter else "", 200 if letter else 404, _MESSAGE_HEADERS)

    def _find(self, request: Request) -> Letter | None:
        return self._letters.find(request.path_params["number"])

    def _draw(self, name: str, status: int = 200, **values: Any) -> Response:
        return HTMLResponse(self._templates.get_template(name).render(values), status, _HEADERS)
