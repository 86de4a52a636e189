"""How a command ends: its exit code, or an error."""

import argparse
import sys
from collections.abc import Callable
from typing import Any, TextIO

from lab.text.errors import LabError
from lab.text.escape import show_output, write_json

HOLDS, FINDINGS, NOT_DONE = 0, 1, LabError.exit_code
CANCELLED = 130  # a shell's exit code for a program that SIGINT, signal 2, has ended: 128 + 2

Command = Callable[[argparse.Namespace], int]
Left = Callable[[argparse.Namespace], str]  # what is true when the command is cancelled in the middle


class NotDone(LabError):
    """A command cannot be carried out with these options."""


def tell(sentence: str) -> None:
    """Print a line of progress to standard error, so that standard output holds only the result."""
    _print(sentence, sys.stderr)


def say(text: object, *, coloured: bool = False) -> None:
    """Print a command's result. Nothing else prints, so that every external name is escaped."""
    _print(str(text), sys.stdout, coloured=coloured)  # coloured text was escaped when it was written


def say_json(value: Any, indent: int | None = 2) -> None:
    """Print data as JSON."""
    say(write_json(value, indent))


def _print(text: str, stream: TextIO, *, coloured: bool = False) -> None:
    encoding = stream.encoding or "utf-8"
    shown = text if coloured else show_output(text)
    stream.write(shown.encode(encoding, "backslashreplace").decode(encoding) + "\n")
    stream.flush()
