"""The command that rehearses a purchase with failures."""

import argparse

from lab.cli.parser import Commands, add_command, add_json

QUICK_SEEDS, WHOLE_SEEDS = 200, 10_000
WHOLE_ORDERS = 30  # of each race, and again as many that are drawn


def add_commands(commands: Commands) -> None:
    """Add `rehearse`."""
    adding = add_command(commands, rehearse, "python -m lab rehearse --seeds 1000")
    add_json(adding)
    adding.add_argument("--seeds", type=int, metavar="N", help=f"how many drawn schedules; by default {QUICK_SEEDS}")
    adding.add_argument(
        "--whole",
        action="store_true",
        help=f"every pair of crashes, every fault at every point, {WHOLE_SEEDS:,} drawn schedules, races, every bug",
    )
    adding.add_argument("--bugs", action="store_true", help="plant each of the known bugs, and find it")
    adding.add_argument(
        "--play", metavar="SCHEDULE", help="play one schedule, as a report shows it, and tell the story"
    )
    adding.add_argument(
        "--distributed", metavar="ADDRESS", help="run on a cluster of dask.distributed, such as tcp://10.0.0.5:8786"
    )


def rehearse(options: argparse.Namespace) -> int:
    """Play purchases with failures on a temporary database, and judge what is left of each."""
    from lab.cli.rehearsal_actions import play, run  # other commands do not wait for their imports

    return play(options) if options.play else run(options, QUICK_SEEDS, WHOLE_SEEDS, WHOLE_ORDERS)
