"""The first page of every visit has our title and style; every other answer passes unchanged."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from lab.services.first_page import STYLE, FirstPage

PAGE = "<html><head><title>Streamlit</title></head><body><div>" + "x" * 2000 + "</div></body></html>"
BROWSER = {"Accept": "text/html,*/*", "Accept-Encoding": "gzip"}


def answer(request: Request) -> Response:
    match request.path_params["path"]:
        case "text":
            return PlainTextResponse(PAGE)
        case "parts":
            return StreamingResponse(iter([PAGE[:30], PAGE[30:]]), media_type="text/html")
        case _:
            return HTMLResponse(PAGE, headers={"ETag": "old", "Cache-Control": "no-cache"})


MIDDLEWARE = [Middleware(FirstPage), Middleware(GZipMiddleware)]
APP = Starlette(routes=[Route("/{path}", answer, methods=["GET", "POST"])], middleware=MIDDLEWARE)


def ask(path: str, headers: dict[str, str], method: str = "GET") -> httpx.Response:
    async def send() -> httpx.Response:
        transport: Any = httpx.ASGITransport(app=APP)
        async with httpx.AsyncClient(transport=transport, base_url="http://lab") as client:
            return await client.request(method, path, headers=headers)

    with ThreadPoolExecutor(1) as thread:  # in this one the browser of other tests may run its loop
        return thread.submit(lambda: asyncio.run(send())).result()


@pytest.mark.parametrize("path", ["/schema", "/parts"])
def test_a_page_has_title_style_and_place(path: str) -> None:
    found = ask(path, BROWSER)
    assert "<title>Persistence lab</title><script>window.__streamlit" in found.text
    assert f"<body><style>{STYLE.read_text()}</style><div>" in found.text
    assert found.text.endswith("</div></body></html>")
    assert int(found.headers["content-length"]) == len(found.content)
    assert "etag" not in found.headers


def test_what_is_no_page_passes_unchanged() -> None:
    assert ask("/text", BROWSER).text == PAGE
    assert ask("/schema", {"Accept": "application/json"}).text == PAGE
    assert ask("/schema", BROWSER, "POST").text == PAGE
    assert ask("/schema", {"Accept": "*/*", "Accept-Encoding": "gzip"}).headers["etag"] == "old"


def test_the_style_cannot_end_its_own_element() -> None:
    assert "</" not in STYLE.read_text()
