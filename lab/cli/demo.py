"""The command that prepares the embedded database."""

import argparse
import json
import shlex
from datetime import UTC, datetime

from lab.cli.outcome import HOLDS, NotDone, tell
from lab.cli.parser import Commands, add_command, add_json
from lab.database.connect import open_target
from lab.database.embedded.server import InUse, default_folder, set_aside
from lab.migrations.demo import prepare_demo
from lab.text.product_files import APP, INSTALLED


def add_commands(commands: Commands) -> None:
    """Add `demo`."""
    adding = add_command(commands, demo, "python -m lab demo", _leave)
    adding.add_argument("--fresh", action="store_true", help="begin with a new database; the old one is set aside")
    add_json(adding)


def _leave(options: argparse.Namespace) -> str:
    if options.fresh:
        return "The old database may have been set aside already, in a folder of its own; nothing of it is lost."
    return "Each step is done whole or not at all: run it again to go on."


def demo(options: argparse.Namespace) -> int:
    """Start the embedded database, build the wall in it and fill in made-up data."""
    if options.fresh:
        _begin_afresh()
    target = open_target(None, tell)
    prepare_demo(target.url, tell)
    if options.json:
        print(json.dumps({"target": target.name, "ready": True}))
    else:
        print(f"The embedded database is ready. `streamlit run {_find_app()}` shows it.")
    return HOLDS


def _find_app() -> str:
    """Return the app's path: its name in a checkout, where it is in an installed copy."""
    return shlex.quote(str(APP)) if INSTALLED else APP.name


def _begin_afresh() -> None:
    try:
        aside = set_aside(default_folder(), datetime.now(UTC).strftime("%Y%m%d-%H%M%S"))
    except InUse as error:
        raise NotDone(str(error)) from None
    if aside is not None:
        tell(f"The database as it was is now in {aside.name}")
