"""The right of withdrawal inside the database: the buyer's own steps, insiders who would change them, and erasure."""

import uuid
from typing import NamedTuple

import pytest

from tests.wall.actors import AI, ANON, OPERATOR, OWNER, SERVICE, Actor, person
from tests.wall.scenes import Scene
from tests.wall.seeds import World, ask_for_erasure, begin_world, make_world

STATE, CONFIRM = "select public.state_withdrawal(%s)", "select public.confirm_withdrawal(%s)"
SERVER_STEP = "select public.record_withdrawal(%s, %s, %s)"


@pytest.fixture
def buyer(scene: Scene) -> World:
    """Somebody with a purchase that is paid, and that they have not withdrawn from."""
    return begin_world(scene)


def waiver_notice(scene: Scene) -> uuid.UUID:
    """Return the wording of the waiver."""
    return uuid.UUID(str(scene.truth("select id from public.consent_notices where purpose = 'withdrawal_waiver'")))


def test_the_signed_in_buyer_takes_both_steps(scene: Scene, buyer: World) -> None:
    purchase = buyer.ids["purchase"]
    stated = scene.value(buyer.actor, STATE, purchase)
    assert scene.value(buyer.actor, STATE, purchase) == stated
    told = scene.value(buyer.actor, CONFIRM, purchase)
    assert str(purchase) in told
    assert scene.value(buyer.actor, CONFIRM, purchase) == told
    own = "select body from public.withdrawal_documents where purchase_id = %s"
    assert scene.value(buyer.actor, own, purchase) == told
    actors = "select distinct actor_kind from public.admin_audit_events where action like 'withdrawal.%%'"
    assert scene.rows(OWNER, actors) == [("subject",)]


def test_nobody_else_takes_a_step(scene: Scene, buyer: World) -> None:
    purchase, stranger = buyer.ids["purchase"], scene.make_person()
    for step in (STATE, CONFIRM):
        assert scene.refusal(person(stranger), step, purchase) == "P0002"
        assert scene.refusal(Actor("nobody", "authenticated"), step, purchase) == "42501"
        for actor in (ANON, AI, OPERATOR, SERVICE):
            assert scene.refusal(actor, step, purchase) == "42501"
    for actor in (buyer.actor, ANON, AI, OPERATOR):
        assert scene.refusal(actor, SERVER_STEP, purchase, buyer.subject, False) == "42501"
    assert scene.truth("select count(*) from public.withdrawals where purchase_id = %s", purchase) == 0


def test_a_sign_in_without_a_person_does_not_match_a_guest(scene: Scene) -> None:
    """Neither has an id: a comparison that takes null for equal would let anybody in."""
    world = begin_world(scene)
    order = scene.value(SERVICE, "select public.open_purchase(gen_random_uuid(), %s)", world.ids["link"])
    pay = (
        "update public.purchases set status = 'paid', paid_at = now(), checkout_session_id = 'cs_test_guest',"
        " payment_intent_id = 'pi_guest' where id = %s"
    )
    scene.count(SERVICE, pay, order)
    assert scene.refusal(Actor("nobody", "authenticated"), STATE, order) == "42501"
    assert scene.refusal(SERVICE, SERVER_STEP, order, None, False) == ""


def test_people_read_their_own_alone(scene: Scene) -> None:
    worlds = make_world(scene), make_world(scene)
    for table in ("withdrawal_waivers", "withdrawals", "withdrawal_documents"):
        for world in worlds:
            read = f"select distinct subject_id from public.{table}"
            assert scene.rows(world.actor, read) == [(world.subject,)]
        assert scene.refusal(ANON, f"select 1 from public.{table}") == "42501"


class Forgery(NamedTuple):
    """What somebody tries, with the refusal for the table's owner; everybody else lacks the privilege."""

    statement: str
    refused: str


FORGERIES = {
    "another date of the window": Forgery(
        "update public.purchases set withdraw_until = now() - interval '1 day' where id = %(withdrawn)s", "23514"
    ),
    "no window": Forgery("update public.purchases set withdraw_until = null where id = %(withdrawn)s", "23514"),
    "no consumer any more": Forgery(
        "update public.purchases set buyer_kind = 'business' where id = %(withdrawn)s", "42501"
    ),
    "a withdrawal that is taken back": Forgery(
        "update public.withdrawals set status = 'stated', confirmed_at = null where purchase_id = %(withdrawn)s",
        "23514",
    ),
    "a later withdrawal": Forgery(
        "update public.withdrawals set confirmed_at = now() + interval '0' where purchase_id = %(withdrawn)s", "23514"
    ),
    "a withdrawal that is gone": Forgery("delete from public.withdrawals where purchase_id = %(withdrawn)s", "42501"),
    "a waiver afterwards": Forgery(
        "insert into public.withdrawal_waivers (purchase_id, subject_id, notice_id)"
        " values (%(withdrawn)s, %(subject)s, %(notice)s)",
        "23514",
    ),
    "somebody else's waiver": Forgery(
        "insert into public.withdrawal_waivers (purchase_id, subject_id, notice_id)"
        " values (%(fresh)s, %(stranger)s, %(notice)s)",
        "42501",
    ),
    "nobody's waiver": Forgery(
        "insert into public.withdrawal_waivers (purchase_id, notice_id) values (%(fresh)s, %(notice)s)", "42501"
    ),
    "a confirmation without a waiver": Forgery(
        "insert into public.withdrawal_documents (purchase_id, kind) values (%(fresh)s, 'waiver')", "23514"
    ),
    "a confirmation after the payment": Forgery(
        "insert into public.withdrawal_documents (purchase_id, kind) values (%(withdrawn)s, 'waiver')", "23514"
    ),
    "an acknowledgement of nothing": Forgery(
        "insert into public.withdrawal_documents (purchase_id, kind) values (%(fresh)s, 'withdrawal')", "23514"
    ),
    "other words in a document": Forgery(
        "update public.withdrawal_documents set body = 'We owe nothing.' where purchase_id = %(waived)s", "42501"
    ),
    "a document that is gone": Forgery(
        "delete from public.withdrawal_documents where purchase_id = %(waived)s", "42501"
    ),
    "a waiver that is gone": Forgery("delete from public.withdrawal_waivers where purchase_id = %(waived)s", "42501"),
    "the wording of a waiver": Forgery(
        "update public.withdrawal_waivers set wording_sha256 = sha256('x') where purchase_id = %(waived)s", "42501"
    ),
}


@pytest.mark.parametrize("case", FORGERIES)
def test_no_insider_changes_what_was_agreed(scene: Scene, case: str) -> None:
    world, (statement, refused) = make_world(scene), FORGERIES[case]
    fresh = scene.value(
        SERVICE, "select public.open_purchase(gen_random_uuid(), %s, %s)", world.ids["link"], world.subject
    )
    values = {**world.ids, "subject": world.subject, "stranger": scene.make_person(), "fresh": fresh}
    filled = statement % {name: f"'{value}'" for name, value in {**values, "notice": waiver_notice(scene)}.items()}
    assert scene.refusal(OWNER, filled) == refused
    assert scene.refusal(SERVICE, filled) in (refused, "42501")


def test_the_database_alone_writes_a_document(scene: Scene) -> None:
    """Whatever text, hash, person and wording the owner sends is replaced."""
    world = make_world(scene)
    order = scene.value(
        SERVICE, "select public.open_purchase(gen_random_uuid(), %s, %s)", world.ids["link"], world.subject
    )
    scene.value(SERVICE, "select public.record_waiver(%s, %s)", order, waiver_notice(scene))
    insert = (
        "insert into public.withdrawal_documents (purchase_id, kind, subject_id, notice_id, body, body_sha256)"
        " values (%s, 'waiver', %s, %s, 'We owe nothing.', sha256('x'))"
        " returning subject_id, body like 'Confirmation of your order%%',"
        " body_sha256 = sha256(convert_to(body, 'UTF8'))"
    )
    forged = scene.rows(OWNER, insert, order, world.subject, waiver_notice(scene))
    assert forged == [(world.subject, True, True)]


@pytest.mark.parametrize("kind", ["eu_consumer", "unknown"])
def test_no_sale_is_unlocked_without_a_window_or_a_waiver(scene: Scene, buyer: World, kind: str) -> None:
    """Also one that was paid before the window was recorded: its unlock sets the date that the payment gives."""
    purchase = buyer.ids["purchase"]
    with scene.past_every_trigger() as connection:
        connection.execute(
            "update public.purchases set withdraw_until = null, buyer_kind = %s where id = %s", [kind, purchase]
        )
    unlock = "update public.purchases set unlocked_at = now() where id = %s returning withdraw_until is not null"
    assert scene.value(SERVICE, unlock, purchase) is True


def test_the_server_cannot_choose_the_window(scene: Scene, buyer: World) -> None:
    order = scene.value(
        SERVICE, "select public.open_purchase(gen_random_uuid(), %s, %s)", buyer.ids["link"], buyer.subject
    )
    pay = (
        "update public.purchases set status = 'paid', paid_at = now(), checkout_session_id = 'cs_test_other',"
        " payment_intent_id = 'pi_other', withdraw_until = now() where id = %s"
        " returning withdraw_until > now() + interval '14 days'"
    )
    assert scene.value(SERVICE, pay, order) is True


def test_an_erasure_keeps_the_proof_and_no_person(scene: Scene) -> None:
    world = make_world(scene)
    request = ask_for_erasure(scene, world.subject)
    scene.end_as_committed()
    for _ in range(4):
        scene.rows(SERVICE, "select * from public.erase_subject(%s)", request)
    for table in ("withdrawal_waivers", "withdrawals", "withdrawal_documents"):
        left = f"select count(*), count(subject_id) from public.{table}"
        rows, people = scene.rows(OWNER, left)[0]
        assert (rows > 0, people) == (True, 0)
    unchanged = "select bool_and(body_sha256 = sha256(convert_to(body, 'UTF8'))) from public.withdrawal_documents"
    assert scene.truth(unchanged) is True


def test_the_actions_are_the_databases_own(scene: Scene) -> None:
    """Nobody forges a line that says that a buyer withdrew."""
    line = "select public.record_audit_event('subject', %s, 'withdrawals', %s, 'done')"
    for action in ("withdrawal.waived", "withdrawal.stated", "withdrawal.confirmed"):
        assert scene.refusal(SERVICE, line, action, str(uuid.uuid4())) == "42501"


@pytest.mark.parametrize(("kind", "date", "refused"), [
    ("business", "now() + interval '1 day'", "23514"),
    ("eu_consumer", "now() + interval '1 day'", "23514"),
    ("eu_consumer", "wall.withdrawal_deadline(paid_at)", ""),
])  # fmt: skip
def test_a_missing_window_takes_the_date_of_the_payment_alone(
    scene: Scene, buyer: World, kind: str, date: str, refused: str
) -> None:
    """The repair sets that date; no other is taken, also where nothing stood before."""
    purchase = buyer.ids["purchase"]
    with scene.past_every_trigger() as connection:
        connection.execute(
            "update public.purchases set withdraw_until = null, buyer_kind = %s where id = %s", [kind, purchase]
        )
    update = f"update public.purchases set withdraw_until = {date} where id = %s"
    assert scene.refusal(OWNER, update, purchase) == refused
