"""What the machine has: Python, packages, Graphviz, fonts, room, a free port, and a Postgres."""

import os
import re
import shutil
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from lab.database.embedded.server import EmbeddedUnavailable, binaries, default_folder
from lab.pictures import PictureUnavailable
from lab.pictures.renderer import find_program
from lab.readiness.doctor.sign import Setup, Sign
from lab.services.documents.fonts import find_folders

OLDEST = (3, 11)
LEAST_ROOM = 500_000_000  # bytes; a new embedded database takes about a tenth of it
_LOCKED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^\s;\\]+)\s*(;)?", re.MULTILINE)
_NAMED = 3
_INSTALL = "Run: .venv/bin/pip install -r requirements.txt"


def look_at_python(setup: Setup) -> Iterator[Sign]:
    """Look whether Python is new enough."""
    seen = ".".join(map(str, setup.python))
    if setup.python[:2] >= OLDEST:
        yield Sign("Python", "ok", seen)
    else:
        wanted = ".".join(map(str, OLDEST))
        yield Sign("Python", "wrong", seen, f"Install Python {wanted} or newer, and make .venv anew.")


def look_at_packages(setup: Setup) -> Iterator[Sign]:
    """Look whether each locked package is installed in its version; one with a condition may be absent."""
    if not setup.requirements.is_file():
        yield Sign("Packages", "not used", "this copy was installed as a package, which brings its own versions")
        return
    wrong = []
    locked: dict[str, list[str]] = {}
    conditional = set()
    for package, version, condition in _LOCKED.findall(setup.requirements.read_text(encoding="utf-8")):
        locked.setdefault(package, []).append(version)
        conditional |= {package} if condition else set()
    for package, versions in locked.items():
        found = setup.version_of(package)
        if not (found is None and package in conditional) and _plain(found) not in map(_plain, versions):
            wrong.append(f"{package} is {found or 'missing'}, the lock has {' or '.join(versions)}")
    if wrong:
        more = f", and {len(wrong) - _NAMED} more" if len(wrong) > _NAMED else ""
        yield Sign("Packages", "wrong", f"{'; '.join(wrong[:_NAMED])}{more}", f"{_INSTALL}.")
    else:
        yield Sign("Packages", "ok", f"{len(locked)} as locked")


def _plain(version: str | None) -> tuple[str, ...]:
    """Return a version's parts without leading zeros: 1.002 is 1.2, as installers read it."""
    return tuple(part.lstrip("0") or "0" for part in version.split(".")) if version else ()


def look_at_graphviz(setup: Setup) -> Iterator[Sign]:
    """Look for the program that draws pictures."""
    try:
        yield Sign("Graphviz", "ok", Path(find_program()).name)
    except PictureUnavailable:
        yield Sign("Graphviz", "wrong", "neither the package nor dot was found, so no picture is drawn", f"{_INSTALL}.")


def look_at_fonts(setup: Setup) -> Iterator[Sign]:
    """Look for the fonts of documents."""
    try:
        yield Sign("Fonts", "ok", f"{len(find_folders())} packages for documents")
    except ModuleNotFoundError as error:
        yield Sign("Fonts", "wrong", f"{error}, so no PDF is rendered", f"{_INSTALL}.")


def look_at_room(setup: Setup) -> Iterator[Sign]:
    """Look whether data can be written where it is kept, and whether there is room."""
    place = next(path for path in (setup.home, *setup.home.parents) if path.exists())
    if not place.is_dir() or not os.access(place, os.W_OK | os.X_OK):
        remedy = "Let this account write there, or set PERSISTENCE_LAB_HOME to another folder."
        yield Sign("Data folder", "wrong", f"{setup.home} cannot be written", remedy)
        return
    free = shutil.disk_usage(place).free
    state, remedy = ("ok", "") if free >= LEAST_ROOM else ("wrong", "Make room, or set PERSISTENCE_LAB_HOME.")
    yield Sign("Data folder", "ok" if state == "ok" else "wrong", f"{free / 1e9:.1f} GB free in {setup.home}", remedy)


def look_at_port(setup: Setup) -> Iterator[Sign]:
    """Look whether the app's port is free, or the app itself answers there."""
    with socket.socket() as trial:
        trial.settimeout(1)
        taken = trial.connect_ex(("127.0.0.1", setup.port)) == 0
    if not taken:
        yield Sign("Port", "ok", f"{setup.port} is free")
    elif _is_app(setup.port):
        yield Sign("Port", "ok", f"the app answers on {setup.port}")
    else:
        remedy = f"End that program, or run: streamlit run app.py --server.port {setup.port + 1}"
        yield Sign("Port", "wrong", f"another program listens on {setup.port}", remedy)


def _is_app(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=2) as answer:
            return bool(answer.read(10) == b"ok")
    except (OSError, ValueError, urllib.error.URLError):
        return False


def look_at_embedded(setup: Setup) -> Iterator[Sign]:
    """Look for the programs of the embedded database, and for what is in its data folder."""
    if setup.environ.get("DATABASE_URL", "").strip():
        yield Sign("Embedded database", "not used", "DATABASE_URL names another database")
        return
    try:
        programs = binaries()
    except EmbeddedUnavailable as error:
        yield Sign("Embedded database", "wrong", error.found, f"{error.next_step}.")
        return
    if not (programs / "postgres").exists():
        yield Sign("Embedded database", "wrong", "the package has no programs for this machine", f"{_INSTALL}.")
        return
    folder = setup.home / default_folder().name
    yield _judge_data(folder)


def _judge_data(folder: Path) -> Sign:
    version, name = folder / "PG_VERSION", "Embedded database"
    if not folder.exists():
        return Sign(name, "ok", "not made yet; the first start makes it")
    if not os.access(folder, os.R_OK | os.X_OK):
        return Sign(name, "unknown", f"{folder} belongs to another account", "Run this as the account that made it.")
    if not version.is_file():
        remedy = "Move the folder away, then run: python -m lab demo"
        return Sign(name, "wrong", f"{folder} holds something else than a database", remedy)
    found, wanted = version.read_text().strip(), folder.name.rpartition("-")[2]
    if found != wanted:
        return Sign(name, "wrong", f"{folder.name} holds data of Postgres {found}", "Run: python -m lab demo --fresh")
    return Sign(name, "ok", f"data of Postgres {found}")
