"""Deliveries that go wrong, one test for each case: real Postgres, real HTTP, real signatures.

Each case has a guard in `guards.py` without which it fails; `test_guards.py` takes it out.
"""

import json
import logging
import time
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from lab.services.billing import asgi
from lab.services.billing.settings import Settings, SettingsUnusable, read_settings
from tests.billing.conftest import Serve, Stoppable
from tests.billing.samples import CANARY, OLDER, OTHERS, make_event, make_session
from tests.billing.served import NEW_SECRET, SECRET, Answer, sign


def outcome(answer: Answer) -> tuple[int, str | bool]:
    """Return the status, with the code, or whether the delivery was the first."""
    return answer.status, answer.told.get("code", answer.told.get("first"))


def test_case_01_duplicate_delivery(serve: Serve) -> None:
    """A repeated event is one row, one after the other and ten at once."""
    endpoint = serve()
    assert [outcome(endpoint.deliver(make_event())) for _ in range(3)] == [(200, True), (200, False), (200, False)]
    with ThreadPoolExecutor(10) as threads:
        answers = list(threads.map(lambda _: outcome(endpoint.deliver(make_event("evt_2"))), range(10)))
    assert sorted(answers) == [(200, False)] * 9 + [(200, True)]
    assert {id: row["deliveries"] for id, row in endpoint.rows().items()} == {"evt_1": 3, "evt_2": 10}
    assert (endpoint.counts.received, endpoint.counts.repeated) == (2, 11)


def test_case_06_wrong_secret(serve: Serve) -> None:
    """Events signed with another secret are refused and counted; their retries land once the secret is right."""
    events = [make_event(f"evt_{turn}") for turn in range(3)]
    wrong, right = serve(), serve(secrets=(NEW_SECRET,))
    assert [outcome(wrong.deliver(event, NEW_SECRET)) for event in events] == [(400, "wrong_signature")] * 3
    assert (wrong.counts.refused["wrong_signature"], wrong.rows()) == (3, {})
    assert [outcome(right.deliver(event, NEW_SECRET)) for event in events] == [(200, True)] * 3
    assert set(right.rows()) == {"evt_0", "evt_1", "evt_2"}


def test_case_07_rotated_secret(serve: Serve) -> None:
    """During a rotation the old and the new secret count, at the sender and here."""
    both, new = serve(secrets=(SECRET, NEW_SECRET)), serve(secrets=(NEW_SECRET,))
    assert outcome(both.deliver(make_event("evt_1"), SECRET)) == (200, True)
    assert outcome(both.deliver(make_event("evt_2"), NEW_SECRET)) == (200, True)
    assert outcome(both.deliver(make_event("evt_3"), SECRET, NEW_SECRET)) == (200, True)
    assert outcome(new.deliver(make_event("evt_4"), SECRET, NEW_SECRET)) == (200, True)
    assert outcome(new.deliver(make_event("evt_5"), SECRET)) == (400, "wrong_signature")
    assert set(both.rows()) == {"evt_1", "evt_2", "evt_3", "evt_4"}


def test_case_08_replayed_old_timestamp(serve: Serve) -> None:
    """A recorded delivery counts for 300 seconds, and within them as a repetition."""
    now = int(time.time())
    endpoint = serve(clock=lambda: now)
    assert outcome(endpoint.deliver(make_event(), at=now - 299)) == (200, True)
    assert outcome(endpoint.deliver(make_event(), at=now - 300)) == (200, False)
    assert outcome(endpoint.deliver(make_event("evt_2"), at=now - 301)) == (400, "too_old")
    assert outcome(endpoint.deliver(make_event("evt_2"), at=0)) == (400, "too_old")
    assert set(endpoint.rows()) == {"evt_1"}


def test_case_09_clock_skew(serve: Serve) -> None:
    """A clock that is wrong by more than 300 seconds either way is told apart from a wrong signature."""
    now = int(time.time())
    fast, slow = serve(clock=lambda: now + 3600), serve(clock=lambda: now - 3600)
    told = {"received": False, "code": "too_old", "clock_difference_seconds": -3600}
    assert fast.deliver(make_event(), at=now).told == told
    assert (fast.counts.clock_difference_seconds, fast.counts.refused["too_old"]) == (-3600, 1)
    told = {"received": False, "code": "from_the_future", "clock_difference_seconds": 3600}
    assert slow.deliver(make_event(), at=now).told == told
    assert outcome(slow.deliver(make_event(), at=now - 3300)) == (200, True)
    assert slow.deliver(make_event("evt_2"), NEW_SECRET, at=now + 9999).told["code"] == "wrong_signature"
    assert slow.counts.clock_difference_seconds == 300


EVENT = json.dumps(make_event())
HOSTILE: dict[str, bytes] = {
    "not UTF-8": b'{"id": "\xff"}', "not JSON": b"{", "empty": b"", "a list": b"[]", "null": b"null",
    "a text": b'"evt_1"',
    "nested": b'{"a":' * 5000 + b"1" + b"}" * 5000, "nested lists": b"[" * 100_000,
    "deeper than any event": EVENT.replace('"url": null', f'"url": {"[" * 101 + "]" * 101}').encode(),
    "NaN": EVENT.replace("4900", "NaN").encode(), "Infinity": EVENT.replace("4900", "-Infinity").encode(),
    "beyond a float": EVENT.replace("4900", "1e999").encode(), "huge": EVENT.replace("4900", "9" * 5000).encode(),
    "beyond 64 bits": EVENT.replace("4900", "9" * 20).encode(),
    "repeated key": EVENT.replace('"id": "evt_1"', '"id": "evt_2", "id": "evt_1"').encode(),
    "half a character": EVENT.replace("engraving", "\\ud800").encode(),
    "NUL": EVENT.replace("engraving", "\\u0000").encode(),
    "NUL in a key": EVENT.replace('"note"', '"\\u0000"').encode(),
    "byte order mark": b"\xef\xbb\xbf" + EVENT.encode(), "two values": EVENT.encode() * 2,
    **{f"without {key}": json.dumps({name: value for name, value in make_event().items() if name != key}).encode()
       for key in ("id", "object", "type", "created", "livemode", "data")},
    **{f"{key} is {value!r}": json.dumps(make_event() | {key: value}).encode() for key, value in [
        ("id", f"{CANARY}"), ("id", "evt_1\n"), ("id", "evt_" + "a" * 41), ("id", 1), ("object", "v2.core.event"),
        ("type", None), ("created", True), ("created", "1764000000"), ("created", -1), ("created", 10**18),
        ("created", 1764000000.0), ("livemode", "false"), ("livemode", 0), ("livemode", None), ("data", []),
        ("data", {}), ("data", {"object": None}), ("data", {"object": [1]})]},
}  # fmt: skip
HEADERS = ["", "t=", "t=1", "v1=00", "t=a,v1=b", "t=1,t=2,v1=00", "t=-1,v1=00", "t=1e9,v1=00", "v0=00,t=1", "=,=,,"]


def test_case_10_huge_or_hostile_body(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    """Too large is 413 before it is read or while it is read; whatever else is wrong is 400, and is not quoted."""
    caplog.set_level(logging.DEBUG)
    endpoint = serve()
    large = b" " * 400_000
    signed = {"Stripe-Signature": sign(large)}
    assert outcome(endpoint.announce(len(large))) == (413, "too_large")
    assert outcome(endpoint.send(large, signed)) == (413, "too_large")
    assert outcome(endpoint.send((large[:1000] for _ in range(400)), signed)) == (413, "too_large")
    assert outcome(endpoint.send(large, {})) == (413, "too_large")
    padded = EVENT.encode().ljust(256 * 1024)
    assert outcome(endpoint.deliver(padded + b" ")) == (413, "too_large")
    assert outcome(endpoint.deliver(padded)) == (200, True)
    told = {name: endpoint.deliver(body) for name, body in HOSTILE.items()}
    assert {name: answer.status for name, answer in told.items()} == dict.fromkeys(HOSTILE, 400)
    assert {answer.told["code"] for answer in told.values()} == {"wrong_signature", "not_json", "not_an_event"}
    for header in (*HEADERS, f"t={int(time.time())},v1=\xe9\xe9".encode().decode("latin-1")):
        assert outcome(endpoint.send(b"{}", {"Stripe-Signature": header})) == (400, "wrong_signature"), header
    assert set(endpoint.rows()) == {"evt_1"}
    assert CANARY not in caplog.text + json.dumps([answer.told for answer in told.values()])


def test_case_11_unsigned_or_secret_unset(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a signature nothing is believed, and without a secret nothing starts."""
    endpoint = serve()
    assert outcome(endpoint.send(EVENT.encode(), {})) == (400, "no_signature")
    assert endpoint.rows() == {}
    good = {
        "STRIPE_WEBHOOK_SECRET": SECRET,
        "STRIPE_SECRET_KEY": "rk_test_0123456789",
        "DATABASE_URL": "postgresql://h/d",
    }
    for secrets in ((), ("",), (" ",), (SECRET, "")):
        with pytest.raises(SettingsUnusable, match="STRIPE_WEBHOOK_SECRET"):
            Settings(url="postgresql://h/d", secrets=secrets, livemode=False)
    for unset in ("", " ", ",", "\n", "none", f"{SECRET},x"):
        with pytest.raises(SettingsUnusable, match="STRIPE_WEBHOOK_SECRET") as told:
            read_settings(good | {"STRIPE_WEBHOOK_SECRET": unset})
        assert SECRET not in str(told.value)
        monkeypatch.setenv("STRIPE_WEBHOOK_SECRET", unset)
        with pytest.raises(SystemExit, match="STRIPE_WEBHOOK_SECRET"):
            asgi.make_app()
    assert read_settings(good | {"STRIPE_WEBHOOK_SECRET": f" {SECRET}\n,{NEW_SECRET}\n"}).secrets == (
        SECRET,
        NEW_SECRET,
    )


def test_case_12_livemode_mismatch(serve: Serve) -> None:
    """An event of the other mode is stored with its mode, and never handed on."""
    handed: list[str] = []
    for livemode in (True, False):
        endpoint = serve(livemode=livemode, on_stored=lambda event: handed.append(event.id))
        own, other = f"evt_own{livemode}", f"evt_other{livemode}"
        assert outcome(endpoint.deliver(make_event(other, livemode=not livemode))) == (200, True)
        assert outcome(endpoint.deliver(make_event(own, livemode=livemode))) == (200, True)
        assert endpoint.rows()[other]["livemode"] is not livemode
        assert endpoint.counts.kept_aside == 1
    assert await_length(handed, 2) == ["evt_ownTrue", "evt_ownFalse"]


def await_length(texts: list[str], count: int) -> list[str]:
    """Wait until so many texts have come, as they come after the answer."""
    deadline = time.monotonic() + 10
    while len(texts) < count and time.monotonic() < deadline:
        time.sleep(0.005)
    return texts


DUMP = "select table_schema || '.' || table_name from information_schema.tables where table_type = 'BASE TABLE'"


def test_case_28_personal_data_in_a_payload(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    """No value of a personal field reaches a row, a log or an answer."""
    caplog.set_level(logging.DEBUG)
    endpoint = serve()
    events = [make_event(), *OLDER.values(), *OTHERS]
    answers = [endpoint.deliver(event) for event in events]
    assert [outcome(answer) for answer in answers] == [(200, True)] * len(events)
    assert json.dumps(events).count(CANARY) > 60
    assert CANARY not in json.dumps([answer.told for answer in answers]) + caplog.text
    with psycopg.connect(endpoint.database_url) as connection:
        for (table,) in connection.execute(DUMP).fetchall():
            found = connection.execute(
                f"select count(*) from {table} t where t::text ilike %s".encode(), [f"%{CANARY}%"]
            )
            assert found.fetchone() == (0,), table
    kept = endpoint.rows()["evt_1"]["payload"]["data"]["object"]
    assert kept == {key: make_session()[key] for key in kept}
    assert {"id", "payment_intent", "amount_total", "currency", "payment_status"} <= set(kept)


def test_case_31_database_down(stoppable: Stoppable) -> None:
    """While the database is down every delivery is 503; after its restart each one is stored."""
    endpoint = stoppable.serve()
    assert outcome(endpoint.deliver(make_event("evt_before"))) == (200, True)
    stoppable.stop()
    events = [make_event(f"evt_{turn}") for turn in range(3)]
    answers = [endpoint.deliver(event) for event in events]
    assert [outcome(answer) for answer in answers] == [(503, "database_unavailable")] * 3
    assert all(int(answer.headers["retry-after"]) > 0 for answer in answers)
    stoppable.start()
    assert [outcome(endpoint.deliver(event)) for event in events] == [(200, True)] * 3
    assert set(endpoint.rows()) == {"evt_before", "evt_0", "evt_1", "evt_2"}


CUT_AT_COMMIT = """
create function public.cut() returns trigger language plpgsql security definer as
$$ begin perform pg_terminate_backend(pg_backend_pid()); return null; end $$;
create constraint trigger cut after insert on public.stripe_events deferrable initially deferred
for each row execute function public.cut();
"""


def test_case_32_answer_before_the_commit(serve: Serve) -> None:
    """A connection that breaks between insert and commit is 503, and the repetition is the first."""
    endpoint = serve()
    with psycopg.connect(endpoint.database_url) as admin:
        admin.execute(CUT_AT_COMMIT)
    assert outcome(endpoint.deliver(make_event())) == (503, "database_unavailable")
    assert endpoint.rows() == {}
    with psycopg.connect(endpoint.database_url) as admin:
        admin.execute("drop function public.cut cascade")
    assert outcome(endpoint.deliver(make_event())) == (200, True)


def test_case_38_older_api_versions(serve: Serve) -> None:
    """Events in the shapes of older versions are stored, with their version where it has the usual form."""
    endpoint = serve()
    for name, event in OLDER.items():
        assert outcome(endpoint.deliver(event)) == (200, True), name
    rows = endpoint.rows()
    assert {id: row["api_version"] for id, row in rows.items()} == {
        "evt_2017": "2017-08-15", "evt_text": "2017-04-06", "evt_2020": "2020-08-27", "evt_2025": "2025-04-30.basil",
        "evt_beta": None, "evt_none": None, "evt_bare": None,
    }  # fmt: skip
    assert rows["evt_2025"]["payload"]["data"]["object"]["latest_charge"] == "ch_1"
    assert rows["evt_2017"]["object_id"] == "ch_1"
    assert rows["evt_text"]["checkout_session_id"] == "cs_test_a1B2c3"


def test_case_39_two_endpoints_with_one_address(serve: Serve) -> None:
    """Two endpoints that send every event to the same address, each with its secret, make one row."""
    endpoint = serve(secrets=(SECRET, NEW_SECRET))
    answers = [outcome(endpoint.deliver(make_event(), secret)) for secret in (SECRET, NEW_SECRET)]
    assert answers == [(200, True), (200, False)]
    assert {id: row["deliveries"] for id, row in endpoint.rows().items()} == {"evt_1": 2}


def test_case_40_unknown_event_type(serve: Serve) -> None:
    """A type that nobody knew is stored as unknown, so that Stripe does not repeat it for days."""
    endpoint = serve()
    kinds = ("invented.by.stripe", "v1.billing.meter.no_meter_found", f"{CANARY}", "", "charge.refunded\n")
    for turn, kind in enumerate(kinds):
        assert outcome(endpoint.deliver(make_event(f"evt_{turn}", kind))) == (200, True), kind
    rows = endpoint.rows().values()
    assert {(row["type"], row["payload"]["type"], row["status"]) for row in rows} == {
        ("unknown", "unknown", "received")
    }
