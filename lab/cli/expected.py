"""The command that writes what a check expects of a database."""

import argparse
from pathlib import Path

from lab.checks.schema.expected import EXPECTED_FOLDER, write_expected
from lab.cli.outcome import HOLDS, NotDone, say, tell
from lab.cli.parser import Commands, add_command
from lab.database.embedded.programs import MAJORS, find_programs
from lab.database.embedded.scratch import open_scratch
from lab.database.embedded.server import EmbeddedUnavailable
from lab.migrations.apply import apply_migrations
from lab.sql import make_migrations
from lab.text.product_files import home_folder


def add_commands(commands: Commands) -> None:
    """Add `expected`."""
    adding = add_command(commands, expected, "python -m lab expected", _leave)
    adding.add_argument(
        "--out",
        type=Path,
        default=EXPECTED_FOLDER,
        metavar="DIR",
        help="write the files into this folder; by default where `check` reads them",
    )
    adding.add_argument(
        "--major",
        type=int,
        action="append",
        choices=MAJORS,
        help="write the file of this Postgres major alone; may be given several times",
    )


def _leave(options: argparse.Namespace) -> str:
    return f"Some of the files in {options.out} may be new: run it again to write all of them."


def expected(options: argparse.Namespace) -> int:
    """Write what `check` expects of a database: the catalogue of the rules, one file for each Postgres major."""
    faults = []
    for major in options.major or MAJORS:
        try:
            say(_write(major, options.out))
        except EmbeddedUnavailable as error:
            faults.append(str(error))
        except OSError as error:
            raise NotDone(str(options.out), f"cannot be written ({error.strerror})", "Choose another folder") from None
    if faults:
        raise NotDone(faults=faults)
    return HOLDS


def _write(major: int, folder: Path) -> Path:
    """Apply the rules on a scratch server, and write the catalogue that it has then."""
    tell(f"Applying the rules on Postgres {major}")
    with open_scratch(major, find_programs(major, home_folder() / "servers")) as server:
        apply_migrations(server.url(), make_migrations())
        return write_expected([server.url()], folder)[0]
