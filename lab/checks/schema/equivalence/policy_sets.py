"""Compares the combined effect of a table's policies. Split, merged and repeated policies are equivalent."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import psycopg

from lab.checks.finding import Finding
from lab.checks.schema.catalogue import Catalogue
from lab.checks.schema.difference import Forms
from lab.checks.schema.equivalence.decide import LONGEST_SECONDS, Kept, means_the_same
from lab.checks.schema.kind import Facts
from lab.rules.model import Severity
from lab.sql.tokens import split_name
from lab.text.secret_patterns import HIDDEN

_PARTS = {
    "select": ("using",),
    "insert": ("with_check",),
    "update": ("using", "with_check"),
    "delete": ("using",),
}
_ALIKE = "The table's policies have the same effect as in the rules, for every row and caller."


def weigh_policies(
    connection: psycopg.Connection[Any], findings: Iterable[Finding], rules: Catalogue, target: Catalogue, kept: Kept
) -> list[Finding]:
    """Return findings; those on policies are graded by the combined effect of the table's policies. Read-only."""
    sets = _Sets(connection, rules, target, kept, time.monotonic() + LONGEST_SECONDS)
    return [_weigh(one, sets) if one.kind == "policy" and one.weighs else one for one in findings]


def _weigh(finding: Finding, sets: "_Sets") -> Finding:
    if not sets.means_nothing(finding.name):
        return finding
    told = {"severity": Severity.INFO, "why": _ALIKE, "repair": None, "decide": None, "counterexample": None}
    return finding.model_copy(update=told)


@dataclass
class _Sets:
    """The policies of the rules and of a target, with what a comparison needs."""

    connection: psycopg.Connection[Any]
    rules: Catalogue
    target: Catalogue
    kept: Kept
    end: float
    known: dict[tuple[str, str, str, str], bool] = field(default_factory=dict)

    def means_nothing(self, name: str) -> bool:
        """Tell whether a policy has no effect: both sides are equivalent, or the rules with it added are."""
        wanted, found = self.rules.of("policy").get(name), self.target.of("policy").get(name)
        relation = split_name(name)[0]
        places = sorted({place for facts in (wanted, found) if facts for place in self._find_places(relation, facts)})
        if all(self._is_alike(relation, *place) for place in places):
            return True
        return wanted is None and all(self._is_alike(relation, *place, added=name) for place in places)

    def _find_places(self, relation: str, facts: Facts) -> Iterator[tuple[str, str]]:
        """Yield the roles and commands that a policy applies to."""
        roles = set(facts["roles"])
        if "public" in roles:
            roles |= {role for side in (self.rules, self.target) for p in _of(side, relation) for role in p["roles"]}
        held = self.target.of("membership").values()
        while below := {m["member"] for m in held if m["inherit"] and m["role"] in roles} - roles:
            roles |= below
        commands = _PARTS if facts["command"] == "all" else (facts["command"],)
        yield from ((role, command) for role in roles if not self._is_above(role) for command in commands)

    def _is_above(self, role: str) -> bool:
        """Tell whether a role bypasses row-level security."""
        facts = self.target.of("role").get(role, {})
        return bool(facts.get("superuser") or facts.get("bypassrls"))

    def _is_alike(self, relation: str, role: str, command: str, added: str = "") -> bool:
        """Tell whether the rules' policies are equivalent to the target's, or to themselves with one policy added."""
        place = (relation, role, command, added)
        if place not in self.known:
            rules = _of(self.rules, relation)
            other = [*rules, self.target.of("policy")[added]] if added else _of(self.target, relation)
            parts = ([self._say(side, role, command, part) for side in (rules, other)] for part in _PARTS[command])
            self.known[place] = all(self._compare(relation, role, *both) for both in parts)
        return self.known[place]

    def _compare(self, relation: str, role: str, expected: str, seen: str) -> bool:
        if HIDDEN in expected + seen or time.monotonic() > self.end:
            return False
        forms = Forms(use="policy", relation=relation, expected=expected, seen=seen, roles=(role,))
        return means_the_same(self.connection, forms, self.kept)

    def _say(self, policies: list[Facts], role: str, command: str, part: str) -> str:
        """Return policies as one condition: any permissive one must hold, and every restrictive one."""
        acts_as = self._find_groups(role)
        found: dict[bool, list[str]] = {True: [], False: []}
        for policy in policies:
            said = policy.get("using") if part == "using" else policy.get("with_check", policy.get("using"))
            if said and policy["command"] in ("all", command) and acts_as & set(policy["roles"]):
                found[policy["permissive"]].append(f"({said})")
        opened = f"({' or '.join(found[True])})" if found[True] else "false"
        return " and ".join([opened, *found[False]])

    def _find_groups(self, role: str) -> set[str]:
        """Return the roles whose policies apply to a role: itself, PUBLIC, and the roles that it inherits from."""
        groups, held = {role, "public"}, self.target.of("membership").values()
        while above := {m["role"] for m in held if m["inherit"] and m["member"] in groups} - groups:
            groups |= above
        return groups


def _of(side: Catalogue, relation: str) -> list[Facts]:
    return [policy for policy in side.of("policy").values() if policy["relation"] == relation]
