"""What the audit trail keeps of an erased person: codes that lead nowhere, and lines that only the database writes."""

import hashlib
import re

import pytest
from psycopg.types.json import Jsonb

from fixtures.servers import Database
from lab.rules import RULES
from lab.rules.tables.operations import RESERVED_ACTIONS
from lab.sql.functions import function_body
from tests.wall.actors import OWNER, SERVICE
from tests.wall.crowds import ask, prepare
from tests.wall.erasures import erase
from tests.wall.scenes import Scene
from tests.wall.seeds import World, begin_world, give


def test_no_line_of_the_trail_leads_to_an_erased_person(own: Database) -> None:
    world = prepare(own)
    uuids = [str(world.subject), str(world.subject).upper(), world.subject.hex]
    line = (
        "select public.record_audit_event('operator', 'user.seen', 'users', %s, 'done',"
        " jsonb_build_object('who', %s::text), %s)"
    )
    for form in uuids:
        ask(own, line, form, form, form)
    lines = "select a::text from public.admin_audit_events a"
    assert not [text for (text,) in ask(own, lines) for form in uuids if form in text]
    ((code,),) = ask(own, "select id::text from public.audit_codes where subject_id = %s", world.subject)
    assert sum(code in text for (text,) in ask(own, lines)) == 3
    erase(own, world.subject)
    assert ask(own, "select count(*) from public.audit_codes") == [(0,)]
    ask(own, line, *[str(world.subject)] * 3)
    assert not [text for (text,) in ask(own, lines) for form in uuids if form in text]


SPELLINGS = {
    "a hyphen more": lambda id: f"{str(id)[:4]}-{str(id)[4:]}",
    "hyphens after four digits": lambda id: "-".join(id.hex[place : place + 4] for place in range(0, 32, 4)),
    "a hyphen after each digit but few": lambda id: "-".join(id.hex[:6]) + id.hex[6:],
    "a digit before": lambda id: f"0{id.hex}",
    "digits around": lambda id: f"00{id.hex}ff",
    "two hyphens": lambda id: str(id).replace("-", "--", 1),
}
IN_DETAILS = {
    "underscores": lambda id: str(id).replace("-", "_"),
    "a word before": lambda id: f"by:{id.hex}",
    "dots": lambda id: str(id).replace("-", "."),
}


@pytest.mark.parametrize("how", [*SPELLINGS, *IN_DETAILS])
def test_no_spelling_of_an_id_stays_in_the_trail(scene: Scene, how: str) -> None:
    subject = scene.make_person()
    text = (SPELLINGS | IN_DETAILS)[how](subject)
    target = text if how in SPELLINGS else "1"
    line = "select public.record_audit_event('operator', 'user.seen', 'users', %s, 'done', %s, %s)"
    details = Jsonb({"who": text} if len(text) <= 40 else {})
    scene.value(SERVICE, line, target, details, target)
    written = (
        "select concat_ws(' ', object_id, actor_id, details) from public.admin_audit_events order by id desc limit 1"
    )
    said = scene.truth(written)
    assert subject.hex not in re.sub("[^0-9a-f]", "", said.lower())
    assert str(scene.truth("select id from public.audit_codes where subject_id = %s", subject)) in said


def test_what_names_nobody_stays_in_the_trail(scene: Scene) -> None:
    digest = hashlib.sha256(b"a proof").hexdigest()
    line = "select public.record_audit_event('operator', 'proof.seen', 'users', %s, 'done', %s)"
    scene.value(SERVICE, line, digest, Jsonb({"digest": digest}))
    written = "select object_id, details ->> 'digest' from public.admin_audit_events order by id desc limit 1"
    assert scene.rows(OWNER, written) == [(digest, digest)]


@pytest.mark.parametrize("action", RESERVED_ACTIONS)
def test_no_login_says_what_the_database_alone_does(scene: Scene, action: str) -> None:
    row = "insert into public.admin_audit_events (actor_kind, action, object_table, object_id, outcome)"
    for statement in (
        f"{row} values ('server', %s, 'consent_events', '1', 'done')",
        "select public.record_audit_event('server', %s, 'consent_events', '1')",
    ):
        assert scene.refusal(SERVICE, statement, action) == "42501"
        assert scene.refusal(SERVICE, statement, "thing.done") == ""


def test_what_the_database_says_is_reserved() -> None:
    """Each function that writes a line with its owner's rights; what workers do is said by the server as well."""
    ours = [f for f in RULES.functions if (f.definer and f.db_schema == "wall") or f.id == "erase_subject"]
    said = {action for f in ours for action in re.findall(r"'([a-z]+\.[a-z]+)'", function_body(f))}
    settings = {name for name in said if name.split(".")[0] in ("auth", "lab", "public", "request", "wall")}
    assert said - settings <= set(RESERVED_ACTIONS)
    assert {"subject.erased", "consent.blanked", "hold.placed"} <= said


def test_an_erased_person_has_a_line_for_each_entry_that_was_blanked(own: Database) -> None:
    def arrange(scene: Scene, world: World) -> None:
        give(scene, world.subject, "email_delivery")
        give(scene, world.subject, "echo_followup")
        add = begin_world(scene)
        give(scene, add.subject, "email_delivery")

    world = prepare(own, arrange)
    mine = {str(id) for (id,) in ask(own, "select id from public.consent_events where subject_id = %s", world.subject)}
    before = {str(id) for (id,) in ask(own, "select id from public.consent_events")}
    erase(own, world.subject)
    after = {str(id) for (id,) in ask(own, "select id from public.consent_events")}
    lines = ask(own, "select object_table, object_id from public.admin_audit_events where action = 'consent.blanked'")
    assert {("consent_events", id) for id in mine | after - before} == set(lines)
    assert len(lines) == 2 * len(mine) == 4  # the erasure takes each consent back first
