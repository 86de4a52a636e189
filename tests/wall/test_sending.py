"""What leaves: judged at the commit of its intent, sent once, and in front of an operator when nobody knows."""

import uuid
from collections.abc import Callable

import pytest

from lab.rules import RULES
from tests.wall.actors import AI, ANON, OPERATOR, OWNER, SERVICE, Actor
from tests.wall.jobs import DUE, LATE, STATE, attempts, begin_job, claim
from tests.wall.scenes import Scene
from tests.wall.seeds import World, add_gift, begin_world, enqueue, give, give_all, withdraw
from tests.wall.sends import CONTENT, HERE, address_of, begin, effects, finish, open_here

Taken = tuple[int, uuid.UUID]
Happens = Callable[[Scene, World], object]
Ends = Callable[[Scene, Taken], None]
REAP = "select public.reap_delivery_leases()"
DECIDE = "select public.decide_send(%s, %s)"
OTHER_CONTENT = bytes(32)


@pytest.fixture
def taken(scene: Scene, world: World) -> Taken:
    """An e-mail job that a worker holds, of a person with a confirmed address."""
    open_here(scene)
    return begin_job(scene, world)


def test_a_message_is_sent_once(scene: Scene, world: World, taken: Taken) -> None:
    assert begin(scene, world, taken) == "send"
    assert finish(scene, taken, "sent") == "done"
    assert effects(scene, taken[0]) == [("sent", 1)]
    assert begin(scene, world, taken) == "fenced"
    assert finish(scene, taken, "sent") == "fenced"
    assert attempts(scene, taken[0]) == [(1, "done")]


def test_an_effect_names_the_consent_that_it_rests_on(scene: Scene, world: World, taken: Taken) -> None:
    newest = give(scene, world.subject, "email_delivery")
    begin(scene, world, taken)
    assert scene.rows(
        OWNER,
        "select consent_event_id, content_sha256, rules_version, attempt from public.delivery_effects"
        " where job_id = %s",
        taken[0],
    ) == [(newest, CONTENT, "0123456789ab", 1)]


def stop(channel: str) -> Happens:
    """Return what switches a channel off."""
    return lambda scene, world: scene.value(OPERATOR, "select public.switch_deliveries(%s, true)", channel)


def change_address(scene: Scene, world: World) -> None:
    scene.truth("update auth.users set email = 'new@example.test' where id = %s returning id", world.subject)


def forget_confirmation(scene: Scene, world: World) -> None:
    scene.truth("update auth.users set email_confirmed_at = null where id = %s returning id", world.subject)


def suppress(scene: Scene, world: World) -> None:
    scene.truth(
        "insert into public.email_suppressions (address_sha256, reason)"
        " values (sha256(convert_to(lower(%s), 'UTF8')), 'complaint') returning id",
        address_of(scene, world),
    )


def end_lease(scene: Scene, world: World) -> None:
    scene.truth("update public.delivery_jobs set lease_until = clock_timestamp() where status = 'running' returning id")


def move_database(column: str) -> Happens:
    """Return what makes the recorded environment that of another database."""

    def move(scene: Scene, world: World) -> None:
        with scene.past_every_trigger():
            scene.connection.execute(f"update public.delivery_environments set {column} = {column} + 1".encode())

    return move


@pytest.mark.parametrize(
    ("answer", "happens"),
    [
        pytest.param("withheld", lambda scene, world: withdraw(scene, world.subject, "email_delivery"), id="withdrawn"),
        pytest.param("stopped", stop("email"), id="channel stopped"),
        pytest.param("stopped", stop("all"), id="all stopped"),
        pytest.param("address.changed", change_address, id="another address"),
        pytest.param("address.missing", forget_confirmation, id="not confirmed"),
        pytest.param("address.suppressed", suppress, id="suppressed"),
        pytest.param("fenced", end_lease, id="lease over"),
        pytest.param("environment.copied", move_database("system_identifier"), id="restored dump"),
        pytest.param("environment.copied", move_database("timeline"), id="restored backup"),
        pytest.param("environment.copied", move_database("database_oid"), id="copied database"),
    ],
)
def test_what_has_happened_meanwhile_keeps_a_message_back(
    scene: Scene, world: World, taken: Taken, answer: str, happens: Happens
) -> None:
    address = address_of(scene, world)
    happens(scene, world)
    assert begin(scene, world, taken, address=address) == answer
    assert effects(scene, taken[0]) == []


def test_another_environment_sends_nothing(scene: Scene, world: World) -> None:
    taken = begin_job(scene, world)
    assert begin(scene, world, taken) == "environment.not_opened"
    scene.value(OPERATOR, "select public.open_environment('production')")
    assert begin(scene, world, taken) == "environment.another"
    assert begin(scene, world, taken, here="production") == "send"


def test_an_opened_environment_is_on_the_record_once(scene: Scene) -> None:
    opening = "select public.open_environment(%s)"
    assert scene.value(OPERATOR, opening, HERE) is True
    assert scene.value(OPERATOR, opening, HERE) is False
    lines = "select count(*) from public.admin_audit_events where action = 'environment.opened'"
    assert scene.truth(lines) == 1


def test_a_gate_says_what_a_worker_may_claim(scene: Scene, world: World) -> None:
    gate = "select fault, stopped from public.delivery_gate(%s)"
    assert scene.rows(SERVICE, gate, HERE) == [("not_opened", [])]
    open_here(scene)
    switch = "select public.switch_deliveries('gift', %s)"
    assert [scene.value(OPERATOR, switch, on) for on in (True, True)] == [True, False]
    assert scene.rows(SERVICE, gate, HERE) == [(None, ["gift"])]
    assert scene.value(OPERATOR, switch, False) is True
    assert scene.rows(SERVICE, gate, HERE) == [(None, [])]


def test_only_the_running_job_gets_the_address(scene: Scene, world: World, taken: Taken) -> None:
    ask = "select public.delivery_address(%s, %s)"
    assert scene.value(SERVICE, ask, *taken) == address_of(scene, world)
    assert scene.value(SERVICE, ask, taken[0], uuid.uuid4()) is None
    for actor in (ANON, AI, OPERATOR, world.actor):
        assert scene.refusal(actor, ask, *taken) == "42501"
    withdraw(scene, world.subject, "email_delivery")
    assert scene.value(SERVICE, ask, *taken) is None


def test_an_invitation_goes_to_its_open_address_alone(scene: Scene) -> None:
    world = begin_world(scene)
    give_all(scene, world)
    open_here(scene)
    add_gift(scene, world)
    taken = begin_job(scene, world, "gift")
    ask = "select public.delivery_address(%s, %s)"
    contact = scene.truth("select contact from public.gift_recipients where subject_id = %s", world.subject)
    assert scene.value(SERVICE, ask, *taken) == contact
    scene.truth(
        "update public.gift_recipients set withdrawn_at = now(), contact = null where subject_id = %s returning id",
        world.subject,
    )
    assert scene.value(SERVICE, ask, *taken) is None


@pytest.mark.parametrize("provider", [pytest.param(each.id, id=each.id) for each in RULES.mail_providers])
def test_a_refused_message_is_tried_again(scene: Scene, world: World, taken: Taken, provider: str) -> None:
    begin(scene, world, taken, provider=provider)
    assert finish(scene, taken, "refused", error="smtp.4_2_1") == "pending"
    again = claim_again(scene, taken[0])
    assert begin(scene, world, again, provider=provider, content=OTHER_CONTENT) == "send"
    assert effects(scene, taken[0]) == [("refused", 1), ("intent", 1)]


def test_a_message_that_is_refused_for_good_ends_its_job(scene: Scene, world: World, taken: Taken) -> None:
    begin(scene, world, taken)
    assert finish(scene, taken, "refused", error="smtp.5_1_1", permanent=True) == "dead"
    assert attempts(scene, taken[0]) == [(1, "permanent")]


def claim_again(scene: Scene, job: int) -> Taken:
    """Let a planned attempt be due, and claim it."""
    scene.connection.execute(DUE.encode(), [job])
    return next(taken for taken in claim(scene, 1000) if taken[0] == job)


def lose(scene: Scene, taken: Taken) -> None:
    """Let the worker of a job be gone."""
    scene.connection.execute(LATE.encode(), [taken[0]])
    scene.value(SERVICE, REAP)


def doubt(scene: Scene, taken: Taken) -> None:
    """Say that the provider did not answer."""
    finish(scene, taken, "uncertain")


@pytest.mark.parametrize("ends", [pytest.param(lose, id="worker gone"), pytest.param(doubt, id="no answer")])
def test_a_blind_message_without_an_answer_waits_for_an_operator(
    scene: Scene, world: World, taken: Taken, ends: Ends
) -> None:
    begin(scene, world, taken)
    ends(scene, taken)
    assert scene.rows(SERVICE, "select status, error_class from public.delivery_jobs where id = %s", taken[0]) == [
        ("dead", "send.no_answer")
    ]
    assert effects(scene, taken[0]) == [("uncertain", 1)]
    assert attempts(scene, taken[0]) == [(1, "uncertain")]
    for act in ("retry_delivery_job", "cancel_delivery_job"):
        assert scene.refusal(OPERATOR, f"select public.{act}(%s, 'made_up')", taken[0]) == "55000"


@pytest.mark.parametrize("ends", [pytest.param(lose, id="worker gone"), pytest.param(doubt, id="no answer")])
def test_a_provider_that_knows_keys_is_called_again_with_the_same_one(
    scene: Scene, world: World, taken: Taken, ends: Ends
) -> None:
    begin(scene, world, taken, provider="resend")
    ends(scene, taken)
    again = claim_again(scene, taken[0])
    assert begin(scene, world, again, provider="resend") == "send"
    assert effects(scene, taken[0]) == [("intent", 2)]
    assert finish(scene, again, "sent") == "done"
    assert effects(scene, taken[0]) == [("sent", 2)]


@pytest.mark.parametrize(
    ("permanent", "state", "left"), [(True, "dead", ("uncertain", 2)), (False, "pending", ("intent", 2))]
)
def test_a_refusal_of_a_repeated_call_leaves_the_first_one_in_doubt(
    scene: Scene, world: World, taken: Taken, permanent: bool, state: str, left: tuple[str, int]
) -> None:
    begin(scene, world, taken, provider="resend")
    doubt(scene, taken)
    again = claim_again(scene, taken[0])
    begin(scene, world, again, provider="resend")
    assert finish(scene, again, "refused", error="resend.422", permanent=permanent) == state
    assert effects(scene, taken[0]) == [left]


@pytest.mark.parametrize("change", ["content", "provider", "window"])
def test_a_key_is_not_used_for_anything_else(scene: Scene, world: World, taken: Taken, change: str) -> None:
    begin(scene, world, taken, provider="resend")
    doubt(scene, taken)
    again = claim_again(scene, taken[0])
    if change == "window":
        age = "update public.delivery_effects set created_at = created_at - interval '24 hours' returning id"
        with scene.past_every_trigger():
            scene.truth(age)
    provider = "smtp" if change == "provider" else "resend"
    content = OTHER_CONTENT if change == "content" else CONTENT
    assert begin(scene, world, again, provider=provider, content=content) == "uncertain"
    assert effects(scene, taken[0]) == [("intent", 1)]


def test_one_attempt_calls_a_provider_once(scene: Scene, world: World, taken: Taken) -> None:
    assert begin(scene, world, taken, provider="resend") == "send"
    assert begin(scene, world, taken, provider="resend") == "uncertain"


def test_the_last_attempt_without_an_answer_is_not_lost(scene: Scene, world: World, taken: Taken) -> None:
    scene.connection.execute("update public.delivery_jobs set attempts = max_attempts where id = %s", [taken[0]])
    begin(scene, world, taken, provider="resend")
    doubt(scene, taken)
    assert scene.value(SERVICE, STATE, taken[0]) == "dead"
    assert effects(scene, taken[0]) == [("uncertain", 1)]


def test_a_withdrawal_after_the_intent_repeats_nothing(scene: Scene, world: World, taken: Taken) -> None:
    begin(scene, world, taken, provider="resend")
    scene.end_as_committed()
    withdraw(scene, world.subject, "email_delivery")
    scene.end_as_committed()
    doubt(scene, taken)
    assert scene.value(SERVICE, STATE, taken[0]) == "dead"
    assert effects(scene, taken[0]) == [("uncertain", 1)]


@pytest.mark.parametrize("ends", [pytest.param(lose, id="worker gone"), pytest.param(doubt, id="no answer")])
def test_a_late_answer_settles_the_doubt(scene: Scene, world: World, taken: Taken, ends: Ends) -> None:
    begin(scene, world, taken)
    ends(scene, taken)
    assert finish(scene, taken, "sent") == "done"
    assert effects(scene, taken[0]) == [("sent", 1)]
    assert scene.value(SERVICE, STATE, taken[0]) == "done"


@pytest.mark.parametrize(
    ("decision", "state", "effect"), [("arrived", "done", "sent"), ("send_again", "pending", "refused")]
)
def test_an_operator_decides_once(
    scene: Scene, world: World, taken: Taken, decision: str, state: str, effect: str
) -> None:
    begin(scene, world, taken)
    doubt(scene, taken)
    assert scene.value(OPERATOR, DECIDE, taken[0], decision) is True
    assert scene.value(OPERATOR, DECIDE, taken[0], decision) is False
    assert scene.value(SERVICE, STATE, taken[0]) == state
    assert effects(scene, taken[0]) == [(effect, 1)]
    line = "select details from public.admin_audit_events where action = 'send.decided' order by id desc limit 1"
    assert scene.truth(line) == {"decision": decision}


def test_nothing_is_sent_again_against_a_withdrawal(scene: Scene, world: World, taken: Taken) -> None:
    begin(scene, world, taken)
    doubt(scene, taken)
    withdraw(scene, world.subject, "email_delivery")
    assert scene.refusal(OPERATOR, DECIDE, taken[0], "send_again") == "42501"
    assert scene.value(OPERATOR, DECIDE, taken[0], "arrived") is True


def test_a_withdrawal_answers_how_many_had_passed(scene: Scene, world: World, taken: Taken) -> None:
    count = "select sent, uncertain from public.count_passed(%s)"
    begin(scene, world, taken)
    finish(scene, taken, "sent")
    other = begin_job(scene, world, "receipt")
    begin(scene, world, other)
    doubt(scene, other)
    scene.end_as_committed()
    entry = withdraw(scene, world.subject, "email_delivery")
    scene.end_as_committed()
    assert scene.rows(world.actor, count, entry) == [(1, 1)]
    assert scene.refusal(begin_world(scene).actor, count, entry) == "P0002"


def test_a_message_of_the_account_leg_is_none(scene: Scene, world: World) -> None:
    open_here(scene)
    taken = begin_job(scene, world, "pdf")
    assert begin_refused(scene, world, taken) == "22023"


def begin_refused(scene: Scene, world: World, taken: Taken) -> str:
    """Return the SQLSTATE with which begin_send refuses."""
    call = "select public.begin_send(%s, %s, %s, 'smtp', %s, %s, '0123456789ab')"
    return scene.refusal(SERVICE, call, *taken, HERE, address_of(scene, world), CONTENT)


@pytest.mark.parametrize("actor", [ANON, AI], ids=lambda actor: actor.id)
def test_nobody_else_begins_a_message(scene: Scene, world: World, taken: Taken, actor: Actor) -> None:
    call = "select public.begin_send(%s, %s, %s, 'smtp', %s, %s, '0123456789ab')"
    assert scene.refusal(actor, call, *taken, HERE, address_of(scene, world), CONTENT) == "42501"


def test_the_server_cannot_write_effects_by_hand(scene: Scene, world: World, taken: Taken) -> None:
    begin(scene, world, taken)
    for statement in (
        "update public.delivery_effects set state = 'sent'",
        "delete from public.delivery_effects",
        "insert into public.delivery_switches (channel) values ('all')",
        "insert into public.delivery_environments (environment, system_identifier, timeline, database_oid)"
        " values ('production', 1, 1, 1)",
    ):
        assert scene.refusal(SERVICE, statement) == "42501"


def test_support_cancels_what_does_not_run(scene: Scene, world: World) -> None:
    job = enqueue(scene, world, "email")[0]
    call = "select public.cancel_delivery_job(%s, 'asked_by_customer')"
    assert [scene.value(OPERATOR, call, job) for _ in range(2)] == [True, False]
    assert scene.value(SERVICE, STATE, job) == "cancelled"
    assert scene.refusal(OPERATOR, call, begin_job(scene, world, "receipt")[0]) == "55000"
