"""How commands and their options are declared."""

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import NoReturn, TypeAlias

from lab.cli.outcome import NOT_DONE, Command, Left
from lab.services.anchor import NEWEST
from lab.text.escape import show_line


class Parser(argparse.ArgumentParser):
    """Reports a wrong command line in one line, with the command that shows help."""

    def error(self, message: str) -> NoReturn:
        """Exit with 2, the code of a command that could not be carried out."""
        self.exit(NOT_DONE, f"error: {show_line(message, 1000)}. See `{self.prog} --help`.\n")


FULL = f"read every entry, not only the newest {NEWEST:,}"
Commands: TypeAlias = "argparse._SubParsersAction[Parser]"


def leave_unchanged(options: argparse.Namespace) -> str:
    """Return what is true after a command that only reads was cancelled."""
    return "Nothing was changed."


def add_command(commands: Commands, run: Command, example: str, left: Left = leave_unchanged) -> Parser:
    """Add a function as a command; its name and its docstring's sentence become the command's.

    Args:
        commands: Where it is added.
        run: The command.
        example: How it is called.
        left: Returns what is true when it was cancelled in the middle.
    """
    name, told = getattr(run, "__name__", ""), run.__doc__
    adding = commands.add_parser(name, help=told, description=told, epilog=f"example: {example}")
    adding.set_defaults(run=run, left=left)
    return adding


def add_target(adding: Parser) -> None:
    """Add the options that name a database; a URL in a file does not appear in the process list."""
    naming = adding.add_mutually_exclusive_group()
    naming.add_argument("--database-url", metavar="URL", help="default: DATABASE_URL, or else the embedded database")
    naming.add_argument(
        "--database-url-file",
        dest="database_url",
        type=_read_url,
        metavar="FILE",
        help="a file that holds the URL, or - for standard input; keeps a password out of the process list",
    )


def _read_url(place: str) -> str:
    """Return the URL in a file of one line; an error never quotes the file."""
    try:
        text = sys.stdin.read() if place == "-" else Path(place).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not a text file"
        raise argparse.ArgumentTypeError(f"{place} cannot be read ({reason})") from None
    lines = text.strip().splitlines()
    if len(lines) > 1:
        raise argparse.ArgumentTypeError(f"{place} holds more than one line")
    return "".join(lines)


def add_anchor(adding: Parser) -> None:
    """Add the options that name the ledgers' anchors."""
    adding.add_argument(
        "--anchor", type=Path, metavar="FILE", help="the ledgers' anchors; default: LAB_ANCHOR, or LAB_ANCHOR_NAME"
    )
    adding.add_argument(
        "--vkey",
        action="append",
        default=[],
        metavar="KEY",
        help="the verifier key; default: LAB_ANCHOR_VKEY",
    )


def add_forms(adding: Parser, forms: Iterable[str]) -> None:
    """Add the options that choose a form; only one of them may be given."""
    choosing = adding.add_mutually_exclusive_group()
    choosing.add_argument("--format", choices=tuple(forms), help="by default text")
    choosing.add_argument("--json", dest="format", action="store_const", const="json", help="same as --format json")
    adding.set_defaults(format="text")


def add_api_base(adding: Parser) -> None:
    """Add the option that asks another Stripe than the real one."""
    adding.add_argument("--api-base", metavar="URL", help="a stand-in for Stripe on this machine, with a test key")


def add_json(adding: Parser) -> None:
    """Add the option that prints data."""
    adding.add_argument("--json", action="store_true", help="print the result as JSON")
