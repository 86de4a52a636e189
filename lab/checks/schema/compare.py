"""Compares the catalogue of the rules with that of a live database; pure."""

from collections.abc import Iterator
from typing import Any

from lab.checks.finding import Finding, Repair
from lab.checks.schema.catalogue import Catalogue
from lab.checks.schema.difference import Difference
from lab.checks.schema.kind import Aspect, Change, Facts, Kind
from lab.checks.schema.redaction import hide_words
from lab.checks.schema.repairs.proposals import propose
from lab.checks.schema.severity import find_chapter, name_of
from lab.checks.schema.wording import FORMS, say_value
from lab.rules.model import Severity
from lab.sql.tokens import split_name

UNDECLARED = "nothing_undeclared"  # the rule of an undeclared object's finding
_RENAMED = "Only the name differs, and nothing depends on the name."


def compare(
    expected: Catalogue, live: Catalogue, kinds: tuple[Kind, ...], families: tuple[str, ...]
) -> list[Difference]:
    """Return every difference that is a finding.

    Args:
        expected: The catalogue of a database made from the rules, of the same major version.
        live: The target's catalogue.
        kinds: How each kind is compared.
        families: Which families to compare.
    """
    chosen = [kind for kind in kinds if kind.family in families and kind.name not in live.unread]
    return [difference for kind in chosen for difference in _compare_kind(kind, expected, live)]


def _compare_kind(kind: Kind, rules: Catalogue, target: Catalogue) -> Iterator[Difference]:
    wanted, found = rules.of(kind.name), target.of(kind.name)
    if wanted == found:
        return
    gone = {name for place in ("table", "view") for name in rules.of(place).keys() - target.of(place).keys()}
    missing = {name: wanted[name] for name in wanted.keys() - found.keys()}
    extra = {name: found[name] for name in found.keys() - wanted.keys()}
    for old, new in _pair_renamed(kind, missing, extra):
        change = _change(kind, old, "name", missing.pop(old), {**extra.pop(new), "called": new}, rules, target)
        yield from _judge(kind, kind.renamed or _renamed(new), change)
    for name, facts in sorted(missing.items()):
        if not (kind.goes_with_table and _belongs_to(facts, gone)):
            yield from _judge(kind, kind.missing, _change(kind, name, "missing", facts, None, rules, target))
    ours = {*rules.of("table"), *rules.of("view")}
    for name, facts in sorted(extra.items()):
        if facts.get("relation", name) in ours or "relation" not in facts or kind.anywhere:
            yield from _judge(kind, kind.extra, _change(kind, name, "extra", None, facts, rules, target))
    for name in sorted(wanted.keys() & found.keys()):
        if wanted[name] != found[name]:
            yield from _compare_facts(kind, name, wanted[name], found[name], rules, target)


def _change(
    kind: Kind, name: str, aspect: str, expected: Facts | None, live: Facts | None, rules: Catalogue, target: Catalogue
) -> Change:
    return Change(kind=kind.name, name=name, aspect=aspect, expected=expected, live=live, rules=rules, target=target)


def _belongs_to(facts: Facts, gone: set[str]) -> bool:
    """Tell whether an object is missing only because its table is; the table's finding repairs both."""
    owner = str(facts.get("relation") or facts.get("object") or "")
    return owner in gone or (facts.get("place") == "column" and owner.rpartition(".")[0] in gone)


def _pair_renamed(kind: Kind, missing: dict[str, Facts], extra: dict[str, Facts]) -> list[tuple[str, str]]:
    """Pair each missing object with one that differs only in its name."""
    pairs, free = [], dict(extra)
    for old, facts in missing.items() if kind.same_under_another_name else ():
        for new, other in free.items():
            if all(_plain(facts, old, k) == _plain(other, new, k) for k in kind.same_under_another_name):
                pairs.append((old, new))
                del free[new]
                break
    return pairs


def _plain(facts: Facts, name: str, key: str) -> Any:
    """Return a fact without the object's own name in it."""
    value = facts.get(key)
    return value.replace(f" {name_of(name)} ", " ", 1) if isinstance(value, str) else value


def _renamed(name: str) -> Aspect:
    return Aspect(severity=Severity.INFO, why=f"{_RENAMED} Here it is called {name_of(name)}.")


def _compare_facts(
    kind: Kind, name: str, wanted: Facts, found: Facts, rules: Catalogue, target: Catalogue
) -> Iterator[Difference]:
    for fact in sorted(wanted.keys() | found.keys()):
        if wanted.get(fact) != found.get(fact):
            aspect = kind.aspects.get(fact, _UNFORESEEN)
            yield from _judge(kind, aspect, _change(kind, name, fact, wanted, found, rules, target))


_UNFORESEEN = Aspect(
    severity=Severity.MEDIUM,
    why="It differs from the rules.",
    decide="Compare it with the generated SQL, and decide which of the two is right.",
)


def _judge(kind: Kind, aspect: Aspect | None, change: Change) -> Iterator[Difference]:
    if aspect is not None and not _goes_with_relation(kind, change):
        severity = aspect.severity if isinstance(aspect.severity, Severity) else aspect.severity(change)
        if severity is not None:
            yield Difference(_finding(kind, change, aspect, severity), aspect.forms(change))


def _finding(kind: Kind, change: Change, aspect: Aspect, severity: Severity = Severity.INFO) -> Finding:
    subject, stand_in = kind.subject(change), _say_stand_in(kind, change)
    weighs = severity is not Severity.INFO and not stand_in
    return Finding(
        kind=kind.name,
        name=change.name,
        aspect=change.aspect,
        family=kind.family,
        rule=name_of(subject) if change.expected is not None or subject != change.name else UNDECLARED,
        chapter=find_chapter(kind.family, subject),
        severity=severity,
        subject=subject,
        title=aspect.title(change) if aspect.title else _write_title(kind, change),
        expected=_say(kind, change, change.expected),
        seen=_say(kind, change, change.live),
        why=(aspect.why(change) if callable(aspect.why) else aspect.why).format(subject=subject, **_words(change)),
        repair=_write_repair(kind, change, aspect) if weighs else None,
        decide=stand_in or (aspect.decide(change) if callable(aspect.decide) else aspect.decide),
    )


def _write_title(kind: Kind, change: Change) -> str:
    """Write a finding's title: which object differs, and how."""
    what = f"{kind.label or kind.name.replace('_', ' ')} {change.name.removeprefix('public.')}"
    if change.aspect == "missing":
        return f"{what[0].upper()}{what[1:]} is missing"
    if change.aspect == "extra":
        return f"Undeclared {what}"
    return f"{what[0].upper()}{what[1:]} differs from the rules: {change.aspect.replace('_', ' ')}"


def _write_repair(kind: Kind, change: Change, aspect: Aspect) -> Repair | None:
    written, proof = aspect.repair(change) or "", aspect.proof(change) or ""
    if not written and not proof:
        return None
    stage = kind.stage(change) if callable(kind.stage) else kind.stage
    repair = Repair(change=written, proof=proof, stage=stage, undo=aspect.undo(change) or "")
    return propose(repair) if written and aspect.touches_undeclared(change) else repair


def _goes_with_relation(kind: Kind, change: Change) -> bool:
    """Tell whether an object differs only because its relation is of another kind, which is a finding already."""
    return change.aspect != "extra" and _find_stand_in(kind, change) is not None


def _say_stand_in(kind: Kind, change: Change) -> str | None:
    """Name the relation that replaced another; nothing in it is repaired, because closing a table may open a view."""
    found = _find_stand_in(kind, change)
    return f"Decide first what happens to the {found} in its place." if found else None


def _find_stand_in(kind: Kind, change: Change) -> str | None:
    """Return the kind of relation that replaced the relation of an object; None when it is of the same kind."""
    if kind.of_any_relation or (kind.relation and change.aspect in ("form", "missing", "extra")):
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


def _say(kind: Kind, change: Change, facts: Facts | None) -> str:
    """Describe what one side has; quoted text of an undeclared object is hidden."""
    if facts is None:
        return "none"
    if change.expected is None:
        facts = hide_words(facts)
    if change.aspect in ("missing", "extra", "name"):
        return say_facts(kind, facts)
    value = facts.get(change.aspect)
    told = say_fact(kind, change.aspect, value)[:4000]
    return f"{change.aspect.replace('_', ' ')}: {told}" if isinstance(value, bool) else told


def say_facts(kind: Kind, facts: Facts) -> str:
    """Describe an object in one line; by default, its facts with their names."""
    if kind.say:
        return kind.say(facts)
    shown = {name: value for name, value in facts.items() if name not in ("comment", "relation", "body")}
    parts = [f"{name} {say_fact(kind, name, value)}" for name, value in shown.items() if value not in (None, False, [])]
    return ", ".join(parts)[:600] or "present"


def say_fact(kind: Kind, name: str, value: Any) -> str:
    """Describe one fact of an object; Postgres's letters become words."""
    return kind.letters.get(name, {}).get(value, value) if isinstance(value, str) else say_value(value)
