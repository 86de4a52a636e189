"""Statements and steps of AI runs, for the tests of their boundary."""

import uuid

from psycopg.types.json import Jsonb

from tests.wall.scenes import Scene
from tests.wall.seeds import World, add_run, lease, write_run

BRIEF = "select question, locale from ai.briefs"
WRITE = "select public.write_ai_run(%s, %s)"
PROMOTE = "select public.promote_ai_run(%s)"
BY_HAND = "update public.ai_runs set status = 'promoted' where id = %s"
WORDS = Jsonb({"reply": "Wait for the tide."})


def present(scene: Scene, token: str, name: str = "lab.ai_run_token") -> None:
    """Come with a token, until the transaction ends."""
    scene.connection.execute("select set_config(%s, %s, true)", [name, token])


def written(scene: Scene, world: World, output: object, layer: str = "echo") -> uuid.UUID:
    """Return a run that the AI has written."""
    run = add_run(scene, world, layer=layer)
    write_run(scene, lease(scene, run), output)
    return run
