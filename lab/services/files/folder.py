"""Keeps files in a folder of this machine."""

import os
import tempfile
from pathlib import Path

from lab.services.files.store import FileGone, StoreFault, check_content, is_name, name_file


class FolderStore:
    """Keeps files in a folder, each readable by its owner alone.

    Args:
        folder: Where; it is made when the first file is kept.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, content: bytes, suffix: str, owner: str) -> str:
        """Write the file beside its place and rename it, so that a crash leaves no half of one."""
        name = name_file(content, suffix, owner)
        try:
            self._write(self._folder / name, content)
        except OSError:
            raise StoreFault("file.not_written") from None
        return name

    def get(self, name: str) -> bytes:
        """Read a file, and compare it with its name."""
        try:
            content = self._place(name).read_bytes()
        except FileNotFoundError:
            raise FileGone from None
        except OSError:
            raise StoreFault("file.not_read") from None
        return check_content(name, content)

    def delete(self, name: str) -> None:
        """Delete a file, if it is still there."""
        if not is_name(name):
            return
        try:
            self._place(name).unlink(missing_ok=True)
        except OSError:
            raise StoreFault("file.not_deleted") from None

    def check(self) -> None:
        """Find out whether the folder can be written, and whether nobody else can read it."""
        folder = self._folder
        while not folder.exists() and folder != folder.parent:
            folder = folder.parent
        if not os.access(folder, os.W_OK | os.X_OK):
            raise StoreFault("file.not_written")
        if self._folder.exists() and _is_open(self._folder) and any(map(_is_open, self._folder.iterdir())):
            raise StoreFault("store.public")

    def _write(self, place: Path, content: bytes) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        place.parent.mkdir(mode=0o700, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=place.parent, delete=False) as written:
            try:
                written.write(content)
                written.flush()
                os.fsync(written.fileno())
                Path(written.name).replace(place)
            except OSError:
                Path(written.name).unlink(missing_ok=True)
                raise
        _sync_folder(place.parent)

    def _place(self, name: str) -> Path:
        """Return a file's place; a name of another form has none.

        Raises:
            FileNotFoundError: It has another form.
        """
        if not is_name(name):
            raise FileNotFoundError
        return self._folder / name


def _is_open(place: Path) -> bool:
    """Tell whether others on this machine may enter a folder."""
    return bool(place.stat().st_mode & 0o077)


def _sync_folder(folder: Path) -> None:
    """Write a folder's entries to the disk, so that a renamed file is still there after a power failure."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
