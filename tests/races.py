"""Withdrawals against everything that rests on a consent, many times over: `python -m tests.races`.

A race is one withdrawal beside one rival, begun together on two connections. It may end as either of the two orders
would end, or the rival is told to try again; nobody sees a deadlock, and nothing is left that no consent carries.
"""

import argparse
import contextlib
import itertools
import statistics
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import psycopg

from fixtures import servers
from fixtures.servers import Database
from lab.database.embedded.programs import MAJORS
from tests.wall.scenes import Scene
from tests.wall.seeds import World, add_card, add_gift, begin_world, enqueue, give_all

Connection = psycopg.Connection[Any]
HERE = "races"
RUNNING = (
    "select id, lease_token from public.delivery_jobs where subject_id = %s and leg = 'email' and status = 'running'"
)
INTENTS = """
select count(*) from public.delivery_effects e join public.delivery_jobs j on j.id = e.job_id where j.subject_id = %s
"""
PASSED = """
select p.sent from public.consent_events w, public.count_passed(w.id) p
 where w.subject_id = %s and w.purpose = 'email_delivery' and w.action = 'withdrawn' order by w.id limit 1
"""
TRY_AGAIN = {"40001", "55P03"}  # serialization_failure, lock_not_available
REFUSED = {"42501", "P0002"}  # came after the withdrawal
WITHDRAW = "select public.record_consent(%s, %s, 'withdrawn', gen_random_uuid(), null, %s)"
LEFT = {
    "queued e-mails": "select count(*) from public.delivery_jobs j where j.subject_id = %(who)s and j.leg = 'email'"
    " and (j.status = 'pending' or j.status = 'running' and not j.cancel_requested)"
    " and not wall.job_consents_valid(j.subject_id, j.channel, j.leg, j.artifact_id)",
    "open cards": "select count(*) from public.share_cards c join public.oracle_artifacts a on a.id = c.artifact_id"
    " where a.subject_id = %(who)s and c.revoked_at is null"
    " and not wall.consent_is_valid(a.subject_id, 'public_share', a.id)",
    "kept addresses": "select count(*) from public.gift_recipients g where g.subject_id = %(who)s"
    " and g.contact is not null and not wall.consent_is_valid(g.subject_id, 'gift_recipient', g.artifact_id)",
    "open AI runs": "select count(*) from public.ai_runs r where r.subject_id = %(who)s and r.status = 'requested'"
    " and not wall.consent_is_valid(r.subject_id, 'ai_processing', null)",
    "copies unlike the ledger": "select count(*) from public.consents c where c.subject_id = %(who)s"
    " and c.standing is distinct from wall.consent_is_valid(c.subject_id, c.purpose, c.scope_id)",
    "messages that the withdrawal does not count": "select (select count(*) from public.delivery_effects e"
    " join public.delivery_jobs j on j.id = e.job_id where j.subject_id = %(who)s) - coalesce((select p.sent"
    " from public.consent_events w, public.count_passed(w.id) p where w.subject_id = %(who)s"
    " and w.purpose = 'email_delivery' and w.action = 'withdrawn' order by w.id desc limit 1), 0)",
    "unsettled": "select count(*) from public.consents c where c.subject_id = %(who)s and c.unsettled",
}


@dataclass
class Tally:
    """What came of the races.

    Args:
        ends: How often each rival ended in which way.
        seconds: How long each withdrawal took.
        faults: What should not have been.
        late: Races after which something was left for settle_consents.
        crossed: Messages whose intent was committed before the withdrawal that it raced. The withdrawal counts each.
    """

    ends: Counter[tuple[str, str]] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    late: int = 0
    crossed: int = 0

    @property
    def slowest_milliseconds(self) -> float:
        """Return the 99th percentile of how long a withdrawal took."""
        return 1000 * statistics.quantiles(self.seconds, n=100)[-1]


def _claimed(connection: Connection, world: World) -> list[tuple[int, uuid.UUID]]:
    call = "select job_id, lease_token, subject_id from public.claim_delivery_jobs('rival', 1000)"
    return [(job, token) for job, token, who in connection.execute(call).fetchall() if who == world.subject]


def _queue(connection: Connection, world: World) -> None:
    for channel, target in (("email", world.ids["pdf"]), ("gift", world.ids["gift"])):
        call = "select public.enqueue_delivery_job(%s, %s, %s, null, null, 1)"
        connection.execute(call, [channel, world.subject, target])


def _complete(connection: Connection, world: World) -> None:
    for job, token in _claimed(connection, world):
        connection.execute("select public.complete_delivery_job(%s, %s)", [job, token])


def _begin(connection: Connection, world: World) -> None:
    _claimed(connection, world)
    _begin_running(connection, world)


def _begin_running(connection: Connection, world: World) -> list[str]:
    """Begin to send the message of every running job; what was answered."""
    begin = "select public.begin_send(%s, %s, %s, 'smtp', %s, sha256('made up'), '0123456789ab')"
    to = f"{world.subject}@example.test"
    jobs = connection.execute(RUNNING, [world.subject]).fetchall()
    rows = [connection.execute(begin, [job, token, HERE, to]).fetchone() for job, token in jobs]
    return [row[0] for row in rows if row]


def _publish(connection: Connection, world: World) -> None:
    connection.execute(
        "insert into public.share_cards (artifact_id, title, symbol, palette, one_line)"
        " values (%s, 'The Tower', 'tower', 'dusk', 'A light at night.')",
        [world.ids["card"]],
    )


def _reword(connection: Connection, world: World) -> None:
    change = "update public.share_cards set palette = 'dawn' where artifact_id = %s and revoked_at is null"
    connection.execute(change, [world.ids["share_card"]])


def _invite(connection: Connection, world: World) -> None:
    connection.execute(
        "insert into public.gift_recipients (subject_id, artifact_id, contact, token_sha256)"
        " values (%s, %s, 'friend@example.test', %s)",
        [world.subject, world.ids["present"], uuid.uuid4().bytes * 2],
    )


def _accept(connection: Connection, world: World) -> None:
    claims = f'{{"sub": "{world.ids["friend"]}", "role": "authenticated"}}'
    connection.execute("select set_config('request.jwt.claims', %s, true)", [claims])
    connection.execute("set local role authenticated")
    connection.execute("select public.accept_gift(%s)", [world.words["token"]])


def _erase(connection: Connection, world: World) -> None:
    connection.execute("select count(*) from public.erase_subject(%s)", [world.ids["request"]])


def _reap(connection: Connection, world: World) -> None:
    connection.execute("select public.reap_delivery_leases(100)")


def _ask_the_ai(connection: Connection, world: World) -> None:
    connection.execute(
        "insert into public.ai_runs (subject_id, layer, scroll_id, fields_given, model)"
        " values (%s, 'echo', %s, '{question}', 'model-1')",
        [world.subject, world.ids["scroll"]],
    )


RIVALS: dict[str, tuple[str, str, Callable[[Connection, World], object]]] = {
    "enqueue": ("email_delivery", "", _queue),
    "claim": ("email_delivery", "", _claimed),
    "complete": ("email_delivery", "", _complete),
    "send": ("email_delivery", "", _begin),
    "intent": ("email_delivery", "", _begin_running),
    "publish": ("public_share", "card", _publish),
    "reword": ("public_share", "share_card", _reword),
    "invite": ("gift_recipient", "present", _invite),
    "accept": ("gift_recipient", "gift", _accept),
    "AI run": ("ai_processing", "", _ask_the_ai),
    "erase": ("email_delivery", "", _erase),
    "reap": ("email_delivery", "", _reap),
}


def prepare(database: Database, rival: str) -> World:
    """Make a person with every consent, an open card, an invitation, queued e-mails and what the rival needs."""
    with psycopg.connect(database.admin_url, prepare_threshold=None) as connection:
        scene = Scene(connection)
        world = begin_world(scene)
        give_all(scene, world)
        world.words["token"] = add_gift(scene, world)
        add_card(scene, world)
        world.ids["friend"] = scene.make_person()
        world.ids["card"], world.ids["present"] = _more_artifacts(scene, world)
        for channel in ("email", "receipt", "gift"):
            enqueue(scene, world, channel)
        if rival == "intent":
            _claimed(connection, world)
        if rival == "reap":
            _let_leases_end(connection, world)
        if rival == "erase":
            world.ids["request"] = _running_deletion(connection, world)
    return world


def _more_artifacts(scene: Scene, world: World) -> tuple[uuid.UUID, uuid.UUID]:
    """Add a second reading with a card and a gift that nobody has used yet, both allowed."""
    made = []
    for kind, purpose in (("share_card", "public_share"), ("gift", "gift_recipient")):
        scroll = scene.truth(
            "insert into public.oracle_scrolls (subject_id, question) values (%s, 'What now?') returning id",
            world.subject,
        )
        made.append(
            scene.truth(
                "insert into public.oracle_artifacts (subject_id, scroll_id, kind) values (%s, %s, %s) returning id",
                *(world.subject, scroll, kind),
            )
        )
        notice = scene.truth("select id from public.consent_notices where purpose = %s", purpose)
        call = "select public.record_consent(%s, %s, 'given', gen_random_uuid(), %s, %s)"
        scene.truth(call, world.subject, purpose, notice, made[-1])
    return made[0], made[1]


def _let_leases_end(connection: Connection, world: World) -> None:
    connection.execute("select count(*) from public.claim_delivery_jobs('dead', 1000)")
    late = "update public.delivery_jobs set lease_until = now() - interval '1 second' where subject_id = %s"
    connection.execute(f"{late} and status = 'running'", [world.subject])


def _running_deletion(connection: Connection, world: World) -> uuid.UUID:
    asked = "insert into public.privacy_requests (subject_id, kind) values (%s, 'deletion') returning id"
    row = connection.execute(asked, [world.subject]).fetchone()
    assert row
    for state in ("verified", "running"):
        connection.execute("update public.privacy_requests set status = %s where id = %s", [state, row[0]])
    return uuid.UUID(str(row[0]))


def race(database: Database, rival: str, tally: Tally, pair: tuple[Connection, Connection]) -> None:
    """Run one race and look at what is left."""
    purpose, scope, act = RIVALS[rival]
    world = prepare(database, rival)
    barrier, ends = threading.Barrier(2), {}
    intents: list[tuple[int]] = []

    def begin(name: str, connection: Connection, work: Callable[[], object]) -> None:
        barrier.wait(timeout=20)
        started = time.monotonic()
        ends[name] = _run(connection, work)
        if name == "withdrawal":
            tally.seconds.append(time.monotonic() - started)
            intents.extend(connection.execute(INTENTS, [world.subject]).fetchall())

    one, two = pair
    withdraw = [world.subject, purpose, world.ids.get(scope)]
    threads = [
        threading.Thread(target=begin, args=["withdrawal", one, lambda: one.execute(WITHDRAW, withdraw)]),
        threading.Thread(target=begin, args=["rival", two, lambda: act(two, world)]),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    tally.ends[rival, ends["rival"]] += 1
    gone = rival == "erase" and ends["rival"] == "done"
    after = one.execute(INTENTS, [world.subject]).fetchall()
    if ends["withdrawal"] == "done" and not gone and after != intents:
        tally.faults.append(f"{rival}: an intent was committed after the withdrawal")
    tally.crossed += after[0][0]
    _judge(database, rival, world, ends, tally)


def _run(connection: Connection, work: Callable[[], object]) -> str:
    try:
        with connection.transaction():
            work()
    except psycopg.Error as error:
        return str(error.sqlstate)
    return "done"


def _judge(database: Database, rival: str, world: World, ends: dict[str, str], tally: Tally) -> None:
    """Note every fault: a withdrawal that failed, a rival that saw a deadlock, something that no consent carries."""
    gone = rival == "erase" and ends["rival"] == "done"
    if ends["withdrawal"] != "done" and not gone:
        tally.faults.append(f"{rival}: the withdrawal ended with {ends['withdrawal']}")
    if ends["rival"] not in {"done"} | TRY_AGAIN | REFUSED:
        tally.faults.append(f"{rival}: the rival ended with {ends['rival']}")
    if rival in ("send", "intent") and not gone:
        with psycopg.connect(database.url, prepare_threshold=None) as connection:
            if "send" in _begin_running(connection, world):
                tally.faults.append(f"{rival}: a message was begun after the withdrawal")
    left = _find_left(database, world)
    if left:
        tally.late += 1
        left = _find_left(database, world, settle=True)
    tally.faults += [f"{rival}: {count} {what} are left" for what, count in left.items()]


def _find_left(database: Database, world: World, *, settle: bool = False) -> dict[str, int]:
    with psycopg.connect(database.url, autocommit=True, prepare_threshold=None) as connection:
        if settle:
            connection.execute("select public.settle_consents()")
        rows = {what: connection.execute(query, {"who": world.subject}).fetchone() for what, query in LEFT.items()}
    return {what: row[0] for what, row in rows.items() if row and row[0]}


def run_races(database: Database, count: int) -> Tally:
    """Run so many races, all rivals in turn."""
    tally = Tally()
    with _connect(database) as operator:
        operator.execute("select public.open_environment(%s)", [HERE])
    with _connect(database) as one, _connect(database) as two:
        for rival in itertools.islice(itertools.cycle(RIVALS), count):
            race(database, rival, tally, (one, two))
    return tally


@contextlib.contextmanager
def _connect(database: Database) -> Iterator[Connection]:
    with psycopg.connect(database.url, autocommit=True, prepare_threshold=None) as connection:
        yield connection


def withdraw_beside_a_send(database: Database, count: int, seconds: float) -> list[float]:
    """Withdraw and give again while a provider hangs; return how long each withdrawal took, in seconds.

    The intent is committed, as before every call of a provider, and the worker keeps a transaction open besides.

    Raises:
        AssertionError: The first withdrawal does not count the message that passed it.
    """
    world = prepare(database, "claim")
    taken: list[float] = []
    with _connect(database) as worker, _connect(database) as person, contextlib.ExitStack() as held:
        worker.execute("select public.open_environment(%s)", [HERE])
        with worker.transaction():
            _begin(worker, world)
        held.enter_context(worker.transaction())
        for job, token in _claimed(worker, world):
            worker.execute("select public.delivery_address(%s, %s) is not null", [job, token])
        until = time.monotonic() + seconds
        notice = person.execute("select id from public.consent_notices where purpose = 'email_delivery'").fetchone()
        assert notice
        while len(taken) < count or time.monotonic() < until:
            started = time.monotonic()
            person.execute(WITHDRAW, [world.subject, "email_delivery", None])
            taken.append(time.monotonic() - started)
            give = "select public.record_consent(%s, 'email_delivery', 'given', gen_random_uuid(), %s)"
            person.execute(give, [world.subject, notice[0]])
            time.sleep(0.01)
        begun = person.execute(INTENTS, [world.subject]).fetchone()
        assert begun
        assert begun[0] > 0
        assert person.execute(PASSED, [world.subject]).fetchone() == begun
    return taken


def main() -> None:
    """Run the whole on one major and print what came of it; exit 1 when something should not have been."""
    parser = argparse.ArgumentParser(prog="python -m tests.races", description=__doc__)
    parser.add_argument("--count", type=int, default=2000, help="how many races")
    parser.add_argument("--major", type=int, default=17, choices=MAJORS)
    parser.add_argument("--send-seconds", type=float, default=10, help="how long a worker holds a send")
    arguments = parser.parse_args()
    handle = servers.open_run()
    try:
        database = servers.clone_database(servers.start_server(arguments.major), "migrated")
        tally = run_races(database, arguments.count)
        beside = withdraw_beside_a_send(database, 100, arguments.send_seconds)
    finally:
        servers.close_run(handle)
    for (rival, end), times in sorted(tally.ends.items()):
        print(f"{rival:10} {end:6} {times:5}")
    print(
        f"{arguments.count} races, {len(tally.faults)} faults, {tally.late} left to settle_consents,"
        f" {tally.crossed} messages crossed a withdrawal and are counted by it"
    )
    print(
        f"withdrawal p99 {tally.slowest_milliseconds:.1f} ms; beside a held send of {arguments.send_seconds:g} s ",
        end="",
    )
    print(f"{1000 * statistics.quantiles(beside, n=100)[-1]:.1f} ms, {len(beside)} of them")
    for fault in tally.faults[:20]:
        print(f"  {fault}")
    raise SystemExit(bool(tally.faults))


if __name__ == "__main__":
    main()
