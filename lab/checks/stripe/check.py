"""Compares the live Stripe account with the database. Read-only: nothing is ever written at Stripe."""

import time
from collections.abc import Iterator, Mapping

import stripe

from lab.checks.criterion import Outcome, gather, make_finding
from lab.checks.finding import Finding, Unknown
from lab.checks.stripe.payments import read_disputes, read_events, read_refunds, read_sessions, read_warnings
from lab.checks.stripe.prices import check_prices
from lab.checks.stripe.reader import (
    Account,
    Inspection,
    Unreachable,
    refused,
    run_inspection,
)
from lab.checks.stripe.records import DatabaseRecords, PurchaseLink, PurchaseRecords, PurchaseState, read_purchase_links
from lab.checks.stripe.webhooks import check_webhooks
from lab.rules.criteria.stripe import (
    CRITERIA,
    charges_off,
    key_unrestricted,
    mode_differs,
    payouts_off,
    requirements_due,
)
from lab.services.billing.stripe_client import key_mode, open_stripe, plain

__all__ = [
    "CRITERIA",
    "INSPECTIONS",
    "DatabaseRecords",
    "PurchaseLink",
    "PurchaseRecords",
    "PurchaseState",
    "check_stripe_account",
    "read_purchase_links",
]


def check_stripe_account(
    key: str,
    *,
    links: tuple[PurchaseLink, ...],
    records: PurchaseRecords | None,
    site_url: str | None,
    now: float | None = None,
    days: int = 30,
    most: int = 1000,
    base_addresses: Mapping[str, str] | None = None,
) -> Outcome:
    """Compare a Stripe account with the database. Read-only; a restricted key that may only read is enough.

    Args:
        key: The server's key, best a restricted one; it appears in nothing that is returned.
        links: The database's links of prices; see `read_purchase_links`.
        records: Looks purchases and events up; see `DatabaseRecords`. None leaves that side unknown.
        site_url: The site's address, for its webhook endpoint.
        now: The time, in seconds since 1970.
        days: How far back checkouts and events are read; Stripe keeps events for 30.
        most: How many objects of each kind are read at most.
        base_addresses: Stripe's addresses, for tests.
    """
    key = key.strip()
    mode = key_mode(key)
    if mode is None:
        why = "There is no key of the form sk_... or rk_...: set STRIPE_SECRET_KEY."
        return Outcome(unknowns=tuple(Unknown(what=inspection.what, why=why) for inspection in INSPECTIONS))
    account = Account(
        client=open_stripe(key, base_addresses),
        mode=mode,
        links=links,
        records=records,
        site_url=site_url,
        now=time.time() if now is None else now,
        days=days,
        most=most,
        restricted=key.startswith("rk_"),
    )
    return gather(_run_all(account))


def _run_all(account: Account) -> list[Finding | Unknown]:
    """Run the queries one by one, until one shows that the others cannot run either."""
    parts: list[Finding | Unknown] = []
    for place, inspection in enumerate(INSPECTIONS):
        try:
            parts += run_inspection(account, inspection)
        except Unreachable as reason:
            if isinstance(reason.__context__, stripe.AuthenticationError):
                parts.append(refused(account.mode))
            parts += [Unknown(what=left.what, why=str(reason)) for left in INSPECTIONS[place:]]
            break
    return parts


def _check_key(account: Account) -> Iterator[Finding | Unknown]:
    """Compare the key's mode with Stripe's answer, and with the prices on sale."""
    if not account.restricted:
        yield make_finding(key_unrestricted, "STRIPE_SECRET_KEY", f"an unrestricted {account.mode} key")
    sold = {link.livemode for link in account.links if link.active}
    if sold and (account.mode == "live") not in sold:
        yield make_finding(
            mode_differs, "STRIPE_SECRET_KEY", f"a {account.mode} key, while every price is of the other mode"
        )
    livemode = plain(account.client.v1.balance.retrieve()).get("livemode")
    if livemode is not (account.mode == "live"):
        yield make_finding(
            mode_differs, "STRIPE_SECRET_KEY", f"a {account.mode} key that Stripe takes for the other mode"
        )


def _check_state(account: Account) -> Iterator[Finding | Unknown]:
    """Check whether the account may charge and pay out; with a test key it always may."""
    state = plain(account.client.v1.accounts.retrieve_current())
    if account.mode == "test":
        return
    if not state.get("charges_enabled"):
        yield make_finding(charges_off, "account", "payments are switched off")
    if not state.get("payouts_enabled"):
        yield make_finding(payouts_off, "account", "payouts are switched off")
    requirements = state.get("requirements") or {}
    due = {name for kind in ("past_due", "currently_due") for name in requirements.get(kind) or []}
    if due or requirements.get("disabled_reason"):
        yield make_finding(requirements_due, "account", f"{len(due)} details are due")
    elif not state.get("details_submitted"):
        yield make_finding(requirements_due, "account", "its details were never handed in")


# Permissions are named as the dashboard lists them; only Webhook Endpoints is confirmed by a source.
# Source: stripe/stripe-cli#2017; stripe/stripe-node#2246 on restricted keys that may not read their account.
INSPECTIONS = (
    Inspection("The key and its mode.", "Balance: Read", _check_key),
    Inspection(
        "The state of the account.",
        "Accounts: Read (some restricted keys cannot have it: then look at the dashboard's home page)",
        _check_state,
    ),
    Inspection("The webhook endpoints.", "Webhook Endpoints: Read", check_webhooks),
    Inspection("The prices and products.", "Prices: Read, Products: Read", check_prices),
    Inspection("The paid checkouts.", "Checkout Sessions: Read", read_sessions),
    Inspection("The events.", "Events: Read", read_events),
    Inspection("The disputes.", "Disputes: Read", read_disputes),
    Inspection("The refunds.", "Charges and Refunds: Read", read_refunds),
    Inspection("The early fraud warnings.", "Radar: Read", read_warnings),
)
