"""How each kind of thing that waits for an operator comes to be, for real."""

from collections.abc import Callable

from lab.database.connect import connect
from lab.rules.deliveries import park, stop
from lab.rules.model import OperatorAct
from lab.services.delivery.operate import carry_out
from lab.services.mailbox import faults
from tests.delivery.people import HERE, Shop
from tests.wall.seeds import enqueue


def act(shop: Shop, one: OperatorAct, id: object, reason: str | None = None) -> bool:
    """Carry out an act as the product does."""
    with connect(shop.database.url) as connection:
        return carry_out(connection, one, str(id), reason or next(iter(one.reasons), None))


def kill(shop: Shop) -> str:
    """Let a job become a dead letter."""
    shop.mailbox.order(faults.answer("rcpt", "550 5.1.1 No such mailbox"))
    (job,) = shop.queue("email")
    assert [done.state for done in shop.run()] == ["dead"]
    return str(job)


def lose_answer(shop: Shop) -> str:
    """Send a message whose provider does not answer."""
    shop.mailbox.order(faults.drop_answer())
    with shop.committing() as scene:
        (job,) = enqueue(scene, shop.world, "email", artifact_id=shop.world.ids["pdf"], generation=1)
    assert [done.state for done in shop.run()] == ["dead"]
    return str(job)


def park_one(shop: Shop) -> str:
    """Queue a job, and park it."""
    (job,) = shop.queue("pdf")
    assert act(shop, park, job)
    return str(job)


def forget(shop: Shop) -> str:
    """Queue a job that no worker takes."""
    shop.queue("pdf")
    shop.change("update public.delivery_jobs set next_run_at = now() - interval '20 minutes'")
    return "pdf"


def leave(shop: Shop) -> str:
    """Let a worker stop in the middle of a job."""
    shop.queue("pdf")
    with shop.connect() as connection:
        shop.claim(connection)
    shop.change("update public.delivery_jobs set lease_until = now() - interval '6 minutes'")
    return "pdf"


def stop_one(shop: Shop) -> str:
    """Stop a channel."""
    assert act(shop, stop, "gift")
    return "gift"


def copy(shop: Shop) -> str:
    """Let the open environment be that of another database."""
    columns = "environment, system_identifier, timeline, database_oid"
    named = f"select {columns.replace('database_oid', '1')} from public.delivery_environments"
    shop.change(f"insert into public.delivery_environments ({columns}) {named}")
    return HERE


def close(shop: Shop) -> None:
    """Let no environment ever have been opened."""
    shop.change("alter table public.delivery_environments disable trigger user")
    shop.change("delete from public.delivery_environments")
    shop.change("alter table public.delivery_environments enable trigger user")


MAKERS: dict[str, Callable[[Shop], str | None]] = {
    "environment_copied": copy,
    "environment_not_open": close,
    "send_uncertain": lose_answer,
    "lease_expired": leave,
    "job_overdue": forget,
    "dead_letter": kill,
    "channel_stopped": stop_one,
    "job_parked": park_one,
}
