"""A law across the rules, and what its faults are told as."""

from collections.abc import Callable, Iterator

from lab.rules.model import Column, Rule, Table
from lab.rules.registry import Rules
from lab.text.errors import LabError

Law = Callable[[Rules], Iterator[str]]


class BrokenRules(LabError):
    """The rules contradict themselves; says each fault, the law that it breaks and the next step, one a line."""


def name_of(rule: Rule) -> str:
    """Return what a rule is called: its id, or its name."""
    return str(getattr(rule, "id", None) or getattr(rule, "name", ""))


def columns_of(rules: Rules) -> Iterator[tuple[Table, Column]]:
    """Return every column with its table."""
    return ((table, column) for table in rules.tables for column in table.columns)
