"""The history as a file of SQLite, marked as ours; another program's file is refused instead of filled."""

import os
import stat
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from lab.database.pool import open_file
from lab.readiness.history.place import URL_VARIABLE, HistoryUnavailable
from lab.readiness.history.tables import TABLES, VERSION
from lab.text.product_files import HOME_VARIABLE

_OURS = 0x77616C6C  # the file's application_id: "wall"
MODE = 0o600


class SqliteFile:
    """A file that holds the history."""

    def __init__(self, path: Path, wait_seconds: float) -> None:
        self._path, self._wait_seconds = path, wait_seconds

    def connect(self, *, writes: bool) -> Connection:
        """Open the file, or create it. Only its owner can read it, because findings name weaknesses."""
        if writes:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            os.close(os.open(self._path, os.O_RDONLY | os.O_CREAT | os.O_NONBLOCK, MODE))
        seen = self._path.stat()
        if not stat.S_ISREG(seen.st_mode):
            raise self._refuse("is not a file", f"Name another place in {HOME_VARIABLE} or {URL_VARIABLE}")
        if seen.st_mode & 0o077 and seen.st_uid == os.geteuid() and self._is_ours():
            self._path.chmod(MODE)
        return open_file(self._path, self._wait_seconds).connect()

    def _is_ours(self) -> bool:
        """Tell by its application_id whether the file is a history; a new one is empty."""
        with self._path.open("rb") as file:
            head = file.read(72)
        return not head or head[68:72] == _OURS.to_bytes(4)  # where SQLite keeps the application_id

    def begin(self, connection: Connection, *, writes: bool) -> None:
        """Begin a transaction; of those that write, one waits for the other."""
        connection.exec_driver_sql("pragma foreign_keys = on")
        connection.exec_driver_sql("begin immediate" if writes else "begin")

    def has_tables(self, connection: Connection) -> bool:
        """Tell whether the tables are there.

        Raises:
            HistoryUnavailable: Something else is there.
        """
        application, version, filled = (
            connection.exec_driver_sql(query).scalar_one()
            for query in ("pragma application_id", "pragma user_version", "select count(*) from sqlite_master")
        )
        if (application, version) == (_OURS, VERSION):
            return True
        if filled or application or version:
            found = "was written by a newer version of the lab" if application == _OURS else "is another program's file"
            raise self._refuse(found, f"Nothing was changed; name another place in {HOME_VARIABLE} or {URL_VARIABLE}")
        return False

    def make_tables(self, connection: Connection) -> None:
        """Make the tables that are missing in a file, and mark it."""
        TABLES.create_all(connection)
        connection.exec_driver_sql(f"pragma application_id = {_OURS}")
        connection.exec_driver_sql(f"pragma user_version = {VERSION}")

    def explain(self, error: Exception) -> HistoryUnavailable:
        """Say for people why the file can't be used."""
        if isinstance(error, ValueError | TypeError):
            return self._refuse(
                "has content that no check wrote", "Nothing was deleted. Move the file away to start a new history"
            )
        told = str(error.orig) if isinstance(error, DBAPIError) else str(error)
        if "locked" in told:
            return self._refuse(f"another process has held it for {self._wait_seconds} s", "Try again")
        if "not a database" in told or "malformed" in told:
            return self._refuse("is damaged or no history", "Nothing was deleted; move it away to begin anew")
        reason = error.strerror if isinstance(error, OSError) else told
        place = f"{HOME_VARIABLE} or {URL_VARIABLE}"
        return self._refuse(f"cannot be used ({reason})", f"Check the place that {place} names")

    def _refuse(self, found: str, next_step: str) -> HistoryUnavailable:
        return HistoryUnavailable(str(self._path), found, next_step)
