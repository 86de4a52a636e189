"""Every mutant there is, a fair sample of them, and all of them in groups that do not meet."""

from collections.abc import Iterator
from hashlib import sha256

from lab.checks.schema.catalogue import Catalogue
from lab.checks.schema.expected import load_snapshot
from testbed.mutations.access_mutants import ACCESS_MUTANTS, STRANGER
from testbed.mutations.model import Mutant
from testbed.mutations.replacement_mutants import REPLACEMENT_MUTANTS
from testbed.mutations.schema_mutants import SCHEMA_MUTANTS, SINGLE
from testbed.mutations.stranger_mutants import STRANGER_MUTANTS


def all_mutants(major: int) -> list[Mutant]:
    """Return every mutant that a major understands."""
    rules = load_snapshot(major)
    made = [
        mutant
        for make in (*SCHEMA_MUTANTS, *ACCESS_MUTANTS, *STRANGER_MUTANTS, *REPLACEMENT_MUTANTS)
        for mutant in make(rules)
    ]
    return [mutant for mutant in made if mutant.oldest <= major]


def families() -> list[str]:
    return sorted({mutant.family for mutant in all_mutants(18)})


def choose(mutants: list[Mutant], most: int, seed: str) -> list[Mutant]:
    """Return so many of them, scattered, and always the same for a seed."""
    return sorted(mutants, key=lambda mutant: sha256(f"{seed}{mutant.name}".encode()).digest())[:most]


def arrange(mutants: list[Mutant], major: int) -> list[list[Mutant]]:
    """Return them in groups of which no two weaken the same place, so that a group can be tried at once."""
    rules, groups = load_snapshot(major), list[tuple[set[object], list[Mutant]]]()
    for mutant in choose(mutants, len(mutants), seed="arranged"):
        kind, places = (mutant.mends, mutant.needs_admin), set(_places(mutant, rules))
        home = next(((taken, group) for taken, group in groups if kind in taken and not places & taken), None)
        if home is None:
            home = {kind}, []
            groups.append(home)
        home[0].update(places)
        home[1].append(mutant)
    return [group for _, group in groups]


def _places(mutant: Mutant, rules: Catalogue) -> Iterator[str]:
    """Yield what a mutant touches: the relation, function or role, and the role that it makes."""
    name = mutant.subject.split("(")[0]
    index = rules.of("index").get(name)
    yield index["relation"] if index else ".".join(name.removesuffix(SINGLE).split(".")[:2])
    if STRANGER in mutant.sql:
        yield STRANGER
