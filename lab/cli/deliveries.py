"""The command about deliveries: whether everything is delivered, what waits, and what an operator does about it."""

import argparse

from lab.cli.files import REPORT_FORMS, add_outputs
from lab.cli.parser import Commands, add_command, add_target
from lab.rules import RULES

BOUNCES = "bounces"
LEFT = "The act was either carried out completely or not at all. Run it again: a second time changes nothing."
ACTS = {act.id.replace("_", "-"): act for act in RULES.delivery_acts}


def add_commands(commands: Commands) -> None:
    """Add `deliveries`."""
    example = "python -m lab deliveries retry 4711 --reason cause_solved --apply"
    adding = add_command(commands, deliveries, example, lambda _: LEFT)
    adding.add_argument(
        "what",
        nargs="?",
        choices=("overview", BOUNCES, *ACTS),
        default="overview",
        metavar="WHAT",
        help="overview (the default), or what to do: "
        + "; ".join(f"{name} ID: {act.title.lower()}" for name, act in ACTS.items())
        + "; bounces FILE: take in what came back as e-mail",
    )
    adding.add_argument(
        "id",
        nargs="*",
        metavar="ID",
        help="a job, a channel or an environment, as `deliveries` shows; for bounces files with one e-mail each, or "
        "Maildirs, and - or nothing for standard input",
    )
    add_target(adding)
    add_outputs(adding, REPORT_FORMS)
    adding.add_argument("--metrics", action="store_true", help="print the overview as metrics for Prometheus")
    adding.add_argument("--reason", metavar="CODE", help="a short code for the audit trail, such as cause_solved")
    adding.add_argument("--apply", action="store_true", help="carry the act out; without it, only say what it would do")


def deliveries(options: argparse.Namespace) -> int:
    """Show whether everything is delivered and what waits for a person, and carry out what an operator decides."""
    from lab.cli.bounces import take_in  # other commands do not wait for their imports
    from lab.cli.delivery_actions import carry, show

    if options.what == BOUNCES:
        return take_in(options)
    return carry(options, ACTS[options.what]) if options.what in ACTS else show(options)
