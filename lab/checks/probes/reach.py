"""Probes of the access matrix: every identity with every table, view and function, with made-up rows or none."""

from collections.abc import Iterator, Sequence

from lab.access.matrix import (
    COMMANDS,
    IDENTITIES,
    READ_ONLY,
    REFUSED,
    VERBS,
    VIEWS,
    WRITES,
    Cell,
    Identity,
    called,
    find_cell,
)
from lab.checks.finding import SEVERITIES
from lab.checks.probes.attempts import LOGIN, Attempt, Outcome, Step
from lab.checks.probes.probe import Judge, Probe, expect_refusal, judge_end, judge_failure, unanswered
from lab.checks.probes.report import Verdict
from lab.checks.probes.rows import probe_access, probe_rows
from lab.checks.probes.sample_people import People, key_of
from lab.checks.probes.sample_rows import fills_in
from lab.checks.schema.severity import grade_access
from lab.rules import RULES
from lab.rules.model import Command, Severity, Table, View
from lab.rules.promises import get_writes_nothing

PERMITTED = {Command.SELECT: "ask for", Command.INSERT: "add", Command.UPDATE: "change", Command.DELETE: "delete"}
SWEEPING = ("TRUNCATE", "REFERENCES", "TRIGGER")  # read from the catalogue, because trying them would lock the table


def probe_reach(people: People) -> Iterator[Probe]:
    """Yield the probes of the whole matrix.

    Args:
        people: The made-up people; if they have no rows, only privileges are tried.
    """
    seen: set[str] = set()
    for identity in IDENTITIES:
        first = identity.role.id not in seen  # privileges belong to the role, rows to the person
        seen.add(identity.role.id)
        for table in RULES.tables:
            yield from probe_rows(identity, table, people)
            yield from _probe_privileges(identity, table, people) if first else ()
        if first:
            yield from (_probe_call(identity, function.signature, called(function)) for function in RULES.functions)
            yield from (probe for view in VIEWS for probe in _probe_view(identity, view, people))
        yield _probe_get(identity)


# Privileges -------------------------------------------------------------------------------------------


def _probe_privileges(identity: Identity, table: Table, people: People) -> Iterator[Probe]:
    """Yield the probes of privileges: the columns that each command reaches, and the commands on a whole table.

    They read and change no row. Row-level security may still hide all rows from a role with the privilege to read, so
    each identity of the role also searches for made-up rows.
    """
    for command in COMMANDS:
        cell = find_cell(identity.id, table.qualified, command.value)
        closed = [
            c.name for c in table.columns if c.name not in cell.columns and not (fills_in(c) and command in WRITES)
        ]
        open_ = [name for name in cell.columns if not fills_in(table.column(name)) or command is Command.SELECT]
        groups = [*([open_] if open_ else []), *([name] for name in closed)]
        groups = [[]] if command is Command.DELETE else groups
        attempts = tuple(Attempt((Step(identity.id, _empty(table, command, names)),)) for names in groups)
        if command is Command.SELECT and closed and people.made(table):
            attempts += tuple(_look_for_rows(identity, table, people))
        grade = grade_access(table.qualified, identity.role.id, command.value.upper())
        judge = _compare_columns(groups, frozenset(open_), command, grade)
        yield probe_access(identity, cell, attempts, judge, grade)
    yield _probe_sweep(identity, table)


def _empty(table: Table, command: Command, names: list[str]) -> str:
    """Write a command over columns that reads and changes no row."""
    match command:
        case Command.SELECT:
            return f"select {', '.join(names)} from {table.qualified} where false"
        case Command.INSERT:
            nulls = ", ".join(f"null::{table.column(name).type}" for name in names)
            return f"insert into {table.qualified} ({', '.join(names)}) select {nulls} where false"
        case Command.UPDATE:
            return f"update {table.qualified} set {', '.join(f'{name} = null' for name in names)} where false"
    return f"delete from {table.qualified} where false"


def _look_for_rows(identity: Identity, table: Table, people: People) -> Iterator[Attempt]:
    """Yield the search for made-up rows as each identity of a role, because policies may treat them differently."""
    key = key_of(table)
    found = f"select coalesce(jsonb_agg({key}::text), '[]') from {table.qualified} where {people.where(table)}"
    for one in IDENTITIES:
        if one.role is identity.role:
            yield Attempt((Step(one.id, found, "answer"),))


def _compare_columns(groups: list[list[str]], granted: frozenset[str], command: Command, grade: Severity) -> Judge:
    def judge(outcomes: Sequence[Outcome]) -> Verdict:
        pairs, looks = list(zip(groups, outcomes, strict=False)), outcomes[len(groups) :]
        closed = [(names, outcome) for names, outcome in pairs if not (names and set(names) <= granted)]
        silent = [o for _, o in pairs if o.no_answer] + [o for _, o in closed if o.state and not o.by_rights]
        beyond = [", ".join(names) or "rows" for names, outcome in closed if not outcome.state]
        short = [outcome for names, outcome in pairs if outcome.state and names and set(names) <= granted]
        if beyond:
            return Verdict("differs", f"{_describe_privilege(command, looks)} {', '.join(beyond)}", grade)
        if silent:
            return unanswered(silent[0])
        if short:
            return Verdict("differs", short[0].describe(), Severity.MEDIUM)
        return Verdict("holds", "as granted" if granted else "refused", refused=not granted)

    return judge


def _describe_privilege(command: Command, looks: Sequence[Outcome]) -> str:
    """Describe the effect of an undeclared privilege: "reads" only if rows were read.

    Args:
        command: What the privilege allows.
        looks: The outcomes of the search for rows; empty when none was made. Without a right to the key it finds none.
    """
    if any(look.answers and look.answers[-1] for look in looks):
        return f"{VERBS[command]} also"
    nothing = "gets no row, but " if looks and not any(look.state for look in looks) else ""
    return f"{nothing}may also {PERMITTED[command]}"


def _probe_sweep(identity: Identity, table: Table) -> Probe:
    asked = ", ".join(f"'{p}'" for p in SWEEPING)
    statement = (
        f"select coalesce(jsonb_agg(p), '[]') from unnest(array[{asked}]) as p"
        f" where has_table_privilege('{identity.role.id}', to_regclass('{table.qualified}'), p)"
    )

    def judge(outcomes: Sequence[Outcome]) -> Verdict:
        if outcomes[0].state:
            return unanswered(outcomes[0])
        held = outcomes[0].answers[0]
        worst = min(
            (grade_access(table.qualified, identity.role.id, p) for p in held), key=SEVERITIES.index, default=None
        )
        told = f"may {', '.join(held).lower()}" if held else "refused"
        return Verdict("differs" if held else "holds", told, worst, refused=not held)

    cell = find_cell(identity.id, table.qualified, "delete").model_copy(
        update={"command": "truncate", "rule": f"no grant of truncate, references or trigger to {identity.role.id}"}
    )
    return probe_access(identity, cell, (Attempt((Step(LOGIN, statement, "answer"),)),), judge, Severity.CRITICAL)


# Views and functions ----------------------------------------------------------------------------------


def _probe_view(identity: Identity, view: View, people: People) -> Iterator[Probe]:
    cell = find_cell(identity.id, view.qualified, "select")
    grade = grade_access(view.qualified, identity.role.id, "SELECT")
    if cell.outcome == REFUSED:
        attempt = Attempt((Step(identity.id, f"select from {view.qualified} where false"),))
        yield probe_access(identity, cell, (attempt,), expect_refusal(REFUSED), grade)
    else:
        yield from _probe_own_view(identity, cell, view, people)
    verbs = {"delete": "delete from {} where false", "update": "update {} set {} = null where false"}
    for verb, text in verbs.items():
        statement = text.format(view.qualified, _find_written(view))
        write = cell.model_copy(update={"command": verb, "word": "refused", "rule": f"no grant of {verb}"})
        attempt = Attempt((Step(identity.id, statement),))
        yield probe_access(identity, write, (attempt,), _expect_no_write, Severity.HIGH)


def _find_written(view: View) -> str:
    """Return a column of a view that the database does not fill in; for such a one rights are not looked at."""
    filled = {column.name for column in view.shows.columns if fills_in(column)}
    return next(name for name in reversed(_view_columns(view)) if name not in filled)


def _expect_no_write(outcomes: Sequence[Outcome]) -> Verdict:
    """Expect that a view can't be written: there is no grant, or the view is not updatable."""
    outcome = outcomes[0]
    return judge_end(outcome, expected=outcome.by_rights or outcome.state in ("55000", "42809", "0A000"))


def _probe_own_view(identity: Identity, cell: Cell, view: View, people: People) -> Iterator[Probe]:
    """Yield the probe of a view as its own role: only these columns, and the rows of its rule."""
    columns = (
        "select coalesce(jsonb_agg(a.attname order by a.attnum), '[]') from pg_catalog.pg_attribute a"
        f" where a.attrelid = '{view.qualified}'::regclass and a.attnum > 0 and not a.attisdropped"
    )
    wanted = f"select coalesce(jsonb_agg(v.{_view_columns(view)[0]}::text), '[]') from"
    if not people.made(view.shows):
        return
    mine = people.shown(view)
    steps = (
        Step(LOGIN, columns, "answer"),
        Step(LOGIN, people.fill("select set_config('lab.ai_run_token', '${a.open_run} token', true)")),
        Step(f"past:{identity.id}", f"{wanted} ({view.body}) v where {mine}", "answer"),
        Step(identity.id, f"{wanted} {view.qualified} v where {mine}", "answer"),
    )
    judge = _compare_view(_view_columns(view), grade_access(view.qualified, identity.role.id, "SELECT"))
    yield probe_access(identity, cell, (Attempt(steps),), judge, Severity.HIGH)


def _view_columns(view: View) -> tuple[str, ...]:
    head = view.body.partition("\n  from ")[0].removeprefix("select ")
    return tuple(part.split()[-1].rpartition(".")[2] for part in head.split(", "))


def _compare_view(columns: tuple[str, ...], grade: Severity) -> Judge:
    def judge(outcomes: Sequence[Outcome]) -> Verdict:
        outcome = outcomes[0]
        if failure := judge_failure(outcome):
            return failure
        shown, wanted, found = (set(answer) for answer in outcome.answers)
        if shown - set(columns):
            return Verdict("differs", f"also shows {', '.join(sorted(shown - set(columns)))}", Severity.CRITICAL)
        if found - wanted:
            return Verdict("differs", f"also {len(found - wanted)} rows beyond its rule", grade)
        if wanted - found or set(columns) - shown:
            return Verdict("differs", "less than its rule says", Severity.MEDIUM)
        return Verdict("holds", f"{len(found)} made-up rows, {len(columns)} columns")

    return judge


def _probe_call(identity: Identity, signature: str, call: str) -> Probe:
    """Try a call by EXPLAIN: Postgres checks the privilege, and the function does not run."""
    cell = find_cell(identity.id, signature, "execute")
    attempt = Attempt((Step(identity.id, f"explain {call}"),))
    judge = expect_refusal(REFUSED) if cell.outcome == REFUSED else _expect_open
    return probe_access(identity, cell, (attempt,), judge, Severity.HIGH)


def _expect_open(outcomes: Sequence[Outcome]) -> Verdict:
    outcome = outcomes[0]
    if outcome.no_answer:
        return unanswered(outcome)
    return Verdict(
        "differs" if outcome.state else "holds", outcome.describe() if outcome.state else "may call", Severity.MEDIUM
    )


# GET --------------------------------------------------------------------------------------------------


def _probe_get(identity: Identity) -> Probe:
    """Try to write in a read-only transaction, which every GET is."""
    attempts = tuple(
        Attempt((Step(identity.id, statement, get=True),))
        for table in RULES.tables
        for statement in (
            f"insert into {table.qualified} default values",
            _empty(table, Command.UPDATE, ["created_at"]),
            _empty(table, Command.DELETE, []),
        )
    )

    def judge(outcomes: Sequence[Outcome]) -> Verdict:
        if slipped := [outcome for outcome in outcomes if not outcome.state]:
            return Verdict("differs", f"{len(slipped)} writes were let through")
        others = [outcome for outcome in outcomes if outcome.state != READ_ONLY]
        return unanswered(others[0]) if others else judge_end(outcomes[0], expected=True)

    return Probe(
        id=get_writes_nothing.id,
        title=get_writes_nothing.title,
        identity=identity.id,
        subject=get_writes_nothing.subject,
        command="write in a GET",
        attempts=attempts,
        expected=f"refused ({READ_ONLY})",
        judge=judge,
        rule=get_writes_nothing.rule,
        why=get_writes_nothing.why,
        severity=get_writes_nothing.severity,
        chapter=get_writes_nothing.chapter,
    )
