"""Checks of a server whose own configuration switches off what the wall rests on."""

import uuid
from collections.abc import Callable

from lab.database.embedded.server import EmbeddedPostgres
from tests.connections import network
from tests.connections.trial import Databases, Told


def test_a_server_that_plays_replica_for_everybody_is_found(
    server: EmbeddedPostgres, shared_database: Databases, check: Callable[..., Told]
) -> None:
    name = shared_database(server).name
    folder = network.copy_server(server, f"replica-{uuid.uuid4().hex[:8]}")
    with network.serve_folder(folder, session_replication_role="replica") as served:
        told = check(served.url(name))
    (finding,) = told.report["findings"]
    assert (told.code, finding["severity"], finding["subject"]) == (1, "high", "the server")
    assert finding["seen"] == "session_replication_role = replica"
    assert (finding["repair"], "Remove it there" in finding["decide"]) == (None, True)
