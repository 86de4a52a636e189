"""A purchase through PgBouncer in transaction mode, whose connections to the server are closed again and again."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from fixtures.servers import Database, clone_database, drop_database
from lab.database.connect import connect
from lab.database.embedded.server import EmbeddedPostgres
from lab.rehearsal.faults import DATABASE
from lab.rehearsal.judge import judge
from lab.rehearsal.play import Play
from lab.rehearsal.points import Point
from lab.rehearsal.races.track import Track, open_track
from lab.rehearsal.statements import prepare_nothing
from tests.connections import network
from tests.connections.network import Missing, make_url

EVERY = 5  # commits: each new connection of the pooler takes its time
CLOSE = """
select count(pg_terminate_backend(a.pid)) from pg_stat_activity a
where a.datname = current_database() and a.application_name = 'pooled' and a.state = 'idle'
"""


@pytest.fixture
def database(server: EmbeddedPostgres) -> Iterator[Database]:
    """A migrated database of its own."""
    made = clone_database(server, "migrated")
    yield made
    drop_database(made)


@pytest.fixture
def track(database: Database) -> Iterator[Track]:
    """The committed beginning."""
    with open_track(database.url) as made:
        yield made


@pytest.fixture
def pooled(server: EmbeddedPostgres, database: Database) -> Iterator[str]:
    """The URL of the database through a pooler in transaction mode."""
    try:
        with network.pool(server.socket_folder, default_pool_size="2", server_check_delay="0") as port:
            yield make_url(port, database.name, "postgres")
    except Missing as reason:
        pytest.skip(str(reason))


def test_a_pooler_that_closes_its_connections_is_not_noticed(track: Track, pooled: str, database: Database) -> None:
    closed = commits = 0
    with (
        connect(database.admin_url) as admin,
        connect(pooled, application_name="pooled") as connection,
    ):
        admin.autocommit = connection.autocommit = True
        prepare_nothing(connection)

        def close(_: Play, point: Point) -> None:
            nonlocal closed, commits
            commits += point.side == "after" and play.timeline[-1].where == DATABASE
            if point.side == "after" and commits % EVERY == 0:
                row = admin.execute(CLOSE).fetchone()
                closed += row[0] if row else 0

        play = Play(replace(track.stage, connection=connection), fork=close)
        play.run()
    settled = Play(track.stage)
    settled.world, settled.post.letters, settled.files.kept = play.world, play.post.letters, play.files.kept
    settled.finish()
    assert closed > 5
    assert judge(settled) == ()
    assert [moment.what for moment in play.timeline if not moment.where] == []
