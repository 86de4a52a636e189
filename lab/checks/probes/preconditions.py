"""The ground that probes stand on: may rows be made here, who else would be set off, which roles can be become."""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

import psycopg
from psycopg import errors, sql
from pydantic import BaseModel, ConfigDict

from lab.access.matrix import IDENTITIES, Identity
from lab.checks.finding import Unknown
from lab.checks.probes.attempts import LOGIN, PROBE_FOLDER, Attempt, Stage, Step
from lab.checks.probes.sample_people import People, made_tables
from lab.database.connect import request_settings
from lab.rules import RULES

PEOPLE_TABLE = "auth.users"
TRIES = 6  # times the lock timeout


class Stranger(BaseModel):
    """A trigger or rule that the rules do not know; `always` when no setting keeps it quiet."""

    model_config = ConfigDict(frozen=True)

    table: str
    name: str
    always: bool


class Ground(BaseModel):
    """What was found before the first row is made."""

    model_config = ConfigDict(frozen=True)

    replica: bool
    read_only: bool
    login: str
    past_policies: bool | None
    tables: tuple[str, ...]
    strangers: tuple[Stranger, ...]
    sequences: dict[str, int]

    @property
    def refusal(self) -> str:
        """Say why nothing can be tried here; empty when something can."""
        if self.replica:
            return "This is a standby, where no row can be written. Probe its primary."
        if self.read_only:
            return "Every transaction is read-only here (default_transaction_read_only). Probe when it may be written."
        if not set(self.tables) & {table.qualified for table in RULES.tables}:
            return "None of the tables is here. Is this the right database?"
        return ""


class Quiet(NamedTuple):
    """How strangers are kept quiet.

    Args:
        everywhere: Whether ordinary triggers rest during the whole transaction; ours fire all the same.
        people: Whether they rest while people are made.
        why_not: Why no rows can be made at all; empty when they can.
        people_why_not: Why no people can be made; empty when they can.
    """

    everywhere: bool = False
    people: bool = False
    why_not: str = ""
    people_why_not: str = ""


def read_ground(connection: psycopg.Connection[Any]) -> Ground:
    """Look at the ground. Read-only."""
    values = {
        "tables": list(dict.fromkeys([*made_tables(), *(table.qualified for table in RULES.tables)])),
        "functions": [function.id for function in RULES.functions],
    }
    row = connection.execute((PROBE_FOLDER / "ground.sql").read_bytes(), values).fetchone()
    return Ground.model_validate(row[0] if row else {})


def quiet_strangers(connection: psycopg.Connection[Any], ground: Ground) -> Quiet:
    """Decide how triggers that the rules do not know are kept from running: they may reach out of the database."""
    if not ground.strangers:
        return Quiet()
    able = _may(connection, "select set_config('session_replication_role', 'origin', true)")
    loud = [s for s in ground.strangers if s.always or not able]
    ours, people = ([s for s in loud if (s.table == PEOPLE_TABLE) is at_people] for at_people in (False, True))
    everywhere = able and any(s.table != PEOPLE_TABLE for s in ground.strangers) and not ours
    return Quiet(everywhere, able and not people, _name_strangers(ours), _name_strangers(people))


def _name_strangers(strangers: list[Stranger]) -> str:
    if not strangers:
        return ""
    named = ", ".join(f"{stranger.name} on {stranger.table}" for stranger in strangers)
    return (
        f"The rules do not know {named}, and nobody can say what a made-up row would set off there. "
        "Probe a copy, or connect as a role that may set session_replication_role."
    )


def hold_tables(connection: psycopg.Connection[Any], ground: Ground) -> str:
    """Take the lock that any write takes, once and for all, so that no attempt waits; returns who is in the way."""
    ours = [table.qualified for table in RULES.tables if table.qualified in ground.tables]
    try:
        with connection.transaction():
            connection.execute(f"lock table {', '.join(ours)} in row exclusive mode".encode())
    except errors.LockNotAvailable:
        return "Another session is changing the tables and holds a lock. Try again later."
    except psycopg.errors.InsufficientPrivilege:
        return ""  # each attempt then says for itself what is not allowed
    return ""


def write_identities(connection: psycopg.Connection[Any], people: People) -> dict[str, dict[str, str]]:
    """Return what each identity sets: as the Data API would, with the limits of this transaction left alone."""
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


def become_everybody(stage: Stage, ground: Ground) -> Iterator[tuple[str, Unknown]]:
    """Yield whose role can't be become, though it is lent to the login for this transaction where that is allowed."""
    tried = stage.make([Attempt((Step(identity.id, "select 1"),)) for identity in IDENTITIES])
    for identity, outcome in zip(IDENTITIES, tried, strict=True):
        role, state = identity.role.id, outcome.state
        if state == "42501" and _lend(stage.connection, role, ground.login):
            state = stage.make_one(Step(identity.id, "select 1")).state
        if state:
            missing = "does not exist" if state == "22023" else f"may not be acted as by {ground.login}"
            why = f"The role {role} {missing} (SQLSTATE {state}). Connect as postgres, or grant it to the login."
            yield identity.id, Unknown(what=f"what {identity.title} reaches", why=why)


def _lend(connection: psycopg.Connection[Any], role: str, login: str) -> bool:
    options = "" if connection.info.server_version < 160000 else " with inherit false, set true"
    grant = sql.SQL("grant {} to {}" + options).format(sql.Identifier(role), sql.Identifier(login))
    # Another session of probes may be lending the same role just now, and is done in a second or two.
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
