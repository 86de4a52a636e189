"""Keeps files under names that follow from their content."""

import hashlib
import os
import tempfile
from pathlib import Path
from typing import Protocol


class Store(Protocol):
    """Where files are kept. The same content has the same name, so a repetition changes nothing."""

    def put(self, content: bytes, suffix: str) -> str:
        """Keep a file, and return its name once it is on the disk.

        Raises:
            OSError: It cannot be written.
        """
        ...

    def get(self, name: str) -> bytes:
        """Return a file's content.

        Raises:
            FileNotFoundError: There is no file of this name.
            FileChanged: Its content is not the one that its name tells of.
        """
        ...

    def delete(self, name: str) -> None:
        """Delete a file; one that is gone already is no error."""
        ...


class FileChanged(OSError):
    """A file's content is not the one that its name tells of."""


class FolderStore:
    """Keeps files in a folder, each readable by its owner alone.

    Args:
        folder: Where; it is made when the first file is kept.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, content: bytes, suffix: str) -> str:
        """Write the file beside its place and rename it, so that a crash leaves no half of one."""
        digest = hashlib.sha256(content).hexdigest()
        name = f"{digest[:2]}/{digest[2:]}.{suffix}"
        place = self._folder / name
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
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
        return name

    def get(self, name: str) -> bytes:
        """Read a file, and compare it with its name."""
        content = self._place(name).read_bytes()
        if hashlib.sha256(content).hexdigest() != name.partition(".")[0].replace("/", ""):
            raise FileChanged
        return content

    def delete(self, name: str) -> None:
        """Delete a file, if it is still there."""
        self._place(name).unlink(missing_ok=True)

    def _place(self, name: str) -> Path:
        """Return a file's place; a name that leads out of the folder has none.

        Raises:
            FileNotFoundError: It leads out.
        """
        place = (self._folder / name).resolve()
        if not place.is_relative_to(self._folder.resolve()):
            raise FileNotFoundError
        return place


def _sync_folder(folder: Path) -> None:
    """Write a folder's entries to the disk, so that a renamed file is still there after a power failure."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
