"""The real worker as a service starts it: it delivers, stops when asked, and is killed while it sends."""

import json
import signal
from pathlib import Path

import pytest

from lab.rules import RULES
from lab.rules.schedule import recover_deliveries
from lab.services.delivery.drain import LEASE_SECONDS
from lab.services.mailbox import faults
from tests.delivery.conftest import Start
from tests.delivery.people import HERE, Shop
from tests.waits import SECONDS, wait_until


def test_it_delivers_and_stops_when_it_is_asked(shop: Shop, start: Start) -> None:
    for channel in ("pdf", "email", "receipt"):
        shop.queue(channel)
    worker = start("--environment", HERE)
    wait_until(lambda: {state for *_, state in shop.states()} == {"done"})
    worker.send_signal(signal.SIGTERM)
    said, told = worker.communicate(timeout=SECONDS)
    assert worker.returncode == 0
    lines = [json.loads(line) for line in said.splitlines() if '"job"' in line]
    assert {(line["channel"], line["state"]) for line in lines} == {
        ("pdf", "done"),
        ("email", "done"),
        ("receipt", "done"),
    }
    assert len(shop.mailbox.messages()) == 2
    assert "@" not in said + told
    assert not [word for word in shop.world.words.values() if word in said + told]


def test_a_worker_that_is_killed_while_it_sends_leaves_a_question_and_no_second_message(
    shop: Shop, start: Start
) -> None:
    shop.mailbox.order(faults.wait(60))
    shop.queue("email")
    killed = start("--environment", HERE)
    wait_until(shop.mailbox.messages)
    killed.kill()
    killed.communicate()
    shop.change("update public.delivery_jobs set lease_until = now() - interval '1 second' where status = 'running'")
    start("--environment", HERE)
    wait_until(lambda: [state for *_, state in shop.states()] == ["dead"])
    assert shop.read("select state from public.delivery_effects") == [("uncertain",)]
    assert len(shop.mailbox.messages()) == 1


def test_what_nobody_answered_is_in_front_of_an_operator_within_a_minute() -> None:
    """A lease ends, and then one round of the schedule finds it."""
    task = next(task for task in RULES.schedule if task.id == recover_deliveries.id)
    assert LEASE_SECONDS + task.every_seconds < 60


def test_two_workers_share_the_jobs(shop: Shop, start: Start) -> None:
    shop.read(
        "select public.enqueue_delivery_job('email', %s, %s, null, null, g) from generate_series(1, 30) g",
        *(shop.world.subject, shop.world.ids["pdf"]),
    )
    for _ in range(2):
        start("--environment", HERE)
    wait_until(lambda: {state for *_, state in shop.states()} == {"done"})
    keys = [letter.header("Message-ID") for letter in shop.mailbox.messages()]
    assert len(keys) == len(set(keys)) == 30


def test_once_delivers_what_is_due(shop: Shop, start: Start) -> None:
    shop.queue("email")
    said, _ = start("--once", "--environment", HERE).communicate(timeout=SECONDS)
    assert [(job["channel"], job["state"]) for job in json.loads(said)["jobs"]] == [("email", "done")]


@pytest.mark.parametrize("missing", ["EMAIL_FROM", "EMAIL_PROVIDER_URL", "NEXT_PUBLIC_SITE_URL"])
def test_a_missing_variable_is_named(start: Start, missing: str) -> None:
    worker = start("--once", "--environment", HERE, without=missing)
    _, told = worker.communicate(timeout=SECONDS)
    assert worker.returncode == 2
    assert missing in told
    assert "Set it" in told


def test_a_store_that_others_can_read_is_refused(start: Start, tmp_path: Path) -> None:
    for folder in (tmp_path / "files", tmp_path / "files" / "ab"):
        folder.mkdir()
        folder.chmod(0o755)
    worker = start("--once", "--environment", HERE, "--files", str(tmp_path / "files"))
    _, told = worker.communicate(timeout=SECONDS)
    assert (worker.returncode, "Others can read what is kept there (store.public)" in told) == (2, True)


def test_another_environment_delivers_nothing_and_says_why(shop: Shop, start: Start) -> None:
    shop.queue("email")
    _, told = start("--once", "--environment", "staging").communicate(timeout=SECONDS)
    assert "another environment is open" in told
    assert [state for *_, state in shop.states()] == ["pending"]
