"""What `lab stripe` does: synchronize offers, reconcile payments, process events."""

import argparse
import os
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime, timedelta

import stripe

from lab.cli.outcome import FINDINGS, HOLDS, say, say_json, tell
from lab.database.connect import connect, open_target, resolve_url
from lab.rules import RULES
from lab.rules.env import stripe_secret_key
from lab.services.billing.event_store import record_missing
from lab.services.billing.processing import Ending, process_events
from lab.services.billing.reconcile import Reconciliation, reconcile
from lab.services.billing.stripe_client import key_mode
from lab.services.billing.stripe_key import explaining_stripe, open_client
from lab.services.billing.sync import apply_offers, compare_offers
from lab.services.worker import name_worker

AT_ONCE = 100


def act(options: argparse.Namespace) -> int:
    """Do what the command's action names.

    Raises:
        StripeUnavailable: There is no key, or Stripe cannot be asked.
    """
    key = os.environ.get(stripe_secret_key.id, "").strip()
    client = open_client(key, options.api_base)
    target = open_target(resolve_url(options.database_url, os.environ), tell)
    with explaining_stripe():
        if options.action == "sync":
            return _synchronize(options, client, target.url)
        if options.action == "reconcile":
            return _reconcile(options, client, target.url, target.name)
        return _process(options, client, target.url, livemode=key_mode(key) == "live")


# Synchronizing ----------------------------------------------------------------------------------------


def _synchronize(options: argparse.Namespace, client: stripe.StripeClient, url: str) -> int:
    with connect(url) as connection:
        found = (apply_offers if options.apply else compare_offers)(client, connection, RULES.offers)
    if options.json:
        say_json({"applied": options.apply, "differences": [asdict(one) for one in found]}, None)
    else:
        for one in found:
            say(f"{one.offer}: {one.sentence}")
        say(_conclude(len(found), options.apply))
    return FINDINGS if found and not options.apply else HOLDS


def _conclude(count: int, applied: bool) -> str:
    if not count:
        return "Stripe and the database have every offer."
    return "All of this was changed." if applied else "Nothing was changed. --apply changes it."


# Reconciling ------------------------------------------------------------------------------------------


def _reconcile(options: argparse.Namespace, client: stripe.StripeClient, url: str, name: str) -> int:
    since = datetime.now(UTC) - timedelta(days=options.days)
    with connect(url) as connection:
        found = reconcile(client, connection, since=since, apply=options.apply, record=record_missing(url))
    if options.json:
        say_json(_write(found, name), None)
    else:
        say("\n".join(_describe(found, options.apply)))
    return FINDINGS if found.left or not found.whole else HOLDS


def _write(found: Reconciliation, name: str) -> Mapping[str, object]:
    return {
        "target": name,
        "since": found.since.isoformat(timespec="seconds"),
        "compared": found.compared,
        "whole": found.whole,
        "differences": [asdict(one) for one in found.differences],
    }


def _describe(found: Reconciliation, applied: bool) -> list[str]:
    compared = ", ".join(f"{count} {kind}{'s' * (count != 1)}" for kind, count in found.compared.items())
    lines = [f"compared since {found.since:%Y-%m-%d}: {compared}"]
    for one in found.differences:
        here = one.here or "not in the database"
        lines.append(f"  {one.kind} {one.id}: {one.at_stripe} at Stripe, {here}{_say_outcome(one.outcome)}")
    if not found.whole:
        lines.append("  There is more than was read: choose fewer days.")
    if found.differences and not applied:
        lines.append("Nothing was changed. --apply settles what differs.")
    elif not found.differences:
        lines.append("The database has everything.")
    return lines


def _say_outcome(outcome: str | None) -> str:
    waits = {
        "unknown": "no order is known for it, so it waits for a person",
        "refused": "the database refuses it, so it waits for a person",
        "review": "it waits for a person",
        "paid": "it waits for a person",
    }
    return f"; now {waits.get(outcome, outcome)}" if outcome else ""


# Processing -------------------------------------------------------------------------------------------


def _process(options: argparse.Namespace, client: stripe.StripeClient, url: str, *, livemode: bool) -> int:
    ended: list[tuple[str, Ending]] = []
    with connect(url) as connection:
        while found := process_events(client, connection, worker=name_worker(), livemode=livemode, most=AT_ONCE):
            ended += found
    waiting = [ending for _, ending in ended if ending.outcome in ("failed", "needs_review")]
    if options.json:
        say_json({"events": [{"id": id, **asdict(ending)} for id, ending in ended]}, None)
    else:
        for id, ending in ended:
            say(f"{id}: {ending.outcome}{f' ({ending.error_class})' if ending.error_class else ''}")
        say(f"{len(ended)} event{'s' * (len(ended) != 1)} processed, {len(waiting)} to be tried again or looked at")
    return FINDINGS if waiting else HOLDS
