"""What a command comes to."""

import argparse
import sys
from collections.abc import Callable

from lab.text.errors import LabError

HOLDS, FINDINGS, NOT_DONE = 0, 1, LabError.exit_code
CANCELLED = 130  # what a shell makes of a program that SIGINT, the signal 2, has ended: 128 + 2

Command = Callable[[argparse.Namespace], int]
Left = Callable[[argparse.Namespace], str]  # what is true when the command is cancelled in the middle


class NotDone(LabError):
    """A command could not be done as it was given."""


def tell(sentence: str) -> None:
    """Tell how a command is getting on, apart from what it prints."""
    print(sentence, file=sys.stderr)
