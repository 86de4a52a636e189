"""The command that rehearses a purchase with failures."""

import argparse

from lab.cli.parser import Commands, add_command, add_json, add_target

QUICK_SEEDS, WHOLE_SEEDS = 200, 10_000
RACE_ORDERS = 30  # of each race, and again as many that are drawn


def add_commands(commands: Commands) -> None:
    """Add `rehearse`."""
    adding = add_command(commands, rehearse, "python -m lab rehearse --seeds 1000")
    add_json(adding)
    add_target(adding)
    adding.add_argument("--seeds", type=int, metavar="N", help=f"how many drawn schedules; by default {QUICK_SEEDS}")
    adding.add_argument(
        "--whole",
        action="store_true",
        help=f"every pair of crashes, every fault at every point, {WHOLE_SEEDS:,} drawn schedules, killed processes",
    )
    adding.add_argument("--races", action="store_true", help="run every race of two or three processes in many orders")
    adding.add_argument("--bugs", action="store_true", help="plant each of the known bugs, and find it")
    stories = adding.add_mutually_exclusive_group()
    stories.add_argument(
        "--play", metavar="SCHEDULE", help="play one schedule, as a report shows it, and tell the story"
    )
    adding.add_argument("--plant", metavar="BUG", help="plant a bug for the schedule that is played")
    stories.add_argument(
        "--order",
        metavar="ID",
        help="rehearse a real order: a purchase's id, a job's number or a support path; the target is only read",
    )
    stories.add_argument(
        "--outage",
        metavar="WORDS",
        help="forecast an outage, such as 'mail provider gone for 40 minutes', and rehearse it with a few orders",
    )
    adding.add_argument("--orders-an-hour", type=int, default=60, metavar="N", help="of the outage; by default 60")
    adding.add_argument("--seed", type=int, default=0, metavar="N", help="of the outage: other orders and pauses")
    adding.add_argument("--workers", type=int, default=1, metavar="N", help="of the outage; by default 1")
    adding.add_argument(
        "--distributed", metavar="ADDRESS", help="run on a cluster of dask.distributed, such as tcp://10.0.0.5:8786"
    )


def rehearse(options: argparse.Namespace) -> int:
    """Play purchases with failures on a temporary database, and judge what is left of each."""
    from lab.cli import rehearsal_actions, rehearsal_stories  # other commands do not wait for their imports

    if options.order is not None:
        return rehearsal_stories.rehearse_target_order(options)
    if options.outage is not None:
        return rehearsal_stories.rehearse_an_outage(options)
    if options.play:
        return rehearsal_actions.play(options)
    return rehearsal_actions.run(options, QUICK_SEEDS, WHOLE_SEEDS, RACE_ORDERS)
