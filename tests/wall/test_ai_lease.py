"""The lease of an AI run: it has a limit, ends by the clock, and is not stretched."""

import uuid
from collections.abc import Callable

import psycopg
import pytest
from psycopg.types.json import Jsonb

from fixtures.servers import Database
from lab.database.embedded.server import EmbeddedPostgres
from lab.rules.ai import LEASE_SECONDS, LEASES
from tests.wall.actors import AI, OWNER, SERVICE
from tests.wall.ai_runs import BRIEF, WORDS, WRITE, present
from tests.wall.crowds import ask, overtake, prepare
from tests.wall.scenes import Scene
from tests.wall.seeds import World, add_run, give, lease, withdraw


def test_a_second_lease_ends_the_first(scene: Scene, allowed: World) -> None:
    run = add_run(scene, allowed)
    tokens = [lease(scene, run) for _ in range(LEASES)]
    for token in tokens[:-1]:
        present(scene, token)
        assert scene.rows(AI, BRIEF) == []
        assert scene.refusal(AI, WRITE, token, WORDS) == "42501"
    assert scene.refusal(SERVICE, "select public.lease_ai_run(%s)", run) == "55000"
    assert scene.refusal(OWNER, "update public.ai_runs set leases = 0 where id = %s", run) == "23514"
    assert scene.value(AI, WRITE, tokens[-1], WORDS) is True


@pytest.mark.parametrize("seconds", [0, -1, None, LEASE_SECONDS + 1])
def test_a_lease_has_a_limit(scene: Scene, allowed: World, seconds: int | None) -> None:
    assert scene.refusal(SERVICE, "select public.lease_ai_run(%s, %s)", add_run(scene, allowed), seconds) == "22023"


STRETCHED = {
    "longer": "update public.ai_runs set lease_until = lease_until + interval '1 hour' where id = %s",
    "later": "update public.ai_runs set leased_at = now() + interval '1 hour' where id = %s",
    "begun again": "update public.ai_runs set leased_at = clock_timestamp() where id = %s",
    "for ever": "update public.ai_runs set lease_until = 'infinity' where id = %s",
    "without a beginning": "update public.ai_runs set leased_at = null where id = %s",
    "another token": "update public.ai_runs set token_sha256 = sha256('x') where id = %s",
}


@pytest.mark.parametrize("what", STRETCHED)
def test_a_lease_is_not_stretched(scene: Scene, allowed: World, what: str) -> None:
    run = add_run(scene, allowed)
    lease(scene, run)
    for actor in (SERVICE, OWNER):
        assert scene.refusal(actor, STRETCHED[what], run) in ("23514", "42501")


def end_lease(scene: Scene, run: uuid.UUID) -> None:
    """Let the whole time of a run be over."""
    with scene.past_every_trigger() as connection:
        connection.execute(
            "update public.ai_runs set created_at = now() - interval '1 hour', leased_at = now() - interval '1 hour',"
            " lease_until = now() - interval '50 minutes' where id = %s",
            [run],
        )


@pytest.mark.parametrize("end", ["lease over", "withdrawn", "discarded"])
def test_the_ai_loses_its_brief(scene: Scene, allowed: World, end: str) -> None:
    run = add_run(scene, allowed)
    token = lease(scene, run)
    present(scene, token)
    assert len(scene.rows(AI, BRIEF)) == 1
    if end == "withdrawn":
        withdraw(scene, allowed.subject, "ai_processing")
    elif end == "discarded":
        scene.count(SERVICE, "update public.ai_runs set status = 'discarded' where id = %s", run)
    else:
        end_lease(scene, run)
        assert scene.refusal(SERVICE, "select public.lease_ai_run(%s)", run) == "55000"
    assert scene.rows(AI, BRIEF) == []
    assert scene.refusal(AI, WRITE, token, WORDS) == "42501"
    by_hand = "update public.ai_runs set status = 'written', output = '{}' where id = %s"
    for actor in (SERVICE, OWNER):
        assert scene.refusal(actor, by_hand, run) in ("42501", "23514")


def test_the_lease_ends_by_the_clock(server: EmbeddedPostgres, database: Callable[..., Database]) -> None:
    """Also inside one transaction, whose own time stands still."""
    own = database(server)
    tokens: list[str] = []

    def arrange(scene: Scene, world: World) -> None:
        give(scene, world.subject, "ai_processing")
        tokens.append(lease(scene, add_run(scene, world), seconds=1))

    prepare(own, arrange)
    with psycopg.connect(own.admin_url) as connection:
        connection.execute("set local role ai_worker")
        connection.execute("select set_config('lab.ai_run_token', %s, true)", tokens)
        seen = [connection.execute("select count(*) from ai.briefs").fetchone()]
        connection.execute("select pg_sleep(1.1)")
        seen.append(connection.execute("select count(*) from ai.briefs").fetchone())
    assert seen == [(1,), (0,)]


def test_a_transaction_with_an_old_view_reads_nothing(
    server: EmbeddedPostgres, database: Callable[..., Database]
) -> None:
    """What it would see of a consent that was withdrawn meanwhile is the past."""
    own = database(server)
    tokens: list[str] = []

    def arrange(scene: Scene, world: World) -> None:
        give(scene, world.subject, "ai_processing")
        tokens.append(lease(scene, add_run(scene, world)))

    prepare(own, arrange)
    with psycopg.connect(own.admin_url) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.execute(
            "select set_config('role', 'ai_worker', true), set_config('lab.ai_run_token', %s, true)", tokens
        )
        with pytest.raises(psycopg.errors.ActiveSqlTransaction):
            connection.execute(BRIEF)


def test_two_writers_with_one_token_write_once(
    each_server: EmbeddedPostgres, database: Callable[..., Database]
) -> None:
    own = database(each_server)
    tokens: list[str] = []

    def arrange(scene: Scene, world: World) -> None:
        give(scene, world.subject, "ai_processing")
        tokens.append(lease(scene, add_run(scene, world)))

    prepare(own, arrange)
    answer = overtake(
        own,
        lambda first: first.execute(WRITE, [tokens[0], Jsonb({"reply": "First."})]),
        lambda second: second.execute(WRITE, [tokens[0], Jsonb({"reply": "Second."})]).fetchone(),
    )
    assert answer == "42501"
    assert ask(own, "select output ->> 'reply' from public.ai_runs") == [("First.",)]
