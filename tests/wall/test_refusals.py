"""A refusal names its constraint and quotes nothing: not to its caller, and not in the server's log."""

import re
import uuid
from pathlib import Path

import psycopg
import pytest

from lab.database.embedded.server import EmbeddedPostgres
from lab.rules import RULES
from lab.rules.derived import all_triggers
from lab.text.product_files import PROJECT
from tests.wall.actors import AI, OWNER, SERVICE
from tests.wall.scenes import Scene
from tests.wall.seeds import make_world
from tests.wall.violations import breaking_rows, printed, write

CANARY = "Will my mother survive, Ada Lovelace?"


@pytest.fixture
def loud(each_server: EmbeddedPostgres, each_scene: Scene) -> tuple[Scene, Path]:
    """A scene whose server logs all that Postgres logs unless it is told otherwise, and the log."""
    each_scene.connection.execute("set log_error_verbosity = verbose; set log_min_error_statement = error")
    return each_scene, each_server.folder / "server.log"


def test_no_refusal_quotes_a_row(loud: tuple[Scene, Path]) -> None:
    scene, log = loud
    world = make_world(scene)
    canary = f"{CANARY} {uuid.uuid4().hex}"  # other tests write to the same log at the same time
    secrets = [canary, canary.encode().hex(), world.token]
    for table in RULES.tables:
        told = log.stat().st_size
        for violation in breaking_rows(scene, table, canary):
            for actor in (SERVICE, world.actor, AI, *(() if table.quotes_no_text else (OWNER,))):
                for command in ("insert", "update"):
                    error = write(scene, actor, command, violation)
                    if isinstance(error, psycopg.Error):
                        _hides(secrets, printed(error), f"{actor.id} {command} {violation.constraint}")
        _hides(secrets, log.read_bytes()[told:].decode(), f"the log about {table.id}")


def _hides(secrets: list[str], text: str, where: str) -> None:
    assert not [secret for secret in secrets if secret in text], where


def test_the_log_would_show_it(loud: tuple[Scene, Path]) -> None:
    """What the test above looks for is there when the checking function is not."""
    scene, log = loud
    world = make_world(scene)
    told = log.stat().st_size
    scene.connection.execute("drop trigger zz_check_oracle_scrolls on public.oracle_scrolls")
    change = "insert into public.oracle_scrolls (subject_id, question) values (%s, %s)"
    assert scene.refusal(SERVICE, change, world.subject, CANARY * 400) == "23514"
    assert CANARY in log.read_bytes()[told:].decode()


def test_each_refusal_is_the_constraints_own(scene: Scene) -> None:
    """The error carries the code and the names that Postgres would give, and says the next step."""
    world = make_world(scene)
    with pytest.raises(psycopg.errors.CheckViolation) as long, scene.connection.transaction():
        scene.value(
            SERVICE,
            "insert into public.oracle_scrolls (subject_id, question) values (%s, %s) returning id",
            *(world.subject, CANARY * 400),
        )
    told = long.value.diag
    assert told.constraint_name == "oracle_scrolls_question_length"
    assert (told.schema_name, told.table_name) == ("public", "oracle_scrolls")
    assert told.message_hint == "A question has 1 to 4,000 characters."
    with pytest.raises(psycopg.errors.NotNullViolation) as empty, scene.connection.transaction():
        scene.value(
            SERVICE,
            "insert into public.oracle_scrolls (subject_id, answer) values (%s, 'x') returning id",
            world.subject,
        )
    assert (empty.value.diag.table_name, empty.value.diag.column_name) == ("oracle_scrolls", "question")
    assert empty.value.diag.message_detail is None


def test_the_function_and_the_constraint_agree(scene: Scene) -> None:
    """Without its constraints a table refuses the same rows, each under the same name."""
    make_world(scene)
    for table in RULES.tables:
        for violation in breaking_rows(scene, table, CANARY):
            error = write(scene, OWNER, "update", violation)
            if isinstance(error, psycopg.errors.CheckViolation) and error.diag.constraint_name:
                assert table.quotes_no_text or error.diag.message_detail is None
                assert str(error.diag.constraint_name).startswith(f"{table.id}_")


@pytest.mark.parametrize("table", [t for t in RULES.tables if not t.quotes_no_text], ids=lambda table: table.id)
def test_the_check_comes_last(table: object) -> None:
    names = [t.name for t in all_triggers(table) if t.timing == "before" and t.level == "row"]  # type: ignore[arg-type]
    assert max(names).startswith("zz_check_")


_ALLOWED = re.compile(r"tg_table_name|tg_argv\[.+\]|lower\(tg_op\)|job_id|coalesce\(before, 'unknown'\)|origin"
                      r"|to_jsonb\(new\) ->> tg_argv\[0\]|purpose|new\.channel|missing|broken"
                      r"|places|unfinished|found")  # fmt: skip


@pytest.mark.parametrize("path", sorted((PROJECT / "sql" / "functions").glob("*.sql")), ids=lambda path: path.stem)
def test_no_message_is_made_of_a_callers_text(path: Path) -> None:
    """A message prints names of the rules and numbers; what a caller passed may be anything."""
    for printed_values in re.findall(r"raise exception\s+'(?:[^']|'')*'((?:(?!\s+using\b|;).|\n)*)", path.read_text()):
        for value in filter(None, (part.strip() for part in re.split(r",(?![^()\[]*[)\]])", printed_values))):
            assert _ALLOWED.fullmatch(value), f"{path.name} prints {value}"
