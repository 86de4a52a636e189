"""What the targets say: their URLs, the pooler, the environment that deliveries are open for, and the worker."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import psycopg

from lab.database.connect import DatabaseUnavailable, connect, name_database
from lab.database.failures import say_refusal
from lab.readiness.doctor.settings import read_secrets
from lab.readiness.doctor.sign import Setup, Sign
from lab.readiness.targets import EMBEDDED, find_targets, find_url
from lab.text.product_files import SQL

POOLED = 6543  # Supabase's pooler in transaction mode
PATIENCE_SECONDS = 5.0
LONGEST_SILENCE = timedelta(hours=2)  # the slowest frequent task runs every hour
_ASKED = (SQL / "doctor" / "set_up.sql").read_text(encoding="utf-8")


def look_at_targets(setup: Setup) -> Iterator[Sign]:
    """Look at each named target: its URL, whether it answers, and what runs on it."""
    secrets = read_secrets(setup)
    named = [target for target in find_targets(setup.environ, secrets) if target.name != EMBEDDED]
    for target in named:
        name = f"Target {target.name}"
        if target.fault:
            yield Sign(name, "wrong", target.fault.rstrip("."), "Correct it where it is named, and look again.")
        else:
            yield from _look_at(name, find_url(target.name, setup.environ, secrets) or "")
    if url := setup.environ.get("DATABASE_URL", "").strip():
        yield from _look_at("DATABASE_URL", url)
    elif "DATABASE_URL" in setup.environ:
        yield Sign("DATABASE_URL", "wrong", "it is set, but empty", "Set it, or unset it for the embedded database.")
    elif not named:
        yield Sign("Targets", "not used", "LAB_TARGET_NAME names none", "Set LAB_TARGET_STAGING=URL to add one.")


def _look_at(name: str, url: str) -> Iterator[Sign]:
    try:
        place = name_database(url)
        with connect(
            url, read_only=True, statement_timeout_seconds=PATIENCE_SECONDS, patience_seconds=PATIENCE_SECONDS
        ) as connection:
            yield Sign(name, "ok", f"{place} answers, Postgres {connection.info.parameter_status('server_version')}")
            if connection.info.port == POOLED:
                remedy = "Use the pooler's port 5432, or the direct host, for migrations and dumps."
                yield Sign(f"Pooler of {name}", "unknown", "port 6543 is usually a pooler in transaction mode", remedy)
            yield from _look_inside(name, connection)
    except DatabaseUnavailable as error:
        yield Sign(name, "wrong", error.found.rstrip("."), f"{error.next_step.rstrip('.')}.")
    except psycopg.Error as error:
        yield Sign(name, "unknown", f"the connection ended: {say_refusal(error)}", "Look again.")


def _look_inside(name: str, connection: psycopg.Connection[Any]) -> Iterator[Sign]:
    try:
        row = connection.execute(_ASKED.encode()).fetchone()
    except (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedFunction, psycopg.errors.InvalidSchemaName):
        remedy = "Run: python -m lab migrate --database-url-file FILE --apply"
        yield Sign(f"Schema of {name}", "wrong", "the tables are not there", remedy)
        return
    except psycopg.errors.InsufficientPrivilege:
        yield Sign(f"Schema of {name}", "unknown", "this login may not read it", "Use the login that owns the tables.")
        return
    opened, fault, succeeded, now = row if row else (False, None, None, None)
    yield _judge_environment(name, bool(opened), fault)
    yield _judge_worker(name, succeeded, now)


def _judge_environment(name: str, opened: bool, fault: str | None) -> Sign:
    named = f"Environment of {name}"
    if not opened:
        remedy = "Where this database delivers, open it once: select public.open_environment('production');"
        return Sign(named, "not used", "no environment is open, so nothing is sent", remedy)
    if fault:
        remedy = "If it is the right database, open it again: select public.open_environment('NAME');"
        return Sign(named, "wrong", f"it was opened for another database ({fault}), so nothing is sent", remedy)
    return Sign(named, "ok", "open")


def _judge_worker(name: str, succeeded: Any, now: Any) -> Sign:
    named = f"Worker of {name}"
    remedy = "Run it as a service: python -m lab worker"
    if succeeded is None:
        return Sign(named, "wrong", "no scheduled task has ever succeeded", remedy)
    if now - succeeded > LONGEST_SILENCE:
        hours = int((now - succeeded).total_seconds() // 3600)
        return Sign(named, "wrong", f"no task has succeeded for {hours} h", remedy)
    return Sign(named, "ok", "a task succeeded within two hours")
