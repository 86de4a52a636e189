"""Deletes the files that the database has listed: of erased people, of closed cards, and those that were replaced."""

from lab.services.acting import acting_as_server
from lab.services.delivery.claims import Connection
from lab.services.files import Store

MOST = 20
# One worker at a time: a file that another one has deleted meanwhile may be back under the same name.
_LOCK = "select pg_try_advisory_xact_lock(hashtextextended('deletion of files', 0))"
_NEXT = "select id, storage_path from public.storage_deletions where done_at is null order by created_at, id limit 1"
_DONE = "select public.finish_storage_deletion(%s)"


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
