"""The command that prepares the embedded database."""

import argparse
import shlex
from datetime import UTC, datetime

from lab.cli.outcome import HOLDS, say, say_json, tell
from lab.cli.parser import Commands, add_command, add_json
from lab.database.connect import open_target
from lab.database.embedded.server import default_folder, set_aside
from lab.migrations.demo import prepare_demo
from lab.text.product_files import APP, INSTALLED


def add_commands(commands: Commands) -> None:
    """Add `demo`."""
    adding = add_command(commands, demo, "python -m lab demo", _leave)
    adding.add_argument(
        "--fresh", action="store_true", help="start with a new database; the old one is kept in another folder"
    )
    add_json(adding)


def _leave(options: argparse.Namespace) -> str:
    if options.fresh:
        return "The old database may already be set aside in its own folder. Nothing is lost."
    return "Each step is done completely or not at all. Run it again to go on."


def demo(options: argparse.Namespace) -> int:
    """Start the embedded database, apply the migrations and insert sample data."""
    if options.fresh:
        _begin_afresh()
    target = open_target(None, tell)
    prepare_demo(target.url, tell)
    if options.json:
        say_json({"target": target.name, "ready": True}, None)
    else:
        say(f"The embedded database is ready. `streamlit run {_find_app()}` shows it.")
    return HOLDS


def _find_app() -> str:
    """Return the app's path: its name in a checkout, where it is in an installed copy."""
    return shlex.quote(str(APP)) if INSTALLED else APP.name


def _begin_afresh() -> None:
    aside = set_aside(default_folder(), datetime.now(UTC).strftime("%Y%m%d-%H%M%S"))
    if aside is not None:
        tell(f"The old database is kept in {aside.name}")
