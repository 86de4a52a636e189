"""Nothing is deleted by hand and no table is emptied: a row goes only with its person, by their own request."""

import pytest

from lab.rules import RULES
from lab.rules.derived import derived_triggers
from lab.rules.laws.tables import tables_refuse_deletes
from lab.rules.model import Table
from tests.wall.actors import OWNER, SERVICE
from tests.wall.scenes import Scene
from tests.wall.seeds import begin_world, make_world
from tests.wall.test_erasure import ERASE, request_deletion

REFUSAL = "42501"


def test_no_table_loses_a_row_to_a_plain_statement(each_scene: Scene) -> None:
    """Also what was never sealed, a paid purchase, and what Stripe said; on every table that has rows."""
    make_world(each_scene)
    for table in RULES.tables:
        assert each_scene.truth(f"select exists (select from {table.qualified})"), table.id
        assert each_scene.refusal(OWNER, f"delete from {table.qualified}") == REFUSAL, table.id
        assert each_scene.refusal(OWNER, f"truncate {table.qualified} cascade") == REFUSAL, table.id


def test_a_superuser_that_plays_replica_is_refused_too(scene: Scene) -> None:
    make_world(scene)
    scene.connection.execute("set local session_replication_role = replica")
    for table in RULES.tables:
        assert scene.refusal(OWNER, f"delete from {table.qualified}") == REFUSAL, table.id


def test_an_unsealed_reading_stays(scene: Scene) -> None:
    world = begin_world(scene)
    assert scene.refusal(OWNER, "delete from public.oracle_scrolls where id = %s", world.ids["scroll"]) == REFUSAL
    lone = scene.value(
        SERVICE,
        "insert into public.oracle_scrolls (subject_id, question) values (%s, 'words') returning id",
        world.subject,
    )
    assert scene.refusal(OWNER, "delete from public.oracle_scrolls where id = %s", lone) == REFUSAL


def test_a_running_request_lets_go_what_hangs_on_its_person_and_nothing_else(scene: Scene) -> None:
    """A card hangs on its artifact and an attempt on its job: neither names a person."""
    world, other = make_world(scene), make_world(scene)
    request = request_deletion(scene, world, "verified", "running")
    mine = "in (select a.id from public.oracle_artifacts a where a.subject_id = %s)"
    tries = "delete from public.delivery_attempts where job_id in (select id from public.delivery_jobs where {})"
    assert scene.refusal(OWNER, f"delete from public.share_cards where artifact_id {mine}", other.subject) == REFUSAL
    assert scene.refusal(OWNER, tries.format("subject_id = %s"), other.subject) == REFUSAL
    kept = {t.id: scene.truth(f"select count(*) from {t.qualified}") for t in RULES.tables}
    scene.rows(SERVICE, ERASE, request)
    left = "select count(*) from public.delivery_attempts t join public.delivery_jobs j on j.id = t.job_id"
    assert scene.truth(f"{left} where j.subject_id = %s", other.subject) == 1
    assert scene.truth("select count(*) from public.delivery_attempts") == kept["delivery_attempts"] - 1
    assert scene.truth(f"select count(*) from public.share_cards where artifact_id {mine}", other.subject) == 1
    assert scene.truth("select count(*) from public.share_cards") == kept["share_cards"] - 1


def test_the_law_names_a_table_that_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    def without(table: Table) -> tuple[object, ...]:
        return () if table.id == "purchases" else derived_triggers(table)

    assert list(tables_refuse_deletes(RULES)) == []
    monkeypatch.setattr("lab.rules.laws.tables.all_triggers", without)
    assert [fault.split(":")[0] for fault in tables_refuse_deletes(RULES)] == ["public.purchases"] * 2
