"""Real orders: what is read of them, how they are rebuilt, what cannot be played, and what their paths survive."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from fixtures.servers import clone_database, drop_database
from lab.checks.state import State
from lab.cli.commands import main
from lab.database.connect import connect
from lab.database.embedded.server import EmbeddedPostgres
from lab.rehearsal.bugs import BUGS
from lab.rehearsal.orders import orders
from lab.rehearsal.orders.orders import PARTS, JobShape, OrderShape, OrderUnknown, read_name, read_order
from lab.rehearsal.orders.recast import USUAL, list_expected, recast
from lab.rehearsal.orders.survival import _play, _read_shape, rehearse_order
from lab.rehearsal.outside import RenderedOnce
from lab.rehearsal.play import Play
from lab.rehearsal.scene import Stage
from lab.rehearsal.schedules import play_schedule, read_schedule
from lab.rehearsal.stage import set_stage
from lab.rehearsal.wishes import WISHES, Wish, find_wish
from lab.rules import RULES
from lab.services.operator_views import read_views
from lab.text.product_files import SQL

FOLDER = SQL / "orders"
PLAYED = ("receipt.account", "receipt.email", "pdf.account", "email.email")
JOB = JobShape(channel="receipt", leg="account", status="done", attempts=1, message=None, provider=None, failed=())


def make_job(name: str, **more: Any) -> JobShape:
    channel, leg = name.split(".")
    called = {"message": "sent", "provider": "smtp"} if leg == "email" else {}
    return replace(JOB, channel=channel, leg=leg, **{**called, **more})


ORDER = OrderShape(
    layer="artifacts", status="paid", unlocked=True, quantity=1, for_another=False, accepted=False, email_consent=True,
    jobs=tuple(map(make_job, PLAYED)), events=tuple((kind, "done", 1) for kind in USUAL),
)  # fmt: skip


def change(name: str, **more: Any) -> OrderShape:
    """Return the order with one job changed."""
    return replace(ORDER, jobs=tuple(make_job(n, **more) if n == name else make_job(n) for n in PLAYED))


# Nothing personal. Ids of Stripe are compared, and never shown.

IDS_OF_STRIPE = {"checkout_session_id", "payment_intent_id", "charge_id", "object_id"}


def read_columns(query: str) -> set[tuple[str, str]]:
    """Return the columns of operators' views that a query names."""
    tables = {alias: table for table, alias in re.findall(r"operations\.(\w+) (\w+)", query)}
    return {(tables[alias], column) for alias, column in re.findall(r"\b(\w)\.(\w+)", query) if alias in tables}


@pytest.mark.parametrize("part", ["find", *PARTS])
def test_no_personal_column_is_read(part: str) -> None:
    query = (FOLDER / f"{part}.sql").read_text()
    assert re.findall(r"\b(?:public|auth|wall|storage)\.", query) == []
    classes = {(t.id, c.name): c.privacy.value for t in RULES.tables for c in t.columns}
    read = read_columns(query)
    assert read
    assert {classes[one] for one in read} <= {"operational", "financial", "public"}
    assert {column for table, column in read if classes[table, column] == "financial"} <= IDS_OF_STRIPE


def test_the_shape_holds_only_ids_of_rules_states_and_numbers(bought: tuple[str, str]) -> None:
    shape = read_order(*bought)
    told = json.dumps([shape.layer, shape.status, [vars(job) for job in shape.jobs], shape.events, shape.after])
    assert re.findall(r"@|\b(?:cs|pi|ch|evt)_|[0-9a-f]{8}-", told) == []


# Reading.


@pytest.fixture(scope="module")
def bought(server: EmbeddedPostgres) -> Iterator[tuple[str, str]]:
    """A database with one order whose first receipt was refused, and the order's id."""
    database = clone_database(server, "migrated")
    with RenderedOnce() as renderer, connect(database.url) as connection:
        connection.autocommit = True
        with connection.transaction():
            made = set_stage(connection, renderer)
        schedule = read_schedule("blind mail_refused@send/receipt.email/1/before")
        play = Play(replace(made, settle="select"), schedule.faults)
        play.run()
    yield database.url, str(play.world.order)
    drop_database(database)


@pytest.mark.parametrize("named", ["", "4", "/operate/queue?channel=pdf", "/operate/queue?channel=receipt"])
def test_an_order_is_found_by_its_id_a_job_and_a_support_path(bought: tuple[str, str], named: str) -> None:
    url, order = bought
    shape = read_order(url, f" {named or order} ")
    assert (shape.layer, shape.status, shape.unlocked, shape.email_consent) == ("artifacts", "paid", True, True)
    assert [(job.name, job.status, job.attempts) for job in shape.jobs] == [
        ("receipt.account", "done", 1), ("receipt.email", "done", 2), ("pdf.account", "done", 1),
        ("email.email", "done", 1),
    ]  # fmt: skip
    assert shape.jobs[1].failed == ((1, "transient", "smtp.4_3_2"),)
    assert [kind for kind, _, _ in shape.events] == list(USUAL)


@pytest.mark.parametrize("named", ["00000000-0000-4000-8000-000000000000", "999999", "/operate/queue?channel=gift"])
def test_an_order_that_is_not_there(bought: tuple[str, str], named: str) -> None:
    with pytest.raises(OrderUnknown, match="none of this name"):
        read_order(bought[0], named)


@pytest.mark.parametrize(
    "named", ["x", "buyer@example.test", "/operate", "' or true --", "9" * 19, "/operate/queue?channel=x"]
)
def test_what_names_no_order_is_not_repeated(named: str) -> None:
    with pytest.raises(OrderUnknown) as told:
        read_name(named)
    assert named == "/operate" or named not in str(told.value)


def test_events_that_take_too_long_are_left_out(bought: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    def read(url: str, folder: str, parts: dict[str, Any], seconds: float) -> tuple[dict[str, Any], dict[str, str]]:
        found, unread = read_views(url, folder, parts, seconds)
        return {k: v for k, v in found.items() if k != "events"}, unread | (
            {"events": "slow"} if len(parts) > 1 else {}
        )

    monkeypatch.setattr(orders, "read_views", read)
    shape = read_order(*bought)
    assert shape.events == ()
    assert recast(shape).notes == ("No event of it could be read; the usual four are played.",)


def test_a_part_that_cannot_be_read_is_told(bought: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orders, "read_views", lambda *given: (read_views(*given)[0], {"jobs": "It is locked."}))
    monkeypatch.setattr(orders, "_find", lambda *given: given[1])
    with pytest.raises(OrderUnknown, match="Its part “jobs” cannot be read: It is locked"):
        read_order(*bought)


def test_the_command(bought: tuple[str, str], capfd: pytest.CaptureFixture[str]) -> None:
    url, order = bought
    assert main(["rehearse", "--order", order, "--database-url", url]) == 0
    told = capfd.readouterr().out
    assert re.match(r"This order's path survives (\d+) of \1 failures\.\n", told)
    assert "  job         receipt.email: done, 2 attempts; attempt 1: transient\n" in told
    assert "  played as   blind mail_refused@send/receipt.email/1/before\n" in told
    assert main(["rehearse", "--order", "nobody", "--database-url", url]) == 2
    assert "nobody" not in capfd.readouterr().err


# Rebuilding.

FAULTS: dict[str, tuple[OrderShape, list[str]]] = {
    "as usual": (ORDER, []),
    "refused twice": (
        change("email.email", failed=((1, "transient", "smtp.4_3_2"), (2, "transient", "smtp.4_3_2"))),
        ["mail_refused@send/email.email/1/before", "mail_refused@send/email.email/2/before"],
    ),
    "no answer": (
        change("receipt.email", status="dead", message="uncertain", failed=((1, "uncertain", "send.no_answer"),)),
        ["mail_lost@send/receipt.email/1/after"],
    ),
    "a worker was killed": (
        change("pdf.account", failed=((1, "lease_expired", "lease.expired"),)),
        ["crash@put/pdf.account/1/after"],
    ),
    "killed, then refused": (
        change("email.email", failed=((1, "lease_expired", "lease.expired"), (2, "transient", "smtp.4_3_2"))),
        ["crash@delivery_address/email.email/1/after", "mail_refused@send/email.email/1/before"],
    ),
    "one worker with two jobs": (
        replace(ORDER, jobs=tuple(
            make_job(name, failed=((1, "lease_expired", None),) if name in PLAYED[2:] else ()) for name in PLAYED
        )),
        ["crash@put/pdf.account/1/after"],
    ),
    "refused, and refunded in the end": (
        replace(change("email.email", failed=((1, "transient", "smtp.4_3_2"),)), status="refunded", unlocked=False,
                after=(("refund", "succeeded"),)),
        ["mail_refused@send/email.email/1/before", "refunded@finish_send/email.email/2/after"],
    ),
    "given back": (change("pdf.account", failed=((1, "released", None),)), []),
    "refunded": (replace(ORDER, status="refunded", unlocked=False, after=(("refund", "succeeded"),)),
                 ["refunded@finish_send/email.email/1/after"]),
    "refunded in part": (
        replace(ORDER, after=(("refund", "succeeded"),)), ["refunded_in_part@finish_send/email.email/1/after"],
    ),
    "a dispute that was won": (
        replace(ORDER, after=(("dispute", "won"),)), ["dispute_won@finish_send/email.email/1/after"],
    ),
    "a dispute that was lost": (
        replace(ORDER, status="disputed", unlocked=False, after=(("dispute", "lost"),)),
        ["dispute_lost@finish_send/email.email/1/after"],
    ),
    "an event came twice": (
        replace(ORDER, events=tuple((kind, "done", 2 if kind == USUAL[1] else 1) for kind in USUAL)),
        ["unanswered@charge_succeeded/webhook/1/after"],
    ),
    "the last event came first": (
        replace(ORDER, events=tuple((kind, "done", 1) for kind in (USUAL[3], *USUAL[:3]))),
        ["reordered@payment_intent_created/webhook/1/before"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", FAULTS)
def test_what_went_wrong_is_rebuilt(case: str) -> None:
    shape, faults = FAULTS[case]
    plan = recast(shape)
    assert plan.reasons == ()
    assert list(map(str, plan.faults)) == faults
    assert plan.abilities == ("blind",)


UNPLAYED: dict[str, tuple[OrderShape, str]] = {
    "a layer that nobody sells": (replace(ORDER, layer="stripe"), "It bought Stripe. The rehearsal cannot play that."),
    "never paid": (replace(ORDER, status="expired"), "Its payment is expired"),
    "two pieces": (replace(ORDER, quantity=2), "It has 2 pieces"),
    "a gift": (replace(ORDER, for_another=True), "for another person"),
    "a job of another layer": (replace(ORDER, jobs=(*ORDER.jobs, make_job("echo.email"))), "does not make: echo.email"),
    "made again": (replace(ORDER, jobs=(*ORDER.jobs, make_job("pdf.account"))), "made these jobs again: pdf.account"),
    "no PDF": (replace(ORDER, jobs=ORDER.jobs[:2]), "no job for"),
    "parked": (change("pdf.account", status="parked"), "parked pdf.account"),
    "a review": (replace(ORDER, after=(("review", "open"),)), "It has a review"),
    "refunded and disputed": (
        replace(ORDER, status="disputed", after=(("refund", "succeeded"), ("dispute", "needs_response"))),
        "refunded and disputed",
    ),
    "refunded in two parts": (
        replace(ORDER, status="refunded", after=(("refund", "succeeded"),) * 2),
        "refunded in several parts",
    ),
    "an inquiry": (replace(ORDER, after=(("dispute", "warning_closed"),)), "The bank only asked"),
    "two providers": (change("email.email", provider="resend"), "several kinds of e-mail provider"),
}


@pytest.mark.parametrize("case", UNPLAYED)
def test_what_cannot_be_played_says_why(stage: Stage, case: str) -> None:
    shape, reason = UNPLAYED[case]
    found = rehearse_order(stage, shape)
    assert (found.state, found.tried) == (State.UNKNOWN, 0)
    assert found.sentence.startswith("Unknown: the rehearsal cannot play this order. ")
    assert reason in found.sentence


# Surviving.


def test_a_buyer_without_consent_gets_no_message(stage: Stage) -> None:
    silent = {"message": None, "provider": None, "attempts": 0, "status": "waiting"}
    jobs = tuple(make_job(name, **(silent if name == "receipt.email" else {})) for name in PLAYED[:3])
    found = rehearse_order(stage, replace(ORDER, email_consent=None, jobs=jobs))
    assert (found.recast.consent, found.recast.abilities) == ("missing", ("blind", "idempotent"))
    assert (found.state, found.survived) == (State.HOLDS, found.tried)
    assert found.tried > 200


ASKED = [*(wish.id for wish in WISHES), "gift+share_card+recovery", "council+refused", "scroll+recovery",
         "echo+refused", "council+share_card", "passport+refused", "refused+share_card"]  # fmt: skip


def play_wish(stage: Stage, wish: Wish, *faults: str) -> OrderShape:
    """Return the shape of an order of a wish that was played with faults."""
    seen: list[OrderShape] = []
    schedule = replace(read_schedule(" ".join(["blind", *faults])), wish=wish)
    play_schedule(stage, schedule, look=lambda play: seen.append(_read_shape(play)))
    return seen[0]


@pytest.mark.parametrize("asked", ASKED)
def test_an_order_of_any_layer_is_recognised_and_rebuilt(stage: Stage, asked: str) -> None:
    wish = find_wish(asked)
    assert wish
    shape = play_wish(stage, wish)
    plan = recast(shape)
    assert plan.reasons == ()
    assert (plan.wish.scenario.layer, plan.wish.accepted) == (wish.scenario.layer, wish.accepted)
    assert set(list_expected(plan.wish)) == {job.name for job in shape.jobs}
    assert _play(stage, plan, "blind", shape=shape) == []


@pytest.mark.parametrize("asked", ["gift", "echo", "recovery", "council", "scroll+recovery"])
def test_whatever_went_wrong_with_its_last_message_is_rebuilt(stage: Stage, asked: str) -> None:
    wish = find_wish(asked)
    assert wish
    last = [job.name for job in play_wish(stage, wish).jobs if job.leg == "email"][-1]
    ends = {
        "refunded": "refunded", "refunded_in_part": "paid", "disputed": "disputed", "dispute_won": "paid",
        "dispute_lost": "disputed", None: "paid",
    }  # fmt: skip
    for kind, status in ends.items():
        money = [f"{kind}@finish_send/{last}/2/after"] if kind else []
        shape = play_wish(stage, wish, f"mail_refused@send/{last}/1/before", *money)
        assert (shape.status, [len(job.failed) for job in shape.jobs if job.name == last]) == (status, [1])
        plan = recast(shape)
        assert plan.reasons == ()
        assert f"mail_refused@send/{last}/1/before" in map(str, plan.faults)
        assert _play(stage, plan, "blind", shape=shape) == []


@pytest.mark.sample(every=8)
@pytest.mark.parametrize("asked", ASKED[3:])
def test_an_order_of_any_layer_survives(stage: Stage, asked: str) -> None:
    wish = find_wish(asked)
    assert wish
    found = rehearse_order(stage, play_wish(stage, wish))
    assert (found.state, found.survived, found.failures) == (State.HOLDS, found.tried, ())
    assert found.tried > 150
    assert all(read_schedule(str(one)).wish.scenario == found.recast.wish.scenario for one in found.schedules)


def test_an_order_that_would_end_otherwise_is_unknown(stage: Stage) -> None:
    found = rehearse_order(stage, change("email.email", status="cancelled"))
    assert found.state is State.UNKNOWN
    assert found.differs == ("email.email is cancelled; rebuilt, it is done.",)


@pytest.mark.parametrize("case", FAULTS)
def test_each_rebuilt_path_ends_as_the_real_one(stage: Stage, case: str) -> None:
    """Without further crashes: everything that went wrong happens again, and the states are the same."""
    shape, _ = FAULTS[case]
    assert _play(stage, recast(shape), "blind", shape=shape) == []


def test_a_fault_that_does_not_happen_again_leaves_the_order_unknown(stage: Stage) -> None:
    silent = make_job("receipt.email", message=None, provider=None, attempts=1, status="waiting",
                      failed=((1, "transient", "smtp.4_3_2"),))  # fmt: skip
    jobs = (make_job("receipt.account"), silent, make_job("pdf.account"))
    found = rehearse_order(stage, replace(ORDER, email_consent=None, jobs=jobs))
    assert found.state is State.UNKNOWN
    assert "What went wrong at send/receipt.email/1/before did not happen again." in found.differs


def test_a_bug_on_the_path_is_found(stage: Stage) -> None:
    bug = next(bug for bug in BUGS if bug.id == "blind_repeats")
    with bug.planted(stage):
        found = rehearse_order(stage, ORDER)
    assert found.state is State.BROKEN
    assert {broken.id for failure in found.failures for broken in failure.broken} == {"message_once"}
    assert 0 < found.survived < found.tried
    assert all(failure.points for failure in found.failures)
