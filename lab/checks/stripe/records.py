"""Reads the database's records of Stripe's prices, checkouts, payments and events."""

from collections.abc import Sequence
from typing import Any, Protocol

import psycopg
from pydantic import BaseModel, ConfigDict, Field

from lab.text.product_files import SQL

QUERY_FOLDER = SQL / "stripe"


class PurchaseLink(BaseModel):
    """The database's record of a price at Stripe."""

    model_config = ConfigDict(frozen=True)

    price: str = Field(description="Price ID.")
    product: str = Field(description="Product id.")
    amount_minor: int = Field(description="In the currency's smallest unit.")
    currency: str
    livemode: bool
    active: bool = Field(default=True, description="Whether it can be bought: the link and its product are active.")
    product_active: bool = True
    layer: str = Field(default="", description="The layer that the product unlocks.")
    title: str = Field(default="", description="Name of the product in the shop.")
    unlock_route: str = Field(default="", description="Where the buyer is sent after paying.")


class PurchaseState(BaseModel):
    """The state of a purchase in the database, without id and person."""

    model_config = ConfigDict(frozen=True)

    status: str
    refunded_minor: int = 0
    unlocked: bool = False


class PurchaseRecords(Protocol):
    """Looks up records in the database; unknown ids are left out."""

    def sessions(self, ids: Sequence[str]) -> dict[str, PurchaseState]:
        """Return the purchases of checkout sessions."""

    def payments(self, ids: Sequence[str]) -> dict[str, PurchaseState]:
        """Return the purchases of payments."""

    def events(self, ids: Sequence[str]) -> set[str]:
        """Return which events are recorded."""


class DatabaseRecords:
    """Looks up records in the database, by unique indexes and in one round trip for each method. Read-only."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        """Use a connection whose role sees all rows."""
        self._connection = connection

    def sessions(self, ids: Sequence[str]) -> dict[str, PurchaseState]:
        """Return the purchases of checkout sessions."""
        return self._states("sessions", ids)

    def payments(self, ids: Sequence[str]) -> dict[str, PurchaseState]:
        """Return the purchases of payments."""
        return self._states("payments", ids)

    def events(self, ids: Sequence[str]) -> set[str]:
        """Return which events are recorded."""
        return {row[0] for row in _read(self._connection, "events", [list(ids)])}

    def _states(self, query: str, ids: Sequence[str]) -> dict[str, PurchaseState]:
        return {
            id: PurchaseState(status=status, refunded_minor=refunded, unlocked=unlocked)
            for id, status, refunded, unlocked in _read(self._connection, query, [list(ids)])
        }


def read_purchase_links(connection: psycopg.Connection[Any]) -> tuple[PurchaseLink, ...]:
    """Return every link between a Stripe price and the product that it unlocks. Read-only.

    Raises:
        psycopg.Error: The tables are missing, or the role may not read all of their rows.
    """
    rows = _read(connection, "purchase_links", None)
    names = PurchaseLink.model_fields  # in the order of the query's columns
    return tuple(PurchaseLink.model_validate(dict(zip(names, row, strict=True))) for row in rows)


def _read(connection: psycopg.Connection[Any], query: str, values: list[list[str]] | None) -> list[tuple[Any, ...]]:
    """Run a query with `row_security` off: if a policy would hide rows, Postgres reports an error instead."""
    with connection.transaction(force_rollback=True):
        connection.execute("set local row_security = off")
        return connection.execute((QUERY_FOLDER / f"{query}.sql").read_bytes(), values).fetchall()
