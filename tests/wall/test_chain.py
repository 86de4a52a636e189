"""The chain over the ledgers: nobody writes a link but as sealing would, and a chain that was broken can be mended."""

import psycopg
import pytest

from tests.wall.actors import OWNER, SERVICE
from tests.wall.scenes import Scene
from tests.wall.seeds import begin_world, give, make_world
from tests.wall.test_ledgers import LEDGERS, VERIFY

SEAL = "select * from public.seal_ledgers()"
FORGED = (
    "insert into public.ledger_seals (ledger, position, row_id, row_hash, chain_hash, created_at)"
    " values (%s, %s, %s, '\\x00', '\\x00', now() - interval '3 days')"
)
LINK = "select position, row_hash, chain_hash <> '\\x00', created_at > now() - interval '1 hour'"


def newest(scene: Scene, ledger: str) -> int:
    return int(scene.truth(f"select max(id) from public.{ledger}"))


@pytest.mark.parametrize("ledger", LEDGERS)
def test_a_link_that_is_sent_ready_made_is_made_by_the_database(each_scene: Scene, ledger: str) -> None:
    """By the owner of the tables: whatever was sent, the chain goes on as sealing would have it."""
    scene = each_scene
    make_world(scene)
    give(scene, begin_world(scene).subject, "email_delivery")
    row = newest(scene, ledger)
    end = scene.truth("select max(position) from public.ledger_seals where ledger = %s", ledger)
    assert scene.count(OWNER, FORGED, ledger, 10**9, row) == 1
    link = scene.rows(OWNER, f"{LINK} from public.ledger_seals where ledger = %s and row_id = %s", ledger, row)
    assert link == [(end + 1, scene.truth(f"select row_hash from public.{ledger} where id = %s", row), True, True)]
    scene.rows(SERVICE, SEAL)
    assert scene.rows(SERVICE, VERIFY, ledger) == [(True, None)]


@pytest.mark.parametrize("ledger", LEDGERS)
def test_a_link_without_a_row_or_twice_is_refused(scene: Scene, ledger: str) -> None:
    make_world(scene)
    for row in (0, -1, newest(scene, ledger) + 1, 10**12):
        assert scene.refusal(OWNER, FORGED, ledger, 1, row) == "23514"
    assert scene.refusal(OWNER, FORGED, ledger, 1, newest(scene, ledger)) == "23505"
    assert scene.refusal(OWNER, FORGED, "purchases", 1, 1) == "22023"
    assert scene.rows(SERVICE, VERIFY, ledger) == [(True, None)]


@pytest.mark.parametrize("ledger", LEDGERS)
def test_a_row_that_was_slipped_in_is_not_sealed_by_hand(scene: Scene, ledger: str) -> None:
    make_world(scene)
    row = scene.truth(f"select id from public.{ledger} order by id desc offset 1 limit 1")
    with scene.past_every_trigger() as connection:
        connection.execute("update public.ledger_seals set created_at = created_at - interval '2 hours'")
        connection.execute("delete from public.ledger_seals where ledger = %s and row_id = %s", [ledger, row])
    assert scene.refusal(OWNER, FORGED, ledger, 1, row) == "23514"


def test_a_row_that_comes_too_late_says_what_to_do(scene: Scene) -> None:
    make_world(scene)
    row = scene.truth("select id from public.consent_events order by id desc offset 1 limit 1")
    with scene.past_every_trigger() as connection:
        connection.execute("update public.ledger_seals set created_at = created_at - interval '2 hours'")
        connection.execute("delete from public.ledger_seals where ledger = 'consent_events' and row_id = %s", [row])
    with pytest.raises(psycopg.errors.CheckViolation) as raised, scene.acting(OWNER) as connection:
        connection.execute(FORGED, ["consent_events", 1, row])
    assert "wall.reseal_ledger" in str(raised.value.diag.message_hint)


RESEAL = "select intact, remade > 0 from wall.reseal_ledger(%s)"
HARM = {
    "a forged link": "update public.ledger_seals set chain_hash = '\\x00' where ledger = %s and position = 3",
    "a removed link": "delete from public.ledger_seals where ledger = %s and position = 3",
    "a link dated back": "update public.ledger_seals set created_at = created_at - interval '1 day'"
    " where ledger = %s and position = 3",
    "a link of another row": "update public.ledger_seals set row_hash = '\\x00' where ledger = %s and position = 3",
}


@pytest.mark.parametrize("harm", HARM)
@pytest.mark.parametrize("ledger", LEDGERS)
def test_a_broken_chain_is_made_anew_and_the_trail_says_so(scene: Scene, ledger: str, harm: str) -> None:
    make_world(scene)
    with scene.past_every_trigger() as connection:
        connection.execute(HARM[harm], [ledger])
    assert scene.rows(SERVICE, VERIFY, ledger)[0][0] is False
    assert scene.rows(OWNER, RESEAL, ledger) == [(True, True)]
    line = "select object_table, object_id, (details ->> 'links')::int > 0 from public.admin_audit_events"
    (said,) = scene.rows(OWNER, f"{line} where action = 'ledger.resealed'")
    assert said[0] == ledger
    assert int(said[1]) in (3, 4)
    for one in LEDGERS:
        assert scene.rows(SERVICE, VERIFY, one) == [(True, None)]
    assert scene.refusal(OWNER, "delete from public.ledger_seals") == "42501"


def test_a_chain_that_holds_is_not_made_anew(scene: Scene) -> None:
    make_world(scene)
    assert scene.refusal(OWNER, RESEAL, "consent_events") == "55000"
    assert scene.refusal(SERVICE, RESEAL, "consent_events") == "42501"


def test_a_changed_row_stays_named_when_its_link_is_made_anew(scene: Scene) -> None:
    """Making links anew mends links; a row is put back from a backup."""
    make_world(scene)
    row = scene.truth("select min(id) from public.consent_events")
    with scene.past_every_trigger() as connection:
        connection.execute("update public.consent_events set locale = 'xx' where id = %s", [row])
    assert scene.rows(OWNER, RESEAL, "consent_events") == [(False, True)]
    assert scene.rows(SERVICE, VERIFY, "consent_events") == [(False, row)]
