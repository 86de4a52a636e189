"""URLs as other programs print them: they are understood, or the parameter is named; a password never is."""

from collections.abc import Callable

import psycopg
import pytest

from fixtures.port import forward
from fixtures.servers import Database
from lab.database.connect import DatabaseUnavailable, connect, name_database
from lab.database.embedded.server import EmbeddedPostgres

PRINTED = (
    "{base}?pgbouncer=true&connection_limit=1",
    "{base}?pgbouncer=true&connection_limit=1&pool_timeout=0&socket_timeout=5",
    "{base}?schema=public&statement_cache_size=0&sslaccept=accept_invalid_certs",
    "{base}?sslmode=disable&supa=base-pooler.x",
    "{base}?ssl=false",
    "{base}?prepared_statement_cache_size=0&timeout=5&command_timeout=60",
    "{base}?prepareThreshold=0&currentSchema=public&ApplicationName=shop&tcpKeepAlive=true&ssl=false",
    "{base}?pool=5&prepared_statements=false",
    "{base}?pool_max_conns=4&default_query_exec_mode=simple_protocol",
    "{base}?max=10&idle_timeout=20&prepare=false",
    "{base}?connect_timeout=5&application_name=shop%20front&PGBOUNCER=true",
    "{base}?",
)
SCHEMES = ("postgresql", "postgres", "postgresql+psycopg", "postgresql+asyncpg", "postgresql+psycopg2", "POSTGRESQL",
           "postgres+pg8000", "jdbc:postgresql")  # fmt: skip


@pytest.fixture(scope="module")
def base(server: EmbeddedPostgres, shared_database: Callable[..., Database]) -> object:
    with forward(server.socket_folder) as port:
        yield f"postgresql://postgres:p%40ss%2Bword@127.0.0.1:{port}/{shared_database(server).name}"


@pytest.mark.parametrize("printed", PRINTED)
def test_a_url_as_another_program_prints_it_leads_to_its_database(base: str, printed: str) -> None:
    url = printed.format(base=base)
    with connect(url, read_only=True) as connection:
        assert connection.execute("select current_database()").fetchone() == (base.rpartition("/")[2],)
        assert connection.info.password == "p@ss+word"
    assert name_database(url) == name_database(base)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_url_may_name_its_driver(base: str, scheme: str) -> None:
    with connect(f"{scheme}{base.removeprefix('postgresql')}", read_only=True) as connection:
        assert connection.execute("select 1").fetchone() == (1,)


def test_a_url_of_jdbc_has_user_and_password_among_its_parameters(base: str) -> None:
    place = base.rpartition("@")[2]
    with connect(f"jdbc:postgresql://{place}?user=postgres&password=p%40ss%2Bword&ssl=false") as connection:
        assert connection.info.password == "p@ss+word"


@pytest.mark.parametrize("name", ["hsot", "sslmod", "multiSubnetFailover", "reWriteInserts"])
def test_an_unknown_parameter_is_named(base: str, name: str) -> None:
    with pytest.raises(DatabaseUnavailable, match=f"its parameter {name} is not known"):
        connect(f"{base}?{name}=elsewhere&pgbouncer=true")


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:pa?canary7Q=word@h/db",
        "postgresql://u:1?canary7Q=a@h/db?pgbouncer=true",
        "postgresql://u:pa?ss=canary7Q@h/db",
        "postgresql+asyncpg://u:pa/canary7Q?x=1@h/db",
        "postgresql://u:p@h/db?canary7Q/with=1",
        "jdbc:postgresql://h/db?passwort=canary7Q",
        "jdbc:postgresql://h/db?password=canary7Q&c%61nary7Q%20x=1",
    ],
)
def test_no_piece_of_a_password_is_taken_for_a_name(url: str) -> None:
    with pytest.raises((DatabaseUnavailable, psycopg.Error)) as caught:
        connect(url)
    assert "canary7Q" not in str(caught.value)


@pytest.mark.parametrize("left", ["[YOUR-PASSWORD]", "%5BYOUR-PASSWORD%5D", "<password>", "{{password}}", "[PASSWORD]"])
def test_a_placeholder_for_the_password_is_named(left: str) -> None:
    with pytest.raises(DatabaseUnavailable, match="still has a placeholder for the password"):
        connect(f"postgresql://postgres:{left}@127.0.0.1:1/postgres")
