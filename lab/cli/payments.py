"""The command about payments: what waits for a person, the newest rows, and what an operator does about them."""

import argparse

from lab.cli.files import REPORT_FORMS, add_outputs
from lab.cli.parser import Commands, add_api_base, add_command, add_target
from lab.rules import RULES
from lab.services.billing.overview import LISTS, MOST

LEFT = "The act was either carried out completely or not at all. Run it again: a second time changes nothing."
ACTS = {act.id: act for act in RULES.operator_acts}


def add_commands(commands: Commands) -> None:
    """Add `payments`."""
    adding = add_command(commands, payments, "python -m lab payments replay evt_1Abc --apply", lambda _: LEFT)
    adding.add_argument(
        "what",
        nargs="?",
        choices=("waiting", *LISTS, *ACTS),
        default="waiting",
        metavar="WHAT",
        help=f"what to show: waiting (the default), {', '.join(LISTS)}; or what to do: "
        + "; ".join(f"{act.id} ID: {act.title.lower()}" for act in ACTS.values()),
    )
    adding.add_argument("id", nargs="?", metavar="ID", help="the id that `payments` shows, of what the act is for")
    add_target(adding)
    add_outputs(adding, REPORT_FORMS)
    adding.add_argument("--apply", action="store_true", help="carry the act out; without it, only say what it would do")
    adding.add_argument("--most", type=_read_most, default=MOST, metavar="N", help=f"rows to show; default {MOST}")
    add_api_base(adding)


def _read_most(text: str) -> int:
    if text.isdecimal() and 1 <= int(text) <= 10_000:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 to 10000")


def payments(options: argparse.Namespace) -> int:
    """Show what waits for a person about payments, and carry out what an operator decides."""
    from lab.cli.payment_actions import carry, show  # other commands do not wait for their imports

    return carry(options, ACTS[options.what]) if options.what in ACTS else show(options)
