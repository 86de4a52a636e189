"""The board of results: the newest of each part, and what it means for the others."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from fixtures.servers import Database
from lab.checks.probes import ProbeRun
from lab.checks.schema.check import SchemaCheck, check_database
from lab.checks.state import State
from lab.database.embedded.server import EmbeddedPostgres
from lab.readiness.report import Report, ReportVerdict
from lab.readiness.request import Request
from lab.readiness.results import Board
from lab.readiness.run import inspect_target
from lab.readiness.update import update_report
from lab.sql import fingerprint_schema
from tests.ui.operating import execute

NOON = datetime(2027, 1, 1, 12, tzinfo=UTC)
LATER = NOON + timedelta(minutes=5)
PROBES = ProbeRun(results=(), findings=(), unknown=(), attempts=1, seconds=0)
GRANT = "grant select on public.oracle_scrolls to anon"


@pytest.fixture
def walls(server: EmbeddedPostgres, database: Callable[..., Database]) -> tuple[str, SchemaCheck, SchemaCheck]:
    """Give a database's URL, with its comparison before and after a grant."""
    url = database(server).url
    sound = check_database(url)
    execute(url, GRANT)
    return url, sound, check_database(url)


def test_the_newest_result_of_a_part_stays(walls: tuple[str, SchemaCheck, SchemaCheck]) -> None:
    _, sound, broken = walls
    board = Board()
    board.keep("shop", LATER, {"wall": broken})
    board.keep("shop", NOON, {"wall": sound, "questions": {}})
    found = board.find("shop")
    assert (found.wall, found.times) == (broken, {"wall": LATER, "questions": NOON})
    assert board.find("harbour").times == {}
    told = found.describe_times(LATER + timedelta(seconds=61))
    assert told == "2027-01-01 12:05:00 UTC (1 min ago): schema; 2027-01-01 12:00:00 UTC (6 min ago): rows"
    assert found.describe_ages(LATER + timedelta(days=3)) == "3 d ago (schema); 3 d ago (rows)"
    assert (found.is_older_than(fingerprint_schema()), found.is_older_than("other rules")) == (False, True)


def test_probes_count_while_the_schema_is_as_it_was(walls: tuple[str, SchemaCheck, SchemaCheck]) -> None:
    _, sound, broken = walls
    board = Board()
    for at, parts, tried in (
        (NOON, {"wall": sound, "probes": PROBES}, True),
        (LATER, {"wall": sound}, True),
        (LATER, {"wall": broken}, False),
        (LATER, {"wall": sound}, True),
        (LATER, {"wall": broken, "probes": PROBES}, True),
        (LATER, {"wall": sound}, False),
    ):
        board.keep("shop", at, parts)
        assert (board.find("shop").tried is not None) == tried


def test_a_report_takes_later_results_and_leaves_earlier_ones(walls: tuple[str, SchemaCheck, SchemaCheck]) -> None:
    url, sound, broken = walls
    request = Request(url=url, target="shop")
    last = inspect_target(request, now=NOON)
    assert last.verdict is ReportVerdict.NOT_READY
    for at, verdict in ((NOON - timedelta(1), ReportVerdict.NOT_READY), (LATER, ReportVerdict.READY)):
        board = Board()
        board.keep("shop", at, {"wall": sound})
        assert update(last, board, request).verdict is verdict
    board.keep("shop", LATER, {"wall": broken})
    assert update(None, board, request).verdict is ReportVerdict.NOT_READY
    assert update_report(None, Board().find("shop"), request) is None


def test_rows_that_a_chapter_counted_are_findings(walls: tuple[str, SchemaCheck, SchemaCheck]) -> None:
    url, sound, _ = walls
    execute(url, "revoke select on public.oracle_scrolls from anon")
    board, request = Board(), Request(url=url, target="shop", also=("data",))
    counts = {"echoes_late": 2, "leases_expired": 0}
    board.keep("shop", LATER, {"wall": sound, "questions": counts, "anchors": {}})
    for last in (None, inspect_target(request, now=NOON)):
        seen = update(last, board, request)
        assert [finding.rule for finding in seen.findings if finding.weighs] == ["echoes_late"]
        assert next(family.state for family in seen.families if family.id == "data") is State.BROKEN
    board.keep("shop", LATER, {"questions": dict.fromkeys(counts, 0)})
    assert update(None, board, request).verdict is ReportVerdict.READY


def update(last: Report | None, board: Board, request: Request) -> Report:
    seen = update_report(last, board.find("shop"), request)
    assert seen
    return seen
