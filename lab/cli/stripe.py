"""The command about Stripe: what the shop sells there, payments that never arrived, and events that wait."""

import argparse

from lab.cli.parser import Commands, add_api_base, add_command, add_json, add_target

DAYS = 60
LEFT = "Each payment is settled completely or not at all. Run it again to go on."


def add_commands(commands: Commands) -> None:
    """Add `stripe`."""
    adding = add_command(commands, stripe, "python -m lab stripe reconcile --days 7 --apply", lambda _: LEFT)
    adding.add_argument(
        "action",
        choices=("sync", "reconcile", "process"),
        help="sync: bring the offers to Stripe and the database; reconcile: compare payments and events with the "
        "database; process: the events that wait",
    )
    add_target(adding)
    add_json(adding)
    adding.add_argument(
        "--apply", action="store_true", help="sync, reconcile: change what differs; without it, only compare"
    )
    adding.add_argument("--days", type=_read_days, default=DAYS, help=f"reconcile: how far back; default {DAYS}")
    add_api_base(adding)


def _read_days(text: str) -> int:
    if text.isdecimal() and 1 <= int(text) <= 3650:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is not a number of days from 1 to 3650")


def stripe(options: argparse.Namespace) -> int:
    """Synchronize what the shop sells, settle payments that never arrived, or process waiting events."""
    from lab.cli.stripe_actions import act  # other commands do not wait for Stripe's client

    return act(options)
