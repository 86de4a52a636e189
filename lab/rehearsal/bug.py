"""A bug that can be planted for a play.

A bug of the database replaces functions in the transaction of the play, which is rolled back. A bug of the program
replaces a function of a module until the block ends.
"""

import contextlib
import dataclasses
from collections.abc import Iterator
from typing import Any

from lab.rehearsal.scene import Stage
from lab.rules import RULES
from lab.sql.functions import create_function
from lab.text.errors import LabError


class BugOutdated(LabError):
    """A bug cannot be planted: the function that it changes does not have its part any more."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Rewrite:
    """A part of a function of the database, and what it becomes."""

    function: str
    old: str
    new: str

    def change(self, made: str) -> str:
        """Return the statement that makes the function, with the part changed.

        Raises:
            BugOutdated: The function has no such part.
        """
        if self.old not in made:
            raise BugOutdated(
                self.function, "it has no such part any more", "Write the bug anew in lab/rehearsal/bugs.py"
            )
        return made.replace(self.old, self.new)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Replace:
    """A function of the program, and what it becomes."""

    owner: Any
    name: str
    value: Any

    @property
    def place(self) -> str:
        """Return the module and the name, such as `delivery.handle.send_message`."""
        return f"{self.owner.__name__.removeprefix('lab.').removeprefix('services.')}.{self.name}"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Bug:
    """A mistake that a developer could make.

    Args:
        id: Its name.
        title: What is done wrong.
        parts: What is changed for it.
        breaks: The promise or invariant that finds it.
        also: What else does not hold then.
    """

    id: str
    title: str
    parts: tuple[Rewrite | Replace, ...]
    breaks: str
    also: tuple[str, ...] = ()

    @contextlib.contextmanager
    def planted(self, stage: Stage) -> Iterator[None]:
        """Plant it until the block ends.

        Raises:
            BugOutdated: What it changes is not there any more.
        """
        with self.replaced(), stage.connection.transaction(force_rollback=True):
            for statement in self.write():
                stage.connection.execute(statement.encode())
            yield

    @contextlib.contextmanager
    def replaced(self) -> Iterator[None]:
        """Plant its part in the program until the block ends."""
        with contextlib.ExitStack() as stack:
            for part in self.parts:
                if isinstance(part, Replace):
                    stack.enter_context(_replaced(part))
            yield

    @property
    def places(self) -> tuple[str, ...]:
        """Return the names of what is changed: functions of the database, and functions of the program."""
        named = (part.function if isinstance(part, Rewrite) else part.place for part in self.parts)
        return tuple(dict.fromkeys(named))

    def write_back(self) -> list[str]:
        """Return the statements that remove its part from the database."""
        changed = {part.function for part in self.parts if isinstance(part, Rewrite)}
        return [create_function(function) for function in RULES.functions if function.id in changed]

    def write(self) -> list[str]:
        """Return the statements that plant its part in the database.

        Raises:
            BugOutdated: A function has not the part that is changed.
        """
        made: dict[str, str] = {}
        for part in self.parts:
            if isinstance(part, Rewrite):
                function = next(one for one in RULES.functions if one.id == part.function)
                made[part.function] = part.change(made.get(part.function) or create_function(function))
        return list(made.values())


@contextlib.contextmanager
def _replaced(part: Replace) -> Iterator[None]:
    before = getattr(part.owner, part.name)
    setattr(part.owner, part.name, part.value)
    try:
        yield
    finally:
        setattr(part.owner, part.name, before)
