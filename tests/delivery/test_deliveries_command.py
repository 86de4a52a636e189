"""`lab deliveries`: the overview, the acts and the metrics, from the command line."""

import json
import re
from collections.abc import Callable

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.delivery.people import ADDRESS, Shop
from tests.delivery.waiting import MAKERS, kill, lose_answer

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def lab(shop: Shop, run: Run) -> Run:
    """Run `lab deliveries` on the shop's database."""
    return lambda *arguments: run("deliveries", *arguments, "--database-url", shop.database.url)


def test_the_overview_answers_first(shop: Shop, lab: Run) -> None:
    code, told, _ = lab()
    assert (code, told.splitlines()[0]) == (0, "Yes, everything that is due is delivered.")
    assert "The environment tests is open." in told
    kill(shop)
    code, told, _ = lab()
    assert (code, told.splitlines()[0]) == (1, "No: 1 waits for a person.")
    assert "Of the newest 1 attempts: 1 permanent." in told


@pytest.mark.parametrize("kind", MAKERS)
def test_every_command_that_is_told_works(shop: Shop, lab: Run, kind: str) -> None:
    MAKERS[kind](shop)
    told = lab()[1]
    commands = re.findall(r"python -m lab deliveries (.*)$", told, flags=re.MULTILINE)
    (item,) = json.loads(lab("--json")[1])["waiting"]
    assert [command.split()[0].replace("-", "_") for command in commands] == item["acts"]
    for number, command in enumerate(commands):
        code, said, error = lab(*command.split())
        assert (code, error) == (0, "")
        assert number or "Nothing was changed" not in said


def test_an_act_without_apply_changes_nothing(shop: Shop, lab: Run) -> None:
    job = kill(shop)
    code, told, _ = lab("retry", job, "--reason", "cause_solved")
    assert (code, "Nothing was changed. --apply carries it out." in told) == (0, True)
    assert json.loads(lab("--json")[1])["totals"] == {"dead_letter": 1}


def test_a_second_act_says_so(shop: Shop, lab: Run) -> None:
    job = kill(shop)
    retry = ("retry", job, "--reason", "cause_solved", "--apply", "--json")
    assert [json.loads(lab(*retry)[1])["changed"] for _ in range(2)] == [True, False]
    assert "Somebody acted on the job before. Nothing was changed." in lab(*retry[:-1])[1]


def test_metrics_can_be_read_by_prometheus(shop: Shop, lab: Run) -> None:
    lose_answer(shop)
    code, told, _ = lab("--metrics")
    families = {family.name: family for family in text_string_to_metric_families(told)}
    assert code == 1
    assert {label for family in families.values() for sample in family.samples for label in sample.labels} == {
        "channel",
        "state",
        "outcome",
    }
    assert families["oracle_delivery_uncertain_sends"].samples[0].value == 1


def test_nothing_private_is_printed(shop: Shop, lab: Run) -> None:
    for make in (kill, lose_answer):
        make(shop)
    told = "".join(lab(*form)[1] for form in ((), ("--json",), ("--metrics",)))
    private = (str(shop.world.subject), str(shop.world.ids["pdf"]), "@", ADDRESS, shop.database.url)
    assert [word for word in private if word in told] == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["retry"], "deliveries retry: needs the id of what it is for"),
        (["retry", "1", "--apply"], "needs a reason as a short code"),
        (["retry", "x", "--reason", "asked"], "x is no id of a job"),
        (["retry", "4711", "--reason", "asked", "--apply"], "there is no job 4711"),
        (["stop", "fax", "--apply"], "fax is no id of a channel"),
        (["stop", "gift", "--reason", "asked"], "--metrics and --reason do not belong to it"),
        (["--apply"], "an id, --reason and --apply belong to an act"),
        (["--json", "--metrics"], "--json and --metrics are two forms"),
    ],
    ids=["no id", "no reason", "no job", "unknown job", "no channel", "a reason too many", "no act", "two forms"],
)
def test_what_cannot_be_done_is_told(lab: Run, arguments: list[str], words: str) -> None:
    code, told, error = lab(*arguments)
    assert (code, told, words in error) == (2, "", True)
