"""A person with a row in every table, written through the doors that the site's server uses, and searchable words."""

import hashlib
import uuid
from dataclasses import dataclass, field
from typing import Any

from psycopg.types.json import Jsonb

from lab.rules import RULES
from tests.wall.actors import AI, OWNER, SERVICE, Actor, guest, person
from tests.wall.scenes import Scene

# A word of letters alone: what an AI wrote may repeat it, and an id may not stand there.
LETTERS = str.maketrans("0123456789", "ghijklmnop")


@dataclass
class World:
    """What one person has, and the private words that are theirs alone."""

    subject: uuid.UUID
    actor: Actor
    token: str
    sale: str = field(default_factory=lambda: uuid.uuid4().hex)  # in Stripe's ids, which a refusal may name
    ids: dict[str, Any] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)

    def word(self, place: str) -> str:
        """Return a private text for one column, to be searched for later."""
        self.words[place] = f"canary {self.token} {place.replace('.', ' ').replace('_', ' ')}"
        return self.words[place]


def give(scene: Scene, subject: uuid.UUID, purpose: str, scope: object = None, *, action: str = "given") -> int:
    """Record a consent, or its withdrawal, as the site's server does."""
    notice = scene.truth("select id from public.consent_notices where purpose = %s", purpose)
    return int(
        scene.value(
            SERVICE,
            "select public.record_consent(%s, %s, %s, gen_random_uuid(), %s, %s)",
            *(subject, purpose, action, notice if action == "given" else None, scope),
        )
    )


def withdraw(scene: Scene, subject: uuid.UUID, purpose: str, scope: object = None) -> int:
    """Record a withdrawal as the site's server does."""
    return give(scene, subject, purpose, scope, action="withdrawn")


def begin_world(scene: Scene, *, anonymous: bool = False) -> World:
    """Add a person with a reading, an artifact of each kind and a purchase; nothing that needs a consent."""
    subject = scene.make_person(anonymous=anonymous)
    token = uuid.uuid4().hex.translate(LETTERS)
    world = World(subject, guest(subject) if anonymous else person(subject), token)
    _add_scroll(scene, world)
    _add_purchase(scene, world)
    for kind in ("pdf", "share_card", "gift", "print_view"):
        bought = world.ids["purchase"] if kind == "pdf" else None
        world.ids[kind] = scene.value(
            SERVICE,
            "insert into public.oracle_artifacts (subject_id, scroll_id, kind, purchase_id)"
            " values (%s, %s, %s, %s) returning id",
            *(subject, world.ids["scroll"], kind, bought),
        )
    return world


def make_world(scene: Scene) -> World:
    """Add a person with every consent and a row in every table."""
    world = begin_world(scene)
    give_all(scene, world)
    scene.value(SERVICE, "select public.seal_scroll(%s)", world.ids["scroll"])
    _add_withdrawals(scene, world)
    _add_premium(scene, world)
    _add_sharing(scene, world)
    _add_jobs(scene, world)
    _add_operations(scene, world)
    scene.end_as_committed()
    return world


def give_all(scene: Scene, world: World) -> None:
    """Give every consent, those for one artifact for each artifact."""
    for consent in RULES.consents:
        if consent.scope == "account":
            give(scene, world.subject, consent.id)
            continue
        for kind in ("share_card", "gift"):
            give(scene, world.subject, consent.id, world.ids[kind])


def _add_scroll(scene: Scene, world: World) -> None:
    world.ids["scroll"] = scene.value(
        SERVICE,
        "insert into public.oracle_scrolls (subject_id, question, answer) values (%s, %s, %s) returning id",
        *(world.subject, world.word("oracle_scrolls.question"), world.word("oracle_scrolls.answer")),
    )


def _add_purchase(scene: Scene, world: World) -> None:
    name = world.sale
    product = scene.value(
        SERVICE,
        "insert into public.products (layer, stripe_product_id, title, livemode)"
        " values ('artifacts', %s, 'Artifacts', false) returning id",
        f"prod_{name}",
    )
    world.ids["link"] = scene.value(
        SERVICE,
        "insert into public.purchase_links"
        " (product_id, stripe_price_id, amount_minor, currency, livemode, unlock_route)"
        " values (%s, %s, 1900, 'eur', false, '/unlock/artifacts') returning id",
        *(product, f"price_{name}"),
    )
    world.ids["purchase"] = scene.value(
        SERVICE,
        "insert into public.purchases (checkout_session_id, payment_intent_id, purchase_link_id, buyer_subject_id,"
        " scroll_id, amount_minor, currency, livemode)"
        " values (%s, %s, %s, %s, %s, 1900, 'eur', false) returning id",
        *(f"cs_test_{name}", f"pi_{name}", world.ids["link"], world.subject, world.ids["scroll"]),
    )
    pay = "update public.purchases set status = 'paid', paid_at = now() where id = %s"
    scene.count(SERVICE, pay, world.ids["purchase"])
    refund = "select public.record_refund('re_' || md5(%s), %s, 100, 'eur', 'failed', now())"
    dispute = "select public.record_dispute('dp_' || md5(%s), %s, 1900, 'eur', 'warning_closed', now())"
    for recording in (refund, dispute):
        scene.value(SERVICE, recording, name, f"pi_{name}")
    review = "select public.review_payment(%s, 'amount_differs', %s)"
    scene.value(SERVICE, review, f"cs_test_{name}", world.ids["purchase"])
    scene.value(
        SERVICE,
        "select public.record_stripe_event(%s, 'checkout.session.completed', now(), false, %s, null, %s)",
        *(f"evt_{name}", Jsonb({"object": "event", "amount_total": 1900}), f"cs_test_{name}"),
    )


def _add_withdrawals(scene: Scene, world: World) -> None:
    """Add an order with a waiver, and a paid one from which its buyer withdrew."""
    world.ids["waived"], world.ids["withdrawn"] = (_open_order(scene, world) for _ in range(2))
    notice = scene.truth("select id from public.consent_notices where purpose = 'withdrawal_waiver'")
    scene.value(SERVICE, "select public.record_waiver(%s, %s)", world.ids["waived"], notice)
    scene.value(SERVICE, "select public.confirm_waiver(%s)", world.ids["waived"])
    pay = (  # a discount left nothing to pay
        "update public.purchases set status = 'paid', paid_at = now(), received_minor = 0, checkout_session_id = %s"
        " where id = %s"
    )
    scene.count(SERVICE, pay, f"cs_test_{world.sale}w", world.ids["withdrawn"])
    for step in ("state_withdrawal", "confirm_withdrawal"):
        scene.value(world.actor, f"select public.{step}(%s)::text", world.ids["withdrawn"])


def _open_order(scene: Scene, world: World) -> uuid.UUID:
    """Open a purchase, as the server does."""
    order = "select public.open_purchase(gen_random_uuid(), %s, %s)"
    return scene.key(SERVICE, order, world.ids["link"], world.subject)


def _add_premium(scene: Scene, world: World) -> None:
    own = (world.subject, world.ids["scroll"], world.ids["purchase"])
    world.ids["echo"] = scene.value(
        SERVICE,
        "insert into public.echo_entries (subject_id, scroll_id, purchase_id, prompt, reply, due_at)"
        " values (%s, %s, %s, %s, %s, now() + interval '7 days') returning id",
        *(*own, world.word("echo_entries.prompt"), world.word("echo_entries.reply")),
    )
    world.ids["council"] = scene.value(
        SERVICE,
        "insert into public.council_sessions (subject_id, scroll_id, purchase_id, voices, summary)"
        " values (%s, %s, %s, %s, %s) returning id",
        *(*own, Jsonb([{"name": "Moon", "words": world.word("council_sessions.voices")}])),
        world.word("council_sessions.summary"),
    )
    world.ids["run"] = add_run(scene, world)
    write_run(scene, lease(scene, world.ids["run"]), {"reply": world.word("ai_runs.output")})
    world.ids["passport"] = add_passport(scene, world)
    scene.value(SERVICE, "select public.seal_passport_record(%s)", world.ids["passport"])


def add_run(
    scene: Scene, world: World, actor: Actor = SERVICE, *, layer: str = "echo", fields: str = "question"
) -> uuid.UUID:
    """Ask for an AI run."""
    return scene.key(
        actor,
        "insert into public.ai_runs (subject_id, layer, scroll_id, fields_given, model)"
        " values (%s, %s, %s, %s, 'model-1') returning id",
        *(world.subject, layer, world.ids["scroll"], f"{{{fields}}}"),
    )


def lease(scene: Scene, run: uuid.UUID, seconds: int = 600) -> str:
    """Lease a run as the site's server does; returns the token."""
    return str(scene.value(SERVICE, "select public.lease_ai_run(%s, %s)", run, seconds))


def write_run(scene: Scene, token: str, output: object) -> None:
    """Write a run as the AI does."""
    scene.value(AI, "select public.write_ai_run(%s, %s)", token, Jsonb(output))


def add_passport(scene: Scene, world: World, actor: Actor = SERVICE) -> uuid.UUID:
    """Add an unsealed Passport record."""
    return scene.key(
        actor,
        "insert into public.passport_records (subject_id, scroll_id, artifact_id, purchase_id)"
        " values (%s, %s, %s, %s) returning id",
        *(world.subject, world.ids["scroll"], world.ids["pdf"], world.ids["purchase"]),
    )


def add_card(scene: Scene, world: World, actor: Actor = SERVICE, *, title: str = "The Tower", line: str = "") -> str:
    """Publish a share-card; returns its slug."""
    return str(
        scene.value(
            actor,
            "insert into public.share_cards (artifact_id, title, symbol, palette, one_line)"
            " values (%s, %s, 'tower', 'dusk', %s) returning slug",
            *(world.ids["share_card"], title, line or "Something falls, and light comes in."),
        )
    )


def add_gift(scene: Scene, world: World, actor: Actor = SERVICE) -> str:
    """Note a gift's recipient; returns the invitation's token."""
    token = uuid.uuid4().hex
    contact = f"canary-{world.token}@example.test"
    world.words["gift_recipients.contact"] = contact
    world.ids["gift_recipient"] = scene.value(
        actor,
        "insert into public.gift_recipients (subject_id, artifact_id, contact, recipient_name, token_sha256)"
        " values (%s, %s, %s, %s, %s) returning id",
        *(world.subject, world.ids["gift"], contact, world.word("gift_recipients.recipient_name")),
        hashlib.sha256(token.encode()).digest(),
    )
    return token


def _add_sharing(scene: Scene, world: World) -> None:
    add_card(scene, world)
    add_gift(scene, world)
    notice = scene.truth("select id from public.consent_notices where purpose = 'email_delivery'")
    scene.value(
        world.actor,
        "select public.give_consent('email_delivery', %s, gen_random_uuid(), null, %s)",
        *(notice, Jsonb({"page": world.word("consent_events.evidence")})),
    )


def enqueue(scene: Scene, world: World, channel: str, actor: Actor = SERVICE, **what: object) -> list[int]:
    """Queue a delivery of the person's; returns the numbers of its jobs, one for each leg."""
    target = what or {
        "email": {"artifact_id": world.ids["pdf"]},
        "pdf": {"artifact_id": world.ids["pdf"]},
        "share_card": {"artifact_id": world.ids["share_card"]},
        "gift": {"artifact_id": world.ids["gift"]},
        "echo": {"echo_entry_id": world.ids.get("echo")},
    }.get(channel, {"purchase_id": world.ids["purchase"]})
    named = "".join(f", {name} => %s" for name in target)
    rows = scene.rows(
        actor,
        f"select job_id from public.enqueue_delivery_job(%s, %s{named})",
        *(channel, world.subject, *target.values()),
    )
    return [number for (number,) in rows]


def _add_jobs(scene: Scene, world: World) -> None:
    for job in RULES.jobs:
        enqueue(scene, world, job.id)
    number = enqueue(scene, world, "pdf")[0]
    scene.connection.execute("update public.delivery_jobs set priority ="
        " (select min(priority) - 1 from public.delivery_jobs) where id = %s", [number])  # fmt: skip
    taken = scene.rows(SERVICE, "select job_id, lease_token from public.claim_delivery_jobs('seed', 1)")
    assert taken[0][0] == number
    scene.value(SERVICE, "select public.fail_delivery_job(%s, %s, 'render.failed')", *taken[0])
    _add_message(scene, world)
    _add_record(scene, world)


def _add_message(scene: Scene, world: World) -> None:
    """Add a message that was sent, in an environment that is open, while another channel is stopped."""
    scene.value(SERVICE, "select public.open_environment('seed')")
    scene.value(SERVICE, "select public.switch_deliveries('gift', true)")
    job = scene.truth("select id from public.delivery_jobs where subject_id = %s and channel = 'email'", world.subject)
    with scene.acting(OWNER) as connection:
        connection.execute(
            "insert into public.delivery_effects"
            " (job_id, attempt, provider, consent_event_id, content_sha256, rules_version, lease_token)"
            " select %s, 1, 'smtp', max(id), sha256(%s), '0123456789ab', gen_random_uuid()"
            " from public.consent_events where subject_id = %s and purpose = 'email_delivery'",
            [job, world.token.encode(), world.subject],
        )
        connection.execute(
            "update public.delivery_effects set state = 'sent', settled_at = now() where job_id = %s", [job]
        )
        connection.execute(
            "insert into public.delivery_links (job_id, purpose, token_sha256, expires_at)"
            " values (%s, 'open', sha256(%s), now() + interval '1 day')",
            [job, world.token.encode()],
        )


def _add_record(scene: Scene, world: World) -> None:
    """Add a job that ended long ago, and the record that stands for it."""
    job = enqueue(scene, world, "pdf", artifact_id=world.ids["pdf"], generation=99)[0]
    end_long_ago(scene, job)
    scene.connection.execute("insert into public.delivery_records (id) values (%s)", [job])


def end_long_ago(scene: Scene, job: int, state: str = "done", years: int = 3, days: int = 0) -> None:
    """Let a pending job end some years ago, or some days, by its usual moves."""
    running = "status = 'running', lease_token = gen_random_uuid(), lease_until = now(), worker = 'seed'"
    ended = f"status = '{state}', lease_token = null, lease_until = null,"
    ended += f" finished_at = now() - interval '{f'{days} days' if days else f'{years} years'}'"
    for change in (running, ended):
        scene.connection.execute(f"update public.delivery_jobs set {change} where id = %s".encode(), [job])


def _add_operations(scene: Scene, world: World) -> None:
    address = hashlib.sha256(f"{world.token}@example.test".encode()).digest()
    with scene.acting(SERVICE) as connection:
        connection.execute(
            "insert into public.email_suppressions (address_sha256, reason) values (%s, 'complaint')", [address]
        )
    world.ids["request"] = scene.value(world.actor, "select public.request_privacy('export')")
    with scene.acting(SERVICE) as connection:
        connection.execute(
            "insert into public.privacy_request_steps (request_id, position, name) values (%s, 1, 'export_rows')",
            [world.ids["request"]],
        )
    with scene.acting(OWNER) as connection:
        connection.execute("insert into public.storage_deletions (request_id, storage_path) values (%s, %s)",
                           [world.ids["request"], uuid.uuid4().hex])  # fmt: skip
    scene.value(
        SERVICE,
        "insert into public.legal_holds (table_name, row_id, reason_code, held_until)"
        " values ('oracle_scrolls', %s, 'tax_audit', now() - interval '1 day') returning id",
        str(world.ids["scroll"]),
    )
    line = "select public.record_audit_event('subject', 'card.viewed', 'share_cards', '1', 'done', '{}', %s)"
    scene.value(SERVICE, line, str(world.subject))
    _erase_somebody(scene)
    scene.rows(SERVICE, "select * from public.seal_ledgers()")
    scene.value(SERVICE, "select public.begin_scheduled_run('seal_ledgers', 'seed')")


def _erase_somebody(scene: Scene) -> None:
    """Erase a person whom this very transaction made; only then it takes a single call."""
    subject = scene.make_person()
    request = ask_for_erasure(scene, subject)
    assert scene.value(SERVICE, "select state from public.erase_subject(%s)", request) == "processors"


def ask_for_erasure(scene: Scene, subject: uuid.UUID, *states: str, kind: str = "deletion") -> uuid.UUID:
    """Ask for an end, as the person, and move the request, as the server; until it runs, unless states are given."""
    request: uuid.UUID = scene.value(person(subject), "select public.request_privacy(%s)", kind)
    for state in states or ("verified", "running"):
        scene.count(SERVICE, "update public.privacy_requests set status = %s where id = %s", state, request)
    return request


__all__ = ["OWNER", "World", "begin_world", "make_world"]
