"""A check's report: its verdict, its words, its JSON, and every way in which it can fail."""

import json
from collections.abc import Callable

import psycopg
import pytest

from fixtures.servers import Database
from lab.checks.finding import Repair
from lab.checks.schema import check
from lab.checks.schema.check import check_database
from lab.checks.schema.repairs import repair_script
from lab.checks.schema.repairs.proposals import accept_proposal, propose
from lab.database.connect import DatabaseUnavailable
from lab.database.embedded.server import EmbeddedPostgres

Make = Callable[..., Database]


def weaken(place: Database, *statements: str) -> None:
    with psycopg.connect(place.admin_url, autocommit=True) as admin:
        for statement in statements:
            admin.execute(statement)


def test_a_sound_database_holds(each_server: EmbeddedPostgres, shared_database: Make) -> None:
    report = check_database(shared_database(each_server).url)
    assert (report.state, report.findings, report.unknown) == ("holds", (), ())
    assert report.server_version.startswith(str(each_server.major))
    assert not report.replica


def test_a_project_with_automatic_grants_holds(each_server: EmbeddedPostgres, shared_database: Make) -> None:
    report = check_database(shared_database(each_server, "migrated_legacy").url)
    assert (report.state, report.findings) == ("holds", ())


def test_the_script_makes_the_whole_wall(each_server: EmbeddedPostgres, database: Make) -> None:
    """On a project with no table of ours, the repairs in their order are the migration.

    What Postgres itself grants on new functions is not the wall's alone, so its repair is only proposed.
    """
    place = database(each_server, "bare")
    report = check_database(place.url)
    assert report.state == "broken"
    with psycopg.connect(place.url) as connection:
        connection.execute(repair_script(report.findings).encode())
    (left,) = check_database(place.url).findings
    assert (left.key, left.proposal) == ("default_privilege:postgres|*|functions|public|EXECUTE:extra", True)
    with psycopg.connect(place.url) as connection:
        connection.execute(repair_script([accept_proposal(left)]).encode())
    assert check_database(place.url).findings == ()


def test_a_finding_says_it_all(server: EmbeddedPostgres, database: Make) -> None:
    place = database(server)
    weaken(place, "grant select on public.oracle_scrolls to anon")
    report = check_database(place.url)
    assert report.state == "broken"
    (found,) = json.loads(report.model_dump_json())["findings"]
    assert found == {
        "key": "privilege:table|public.oracle_scrolls|anon|SELECT:extra",
        "kind": "privilege",
        "name": "table|public.oracle_scrolls|anon|SELECT",
        "aspect": "extra",
        "family": "access",
        "rule": "oracle_scrolls",
        "chapter": 11,
        "severity": "critical",
        "subject": "public.oracle_scrolls",
        "title": "Anonymous visitors can read oracle_scrolls",
        "expected": "none",
        "seen": "anon may select",
        "why": "anon can use SELECT, which no rule grants.",
        "repair": propose(
            Repair(
                change="revoke select on table public.oracle_scrolls from anon cascade;",
                undo="grant select on table public.oracle_scrolls to anon;",
            )
        ).sql,
        "proposal": True,
        "decide": None,
        "counterexample": None,
    }


def test_the_counterexample_shows_the_door(server: EmbeddedPostgres, database: Make) -> None:
    place = database(server)
    weaken(
        place,
        "alter policy owner_reads_echo_entries on public.echo_entries "
        "using (auth.uid() is null or subject_id = auth.uid())",
    )
    (finding,) = check_database(place.url).findings
    assert finding.subject == "public.echo_entries.owner_reads_echo_entries"
    assert finding.counterexample is not None
    assert finding.counterexample["identity"] == "a session that names no person"
    assert "lets through what the rules refuse for a session that names no person: a row with subject_id" in finding.why


def test_a_missing_check_shows_what_gets_in_now(server: EmbeddedPostgres, database: Make) -> None:
    """Its documents have to be lists: a search among all kinds would end at the first that is none."""
    place = database(server)
    weaken(place, "alter table public.council_sessions drop constraint council_sessions_closed_with_voices")
    (finding,) = check_database(place.url).findings
    assert finding.counterexample is not None
    assert finding.counterexample["row"]["status"] == "closed"
    assert "It lets through what the rules refuse: a row with status 'closed'" in finding.why


def test_the_state_of_a_trigger_is_told_in_words(server: EmbeddedPostgres, shared_database: Make) -> None:
    with psycopg.connect(shared_database(server).admin_url) as connection:
        connection.execute("alter table public.passport_records disable trigger passport_seal")
        (finding,), _ = check.check_connection(connection)
        connection.rollback()
    assert (finding.expected, finding.seen) == ("always enabled", "disabled")


# what was weakened -> the worst severity, and the chapter
GRADES = {
    "alter table public.oracle_scrolls disable row level security": ("critical", 11),
    "grant select on public.products to anon": ("high", 11),
    "grant truncate on public.products to authenticated": ("critical", 11),
    "alter table public.passport_records disable trigger passport_seal": ("high", 4),
    "drop index public.purchases_checkout_session": ("high", 8),
    "create table public.notes (id int)": ("low", 11),
    "create view public.leak as select question from public.oracle_scrolls; grant select on public.leak to anon": (
        "critical",
        11,
    ),
    "create view public.leak as select status from public.delivery_jobs; grant select on public.leak to anon": (
        "high",
        11,
    ),
    "alter table public.delivery_jobs disable trigger jobs_need_consent": ("high", 3),
    "alter role postgres nologin": ("medium", 11),
    "do $$ begin execute format('alter database %I connection limit 0', current_database()); end $$": ("high", 2),
    "comment on table public.products is null": ("info", 8),
    "alter table public.products replica identity full": ("info", 8),
}


@pytest.mark.parametrize("statement", GRADES)
def test_severity_and_chapter(server: EmbeddedPostgres, shared_database: Make, statement: str) -> None:
    with psycopg.connect(shared_database(server).admin_url) as connection:
        connection.execute(statement)
        findings, _ = check.check_connection(connection)
        connection.rollback()
    severity, chapter = GRADES[statement]
    assert findings[0].severity == severity
    assert severity in {"info", "low"} or findings[0].chapter in (chapter, *chapters_of(findings[0].subject))


def chapters_of(subject: str) -> list[int]:
    from lab.rules import RULES

    return [c.number for c in RULES.chapters if any(subject.startswith(table.qualified) for table in c.tables)]


def test_no_secret_in_the_report(server: EmbeddedPostgres, shared_database: Make) -> None:
    url = shared_database(server).url.replace("postgres@", "postgres:s3cret@")
    assert "s3cret" not in check_database(url).model_dump_json()


def test_no_secret_setting_leaves_the_database(server: EmbeddedPostgres, shared_database: Make) -> None:
    with psycopg.connect(shared_database(server).admin_url) as connection:
        name = connection.info.dbname
        connection.execute(f"alter database {name} set app.settings.jwt_secret = 'sesame'".encode())
        connection.execute("alter role authenticator set pgrst.jwt_secret = 'sesame'")
        connection.execute("alter role authenticator set request.jwt.claims = 'sesame'")
        findings, live = check.check_connection(connection)
        connection.rollback()
    seen = {finding.key: finding.seen for finding in findings}
    assert seen["setting:authenticator|*|pgrst.jwt_secret:extra"] == "pgrst.jwt_secret = a value that is not shown"
    assert len(seen) == 3
    assert "sesame" not in live.model_dump_json()


PRINTING = ("intervalstyle = iso_8601", "standard_conforming_strings = off", "datestyle = german", "timezone = japan")


def test_how_a_session_prints_changes_nothing(server: EmbeddedPostgres, database: Make) -> None:
    """A reworded policy is judged by its meaning, too, whatever the session's own way of writing."""
    place = database(server)
    weaken(place, *(f"alter database {place.name} set {setting}" for setting in PRINTING))
    weaken(
        place, "alter policy owner_reads_echo_entries on public.echo_entries using (subject_id = (select auth.uid()))"
    )
    report = check_database(place.url)
    weighing = [finding.key for finding in report.findings if finding.weighs]
    assert weighing == ["setting:*|database|standard_conforming_strings:extra"]  # what functions mean is another matter
    assert {finding.key.split(":")[0] for finding in report.findings} == {"policy", "setting"}


def test_too_old(server: EmbeddedPostgres, shared_database: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "OLDEST", server.major + 1)
    with pytest.raises(DatabaseUnavailable, match=f"its Postgres is {server.major}.*Upgrade it"):
        check_database(shared_database(server).url)


def test_newer_than_the_rules(server: EmbeddedPostgres, shared_database: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "majors", lambda: (15, 16, 17))
    report = check_database(shared_database(server).url)
    assert report.state == "unknown"
    assert report.unknown[0].what == f"what is new in Postgres {server.major}"


def test_rules_that_have_changed_since_they_were_written_down(
    server: EmbeddedPostgres, shared_database: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check, "fingerprint_schema", lambda: "another")
    report = check_database(shared_database(server).url)
    assert report.state == "unknown"
    assert "python -m lab expected" in report.unknown[0].why


def test_too_slow(server: EmbeddedPostgres, shared_database: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "STATEMENT_SECONDS", 0.001)
    report = check_database(shared_database(server).url)
    assert (report.state, report.findings) == ("unknown", ())
    assert "server is less busy" in report.unknown[0].why


def test_locked_out(server: EmbeddedPostgres, database: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "LOCK_SECONDS", 0.2)
    place = database(server)
    with psycopg.connect(place.admin_url) as admin:
        admin.execute("lock table pg_catalog.pg_policy in access exclusive mode")
        report = check_database(place.url)
        admin.rollback()
    assert report.state == "unknown"
    assert "was locked by another session" in report.unknown[0].why


def test_nobody_there() -> None:
    with pytest.raises(DatabaseUnavailable, match="nothing listens there"):
        check_database("postgresql://u:x@127.0.0.1:1/db")


def test_too_many_strangers_to_list(server: EmbeddedPostgres, database: Make) -> None:
    place = database(server)
    weaken(
        place,
        "do $$ begin for i in 1..510 loop execute format('create table public.open_%s (id int)', i); end loop; end $$",
    )
    report = check_database(place.url)
    assert [entry.what for entry in report.unknown] == ["all undeclared relations"]
    assert len([finding for finding in report.findings if finding.key.startswith("stranger:")]) == 500
