"""Nobody writes for an erased person: no column without the gate, no late worker, no token that is still valid."""

import hashlib
import json
from collections.abc import Callable

import psycopg
import pytest

from fixtures.servers import Database
from lab.database.embedded.server import EmbeddedPostgres
from lab.rules import RULES
from tests.wall.crowds import ask, prepare
from tests.wall.erasures import SCROLL, erase, left, populate, refusal
from tests.wall.scenes import Scene
from tests.wall.seeds import World, enqueue, give

# Everybody who might write for somebody who was erased.


def test_every_column_that_names_a_person_has_the_gate(each_own: Database) -> None:
    found = ask(
        each_own,
        "select t.tgrelid::regclass::text, p.proname from pg_trigger t join pg_proc p on p.oid = t.tgfoid"
        " where starts_with(p.proname::text, 'refuse_erased_') and t.tgenabled = 'A'",
    )
    named = {(table.id, c.name) for table in RULES.tables for c in table.columns if c.names_subject}
    assert {(table.removeprefix("public."), name.removeprefix("refuse_erased_")) for table, name in found} == named


SERVER_WRITES = {
    "scroll": SCROLL,
    "artifact": "insert into public.oracle_artifacts (subject_id, scroll_id, kind)"
    " values (%s, gen_random_uuid(), 'pdf')",
    "purchase": "insert into public.purchases (checkout_session_id, purchase_link_id, buyer_subject_id, amount_minor,"
    " currency, livemode) values ('cs_late', (select id from public.purchase_links limit 1), %s, 1900, 'eur', false)",
    "purchase for somebody": "update public.purchases set recipient_subject_id = %s",
    "gift": "update public.gift_recipients set accepted_subject_id = %s, accepted_at = now()",
    "echo": "insert into public.echo_entries (subject_id, scroll_id, due_at) values (%s, gen_random_uuid(), now())",
    "council": "insert into public.council_sessions (subject_id, scroll_id) values (%s, gen_random_uuid())",
    "job": "select public.enqueue_delivery_job('receipt', %s,"
    " purchase_id => (select id from public.purchases where buyer_subject_id is null limit 1))",
    "consent": "select public.record_consent(%s, 'email_delivery', 'withdrawn', gen_random_uuid())",
    "request": "insert into public.privacy_requests (subject_id, kind) values (%s, 'export')",
}


@pytest.fixture(scope="module")
def aftermath(server: EmbeddedPostgres, populated_database: Callable[..., Database]) -> tuple[Database, World, World]:
    """A database in which one person was erased and another is there."""
    database = populated_database(server)
    gone, there = populate(database), populate(database)
    erase(database, gone.subject)
    return database, gone, there


@pytest.mark.parametrize("role", ["service_role", "postgres"])
@pytest.mark.parametrize("what", SERVER_WRITES)
def test_the_server_writes_nothing_for_the_erased(
    aftermath: tuple[Database, World, World], what: str, role: str
) -> None:
    database, gone, _ = aftermath
    with psycopg.connect(database.url) as connection:
        connection.execute(f"set role {role}")
        assert refusal(connection, SERVER_WRITES[what], gone.subject) == "42501"
        connection.rollback()


TOKEN_WRITES = {
    "gives a consent": "select public.give_consent('email_delivery', (select id from public.consent_notices"
    " where purpose = 'email_delivery'), gen_random_uuid())",
    "withdraws a consent": "select public.withdraw_consent('email_delivery', gen_random_uuid())",
    "asks for privacy": "select public.request_privacy('export')",
    "accepts a gift": "select public.accept_gift('a token that lives')",
}


@pytest.mark.parametrize("what", TOKEN_WRITES)
def test_a_token_that_still_lives_writes_nothing(aftermath: tuple[Database, World, World], what: str) -> None:
    database, gone, there = aftermath
    with psycopg.connect(database.admin_url, prepare_threshold=None) as connection:
        connection.execute(
            "with asked as materialized (select public.record_consent(%(who)s, 'gift_recipient', 'given',"
            " gen_random_uuid(), n.id, %(what)s) from public.consent_notices n where n.purpose = 'gift_recipient')"
            " select count(*) from asked",
            {"who": there.subject, "what": there.ids["gift"]},
        )
        connection.execute(
            "insert into public.gift_recipients (subject_id, artifact_id, contact, token_sha256)"
            " values (%s, %s, 'somebody@example.test', %s)",
            [there.subject, there.ids["gift"], hashlib.sha256(b"a token that lives").digest()],
        )
        claims = json.dumps({"sub": str(gone.subject), "role": "authenticated"})
        connection.execute("select set_config('request.jwt.claims', %s, true),"
                           " set_config('role', 'authenticated', true)",
                           [claims])  # fmt: skip
        assert refusal(connection, TOKEN_WRITES[what]) == "42501"
        connection.rollback()


def test_late_workers_and_webhooks_bring_nobody_back(own: Database) -> None:
    def arrange(scene: Scene, world: World) -> None:
        give(scene, world.subject, "email_delivery")
        enqueue(scene, world, "receipt")

    world = prepare(own, arrange)
    taken = ask(own, "select job_id, lease_token from public.claim_delivery_jobs('late', 10)")
    assert len(taken) == 2
    erase(own, world.subject)
    for job in taken:
        assert ask(own, "select public.complete_delivery_job(%s, %s)", *job) == [(False,)]
        assert ask(own, "select public.fail_delivery_job(%s, %s, 'x')", *job) == [("fenced",)]
        assert ask(own, "select public.delivery_address(%s, %s) is not null", *job) == [(False,)]
    refund = (
        "select public.record_refund('re_late', payment_intent_id, amount_minor, currency, 'succeeded', now())"
        " from public.purchases where id = %s"
    )
    assert ask(own, refund, world.ids["purchase"]) == [("recorded",)]
    assert ask(own, "select status from public.purchases where id = %s", world.ids["purchase"]) == [("refunded",)]
    assert left(own, world.subject) == []
