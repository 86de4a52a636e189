"""An erasure on a real database fits the anchors; an entry that somebody blanks without one is named."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from fixtures.servers import Database
from lab.database.embedded.server import EmbeddedPostgres
from lab.services.anchor import Anchors, Signer, Wrong
from lab.services.anchor.reader import open_ledgers
from lab.services.anchor.store import read_anchors
from lab.services.anchor.verification import Result, verify_ledgers
from tests.wall.erasures import erase, left

SIGNER = Signer("test.example/ledgers", bytes(range(32)))
DECIDED = """select subject_id, count(*) from public.consent_events where subject_id is not null
 group by 1 order by 2 desc, 1 limit 1"""
BLANK = "update public.consent_events set subject_id = null, evidence = null, personal_salt = null where id = %s"
LINES = """select object_id::bigint from public.admin_audit_events
 where action = 'consent.blanked' and object_table = 'consent_events' and outcome = 'done' order by 1"""


class Anchored:
    """A database with made-up people, and the anchors of its ledgers."""

    def __init__(self, database: Database, path: Path) -> None:
        self.database, self.path = database, path
        self.anchor()

    def anchor(self) -> None:
        """Anchor as a service does, and see nothing refused."""
        done = Anchors(self.path, SIGNER).anchor(self.database.url, datetime.now(UTC))
        assert [one.refused for one in done] == [(), ()]

    def verify(self) -> list[Result]:
        """Verify both ledgers as their owner, as far back as there are entries."""
        logs = read_anchors(self.path, (SIGNER.verifier,))
        with open_ledgers(self.database.url) as ledgers:
            return verify_ledgers(ledgers, logs, datetime.now(UTC), full=True)

    def first(self, query: str) -> tuple[uuid.UUID, int]:
        """Ask for one row, past the wall."""
        with psycopg.connect(self.database.admin_url) as admin:
            row = admin.execute(query.encode()).fetchone()
        assert row
        return row[0], row[1]

    def numbers(self, query: str) -> list[int]:
        """Ask for the numbers of entries, past the wall."""
        with psycopg.connect(self.database.admin_url) as admin:
            return [number for (number,) in admin.execute(query.encode())]

    def blank(self, number: int) -> None:
        """Blank an entry as the superuser, with every trigger off."""
        with psycopg.connect(self.database.admin_url) as admin:
            admin.execute("set local session_replication_role = replica")
            admin.execute("alter table public.consent_events disable trigger user")
            assert admin.execute(BLANK, [number]).rowcount == 1
            admin.execute("alter table public.consent_events enable trigger user")


@pytest.fixture
def anchored(each_server: EmbeddedPostgres, database: Callable[..., Database], tmp_path: Path) -> Anchored:
    """A database that was anchored once."""
    return Anchored(database(each_server, "demo"), tmp_path / "ledgers.anchors")


def test_an_erasure_fits_and_a_blank_entry_without_one_is_named(anchored: Anchored) -> None:
    """Before the next anchoring and after it: the lines that erasure leaves are what is looked for."""
    person, decisions = anchored.first(DECIDED)
    erase(anchored.database, person)
    assert left(anchored.database, person) == []
    assert len(anchored.numbers(LINES)) == 2 * decisions  # each consent was taken back first
    assert [result.fault for result in anchored.verify()] == [None, None]
    anchored.anchor()
    consents, audit = anchored.verify()
    assert (consents.fault, audit.fault) == (None, None)
    assert (consents.fresh, audit.fresh) == (0, 0)

    number = min(anchored.numbers("select id from public.consent_events where subject_id is not null"))
    anchored.blank(number)
    anchored.anchor()  # anchoring goes on, and makes nothing right
    consents, audit = anchored.verify()
    assert consents.fault
    assert (consents.fault.entry, consents.fault.wrong) == (number, Wrong.UNERASED)
    assert audit.fault is None


def test_an_erasure_that_is_forgotten_is_named(anchored: Anchored) -> None:
    """Whoever cuts the line of an erasure leaves an entry blank without one, and a ledger that was cut."""
    erase(anchored.database, anchored.first(DECIDED)[0])
    anchored.anchor()
    number = min(anchored.numbers(LINES))
    with psycopg.connect(anchored.database.admin_url) as admin:
        admin.execute("set local session_replication_role = replica")
        admin.execute("alter table public.admin_audit_events disable trigger user")
        cut = admin.execute(
            "delete from public.admin_audit_events where action = 'consent.blanked' and object_id = %s", [str(number)]
        )
        assert cut.rowcount == 1
        admin.execute("alter table public.admin_audit_events enable trigger user")
    consents, audit = anchored.verify()
    assert consents.fault
    assert (consents.fault.entry, consents.fault.wrong) == (number, Wrong.UNERASED)
    assert audit.fault
    assert audit.fault.wrong is Wrong.CUT
