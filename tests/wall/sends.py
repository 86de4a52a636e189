"""Messages of jobs, as a worker begins and finishes them."""

import hashlib
import uuid

from tests.wall.actors import OWNER, SERVICE
from tests.wall.scenes import Scene
from tests.wall.seeds import World

HERE = "tests"
CONTENT = hashlib.sha256(b"a message").digest()
BEGIN = "select public.begin_send(%s, %s, %s, %s, %s, %s, %s)"
FINISH = "select public.finish_send(%s, %s, %s, %s, %s, %s, %s)"
EFFECTS = "select state, calls from public.delivery_effects where job_id = %s order by id"


def open_here(scene: Scene) -> None:
    """Allow deliveries from this database."""
    scene.value(SERVICE, "select public.open_environment(%s)", HERE)


def address_of(scene: Scene, world: World) -> str:
    """Return the person's address, past every rule."""
    return str(scene.truth("select email from auth.users where id = %s", world.subject))


def begin(
    scene: Scene,
    world: World,
    taken: tuple[int, uuid.UUID],
    *,
    provider: str = "smtp",
    content: bytes = CONTENT,
    here: str = HERE,
    address: str = "",
) -> str:
    """Ask whether a job's message may leave; the answer."""
    to = address or address_of(scene, world)
    return str(scene.value(SERVICE, BEGIN, *taken, here, provider, to, content, "0123456789ab"))


def finish(
    scene: Scene,
    taken: tuple[int, uuid.UUID],
    outcome: str,
    *,
    error: str | None = None,
    permanent: bool = False,
) -> str:
    """Tell what became of a message; the job's state."""
    code = error or (None if outcome == "sent" else "smtp.timeout")
    return str(scene.value(SERVICE, FINISH, *taken, outcome, None, code, permanent, None))


def effects(scene: Scene, job: int) -> list[tuple[str, int]]:
    """Return the states of a job's messages, and how often the provider was called for each."""
    return scene.rows(OWNER, EFFECTS, job)
