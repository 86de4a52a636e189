"""Deletes the files that the database has listed: of erased people, of closed cards, and those that were replaced."""

import time
from collections.abc import Callable

from lab.services.acting import acting_as_server
from lab.services.delivery.claims import Connection
from lab.services.files import Store, StoreFault

MOST = 20
PAUSE_SECONDS = 10.0  # from one look at the list to the next
# One worker at a time: a file that another one has deleted meanwhile may be back under the same name.
_LOCK = "select pg_try_advisory_xact_lock(hashtextextended('deletion of files', 0))"
_NEXT = "select id, storage_path from public.storage_deletions where done_at is null order by created_at, id limit 1"
_DONE = "select public.finish_storage_deletion(%s)"


class Removal:
    """Deletes listed files now and then; a store that refuses is told once.

    Args:
        store: Where the files are.
        tell: Gets a sentence about what is wrong.
    """

    def __init__(self, store: Store, tell: Callable[[str], None]) -> None:
        self._store, self._tell, self._next, self._told = store, tell, 0.0, ""

    def run(self, connection: Connection) -> None:
        """Delete what is listed, unless that was done a moment ago."""
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + PAUSE_SECONDS
        try:
            remove_files(self._store, connection)
            self._told = ""
        except StoreFault as fault:
            if fault.code != self._told:
                self._tell(f"warning: Files on the list of deletions are kept for now: {fault.code}")
            self._told = fault.code


def remove_files(store: Store, connection: Connection, most: int = MOST) -> int:
    """Delete listed files, the oldest first, and record each; return how many were deleted.

    Args:
        store: Where the files are.
        connection: One without an open transaction, whose login may act as the site's server.
        most: So many at most.

    Raises:
        StoreFault: One could not be deleted. It stays on the list, and so does every further one.
        psycopg.Error: The connection was lost.
    """
    removed = 0
    while removed < most and _remove_next(store, connection):
        removed += 1
    return removed


def _remove_next(store: Store, connection: Connection) -> bool:
    with acting_as_server(connection):
        locked = connection.execute(_LOCK).fetchone()
        row = connection.execute(_NEXT).fetchone() if locked and locked[0] else None
        if row is None:
            return False
        store.delete(row[1])
        connection.execute(_DONE, [row[0]])
    return True
