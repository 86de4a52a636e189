"""The search for a private word: in every private column, view and open door that somebody else can reach."""

from collections.abc import Iterator, Sequence
from typing import Any

from lab.access import IDENTITIES, VIEWS, Identity
from lab.probes.attempts import LOGIN, PROBE_FOLDER, Attempt, Outcome, Stage, Step
from lab.probes.people import People
from lab.probes.probe import Probe
from lab.probes.report import Verdict
from lab.rules import RULES
from lab.rules.model import PrivacyClass, Severity

PRIVATE = (PrivacyClass.SECRET, PrivacyClass.PERSONAL)
TRUSTED = ("subject_a", "server")  # the person whose words they are, and the server that acts for everybody


def probe_canary(stage: Stage, people: People) -> Iterator[Probe]:
    """Yield, for each identity that has no business with them, the search for the words of person a."""
    strange = _read_strange_views(stage)
    for identity in IDENTITIES:
        if identity.id not in TRUSTED and people.made(RULES.table("oracle_scrolls"), "a"):
            yield _probe(identity, people, strange)


def _probe(identity: Identity, people: People, strange: list[tuple[str, list[str], list[str]]]) -> Probe:
    places = {
        **dict(_columns(people)),
        **dict(_views(people)),
        **dict(_strange(identity, people, strange)),
        "public.open_share_card(text)": people.fill(
            "select from public.open_share_card('${a.slug}') as c where to_jsonb(c)::text like '%${a.mark}%'"
        ),
    }
    close = people.fill("update public.ai_runs set status = 'discarded' where id = '${a.open_run}'")
    attempts = tuple(Attempt((Step(LOGIN, close), Step(identity.id, sql))) for sql in places.values())
    names = list(places)

    def judge(outcomes: Sequence[Outcome]) -> Verdict:
        found = [name for name, outcome in zip(names, outcomes, strict=True) if not outcome.state and outcome.rows]
        if found:
            return Verdict("differs", f"reads somebody else's words in {', '.join(found)}", Severity.CRITICAL)
        return Verdict("holds", f"nothing in {len(names)} places")

    return Probe(
        id="question_stays_private",
        title="A question and its answer are reached by nobody but their owner.",
        identity=identity.id,
        subject="public.oracle_scrolls",
        command="search",
        attempts=attempts,
        expected="nothing",
        judge=judge,
        rule="oracle_scrolls.question",
        why="Share-card receives safe fields only; full question remains private.",
        severity=Severity.CRITICAL,
        chapter=11,
    )


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


def _read_strange_views(stage: Stage) -> list[tuple[str, list[str], list[str]]]:
    """Read the views that rest on our tables and that the rules do not know: name, uuid columns, roles that read."""
    values: dict[str, Any] = {
        "tables": [table.qualified for table in RULES.tables],
        "views": [view.qualified for view in VIEWS],
        "roles": [role.id for role in RULES.roles],
    }
    query = (PROBE_FOLDER / "readable.sql").read_text()
    return [(name, ids, roles) for name, ids, roles in stage.connection.execute(query.encode(), values).fetchall()]


def _strange(
    identity: Identity, people: People, views: list[tuple[str, list[str], list[str]]]
) -> Iterator[tuple[str, str]]:
    """Search a view of somebody else's by the ids that it shows; without one, all of it, within the time limit."""
    ids = ", ".join(
        f"'{people[f'a.{name}']}'" for name in ("subject", "scroll", "echo", "council", "gift", "recipient")
    )
    for name, columns, roles in views:
        if identity.role.id in roles:
            where = " or ".join(f"v.{column} = any (array[{ids}]::uuid[])" for column in columns) or "true"
            sql = f"select from {name} as v where ({where}) and to_jsonb(v)::text like '%{people.canary('a')}%'"
            yield name, sql
