"""Outages: forecasts by the queue's own figures, deterministic by the seed, beside runs with the real handlers."""

import json
import math
from dataclasses import replace

import pytest

from lab.cli.commands import main
from lab.rehearsal.faults import BY_ID
from lab.rehearsal.outage.figures import SEND, TIMEOUT, read_figures
from lab.rehearsal.outage.forecast import Blast, ModelQueue, forecast
from lab.rehearsal.outage.loads import JOBS, KIND_BY_ID, OUTAGE_KINDS, Load, LoadRefused, OutageKind, run_load
from lab.rehearsal.outage.outage_run import TITLES, Line, compare, rehearse_outage
from lab.rehearsal.outage.words import MINUTES, NotUnderstood, hear_outage
from lab.rehearsal.scene import Stage
from lab.text.durations import say_duration

GONE = Load(kind=KIND_BY_ID["mail_gone"], minutes=40, orders_an_hour=60)


def make(kind: str, **more: int) -> Load:
    return replace(GONE, kind=KIND_BY_ID[kind], **more)


def test_a_forecast_is_a_function_of_its_load() -> None:
    assert forecast(GONE) == forecast(GONE)
    assert forecast(GONE) != forecast(replace(GONE, seed=1))


@pytest.mark.parametrize("kind", OUTAGE_KINDS, ids=lambda kind: kind.id)
def test_nobody_waits_when_the_outage_comes_after_the_orders(kind: OutageKind) -> None:
    load = replace(GONE, kind=kind)
    assert forecast(load, [0.0, 60.0, 120.0]).waits == ()
    assert forecast(load, [load.ends + 60]).waits == ()


def test_a_longer_outage_makes_buyers_wait_longer() -> None:
    short, long = (forecast(replace(GONE, minutes=minutes)) for minutes in (10, 240))
    assert short.median < long.median
    assert len(short.waits) < len(long.waits)
    assert short.person == {}
    assert long.median >= 30 * 60


def test_no_pause_is_longer_than_the_queue_allows() -> None:
    """One order at the beginning: it is delivered at most one pause after the outage, or it is with a person."""
    figures = read_figures()
    for seed in range(30):
        blast = forecast(GONE, [GONE.begins], seed=seed)
        assert blast.backlog_seconds <= figures.limit(max(figures.budgets.values()))
        assert len(blast.waits) + blast.buyers_with_person == 1


def test_a_budget_that_is_used_up_ends_with_a_person() -> None:
    """A PDF has five attempts, whose pauses add up to 10 minutes at most: a full disk of four hours uses them up."""
    blast = forecast(make("disk_full", minutes=240), [GONE.begins, GONE.begins + 60])
    assert (blast.person, blast.buyers_with_person, blast.waits) == ({"pdf.account": 2}, 2, ())
    assert sum(read_figures().limit(attempt) for attempt in range(1, 5)) < 240 * 60


def test_without_an_answer_a_blind_provider_is_not_called_again() -> None:
    blast = forecast(make("mail_silent"), [GONE.begins])
    assert blast.person == {"receipt.email": 1, "email.email": 1}


def test_jobs_of_killed_workers_wait_for_their_return() -> None:
    """The order's jobs are in the worker's hands when it is killed; their leases have ended when it is back."""
    load = make("workers_gone")
    blast = forecast(load, [load.begins - 0.1])
    assert blast.waits[0] >= load.minutes * 60
    assert blast.waits[0] <= load.minutes * 60 + read_figures().limit(1) + read_figures().recovery_seconds
    assert blast.person == {}


def test_a_batch_is_what_one_worker_claims() -> None:
    figures = read_figures()
    queue = ModelQueue(GONE, figures, 0)
    for order in range(4):
        queue.add(order, 0.0)
    assert [len(queue.claim(0, 0.0)) for _ in range(3)] == [figures.batch, 4 * len(JOBS) - figures.batch, 0]
    assert queue.due_in(0.0) == math.inf


def test_more_workers_are_never_slower() -> None:
    """A crowd at once: sending takes most of the time, so that four workers need about a quarter of it."""
    crowd = [0.0] * 40
    times = []
    for workers in (1, 4):
        load = replace(GONE, workers=workers)
        queue = ModelQueue(load, read_figures(), 0)
        run_load(load, crowd, queue, read_figures())
        times.append(max(queue.ends.done.values()))
    assert times[0] == pytest.approx(40 * 2 * SEND.seconds, rel=0.15)
    assert times[0] / 5 < times[1] < times[0] / 3


def test_the_shares_of_waits() -> None:
    blast = Blast(
        orders=4, waits=(60.0, 70.0, 80.0, 90.0), person={}, buyers_with_person=0, backlog_seconds=0, waiting=()
    )
    assert (blast.median, blast.p95, blast.worst) == (70.0, 90.0, 90.0)
    assert replace(blast, waits=()).median == 0


@pytest.mark.parametrize(
    ("field", "number"),
    [
        ("minutes", 0),
        ("minutes", 1441),
        ("orders_an_hour", 0),
        ("orders_an_hour", 2001),
        ("workers", 0),
        ("workers", 51),
    ],
)
def test_a_load_out_of_range_is_refused(field: str, number: int) -> None:
    with pytest.raises(LoadRefused, match=f"{number} is not from 1"):
        make("mail_gone", **{field: number})


def test_a_load_that_takes_too_long_is_refused() -> None:
    with pytest.raises(LoadRefused, match="About 49,333 orders"):
        replace(GONE, minutes=1440, orders_an_hour=2000)


def test_the_faults_of_outages_are_those_of_rehearsals() -> None:
    assert {kind.fault for kind in OUTAGE_KINDS if kind.fault} <= set(BY_ID)
    assert TIMEOUT.seconds == 20


# Beside the real handlers.


@pytest.mark.parametrize("kind", ["mail_silent", "disk_full", "workers_gone"])
def test_the_real_handlers_end_as_forecast(stage: Stage, kind: str) -> None:
    """What does not depend on drawn pauses is the same: who needs a person, and how many wait."""
    seen, lines = rehearse_outage(stage, make(kind))
    told = {line.figure: line for line in lines}
    assert told["buyers_with_person"].within
    assert told["backlog_seconds"].within
    assert seen.orders == 12
    if kind == "workers_gone":
        assert all(line.within for line in lines)
        assert seen.person == {}
        assert seen.waits
    assert stage.account.store.objects["checkout/sessions"] == {}


def test_a_provider_that_is_gone_delays_the_real_queue_as_forecast(stage: Stage) -> None:
    seen, lines = rehearse_outage(stage, make("mail_gone", minutes=10))
    assert [line.figure for line in lines if not line.within] == []
    assert seen.waits


def test_a_line_says_how_far_it_is_off() -> None:
    line = Line(figure="median", forecast=60, low=50, high=70, rehearsed=100)
    assert (line.within, line.say().difference, line.say().verdict) == (False, "40 s more", "outside the range")
    assert replace(line, rehearsed=60).say().difference == "none"
    person = replace(line, figure="buyers_with_person", forecast=3.0, rehearsed=2.0, low=1.0, high=4.0).say()
    assert (person.forecast, person.range, person.difference) == ("3", "1 to 4", "1 less")
    assert {line.figure for line in compare(forecast(GONE), [forecast(GONE)])} == set(TITLES)


# In words.


@pytest.mark.parametrize(
    ("text", "kind", "minutes"),
    [
        ("mail provider gone for 2 h, refunds meanwhile", "mail_gone", 120),
        ("the mail provider is silent for 90 s", "mail_silent", 2),
        ("disk full", "disk_full", MINUTES),
        ("all workers killed for 15 minutes", "workers_gone", 15),
        ("workers_gone", "workers_gone", MINUTES),
    ],
)
def test_an_outage_in_words(text: str, kind: str, minutes: int) -> None:
    assert hear_outage(text) == (KIND_BY_ID[kind], minutes)


@pytest.mark.parametrize("text", ["refunds", "nonsense", ""])
def test_words_without_an_outage(text: str) -> None:
    with pytest.raises(NotUnderstood):
        hear_outage(text)


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0, "0 s"),
        (59.6, "1 min"),
        (90, "1 min 30 s"),
        (2400, "40 min"),
        (7500, "2 h 5 min"),
        (7200, "2 h"),
        (90_000, "1 d 1 h"),
    ],
)
def test_durations_in_words(seconds: float, told: str) -> None:
    assert say_duration(seconds) == told


def test_the_command(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["rehearse", "--outage", "disk full for 5 minutes", "--json"]) == 0
    told = json.loads(capfd.readouterr().out)
    assert (told["outage"], told["minutes"], told["rehearsed"]["orders"]) == ("disk_full", 5, 12)
    assert told["forecast"]["orders"] == forecast(make("disk_full", minutes=5)).orders
    assert main(["rehearse", "--outage", "refunds"]) == 2
    assert main(["rehearse", "--outage", "disk full", "--workers", "99"]) == 2
    assert capfd.readouterr().err.count("error: ") == 2
