"""The command that runs the schedule, as a service or once."""

import argparse
from pathlib import Path

from lab.cli.parser import Commands, add_api_base, add_command, add_json, add_target
from lab.rules import RULES

LEFT = "A run that was cut off is begun again by any worker when its lease ends. Nothing is lost."


def add_commands(commands: Commands) -> None:
    """Add `worker`."""
    adding = add_command(commands, worker, "python -m lab worker --database-url-file ~/.shop-url", lambda _: LEFT)
    add_target(adding)
    add_json(adding)
    adding.add_argument("--once", action="store_true", help="run what is due now, and end; 1 if something failed")
    adding.add_argument(
        "--only",
        action="append",
        choices=[task.id for task in RULES.schedule],
        metavar="TASK",
        help=f"only this scheduled task, may be repeated: {', '.join(task.id for task in RULES.schedule)}",
    )
    adding.add_argument(
        "--environment",
        metavar="NAME",
        help="deliver as well, in this environment, which an operator has opened: make files, send messages",
    )
    adding.add_argument(
        "--files", metavar="FOLDER", type=Path, help="with --environment: where files are kept; by default .lab/files"
    )
    add_api_base(adding)


def worker(options: argparse.Namespace) -> int:
    """Run the scheduled tasks when they are due, and deliver what is queued."""
    from lab.cli.worker_actions import act  # other commands do not wait for Stripe's client

    return act(options)
