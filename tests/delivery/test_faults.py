"""Faults of the provider, of the database and of the worker: nothing is sent twice, and nothing is lost."""

import threading
import time
from collections.abc import Callable

import psycopg
import pytest

from lab.rules.model import Ability
from lab.services.delivery.claims import ClaimedJob
from lab.services.delivery.handle import handle_job
from lab.services.delivery.site import DeliverySite
from lab.services.mail import Composed, Refused, Sent, Uncertain
from lab.services.mailbox import faults
from tests.delivery.people import Shop, make_site
from tests.wall.actors import OPERATOR, SERVICE
from tests.wall.seeds import give, withdraw

NO_ANSWER = [("uncertain", 1)]
EFFECTS = "select state, calls from public.delivery_effects order by id"
ATTEMPTS = "select outcome, error_class from public.delivery_attempts order by id"
UNCERTAIN = [
    pytest.param(faults.drop_answer(), 1, id="taken, no answer"),
    pytest.param(faults.close("end"), 0, id="not taken, no answer"),
]


@pytest.mark.parametrize(("fault", "arrived"), UNCERTAIN)
def test_a_message_without_an_answer_is_decided_by_an_operator(shop: Shop, fault: faults.Fault, arrived: int) -> None:
    shop.mailbox.order(fault)
    shop.queue("email")
    assert [done.state for done in shop.run()] == ["dead"]
    assert shop.read(EFFECTS) == NO_ANSWER
    shop.be_due()
    assert shop.run() == []
    assert len(shop.mailbox.messages()) == arrived
    decide = "select public.decide_send(id, %s) from public.delivery_jobs"
    with shop.committing() as scene:
        assert scene.value(OPERATOR, decide.replace("public.delivery_jobs", "operations.delivery_jobs"), "send_again")
    assert [done.state for done in shop.run()] == ["done"]
    assert len(shop.mailbox.messages()) == arrived + 1


@pytest.mark.parametrize(
    ("fault", "state", "code"),
    [
        pytest.param(faults.answer("rcpt", "450 4.2.1 Busy"), "pending", "smtp.4_2_1", id="later"),
        pytest.param(faults.answer("rcpt", "550 5.1.1 No such mailbox"), "dead", "smtp.5_1_1", id="never"),
        pytest.param(faults.close("rcpt"), "pending", None, id="closed before the message"),
    ],
)
def test_a_refusal_is_told_apart(shop: Shop, fault: faults.Fault, state: str, code: str | None) -> None:
    shop.mailbox.order(fault)
    shop.queue("email")
    assert [done.state for done in shop.run()] == [state]
    assert shop.read("select state from public.delivery_effects") == [("refused",)]
    ((outcome, said),) = shop.read(ATTEMPTS)
    assert outcome == ("permanent" if state == "dead" else "transient")
    assert code in (None, said)
    shop.be_due()
    assert [done.state for done in shop.run()] == ["done"] * (state == "pending")
    assert len(shop.mailbox.messages()) == (state == "pending")


def test_what_is_withdrawn_before_the_intent_is_not_sent(shop: Shop) -> None:
    shop.queue("email")
    with shop.connect() as connection:
        (job,) = shop.claim(connection)
        with shop.committing() as scene:
            withdraw(scene, shop.world.subject, "email_delivery")
        done = handle_job(shop.site, connection, job, print)
    assert done.state == "cancelled"
    assert shop.mailbox.messages() == ()
    assert shop.read(EFFECTS) == []


def test_a_withdrawal_does_not_wait_for_a_provider(shop: Shop) -> None:
    """And it counts the message that is on its way."""
    calling, answer = threading.Event(), threading.Event()

    def hang(composed: Composed) -> Sent:
        calling.set()
        assert answer.wait(60)
        return Sent(provider_id="")

    site = slow_site(shop, hang)
    shop.queue("email")
    running = threading.Thread(target=shop.run, kwargs={"site": site})
    running.start()
    assert calling.wait(60)
    with shop.connect() as connection:
        connection.execute("set statement_timeout = '2s'")
        entry = connection.execute(
            "select public.record_consent(%s, 'email_delivery', 'withdrawn', gen_random_uuid())", [shop.world.subject]
        ).fetchone()
        assert entry
        assert connection.execute("select sent, uncertain from public.count_passed(%s)", [entry[0]]).fetchone() == (
            1,
            0,
        )
    answer.set()
    running.join(60)
    assert shop.read(EFFECTS) == [("sent", 1)]
    assert [state for *_, state in shop.states()] == ["done"]


class Slow:
    """A provider that does what a test says."""

    name: str = "smtp"
    ability: Ability = "blind"
    window_seconds: int | None = None

    def __init__(self, does: Callable[[Composed], Sent]) -> None:
        self._does = does
        self.keys: list[str] = []

    def send(self, composed: Composed, key: str) -> Sent:
        """Do it."""
        self.keys.append(key)
        return self._does(composed)


class Knowing(Slow):
    """One that knows keys."""

    name: str = "resend"
    ability: Ability = "idempotent"
    window_seconds: int | None = 86_400


def slow_site(shop: Shop, does: Callable[[Composed], Sent], kind: type[Slow] = Slow) -> DeliverySite:
    """Return a site whose provider does what a test says."""
    return make_site(shop.database, kind(does), shop.site.renderer, shop.folder)


def keys_of(site: DeliverySite) -> list[str]:
    """Return the keys with which a provider of the tests was called."""
    assert isinstance(site.provider, Slow)
    return site.provider.keys


def test_a_provider_that_knows_keys_gets_the_same_message_again(shop: Shop) -> None:
    seen: list[Composed] = []

    def answer_at_the_second_call(composed: Composed) -> Sent:
        seen.append(composed)
        if len(seen) == 1:
            raise Uncertain("resend.no_answer")
        return Sent(provider_id="1f0a4a52-3a3b-4d9a-9c36-6d3f2f6f2b51")

    site = slow_site(shop, answer_at_the_second_call, Knowing)
    shop.queue("recovery")
    shop.run(site=site)
    shop.be_due()
    assert [done.state for done in shop.run(site=site)] == ["done"]
    assert len({composed.raw for composed in seen}) == 1
    assert len(set(keys_of(site))) == 1
    assert shop.read(EFFECTS) == [("sent", 2)]


@pytest.mark.parametrize(
    ("name", "kept"), [("1f0a4a52-3a3b-4d9a-9c36-6d3f2f6f2b51", True), ("an id of another form", False), ("", False)]
)
def test_what_was_sent_counts_whatever_the_provider_calls_it(shop: Shop, name: str, kept: bool) -> None:
    shop.queue("email")
    site = slow_site(shop, lambda _: Sent(provider_id=name), Knowing)
    assert [done.state for done in shop.run(site=site)] == ["done"]
    assert shop.read("select state, provider_id from public.delivery_effects") == [("sent", name if kept else None)]


def test_a_provider_that_knows_keys_is_not_called_after_a_withdrawal(shop: Shop) -> None:
    def never(composed: Composed) -> Sent:
        raise Uncertain("resend.no_answer")

    site = slow_site(shop, never, Knowing)
    shop.queue("receipt")
    shop.run(site=site)
    with shop.committing() as scene:
        withdraw(scene, shop.world.subject, "email_delivery")
    with shop.committing() as scene:
        give(scene, shop.world.subject, "email_delivery")
    shop.be_due()
    shop.run(site=site)
    assert len(keys_of(site)) <= 2
    assert shop.read("select count(*) from public.delivery_effects") == [(1,)]


def test_a_result_that_comes_after_the_lease_is_kept(shop: Shop) -> None:
    def lose_the_lease(composed: Composed) -> Sent:
        shop.change("update public.delivery_jobs set lease_until = now() - interval '1 second'")
        shop.read("select public.reap_delivery_leases()")
        assert [state for *_, state in shop.states()] == ["dead"]
        return Sent(provider_id="")

    shop.queue("email")
    assert [done.state for done in shop.run(site=slow_site(shop, lose_the_lease))] == ["done"]
    assert shop.read(EFFECTS) == [("sent", 1)]


def test_a_lost_connection_after_the_call_leaves_the_intent(shop: Shop) -> None:
    shop.queue("email")
    with shop.connect() as connection:

        def be_cut_off(composed: Composed) -> Sent:
            shop.read("select pg_terminate_backend(%s)", connection.info.backend_pid)
            return Sent(provider_id="")

        (job,) = shop.claim(connection)
        with pytest.raises(psycopg.OperationalError):
            handle_job(slow_site(shop, be_cut_off), connection, job, print)
    assert shop.read(EFFECTS) == [("intent", 1)]
    shop.change("update public.delivery_jobs set lease_until = now() - interval '1 second'")
    shop.read("select public.reap_delivery_leases()")
    assert shop.read(EFFECTS) == NO_ANSWER
    assert shop.run() == []


@pytest.mark.parametrize("channel", ["email", "all"])
def test_what_is_stopped_waits_and_spends_no_attempt(shop: Shop, channel: str) -> None:
    shop.queue("email")
    with shop.connect() as connection:
        jobs = shop.claim(connection)
        with shop.committing() as scene:
            scene.value(OPERATOR, "select public.switch_deliveries(%s, true)", channel)
        assert [handle_job(shop.site, connection, job, print).state for job in jobs] == ["released"]
    assert shop.read("select status, attempts, next_run_at > now() from public.delivery_jobs") == [("pending", 0, True)]
    assert shop.mailbox.messages() == ()


def test_a_copy_of_the_database_sends_nothing(shop: Shop) -> None:
    shop.queue("email")
    with shop.committing() as scene, scene.past_every_trigger() as connection:
        connection.execute("update public.delivery_environments set system_identifier = system_identifier - 1")
    assert [(done.state, done.code) for done in shop.run()] == [("released", "environment.copied")]
    assert shop.mailbox.messages() == ()


def test_a_defect_shows_its_place_and_no_word(shop: Shop) -> None:
    told: list[str] = []

    def stumble(composed: Composed) -> Sent:
        raise ValueError(composed.to)

    shop.queue("email")
    with shop.connect() as connection:
        (job,) = shop.claim(connection)
        done = handle_job(slow_site(shop, stumble), connection, job, told.append)
    assert done.code == "handler.defect"
    assert "ValueError" in told[0]
    assert "@" not in told[0]
    assert shop.read(EFFECTS) == NO_ANSWER


def test_many_workers_send_each_message_once(shop: Shop) -> None:
    for _ in range(3):
        with shop.committing() as scene:
            scene.rows(
                SERVICE,
                "select public.enqueue_delivery_job('email', %s, %s, null, null, g) from generate_series(1, 10) g",
                *(shop.world.subject, shop.world.ids["pdf"]),
            )
    workers = [threading.Thread(target=drain, args=(shop,)) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(120)
    keys = [letter.header("Message-ID") for letter in shop.mailbox.messages()]
    assert len(keys) == len(set(keys)) == 10


def drain(shop: Shop) -> None:
    """Handle what is due until nothing is."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and shop.run(most=2):
        pass


def refused(composed: Composed) -> Sent:
    """Refuse a message for good."""
    raise Refused("resend.invalid", permanent=True)


def test_a_dead_letter_is_not_retried_by_itself(shop: Shop) -> None:
    site = slow_site(shop, refused, Knowing)
    shop.queue("email")
    assert [done.state for done in shop.run(site=site)] == ["dead"]
    shop.be_due()
    assert shop.run(site=site) == []
    assert [job.attempt for job in claims_of(shop)] == []


def claims_of(shop: Shop) -> list[ClaimedJob]:
    """Return what could be claimed."""
    with shop.connect() as connection:
        return shop.claim(connection)
