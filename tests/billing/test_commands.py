"""`lab stripe` and `lab worker --once`, on a real database and a Local Stripe."""

import json
from collections.abc import Callable

import pytest

from lab.rules import RULES
from lab.rules.env import stripe_secret_key
from tests.billing.shops import Shop

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def lab(shop: Shop, run: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run `lab stripe` against the shop."""
    monkeypatch.setenv(stripe_secret_key.id, shop.local.key)
    address = ("--api-base", shop.local.url, "--database-url", shop.database.api_url)
    return lambda *arguments: run("stripe", *arguments, *address)


def test_what_never_arrived_is_told_then_settled(shop: Shop, lab: Run) -> None:
    shop.local.break_next("not_generated", "*", times=0)
    order, session = shop.buy()
    code, told, _ = lab("reconcile")
    assert (code, f"session {session}: paid at Stripe, open" in told, "--apply settles" in told) == (1, True, True)
    assert shop.state(order) == ("open", False)
    code, told, _ = lab("reconcile", "--apply", "--json")
    assert code == 0
    assert {(one["id"], one["outcome"]) for one in json.loads(told)["differences"]} >= {(session, "unlocked")}
    assert shop.state(order) == ("paid", True)
    code, told, _ = lab("reconcile")
    assert (code, "The database has everything." in told) == (0, True)


def test_offers_are_shown_then_synchronized(lab: Run) -> None:
    code, told, _ = lab("sync")
    assert (code, "Nothing was changed." in told) == (1, True)
    code, done, _ = lab("sync", "--apply")
    assert (code, done.splitlines()[:-1]) == (0, told.splitlines()[:-1])
    assert lab("sync")[:2] == (0, "Stripe and the database have every offer.\n")
    assert json.loads(lab("sync", "--json")[1]) == {"applied": False, "differences": []}


def test_waiting_events_are_processed(shop: Shop, lab: Run) -> None:
    order, _ = shop.buy()
    shop.receive()
    code, told, _ = lab("process")
    assert (code, "0 to be tried again" in told) == (0, True)
    assert (shop.state(order), shop.unlocks(order)) == (("paid", True), 1)
    assert lab("process", "--json")[:2] == (0, '{"events": []}\n')


def test_an_event_without_an_order_is_told(shop: Shop, lab: Run) -> None:
    made = shop.client.v1.checkout.sessions.create(
        {"mode": "payment", "line_items": [{"price": shop.price, "quantity": 1}], "success_url": "https://a.example/"}
    )
    shop.pay(made.id)
    shop.receive()
    code, told, _ = lab("process")
    assert (code, "failed (order.unknown)" in told) == (1, True)


@pytest.mark.parametrize(
    ("key", "address", "words"),
    [
        ("", "http://127.0.0.1:9", "STRIPE_SECRET_KEY: is missing"),
        ("pk_test_123456789012", "http://127.0.0.1:9", "no server key of Stripe"),
        ("sk_live_123456789012", "http://127.0.0.1:9", "--api-base: is for an address of this machine and a test key"),
        ("sk_test_123456789012", "http://stripe.example", "--api-base: is for an address of this machine"),
        ("sk_test_123456789012", "https://127.0.0.1.example", "--api-base: is for an address of this machine"),
        ("sk_test_123456789012", "http://127.0.0.1:9", "Stripe: could not be asked: stripe.unreachable"),
    ],
)
def test_what_cannot_be_done_is_told_without_the_key(
    shop: Shop, run: Run, monkeypatch: pytest.MonkeyPatch, key: str, address: str, words: str
) -> None:
    monkeypatch.setenv(stripe_secret_key.id, key)
    code, told, error = run("stripe", "reconcile", "--api-base", address, "--database-url", shop.database.api_url)
    assert (code, told) == (2, "")
    assert words in error
    assert not key or key not in error


WORK = ("worker", "--once", "--database-url")


def test_a_worker_runs_what_is_due_once(shop: Shop, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(stripe_secret_key.id, shop.local.key)
    shop.local.break_next("drop", "*", times=0)
    order, _ = shop.buy()
    shop.receive()
    work = (*WORK, shop.database.api_url, "--api-base", shop.local.url)
    code, told, error = run(*work, "--json")
    assert (code, error) == (0, "")
    assert [one["task"] for one in json.loads(told)["runs"]] == [task.id for task in RULES.schedule]
    assert shop.state(order) == ("paid", True)
    assert run(*work)[:2] == (0, "Nothing was due.\n")


def test_what_needs_a_key_is_told(shop: Shop, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(stripe_secret_key.id, raising=False)
    code, told, error = run(*WORK, shop.database.api_url)
    able = ("recover_deliveries", "seal_ledgers", "list_withdrawn_files", "prune_deliveries")
    assert (code, told) == (1, "".join(f"{task}: done\n" for task in able))
    needs = ("process_stripe_events", "reconcile_payments", "reconcile_all_payments")
    assert error == "".join(f"{task}: not run: STRIPE_SECRET_KEY is missing\n" for task in needs)
    assert run(*WORK, shop.database.api_url, "--only", "seal_ledgers") == (0, "Nothing was due.\n", "")
    assert json.loads(run(*WORK, shop.database.api_url, "--json")[1])["not_run"] == list(needs)


def test_a_failed_run_is_told(shop: Shop, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(stripe_secret_key.id, shop.local.key)
    only = ("--only", "reconcile_payments", "--api-base", "http://127.0.0.1:9")
    code, told, _ = run(*WORK, shop.database.api_url, *only)
    assert (code, told) == (1, "reconcile_payments: failed (stripe.unreachable)\n")


@pytest.mark.parametrize(
    ("arguments", "key", "words"),
    [
        (("--only", "water_plants"), "", "invalid choice"),
        (("--api-base", "http://127.0.0.1:9"), "", "STRIPE_SECRET_KEY: is missing"),
        ((), "pk_test_123456789012", "no server key of Stripe"),
        (("--api-base", "https://stripe.example"), "sk_test_123456789012", "--api-base: is for an address"),
        (("--database-url", "postgresql://who:s3cret@127.0.0.1:1/db"), "", "nothing listens there"),
    ],
)
def test_what_a_worker_cannot_do(
    run: Run, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], key: str, words: str
) -> None:
    monkeypatch.setenv(stripe_secret_key.id, key)
    code, told, error = run("worker", "--once", *arguments)
    assert (code, told, words in error, "s3cret" in error) == (2, "", True, False)
