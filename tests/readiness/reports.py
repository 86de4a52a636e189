"""Reports for tests, made without a database."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from lab.checks.finding import Finding, Unknown
from lab.readiness.acceptances import Acceptance
from lab.readiness.history import KeptRun, keep_run
from lab.readiness.report import Answer, Report, make_report
from lab.rules.model import Severity

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
TODAY = NOW.date()


def finding(key: str = "policy:public.oracle_scrolls.owner_reads:using", **changes: Any) -> Finding:
    """Return a finding of that key; a repair may be given as text alone."""
    kind, _, rest = key.partition(":")
    facts: dict[str, Any] = {
        "kind": kind,
        "name": rest,
        "rule": "oracle_scrolls",
        "chapter": 11,
        "severity": Severity.HIGH,
        "subject": "public.oracle_scrolls",
        "expected": "subject_id = auth.uid()",
        "seen": "true",
        "why": "Anybody reads everybody's question.",
        "repair": "alter policy owner_reads on public.oracle_scrolls using (subject_id = auth.uid());",
    }
    return Finding(**facts | changes)


def sql_of(found: Finding) -> str:
    """Return a finding's repair, which it must have."""
    assert found.repair is not None
    return found.repair.sql


def acceptance(about: str = "a", days: date = date(2026, 12, 1), **changes: Any) -> Acceptance:
    return Acceptance(
        **{"key": about, "reason": "known, and being mended", "accepted_by": "Ada", "expires": days} | changes
    )


def answer(*findings: Finding, unknown: tuple[Unknown, ...] = (), **changes: Any) -> Answer:
    checked = changes.pop("checked", ("public.oracle_scrolls", "public.share_cards"))
    made = Answer(family="wall", title="The wall stands.", checked=checked, findings=findings, unknown=unknown)
    return made._replace(server_version="18.4", round_trips=3, **changes)


UNASKED = Answer(family="stripe", title="Stripe agrees.", asked=False, how_to_run="Ask it with --stripe.")
UNKNOWN = Unknown(what="the catalogue's privileges", why="The role may not read this.")


def report(*findings: Finding, unknown: tuple[Unknown, ...] = (), accept: tuple[Acceptance, ...] = ()) -> Report:
    return make_report(
        "db.example:5432/shop",
        [answer(*findings, unknown=unknown), UNASKED],
        acceptances=accept,
        started_at=NOW,
        seconds=1,
    )


def run(
    day: int, *keys: str, complete: bool = True, asked: bool = True, target: str = "shop", scope: str = ""
) -> KeptRun:
    """A run on a day that found these keys, in a family that was checked wholly, partly or not at all."""
    said = answer(*(finding(key) for key in keys), unknown=() if complete else (UNKNOWN,), asked=asked)
    layers = tuple(scope.split(",")) if scope else ()
    return keep_run(make_report(target, [said, UNASKED], started_at=NOW + timedelta(days=day), layers=layers))
