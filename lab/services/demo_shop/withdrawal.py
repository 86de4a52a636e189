"""The addresses of the right of withdrawal: both steps of the button, and the documents that a buyer keeps."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import psycopg
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from lab.database.connect import connect
from lab.services.billing.withdrawal import confirm_withdrawal, read_document, state_withdrawal
from lab.services.demo_shop.answers import NO_SESSION, html, read_form, refuse, refuse_foreign
from lab.services.demo_shop.pages import Pages
from lab.services.demo_shop.reading import Row, read_right
from lab.services.demo_shop.right import explain_right

Step = Callable[[psycopg.Connection[Any], uuid.UUID, uuid.UUID | None], object]
FILE_NAMES = {"waiver": "confirmation", "withdrawal": "acknowledgement"}
REFUSED = ("22", "23", "P0")  # the classes of SQLSTATEs with which the database refuses a step


@dataclass(frozen=True, kw_only=True)
class Withdrawal:
    """The answers of these addresses.

    Args:
        database_url: A login that may act as the site's server.
        buyer: Who buys; None for a guest.
        pages: The pages.
    """

    database_url: str
    buyer: uuid.UUID | None
    pages: Pages

    def routes(self) -> list[Route]:
        """Return the addresses."""
        return [
            Route("/withdraw", self.show),
            Route("/withdraw", self.state, methods=["POST"]),
            Route("/withdraw/confirm", self.confirm, methods=["POST"]),
            Route("/document", self.download),
        ]

    def show(self, request: Request) -> Response:
        """Show what is confirmed by the second step."""
        session = request.query_params.get("session", "")
        with connect(self.database_url) as connection:
            row = read_right(connection, session)
        if row is None:
            return refuse(self.pages, *NO_SESSION)
        right = explain_right(row)
        if not (right and right.open and row["stated_at"]):
            return _lead("/thanks", session)
        return html(self.pages.withdraw(row))

    async def state(self, request: Request) -> Response:
        """Take the first step, and lead on to the second."""
        return await self._take(request, state_withdrawal, "/withdraw")

    async def confirm(self, request: Request) -> Response:
        """Take the second step, and lead on to the acknowledgement."""
        return await self._take(request, confirm_withdrawal, "/thanks")

    async def _take(self, request: Request, step: Step, then: str) -> Response:
        if refused := refuse_foreign(self.pages, request):
            return refused
        session = (await read_form(request)).get("session", "")
        return await run_in_threadpool(self._answer, session, step, then)

    def _answer(self, session: str, step: Step, then: str) -> Response:
        with connect(self.database_url) as connection:
            row = read_right(connection, session)
            if row is None:
                return refuse(self.pages, *NO_SESSION)
            if not self._accepts(connection, step, row):
                return refuse(self.pages, "No withdrawal", "The period is over, or the right was given up.", 409)
        return _lead(then, session)

    def _accepts(self, connection: psycopg.Connection[Any], step: Step, row: Row) -> bool:
        """Take a step; return False if the database refuses it."""
        try:
            step(connection, row["id"], self.buyer)
        except psycopg.Error as error:
            if (error.sqlstate or "")[:2] not in REFUSED:
                raise
            return False
        return True

    def download(self, request: Request) -> Response:
        """Send a document as a file, with the bytes whose hash is on record."""
        session, kind = (request.query_params.get(name, "") for name in ("session", "kind"))
        with connect(self.database_url) as connection:
            document = read_document(connection, session, kind)
        if document is None:
            return refuse(self.pages, "No such document", "This purchase has no document of this kind.", 404)
        name = f"{FILE_NAMES[document.kind]}-{document.given_at:%Y-%m-%d}.txt"
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
        return Response(document.body.encode(), media_type="text/plain; charset=utf-8", headers=headers)


def _lead(path: str, session: str) -> Response:
    return RedirectResponse(f"{path}?session={session}", 303)  # the session's form was checked: it has a purchase
