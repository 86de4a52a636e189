"""The bell: it rings for a sleeping worker, is silent while all are busy, and nothing is lost without it."""

import threading
from collections.abc import Callable, Iterator

import psycopg
import pytest

from lab.database.connect import connect
from lab.rules.tables.delivery import WAKE_CHANNEL
from lab.services.delivery.bell import TRY_AGAIN_SECONDS, Bell
from lab.services.delivery.drain import Delivery, run_deliveries
from lab.services.worker import Stop
from tests.connections import network
from tests.connections.network import Missing, make_url
from tests.delivery.people import Shop
from tests.waits import SECONDS, wait_until

Make = Callable[..., Bell]
LISTENING = "select count(*) from pg_listening_channels()"


@pytest.fixture
def stop() -> Iterator[Stop]:
    """A request to stop."""
    made = Stop()
    yield made
    made.close()


@pytest.fixture
def make_bell(shop: Shop, stop: Stop) -> Iterator[Make]:
    """Make bells that are closed at the end."""
    made: list[Bell] = []

    def make(url: str = "", clock: Callable[[], float] | None = None) -> Bell:
        made.append(Bell(lambda: connect(url or shop.database.url), stop, *([clock] if clock else [])))
        return made[-1]

    yield make
    for bell in made:
        bell.close()


def hear(shop: Shop) -> list[str]:
    """Return the notifications of one queued job, as somebody else hears them."""
    with psycopg.connect(shop.database.url, autocommit=True) as line:
        line.execute(f"listen {WAKE_CHANNEL}".encode())
        shop.queue("pdf")
        shop.queue("email")
        line.execute("select 1")  # what was sent before has arrived with its answer
        return [notice.payload for notice in line.notifies(timeout=0)]


def test_a_sleeping_worker_is_woken(shop: Shop, make_bell: Make) -> None:
    bell = make_bell()
    assert bell.lie_down()
    assert bell.listens
    assert not bell.lie_down()
    ringing = threading.Timer(0.2, shop.queue, ["pdf"])
    ringing.start()
    assert bell.pause(SECONDS)
    ringing.join()
    assert not bell.pause(0)


def test_what_was_queued_before_the_pause_ends_it_at_once(shop: Shop, make_bell: Make) -> None:
    bell = make_bell()
    bell.lie_down()
    shop.queue("pdf")
    assert bell.pause(SECONDS)


def test_nobody_rings_while_no_worker_sleeps(shop: Shop, make_bell: Make) -> None:
    bell, second = make_bell(), make_bell()
    assert hear(shop) == []
    assert bell.lie_down()
    assert second.lie_down()
    bell.get_up()
    assert set(hear(shop)) == {""}
    second.get_up()
    assert hear(shop) == []


def test_a_bell_that_does_not_ring_through_a_pooler_is_not_relied_on(shop: Shop, make_bell: Make) -> None:
    """LISTEN succeeds there; only a notification that arrives proves it."""
    try:
        with network.pool(shop.database.server.socket_folder) as port:
            url = make_url(port, shop.database.name, "authenticator")
            bell = make_bell(url)
            assert not bell.lie_down()
            assert not bell.listens
            shop.queue("pdf")
            assert not bell.pause(0)
            bell.close()
            with psycopg.connect(url, autocommit=True, prepare_threshold=None) as behind:
                assert behind.execute(LISTENING).fetchone() == (0,)
    except Missing as reason:
        pytest.skip(str(reason))


def test_a_bell_whose_connection_was_cut_is_hung_again_after_a_while(shop: Shop, make_bell: Make) -> None:
    now = [1000.0]
    bell = make_bell(clock=lambda: now[0])
    assert bell.lie_down()
    shop.read("select pg_terminate_backend(pid) from pg_stat_activity where query like '%%advisory_lock_shared%%'"
              " and pid <> pg_backend_pid() and datname = current_database()")  # fmt: skip
    wait_until(lambda: not bell.pause(0) and not bell.listens)
    assert not bell.lie_down()
    now[0] += TRY_AGAIN_SECONDS
    assert bell.lie_down()


def test_a_stop_ends_the_pause(make_bell: Make, stop: Stop) -> None:
    bell = make_bell()
    bell.lie_down()
    threading.Timer(0.1, stop.ask).start()
    assert not bell.pause(SECONDS)
    assert stop.asked


@pytest.mark.parametrize("rings", [True, False], ids=["with the bell", "without a notification"])
def test_an_idle_worker_delivers_what_is_queued(shop: Shop, stop: Stop, rings: bool) -> None:
    told: list[str] = []
    delivery = Delivery(site=shop.site, stop=stop, report=lambda done: None, tell=told.append)
    if not rings:
        shop.change("alter table public.delivery_jobs disable trigger jobs_wake_workers")
    thread = threading.Thread(target=run_deliveries, args=(delivery,))
    thread.start()
    try:
        for channel in ("pdf", "receipt"):
            shop.queue(channel)
            wait_until(lambda: {state for *_, state in shop.states()} == {"done"})
    finally:
        stop.ask()
        thread.join(SECONDS)
    assert told == []
