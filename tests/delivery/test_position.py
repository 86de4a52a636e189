"""Where a worker is in the queue: behind its last job, and at the front now and then."""

from lab.services.delivery.claims import extend_leases
from lab.services.delivery.drain import CHANNELS, Delivery, Lane
from lab.services.delivery.handle import Handled
from lab.services.delivery.leases import Leases
from lab.services.delivery.position import LOOK_SECONDS, LOOK_SHARE, Position
from lab.services.worker import Stop
from lab.services.worker.runs import open_connection
from tests.delivery.people import Shop


class Clock:
    """A clock that a test moves."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def look(position: Position, clock: Clock, seconds: float) -> int | None:
    after = position.begin()
    clock.now += seconds
    position.end()
    return after


def test_it_begins_at_the_front_until_a_job_is_done() -> None:
    position = Position(Clock())
    assert position.begin() is None
    assert position.begin() is None


def test_behind_a_job_it_looks_from_the_front_after_a_while() -> None:
    clock = Clock()
    position = Position(clock)
    look(position, clock, 0)
    position.move(7)
    assert position.begin() == 7
    assert position.look_in == LOOK_SECONDS
    clock.now += LOOK_SECONDS
    assert position.begin() is None
    assert position.look_in is None


def test_a_long_look_makes_the_next_one_rare() -> None:
    clock = Clock()
    position = Position(clock)
    position.move(7)
    assert look(position, clock, 3) is None
    clock.now += 3 * LOOK_SHARE - 0.1
    assert position.begin() == 7
    clock.now += 0.2
    assert position.begin() is None


def test_a_read_behind_a_job_puts_no_look_off() -> None:
    clock = Clock()
    position = Position(clock)
    look(position, clock, 0)
    position.move(7)
    look(position, clock, 0.2)
    clock.now += LOOK_SECONDS - 0.2
    assert position.begin() is None


def test_when_nothing_is_left_behind_it_looks_at_once() -> None:
    clock = Clock()
    position = Position(clock)
    position.move(7)
    look(position, clock, 3)
    assert position.begin() == 7
    position.hurry()
    assert position.begin() is None


QUEUE = "select job_id from public.enqueue_delivery_job('email', %s, %s, null, null, %s)"
PUT_OFF = "update public.delivery_jobs set next_run_at = now() + interval '1 hour' where id = %s"
BRING_BEFORE = "update public.delivery_jobs set next_run_at = now() - interval '1 hour' where id = %s"


def test_a_job_that_comes_before_the_last_one_is_delivered_all_the_same(shop: Shop) -> None:
    """As of a transaction that took longer than the next one: first passed over, and then found from the front."""
    asked = (shop.world.subject, shop.world.ids["pdf"])
    first, second, third = (shop.read(QUEUE, *asked, number)[0][0] for number in range(3))
    shop.change(PUT_OFF, first)
    done: list[Handled] = []
    stop = Stop()
    delivery = Delivery(site=shop.site, stop=stop, report=done.append, tell=print, batch=1)
    leases = Leases(lambda: open_connection(shop.database.url), extend_leases, 30)
    lane = Lane(delivery=delivery, leases=leases, bell=None, position=Position(lambda: 0.0))
    with shop.connect() as connection:
        lane.position.begin()
        lane.run_batch(connection, CHANNELS)
        shop.change(BRING_BEFORE, first)
        lane.drain(connection, CHANNELS)
    assert [(one.job.id, one.state) for one in done] == [(second, "done"), (third, "done"), (first, "done")]
