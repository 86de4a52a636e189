"""The benchmark of the queue, with few jobs: the wall stands beside its bound, and what is missing is said."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from benchmarks import queue_peers, queue_promises
from benchmarks.queue import BATCHES, measure, write_text
from benchmarks.queue_tables import find_pgbench


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    with ThreadPoolExecutor(1) as thread:  # the peers need a thread without an event loop, which browsers leave here
        return thread.submit(measure, tmp_path_factory.mktemp("queue"), rounds=1, jobs=200, depth=200).result()


def test_the_wall_is_measured_beside_its_bound(result: dict[str, Any]) -> None:
    assert find_pgbench()
    drained = {one["name"]: one for one in result["drained"]}
    for batch in BATCHES:
        assert drained[f"bare table, pgbench, batch {batch}"]["of_bound"] == 1
        wall = drained[f"the wall's queue, batch {batch}"]
        assert wall["of_bound"] > 0
        assert wall["wal_bytes"] > 0


def test_a_peer_is_measured_or_said_to_be_missing(result: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    measured = " ".join(one["name"] for one in result["drained"])
    for peer in queue_peers.PEERS:
        assert (peer in measured) != (f"{peer}: not installed" in result["missing"])
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert not any(map(queue_peers.is_installed, queue_peers.PEERS))


def test_claims_and_enqueueing_are_in_the_report(result: dict[str, Any]) -> None:
    told = write_text(result)
    for one in (*result["touched"], *result["enqueued"]):
        assert one["name"] in told
    assert all(one["buffers"] > 0 for one in result["touched"])


def test_each_promise_is_taken_away_in_turn(tmp_path: Path) -> None:
    with ThreadPoolExecutor(1) as thread:
        costs = thread.submit(queue_promises.measure, tmp_path, rounds=1, jobs=200, batches=(100,)).result()
    wal = {cost.name: cost.wal_bytes for cost in costs}
    assert set(queue_promises.VARIANTS) < set(wal)
    assert wal["without all of these"] < wal[queue_promises.WHOLE]
    assert queue_promises.WHOLE in queue_promises.write_text(costs)
