"""Prepares the embedded database: its schema and its made-up data."""

from collections.abc import Callable

from lab.database.connect import connect
from lab.migrations.apply import apply_migrations
from lab.migrations.files import AppliedOtherwise
from lab.text.product_files import DEMO_FILE


def prepare_demo(url: str, progress: Callable[[str], None] | None = None) -> None:
    """Apply the migrations to the embedded database and insert made-up data, unless that is done already.

    Args:
        url: The embedded database; never a live one.
        progress: Gets a sentence before each step.

    Raises:
        DatabaseUnavailable: The database cannot be reached.
        EditedMigration: The committed migrations do not match their lock, or the database was built from others.
    """
    tell = progress or (lambda _: None)
    tell("Applying the migrations")
    try:
        apply_migrations(url)
    except AppliedOtherwise:
        raise AppliedOtherwise(
            found="The embedded database was built by another version of this project",
            next_step="Run “python -m lab demo --fresh” in a terminal: it sets the old one aside and builds a new one",
        ) from None
    tell("Inserting made-up people and purchases")
    with connect(url) as connection, connection.transaction():
        connection.execute("select pg_advisory_xact_lock(hashtextextended('persistence-lab demo', 0))")
        connection.execute(DEMO_FILE.read_bytes())
