"""The list of commands, and how one is run. Exit codes: see `lab.cli.outcome`."""

import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

import psycopg

from lab.cli import (
    anchor,
    chapters,
    check,
    deliveries,
    demo,
    doctor,
    expected,
    findings,
    history,
    payments,
    plans,
    reference,
    rehearse,
    schema,
    serve,
    stripe,
    verify,
    worker,
)
from lab.cli.outcome import CANCELLED, NOT_DONE, Command, tell
from lab.cli.parser import Parser
from lab.database.failures import say_refusal
from lab.text.errors import LabError
from lab.text.secret_patterns import hide_secrets

SCRIPT = "persistence-lab"  # its name where it is installed
TOPICS = (
    plans,
    schema,
    expected,
    chapters,
    check,
    findings,
    reference,
    anchor,
    stripe,
    payments,
    deliveries,
    worker,
    verify,
    rehearse,
    history,
    serve,
    demo,
    doctor,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    options = make_parser().parse_args(arguments)
    command: Command = options.run
    try:
        return command(options)
    except KeyboardInterrupt:
        tell(f"Cancelled. {options.left(options)}")
        return CANCELLED
    except LabError as error:
        tell(f"error: {error}")
        return error.exit_code
    except psycopg.Error as error:
        tell(f"error: {say_refusal(error)}. Try again.")
    except BrokenPipeError:
        sys.stderr.close()
    except Exception:  # a defect of the program: Python's own exit code, 1, would mean findings
        tell(hide_secrets(traceback.format_exc()))
    return NOT_DONE


def make_parser() -> Parser:
    """Return the parser of every command."""
    parser = Parser(
        prog=SCRIPT if Path(sys.argv[0]).stem == SCRIPT else "python -m lab",
        description="Plan, build and check the database of the oracle shop.",
        epilog="Exit codes: 0 holds, 1 findings, 2 could not be done, 130 cancelled. An error is written to "
        "standard error, after `error:`, and leaves standard output empty.",
    )
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for topic in TOPICS:
        topic.add_commands(commands)
    return parser
