"""The command that prepares the embedded database, and serves a shop on it."""

import argparse
import shlex
from datetime import UTC, datetime

from lab.cli.outcome import HOLDS, NotDone, say, say_json, tell
from lab.cli.parser import Commands, add_command, add_json
from lab.database.connect import open_target
from lab.database.embedded.server import EmbeddedPostgres, default_folder, set_aside
from lab.migrations.demo import prepare_demo
from lab.text.product_files import APP, INSTALLED


def add_commands(commands: Commands) -> None:
    """Add `demo`."""
    adding = add_command(commands, demo, "python -m lab demo", _leave)
    adding.add_argument(
        "--fresh", action="store_true", help="start with a new database; the old one is kept in another folder"
    )
    adding.add_argument(
        "--shop", action="store_true", help="also serve the app, a shop and Local Stripe, until Ctrl-C: buy and see"
    )
    adding.add_argument("--port", type=int, metavar="N", help="where the shop of --shop listens; by default a free one")
    add_json(adding)


def _leave(options: argparse.Namespace) -> str:
    if options.fresh:
        return "The old database may already be set aside in its own folder. Nothing is lost."
    return "Each step is done completely or not at all. Run it again to go on."


def demo(options: argparse.Namespace) -> int:
    """Start the embedded database, apply the migrations and insert sample data."""
    if options.port is not None and not options.shop:
        raise NotDone("--port", "It is the port of the shop, which is not served", "Add --shop")
    if options.fresh:
        _begin_afresh()
    target = open_target(None, tell)
    prepare_demo(target.url, tell)
    if options.shop and target.embedded is not None:
        return _serve_shop(target.embedded, options)
    if options.json:
        say_json({"target": target.name, "ready": True}, None)
    else:
        say(f"The embedded database is ready. `streamlit run {_find_app()}` shows it.")
    return HOLDS


def _serve_shop(server: EmbeddedPostgres, options: argparse.Namespace) -> int:
    """Serve the shop until a signal ends it, and release the database."""
    from lab.services.demo_shop import ending_on_signals, serve_demo, wait_for_end  # other commands do not wait for it

    url = server.url(user="authenticator")
    with ending_on_signals(), serve_demo(url, port=options.port or 0, tell=tell) as demo_shop:
        places = {"shop": demo_shop.shop, "control": demo_shop.control, "lab": demo_shop.lab}
        if options.json:
            say_json(places, None)
        else:
            say(_PLACES.format(**places))
        wait_for_end(demo_shop)
    server.stop()
    tell("Everything has ended.")
    return HOLDS


_PLACES = """Buy in the shop:              {shop}
Refund, dispute or settle:    {control}
See it in the app:            {lab}
No money moves. Ctrl-C ends all of them."""


def _find_app() -> str:
    """Return the app's path: its name in a checkout, where it is in an installed copy."""
    return shlex.quote(str(APP)) if INSTALLED else APP.name


def _begin_afresh() -> None:
    aside = set_aside(default_folder(), datetime.now(UTC).strftime("%Y%m%d-%H%M%S"))
    if aside is not None:
        tell(f"The old database is kept in {aside.name}")
