"""What a refund or a lost dispute takes back, also from the recipient of a gift, as each layer says."""

import uuid
from typing import Any

from lab.rules import RULES
from lab.rules.laws.product import refunds_are_answered
from lab.rules.model import TakeBack
from lab.rules.tables.commerce import SOLD_LAYERS
from lab.rules.tables.money_back import LOCKING_REASONS, REVIEW_REASONS
from tests.billing.shops import PRICE, Shop, add_person
from tests.billing.test_sales import at_once

BOUGHT = {
    "oracle_artifacts": "insert into public.oracle_artifacts (id, subject_id, scroll_id, purchase_id, kind, state)"
    " values (%(id)s, %(person)s, %(scroll)s, %(order)s, 'pdf', 'ready')",
    "gift": "insert into public.oracle_artifacts (id, subject_id, scroll_id, purchase_id, kind, state)"
    " values (%(id)s, %(person)s, %(scroll)s, %(order)s, 'gift', 'ready')",
    "echo_entries": "insert into public.echo_entries (id, subject_id, scroll_id, purchase_id, due_at)"
    " values (%(id)s, %(person)s, %(scroll)s, %(order)s, now() + interval '7 days')",
    "council_sessions": "insert into public.council_sessions (id, subject_id, scroll_id, purchase_id)"
    " values (%(id)s, %(person)s, %(scroll)s, %(order)s)",
}
STATES = {
    "oracle_artifacts": "select state from public.oracle_artifacts where id = %s",
    "gift": "select state from public.oracle_artifacts where id = %s",
    "echo_entries": "select status from public.echo_entries where id = %s",
    "council_sessions": "select status from public.council_sessions where id = %s",
}
TAKEN = {"oracle_artifacts": "withdrawn", "gift": "withdrawn", "echo_entries": "cancelled",
         "council_sessions": "cancelled"}  # fmt: skip


def buy_everything(shop: Shop) -> tuple[uuid.UUID, str, dict[str, uuid.UUID]]:
    """Buy, and get something of every layer; returns the order, the session, and what was made."""
    scroll = uuid.uuid4()
    question = "insert into public.oracle_scrolls (id, subject_id, question) values (%s, %s, 'Will it rain?')"
    shop.admin.execute(question, [scroll, shop.person])
    order, session = shop.buy(scroll_id=scroll)
    shop.deliver()
    made = {kind: uuid.uuid4() for kind in BOUGHT}
    for kind, insert in BOUGHT.items():
        values = {"id": made[kind], "person": shop.person, "scroll": scroll, "order": order}
        shop.admin.execute(insert.encode(), values)
    return order, session, made


def invite(shop: Shop, gift: uuid.UUID) -> uuid.UUID:
    """Invite somebody to the gift."""
    shop.admin.execute(
        "select public.record_consent(%s, 'gift_recipient', 'given', gen_random_uuid(), n.id, %s)"
        " from public.consent_notices n where n.purpose = 'gift_recipient' and n.locale = 'en' limit 1",
        [shop.person, gift],
    )
    invitation = uuid.uuid4()
    shop.admin.execute(
        "insert into public.gift_recipients (id, artifact_id, subject_id, contact, token_sha256)"
        " values (%s, %s, %s, 'friend@example.test', sha256(%s::text::bytea))",
        [invitation, gift, shop.person, str(invitation)],
    )
    return invitation


def states(shop: Shop, made: dict[str, uuid.UUID]) -> dict[str, Any]:
    """Return what became of everything."""
    return {kind: shop.count(STATES[kind], id) for kind, id in made.items()}


def test_case_18_refund_after_use_or_gift(shop: Shop) -> None:
    """A full refund takes back what each layer says, and an invitation that nobody accepted; a partial one nothing."""
    _, session, made = buy_everything(shop)
    invitation = invite(shop, made["gift"])
    untouched = states(shop, made)
    shop.local.act("refund", session, amount=PRICE // 2)
    shop.deliver()
    assert states(shop, made) == untouched
    shop.local.act("refund", session)
    shop.deliver()
    assert states(shop, made) == TAKEN
    withdrawn = "select withdrawn_at is not null from public.gift_recipients where id = %s"
    assert shop.count(withdrawn, invitation) is True


def test_a_gift_that_was_accepted_stays_with_its_recipient(shop: Shop) -> None:
    _, session, made = buy_everything(shop)
    invitation, recipient = invite(shop, made["gift"]), add_person(shop.admin)
    shop.admin.execute("alter table public.gift_recipients disable trigger gifts_stay_with_recipient")
    accepted = "update public.gift_recipients set accepted_at = now(), accepted_subject_id = %s where id = %s"
    shop.admin.execute(accepted, [recipient, invitation])
    shop.admin.execute("alter table public.gift_recipients enable always trigger gifts_stay_with_recipient")
    shop.local.act("refund", session)
    shop.deliver()
    assert states(shop, made) == TAKEN | {"gift": "ready"}


def test_only_a_lost_dispute_takes_back(shop: Shop) -> None:
    _, session, made = buy_everything(shop)
    untouched = states(shop, made)
    dispute = shop.local.act("dispute", session)["id"]
    shop.deliver()
    assert states(shop, made) == untouched
    shop.local.act("lose", dispute)
    shop.deliver()
    assert states(shop, made) == TAKEN


def test_what_others_bought_stays(shop: Shop) -> None:
    _, _, others = buy_everything(shop)
    untouched = states(shop, others)
    _, session, made = buy_everything(shop)
    shop.local.act("refund", session)
    shop.deliver()
    assert (states(shop, others), states(shop, made)) == (untouched, TAKEN)


def decide_echo(shop: Shop, action: str) -> None:
    """Give or withdraw the consent to an Echo."""
    shop.admin.execute(
        "select public.record_consent(%s, 'echo_followup', %s, gen_random_uuid(), n.id)"
        " from public.consent_notices n where n.purpose = 'echo_followup' and n.locale = 'en' limit 1",
        [shop.person, action],
    )


def given_back(shop: Shop, order: uuid.UUID) -> int:
    """Return how often something was given back, by the audit trail."""
    lines = "select count(*) from public.admin_audit_events where action = 'purchase.given_back' and object_id = %s"
    return int(shop.count(lines, str(order)))


def test_a_refund_that_fails_gives_back_once(shop: Shop) -> None:
    """The buyer has paid after all. A person still decides whether the money is returned in another way."""
    decide_echo(shop, "given")
    order, session, made = buy_everything(shop)
    invitation = invite(shop, made["gift"])
    untouched = states(shop, made)
    refund = shop.local.act("refund", session)["id"]
    shop.deliver()
    assert (states(shop, made), given_back(shop, order)) == (TAKEN, 0)
    shop.local.act("fail_refund", refund)
    assert at_once(shop, session) == ["unlocked"] * 6
    shop.deliver()
    assert (shop.state(order), shop.reviews()) == (("paid", True), {"refund_failed"})
    assert (states(shop, made), given_back(shop, order)) == (untouched, 1)
    withdrawn = "select withdrawn_at is not null from public.gift_recipients where id = %s"
    assert shop.count(withdrawn, invitation) is True


def test_what_fails_again_and_again_is_given_back_each_time(shop: Shop) -> None:
    """A whole refund takes back, one that fails gives back, and a part that fails does when another part remains."""
    decide_echo(shop, "given")
    order, session, made = buy_everything(shop)
    untouched = states(shop, made)
    for turn in range(1, 4):
        parts = [shop.local.act("refund", session, **more)["id"] for more in ({"amount": 1000}, {})]
        shop.deliver()
        assert (states(shop, made), shop.state(order)) == (TAKEN, ("refunded", False))
        shop.local.act("fail_refund", parts[turn % 2])
        shop.deliver()
        assert (states(shop, made), shop.state(order)) == (untouched, ("paid", True))
        shop.local.act("fail_refund", parts[1 - turn % 2])
        shop.deliver()
        assert (states(shop, made), given_back(shop, order)) == (untouched, turn)


def test_a_refund_that_is_told_after_it_failed_takes_nothing(shop: Shop) -> None:
    order, session, made = buy_everything(shop)
    untouched = states(shop, made)
    shop.local.act("fail_refund", shop.local.act("refund", session)["id"])
    shop.deliver()
    assert (states(shop, made), given_back(shop, order), shop.state(order)) == (untouched, 0, ("paid", True))


def test_only_what_was_taken_is_given_back_as_it_was(shop: Shop) -> None:
    """A draft is a draft again; what was withdrawn before stays so, and an Echo needs its consent."""
    decide_echo(shop, "given")
    order, session, made = buy_everything(shop)
    shop.admin.execute("update public.oracle_artifacts set state = 'withdrawn' where id = %s", [made["gift"]])
    draft = BOUGHT["oracle_artifacts"].replace("'pdf', 'ready'", "'share_card', 'draft'")
    scroll = shop.count("select scroll_id from public.purchases where id = %s", order)
    values = {"id": uuid.uuid4(), "person": shop.person, "scroll": scroll, "order": order}
    shop.admin.execute(draft.encode(), values)
    refund = shop.local.act("refund", session)["id"]
    shop.deliver()
    decide_echo(shop, "withdrawn")
    shop.local.act("fail_refund", refund)
    shop.deliver()
    assert states(shop, made) == {
        "oracle_artifacts": "ready", "gift": "withdrawn", "echo_entries": "cancelled", "council_sessions": "gathering",
    }  # fmt: skip
    assert shop.count(STATES["gift"], values["id"]) == "draft"


def record_dispute(shop: Shop, order: uuid.UUID, status: str) -> None:
    """Record a state of a dispute, as Stripe tells it."""
    shop.admin.execute(
        "select public.record_dispute('du_1', p.payment_intent_id, p.amount_minor, p.currency, %s, now())"
        " from public.purchases p where p.id = %s",
        [status, order],
    )


def test_nothing_is_given_back_while_a_dispute_is_open_or_lost(shop: Shop) -> None:
    """One that is won after it was lost gives back."""
    decide_echo(shop, "given")
    order, session, made = buy_everything(shop)
    untouched = states(shop, made)
    refund = shop.local.act("refund", session)["id"]
    shop.deliver()
    record_dispute(shop, order, "needs_response")
    shop.local.act("fail_refund", refund)
    shop.deliver()
    assert (states(shop, made), shop.state(order)) == (TAKEN, ("disputed", False))
    record_dispute(shop, order, "lost")
    assert (states(shop, made), given_back(shop, order)) == (TAKEN, 0)
    record_dispute(shop, order, "won")
    assert (states(shop, made), given_back(shop, order)) == (untouched, 1)


def test_a_purchase_that_waits_for_a_person_is_given_back_with_the_decision(shop: Shop) -> None:
    decide_echo(shop, "given")
    order, session, made = buy_everything(shop)
    untouched = states(shop, made)
    refund = shop.local.act("refund", session)["id"]
    shop.deliver()
    shop.admin.execute("select public.review_payment(%s, 'price_differs', %s)", [session, order])
    shop.local.act("fail_refund", refund)
    shop.deliver()
    assert (states(shop, made), shop.state(order)) == (TAKEN, ("paid", False))
    review = shop.count("select id from public.payment_reviews where reason = 'price_differs'")
    shop.admin.execute("select public.decide_review(%s, 'unlock')", [review])
    assert (states(shop, made), shop.state(order)) == (untouched, ("paid", True))


def forget(part: TakeBack) -> TakeBack:
    """Say nothing of what a failed refund gives back."""
    return part.model_copy(update={"returns_when": None, "returns_sets": None, "stays": None})


def test_every_layer_that_is_sold_answers() -> None:
    silent = [layer.model_copy(update={"takes_back": (), "keeps": None}) for layer in RULES.layers]
    told = list(refunds_are_answered(RULES.model_copy(update={"layers": tuple(silent)})))
    assert len(told) == len(SOLD_LAYERS)
    gone = [layer.model_copy(update={"takes_back": tuple(map(forget, layer.takes_back))}) for layer in RULES.layers]
    told = list(refunds_are_answered(RULES.model_copy(update={"layers": tuple(gone)})))
    assert {line.partition(":")[0] for line in told} == {f"layer {one.id}" for one in RULES.layers if one.takes_back}
    assert set(LOCKING_REASONS) < set(REVIEW_REASONS)
