"""The committed migrations: their files, and the lock that reveals an edit.

The first of them, the baseline, is written anew from the rules until a forward migration follows it. From then on it
may be applied in a database, and no locked file is written again.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from lab.sql import Migration, make_migrations
from lab.text.errors import LabError
from lab.text.product_files import SQL
from lab.text.whole_files import write_whole

MIGRATION_FOLDER = SQL / "migrations"
LOCK_FILE = MIGRATION_FOLDER / "migrations.lock"
VERSION = "%Y%m%d%H%M%S"


class EditedMigration(LabError):
    """A migration file is not the one that was locked."""


class AppliedOtherwise(EditedMigration):
    """The database has another text under the version of a migration."""


class FixedBaseline(LabError):
    """The baseline can no longer be written, because other migrations follow it."""


def read_migrations(folder: Path = MIGRATION_FOLDER) -> tuple[Migration, ...]:
    """Return the committed migrations, in order.

    Raises:
        EditedMigration: A file is missing, is not locked, or differs from its checksum in the lock.
    """
    locked, found = _read_lock(folder), _read_files(folder)
    faults = [*_find_edits(folder, locked, found)]
    faults += [f"{name}: is not in {LOCK_FILE.name}" for name in found if name not in locked]
    if faults:
        raise EditedMigration(faults=faults, next_step="Undo the edit, and write what changed as a new migration")
    return tuple(found.values())


def _find_edits(folder: Path, locked: dict[str, str], found: dict[str, Migration]) -> list[str]:
    gone = [f"{name}: is in the lock, but not in {folder.name}/" for name in locked if name not in found]
    edited = [name for name in found if name in locked and found[name].checksum != locked[name]]
    return [*gone, *(f"{name}: was edited after it was locked" for name in edited)]


def _read_files(folder: Path) -> dict[str, Migration]:
    return {path.name: _read_file(path) for path in sorted(folder.glob("*.sql"))}


def _read_file(path: Path) -> Migration:
    version, _, name = path.stem.partition("_")
    return Migration(version=version, name=name, text=path.read_text())


def _read_lock(folder: Path) -> dict[str, str]:
    path = folder / LOCK_FILE.name
    lines = path.read_text().splitlines() if path.exists() else []
    return {name: digest for digest, name in (line.split() for line in lines if line.strip())}


def forward_names(folder: Path = MIGRATION_FOLDER) -> tuple[str, ...]:
    """Return the names of the locked migrations that follow the baseline."""
    baseline = {migration.file_name for migration in make_migrations()}
    return tuple(name for name in _read_lock(folder) if name not in baseline)


def write_migrations(folder: Path) -> list[Path]:
    """Write the baseline that the rules give, and its lock, into a folder; return the paths.

    Raises:
        FixedBaseline: Forward migrations follow the baseline, in that folder or in the project's own.
        OSError: The folder can't be written.
    """
    for place in dict.fromkeys((folder, MIGRATION_FOLDER)):
        if later := forward_names(place):
            raise FixedBaseline(
                f"{place.name}/",
                f"{later[0]} follows the baseline, so the baseline can no longer be written",
                "Write what changed with `python -m lab sql --diff NAME`; to have the files elsewhere, copy them",
            )
    migrations = make_migrations()
    return _write_files(folder, migrations, _lock_lines(migrations))


def add_migrations(migrations: tuple[Migration, ...], folder: Path = MIGRATION_FOLDER) -> list[Path]:
    """Write new migrations after the others, and lock them; return the paths. Existing files stay as they are.

    Raises:
        OSError: The folder cannot be written; no file was changed.
    """
    before = (folder / LOCK_FILE.name).read_text()
    return _write_files(folder, migrations, before + _lock_lines(migrations))


def lock_migrations(folder: Path = MIGRATION_FOLDER) -> list[str]:
    """Lock the migrations that were written by hand; return their names.

    Raises:
        EditedMigration: One that is locked was edited, or a new one does not come after them all.
        OSError: The lock can't be written.
    """
    locked, found = _read_lock(folder), _read_files(folder)
    new = [migration for name, migration in found.items() if name not in locked]
    faults = _find_edits(folder, locked, found)
    last = max(locked, default="")
    faults += [
        f"{m.file_name}: does not come after {last}" for m in new if not _read_version(m.version) or m.file_name < last
    ]
    if faults:
        mend = "Undo edits; a new name begins with a later time, in UTC: 20301231235959_name.sql. Nothing was locked."
        raise EditedMigration(faults=faults, next_step=mend)
    lock = folder / LOCK_FILE.name
    write_whole({lock: (lock.read_text() if lock.exists() else "") + _lock_lines(new)})
    return [migration.file_name for migration in new]


def next_version(now: datetime, migrations: tuple[Migration, ...]) -> str:
    """Return the version of a new migration: the moment in UTC, or the second after the last one if that is later."""
    taken = [moment for migration in migrations if (moment := _read_version(migration.version))]
    return max([now.astimezone(UTC), *(moment + timedelta(seconds=1) for moment in taken)]).strftime(VERSION)


def _read_version(version: str) -> datetime | None:
    try:
        return datetime.strptime(version, VERSION).replace(tzinfo=UTC)
    except ValueError:
        return None


def _write_files(folder: Path, migrations: tuple[Migration, ...], lock: str) -> list[Path]:
    """Write migrations and then the lock, so that the lock never names a missing file."""
    folder.mkdir(parents=True, exist_ok=True)
    texts = {folder / migration.file_name: migration.text for migration in migrations}
    write_whole(texts | {folder / LOCK_FILE.name: lock})
    return [*texts, folder / LOCK_FILE.name]


def _lock_lines(migrations: tuple[Migration, ...] | list[Migration]) -> str:
    return "".join(f"{m.checksum}  {m.file_name}\n" for m in migrations)
