"""Purchases: they begin open at the terms of their link, and move with the amounts and dates that a move needs."""

import random
import uuid
from dataclasses import fields, replace

import pytest

from lab.rules import RULES
from lab.rules.amounts import format_amount
from tests.wall.actors import OPERATOR, OWNER, SERVICE, Actor
from tests.wall.ledger_of_sales import DATES, MOMENTS, NEXT, Sale, change, may_become, may_begin
from tests.wall.scenes import Scene
from tests.wall.seeds import begin_world

STEPS = 1500
OFFERS = ((1900, "eur", False, True), (1900, "usd", True, True), (0, "eur", False, True), (1900, "eur", False, False))


def add_link(scene: Scene, amount: int, currency: str, livemode: bool, active: bool = True) -> uuid.UUID:
    """Offer something for sale."""
    name = uuid.uuid4().hex
    product = scene.value(
        SERVICE,
        "insert into public.products (layer, stripe_product_id, title, livemode)"
        " values ('artifacts', %s, 'Artifacts', %s) returning id",
        *(f"prod_{name}", livemode),
    )
    return scene.key(
        SERVICE,
        "insert into public.purchase_links"
        " (product_id, stripe_price_id, amount_minor, currency, livemode, unlock_route, active)"
        " values (%s, %s, %s, %s, %s, '/unlock/artifacts', %s) returning id",
        *(product, f"price_{name}", amount, currency, livemode, active),
    )


def spell(sale: Sale) -> tuple[list[str], list[str], list[object]]:
    """Return a purchase's columns, what stands for each value, and the values."""
    names = [field.name for field in fields(Sale)]
    marks = [MOMENTS[getattr(sale, name)] if name in DATES else "%s" for name in names]
    return names, marks, [getattr(sale, name) for name in names if name not in DATES]


def begin(scene: Scene, actor: Actor, link: uuid.UUID, sale: Sale) -> str:
    """Try to begin a purchase; it stays when it was let in. Returns the SQLSTATE of the refusal."""
    names, marks, values = spell(sale)
    insert = f"insert into public.purchases (purchase_link_id, {', '.join(names)}) values (%s, {', '.join(marks)})"
    refused = scene.refusal(actor, insert, link, *values)
    if not refused:
        scene.count(actor, insert, link, *values)
    return refused


def test_whatever_is_tried_only_legal_moves_are_let_through(each_scene: Scene) -> None:
    """Random beginnings and changes as the server and as the owner: as the model says, in both directions."""
    dice = random.Random(20261129)
    links = {add_link(each_scene, *offer): offer for offer in OFFERS}
    wrong: list[object] = []
    seen: set[tuple[str, str]] = set()
    sales: dict[str, Sale] = {}
    for _ in range(STEPS):
        actor = dice.choice((SERVICE, OWNER))
        if not sales or dice.random() < 0.2:
            link, (amount, currency, livemode, offered) = dice.choice(list(links.items()))
            session = f"cs_{'live' if livemode else 'test'}_{dice.getrandbits(64):x}"
            sale = Sale(session, None, "open", amount, 0, currency, livemode)
            sale = change(sale, dice) if dice.random() < 0.5 else sale
            refused = begin(each_scene, actor, link, sale)
            legal = may_begin(sale, (amount, currency, livemode), offered=offered)
            if legal:
                sales[sale.checkout_session_id] = sale
        else:
            old = dice.choice(list(sales.values()))
            sale = change(old, dice)
            names, marks, values = spell(sale)
            update = (
                f"update public.purchases set ({', '.join(names)}) = ({', '.join(marks)})"
                " where checkout_session_id = %s"
            )
            refused = each_scene.refusal(actor, update, *values, old.checkout_session_id)
            legal = may_become(old, sale)
            if legal:
                each_scene.count(actor, update, *values, old.checkout_session_id)
                sales[old.checkout_session_id] = sale
                seen.add((old.status, sale.status))
        if legal == bool(refused):
            wrong.append((sale, refused))
    assert wrong == []
    assert seen >= {(origin, to) for origin, found in NEXT.items() for to in found}


def test_terms_are_taken_from_the_link(scene: Scene) -> None:
    link = add_link(scene, 5120, "kwd", True)
    insert = (
        "insert into public.purchases (checkout_session_id, purchase_link_id) values ('cs_live_1', %s)"
        " returning array[amount_minor::text, currency, livemode::text]"
    )
    assert scene.value(SERVICE, insert, link) == ["5120", "kwd", "true"]
    assert scene.value(OPERATOR, "select amount from operations.purchases where purchase_link_id = %s", link) == (
        "5.120 KWD"
    )


def test_the_expected_amount_is_set_by_the_database(scene: Scene) -> None:
    """Whoever writes: it is the price by the number of pieces, a different one is refused, and it never changes."""
    link = add_link(scene, 1900, "eur", False)
    insert = "insert into public.purchases (purchase_link_id, quantity, expected_minor) values (%s, %s, %s)"
    change = "update public.purchases set expected_minor = expected_minor + 1 where id = %s"
    for actor in (SERVICE, OWNER):
        for quantity, total in ((1, 1900), (3, 5700), (100, 190_000)):
            order = scene.key(actor, f"{insert} returning id", link, quantity, None)
            assert scene.truth("select expected_minor from public.purchases where id = %s", order) == total
            assert scene.refusal(actor, change, order) == "42501"
            assert scene.refusal(actor, insert, link, quantity, total) == ""
            assert scene.refusal(actor, insert, link, quantity, total + 1) == "23514"


def test_a_payment_without_an_amount_brought_in_what_was_expected(scene: Scene) -> None:
    link = add_link(scene, 1900, "eur", False)
    order = scene.key(
        SERVICE,
        "insert into public.purchases (checkout_session_id, payment_intent_id, purchase_link_id, quantity)"
        " values ('cs_test_1', 'pi_1', %s, 3) returning id",
        link,
    )
    pay = "update public.purchases set status = 'paid', paid_at = now() where id = %s returning received_minor"
    assert scene.value(SERVICE, pay, order) == 5700


@pytest.mark.parametrize("what", ["link", "product"])
def test_nothing_begins_at_what_is_not_for_sale(scene: Scene, what: str) -> None:
    link = add_link(scene, 1900, "eur", False)
    close = {
        "link": "update public.purchase_links set active = false where id = %s",
        "product": "update public.products set active = false"
        " where id = (select product_id from public.purchase_links where id = %s)",
    }
    insert = "insert into public.purchases (checkout_session_id, purchase_link_id) values ('cs_test_1', %s)"
    assert scene.refusal(SERVICE, insert, link) == ""
    scene.count(SERVICE, close[what], link)
    for actor in (SERVICE, OWNER):
        assert scene.refusal(actor, insert, link) == "23514"


def test_modes_do_not_meet(scene: Scene) -> None:
    """Also the mode of a product never changes, so that what agreed once agrees for good."""
    world = begin_world(scene)
    product = scene.truth("select product_id from public.purchase_links where id = %s", world.ids["link"])
    link = (
        "insert into public.purchase_links"
        " (product_id, stripe_price_id, amount_minor, currency, livemode, unlock_route)"
        " values (%s, 'price_other', 100, 'eur', %s, '/other')"
    )
    turn = "update public.products set livemode = true where id = %s"
    for actor in (SERVICE, OWNER):
        assert scene.refusal(actor, link, product, True) == "23514"
        assert scene.refusal(actor, link, product, False) == ""
        assert scene.refusal(actor, turn, product) == "42501"


AMOUNTS = [
    (currency.id, amount, "" if amount % currency.step == 0 else "23514")
    for currency in RULES.currencies
    for amount in (1000, 1010, 1005)
]


@pytest.mark.parametrize(("currency", "amount", "refused"), AMOUNTS)
def test_amounts_fit_their_currency(scene: Scene, currency: str, amount: int, refused: str) -> None:
    link = (
        "insert into public.purchase_links"
        " (product_id, stripe_price_id, amount_minor, currency, livemode, unlock_route)"
        " select product_id, 'price_other', %s, %s, livemode, '/other' from public.purchase_links where id = %s"
    )
    world = begin_world(scene)
    assert scene.refusal(OWNER, link, amount, currency, world.ids["link"]) == refused
    assert scene.refusal(OWNER, link, amount, "xts", world.ids["link"]) == "23514"


TEXTS = {
    (1900, "eur"): "19.00 EUR",
    (5, "usd"): "0.05 USD",
    (0, "eur"): "0.00 EUR",
    (500, "jpy"): "500 JPY",
    (5120, "kwd"): "5.120 KWD",
    (500, "isk"): "5.00 ISK",
    (9007199254740993, "eur"): "90071992547409.93 EUR",
}


@pytest.mark.parametrize(("amount", "currency"), TEXTS)
def test_amounts_are_told_in_whole_units(each_scene: Scene, amount: int, currency: str) -> None:
    assert format_amount(amount, currency) == TEXTS[amount, currency]
    told = "select wall.amount_text(%s, %s)"
    assert each_scene.value(OPERATOR, told, amount, currency) == TEXTS[amount, currency]


def test_an_amount_of_a_strange_currency_is_not_made_up() -> None:
    assert format_amount(1900, "xts") == "1900 xts in smallest units"
    assert format_amount(None, None) == "None None in smallest units"


def test_an_unlock_is_taken_back_in_the_open(scene: Scene) -> None:
    """Only a refund or a dispute takes it back, and that is written down."""
    world = begin_world(scene)
    purchase = world.ids["purchase"]
    take_back = "update public.purchases set unlocked_at = null where id = %s"
    lines = "select count(*) from public.admin_audit_events where action = 'purchase.locked' and object_id = %s"
    scene.count(SERVICE, "update public.purchases set unlocked_at = now() where id = %s", purchase)
    for actor in (SERVICE, OWNER):
        assert scene.refusal(actor, take_back, purchase) == "23514"
    dispute = "update public.purchases set status = 'disputed', disputed_at = now() where id = %s"
    scene.count(SERVICE, dispute, purchase)
    scene.count(SERVICE, take_back, purchase)
    assert scene.truth(lines, str(purchase)) == 1


def test_money_that_went_back_unlocks_nothing(scene: Scene) -> None:
    world = begin_world(scene)
    refund = (
        "select public.record_refund('re_1', payment_intent_id, amount_minor, currency, 'succeeded', now())"
        " from public.purchases where id = %s"
    )
    assert scene.value(SERVICE, refund, world.ids["purchase"]) == "recorded"
    unlock = "update public.purchases set unlocked_at = now() where id = %s"
    assert scene.refusal(OWNER, unlock, world.ids["purchase"]) == "23514"


def test_the_model_knows_a_sound_purchase() -> None:
    """The model itself can refuse: a slip in it would let every comparison pass."""
    sale = Sale("cs_test_1", None, "open", 1900, 0, "eur", False)
    paid = replace(sale, status="paid", paid_at="now", payment_intent_id="pi_1")
    assert may_begin(sale, (1900, "eur", False), offered=True)
    assert may_become(sale, paid)
    assert not may_become(sale, replace(paid, paid_at=""))
    assert not may_become(paid, replace(paid, amount_refunded_minor=1900))


@pytest.mark.parametrize("state", ["paid", "expired"])
def test_no_purchase_is_deleted(scene: Scene, state: str) -> None:
    world = begin_world(scene)
    purchase = world.ids["purchase"]
    if state == "expired":
        insert = (
            "insert into public.purchases (checkout_session_id, purchase_link_id) values ('cs_test_1', %s) returning id"
        )
        purchase = scene.value(SERVICE, insert, world.ids["link"])
        scene.count(SERVICE, "update public.purchases set status = 'expired' where id = %s", purchase)
    for actor in (SERVICE, OWNER):
        assert scene.refusal(actor, "delete from public.purchases where id = %s", purchase) == "42501"
        assert scene.refusal(actor, "truncate public.purchases cascade") == "42501"
