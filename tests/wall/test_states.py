"""States: a row begins and moves only as the rules say, also for the owner of the table."""

import psycopg
import pytest

from lab.rules import RULES
from lab.rules.model import Table
from tests.wall.actors import OWNER
from tests.wall.scenes import Scene
from tests.wall.seeds import World, enqueue, give

STATUS = RULES.table("delivery_jobs").column("status")
PAIRS = [(origin, to) for origin in STATUS.allowed for to in STATUS.allowed if origin != to]


def move_to(state: str) -> str:
    """Return the statement that moves a job, with a lease when it is to run."""
    lease = "gen_random_uuid(), now()" if state == "running" else "null, null"
    return f"update public.delivery_jobs set (status, lease_token, lease_until) = (%s, {lease}) where id = %s"


def test_moves_are_those_of_the_rules(scene: Scene, world: World) -> None:
    """Also for the owner of the table: every other pair of states is refused."""
    give(scene, world.subject, "gift_recipient", world.ids["gift"])
    job = enqueue(scene, world, "email")[0]
    wrong = {}
    for origin, to in PAIRS:
        with scene.past_every_trigger() as connection:
            connection.execute(move_to(origin), [origin, job])
        refused = scene.refusal(OWNER, move_to(to), to, job)
        if refused != ("" if (origin, to) in STATUS.moves else "23514"):
            wrong[origin, to] = refused
    assert wrong == {}


BEGINNINGS = [table for table in RULES.tables if any(column.starts for column in table.columns)]


@pytest.mark.parametrize("table", BEGINNINGS, ids=lambda table: table.id)
def test_beginnings_are_those_of_the_rules(scene: Scene, table: Table) -> None:
    """A row cannot begin in a later state: the refusal comes before anything else is looked at."""
    (column,) = [column for column in table.columns if column.starts]
    for state in column.allowed:
        insert = f"insert into {table.qualified} ({column.name}) values (%s)"
        message = "" if state in column.starts else f"cannot go from the beginning to {state}"
        said = _complaint(scene, insert, state)
        assert message in said or "needs the consent" in said


def _complaint(scene: Scene, statement: str, value: str) -> str:
    with pytest.raises(psycopg.Error) as refusal, scene.connection.transaction():
        scene.count(OWNER, statement, value)
    return str(refusal.value)
