"""Writes several files completely or not at all."""

import os
import stat
import tempfile
from collections.abc import Mapping
from pathlib import Path


def write_whole(texts: Mapping[Path, str | bytes]) -> None:
    """Write all files, or leave all of them as they were.

    Each is first written and flushed to a temporary file in the same folder; then all are moved into place. Pipes and
    devices are written last, directly.

    Raises:
        OSError: A file cannot be written; its file name is the given path.
    """
    moves: dict[Path, Path] = {}
    streams = {path: text for path, text in texts.items() if path.exists() and not path.is_file() and not path.is_dir()}
    try:
        for path in (path for path in texts if path not in streams):
            moves[_write_beside(path, texts[path])] = path.resolve()
        for part, place in moves.items():
            part.replace(place)
    finally:
        for part in moves:
            part.unlink(missing_ok=True)
    for path, text in streams.items():
        _write_stream(path, text)


def _write_beside(path: Path, text: str | bytes) -> Path:
    """Write a temporary file in the folder of a path, with the mode of the file there; return its path."""
    place, part = path.resolve(), None
    try:
        if path.is_dir():
            raise IsADirectoryError(21, "Is a directory")
        handle, name = tempfile.mkstemp(prefix=f".{place.name[:40]}.", suffix=".part", dir=place.parent)
        part = Path(name)
        with os.fdopen(handle, "wb") as file:
            file.write(_encode(text))
            file.flush()
            os.fsync(file.fileno())
        part.chmod(stat.S_IMODE(place.stat().st_mode) if place.exists() else 0o666 & ~_read_mask())
    except OSError as error:
        if part:
            part.unlink(missing_ok=True)
        raise OSError(error.errno, error.strerror, str(path)) from None
    return part


def _read_mask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _encode(text: str | bytes) -> bytes:
    return text.encode() if isinstance(text, str) else text


def _write_stream(path: Path, text: str | bytes) -> None:
    try:
        with path.open("wb") as stream:
            stream.write(_encode(text))
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from None
