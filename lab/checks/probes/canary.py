"""Searches for a private word in every private column, view and public function, as each identity but its owner."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from lab.access.matrix import IDENTITIES, VIEWS, Identity
from lab.checks.probes.attempts import PROBE_FOLDER, Attempt, Outcome, ProbeTransaction, Step
from lab.checks.probes.probe import Judge, Probe, leave_open, unanswered
from lab.checks.probes.report import Verdict
from lab.checks.probes.sample_people import People
from lab.checks.schema.severity import is_platform
from lab.rules import RULES
from lab.rules.model import PrivacyClass, Severity
from lab.rules.promises import question_stays_private

PRIVATE = (PrivacyClass.SECRET, PrivacyClass.PERSONAL)
TRUSTED = ("subject_a", "server")  # the person who wrote the words, and the server that acts for everybody


class UndeclaredView(NamedTuple):
    """An undeclared view: its columns that may hold an id, the roles that read it, whether it is a stored copy."""

    name: str
    columns: list[str]
    roles: list[str]
    stored: bool


class UndeclaredFunction(NamedTuple):
    """An undeclared function that runs as its owner, and the roles that may call it."""

    signature: str
    owner: str
    roles: list[str]


def probe_canary(transaction: ProbeTransaction, people: People) -> Iterator[Probe]:
    """Yield the search for the words of person a, as each identity that must not read them."""
    views, functions = _read_views(transaction), _read_functions(transaction)
    for identity in IDENTITIES:
        if identity.id not in TRUSTED and people.made(RULES.table("oracle_scrolls"), "a"):
            yield _probe(identity, people, views)
            yield from _probe_undeclared(identity, views, functions)


def _probe(identity: Identity, people: People, views: list[UndeclaredView]) -> Probe:
    places = {
        **dict(_columns(people)),
        **dict(_views(people)),
        **dict(_search_views(identity, people, views)),
        "public.open_share_card(text)": people.fill(
            "select from public.open_share_card('${a.slug}') as c where to_jsonb(c)::text like '%${a.mark}%'"
        ),
    }
    attempts = tuple(Attempt((Step(identity.id, sql),)) for sql in places.values())
    names = list(places)

    def judge(outcomes: Sequence[Outcome]) -> Verdict:
        found = [name for name, outcome in zip(names, outcomes, strict=True) if not outcome.state and outcome.rows]
        if found:
            return Verdict("differs", f"reads another person's words in {', '.join(found)}", Severity.CRITICAL)
        for name, outcome in zip(names, outcomes, strict=True):
            if outcome.state and not outcome.by_rights:
                return Verdict("unknown", f"{name}: {unanswered(outcome).seen}")
        return Verdict("holds", f"nothing in {len(names)} places")

    return _search(identity, "search", attempts, judge)


def _search(identity: Identity, command: str, attempts: tuple[Attempt, ...], judge: Judge) -> Probe:
    return Probe(
        id=question_stays_private.id,
        title=question_stays_private.title,
        identity=identity.id,
        subject=question_stays_private.subject,
        command=command,
        attempts=attempts,
        expected="nothing",
        judge=judge,
        rule=question_stays_private.rule,
        why=question_stays_private.why,
        severity=question_stays_private.severity,
        chapter=question_stays_private.chapter,
    )


def _probe_undeclared(
    identity: Identity, views: list[UndeclaredView], functions: list[UndeclaredFunction]
) -> Iterator[Probe]:
    """Yield objects that the identity can reach, and that made-up rows cannot test: what they show stays unknown."""
    for function in functions:
        if identity.role.id in function.roles:
            why = f"it is undeclared and runs with the rights of {function.owner}, so it was not called"
            yield _search(identity, f"call of {function.signature}", (), leave_open(why))
    for view in views:
        if view.stored and identity.role.id in view.roles:
            why = "it is undeclared, and its copy is older than the sample rows"
            yield _search(identity, f"select from {view.name}", (), leave_open(why))


def _columns(people: People) -> Iterator[tuple[str, str]]:
    for table in RULES.tables:
        for column in table.columns:
            if column.privacy in PRIVATE and people.made(table, "a"):
                sql = f"select from {table.qualified} where {people.where(table, 'a')} and {column.name}::text like"
                yield f"{table.qualified}.{column.name}", f"{sql} '%{people.canary('a')}%'"


def _views(people: People) -> Iterator[tuple[str, str]]:
    for view in VIEWS:
        if people.made(view.shows, "a"):
            where = people.shown(view, "a")
            sql = f"select from {view.qualified} as v where {where} and to_jsonb(v)::text like '%{people.canary('a')}%'"
            yield view.qualified, sql


def _read_views(transaction: ProbeTransaction) -> list[UndeclaredView]:
    """Read the undeclared views that use our tables."""
    return [UndeclaredView(*row) for row in _ask(transaction, "readable.sql", views=[view.qualified for view in VIEWS])]


def _read_functions(transaction: ProbeTransaction) -> list[UndeclaredFunction]:
    """Read the undeclared functions that run as an owner who can read our tables.

    The platform's functions in its own schemas are left out.
    """
    ours = [function.signature for function in RULES.functions]
    found = [UndeclaredFunction(*row) for row in _ask(transaction, "callable.sql", functions=ours)]
    return [one for one in found if one.signature.startswith("public.") or not is_platform(one.owner)]


def _ask(transaction: ProbeTransaction, name: str, **known: list[str]) -> list[tuple[Any, ...]]:
    tables, roles = [table.qualified for table in RULES.tables], [role.id for role in RULES.roles]
    query = (PROBE_FOLDER / name).read_bytes()
    return transaction.connection.execute(query, {"tables": tables, "roles": roles, **known}).fetchall()


def _search_views(identity: Identity, people: People, views: list[UndeclaredView]) -> Iterator[tuple[str, str]]:
    """Search undeclared views by the ids that they show; one without ids is read as a whole, within the time limit."""
    ids = ", ".join(
        f"'{people[f'a.{name}']}'" for name in ("subject", "scroll", "echo", "council", "gift", "recipient")
    )
    for view in views:
        if identity.role.id in view.roles and not view.stored:
            where = " or ".join(f"v.{column} = any (array[{ids}]::uuid[])" for column in view.columns) or "true"
            sql = f"select from {view.name} as v where ({where}) and to_jsonb(v)::text like '%{people.canary('a')}%'"
            yield view.name, sql
