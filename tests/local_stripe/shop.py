"""What a shop does at Stripe, with the official client alone."""

from typing import Any

import stripe
from stripe.checkout import Session

from lab.services.local_stripe import LocalStripe


class Shop:
    """Sells one-time products at a Local Stripe. The client is untyped: what is tested checks the parameters."""

    def __init__(self, local: LocalStripe) -> None:
        self.local = local
        self.client: Any = local.client()

    def price(self, amount: int = 4900, **more: Any) -> stripe.Price:
        product = self.client.v1.products.create({"name": "Sealed scroll"})
        made: stripe.Price = self.client.v1.prices.create(
            {"product": product.id, "unit_amount": amount, "currency": "eur", **more}
        )
        return made

    def open(self, price: stripe.Price | None = None, quantity: int = 1, **more: Any) -> Session:
        lines = more.pop("line_items", None) or [{"price": (price or self.price()).id, "quantity": quantity}]
        given = {"mode": "payment", "line_items": lines, "success_url": "http://shop/{CHECKOUT_SESSION_ID}", **more}
        session: Session = self.client.v1.checkout.sessions.create(given)
        return session

    def pay(self, session: Session | None = None, method: str = "pm_card_visa") -> Session:
        session = session or self.open()
        self.local.act("pay", session.id, payment_method=method)
        return self.read(session)

    def read(self, session: Session) -> Session:
        expand = ["line_items", "payment_intent.latest_charge"]
        read: Session = self.client.v1.checkout.sessions.retrieve(session.id, {"expand": expand})
        return read

    def take(self, method: str = "pm_card_visa", amount: int = 4900, **more: Any) -> stripe.PaymentIntent:
        given = {"amount": amount, "currency": "eur", "payment_method": method, "confirm": True, **more}
        intent: stripe.PaymentIntent = self.client.v1.payment_intents.create(given)
        return intent

    def intent_of(self, session: Session) -> stripe.PaymentIntent:
        assert isinstance(session.payment_intent, stripe.PaymentIntent)
        return session.payment_intent

    def charge_of(self, intent: stripe.PaymentIntent) -> stripe.Charge:
        charge: stripe.Charge = self.client.v1.charges.list({"payment_intent": intent.id}).data[0]
        return charge

    def events_of(self, id: str) -> list[str]:
        """Return the types of an object's events, oldest first."""
        events = self.client.v1.events.list({"limit": 100}).auto_paging_iter()
        return [event.type for event in events if event.data.object["id"] == id][::-1]
