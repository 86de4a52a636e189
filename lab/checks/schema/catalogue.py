"""The catalogue of a database; the rules' side and the live side have the same form."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from lab.checks.finding import Unknown

OLDEST = 15  # the oldest major that is checked

# Schemas that the Data API serves unless a project says otherwise.
EXPOSED = ("public", "graphql_public")
# Further schemas on its search path, or whose use the platform grants to its roles. A function there that runs with its
# owner's rights can be called, as a computed field of a row.
BESIDE = ("extensions", "storage")


class Catalogue(BaseModel):
    """The catalogue of a database."""

    model_config = ConfigDict(frozen=True)

    major: int = Field(description="Postgres major version.")
    version: str = Field(description="Postgres version, as the server prints it.")
    objects: dict[str, dict[str, dict[str, Any]]] = Field(description="Kind, then name, then facts.")
    made_from: str = Field(default="", description="Of an expected one: digest of the rules' SQL that made it.")
    unknown: tuple[Unknown, ...] = ()
    unread: frozenset[str] = Field(default=frozenset(), exclude=True, description="Kinds that could not be read.")
    seconds: float = Field(default=0, exclude=True, description="How long reading took.")
    round_trips: int = Field(default=0, exclude=True, description="Round trips to the server.")

    def of(self, kind: str) -> dict[str, dict[str, Any]]:
        """Return the objects of a kind by name, none when there are none."""
        return self.objects.get(kind, {})
