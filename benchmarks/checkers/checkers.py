"""All checkers with one interface: it takes a database, and returns the checker's output."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks.checkers.lanes import Target, dump, read_roles
from benchmarks.checkers.tools import PATIENCE_SECONDS, Unusable, Worker, ask_once, install_packages
from fixtures.npm_programs import NoProgram, find_program
from fixtures.supabase import ProgramFailed, make_project, read_advice
from lab.checks.schema.check import check_database

OURS, TEXT = "lab check", "pg_dump, text"
COLD = "import sys; from lab.checks.schema.check import check_database; check_database(sys.argv[1])"
PACKAGES = ("alembic", "migra", "pgrls lint", "pgrls diff", "rlsautotest")
ADVISORS, DIFFER = "Supabase advisors", "Supabase pg-delta"


@dataclass(frozen=True, kw_only=True)
class Checker:
    """One checker.

    Args:
        name: Its name in the table.
        ask: Returns its output for a database, the same for the same state; raises Unusable when it fails.
        start: Does the same in a new process; none when `ask` starts one anyway.
    """

    name: str
    ask: Callable[[Target], str]
    start: Callable[[Target], object] | None = None


@dataclass(frozen=True, kw_only=True)
class Kit:
    """The other checkers' installation, or why they can't be used, and the sound database."""

    python: Path | Unusable
    program: Path | Unusable
    differ: Path | Unusable
    folder: Path
    sound: str

    def make_checkers(self, worker: Worker | None) -> Iterator[Checker]:
        """Make every checker for one thread; the Python packages run in the thread's worker."""
        yield from LOCAL
        for tool in PACKAGES:
            if worker is None or isinstance(self.python, Unusable):
                yield Checker(name=tool, ask=partial(_refuse, self.python))
            else:
                ask, start = partial(self._ask, worker, tool), partial(self._start, self.python, tool)
                yield Checker(name=tool, ask=ask, start=start)
        yield Checker(name=ADVISORS, ask=self._ask_advisors)
        yield Checker(name=DIFFER, ask=self._ask_differ)

    def _question(self, tool: str, target: Target) -> dict[str, str]:
        return {"tool": tool, "url": target.database.url, "sound": self.sound, "folder": str(self.folder)}

    def _ask(self, worker: Worker, tool: str, target: Target) -> str:
        return worker.ask(self._question(tool, target))

    def _start(self, python: Path, tool: str, target: Target) -> str:
        return ask_once(python, self._question(tool, target))

    def _ask_advisors(self, target: Target) -> str:
        if isinstance(self.program, Unusable):
            raise self.program
        try:
            advice = read_advice(self.program, self.folder, target.tcp_url, level="info")
        except (ProgramFailed, subprocess.TimeoutExpired) as error:
            raise Unusable(f"it failed with {type(error).__name__}") from None
        return "\n".join(sorted(json.dumps(line, sort_keys=True) for line in advice))

    def _ask_differ(self, target: Target) -> str:
        """Compare with the sound database; by default, the platform's own objects are compared, too."""
        if isinstance(self.differ, Unusable):
            raise self.differ
        command = [str(self.differ), "diff", "--source", self.sound, "--desired", target.database.url]
        try:
            return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=True).stdout
        except subprocess.SubprocessError as error:
            raise Unusable(f"it failed with {type(error).__name__}") from None


def find_kit(folder: Path, sound: str) -> Kit:
    """Install the other checkers, or find out why they can't be used.

    Args:
        folder: An empty one, for the expected sides.
        sound: URL of a database that stays sound for the whole run.
    """
    python: Path | Unusable
    try:
        python = install_packages()
    except Unusable as reason:
        python = reason
    program, differ = _find("supabase"), _find("pgdelta")
    return Kit(python=python, program=program, differ=differ, folder=make_project(folder), sound=sound)


def _find(name: str) -> Path | Unusable:
    try:
        return find_program(name)
    except NoProgram as reason:
        return Unusable(str(reason))
    except subprocess.TimeoutExpired:
        return Unusable("npm took too long")


def dump_schema(target: Target) -> str:
    """Write the schema as SQL, by pg_dump, with the database's own privileges and settings, under one name for all."""
    place = target.database
    text = dump(place.server, "pg_dump", "--schema-only", "--create", place.admin_url)
    return text.replace(place.name, "database")


def _ask_ours(target: Target) -> str:
    report = check_database(target.database.url)
    return "\n".join(finding.key for finding in report.findings if finding.weighs)


def _start_ours(target: Target) -> None:
    subprocess.run([sys.executable, "-c", COLD, target.database.url], check=True)


def _ask_text(target: Target) -> str:
    try:
        return dump_schema(target) + read_roles(target.database.server)
    except subprocess.SubprocessError as error:
        raise Unusable(f"it failed with {type(error).__name__}") from None


def _refuse(reason: object, target: Target) -> str:
    raise reason if isinstance(reason, Unusable) else Unusable("its packages are not installed")


LOCAL = (Checker(name=OURS, ask=_ask_ours, start=_start_ours), Checker(name=TEXT, ask=_ask_text))
"""The checkers that need no download."""
