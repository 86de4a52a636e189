"""Writes that are granted, held by their policies: whose rows may be written, and how."""

import uuid
from collections.abc import Mapping

import psycopg
import pytest

from tests.wall.actors import OPERATOR, SERVICE, person
from tests.wall.scenes import Scene
from tests.wall.seeds import begin_world, give, make_world

CONSENT = "insert into public.consent_events (request_id, subject_id, purpose, action) values (%s, %s, %s, 'withdrawn')"
REQUEST = "insert into public.privacy_requests (subject_id, kind) values (%s, 'export')"


def test_people_write_for_themselves_alone(scene: Scene) -> None:
    mine, theirs = scene.make_person(), scene.make_person()
    actor = person(mine)
    assert scene.count(actor, CONSENT, uuid.uuid4(), mine, "echo_followup") == 1
    assert scene.count(actor, REQUEST, mine) == 1
    assert scene.refusal(actor, CONSENT, uuid.uuid4(), theirs, "echo_followup") == "42501"
    assert scene.refusal(actor, REQUEST, theirs) == "42501"
    assert scene.refusal(actor, "insert into public.privacy_requests (subject_id, kind, due_at)"
                         " values (%s, 'export', now() + interval '9 years')", mine) == "42501"  # fmt: skip


def test_nobody_signed_in_writes_nothing(scene: Scene) -> None:
    nobody = person(None)  # type: ignore[arg-type]
    assert scene.refusal(nobody, "select public.request_privacy('export')") in ("42501", "23502", "23514")
    assert scene.value(nobody, "select count(*) from public.oracle_scrolls") == 0


OTHERS = {
    "artifact of a stranger's reading": "insert into public.oracle_artifacts (subject_id, scroll_id, kind)"
    " values (%(me)s, %(scroll)s, 'pdf')",
    "Echo on a stranger's reading": "insert into public.echo_entries (subject_id, scroll_id, due_at)"
    " values (%(me)s, %(scroll)s, now())",
    "Council on a stranger's reading": "insert into public.council_sessions (subject_id, scroll_id)"
    " values (%(me)s, %(scroll)s)",
    "AI run on a stranger's question": "insert into public.ai_runs (subject_id, layer, scroll_id, fields_given, model)"
    " values (%(me)s, 'echo', %(scroll)s, '{question}', 'model-1')",
    "Passport with a stranger's reading": "insert into public.passport_records (subject_id, scroll_id)"
    " values (%(me)s, %(scroll)s)",
    "Passport with a stranger's artifact": "insert into public.passport_records (subject_id, scroll_id, artifact_id)"
    " values (%(me)s, %(own)s, %(pdf)s)",
    "Passport with a stranger's purchase": "insert into public.passport_records (subject_id, scroll_id, purchase_id)"
    " values (%(me)s, %(own)s, %(purchase)s)",
    "job for a stranger's artifact": "select public.enqueue_delivery_job('pdf', %(me)s, %(pdf)s)",
    "job for a stranger's purchase": "select public.enqueue_delivery_job('receipt', %(me)s, null, %(purchase)s)",
    "consent for a stranger's artifact": "select public.record_consent(%(me)s, 'public_share', 'withdrawn',"
    " gen_random_uuid(), null, %(pdf)s)",
}


@pytest.mark.parametrize("what", OTHERS)
def test_the_server_cannot_mix_people_up(scene: Scene, what: str) -> None:
    theirs, mine = begin_world(scene), begin_world(scene)
    for purpose in ("passport_write", "ai_processing"):
        give(scene, mine.subject, purpose)
    values = {"me": mine.subject, "own": mine.ids["scroll"], **theirs.ids}
    own = {"me": theirs.subject, "own": theirs.ids["scroll"], **theirs.ids}
    for purpose in ("passport_write", "ai_processing"):
        give(scene, theirs.subject, purpose)
    statement = OTHERS[what]
    with scene.acting(SERVICE):
        assert _refusal(scene, statement, values) == "42501"
        assert _refusal(scene, statement, own) in ("", "23505")  # there is one PDF of a reading already


def _refusal(scene: Scene, statement: str, values: Mapping[str, object]) -> str:
    try:
        with scene.connection.transaction(force_rollback=True):
            scene.connection.execute(statement, values)
    except psycopg.Error as error:
        return str(error.sqlstate)
    return ""


REPOINTED = {
    "purchase": "update public.purchases set buyer_subject_id = %s where id = %s",
    "request": "update public.privacy_requests set subject_id = %s where id = %s",
    "scroll": "update public.oracle_scrolls set subject_id = %s where id = %s",
}


@pytest.mark.parametrize("what", REPOINTED)
def test_a_row_is_not_given_to_somebody_else(scene: Scene, what: str) -> None:
    world, other = make_world(scene), scene.make_person()
    assert scene.refusal(SERVICE, REPOINTED[what], other, world.ids[what]) == "42501"


def test_the_operator_reads_no_private_word(scene: Scene) -> None:
    world = make_world(scene)
    for (view,) in scene.rows(OPERATOR, "select viewname from pg_catalog.pg_views where schemaname = 'operations'"):
        found = scene.rows(OPERATOR, f"select to_jsonb(v)::text from operations.{view} v")
        assert found or view == "consents"
        assert not [row for (row,) in found if "canary" in row]
    assert world.words
