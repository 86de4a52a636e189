"""The access matrix: what each identity may do with each table, view and function, computed from the rules alone."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from lab.access.row_owners import ALL, NONE, Owner, Share, list_owners, read_share
from lab.rules import RULES
from lab.rules.derived import granted_columns
from lab.rules.model import Command, Function, Policy, PrivacyClass, Role, Table, View
from lab.rules.roles import ai_worker, anon, authenticated, oracle_operator, service_role
from lab.sql.access import SCHEMA_USERS, operator_view

VIEWS: tuple[View, ...] = (*(operator_view(table) for table in RULES.tables), *RULES.views)
WRITES = (Command.INSERT, Command.UPDATE)
COMMANDS = (Command.SELECT, *WRITES, Command.DELETE)
REFUSED = "42501"  # insufficient_privilege: no grant, or a policy's check
READ_ONLY = "25006"  # read_only_sql_transaction: a write in a GET
VERBS = {Command.SELECT: "reads", Command.INSERT: "adds", Command.UPDATE: "changes", Command.DELETE: "deletes"}


@dataclass(frozen=True)
class Identity:
    """A caller of the Data API: a role, and the person who is signed in.

    Args:
        id: Stable name.
        title: Its name for people.
        role: The database role that the token names.
        person: Which made-up person is signed in: `a`, `b` or `guest`; empty for nobody.
        anonymous: Whether they signed in anonymously, which is not the role `anon`.
    """

    id: str
    title: str
    role: Role
    person: str = ""
    anonymous: bool = False

    @property
    def signed_in(self) -> bool:
        """Tell whether the caller is a person with a session."""
        return bool(self.person)


IDENTITIES = (
    Identity("visitor", "Visitor", anon),
    Identity("subject_a", "Customer A", authenticated, "a"),
    Identity("subject_b", "Customer B", authenticated, "b"),
    Identity("anonymous_sign_in", "Guest", authenticated, "guest", anonymous=True),
    Identity("server", service_role.title, service_role),
    Identity("ai", ai_worker.title, ai_worker),
    Identity("operator", oracle_operator.title, oracle_operator),
)


def name_identity(identity: str) -> str:
    """Return the title of an identity; an id that is not in the list is the role of the connection."""
    return next((one.title for one in IDENTITIES if one.id == identity), "Owner of the tables")


class Cell(BaseModel):
    """What the rules allow when one identity runs one command on one object."""

    model_config = ConfigDict(frozen=True)

    identity: str
    kind: Literal["table", "view", "function"]
    object: str = Field(description="Qualified name; of a function, with its argument types.")
    command: str = Field(description="select, insert, update, delete or execute.")
    outcome: str = Field(description="`rows`, `runs`, or the SQLSTATE of the refusal.")
    condition: str = Field(default="", description="Which rows, as SQL over the object's columns; empty for none.")
    columns: tuple[str, ...] = Field(default=(), description="Which columns.")
    shares: dict[Owner, Share] = Field(default={}, description="Of a table: which rows, by their owner.")
    word: str = Field(description="The outcome in a few words, for a table that people read.")
    rule: str = Field(description="The grant, policy or function that decides.")
    why: str


@dataclass(frozen=True)
class Reach:
    """What one role may do with one table by one command: all columns, some, or none."""

    table: Table
    command: Command
    columns: tuple[str, ...]

    @property
    def whole(self) -> bool:
        """Tell whether the command is granted on the table as a whole, future columns included."""
        return self.columns == tuple(column.name for column in self.table.columns)


def reach(role: str, table: Table, command: Command) -> Reach:
    """Return what a role may do with a table, by the table's grants."""
    names: set[str] = set()
    for grant in table.grants:
        if grant.role.id == role and command in grant.commands:
            names |= set(granted_columns(table, grant) or [column.name for column in table.columns])
    return Reach(table, command, tuple(column.name for column in table.columns if column.name in names))


def policies(role: str, table: Table, command: Command) -> tuple[Policy, ...]:
    """Return the policies that apply to a role and a command."""
    return tuple(p for p in table.policies if p.role.id == role and p.command is command)


def policy_expression(role: str, table: Table, command: Command) -> str:
    """Return the condition on rows that a role sees by a command; service_role skips row-level security."""
    if role == service_role.id:
        return "true"
    found = [policy.using for policy in policies(role, table, command) if policy.using]
    return " or ".join(f"({expression})" for expression in found) or "false"


def may_call(role: str, function: Function) -> bool:
    """Tell whether a role may call a function: granted execute, and its schema open to the role."""
    return role in {one.id for one in function.execute} and role in SCHEMA_USERS[function.db_schema]


def table_privileges(role: Role) -> Iterator[tuple[str, str, str]]:
    """Yield every privilege that a role has, with its table and column; the list is complete."""
    for table in RULES.tables:
        for command in COMMANDS:
            for column in reach(role.id, table, command).columns:
                yield table.qualified, column, command.value
    for view in VIEWS:
        if view.role is role:
            yield view.qualified, "*", "select"


def called(function: Function) -> str:
    """Return a call of a function with null for each argument."""
    nulls = ", ".join(f"null::{argument.type}" for argument in function.arguments)
    return f"select {'' if function.returns == 'trigger' else '* from '}{function.qualified}({nulls})"


@lru_cache(maxsize=1)
def make_matrix() -> tuple[Cell, ...]:
    """Return the whole matrix: every identity with every table and command, every view and every function."""
    return tuple(cell for identity in IDENTITIES for cell in _cells(identity))


def find_cell(identity: str, object: str, command: str) -> Cell:
    """Return one cell of the matrix.

    Raises:
        KeyError: The matrix has no such cell.
    """
    return _by_place()[identity, object, command]


@lru_cache(maxsize=1)
def _by_place() -> dict[tuple[str, str, str], Cell]:
    return {(cell.identity, cell.object, cell.command): cell for cell in make_matrix()}


def _cells(identity: Identity) -> Iterator[Cell]:
    for table in RULES.tables:
        for command in COMMANDS:
            yield _table_cell(identity, table, command)
    yield from (_view_cell(identity, view) for view in VIEWS)
    yield from (_function_cell(identity, function) for function in RULES.functions)


def _table_cell(identity: Identity, table: Table, command: Command) -> Cell:
    role = identity.role.id
    reached = reach(role, table, command)
    owners = list_owners(table, signed_in=identity.signed_in)
    place = {"identity": identity.id, "kind": "table", "object": table.qualified, "command": command.value}
    if not reached.columns:
        fact = {"outcome": REFUSED, "word": "refused", "rule": f"no grant of {command.value} to {role}"}
        why = _why_not(table, command)
        return Cell.model_validate(place | fact | {"shares": dict.fromkeys(owners, NONE), "why": why})
    grant = next(g for g in table.grants if g.role.id == role and command in g.commands)
    ruling = policies(role, table, command)
    shares = {owner: _share(identity, ruling, command, owner) for owner in owners}
    left_out = ruling and all(share == NONE for share in shares.values())
    why = f"The policy leaves the {identity.title.lower()} out." if left_out else ruling[0].why if ruling else grant.why
    return Cell.model_validate(
        place
        | {
            "outcome": "rows",
            "condition": "" if command is Command.INSERT else policy_expression(role, table, command),
            "columns": reached.columns,
            "shares": shares,
            "word": _rows_word(shares, ruling),
            "rule": f"policy {ruling[0].name}" if ruling else f"grant of {command.value} to {role}",
            "why": why,
        }
    )


def _share(identity: Identity, ruling: Iterable[Policy], command: Command, owner: Owner) -> Share:
    if identity.role is service_role:  # skips row-level security
        return ALL
    found = [policy.with_check if command is Command.INSERT else policy.using for policy in ruling]
    expression = " or ".join(f"({one})" for one in found if one) or "false"
    return read_share(expression, owner, signed_in=identity.signed_in, anonymous=identity.anonymous)


def _why_not(table: Table, command: Command) -> str:
    """Say why a command is refused, by naming the roles that may run it."""
    holders = [grant.role.title.lower() for grant in table.grants if command in grant.commands]
    if holders:
        return f"Only the {' and the '.join(dict.fromkeys(holders))} {VERBS[command]} here."
    return f"No role {VERBS[command]} here with a command of its own."


def _rows_word(shares: dict[Owner, Share], ruling: tuple[Policy, ...]) -> str:
    """Name the rows that a command reaches: whose they are, and on which condition."""
    reached = {owner: share for owner, share in shares.items() if share != NONE}
    if not reached:
        return "nothing"
    if reached == dict.fromkeys(shares, ALL):
        return "every row"
    if set(reached) == {"own"}:
        return f"own rows{_describe(reached['own'].rest)}"
    return f"{re.sub(r'^.*?_(reads|sees|writes)_', '', ruling[0].name).replace('_', ' ')} only"


def _describe(rest: str) -> str:
    """Word a further condition on rows: `once promoted`, or the condition itself."""
    state = re.fullmatch(r"status = '(\w+)'", rest)
    return f", once {state[1]}" if state else f", where {rest}" if rest else ""


def _view_cell(identity: Identity, view: View) -> Cell:
    place = {"identity": identity.id, "kind": "view", "object": view.qualified, "command": "select"}
    if view.role is not identity.role:
        rule = f"no grant of select to {identity.role.id}"
        return Cell.model_validate(place | {"outcome": REFUSED, "word": "refused", "rule": rule, "why": view.why})
    rule = f"grant of select to {identity.role.id}"
    word = _view_word(view)
    why = view.why if view.db_schema != "operations" else f"Through a view: {word}, and no private text."
    return Cell.model_validate(place | {"outcome": "rows", "word": word, "rule": rule, "condition": "true", "why": why})


def _view_word(view: View) -> str:
    if view.db_schema != "operations":
        return "the leased brief"
    read = (table for table in RULES.tables if re.search(rf"\b{table.qualified}\b", view.body))
    money = any(column.privacy is PrivacyClass.FINANCIAL for table in read for column in table.columns)
    return "operational and financial fields" if money else "operational fields"


def _function_cell(identity: Identity, function: Function) -> Cell:
    place = {"identity": identity.id, "kind": "function", "object": function.signature, "command": "execute"}
    if may_call(identity.role.id, function):
        fact = {"outcome": "runs", "word": "may call", "rule": f"grant of execute to {identity.role.id}"}
    else:
        fact = {"outcome": REFUSED, "word": "refused", "rule": f"no grant of execute to {identity.role.id}"}
    return Cell.model_validate(place | fact | {"why": function.why})


def find_public_function(table: Table) -> Function | None:
    """Return the function that shows a table's public fields to everybody with a link, None when there is none."""
    shown = {column.name for column in table.columns if column.privacy is PrivacyClass.PUBLIC}
    for function in RULES.functions:
        names = set(re.findall(r"(?:\(|, )(\w+) ", function.returns))
        if names and names <= shown and anon.id in {role.id for role in function.execute}:
            return function
    return None
