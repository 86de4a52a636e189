"""The page that every visit begins with: Streamlit's own, with our title and style from its very first paint.

Streamlit would send the style with the first elements, which then move. It would also ask for its server below each
page's own path first, where there is none.
"""

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lab.text.product_files import PACKAGE

STYLE = PACKAGE / "ui" / "kit" / "style.css"
_TITLE = "Persistence lab"


class FirstPage:
    """Middleware that completes Streamlit's first page and passes everything else on.

    Args:
        app: What it wraps.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        style = STYLE.read_text(encoding="utf-8")
        # A page's path has one part, so what stands before it is where the server is.
        place = 'window.__streamlit = {BACKEND_BASE_URL: new URL(".", location.href).href};'
        # In the body, after all that Streamlit adds to the head.
        self._additions = {
            b"<title>Streamlit</title>": f"<title>{_TITLE}</title><script>{place}</script>".encode(),
            b"<body>": f"<body><style>{style}</style>".encode(),
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http" or not _asks_for_page(scope):
            await self._app(scope, receive, send)
            return
        plain = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
        await self._app({**scope, "headers": plain}, receive, _Completion(self._additions, send))


class _Completion:
    """Sends an answer on; a first page is held back until it is whole, and then completed."""

    def __init__(self, additions: dict[bytes, bytes], send: Send) -> None:
        self._additions, self._send = additions, send
        self._start: Message | None = None
        self._body = b""

    async def __call__(self, message: Message) -> None:
        """Take one part of an answer."""
        if message["type"] == "http.response.start" and _is_page(message):
            self._start = message
        elif self._start is None:
            await self._send(message)
        else:
            self._body += message.get("body", b"")
            if not message.get("more_body"):
                await self._finish(self._start)

    async def _finish(self, start: Message) -> None:
        body = self._body
        for place, addition in self._additions.items():
            body = body.replace(place, addition, 1)
        headers = MutableHeaders(scope=start)
        headers["content-length"] = str(len(body))
        for name in ("etag", "last-modified"):  # they are of the file, and would keep an older style
            del headers[name]
        await self._send(start)
        await self._send({"type": "http.response.body", "body": body})


def _asks_for_page(scope: Scope) -> bool:
    return scope["method"] == "GET" and "text/html" in Headers(scope=scope).get("accept", "")


def _is_page(start: Message) -> bool:
    return MutableHeaders(scope=start).get("content-type", "").startswith("text/html")
