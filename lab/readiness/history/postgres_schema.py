"""The history as a schema of Postgres, marked by a comment; another program's schema is refused instead of filled."""

from psycopg import OperationalError, errors
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError, TimeoutError
from sqlalchemy.schema import CreateSchema

from lab.database.connect import DatabaseUnavailable
from lab.database.failures import say_break
from lab.database.pool import open_engine
from lab.readiness.history.place import URL_VARIABLE, HistoryUnavailable, SharedHistory
from lab.readiness.history.tables import MARK, TABLES, VERSION

SCHEMA = "lab_history"
_LOCK = 0x77616C6C  # the advisory lock of the writer

# Default privileges may open each new schema and table to these roles; none of them may use the history.
_OUTSIDERS = ("anon", "authenticated", "service_role")
_FIND_TABLES = """
select count(c.oid) + (select count(*) from pg_catalog.pg_proc p where p.pronamespace = n.oid) as things,
       max(pg_catalog.obj_description(c.oid, 'pg_class')) filter (where c.relname = 'run') as mark
  from pg_catalog.pg_namespace n
  left join pg_catalog.pg_class c on c.relnamespace = n.oid
 where n.nspname = :schema
 group by n.oid
"""
_ROLES = "select r.rolname from pg_catalog.pg_roles r where r.rolname = any (:names)"

# Why the server refused; the first match is taken. The server's own words may quote a row.
_REFUSALS: tuple[tuple[type[Exception], str, str], ...] = (
    (errors.LockNotAvailable, "another process has held it for {wait} s", "Try again"),
    (TimeoutError, "all connections of this process have been in use for {wait} s", "Try again"),
    (
        errors.InsufficientPrivilege,
        f"the user may not make or use the schema {SCHEMA}",
        f"Let it, as the database's owner: create schema {SCHEMA} authorization ...",
    ),
    (
        errors.ReadOnlySqlTransaction,
        "does not accept writes from this user",
        f"Name the primary, or a user that may write, in {URL_VARIABLE}",
    ),
)


class PostgresSchema:
    """A schema that holds the history, in a database that others may use, too."""

    def __init__(self, history: SharedHistory, wait_seconds: float) -> None:
        self._history, self._wait_seconds = history, wait_seconds

    def connect(self, *, writes: bool) -> Connection:
        """Take a connection from the pool."""
        connection = open_engine(self._history.url, self._wait_seconds).connect()
        return connection.execution_options(schema_translate_map={None: SCHEMA})

    def begin(self, connection: Connection, *, writes: bool) -> None:
        """Begin a transaction; those that write wait for each other, also before the tables exist."""
        if writes:
            connection.execute(text("select pg_catalog.pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        else:
            connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    def has_tables(self, connection: Connection) -> bool:
        """Tell whether the tables are there.

        Raises:
            HistoryUnavailable: Something else is in the schema.
        """
        found = connection.execute(text(_FIND_TABLES), {"schema": SCHEMA}).first()
        if found is None or not found.things:
            return False
        if found.mark == f"{MARK}{VERSION}":
            return True
        newer = str(found.mark).startswith(MARK)
        what = "was written by a newer version of the lab" if newer else "is another program's"
        raise self._refuse(
            f"the schema {SCHEMA} {what}", f"Nothing was changed; name another database in {URL_VARIABLE}"
        )

    def make_tables(self, connection: Connection) -> None:
        """Make the tables that are missing, and their schema; only their owner may use them."""
        # Creating it needs a right, even with `if not exists`.
        if connection.execute(text(_FIND_TABLES), {"schema": SCHEMA}).first() is None:
            connection.execute(CreateSchema(SCHEMA))
        TABLES.create_all(connection)
        roles = connection.scalars(text(_ROLES), {"names": list(_OUTSIDERS)}).all()
        outsiders = ", ".join(("public", *roles))
        connection.exec_driver_sql(f"revoke all on schema {SCHEMA} from {outsiders}")
        connection.exec_driver_sql(f"revoke all on all tables in schema {SCHEMA} from {outsiders}")
        connection.exec_driver_sql(f"revoke all on all sequences in schema {SCHEMA} from {outsiders}")

    def explain(self, error: Exception) -> HistoryUnavailable:
        """Explain why the schema can't be used; holds no password."""
        if isinstance(error, DatabaseUnavailable):
            return self._refuse(error.found, error.next_step)
        if isinstance(error, ValueError | TypeError):
            return self._refuse("has content that no check wrote", f"Inspect the schema {SCHEMA}; nothing was changed")
        cause = error.orig if isinstance(error, DBAPIError) else error
        for kind, found, next_step in _REFUSALS:
            if isinstance(cause, kind):
                return self._refuse(found.format(wait=self._wait_seconds), next_step)
        if isinstance(cause, OperationalError):
            return self._refuse(say_break(cause), "Try again")
        state = getattr(cause, "sqlstate", None) or "none"
        return self._refuse(f"the database refused (SQLSTATE {state})", f"Check the database that {URL_VARIABLE} names")

    def _refuse(self, found: str, next_step: str) -> HistoryUnavailable:
        return HistoryUnavailable(str(self._history), found, next_step)
