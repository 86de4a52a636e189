"""The addresses of share-cards: both buttons of their owner, and the page that everybody who has the link sees."""

import re
import uuid
from dataclasses import dataclass, field

import psycopg
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from lab.database.connect import connect
from lab.services.demo_shop.answers import NO_SESSION, html, read_form, refuse, refuse_foreign
from lab.services.demo_shop.pages import Pages
from lab.services.demo_shop.sharing import SLOTS, close_card, open_card, read_card, read_question, read_sharing
from lab.services.files import Store, StoreFault

SLUG = re.compile("[0-9a-f]{32}")
NO_CARD = ("No such card", "It was closed, or the link was cut off on its way.", 404)
NOT_OPENED = ("Not shared", "Choose the words on the card from the lists. One card can be open at a time.", 409)


@dataclass(frozen=True, kw_only=True)
class Cards:
    """The answers of these addresses.

    Args:
        database_url: A login that may act as the site's server.
        buyer: Who is signed in; None for a guest.
        pages: The pages.
        store: Where the pictures are.
    """

    database_url: str = field(repr=False)
    buyer: uuid.UUID | None
    pages: Pages
    store: Store

    def routes(self) -> list[Route]:
        """Return the addresses."""
        return [
            Route("/share", self.open, methods=["POST"]),
            Route("/unshare", self.close, methods=["POST"]),
            Route("/card/{slug}.png", self.send_picture),
            Route("/card/{slug}", self.show),
        ]

    async def open(self, request: Request) -> Response:
        """Open a card with the words that its owner chose."""
        if refused := refuse_foreign(self.pages, request):
            return refused
        form = await read_form(request)
        return await run_in_threadpool(self._open, form)

    async def close(self, request: Request) -> Response:
        """Close a card."""
        if refused := refuse_foreign(self.pages, request):
            return refused
        form = await read_form(request)
        return await run_in_threadpool(self._close, form.get("session", ""))

    def _open(self, form: dict[str, str]) -> Response:
        session = form.get("session", "")
        with connect(self.database_url) as connection:
            reading = read_sharing(connection, session, self.buyer)
            if reading is None or self.buyer is None:
                return refuse(self.pages, *NO_SESSION)
            notice, _ = read_question(connection)
            words = {slot: form.get(slot, "") for slot in SLOTS}
            try:
                open_card(connection, reading, self.buyer, notice, words)
            except psycopg.IntegrityError:
                return refuse(self.pages, *NOT_OPENED)
        return RedirectResponse(f"/thanks?session={session}", 303)

    def _close(self, session: str) -> Response:
        with connect(self.database_url) as connection:
            reading = read_sharing(connection, session, self.buyer)
            if reading is None or self.buyer is None:
                return refuse(self.pages, *NO_SESSION)
            if reading["artifact"]:
                close_card(connection, self.buyer, reading["artifact"])
        return RedirectResponse(f"/thanks?session={session}", 303)

    def show(self, request: Request) -> Response:
        """Show a card to whoever has the link."""
        slug = request.path_params["slug"]
        with connect(self.database_url) as connection:
            card = read_card(connection, slug) if SLUG.fullmatch(slug) else None
        return html(self.pages.card(card | {"slug": slug})) if card else refuse(self.pages, *NO_CARD)

    def send_picture(self, request: Request) -> Response:
        """Send the picture of an open card. The consent is checked for each answer, and no cache may keep one."""
        slug = request.path_params["slug"]
        with connect(self.database_url) as connection:
            card = read_card(connection, slug) if SLUG.fullmatch(slug) else None
        try:
            content = self.store.get(card["storage_path"]) if card and card["storage_path"] else None
        except StoreFault:
            content = None
        if content is None:
            return refuse(self.pages, *NO_CARD)
        return Response(content, media_type="image/png", headers={"Cache-Control": "no-store"})
