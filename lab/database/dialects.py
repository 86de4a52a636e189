"""Translates database URLs of other programs for libpq, and names unknown parameters.

Source: prisma.io/docs, "PostgreSQL connector"; docs.sqlalchemy.org, "PostgreSQL"; magicstack.github.io/asyncpg;
jdbc.postgresql.org, "Connecting"; node-postgres.com; pkg.go.dev/github.com/jackc/pgx; Supabase, "Connect".
"""

import re
from collections.abc import Iterator
from functools import cache
from urllib.parse import parse_qsl, quote

from psycopg.pq import Conninfo

from lab.database.libpq import without_environment

_SCHEME = re.compile(r"\A(?:jdbc:)?postgres(?:ql)?(?:\+\w+)?://", re.IGNORECASE)
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,40}")
# Parameters in lower case that configure a program's own connections, and do not identify the database.
_OF_PROGRAMS = """
pgbouncer connection_limit pool_timeout socket_timeout schema sslaccept sslidentity statement_cache_size
max_idle_connection_lifetime single_use_connections supa workaround uselibpqcompat pool pool_size
max_overflow pool_recycle pool_pre_ping prepared_statements prepared_statement_cache_size
prepared_statement_name_func async_fallback native_datetime executemany_mode use_native_hstore timeout
command_timeout min_size max_size max_queries max_inactive_connection_lifetime
max_cached_statement_lifetime max_cacheable_statement_size prepare max idle_timeout max_lifetime
preparethreshold preparedstatementcachequeries preparedstatementcachesizemib currentschema sockettimeout
logintimeout cancelsignaltimeout connecttimeout tcpkeepalive rewritebatchedinserts binarytransfer
preferquerymode stringtype sslfactory assumeminserverversion defaultrowfetchsize readonly readonlymode
autosave loadbalancehosts targetservertype logunclosedconnections pool_max_conns pool_min_conns
pool_max_conn_lifetime pool_max_conn_idle_time pool_health_check_period default_query_exec_mode
statement_cache_capacity description_cache_capacity serverless
"""
_RENAMED = {"applicationname": "application_name", "ssl_mode": "sslmode", "ssl_root_cert": "sslrootcert"}
_SSL = {"require": ("true", "1", "on", "require", "required", ""), "disable": ("false", "0", "off", "disable")}


def read_dialect(url: str) -> tuple[str, str]:
    """Return a URL with only the parameters of libpq, and the first unknown parameter, or an empty text.

    Any other text than a Postgres URL is returned as it is. The parameter's name is safe to show.
    """
    scheme = _SCHEME.match(url)
    if scheme is None:
        return url, ""
    place, mark, query = url[scheme.end() :].partition("?")
    if "@" in query or "?" in query:  # a password that is not encoded: no part of it is used as a name
        return url, ""
    given = parse_qsl(query.replace("+", "%2B"), keep_blank_values=True) if mark else []
    kept = {name: value for pair in given for name, value in _translate(*pair)}
    told = "&".join(f"{name}={quote(value, safe='')}" for name, value in kept.items())
    unknown = next((_show(name) for name, _ in given if not _is_known(name)), "")
    return f"postgresql://{place}{'?' if told else ''}{told}", unknown


def _translate(name: str, value: str) -> Iterator[tuple[str, str]]:
    """Yield a parameter as libpq has it; nothing if only another program uses it."""
    lower = _RENAMED.get(name.lower(), name.lower())
    if lower == "ssl":
        yield "sslmode", next((mode for mode, words in _SSL.items() if value.lower() in words), value)
    elif lower == "sslmode" and value == "no-verify":  # of node-postgres
        yield "sslmode", "require"
    elif lower in _list_known():
        yield lower, value


def _is_known(name: str) -> bool:
    lower = _RENAMED.get(name.lower(), name.lower())
    return lower == "ssl" or lower in _list_known() or lower in _OF_PROGRAMS.split()


def _show(name: str) -> str:
    return f"its parameter {name}" if _NAME.fullmatch(name) else "one of its parameters"


@cache
def _list_known() -> frozenset[str]:
    """Return the parameters of libpq."""
    with without_environment():  # with an unknown service in PGSERVICE, libpq returns nothing
        return frozenset(option.keyword.decode() for option in Conninfo.get_defaults())
