"""What goes wrong, said in words: each phrase is played, and words that name nothing are refused."""

import pytest

from lab.rehearsal.faults import KINDS
from lab.rehearsal.outage.figures import FiguresOutdated, read_figures
from lab.rehearsal.outage.words import LONGEST, PHRASES, NotUnderstood, Phrase, hear
from lab.rehearsal.scene import Stage
from lab.rehearsal.schedules import play_schedule
from lab.rules import RULES


@pytest.mark.parametrize("phrase", PHRASES, ids=lambda phrase: phrase.example)
def test_each_phrase_is_understood_and_happens(stage: Stage, phrase: Phrase) -> None:
    heard = hear(phrase.example)
    assert {fault.kind for fault in heard.schedule.faults} == {phrase.kind}
    played = play_schedule(stage, heard.schedule)
    assert len(played.met) == len(heard.schedule.faults)
    assert played.broken == ()


def test_an_outage_in_words() -> None:
    heard = hear("Mail provider gone for 40 minutes, refunds meanwhile")
    assert (heard.seconds, heard.cut) == (2400, True)
    assert [str(fault) for fault in heard.schedule.faults] == [
        *(f"mail_refused@send/{job}.email/{n}/before" for n in (1, 2, 3) for job in ("receipt", "email")),
        "refunded@put/pdf.account/1/before",
    ]
    short = hear("smtp down for 20 s while the disk is full")
    assert (short.seconds, short.cut) == (20, False)
    assert {fault.kind for fault in short.schedule.faults} == {"mail_refused", "disk_full"}


@pytest.mark.parametrize("text", ["frobnicate", "disk full, gibberish", "x" * (LONGEST + 1)])
def test_words_without_a_failure_are_refused(text: str) -> None:
    with pytest.raises(NotUnderstood, match=r"names no failure|longer"):
        hear(text)


def test_nearly_every_kind_can_be_said() -> None:
    """The others are for experts, who choose them by name."""
    said = {phrase.kind for phrase in PHRASES}
    assert {kind.id for kind in KINDS} - said == {
        "commit_lost", "serialization", "stripe_lost", "unanswered", "overtaken",
    }  # fmt: skip


def test_the_figures_are_those_in_force(monkeypatch: pytest.MonkeyPatch) -> None:
    figures = read_figures()
    assert (figures.base_seconds, figures.cap_seconds, figures.doublings) == (10, 21600, 20)
    assert [figures.limit(attempt) for attempt in (1, 2, 11, 30)] == [20, 40, 20480, 21600]
    assert figures.budgets == {job.id: job.max_attempts for job in RULES.jobs}
    assert (figures.count_attempts(0), figures.count_attempts(2400)) == (1, 8)
    monkeypatch.setattr("lab.rehearsal.outage.figures.create_function", lambda _: "random() * 5")
    with pytest.raises(FiguresOutdated, match="end_attempt"):
        read_figures()
