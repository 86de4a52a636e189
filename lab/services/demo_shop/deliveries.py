"""The addresses to which messages lead, and the files. A link has a page with a button, which scanners do not press."""

import re
import uuid
from dataclasses import dataclass, field

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from lab.database.connect import connect
from lab.services.delivery.links import ACCEPT, PATHS
from lab.services.demo_shop.answers import html, refuse
from lab.services.demo_shop.bought import read_file, read_link, read_reading, use_link
from lab.services.demo_shop.pages import Pages
from lab.services.documents import NotRendered, Renderer
from lab.services.files import Store, StoreFault

TOKEN = re.compile("[0-9a-f]{64}")
INVALID = ("This link is not valid", "It has expired, was used before, or was cut off on its way.", 404)
NO_FILE = ("No such file", "It is not ready yet, or belongs to somebody else.", 404)


@dataclass(frozen=True, kw_only=True)
class Deliveries:
    """The answers of these addresses.

    Args:
        database_url: A login that may act as the site's server.
        buyer: Who is signed in; None for a guest.
        pages: The pages.
        store: Where the files are.
        renderer: Renders the page for paper.
    """

    database_url: str = field(repr=False)
    buyer: uuid.UUID | None
    pages: Pages
    store: Store
    renderer: Renderer

    def routes(self) -> list[Route]:
        """Return the addresses."""
        links = [path for purpose, path in PATHS.items() if purpose != ACCEPT]
        return [
            *(Route(f"/{path}/{{token}}", self.show, methods=["GET"]) for path in links),
            *(Route(f"/{path}/{{token}}", self.use, methods=["POST"]) for path in links),
            Route(f"/{PATHS[ACCEPT]}/{{token}}", self.show_gift),
            Route("/files/{artifact:uuid}", self.send_file),
            Route("/print/{artifact:uuid}", self.show_print_view),
        ]

    def show(self, request: Request) -> Response:
        """Show what a link does; nothing happens yet."""
        token = request.path_params["token"]
        with connect(self.database_url) as connection:
            link = read_link(connection, token) if TOKEN.fullmatch(token) else None
        return html(self.pages.link(link[0])) if link else refuse(self.pages, *INVALID)

    async def use(self, request: Request) -> Response:
        """Use a link: by its button, or by the one click of an e-mail program (RFC 8058)."""
        return await run_in_threadpool(self._use, request.path_params["token"])

    def _use(self, token: str) -> Response:
        with connect(self.database_url) as connection:
            used = use_link(connection, token) if TOKEN.fullmatch(token) else None
        if used is None:
            return refuse(self.pages, *INVALID)
        if used["purpose"] == "unsubscribe":
            return html(self.pages.stopped())
        return RedirectResponse(f"/thanks?session={used['session']}" if used["session"] else "/activity", 303)

    def show_gift(self, _: Request) -> Response:
        """Say where a gift is accepted."""
        return html(self.pages.gift())

    def show_print_view(self, request: Request) -> Response:
        """Show a reading as a page for paper. It is made for its owner at each request, and kept nowhere."""
        with connect(self.database_url) as connection:
            reading = read_reading(connection, request.path_params["artifact"], self.buyer) if self.buyer else None
        if reading is None:
            return refuse(self.pages, *NO_FILE)
        try:
            page = self.renderer.render_print_view(reading)
        except NotRendered:
            return refuse(self.pages, *NO_FILE)
        return Response(page.content, media_type=page.media_type, headers={"Cache-Control": "no-store"})

    def send_file(self, request: Request) -> Response:
        """Send a file to its owner, through this address alone: no copy of it stays in a cache."""
        artifact = request.path_params["artifact"]
        with connect(self.database_url) as connection:
            name = read_file(connection, artifact, self.buyer) if self.buyer else None
        try:
            content = self.store.get(name) if name else None
        except StoreFault:
            content = None
        if content is None:
            return refuse(self.pages, *NO_FILE)
        shown = f'inline; filename="reading-{str(artifact)[:8]}.pdf"'
        headers = {"Content-Disposition": shown, "Cache-Control": "no-store"}
        return Response(content, media_type="application/pdf", headers=headers)
