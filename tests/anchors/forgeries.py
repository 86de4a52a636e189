"""Forgeries of a ledger by a superuser: what is done past every trigger, and which entry must be named first."""

import random
from collections.abc import Callable, Iterator
from typing import NamedTuple

from lab.services.anchor import Wrong
from tests.anchors.history import HASH, LEDGER_IDS, History

CHANGED, CUT, LOST = Wrong.CHANGED, Wrong.CUT, Wrong.LOST
GONE = frozenset({CUT, LOST})


class Forgery(NamedTuple):
    """What is forged, and what must be said of it.

    Args:
        kind: Its kind, in a few words.
        ledger: Which ledger.
        statements: What the superuser runs.
        first: The number of the first entry that must be named.
        wrong: What may be said that became of it.
    """

    kind: str
    ledger: str
    statements: str
    first: int
    wrong: frozenset[Wrong]


VALUES = {
    "consent_events": {
        "action": "'withdrawn'",
        "purpose": "case purpose when 'email_delivery' then 'passport_write' else 'email_delivery' end",
        "request_id": "gen_random_uuid()",
        "wording_version": "coalesce(wording_version, 0) + 1",
        "wording_sha256": "sha256('forged')",
        "locale": "case locale when 'en' then 'de' else 'en' end",
        "personal_digest": "sha256('forged')",
        "row_hash": "sha256('forged')",
        "created_at": "created_at + interval '1 microsecond'",
        "notice_id": "(select n.id from public.consent_notices n where n.id is distinct from notice_id limit 1)",
    },
    "admin_audit_events": {
        "actor_kind": "case actor_kind when 'system' then 'worker' else 'system' end",
        "actor_id": "coalesce(actor_id, '') || 'x'",
        "action": "action || '_forged'",
        "object_table": "object_table || '_forged'",
        "object_id": "object_id || '1'",
        "outcome": "case outcome when 'done' then 'refused' else 'done' end",
        "details": "details || '{\"forged\": 1}'",
        "row_hash": "sha256('forged')",
        "created_at": "created_at - interval '3 days'",
    },
}
OTHER = "(select u.id from auth.users u where u.id is distinct from subject_id limit 1)"
DIGEST = "sha256(convert_to(personal_salt::text || subject_id::text || coalesce(evidence::text, ''), 'UTF8'))"
# What hides a forgery from the database's own verification, in three depths.
HIDE: dict[str, str] = {
    "": "",
    "hashed anew": ";" + HASH,
    "hashed and sealed anew": ";" + HASH + """;
        delete from public.ledger_seals where ledger = '{0}';
        do $do$ declare head bytea := ''; place bigint := 0; link record; begin
          for link in select id, row_hash from public.{0} order by id loop
            place := place + 1;
            head := sha256(head || int8send(place) || int8send(link.id) || timestamptz_send(now()) || link.row_hash);
            insert into public.ledger_seals (ledger, position, row_id, row_hash, chain_hash)
            values ('{0}', place, link.id, link.row_hash, head);
          end loop; end $do$""",
    "by functions that lie": """; create or replace function wall.ledger_content(entry jsonb) returns bytea
        language sql immutable as $f$ select decode(substr(entry ->> 'row_hash', 3), 'hex') $f$""",
}  # fmt: skip


def _change(history: History, ledger: str, dice: random.Random) -> Forgery:
    column = dice.choice(sorted(VALUES[ledger]))
    rows = dice.sample(history.numbers(ledger), dice.choice((1, 1, 2, 5)))
    value = VALUES[ledger][column]
    rows = _differing(history, ledger, rows, column, value)
    statement = f"update public.{ledger} set {column} = {value} where id = any('{{{_list(rows)}}}')"
    return Forgery(f"{column} changed", ledger, statement, min(rows), frozenset({CHANGED, Wrong.PERSON}))


def _differing(history: History, ledger: str, rows: list[int], column: str, value: str) -> list[int]:
    """Keep the rows that a change changes; when there is none, change any other row that it does."""
    query = f"select id from public.{ledger} where {column} is distinct from {value} and id = any(%s) order by id"
    found = history.connection.execute(query.encode(), [rows]).fetchall()
    found = found or history.connection.execute(query.encode(), [history.numbers(ledger)]).fetchall()[:1]
    return [row[0] for row in found]


def _list(rows: list[int]) -> str:
    return ",".join(map(str, rows))


def _person(history: History, ledger: str, dice: random.Random) -> Forgery:
    row = dice.choice([number for number in history.numbers("consent_events") if number not in history.blanked])
    change, wrong = dice.choice(
        [
            (f"subject_id = {OTHER}", {Wrong.PERSON}),
            ('evidence = \'{"surface": "forged"}\'', {Wrong.PERSON}),
            ("evidence = null", {Wrong.PERSON}),
            ("personal_salt = gen_random_uuid()", {Wrong.PERSON}),
            ("subject_id = null", {Wrong.PERSON}),
            ("personal_salt = null", {Wrong.PERSON}),
            ("subject_id = null, evidence = null, personal_salt = null", {Wrong.UNERASED}),
            (f"subject_id = {OTHER}, personal_digest = '\\x00'", {CHANGED}),
        ]
    )
    statement = f"update public.consent_events set {change} where id = {row}"
    if dice.random() < 0.3 and wrong == {Wrong.PERSON} and "null" not in change:
        statement += f"; update public.consent_events set personal_digest = {DIGEST} where id = {row}"
        wrong = {CHANGED}
    return Forgery("the person", "consent_events", statement, row, frozenset(wrong))


def _return(history: History, ledger: str, dice: random.Random) -> Forgery:
    row = dice.choice(sorted(history.blanked))
    subject, evidence, salt = history.blanked[row]
    true = f"subject_id = '{subject}', evidence = '{evidence}', personal_salt = '{salt}'"
    change, wrong = dice.choice([(true, Wrong.RETURNED), (f"subject_id = {OTHER}", Wrong.PERSON)])
    statement = f"update public.consent_events set {change} where id = {row}"
    return Forgery("somebody returns", "consent_events", statement, row, frozenset({wrong}))


def _cut(history: History, ledger: str, dice: random.Random) -> Forgery:
    numbers = history.numbers(ledger)
    start = dice.randrange(len(numbers))
    rows = dice.choice(
        [[numbers[start]], numbers[start : start + 4], numbers[start::3], dice.sample(numbers, 5), numbers[start:]]
    )
    statement = f"delete from public.{ledger} where id = any('{{{_list(rows)}}}')"
    return Forgery("cut", ledger, statement, min(rows), GONE)


def _go_back(history: History, ledger: str, dice: random.Random) -> Forgery:
    """Take the table back to an older dump; sometimes the numbers are given out again."""
    numbers = history.numbers(ledger)
    place = dice.randrange(1, len(numbers))
    statement = f"delete from public.{ledger} where id >= {numbers[place]}"
    for again in range(dice.choice((0, 0, 1, 3))):
        statement += f"; {_copy(ledger, numbers[0], numbers[place] + again, 'now()')}"
    return Forgery("an older state", ledger, statement, numbers[place], frozenset({LOST, CHANGED}))


def _empty(history: History, ledger: str, dice: random.Random) -> Forgery:
    statement = f"delete from public.{ledger}"
    return Forgery("emptied", ledger, statement, history.numbers(ledger)[0], frozenset({LOST}))


def _swap(history: History, ledger: str, dice: random.Random) -> Forgery:
    one, other = sorted(dice.sample(history.numbers(ledger), 2))
    statement = (
        f"update public.{ledger} set id = -7 where id = {one};"
        f"update public.{ledger} set id = {one} where id = {other};"
        f"update public.{ledger} set id = {other} where id = -7"
    )
    return Forgery("swapped", ledger, statement, one, frozenset({CHANGED}))


def _renumber(history: History, ledger: str, dice: random.Random) -> Forgery:
    numbers = history.numbers(ledger)
    place = dice.randrange(len(numbers))
    new = dice.choice([0, -5, numbers[-1] + 1000, *history.gaps[ledger]])
    wrong = {CUT, LOST} if numbers[place] < new else {Wrong.SLIPPED_IN}
    statement = f"update public.{ledger} set id = {new} where id = {numbers[place]}"
    return Forgery("renumbered", ledger, statement, min(new, numbers[place]), frozenset(wrong))


def _shift(history: History, ledger: str, dice: random.Random) -> Forgery:
    numbers = history.numbers(ledger)
    place = dice.randrange(len(numbers) - 1)
    statement = (
        f"update public.{ledger} set id = -id where id >= {numbers[place]};"
        f"update public.{ledger} set id = 1 - id where id < 0"
    )
    return Forgery("shifted", ledger, statement, numbers[place], frozenset({CHANGED, CUT, LOST}))


def _slip_in(history: History, ledger: str, dice: random.Random) -> Forgery:
    numbers = history.numbers(ledger)
    like = dice.choice(numbers)
    gap = dice.choice(history.gaps[ledger])
    top = numbers[-1] + 500
    number, date, wrong = dice.choice(
        [
            (gap, f"(select created_at from public.{ledger} where id > {gap} order by id limit 1)", Wrong.SLIPPED_IN),
            (gap, "now()", Wrong.SLIPPED_IN),
            (gap, "now() - interval '4 days'", Wrong.SLIPPED_IN),
            (0, "now()", Wrong.SLIPPED_IN),
            (-3, "now() - interval '2 days'", Wrong.SLIPPED_IN),
            (top, "now() - interval '90 minutes'", Wrong.DATED_BACK),
            (top, "now() - interval '9 days'", Wrong.DATED_BACK),
            (top, "'-infinity'", Wrong.DATED_AHEAD),
            (top, "now() + interval '2 days'", Wrong.DATED_AHEAD),
        ]
    )
    return Forgery("slipped in", ledger, _copy(ledger, like, number, date), number, frozenset({wrong}))


def _copy(ledger: str, like: int, number: int, date: str) -> str:
    """Return the statement that adds an entry like another one, under a number and a date of the forger's choice."""
    return (
        f"insert into public.{ledger} overriding system value select (jsonb_populate_record(t, jsonb_build_object("
        f"'id', {number}::bigint, 'request_id', gen_random_uuid(), 'created_at', ({date})::timestamptz))).*"
        f" from public.{ledger} t where t.id = {like}"
    )


def _withdrawal_turned(history: History, ledger: str, dice: random.Random) -> Forgery:
    """Make a grant of a withdrawal and cut the line that the trail has of it."""
    row = history.connection.execute(
        "select e.id, e.purpose from public.consent_events e where e.action = 'withdrawn' and e.id = any(%s)"
        " order by random() limit 1",
        [history.numbers("consent_events")],
    ).fetchone()
    assert row
    statement = (
        f"update public.consent_events set action = 'given', notice_id = (select id from public.consent_notices"
        f" where purpose = '{row[1]}' limit 1) where id = {row[0]};"
        f"delete from public.admin_audit_events where object_id = '{row[0]}' and action = 'consent.withdrawn'"
    )
    return Forgery("a withdrawal turned", "consent_events", statement, row[0], frozenset({CHANGED}))


def _forged_erasure(history: History, ledger: str, dice: random.Random) -> Forgery:
    """Blank an entry and write the line of an erasure, dated back into the trail."""
    row = dice.choice([n for n in history.numbers("consent_events") if n not in history.blanked])
    numbers = history.numbers("admin_audit_events")
    number = dice.choice([numbers[-1] + 500, *history.gaps["admin_audit_events"]])
    statement = (
        "update public.consent_events set subject_id = null, evidence = null, personal_salt = null"
        f" where id = {row}; {_copy('admin_audit_events', numbers[3], number, dice.choice(_OLD))};"
        f"update public.admin_audit_events set action = 'consent.blanked', object_table = 'consent_events',"
        f" object_id = '{row}', outcome = 'done' where id = {number}"
    )
    wrong = frozenset({Wrong.DATED_BACK, Wrong.SLIPPED_IN})
    return Forgery("a forged erasure", "admin_audit_events", statement, number, wrong)


_OLD = ("now() - interval '2 hours'", "now() - interval '2 days'")
Maker = Callable[[History, str, random.Random], Forgery]
MAKERS: tuple[tuple[Maker, int], ...] = (
    (_change, 8), (_person, 4), (_return, 1), (_cut, 5), (_go_back, 4), (_empty, 1), (_swap, 3), (_renumber, 3),
    (_shift, 2), (_slip_in, 6), (_withdrawal_turned, 2), (_forged_erasure, 2),
)  # fmt: skip


def make_forgeries(history: History, count: int, seed: int) -> Iterator[Forgery]:
    """Yield forgeries by the dice: of each kind, in both ledgers, openly or hidden from the database's own check."""
    dice = random.Random(seed)
    makers, weights = [maker for maker, _ in MAKERS], [weight for _, weight in MAKERS]
    for _ in range(count):
        (maker,) = dice.choices(makers, weights)
        forgery = maker(history, dice.choice(LEDGER_IDS), dice)
        hidden = dice.choice(sorted(HIDE))
        if "row_hash" in forgery.kind and hidden.startswith("hashed"):
            hidden = ""  # it would be put right
        yield forgery._replace(
            kind=f"{forgery.kind}, {hidden}".rstrip(", "),
            statements=forgery.statements + HIDE[hidden].format(forgery.ledger),
        )
