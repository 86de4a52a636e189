"""Coverage is told in numbers that are true: points, faults at them, pairs, moves seen and refused, and `sometimes`."""

import pytest

from lab.rehearsal.bugs import BUGS
from lab.rehearsal.coverage import SOMETIMES, Coverage
from lab.rehearsal.explore import crash_everywhere
from lab.rehearsal.moves import DECLARED, Move, list_illegal, try_illegal
from lab.rehearsal.parts import Outcome, Part
from lab.rehearsal.play import Play
from lab.rehearsal.report import Rehearsal, write_report
from lab.rehearsal.scene import Stage
from lab.rehearsal.schedules import play_schedule, read_schedule

# A schedule that reaches each thing that must happen sometimes.
REACHES = {
    "delivered": "blind",
    "dead": "blind mail_refused_for_good@send/email.email/1/before",
    "cancelled": "blind withdrawn@put/pdf.account/1/before mail_refused@send/email.email/1/before",
    "waiting": "blind:refused",
    "uncertain": "blind mail_lost@send/email.email/1/after",
    "refunded": "blind refunded@put/pdf.account/1/after",
    "disputed": "blind disputed@put/pdf.account/1/after",
    "refunded_in_part": "blind refunded_in_part@put/pdf.account/1/after",
    "given_back": "blind disputed@put/pdf.account/1/after dispute_won@stripe_get_disputes/events/7/after",
    "taken_back": "blind refunded@put/pdf.account/1/after",
    "passed": "blind withdrawn@send/email.email/1/after",
    "erased": "blind erased@put/pdf.account/1/after",
    "lease_lost": "blind taken@put/pdf.account/1/before",
}


@pytest.mark.parametrize("id", REACHES)
def test_what_must_happen_sometimes_does(stage: Stage, id: str) -> None:
    reached = Coverage()
    play_schedule(stage, read_schedule(REACHES[id]), reached)
    assert id in reached.sometimes


def test_everything_that_must_happen_sometimes_is_tried() -> None:
    assert {*REACHES, "unpaid"} == {one.id for one in SOMETIMES}


def test_illegal_moves_are_refused(stage: Stage) -> None:
    found: list[tuple[frozenset[Move], frozenset[Move]]] = []

    def look(play: Play) -> None:
        found.append(try_illegal(play.stage.connection))

    for text in ("blind", REACHES["refunded"], REACHES["dead"]):
        play_schedule(stage, read_schedule(text), look=look)
    assert {move for _, accepted in found for move in accepted} == set()
    refused = {move for moves, _ in found for move in moves}
    assert ("delivery_jobs", "done", "pending") in refused
    assert ("purchases", "refunded", "processing") in refused
    assert refused <= set(list_illegal())
    assert not set(list_illegal()) & DECLARED


def test_an_accepted_illegal_move_is_seen(stage: Stage) -> None:
    found: list[frozenset[Move]] = []
    bug = next(one for one in BUGS if one.id == "moves_freely")

    def look(play: Play) -> None:
        found.append(try_illegal(play.stage.connection)[1])

    with bug.planted(stage):
        play_schedule(stage, read_schedule("blind"), look=look)
    assert found[0]


def test_the_report_tells_what_was_reached(stage: Stage) -> None:
    tried = crash_everywhere(stage, share=(0, 12))
    rehearsal = Rehearsal(rules="0123456789ab")
    tried.coverage.pairs = 7
    rehearsal.add(Outcome(part=Part(what="crashes"), points=len(tried.points), coverage=tried.coverage))
    rehearsal.add(Outcome(part=Part(what="drawn"), schedules=3))
    rehearsal.add(Outcome(part=Part(what="kills"), schedules=2, kills=2))
    told = rehearsal.to_json()
    assert told["crash_points"] == len(set(tried.points)) == len(tried.points)
    assert "unpaid" in told["sometimes"]  # killed before the order was written
    assert (told["pairs"], told["plays"]) == (7, tried.coverage.plays)
    assert (told["schedules"], told["kills"]) == (3, 2)
    assert told["moves"] == len(tried.coverage.moves) > 5
    assert set(told["sometimes"]) | set(told["never"]) == {one.id for one in SOMETIMES}
    assert f"{len(tried.points)} in a purchase without faults" in write_report(rehearsal)
