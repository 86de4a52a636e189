"""The type of a law, the error with all faults, and what the laws share."""

from collections.abc import Callable, Iterator

from lab.rules.model import Column, Rule, Table
from lab.rules.registry import Rules
from lab.text.errors import LabError

Law = Callable[[Rules], Iterator[str]]


class BrokenRules(LabError):
    """The rules break a law; one line for each fault, with the law and the next step."""


def name_of(rule: Rule) -> str:
    """Return the id of a rule, or its name if it has no id."""
    return str(getattr(rule, "id", None) or getattr(rule, "name", ""))


def columns_of(rules: Rules) -> Iterator[tuple[Table, Column]]:
    """Return every column with its table."""
    return ((table, column) for table in rules.tables for column in table.columns)
