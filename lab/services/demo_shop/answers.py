"""What every address of the demo shop shares: headers, refusals, and the reading of a form."""

from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from lab.services.demo_shop.pages import Pages

MOST_BYTES = 2_000
NO_SESSION = ("No such purchase", "Stripe does not know this Checkout session.", 404)
# Own styles and the mark, no script. A form leads on to Local Stripe, so `form-action` is left open.
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
}


def html(text: str, status: int = 200) -> Response:
    """Return a page as an answer."""
    return HTMLResponse(text, status, HEADERS)


def refuse(pages: Pages, title: str, text: str, status: int) -> Response:
    """Return a refusal in our words."""
    return html(pages.message(title, text), status)


def refuse_foreign(pages: Pages, request: Request) -> Response | None:
    """Return the refusal of a form that another site sent; None for one of this shop."""
    if request.headers.get("origin", request.url.netloc).rpartition("/")[2] != request.url.netloc:
        return refuse(pages, "Not accepted", "Forms are accepted from this shop alone.", 403)
    return None


async def read_form(request: Request) -> dict[str, str]:
    """Return the first value of each field of a form; of a longer one those at its beginning."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            break
    return {name: values[0] for name, values in parse_qs(body[:MOST_BYTES].decode(errors="replace")).items()}
