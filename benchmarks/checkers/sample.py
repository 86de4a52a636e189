"""Chooses the weakenings: equally many of each group, and within a group of each family in turn."""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from itertools import chain, zip_longest

import psycopg

from fixtures.mutations.harmless import HARMLESS
from fixtures.mutations.model import Mutant
from fixtures.mutations.sample import all_mutants

GROUPS = {
    "columns": ("columns",),
    "tables and rules": ("tables", "rules", "stand-ins"),
    "checks": ("checks", "refusals"),
    "foreign keys": ("foreign keys", "orphans"),
    "keys and indexes": ("keys", "indexes"),
    "row-level security": ("rls",),
    "policies": ("policies", "other access"),
    "privileges given": (
        "table grants",
        "column grants",
        "function grants",
        "sequence grants",
        "schema grants",
        "database grants",
        "default grants",
        "grant options",
    ),
    "privileges taken": (
        "table revokes",
        "column revokes",
        "function revokes",
        "schema revokes",
        "sequence revokes",
    ),
    "functions": ("functions", "routines"),
    "triggers": ("triggers",),
    "views": ("views",),
    "strangers, publications": ("strangers", "publications", "members"),
    "undeclared access": ("undeclared grants", "misled functions", "riding code", "stored secrets"),
    "the platform's doors": ("platform doors", "platform policies", "buckets"),
    "the platform's own": (
        "platform functions",
        "platform objects",
        "account guards",
        "platform keys",
        "platform gains",
    ),
    "roles, owners and settings": ("roles", "owners", "settings", "collations"),
}
"""Groups of families of mutants, so that no kind of thing outweighs the others by its number."""


@dataclass(frozen=True)
class Change:
    """One change of a sound database; `group` is empty for a harmless one."""

    group: str
    name: str
    sql: str


def choose_weakenings(connection: psycopg.Connection, most: int) -> list[Change]:
    """Choose so many of the weakenings that the server accepts; the same ones in every run.

    Args:
        connection: To a sound database, as its superuser; what is tried on it is rolled back.
        most: How many, over all groups.
    """
    major = connection.info.server_version // 10000
    queues = [_accepted(connection, group, _in_turn(all_mutants(major), group)) for group in GROUPS]
    chosen: list[Change] = []
    while queues and len(chosen) < most:
        taken = [(queue, change) for queue in queues if (change := next(queue, None))]
        queues = [queue for queue, _ in taken]
        chosen += [change for _, change in taken]
    return chosen[:most]


def choose_harmless(connection: psycopg.Connection, most: int) -> list[Change]:
    """Choose so many of the harmless changes that the server accepts."""
    # The platform loads libraries that this server lacks; once that is committed, no role can log in.
    names = [name for name in sorted(HARMLESS, key=_scatter) if "preload_libraries" not in HARMLESS[name]]
    changes = (Change("", name, HARMLESS[name]) for name in names)
    return [change for change in changes if _accepts(connection, change)][:most]


def _in_turn(mutants: list[Mutant], group: str) -> Iterator[Mutant]:
    """Yield a group's mutants, one of each family in turn."""
    families = [[mutant for mutant in mutants if mutant.family == family] for family in GROUPS[group]]
    scattered = [sorted(family, key=lambda mutant: _scatter(mutant.name)) for family in families]
    return filter(None, chain.from_iterable(zip_longest(*scattered)))


def _accepted(connection: psycopg.Connection, group: str, mutants: Iterator[Mutant]) -> Iterator[Change]:
    changes = (Change(group, mutant.name, mutant.sql) for mutant in mutants)
    return (change for change in changes if _accepts(connection, change))


def _accepts(connection: psycopg.Connection, change: Change) -> bool:
    try:
        with connection.transaction(force_rollback=True):
            connection.execute(change.sql.encode())
            connection.execute("set constraints all immediate")
    except psycopg.Error:
        return False
    return True


def _scatter(name: str) -> bytes:
    return sha256(name.encode()).digest()
