"""Declares a kind of thing: how it is read, compared, graded, repaired and worded."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lab.checks.schema.catalogue import Catalogue
from lab.checks.schema.difference import Forms
from lab.checks.schema.wording import LETTERS
from lab.rules.model import Severity

FAMILIES = ("schema", "access", "strangers")

Facts = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Change:
    """One difference of an object: missing (no live facts), extra (no expected ones), or changed in one aspect."""

    kind: str
    name: str
    aspect: str
    expected: Facts | None
    live: Facts | None
    rules: Catalogue = field(repr=False)
    target: Catalogue = field(repr=False)

    @property
    def facts(self) -> Facts:
        """Return the expected facts, or the live ones of an extra object."""
        return self.expected if self.expected is not None else self.live or {}

    @property
    def wanted(self) -> Facts:
        """Return the expected facts of an expected object."""
        return self.expected or {}

    @property
    def found(self) -> Facts:
        """Return the live facts of an existing object."""
        return self.live or {}

    @property
    def relation(self) -> str:
        """Return the table or view that it belongs to, or is."""
        return str(self.facts.get("relation") or self.facts.get("object") or self.name)


@dataclass(frozen=True, kw_only=True)
class Aspect:
    """How one kind of difference is graded, worded and repaired.

    Args:
        severity: Its severity, or a function that returns it; None when it is not a finding.
        title: A function that returns the finding's title; by default, which object differs and how.
        why: Why it matters, for people, or a function that returns it.
        repair: Writes the SQL of the repair.
        proof: Writes the SQL that validates existing rows; it fails if one of them breaks the rule.
        undo: Writes the SQL that reverts the repair of an undeclared object, or the query that prints that SQL.
        decide: What a person must decide, or a function that returns it.
        forms: Finds the two forms of an expression, which are then compared for equivalence.
        touches_undeclared: Tells whether the repair changes an undeclared object. It may belong to another
            application, so the SQL is only proposed.
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
        plural: Its name in the plural.
        title: What a finding of this kind means; code scanning shows it.
        means: What it means for people, on its page of explanation.
        example: SQL that a superuser runs on a sound database to cause it; a test runs it.
        accept: When a finding of this kind may be accepted.
        label: Its name in a finding's title; by default, `name`.
        family: One of `FAMILIES`.
        query: The SQL that reads it: the columns `kind` and `key`, then its facts. Kinds may share one.
        stage: Place of its repairs in a script; lower ones come first.
        missing: The aspect of a missing object; None when that is not a finding.
        extra: The aspect of an undeclared object.
        aspects: The aspect of each fact that may differ.
        same_under_another_name: Facts that make two objects the same, whatever their names; empty when names count.
        renamed: The aspect of an object with another name; by default, that is not a finding.
        subject: Names the object of a finding.
        goes_with_table: Whether the repair of a missing table makes it as well.
        say: Describes an object in one line; without it, its facts are named.
        letters: Words for Postgres's letters, by fact.
        hide: Hides possible secrets in its facts, when more must be hidden than for every kind.
        relation: Whether it is a relation, which other objects belong to.
        of_any_relation: Whether it is also compared when another kind of relation has the table's name.
        anywhere: Whether an undeclared one is a finding also when its relation is undeclared.
        whole_table: Whether a finding concerns its table as a whole.
    """

    name: str
    plural: str
    title: str
    means: str
    example: str = field(repr=False)
    accept: str
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
