"""Explains why a connection failed or broke off, with the next step; never in the words of server or driver."""

import re

import psycopg
from psycopg import errors

from lab.text.escape import show_line
from lab.text.secret_patterns import hide_secrets


class NoAnswer(psycopg.OperationalError):
    """No answer came: the pooler has no free connection, or the network is down. The connection is closed."""


_IPV6 = "Supabase's direct host has IPv6 only, the pooler's has IPv4"

# Patterns of messages from server, pooler and driver; what they mean; the next step. The first match is taken.
_FAILURES = (
    (
        ("password authentication failed", "no password supplied", "Wrong password", "SASL authentication failed"),
        "the password for {user} is wrong, missing or expired",
        "Copy the URL again from the dashboard (Connect), or reset the database password",
    ),
    (
        (r'role "[^"]*" does not exist', "Tenant or user not found", "no such user", '"trust" authentication failed'),
        "there is no user {user}",
        "Check the user; through Supabase's pooler it is postgres.PROJECT-REF",
    ),
    (
        ("is not permitted to log in",),
        "the user {user} may not log in",
        "Use another user, or allow it: alter role ... login",
    ),
    (
        (r'database "[^"]*" does not exist', "no such database"),
        "there is no database {dbname}",
        "Check the name after the last / of the URL",
    ),
    (
        ("permission denied for database",),
        "the user {user} may not connect to the database {dbname}",
        "Use another user, or allow it: grant connect on database ... to ...",
    ),
    (
        ("not currently accepting connections",),
        "the database {dbname} accepts no connections",
        "Check the name; a template is not meant to be used",
    ),
    (
        ("could not access file", "could not load library"),
        "a library that every session of {user} loads is missing",
        "As another user, reset local_preload_libraries or session_preload_libraries of the role or database",
    ),
    (
        (
            "could not translate host",
            "failed to resolve",
            "Name or service",
            "nodename nor servname",
            "name resolution",
        ),
        "the host name is not known",
        f"Check the host; {_IPV6}",
    ),
    (
        ("timeout expired", "timed out", "query_wait_timeout", "connect timeout"),
        "the server did not answer in time",
        "Check host and port, network restrictions, and that the project is not paused; connect_timeout=30 in the URL"
        " waits longer",
    ),
    (
        ("refused", "No such file"),
        "nothing listens there",
        "Check host and port, and that the server runs",
    ),
    (
        ("unreachable", "[Nn]o route"),
        "the network cannot reach it",
        f"Check the connection; {_IPV6}",
    ),
    (
        ("too many c", "no more connections", "remaining connection slots", "MaxClients"),
        "the server has no connection left for {user}",
        "Close others or wait, or use the pooler's URL",
    ),
    (
        ("pg_hba.conf.*SSL encryption",),
        "the server does not accept this user from here, or not for this database",
        "Check user, database and network restrictions",
    ),
    (
        ("pg_hba.conf", "SSL required", "SSL connection is required"),
        "the server does not accept this user from here without encryption",
        "Add ?sslmode=require to the URL; else check user, database and network restrictions",
    ),
    (
        ("does not support SSL",),
        "the server does not offer encryption, which the URL requires",
        "Switch SSL on in the server; on a network of your own, ?sslmode=prefer does without",
    ),
    (
        ("does not match host name",),
        "the server's certificate is for another host",
        "Write the host in the URL as the certificate names it",
    ),
    (
        ("certificate", "SSL error"),
        "the server's certificate can't be verified",
        "Take the CA's certificate from the dashboard and add &sslrootcert=FILE to the URL",
    ),
    (
        ("unsupported startup parameter",),
        "the pooler does not take an option in the URL",
        "Leave options out of the URL, or use the direct connection",
    ),
    (
        ("starting up", "shutting down", "recovery mode", "not yet accepting"),
        "the server is starting or stopping",
        "Wait a moment and try again",
    ),
    (
        ("closed the connection", "invalid response", "unexpected response", "unsupported frontend protocol"),
        "the server that answered is not Postgres, or it closed the connection",
        "Check host and port, and whether a proxy or firewall is in between",
    ),
)


def explain_failure(failed: str, *, user: str, dbname: str) -> tuple[str, str]:
    """Return why a connection failed, and the next step.

    Args:
        failed: The message of server, pooler or driver; it is searched, and no part of it is passed on.
        user: The user of the URL.
        dbname: The database of the URL.
    """
    for signs, found, next_step in _FAILURES:
        if any(re.search(sign, failed) for sign in signs):
            return found.format(user=user, dbname=dbname), next_step
    return "the connection failed", "Try the same URL with psql to see why"


def say_break(error: psycopg.OperationalError) -> str:
    """Explain why a connection or a statement broke off; the driver's words are not passed on."""
    if isinstance(error, NoAnswer) or "query_wait_timeout" in str(error):
        return "no answer came: the pooler has no free connection, or the network is down"
    if isinstance(error, errors.LockNotAvailable):
        return "another session holds a lock that it needs"
    if isinstance(error, errors.QueryCanceled):
        return "it took too long, or it was cancelled"
    if isinstance(error, (errors.AdminShutdown, errors.CrashShutdown, errors.CannotConnectNow)):
        return "the server closed the connection: it is stopping, or the session was terminated"
    if isinstance(error, errors.SerializationFailure):
        return "the standby cancelled it to keep up with its primary"
    return "the connection broke"


# The server's messages that may be shown: they name an object and quote no value. Other messages can quote a value, or
# come from any function.
_OBJECT = "table|relation|view|materialized view|sequence|schema|function|procedure|type|column|database|role|language"
_NAMING = re.compile(
    rf"(permission denied (for|to) [a-z -]{{3,40}}( \S{{1,130}})?|must be (owner|member) of (\w+ )?\S{{1,130}}"
    rf"|must have [A-Za-z ]{{3,60}}|({_OBJECT}) \S{{1,130}} (does not exist|already exists)"
    r"|cannot execute [A-Z ]+ in a read-only transaction)"
)
_CLASSES = {
    "22": "a value does not fit",
    "23": "a row breaks a constraint",
    "25": "the state of the transaction does not allow this",
    "40": "it conflicted with another transaction",
    "42501": "a right is missing",
    "42": "an object is missing or exists already, or a statement is not valid",
    "53100": "the server's disk is full",
    "53": "the server has run out of memory or connections",
    "54": "a limit of the server is reached",
    "58": "the server cannot read or write a file",
    "P0": "a function or trigger of the database refused it",
    "XX": "something is damaged in the server",
}


def say_refusal(error: psycopg.Error) -> str:
    """Say for people why the server refused a statement. Only messages without values are quoted."""
    if isinstance(error, psycopg.OperationalError) and error.sqlstate not in ("53100", "53200", "58030"):
        return f"the database did not answer: {say_break(error)}"
    return f"the database refused: {say_reason(error)} (SQLSTATE {error.sqlstate or 'none'})"


def say_reason(error: psycopg.Error) -> str:
    """Return the reason of a refusal."""
    told, state = error.diag.message_primary or "", error.sqlstate or ""
    if _NAMING.fullmatch(told):
        return show_line(hide_secrets(told), 200)
    about = next((words for start, words in _CLASSES.items() if state.startswith(start)), "it gave no reason")
    named = error.diag.constraint_name or error.diag.table_name
    return f"{about} ({show_line(hide_secrets(named), 130)})" if named else about
