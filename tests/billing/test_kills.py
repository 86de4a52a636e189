"""Killed between any two calls to the database or to Stripe, and started again: nothing lost, nothing done twice.

Each story is run once without a crash. Then it is run again with a crash after one of its calls, and must come to the
same: after every chapter, and at the end.
"""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest

from lab.services.acting import acting_as_server
from lab.services.billing import fulfil, processing, sell
from tests.billing import stories
from tests.billing.crash_points import Watch
from tests.billing.facts import ENDS, end
from tests.billing.guards import replace, rewrite
from tests.billing.shops import Shop

PARTS, SHARES = 10, 3
EVERY = [(story, doer) for story in stories.STORIES for doer in stories.DOERS]


@dataclass
class Judge:
    """Compares stories with a crash with the same ones without.

    Args:
        shop: Where they happen.
        watch: Watches the product.
    """

    shop: Shop
    watch: Watch
    _whole: dict[tuple[str, str], tuple[list[str], list[dict[str, Any]]]] = field(default_factory=dict)

    def run(self, story: str, doer: str, after: int | None = None) -> tuple[list[str], list[dict[str, Any]]]:
        """Run a story; returns the calls of the first process, and what it has come to after each chapter."""
        return stories.run(stories.begin(self.shop, self.watch, story, doer), story, after)

    def calls(self, story: str, doer: str) -> list[str]:
        """Return the calls of a run without a crash, which ends as the story says."""
        if (story, doer) not in self._whole:
            self._whole[story, doer] = self.run(story, doer)
            assert end(self._whole[story, doer][1][-1]) == ENDS[story]
        return self._whole[story, doer][0]

    def compare(self, story: str, doer: str, after: int) -> list[str]:
        """Return what is otherwise with a crash, in sentences."""
        calls, whole = self.calls(story, doer), self._whole[story, doer][1]
        passed, facts = self.run(story, doer, after)
        assert passed == calls[: after + 1]
        ends = zip(facts, whole, strict=True)
        return [
            f"{story}, {doer}, killed after {calls[after]!r}: {name} is {now[name]}, not {then[name]}"
            for now, then in ends
            for name in then
            if now[name] != then[name]
        ]


@pytest.fixture
def judge(shop: Shop) -> Iterator[Judge]:
    """Judge stories in a shop whose events are delivered by the stories alone."""
    shop.local.act("disable", shop.client.v1.webhook_endpoints.list().data[0].id)
    watch = Watch()
    with watch.watching():
        one = Judge(shop, watch)
        opening = stories.begin(shop, watch, "paid at once", "worker")
        opening.since = datetime.fromtimestamp(0, UTC)
        stories.record_all(opening)
        yield one


@pytest.mark.sample(every=SHARES)
@pytest.mark.parametrize("share", range(SHARES))
def test_after_each_call_of_its_kind(judge: Judge, share: int) -> None:
    """Once for each call and the next one, wherever they come first."""
    pairs: dict[tuple[str, str], tuple[str, str, int]] = {}
    for story, doer in EVERY:
        calls = judge.calls(story, doer)
        for place, pair in enumerate(zip(calls, [*calls[1:], ""], strict=True)):
            pairs.setdefault(pair, (story, doer, place))
    assert [line for place in list(pairs.values())[share::SHARES] for line in judge.compare(*place)] == []


@pytest.mark.sample(every=75)
@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize(("story", "doer"), EVERY)
def test_after_every_call(judge: Judge, story: str, doer: str, part: int) -> None:
    places = range(len(judge.calls(story, doer)))[part::PARTS]
    assert [line for place in places for line in judge.compare(story, doer, place)] == []


def finish_first(patch: pytest.MonkeyPatch) -> None:
    """Finish an event before it is applied."""
    apply = processing.process_event

    def process(client: Any, connection: Any, event: processing.ClaimedEvent) -> processing.Ending:
        processing.finish_event(connection, event, processing.Ending("done"))
        return apply(client, connection, event)

    patch.setattr(processing, "process_event", process)


def unlock_later(patch: pytest.MonkeyPatch) -> None:
    """Record a payment in one transaction, and unlock the purchase in the next one."""
    settle = fulfil.settle
    pay = "update public.purchases set status = 'paid', paid_at = clock_timestamp(), payment_intent_id = %s"
    pay += " where checkout_session_id = %s and status = 'open'"
    unlock = "with paid as (update public.purchases set unlocked_at = clock_timestamp() where checkout_session_id = %s"
    unlock += " returning id, buyer_subject_id) select public.enqueue_delivery_job('receipt', p.buyer_subject_id,"
    unlock += " purchase_id => p.id) from paid p"

    def settle_twice(connection: psycopg.Connection[Any], checkout: Any, *more: Any) -> str:
        with acting_as_server(connection):
            first = connection.execute(pay, [checkout.payment_intent_id, checkout.session_id]).rowcount
        if first:
            with acting_as_server(connection):
                connection.execute(unlock, [checkout.session_id])
        return settle(connection, checkout, *more)

    patch.setattr(fulfil, "settle", settle_twice)


# A mistake, the story and doer that show it, the call near which the process is killed, and the fact that differs.
MISTAKES = {
    "an event is finished before it is applied": (finish_first, "worker", "finish_stripe_event", "purchase"),
    "unlocked in a transaction of its own": (unlock_later, "page", "status = 'paid'", "purchase"),
    "each attempt has an idempotency key of its own": (
        replace(sell, "make_key", lambda order_id: uuid.uuid4().hex),
        "page",
        "POST checkout/sessions",
        "sessions at Stripe",
    ),
    "a claim never ends": (
        rewrite("claim_stripe_events", "'received', 'processing', 'failed'", "'received', 'failed'"),
        "worker",
        "claim_stripe_events",
        "waiting",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_named(mistake: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    take_out, doer, near, fact = MISTAKES[mistake]
    take_out(monkeypatch)
    judge: Judge = request.getfixturevalue("judge")
    calls = judge.calls("paid at once", doer)
    first = next(place for place, call in enumerate(calls) if near in call)
    told = [line for place in range(first, first + 3) for line in judge.compare("paid at once", doer, place)]
    assert any(f": {fact} is " in line for line in told)
