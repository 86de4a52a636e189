"""The explanation of a kind of finding: what it means, an example, the repair, and when to accept it."""

from dataclasses import dataclass

from lab.rules.model import Severity


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """One kind of finding, for people.

    Args:
        id: Names its page; findings of similar kinds may share one.
        title: What a finding of this kind says, as a heading.
        family: The family of checks that finds it.
        means: What it means, and what can happen.
        example: A sentence, or SQL that causes it.
        is_sql: Whether the example is SQL that a superuser can run on a sound database.
        query: SQL that counts the rows that break it; empty when no rows do.
        repair: How it is repaired.
        repair_sql: SQL that repairs it, when it is always the same.
        accept: When a finding of this kind may be accepted.
        severity: Its severity; None when that depends on what is exposed.
        differences: What can differ, each with its severity and its reason.
    """

    id: str
    title: str
    family: str
    means: str
    example: str = ""
    is_sql: bool = False
    query: str = ""
    repair: str
    repair_sql: str = ""
    accept: str
    severity: Severity | None = None
    differences: tuple[tuple[str, str, str], ...] = ()
