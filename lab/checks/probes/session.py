"""Runs the probes: one connection, one transaction, which is always rolled back."""

import contextlib
import itertools
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import psycopg
from psycopg import errors

from lab.access.matrix import name_identity
from lab.checks.finding import SEVERITIES, Finding, Unknown, sort_findings
from lab.checks.probes.attempts import LOGIN, Outcome, ProbeTransaction
from lab.checks.probes.canary import probe_canary
from lab.checks.probes.guards import probe_guards
from lab.checks.probes.preconditions import (
    Preconditions,
    Silencing,
    find_unusable_roles,
    lock_tables,
    plan_silencing,
    read_preconditions,
    write_identities,
)
from lab.checks.probes.probe import Probe
from lab.checks.probes.promise_trials import TRIALS
from lab.checks.probes.reach import probe_reach
from lab.checks.probes.report import ProbeResult, ProbeRun, Verdict
from lab.checks.probes.sample_people import People, write_people
from lab.checks.probes.trial import probe_promises
from lab.checks.schema.severity import find_chapter
from lab.database.connect import DatabaseUnavailable, connect, name_database
from lab.database.failures import say_break
from lab.rules.functions.triggers import require_consent, require_job_consents
from lab.rules.model import Severity

# One statement makes many attempts; all take a second or two. Without a client, the server ends the transaction.
STATEMENT_SECONDS, LOCK_SECONDS, IDLE_SECONDS, WHOLE_SECONDS = 5.0, 0.5, 5, 30

# Without a consent these refuse rightly, so that a refusal then proves nothing.
CONSENTING = (require_consent.id, require_job_consents.id)

Judged = tuple[Probe, Verdict]
PEOPLE, MATRIX, PROMISED, GUARDS, SEARCH = PHASES = (
    "the made-up people",
    "the access matrix",
    "the product's promises",
    "the tables' guards",
    "the search for private words",
)


def _keep_quiet(phase: str) -> None:
    """Ignore the phase."""


def probe_database(url: str, tell: Callable[[str], None] = _keep_quiet) -> ProbeRun:
    """Try every command on a database as each role. All changes are rolled back.

    Args:
        url: Its URL, of the tables' owner (on Supabase: postgres), directly or through a pooler.
        tell: Gets each of `PHASES` at its start; an exception from it ends the run, and everything is rolled back.

    Raises:
        DatabaseUnavailable: It can't be reached, or the connection breaks.
    """
    started = time.perf_counter()
    connection = connect(
        url,
        statement_timeout_seconds=STATEMENT_SECONDS,
        lock_timeout_seconds=LOCK_SECONDS,
        application_name="persistence-lab probes",
    )
    session = Session(connection, tell)
    try:
        session.run()
    except errors.OperationalError as error:
        if connection.broken or connection.closed or error.sqlstate is None:
            found = f"while it was probed, {say_break(error)}; every change is rolled back"
            raise DatabaseUnavailable(name_database(url), found, "Try again") from None
        session.stop(f"The server ended it (SQLSTATE {error.sqlstate}); everything was rolled back. Try again.")
    finally:
        with contextlib.suppress(psycopg.Error):
            connection.rollback()
        connection.close()
    return session.report(time.perf_counter() - started)


class Session:
    """A run of the probes, and its results so far."""

    def __init__(self, connection: psycopg.Connection[Any], tell: Callable[[str], None] = _keep_quiet) -> None:
        self.connection, self.people, self.tell = connection, People(), tell
        self.judged: list[Judged] = []
        self.unknown: list[Unknown] = []
        self.notes: list[str] = []
        self.attempts = 0

    def stop(self, why: str) -> None:
        """Note why the probes cannot go on."""
        self.unknown.append(Unknown(what="the probes", why=why))

    def run(self) -> None:
        """Run all probes, in the transaction that the first statement opens."""
        self.tell(PEOPLE)
        found = self._begin()
        if found.refusal:
            self.stop(found.refusal)
            return
        quiet = plan_silencing(self.connection, found)
        blocked = quiet.why_not or lock_tables(self.connection, found)
        if blocked:
            self.stop(blocked)
            return
        transaction = ProbeTransaction(self.connection, write_identities(self.connection, self.people))
        absent = dict(find_unusable_roles(transaction, found))
        self.unknown += absent.values()
        self._write_people(transaction, found, quiet)
        for name, probes in self._phases(transaction):
            self.tell(name)
            self._try(name, transaction, [probe for probe in probes if probe.identity not in absent])
        self._note_sequences(found)

    def _begin(self) -> Preconditions:
        settings = {"search_path": '"public", "extensions"', "idle_in_transaction_session_timeout": f"{IDLE_SECONDS}s"}
        if self.connection.info.server_version >= 170000:
            settings["transaction_timeout"] = f"{WHOLE_SECONDS}s"
        calls = ", ".join(f"set_config('{name}', '{value}', true)" for name, value in settings.items())
        self.connection.execute(f"select {calls}".encode())
        return read_preconditions(self.connection)

    def _write_people(self, transaction: ProbeTransaction, found: Preconditions, quiet: Silencing) -> None:
        """Make the rows, if the login bypasses row-level security, which the judging of results needs."""
        if quiet.everywhere:
            self.connection.execute("select set_config('session_replication_role', 'replica', true)")
        if quiet.people_why_not:
            self.unknown.append(Unknown(what="made-up people", why=quiet.people_why_not))
        elif not found.past_policies:
            why = f"Row-level security hides rows from {found.login}. Connect as postgres."
            self.unknown.append(Unknown(what="made-up people", why=why))
        else:
            self._note_refusals(write_people(transaction, self.people, quiet=quiet.people and not quiet.everywhere))

    def _note_refusals(self, refusals: list[tuple[str, Outcome]]) -> None:
        """Note rows that could not be made; the first one that a rule refused is a finding."""
        for number, (table, outcome) in enumerate(refusals):
            follows = outcome.by in CONSENTING and not self.people.has("public.consents")
            if number == 0 and not follows and (outcome.by or outcome.state.startswith("23")):
                self.judged.append((_allowed(outcome.table or table, outcome), Verdict("differs", outcome.describe())))
            why = f"Sample rows were {outcome.describe()}, so trials on them could not run."
            self.unknown.append(Unknown(what=f"rows in {table}", why=why))

    def _phases(self, transaction: ProbeTransaction) -> Iterator[tuple[str, Iterable[Probe]]]:
        yield MATRIX, probe_reach(self.people)
        if self.people.rows.get("auth.users"):
            yield PROMISED, probe_promises(TRIALS, self.people)
            yield GUARDS, probe_guards(self.people)
            yield SEARCH, probe_canary(transaction, self.people)

    def _try(self, name: str, transaction: ProbeTransaction, probes: Sequence[Probe]) -> None:
        try:
            with self.connection.transaction():
                outcomes = iter(transaction.make([attempt for probe in probes for attempt in probe.attempts]))
        except errors.QueryCanceled:
            self.unknown.append(
                Unknown(what=name, why=f"It took more than {STATEMENT_SECONDS:.0f} s, or was cancelled.")
            )
            return
        for probe in probes:
            mine = list(itertools.islice(outcomes, len(probe.attempts)))
            self.attempts += len(mine)
            if not (probe.optional and mine and not mine[-1].prepared):
                self.judged.append((probe, probe.judge(mine)))

    def _note_sequences(self, found: Preconditions) -> None:
        now = read_preconditions(self.connection).sequences
        moved = {name: value - found.sequences.get(name, 0) for name, value in now.items()}
        told = ", ".join(f"{name} by {count}" for name, count in sorted(moved.items()) if count)
        if told:
            self.notes.append(f"Sequence values used by the run are not reused: {told} (at most; gaps are normal).")
        if self.people.rows:
            self.notes.append("The sample rows were rolled back. The next vacuum removes them.")

    def report(self, seconds: float) -> ProbeRun:
        """Return the report."""
        return ProbeRun(
            results=tuple(_result(probe, verdict) for probe, verdict in self.judged),
            findings=sort_findings(_findings(self.judged)),
            unknown=(*self.unknown, *_unknowns(self.judged)),
            notes=tuple(self.notes),
            attempts=self.attempts,
            seconds=seconds,
        )


def _allowed(table: str, outcome: Outcome) -> Probe:
    return Probe(
        id="allowed_rows_get_in",
        title="What the rules allow can be written.",
        identity=LOGIN,
        subject=table,
        command="insert",
        attempts=(),
        expected="made-up rows",
        judge=lambda outcomes: Verdict("unknown", ""),
        rule=outcome.by or table,
        why="The shop cannot work when allowed writes fail. A trigger that completes rows may be missing.",
        severity=Severity.MEDIUM,
    )


def _result(probe: Probe, verdict: Verdict) -> ProbeResult:
    return ProbeResult(
        id=probe.id,
        title=probe.title,
        identity=probe.identity,
        subject=probe.subject,
        command=probe.command,
        owner=probe.owner,
        expected=probe.expected,
        seen=verdict.seen,
        state=verdict.state,
        refused=verdict.refused,
        rule=probe.rule,
        why=probe.why,
    )


def _findings(judged: list[Judged]) -> list[Finding]:
    """Return one finding for each difference, for all identities together."""
    groups: dict[str, list[Judged]] = {}
    for probe, verdict in judged:
        if verdict.state == "differs":
            groups.setdefault(probe.name, []).append((probe, verdict))
    return [_finding(group) for group in groups.values()]


def _finding(group: list[Judged]) -> Finding:
    probe = group[0][0]
    expected = "; ".join(dict.fromkeys(one.expected for one, _ in group))
    severities = [verdict.severity or probe.severity for probe, verdict in group]
    return Finding(
        kind="probe",
        name=probe.name,
        family="probes",
        rule=probe.rule,
        chapter=probe.chapter or find_chapter("access", probe.subject),
        severity=min(severities, key=SEVERITIES.index),
        subject=probe.subject,
        title=f"Broken for {probe.subject.removeprefix('public.')}: {probe.title}",
        expected=f"{probe.title} Here: {expected}.",
        seen="; ".join(f"{name_identity(one.identity)}, {one.command}: {verdict.seen}" for one, verdict in group),
        why=probe.why,
        decide="Run the schema, access and strangers checks: their findings name the change and have the SQL.",
    )


def _unknowns(judged: list[Judged]) -> Iterator[Unknown]:
    groups: dict[tuple[str, str], list[Judged]] = {}
    for probe, verdict in judged:
        if verdict.state == "unknown":
            groups.setdefault((probe.subject, verdict.seen), []).append((probe, verdict))
    for (subject, seen), group in groups.items():
        tried = sorted({probe.command for probe, _ in group})
        yield Unknown(what=f"{subject}: {', '.join(tried)}", why=f"It could not be tried: {seen}.")
