"""What the shop offers: one product with one price for each layer that is bought by itself."""

from lab.rules import layers
from lab.rules.model import Offer
from lab.rules.withdrawal import waiver

scroll = Offer(
    id="scroll",
    layer=layers.scroll,
    title="Scroll",
    amount_minor=1900,
    currency="eur",
    unlock_route="/reading/scroll",
    delivered="at_once",
    waiver=waiver,
    source="product",
)
artifacts = Offer(
    id="artifacts",
    layer=layers.artifacts,
    title="Artifacts",
    amount_minor=4900,
    currency="eur",
    unlock_route="/reading/artifacts",
    delivered="at_once",
    waiver=waiver,
    source="product",
)
echo = Offer(
    id="echo",
    layer=layers.echo,
    title="Echo",
    amount_minor=1200,
    currency="eur",
    unlock_route="/reading/echo",
    delivered="later",
    waiver=None,
    source="product",
)
council = Offer(
    id="council",
    layer=layers.council,
    title="Council",
    amount_minor=7900,
    currency="eur",
    unlock_route="/reading/council",
    delivered="at_once",
    waiver=waiver,
    source="product",
)
passport = Offer(
    id="passport",
    layer=layers.passport,
    title="Passport",
    amount_minor=2900,
    currency="eur",
    unlock_route="/passport",
    delivered="at_once",
    waiver=waiver,
    source="product",
)

OFFERS = (scroll, artifacts, echo, council, passport)
