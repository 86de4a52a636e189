"""The running of a server: each judgement in a table, and the queries on real servers of every major."""

import re
import time
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from fixtures.servers import Database
from lab.checks.finding import Finding
from lab.checks.operations.check import INSPECTIONS, QUERY_FOLDER, Session, check_operations
from lab.cli import main
from lab.database.connect import connect
from lab.database.embedded.scratch import open_scratch
from lab.database.embedded.server import EmbeddedPostgres
from lab.migrations.apply import State
from lab.rules import RULES
from lab.rules.criteria.operations import CRITERIA
from lab.rules.model import Criterion

Databases = Callable[..., Database]
ADVICE = (*RULES.criteria, *RULES.invariants)
INSPECTION = {inspection.query: inspection for inspection in INSPECTIONS}
HERE = Session(remote=False, encrypted=False, backend=7, asked_at=1000.0, doubt=0.1)
AWAY = Session(remote=True, encrypted=True, backend=7, asked_at=1000.0, doubt=0.1)
BARE = Session(remote=True, encrypted=False, backend=7)

SOUND: dict[str, dict[str, Any]] = {
    "server": {"major": 17, "clock": 1000.0, "backend": 7, "durable": True},
    "settings": {"name": "work_mem", "value": "8MB", "sees_all": True},
    "encryption": {"ssl": True, "version": "TLSv1.3", "inside": False},
    "archiving": {
        "archives": True,
        "failed_count": 0,
        "ever": True,
        "failing": False,
        "seconds_since": 60.0,
        "waiting_bytes": 99,
    },
    "slots": {"name": "replica", "active": True, "state": "reserved", "kept_bytes": 1000},
    "queue": {"lag": None, "running": 0, "since_attempt": None},
    "queue_bloat": {"live": 100, "dead": 50},
    "migration_lock": {"seconds": 3.0},
    "transactions": {"long_running": 0, "idle": 0, "prepared": 0, "sees_all": True},
    "capacity": {"connections": 10, "most": 60, "oldest": 200_000_000},
    "time_limits": {"role": "anon", "set_to": "3s"},
}

# Query, session, what differs from the sound answer, and what is said: a rule, or the beginning of an Unknown.
CASES: dict[str, tuple[str, Session, dict[str, Any], set[str]]] = {
    "too old": ("server", HERE, {"major": 14}, {"server_version"}),
    "newer than tried": ("server", HERE, {"major": 19}, {"Whether all of it works with Postgres 19."}),
    "not durable": ("server", HERE, {"durable": False}, {"server_durability"}),
    "payments lost": (
        "settings", HERE, {"name": "synchronous_commit", "value": "off"}, {"server_acknowledged_writes"},
    ),
    "pages emptied": (
        "settings", HERE, {"name": "zero_damaged_pages", "value": "on"}, {"server_acknowledged_writes"},
    ),
    "commits flushed here alone": ("settings", HERE, {"name": "synchronous_commit", "value": "local"}, set()),
    "every statement logged": ("settings", HERE, {"name": "log_statement", "value": "all"}, {"server_log"}),
    "changes of tables logged": ("settings", HERE, {"name": "log_statement", "value": "ddl"}, set()),
    "some statements logged": ("settings", HERE, {"name": "log_min_duration_sample", "value": "0ms"}, {"server_log"}),
    "slow statements logged": ("settings", HERE, {"name": "log_min_duration_statement", "value": "5000ms"}, set()),
    "values in errors": (
        "settings", HERE, {"name": "log_parameter_max_length_on_error", "value": "-1"}, {"server_log"},
    ),
    "no values in errors": ("settings", HERE, {"name": "log_parameter_max_length_on_error", "value": "0"}, set()),
    "plans printed": ("settings", HERE, {"name": "debug_print_plan", "value": "on"}, {"server_log"}),
    "plans explained": ("settings", HERE, {"name": "auto_explain.log_min_duration", "value": "1000ms"}, {"server_log"}),
    "statements of warnings": (
        "settings", HERE, {"name": "log_min_error_statement", "value": "warning"}, {"server_log"},
    ),
    "statements of failures": ("settings", HERE, {"name": "log_min_error_statement", "value": "panic"}, set()),
    "a library": ("settings", HERE, {"name": "session_preload_libraries", "value": "hook"}, {"server_libraries"}),
    "libraries of the platform": (
        "settings", HERE, {"name": "session_preload_libraries", "value": "supautils, safeupdate"}, set(),
    ),
    "no time for a lock": ("settings", HERE, {"name": "lock_timeout", "value": "1ms"}, {"server_time_limits"}),
    "time enough for a lock": ("settings", HERE, {"name": "lock_timeout", "value": "8000ms"}, set()),
    "too few rights for settings": (
        "settings", HERE, {"sees_all": False}, {"What the server's own settings do."},
    ),
    "clock behind": ("server", HERE, {"clock": 994.0}, {"server_clock"}),
    "clock ahead": ("server", HERE, {"clock": 4600.0}, {"server_clock"}),
    "clock within reason": ("server", HERE, {"clock": 1005.05}, set()),
    "pooler": ("server", AWAY, {"backend": 8}, {"server_pooler"}),
    "in the clear": ("encryption", BARE, {"ssl": False}, {"server_encryption"}),
    "in the clear behind a pooler": ("encryption", AWAY, {"ssl": False}, {"server_encryption"}),
    "a pooler on the server itself": ("encryption", AWAY, {"ssl": False, "inside": True}, set()),
    "in the clear beside a pooler": ("encryption", BARE, {"ssl": False, "inside": True}, {"server_encryption"}),
    "a socket needs none": ("encryption", HERE, {"ssl": False}, set()),
    "archiving fails": ("archiving", HERE, {"failing": True, "failed_count": 4}, {"server_archive"}),
    "no archiving": ("archiving", HERE, {"archives": False}, {"Whether there are backups."}),
    "nothing archived yet": ("archiving", HERE, {"ever": False}, {"Whether there are backups."}),
    "archiving hangs": (
        "archiving", HERE, {"seconds_since": 4000.0, "waiting_bytes": 2 << 30}, {"server_archive"},
    ),
    "archiving catches up": ("archiving", HERE, {"waiting_bytes": 2 << 30}, set()),
    "nothing to archive": ("archiving", HERE, {"seconds_since": 86400.0}, set()),
    "a failure long ago, archiving off": (
        "archiving", HERE, {"archives": False, "failing": True}, {"Whether there are backups."},
    ),
    "slot left behind": ("slots", HERE, {"active": False, "kept_bytes": 2 << 30}, {"server_replication_slot"}),
    "slot lost": ("slots", HERE, {"state": "lost"}, {"server_replication_slot"}),
    "slot that is being read": ("slots", HERE, {"kept_bytes": 2 << 30}, set()),
    "slot whose reader confirms nothing": (
        "slots", HERE, {"kept_bytes": 2 << 30, "state": "extended"}, {"server_replication_slot"},
    ),
    "slot unread for a moment": ("slots", HERE, {"active": False}, set()),
    "no worker ever": ("queue", HERE, {"lag": 400.0}, {"server_worker"}),
    "worker gone": ("queue", HERE, {"lag": 400.0, "since_attempt": 900.0}, {"server_worker"}),
    "worker too slow": ("queue", HERE, {"lag": 400.0, "running": 3, "since_attempt": 900.0}, {"server_queue_lag"}),
    "worker too slow, between jobs": ("queue", HERE, {"lag": 400.0, "since_attempt": 2.0}, {"server_queue_lag"}),
    "a quiet shop": ("queue", HERE, {"since_attempt": 86400.0}, set()),
    "just due": ("queue", HERE, {"lag": 200.0}, set()),
    "bloat": ("queue_bloat", HERE, {"live": 100, "dead": 20_000}, {"server_queue_bloat"}),
    "dead rows of a large queue": ("queue_bloat", HERE, {"live": 1_000_000, "dead": 20_000}, set()),
    "migration stuck": ("migration_lock", HERE, {"seconds": 301.0}, {"server_migration_lock"}),
    "migration under way": ("migration_lock", HERE, {"seconds": 299.0}, set()),
    "holder that may not be seen": ("migration_lock", HERE, {"seconds": None}, {"Whether a migration is stuck."}),
    "long transaction": ("transactions", HERE, {"long_running": 1}, {"server_long_transaction"}),
    "prepared transaction": ("transactions", HERE, {"prepared": 1}, {"server_long_transaction"}),
    "idle in a transaction": ("transactions", HERE, {"idle": 1}, {"server_long_transaction"}),
    "too few rights": (
        "transactions", HERE, {"sees_all": False}, {"Whether another role's transaction has been open for long."},
    ),
    "connections": ("capacity", HERE, {"connections": 50}, {"server_connections"}),
    "transaction numbers": ("capacity", HERE, {"oldest": 1_200_000_000}, {"server_transaction_numbers"}),
    "no limit": ("time_limits", HERE, {"set_to": "none"}, {"server_statement_timeout"}),
    "limit switched off": ("time_limits", HERE, {"set_to": "0"}, {"server_statement_timeout"}),
    "limit of no minutes": ("time_limits", HERE, {"set_to": "0min"}, {"server_statement_timeout"}),
    "limit of eleven days": ("time_limits", HERE, {"set_to": "999999999"}, {"server_statement_timeout"}),
    "limit of six minutes": ("time_limits", HERE, {"set_to": "6 min"}, {"server_statement_timeout"}),
    "limit of five minutes": ("time_limits", HERE, {"set_to": "300000"}, set()),
    "limit in another unit": ("time_limits", HERE, {"set_to": "0.1h"}, {"server_statement_timeout"}),
    "limit that is not understood": (
        "time_limits", HERE, {"set_to": "soon"}, {"Whether requests of anon have a time limit."},
    ),
}  # fmt: skip


def judge(query: str, session: Session, answer: dict[str, Any]) -> set[str]:
    parts = INSPECTION[query].judge([answer], session)
    return {part.rule if isinstance(part, Finding) else part.what for part in parts}


@pytest.mark.parametrize("case", CASES)
def test_what_an_answer_means(case: str) -> None:
    query, session, change, said = CASES[case]
    assert judge(query, session, SOUND[query] | change) == said


@pytest.mark.parametrize("query", SOUND)
@pytest.mark.parametrize("session", [HERE, AWAY], ids=["here", "away"])
def test_a_sound_answer_means_nothing(query: str, session: Session) -> None:
    assert judge(query, session, SOUND[query]) == set()


@pytest.mark.parametrize("criterion", ADVICE, ids=lambda criterion: criterion.id)
def test_advice_names_only_commands_that_there_are(criterion: Criterion) -> None:
    for command in re.findall(r"python -m lab (\w+)", criterion.decide or ""):
        with pytest.raises(SystemExit) as told:
            main([command, "--help"])
        assert told.value.code == 0, f"{criterion.id} advises {command}, which does not exist"


def test_each_criterion_has_a_case_and_each_query_an_inspection() -> None:
    migrations = {f"server_migration_{state}" for state in ("missing", "edited", "unknown")}
    shown = {word for *_, said in CASES.values() for word in said if word.startswith("server_")}
    assert shown | migrations == {criterion.id for criterion in CRITERIA}
    assert {path.stem for path in QUERY_FOLDER.glob("*.sql")} == INSPECTION.keys() | {"row_estimates"}
    assert all(path.read_text().startswith("-- ") for path in QUERY_FOLDER.glob("*.sql"))


def rules(outcome: Any) -> set[str]:
    """Without what is so on every server of the tests: throw-away data, nothing archived."""
    return {finding.rule for finding in outcome.findings} - {"server_durability"}


def test_a_sound_server_of_each_major(each_server: EmbeddedPostgres, shared_database: Databases) -> None:
    """The queries name exactly what the judgements read, on every version."""
    with connect(shared_database(each_server).url, read_only=True) as connection:
        outcome = check_operations(connection)
        assert rules(outcome) == set()
        assert [unknown.what for unknown in outcome.unknowns] == ["Whether there are backups."]
        for inspection in INSPECTIONS:
            with connection.cursor(row_factory=psycopg.rows.dict_row) as cursor:
                cursor.execute((QUERY_FOLDER / f"{inspection.query}.sql").read_bytes())
                assert [column.name for column in cursor.description or []] == list(SOUND[inspection.query])


CONFIGURED = {
    "log_min_duration_sample": "0",
    "log_parameter_max_length_on_error": "-1",
    "debug_print_parse": "on",
    "idle_session_timeout": "5s",
    "log_lock_waits": "on",
}
SETTINGS = {"server_log", "server_time_limits", "server_libraries", "server_acknowledged_writes"}


def test_what_the_server_is_configured_to_do() -> None:
    """What its own files set is told; without fsync, that nothing is safe is told by itself."""
    with open_scratch() as server:
        with psycopg.connect(server.admin_url(), autocommit=True) as admin:
            for name, value in CONFIGURED.items():
                admin.execute(f"alter system set {name} = '{value}'".encode())
            admin.execute("select pg_reload_conf(), pg_sleep(0.2)")
        with connect(server.admin_url(), read_only=True) as connection:
            found = {f.subject: f.rule for f in check_operations(connection).findings if f.rule in SETTINGS}
    assert found == {
        "log_min_duration_sample": "server_log",
        "log_parameter_max_length_on_error": "server_log",
        "debug_print_parse": "server_log",
        "idle_session_timeout": "server_time_limits",
    }


def test_a_bare_server(server: EmbeddedPostgres, shared_database: Databases) -> None:
    with connect(shared_database(server, "bare").url, read_only=True) as connection:
        outcome = check_operations(connection)
    assert rules(outcome) == {"server_migration_missing"}
    assert "Whether the queue moves." in {unknown.what for unknown in outcome.unknowns}


def test_a_role_that_may_see_little_says_so(server: EmbeddedPostgres, shared_database: Databases) -> None:
    with psycopg.connect(shared_database(server).admin_url) as connection:
        connection.execute("set local role service_role")
        outcome = check_operations(connection)
        connection.rollback()
    assert {u.what for u in outcome.unknowns} == {
        "Whether there are backups.",
        "What the server's own settings do.",
        "Whether another role's transaction has been open for long.",
        "Which migrations are applied.",
    }


def test_a_queue_that_nobody_works_on(server: EmbeddedPostgres, shared_database: Databases) -> None:
    with psycopg.connect(shared_database(server).admin_url) as connection:
        connection.execute("set local session_replication_role = replica")
        connection.execute("alter table public.delivery_jobs disable trigger user")  # ours fire in any mode
        connection.execute(
            "insert into public.delivery_jobs (idempotency_key, channel, leg, subject_id, purchase_id, next_run_at,"
            " support_path) values ('pdf:account:' || gen_random_uuid() || ':0', 'pdf', 'account', gen_random_uuid(),"
            " gen_random_uuid(), now() - interval '6 minutes', '/operate/queue?channel=email')"
        )
        assert rules(check_operations(connection)) == {"server_worker"}
        connection.execute(
            "insert into public.delivery_attempts (job_id, attempt, outcome)"
            " select id, 1, 'transient' from public.delivery_jobs"
        )
        assert rules(check_operations(connection)) == {"server_queue_lag"}
        connection.rollback()


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ("delete from {} where name = 'views'", State.MISSING),
        ("update {} set statements = '{{select 1}}' where name = 'views'", State.EDITED),
        ("insert into {} (version) values ('20300101000000')", State.UNKNOWN),
    ],
)
def test_migrations(change: str, rule: State, server: EmbeddedPostgres, shared_database: Databases) -> None:
    with psycopg.connect(shared_database(server).admin_url) as connection:
        connection.execute(change.format("supabase_migrations.schema_migrations").encode())
        outcome = check_operations(connection)
        connection.rollback()
    assert rules(outcome) == {f"server_migration_{rule}"}


def test_a_migration_that_holds_the_lock_is_seen(server: EmbeddedPostgres, shared_database: Databases) -> None:
    from lab.migrations.apply import _LOCK

    url = shared_database(server).url
    with connect(url) as holder, connect(url, read_only=True) as connection:
        query = (QUERY_FOLDER / "migration_lock.sql").read_bytes()
        assert connection.execute(query).fetchall() == []
        holder.execute(_LOCK)
        time.sleep(0.05)
        connection.rollback()
        ((seconds,),) = connection.execute(query).fetchall()
        assert 0 < seconds < 60
        holder.rollback()


def test_a_session_that_keeps_the_lock_and_does_nothing_is_seen(
    server: EmbeddedPostgres, shared_database: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A deploy that took the lock for its session, outside any transaction, and then lost its way."""
    monkeypatch.setattr("lab.checks.operations.check.LONG_SECONDS", 0.05)
    url = shared_database(server).url
    with connect(url) as holder, connect(url, read_only=True) as connection:
        assert "server_migration_lock" not in rules(check_operations(connection))
        holder.execute("select pg_advisory_lock(hashtextextended('supabase_migrations.schema_migrations', 0))")
        holder.commit()
        time.sleep(0.1)
        connection.rollback()
        assert "server_migration_lock" in rules(check_operations(connection))
        connection.rollback()
        connection.execute("set role service_role")
        assert "Whether a migration is stuck." in {u.what for u in check_operations(connection).unknowns}


@pytest.mark.parametrize("limit", ["0", "0min", "999999999", "2 h"])
def test_a_time_limit_of_the_role_in_this_database_counts(
    limit: str, server: EmbeddedPostgres, database: Databases
) -> None:
    made = database(server)
    with psycopg.connect(made.admin_url) as connection:
        connection.execute(f"alter role anon in database {made.name} set statement_timeout = '{limit}'".encode())
        outcome = check_operations(connection)
        assert [(f.rule, f.subject) for f in outcome.findings if f.rule != "server_durability"] == [
            ("server_statement_timeout", "anon")
        ]
        connection.rollback()


def test_nothing_is_written_and_what_is_open_stays_open(server: EmbeddedPostgres, shared_database: Databases) -> None:
    with connect(shared_database(server).url) as connection:
        connection.execute("create temporary table mine ()")
        check_operations(connection)
        connection.execute("insert into mine default values")
        assert connection.execute("show row_security").fetchone() == ("on",)
        connection.rollback()
