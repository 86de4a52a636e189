"""Races of an erasure against everything that works with the person's rows: it holds nobody up, and leaves nothing."""

import contextlib
import random
import re
import threading
import time
from collections import Counter
from collections.abc import Callable

import psycopg
import pytest

from fixtures.servers import Database
from lab.database.embedded.server import EmbeddedPostgres
from tests.wall.crowds import ask, prepare
from tests.wall.erasures import CALL, call, left, proceed, request_erasure
from tests.wall.scenes import Scene
from tests.wall.seeds import World, enqueue, give
from tests.wall.test_erasure_of_two import accept, invite

# Refusals that a rival may meet: the person is gone, the consent was withdrawn, the row is gone, or try again.
EXPECTED = {"42501", "23503", "40001", "40P01", "P0002", "23505", "23514", "55000", "55P03"}

CONSENT = (
    "select public.record_consent('{subject}', 'email_delivery', '%s', gen_random_uuid(),"
    " (select id from public.consent_notices where purpose = 'email_delivery'))"
)
RIVALS = {
    "enqueue": "select public.enqueue_delivery_job('email', '{subject}', artifact_id => '{pdf}', generation => {turn})",
    "claim": "select public.claim_delivery_jobs('w', 3)",
    "complete": "with taken as (select * from public.claim_delivery_jobs('w', 2))"
    " select public.complete_delivery_job(job_id, lease_token) from taken",
    "fail": "with taken as (select * from public.claim_delivery_jobs('w', 2))"
    " select public.fail_delivery_job(job_id, lease_token, 'x') from taken",
    "reap": "select public.reap_delivery_leases(10)",
    "give": CONSENT % "given",
    "withdraw": CONSENT % "withdrawn",
    "card": "insert into public.share_cards (artifact_id, title, symbol, palette, one_line)"
    " values ('{share_card}', 'T', 'tower', 'dusk', 'A line.')",
    "close a card": "update public.share_cards set revoked_at = now() where revoked_at is null",
    "gift": "insert into public.gift_recipients (subject_id, artifact_id, contact, token_sha256)"
    " values ('{subject}', '{gift}', 'somebody@example.test', sha256(gen_random_uuid()::text::bytea))",
    "scroll": "insert into public.oracle_scrolls (subject_id, question) values ('{subject}', 'A question?')",
    "webhook": "update public.purchases set unlocked_at = now() where id = '{purchase}'",
    "privacy": "insert into public.privacy_requests (subject_id, kind) values ('{subject}', 'export')",
}


def arrange(scene: Scene, world: World) -> None:
    """Give what the rivals need, and queue something."""
    give(scene, world.subject, "email_delivery")
    give(scene, world.subject, "public_share", world.ids["share_card"])
    give(scene, world.subject, "gift_recipient", world.ids["gift"])
    enqueue(scene, world, "receipt")
    enqueue(scene, world, "email")


def rival(database: Database, world: World, names: list[str], stop: threading.Event, seen: Counter[str]) -> None:
    """Act again and again, one or two acts in a transaction, until it is over; count how each act ended.

    Two acts in the wrong order may lock one another out, as anywhere; whom such a circle holds is counted as well.
    """
    chance = random.Random(repr(names))
    ids = {**{name: str(value) for name, value in world.ids.items()}, "subject": str(world.subject)}
    with psycopg.connect(database.url, prepare_threshold=None) as connection:
        turn = 0
        while not stop.is_set():
            turn += 1
            with contextlib.suppress(psycopg.Error), connection.transaction():
                for name in chance.sample(names, k=chance.choice((1, 2))):
                    try:
                        connection.execute(RIVALS[name].format(turn=turn, **ids).encode())
                        seen[f"{name} done"] += 1
                    except psycopg.Error as error:
                        seen[f"{name} {error.sqlstate}"] += 1
                        seen.update(re.findall(r"process \d+", (error.diag.message_detail or "").lower()))
                        raise


@pytest.mark.sample(every=3)
@pytest.mark.parametrize("seed", range(6))
def test_an_erasure_is_in_no_deadlock_and_leaves_nothing(
    server: EmbeddedPostgres, database: Callable[..., Database], seed: int
) -> None:
    own = database(server)
    chance, seen, states = random.Random(seed), Counter[str](), Counter[str]()
    deadline = time.monotonic() + 8
    erased = 0
    while time.monotonic() < deadline:
        world = prepare(own, arrange)
        request = request_erasure(own, world.subject)
        stop = threading.Event()
        groups = [chance.sample(list(RIVALS), k=5) for _ in range(3)]
        threads = [threading.Thread(target=rival, args=(own, world, names, stop, seen)) for names in groups]
        for thread in threads:
            thread.start()
        state, eraser = "", ""
        with psycopg.connect(own.url, autocommit=True) as connection:
            eraser = f"process {connection.info.backend_pid}"
            while state not in ("files", "processors") and time.monotonic() < deadline + 20:
                state = str(connection.execute(CALL, [request]).fetchall()[0][2])
                states[state] += 1
        stop.set()
        for thread in threads:
            thread.join(timeout=30)
        assert state in ("files", "processors"), states
        assert left(own, world.subject) == []
        assert eraser not in seen
        erased += 1
    assert erased
    ends = {key.split()[-1] for key in seen if not key.startswith("process ")}
    assert ends <= EXPECTED | {"done"}, seen
    assert {"done", "42501"} <= ends


def test_two_who_gave_to_each_other_go_at_once(server: EmbeddedPostgres, database: Callable[..., Database]) -> None:
    """Both erasures touch the same two gifts; each tries again until it is done."""
    own = database(server)
    for _ in range(5):
        worlds = [prepare(own, arrange) for _ in range(2)]
        with psycopg.connect(own.admin_url, prepare_threshold=None) as connection:
            for world, other in (worlds, worlds[::-1]):
                _, token = invite(Scene(connection), world, "x@example.test")
                accept(Scene(connection), other.subject, token)
        requests = [request_erasure(own, world.subject) for world in worlds]
        ends: list[str] = []

        def go(request: object, ends: list[str] = ends) -> None:
            state = ""
            while state not in ("files", "processors"):
                state = call(own, request)  # type: ignore[arg-type]
            ends.append(state)

        threads = [threading.Thread(target=go, args=[request]) for request in requests]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=30)
        assert ends == ["processors", "processors"]
        assert [left(own, world.subject) for world in worlds] == [[], []]
    assert ask(own, "select count(*) from public.gift_recipients") == [(0,)]


def test_a_gift_is_not_passed_on_to_somebody_whose_erasure_begins_meanwhile(
    server: EmbeddedPostgres, database: Callable[..., Database]
) -> None:
    """A trigger holds the erasure of the giver at the gift, when the recipient's begins."""
    own = database(server)
    giver, recipient = (prepare(own, arrange) for _ in range(2))
    with psycopg.connect(own.admin_url, prepare_threshold=None) as connection:
        _, token = invite(Scene(connection), giver, "x@example.test")
        accept(Scene(connection), recipient.subject, token)
        connection.execute(
            "create function public.dawdle() returns trigger language plpgsql as"
            " 'begin perform pg_sleep(1.5); return new; end';"
            'create trigger "0_dawdle" before update of subject_id on public.oracle_artifacts'
            " for each row execute function public.dawdle()"
        )
    gone, going = (request_erasure(own, world.subject) for world in (giver, recipient))
    assert call(own, gone) == "waiting"
    ends: list[str] = []
    thread = threading.Thread(target=lambda: ends.append(proceed(own, gone)))
    thread.start()
    asleep = "select count(*) from pg_stat_activity where wait_event = 'PgSleep' and datname = current_database()"
    while ask(own, asleep) == [(0,)]:
        assert thread.is_alive()
    assert call(own, going) == "busy"
    thread.join()
    assert ends == ["processors"]
    assert proceed(own, going) == "processors"
