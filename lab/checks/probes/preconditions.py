"""Reads the preconditions of probes: whether rows may be made, which undeclared triggers fire, which roles can act."""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

import psycopg
from psycopg import errors, sql
from pydantic import BaseModel, ConfigDict

from lab.access.matrix import IDENTITIES, Identity
from lab.checks.finding import Unknown
from lab.checks.probes.attempts import LOGIN, PROBE_FOLDER, Attempt, ProbeTransaction, Step
from lab.checks.probes.sample_people import People, made_tables
from lab.database.connect import request_settings
from lab.rules import RULES

PEOPLE_TABLE = "auth.users"
TRIES = 6  # times the lock timeout


class UndeclaredTrigger(BaseModel):
    """An undeclared trigger or rewrite rule; `always` when no setting can stop it."""

    model_config = ConfigDict(frozen=True)

    table: str
    name: str
    always: bool


class Preconditions(BaseModel):
    """The facts that are read before the first row is made."""

    model_config = ConfigDict(frozen=True)

    replica: bool
    read_only: bool
    login: str
    past_policies: bool | None
    tables: tuple[str, ...]
    undeclared: tuple[UndeclaredTrigger, ...]
    sequences: dict[str, int]

    @property
    def refusal(self) -> str:
        """Say why the probes cannot run here; empty when they can."""
        if self.replica:
            return "This is a standby, where no row can be written. Probe its primary."
        if self.read_only:
            return "Every transaction is read-only here (default_transaction_read_only). Probe when it may be written."
        if not set(self.tables) & {table.qualified for table in RULES.tables}:
            return "None of the tables is here. Is this the right database?"
        return ""


class Silencing(NamedTuple):
    """How undeclared triggers are kept from firing.

    Args:
        everywhere: Whether ordinary triggers are off during the whole transaction; ours fire always.
        people: Whether they are off while people are made.
        why_not: Why no rows can be made at all; empty when they can.
        people_why_not: Why no people can be made; empty when they can.
    """

    everywhere: bool = False
    people: bool = False
    why_not: str = ""
    people_why_not: str = ""


def read_preconditions(connection: psycopg.Connection[Any]) -> Preconditions:
    """Read the preconditions. Read-only."""
    values = {
        "tables": list(dict.fromkeys([*made_tables(), *(table.qualified for table in RULES.tables)])),
        "functions": [function.id for function in RULES.functions],
    }
    row = connection.execute((PROBE_FOLDER / "preconditions.sql").read_bytes(), values).fetchone()
    return Preconditions.model_validate(row[0] if row else {})


def plan_silencing(connection: psycopg.Connection[Any], found: Preconditions) -> Silencing:
    """Decide how undeclared triggers are kept from firing; they could have effects outside of the database."""
    if not found.undeclared:
        return Silencing()
    able = _may(connection, "select set_config('session_replication_role', 'origin', true)")
    firing = [s for s in found.undeclared if s.always or not able]
    ours, people = ([s for s in firing if (s.table == PEOPLE_TABLE) is at_people] for at_people in (False, True))
    everywhere = able and any(s.table != PEOPLE_TABLE for s in found.undeclared) and not ours
    return Silencing(everywhere, able and not people, _explain_firing(ours), _explain_firing(people))


def _explain_firing(undeclared: list[UndeclaredTrigger]) -> str:
    if not undeclared:
        return ""
    named = ", ".join(f"{trigger.name} on {trigger.table}" for trigger in undeclared)
    return (
        f"Made-up rows would fire undeclared triggers or rules, whose effects are unknown: {named}. "
        "Probe a copy, or connect as a role that may set session_replication_role."
    )


def lock_tables(connection: psycopg.Connection[Any], found: Preconditions) -> str:
    """Take the lock of a write on all tables once, so that no attempt waits; return why that was not possible."""
    ours = [table.qualified for table in RULES.tables if table.qualified in found.tables]
    try:
        with connection.transaction():
            connection.execute(f"lock table {', '.join(ours)} in row exclusive mode".encode())
    except errors.LockNotAvailable:
        return "Another session is changing the tables and holds a lock. Try again later."
    except psycopg.errors.InsufficientPrivilege:
        return ""  # each attempt then shows by itself what is not allowed
    return ""


def write_identities(connection: psycopg.Connection[Any], people: People) -> dict[str, dict[str, str]]:
    """Return the settings of each identity, as the Data API has them; the time limits of this transaction stay."""
    roles = {identity.role.id: request_settings(connection, role=identity.role.id) for identity in IDENTITIES}
    made = {LOGIN: {"role": "none", "request.jwt.claims": ""}}
    for identity in IDENTITIES:
        claims = json.dumps({**_claims(identity, people), "role": identity.role.id})
        settings = {
            key: value
            for key, value in roles[identity.role.id].items()
            if not key.endswith("_timeout") and key != "search_path"
        }
        made[identity.id] = settings | {"request.jwt.claims": claims}
        made[f"past:{identity.id}"] = {"role": "none", "request.jwt.claims": claims}
    return made


def _claims(identity: Identity, people: People) -> dict[str, Any]:
    if not identity.person:
        return {}
    return {"sub": people[f"{identity.person}.subject"], "is_anonymous": identity.anonymous}


def find_unusable_roles(transaction: ProbeTransaction, found: Preconditions) -> Iterator[tuple[str, Unknown]]:
    """Yield the identities whose role cannot be used, even after an attempt to grant it in this transaction."""
    tried = transaction.make([Attempt((Step(identity.id, "select 1"),)) for identity in IDENTITIES])
    for identity, outcome in zip(IDENTITIES, tried, strict=True):
        role, state = identity.role.id, outcome.state
        if state == "42501" and _lend(transaction.connection, role, found.login):
            state = transaction.make_one(Step(identity.id, "select 1")).state
        if state:
            missing = "does not exist" if state == "22023" else f"cannot be used by {found.login}"
            why = f"The role {role} {missing} (SQLSTATE {state}). Connect as postgres, or grant it to the login."
            yield identity.id, Unknown(what=f"what {identity.title} reaches", why=why)


def _lend(connection: psycopg.Connection[Any], role: str, login: str) -> bool:
    options = "" if connection.info.server_version < 160000 else " with inherit false, set true"
    grant = sql.SQL("grant {} to {}" + options).format(sql.Identifier(role), sql.Identifier(login))
    # Another session of probes may be granting the same role, which takes a second or two.
    return any(_may(connection, grant) for _ in range(TRIES))


def _may(connection: psycopg.Connection[Any], statement: str | sql.Composed) -> bool:
    try:
        with connection.transaction():
            connection.execute(statement.encode() if isinstance(statement, str) else statement)
    except psycopg.errors.Error as error:
        if error.sqlstate is None or isinstance(error, errors.QueryCanceled):
            raise
        return False
    return True
