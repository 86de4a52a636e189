"""What a check over a real connection comes to, and what a real connection needs."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import psycopg

from fixtures.servers import Database

Databases = Callable[..., Database]
Run = Callable[..., tuple[int, str, str]]
SECRET = "s3cr3t p@ss/word"
SOON = 5.0  # seconds
ALL = ("--probe", "--data", "--operations")  # besides the wall, which is always checked


@dataclass(frozen=True, kw_only=True)
class Told:
    """What a check came to: its exit code, its words, its report as data, and how long it took."""

    code: int
    out: str
    err: str
    seconds: float
    report: dict[str, Any] = field(default_factory=dict)

    @property
    def unknown(self) -> dict[str, str]:
        """What could not be checked, and why."""
        return {entry["what"]: entry["why"] for entry in self.report["unknown"]}

    @property
    def keys(self) -> set[str]:
        """What was found, but for what is so on every server of the tests."""
        return {found["key"] for found in self.report["findings"]} - {"server_durability:server"}


def as_superuser(url: str, *statements: str) -> None:
    with psycopg.connect(url, autocommit=True) as admin:
        for statement in statements:
            admin.execute(statement.encode())
