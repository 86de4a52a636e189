"""The tour on a real database: every step holds, nothing stays, and a broken wall is seen at its step."""

from collections.abc import Callable

import psycopg
import pytest

from fixtures.servers import Database
from lab.checks.probes.trial import read_statements
from lab.checks.tour.play import FOLDER, play_tour
from lab.checks.tour.steps import STEPS
from lab.database.connect import DatabaseUnavailable
from lab.database.embedded.server import EmbeddedPostgres
from lab.rules import RULES

Make = Callable[..., Database]
# What is broken, where the tour shows it first, and who got what they should not.
WEAKENED = {
    "rows of others": ("alter table public.oracle_scrolls disable row level security", "question", "subject_b"),
    "a column for everybody": (
        "grant select on public.oracle_scrolls to anon; "
        "create policy open on public.oracle_scrolls for select to anon using (true)",
        "question",
        "visitor",
    ),
    "one session, two purchases": ("drop index public.purchases_checkout_session", "payment", "server"),
    "mail without consent": ("drop trigger jobs_need_consent on public.delivery_jobs", "gates", "server"),
    "cards that can be listed": (
        "grant select on public.share_cards to anon; "
        "create policy open on public.share_cards for select to anon using (true)",
        "share",
        "visitor",
    ),
    "sealed entries that go": ("drop trigger passport_records_kept on public.passport_records", "passport", "login"),
}


def count_rows(url: str) -> dict[str, int]:
    """Count the rows of every table, and of the accounts."""
    names = ["auth.users", *(table.qualified for table in RULES.tables)]
    with psycopg.connect(url) as connection:
        rows = ((name, connection.execute(f"select count(*) from {name}".encode()).fetchone()) for name in names)
        return {name: row[0] if row else -1 for name, row in rows}


def test_every_step_holds_and_nothing_stays(server: EmbeddedPostgres, database: Make) -> None:
    url = database(server).url
    before = count_rows(url)
    tour = play_tour(url)
    assert tour.refusal == ""
    assert [(step.step.id, step.state, step.refusal) for step in tour.steps] == [
        (step.id, "holds", "") for step in STEPS
    ]
    for step in tour.steps:
        assert all(rows for _, rows in step.rows), step.step.id
    assert count_rows(url) == before


@pytest.mark.parametrize(("statement", "step", "who"), WEAKENED.values(), ids=WEAKENED)
def test_a_broken_wall_is_seen_at_its_step(
    server: EmbeddedPostgres, database: Make, statement: str, step: str, who: str
) -> None:
    url = database(server).url
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement.encode())
    broken = [one for one in play_tour(url).steps if one.state == "broken"]
    assert broken[0].step.id == step
    assert who in {one.tried.who for one in broken[0].tries if one.verdict.state == "differs"}


def test_a_step_that_cannot_be_written_leaves_the_rest_unknown(server: EmbeddedPostgres, database: Make) -> None:
    url = database(server).url
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("alter table public.oracle_artifacts add constraint closed check (false) not valid")
    states = {step.step.id: (step.state, bool(step.refusal)) for step in play_tour(url).steps}
    assert states["payment"] == ("holds", False)
    assert states["gates"] == ("unknown", True)
    assert {state for state, _ in list(states.values())[2:]} == {"unknown"}


def test_a_database_without_the_tables_is_refused_with_a_reason(server: EmbeddedPostgres, database: Make) -> None:
    tour = play_tour(database(server, "bare").url)
    assert tour.steps == ()
    assert "Is this the right database?" in tour.refusal


def test_a_database_that_is_not_there_is_named_without_its_password() -> None:
    with pytest.raises(DatabaseUnavailable) as raised:
        play_tour("postgresql://me:hunter2@127.0.0.1:1/shop")
    assert "hunter2" not in str(raised.value)


def test_every_statement_is_used_and_every_file_is_a_step() -> None:
    assert {path.stem for path in FOLDER.glob("*.sql")} == {step.id for step in STEPS}
    for step in STEPS:
        used = {name for _, name in step.writes} | {show.statement for show in step.shows}
        used |= {one.statement for one in step.tries} | {name for one in step.tries for _, name in one.first}
        assert read_statements(step.id, FOLDER).keys() == used, step.id


def test_every_promise_is_one_of_the_rules_and_somebody_else_tries_in_every_step() -> None:
    for step in STEPS:
        assert step.promise in RULES.promises
        assert len({one.who for one in step.tries}) > 1, step.id


def test_other_work_in_its_way_reads_unknown_and_not_broken(server: EmbeddedPostgres, database: Make) -> None:
    """A deletion does not wait for rows that another transaction has locked."""
    url = database(server).url
    with psycopg.connect(url) as other:
        other.execute("select from public.erasure_keys for update")
        states = {step.step.id: step for step in play_tour(url).steps}
    assert states["request"].state == "holds"
    assert states["deletion"].state == "unknown"
    assert "in its way" in states["deletion"].refusal
    assert {step.state for step in play_tour(url).steps} == {"holds"}
