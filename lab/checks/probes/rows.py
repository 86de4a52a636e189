"""Probes of rows: every identity reads, adds, changes and deletes made-up rows: its own, other people's, ownerless."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Literal

from lab.access.matrix import COMMANDS, REFUSED, VERBS, Cell, Identity, find_cell, policies
from lab.access.row_owners import Owner, has_owner, list_owners
from lab.checks.probes.attempts import LOGIN, Attempt, Outcome, Step
from lab.checks.probes.probe import Judge, Probe, judge_failure, unanswered
from lab.checks.probes.report import Verdict
from lab.checks.probes.sample_people import PEOPLE, UNOWNED, People, key_of
from lab.checks.probes.sample_rows import fills_in, freshen
from lab.checks.schema.severity import grade_access, grade_gate
from lab.rules.derived import quote
from lab.rules.model import Column, Command, Severity, Table
from lab.rules.promises import access

WHOSE: dict[Owner, str] = {"own": "of their own", "others": "of other people", "nobodys": UNOWNED}
NAMES = {"a": "customer A", "b": "customer B", "guest": "the guest", "refuser": "somebody without any consent"}
# Columns that a new row can lack: the database fills them in, or they come later.
_LATER = ("timestamptz", "bytea", "jsonb")


def probe_rows(identity: Identity, table: Table, people: People) -> Iterator[Probe]:
    """Yield the trials of one identity on a table's made-up rows: each command with the rows of each owner."""
    for owner in list_owners(table, signed_in=identity.signed_in):
        keys = people.made(table, *_people_of(identity, owner, table))
        for command in COMMANDS if keys else ():
            cell = find_cell(identity.id, table.qualified, command.value)
            attempts = tuple(_attempts(identity, table, cell, owner, people, keys))
            judge = _judge(cell, owner, table, people, keys)
            yield probe_access(identity, cell, attempts, judge, _grade(identity, table, command), owner)


def probe_access(
    identity: Identity,
    cell: Cell,
    attempts: tuple[Attempt, ...],
    judge: Judge,
    severity: Severity,
    owner: Owner | Literal[""] = "",
) -> Probe:
    """Return the probe of a cell of the access matrix, or of the cell's rows of one owner."""
    return Probe(
        id=access.id,
        title=access.title,
        identity=identity.id,
        subject=cell.object,
        command=cell.command,
        owner=owner,
        attempts=attempts,
        expected=cell.word,
        judge=judge,
        rule=cell.rule,
        why=cell.why,
        severity=severity,
    )


def _people_of(identity: Identity, owner: Owner, table: Table) -> tuple[str, ...]:
    """Return the people whose made-up rows are tried; for rows without an owner, those they were made for."""
    if owner == "own":
        return (identity.person,)
    if owner == "nobodys":
        return (UNOWNED,) if has_owner(table) else PEOPLE
    return tuple(person for person in PEOPLE if person != identity.person)


def _grade(identity: Identity, table: Table, command: Command) -> Severity:
    reads = command is Command.SELECT
    return grade_gate(table.qualified) if reads else grade_access(table.qualified, identity.role.id, command.upper())


# Attempts ---------------------------------------------------------------------------------------------


def _attempts(
    identity: Identity, table: Table, cell: Cell, owner: Owner, people: People, keys: list[str]
) -> Iterator[Attempt]:
    """Yield the attempts; if a policy lets only some rows through, the other rows are tried separately."""
    command = Command(cell.command)
    if command is Command.INSERT:
        yield Attempt(tuple(_add(identity, table, cell, owner, keys[0])))
        return
    found = people.find(table, keys)
    if cell.outcome == REFUSED:
        yield Attempt((_touch(identity, table, cell, found),))
    elif command is Command.SELECT:
        yield Attempt((_look(identity, table, f"{found} and ({cell.condition})"), _touch(identity, table, cell, found)))
    else:
        beyond = f"({cell.condition}) is not true"
        partly = cell.shares[owner].extent == "some"
        for condition in (f"({cell.condition})", beyond) if partly else (f"({cell.condition})",):
            chosen = f"{key_of(table)}::text = any (string_to_array(current_setting('probe.keys'), ','))"
            kept = _look(identity, table, f"{found} and {condition}", keep=True) if partly else None
            looked = _look(identity, table, f"{found} and {condition}")
            where = f"{found} and {chosen}" if partly else found
            yield Attempt((*([kept] if kept else []), looked, _touch(identity, table, cell, where)))


def _add(identity: Identity, table: Table, cell: Cell, owner: Owner, key: str) -> Iterator[Step]:
    """Yield the steps that add a row: store it in a setting, evaluate the rules' condition on it, and insert it."""
    names = _insertable(table, cell)
    given = f"jsonb_populate_record(null::{table.qualified}, current_setting('probe.row')::jsonb) as {table.id}"
    yield Step(LOGIN, _propose(table, names, owner, key))
    if cell.outcome != REFUSED:
        check = _check(identity, table)
        yield Step(f"past:{identity.id}", f"select to_jsonb(coalesce(({check}), false)::int) from {given}", "answer")
    listed = ", ".join(names)
    yield Step(identity.id, f"insert into {table.qualified} ({listed}) select {listed} from {given}")


def _look(identity: Identity, table: Table, where: str, *, keep: bool = False) -> Step:
    """Return the step that reads the rows of a condition without row-level security, or stores their keys."""
    key = f"{key_of(table)}::text"
    asked = f"set_config('probe.keys', coalesce(string_agg({key}, ','), ''), true)"
    shown = f"coalesce(jsonb_agg({key}), '[]')"
    statement = f"select {asked if keep else shown} from {table.qualified} where {where}"
    return Step(f"past:{identity.id}", statement, "rows" if keep else "answer")


def _touch(identity: Identity, table: Table, cell: Cell, where: str) -> Step:
    """Return the command itself."""
    match cell.command:
        case "select":
            read = f"select coalesce(jsonb_agg({key_of(table)}::text), '[]') from {table.qualified} where {where}"
            return Step(identity.id, read, "answer")
        case "update":
            return Step(identity.id, f"update {table.qualified} set {_assign(identity, table, cell)} where {where}")
    return Step(identity.id, f"delete from {table.qualified} where {where}")


def _insertable(table: Table, cell: Cell) -> list[str]:
    """Return the columns of a new row: those that may be written, and that the database does not fill in."""
    allowed = cell.columns or tuple(column.name for column in table.columns)
    given = [column.name for column in table.columns if column.name in allowed and not _comes_later(column)]
    return given or list(table.primary_key)


def _comes_later(column: Column) -> bool:
    if column.references:
        return False
    return fills_in(column) or column.default is not None or (column.nullable and column.type in _LATER)


def _propose(table: Table, names: list[str], owner: Owner, key: str) -> str:
    """Store a copy of an existing row with other unique values; without an owner, it names no person."""
    counted = {name for index in table.indexes if index.unique for name in index.columns} | set(table.primary_key)
    free = [c for c in table.columns if c.name in counted and not (c.references or c.allowed or c.name == "purpose")]
    values = {column.name: freshen(column) for column in free}
    values |= {c.name: f"{quote(c.starts[0])}::text" for c in table.columns if c.starts and c.name in names}
    if owner == "nobodys":
        values |= {column.name: "null::uuid" for column in table.columns if column.names_subject}
    listed = ", ".join(f"{values.get(name, name)} as {name}" for name in names)
    row = f"select {listed} from {table.qualified} where {key_of(table)} = '{key}'"
    return f"select set_config('probe.row', (select to_jsonb(r)::text from ({row}) r), true)"


def _check(identity: Identity, table: Table) -> str:
    """Return the condition that a new row must meet; without a policy, row-level security lets no row in."""
    if identity.role.id == "service_role":
        return "true"
    found = [policy.with_check for policy in policies(identity.role.id, table, Command.INSERT) if policy.with_check]
    return " or ".join(f"({one})" for one in found) or "false"


def _assign(identity: Identity, table: Table, cell: Cell) -> str:
    """Return a change that the rules allow: the values that a policy demands, else a column set to itself."""
    checks = " and ".join(p.with_check or "" for p in policies(identity.role.id, table, Command.UPDATE))
    demanded = dict(re.findall(r"(\w+) = ('\w+')", checks))
    if demanded:
        filled = {c.name: "'{}'" for c in table.columns if c.name in cell.columns and c.type == "jsonb"}
        return ", ".join(f"{name} = {value}" for name, value in (filled | demanded).items())
    plain = [c.name for c in table.columns if not (c.fixed or fills_in(c) or c.name in table.primary_key)]
    granted = [name for name in plain if name in cell.columns] or plain or [table.columns[-1].name]
    return f"{granted[-1]} = {granted[-1]}"


# Judging ----------------------------------------------------------------------------------------------


def _judge(cell: Cell, owner: Owner, table: Table, people: People, keys: list[str]) -> Judge:
    command = Command(cell.command)
    if cell.outcome == REFUSED:
        return _expect_nothing(command, owner)
    if command is Command.SELECT:
        return _compare_keys(table, people, keys)
    return _compare_count(command, owner, 1 if command is Command.INSERT else len(keys))


def _expect_nothing(command: Command, owner: Owner) -> Judge:
    """Expect that a command without a grant is refused, or at least reads and changes no row."""

    def judge(outcomes: Sequence[Outcome]) -> Verdict:
        outcome = outcomes[0]
        if outcome.no_answer:
            return unanswered(outcome)
        if outcome.by_rights:
            return Verdict("holds", "refused", refused=True)
        if _is_guarded(outcome):
            return Verdict(
                "differs", f"{VERBS[command]} rows {WHOSE[owner]}, held only by {outcome.by or 'a constraint'}"
            )
        if outcome.state:
            return unanswered(outcome)
        rows = len(outcome.answers[-1]) if outcome.answers else outcome.rows
        return Verdict("differs" if rows else "holds", _describe(command, owner, rows) if rows else "no row is reached")

    return judge


def _describe(command: Command, owner: Owner, rows: int, also: str = "") -> str:
    return f"{VERBS[command]} {also}{rows} row{'' if rows == 1 else 's'} {WHOSE[owner]}"


def _compare_keys(table: Table, people: People, keys: list[str]) -> Judge:
    def judge(outcomes: Sequence[Outcome]) -> Verdict:
        outcome = outcomes[0]
        if failure := judge_failure(outcome):
            return failure
        wanted, found = (set(answer) for answer in outcome.answers)
        if found - wanted:
            return Verdict("differs", f"reads also {_name_rows(table, people, found - wanted)}")
        if wanted - found:
            return Verdict("differs", f"does not read {_name_rows(table, people, wanted - found)}", Severity.MEDIUM)
        return Verdict("holds", _count(len(found), len(keys)))

    return judge


def _count(found: int, made: int) -> str:
    return f"{found} of {made} made-up row{'' if made == 1 else 's'}"


def _name_rows(table: Table, people: People, keys: set[str]) -> str:
    owners = (NAMES.get(people.owner(table, key)) for key in keys)
    counts = Counter(f"of {owner}" if owner else UNOWNED for owner in owners)
    return ", ".join(f"{count} row{'' if count == 1 else 's'} {whose}" for whose, count in sorted(counts.items()))


def _compare_count(command: Command, owner: Owner, made: int) -> Judge:
    """Expect that a granted write changes the rows that the policies let through, or is refused by a guard after them.

    Rows that a policy leaves out are a second outcome, so that no guard on the others hides them.
    """

    def judge(outcomes: Sequence[Outcome]) -> Verdict:
        verdict = judge_one(outcomes[0], None)
        for beyond in outcomes[1:]:
            found = judge_one(beyond, 0)
            verdict = verdict if verdict.state == "differs" or found.state == "holds" else found
        return verdict

    def judge_one(outcome: Outcome, expected: int | None) -> Verdict:
        if outcome.no_answer:
            return unanswered(outcome)
        answer = outcome.answers[0]
        wanted = expected if expected is not None else answer if command is Command.INSERT else len(answer)
        if _is_guarded(outcome):
            return _judge_guarded(outcome, command, owner, wanted)
        if outcome.state and not outcome.by_rights:
            return unanswered(outcome)
        rows = 0 if outcome.state else outcome.rows
        if rows > wanted:
            return Verdict("differs", _describe(command, owner, rows - wanted, "also "))
        told = "refused" if outcome.state else _count(rows, made)
        if rows != wanted:
            return Verdict("differs", told, Severity.MEDIUM)
        return Verdict("holds", told, refused=bool(outcome.state))

    return judge


def _is_guarded(outcome: Outcome) -> bool:
    """Tell whether a declared trigger or a constraint refused it; Postgres checks grants before these."""
    return bool(outcome.state and (outcome.by or outcome.state.startswith("23")))


def _judge_guarded(outcome: Outcome, command: Command, owner: Owner, wanted: int) -> Verdict:
    """Judge a write that a trigger or constraint refused: constraints come after the policies, some triggers before.

    Source: Postgres, ExecInsert: row triggers, then policies, then constraints.
    """
    by = outcome.by or "a constraint"
    if wanted:
        return Verdict("holds", f"let through, then held by {by}")
    if command is Command.INSERT and not outcome.state.startswith("23"):
        return Verdict("unknown", f"{by} refused the row before its policy was evaluated")
    if owner == "nobodys" and command is Command.INSERT:
        return Verdict("holds", f"refused by {by}", refused=True)
    return Verdict("differs", f"{VERBS[command]} rows {WHOSE[owner]}, held only by {by}")
