"""Writes forward migrations, which bring a database of the committed migrations to the rules.

Both sides are databases on scratch servers, and are read and compared as a live one is. The repairs, in their order,
are the migration. It is tried on the old side before it is written.
"""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import psycopg
from pydantic import BaseModel, ConfigDict, Field

from lab.checks.finding import Finding, sort_findings
from lab.checks.schema.catalogue import Catalogue
from lab.checks.schema.compare import compare
from lab.checks.schema.kind import FAMILIES
from lab.checks.schema.read import make_scope, read_catalogue
from lab.checks.schema.reference_rows import find_wordings
from lab.checks.schema.repairs import order_repairs, write_remark
from lab.checks.schema.repairs.proposals import accept_proposal
from lab.database.connect import connect
from lab.database.embedded.scratch import open_scratch
from lab.migrations.apply import apply_migrations
from lab.migrations.diff.kinds import FORWARD
from lab.migrations.files import next_version, read_migrations
from lab.sql import Migration, make_migrations
from lab.text.errors import LabError
from lab.text.escape import show_line

Scope = dict[str, list[str]]
Tell = Callable[[str], None]

STATEMENT_SECONDS = 600.0
_BY_HAND = "Write this change by hand as a migration, and lock it with `python -m lab sql --lock`"


class Unproven(LabError):
    """No migration that passes its trial could be made; nothing was written."""

    exit_code = 1  # a person must write the migration: the difference is what was found


class WrongName(LabError):
    """The name of a migration is malformed or taken."""


class Forward(BaseModel):
    """The migrations that lead from the committed ones to the rules, and the decisions that remain."""

    model_config = ConfigDict(frozen=True)

    migrations: tuple[Migration, ...] = Field(description="In order, each tried; none when nothing can be written.")
    decisions: tuple[Finding, ...] = Field(description="What only a person can decide.")


def make_forward(name: str, now: datetime, tell: Tell = lambda sentence: None) -> Forward:
    """Return the migrations that bring what is committed up to the rules, tried on scratch servers.

    Args:
        name: What to call the migration; lower case with underscores.
        now: Becomes its version.
        tell: Gets a sentence before each step.

    Raises:
        WrongName: The name has another form, or is taken.
        Unproven: Postgres refused a statement, or a difference remained that needs no decision.
        EditedMigration: The committed files do not match their lock.
        EmbeddedUnavailable: There is no server to try it on.
    """
    committed = read_migrations()
    _refuse_name(name, committed)
    tell("Building one database of the migrations and one of the rules")
    with open_scratch() as old, open_scratch() as new:
        apply_migrations(old.url(), committed)
        apply_migrations(new.url(), make_migrations())
        scope = find_scope(old.url(), new.url())
        expected = read_side(new.url(), scope)
        steps, decisions = _draft(old.url(), expected, scope)
        migrations = _write(name, now, committed, steps, decisions)
        if migrations:
            tell("Trying the migration on the first")
            apply_migrations(old.url(), (*committed, *migrations))
            _refuse_rest(find_differences(old.url(), expected, scope), decisions)
    return Forward(migrations=migrations, decisions=decisions)


def _refuse_name(name: str, committed: tuple[Migration, ...]) -> None:
    if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name):
        raise WrongName(
            show_line(name, 80), "is not a name for a migration", "Write lower case and underscores: add_shelf"
        )
    for taken in committed:
        if taken.name in (name, proof_name(name)):
            raise WrongName(name, f"{taken.file_name} has that name already", "Choose another one")


def proof_name(name: str) -> str:
    """Return the name of the migration that proves another one's constraints."""
    return f"{name}_proof"


# The two sides --------------------------------------------------------------------------------------


_OURS = {
    "lab.tables": "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')",
    "lab.names": "select proname from pg_proc where pronamespace = 'public'::regnamespace",
    "lab.roles": "select rolname from pg_roles where rolname !~ '^pg_'",
}


def find_scope(*urls: str) -> Scope:
    """Return the names of all objects of databases that hold only ours, also of those that the rules do not declare."""
    found: dict[str, set[str]] = {name: set(values) for name, values in make_scope().items()}
    for url in urls:
        with connect(url, read_only=True) as connection:
            for name, query in _OURS.items():
                found[name] |= {str(row[0]) for row in connection.execute(query.encode())}
    return {name: sorted(values) for name, values in found.items()}


def read_side(url: str, scope: Scope) -> Catalogue:
    """Return a database's catalogue. Read-only."""
    with connect(url, read_only=True) as connection:
        return read_catalogue(connection, scope=scope)


def find_differences(url: str, expected: Catalogue, scope: Scope) -> tuple[Finding, ...]:
    """Return every difference of a database from the rules' side, the smallest included. Read-only."""
    with connect(url, read_only=True) as connection:
        return _differences(connection, expected, scope)


def _differences(connection: psycopg.Connection[Any], expected: Catalogue, scope: Scope) -> tuple[Finding, ...]:
    with connection.transaction(force_rollback=True):  # the reader's settings end with it
        live = read_catalogue(connection, scope=scope)
        found = sort_findings([difference.finding for difference in compare(expected, live, FORWARD, FAMILIES)])
        # Both databases hold our schema alone, so no object in them belongs to another application.
        return (*map(accept_proposal, found), *find_wordings(connection))


# Draft and proof ------------------------------------------------------------------------------------


Step = tuple[Finding, ...]


def _draft(url: str, expected: Catalogue, scope: Scope) -> tuple[tuple[Step, ...], tuple[Finding, ...]]:
    """Try the repairs and roll them back; return those of each migration, and what is left for a person.

    The first migration adds constraints for new rows only; a second one validates them for existing rows. The first
    needs its locks only for a moment, unless it builds an index or fills a column. The second reads every row, and
    blocks neither reads nor writes.
    """
    with (
        connect(url, statement_timeout_seconds=STATEMENT_SECONDS) as connection,
        connection.transaction(force_rollback=True),
    ):
        changes = _repair(connection, _differences(connection, expected, scope))
        rest = _differences(connection, expected, scope)
        proofs = _repair(connection, tuple(f for f in rest if f.aspect == "validated"))
        left = _differences(connection, expected, scope)
    _refuse_rest(left, tuple(finding for finding in left if finding.decide and not finding.repair))
    return tuple(step for step in (changes, proofs) if step), left


def _repair(connection: psycopg.Connection[Any], findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Run the repairs one by one, so that a refused one can be named; return the findings that have a repair."""
    for repair, finding in order_repairs(findings).items():
        try:
            connection.execute(repair.encode())
        except psycopg.Error as error:
            raise Unproven(
                say_difference(finding), f"Postgres refuses it ({error.diag.message_primary})", _BY_HAND
            ) from None
    return tuple(finding for finding in findings if finding.repair)


def _refuse_rest(left: tuple[Finding, ...], decisions: tuple[Finding, ...]) -> None:
    expected = {finding.key for finding in decisions}
    if rest := [say_difference(finding) for finding in left if finding.key not in expected]:
        raise Unproven(faults=["The migration would leave a difference:", *rest], next_step=_BY_HAND)


# Words ----------------------------------------------------------------------------------------------


def _write(
    name: str,
    now: datetime,
    committed: tuple[Migration, ...],
    steps: tuple[Step, ...],
    decisions: tuple[Finding, ...],
) -> tuple[Migration, ...]:
    made: tuple[Migration, ...] = ()
    for findings in steps:
        proof = all(finding.aspect == "validated" for finding in findings)
        head = _PROOF_HEAD if proof else _head(decisions, proven_later=len(steps) > 1)
        text = "\n".join([*head, "--", *_say_changes(findings), "", "\n\n".join(order_repairs(findings)), ""])
        version = next_version(now, (*committed, *made))
        made += (Migration(version=version, name=proof_name(name) if proof else name, text=text),)
    return made


_PROOF_HEAD = [
    "-- Validates new constraints for existing rows. Reads and writes go on meanwhile.",
    "-- If a row breaks one, only this migration is rolled back: correct the row, and apply it again.",
]


def _head(decisions: tuple[Finding, ...], *, proven_later: bool) -> list[str]:
    lines = ["-- Changes a database of the earlier migrations to match the rules. It drops no data."]
    if proven_later:
        lines.append("-- New constraints apply to new rows; the next migration validates existing rows.")
    if decisions:
        lines += ["--", "-- A person must decide. This migration does not do it:"]
        lines += [write_remark(f"{say_difference(f)}. {f.decide}", 600) for f in decisions]
    return lines


def _say_changes(findings: tuple[Finding, ...]) -> list[str]:
    ordered = sorted(findings, key=lambda finding: (finding.repair.stage if finding.repair else 0, finding.key))
    return list(dict.fromkeys(write_remark(say_difference(finding), 200) for finding in ordered))


def say_difference(finding: Finding) -> str:
    """Describe a change of the rules: `New index public.products_shelf`."""
    what = f"{finding.kind.replace('_', ' ')} {finding.subject}"
    if finding.aspect == "validated":
        return f"Proof of {what}"
    told = {"missing": finding.expected, "extra": finding.seen}.get(finding.aspect)
    if told is None:
        return f"Changed {finding.aspect.replace('_', ' ')} of {what}"
    detail = f": {told}" if finding.kind in _SAID else ""
    return f"{'New' if finding.aspect == 'missing' else 'Removed'} {what}{detail}"


# Kinds that one line describes well enough for a migration's head.
_SAID = {*(kind.name for kind in FORWARD if kind.say), "wording"}
