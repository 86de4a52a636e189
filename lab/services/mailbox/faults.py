"""Faults that can be ordered from a mailbox, each for one message."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Stage = Literal["mail", "rcpt", "data", "end"]


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What goes wrong with one message.

    Args:
        stage: When: at the sender, at the recipient, at the beginning of the message's data, or at their end.
        does: Answer with other words, close the connection, keep the message and close it, or keep it and wait.
        words: The answer, such as "550 5.1.1 No such mailbox".
        seconds: How long it waits.
    """

    stage: Stage
    does: Literal["answer", "close", "keep_and_close", "wait"]
    words: str = ""
    seconds: float = 0


def answer(stage: Stage, words: str) -> Fault:
    """Answer with these words; the message is not kept."""
    return Fault(stage=stage, does="answer", words=words)


def close(stage: Stage) -> Fault:
    """Close the connection without an answer; the message is not kept."""
    return Fault(stage=stage, does="close")


def drop_answer() -> Fault:
    """Keep the message, and close the connection before the answer."""
    return Fault(stage="end", does="keep_and_close")


def wait(seconds: float) -> Fault:
    """Keep the message, and wait before the answer."""
    return Fault(stage="end", does="wait", seconds=seconds)


class Orders:
    """The faults that wait for their message, in order. They are added in one thread and taken in another."""

    def __init__(self) -> None:
        self._waiting: deque[Fault] = deque()

    def add(self, faults: Iterable[Fault]) -> None:
        """Order faults, one for each of the next messages."""
        self._waiting.extend(faults)

    def take(self) -> Fault | None:
        """Return the fault of the message that begins now, None for none."""
        return self._waiting.popleft() if self._waiting else None
