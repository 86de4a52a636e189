"""History of checks: an sqlite file with keys, severities, states and counts; never a value, a URL or a secret."""

import contextlib
import sqlite3
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from lab.readiness.report import FamilyState, Report, ReportVerdict
from lab.text.errors import LabError
from lab.text.product_files import HOME_VARIABLE, home_folder

FILE_NAME = "history.sqlite"

KEEP_RUNS = 500  # of one target
KEEP_DAYS = 400  # a year of comparisons, and some weeks
WAIT_SECONDS = 10  # for another process that is writing

# Marks the file as ours ("wall"); another program's file is refused instead of filled.
_APPLICATION, _VERSION = 0x77616C6C, 1

_SCHEMA = """
create table run (
  id integer primary key,
  target text not null,
  scope text not null, -- the layers that the check was limited to
  started_at text not null, -- ISO 8601, UTC
  verdict text not null,
  unknown_count integer not null
);
create index run_target on run (target, started_at);
create table run_family (
  run_id integer not null references run on delete cascade,
  family text not null,
  state text not null,
  complete integer not null, -- 1 when a finding's absence means that it is gone
  primary key (run_id, family)
) without rowid;
create table run_finding (
  run_id integer not null references run on delete cascade,
  key text not null,
  family text not null,
  severity text not null,
  accepted integer not null,
  primary key (run_id, key)
) without rowid;
"""


class HistoryUnavailable(LabError):
    """The history's file can't be used; the message says which and what to do. Nothing in it was changed."""


class KeptFinding(BaseModel):
    """What is kept of a finding."""

    model_config = ConfigDict(frozen=True)

    key: str
    family: str
    severity: str
    accepted: bool


class KeptRun(BaseModel):
    """What is kept of a check."""

    model_config = ConfigDict(frozen=True)

    target: str
    scope: str
    started_at: datetime
    verdict: ReportVerdict
    unknown_count: int
    families: dict[str, str]
    complete: frozenset[str]
    findings: tuple[KeptFinding, ...]

    @property
    def asked(self) -> frozenset[str]:
        """Return the families that were asked."""
        return frozenset(id_ for id_, state in self.families.items() if state != FamilyState.NOT_ASKED)

    def count(self, severity: str) -> int:
        """Return how many findings of a severity stand, without the accepted ones."""
        return sum(finding.severity == severity and not finding.accepted for finding in self.findings)


def history_path(environ: Mapping[str, str]) -> Path:
    """Return the path of the history's file."""
    return home_folder(environ) / FILE_NAME


def keep_run(report: Report) -> KeptRun:
    """Return what is kept of a report; pure."""
    families = {key: family.id for family in report.families for key in family.findings}
    standing = [(finding, False) for finding in report.findings]
    findings = [*standing, *((entry.finding, True) for entry in report.accepted)]
    return KeptRun(
        target=report.target,
        scope=",".join(sorted(report.layers)),
        started_at=report.started_at,
        verdict=report.verdict,
        unknown_count=len(report.unknown),
        families={family.id: family.state.value for family in report.families},
        complete=frozenset(family.id for family in report.families if family.complete),
        findings=tuple(
            KeptFinding(key=f.key, family=families.get(f.key, ""), severity=f.severity.value, accepted=accepted)
            for f, accepted in findings
        ),
    )


def record_run(path: Path, run: KeptRun) -> None:
    """Add a run, and forget runs that are too old or too many.

    Safe with several processes: one writes after the other.

    Raises:
        HistoryUnavailable: The file is damaged, is not ours, or can't be written.
    """
    with _open(path) as connection:
        _insert(connection, run)
        _prune(connection, run)


def read_runs(path: Path, target: str | None = None, limit: int = KEEP_RUNS) -> tuple[KeptRun, ...]:
    """Return the newest runs, of one target or of all, in the order of their time. Read-only.

    Raises:
        HistoryUnavailable: The file is damaged or is not ours.
    """
    if not path.exists():
        return ()
    with _open(path) as connection:
        where, values = ("where target = ?", [target]) if target is not None else ("", [])
        rows = connection.execute(
            f"select id, target, scope, started_at, verdict, unknown_count from run {where} "
            "order by started_at desc, id desc limit ?",
            [*values, limit],
        ).fetchall()
        return tuple(_read_run(connection, row) for row in reversed(rows))


def read_targets(path: Path) -> tuple[str, ...]:
    """Return the targets that there are runs of, by name. Read-only."""
    if not path.exists():
        return ()
    with _open(path) as connection:
        return tuple(row[0] for row in connection.execute("select distinct target from run order by target"))


@contextlib.contextmanager
def _open(path: Path) -> Iterator[sqlite3.Connection]:
    """Open the file in one transaction that writes, so that two processes follow each other."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        connection = sqlite3.connect(path, timeout=WAIT_SECONDS, isolation_level=None)
    except (OSError, sqlite3.Error) as error:
        raise _explain(path, error) from None
    try:
        connection.execute("pragma foreign_keys = on")
        connection.execute("begin immediate")
        _prepare(connection, path)
        yield connection
        connection.execute("commit")
    except sqlite3.Error as error:
        raise _explain(path, error) from None
    finally:
        connection.close()  # which rolls back what was not committed


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    """Make the tables in an empty file; refuse any other that is not ours."""
    application = connection.execute("pragma application_id").fetchone()[0]
    version = connection.execute("pragma user_version").fetchone()[0]
    if (application, version) == (_APPLICATION, _VERSION):
        return
    if connection.execute("select count(*) from sqlite_master").fetchone()[0] or application or version:
        newer = application == _APPLICATION
        found = "was written by a newer version of the lab" if newer else "is another program's file"
        raise HistoryUnavailable(f"{path}: {found}. Nothing was changed; name another folder in {HOME_VARIABLE}.")
    for statement in _SCHEMA.split(";\n"):
        connection.execute(statement)
    connection.execute(f"pragma application_id = {_APPLICATION}")
    connection.execute(f"pragma user_version = {_VERSION}")


def _explain(path: Path, error: Exception) -> HistoryUnavailable:
    told = str(error)
    if "locked" in told:
        return HistoryUnavailable(f"{path}: another process has held it for {WAIT_SECONDS} s. Try again.")
    if "not a database" in told or "malformed" in told:
        return HistoryUnavailable(f"{path}: is damaged or no history. Nothing was deleted; move it away to begin anew.")
    reason = error.strerror if isinstance(error, OSError) else told
    return HistoryUnavailable(f"{path}: cannot be used ({reason}). Check the folder that {HOME_VARIABLE} names.")


def _insert(connection: sqlite3.Connection, run: KeptRun) -> None:
    made = connection.execute(
        "insert into run (target, scope, started_at, verdict, unknown_count) values (?, ?, ?, ?, ?)",
        [run.target, run.scope, _stamp(run.started_at), run.verdict.value, run.unknown_count],
    ).lastrowid
    connection.executemany(
        "insert into run_family values (?, ?, ?, ?)",
        [(made, family, state, family in run.complete) for family, state in run.families.items()],
    )
    connection.executemany(
        "insert into run_finding values (?, ?, ?, ?, ?)",
        [(made, f.key, f.family, f.severity, f.accepted) for f in run.findings],
    )


def _prune(connection: sqlite3.Connection, run: KeptRun) -> None:
    oldest = _stamp(run.started_at - timedelta(days=KEEP_DAYS))
    connection.execute("delete from run where target = ? and started_at < ?", [run.target, oldest])
    connection.execute(
        "delete from run where target = ? and id not in "
        "(select id from run where target = ? order by started_at desc, id desc limit ?)",
        [run.target, run.target, KEEP_RUNS],
    )


def _read_run(connection: sqlite3.Connection, row: tuple[int, str, str, str, str, int]) -> KeptRun:
    families = connection.execute(
        "select family, state, complete from run_family where run_id = ?", [row[0]]
    ).fetchall()
    findings = connection.execute(
        "select key, family, severity, accepted from run_finding where run_id = ? order by key", [row[0]]
    )
    return KeptRun(
        target=row[1],
        scope=row[2],
        started_at=datetime.fromisoformat(row[3]),
        verdict=ReportVerdict(row[4]),
        unknown_count=row[5],
        families={family: state for family, state, _ in families},
        complete=frozenset(family for family, _, complete in families if complete),
        findings=tuple(KeptFinding(key=k, family=f, severity=s, accepted=bool(a)) for k, f, s, a in findings),
    )


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
