"""The command that prepares the embedded database, and serves a shop on it."""

import argparse
import os
import shlex
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

from lab.cli.outcome import HOLDS, NotDone, say, say_json, tell
from lab.cli.parser import Commands, add_command, add_json
from lab.database.connect import connect, open_target
from lab.database.embedded.server import EmbeddedPostgres, binaries, default_folder, set_aside
from lab.database.failures import say_refusal
from lab.migrations.demo import prepare_demo
from lab.readiness.repair_command import write_psql
from lab.readiness.targets import EMBEDDED
from lab.rules.env import stripe_secret_key
from lab.text.product_files import APP, INSTALLED

if TYPE_CHECKING:
    import stripe

    from lab.services.demo_shop import Addresses


def add_commands(commands: Commands) -> None:
    """Add `demo`."""
    adding = add_command(commands, demo, "python -m lab demo", _leave)
    adding.add_argument(
        "--fresh", action="store_true", help="start with a new database; the old one is kept in another folder"
    )
    adding.add_argument(
        "--run",
        dest="sql",
        metavar="FILE",
        help="run the SQL of this file on the embedded database; - is standard input",
    )
    adding.add_argument(
        "--shop",
        action="store_true",
        help="also serve the app, a shop and Local Stripe, until Ctrl-C: buy and see; with a test key in"
        " STRIPE_SECRET_KEY the shop sells at Stripe's test mode instead",
    )
    adding.add_argument(
        "--api-base", metavar="URL", help="with --shop and a test key: a stand-in for Stripe on this machine"
    )
    adding.add_argument("--port", type=int, metavar="N", help="where the shop of --shop listens; by default a free one")
    add_json(adding)


def _leave(options: argparse.Namespace) -> str:
    if options.fresh:
        return "The old database may already be set aside in its own folder. Nothing is lost."
    return "Each step is done completely or not at all. Run it again to go on."


def demo(options: argparse.Namespace) -> int:
    """Start the embedded database, apply the migrations and insert sample data."""
    for name, given, what in (("--port", options.port, "port"), ("--api-base", options.api_base, "Stripe")):
        if given is not None and not options.shop:
            raise NotDone(name, f"It is the {what} of the shop, which is not served", "Add --shop")
    if options.sql and options.shop:
        raise NotDone("--run", "It runs SQL on the embedded database, and --shop serves a shop", "Give one of them")
    sql = _read_sql(options.sql) if options.sql else ""
    test_mode = _open_test_mode(options.api_base) if options.shop else None
    if options.fresh:
        _begin_afresh()
    target = open_target(None, tell)
    prepare_demo(target.url, tell)
    if sql:
        _run(sql, target.url)
        return HOLDS
    if options.shop and target.embedded is not None:
        return _serve_shop(target.embedded, options, test_mode)
    line = write_psql(EMBEDDED, os.environ, target.url, _find_psql())
    if options.json:
        say_json({"target": target.name, "ready": True, "psql": line}, None)
    else:
        say(f"The embedded database is ready. `streamlit run {_find_app()}` shows it.")
        say(f"While that runs, this opens the database: {line}")
    return HOLDS


def _find_psql() -> str:
    """Return the psql of this machine, or else the packaged one."""
    return "psql" if shutil.which("psql") else str(binaries() / "psql")


def _read_sql(place: str) -> str:
    """Return the SQL of a file, or of standard input."""
    try:
        sql = sys.stdin.read() if place == "-" else Path(place).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        found = f"cannot be read ({getattr(error, 'strerror', None) or 'it is not UTF-8 text'})"
        raise NotDone(place, found, "Check the path") from None
    if not sql.strip():
        raise NotDone(place, "holds no SQL", "Write the statements into it")
    return sql


def _run(sql: str, url: str) -> None:
    """Run SQL on the embedded database as the owner of its tables: all of it, or nothing."""
    with connect(url) as connection:
        try:
            connection.execute(sql.encode())
        except psycopg.Error as error:
            raise NotDone("The SQL", say_refusal(error), "Nothing was changed. Correct it") from None
        connection.commit()
    say("The SQL was run. `python -m lab check` shows what differs now.")


def _open_test_mode(api_base: str | None) -> "stripe.StripeClient | None":
    """Return the client of Stripe's test mode if there is a key, None for a Local Stripe.

    Raises:
        NotDone: The key is no test key.
    """
    key = os.environ.get(stripe_secret_key.id, "").strip()
    if not key and api_base is None:
        return None
    from lab.services.billing.stripe_client import key_mode
    from lab.services.billing.stripe_key import open_client

    if key_mode(key) == "live":
        found = "is a live key, and the demo buys with test money alone"
        raise NotDone(stripe_secret_key.id, found, "Set a key of the test mode, or none for Local Stripe")
    return open_client(key, api_base)


def _serve_shop(server: EmbeddedPostgres, options: argparse.Namespace, test_mode: "stripe.StripeClient | None") -> int:
    """Serve the shop until a signal ends it, and release the database."""
    import stripe

    from lab.services.billing.processing import explain_stripe
    from lab.services.demo_shop import ending_on_signals, serve_demo, wait_for_end  # other commands do not wait for it

    url = server.url(user="authenticator")
    serving = serve_demo(url, port=options.port or 0, tell=tell, test_mode=test_mode)
    try:
        with ending_on_signals(), serving as demo_shop:
            _say_places(demo_shop, as_json=options.json)
            wait_for_end(demo_shop)
    except stripe.StripeError as error:
        raise NotDone("Stripe", f"could not be asked: {explain_stripe(error).error_class}", _NEXT) from None
    server.stop()
    tell("Everything has ended.")
    return HOLDS


def _say_places(demo_shop: "Addresses", *, as_json: bool) -> None:
    places = {
        "shop": demo_shop.shop,
        "control": demo_shop.control,
        "mailbox": demo_shop.mailbox,
        "lab": demo_shop.lab,
    }
    if as_json:
        say_json(places, None)
    else:
        say(_PLACES.format(**places))


_NEXT = "Check STRIPE_SECRET_KEY and the network, and try again"
_PLACES = """Buy in the shop:              {shop}
Refund, dispute or settle:    {control}
Read the e-mail:              {mailbox}
See it in the app:            {lab}
No money moves. Ctrl-C ends all of them."""


def _find_app() -> str:
    """Return the app's path: its name in a checkout, where it is in an installed copy."""
    return shlex.quote(str(APP)) if INSTALLED else APP.name


def _begin_afresh() -> None:
    aside = set_aside(default_folder(), datetime.now(UTC).strftime("%Y%m%d-%H%M%S"))
    if aside is not None:
        tell(f"The old database is kept in {aside.name}")
