"""Checks by password and over SSL: who is not let in is told why."""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from fixtures.port import forward
from lab.checks.operations.check import check_operations
from lab.database.connect import connect
from lab.database.embedded.server import EmbeddedPostgres
from tests.connections import network
from tests.connections.network import Missing, make_url
from tests.connections.trial import SECRET, SOON, Databases, Told, as_superuser


@dataclass(frozen=True)
class Guarded:
    """A server that asks for a password and SSL on TCP, a sound database on it, and its certificate."""

    server: network.Server
    database: str
    certificate: Path

    def url(self, user: str = "postgres", password: str = SECRET, database: str = "", **options: str) -> str:
        return self.server.tcp_url(database or self.database, user, password, **options)


USERS = f"""
alter role postgres password '{SECRET}';
create role shut_out nologin password '{SECRET}';
create role full_up login connection limit 0 password '{SECRET}';
create role late login password '{SECRET}' valid until '2020-01-01';
create role outsider login password '{SECRET}';
create role fenced login password '{SECRET}';
create role laden login password '{SECRET}';
alter role laden set local_preload_libraries = nowhere;
"""


@pytest.fixture(scope="module")
def guarded(server_with_ssl: EmbeddedPostgres, shared_database: Databases) -> Iterator[Guarded]:
    made = shared_database(server_with_ssl)
    folder = network.copy_server(server_with_ssl, f"guarded-{uuid.uuid4().hex[:8]}")
    try:
        certificate = network.make_certificate(folder)
    except Missing as reason:
        pytest.skip(str(reason))
    access = "hostnossl all fenced 127.0.0.1/32 reject\nhost all fenced 127.0.0.1/32 reject\n"
    access += network.ACCESS.replace("host all", "hostssl all")
    with network.serve_folder(folder, major=server_with_ssl.major, access=access, ssl="on") as served:
        as_superuser(
            served.url(made.name, "supabase_admin"),
            *filter(str.strip, USERS.split(";")),
            "create database walled",
            "revoke connect on database walled from public",
            "create database closed allow_connections false",
        )
        yield Guarded(served, made.name, certificate)


# What is wrong -> how the URL differs from a good one, and what is said.
REFUSALS: dict[str, tuple[dict[str, str], str]] = {
    "wrong password": ({"password": f"{SECRET}!"}, "the password for postgres is wrong, missing or expired"),
    "no password": ({"password": ""}, "the password for postgres is wrong, missing or expired"),
    "expired password": ({"user": "late"}, "the password for late is wrong, missing or expired"),
    "unknown user": ({"user": "nobody"}, "the password for nobody is wrong"),  # servers don't tell these apart
    "no login": ({"user": "shut_out"}, "the user shut_out may not log in"),
    "no connection left": ({"user": "full_up"}, "the server has no connection left for full_up"),
    "unknown database": ({"database": "nowhere"}, "there is no database nowhere"),
    "no right to connect": (
        {"user": "outsider", "database": "walled"}, "the user outsider may not connect to the database walled",
    ),
    "library that is not there": ({"user": "laden"}, "a library that every session of laden loads is missing"),
    "closed database": ({"database": "closed"}, "the database closed accepts no connections"),
    "in the clear": ({"sslmode": "disable"}, "does not accept this user from here without encryption"),
    "fenced off": ({"user": "fenced"}, "does not accept this user from here, or not for this database"),
    "no authority": ({"sslmode": "verify-full"}, "the server's certificate can't be verified"),
    "another authority": (
        {"sslmode": "verify-full", "sslrootcert": "system"}, "the server's certificate can't be verified",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSALS)
def test_who_is_not_let_in_is_told_why(case: str, guarded: Guarded, check: Callable[..., Told]) -> None:
    changes, said = REFUSALS[case]
    told = check(guarded.url(**changes))
    assert (told.code, told.out) == (2, ""), told.err
    assert said in told.err
    assert len(told.err.splitlines()) == 1
    assert told.seconds < SOON


def test_a_certificate_is_for_one_host(guarded: Guarded, check: Callable[..., Told]) -> None:
    verified = guarded.url(sslmode="verify-full", sslrootcert=str(guarded.certificate))
    told = check(verified)
    assert (told.code, "certificate is for another host" in told.err) == (2, True)
    assert check(verified.replace("127.0.0.1", "localhost")).code == 0


@pytest.mark.parametrize("options", [{}, {"sslmode": "require"}], ids=["as the URL comes", "sslmode=require"])
def test_the_right_password_is_let_in(options: dict[str, str], guarded: Guarded, check: Callable[..., Told]) -> None:
    told = check(guarded.url(**options), "--data", "--operations")
    assert told.code == 1  # nobody can see whether there are backups
    assert told.keys == set()
    assert list(told.unknown) == ["Whether there are backups."]


def test_operations_sees_whether_ssl_is_on(guarded: Guarded) -> None:
    def rules(url: str) -> set[str]:
        with connect(url, read_only=True) as connection:
            assert bool(connection.pgconn.ssl_in_use) is ("sslmode=require" in url)
            return {finding.rule for finding in check_operations(connection, remote=True).findings}

    assert "server_encryption" not in rules(guarded.url(sslmode="require"))
    assert "server_encryption" in rules(guarded.server.url(guarded.database))


def test_a_server_without_ssl_says_so(
    server: EmbeddedPostgres, shared_database: Databases, check: Callable[..., Told]
) -> None:
    with forward(server.socket_folder) as port:
        told = check(make_url(port, shared_database(server).name, "postgres", SECRET, sslmode="require"))
    assert (told.code, told.out) == (2, "")
    assert "the server does not offer encryption, which the URL requires" in told.err
