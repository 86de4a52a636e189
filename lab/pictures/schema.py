"""The content of the schema's picture: all tables by topic, or some of them with their columns and neighbours."""

from collections.abc import Sequence
from dataclasses import dataclass
from types import ModuleType

from lab.rules import RULES
from lab.rules.model import Column, Table
from lab.rules.tables import (
    ai,
    artifacts,
    attempts,
    cards,
    commerce,
    consent,
    delivery,
    erasure,
    gifts,
    money_back,
    operations,
    payments,
    premium,
    privacy,
    readings,
    records,
    schedule,
    sending,
    stripe,
    withdrawal,
)

# From left to right; topics with many references are neighbours, so that lines are short.
TOPICS: dict[str, tuple[ModuleType, ...]] = {
    "Readings": (readings, artifacts, cards, gifts),
    "Premium": (premium, ai),
    "Commerce": (commerce, payments, money_back, withdrawal, stripe),
    "Delivery": (delivery, attempts, sending, records),
    "Consent": (consent,),
    "Privacy": (privacy, erasure),
    "Operations": (operations, schedule),
}
# The same files in the order in which their tables can be created.
_FILES = (
    consent, readings, commerce, payments, money_back, withdrawal, artifacts, cards, gifts, stripe, premium, ai,
    delivery, attempts, sending, records, privacy, erasure, operations, schedule,
)  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Topic:
    """The tables that the files of one topic declare."""

    title: str
    tables: tuple[Table, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Schema:
    """The tables to show: some in full and their neighbours with only their keys, or all by their names alone."""

    topics: tuple[Topic, ...]
    in_full: frozenset[str]

    @property
    def tables(self) -> tuple[Table, ...]:
        """Return every table that is shown."""
        return tuple(table for topic in self.topics for table in topic.tables)

    @property
    def by_name(self) -> bool:
        """Tell whether the tables are shown by their names alone."""
        return not self.in_full


def make_schema(tables: Sequence[str] | None) -> Schema:
    """Gather the tables to show. Pure.

    Args:
        tables: Ids of the tables to show in full, with their neighbours; none for the names of all.

    Raises:
        KeyError: There is no table of that id.
    """
    every = {table.id for table in RULES.tables}
    full = {RULES.table(id).id for id in tables or ()}
    shown = every if tables is None else full | {id for id in every if _touches(RULES.table(id), full)}
    topics = (Topic(title=t.title, tables=tuple(table for table in t.tables if table.id in shown)) for t in _topics())
    return Schema(topics=tuple(topic for topic in topics if topic.tables), in_full=frozenset(full))


def target_of(column: Column) -> str | None:
    """Return the target of a foreign key: a table's id, or schema and name of a table of the platform."""
    if column.references is None:
        return None
    return column.references.table.qualified.removeprefix("public.")


def _touches(table: Table, others: set[str]) -> bool:
    pointed_at = {target for other in RULES.tables if other.id in others for target in _targets(other)}
    return table.id in pointed_at or bool(_targets(table) & others)


def _targets(table: Table) -> set[str]:
    return {target for column in table.columns if (target := target_of(column))}


def _topics() -> tuple[Topic, ...]:
    """Return each table under the first file that has its name; a file imports only tables declared before its own."""
    homes: dict[str, ModuleType] = {}
    for file in _FILES:
        for value in vars(file).values():
            if isinstance(value, Table):
                homes.setdefault(value.id, file)
    return tuple(Topic(title=title, tables=_declared(homes, files)) for title, files in TOPICS.items())


def _declared(homes: dict[str, ModuleType], files: tuple[ModuleType, ...]) -> tuple[Table, ...]:
    return tuple(table for table in RULES.tables if homes[table.id] in files)
