"""The search for a private word: in every private column, view and open door that somebody else can reach."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from lab.access.matrix import IDENTITIES, VIEWS, Identity
from lab.checks.probes.attempts import PROBE_FOLDER, Attempt, Outcome, Stage, Step
from lab.checks.probes.probe import Judge, Probe, leave_open, unanswered
from lab.checks.probes.report import Verdict
from lab.checks.probes.sample_people import People
from lab.checks.schema.severity import is_platform
from lab.rules import RULES
from lab.rules.model import PrivacyClass, Severity
from lab.rules.promises import question_stays_private

PRIVATE = (PrivacyClass.SECRET, PrivacyClass.PERSONAL)
TRUSTED = ("subject_a", "server")  # the person whose words they are, and the server that acts for everybody


class StrangeView(NamedTuple):
    """A view that the rules do not know: its columns that may hold an id, who reads it, whether it is a stored copy."""

    name: str
    columns: list[str]
    roles: list[str]
    stored: bool


class StrangeFunction(NamedTuple):
    """A function that the rules do not know and that runs as its owner, and who may call it."""

    signature: str
    owner: str
    roles: list[str]


def probe_canary(stage: Stage, people: People) -> Iterator[Probe]:
    """Yield, for each identity that has no business with them, the search for the words of person a."""
    views, functions = _read_views(stage), _read_functions(stage)
    for identity in IDENTITIES:
        if identity.id not in TRUSTED and people.made(RULES.table("oracle_scrolls"), "a"):
            yield _probe(identity, people, views)
            yield from _probe_strangers(identity, views, functions)


def _probe(identity: Identity, people: People, views: list[StrangeView]) -> Probe:
    places = {
        **dict(_columns(people)),
        **dict(_views(people)),
        **dict(_strange(identity, people, views)),
        "public.open_share_card(text)": people.fill(
            "select from public.open_share_card('${a.slug}') as c where to_jsonb(c)::text like '%${a.mark}%'"
        ),
    }
    attempts = tuple(Attempt((Step(identity.id, sql),)) for sql in places.values())
    names = list(places)

    def judge(outcomes: Sequence[Outcome]) -> Verdict:
        found = [name for name, outcome in zip(names, outcomes, strict=True) if not outcome.state and outcome.rows]
        if found:
            return Verdict("differs", f"reads somebody else's words in {', '.join(found)}", Severity.CRITICAL)
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


def _probe_strangers(identity: Identity, views: list[StrangeView], functions: list[StrangeFunction]) -> Iterator[Probe]:
    """Yield what somebody may reach and no made-up row can tell of: it stays unknown what it gives out."""
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
        table = next((one for one in RULES.tables if one.id == view.name), None)
        where = people.where(table, "a") if table else people.fill("run_id = '${a.open_run}'")
        if table is None or people.made(table, "a"):
            sql = f"select from {view.qualified} as v where {where} and to_jsonb(v)::text like '%{people.canary('a')}%'"
            yield view.qualified, sql


def _read_views(stage: Stage) -> list[StrangeView]:
    """Read the views that rest on our tables and that the rules do not know."""
    return [StrangeView(*row) for row in _ask(stage, "readable.sql", views=[view.qualified for view in VIEWS])]


def _read_functions(stage: Stage) -> list[StrangeFunction]:
    """Read the functions that the rules do not know and that run as somebody who reads our tables.

    What the platform brings in its own schemas is the platform's.
    """
    ours = [function.signature for function in RULES.functions]
    found = [StrangeFunction(*row) for row in _ask(stage, "callable.sql", functions=ours)]
    return [one for one in found if one.signature.startswith("public.") or not is_platform(one.owner)]


def _ask(stage: Stage, name: str, **known: list[str]) -> list[tuple[Any, ...]]:
    tables, roles = [table.qualified for table in RULES.tables], [role.id for role in RULES.roles]
    query = (PROBE_FOLDER / name).read_bytes()
    return stage.connection.execute(query, {"tables": tables, "roles": roles, **known}).fetchall()


def _strange(identity: Identity, people: People, views: list[StrangeView]) -> Iterator[tuple[str, str]]:
    """Search a view of somebody else's by the ids that it shows; without one, all of it, within the time limit."""
    ids = ", ".join(
        f"'{people[f'a.{name}']}'" for name in ("subject", "scroll", "echo", "council", "gift", "recipient")
    )
    for view in views:
        if identity.role.id in view.roles and not view.stored:
            where = " or ".join(f"v.{column} = any (array[{ids}]::uuid[])" for column in view.columns) or "true"
            sql = f"select from {view.name} as v where ({where}) and to_jsonb(v)::text like '%{people.canary('a')}%'"
            yield view.name, sql
