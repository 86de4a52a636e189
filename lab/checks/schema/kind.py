"""What a kind of thing is: how it is read, compared, graded, repaired and worded; one declaration for each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lab.checks.finding import Forms
from lab.checks.schema.catalogue import Catalogue
from lab.checks.schema.wording import LETTERS
from lab.rules.model import Severity

FAMILIES = ("schema", "access", "strangers")

Facts = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Change:
    """One thing that differs: missing (no live facts), extra (no expected ones), or changed in one aspect."""

    kind: str
    name: str
    aspect: str
    expected: Facts | None
    live: Facts | None
    rules: Catalogue = field(repr=False)
    target: Catalogue = field(repr=False)

    @property
    def facts(self) -> Facts:
        """Return the expected facts, or the live ones of something extra."""
        return self.expected if self.expected is not None else self.live or {}

    @property
    def wanted(self) -> Facts:
        """Return the expected facts of something that is expected."""
        return self.expected or {}

    @property
    def found(self) -> Facts:
        """Return the live facts of something that is there."""
        return self.live or {}

    @property
    def relation(self) -> str:
        """Return the table or view that it belongs to, or is."""
        return str(self.facts.get("relation") or self.facts.get("object") or self.name)


@dataclass(frozen=True, kw_only=True)
class Aspect:
    """What one kind of difference means.

    Args:
        severity: How bad it is, or how to find out; None when it is no finding.
        title: What is wrong with which object; by default, what differs of it.
        why: Why it matters, for people, or how to say it.
        repair: Writes the SQL.
        proof: Writes the SQL that looks at the rows that are there, which they may refuse.
        undo: Writes the SQL that takes the repair of something undeclared back, or the query that prints it.
        decide: What a person must decide, or how to say it.
        forms: Finds the two forms of an expression whose meaning decides.
        touches_undeclared: Tells whether the repair changes something that no rule declares. It may be somebody
            else's, wherever it stands, so the SQL is only proposed.
    """

    severity: Severity | Callable[[Change], Severity | None]
    why: str | Callable[[Change], str]
    title: Callable[[Change], str] | None = None
    repair: Callable[[Change], str | None] = lambda change: None
    proof: Callable[[Change], str | None] = lambda change: None
    undo: Callable[[Change], str | None] = lambda change: None
    decide: str | Callable[[Change], str | None] | None = None
    forms: Callable[[Change], Forms | None] = lambda change: None
    touches_undeclared: Callable[[Change], bool] = lambda change: change.aspect == "extra"


@dataclass(frozen=True, kw_only=True)
class Kind:
    """How one kind of thing is compared.

    Args:
        name: Its name in the catalogue, and at the beginning of a finding's key.
        plural: What several of them are called.
        title: What it means that a finding of this kind stands; code scanning shows it.
        label: What one of them is called in a finding's title; by default, its name.
        family: One of `FAMILIES`.
        query: The SQL that reads it: the columns `kind` and `key`, then its facts. Kinds may share one.
        stage: Place of its repairs in a script.
        missing: What it means that it is missing; None when that means nothing.
        extra: What it means that there is one which the rules do not know.
        aspects: What it means that a fact of it differs, by fact.
        same_under_another_name: Facts that make two things the same, whatever their names; empty when names count.
        renamed: What another name means; by default, nothing.
        subject: Names what a finding is about.
        goes_with_table: Whether the repair of a missing table makes it as well.
        say: Says in one line what one of them is; without it, its facts are named.
        letters: What Postgres's letters mean, by the fact that they are in.
        hide: Hides what may be a secret in its facts, when more must be hidden than in every kind.
        relation: Whether it is a relation, which others belong to.
        of_any_relation: Whether it is compared also when another kind of relation has the table's name.
        anywhere: Whether one that the rules do not know is a finding also when its relation is not ours.
        whole_table: Whether a finding is about its table as a whole.
    """

    name: str
    plural: str
    title: str
    family: str
    query: str = field(repr=False)
    stage: float | Callable[[Change], float]
    missing: Aspect | None
    extra: Aspect | None
    aspects: dict[str, Aspect] = field(default_factory=dict)
    same_under_another_name: tuple[str, ...] = ()
    renamed: Aspect | None = None
    subject: Callable[[Change], str] = lambda change: change.name
    goes_with_table: bool = True
    label: str = ""
    say: Callable[[Facts], str] | None = None
    letters: Mapping[str, Mapping[str, str]] = field(default_factory=lambda: LETTERS, repr=False)
    hide: Callable[[Facts], Facts] | None = None
    relation: bool = False
    of_any_relation: bool = False
    anywhere: bool = False
    whole_table: bool = False
