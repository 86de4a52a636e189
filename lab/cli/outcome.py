"""What a command comes to."""

import argparse
import sys
from collections.abc import Callable
from typing import Any, TextIO

from lab.text.errors import LabError
from lab.text.escape import show_output, write_json

HOLDS, FINDINGS, NOT_DONE = 0, 1, LabError.exit_code
CANCELLED = 130  # what a shell makes of a program that SIGINT, the signal 2, has ended: 128 + 2

Command = Callable[[argparse.Namespace], int]
Left = Callable[[argparse.Namespace], str]  # what is true when the command is cancelled in the middle


class NotDone(LabError):
    """A command could not be done as it was given."""


def tell(sentence: str) -> None:
    """Tell how a command is getting on, apart from what it prints."""
    _print(sentence, sys.stderr)


def say(text: object, *, coloured: bool = False) -> None:
    """Print what a command comes to; nothing else prints, so no name from outside reaches a terminal raw."""
    _print(str(text), sys.stdout, coloured=coloured)  # what has colours of its own was made harmless as it was written


def say_json(value: Any, indent: int | None = 2) -> None:
    """Print data."""
    say(write_json(value, indent))


def _print(text: str, stream: TextIO, *, coloured: bool = False) -> None:
    encoding = stream.encoding or "utf-8"
    shown = text if coloured else show_output(text)
    stream.write(shown.encode(encoding, "backslashreplace").decode(encoding) + "\n")
    stream.flush()
