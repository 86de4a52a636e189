"""How a command ends: its exit code, or an error."""

import argparse
import sys
from collections.abc import Callable

from lab.text.errors import LabError

HOLDS, FINDINGS, NOT_DONE = 0, 1, LabError.exit_code
CANCELLED = 130  # a shell's exit code for a program that SIGINT, signal 2, has ended: 128 + 2

Command = Callable[[argparse.Namespace], int]
Left = Callable[[argparse.Namespace], str]  # what is true when the command is cancelled in the middle


class NotDone(LabError):
    """A command cannot be carried out with these options."""


def tell(sentence: str) -> None:
    """Print a line of progress to standard error, so that standard output holds only the result."""
    print(sentence, file=sys.stderr)
