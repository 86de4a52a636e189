"""The law of repairs: beside another project with data of its own they change nothing of it, and proposals are undone.

One weakening in 64 of each family is tried on the newest and the oldest major; `--whole` tries all on every major.
"""

import contextlib
from collections.abc import Callable, Iterator
from itertools import product

import psycopg
import pytest

from fixtures.mutations.model import Mutant
from fixtures.mutations.neighbour import NEIGHBOUR, digest_rows, read_snapshot, run_actions
from fixtures.mutations.sample import all_mutants, arrange, take_part
from fixtures.servers import Database
from lab.checks.finding import Finding
from lab.checks.schema.repairs import repair_script
from lab.checks.schema.repairs.proposals import accept_proposal, is_query
from lab.database.embedded.server import EmbeddedPostgres
from tests.mutations.trial import names, weighing

Make = Callable[..., Database]
PARTS, HEAP = 64, 25


@pytest.fixture
def connection(each_server: EmbeddedPostgres, shared_database: Make) -> Iterator[psycopg.Connection]:
    with psycopg.connect(shared_database(each_server).admin_url, prepare_threshold=None) as connection:
        yield connection


@pytest.mark.sample(every=PARTS, oldest=PARTS, between=0)
@pytest.mark.parametrize("part", range(PARTS))
def test_every_repair_leaves_a_neighbour_as_it_was(connection: psycopg.Connection, part: int) -> None:
    """Its catalogue, its rows and what its people can do; a person has named what was weakened, and nothing else."""
    assert [fault for heap in _heaps(connection, part) for fault in find_harm(connection, heap)] == []


@pytest.mark.sample(every=PARTS, oldest=PARTS, between=0)
@pytest.mark.parametrize("part", range(PARTS))
def test_every_proposal_is_taken_back_by_its_undo(connection: psycopg.Connection, part: int) -> None:
    outcomes = [find_left(connection, heap) for heap in _heaps(connection, part)]
    assert [fault for left, _ in outcomes for fault in left] == []
    assert any(changed for _, changed in outcomes)


def _heaps(connection: psycopg.Connection, part: int) -> Iterator[list[Mutant]]:
    """Yield a part of all mutants, in heaps; those that do not meet come together first."""
    major = connection.info.server_version // 10000
    taken = take_part(all_mutants(major), part, PARTS)
    ordered = [mutant for group in arrange(taken, major) for mutant in group]
    for kind in product((True, False), repeat=2):
        alike = [mutant for mutant in ordered if (mutant.mends, mutant.needs_admin) == kind]
        yield from (alike[place : place + HEAP] for place in range(0, len(alike), HEAP))


def find_harm(connection: psycopg.Connection, mutants: list[Mutant]) -> list[str]:
    """Return what of the neighbour is another thing after the repairs than the mutants left it."""
    with connection.transaction(force_rollback=True):
        bare = read_snapshot(connection)
        connection.execute(NEIGHBOUR.encode())
        theirs, untouched = read_snapshot(connection) - bare, run_actions(connection)
        _weaken(connection, mutants)
        theirs &= read_snapshot(connection)
        rows, actions = digest_rows(connection), run_actions(connection)
        named = [_accept_named(finding, mutants) for finding in weighing(connection)]
        _run(connection, repair_script(named), mutants)
        worse = [
            now for now, *known in zip(run_actions(connection), actions, untouched, strict=True) if now not in known
        ]
        gone = theirs - read_snapshot(connection)
        other = set(digest_rows(connection)) - set(rows)
    return [f"{mutants[0].name} and {len(mutants) - 1} more: {one}" for one in (*gone, *other, *worse)]


def _accept_named(finding: Finding, mutants: list[Mutant]) -> Finding:
    """Return a finding whose proposal is taken when it is about what a mutant weakened; a whole schema names nothing."""
    subjects = {mutant.subject for mutant in mutants}
    named = any(names(finding, one) if "." in one else finding.subject == one for one in subjects)
    return accept_proposal(finding) if named else finding


def find_left(connection: psycopg.Connection, mutants: list[Mutant]) -> tuple[list[str], bool]:
    """Return what accepted proposals have changed and their undo has not changed back, and whether they changed any."""
    with connection.transaction(force_rollback=True):
        _weaken(connection, mutants)
        before = read_snapshot(connection)
        proposals = [finding for finding in weighing(connection) if finding.proposal]
        undoing = [_find_undo(connection, finding) for finding in proposals]
        _run(connection, repair_script(map(accept_proposal, proposals)), mutants)
        changed = read_snapshot(connection)
        for undo in sorted(undoing, key=_watches, reverse=True):  # what watches changes comes back last
            with contextlib.suppress(psycopg.Error), connection.transaction():  # what was refused needs no undo
                _run(connection, undo, mutants)
        after = read_snapshot(connection)
    return [f"{mutants[0].name} and {len(mutants) - 1} more: {one}" for one in before ^ after], changed != before


def _watches(undo: str) -> bool:
    return not undo.startswith("alter event trigger")


def _find_undo(connection: psycopg.Connection, finding: Finding) -> str:
    """Return what takes a proposal back: its own SQL, or what the query in its place prints."""
    undo = finding.repair.undo if finding.repair else ""
    if not is_query(undo):
        return undo
    return "\n".join(str(row[0]) for row in connection.execute(undo.encode()))


def _weaken(connection: psycopg.Connection, mutants: list[Mutant]) -> None:
    """Make all mutants, but for those that another one leaves no place for."""
    for mutant in mutants:
        with contextlib.suppress(psycopg.Error), connection.transaction():
            connection.execute(mutant.sql.encode())
            connection.execute("reset role")


def _run(connection: psycopg.Connection, script: str, mutants: list[Mutant]) -> None:
    """Run SQL as the project's owner, or as the platform where only that can."""
    if not mutants[0].needs_admin:
        connection.execute("set local role postgres")
    connection.execute(script.encode() or b"select")
    connection.execute("reset role")
