"""Answers, log lines and counts of a receiver, and the databases that it works with."""

import logging
import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import NoReturn

import psycopg
import pytest
from psycopg import errors

from fixtures.servers import Database
from lab.database.embedded.server import EmbeddedPostgres
from lab.database.failures import NoAnswer
from lab.rules.env import stripe_webhook_secret
from lab.services.billing import event_store, mount, receiver
from lab.services.billing.events import Event
from lab.services.billing.settings import SettingsUnusable, read_settings
from tests.billing.conftest import Serve
from tests.billing.samples import make_event
from tests.billing.served import NEW_SECRET, SECRET, Endpoint, serve_receiver
from tests.billing.test_receiver import await_length, outcome
from tests.connections import network
from tests.connections.network import Missing, make_url

NAME = "lab.services.billing.receiver"


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"])
def test_only_post_is_answered(serve: Serve, method: str) -> None:
    answer = serve().send(b"", {}, method)
    assert (answer.status, answer.headers["allow"]) == (405, "POST")


def test_a_server_beside_it_can_ask_whether_it_lives(serve: Serve) -> None:
    assert serve().send(b"", {}, "GET", "/healthz").told == {"alive": True}


def test_a_line_of_the_log_has_id_type_and_outcome(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, NAME)
    endpoint = serve()
    endpoint.deliver(make_event())
    endpoint.deliver(make_event())
    endpoint.deliver(make_event("evt_2", "made.up.type", livemode=True))
    endpoint.deliver(make_event("evt_3"), NEW_SECRET)
    assert [record.message for record in caplog.records if record.name == NAME] == [
        "event=evt_1 type=checkout.session.completed outcome=received",
        "event=evt_1 type=checkout.session.completed outcome=repeated",
        "event=evt_2 type=unknown outcome=kept_aside",
        "event=- type=- outcome=wrong_signature",
    ]


def test_counts_tell_the_last_good_delivery(serve: Serve) -> None:
    now = int(time.time())
    endpoint = serve(clock=lambda: now)
    assert endpoint.counts.copy().last_stored_at is None
    endpoint.deliver(make_event())
    endpoint.deliver(make_event(), NEW_SECRET)
    counts = endpoint.counts.copy()
    assert counts.last_stored_at
    assert counts.last_stored_at.timestamp() == now
    assert (counts.received, counts.repeated, counts.kept_aside, dict(counts.refused)) == (
        1,
        0,
        0,
        {"wrong_signature": 1},
    )


def test_an_event_without_an_order_is_kept_and_not_handled(serve: Serve) -> None:
    """No purchase exists for the session: the event stays open, for the processing to try again."""
    endpoint = serve()
    endpoint.deliver(make_event())
    assert endpoint.rows()["evt_1"]["status"] == "received"


def test_the_processing_is_woken_after_the_commit(serve: Serve) -> None:
    """Also by a repetition, which may follow an attempt that failed."""
    seen: list[str] = []
    endpoints: list[Endpoint] = []

    def wake(event: Event) -> None:
        seen.append(f"{event.id} {'stored' if event.id in endpoints[0].rows() else 'missing'}")

    endpoints.append(serve(on_stored=wake))
    endpoints[0].deliver(make_event())
    endpoints[0].deliver(make_event())
    assert await_length(seen, 2) == ["evt_1 stored"] * 2


def test_a_hook_that_fails_changes_no_answer(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    def fail(event: Event) -> NoReturn:
        raise RuntimeError(f"the payload is {event.payload}")

    endpoint = serve(on_stored=fail)
    assert outcome(endpoint.deliver(make_event())) == (200, True)
    assert outcome(endpoint.deliver(make_event())) == (200, False)
    deadline = time.monotonic() + 10
    while "wake_failed" not in caplog.text and time.monotonic() < deadline:
        time.sleep(0.005)
    assert "wake_failed" in caplog.text
    assert "payload" not in caplog.text


def test_a_defect_is_503_and_leaves_no_traceback(
    serve: Serve, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> NoReturn:
        raise RuntimeError("hunter2")

    monkeypatch.setattr(receiver, "store_event", fail)
    assert outcome(serve().deliver(make_event())) == (503, "failed")
    assert "hunter2" not in caplog.text


def test_a_body_that_breaks_off_or_never_comes_is_refused(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receiver, "READ_SECONDS", 0.2)
    endpoint = serve()
    assert outcome(endpoint.announce(100)) == (400, "incomplete")
    head = f"POST {mount.PATH} HTTP/1.1\r\nHost: x\r\nStripe-Signature: t=1,v1=0\r\nContent-Length: 100\r\n\r\n{{"
    with socket.create_connection(("127.0.0.1", endpoint.port)) as gone:
        gone.sendall(head.encode())
    deadline = time.monotonic() + 10
    while endpoint.counts.refused["incomplete"] < 2 and time.monotonic() < deadline:
        time.sleep(0.005)
    assert endpoint.counts.refused["incomplete"] == 2


def test_a_locked_table_is_503(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also for more deliveries at once than there are connections."""
    monkeypatch.setattr(event_store, "LOCK_SECONDS", 0.2)
    endpoint, events = serve(), [make_event(f"evt_{turn}") for turn in range(8)]
    with psycopg.connect(endpoint.database_url) as locking, ThreadPoolExecutor(8) as threads:
        locking.execute("lock table public.stripe_events in access exclusive mode")
        answers = list(threads.map(lambda event: outcome(endpoint.deliver(event)), events))
    assert answers == [(503, "database_unavailable")] * 8
    assert outcome(endpoint.deliver(make_event())) == (200, True)


def test_a_delivery_behind_too_many_others_is_503(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    endpoint = serve()
    monkeypatch.setattr(receiver, "MOST_WAITING", 0)
    assert outcome(endpoint.deliver(make_event())) == (503, "busy")
    monkeypatch.setattr(receiver, "MOST_WAITING", 1)
    assert outcome(endpoint.deliver(make_event())) == (200, True)


@pytest.mark.parametrize(
    ("error", "status"),
    [(errors.SerializationFailure(), 503), (errors.DeadlockDetected(), 503), (errors.UndefinedFunction(), 503),
     (errors.InsufficientPrivilege(), 503), (errors.QueryCanceled(), 503), (errors.AdminShutdown(), 503), (None, 503),
     (NoAnswer(), 503), (errors.CheckViolation(), 400), (errors.UntranslatableCharacter(), 400)],
)  # fmt: skip
def test_what_another_attempt_may_cure_is_503(error: Exception | None, status: int) -> None:
    assert event_store._explain(error).status == status


def test_a_check_of_the_table_that_refuses_is_400(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    """As when the database has stricter rules than the receiver."""
    endpoint = serve()
    with psycopg.connect(endpoint.database_url) as admin:
        admin.execute("alter table public.stripe_events add check (id <> 'evt_1')")
    assert outcome(endpoint.deliver(make_event())) == (400, "refused_by_database")
    assert "4900" not in caplog.text


def test_a_missing_schema_or_right_is_503(server: EmbeddedPostgres, database: Callable[..., Database]) -> None:
    with serve_receiver(database(server, "bare")) as endpoint:
        assert outcome(endpoint.deliver(make_event())) == (503, "database_unavailable")
    with serve_receiver(database(server), role="anon") as endpoint:
        assert outcome(endpoint.deliver(make_event())) == (503, "database_unavailable")


def test_nobody_at_the_url_is_503(serve: Serve) -> None:
    assert outcome(serve("postgresql://x@127.0.0.1:1/x").deliver(make_event())) == (503, "database_unavailable")
    assert outcome(serve("https://not-a-database").deliver(make_event())) == (503, "database_unavailable")


def test_a_login_may_be_the_role_itself(server: EmbeddedPostgres, database: Callable[..., Database]) -> None:
    """The owner acts as service_role as well, so the receiver needs no rights of its own."""
    own = database(server)
    with serve_receiver(own, own.url) as endpoint:
        assert outcome(endpoint.deliver(make_event())) == (200, True)
    with serve_receiver(own, own.url, role=None) as endpoint:
        assert outcome(endpoint.deliver(make_event("evt_2"))) == (200, True)


def test_a_pooler_in_transaction_mode_is_enough(server: EmbeddedPostgres, database: Callable[..., Database]) -> None:
    own = database(server)
    try:
        with network.pool(server.socket_folder) as port:
            url = make_url(port, own.name, "authenticator")
            with serve_receiver(own, url) as endpoint:
                answers = [outcome(endpoint.deliver(make_event(f"evt_{turn}"))) for turn in range(12)]
            with psycopg.connect(url, autocommit=True, prepare_threshold=None) as behind:
                left = behind.execute("select current_user, (select count(*) from pg_prepared_statements)").fetchone()
    except Missing as reason:
        pytest.skip(str(reason))
    assert (answers, left) == ([(200, True)] * 12, ("authenticator", 0))


GOOD = {"STRIPE_WEBHOOK_SECRET": SECRET, "STRIPE_SECRET_KEY": "rk_test_0123456789", "DATABASE_URL": "postgresql://h/d"}


@pytest.mark.parametrize("start", ["sk_test_", "rk_test_", "sk_live_", "rk_live_"])
def test_the_key_tells_the_mode(start: str) -> None:
    assert read_settings(GOOD | {"STRIPE_SECRET_KEY": f"{start}0123456789\n"}).livemode == ("live" in start)


def test_all_faults_of_the_settings_are_told_at_once() -> None:
    with pytest.raises(SettingsUnusable) as told:
        read_settings({"STRIPE_SECRET_KEY": "pk_live_hunter2hunter2"})
    assert [line.partition(":")[0] for line in str(told.value).splitlines()] == list(GOOD)
    assert "hunter2" not in str(told.value)
    assert "hunter2" not in repr(read_settings(GOOD | {"DATABASE_URL": "postgresql://me:hunter2@h/d"}))
    assert SECRET not in repr(read_settings(GOOD))


def test_the_name_of_the_variable_is_that_of_the_rules() -> None:
    assert stripe_webhook_secret.id == mount.VARIABLE
