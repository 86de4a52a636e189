"""Laws of Local Stripe, apart from our code: random walks by the official client, and what holds on all of them."""

import json
import random
from collections import Counter
from typing import Any

import pytest
import stripe

from lab.services.local_stripe import LocalStripe, serve_local_stripe
from lab.services.local_stripe.errors import ApiError
from tests.local_stripe.shop import Shop

STEPS_OF_A_WALK = 60
CARDS = [
    *["pm_card_visa"] * 8, *["pm_card_chargeDeclined"] * 3, "pm_card_createDispute", "pm_card_createDisputeInquiry",
    "pm_card_createIssuerFraudRecord", "pm_card_refundFail", *["pm_successDelayed_de"] * 5,
    "pm_card_authenticationRequired",
]  # fmt: skip
PATHS = ("prices", "checkout/sessions", "payment_intents", "charges", "refunds", "disputes", "events")
WAITING = ("requires_payment_method", "requires_confirmation")
HELD = ("succeeded", "pending")
# Object -> the event of each state that it comes to once.
ONCE = {
    "checkout.session": {"complete": "checkout.session.completed", "expired": "checkout.session.expired"},
    "payment_intent": {"succeeded": "payment_intent.succeeded", "canceled": "payment_intent.canceled"},
    "dispute": dict.fromkeys(("won", "lost", "warning_closed"), "charge.dispute.closed"),
    "refund": {"failed": "refund.failed"},
}
CREATED = {"refund": "refund.created", "dispute": "charge.dispute.created", "payment_intent": "payment_intent.created"}


class Walk:
    """A shop, its buyers and their banks, in any order; what Stripe refuses is refused, and never a fault.

    Args:
        local: An empty account.
        now: The account's time, which a walk moves on.
        seed: The same seed takes the same steps.
    """

    def __init__(self, local: LocalStripe, now: list[float], seed: int) -> None:
        self.local, self.now, self.random = local, now, random.Random(seed)
        self.shop = Shop(local)
        self.v1: Any = self.shop.client.v1
        self.amounts: dict[str, int] = {}
        self.seen: dict[str, str] = {}
        self.orders: dict[str, str] = {}
        self.done: Counter[tuple[str, bool]] = Counter()
        self.make_price()

    def step(self) -> None:
        name = self.random.choices([*STEPS], [*STEPS.values()])[0]
        try:
            getattr(self, name)()
            self.done[name, True] += 1
        except (stripe.InvalidRequestError, stripe.CardError, ApiError):
            self.done[name, False] += 1

    def one(self, path: str, *states: str) -> str:
        """Return an id of the newest of a kind, mostly of one in a state; "none" while there is none."""
        things = json.loads(self.shop.client.raw_request("get", f"/v1/{path}", limit=12).body)["data"]
        wanted = [one for one in things if one["status"] in states]
        chosen = wanted if wanted and self.random.random() < 0.8 else things
        return str(self.random.choice(chosen)["id"]) if chosen else "none"

    def make_price(self) -> None:
        price = self.shop.price(self.random.choice([1, 50, 4900]))
        self.amounts[price.id] = price.unit_amount or 0

    def change_price(self) -> None:
        price, note = self.random.choice([*self.amounts]), str(self.random.random())
        self.v1.prices.update(price, {"active": self.random.random() < 0.8, "metadata": {"note": note}})

    def open_session(self) -> None:
        off = self.random.choice([None, None, None, 100, 33.3])
        discounts = [{"coupon": self.v1.coupons.create({"percent_off": off}).id}] if off else []
        order = f"order-{len(self.orders)}"
        line: Any = {"price": self.random.choice([*self.amounts]), "quantity": self.random.randint(1, 3)}
        more: Any = {"discounts": discounts, "payment_intent_data": {"metadata": {"order": order}}}
        session = self.shop.open(line_items=[line], **more)
        self.orders[order] = session.id

    def pay_session(self) -> None:
        self.local.act("pay", self.one("checkout/sessions", "open"), payment_method=self.random.choice(CARDS))

    def expire_session(self) -> None:
        self.v1.checkout.sessions.expire(self.one("checkout/sessions", "open"))

    def take(self) -> None:
        method = self.random.choice(["manual", "automatic", "automatic"])
        amount, card = self.random.randint(1, 5000), self.random.choice(CARDS)
        self.shop.take(card, amount, capture_method=method)

    def prepare(self) -> None:
        self.shop.take("pm_card_visa", self.random.randint(1, 5000), confirm=False)

    def confirm(self) -> None:
        self.v1.payment_intents.confirm(self.one("payment_intents", *WAITING), {"payment_method": "pm_card_visa"})

    def capture(self) -> None:
        self.v1.payment_intents.capture(self.one("payment_intents", "requires_capture"))

    def cancel(self) -> None:
        self.v1.payment_intents.cancel(self.one("payment_intents", *WAITING))

    def settle(self) -> None:
        self.local.act(
            self.random.choice(["settle", "settle", "fail"]),
            self.one("payment_intents", "processing"),
        )

    def refund(self) -> None:
        """Refund a share of what was paid, whatever was refunded before."""
        intent = self.v1.payment_intents.retrieve(self.one("payment_intents", "succeeded"))
        amount = max(1, int(intent.amount * self.random.choice([0.3, 0.6, 0.6, 1.0, 1.01])))
        self.v1.refunds.create({"payment_intent": intent.id, "amount": amount})

    def refund_the_rest(self) -> None:
        self.v1.refunds.create({"payment_intent": self.one("payment_intents", "succeeded")})

    def fail_refund(self) -> None:
        self.local.act("fail_refund", self.one("refunds", "succeeded"))

    def dispute(self) -> None:
        self.local.act(
            self.random.choice(["inquire", "dispute"]), self.one("payment_intents", "succeeded", "requires_capture")
        )

    def move_dispute(self) -> None:
        self.local.act(
            self.random.choice(["escalate", "win", "lose"]),
            self.one("disputes", "needs_response", "warning_needs_response"),
        )

    def close_dispute(self) -> None:
        self.v1.disputes.close(self.one("disputes", "needs_response", "warning_needs_response"))

    def wait(self) -> None:
        self.now[0] += 3600 * self.random.randint(1, 20)

    def repeat(self) -> None:
        """Send the same call with the same key: it is done once, whatever it is answered."""
        given = {"amount": 700, "currency": "eur", "payment_method": self.random.choice(CARDS), "confirm": True}
        key = {"idempotency_key": f"key-{sum(self.done.values())}"}
        outcomes, accounts = [], []
        for _ in range(3):
            try:
                outcomes.append(str(self.v1.payment_intents.create(given, key)))
            except stripe.StripeError as refused:
                outcomes.append(str(refused.http_body))
            accounts.append(self.read_all())
        assert outcomes[0] == outcomes[1] == outcomes[2]
        assert accounts[0] == accounts[1] == accounts[2]

    def read_list(self, path: str, limit: int = 100) -> list[Any]:
        """Return a list to its end, as it is written in JSON."""
        read: list[Any] = []
        more = True
        while more:
            params = {"limit": limit, **({"starting_after": read[-1]["id"]} if read else {})}
            page = json.loads(self.shop.client.raw_request("get", f"/v1/{path}", **params).body)
            read, more = read + page["data"], page["has_more"]
        return read

    def read_all(self) -> dict[str, list[Any]]:
        return {path: self.read_list(path) for path in PATHS}

    def everything_holds(self) -> None:
        account = self.read_all()
        for law in (check_charges, check_disputes, check_balance, check_events, check_sessions, check_pages):
            law(self, account)
        assert all(one["unit_amount"] == self.amounts[one["id"]] for one in account["prices"])


# Steps, and how often each is taken.
STEPS = {
    "make_price": 1, "change_price": 1, "open_session": 6, "pay_session": 6, "expire_session": 4, "take": 6,
    "prepare": 2, "confirm": 3, "capture": 3, "cancel": 2, "settle": 4, "refund": 9, "refund_the_rest": 2,
    "fail_refund": 3, "dispute": 3, "move_dispute": 2, "close_dispute": 2, "wait": 1, "repeat": 1,
}  # fmt: skip


def check_sessions(walk: Walk, account: dict[str, list[Any]]) -> None:
    """A paid session has one payment of its amount, and no other has any that succeeded."""
    sessions = {one["id"]: one for one in account["checkout/sessions"]}
    for order, id in walk.orders.items():
        session = sessions[id]
        of_it = [one for one in account["payment_intents"] if one["metadata"].get("order") == order]
        taken = [one["amount_received"] for one in of_it if one["status"] == "succeeded"]
        assert len(of_it) <= 1
        paid = session["payment_status"] == "paid"
        assert taken == ([session["amount_total"]] if paid else [])
        assert not paid or session["status"] == "complete"
        assert session["status"] != "expired" or {one["status"] for one in of_it} <= {"canceled"}
        assert (session["amount_total"] == 0) is (session["payment_status"] == "no_payment_required")


def check_pages(walk: Walk, account: dict[str, list[Any]]) -> None:
    """A list paged through in any size is the whole list."""
    charges = account["charges"]
    assert walk.read_list("charges", limit=walk.random.randint(1, 9)) == charges


def check_charges(_: Walk, account: dict[str, list[Any]]) -> None:
    """What was refunded is the sum of the refunds that hold, and never more than was captured."""
    for charge in account["charges"]:
        of_it = [one for one in account["refunds"] if one["charge"] == charge["id"]]
        refunded = sum(one["amount"] for one in of_it if one["status"] in HELD)
        assert refunded == charge["amount_refunded"] <= charge["amount_captured"] <= charge["amount"]
        assert charge["refunded"] is (0 < charge["amount_captured"] == refunded)
        assert charge["captured"] is (charge["amount_captured"] > 0)
        assert charge["captured"] <= charge["paid"]


def check_disputes(_: Walk, account: dict[str, list[Any]]) -> None:
    """Only a captured charge is disputed, once, and for no more than it took."""
    charges = {one["id"]: one for one in account["charges"]}
    disputed = [one["charge"] for one in account["disputes"]]
    assert sorted(disputed) == sorted(id for id, one in charges.items() if one["disputed"])
    for dispute in account["disputes"]:
        charge = charges[dispute["charge"]]
        assert charge["captured"]
        assert 0 < dispute["amount"] <= charge["amount_captured"]


def check_balance(walk: Walk, account: dict[str, list[Any]]) -> None:
    """The balance is what was taken, less what went back or is held for a dispute."""
    taken = sum(one["amount_captured"] - one["amount_refunded"] for one in account["charges"])
    held = [one for one in account["disputes"] if one["status"] in ("needs_response", "under_review", "lost")]
    (euros,) = walk.v1.balance.retrieve().available
    assert euros.amount == taken - sum(one["amount"] for one in held)


def check_events(walk: Walk, account: dict[str, list[Any]]) -> None:
    """Each change has its event; the newest one shows an object as it is; none is ever changed."""
    newest: dict[str, Any] = {}
    types: dict[str, list[str]] = {}
    for event in reversed(account["events"]):
        text = json.dumps({**event, "pending_webhooks": 0}, sort_keys=True)
        assert walk.seen.setdefault(event["id"], text) == text
        thing = event["data"]["object"]
        newest[thing["id"]] = thing
        types.setdefault(thing["id"], []).append(event["type"])
    assert len(walk.seen) == len(account["events"])
    for kind in ("prices", "payment_intents", "charges", "refunds", "disputes"):
        assert all(newest[one["id"]] == one for one in account[kind])
    for kind in ("checkout/sessions", "payment_intents", "refunds", "disputes"):
        for one in account[kind]:
            check_moves(one, types.get(one["id"], []))


def check_moves(one: dict[str, Any], types: list[str]) -> None:
    """An object that came to a state has the event of it once, and no event of a state that it did not come to."""
    if one["object"] in CREATED:
        assert types.count(CREATED[one["object"]]) == 1
    ends = ONCE[one["object"]]
    assert {name: types.count(name) for name in ends.values()} == {
        name: int(ends.get(one["status"]) == name) for name in ends.values()
    }


def take_walk(seed: int, look_every: int) -> Counter[tuple[str, bool]]:
    """Take a walk, look at its account at times and at its end, and return which steps were done and refused."""
    now = [1_800_000_000.0]
    with serve_local_stripe(clock=lambda: now[0], seed=str(seed), settle_seconds=None) as local:
        walk = Walk(local, now, seed)
        for place in range(STEPS_OF_A_WALK):
            walk.step()
            if place % look_every == 0:
                walk.everything_holds()
        walk.everything_holds()
    return walk.done


@pytest.mark.sample(every=6)
@pytest.mark.parametrize("seed", range(24))
def test_the_laws_hold_on_every_walk(seed: int) -> None:
    assert take_walk(seed, look_every=3).total() == STEPS_OF_A_WALK


def test_walks_come_everywhere() -> None:
    """Each step is done on some walk, and most are refused on some."""
    done = sum((take_walk(seed, STEPS_OF_A_WALK) for seed in range(24, 29)), Counter[tuple[str, bool]]())
    assert {name for name in STEPS if not done[name, True]} == set()
    assert len([name for name in STEPS if done[name, False]]) >= 8
