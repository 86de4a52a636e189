"""What the database knows of an account, and what a check of the two comes to."""

import time
from collections.abc import Sequence
from typing import Any

from lab.checks.criterion import Outcome
from lab.checks.stripe.check import check_stripe_account
from lab.checks.stripe.records import PurchaseLink, PurchaseState
from tests.stripe_account.fake import KEY, Shop, Thing

NOW = int(time.time())
LINK = PurchaseLink(price="prices_1", product="products_1", amount_minor=4900, currency="eur", livemode=True)


class Known:
    """Records held in memory, as the database would look them up."""

    def __init__(self) -> None:
        self.purchases = {"sessions_1": PurchaseState(status="paid", unlocked=True)}
        self.paid = {"pi_1": PurchaseState(status="paid", unlocked=True)}
        self.recorded = {"events_1"}

    def sessions(self, ids: Sequence[str]) -> dict[str, PurchaseState]:
        return {id: self.purchases[id] for id in ids if id in self.purchases}

    def payments(self, ids: Sequence[str]) -> dict[str, PurchaseState]:
        return {id: self.paid[id] for id in ids if id in self.paid}

    def events(self, ids: Sequence[str]) -> set[str]:
        return self.recorded & set(ids)


def add_session(shop: Shop, price: str = "prices_1", product: str = "products_1", **changes: Any) -> Thing:
    sold = {"id": price, "object": "price", "product": product}
    lines = {"object": "list", "data": [{"id": "li_1", "object": "item", "price": sold}]}
    return shop.add("checkout/sessions", **{
        "status": "complete", "payment_status": "paid", "mode": "payment", "payment_intent": "pi_1",
        "customer_details": {"email": "buyer@example.test", "name": "Canary Quince"}, "line_items": lines, **changes,
    })  # fmt: skip


def check(shop: Shop, records: Any = None, links: tuple[PurchaseLink, ...] = (LINK,), **options: Any) -> Outcome:
    given: dict[str, Any] = {"site_url": "https://oracle.shop", "now": NOW} | options
    key = given.pop("key", KEY)
    records = Known() if records is None else records
    return check_stripe_account(key, links=links, records=records, base_addresses={"api": shop.url}, **given)


def rules(outcome: Outcome) -> set[str]:
    return {finding.rule for finding in outcome.findings}


def thing(shop: Shop, path: str) -> dict[str, Any]:
    return shop.things[path][0]
