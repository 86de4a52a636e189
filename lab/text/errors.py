"""The base class of every error that people read; commands and pages take its words and its exit code."""

from collections.abc import Iterable
from typing import ClassVar


class LabError(Exception):
    """An action failed; names the subject, what was found and the next step. `str` returns the sentence.

    Args:
        subject: A file, a database, an option; empty where what was found names it.
        found: What is wrong.
        next_step: What to do.
        faults: Several faults, each a sentence; they come first, one a line.

    Attributes:
        exit_code: What a command that it ends returns; 2 is "could not be done".
    """

    exit_code: ClassVar[int] = 2

    def __init__(self, subject: str = "", found: str = "", next_step: str = "", *, faults: Iterable[str] = ()) -> None:
        super().__init__(subject, found, next_step)
        self.subject, self.found, self.next_step, self.faults = subject, found, next_step, tuple(faults)

    def __str__(self) -> str:
        """Return the sentence, or the faults one a line."""
        told = " ".join(_end(part) for part in (self.found, self.next_step) if part)
        sentence = f"{self.subject}: {told}" if self.subject and told else self.subject or told
        return "\n".join([*self.faults, *([sentence] if sentence else [])])


def _end(sentence: str) -> str:
    return sentence if sentence.endswith((".", "?", "!")) else f"{sentence}."
