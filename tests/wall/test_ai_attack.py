"""Arbitrary SQL as the AI's role: at most one question is ever seen, the leased one, and at most one row written."""

import contextlib
import random
from dataclasses import replace
from typing import Any

import psycopg
import pytest

from lab.rules import RULES
from tests.wall.actors import SERVICE
from tests.wall.scenes import Scene
from tests.wall.seeds import World, add_run, lease, make_world
from tests.wall.statements import LEAK, Ground, make_statement

STATEMENTS = 1500
SEEDS = (1, 2)

RELATIONS = """
select array_agg(n.nspname || '.' || c.relname order by n.nspname, c.relname)
  from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
 where c.relkind in ('r', 'v', 'm', 'S', 'p')
   and (n.nspname in ('public', 'wall', 'operations', 'ai', 'auth', 'information_schema')
        or n.nspname = 'pg_catalog' and c.relname ~ '^pg_(stat|class|proc|locks|cursors|prep|settings|authid|roles)')
"""


def find_ground(scene: Scene, worlds: list[World], tokens: list[str]) -> Ground:
    """Return everything that the attack can speak of; the one token that it has comes first."""
    ids = [str(id) for world in worlds for id in (*world.ids.values(), world.subject) if not isinstance(id, int)]
    hashes = scene.truth("select array_agg(encode(token_sha256, 'hex')) from public.ai_runs where status = 'requested'")
    return Ground(
        relations=tuple(scene.truth(RELATIONS)),
        functions=tuple((f.qualified, tuple(a.type for a in f.arguments)) for f in RULES.functions),
        tokens=(*tokens, "", "null", *hashes, *ids[:5]),
        ids=tuple(ids),
    )


def read_rows(scene: Scene) -> dict[str, set[str]]:
    """Return every row of every table of ours."""
    return {
        table.id: {row for (row,) in scene.connection.execute(f"select t::text from {table.qualified} t")}
        for table in RULES.tables
    }


def attack(connection: psycopg.Connection[Any], statement: str) -> str:
    """Return everything that a statement tells: its rows, its error with all its parts."""
    told: list[str] = []
    with contextlib.suppress(UnicodeEncodeError):
        try:
            with connection.transaction():
                cursor = connection.execute(statement)  # several results, one after the other
                while True:
                    told.append(repr(cursor.fetchall()) if cursor.description else str(cursor.statusmessage))
                    if not cursor.nextset():
                        break
        except psycopg.Error as error:
            diagnosis = error.diag
            told.append(f"{error} {diagnosis.message_detail} {diagnosis.message_hint} {diagnosis.context}")
    return "\n".join(told)


@pytest.mark.sample(between=0)
@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_is_asked_one_question_is_seen_and_one_row_written(each_scene: Scene, seed: int) -> None:
    scene, dice = each_scene, random.Random(seed)
    worlds = [make_world(scene) for _ in range(3)]
    run = add_run(scene, worlds[0])
    token = lease(scene, run)
    for world in worlds[1:]:
        lease(scene, add_run(scene, world))
    ground = find_ground(scene, worlds, [token])
    before = read_rows(scene)
    told: list[str] = []
    scene.connection.add_notice_handler(lambda notice: told.append(f"{notice.message_primary} {notice.context}"))
    scene.connection.execute("set session authorization ai_worker")
    scene.connection.execute(LEAK)
    for place in range(STATEMENTS):  # in the first half nothing can be written: a written run is no longer read
        doors = tuple(one for one in ground.functions if one[0] != "public.write_ai_run" or place > STATEMENTS / 2)
        told.append(attack(scene.connection, make_statement(replace(ground, functions=doors), dice)))
    scene.connection.execute("reset session authorization")
    scene.connection.execute("reset all; set constraints all immediate")
    text = "\n".join(told)
    assert [world.token for world in worlds[1:] if world.token in text] == []
    seen = {place for place, words in worlds[0].words.items() if words in text}
    assert seen == {"oracle_scrolls.question"}
    after = read_rows(scene)
    assert {table for table in before if before[table] != after[table]} <= {"ai_runs"}
    written = [row for row in after["ai_runs"] - before["ai_runs"] if row.startswith(f"({run},")]
    assert len(after["ai_runs"] - before["ai_runs"]) == len(written) == 1
    assert scene.value(SERVICE, "select status from public.ai_runs where id = %s", run) == "written"
