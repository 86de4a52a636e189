"""Privacy requests: nobody makes one up, hides one or moves its deadline without a line in the audit trail."""

from datetime import UTC, datetime

import pytest

from lab.rules import RULES
from lab.rules.model import EraseAction
from tests.wall.actors import OWNER, SERVICE, Actor
from tests.wall.scenes import Scene
from tests.wall.seeds import ask_for_erasure, begin_world, make_world

LINES = (
    "select actor_kind, action, details - 'days' from public.admin_audit_events"
    " where object_table = 'privacy_requests' and object_id = %s order by id"
)
MONTHS = {
    "a full month": ("2026-01-15 10:00+00", "2026-02-15 10:00+00"),
    "the end of January": ("2026-01-31 10:00+00", "2026-02-28 10:00+00"),
    "the end of January in a leap year": ("2028-01-31 10:00+00", "2028-02-29 10:00+00"),
    "a month of 30 days": ("2026-03-31 23:59:59+00", "2026-04-30 23:59:59+00"),
    "the end of February": ("2026-02-28 00:00+00", "2026-03-28 00:00+00"),
    "the turn of the year": ("2026-12-31 00:00+00", "2027-01-31 00:00+00"),
    "a day that is another one elsewhere": ("2026-01-31 01:00+02", "2026-02-28 23:00+00"),
    "the hour that clocks leave out": ("2026-02-28 01:30+00", "2026-03-28 01:30+00"),
}


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "Pacific/Auckland"])
@pytest.mark.parametrize("when", MONTHS)
def test_a_month_ends_on_the_same_day_or_the_last(scene: Scene, when: str, zone: str) -> None:
    asked, due = MONTHS[when]
    scene.connection.execute("select set_config('timezone', %s, true)", [zone])
    found = scene.truth("select wall.privacy_deadline(%s::timestamptz)", asked)
    assert found.astimezone(UTC) == datetime.fromisoformat(due).astimezone(UTC)


@pytest.mark.parametrize("actor", [SERVICE, OWNER], ids=lambda actor: actor.id)
def test_the_database_sets_the_dates(scene: Scene, actor: Actor) -> None:
    subject = scene.make_person()
    made = scene.rows(
        actor,
        "insert into public.privacy_requests (subject_id, kind, created_at, due_at, closed_at, extended_until)"
        " values (%s, 'deletion', now() - interval '1 year', now() + interval '10 years', now(), now())"
        " returning created_at = now(), due_at = wall.privacy_deadline(now()), closed_at, extended_until",
        subject,
    )
    assert made == [(True, True, None, None)]


NOT_MOVED = {
    "ten years later": "due_at = due_at + interval '10 years'",
    "asked later": "created_at = created_at + interval '1 month'",
    "closed without an answer": "closed_at = now()",
    "extended without a reason": "extended_until = due_at + interval '1 month'",
    "a reason without an extension": "extension_reason = 'complexity'",
    "another reason": "extended_until = due_at + interval '1 month', extension_reason = 'holidays'",
    "extended too far": "extended_until = due_at + interval '2 months 1 day', extension_reason = 'complexity'",
    "extended backwards": "extended_until = due_at - interval '1 day', extension_reason = 'complexity'",
    "of another kind": "kind = 'export'",
    "of nobody": "subject_id = null",
}


@pytest.mark.parametrize("actor", [SERVICE, OWNER], ids=lambda actor: actor.id)
@pytest.mark.parametrize("how", NOT_MOVED)
def test_a_deadline_does_not_move(scene: Scene, how: str, actor: Actor) -> None:
    request = ask_for_erasure(scene, scene.make_person(), "verified")
    before = scene.truth("select to_jsonb(r) from public.privacy_requests r where id = %s", request)
    refusal = scene.refusal(actor, f"update public.privacy_requests set {NOT_MOVED[how]} where id = %s", request)
    if how == "closed without an answer":
        scene.count(actor, "update public.privacy_requests set closed_at = now() where id = %s", request)
    else:
        assert refusal in ("42501", "23514")
    assert scene.truth("select to_jsonb(r) from public.privacy_requests r where id = %s", request) == before


def test_an_extension_has_a_reason_a_limit_and_a_line(scene: Scene) -> None:
    request = ask_for_erasure(scene, scene.make_person(), "verified")
    extend = (
        "update public.privacy_requests set extended_until = due_at + interval '{}', extension_reason = 'complexity'"
        " where id = %s"
    )
    assert scene.count(SERVICE, extend.format("2 months"), request) == 1
    assert scene.rows(OWNER, LINES, str(request))[-1] == ("server", "privacy.extended", {"reason": "complexity"})
    assert scene.refusal(SERVICE, extend.format("1 month"), request) == "42501"
    back = "update public.privacy_requests set extended_until = null, extension_reason = null where id = %s"
    assert scene.refusal(SERVICE, back, request) == "42501"


def test_after_its_deadline_nothing_is_extended(scene: Scene) -> None:
    request = ask_for_erasure(scene, scene.make_person(), "verified")
    with scene.past_every_trigger() as connection:
        past = "update public.privacy_requests set due_at = now() - interval '1 day' where id = %s"
        connection.execute(past, [request])
    late = (
        "update public.privacy_requests set extended_until = now() + interval '1 month',"
        " extension_reason = 'complexity' where id = %s"
    )
    assert scene.refusal(SERVICE, late, request) == "42501"


def test_each_move_leaves_a_line_whoever_makes_it(scene: Scene) -> None:
    subject = scene.make_person()
    request = ask_for_erasure(scene, subject, "verified")
    scene.count(OWNER, "update public.privacy_requests set status = 'running' where id = %s", request)
    assert scene.rows(OWNER, LINES, str(request)) == [
        ("subject", "privacy.asked", {"kind": "deletion"}),
        ("server", "privacy.moved", {"from": "received", "to": "verified"}),
        ("system", "privacy.moved", {"from": "verified", "to": "running"}),
    ]
    whole = "select count(*) from public.admin_audit_events a where position(%s in a::text) > 0"
    assert scene.truth(whole, str(subject)) == 0


@pytest.mark.parametrize("actor", [SERVICE, OWNER], ids=lambda actor: actor.id)
@pytest.mark.parametrize("subject", ["null", "gen_random_uuid()"])
def test_somebody_without_an_account_asks_for_nothing(scene: Scene, subject: str, actor: Actor) -> None:
    insert = f"insert into public.privacy_requests (subject_id, kind) values ({subject}, 'deletion')"
    assert scene.refusal(actor, insert) in ("23503", "23514")


@pytest.mark.parametrize("actor", [SERVICE, OWNER], ids=lambda actor: actor.id)
def test_done_means_that_nothing_is_left(scene: Scene, actor: Actor) -> None:
    done = "update public.privacy_requests set status = 'done' where id = %s"
    deletion = ask_for_erasure(scene, scene.make_person())
    assert scene.refusal(actor, done, deletion) == "23514"
    export = ask_for_erasure(scene, begin_world(scene).subject, kind="export")
    scene.count(SERVICE, "insert into public.privacy_request_steps (request_id, position, name) values (%s, 1, 'rows')",
                export)  # fmt: skip
    assert scene.refusal(actor, done, export) == "23514"
    scene.count(SERVICE, "update public.privacy_request_steps set status = 'skipped' where request_id = %s", export)
    assert scene.count(actor, done, export) == 1
    assert scene.truth("select closed_at = now() from public.privacy_requests where id = %s", export)


def test_a_hold_leaves_a_line_and_stays(scene: Scene) -> None:
    scroll = begin_world(scene).ids["scroll"]
    hold = scene.value(
        SERVICE,
        "insert into public.legal_holds (table_name, row_id, reason_code) values ('oracle_scrolls', %s, 'tax_audit')"
        " returning id",
        str(scroll),
    )
    scene.count(SERVICE, "update public.legal_holds set held_until = now() where id = %s", hold)
    lines = "select action, details ->> 'reason' from public.admin_audit_events where object_id = %s order by id"
    assert scene.rows(OWNER, lines, str(hold)) == [("hold.placed", "tax_audit"), ("hold.changed", "tax_audit")]
    for change in ("row_id = '1'", "table_name = 'purchases'", "reason_code = 'fraud_inquiry'"):
        assert scene.refusal(OWNER, f"update public.legal_holds set {change} where id = %s", hold) == "42501"


@pytest.mark.parametrize("actor", [SERVICE, OWNER], ids=lambda actor: actor.id)
def test_a_request_whose_person_is_erased_names_nobody_else(scene: Scene, actor: Actor) -> None:
    """Otherwise a request that runs could be pointed at somebody who never asked, and erase them."""
    gone, other = scene.make_person(), begin_world(scene)
    requests = [ask_for_erasure(scene, gone) for _ in range(2)]
    assert scene.value(SERVICE, "select state from public.erase_subject(%s)", requests[0]) == "processors"
    fill = "update public.privacy_requests set subject_id = %s where id = %s"
    for request in requests:
        assert scene.truth("select subject_id from public.privacy_requests where id = %s", request) is None
        assert scene.refusal(actor, fill, other.subject, request) == "42501"


NAMES = [
    (table.id, column.name)
    for table in RULES.tables
    for column in table.columns
    if column.names_subject and column.erase is EraseAction.SET_NULL
]


@pytest.mark.parametrize(("table", "column"), NAMES)
def test_only_a_purchase_names_a_person_later(scene: Scene, table: str, column: str) -> None:
    """Every table holds a row whose person is gone; nobody may put another in their place."""
    gone, other = make_world(scene), scene.make_person()
    request = ask_for_erasure(scene, gone.subject)
    assert scene.value(SERVICE, "select state from public.erase_subject(%s)", request) == "processors"
    fill = f"update public.{table} set {column} = %s where {column} is null"
    allowed = RULES.table(table).column(column).filled_later
    assert scene.refusal(OWNER, fill, other) == ("" if allowed else "42501")
    assert allowed == (table == "purchases")
