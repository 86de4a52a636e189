"""The tables of the history, and their statements, which are the same in SQLite and in Postgres."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    DateTime,
    Dialect,
    ForeignKey,
    Identity,
    Index,
    Integer,
    MetaData,
    Row,
    Table,
    Text,
    TypeDecorator,
    delete,
    func,
    insert,
    inspect,
    select,
)

from lab.readiness.history.kept_run import KeptFinding, KeptRun
from lab.readiness.history.kept_scenario import KeptScenario
from lab.readiness.report import ReportVerdict


class _Moment(TypeDecorator[datetime]):
    """A time with its zone, which SQLite does not have: there it is ISO 8601 in UTC."""

    impl, cache_ok = DateTime(timezone=True), True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        moment = value.astimezone(UTC) if value else None
        return moment.isoformat(timespec="microseconds") if moment and dialect.name == "sqlite" else moment

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
        return moment.astimezone(UTC) if moment else None


VERSION = 1  # of the tables
MARK = "persistence-lab: history of checks, version "  # the comment that identifies the tables in Postgres

TABLES = MetaData()
RUN = Table(
    "run",
    TABLES,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), Identity(always=True), primary_key=True),
    Column("target", Text, nullable=False),
    Column("scope", Text, nullable=False, comment="The layers that the check was limited to."),
    Column("started_at", _Moment, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("unknown_count", Integer, nullable=False),
    Index("run_target", "target", "started_at"),  # for the newest runs of a target
    comment=f"{MARK}{VERSION}",
)


def _of_run() -> Column[int]:
    return Column("run_id", ForeignKey(RUN.c.id, ondelete="cascade"), primary_key=True)


FAMILY = Table(
    "run_family",
    TABLES,
    _of_run(),
    Column("family", Text, primary_key=True),
    Column("state", Text, nullable=False),
    Column("complete", Boolean, nullable=False, comment="True when a finding's absence means that it is resolved."),
    sqlite_with_rowid=False,
)
FINDING = Table(
    "run_finding",
    TABLES,
    _of_run(),
    Column("key", Text, primary_key=True),
    Column("family", Text, nullable=False),
    Column("severity", Text, nullable=False),
    Column("accepted", Boolean, nullable=False),
    sqlite_with_rowid=False,
)

SCENARIO = Table(
    "scenario",
    TABLES,
    Column("name", Text, primary_key=True),
    Column("query", Text, nullable=False, comment="The scenario as the query of its address on the Lab page."),
    Column("kept_at", _Moment, nullable=False),
    sqlite_with_rowid=False,
)  # younger than the tables above, so a history may lack it


def insert_run(connection: Connection, run: KeptRun) -> None:
    """Add a run with its families and findings."""
    values = run.model_dump(include={"target", "scope", "started_at", "verdict", "unknown_count"}, mode="python")
    made = connection.execute(insert(RUN), values | {"verdict": run.verdict.value}).inserted_primary_key
    run_id = made[0] if made else None
    families = [
        {"run_id": run_id, "family": family, "state": state, "complete": family in run.complete}
        for family, state in run.families.items()
    ]
    findings = [{"run_id": run_id, **finding.model_dump()} for finding in run.findings]
    for table, rows in ((FAMILY, families), (FINDING, findings)):
        if rows:
            connection.execute(insert(table), rows)


def prune_runs(connection: Connection, run: KeptRun, keep_runs: int, keep_days: int) -> None:
    """Delete runs of a run's target: those much older than it, and those beyond the newest."""
    own = RUN.c.target == run.target
    newest = select(RUN.c.id).where(own).order_by(RUN.c.started_at.desc(), RUN.c.id.desc()).limit(keep_runs)
    connection.execute(delete(RUN).where(own, RUN.c.started_at < run.started_at - timedelta(days=keep_days)))
    connection.execute(delete(RUN).where(own, RUN.c.id.not_in(newest)))


def select_runs(connection: Connection, target: str | None, limit: int) -> tuple[KeptRun, ...]:
    """Return the newest runs, of one target or of all, the oldest first; three statements, whatever their number."""
    wanted = select(RUN).order_by(RUN.c.started_at.desc(), RUN.c.id.desc()).limit(limit)
    rows = connection.execute(wanted if target is None else wanted.where(RUN.c.target == target)).all()
    families, findings = (_group(connection, table, [row.id for row in rows]) for table in (FAMILY, FINDING))
    return tuple(_read_run(row, families[row.id], findings[row.id]) for row in reversed(rows))


def select_targets(connection: Connection) -> tuple[str, ...]:
    """Return the targets that have runs, by name."""
    return tuple(sorted(connection.scalars(select(RUN.c.target).distinct())))


def _group(connection: Connection, table: Table, runs: list[int]) -> dict[int, list[Row[Any]]]:
    """Return a table's rows by the run that they belong to."""
    grouped: dict[int, list[Row[Any]]] = defaultdict(list)
    for row in connection.execute(select(table).where(table.c.run_id.in_(runs))):
        grouped[row.run_id].append(row)
    return grouped


def _read_run(row: Row[Any], families: list[Row[Any]], findings: list[Row[Any]]) -> KeptRun:
    kept = [KeptFinding(key=f.key, family=f.family, severity=f.severity, accepted=f.accepted) for f in findings]
    return KeptRun(
        target=row.target,
        scope=row.scope,
        started_at=row.started_at,
        verdict=ReportVerdict(row.verdict),
        unknown_count=row.unknown_count,
        families={family.family: family.state for family in families},
        complete=frozenset(family.family for family in families if family.complete),
        findings=tuple(sorted(kept, key=lambda finding: finding.key)),
    )


def has_scenarios(connection: Connection, schema: str | None) -> bool:
    """Tell whether the table of kept scenarios is there."""
    return inspect(connection).has_table(SCENARIO.name, schema=schema)


def put_scenario(connection: Connection, scenario: KeptScenario, most: int) -> bool:
    """Keep a scenario in the place of one of its name; tell whether there was room."""
    connection.execute(delete(SCENARIO).where(SCENARIO.c.name == scenario.name))
    if (connection.scalar(select(func.count()).select_from(SCENARIO)) or 0) >= most:
        return False
    connection.execute(insert(SCENARIO), scenario.model_dump())
    return True


def select_scenarios(connection: Connection) -> tuple[KeptScenario, ...]:
    """Return the kept scenarios, the newest first."""
    rows = connection.execute(select(SCENARIO).order_by(SCENARIO.c.kept_at.desc(), SCENARIO.c.name))
    return tuple(KeptScenario(name=row.name, query=row.query, kept_at=row.kept_at) for row in rows)


def delete_scenario(connection: Connection, name: str) -> bool:
    """Delete the scenario of a name; tell whether there was one."""
    return bool(connection.execute(delete(SCENARIO).where(SCENARIO.c.name == name)).rowcount)
