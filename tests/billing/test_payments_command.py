"""`lab payments`: what waits, the lists, and the acts, from the command line."""

import json
import re
from collections.abc import Callable

import pytest

from lab.rules.env import stripe_secret_key
from lab.services.billing.overview import LISTS
from tests.billing.shops import Shop
from tests.billing.test_operators import review, review_of_a_locked_purchase

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def lab(shop: Shop, run: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run `lab payments` on the shop's database."""
    monkeypatch.setenv(stripe_secret_key.id, shop.local.key)
    address = ("--api-base", shop.local.url, "--database-url", shop.database.url)
    return lambda *arguments: run("payments", *arguments, *address)


def test_what_waits_is_told_with_commands_that_work(shop: Shop, lab: Run) -> None:
    assert lab()[:2] == (0, "Nothing waits for a person.\n")
    order = review_of_a_locked_purchase(shop)
    code, told, _ = lab()
    assert (code, told.startswith("1 waits for a person.\n\nPayment of another amount: ")) == (1, True)
    commands = re.findall(r"python -m lab payments (.*)$", told, flags=re.MULTILINE)
    assert [command.split()[0] for command in commands] == ["unlock", "refund", "leave"]
    assert lab(*commands[0].split())[1].endswith(": Unlocked.\n")
    assert shop.state(order) == ("paid", True)
    assert lab(*commands[1].split())[:2][1].endswith("It was decided before. Nothing was changed.\n")
    assert lab()[0] == 0


def test_an_act_without_apply_changes_nothing(shop: Shop, lab: Run) -> None:
    review_of_a_locked_purchase(shop)
    (item,) = json.loads(lab("--json")[1])["waiting"]
    code, told, _ = lab("unlock", item["id"])
    assert (code, "Nothing was changed. --apply carries it out." in told) == (0, True)
    assert json.loads(lab("--json")[1])["total"] == 1


def test_a_payment_is_settled_again(shop: Shop, lab: Run) -> None:
    _, session = shop.buy()
    assert json.loads(lab("settle", session, "--apply", "--json")[1])["changed"] is True
    assert json.loads(lab("settle", session, "--apply", "--json")[1])["changed"] is False


@pytest.mark.parametrize("name", LISTS)
def test_every_list_is_printed_as_text_and_as_json(shop: Shop, lab: Run, name: str) -> None:
    order = review(shop, "fraud_warning")
    session = shop.purchase(order)["checkout_session_id"]
    shop.local.act("refund", session, amount=10)
    shop.local.act("dispute", session)
    shop.deliver()
    code, told, _ = lab(name)
    found = json.loads(lab(name, "--json")[1])
    assert (code, len(told.splitlines())) == (0, 1 + len(found[name]))
    assert found["total"] == len(found[name]) > 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["unlock"], "payments unlock: needs the id of what it is for"),
        (["unlock", "evt_1", "--apply"], "evt_1 is no id of a review"),
        (["settle", "x", "--apply"], "x is no id of a checkout session"),
        (["purchases", "evt_1"], "an id and --apply belong to an act"),
        (["waiting", "--apply"], "an id and --apply belong to an act"),
        (["settle", "cs_test_1", "--apply"], "Stripe: could not be asked: stripe.missing"),
        (["unlock", "00000000-0000-4000-8000-000000000000", "--apply"], ""),
    ],
)
def test_what_cannot_be_done_is_told(lab: Run, arguments: list[str], words: str) -> None:
    code, _, error = lab(*arguments)
    assert (code, words in error) == (2 if words else 0, True)


def test_a_database_without_the_wall_is_told(run: Run, shop: Shop) -> None:
    shop.admin.execute("alter role oracle_operator rename to somebody_else")
    try:
        code, _, error = run("payments", "--database-url", shop.database.url)
    finally:
        shop.admin.execute("alter role somebody_else rename to oracle_operator")
    assert (code, "has no role oracle_operator: apply the migrations first" in error) == (2, True)
