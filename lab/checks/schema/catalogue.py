"""A database as its own catalogue describes it: the rules' side and the live side have one form."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from lab.checks.finding import Unknown

OLDEST = 15  # the oldest major that is checked

# Schemas that the Data API serves unless a project says otherwise.
EXPOSED = ("public", "graphql_public")
# Schemas beside them that it looks names up in, or that the platform lets its roles into: a function there that runs
# as its owner is within reach, as a computed field of a row.
BESIDE = ("extensions", "storage")


class Catalogue(BaseModel):
    """A database as its own catalogue describes it."""

    model_config = ConfigDict(frozen=True)

    major: int = Field(description="Postgres major version.")
    version: str = Field(description="Postgres version, as the server prints it.")
    objects: dict[str, dict[str, dict[str, Any]]] = Field(description="Kind, then name, then facts.")
    made_from: str = Field(default="", description="Of an expected one: digest of the rules' SQL that made it.")
    unknown: tuple[Unknown, ...] = ()
    unread: frozenset[str] = Field(default=frozenset(), exclude=True, description="Kinds that could not be read.")
    seconds: float = Field(default=0, exclude=True, description="How long reading took.")
    round_trips: int = Field(default=0, exclude=True, description="How often the server was asked.")

    def of(self, kind: str) -> dict[str, dict[str, Any]]:
        """Return the objects of a kind by name, none when there are none."""
        return self.objects.get(kind, {})
