"""Compare what the rules make of a database with what a live one is; pure."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from lab.checks.finding import Finding, Forms, sort_findings
from lab.checks.schema.catalogue import Catalogue
from lab.checks.schema.redaction import hide_words
from lab.checks.schema.repairs.proposals import propose
from lab.checks.schema.severity import find_chapter, name_of
from lab.checks.schema.wording import FORMS, say_fact, say_facts
from lab.rules.model import Severity
from lab.sql.tokens import split_name

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
        why: Why it matters, for people, or how to say it.
        repair: Writes the SQL.
        proof: Writes the SQL that looks at the rows that are there, which they may refuse.
        decide: What a person must decide, or how to say it.
        forms: Finds the two forms of an expression whose meaning decides.
        touches_undeclared: Tells whether the repair changes something that no rule declares. It may be somebody
            else's, wherever it stands, so the SQL is only proposed.
    """

    severity: Severity | Callable[[Change], Severity | None]
    why: str | Callable[[Change], str]
    repair: Callable[[Change], str | None] = lambda change: None
    proof: Callable[[Change], str | None] = lambda change: None
    decide: str | Callable[[Change], str | None] | None = None
    forms: Callable[[Change], Forms | None] = lambda change: None
    touches_undeclared: Callable[[Change], bool] = lambda change: change.aspect == "extra"


@dataclass(frozen=True, kw_only=True)
class Kind:
    """How one kind of thing is compared.

    Args:
        name: Its name in the catalogue.
        family: `schema`, `access` or `strangers`.
        stage: Place of its repairs in a script.
        missing: What it means that it is missing; None when that means nothing.
        extra: What it means that there is one which the rules do not know.
        aspects: What it means that a fact of it differs, by fact.
        same_under_another_name: Facts that make two things the same, whatever their names; empty when names count.
        subject: Names what a finding is about.
        goes_with_table: Whether the repair of a missing table makes it as well.
    """

    name: str
    family: str
    stage: float | Callable[[Change], float]
    missing: Aspect | None
    extra: Aspect | None
    aspects: dict[str, Aspect] = field(default_factory=dict)
    same_under_another_name: tuple[str, ...] = ()
    subject: Callable[[Change], str] = lambda change: change.name
    goes_with_table: bool = True


UNDECLARED = "nothing_undeclared"  # the rule that something breaks which no rule names
_RENAMED = "The name differs, and nothing rests on the name."


def compare(
    expected: Catalogue, live: Catalogue, kinds: tuple[Kind, ...], families: tuple[str, ...]
) -> tuple[Finding, ...]:
    """Return every difference that is a finding, the worst first.

    Args:
        expected: The catalogue of a database made from the rules, of the same major version.
        live: The target's catalogue.
        kinds: How each kind is compared.
        families: Which families to look at.
    """
    chosen = [kind for kind in kinds if kind.family in families and kind.name not in live.unread]
    return sort_findings([finding for kind in chosen for finding in _compare_kind(kind, expected, live)])


def _compare_kind(kind: Kind, rules: Catalogue, target: Catalogue) -> Iterator[Finding]:
    wanted, found = rules.of(kind.name), target.of(kind.name)
    if wanted == found:
        return
    gone = {name for place in ("table", "view") for name in rules.of(place).keys() - target.of(place).keys()}
    missing = {name: wanted[name] for name in wanted.keys() - found.keys()}
    extra = {name: found[name] for name in found.keys() - wanted.keys()}
    for old, new in _pair_renamed(kind, missing, extra):
        yield _finding(kind, _change(kind, old, "name", missing.pop(old), extra.pop(new), rules, target), _renamed(new))
    for name, facts in sorted(missing.items()):
        if not (kind.goes_with_table and _belongs_to(facts, gone)):
            yield from _judge(kind, kind.missing, _change(kind, name, "missing", facts, None, rules, target))
    ours = {*rules.of("table"), *rules.of("view")}
    for name, facts in sorted(extra.items()):
        if facts.get("relation", name) in ours or "relation" not in facts or kind.name == "publication":
            yield from _judge(kind, kind.extra, _change(kind, name, "extra", None, facts, rules, target))
    for name in sorted(wanted.keys() & found.keys()):
        if wanted[name] != found[name]:
            yield from _compare_facts(kind, name, wanted[name], found[name], rules, target)


def _change(
    kind: Kind, name: str, aspect: str, expected: Facts | None, live: Facts | None, rules: Catalogue, target: Catalogue
) -> Change:
    return Change(kind=kind.name, name=name, aspect=aspect, expected=expected, live=live, rules=rules, target=target)


def _belongs_to(facts: Facts, gone: set[str]) -> bool:
    """Tell whether something went with its table: the table's finding repairs both."""
    owner = str(facts.get("relation") or facts.get("object") or "")
    return owner in gone or (facts.get("place") == "column" and owner.rpartition(".")[0] in gone)


def _pair_renamed(kind: Kind, missing: dict[str, Facts], extra: dict[str, Facts]) -> list[tuple[str, str]]:
    """Pair what is missing with what is there under another name and otherwise the same."""
    pairs, free = [], dict(extra)
    for old, facts in missing.items() if kind.same_under_another_name else ():
        for new, other in free.items():
            if all(_plain(facts, old, k) == _plain(other, new, k) for k in kind.same_under_another_name):
                pairs.append((old, new))
                del free[new]
                break
    return pairs


def _plain(facts: Facts, name: str, key: str) -> Any:
    """Return a fact without the thing's own name in it."""
    value = facts.get(key)
    return value.replace(f" {name_of(name)} ", " ", 1) if isinstance(value, str) else value


def _renamed(name: str) -> Aspect:
    return Aspect(severity=Severity.INFO, why=f"{_RENAMED} Here it is called {name_of(name)}.")


def _compare_facts(
    kind: Kind, name: str, wanted: Facts, found: Facts, rules: Catalogue, target: Catalogue
) -> Iterator[Finding]:
    for fact in sorted(wanted.keys() | found.keys()):
        if wanted.get(fact) != found.get(fact):
            aspect = kind.aspects.get(fact, _UNFORESEEN)
            yield from _judge(kind, aspect, _change(kind, name, fact, wanted, found, rules, target))


_UNFORESEEN = Aspect(
    severity=Severity.MEDIUM,
    why="It is not what the rules make it.",
    decide="Compare it with the generated SQL and decide which of the two is meant.",
)


def _judge(kind: Kind, aspect: Aspect | None, change: Change) -> Iterator[Finding]:
    if aspect is not None and not _goes_with_relation(change):
        severity = aspect.severity if isinstance(aspect.severity, Severity) else aspect.severity(change)
        if severity is not None:
            yield _finding(kind, change, aspect, severity)


def _finding(kind: Kind, change: Change, aspect: Aspect, severity: Severity = Severity.INFO) -> Finding:
    subject, repair, proof = kind.subject(change), None, None
    decide = _say_stand_in(change) or (aspect.decide(change) if callable(aspect.decide) else aspect.decide)
    if severity is not Severity.INFO and not _say_stand_in(change):
        repair, proof = aspect.repair(change), aspect.proof(change)
    proposal = bool(repair) and aspect.touches_undeclared(change)
    if proposal:
        repair, proof = propose(str(repair)), None
    return Finding(
        key=f"{kind.name}:{change.name}:{change.aspect}",
        rule=name_of(subject) if change.expected is not None or subject != change.name else UNDECLARED,
        chapter=find_chapter(kind.family, subject),
        severity=severity,
        subject=subject,
        expected=_say(change, change.expected),
        seen=_say(change, change.live),
        why=(aspect.why(change) if callable(aspect.why) else aspect.why).format(subject=subject, **_words(change)),
        repair="\n".join(part for part in (repair, proof) if part) or None,
        proposal=proposal,
        proof=proof,
        decide=decide,
        forms=aspect.forms(change),
        stage=kind.stage(change) if callable(kind.stage) else kind.stage,
    )


def _goes_with_relation(change: Change) -> bool:
    """Tell whether something differs only because its relation is another kind of one, which is a finding already."""
    return change.aspect != "extra" and change.kind != "row_security" and _find_stand_in(change) is not None


def _say_stand_in(change: Change) -> str | None:
    """Say what stands in a relation's place: what closes a table may open a view, so nothing in it is repaired."""
    found = _find_stand_in(change) if change.kind != "row_security" else None
    return f"Decide first what becomes of the {found} that stands in its place." if found else None


def _find_stand_in(change: Change) -> str | None:
    """Return what stands in the place of the relation that something belongs to, unless it is the same kind of one."""
    if change.kind in ("table", "view") and change.aspect in ("form", "missing", "extra"):
        return None
    for relation in (change.relation, split_name(change.relation)[0]):
        wanted, found = (_form_of(side, relation) for side in (change.rules, change.target))
        if wanted and found and wanted != found:
            return FORMS.get(found, "relation")
    return None


def _form_of(side: Catalogue, relation: str) -> str | None:
    found = side.of("table").get(relation) or side.of("view").get(relation)
    return str(found["form"]) if found else None


def _words(change: Change) -> dict[str, str]:
    """Return the facts that an explanation may name."""
    names = ("grantee", "privilege", "member", "role", "publication", "relation", "name", "owner", "gap")
    return {name: str(change.facts.get(name, "")) for name in names}


def _say(change: Change, facts: Facts | None) -> str:
    """Say for people what one side has; of what no rule declares the words in quotes are hidden."""
    if facts is None:
        return "none"
    if change.expected is None:
        facts = hide_words(facts)
    if change.aspect in ("missing", "extra", "name"):
        return say_facts(change.kind, facts)
    value = facts.get(change.aspect)
    told = say_fact(change.kind, change.aspect, value)[:4000]
    return f"{change.aspect.replace('_', ' ')}: {told}" if isinstance(value, bool) else told
